"""Apart: the tables of a sheet, also those whose headers no declaration knows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from tracer.column import first_bytes
from tracer.statements.files.regular import HEAD
from tracer.statements.formats.blocks import Block, blocks, known, titled
from tracer.statements.formats.declare import Format, bare
from tracer.statements.formats.recognise import Match, lacking, written
from tracer.statements.formats.rows import odd
from tracer.statements.generic.header import headed, named_cell
from tracer.statements.generic.synonyms import whole
from tracer.statements.generic.whose import ABOVE

# A row with so many well-known headers is looked at as a header.
_HEADERS = 2
# A title above a header is no longer than this.
_ABOVE = 20


@dataclass(frozen=True)
class _Head:
    """A header, and what is known of the rows below it."""

    at: int
    header: tuple[str, ...]
    columns: Mapping[str, Sequence[int]]
    format: Format | None = None


def apart(
    cells: pd.DataFrame,
    formats: Sequence[Format],
    lines: pd.DataFrame | None = None,
    before: Match | None = None,
) -> list[Block]:
    """
    Take a sheet apart at every header that begins another table, declared or not.

    Parameters
    ----------
    cells
        Shape (rows, columns), text, by row number.
    formats
        The declarations to choose from.
    lines
        What the cells of a text file hide.
    before
        What the last table of the sheet before was, which this one may go on with.

    Returns
    -------
    list of Block
        At least one; together they hold every row once, in order.
    """
    found = []
    for block in blocks(cells, formats, lines, before):
        cuts = _cuts(block, formats)
        if not cuts:
            found.append(block)
            continue
        for start, end in pairwise([0, *cuts, len(block.cells)]):
            part = slice(start, end)
            rows = None if block.lines is None else block.lines.iloc[part]
            here = block.cells.iloc[part]
            if isinstance(block.match, Match) and start <= block.match.at < end and not start:
                found.append(Block(here, block.match, rows))
            else:
                found += blocks(here, formats, rows)
    return found


def _cuts(block: Block, formats: Sequence[Format]) -> list[int]:
    """Return where further tables begin in one of which only the first header was looked at."""
    head = _first(block)
    if head is None:
        return []
    cells, cuts = block.cells, list[int]()
    for place in _candidates(cells, head, formats, block.match):
        row = tuple(map(bare, cells.iloc[place]))
        begin = max(_begin(cells, place, head), *cuts, head.at + 1)
        if _repeats(row, head, cells.iloc[begin:place]):
            continue
        cuts.append(begin)
        head = _named(place, row)
    return cuts


def _first(block: Block) -> _Head | None:
    """Return the first header of a block, also one that stands above that of a declared table."""
    match, cells = block.match, block.cells
    declared = match if isinstance(match, Match) else None
    if declared is not None and (declared.at < 0 or declared.format.headless):
        return None
    above = cells.head(HEAD if declared is None else declared.at)
    for at, row in enumerate(above.itertuples(index=False)):
        if headed(row):
            head = _named(at, tuple(map(bare, row)))
            if declared is None or _dated(cells.iloc[at + 1 : declared.at], head).any():
                return head
    if declared is None:
        return None
    return _Head(declared.at, declared.header, declared.columns, declared.format)


def _named(at: int, row: tuple[str, ...]) -> _Head:
    columns: dict[str, list[int]] = {}
    for place, cell in enumerate(row):
        if meaning := named_cell(cell).meaning:
            columns.setdefault(meaning, []).append(place)
    return _Head(at, row, columns)


def _dated(rows: pd.DataFrame, head: _Head) -> np.ndarray:
    """Return which rows begin with a digit where the times stand."""
    dated = np.zeros(len(rows), bool)
    for place in (at for name in ("time", "date") for at in head.columns.get(name, ())):
        column = rows.iloc[:, place]
        dated |= first_bytes(column) - 0x30 <= 9
        unsure = np.flatnonzero(~dated)
        if len(unsure):
            # Some exports put a tab or a quotation mark before every cell.
            dated[unsure] = column.iloc[unsure].str.contains(r"^\W*\d").to_numpy(dtype=bool)
    return dated


def _candidates(
    cells: pd.DataFrame, head: _Head, formats: Sequence[Format], match: object
) -> list[int]:
    """Return the rows below a header that are headers as well."""
    below = cells.iloc[head.at + 1 :]
    if head.format is not None and isinstance(match, Match):
        doubtful = np.flatnonzero(odd(below, match))
    else:
        doubtful = np.flatnonzero(~_dated(below, head))
    # Even to take nothing, a long column is put together.
    if not len(doubtful):
        return []
    few = below.iloc[doubtful]
    counts = known(few, written(formats) | whole())
    places = [int(place) for place in np.flatnonzero(counts >= _HEADERS)]
    rows = [place for place in places if headed(tuple(few.iloc[place]))]
    found = {head.at + 1 + int(doubtful[place]) for place in rows}
    if head.format is None and isinstance(match, Match):
        found.add(match.at)
    return sorted(found)


def _begin(cells: pd.DataFrame, place: int, head: _Head) -> int:
    """Return where the title above a header begins."""
    start = max(place - _ABOVE, head.at + 1)
    window = cells.iloc[start:place]
    if {"time", "date"} & head.columns.keys():
        doubtful = np.flatnonzero(~_dated(window, head))
    else:
        doubtful = np.arange(len(window))
    return start + titled(cells.iloc[start:], place - start, {*doubtful.tolist()}, head.columns)


def _repeats(row: tuple[str, ...], head: _Head, title: pd.DataFrame) -> bool:
    """Return whether a header is that of the table above again, as on every page of a print."""
    if head.format is not None:
        # What a declaration says of repeated headers is settled already.
        return row == head.header or not lacking(head.format, row)
    above = "\n".join(cell for line in title.itertuples(index=False) for cell in line)
    return row == head.header and not re.search(ABOVE, above)
