"""Choice: rows that can mean each other alone, and pairs of which the best are taken first."""

from __future__ import annotations

import numpy as np
from numba import njit

from tracer.ledger.pairing import UNKNOWN


def single(
    left: tuple[np.ndarray, np.ndarray, np.ndarray],
    right: tuple[np.ndarray, np.ndarray, np.ndarray],
    day: int,
) -> tuple[np.ndarray, np.ndarray]:
    """
    Match rows of which each is the only one that the other can mean.

    Parameters
    ----------
    left, right
        Group, time and slack of each row, whole numbers of shape (n,) and (m,),
        sorted by group and time. Two times may be apart as far as the larger
        of their slacks says.
    day
        The slack of a row of which only the day is known: it means every time
        of that day, and none of another.

    Returns
    -------
    left, right
        Shape (k,) each, the places of the rows that are pairs, in order.

    Examples
    --------
    >>> one, slack = np.zeros(2, "int64"), np.full(2, 5)
    >>> single((one, np.array([0, 60]), slack), (one, np.array([1, 70]), slack), 86_400)
    (array([0]), array([0]))
    """
    known = [np.flatnonzero(side[1] != UNKNOWN) for side in (left, right)]
    one, two = (
        (side[0][at], side[1][at], side[2][at])
        for side, at in zip((left, right), known, strict=True)
    )
    partner, back = _only(one, two, day), _only(two, one, day)
    paired = np.flatnonzero(partner >= 0)
    paired = paired[back[partner[paired]] == paired]
    return known[0][paired], known[1][partner[paired]]


@njit(cache=True, nogil=True)
def _only(
    left: tuple[np.ndarray, np.ndarray, np.ndarray],
    right: tuple[np.ndarray, np.ndarray, np.ndarray],
    day: int,
) -> np.ndarray:
    """Return the place of the one row that each row can mean; -1 for none, -2 for several."""
    (group, time, slack), (other_group, other_time, other_slack) = left, right
    partner = np.full(len(group), -1)
    if not len(group) or not len(other_group):
        return partner
    start, widest = 0, max(slack.max(), other_slack.max())
    for row in range(len(group)):
        least, most = time[row] - widest, time[row] + widest
        while start < len(other_group) and (
            other_group[start] < group[row]
            or (other_group[start] == group[row] and other_time[start] < least)
        ):
            start += 1
        at = start
        while at < len(other_group) and other_group[at] == group[row] and other_time[at] <= most:
            wide = max(slack[row], other_slack[at])
            if wide >= day:
                near = time[row] // day == other_time[at] // day
            else:
                near = abs(time[row] - other_time[at]) <= wide
            if near:
                partner[row] = at if partner[row] == -1 else -2
                if partner[row] == -2:
                    break
            at += 1
    return partner


def greedy(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """
    Return which pairs are taken one to one when the earlier ones have the first choice.

    Parameters
    ----------
    left, right
        Shape (n,) each, the numbers of the two rows, from 0; the best pairs first.

    Returns
    -------
    numpy.ndarray
        Shape (n,), whether a pair is taken.

    Examples
    --------
    >>> greedy(np.array([0, 0, 1]), np.array([0, 1, 1])).tolist()
    [True, False, True]
    """
    sizes = left.max(initial=-1) + 1, right.max(initial=-1) + 1
    return _greedy(left, right, np.zeros(sizes[0], "bool"), np.zeros(sizes[1], "bool"))


@njit(cache=True, nogil=True)
def _greedy(left: np.ndarray, right: np.ndarray, met: np.ndarray, seen: np.ndarray) -> np.ndarray:
    taken = np.zeros(len(left), np.bool_)
    for pair in range(len(left)):
        if not met[left[pair]] and not seen[right[pair]]:
            met[left[pair]] = seen[right[pair]] = taken[pair] = True
    return taken
