"""Text files: bytes to text without guessing, and text to a table in which no line is lost."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as arrow

from tracer.statements.reasons import BINARY, CUT_TEXT, NO_TEXT, UNREADABLE, WIDE, refusal

DELIMITERS = (",", "\t", ";", "|")
# Above this many lines a header is no longer looked for.
HEAD = 120
HEAD_LENGTH = 1 << 18
# A quoted cell over more lines than these is taken for an open quotation mark.
SPAN = 20
# No workbook has more columns, and a text that has takes a minute for each row.
MOST_COLUMNS = 16_384
# One line without a delimiter may be long; a bound above 31 bits is refused on Windows.
csv.field_size_limit((1 << 31) - 1)


def decode(content: bytes) -> tuple[str, str]:
    """
    Turn bytes into text by the first encoding that fits strictly.

    Parameters
    ----------
    content
        The whole file.

    Returns
    -------
    text, encoding
        utf-16 where a mark says so, else utf-8, else gb18030.

    Raises
    ------
    SheetError
        If the bytes are no text, or end in the middle of a character.

    Examples
    --------
    >>> decode("时间".encode("gbk"))
    ('时间', 'gb18030')
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        order = ["utf-16"]
    else:
        order = ["utf-8-sig", "gb18030"]
    for encoding in order:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            _refuse_cut(content, error)
        else:
            return _plain(text), encoding.removesuffix("-sig")
    raise refusal(NO_TEXT)


def _refuse_cut(content: bytes, error: UnicodeDecodeError) -> None:
    # A cut UTF-8 file can pass as GB18030 gibberish: it is told apart by its good beginning.
    cut = error.reason in {
        "unexpected end of data",
        "incomplete multibyte sequence",
        "truncated data",
    }
    if cut and not content[: error.start].isascii():
        raise refusal(CUT_TEXT.about(encoding=error.encoding, at=error.start + 1))


def _plain(text: str) -> str:
    if "\x00" in text:
        raise refusal(BINARY)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def table(text: str) -> pd.DataFrame:
    r"""
    Take text apart into cells, by the delimiter that gives the best header.

    Parameters
    ----------
    text
        The whole file, line ends as ``\n``.

    Returns
    -------
    pandas.DataFrame
        Shape (rows, widest row), text; the index is the line on which each
        row begins, from 1. Shorter rows are filled with "". The attributes
        say what that hides: ``widths``, the cells of each row; ``open``,
        whether its quotation marks do not close, so that it was split at
        every delimiter; ``ended``, whether the last line has its line end.

    Raises
    ------
    SheetError
        If the text cannot be taken apart.

    Examples
    --------
    >>> table('a,b\n"x\ny",2\n3\n')
       0  1
    1  a  b
    2  x\ny  2
    4  3
    """
    try:
        frame = _apart(text, _delimiter(text))
    except (csv.Error, pa.ArrowException) as error:
        raise refusal(UNREADABLE.about(error=error)) from error
    frame.attrs["ended"] = text.endswith("\n")
    return frame


def _apart(text: str, delimiter: str) -> pd.DataFrame:
    if '"' not in text:
        return _table(text, delimiter, quoted=False)
    if text.count('"') % 2:
        return _lines(text, delimiter)
    frame = _table(text, delimiter, quoted=True)
    whole = len(frame) == _count(text)
    if whole and not np.ptp(frame.attrs["widths"]):
        return frame
    # Two open marks can close each other; only then are rows joined or short.
    if not _strict(text, delimiter):
        return _lines(text, delimiter)
    if whole:
        return frame
    return _lines(text, delimiter) if _swallowed(frame, delimiter) else _numbered(frame)


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


def _delimiter(text: str) -> str:
    head = _head(text)
    return max(DELIMITERS, key=lambda one: _clean_cells(head, one))


def _head(text: str) -> list[str]:
    return text[:HEAD_LENGTH].split("\n")[:HEAD]


def _clean_cells(head: list[str], delimiter: str) -> int:
    others = [one for one in DELIMITERS if one != delimiter]
    rows = (line.strip().split(delimiter) for line in head)
    return max(
        (sum(_clean(cell.strip(" \t\"'\ufeff"), others) for cell in row) for row in rows), default=0
    )


def _clean(cell: str, others: list[str]) -> bool:
    return bool(cell) and not any(one in cell for one in others)


def _table(text: str, delimiter: str, *, quoted: bool) -> pd.DataFrame:
    if not text:
        return pd.DataFrame()
    width = _bounded(max(len(row) for row in _cells(_head(text), delimiter)))
    names = [str(column) for column in range(width)]
    ragged: list[arrow.InvalidRow] = []

    def keep(row: arrow.InvalidRow) -> str:
        ragged.append(row)
        return "skip"

    read = arrow.read_csv(
        pa.py_buffer(text.encode()),
        # One thread, because only then do odd rows know their number.
        read_options=arrow.ReadOptions(column_names=names, use_threads=False, block_size=1 << 25),
        parse_options=arrow.ParseOptions(
            delimiter=delimiter,
            quote_char='"' if quoted else False,
            newlines_in_values=quoted,
            ignore_empty_lines=False,
            invalid_row_handler=keep,
        ),
        convert_options=arrow.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )
    return _joined(read.to_pandas(), ragged, delimiter)


def _joined(regular: pd.DataFrame, ragged: list[arrow.InvalidRow], delimiter: str) -> pd.DataFrame:
    total = len(regular) + len(ragged)
    widths = np.full(total, regular.shape[1])
    regular.columns = pd.RangeIndex(regular.shape[1])
    if not ragged:
        regular.index = pd.RangeIndex(1, total + 1)
        return _measured(regular, widths)
    cells = [next(csv.reader([row.text], delimiter=delimiter), []) for row in ragged]
    odd = _square(cells)
    odd.index = pd.Index([row.number for row in ragged])
    regular.index = pd.RangeIndex(1, total + 1).delete(odd.index - 1)
    widths[odd.index - 1] = [len(row) for row in cells]
    return _measured(pd.concat([regular, odd]).sort_index().fillna("").astype("str"), widths)


def _measured(
    frame: pd.DataFrame, widths: np.ndarray, torn: np.ndarray | None = None
) -> pd.DataFrame:
    frame.attrs = {"widths": widths, "open": np.zeros(len(frame), bool) if torn is None else torn}
    return frame


def _numbered(frame: pd.DataFrame) -> pd.DataFrame:
    breaks = sum((frame[column].str.count("\n") for column in frame), pd.Series(0, frame.index))
    frame.index = pd.Index(frame.index + breaks.cumsum().shift(fill_value=0).astype("int64"))
    return frame


def _lines(text: str, delimiter: str) -> pd.DataFrame:
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
    frame = _square([cells for cells, _ in rows])
    frame.index = pd.Index(numbers)
    widths = np.array([len(cells) for cells, _ in rows])
    return _measured(frame, widths, np.array([torn for _, torn in rows]))


def _usual(widths: list[int]) -> int:
    return int(np.bincount(widths).argmax()) if widths else 0


def _part(line: str, delimiter: str) -> tuple[list[str], bool]:
    """Return the cells of a line, and whether its quotation marks do not close."""
    split = line.split(delimiter)
    if '"' not in line or _strict(line, delimiter):
        return _cells([line], delimiter)[0], False
    # A mark inside a cell that holds no delimiter has swallowed nothing.
    if line.count('"') % 2 == 0 and len(lenient := _cells([line], delimiter)[0]) == len(split):
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
    whole = len(cells) == usual and not _swallowed(_square([cells]), delimiter)
    return cells, reader.line_num if whole else 0


def _bounded(width: int) -> int:
    if width > MOST_COLUMNS:
        raise refusal(WIDE.about(columns=width, most=MOST_COLUMNS))
    return width


def _square(rows: list[list[str]]) -> pd.DataFrame:
    _bounded(max(map(len, rows), default=0))
    columns = itertools.zip_longest(*rows, fillvalue="")
    return pd.DataFrame(dict(enumerate(columns)), dtype="str")


def _cells(lines: list[str], delimiter: str) -> list[list[str]]:
    # Each line alone, so that an open quotation mark ends with its line.
    return [
        next(csv.reader([line.rstrip("\n")], delimiter=delimiter), []) or [""] for line in lines
    ]
