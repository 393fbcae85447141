"""The door of statements: a file goes in; entries, registrations, reports and faults come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from tracer import tables
from tracer.errors import SheetError
from tracer.statements import digits, part
from tracer.statements.entries import proof
from tracer.statements.files import extent
from tracer.statements.files.gb18030 import Scratch
from tracer.statements.files.sheets import Sheet, sheets
from tracer.statements.formats.declare import Format
from tracer.statements.formats.declare import formats as declarations
from tracer.statements.formats.recognise import Match
from tracer.statements.generic.apart import apart
from tracer.statements.part import Part, Source, set_aside, taken, whole
from tracer.statements.reasons import AGAIN, EMPTY_SHEET, Reason
from tracer.table import constant, plain

# The tables of a reading that are small frames; entries travel in Arrow.
FRAMES = (*part.FRAMES, tables.FILES)


@dataclass(frozen=True)
class Reading:
    """What one file gave; the case numbers it."""

    table: pa.Table
    """As ``tables.ENTRIES``, in Arrow, so that a million rows need not be copied."""
    registrations: pd.DataFrame
    """As ``tables.REGISTRATIONS``."""
    reports: pd.DataFrame
    """As ``tables.REPORTS``."""
    persons: pd.DataFrame
    """As ``tables.PERSONS``."""
    measures: pd.DataFrame
    """As ``tables.MEASURES``."""
    subaccounts: pd.DataFrame
    """As ``tables.SUBACCOUNTS``."""
    tasks: pd.DataFrame
    """As ``tables.TASKS``."""
    logins: pd.DataFrame
    """As ``tables.LOGINS``."""
    faults: pd.DataFrame
    """As ``tables.FAULTS``."""
    skipped: pd.DataFrame
    """As ``tables.SKIPPED``: every row that is no data, and what it is."""
    coverage: pd.DataFrame
    """As ``tables.COVERAGE``: what the rows of each account cover, and prove of each other."""
    files: pd.DataFrame
    """As ``tables.FILES``: one line for each table of the file."""

    @cached_property
    def entries(self) -> pd.DataFrame:
        """Return the entries as a frame; entry_id and load_id are 0."""
        return tables.ENTRIES.frame(self.table)


@dataclass(frozen=True)
class Unread:
    """A file of which nothing was read."""

    source: str
    """What the case calls it."""
    sha256: str
    """The hash of its bytes; "" where they could not be had."""
    reason: Reason
    """Why."""
    format: str = ""
    """What it is, where that is known all the same."""
    title: str = ""
    """What an investigator calls that."""


def unread(*files: Unread) -> Reading:
    """
    Return what files give of which nothing was read: a line for each that says why.

    Parameters
    ----------
    files
        The files; there may be very many, as in an archive of copies.
    """
    lines = pd.DataFrame({
        "source": [one.source for one in files],
        "sha256": [one.sha256 for one in files],
        "format": [one.format for one in files],
        "title": [one.title for one in files],
        "note": [one.reason.zh for one in files],
        "note_en": [one.reason.en for one in files],
        "code": [one.reason.code for one in files],
        **dict.fromkeys(("load_id", "rows", "entries", "faults", "skipped"), 0),
    })  # fmt: skip
    empty = {table.name: table.empty() for table in FRAMES}
    # An archive that was taken apart, and what the case has already, lose nothing.
    lost = [one for one in files if not one.format and one.reason.code != AGAIN.code]
    faults = pd.DataFrame([{"source": one.source, **whole(one.reason, 0)} for one in lost])
    told = {"files": tables.FILES.conform(lines)}
    if lost:
        told["faults"] = tables.FAULTS.conform(faults.assign(load_id=0))
    return Reading(table=tables.ENTRIES.arrow({}, 0), **(empty | told))


def prepare() -> None:
    """Fetch what the first file needs: the declarations, and the compiled parts of the reader."""
    declarations()
    extent.prepare()
    digits.prepare()
    proof.prepare()
    Scratch(1).utf8(b"")


def read(
    path: Path,
    *,
    source: str,
    sha256: str = "",
    formats: Path | None = None,
    passwords: Sequence[str] = (),
    only: Format | None = None,
) -> Reading:
    """
    Read one file.

    Parameters
    ----------
    path
        Where its bytes are.
    source
        What the case calls it: its path below the folder that was loaded.
    sha256
        The hash of its bytes.
    formats
        The folder of the case's own declarations.
    passwords
        Tried one after the other where the file is locked.
    only
        The one format to try, whatever is declared.

    Returns
    -------
    Reading
        Bad content never raises: it is a line of ``files`` without a format
        and a line of ``faults``, each with the reason.

    Raises
    ------
    FormatError
        If a declaration of the case cannot be used.
    """
    declared = [only] if only else declarations(formats)
    try:
        read_sheets = sheets(path, passwords)
    except SheetError as error:
        reason = Reason(error.zh, error.message, error.code)
        return _gathered([set_aside(Sheet("", "", pd.DataFrame()), reason)], source, sha256)
    return understood(read_sheets, declared, source=source, sha256=sha256)


def understood(
    read_sheets: Sequence[Sheet], declared: Sequence[Format], *, source: str, sha256: str = ""
) -> Reading:
    """
    Turn the sheets of one file into rows of Tracer's tables.

    Parameters
    ----------
    read_sheets
        What ``sheets`` returned.
    declared
        The formats to try.
    source, sha256
        As for `read`.
    """
    parts: list[Part] = []
    file = Source(source, sha256[:8])
    before: Match | None = None
    rows = 0
    for sheet in read_sheets:
        if sheet.refused is not None or sheet.cells.empty:
            parts.append(set_aside(sheet, sheet.refused or EMPTY_SHEET))
            continue
        for block in apart(sheet.cells, declared, sheet.lines, before):
            parts.append(taken(block, sheet, declared, file, rows))
            before = block.match if isinstance(block.match, Match) else None
            rows += len(block.cells)
    return _gathered(parts, source, sha256)


def _gathered(parts: list[Part], source: str, sha256: str) -> Reading:
    common: dict[str, Any] = {"source": source, "sha256": sha256, "load_id": 0, "report_id": 0}
    whole: dict[str, pd.DataFrame] = {}
    for table in FRAMES:
        some = [part.frames[table] for part in parts if len(part.frames.get(table, ()))]
        if table is tables.FILES:
            some = [pd.DataFrame(line for part in parts for line in part.files)]
        if not some:
            whole[table.name] = table.empty()
            continue
        frame = pd.concat(some, ignore_index=True) if len(some) > 1 else some[0]
        if table is tables.FILES:
            counted = frame.reindex(columns=["entries", "faults", "skipped"]).fillna(0)
            frame = frame.assign(**{str(name): counted[name] for name in counted})
        whole[table.name] = table.conform(frame.assign(**common))
    for name in ("faults", "skipped"):
        whole[name] = whole[name].sort_values(["sheet", "row"], kind="stable", ignore_index=True)
    return Reading(_named([part.entries for part in parts if part.entries], source), **whole)


def _named(entries: list[pa.Table], source: str) -> pa.Table:
    """Return the entries of all sheets, with the file that they came from."""
    if not entries:
        return tables.ENTRIES.arrow({}, 0)
    if len(entries) > 1:
        # Sheets may hold the same column in two ways; plain text is one that all can.
        entries = [plain(one) for one in entries]
    whole = pa.concat_tables(entries)
    at = whole.column_names.index("source")
    return whole.set_column(at, "source", constant(source, whole.num_rows))
