"""Settle: rows of several files put into one chain for each account, as their balances prove."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from tracer.ledger.codes import ordered


class Chains(NamedTuple):
    """Rows of accounts as numbers; shape (n,) each."""

    key: np.ndarray
    """The account and its currency, counted from 0."""
    file: np.ndarray
    """The source that the row is from."""
    seq: np.ndarray
    """The order inside the source."""
    entry: np.ndarray
    """The entry_id, by which rows are told apart that nothing else does."""
    time: np.ndarray
    """Microseconds since 1970."""
    change: np.ndarray
    """Fen that came in, less those that went out; 0 where the row failed."""
    balance: np.ndarray
    """Fen afterwards, where known."""
    known: np.ndarray
    """Whether the balance is known, and of a row that moved money."""
    moves: np.ndarray
    """Whether the row moved money."""


def chained(rows: Chains) -> tuple[np.ndarray, np.ndarray]:
    """
    Return the order of the rows, account by account, and where each account begins.

    A file's rows stay in its own order where that proves more of them than
    their times do. Files are merged by time. Rows of one moment that do not
    follow from each other file by file are put in an order that proves them
    all, where there is one, and else in one that proves more of them.

    Parameters
    ----------
    rows
        The rows in any order.

    Returns
    -------
    order, start
        Shape (n,), places; and shape (accounts + 1,), where each account
        begins in that order, and where the last ends.

    Examples
    --------
    >>> zero, yes = np.zeros(2, "int64"), np.ones(2, "bool")
    >>> two = Chains(zero, np.array([1, 2]), zero, np.array([1, 2]), zero,
    ...     np.array([-50, 100]), np.array([50, 100]), yes, yes)
    >>> chained(two)[0].tolist()
    [1, 0]
    """
    order = ordered(rows.key, rows.file, rows.seq, rows.entry)
    told = Chains(*(one[order] for one in rows))
    moment = told.time.copy()
    loose = np.zeros(len(order), "bool")
    _moments(told, _parts(told.key, told.file), moment, loose)
    start = _parts(told.key)
    some = np.flatnonzero(loose)
    if len(some):
        # Only accounts of several files, or of one that is not in the order of time, are merged.
        by = ordered(rows.key[order[some]], moment[some])
        order[some] = order[some[by]]
        moment[some] = moment[some[by]]
        told = Chains(*(one[order] for one in rows))
    place = np.arange(len(order))
    _settle(told, moment, start, place)
    return order[place], start


def _parts(*columns: np.ndarray) -> np.ndarray:
    """Return where each run of equal values begins, and where the last ends."""
    size = len(columns[0])
    parted = np.zeros(max(size - 1, 0), "bool")
    for column in columns:
        parted |= column[1:] != column[:-1]
    inner = np.flatnonzero(parted) + 1
    return np.concatenate([np.zeros(1, "int64"), inner, np.full(min(size, 1), size)])


@njit(cache=True, nogil=True)
def _moments(rows: Chains, runs: np.ndarray, moment: np.ndarray, loose: np.ndarray) -> None:
    """
    Give each row the moment by which it is merged, and tell which rows have to be merged.

    A run is one account's rows in one file. Where its own order contradicts
    its times and proves more, no row counts as earlier than the one before it.
    """
    for run in range(len(runs) - 1):
        begin, end = runs[run], runs[run + 1]
        alone = begin == 0 or rows.key[begin - 1] != rows.key[begin]
        alone &= end == len(rows.key) or rows.key[end] != rows.key[begin]
        falling = False
        for at in range(begin + 1, end):
            falling |= rows.time[at] < rows.time[at - 1]
        if falling:
            own = np.arange(begin, end)
            timed = begin + np.argsort(rows.time[begin:end], kind="mergesort")
            if _broken(rows, own, 0, False) < _broken(rows, timed, 0, False):
                for at in range(begin + 1, end):
                    moment[at] = max(moment[at], moment[at - 1])
            else:
                alone = False
        loose[begin:end] = not alone


@njit(cache=True, nogil=True)
def _broken(rows: Chains, places: np.ndarray, balance: int, begun: bool) -> int:
    """Return how many balances do not follow when rows are taken in this order."""
    count = 0
    for at in places:
        balance += rows.change[at]
        if rows.known[at]:
            count += begun and rows.balance[at] != balance
            balance, begun = rows.balance[at], True
    return count


@njit(cache=True, nogil=True)
def _settle(rows: Chains, moment: np.ndarray, start: np.ndarray, place: np.ndarray) -> None:
    """Put the rows of one moment in the order that their balances prove, moment by moment."""
    for account in range(len(start) - 1):
        balance, begun = 0, False
        begin = start[account]
        while begin < start[account + 1]:
            end = begin + 1
            while end < start[account + 1] and moment[end] == moment[begin]:
                end += 1
            some = place[begin:end]
            broken = 0 if end == begin + 1 else _broken(rows, some, balance, begun)
            if broken:
                other = _arranged(rows, some, balance, begun)
                if _broken(rows, other, balance, begun) < broken:
                    some[:] = other
            for at in some:
                balance += rows.change[at]
                if rows.known[at]:
                    balance, begun = rows.balance[at], True
            begin = end


@njit(cache=True, nogil=True)
def _arranged(rows: Chains, some: np.ndarray, balance: int, begun: bool) -> np.ndarray:
    """
    Return the rows of one moment in another order, in which more of them may follow.

    Each row leads from the balance before it to the one after it. An order
    that proves all is a trail through all rows (Hierholzer's of 1873); where
    there is none, each row is followed by one that begins where it ends.
    """
    moved = some[rows.moves[some]]
    if not rows.known[moved].all():
        return some
    before, after = rows.balance[moved] - rows.change[moved], rows.balance[moved]
    by = np.argsort(before, kind="mergesort")
    begins = before[by]
    ends = np.sort(after)
    # What no row of the moment leads to is where a chain begins.
    head = np.searchsorted(ends, before) == np.searchsorted(ends, before, side="right")
    at = np.searchsorted(begins, balance)
    if not begun or at == len(begins) or begins[at] != balance:
        balance = before[np.argmax(head)]
    found = _trail(before, after, by, balance)
    if len(found) < len(moved):
        found = _followed(before, after, by, balance, head)
    other = some.copy()
    # What failed is no part of the chain, and stands behind it.
    other[: len(moved)] = moved[found]
    other[len(moved) :] = some[~rows.moves[some]]
    return other


@njit(cache=True, nogil=True)
def _trail(before: np.ndarray, after: np.ndarray, by: np.ndarray, balance: int) -> np.ndarray:
    """Return all rows in an order in which each begins where the last ended, or fewer rows."""
    size, begins = len(by), before[by]
    used, path, found = np.zeros(size, np.int64), np.empty(size, np.int64), np.empty(size, np.int64)
    top, count = 0, 0
    while True:
        here = after[path[top - 1]] if top else balance
        group = np.searchsorted(begins, here)
        spot = group + used[group] if group < size else size
        if spot < size and begins[spot] == here:
            used[group] += 1
            path[top] = by[spot]
            top += 1
        elif top:
            top -= 1
            found[size - 1 - count] = path[top]
            count += 1
        else:
            break
    found = found[size - count :]
    for at in range(1, count):
        if before[found[at]] != after[found[at - 1]]:
            return found[:0]
    return found


@njit(cache=True, nogil=True)
def _followed(
    before: np.ndarray, after: np.ndarray, by: np.ndarray, balance: int, head: np.ndarray
) -> np.ndarray:
    """Return all rows, each followed by one that begins where it ends while there is one."""
    size, begins = len(by), before[by]
    used, taken = np.zeros(size, np.int64), np.zeros(size, np.bool_)
    found, heads, rest = np.empty(size, np.int64), 0, 0
    for count in range(size):
        group = np.searchsorted(begins, balance)
        spot = size
        if group < size and begins[group] == balance:
            spot = group + used[group]
            while spot < size and begins[spot] == balance and taken[by[spot]]:
                spot += 1
            used[group] = spot - group
        if spot < size and begins[spot] == balance:
            row = by[spot]
        else:
            while heads < size and (taken[heads] or not head[heads]):
                heads += 1
            while rest < size and taken[rest]:
                rest += 1
            row = heads if heads < size else rest
        taken[row], found[count], balance = True, row, after[row]
    return found
