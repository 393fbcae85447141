"""What the statements in hand cover, and the balance with which each begins and ends."""

from __future__ import annotations

import pandas as pd


def coverage(entries: pd.DataFrame) -> pd.DataFrame:
    """
    Return the span of each account's statements with its first and last balance.

    Parameters
    ----------
    entries
        Entries without repeats, with the resolved column own. Rows of plain
        transfers tables are no statement of anybody and are left out.

    Returns
    -------
    pandas.DataFrame
        Indexed by account: covered_from, covered_to (times), opening_fen,
        last_balance_fen (fen, may be missing), last_balance_time.
    """
    rows = entries[entries["statement"]]
    rows = rows.sort_values(["own", "time", "seq", "entry_id"])
    signed = rows["fen"].where(~rows["out"], -rows["fen"])
    moved = signed.where(rows["success"], 0)
    # The balance before the first row is a later balance less all that moved until then.
    before = rows["balance_fen"] - moved.groupby(rows["own"]).cumsum()
    known = rows.assign(before=before)[rows["shown"]]
    first = known.drop_duplicates("own").set_index("own")
    last = known.drop_duplicates("own", keep="last").set_index("own")
    span = rows.groupby("own")["time"].agg(["min", "max"])
    return pd.DataFrame(
        {
            "covered_from": span["min"],
            "covered_to": span["max"],
            "opening_fen": first["before"].reindex(span.index).astype("Int64"),
            "last_balance_fen": last["balance_fen"].reindex(span.index).astype("Int64"),
            "last_balance_time": last["time"].reindex(span.index),
        }
    )


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
