"""Regular text: every line has the same cells, so that it is read in pieces, side by side."""

from __future__ import annotations

import codecs
import csv
import mmap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv as arrow

from tracer.statements.files.cores import cores
from tracer.statements.files.gb18030 import Scratch

DELIMITERS = (",", "\t", ";", "|")
# Above this many lines a header is no longer looked for.
HEAD = 120
HEAD_LENGTH = 1 << 18
# No row of a statement is longer, and no table wider.
LONGEST_LINE = 1 << 25
WIDEST = 1000
# Files are read in pieces of this size, side by side.
_PIECE = 1 << 22


# A whole file, in memory or looked at where it lies.
Content = bytes | mmap.mmap


def regular(content: Content) -> tuple[pd.DataFrame, str] | None:
    r"""
    Return the cells of a file in which every line has the same, and its encoding; None for others.

    Parameters
    ----------
    content
        The whole file.

    Examples
    --------
    >>> regular(b"a,b\n1,2\n")[0].to_numpy().tolist()
    [['a', 'b'], ['1', '2']]
    >>> regular(b"a,b\n1\n") is None
    True
    """
    marked = content[:3] == codecs.BOM_UTF8
    start = len(codecs.BOM_UTF8) if marked else 0
    whole = content[start : start + HEAD_LENGTH]
    # A longer file may be cut in the middle of a line, or of a character.
    cut = len(content) - start > HEAD_LENGTH
    head = whole.rpartition(b"\n")[0] or whole if cut else whole
    for encoding in ("utf-8",) if marked else ("utf-8", "gb18030"):
        try:
            text = head.decode(encoding).replace("\r", "")
        except UnicodeDecodeError:
            continue
        cells = _even(content, start, text, encoding)
        return None if cells is None else (cells, encoding)
    return None


def _even(content: Content, start: int, head: str, encoding: str) -> pd.DataFrame | None:
    delimiter = parted_by(head)
    widths = {len(row) for row in line_cells(first_lines(head), delimiter) if row != [""]}
    if len(widths) != 1 or (width := widths.pop()) > WIDEST or _loose(content, start):
        return None
    ends = _ends(content, start)
    crew = min(cores(), len(ends))
    how = _Piecewise(content, encoding, width, delimiter)
    with ThreadPoolExecutor(crew) as pool:
        shares = list(pool.map(how.read, (ends[first::crew] for first in range(crew))))
    if not ends or any(share is None for share in shares):
        return None
    turns = zip_longest(*filter(None, shares))
    return framed(pa.concat_tables(one for turn in turns for one in turn if one is not None))


def _loose(content: Content, start: int) -> bool:
    """Return whether a file has empty lines and quotation marks, of which one may then be open."""
    if content.find(b'"', start) < 0:
        return False
    first = content[start : start + 2]
    return first.startswith((b"\n", b"\r\n")) or any(
        content.find(empty, start) >= 0 for empty in (b"\n\n", b"\n\r\n")
    )


def _ends(content: Content, start: int) -> list[tuple[int, int]]:
    """Return where the pieces of a file begin and end, each with a line."""
    found, at = [], start
    while at < len(content):
        end = content.find(b"\n", at + _PIECE) + 1 or len(content)
        found.append((at, end))
        at = end
    return found


@dataclass(frozen=True)
class _Piecewise:
    """A file in which every line may have the same cells, read piece by piece."""

    content: Content
    encoding: str
    width: int
    delimiter: str

    def read(self, ends: list[tuple[int, int]]) -> list[pa.Table] | None:
        """Return some pieces as tables, or None where one is not as regular as the first lines."""
        # Each piece is turned into UTF-8 in the same place, which stays near at hand.
        scratch = Scratch(max(end - start for start, end in ends))
        found = []
        for start, end in ends:
            piece = self.content[start:end]
            lone = b"\r" in piece and piece.count(b"\r") != piece.count(b"\r\n")
            # A mark at the start of a later piece is text, and the reader of Arrow would drop it.
            if b"\x00" in piece or lone or piece.startswith(codecs.BOM_UTF8):
                return None
            table = self._table(piece, piece if self.encoding == "utf-8" else scratch.utf8(piece))
            if table is None:
                return None
            found.append(table)
        return found

    def _table(self, piece: bytes, content: bytes | memoryview | None) -> pa.Table | None:
        if content is None:
            return None
        marks = piece.count(b'"')
        # A mark that does not close is taken with more care than here.
        if marks % 2:
            return None
        quoted = marks > 0
        how = arrow.ReadOptions(
            column_names=column_names(self.width),
            use_threads=False,
            block_size=LONGEST_LINE + _PIECE,
        )
        options = reading(self.width, self.delimiter, quoted=quoted)
        try:
            table = arrow.read_csv(pa.BufferReader(content), read_options=how, **options)
        except pa.ArrowException:
            return None
        return None if quoted and _over_lines(table, piece) else table


def _over_lines(table: pa.Table, piece: bytes) -> bool:
    """Return whether a cell runs over several lines, or a quotation mark is open."""
    # Each line gives a row, unless it goes on in the next; the last can only swallow its own end.
    if table.num_rows != piece.count(b"\n") + (not piece.endswith(b"\n")):
        return True
    last = table.slice(table.num_rows - 1).to_pylist()[0]
    return any("\n" in cell for cell in last.values())


def parted_by(text: str) -> str:
    """Return the delimiter that gives the best header."""
    head = first_lines(text)
    return max(DELIMITERS, key=lambda one: _clean_cells(head, one))


def first_lines(text: str) -> list[str]:
    """Return the lines among which a header is looked for."""
    return text[:HEAD_LENGTH].split("\n")[:HEAD]


def _clean_cells(head: list[str], delimiter: str) -> int:
    others = [one for one in DELIMITERS if one != delimiter]
    rows = (line.strip().split(delimiter) for line in head)
    return max(
        (sum(_clean(cell.strip(" \t\"'\ufeff"), others) for cell in row) for row in rows), default=0
    )


def _clean(cell: str, others: list[str]) -> bool:
    return bool(cell) and not any(one in cell for one in others)


def column_names(width: int) -> list[str]:
    """Return what columns are called while they are read: by their place."""
    return [str(column) for column in range(width)]


def reading(
    width: int,
    delimiter: str,
    *,
    quoted: bool,
    lines: bool = False,
    odd: Callable[[arrow.InvalidRow], str] = lambda row: "error",  # noqa: ARG005
) -> dict[str, Any]:
    """Return how every text file is read: each cell as text, no line left out."""
    return {
        "parse_options": arrow.ParseOptions(
            delimiter=delimiter,
            quote_char='"' if quoted else False,
            newlines_in_values=lines,
            ignore_empty_lines=False,
            invalid_row_handler=odd,
        ),
        "convert_options": arrow.ConvertOptions(
            column_types=dict.fromkeys(column_names(width), pa.large_string()),
            strings_can_be_null=False,
        ),
    }


def framed(read: pa.Table) -> pd.DataFrame:
    """Return a table as a frame, by place and line, without a copy."""
    columns = {at: pd.array(column, dtype="str") for at, column in enumerate(read.columns)}
    return pd.DataFrame(columns, index=pd.RangeIndex(1, read.num_rows + 1), copy=False)


def line_cells(lines: list[str], delimiter: str) -> list[list[str]]:
    """Return the cells of each line, read by itself."""
    # Each line alone, so that an open quotation mark ends with its line.
    return [
        next(csv.reader([line.rstrip("\n")], delimiter=delimiter), []) or [""] for line in lines
    ]
