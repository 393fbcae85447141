"""A trace as a directed multigraph: accounts are nodes, transfers are edges."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import networkx as nx
import pandas as pd

from tracer.errors import TableError

EXIT_KINDS = frozenset({"cash", "merchant", "clearing", "exchange"})
NAMELESS = "unknown:"

_NODE_TEXT = ("kind", "institution", "holder")
_NODE_FEN = (
    "received_fen",
    "passed_fen",
    "held_fen",
    "exit_fen",
    "returned_fen",
    "settled_fen",
    "frontier_fen",
)
_NODE_TIMES = ("covered_from", "covered_to", "first_time", "last_time")
_EDGE_TEXT = (
    "time_precision",
    "currency",
    "status",
    "summary",
    "channel",
    "join",
    "reason",
    "payer_record",
    "payee_record",
)


def build(
    transfers: pd.DataFrame, movements: pd.DataFrame, accounts: pd.DataFrame
) -> nx.MultiDiGraph:
    """
    Build the graph of the transfers that carry victims' money.

    Parameters
    ----------
    transfers
        transfer_id, time, payer, payee and fen; further columns of the ledger,
        such as summary and payer_record, are carried where they exist.
    movements
        `tables.MOVEMENTS`: which part of each transfer is whose.
    accounts
        account, level, kind, institution, holder and what each received,
        passed on and holds, in fen. An account that only the transfers name
        becomes a node of kind unknown.

    Returns
    -------
    networkx.MultiDiGraph
        Node and edge attributes are int, str, bool, datetime or None. An edge's
        key is its transfer_id, as text where that is no whole number; its
        ``victims`` maps each victim to fen.

    Raises
    ------
    TableError
        If a column is missing, or a movement names an unknown transfer.
    """
    _need(transfers, ("transfer_id", "time", "payer", "payee", "fen"), "transfers")
    _need(movements, ("transfer_id", "victim", "fen", "hop"), "movements")
    _need(accounts, ("account",), "accounts")
    carried = _carried(transfers, movements)

    graph = nx.MultiDiGraph()
    nodes = _nodes(carried, movements, accounts)
    graph.add_nodes_from(zip(nodes.pop("account"), _records(nodes), strict=True))
    graph.add_edges_from(_edges(carried, movements))
    return graph


def unfreezable(accounts: pd.Series, kinds: pd.Series) -> pd.Series:
    """
    Return which accounts no bank can freeze, though money may lie in them.

    Parameters
    ----------
    accounts
        The accounts' keys.
    kinds
        Their kinds, in the same rows.

    Examples
    --------
    >>> accounts = pd.Series(["6222020000000001234", "unknown:1", "merchant:M"])
    >>> unfreezable(accounts, pd.Series(["bank", "unknown", "merchant"])).tolist()
    [False, True, True]
    """
    # Money in a merchant's or a clearing account is mixed with everybody's, and a
    # bank cannot find an account that no record names.
    return kinds.isin(EXIT_KINDS) | accounts.str.startswith(NAMELESS)


def _need(frame: pd.DataFrame, columns: tuple[str, ...], name: str) -> None:
    missing = [column for column in columns if column not in frame]
    if missing:
        msg = (
            f"The graph needs the columns {missing!r} in the table {name!r}; "
            f"it has {list(map(str, frame.columns))!r}."
        )
        raise TableError(msg)


def _carried(transfers: pd.DataFrame, movements: pd.DataFrame) -> pd.DataFrame:
    traced = movements.groupby("transfer_id", sort=False)["fen"].sum()
    strange = traced.index[~traced.index.isin(transfers["transfer_id"])]
    if len(strange):
        msg = (
            f"The movements name the transfer {strange.tolist()[0]!r}, which the transfers do "
            f"not have ({len(strange)} such). Give the transfers that the trace was made from."
        )
        raise TableError(msg)
    carried = transfers[transfers["transfer_id"].isin(traced.index)]
    return carried.assign(traced_fen=carried["transfer_id"].map(traced))


def _nodes(
    carried: pd.DataFrame, movements: pd.DataFrame, accounts: pd.DataFrame
) -> dict[str, list[Any]]:
    # An account that only the transfers name must not vanish from the picture.
    ends = pd.concat([carried["payer"], carried["payee"]], ignore_index=True).drop_duplicates()
    further = ends[~ends.isin(accounts["account"])].rename("account")
    frame = pd.concat([accounts, further.to_frame()], ignore_index=True)

    columns: dict[str, list[Any]] = {"account": frame["account"].astype("str").tolist()}
    columns["level"] = _levels(frame, carried, movements).tolist()
    for name in _NODE_TEXT:
        columns[name] = _text(frame, name)
    columns["kind"] = [kind or "unknown" for kind in columns["kind"]]
    for name in _NODE_FEN:
        columns[name] = _whole(frame, name).fillna(0).astype("int64").tolist()
    columns["frontier"] = _flag(frame, "frontier")
    balances = _whole(frame, "last_balance_fen")
    columns["last_balance_fen"] = balances.astype(object).where(balances.notna(), None).tolist()
    for name in _NODE_TIMES:
        columns[name] = _times(frame, name)
    return columns


def _levels(frame: pd.DataFrame, carried: pd.DataFrame, movements: pd.DataFrame) -> pd.Series:
    """Return each account's level: as given, else the smallest hop into it, else 0."""
    hops = movements.groupby("transfer_id", sort=False)["hop"].min()
    smallest = carried.assign(hop=carried["transfer_id"].map(hops)).groupby("payee")["hop"].min()
    derived = frame["account"].map(smallest).astype("Int64")
    return _whole(frame, "level").fillna(derived).fillna(0).astype("int64")


def _edges(
    carried: pd.DataFrame, movements: pd.DataFrame
) -> list[tuple[str, str, int | str, dict[str, Any]]]:
    columns: dict[str, list[Any]] = {
        "fen": carried["fen"].astype("int64").tolist(),
        "traced_fen": carried["traced_fen"].astype("int64").tolist(),
        "time": _times(carried, "time"),
    }
    for name in _EDGE_TEXT:
        columns[name] = _text(carried, name)
    ids, shares = carried["transfer_id"].tolist(), _shares(movements)
    columns["victims"] = [shares[each] for each in ids]
    keys = [int(each) if isinstance(each, Integral) else str(each) for each in ids]
    ends = (carried["payer"].astype("str").tolist(), carried["payee"].astype("str").tolist())
    return list(zip(*ends, keys, _records(columns), strict=True))


def _shares(movements: pd.DataFrame) -> dict[Any, dict[str, int]]:
    """Return what each victim has in each transfer."""
    # Ids of several types have no order, so that only the victims are sorted.
    sums = movements.groupby(["transfer_id", "victim"], sort=False)["fen"].sum().reset_index()
    sums = sums.sort_values("victim", kind="stable")
    shares: dict[Any, dict[str, int]] = {}
    for key, victim, fen in zip(
        sums["transfer_id"].tolist(), sums["victim"].tolist(), sums["fen"].tolist(), strict=True
    ):
        shares.setdefault(key, {})[victim] = fen
    return shares


def _records(columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _text(frame: pd.DataFrame, name: str) -> list[str]:
    if name not in frame:
        return [""] * len(frame)
    return [str(value) for value in frame[name].astype(object).fillna("").tolist()]


def _whole(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame:
        return pd.Series(pd.NA, index=frame.index, dtype="Int64")
    return frame[name].astype("Int64")


def _flag(frame: pd.DataFrame, name: str) -> list[bool]:
    if name not in frame:
        return [False] * len(frame)
    return frame[name].astype("boolean").fillna(value=False).astype(bool).tolist()


def _times(frame: pd.DataFrame, name: str) -> list[Any]:
    if name not in frame:
        return [None] * len(frame)
    moments = frame[name].astype("datetime64[us]")
    return moments.dt.to_pydatetime().where(moments.notna(), None).tolist()
