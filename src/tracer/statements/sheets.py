"""Sheets: a file of any kind becomes sheets of text with the row numbers that an editor shows."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import fastexcel
import numpy as np
import pandas as pd

from tracer.statements.reasons import (
    ARCHIVE,
    BROKEN_BOOK,
    BROKEN_ZIP,
    EMPTY,
    HTML,
    HUGE,
    LOCKED,
    PDF,
    PICTURE,
    WORD,
    refusal,
)
from tracer.statements.text import decode, table

# No statement unpacks to more than this; a workbook that does is built to exhaust the machine.
LARGEST_WORKBOOK = 4 * 1024**3
LARGEST_RATIO = 1000

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
# What the workbook reader may be asked for.
_Kind = Literal["null", "int", "float", "string", "boolean", "datetime", "date", "duration"]
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Excel keeps 15 digits of a number; a longer one has already lost its end.
_LONG = r"-?\d{16,}"


@dataclass(frozen=True)
class Sheet:
    """One sheet of text, exactly as the file holds it."""

    name: str
    """The sheet's name; "" for text files."""
    encoding: str
    """The encoding of a text file; "" for workbooks."""
    cells: pd.DataFrame
    """Shape (rows, columns), text, "" where a cell is empty; the index is the row number from 1."""


def sheets(path: Path) -> list[Sheet]:
    """
    Read every sheet of a file as text, whatever its name says it is.

    A workbook cell that holds a number of more than 15 digits is written as
    Excel shows it, in scientific notation, because its last digits are lost.

    Parameters
    ----------
    path
        A workbook (xlsx, xls, xlsb, ods) or a text file with delimiters.

    Returns
    -------
    list of Sheet
        At least one.

    Raises
    ------
    SheetError
        If the file is no table; the message says why.
    """
    content = path.read_bytes()
    _refuse(content)
    if content.startswith((b"PK\x03\x04", _OLE)):
        return _workbook(path, content)
    text, encoding = decode(content)
    return [Sheet("", encoding, table(text))]


def _refuse(content: bytes) -> None:
    if not content:
        raise refusal(EMPTY)
    for magics, reason in ((_ARCHIVES, ARCHIVE), (_IMAGES, PICTURE)):
        kind = next((kind for magic, kind in magics.items() if content.startswith(magic)), None)
        if kind is not None:
            raise refusal(reason.about(kind=kind))
    if content.startswith(b"%PDF"):
        raise refusal(PDF)
    if content.startswith(_OLE) and "EncryptedPackage".encode("utf-16-le") in content:
        raise refusal(LOCKED)
    if content[:2048].lstrip().lower().startswith((b"<html", b"<!doctype html", b"<table")):
        raise refusal(HTML)


def _workbook(path: Path, content: bytes) -> list[Sheet]:
    if content.startswith(b"PK"):
        _weigh(path)
    try:
        book = fastexcel.read_excel(content)
        return [_sheet(book, name) for name in book.sheet_names]
    except fastexcel.FastExcelError as error:
        raise refusal(BROKEN_BOOK) from error


def _weigh(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as package:
            parts = package.infolist()
    except zipfile.BadZipFile:
        raise refusal(BROKEN_ZIP) from None
    names = {part.filename for part in parts}
    if any(name.startswith("word/") for name in names):
        raise refusal(WORD)
    if "content.xml" not in names and not any(name.startswith("xl/") for name in names):
        raise refusal(ARCHIVE.about(kind="zip"))
    size = sum(part.file_size for part in parts)
    if size > LARGEST_WORKBOOK or size > LARGEST_RATIO * path.stat().st_size:
        raise refusal(HUGE.about(size=size))


def _sheet(book: fastexcel.ExcelReader, name: str) -> Sheet:
    cells = _load(book, name, "string").fillna("").astype("str")
    if cells.empty:
        return Sheet(name, "", pd.DataFrame())
    long = [str(column) for column in cells if cells[column].str.fullmatch(_LONG).any()]
    if long:
        # Asked for flags, the reader gives one for a number and none for text: the cell's own type.
        kinds: dict[str | int, _Kind] = dict.fromkeys(long, "boolean")
        numeric = _load(book, name, kinds)
        for column in long:
            lost = numeric[column].notna() & cells[column].str.fullmatch(_LONG)
            cells.loc[lost, [column]] = _as_shown(cells[column][lost]).to_frame(column)
    return Sheet(name, "", single(cells))


def _as_shown(long: pd.Series) -> pd.Series:
    shown = np.char.mod("%.14E", long.astype("float64").to_numpy())
    return pd.Series(shown, index=long.index, dtype="str")


def _load(
    book: fastexcel.ExcelReader, name: str, kinds: _Kind | dict[str | int, _Kind]
) -> pd.DataFrame:
    sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes=kinds)
    frame: pd.DataFrame = sheet.to_arrow().to_pandas()
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return frame


def single(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the cells; where whole CSV lines sit in single cells, with those taken apart."""
    if cells.shape[1] > 1 or not cells.iloc[:, 0].str.count(",").ge(5).any():
        return cells
    apart = table("\n".join(cells.iloc[:, 0].str.replace("\n", " ")))
    return apart if len(apart) == len(cells) else cells
