"""Text files: bytes to text without guessing, and text to a table in which no line is lost."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as arrow

from tracer.column import large
from tracer.statements.files.encoding import decode
from tracer.statements.files.regular import (
    HEAD,
    LONGEST_LINE,
    WIDEST,
    Content,
    column_names,
    first_lines,
    framed,
    line_cells,
    parted_by,
    reading,
    regular,
)
from tracer.statements.reasons import LONG_LINE, UNREADABLE, WIDE, refusal
from tracer.table import constant

# A quoted cell over more lines than these is taken for an open quotation mark.
SPAN = 20
# One line without a delimiter may be long; a bound above 31 bits is refused on Windows.
csv.field_size_limit((1 << 31) - 1)


@dataclass(frozen=True)
class Grid:
    """A text file taken apart into cells."""

    cells: pd.DataFrame
    """Shape (rows, columns), text, "" where a row has no such cell; the index is the line on which
    each row begins, from 1."""
    lines: pd.DataFrame | None = None
    """What the cells hide, by the same index; None where nothing: ``width``, the number of cells;
    ``open``, whether the quotation marks do not close, so that the row was split at every
    delimiter; ``unended``, whether a last line has no line end; ``extra``, the text of the cells
    for which there is no column."""


def grid(content: Content) -> tuple[Grid, str]:
    r"""
    Take the bytes of a text file apart into cells.

    Parameters
    ----------
    content
        The whole file.

    Returns
    -------
    grid, encoding
        The encoding is utf-16 where a mark says so, else utf-8, else gb18030.

    Raises
    ------
    SheetError
        If the bytes are no text, end in the middle of a character, or cannot
        be taken apart.

    Examples
    --------
    >>> grid("甲,乙\n1,2\n".encode("gbk"))[0].cells.to_numpy().tolist()
    [['甲', '乙'], ['1', '2']]
    """
    _weigh(content)
    if (even := regular(content)) is not None:
        return Grid(even[0]), even[1]
    text, encoding = decode(content[:])
    return table(text), encoding


def _weigh(content: Content) -> None:
    """Refuse a file with a line that no row of a statement is as long as."""
    at = 0
    while len(content) - at > LONGEST_LINE:
        end = content.rfind(b"\n", at, at + LONGEST_LINE)
        end = end if end >= 0 else content.rfind(b"\r", at, at + LONGEST_LINE)
        if end < 0:
            raise refusal(LONG_LINE.about(line=content[:at].count(b"\n") + 1))
        at = end + 1


def table(text: str) -> Grid:
    r"""
    Take text apart into cells, by the delimiter that gives the best header.

    Parameters
    ----------
    text
        The whole file, line ends as ``\n``.

    Raises
    ------
    SheetError
        If the text cannot be taken apart.

    Examples
    --------
    >>> table('a,b\n"x\ny",2\n3\n').cells
       0  1
    1  a  b
    2  x\ny  2
    4  3
    """
    try:
        found = _apart(text, parted_by(text))
    except (csv.Error, pa.ArrowException) as error:
        raise refusal(UNREADABLE.about(error=error)) from error
    if found.cells.shape[1] > WIDEST:
        raise refusal(WIDE.about(columns=found.cells.shape[1], most=WIDEST))
    if found.lines is not None and not text.endswith("\n"):
        found.lines.loc[found.lines.index[-1], "unended"] = True
    return found


def _apart(text: str, delimiter: str) -> Grid:
    if '"' not in text:
        return _table(text, delimiter, quoted=False)
    if text.count('"') % 2:
        return _lines(text, delimiter)
    found = _table(text, delimiter, quoted=True)
    whole = len(found.cells) == _count(text)
    if whole and found.lines is None:
        return found
    # Two open marks can close each other; only then are rows joined or short.
    if not _strict(text, delimiter):
        return _lines(text, delimiter)
    if whole:
        return found
    return _lines(text, delimiter) if _swallowed(found.cells, delimiter) else _numbered(found)


def _strict(text: str, delimiter: str) -> bool:
    try:
        tight = io.StringIO(_tight(text, delimiter))
        for _ in csv.reader(tight, delimiter=delimiter, strict=True):
            pass
    except csv.Error:
        return False
    return True


def _tight(text: str, delimiter: str) -> str:
    # Some exports put a tab or spaces behind the closing mark, which hurts nobody.
    blank = " " if delimiter == "\t" else " \t"
    return re.sub(rf'"[{blank}]+(?=[{re.escape(delimiter)}\n]|$)', '"', text)


def _swallowed(frame: pd.DataFrame, delimiter: str) -> bool:
    several = rf"(?s)\n.*{re.escape(delimiter)}.*{re.escape(delimiter)}.*{re.escape(delimiter)}"
    return any(frame[column].str.contains(several).any() for column in frame)


def _count(text: str) -> int:
    return text.count("\n") + (bool(text) and not text.endswith("\n"))


def _table(text: str, delimiter: str, *, quoted: bool) -> Grid:
    if not text:
        return Grid(pd.DataFrame())
    widths = [len(row) for row in line_cells(first_lines(text), delimiter)]
    # Rows as wide as most are read by columns, and only the others one by one.
    width = min(_usual(widths), WIDEST)
    ragged: list[arrow.InvalidRow] = []

    def keep(row: arrow.InvalidRow) -> str:
        ragged.append(row)
        return "skip"

    read = arrow.read_csv(
        pa.py_buffer(text.encode()),
        **reading(width, delimiter, quoted=quoted, lines=quoted, odd=keep),
        # One thread, because only then do odd rows know their number.
        read_options=arrow.ReadOptions(
            column_names=column_names(width), use_threads=False, block_size=LONGEST_LINE
        ),
    )
    cells = [next(csv.reader([row.text], delimiter=delimiter), []) for row in ragged]
    places = np.array([row.number for row in ragged], "int64") - 1
    return _joined(read, cells, places, max(_span(widths), width))


def _span(widths: list[int]) -> int:
    """Return how many columns a table has, by its first rows."""
    # One wild row among them must not widen a whole file.
    possible = [width for width in widths if width <= WIDEST]
    if widths and not possible:
        return WIDEST + 1
    widest, *others = sorted({*possible, 1}, reverse=True)
    wild = bool(others) and widest > max(256, 4 * others[0])
    return others[0] if wild else widest


def _joined(regular: pa.Table, ragged: list[list[str]], at: np.ndarray, width: int) -> Grid:
    """Return the regular rows with the ragged ones in their places, in so many columns."""
    if not ragged:
        return Grid(framed(regular))
    usual, total = regular.num_columns, regular.num_rows + len(ragged)
    empty = pa.chunked_array([constant("", regular.num_rows).dictionary_decode()])
    columns = [*regular.columns, *[empty] * (width - usual)]
    order = np.empty(total, "int64")
    order[at] = regular.num_rows + np.arange(len(ragged))
    order[np.delete(np.arange(total), at)] = np.arange(regular.num_rows)
    odd = _square(ragged, width)
    whole = {
        name: pd.array(pa.chunked_array([*column.chunks, large(odd[name])]).take(order), "str")
        for name, column in enumerate(columns)
    }
    widths = np.full(total, usual)
    widths[at] = [len(row) for row in ragged]
    extra = np.full(total, "", object)
    extra[at] = [_beyond(row, width) for row in ragged]
    index = pd.RangeIndex(1, total + 1)
    return Grid(pd.DataFrame(whole, index), _measured(index, widths, extra))


def _beyond(row: list[str], width: int) -> str:
    return " ".join(cell.strip() for cell in row[width:] if cell.strip())


def _measured(
    index: pd.Index, widths: np.ndarray, extra: np.ndarray, torn: np.ndarray | None = None
) -> pd.DataFrame:
    told = {"width": widths, "open": False if torn is None else torn, "unended": False}
    lines = pd.DataFrame(told, index)
    return lines.assign(extra=pd.Series(extra, index, dtype="str"))


def _numbered(found: Grid) -> Grid:
    cells = found.cells
    breaks = sum((cells[column].str.count("\n") for column in cells), pd.Series(0, cells.index))
    index = pd.Index(cells.index + breaks.cumsum().shift(fill_value=0).astype("int64"))
    lines = None if found.lines is None else found.lines.set_axis(index)
    return Grid(cells.set_axis(index), lines)


def _lines(text: str, delimiter: str) -> Grid:
    # An open quotation mark would swallow the rows below it: here every line stands alone.
    lines = text.split("\n")[: _count(text)]
    parted = [_part(line, delimiter) for line in lines]
    usual = _usual([len(cells) for cells, torn in parted if not torn])
    numbers, rows, at = [], [], 0
    while at < len(lines):
        cells, torn = parted[at]
        joined, taken = _quoted(lines[at : at + SPAN], delimiter, usual) if torn else ([], 0)
        numbers.append(at + 1)
        rows.append((joined, False) if taken else (cells, torn))
        at += taken or 1
    head = [len(cells) for cells, torn in rows[:HEAD] if not torn]
    head = head or [len(cells) for cells, _ in rows[:HEAD]]
    frame = _square([cells for cells, _ in rows], max(_span(head), usual))
    frame.index = pd.Index(numbers)
    widths = np.array([len(cells) for cells, _ in rows])
    extra = np.array([_beyond(cells, frame.shape[1]) for cells, _ in rows], object)
    torn_rows = np.array([torn for _, torn in rows])
    return Grid(frame, _measured(frame.index, widths, extra, torn_rows))


def _usual(widths: list[int]) -> int:
    return int(np.bincount(widths).argmax()) if widths else 0


def _part(line: str, delimiter: str) -> tuple[list[str], bool]:
    """Return the cells of a line, and whether its quotation marks do not close."""
    split = line.split(delimiter)
    if '"' not in line or _strict(line, delimiter):
        return line_cells([line], delimiter)[0], False
    # A mark inside a cell that holds no delimiter has swallowed nothing.
    if line.count('"') % 2 == 0 and len(lenient := line_cells([line], delimiter)[0]) == len(split):
        return lenient, False
    return split, True


def _quoted(lines: list[str], delimiter: str, usual: int) -> tuple[list[str], int]:
    """Return a row whose cell runs over several lines, and how many; 0 if it is none."""
    tight = (_tight(line, delimiter) + "\n" for line in lines)
    reader = csv.reader(tight, delimiter=delimiter, strict=True)
    try:
        next(reader)
    except csv.Error:
        return [], 0
    cells = next(csv.reader((line + "\n" for line in lines), delimiter=delimiter))
    whole = len(cells) == usual and not _swallowed(_square([cells], usual), delimiter)
    return cells, reader.line_num if whole else 0


def _square(rows: list[list[str]], width: int) -> pd.DataFrame:
    filled = ([*row[:width], *[""] * (width - len(row))] for row in rows)
    return pd.DataFrame(dict(enumerate(zip(*filled, strict=True))), dtype="str")
