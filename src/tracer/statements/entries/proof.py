"""Proof: whether the balances of a sheet show that no row is missing or altered, and where not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tracer import tables

# So many breaks of one account are named; the others are counted.
BREAKS = 10

_DAY = np.timedelta64(1, "D")


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
    sheet = _sorted(rows)
    names = {
        name: rows[name].iloc[sheet.places(sheet.start)].astype("str").array
        for name in ("account", "currency")
    }
    told = {**_origin(rows), **names, **_span(sheet, rows), **_gap(sheet), **_balances(sheet)}
    frame = pd.DataFrame(told, index=pd.RangeIndex(len(sheet.start)))
    return tables.COVERAGE.conform(frame)


@dataclass(frozen=True)
class _Sheet:
    """The rows of a sheet as arrays, account by account and each in its order."""

    order: np.ndarray | None
    """Shape (n,), where each row stood; None where they stood in order."""
    code: np.ndarray
    """Shape (n,), the number of its account and currency, ascending from 0."""
    start: np.ndarray
    """Shape (accounts,), where each account begins."""
    time: np.ndarray
    """Shape (n,)."""
    row: np.ndarray
    """Shape (n,), the number of the row in the source."""
    moves: np.ndarray
    """Shape (n,), whether the row moved money."""
    total: np.ndarray
    """Shape (n,), fen that moved up to and with the row, from the first row of the sheet."""
    known: np.ndarray
    """Shape (m,), where the rows with a balance are."""
    base: np.ndarray
    """Shape (m,), their balance without ``total``: it stays the same while nothing is missing."""
    proved: np.ndarray
    """Shape (m,), whether it is that of the balance before in the same account."""
    broken: np.ndarray
    """Shape (m,), whether there is a balance before and it is not."""

    @property
    def end(self) -> np.ndarray:
        """Shape (accounts,), where the next account begins."""
        return np.append(self.start[1:], len(self.code))

    def places(self, at: np.ndarray) -> np.ndarray:
        """Return where some rows stood."""
        return at if self.order is None else self.order[at]

    def count(self, places: np.ndarray) -> np.ndarray:
        """Return how many of some rows belong to each account."""
        return np.bincount(self.code[places], minlength=len(self.start))


def _sorted(rows: pd.DataFrame) -> _Sheet:
    code = _codes(rows)
    order = _order(code, rows["seq"].to_numpy())
    code, moves = _put(code, order), _put(rows["success"].to_numpy(bool), order)
    fen, inward = rows["fen"].to_numpy(), rows["direction"].eq("in").to_numpy(bool)
    # Sums beyond int64 wrap round, and so does what they are compared with.
    total = np.cumsum(_put(np.where(inward, fen, -fen), order) * moves)
    balance = rows["balance_fen"]
    known = np.flatnonzero(_put(balance.notna().to_numpy(), order) & moves)
    base = _put(balance.to_numpy("int64", na_value=0), order)[known] - total[known]
    same = np.append(False, code[known[1:]] == code[known[:-1]])[: len(known)]
    equal = np.append(False, base[1:] == base[:-1])[: len(known)]
    return _Sheet(
        order=order,
        code=code,
        start=np.flatnonzero(np.append(True, code[1:] != code[:-1])),
        time=_put(rows["time"].to_numpy("datetime64[us]"), order),
        row=_put(rows["row"].to_numpy(), order),
        moves=moves,
        total=total,
        known=known,
        base=base,
        proved=same & equal,
        broken=same & ~equal,
    )


def _put(values: np.ndarray, order: np.ndarray | None) -> np.ndarray:
    return values if order is None else values[order]


def _codes(rows: pd.DataFrame) -> np.ndarray:
    """Return a number for each account and currency, counted as they first occur."""
    account, _ = pd.factorize(rows["account"])
    if rows["currency"].eq(rows["currency"].iloc[0]).all():
        return account
    currency, currencies = pd.factorize(rows["currency"])
    both, _ = pd.factorize(account * len(currencies) + currency)
    return both


def _order(code: np.ndarray, seq: np.ndarray) -> np.ndarray | None:
    """Return the places of the rows, account by account and in the order of seq, if they differ."""
    step = np.diff(code)
    if ((step > 0) | ((step == 0) & (np.diff(seq) >= 0))).all():
        return None
    # Numbers of two bytes are sorted in one pass over them, and few sheets have more accounts.
    return np.lexsort((seq, code.astype(np.min_scalar_type(code.max()))))


def _origin(rows: pd.DataFrame) -> dict[str, object]:
    return {name: rows[name].iloc[0] for name in ("load_id", "source", "sheet")}


def _span(sheet: _Sheet, rows: pd.DataFrame) -> dict[str, object]:
    named = _put(rows["holder"].ne("").to_numpy(bool), sheet.order)
    last = len(named) - 1
    place = np.where(named, np.arange(len(named)), last)
    # Where no row of an account names a holder, its first row gives the empty name.
    first = np.minimum.reduceat(place, sheet.start)
    first = np.where(named[first] & (first < sheet.end), first, sheet.start)
    return {
        "holder": rows["holder"].iloc[sheet.places(first)].astype("str").array,
        "rows": sheet.end - sheet.start,
        "first_time": np.fmin.reduceat(sheet.time, sheet.start),
        "last_time": np.fmax.reduceat(sheet.time, sheet.start),
    }


def _gap(sheet: _Sheet) -> dict[str, object]:
    """Return the longest time between neighbouring rows over which no balance was proved."""
    step = np.append(np.timedelta64(0, "us"), np.diff(sheet.time))
    step[sheet.start] = 0
    # A step is bridged where the next row with a balance is proved.
    have = np.zeros(len(sheet.code), dtype="int64")
    have[sheet.known] = 1
    ahead = np.cumsum(have) - have
    step[np.append(sheet.proved, False)[ahead]] = 0
    step = np.where(np.isnat(step), np.timedelta64(0, "us"), step)
    longest = np.maximum.reduceat(step, sheet.start)
    hits = np.flatnonzero((step == longest[sheet.code]) & (step > 0))
    at = hits[np.append(True, np.diff(sheet.code[hits]) > 0)[: len(hits)]]
    begin, finish = (np.full(len(sheet.start), np.datetime64("NaT", "us")) for _ in range(2))
    begin[sheet.code[at]], finish[sheet.code[at]] = sheet.time[at - 1], sheet.time[at]
    return {"gap_from": begin, "gap_to": finish, "gap_days": longest // _DAY}


def _balances(sheet: _Sheet) -> dict[str, object]:
    silent = sheet.moves.copy()
    silent[sheet.known] = False
    codes = sheet.code[sheet.known]
    begins = np.append(True, codes[1:] != codes[:-1])[: len(codes)]
    ends = np.append(codes[1:] != codes[:-1], True)[: len(codes)]
    before = np.append(0, sheet.total)[sheet.start]
    opening, closing = (np.full(len(sheet.start), None, dtype="object") for _ in range(2))
    # What the first balance does not hold yet and what the last does not hold any more is added.
    opening[codes[begins]] = sheet.base[begins] + before[codes[begins]]
    closing[codes[ends]] = sheet.base[ends] + sheet.total[sheet.end - 1][codes[ends]]
    return {
        "proved": sheet.count(sheet.known[sheet.proved]),
        "broken": sheet.count(sheet.known[sheet.broken]),
        "unproved": sheet.count(np.flatnonzero(silent)),
        "break_rows": _breaks(sheet),
        "opening_fen": pd.array(opening, dtype="Int64"),
        "closing_fen": pd.array(closing, dtype="Int64"),
    }


def _breaks(sheet: _Sheet) -> list[str]:
    """Return the row numbers of each account's first breaks."""
    broken = sheet.known[sheet.broken]
    codes = sheet.code[broken]
    counts = sheet.count(broken)
    nth = np.arange(len(broken)) - (np.cumsum(counts) - counts)[codes]
    told: list[list[str]] = [[] for _ in sheet.start]
    few = nth < BREAKS
    for code, row in zip(codes[few].tolist(), sheet.row[broken[few]].tolist(), strict=True):
        told[code].append(str(row))
    return [" ".join(rows) for rows in told]
