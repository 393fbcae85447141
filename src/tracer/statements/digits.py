"""Digits: amounts and times that are written plainly, read in one pass over their bytes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numba import njit

from tracer.column import ends, pressed

FIRST_YEAR, LAST_YEAR = 1980, 2100
# No account holds more yuan than thirteen digits tell.
_WHOLE = 13
_POINT, _MINUS, _SLASH, _ZERO, _BLANK, _COLON = (ord(one) for one in ".-/0 :")
_DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def yuan(text: pa.Array) -> tuple[np.ndarray, np.ndarray] | None:
    """
    Return the fen of cells that are empty or hold yuan in digits and nothing else.

    Parameters
    ----------
    text
        Shape (n,), large strings.

    Returns
    -------
    fen, filled
        Shape (n,) each: int64, 0 where a cell is empty, and whether it is not.
        None where one cell is written in another way, such as ``1,234.50``.

    Examples
    --------
    >>> yuan(pa.array(["1234.5", "-7", ""], pa.large_string()))[0].tolist()
    [123450, -700, 0]
    >>> yuan(pa.array(["1,234.5"], pa.large_string())) is None
    True
    """
    fen, filled = np.empty(len(text), "int64"), np.empty(len(text), "bool")
    return (fen, filled) if _fen(pressed(text), ends(text), fen, filled) else None


def instants(text: pa.Array) -> np.ndarray | None:
    """
    Return the times of cells in which each is written in full, to the second.

    Parameters
    ----------
    text
        Shape (n,), large strings.

    Returns
    -------
    numpy.ndarray
        Shape (n,), datetime64[us]. None where one cell is neither as
        ``2022-04-01 12:34:56``, with strokes for dashes or not, nor as
        ``20220401123456``, or tells of no day from 1980 to 2100.

    Examples
    --------
    >>> instants(pa.array(["2022-04-01 12:34:56"], pa.large_string()))[0]
    np.datetime64('2022-04-01T12:34:56.000000')
    >>> instants(pa.array(["2022-04-01"], pa.large_string())) is None
    True
    """
    found = np.empty(len(text), "int64")
    whole = bool(len(text)) and _instants(pressed(text), ends(text), found)
    return found.view("datetime64[us]") if whole else None


def prepare() -> None:
    """Fetch the compiled parts, which the first columns would wait for."""
    yuan(pa.array(["0"], pa.large_string()))
    instants(pa.array(["0"], pa.large_string()))


@njit(cache=True, nogil=True)
def _fen(data: np.ndarray, ends: np.ndarray, fen: np.ndarray, filled: np.ndarray) -> bool:
    """Fill fen and filled, and return whether every cell could be read."""
    first = ends[0]
    for cell in range(len(fen)):
        at, end = ends[cell] - first, ends[cell + 1] - first
        filled[cell], fen[cell] = end > at, 0
        if end == at:
            continue
        negative = data[at] == _MINUS
        at += negative
        start, amount = at, 0
        while at < end and data[at] - _ZERO <= 9 and data[at] >= _ZERO:
            amount, at = amount * 10 + data[at] - _ZERO, at + 1
        if at == start or at - start > _WHOLE:
            return False
        places = 0
        if at < end and data[at] == _POINT:
            at += 1
            while at < end and places < 2 and data[at] >= _ZERO and data[at] - _ZERO <= 9:
                amount, at, places = amount * 10 + data[at] - _ZERO, at + 1, places + 1
        if at < end:
            return False
        for _ in range(places, 2):
            amount *= 10
        fen[cell] = -amount if negative else amount
    return True


@njit(cache=True, nogil=True)
def _instants(data: np.ndarray, ends: np.ndarray, found: np.ndarray) -> bool:
    """Fill found with microseconds since 1970, and return whether every cell could be read."""
    first = ends[0]
    for cell in range(len(found)):
        at, size = ends[cell] - first, ends[cell + 1] - ends[cell]
        if size == 14:
            step = 0
        elif size == 19 and _marked(data, at):
            step = 1
        else:
            return False
        year = _number(data, at, 4)
        month, day = _number(data, at + 4 + step, 2), _number(data, at + 6 + 2 * step, 2)
        hour, minute = _number(data, at + 8 + 3 * step, 2), _number(data, at + 10 + 4 * step, 2)
        second = _number(data, at + 12 + 5 * step, 2)
        if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 and day >= 1):
            return False
        leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        if day > _DAYS[month - 1] + leap or min(hour, minute, second) < 0:
            return False
        if hour > 23 or minute > 59 or second > 59:
            return False
        clock = (hour * 60 + minute) * 60 + second
        found[cell] = (_since(year, month, day) * 86_400 + clock) * 1_000_000
    return True


@njit(cache=True, nogil=True)
def _marked(data: np.ndarray, at: int) -> bool:
    """Return whether the marks between the numbers of a time stand where they should."""
    day = data[at + 4] in (_MINUS, _SLASH) and data[at + 7] == data[at + 4]
    return bool(day and data[at + 10] == _BLANK and data[at + 13] == _COLON == data[at + 16])


@njit(cache=True, nogil=True)
def _number(data: np.ndarray, at: int, size: int) -> int:
    """Return the number that some digits tell; a negative one where one is no digit."""
    number = 0
    for place in range(at, at + size):
        if data[place] < _ZERO or data[place] > _ZERO + 9:
            return -1_000_000
        number = number * 10 + data[place] - _ZERO
    return number


@njit(cache=True, nogil=True)
def _since(year: int, month: int, day: int) -> int:
    """Return the days since 1970, counted in years that begin in March, after leap days."""
    year -= month <= 2
    months = (month + 9) % 12
    return (
        year * 365 + year // 4 - year // 100 + year // 400 + (153 * months + 2) // 5 + day - 719_469
    )
