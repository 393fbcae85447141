"""Checks: what the statements in hand cover, how far they prove it, and what they leave open."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tracer.ledger import sides
from tracer.ledger.codes import heads, ordered
from tracer.ledger.findings import Checks
from tracer.ledger.proof import proof
from tracer.ledger.spans import reach, spans


def check(entries: pd.DataFrame, transfers: pd.DataFrame, aliases: pd.DataFrame) -> Checks:
    """
    Check every account's statements against themselves and against each other.

    Parameters
    ----------
    entries, transfers, aliases
        Tables of `tracer.tables`, as a case keeps them. Entries that no
        transfer names repeat others; they cover time, and count nowhere else.

    Returns
    -------
    Checks
        The same whatever the order of the rows.
    """
    rows = _owned(entries, transfers, aliases)
    proved = proof(rows[rows["kept"]])
    told = rows[rows["statement"]].rename(columns={"account": "written", "own": "account"})
    gaps = spans(proved.chain, reach(told))
    lacking = sides.onesided(transfers, proved.accounts, gaps)
    shares = sides.shares(transfers, lacking)
    accounts = proved.accounts.merge(shares, on="account", how="left")
    accounts[["seen", "single"]] = accounts[["seen", "single"]].fillna(0).astype("int64")
    counted = gaps.groupby(["account", "currency"]).size().rename("gaps").reset_index()
    accounts = accounts.merge(counted, on=["account", "currency"], how="left")
    accounts["gaps"] = accounts["gaps"].fillna(0).astype("int64")
    ok = transfers["status"].eq("ok")
    seen = int((ok & transfers[["payer_entry", "payee_entry"]].notna().all(axis=1)).sum())
    # A break is looked up in the file, so it says where it stands.
    where = entries[["entry_id", "source", "sheet", "row"]]
    breaks = proved.breaks.merge(where, on="entry_id", how="left")
    return Checks(accounts, breaks, gaps, lacking, seen)


_NEEDED = ["entry_id", "account", "currency", "time", "seq", "direction", "fen", "balance_fen",
           "success", "statement"]  # fmt: skip


def _owned(entries: pd.DataFrame, transfers: pd.DataFrame, aliases: pd.DataFrame) -> pd.DataFrame:
    """Add to entries their real account (own), whether a transfer names them, and their file."""
    named = pd.concat(
        [
            transfers[[f"{side}_entry", side]].set_axis(["entry_id", "own"], axis=1).dropna()
            for side in ("payer", "payee")
        ]
    )
    named = named.astype({"entry_id": "int64"}).drop_duplicates("entry_id").set_index("entry_id")
    rows = entries[_NEEDED].assign(own=entries["entry_id"].map(named["own"]).astype("str"))
    rows["kept"] = rows["own"].notna()
    rows["file"] = entries.groupby(["source", "sheet", "load_id"]).ngroup()
    # A repeat is of the account of the row that stands for it, which the same number names.
    number = rows["account"].map(aliases.drop_duplicates("alias").set_index("alias")["account"])
    rows["meant"] = number.astype("str").fillna(rows["account"])
    known = rows[rows["kept"]].drop_duplicates(["meant", "currency"])
    known = known[["meant", "currency", "own"]].rename(columns={"own": "found"})
    found = rows[["meant", "currency"]].merge(known, how="left")["found"].set_axis(rows.index)
    return rows.assign(own=rows["own"].fillna(found).fillna(rows["meant"]))


def coverage(entries: pd.DataFrame) -> pd.DataFrame:
    """
    Return the span of each account's statements with its first and last balance.

    Parameters
    ----------
    entries
        Entries without repeats: entry_id, own (the account, a number or text),
        time, seq, out, fen, balance_fen and shown (where it is known),
        success, statement. Rows of plain transfers tables are no statement of
        anybody and are left out.

    Returns
    -------
    pandas.DataFrame
        Indexed by account: covered_from, covered_to (times), opening_fen,
        last_balance_fen (fen, may be missing), last_balance_time.
    """
    rows = entries[entries["statement"].to_numpy(bool)]
    own, accounts = pd.factorize(rows["own"], sort=True)
    time = rows["time"].to_numpy("datetime64[us]")
    order = ordered(own, time, rows["seq"].to_numpy(), rows["entry_id"].to_numpy())
    start = np.flatnonzero(heads(own[order]))
    fen, out, success = (rows[name].to_numpy()[order] for name in ("fen", "out", "success"))
    moved = np.cumsum(np.where(out, -fen, fen) * success)
    before = np.append(0, moved)[start]
    # A row that failed moves nothing, and its balance is none of the chain.
    shown = rows["shown"].to_numpy(bool)[order] & success
    place, time = np.arange(len(order)), time[order]
    first = _reduced(np.minimum, np.where(shown, place, len(order)), start)
    last = _reduced(np.maximum, np.where(shown, place, -1), start)
    none = last < 0 if not len(start) else last < start
    balance = np.append(rows["balance_fen"].to_numpy("int64", na_value=0)[order], 0)
    # The balance before the first row is a later balance less all that moved until then.
    opening = balance[first] - np.append(moved, 0)[first] + before
    times = pd.Series(np.append(time, np.datetime64("NaT", "us"))[last])
    return pd.DataFrame({
        "covered_from": _reduced(np.minimum, time, start),
        "covered_to": _reduced(np.maximum, time, start),
        "opening_fen": pd.arrays.IntegerArray(opening, none),
        "last_balance_fen": pd.arrays.IntegerArray(balance[last], none.copy()),
        "last_balance_time": times.mask(none).to_numpy(),
    }, index=pd.Index(accounts, name="own"))  # fmt: skip


def _reduced(least: np.ufunc, values: np.ndarray, start: np.ndarray) -> np.ndarray:
    found: np.ndarray = least.reduceat(values, start) if len(start) else values
    return found


def openings(accounts: pd.DataFrame, transfers: pd.DataFrame) -> pd.Series:
    """
    Return what each account held before the first transfer that any record shows.

    A statement's opening balance already contains what only the other side's
    earlier records tell of, so that is taken off again.

    Parameters
    ----------
    accounts, transfers
        Tables of `tracer.tables`.

    Returns
    -------
    pandas.Series
        Account to fen (int64), above 0 only.
    """
    given = accounts.dropna(subset="opening_fen").set_index("account")
    if given.empty:
        return pd.Series(dtype="int64", index=given.index, name="fen")
    moved = transfers[transfers["status"].eq("ok")]
    earlier = pd.Series(0, index=given.index, dtype="int64")
    for side, sign in (("payee", 1), ("payer", -1)):
        unseen = moved[moved[f"{side}_entry"].isna()]
        start = unseen[side].map(given["covered_from"])
        before = unseen[unseen["time"] < start]
        earlier = earlier.add(sign * before.groupby(side)["fen"].sum(), fill_value=0)
    opening = given["opening_fen"].astype("int64") - earlier.reindex(given.index).astype("int64")
    return opening[opening > 0].rename("fen").sort_index()
