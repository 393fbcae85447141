"""Sheets: a file of any kind becomes sheets of text with the row numbers that an editor shows."""

from __future__ import annotations

import logging
import mmap
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal
from xml.etree.ElementTree import ParseError

import fastexcel
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tracer.statements import html, pdf, spreadsheet
from tracer.statements.extent import LARGEST_SHEET, Extent, extents
from tracer.statements.locked import unlocked
from tracer.statements.reasons import (
    ARCHIVE,
    BROKEN_BOOK,
    BROKEN_SHEET,
    BROKEN_ZIP,
    EMPTY,
    FAR_CELL,
    HUGE,
    HUGE_PAGE,
    PICTURE,
    WORD,
    Reason,
    refusal,
)
from tracer.statements.text import grid, table

# No statement unpacks to more than this; a workbook that does is built to exhaust the machine.
LARGEST_WORKBOOK = 4 * 1024**3
LARGEST_RATIO = 1000

# So much of a file tells what it is.
HEAD = 4096
_ARCHIVES = {
    b"Rar!": "rar",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"\x1f\x8b": "gz",
    b"BZh": "bz2",
    b"\xfd7zXZ": "xz",
}
_IMAGES = {
    b"\xff\xd8\xff": "jpg",
    b"\x89PNG": "png",
    b"GIF8": "gif",
    b"BM": "bmp",
    b"II*\x00": "tif",
}
# What makes a workbook's package unreadable, whoever reads it.
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ParseError)
# What the workbook reader may be asked for.
_Kind = Literal["null", "int", "float", "string", "boolean", "datetime", "date", "duration"]
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Excel keeps 15 digits of a number; a longer one has already lost its end.
_LONG = r"-?\d{16,}"
# The reader guesses types aloud; every type that is used here is asked for by name.
logging.getLogger("fastexcel").setLevel(logging.ERROR)


@dataclass(frozen=True)
class Sheet:
    """One sheet of text, exactly as the file holds it."""

    name: str
    """The sheet's name; "" for text files."""
    encoding: str
    """The encoding of a text file; "" for workbooks."""
    cells: pd.DataFrame
    """Shape (rows, columns), text, "" where a cell is empty; the index is the row number from 1."""
    refused: Reason | None = None
    """Why the sheet was not read, while the other sheets of its workbook were."""
    lines: pd.DataFrame | None = None
    """What the cells of a text file hide: see ``text.Grid``."""


def sheets(path: Path, passwords: Sequence[str] = ()) -> list[Sheet]:
    """
    Read every sheet of a file as text, whatever its name says it is.

    A workbook cell that holds a number of more than 15 digits is written as
    Excel shows it, in scientific notation, because its last digits are lost.

    Parameters
    ----------
    path
        A workbook (xlsx, xls, xlsb, ods), a text file with delimiters, or an
        HTML page, Excel 2003 XML or PDF file with ruled tables.
    passwords
        Tried one after the other where the file is locked.

    Returns
    -------
    list of Sheet
        At least one.

    Raises
    ------
    SheetError
        If the file is no table; the message says why.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
        _refuse(head)
        if not _packed(head):
            # A text may be very large, so it is looked at where it lies.
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                found, encoding = grid(content)
            return [Sheet("", encoding, found.cells, lines=found.lines)]
    return _unpacked(path.read_bytes(), passwords)


def _packed(head: bytes) -> bool:
    """Return whether a file is anything but lines of text with delimiters."""
    return (
        head.startswith((b"PK\x03\x04", _OLE, b"%PDF"))
        or spreadsheet.is_spreadsheet(head)
        or html.is_page(head)
    )


def _unpacked(content: bytes, passwords: Sequence[str]) -> list[Sheet]:
    content = unlocked(content, passwords)
    if content.startswith((b"PK\x03\x04", _OLE)):
        return _workbook(content)
    if content.startswith(b"%PDF"):
        return [_drawn(name, rows) for name, rows in pdf.tables(content, passwords)]
    if spreadsheet.is_spreadsheet(content):
        return [_drawn(name, rows) for name, rows in spreadsheet.tables(content)]
    return [_drawn(name, rows) for name, rows in html.tables(content)]


def _refuse(content: bytes) -> None:
    if not content:
        raise refusal(EMPTY)
    for magics, reason in ((_ARCHIVES, ARCHIVE), (_IMAGES, PICTURE)):
        kind = next((kind for magic, kind in magics.items() if content.startswith(magic)), None)
        if kind is not None:
            raise refusal(reason.about(kind=kind))


def _drawn(name: str, rows: list[list[str]]) -> Sheet:
    width = max(map(len, rows), default=0)
    if width * len(rows) > LARGEST_SHEET:
        return Sheet(name, "", pd.DataFrame(), HUGE_PAGE.about(what="cells", limit=LARGEST_SHEET))
    cells = pd.DataFrame([row + [""] * (width - len(row)) for row in rows], dtype="str")
    cells.index = pd.RangeIndex(1, len(cells) + 1)
    return Sheet(name, "", cells)


def _workbook(content: bytes) -> list[Sheet]:
    if content.startswith(b"PK"):
        _weigh(content)
    try:
        reach = extents(BytesIO(content)) if content.startswith(b"PK") else {}
        book = fastexcel.read_excel(content)
    except (fastexcel.FastExcelError, *_DAMAGE) as error:
        raise refusal(BROKEN_BOOK.about(error=_said(error))) from error
    return [_sheet(book, name, reach.get(name)) for name in book.sheet_names]


def _said(error: BaseException) -> str:
    return " ".join(str(error).split())


def _weigh(content: bytes) -> None:
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            parts = package.infolist()
    except zipfile.BadZipFile:
        raise refusal(BROKEN_ZIP) from None
    names = {part.filename for part in parts}
    if any(name.startswith("word/") for name in names):
        raise refusal(WORD)
    if "content.xml" not in names and not any(name.startswith("xl/") for name in names):
        raise refusal(ARCHIVE.about(kind="zip"))
    size = sum(part.file_size for part in parts)
    if size > LARGEST_WORKBOOK or size > LARGEST_RATIO * len(content):
        raise refusal(HUGE.about(size=size))


def _sheet(book: fastexcel.ExcelReader, name: str, reach: Extent | None) -> Sheet:
    refused = None
    if reach is not None and not reach.fits:
        refused = FAR_CELL.about(rows=reach.rows, columns=reach.columns, cell=reach.rightmost)
    else:
        try:
            return Sheet(name, "", _cells(book, name, reach))
        except fastexcel.FastExcelError as error:
            refused = BROKEN_SHEET.about(error=_said(error))
    return Sheet(name, "", pd.DataFrame(), refused)


def _cells(book: fastexcel.ExcelReader, name: str, reach: Extent | None) -> pd.DataFrame:
    sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
    first = min((column.absolute_index for column in sheet.available_columns()), default=0)
    cells = _frame(sheet)
    del sheet
    if reach is None:
        _show_long(book, name, cells)
    elif reach.marks:
        cells = _marked(cells, reach, first)
    return cells if cells.empty else single(cells)


def _show_long(book: fastexcel.ExcelReader, name: str, cells: pd.DataFrame) -> None:
    """Write numbers of more than 15 digits as Excel shows them, in a workbook that is no XML."""
    long = [str(one) for one in cells if cells[one].str.len().max() > 15]
    long = [one for one in long if cells[one].str.fullmatch(_LONG).any()]
    if not long:
        return
    # Asked for flags, the reader gives one for a number and none for text: the cell's own type.
    kinds: dict[str | int, _Kind] = dict.fromkeys(long, "boolean")
    # The columns that are not asked for would be guessed, which durations do not survive.
    typed = book.load_sheet(name, header_row=None, skip_rows=0, dtypes=kinds, use_columns=long)
    for column in typed.to_arrow().to_pandas().items():
        one = str(column[0])
        lost = column[1].notna().to_numpy() & cells[one].str.fullmatch(_LONG)
        cells.loc[lost, one] = _as_shown(cells[one][lost])


def _marked(cells: pd.DataFrame, reach: Extent, first: int) -> pd.DataFrame:
    """Return the cells with what the reader leaves empty, or writes with digits of its own."""
    # The reader starts at the first column and ends at the last row that it finds filled.
    places = pd.DataFrame(reach.marks.keys(), columns=["row", "column"])
    places["text"] = pd.Series(reach.marks.values(), dtype="str")
    start = (
        min(first, int(places["column"].min()) - 1) if len(cells) else places["column"].min() - 1
    )
    width = max(first + cells.shape[1], int(places["column"].max())) - start
    cells = cells.set_axis(range(first - start, first - start + cells.shape[1]), axis=1)
    height = max(len(cells), int(places["row"].max()))
    cells = cells.reindex(index=pd.RangeIndex(1, height + 1), columns=range(width), fill_value="")
    for at, some in places.groupby(places["column"] - 1 - start):
        cells[at] = cells[at].astype("str")
        cells.loc[some["row"].to_numpy(), at] = some["text"].to_numpy()
    return cells.set_axis([f"__UNNAMED__{number}" for number in range(width)], axis=1)


def _as_shown(long: pd.Series) -> pd.Series:
    shown = np.char.mod("%.14E", long.astype("float64").to_numpy())
    return pd.Series(shown, index=long.index, dtype="str")


def _frame(sheet: fastexcel.ExcelSheet) -> pd.DataFrame:
    batch = sheet.to_arrow()
    columns = {
        name: pd.array(pc.fill_null(column, "").cast(pa.large_string()), dtype="str")
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    }
    return pd.DataFrame(columns, index=pd.RangeIndex(1, batch.num_rows + 1), copy=False)


def single(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the cells; where whole CSV lines sit in single cells, with those taken apart."""
    if cells.shape[1] > 1 or not cells.iloc[:, 0].str.count(",").ge(5).any():
        return cells
    apart = table("\n".join(cells.iloc[:, 0].str.replace("\n", " "))).cells
    return apart if len(apart) == len(cells) else cells
