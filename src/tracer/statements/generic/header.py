"""Header: which row of an unknown sheet names the columns, and which only looks like it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from tracer.statements.files.regular import HEAD
from tracer.statements.formats.declare import bare, ordinal
from tracer.statements.generic.choices import MONEY
from tracer.statements.generic.synonyms import WEAKER, Name, named


def header_of(cells: pd.DataFrame) -> tuple[int | None, tuple[str, ...]]:
    """Return where the header is and what it says; numbered columns where there is none."""
    best, most = None, 2
    rows = list(cells.head(HEAD).itertuples(index=False))
    for at, row in enumerate(rows):
        if headed(row):
            # What stands further down begins another table, however wide.
            best = at
            break
        found = _meanings(row)
        if len(found) > most:
            best, most = at, len(found)
    if best is None:
        return None, tuple(map(ordinal, range(cells.shape[1])))
    return best, tuple(bare(cell) for cell in rows[best])


def _meanings(row: Sequence[str]) -> set[str]:
    return {named_cell(cell).meaning for cell in row if cell.strip()} - {""}


def headed(row: Sequence[str]) -> bool:
    """
    Return whether a row is the header of a statement: it names a time, a sum, and little else.

    Examples
    --------
    >>> headed(("日期", "账号", "金额")), headed(("起始日期", "20240301", "余额", "5.00"))
    (True, False)
    """
    found = _meanings(row)
    if len(found) <= 2 or "time" not in found or not found & {*MONEY}:
        return False
    filled = [cell for cell in row if cell.strip()]
    # A header is never a number, while a label has its value beside it.
    if any(re.fullmatch(r"[\W\d]*\d{4}[\W\d]*", cell) for cell in filled):
        return False
    return 2 * sum(bool(named_cell(cell).meaning) for cell in filled) >= len(filled)


def named_cell(cell: str) -> Name:
    """Return what a cell means that may be a header, or a line above one."""
    name = named(cell)
    # A line above the header names things too, and says them at once.
    prose = len(cell.strip()) > 24 or re.search(r"\d{4}|[:：]", cell)
    return Name("", 0.0, 0) if prose and name.trust < WEAKER else name
