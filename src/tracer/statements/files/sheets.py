"""Sheets: a file of any kind becomes sheets of text with the row numbers that an editor shows."""

from __future__ import annotations

import logging
import mmap
import pickle
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import fastexcel
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tracer.column import series
from tracer.statements.files import child, excess, html, pdf, spreadsheet
from tracer.statements.files.cores import cores
from tracer.statements.files.extent import LARGEST_SHEET, Extent, extents
from tracer.statements.files.locked import OLE, unlocked
from tracer.statements.files.long import PRECISE, ROUNDED
from tracer.statements.files.regular import WIDEST, framed
from tracer.statements.files.text import Grid, grid, table
from tracer.statements.reasons import (
    ARCHIVE,
    BROKEN_BOOK,
    BROKEN_SHEET,
    BROKEN_ZIP,
    EMPTY,
    FAR_CELL,
    HUGE,
    HUGE_BOOK,
    HUGE_PAGE,
    NO_SHEET,
    PICTURE,
    WORD,
    Reason,
    refusal,
)

# No statement unpacks to more than this; a workbook that does is built to exhaust the machine.
LARGEST_WORKBOOK = 4 * 1024**3
LARGEST_RATIO = 1000

# What a process may take that reads a workbook of which nobody knows how far it reaches.
LONGEST_SECONDS = 300
MOST_BYTES = 6 * 1024**3
LARGEST_REPEAT = 1000
_REPEATED = re.compile(
    rb'<table:table-(?:cell|row)\b[^>]*?(?:columns-repeated="(\d{4,})"|rows-repeated="(\d{4,})")[^>]*>'
)
# So many bytes of a file tell what it is.
_TELLING = 4096
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
_DAMAGE = (
    ValueError,
    OSError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ParseError,
)
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
        head = file.read(_TELLING)
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
        head.startswith((b"PK\x03\x04", OLE, b"%PDF"))
        or spreadsheet.is_spreadsheet(head)
        or html.is_page(head)
    )


def _unpacked(content: bytes, passwords: Sequence[str]) -> list[Sheet]:
    content = unlocked(content, passwords)
    if content.startswith((b"PK\x03\x04", OLE)):
        return _workbook(content)
    if content.startswith(b"%PDF"):
        return _drawn(pdf.tables(content, passwords))
    if spreadsheet.is_spreadsheet(content):
        return _drawn(spreadsheet.tables(content))
    return _drawn(html.tables(content))


def _refuse(content: bytes) -> None:
    if not content:
        raise refusal(EMPTY)
    for magics, reason in ((_ARCHIVES, ARCHIVE), (_IMAGES, PICTURE)):
        kind = next((kind for magic, kind in magics.items() if content.startswith(magic)), None)
        if kind is not None:
            raise refusal(reason.about(kind=kind))


def _drawn(tables: list[tuple[str, list[list[str]]]]) -> list[Sheet]:
    """Return drawn tables as sheets; those of one name are numbered, so that each row is one."""
    seen: Counter[str] = Counter()
    found: list[Sheet] = []
    for name, rows in tables:
        seen[name] += 1
        found.append(_squared(f"{name}（{seen[name]}）" if seen[name] > 1 else name, rows))
    return found


def _squared(name: str, rows: list[list[str]]) -> Sheet:
    width = max(map(len, rows), default=0)
    if width * len(rows) > LARGEST_SHEET:
        refused = HUGE_PAGE.about(what=excess.CELLS, limit=LARGEST_SHEET)
        return Sheet(name, "", pd.DataFrame(), refused)
    cells = pd.DataFrame([row + [""] * (width - len(row)) for row in rows], dtype="str")
    cells.index = pd.RangeIndex(1, len(cells) + 1)
    return Sheet(name, "", cells)


def _workbook(content: bytes) -> list[Sheet]:
    names = _weigh(content) if content.startswith(b"PK") else set()
    if any(re.fullmatch(r"(?i)/?xl/worksheets/[^/]*\.xml", name) for name in names):
        return _opened(content)
    if "content.xml" in names:
        _repeats(content)
    return _elsewhere(content)


def _elsewhere(content: bytes) -> list[Sheet]:
    """Have a workbook read by another process, which may die of it."""
    # Nobody has looked how far its sheets reach, and a far cell brings down whoever reads them.
    told = child.answer(
        "books", content,
        seconds=LONGEST_SECONDS, memory=MOST_BYTES, huge=HUGE_BOOK, broken=BROKEN_BOOK,
    )  # fmt: skip
    answer = pickle.loads(told)  # noqa: S301 - our own process wrote it.
    if isinstance(answer, str):
        raise refusal(BROKEN_BOOK.about(error=_said(answer)))
    if not answer:
        raise refusal(NO_SHEET)
    return [_written(name, cells) for name, cells in answer]


def _written(name: str, cells: pa.Table | str) -> Sheet:
    if isinstance(cells, str):
        return Sheet(name, "", pd.DataFrame(), BROKEN_SHEET.about(error=_said(cells)))
    if cells.num_columns > WIDEST:
        refused = HUGE_BOOK.about(what=excess.COLUMNS, limit=WIDEST)
        return Sheet(name, "", pd.DataFrame(), refused)
    frame = framed(cells)
    found = Grid(frame) if frame.empty else single(frame)
    return Sheet(name, "", found.cells, lines=found.lines)


def _repeats(content: bytes) -> None:
    """Refuse an open document sheet that repeats filled cells without end."""
    with zipfile.ZipFile(BytesIO(content)) as package:
        try:
            xml = package.read("content.xml")
        except _DAMAGE as error:
            raise refusal(BROKEN_BOOK.about(error=_said(error))) from error
    for tag in _REPEATED.finditer(xml):
        times, filled = int(tag.group(1) or tag.group(2)), b"value-type" in tag.group(0)
        row = tag.group(0).startswith(b"<table:table-row")
        inside = xml[tag.end() : xml.find(b"</table:table-row>", tag.end())] if row else b""
        if (filled and times > WIDEST) or (b"value-type" in inside and times > LARGEST_REPEAT):
            raise refusal(HUGE_BOOK.about(what=excess.REPEATED, limit=WIDEST))


def _opened(content: bytes) -> list[Sheet]:
    try:
        book = fastexcel.read_excel(content)
        # By now the compiled code that looks at the cells has been fetched.
        reach = extents(BytesIO(content))
        names = book.sheet_names
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise refusal(BROKEN_BOOK.about(error=_said(error))) from error
    if not names:
        raise refusal(NO_SHEET)
    return [_sheet(book, name, reach.get(name, Extent())) for name in names]


def _said(error: BaseException | str) -> str:
    return " ".join(str(error).split())


def _weigh(content: bytes) -> set[str]:
    """Return the names of a workbook's parts; refuse what is no workbook, or unpacks too far."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            parts = package.infolist()
    except _DAMAGE:
        raise refusal(BROKEN_ZIP) from None
    names = {part.filename for part in parts}
    if any(name.startswith("word/") for name in names):
        raise refusal(WORD)
    if "content.xml" not in names and not any(name.startswith("xl/") for name in names):
        raise refusal(ARCHIVE.about(kind="zip"))
    size = sum(part.file_size for part in parts)
    if size > LARGEST_WORKBOOK or size > LARGEST_RATIO * len(content):
        raise refusal(HUGE.about(size=excess.size(size)))
    return names


def _sheet(book: fastexcel.ExcelReader, name: str, reach: Extent) -> Sheet:
    refused = None
    if not reach.fits:
        refused = FAR_CELL.about(rows=reach.rows, columns=reach.columns, cell=reach.rightmost)
    else:
        try:
            cells = _cells(book, name, reach)
            found = Grid(cells) if cells.empty else single(cells)
            return Sheet(name, "", found.cells, lines=found.lines)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - likewise.
            refused = BROKEN_SHEET.about(error=_said(error))
    return Sheet(name, "", pd.DataFrame(), refused)


def _cells(book: fastexcel.ExcelReader, name: str, reach: Extent) -> pd.DataFrame:
    places: list[int] = []

    def seen(column: Any) -> bool:
        places.append(column.absolute_index)
        return True

    # Read at once, the cells are spared one copy of their text.
    batch = book.load_sheet(
        name, header_row=None, skip_rows=0, dtypes="string", use_columns=seen, eager=True
    )
    first, cells = min(places, default=0), _frame(batch)
    del batch
    if len(reach.numbers) and not cells.empty:
        cells = _numbered(cells, reach.numbers, first)
    return _marked(cells, reach, first) if reach.marks else cells


def _numbered(cells: pd.DataFrame, numbers: np.ndarray, first: int) -> pd.DataFrame:
    """Return the cells with numbers and times that the reader wrote otherwise than Excel."""
    within = numbers[:, 0] <= len(cells)
    columns = {name: cells[name] for name in cells}
    for number in np.unique(numbers[within, 1]):
        some = numbers[within & (numbers[:, 1] == number)]
        name = cells.columns[number - 1 - first]
        texts = cells[name].take(some[:, 0] - 1)
        shown = _shown(texts, some[:, 2])
        wrong = shown.ne(texts)
        if wrong.any():
            columns[name] = columns[name].copy()
            columns[name].loc[shown.index[wrong]] = shown[wrong]
    return pd.DataFrame(columns, index=cells.index, copy=False)


def _shown(texts: pd.Series, least: np.ndarray) -> pd.Series:
    """
    Return numbers as Excel shows them: of 15 digits, times to the second, zeros before them.

    Excel keeps 15 digits of a number. What a reader writes behind them comes
    of the binary fraction, and was never in the file.
    """
    shown = texts.copy()
    long = texts.str.fullmatch(PRECISE)
    if long.any():
        shown[long] = np.char.mod(ROUNDED, texts[long].to_numpy("float64"))
    split = texts.str.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}")
    if split.any():
        exact = texts[split].to_numpy("str").astype("datetime64[ms]")
        whole = (exact + np.timedelta64(500, "ms")).astype("datetime64[s]")
        # A clock alone has no next day.
        clock = exact < np.datetime64("1900-01-01")
        whole = np.where(clock & (whole >= np.datetime64("1900-01-01")), exact, whole)
        written = np.datetime_as_string(whole.astype("datetime64[s]"))
        shown[split] = np.char.replace(written, "T", " ")
    for digits in np.unique(least[least > 0]):
        bare = (least == digits) & texts.str.fullmatch(r"\d{1,15}").to_numpy(dtype=bool)
        shown[bare] = texts[bare].str.zfill(int(digits))
    return shown


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


def _frame(batch: pa.RecordBatch) -> pd.DataFrame:
    with ThreadPoolExecutor(cores()) as pool:
        columns = dict(zip(batch.schema.names, pool.map(_text, batch.columns), strict=True))
    return pd.DataFrame(columns, copy=False).set_axis(pd.RangeIndex(1, batch.num_rows + 1))


def _text(column: pa.Array) -> pd.Series:
    return series(pc.fill_null(column, "").cast(pa.large_string()))


def single(cells: pd.DataFrame) -> Grid:
    """Return the cells; where whole CSV lines sit in single cells, with those taken apart."""
    if cells.shape[1] > 1 or not cells.iloc[:, 0].str.count(",").ge(5).any():
        return Grid(cells)
    # A cell is whole, so that the last line ends as every other one does.
    apart = table("\n".join([*cells.iloc[:, 0].str.replace("\n", " "), ""]))
    return apart if len(apart.cells) == len(cells) else Grid(cells)
