"""Blocks: the tables that stand one below the other in a sheet, each with its own header."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tracer.statements.amounts import amounts
from tracer.statements.cells import narrow
from tracer.statements.formats.declare import Format
from tracer.statements.formats.recognise import Match, recognise, written
from tracer.statements.formats.rows import odd, searched
from tracer.statements.reasons import Reason
from tracer.statements.times import times

# A row with this many known headers is looked at as a header.
_HEADERS = 3
# A title above a table fills no more cells than these, where rows of data cannot be told apart.
_TITLE = 2


@dataclass(frozen=True)
class Block:
    """One table of a sheet, with the lines above its header."""

    cells: pd.DataFrame
    """Shape (rows, columns), text, by row number."""
    match: Match | Reason
    """What it was recognised as, or why it was not."""
    lines: pd.DataFrame | None = None
    """What the cells of a text file hide: see ``text.Grid``."""


def blocks(
    cells: pd.DataFrame,
    formats: Sequence[Format],
    lines: pd.DataFrame | None = None,
    before: Match | None = None,
) -> list[Block]:
    """
    Take a sheet apart at every header that begins another table.

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
    match = recognise(cells, formats)
    if isinstance(match, Reason):
        more = _going_on(cells, before)
        return [Block(cells, more or match, lines)]
    found, start = [], 0
    while True:
        rest = cells.iloc[start:]
        after = _next(rest, match, formats)
        if after is None:
            found.append(Block(rest, match, None if lines is None else lines.iloc[start:]))
            return found
        at, following = after
        part = slice(start, start + at)
        found.append(Block(cells.iloc[part], match, None if lines is None else lines.iloc[part]))
        start, match = start + at, following


def _next(cells: pd.DataFrame, match: Match, formats: Sequence[Format]) -> tuple[int, Match] | None:
    """Return where the next table begins, its title included, and what it is."""
    doubtful = match.at + 1 + np.flatnonzero(odd(cells.iloc[match.at + 1 :], match))
    for place in _candidates(cells, doubtful, formats):
        found = recognise(cells.iloc[place : place + 1], formats)
        if isinstance(found, Reason):
            continue
        begin = _titled(cells, place, {*doubtful.tolist()}, match)
        if _same(found, match, cells.iloc[begin:place]):
            continue
        at = place - begin
        return begin, Match(found.format, at, found.header, found.written, found.columns)
    return None


def _candidates(cells: pd.DataFrame, doubtful: np.ndarray, formats: Sequence[Format]) -> list[int]:
    # Even to take nothing, a long column is put together.
    if not len(doubtful):
        return []
    few = cells.iloc[doubtful]
    # All cells stand in one column, which is cleaned at once.
    flat = pd.concat([few.iloc[:, at] for at in range(few.shape[1])], ignore_index=True)
    known = narrow(flat).isin(written(formats)).to_numpy(dtype=bool)
    counts = known.reshape(few.shape[1], len(few)).sum(axis=0)
    return [int(place) for place in doubtful[counts >= _HEADERS]]


def _same(found: Match, match: Match, title: pd.DataFrame) -> bool:
    """Return whether a header only repeats the one above, as on every page of a print."""
    if found.format.name != match.format.name or found.columns != match.columns:
        return False
    # Where the owner is named above the header, a title may name another account.
    above = "\n".join(cell for row in title.itertuples(index=False) for cell in row)
    pattern = found.format.preamble.get("account")
    return pattern is None or not searched(pattern, above)


def _titled(cells: pd.DataFrame, place: int, doubtful: set[int], match: Match) -> int:
    """Return where the lines above a header begin that belong to it."""
    timed = {"time", "date"} & match.columns.keys()
    begin = place
    while begin - 1 in doubtful:
        filled = cells.iloc[begin - 1].str.strip().ne("").sum()
        if filled == 0 or (not timed and filled > _TITLE):
            break
        begin -= 1
    return begin


def _going_on(cells: pd.DataFrame, before: Match | None) -> Match | None:
    """Return what the sheet before was, if this one goes on with its rows without a header."""
    if before is None or not {"time", "amount"} <= before.columns.keys():
        return None
    if cells.shape[1] < max(places[0] for places in before.columns.values()) + 1:
        return None
    first = cells.iloc[:1]
    time, _ = times(first.iloc[:, before.columns["time"][0]])
    fen, _ = amounts(first.iloc[:, before.columns["amount"][0]], before.format.unit)
    if time.isna().any() or fen.isna().any():
        return None
    return Match(before.format, -1, before.header, before.written, before.columns)
