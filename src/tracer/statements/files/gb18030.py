"""GB18030: its bytes become those of UTF-8 without the detour over Python's text."""

from __future__ import annotations

from functools import cache

import numpy as np
from numba import njit

# A character of two bytes becomes at most three, and one of four bytes four.
_GROWTH = 3 / 2
# Which number a character of four bytes has, and where those beyond the first plane begin.
_FOURS = 39_420
_BEYOND = 189_000


class Scratch:
    """Room in which one piece of text after the other is turned into UTF-8."""

    def __init__(self, size: int) -> None:
        """Make room for pieces of at most so many bytes."""
        self._room = np.empty(int(size * _GROWTH) + 4, "uint8")

    def utf8(self, content: bytes | memoryview) -> memoryview | None:
        r"""
        Return a text in UTF-8 until the next is asked for; None where it is no strict GB18030.

        Parameters
        ----------
        content
            Bytes in GB18030; whole characters.

        Examples
        --------
        >>> bytes(Scratch(10).utf8("时间,a".encode("gb18030"))).decode()
        '时间,a'
        >>> Scratch(1).utf8(b"\xff") is None
        True
        """
        length = _turn(np.frombuffer(content, "uint8"), *_points(), self._room)
        return None if length < 0 else self._room.data[:length]


@cache
def _points() -> tuple[np.ndarray, np.ndarray]:
    """Return the code points of all characters of two bytes, and of four; 0 where there is none."""
    twos, fours = np.zeros(65536, "uint32"), np.zeros(_FOURS, "uint32")
    for point in range(0x80, 0x10000):
        if 0xD800 <= point < 0xE000:
            continue
        coded = chr(point).encode("gb18030")
        if len(coded) == 2:
            twos[int.from_bytes(coded)] = point
        else:
            fours[_number(coded)] = point
    return twos, fours


def _number(coded: bytes) -> int:
    one, two, three, four = coded
    return (((one - 0x81) * 10 + two - 0x30) * 126 + three - 0x81) * 10 + four - 0x30


@njit(cache=True, nogil=True)
def _turn(data: np.ndarray, twos: np.ndarray, fours: np.ndarray, out: np.ndarray) -> int:
    """Write the text in UTF-8 and return how long it is; -1 where it is no GB18030."""
    at, to = 0, 0
    while at < len(data):
        if data[at] < 0x80:
            out[to] = data[at]
            at, to = at + 1, to + 1
            continue
        if at + 1 < len(data) and data[at + 1] >= 0x40:
            point = twos[np.uint32(data[at]) << 8 | data[at + 1]]
            at += 2
        else:
            point = _four(data, at, fours)
            at += 4
        if point == 0:
            return -1
        to += _written(point, out, to)
    return to


@njit(cache=True, nogil=True)
def _four(data: np.ndarray, at: int, fours: np.ndarray) -> np.uint32:
    """Return the code point of a character of four bytes, 0 where it is none."""
    if at + 3 >= len(data) or data[at] == 0xFF:
        return np.uint32(0)
    number = np.int64(data[at]) - 0x81
    for step, first, base in ((1, 0x30, 10), (2, 0x81, 126), (3, 0x30, 10)):
        digit = np.int64(data[at + step]) - first
        if digit < 0 or digit >= base:
            return np.uint32(0)
        number = number * base + digit
    if 0 <= number < _FOURS:
        return np.uint32(fours[number])
    beyond = _BEYOND <= number < _BEYOND + 0x100000
    return np.uint32(number - _BEYOND + 0x10000 if beyond else 0)


@njit(cache=True, nogil=True)
def _written(point: np.uint32, out: np.ndarray, to: int) -> int:
    """Write one code point in UTF-8 and return how many bytes it took."""
    size = 2 if point < 0x800 else 3 if point < 0x10000 else 4
    for place in range(size - 1, 0, -1):
        out[to + place] = 0x80 | point & 0x3F
        point >>= 6
    out[to] = (0x1E << (7 - size)) & 0xFF | point
    return size
