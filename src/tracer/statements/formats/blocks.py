"""Blocks: the tables that stand one below the other in a sheet, each with its own header."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tracer.statements.amounts import amounts
from tracer.statements.cells import narrow, plain
from tracer.statements.formats.declare import Format
from tracer.statements.formats.recognise import Match, recognise, written
from tracer.statements.formats.rows import odd, searched
from tracer.statements.reasons import Reason
from tracer.statements.times import times

# A row with this many known headers is looked at as a header.
_HEADERS = 3
# A title above a table fills no more cells than these, where rows of data cannot be told apart.
_TITLE = 2
_MONEY = ("amount", "fen", "income", "expense", "balance")


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
        begin = titled(cells, place, {*doubtful.tolist()}, match.columns)
        if _same(found, match, cells.iloc[begin:place]):
            continue
        at = place - begin
        return begin, Match(found.format, at, found.header, found.written, found.columns)
    return None


def _candidates(cells: pd.DataFrame, doubtful: np.ndarray, formats: Sequence[Format]) -> list[int]:
    # Even to take nothing, a long column is put together.
    if not len(doubtful):
        return []
    counts = known(cells.iloc[doubtful], written(formats))
    return [int(place) for place in doubtful[counts >= _HEADERS]]


def known(rows: pd.DataFrame, headers: Collection[str]) -> np.ndarray:
    """
    Count how many cells of each row are headers.

    Parameters
    ----------
    rows
        Shape (n, columns), text.
    headers
        What is known as a header.

    Examples
    --------
    >>> known(pd.DataFrame([["时间", "金额"], ["1", "金额 "]]), {"时间", "金额"}).tolist()
    [2, 1]
    """
    # All cells stand in one column, which is cleaned at once.
    flat = pd.concat([rows.iloc[:, at] for at in range(rows.shape[1])], ignore_index=True)
    met = narrow(flat).isin(headers).to_numpy(dtype=bool)
    counts: np.ndarray = met.reshape(rows.shape[1], len(rows)).sum(axis=0)
    return counts


def _same(found: Match, match: Match, title: pd.DataFrame) -> bool:
    """Return whether a header only repeats the one above, as on every page of a print."""
    if found.format.name != match.format.name or found.columns != match.columns:
        return False
    # Where the owner is named above the header, a title may name another account.
    above = "\n".join(cell for row in title.itertuples(index=False) for cell in row)
    pattern = found.format.preamble.get("account")
    return pattern is None or not searched(pattern, above)


def titled(
    cells: pd.DataFrame, place: int, doubtful: set[int], columns: Mapping[str, Sequence[int]]
) -> int:
    """
    Return where the lines above a header begin that belong to it.

    Parameters
    ----------
    cells
        Shape (rows, columns), text.
    place
        The position of the header.
    doubtful
        The positions of the rows that may be no data.
    columns
        Meaning to the positions of its columns, in the table before.
    """
    timed = {"time", "date"} & columns.keys()
    begin = place
    while begin - 1 in doubtful:
        row = plain(cells.iloc[begin - 1]).tolist()
        filled = sum(map(bool, row))
        if filled == 0 or (not timed and filled > _TITLE) or (timed and _faulty(row, columns)):
            break
        begin -= 1
    return begin


def _faulty(row: Sequence[str], columns: Mapping[str, Sequence[int]]) -> bool:
    """Return whether a row without a time is all the same one of the table before."""
    told_of = {meaning: row[places[0]] for meaning, places in columns.items() if row[places[0]]}
    money = pd.Series([told_of.get(meaning, "") for meaning in _MONEY], dtype="str")
    # A day that stands in a title looks like an amount of so many yuan.
    read = amounts(money)[0].notna() & ~money.str.fullmatch(r"(?:19|20)\d{6}")
    named = any(re.search(r"[:：]", cell) for cell in row)
    return bool(read.any()) or (not named and 2 * len(told_of) > len(columns))


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
