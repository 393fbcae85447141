"""Pairing: records of the same payments from two sides are matched one to one, in their order."""

from __future__ import annotations

import numpy as np
from numba import njit

# More pairs than these are not weighed one by one; their order alone decides.
_MOST_CELLS = 4_000_000
# The whole number of a time that is not known.
UNKNOWN = np.iinfo("int64").min
# No clock is further ahead or behind than this.
NEVER = 1 << 62
_SKIP_LEFT, _SKIP_RIGHT, _PAIR = 0, 1, 2


def in_order(
    left: tuple[np.ndarray, np.ndarray],
    right: tuple[np.ndarray, np.ndarray],
    shift: np.ndarray,
    slack: int,
) -> tuple[np.ndarray, np.ndarray]:
    """
    Match the rows of two sides within groups, as many as possible and as near as possible.

    Two clocks may differ, but each runs evenly: of two payments the earlier one
    is the earlier one at the other institution too, so pairs never cross. Of
    all matchings that pair the most rows, one with the smallest sum of
    differences is taken (an alignment by dynamic programming, as Needleman and
    Wunsch's of 1970).

    Parameters
    ----------
    left, right
        The group and the time of each row, whole numbers of shape (n,) and
        (m,), sorted by group and time.
    shift
        Shape (groups,), by how much the right side's clock is ahead.
    slack
        How far two times may be apart, in the same unit, when the shift is
        taken off.

    Returns
    -------
    left, right
        Shape (k,) each, the places of the rows that are pairs, in order.

    Examples
    --------
    >>> one = np.zeros(2, "int64")
    >>> in_order((one, np.array([0, 60])), (one, np.array([50, 110])), np.array([0]), 120)
    (array([0, 1]), array([0, 1]))
    >>> in_order((one[:1], np.array([0])), (one, np.array([50, 110])), np.array([110]), 120)
    (array([0]), array([1]))
    """
    # A time that is not known is near no other, and as a number it would overflow.
    known = [np.flatnonzero(side[1] != UNKNOWN) for side in (left, right)]
    one, two = ((side[0][at], side[1][at]) for side, at in zip((left, right), known, strict=True))
    partner = _aligned(one[0], one[1], two[0], two[1] - shift[two[0]], slack)
    paired = np.flatnonzero(partner >= 0)
    return known[0][paired], known[1][partner[paired]]


@njit(cache=True, nogil=True)
def _aligned(
    group: np.ndarray,
    time: np.ndarray,
    other_group: np.ndarray,
    other_time: np.ndarray,
    slack: int,
) -> np.ndarray:
    """Return the place on the right of each row on the left; -1 where there is none."""
    partner = np.full(len(group), -1)
    at, to = _shared(group, other_group, 0, 0)
    while at < len(group) and to < len(other_group):
        end, stop = _run(group, at), _run(other_group, to)
        _clusters(partner[at:end], time[at:end], other_time[to:stop], to, slack)
        at, to = _shared(group, other_group, end, stop)
    return partner


@njit(cache=True, nogil=True)
def _shared(group: np.ndarray, other: np.ndarray, at: int, to: int) -> tuple[int, int]:
    """Return from where on both sides have the same group; an end where there is none."""
    while at < len(group) and to < len(other) and group[at] != other[to]:
        if group[at] < other[to]:
            at += 1
        else:
            to += 1
    return at, to


@njit(cache=True, nogil=True)
def _run(group: np.ndarray, at: int) -> int:
    """Return where the rows of a group end."""
    end = at + 1
    while end < len(group) and group[end] == group[at]:
        end += 1
    return end


@njit(cache=True, nogil=True)
def _clusters(
    partner: np.ndarray, here: np.ndarray, there: np.ndarray, to: int, slack: int
) -> None:
    """Match the rows of one group, part by part where the times leave a gap."""
    left, right = _near(here, there, slack, 0, 0)
    while left < len(here) and right < len(there):
        end, stop = _cluster(here, there, slack, left, right)
        _align(partner[left:end], here[left:end], there[right:stop], to + right, slack)
        left, right = _near(here, there, slack, end, stop)


@njit(cache=True, nogil=True)
def _near(
    here: np.ndarray, there: np.ndarray, slack: int, left: int, right: int
) -> tuple[int, int]:
    """Return the next two rows that are near; an end where there are none."""
    while left < len(here) and right < len(there) and abs(here[left] - there[right]) > slack:
        if here[left] < there[right]:
            left += 1
        else:
            right += 1
    return left, right


@njit(cache=True, nogil=True)
def _cluster(
    here: np.ndarray, there: np.ndarray, slack: int, left: int, right: int
) -> tuple[int, int]:
    """Return where the part ends that begins with two rows that are near."""
    end, stop = left + 1, right + 1
    # Whatever may be paired with a row of the part belongs to the part.
    while True:
        if end < len(here) and here[end] <= there[stop - 1] + slack:
            end += 1
        elif stop < len(there) and there[stop] <= here[end - 1] + slack:
            stop += 1
        else:
            return end, stop


@njit(cache=True, nogil=True)
def _align(partner: np.ndarray, here: np.ndarray, there: np.ndarray, to: int, slack: int) -> None:
    """Match two short lists of times without crossing: the most pairs, then the nearest."""
    if len(here) * len(there) > _MOST_CELLS:
        _follow(partner, here, there, to, slack)
        return
    count = np.zeros((len(here) + 1, len(there) + 1), np.int32)
    cost = np.zeros((len(here) + 1, len(there) + 1), np.int64)
    step = np.zeros((len(here) + 1, len(there) + 1), np.int8)
    step[0, :] = _SKIP_RIGHT
    for row in range(1, len(here) + 1):
        for column in range(1, len(there) + 1):
            best, price, way = count[row - 1, column], cost[row - 1, column], _SKIP_LEFT
            more, dearer = count[row, column - 1], cost[row, column - 1]
            if more > best or (more == best and dearer < price):
                best, price, way = more, dearer, _SKIP_RIGHT
            apart = abs(here[row - 1] - there[column - 1])
            more, dearer = count[row - 1, column - 1] + 1, cost[row - 1, column - 1] + apart
            # Of equal matchings the later rows are paired, so that the result is one and the same.
            if apart <= slack and (more > best or (more == best and dearer <= price)):
                best, price, way = more, dearer, _PAIR
            count[row, column], cost[row, column], step[row, column] = best, price, way
    row, column = len(here), len(there)
    while row > 0 and column > 0:
        way = step[row, column]
        if way == _PAIR:
            partner[row - 1] = to + column - 1
        row -= way != _SKIP_RIGHT
        column -= way != _SKIP_LEFT


@njit(cache=True, nogil=True)
def _follow(partner: np.ndarray, here: np.ndarray, there: np.ndarray, to: int, slack: int) -> None:
    """Match two long lists of times as they follow each other, which pairs the most rows."""
    right = 0
    for left in range(len(here)):
        while right < len(there) and there[right] < here[left] - slack:
            right += 1
        if right < len(there) and there[right] <= here[left] + slack:
            partner[left] = to + right
            right += 1


def steady(
    left: tuple[np.ndarray, np.ndarray],
    right: tuple[np.ndarray, np.ndarray],
    shift: np.ndarray,
    slack: int,
) -> tuple[np.ndarray, np.ndarray]:
    """
    Tell by how much the right side's clock may be ahead without any other pairs in a group.

    Parameters
    ----------
    left, right, shift, slack
        As `in_order` takes them, all times being known.

    Returns
    -------
    least, most
        Shape (groups,) each: `in_order` gives the same pairs for every shift
        from one to the other. Where several rows compete for several and are
        not paired one by one, both are the shift that is given, which is all
        that is sure.

    Examples
    --------
    >>> one = np.zeros(1, "int64")
    >>> least, most = steady((one, np.array([0])), (one, np.array([50])), np.array([10]), 60)
    >>> least.tolist(), most.tolist()
    ([-10], [110])
    """
    least, most = np.full(len(shift), -NEVER), np.full(len(shift), NEVER)
    _steady(left, (right[0], right[1] - shift[right[0]]), slack, least, most)
    least = np.where(least > -NEVER, shift + least, least)
    return least, np.where(most < NEVER, shift + most, most)


_Timed = tuple[np.ndarray, np.ndarray]


@njit(cache=True, nogil=True)
def _steady(left: _Timed, right: _Timed, slack: int, least: np.ndarray, most: np.ndarray) -> None:
    """Narrow down for each group how much more or less the shift may be."""
    (group, time), (other_group, other_time) = left, right
    at, to = _shared(group, other_group, 0, 0)
    while at < len(group) and to < len(other_group):
        end, stop = _run(group, at), _run(other_group, to)
        here, there = time[at:end], other_time[to:stop]
        ends, (less, more) = _apart(here, there, slack), _together(here, there, slack)
        least[group[at]], most[group[at]] = max(ends[0], less), min(ends[1], more)
        at, to = _shared(group, other_group, end, stop)


@njit(cache=True, nogil=True)
def _apart(here: np.ndarray, there: np.ndarray, slack: int) -> tuple[int, int]:
    """Return by how much the shift may change until two rows that are not near are near."""
    least, most, right = -NEVER, NEVER, 0
    for left in range(len(here)):
        while right < len(there) and there[right] < here[left] - slack:
            right += 1
        if right > 0:
            least = max(least, slack - (here[left] - there[right - 1]) + 1)
    right = 0
    for left in range(len(here)):
        while right < len(there) and there[right] <= here[left] + slack:
            right += 1
        if right < len(there):
            most = min(most, there[right] - here[left] - slack - 1)
    return least, most


@njit(cache=True, nogil=True)
def _together(here: np.ndarray, there: np.ndarray, slack: int) -> tuple[int, int]:
    """Return by how much the shift may change until of those that are near others are pairs."""
    least, most = -NEVER, NEVER
    left, right = _near(here, there, slack, 0, 0)
    while left < len(here) and right < len(there):
        end, stop = _cluster(here, there, slack, left, right)
        less, more = _pairs(here[left:end], there[right:stop], slack)
        least, most = max(least, less), min(most, more)
        left, right = _near(here, there, slack, end, stop)
    return least, most


@njit(cache=True, nogil=True)
def _pairs(here: np.ndarray, there: np.ndarray, slack: int) -> tuple[int, int]:
    """Return as `_together` for rows of which each is near another, while no others come near."""
    if len(here) == len(there):
        apart = here - there
        # As many on both sides are paired one by one, which leaves none for anything else.
        least, most = -slack - apart.min(), slack - apart.max()
        return (least, most) if least <= 0 <= most else (0, 0)
    if len(here) * len(there) <= _MOST_CELLS:
        if len(here) == 1:
            return _nearest(here[0] - there, slack)
        if len(there) == 1:
            return _nearest(here - there[0], slack)
    return 0, 0


@njit(cache=True, nogil=True)
def _nearest(apart: np.ndarray, slack: int) -> tuple[int, int]:
    """Return by how much the shift may change until another of several rows is the nearest."""
    chosen = 0
    for row in range(1, len(apart)):
        # Of two that are equally near the later one is paired.
        if abs(apart[row]) <= abs(apart[chosen]):
            chosen = row
    mine = apart[chosen]
    least, most = -slack - mine, slack - mine
    for row in range(len(apart)):
        both, later = -(mine + apart[row]), row > chosen
        if apart[row] > mine:
            least = max(least, (both + 1 + later) // 2)
        elif apart[row] < mine:
            most = min(most, (both - later) // 2)
    return least, most
