"""Proof: whether the balances of a sheet show that no row is missing or altered, and where not."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numba import njit

from tracer import tables

# So many breaks of one account are named; the others are counted.
BREAKS = 10

_DAY = 86_400_000_000
_NEVER = np.iinfo("int64").min
# What may be said of a row's balance.
_SILENT, _BEGINS, _PROVED, _BROKEN = range(4)
# What is found out of each account; times are microseconds since 1970.
_TIMES = ("first_time", "last_time", "gap_from", "gap_to")
_COUNTS = ("rows", "named", "proved", "broken", "unproved", "opening_fen", "closing_fen", "gap")
_FOUND = np.dtype([*((name, "int64") for name in (*_COUNTS, *_TIMES)), ("shown", "bool")])


class _Rows(NamedTuple):
    """The rows of a sheet as arrays; shape (n,) where nothing else is said."""

    order: np.ndarray
    """The places of the rows, account by account and each account's in order."""
    start: np.ndarray
    """Shape (accounts + 1,), where each account begins in ``order``, and where the last ends."""
    row: np.ndarray
    """The number of the row in the source."""
    time: np.ndarray
    """Microseconds since 1970, or _NEVER."""
    change: np.ndarray
    """Fen that came in, less those that went out."""
    balance: np.ndarray
    """Fen afterwards, where known."""
    known: np.ndarray
    """Whether the balance is known, and of a row that moved money."""
    moves: np.ndarray
    """Whether the row moved money."""
    named: np.ndarray
    """Whether the row names a holder."""
    proof: np.ndarray
    """What ``_prove`` says of the balance."""


def coverage(entries: pd.DataFrame) -> pd.DataFrame:
    """
    Tell for each own account what its rows cover, and how far its balances prove them.

    Each balance is compared with the last one before it, plus what moved since.
    Equal, the row is proved; different, it is broken, and the count goes on
    from the balance that is written. A row without a balance is unproved, the
    first balance of an account begins the chain, and a row that failed moves
    nothing and takes no part. A time without rows counts as a gap unless the
    next balance is proved, because then nothing can have happened in it.

    Parameters
    ----------
    entries
        Shape (n, …), as ``tables.ENTRIES``, of one sheet. Rows that are
        nobody's own statement (``statement`` is false) are left out.

    Returns
    -------
    pandas.DataFrame
        As ``tables.COVERAGE``: a row for each account and currency, in the
        order in which they first occur; load_id, source and sheet are those of
        the first entry.

    Examples
    --------
    >>> rows = pd.DataFrame({"statement": True, "account": "a", "currency": "CNY", "holder": "甲",
    ...     "row": [2, 3, 4], "seq": [0, 1, 2], "direction": ["in", "out", "out"],
    ...     "fen": [500, 100, 100], "balance_fen": pd.array([500, 400, 250], "Int64"),
    ...     "success": True, "time": pd.to_datetime(["2024-03-01", "2024-03-02", "2024-04-10"])})
    >>> coverage(rows.assign(load_id=1, source="a.csv", sheet=""))[
    ...     ["proved", "broken", "break_rows", "gap_days", "opening_fen"]].to_dict("records")
    [{'proved': 1, 'broken': 1, 'break_rows': '4', 'gap_days': 39, 'opening_fen': 0}]
    """
    own = entries["statement"].to_numpy(bool)
    rows = entries if own.all() else entries[own]
    if rows.empty:
        return tables.COVERAGE.empty()
    code = _codes(rows)
    order = _order(code, rows["seq"].to_numpy())
    start = np.searchsorted(code[order], np.arange(int(code.max()) + 2))
    first = rows.iloc[order[start[:-1]]]
    told = {name: rows[name].iloc[0] for name in ("load_id", "source", "sheet")}
    told |= {name: first[name].astype("str").array for name in ("account", "currency")}
    told |= _proofs(rows, order, start)
    return tables.COVERAGE.conform(pd.DataFrame(told, index=pd.RangeIndex(len(first))))


def prepare() -> None:
    """Fetch the compiled parts, which the first table would wait for."""
    one, flag, start = np.zeros(1, "int64"), np.zeros(1, "bool"), np.array([0, 1])
    rows = _Rows(one, start, one, one, one, one, flag, flag, flag, np.zeros(1, "int8"))
    found = np.zeros(1, _FOUND)
    _prove(rows, np.zeros((1, BREAKS), "int64"), found)
    _reach(rows, found)


def _codes(rows: pd.DataFrame) -> np.ndarray:
    """Return a number for each account and currency, counted as they first occur."""
    account, _ = pd.factorize(rows["account"])
    if rows["currency"].eq(rows["currency"].iloc[0]).all():
        return account
    currency, currencies = pd.factorize(rows["currency"])
    both, _ = pd.factorize(account * len(currencies) + currency)
    return both


def _order(code: np.ndarray, seq: np.ndarray) -> np.ndarray:
    """Return the places of the rows, account by account and in the order of seq."""
    step = np.diff(code)
    if ((step > 0) | ((step == 0) & (np.diff(seq) >= 0))).all():
        return np.arange(len(code))
    # Numbers of two bytes are sorted in one pass over them, and few sheets have more accounts.
    return np.lexsort((seq, code.astype(np.min_scalar_type(code.max()))))


def _proofs(rows: pd.DataFrame, order: np.ndarray, start: np.ndarray) -> dict[str, object]:
    """Return what is told of each account, whose rows lie from one start to the next."""
    fen, inward = rows["fen"].to_numpy("int64"), rows["direction"].eq("in").to_numpy(bool)
    # A row that failed moves nothing, and its balance is none of the chain.
    moves = rows["success"].to_numpy(bool)
    # Compiled code would be fetched once more for arrays that cannot be written to.
    facts = _Rows(
        order=order,
        start=start,
        row=np.array(rows["row"], "int64"),
        time=np.array(rows["time"], "datetime64[us]").view("int64"),
        change=np.where(inward, fen, -fen) * moves,
        balance=np.array(rows["balance_fen"].to_numpy("int64", na_value=0)),
        known=rows["balance_fen"].notna().to_numpy(bool) & moves,
        moves=np.array(moves),
        named=np.array(rows["holder"].ne(""), bool),
        proof=np.zeros(len(rows), "int8"),
    )
    found = np.zeros(len(start) - 1, _FOUND)
    breaks = np.zeros((len(found), BREAKS), "int64")
    _prove(facts, breaks, found)
    _reach(facts, found)
    told: dict[str, object] = {
        name: found[name] for name in ("rows", "proved", "broken", "unproved")
    }
    told |= {name: found[name].astype("datetime64[us]") for name in _TIMES}
    told["gap_days"] = found["gap"] // _DAY
    told["holder"] = rows["holder"].iloc[found["named"]].astype("str").array
    for name in ("opening_fen", "closing_fen"):
        told[name] = pd.arrays.IntegerArray(found[name].copy(), ~found["shown"])
    told["break_rows"] = [
        " ".join(map(str, some[:count]))
        for some, count in zip(breaks.tolist(), found["broken"].tolist(), strict=True)
    ]
    return told


@njit(cache=True, nogil=True)
def _prove(rows: _Rows, breaks: np.ndarray, found: np.ndarray) -> None:
    """Tell of each row whether its balance follows from the last, and count it for its account."""
    for account in range(len(found)):
        one, total, base = found[account], 0, 0
        for place in range(rows.start[account], rows.start[account + 1]):
            at = rows.order[place]
            # Sums beyond int64 wrap round, and so does what they are compared with.
            total += rows.change[at]
            if not rows.known[at]:
                continue
            if not one.shown:
                # What the first balance does not hold yet is added.
                one.shown, one.opening_fen, rows.proof[at] = True, rows.balance[at] - total, _BEGINS
            elif rows.balance[at] - total == base:
                one.proved, rows.proof[at] = one.proved + 1, _PROVED
            else:
                if one.broken < breaks.shape[1]:
                    breaks[account, one.broken] = rows.row[at]
                one.broken, rows.proof[at] = one.broken + 1, _BROKEN
            base = rows.balance[at] - total
        # What the last balance does not hold any more is added.
        one.closing_fen = base + total


@njit(cache=True, nogil=True)
def _reach(rows: _Rows, found: np.ndarray) -> None:
    """Tell of each account how far it reaches, and its longest time that no balance proves."""
    for account in range(len(found)):
        one, before = found[account], _NEVER
        one.rows, one.named = rows.start[account + 1] - rows.start[account], -1
        one.first_time = one.last_time = one.gap_from = one.gap_to = _NEVER
        # The longest step since the last balance is bridged where the next one is proved.
        step, since, until = 0, _NEVER, _NEVER
        for place in range(rows.start[account], rows.start[account + 1]):
            at = rows.order[place]
            now = rows.time[at]
            if now != _NEVER:
                one.last_time = max(one.last_time, now)
                one.first_time = now if one.first_time == _NEVER else min(one.first_time, now)
            if _NEVER not in (before, now) and now - before > step:
                step, since, until = now - before, before, now
            before = now
            one.unproved += rows.moves[at] and rows.proof[at] == _SILENT
            if rows.named[at] and one.named < 0:
                one.named = at
            last = place == rows.start[account + 1] - 1
            if rows.proof[at] != _SILENT or last:
                if rows.proof[at] != _PROVED and step > one.gap:
                    one.gap, one.gap_from, one.gap_to = step, since, until
                step = 0
        # Where no row of an account names a holder, its first row gives the empty name.
        if one.named < 0:
            one.named = rows.order[rows.start[account]]
