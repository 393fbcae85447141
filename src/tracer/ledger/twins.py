"""Twins: equal rows of several files, matched one to one."""

from __future__ import annotations

import numpy as np
from numba import njit

FACTS = ("serial", "party", "named", "balance", "shown", "blanks")
_SERIAL, _PARTY, _NAMED, _BALANCE, _SHOWN, _BLANKS = range(len(FACTS))
# How much of a row may be left open: counterparty (2 or 1), serial and balance.
_MOST_BLANKS = 4
# More pairs of rows than this are looked at by kind of row.
_MANY = 10_000
# What two rows can be told apart by: serial, balance, the account and the name on the other side.
_WAYS = 4
_OPEN = np.iinfo("int64").min


@njit(cache=True, nogil=True)
def matched(key: np.ndarray, file: np.ndarray, facts: np.ndarray) -> np.ndarray:
    """
    Match rows of equal key between files, one to one, those that leave least open first.

    Parameters
    ----------
    key, file
        Shape (n,) each; the rows are sorted by them.
    facts
        Shape (n, 6): serial, party and whether that is a name, balance and
        whether there is one, and how much is left open.

    Returns
    -------
    numpy.ndarray
        Shape (n,), the place of the row that each is a repeat of, or its own.
    """
    stands = np.arange(len(key))
    known = np.empty(len(key), np.int64)
    size, at = 0, 0
    # File by file, so that no file's own twins are ever matched with each other.
    while at < len(key):
        if at == 0 or key[at] != key[at - 1]:
            size = 0
        end = at + 1
        while end < len(key) and key[end] == key[at] and file[end] == file[at]:
            end += 1
        _meet(stands, known[:size], at, end, facts)
        for row in range(at, end):
            if stands[row] == row:
                known[size] = row
                size += 1
        at = end
    return stands


@njit(cache=True, nogil=True)
def _meet(stands: np.ndarray, known: np.ndarray, start: int, end: int, facts: np.ndarray) -> None:
    """Match the rows of one file with those that are known, the least doubtful pairs first."""
    if not len(known):
        return
    if len(known) * (end - start) > _MANY:
        mates = _by_kind(facts[known], facts[start:end])
    else:
        mates = _by_row(facts[known], facts[start:end])
    for place in range(len(known)):
        if mates[place] >= 0:
            stands[start + mates[place]] = known[place]


@njit(cache=True, nogil=True)
def _by_row(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the place on the right side that each row of the left is matched with, or -1."""
    mates = np.full(len(left), -1)
    free = np.ones(len(right), np.bool_)
    for doubt in range(2 * _MOST_BLANKS + 2):
        for place in range(len(left)):
            for row in range(len(right)):
                if mates[place] >= 0:
                    break
                if free[row] and _doubt(left[place], right[row]) == doubt:
                    mates[place] = row
                    free[row] = False
    return mates


@njit(cache=True, nogil=True)
def _by_kind(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """
    Return what `_by_row` returns, sooner where rows are many.

    Rows of which all facts agree are one kind, of which the first that is free
    is matched. A kind is compared with those that agree with it in the one fact
    that leaves fewest, or leave that open.
    """
    mine, line, first, _ = _kinds(left)
    _, queue, head, end = _kinds(right)
    head = head.copy()
    facts, asked = right[queue[head]], left[line[first]]
    values, order = _sorted(facts)
    ways = _chosen(asked, values)
    mates = np.full(len(left), -1)
    for doubt in range(2 * _MOST_BLANKS + 2):
        for place in range(len(left)):
            if mates[place] >= 0:
                continue
            kind, found = mine[place], -1
            way, blank, low, high = ways[kind]
            for at in range(blank + high - low):
                other = order[way, at if at < blank else low + at - blank]
                if head[other] == end[other] or _doubt(asked[kind], facts[other]) != doubt:
                    continue
                if found < 0 or queue[head[other]] < queue[head[found]]:
                    found = other
            if found >= 0:
                mates[place] = queue[head[found]]
                head[found] += 1
    return mates


@njit(cache=True, nogil=True)
def _kinds(facts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """
    Tell which rows agree in every fact.

    Returns
    -------
    kind
        Shape (n,), a number for each row.
    queue
        Shape (n,), the places of the rows, kind by kind and in their order.
    start, end
        Shape (kinds,) each, where each kind is in the queue.
    """
    queue = np.arange(len(facts))
    for fact in range(facts.shape[1]):
        queue = queue[np.argsort(facts[queue, fact], kind="mergesort")]
    kind = np.zeros(len(facts), np.int64)
    start = np.zeros(len(facts) + 1, np.int64)
    count = 0
    for at in range(len(queue)):
        if at == 0 or (facts[queue[at]] != facts[queue[at - 1]]).any():
            start[count] = at
            count += 1
        kind[queue[at]] = count - 1
    start[count] = len(queue)
    return kind, queue, start[:count], start[1 : count + 1]


@njit(cache=True, nogil=True)
def _told(facts: np.ndarray, way: int) -> int:
    """Return what a row tells that another must not contradict; _OPEN where it tells nothing."""
    if way == 0 and facts[_SERIAL] != 0:
        return int(facts[_SERIAL])
    if way == 1 and facts[_SHOWN]:
        return int(facts[_BALANCE])
    if way == 2 + facts[_NAMED] and facts[_PARTY] != 0:
        return int(facts[_PARTY])
    return int(_OPEN)


@njit(cache=True, nogil=True)
def _sorted(facts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return by way, and behind them without any, what kinds tell in order, and their places."""
    values = np.full((_WAYS + 1, len(facts)), _OPEN)
    order = np.empty((_WAYS + 1, len(facts)), np.int64)
    for way in range(_WAYS + 1):
        for kind in range(len(facts)):
            values[way, kind] = _told(facts[kind], way)
        order[way] = np.argsort(values[way], kind="mergesort")
        values[way] = values[way][order[way]]
    return values, order


@njit(cache=True, nogil=True)
def _chosen(asked: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return by kind the way that leaves fewest, how many leave it open, and which agree."""
    chosen = np.zeros((len(asked), 4), np.int64)
    for kind in range(len(asked)):
        chosen[kind] = np.array([_WAYS, values.shape[1], 0, 0])
        for way in range(_WAYS):
            told = _told(asked[kind], way)
            if told == _OPEN:
                continue
            blank = np.searchsorted(values[way], _OPEN, side="right")
            low = np.searchsorted(values[way], told)
            high = np.searchsorted(values[way], told, side="right")
            if blank + high - low < chosen[kind, 1] + chosen[kind, 3] - chosen[kind, 2]:
                chosen[kind] = np.array([way, blank, low, high])
    return chosen


@njit(cache=True, nogil=True)
def _doubt(one: np.ndarray, two: np.ndarray) -> int:
    """Return how much two rows leave open of being the same; -1 where they contradict."""
    exact = one[_SERIAL] == two[_SERIAL] and one[_SERIAL] != 0
    if one[_SERIAL] != two[_SERIAL] and one[_SERIAL] != 0 and two[_SERIAL] != 0:
        return -1
    if one[_BALANCE] != two[_BALANCE] and one[_SHOWN] and two[_SHOWN]:
        return -1
    # A name on one side and an account on the other is no contradiction.
    told = one[_PARTY] != 0 and two[_PARTY] != 0 and one[_NAMED] == two[_NAMED]
    if told and one[_PARTY] != two[_PARTY]:
        return -1
    return int(one[_BLANKS] + two[_BLANKS] + (not exact))
