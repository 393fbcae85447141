"""Extent: how far a sheet's XML reaches, and the cells in it that its reader would distort."""

from __future__ import annotations

import math
import posixpath
import re
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from html import unescape
from typing import IO
from xml.etree import ElementTree as ET

import numpy as np
from numba import njit

from tracer.statements.files.long import KEPT, shown
from tracer.statements.files.regular import WIDEST

# The reader holds a sheet as a full rectangle; one beyond this many cells exhausts the machine.
LARGEST_SHEET = 60_000_000

# No workbook has a row behind this one.
LAST_ROW = 1 << 20
_CHUNK = 4 * 1024**2
# A cell longer than this is no cell of a table, so nothing of it is kept for the next chunk.
_LONGEST_CELL = 1024**2
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*)>(.*?)</(?:\w+:)?c>", re.DOTALL)


@dataclass
class Extent:
    """What one pass over a sheet's XML finds."""

    rows: int = 0
    """The number of the last row with a cell that is not empty."""
    columns: int = 0
    """The number of the last column with such a cell."""
    rightmost: str = ""
    """The first cell found in the last column, as in "XFD1"."""
    marks: dict[tuple[int, int], str] = field(default_factory=dict)
    """Row and column from 1, and the text: an error like "#REF!", a formula without a value, or a
    number of more than 15 digits as Excel shows it, in scientific notation."""
    numbers: np.ndarray = field(default_factory=lambda: np.zeros((0, 3), "int64"))
    """Shape (k, 3): row, column and least number of digits of the cells that hold a number which
    the reader may write otherwise than Excel shows it."""

    @property
    def fits(self) -> bool:
        """Whether the rectangle is small enough to read."""
        near = self.rows <= LAST_ROW and self.columns <= WIDEST
        return near and self.rows * self.columns <= LARGEST_SHEET


def extents(content: IO[bytes]) -> dict[str, Extent]:
    """
    Return the extent of every sheet of a workbook that is made of XML.

    Parameters
    ----------
    content
        The workbook, open for reading.

    Returns
    -------
    dict of str to Extent
        By the name of the sheet; a sheet whose part is not found is left out.

    Raises
    ------
    zipfile.BadZipFile
        If a part is damaged.
    """
    with zipfile.ZipFile(content) as package:
        zeros = _zeros(package)
        return {name: _scan(package, part, zeros) for name, part in _parts(package).items()}


def prepare() -> None:
    """Fetch the compiled part, which the first sheet would wait for."""
    _walk(np.frombuffer(b"", "uint8"), np.zeros(_STATE, "int64"), np.zeros(0, "int64"))


def _parts(package: zipfile.ZipFile) -> dict[str, str]:
    """Return the part that holds each sheet, by the sheet's name."""
    known = {part.lower(): part for part in package.namelist()}
    book, relations = (
        known.get(part) for part in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
    )
    if book is None or relations is None:
        return {}
    targets = {
        one.get("Id"): posixpath.normpath(posixpath.join("/xl", one.get("Target", ""))).lower()
        for one in _tree(package, relations)
    }
    sheets = {
        one.get("name", ""): targets.get(one.get(_RELATION) or one.get(_STRICT), "")[1:]
        for one in _tree(package, book).iterfind(".//{*}sheets/{*}sheet")
    }
    return {name: known[part] for name, part in sheets.items() if part in known}


def _tree(package: zipfile.ZipFile, part: str) -> ET.Element:
    # The parser that Python brings loads nothing from outside and bounds what entities unfold to.
    return ET.fromstring(package.read(part))  # noqa: S314


def _zeros(package: zipfile.ZipFile) -> np.ndarray:
    """Return by style how many digits a number at least shows, as a format of zeros alone says."""
    known = {part.lower(): part for part in package.namelist()}
    if (part := known.get("xl/styles.xml")) is None:
        return np.zeros(0, "int64")
    styles = _tree(package, part)
    digits = {
        one.get("numFmtId"): len(code)
        for one in styles.iterfind(".//{*}numFmts/{*}numFmt")
        if re.fullmatch("0{2,}", code := one.get("formatCode", ""))
    }
    used = styles.iterfind(".//{*}cellXfs/{*}xf")
    return np.array([digits.get(one.get("numFmtId"), 0) for one in used], "int64")


def _scan(package: zipfile.ZipFile, part: str, zeros: np.ndarray) -> Extent:
    extent, numbers = Extent(), [np.zeros((0, 3), "int64")]
    state = np.zeros(_STATE, "int64")
    with package.open(part) as stream:
        for piece in _early(_pieces(stream)):
            found = _walk(np.frombuffer(piece, "uint8"), state, zeros)
            numbers.append(found[found[:, 4] > 0][:, [1, 2, 5]])
            for at, row, column in found[found[:, 3] > 0][:, :3]:
                text = _mark(_CELL.match(piece, at))
                if text is not None:
                    extent.marks[int(row), int(column)] = text
    extent.numbers = np.concatenate(numbers)
    extent.rows, extent.columns = int(state[2]), int(state[3])
    extent.rightmost = f"{_letters(extent.columns)}{state[4]}" if extent.columns else ""
    return extent


def _early(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield pieces, each unpacked while the one before it is looked at."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, pieces, None)
        while (piece := coming.result()) is not None:
            coming = pool.submit(next, pieces, None)
            yield piece


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the stream in pieces that end between two cells."""
    rest = b""
    while chunk := stream.read(_CHUNK):
        whole = rest + chunk
        # The last opening tag of a cell may be cut, so it waits for the next piece.
        cut = max(whole.rfind(b"<c "), whole.rfind(b":c "))
        cut = whole.rfind(b"<", 0, cut + 1) if cut >= 0 else whole.rfind(b"<")
        rest = whole[cut:] if cut >= 0 and len(whole) - cut <= _LONGEST_CELL else b""
        yield whole[: len(whole) - len(rest)]
    yield rest


def _mark(cell: re.Match[bytes] | None) -> str | None:
    """Return what is to stand in a cell that its reader would leave empty or make up."""
    if cell is None:
        return None
    tag, inside = cell.groups()
    kind = re.search(rb"\bt=[\"'](\w+)", tag)
    value, formula = _inside(inside, b"v"), _inside(inside, b"f")
    if kind and kind.group(1) == b"e":
        return value or "#"
    if not value:
        return f"={formula}" if not kind or kind.group(1) != b"str" else None
    try:
        number = float(value)
    except ValueError:
        return None
    # Some writers put every large number into scientific notation, which loses nothing by itself.
    return shown(number) if math.isfinite(number) and abs(number) >= 10**KEPT else None


def _inside(cell: bytes, tag: bytes) -> str:
    found = re.search(
        rb"<(?:\w+:)?%s\b[^>]*(?<!/)>(.*?)</(?:\w+:)?%s>" % (tag, tag), cell, re.DOTALL
    )
    return unescape(found.group(1).decode("utf-8", "replace")) if found else ""


def _letters(number: int) -> str:
    """
    Return the letters of a column.

    Examples
    --------
    >>> _letters(1), _letters(16384)
    ('A', 'XFD')
    """
    letters = ""
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(letter + 65) + letters
    return letters


# Carried from piece to piece: row and column of the last cell seen, last row and column filled,
# row of the rightmost cell, style of the last cell.
_STATE = 6
# What follows is compiled: it looks at each byte of a sheet, and there may be very many.
_OPEN, _CLOSE, _SLASH, _COLON, _BLANK, _EQUALS = 60, 62, 47, 58, 32, 61
_ROW, _LETTER_C, _LETTER_F, _LETTER_R, _LETTER_S, _LETTER_T, _LETTER_V = (
    *(0, 99, 102, 114, 115, 116, 118),
)
_POINT = 46
_NUMBER, _ERROR, _TEXT = 0, 1, 2
_ENDS = np.isin(np.arange(256), [_BLANK, _CLOSE, _SLASH, _OPEN])


@njit(cache=True, nogil=True)
def _walk(data: np.ndarray, state: np.ndarray, zeros: np.ndarray) -> np.ndarray:
    """
    Go through a piece of a sheet's XML once and return the cells that need a closer look.

    Parameters
    ----------
    data
        Shape (n,), bytes that end between two cells.
    state
        Shape (6,), carried from piece to piece, as told at ``_STATE``.
    zeros
        Shape (styles,), how many digits a number of each style at least shows.

    Returns
    -------
    numpy.ndarray
        Shape (k, 6): where the cell begins, its row and its column, whether
        its text is odd, whether its number is, and how many digits it shows.
    """
    found, count, at = np.empty((16, 6), np.int64), 0, 0
    while at < len(data):
        if data[at] != _OPEN:
            at += 1
            continue
        start = at
        letter, at = _tag(data, at + 1)
        row, cell = letter == _ROW, letter == _LETTER_C
        if not (row or cell):
            continue
        kind, at = _attributes(data, at, letter, state)
        if row or at >= len(data) or data[at - 1] == _SLASH:
            continue
        least = zeros[state[5]] if 0 < state[5] < len(zeros) else 0
        at, filled, odd, number = _cell(data, at + 1, kind, state[5] > 0, least)
        if filled:
            state[2] = max(state[2], state[0])
            if state[1] > state[3]:
                state[3], state[4] = state[1], state[0]
        if odd or number:
            if count == len(found):
                found = np.concatenate((found, np.empty_like(found)))
            found[count, 0], found[count, 1], found[count, 2] = start, state[0], state[1]
            found[count, 3], found[count, 4], found[count, 5] = odd, number, least
            count += 1
    return found[:count]


@njit(cache=True, nogil=True)
def _tag(data: np.ndarray, at: int) -> tuple[int, int]:
    """Return the letter of a tag's name, _ROW for a row and -1 for another, and its end."""
    name = at
    while at < len(data) and not _ENDS[data[at]]:
        # What stands before a colon is only a prefix.
        if data[at] == _COLON:
            name = at + 1
        at += 1
    if at - name == 1:
        return int(data[name]), at
    row = at - name == 3 and data[name] == _LETTER_R and data[name + 1] == 111
    return (_ROW if row and data[name + 2] == 119 else -1), at


@njit(cache=True, nogil=True)
def _attributes(data: np.ndarray, at: int, letter: int, state: np.ndarray) -> tuple[int, int]:
    """Take place, style and type from a row's or a cell's opening tag; return type and end."""
    kind, state[5] = _NUMBER, 0
    # A place that is not written is the next one.
    state[0], state[1] = (state[0] + 1, 0) if letter == _ROW else (state[0], state[1] + 1)
    while at < len(data) and data[at] != _CLOSE:
        if data[at] != _EQUALS or data[at - 2] != _BLANK or at + 3 >= len(data):
            at += 1
            continue
        name, at = data[at - 1], at + 2
        if name == _LETTER_T:
            # The types are e, n, and several for text.
            kind = _ERROR if data[at] == 101 else _NUMBER if data[at] == 110 else _TEXT
        elif name == _LETTER_S:
            while at < len(data) and 48 <= data[at] <= 57 and state[5] < 1_000_000:
                state[5], at = state[5] * 10 + data[at] - 48, at + 1
        elif name == _LETTER_R:
            column, row = 0, 0
            while at < len(data) and 65 <= data[at] <= 90 and column < 1_000_000:
                column, at = column * 26 + data[at] - 64, at + 1
            while at < len(data) and 48 <= data[at] <= 57 and row < 10_000_000:
                row, at = row * 10 + data[at] - 48, at + 1
            state[0] = row if row else state[0]
            state[1] = column if column else state[1]
    return kind, at


@njit(cache=True, nogil=True)
def _cell(
    data: np.ndarray, at: int, kind: int, styled: bool, least: int
) -> tuple[int, bool, bool, bool]:
    """Go to the end of a cell; return it and whether the cell is filled, odd, an odd number."""
    value, run, longest, whole, part = 0, 0, 0, 0, -1
    power, formula, held, inside = False, False, False, False
    while at < len(data):
        here = data[at]
        if here == _OPEN:
            closing = at + 1 < len(data) and data[at + 1] == _SLASH
            letter, at = _tag(data, at + 1 + closing)
            if letter == _LETTER_C:
                break
            while at < len(data) and data[at] != _CLOSE:
                at += 1
            inside = letter == _LETTER_V and not closing and data[at - 1] != _SLASH
            formula |= letter == _LETTER_F
            held |= letter == -1
            run = 0
        elif inside:
            value += 1
            run = run + 1 if 48 <= here <= 57 else 0
            longest = max(longest, run)
            power |= here | 32 == 101
            part += part >= 0 or here == _POINT
            whole += run > 0 and part < 0
        at += 1
    # An error, a formula that was never worked out, and a number of many digits.
    odd = kind == _ERROR or (formula and value == 0)
    odd |= kind == _NUMBER and (longest > KEPT or power)
    # The reader writes nine decimals, which are too many from some millions on, cuts times to
    # thousandths, and knows nothing of the zeros that a format shows.
    number = power or (part > 0 and (whole > 6 or (styled and part > 5)))
    number |= part < 0 and 0 < whole < least
    return at, value > 0 or formula or held, odd, kind == _NUMBER and number
