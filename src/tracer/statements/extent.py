"""Extent: how far a sheet's XML reaches, and the cells in it that its reader would drop."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import IO
from xml.etree import ElementTree as ET

# The reader holds a sheet as a full rectangle; one beyond this many cells exhausts the machine.
LARGEST_SHEET = 60_000_000

_CHUNK = 4 * 1024**2
# A cell longer than this is no cell of a table, so nothing of it is kept for the next chunk.
_LONGEST_CELL = 1024**2
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


@dataclass
class Extent:
    """What one pass over a sheet's XML finds."""

    rows: int = 0
    """The number of the last row that is written."""
    columns: int = 26
    """The number of the last column with a cell that is not empty, or 26 if that is more."""
    rightmost: str = ""
    """The first cell found in the last column, as in "XFD1"; "" up to 26 columns."""
    marks: dict[tuple[int, int], str] = field(default_factory=dict)
    """Row and column from 1, and the text: an error like "#REF!", or a formula without a value."""

    @property
    def fits(self) -> bool:
        """Whether the rectangle is small enough to read."""
        return self.rows * self.columns <= LARGEST_SHEET


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
        found = {}
        for name, part in _parts(package).items():
            found[name] = _scan(package, part, exact=False)
            if not found[name].fits:
                # Formatted rows without a cell reach far in harmless sheets, so cells decide.
                found[name] = _scan(package, part, exact=True)
        return found


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


def _scan(package: zipfile.ZipFile, part: str, *, exact: bool) -> Extent:
    extent = Extent()
    with package.open(part) as stream:
        named = re.search(rb"<(\w+:)worksheet\b", stream.read(4096))
        prefix = named.group(1) if named else b""
        stream.seek(0)
        for piece in _pieces(stream):
            _reach(extent, piece, prefix, exact=exact)
            _mark(extent, piece, prefix)
    return extent


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


def _reach(extent: Extent, piece: bytes, prefix: bytes, *, exact: bool) -> None:
    """Extend the rectangle by the rows (or, exactly, by the filled cells) of a piece."""
    # A cell without content may close itself or be closed at once, as the writer likes.
    content = rb"[^>]*(?<!/)>(?!</" + prefix + rb"c>)"
    filled = rb"<" + prefix + rb"c\s(?:[^>]*?\s)?r=[\"']%s[\"']" + content
    row = rb"<" + prefix + rb"row\s(?:[^>]*?\s)?r=[\"'](\d{1,10})[\"']"
    rows = set(re.findall(filled % rb"[A-Z]{1,3}(\d{1,10})" if exact else row, piece))
    extent.rows = max(extent.rows, *map(int, rows), 0)
    # Up to 26 columns fit at any height, so only the cells beyond Z are looked at, and only a
    # piece with a new last column is looked at closely.
    if _last(re.findall(rb"r=[\"']([A-Z]{2,3})\d", piece)) > extent.columns:
        wide = re.findall(filled % rb"([A-Z]{2,3})\d{1,10}", piece)
        if _last(wide) > extent.columns:
            extent.columns = _last(wide)
            column = max(set(wide), key=_number)
            found = re.search(filled % (rb"(%s\d{1,10})" % column), piece)
            extent.rightmost = found.group(1).decode() if found else ""


def _last(columns: list[bytes]) -> int:
    return max(map(_number, set(columns)), default=0)


def _mark(extent: Extent, piece: bytes, prefix: bytes) -> None:
    """Note the cells of a piece that hold an error, or a formula that was never worked out."""
    error = rb"\st=[\"']e[\"']"
    unanswered = rb"(?:</%sf>|<%sf\b[^>]*/>)\s*(?:<%sv\s*/>|<%sv>\s*</%sv>)?\s*</%sc>" % (
        (prefix,) * 6
    )
    # Most pieces have neither, which a plain search tells far sooner than a pattern.
    wrong = b't="e"' in piece or b"t='e'" in piece
    asks = b"</" + prefix + b"f>" in piece or b"<" + prefix + b"f " in piece
    if not wrong and not (asks and re.search(unanswered, piece)):
        return
    cell = rb"<%sc(\s[^>]*(?<!/))>(.*?)</%sc>" % (prefix, prefix)
    for found in re.finditer(cell, piece, re.DOTALL):
        tag, inside = found.groups()
        place = re.search(rb"\sr=[\"']([A-Z]{1,3})(\d{1,10})[\"']", tag)
        if place is None:
            continue
        text = None
        if re.search(error, tag):
            text = _inside(inside, prefix + b"v") or "#"
        elif re.search(unanswered, found.group()) and not re.search(rb"\st=[\"']str", tag):
            text = "=" + _inside(inside, prefix + b"f")
        if text is not None:
            extent.marks[int(place.group(2)), _number(place.group(1))] = text


def _inside(cell: bytes, tag: bytes) -> str:
    found = re.search(rb"<%s\b[^>]*(?<!/)>(.*?)</%s>" % (tag, tag), cell, re.DOTALL)
    return unescape(found.group(1).decode("utf-8", "replace")) if found else ""


def _number(letters: bytes) -> int:
    """
    Return the number of a column.

    Examples
    --------
    >>> _number(b"A"), _number(b"XFD")
    (1, 16384)
    """
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
