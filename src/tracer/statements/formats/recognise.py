"""Recognition: which format a sheet has and where its header is, told by content alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from tracer.statements.amounts import amounts
from tracer.statements.files.regular import HEAD
from tracer.statements.formats.declare import Format, bare, ordinal
from tracer.statements.reasons import PROSE, UNKNOWN, Reason


@dataclass(frozen=True)
class Match:
    """A sheet's format, and where in the sheet everything is."""

    format: Format
    """The declaration that fits best."""
    at: int
    """The position of the header row, from 0."""
    header: tuple[str, ...]
    """The header cells, bare."""
    written: tuple[str, ...]
    """The header cells as they stand."""
    columns: dict[str, tuple[int, ...]]
    """Meaning to the positions of its columns, in the order of preference."""


def recognise(cells: pd.DataFrame, formats: Sequence[Format]) -> Match | Reason:
    """
    Find the first header of a sheet, and the format that knows most of it.

    A format fits a row in which all its required headers stand. What stands
    further down begins another table, however wide: see ``blocks``.

    Parameters
    ----------
    cells
        Shape (rows, columns), text.
    formats
        The declarations to choose from; of two that fit equally, the first.

    Returns
    -------
    Match or Reason
        The reason names the nearest format and the headers that it lacks.
    """
    raw = list(cells.head(HEAD).itertuples(index=False, name=None))
    rows = [tuple(bare(cell) for cell in row) for row in raw]
    known = {bare(part) for one in formats for need in one.required for part in need.split("|")}
    # Rows of data have no header in them, which is told before each format is tried.
    likely = [at for at, row in enumerate(rows) if not known.isdisjoint(row)]
    fits = [
        Match(one, at, row, raw[at], columns)
        for at, row in ((at, rows[at]) for at in likely)
        for one in formats
        if not one.headless
        if not lacking(one, row)
        if not one.exact or len([name for name in row if name]) == len(one.required)
        if (columns := positions(one, row))
    ]
    fits = fits or [match for one in formats if (match := _headless(cells, one)) is not None]
    if fits:
        return _first(fits, rows)
    return _nearest(rows, [one for one in formats if not one.headless])


def _first(fits: Sequence[Match], rows: Sequence[tuple[str, ...]]) -> Match:
    """Return the best match of the first row that is a header and not labels in a title."""
    heads: dict[int, Match] = {}
    for match in fits:
        if match.at not in heads or _known(match) > _known(heads[match.at]):
            heads[match.at] = match
    order = list(heads.values())
    for at, one in enumerate(order):
        better = [each for each in order[at + 1 :] if _known(each) > _known(one)]
        if not any(_labels(one, each, rows) for each in better):
            return one
    return order[-1]


def _labels(one: Match, header: Match, rows: Sequence[tuple[str, ...]]) -> bool:
    """Return whether a row that a format fits only labels what stands above a later header."""
    # A header is never a number, while a label has its value beside it.
    if any(re.fullmatch(r"[\W\d]*\d{4}[\W\d]*", cell) for cell in one.header):
        return True
    places = {place for found in one.columns.values() for place in found}
    least = min(2, len(places))
    between = rows[one.at + 1 : header.at]
    if any(sum(bool(row[place]) for place in places) >= least for row in between):
        return False
    return 2 * sum(map(bool, one.header)) < sum(map(bool, header.header))


def _headless(cells: pd.DataFrame, one: Format) -> Match | None:
    """Return where the rows of a format without a header begin, if they are its rows."""
    if not one.headless or cells.shape[1] != one.headless:
        return None
    header = tuple(map(ordinal, range(one.headless)))
    columns = positions(one, header)
    if _untold(one, columns):
        return None
    few, fits = cells.head(HEAD), pd.Series(data=True, index=cells.index[:HEAD])
    for meaning in ("date", "time", "amount"):
        if meaning in columns:
            column = few.iloc[:, columns[meaning][0]]
            read = amounts(column)[0] if meaning == "amount" else column.str.extract(r"(\d)")[0]
            fits &= read.notna()
    first = int(fits.to_numpy().argmax())
    # What stands above may be a title, never a row of headers: those are another layout.
    wide = few.iloc[:first].apply(lambda column: column.str.strip().ne("")).sum(axis=1).gt(2).any()
    if wide or not fits.any() or fits.iloc[first:].mean() < 0.9:
        return None
    return Match(one, first - 1, header, header, columns)


def written(formats: Sequence[Format]) -> frozenset[str]:
    """Return every header that some format knows, with half-width brackets."""
    names = (name for one in formats for variants in one.columns.values() for name in variants)
    return frozenset(unicodedata.normalize("NFKC", name.partition("#")[0]) for name in names)


def _known(match: Match) -> tuple[int, int]:
    places = {place for found in match.columns.values() for place in found}
    return len(places), len(match.format.required)


def lacking(one: Format, row: Sequence[str]) -> list[str]:
    """Return the headers that a row lacks and without which the format cannot read it."""
    return _absent(one, row) or _untold(one, positions(one, row))


def _absent(one: Format, row: Sequence[str]) -> list[str]:
    present = set(row)
    return [need for need in one.required if not {bare(part) for part in need.split("|")} & present]


def _untold(one: Format, columns: Mapping[str, object]) -> list[str]:
    """Return the headers of times and amounts of which a statement has none."""
    if one.kind not in {"statement", "transfers"}:
        return []
    missing = list[tuple[str, ...]]()
    if not {"time", "date"} & columns.keys():
        missing.append(("time", "date"))
    if not ({"amount", "fen"} & columns.keys() or {"income", "expense"} <= columns.keys()):
        missing.append(("amount", "fen", "income", "expense"))
    return ["|".join(n for name in names for n in one.columns.get(name, ())) for names in missing]


def positions(one: Format, row: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """
    Return where each meaning of a format stands in a header row.

    ``name#2`` is the second column with that name.
    """
    places: dict[str, int] = {}
    seen: dict[str, int] = {}
    for place, name in enumerate(row):
        seen[name] = seen.get(name, 0) + 1
        places[f"{name}#{seen[name]}"] = place
    found = {
        meaning: tuple(places[name] for name in map(_addressed, variants) if name in places)
        for meaning, variants in one.columns.items()
    }
    return {meaning: where for meaning, where in found.items() if where}


def _addressed(variant: str) -> str:
    name, _, occurrence = variant.partition("#")
    return f"{bare(name)}#{occurrence or 1}"


def _nearest(rows: list[tuple[str, ...]], formats: Sequence[Format]) -> Reason:
    tries = [
        (len(_absent(one, row)) / len(one.required), one, row) for row in rows for one in formats
    ]
    # A format of which most headers are missing would send its reader the wrong way.
    if not tries or (nearest := min(tries, key=lambda each: each[0]))[0] > 0.5:
        return PROSE
    _, one, row = nearest
    missing = "、".join(need.replace("|", "/") for need in lacking(one, row))
    return UNKNOWN.about(title=one.title, title_en=one.title_en, missing=missing)
