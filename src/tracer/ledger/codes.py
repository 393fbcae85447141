"""Codes: texts and combinations as whole numbers, which are compared and sorted far sooner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit

_ROOM = 1 << 62
# The golden part of 2 to the 64, which keeps near numbers apart.
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
# A place has 2 to the 6 finer ones, each of which is one bit of a number.
_SIX, _LOW, _ONE = np.uint64(6), np.uint64(63), np.uint64(1)
# A table may have so many places for each number that is looked up in it.
_LOOSE = 16
# Numbers so far apart may have much in common.
_FAR = 1 << 20
# So many numbers mostly tell what all have in common.
_FEW = 1_000
# For so many there is room at least, so that hardly any other seems to be one of them.
_ROOMY = 1_000


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
        span, part = high - low + 1, column.astype("int64") - low
        if span >= _ROOM // size:
            # Numbers that are far apart take up less room when they are counted.
            part, span = _numbered(part)
        if span >= _ROOM // size:
            whole, size = _numbered(whole)
        if size > 1:
            part += whole * span
        whole, size = part, size * span
    return _numbered(whole)[0]


def _numbered(values: np.ndarray) -> tuple[np.ndarray, int]:
    """Return a number for each value, counted as they first occur, and how many there are."""
    # With half of its places free, a table finds nearly every value at the first look.
    bits = max(2 * len(values), 2).bit_length()
    found, count = _first(values, bits)
    return found, max(int(count), 1)


@njit(cache=True, nogil=True)
def _first(values: np.ndarray, bits: int) -> tuple[np.ndarray, int]:
    """
    Return a number for each value, by a table with open addresses, and how many there are.

    The table is that of Knuth, The Art of Computer Programming 3, 6.4: an
    address is what a multiplication leaves above, and the next free one where
    it is taken. It holds the short numbers alone, so that it stays near to
    the processor.
    """
    found, once = np.empty(len(values), np.int64), np.empty(len(values), np.int64)
    table = np.full(1 << bits, np.int32(-1))
    shift, last, count = np.uint64(64 - bits), (1 << bits) - 1, 0
    for row in range(len(values)):
        value = np.uint64(values[row])
        at = np.int64(((value ^ (value >> np.uint64(32))) * _SPREAD) >> shift)
        while table[at] >= 0 and once[table[at]] != values[row]:
            at = (at + 1) & last
        if table[at] < 0:
            table[at], once[count] = count, values[row]
            count += 1
        found[row] = table[at]
    return found, count


@dataclass(frozen=True)
class Among:
    """Some whole numbers, among which others are looked for."""

    likely: np.ndarray
    """Which finer places any of them has, so that nearly all others are known by one look."""
    table: np.ndarray
    """Each in a place that it tells itself; 0 where there is none."""

    @classmethod
    def of(cls, some: np.ndarray) -> Among:
        """
        Lay out some numbers.

        Parameters
        ----------
        some
            Shape (m,), whole numbers, none of them 0.
        """
        bits = max(2 * len(some), _ROOMY).bit_length()
        return cls(*_laid(some, bits))

    def places(self, values: np.ndarray) -> np.ndarray:
        """
        Return the places of those values that are among the numbers.

        Parameters
        ----------
        values
            Shape (n,), whole numbers.

        Examples
        --------
        >>> Among.of(np.array([7, 9])).places(np.array([9, 8, 7, 0, 9])).tolist()
        [0, 2, 4]
        """
        found: np.ndarray = _among(values, self.likely, self.table)
        return found


@njit(cache=True, nogil=True)
def _laid(some: np.ndarray, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """Return which finer places any number has, and a table with open addresses, as in `_first`."""
    likely, table = np.zeros(1 << bits, np.uint64), np.zeros(1 << bits, np.int64)
    shift, last = np.uint64(64 - bits), (1 << bits) - 1
    for row in range(len(some)):
        place = (np.uint64(some[row]) * _SPREAD) >> (shift - _SIX)
        likely[place >> _SIX] |= _ONE << (place & _LOW)
        at = np.int64(place >> _SIX)
        while table[at] != 0 and table[at] != some[row]:
            at = (at + 1) & last
        table[at] = some[row]
    return likely, table


@njit(cache=True, nogil=True)
def _among(values: np.ndarray, likely: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Return the places of those values that are in the table."""
    found, count, last = np.empty(len(values), np.int64), 0, len(table) - 1
    shift = np.uint64(64 - _bits(table)) - _SIX
    for row in range(len(values)):
        place = (np.uint64(values[row]) * _SPREAD) >> shift
        if (likely[place >> _SIX] >> (place & _LOW)) & _ONE:
            at = np.int64(place >> _SIX)
            while table[at] != 0 and table[at] != values[row]:
                at = (at + 1) & last
            if table[at] != 0:
                found[count] = row
                count += 1
    return found[:count].copy()


@njit(cache=True, nogil=True)
def _bits(table: np.ndarray) -> int:
    """Return how many bits a place in a table has."""
    bits = 0
    while 1 << bits < len(table):
        bits += 1
    return bits


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
    apart = column - low
    step = int(np.gcd.reduce(apart[:_FEW]))
    odd = apart % step if step > 1 else apart[:0]
    step = int(np.gcd.reduce(odd[odd != 0], initial=step))
    return apart // max(step, 1), (high - low) // max(step, 1) + 1


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


def several(group: np.ndarray, values: np.ndarray) -> np.ndarray:
    """
    Return which rows are of a group in which not all values are the same.

    Parameters
    ----------
    group
        Shape (n,), numbers from 0.
    values
        Shape (n,).

    Examples
    --------
    >>> several(np.array([0, 1, 0, 1]), np.array([5, 7, 6, 7])).tolist()
    [True, False, True, False]
    """
    some = np.zeros(group.max(initial=-1) + 1, values.dtype)
    some[group] = values
    apart = np.zeros(len(some), bool)
    apart[group[some[group] != values]] = True
    found: np.ndarray = apart[group]
    return found


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
    head = heads(group[order])
    first = np.empty(group.max(initial=-1) + 1, "int64")
    first[group[order][head]] = order[head]
    found: np.ndarray = first[group]
    return found


def heads(values: np.ndarray) -> np.ndarray:
    """
    Return which values are the first of a run of equal ones.

    Parameters
    ----------
    values
        Shape (n,).

    Examples
    --------
    >>> heads(np.array([4, 4, 7])).tolist()
    [True, False, True]
    """
    first = np.ones(len(values), bool)
    first[1:] = values[1:] != values[:-1]
    return first


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


def places(known: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """
    Return where each of some numbers stands among those that are known.

    Parameters
    ----------
    known
        Shape (n,), whole numbers in rising order, none twice.
    wanted
        Shape (m,), each of them among those that are known.

    Raises
    ------
    LookupError
        If one is not: a place near by would be that of another.

    Examples
    --------
    >>> places(np.array([3, 5, 9]), np.array([9, 3])).tolist()
    [2, 0]
    """
    if not len(known) or int(known[-1]) - int(known[0]) > _LOOSE * len(wanted):
        found = sought(known, wanted)
    else:
        # Numbers that are near to each other need no table with open addresses.
        table = np.full(int(known[-1] - known[0]) + 1, -1)
        table[known - known[0]] = np.arange(len(known))
        found = table[np.clip(wanted, known[0], known[-1]) - known[0]]
        found[(wanted < known[0]) | (wanted > known[-1])] = -1
    if found.min(initial=0) < 0:
        msg = "A number is asked for that is not among those that are known."
        raise LookupError(msg)
    return found


def sought(known: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """
    Return where each of some numbers stands among others, -1 where it is not among them.

    Parameters
    ----------
    known
        Shape (n,), whole numbers, none twice.
    wanted
        Shape (m,), whole numbers.

    Examples
    --------
    >>> sought(np.array([5, 3]), np.array([3, 4, 5])).tolist()
    [1, -1, 0]
    """
    bits = max(2 * len(known), 2).bit_length()
    found: np.ndarray = _sought(known, wanted, bits)
    return found


@njit(cache=True, nogil=True)
def _sought(known: np.ndarray, wanted: np.ndarray, bits: int) -> np.ndarray:
    """Return the places of numbers by a table with open addresses, as in `_first`."""
    found, table = np.empty(len(wanted), np.int64), np.full(1 << bits, np.int32(-1))
    shift, last = np.uint64(64 - bits), (1 << bits) - 1
    for row in range(len(known)):
        at = np.int64((np.uint64(known[row]) * _SPREAD) >> shift)
        while table[at] >= 0:
            at = (at + 1) & last
        table[at] = row
    for row in range(len(wanted)):
        at = np.int64((np.uint64(wanted[row]) * _SPREAD) >> shift)
        while table[at] >= 0 and known[table[at]] != wanted[row]:
            at = (at + 1) & last
        found[row] = table[at]
    return found
