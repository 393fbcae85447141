"""Codes: texts and combinations as whole numbers, which are compared and sorted far sooner."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

_ROOM = 1 << 62
# Numbers so far apart may have much in common.
_FAR = 1 << 20


def grouped(columns: Sequence[np.ndarray]) -> np.ndarray:
    """
    Return a number for each combination of whole numbers, counted as they first occur.

    Parameters
    ----------
    columns
        Arrays of shape (n,).

    Examples
    --------
    >>> grouped([np.array([7, 7, 8]), np.array([1, 2, 1])]).tolist()
    [0, 1, 2]
    """
    whole, size = np.zeros(len(columns[0]), "int64"), 1
    for column in columns:
        low, high = (int(column.min()), int(column.max())) if len(column) else (0, 0)
        span = high - low + 1
        part = column.astype("int64", copy=False) - low
        if span >= _ROOM // max(size, 1):
            # Numbers that are far apart take up less room when they are counted.
            part, once = pd.factorize(column)
            span = max(len(once), 1)
        if span >= _ROOM // max(size, 1):
            whole, once = pd.factorize(whole)
            size = max(len(once), 1)
        whole, size = whole * span + part, size * span
    return np.asarray(pd.factorize(whole)[0])


def ordered(*columns: np.ndarray) -> np.ndarray:
    """
    Return the places of rows in the order of some whole numbers.

    Parameters
    ----------
    *columns
        Shape (n,) each: whole numbers, flags or times, the most telling first.
        A time that is not known comes last. Rows that are equal in all of them
        stay in their order.

    Examples
    --------
    >>> ordered(np.array([1, 0, 0]), np.array([5, 9, 7])).tolist()
    [2, 1, 0]
    """
    # One number that holds several is sorted many times as fast as they are one by one.
    whole, size, used = np.zeros(len(columns[0]), "int64"), 1, 0
    for column in columns:
        part, span = _near(column.astype("int64", copy=False))
        if span >= _ROOM // size:
            break
        whole, size, used = whole * span + part, size * span, used + 1
    order = np.argsort(whole)
    told = whole[order]
    same = told[1:] == told[:-1]
    tied = (np.append(same, False) | np.append(False, same))[: len(order)]
    if tied.any():
        some = order[tied]
        rest = [column[some] for column in columns[used:]]
        order[tied] = some[np.lexsort((some, *reversed(rest), whole[some]))]
    return order


def _near(column: np.ndarray) -> tuple[np.ndarray, int]:
    """Return numbers from 0 in the same order, near to each other, and their span."""
    low, high = (int(column.min()), int(column.max())) if len(column) else (0, 0)
    if not _FAR <= high - low < _ROOM:
        return column - low, high - low + 1
    # Times are mostly whole seconds or minutes, told in microseconds.
    step = int(np.gcd.reduce(column - low))
    return (column - low) // step, (high - low) // step + 1


def repeated(group: np.ndarray) -> np.ndarray:
    """
    Return which rows share their group with another row.

    Parameters
    ----------
    group
        Shape (n,), numbers from 0.

    Examples
    --------
    >>> repeated(np.array([0, 1, 0])).tolist()
    [True, False, True]
    """
    several: np.ndarray = (np.bincount(group) > 1)[group] if len(group) else np.zeros(0, bool)
    return several


def firsts(group: np.ndarray, *ties: np.ndarray) -> np.ndarray:
    """
    Return the place of the first row of each row's group.

    Parameters
    ----------
    group
        Shape (n,), numbers from 0.
    *ties
        Shape (n,) each: what comes first, the most telling one before the others.

    Examples
    --------
    >>> firsts(np.array([0, 1, 0]), np.array([5, 1, 4])).tolist()
    [2, 1, 2]
    """
    order = ordered(group, *ties)
    begins = np.append(True, np.diff(group[order]) != 0)[: len(order)]
    first = np.empty(group.max(initial=-1) + 1, "int64")
    first[group[order][begins]] = order[begins]
    found: np.ndarray = first[group]
    return found


def begins(group: np.ndarray) -> np.ndarray:
    """
    Return the place of the first row of each group.

    Parameters
    ----------
    group
        Shape (n,), numbers from 0, none left out.

    Examples
    --------
    >>> begins(np.array([0, 0, 1, 0, 2])).tolist()
    [0, 2, 4]
    """
    places = np.empty(group.max(initial=-1) + 1, "int64")
    places[group[::-1]] = np.arange(len(group))[::-1]
    return places
