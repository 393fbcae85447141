"""Proof: the running balance of every account, row by row, over all files that tell of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numba import njit

from tracer.ledger import settle
from tracer.money import yuan

# What may be said of a row's balance.
SILENT, BEGINS, PROVED, BROKEN = range(4)


class Proof(NamedTuple):
    """What the balances of all accounts prove."""

    accounts: pd.DataFrame
    """A row for each account and currency: account, currency, rows, proved,
    broken, unproved, first_time, last_time, opening_fen and closing_fen."""
    breaks: pd.DataFrame
    """A row for each balance that does not follow: account, currency, entry_id,
    expected_fen, shown_fen, difference_fen, since_entry (whose balance was the
    last that is known), from_time, to_time, reason, reason_en."""
    chain: pd.DataFrame
    """The rows in the order that was proved: account, currency, entry_id, file,
    time and state (SILENT, BEGINS, PROVED or BROKEN)."""


def proof(rows: pd.DataFrame) -> Proof:
    """
    Prove each account's balances over all its files, where no row is told twice.

    The rows of several files are one chain, in the order of time; rows of one
    moment are put in the order that their balances prove, where there is one.
    Each balance is compared with the last one before it, plus what moved
    since. Equal, the row is proved; different, it is broken, and the count
    goes on from the balance that is written. A row without a balance is
    unproved, the first balance of an account begins the chain, and a row that
    failed moves nothing and takes no part.

    Parameters
    ----------
    rows
        Entries without repeats: entry_id, own (the account, text or a number),
        currency, time, seq, file (a number), direction, fen, balance_fen,
        success, statement. Rows that are nobody's statement are left out.

    Returns
    -------
    Proof
        Sorted by account and currency; the same whatever the order of the rows.

    Examples
    --------
    >>> rows = pd.DataFrame({"entry_id": [1, 2, 3], "own": "a", "currency": "CNY", "file": 0,
    ...     "seq": [0, 1, 2], "direction": ["in", "out", "out"], "fen": [500, 100, 100],
    ...     "balance_fen": pd.array([500, 400, 250], "Int64"), "success": True, "statement": True,
    ...     "time": pd.to_datetime(["2024-03-01", "2024-03-02", "2024-04-10"])})
    >>> found = proof(rows)
    >>> found.accounts[["proved", "broken", "opening_fen", "closing_fen"]].to_dict("records")
    [{'proved': 1, 'broken': 1, 'opening_fen': 0, 'closing_fen': 250}]
    >>> found.breaks[["entry_id", "expected_fen", "shown_fen", "since_entry"]].to_dict("records")
    [{'entry_id': 3, 'expected_fen': 300, 'shown_fen': 250, 'since_entry': 2}]
    """
    chains, keys = _chains(rows[rows["statement"].to_numpy(bool)])
    order, start = settle.chained(chains)
    told = settle.Chains(*(one[order] for one in chains))
    found = _Found.of(len(order))
    _prove(told, start, found)
    chain = pd.DataFrame({
        **{name: column.take(told.key) for name, column in keys.items()},
        "entry_id": told.entry, "file": told.file, "time": told.time.view("datetime64[us]"),
        "state": found.state,
    }, copy=False)  # fmt: skip
    return Proof(_accounts(keys, told, found, start), _breaks(chain, told, found), chain)


class _Found(NamedTuple):
    """What is found out of each row, in the order of its chain; shape (n,) each."""

    state: np.ndarray
    """What may be said of its balance."""
    total: np.ndarray
    """Fen that moved in its account up to it."""
    since: np.ndarray
    """The place of the last balance before it that is known."""

    @classmethod
    def of(cls, size: int) -> _Found:
        return cls(np.zeros(size, "int8"), np.zeros(size, "int64"), np.full(size, -1))


def _chains(rows: pd.DataFrame) -> tuple[settle.Chains, dict[str, pd.Series]]:
    """Return the rows as numbers, and the account and currency of each key."""
    own, accounts = pd.factorize(rows["own"], sort=True)
    money, currencies = pd.factorize(rows["currency"], sort=True)
    pair = own.astype("int64") * max(len(currencies), 1) + money
    key, pairs = pd.factorize(pair, sort=True)
    place, other = np.divmod(np.asarray(pairs, "int64"), max(len(currencies), 1))
    fen, moves = rows["fen"].to_numpy("int64"), rows["success"].to_numpy(bool)
    inward = rows["direction"].eq("in").to_numpy(bool)
    balance = rows["balance_fen"]
    chains = settle.Chains(
        key=key.astype("int64"),
        file=rows["file"].to_numpy("int64"),
        seq=rows["seq"].to_numpy("int64"),
        entry=rows["entry_id"].to_numpy("int64"),
        time=rows["time"].to_numpy("datetime64[us]").view("int64"),
        change=np.where(inward, fen, -fen) * moves,
        balance=balance.to_numpy("int64", na_value=0),
        # A row that failed moves nothing, and its balance is none of the chain.
        known=balance.notna().to_numpy(bool) & moves,
        moves=moves,
    )
    keys = {"account": pd.Series(accounts[place]), "currency": pd.Series(currencies[other])}
    return chains, keys


@njit(cache=True, nogil=True)
def _prove(rows: settle.Chains, start: np.ndarray, found: _Found) -> None:
    """Tell of each row, in the order of its chain, whether its balance follows from the last."""
    for account in range(len(start) - 1):
        total, last = 0, -1
        for at in range(start[account], start[account + 1]):
            # Sums beyond int64 wrap round, and so does what they are compared with.
            total += rows.change[at]
            found.total[at], found.since[at] = total, last
            if not rows.known[at]:
                continue
            moved = total - found.total[last]
            if last < 0:
                found.state[at] = BEGINS
            elif rows.balance[at] == rows.balance[last] + moved:
                found.state[at] = PROVED
            else:
                found.state[at] = BROKEN
            last = at


def _accounts(
    keys: dict[str, pd.Series], rows: settle.Chains, found: _Found, start: np.ndarray
) -> pd.DataFrame:
    """Return what is told of each account."""
    begins, many = start[:-1], len(start) - 1

    def count(which: np.ndarray) -> np.ndarray:
        return np.bincount(rows.key[which], minlength=many)

    last = np.maximum.accumulate(np.where(rows.known, np.arange(len(rows.key)), -1))
    last = last[start[1:] - 1] if many else last
    shown = last >= begins
    first = np.zeros(many, "int64")
    first[rows.key[found.state == BEGINS]] = np.flatnonzero(found.state == BEGINS)
    # What the first balance does not hold yet, and the last does not hold any more, is added.
    opening = rows.balance[first] - found.total[first]
    closing = rows.balance[last] + found.total[start[1:] - 1] - found.total[last]
    time = rows.time.view("datetime64[us]")
    return pd.DataFrame({
        **keys,
        "rows": np.diff(start),
        "proved": count(found.state == PROVED),
        "broken": count(found.state == BROKEN),
        "unproved": count(rows.moves & ~rows.known),
        "first_time": np.minimum.reduceat(time, begins) if many else time,
        "last_time": np.maximum.reduceat(time, begins) if many else time,
        "opening_fen": pd.arrays.IntegerArray(opening, ~shown),
        "closing_fen": pd.arrays.IntegerArray(closing, ~shown),
    })  # fmt: skip


def _breaks(chain: pd.DataFrame, rows: settle.Chains, found: _Found) -> pd.DataFrame:
    """Return a row for each balance that does not follow from the last, with the reason."""
    at = np.flatnonzero(found.state == BROKEN)
    since = found.since[at]
    shown = rows.balance[at]
    expected = rows.balance[since] + found.total[at] - found.total[since]
    told = chain.iloc[at][["account", "currency", "entry_id"]].reset_index(drop=True)
    told["expected_fen"], told["shown_fen"] = expected, shown
    told["difference_fen"] = shown - expected
    told["since_entry"] = rows.entry[since]
    told["from_time"] = rows.time[since].view("datetime64[us]")
    told["to_time"] = rows.time[at].view("datetime64[us]")
    back = _taken_back(since, at, shown - expected)
    return told.assign(reason=_reason(told, back, "zh"), reason_en=_reason(told, back, "en"))


def _taken_back(since: np.ndarray, at: np.ndarray, difference: np.ndarray) -> np.ndarray:
    """
    Tell which breaks the break at the next balance takes back, and which take one back.

    One balance that was altered or misread breaks the chain twice, by the same
    amount up and down; a missing record breaks it once. Returns 1 for the
    former of two such breaks, 2 for the latter and 0 for all others.
    """
    back = np.zeros(len(at), "int8")
    later = (since[1:] == at[:-1]) & (difference[1:] == -difference[:-1])
    back[1:][later] = 2
    back[:-1][later] = 1
    return back


def _reason(breaks: pd.DataFrame, back: np.ndarray, lang: str) -> pd.Series:
    """Return a whole sentence for each break."""
    unit = " " + breaks["currency"].astype("str").replace("CNY", "元" if lang == "zh" else "yuan")
    should, shown, apart = (
        breaks[name].map(yuan).astype("str") + unit
        for name in ("expected_fen", "shown_fen", "difference_fen")
    )
    if lang == "zh":
        told = "余额不连续：上一行后应为 " + should + "，该行显示 " + shown + "，相差 " + apart
        why = (
            "；该时间段内可能缺少记录或记录被改动。",
            "；下一处余额正好抵消这一差额，可能只是该行的余额被改动或识读有误。",
            "；这一差额正好抵消上一处，可能只是上一行的余额被改动或识读有误。",
        )
    else:
        told = "The balance does not follow: after the row before it should be " + should
        told += ", this row shows " + shown + ", a difference of " + apart
        why = (
            "; a record of this time may be missing or altered.",
            (
                "; the next balance takes this back exactly: perhaps only the balance of this "
                "row was altered or misread."
            ),
            (
                "; this takes the last one back exactly: perhaps only the balance of the row "
                "before was altered or misread."
            ),
        )
    return told + pd.Series(np.array(why, "object")[back], index=breaks.index, dtype="str")
