"""What a sweep wrote, turned into the tables of a trace."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tracer.errors import TableError
from tracer.table import NUMBER_OR_NONE
from tracer.tables import ACCOUNTS, HOLDINGS
from tracer.tracing.given import texts
from tracer.tracing.lots import EXIT, SETTLED
from tracer.views.graph import NAMELESS

KINDS = ("held", "exit", "returned", "settled")


def read_movements(
    movements: Any, rows: npt.NDArray[np.int64], transfers: pd.DataFrame, victims: pd.Index
) -> pd.DataFrame:
    """
    Name what the sweep wrote as movements.

    Parameters
    ----------
    movements
        `lots.MOVEMENT`.
    rows
        For each movement, the row of its transfer in `transfers`.
    transfers
        The transfers that carry victims' money.
    victims
        The victims' names by code.

    Returns
    -------
    pandas.DataFrame
        `tables.MOVEMENTS`; ids that are no whole numbers keep their own type.
    """
    parent = pd.Series(movements["parent"] + 1, dtype=NUMBER_OR_NONE)
    return pd.DataFrame(
        {
            "movement_id": np.arange(1, len(movements) + 1),
            "transfer_id": transfers["transfer_id"].take(rows).array,
            "victim": victims.take(movements["victim"]).astype("str"),
            "fen": movements["fen"],
            "hop": movements["hop"],
            "parent": parent.mask(parent == 0),
        }
    )


def read_lots(left: Any, names: pd.Index, victims: pd.Index, seeds: pd.DataFrame) -> pd.DataFrame:
    """
    Name what the sweep left over: account, victim, movement_id, fen, kind.

    Money that came back to an account that its own victim paid from is
    returned; in the account of another victim it is only at an exit.
    """
    left = left[np.argsort(left["movement"], kind="stable")]
    frame = pd.DataFrame(
        {
            "account": names.take(left["account"]).astype("str"),
            "victim": victims.take(left["victim"]).astype("str"),
            "movement_id": left["movement"] + 1,
            "fen": left["fen"],
        }
    )
    own = pd.MultiIndex.from_frame(seeds[["payer", "victim"]])
    back = pd.MultiIndex.from_frame(frame[["account", "victim"]]).isin(own)
    out = left["kind"] == EXIT
    choices = [out & back, out, left["kind"] == SETTLED]
    kinds = np.select(choices, ["returned", "exit", "settled"], "held")
    return frame.assign(kind=pd.Series(kinds, dtype="str"))


def steps(
    transfers: pd.DataFrame, movements: pd.DataFrame, further: tuple[str, ...] = ()
) -> pd.DataFrame:
    """
    Put the facts of its transfer beside each movement.

    Parameters
    ----------
    transfers
        Those that carry victims' money.
    movements
        `tables.MOVEMENTS`.
    further
        What else to take from the transfers, where they have it.

    Returns
    -------
    pandas.DataFrame
        In the order of the movements: transfer_id, victim, hop, traced_fen
        (the movement's), time, payer, payee, fen (the transfer's).
    """
    known = pd.Index(transfers["transfer_id"], tupleize_cols=False)
    rows = known.get_indexer(pd.Index(movements["transfer_id"], tupleize_cols=False))
    names = [name for name in ("time", "payer", "payee", "fen", *further) if name in transfers]
    facts = transfers[names].take(rows).reset_index(drop=True)
    own = movements[["transfer_id", "victim", "hop"]].assign(traced_fen=movements["fen"])
    return pd.concat([own, facts], axis="columns")


def read_holdings(lots: pd.DataFrame) -> pd.DataFrame:
    """Add up the lots: `tables.HOLDINGS`, sorted by account, victim and kind."""
    sums = lots.groupby(["account", "victim", "kind"])["fen"].sum()
    return HOLDINGS.conform(sums.reset_index())


def read_shortages(short: npt.NDArray[np.int64], names: pd.Index) -> pd.DataFrame:
    """Name what accounts paid out and were not known to have: account, fen, the largest first."""
    some = np.flatnonzero(short)
    frame = pd.DataFrame({"account": names.take(some).astype("str"), "fen": short[some]})
    return frame.sort_values(["fen", "account"], ascending=[False, True], ignore_index=True)


def read_accounts(
    transfers: pd.DataFrame,
    movements: pd.DataFrame,
    lots: pd.DataFrame,
    seeds: pd.DataFrame,
    known: pd.DataFrame | None,
) -> pd.DataFrame:
    """
    Add up what each account on the way received, passed on and kept.

    Parameters
    ----------
    transfers
        Those that carry victims' money.
    movements
        `tables.MOVEMENTS`.
    lots
        As `read_lots` returns them.
    seeds
        With their payers.
    known
        `tables.ACCOUNTS`; None where nothing is known of any account.

    Returns
    -------
    pandas.DataFrame
        One row for each account: victims' own accounts first, then by level,
        in each the largest receipts first.
    """
    steps_ = steps(transfers, movements)
    into, out = steps_.groupby("payee"), steps_.groupby("payer")

    # A victim's own account is level 0, whatever comes back to it.
    hops = into["hop"].min()
    own = pd.Series(0, index=pd.Index(seeds["payer"].unique(), dtype="str"))
    level = pd.concat([own, hops[~hops.index.isin(own.index)]])

    frame = pd.DataFrame({"level": level.astype("int64")})
    frame["received_fen"] = into["traced_fen"].sum().reindex(level.index, fill_value=0)
    frame["passed_fen"] = out["traced_fen"].sum().reindex(level.index, fill_value=0)
    for kind in KINDS:
        kept = lots[lots["kind"] == kind].groupby("account")["fen"].sum()
        frame[f"{kind}_fen"] = kept.reindex(level.index, fill_value=0)
    ends = steps_.melt(id_vars="time", value_vars=["payer", "payee"], value_name="account")
    frame["first_time"] = ends.groupby("account")["time"].min().reindex(level.index)
    frame["last_time"] = ends.groupby("account")["time"].max().reindex(level.index)
    receipt = into["time"].max().reindex(level.index)
    return _told(frame, receipt, known)


def read_known(accounts: pd.DataFrame | None) -> pd.DataFrame | None:
    """
    Check the table of accounts and return it with `tables.ACCOUNTS` columns.

    Raises
    ------
    TableError
        If accounts are missing or told twice.
    """
    if accounts is None:
        return None
    if "account" not in accounts:
        msg = f"The accounts have no column 'account'; they have {list(accounts.columns)!r}."
        raise TableError(msg)
    named = accounts.assign(account=texts(accounts["account"], "account"))
    twice = named["account"].duplicated()
    if twice.any():
        msg = f"The account {named['account'][twice].iloc[0]!r} stands twice in the accounts."
        raise TableError(msg)
    return ACCOUNTS.conform(named).set_index("account")


def _told(frame: pd.DataFrame, receipt: pd.Series, known: pd.DataFrame | None) -> pd.DataFrame:
    facts = ACCOUNTS.empty().set_index("account") if known is None else known
    facts = facts.reindex(frame.index)
    for name in ("kind", "institution", "holder"):
        frame[name] = facts[name].astype("str").fillna("")
    frame["kind"] = frame["kind"].replace("", "unknown")
    frame[["covered_from", "covered_to"]] = facts[["covered_from", "covered_to"]]
    for name in ("last_balance_fen", "last_balance_time"):
        frame[name] = facts[name]

    # Without any statement to look at, nobody can say what is not covered.
    # A statement that begins after the receipt does not show what came between either.
    outside = (frame["covered_to"] < receipt) | (frame["covered_from"] > receipt)
    uncovered = frame["covered_to"].isna() | outside
    # Nobody can be asked for the statement of an account that no record names.
    named = ~frame.index.astype("str").str.startswith(NAMELESS)
    frame["frontier"] = (frame["held_fen"] > 0) & uncovered & named & (known is not None)
    frame["frontier_fen"] = frame["held_fen"].where(frame["frontier"], 0)

    # Sort by what an investigator looks at first; equal ones by their number.
    frame = frame.rename_axis("account").reset_index()
    frame = frame.sort_values(
        ["level", "received_fen", "account"], ascending=[True, False, True], ignore_index=True
    )
    return frame[list(COLUMNS)]


COLUMNS = (
    "account",
    "level",
    "kind",
    "institution",
    "holder",
    "received_fen",
    "passed_fen",
    "held_fen",
    "exit_fen",
    "returned_fen",
    "settled_fen",
    "frontier",
    "frontier_fen",
    "covered_from",
    "covered_to",
    "last_balance_fen",
    "last_balance_time",
    "first_time",
    "last_time",
)
