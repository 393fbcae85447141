"""Tables as workbooks whose cells are inert, exact and the same bytes every time."""

from __future__ import annotations

import math
import os
import re
import unicodedata
import zipfile
from collections.abc import Collection, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from tracer.errors import TableError, TracerError
from tracer.money import yuan

_MADE = datetime(2000, 1, 1)
_MADE_TEXT = b"2000-01-01T00:00:00Z"
_ZIP_TIME = (2000, 1, 1, 0, 0, 0)

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LONGEST_CELL = 32_767
_LONGEST_TITLE = 31
# A spreadsheet keeps fifteen digits of a number; more would be changed in silence.
_LARGEST_NUMBER = 10**15

_NARROWEST, _WIDEST = 6, 25
# A column with texts of more than three lines gets more room, so that rows stay low.
_ROOMY = 44
_LINE_HEIGHT = 16
_MOST_LINES = 25  # A row can be no higher than 409 points.
_LINE = Side(style="thin", color="CBD5E1")
_BORDER = Border(bottom=_LINE, right=_LINE)
_HEADER_FILL = PatternFill("solid", fgColor="1E3A5F")


def sheet(
    workbook: Workbook,
    title: str,
    frame: pd.DataFrame,
    *,
    money: Collection[str] = (),
    unknown: str = "",
    heading: str = "",
    notes: Sequence[str] = (),
) -> Worksheet:
    """
    Add a table to a workbook as a sheet that can be read, filtered and printed.

    Parameters
    ----------
    workbook
        The workbook; its first, empty sheet is used if it is still untouched.
    title
        The sheet's name, made safe and unique.
    frame
        The table under the headers that the reader shall see. Whole numbers
        become numbers, times become text to the second, everything else text.
    money
        The columns that hold fen: they become yuan with two decimals.
    unknown
        What stands where an amount is missing.
    heading, notes
        What stands above the table: one large line, then one line per note.

    Returns
    -------
    openpyxl.worksheet.worksheet.Worksheet
        The sheet.

    Raises
    ------
    TableError
        If a money column is missing or is not whole numbers.
    """
    _check(frame, money)
    page = _new(workbook, title)
    above = [line for line in (heading, *notes) if line]
    for place, line in enumerate(above, start=1):
        _head(page, place, line, large=bool(heading) and place == 1, width=len(frame.columns))
    top = len(above) + 1

    lines = [1] * len(frame)
    for place, name in enumerate(frame.columns, start=1):
        _title(page.cell(top, place), str(name))
        values = frame[name]
        number = name in money or _is_whole(values)
        written = _money(values, unknown) if name in money else _written(values)
        for row, value in enumerate(written, start=top + 1):
            known = number and value != unknown
            _fill(page.cell(row, place), value, number=known, money=name in money)
        width = _width(str(name), written)
        page.column_dimensions[get_column_letter(place)].width = width
        lines = [
            max(most, _wrapped(value, width)) for most, value in zip(lines, written, strict=True)
        ]
    # A program that does not fit rows by itself would cut the wrapped lines off.
    for row, count in enumerate(lines, start=top + 1):
        page.row_dimensions[row].height = min(count, _MOST_LINES) * _LINE_HEIGHT + 5
    _set(page, top, len(frame), len(frame.columns))
    return page


def save(workbook: Workbook, path: Path | str) -> Path:
    """
    Write a workbook whole or not at all, with the same bytes for the same cells.

    Parameters
    ----------
    workbook
        The workbook; its properties are set to fixed values.
    path
        Where it goes; a file of that name is replaced.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    TracerError
        If the file is open in a program that does not let it be replaced.
    """
    target = Path(path)
    workbook.properties.creator = workbook.properties.lastModifiedBy = "Tracer"
    workbook.properties.created = _MADE
    raw = BytesIO()
    workbook.save(raw)
    # A file of the tempfile module could be read by nobody else in a shared folder.
    temporary = target.with_name(f".tracer-{uuid4().hex}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(_fixed(raw.getvalue()))
        _replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return target


def _replace(temporary: Path, target: Path) -> None:
    try:
        os.replace(temporary, target)  # noqa: PTH105  The name says that it is atomic.
    except PermissionError as error:
        msg = (
            f"The workbook {target.name!r} cannot be replaced: it is open in another program, "
            f"such as Excel, or may not be written. Close it and save again."
        )
        zh = (
            f"无法覆盖工作簿 {target.name!r}：它正被 Excel 等程序打开，或没有写入权限。"
            f"请关闭该文件后重试。"
        )
        raise TracerError(msg, zh=zh) from error


def clean(text: str) -> str:
    r"""
    Return text that a cell can hold; what it cannot hold is replaced in plain sight.

    Parameters
    ----------
    text
        Any text.

    Examples
    --------
    >>> clean("a\x00b")
    'a�b'
    """
    shown = _ILLEGAL.sub("\ufffd", text)
    return shown if len(shown) <= _LONGEST_CELL else shown[: _LONGEST_CELL - 1] + "…"


def _check(frame: pd.DataFrame, money: Collection[str]) -> None:
    for name in money:
        if name not in frame or not _is_whole(frame[name]):
            msg = (
                f"The money column {name!r} must be whole fen; the table has "
                f"{ {str(column): str(kind) for column, kind in frame.dtypes.items()}!r}."
            )
            raise TableError(msg)


def _is_whole(values: pd.Series) -> bool:
    return pd.api.types.is_integer_dtype(values.dtype)


def _new(workbook: Workbook, title: str) -> Worksheet:
    first = workbook.worksheets[0]
    safe = re.sub(r"[\[\]:*?/\\]", "_", clean(title)).strip("' ") or "Sheet"
    taken = {page.title.casefold() for page in workbook.worksheets}
    if len(workbook.worksheets) == 1 and first.max_row == 1 and first["A1"].value is None:
        taken = set()
    name, place = safe[:_LONGEST_TITLE], 2
    while name.casefold() in taken:
        tail = f" ({place})"
        name, place = safe[: _LONGEST_TITLE - len(tail)] + tail, place + 1
    if taken:
        return workbook.create_sheet(name)
    first.title = name
    return first


def _head(page: Worksheet, row: int, line: str, *, large: bool, width: int) -> None:
    cell = page.cell(row, 1)
    _fill(cell, line, number=False, money=False)
    cell.border = Border()
    cell.font = Font(bold=True, size=15) if large else Font(size=10, color="475569")
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    if width > 1:
        page.merge_cells(start_row=row, start_column=1, end_row=row, end_column=width)
    page.row_dimensions[row].height = 26 if large else 16


def _title(cell: Cell, name: str) -> None:
    _fill(cell, name, number=False, money=False)
    cell.font = Font(bold=True, color="FFFFFF")
    cell.fill = _HEADER_FILL
    cell.alignment = Alignment(vertical="center", horizontal="center", wrap_text=True)


def _money(fen: pd.Series, unknown: str) -> list[str]:
    return [unknown if pd.isna(value) else yuan(int(value)) for value in fen.astype("Int64")]


def _written(values: pd.Series) -> list[str]:
    """Return a column as the text that goes into the file, "" where nothing is known."""
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return list(values.dt.strftime("%Y-%m-%d %H:%M:%S").fillna(""))
    return [clean(str(value)) for value in values.astype(object).where(values.notna(), "")]


def _fill(cell: Cell, value: str, *, number: bool, money: bool) -> None:
    cell.border = _BORDER
    if not value:
        return
    plain = value.replace(",", "") if money else value
    # Digits go into the file as they are: no float stands between fen and cell.
    if number and abs(int(plain.replace(".", ""))) < _LARGEST_NUMBER:
        cell.value, cell.data_type = plain, "n"
        cell.number_format = "#,##0.00" if money else "0"
        cell.alignment = Alignment(vertical="top")
        return
    cell.value, cell.data_type = clean(value), "s"
    cell.number_format = "@"
    cell.quotePrefix = value.startswith(_FORMULA)
    cell.alignment = Alignment(
        vertical="top", wrap_text=True, horizontal="right" if number else "left", indent=1
    )


def _width(name: str, written: list[str]) -> float:
    """Return the width of a column: a Chinese character is as wide as two digits."""
    widest = max((_cells(line) for text in written for line in text.split("\n")), default=0)
    most = _ROOMY if widest > 3 * _WIDEST else _WIDEST
    # A header may take two lines.
    return float(min(max(widest + 3, _cells(name) / 2 + 5, _NARROWEST), most))


def _wrapped(text: str, width: float) -> int:
    """Return how many lines a text takes in a column."""
    return sum(max(1, math.ceil(_cells(line) / (width - 3))) for line in text.split("\n"))


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "WFA" else 1 for each in text)


def _set(page: Worksheet, top: int, rows: int, columns: int) -> None:
    page.row_dimensions[top].height = 32
    page.freeze_panes = page.cell(top + 1, 1)
    if columns:
        page.auto_filter.ref = f"A{top}:{get_column_letter(columns)}{top + rows}"
    page.sheet_view.showGridLines = False
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = page.PAPERSIZE_A3
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.page_margins.left = page.page_margins.right = 0.3
    page.print_title_rows = f"{top}:{top}"
    page.oddFooter.center.text = "&P / &N"


def _fixed(raw: bytes) -> bytes:
    """Return the archive with the moment of writing taken out of it."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(raw)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(
                    rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + _MADE_TEXT, content
                )
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 0
            new.writestr(entry, content)
    return out.getvalue()
