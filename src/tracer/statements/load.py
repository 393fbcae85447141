"""The door of statements: a file goes in; entries, registrations, reports and faults come out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tracer import tables
from tracer.errors import SheetError
from tracer.statements import convert, register
from tracer.statements.column import Column
from tracer.statements.convert import Outcome
from tracer.statements.declare import Format
from tracer.statements.declare import formats as declarations
from tracer.statements.reasons import EMPTY_SHEET, Reason
from tracer.statements.recognise import Match, recognise
from tracer.statements.rows import body
from tracer.statements.sheets import Sheet, sheets

_TABLES = {
    "statement": tables.ENTRIES,
    "transfers": tables.ENTRIES,
    "registrations": tables.REGISTRATIONS,
    "reports": tables.REPORTS,
}
_READERS = {tables.REGISTRATIONS: register.registrations, tables.REPORTS: register.reports}
# The tables of a reading that are small frames; entries travel in Arrow.
_FRAMES = (*_READERS, tables.FAULTS, tables.SKIPPED, tables.FILES)


@dataclass(frozen=True)
class Reading:
    """What one file gave; the case numbers it."""

    table: pa.Table
    """As ``tables.ENTRIES``, in Arrow, so that a million rows need not be copied."""
    registrations: pd.DataFrame
    """As ``tables.REGISTRATIONS``."""
    reports: pd.DataFrame
    """As ``tables.REPORTS``."""
    faults: pd.DataFrame
    """As ``tables.FAULTS``."""
    skipped: pd.DataFrame
    """As ``tables.SKIPPED``: every row that is no data, and what it is."""
    files: pd.DataFrame
    """As ``tables.FILES``: one line for each sheet."""

    @cached_property
    def entries(self) -> pd.DataFrame:
        """Return the entries as a frame; entry_id and load_id are 0."""
        return tables.ENTRIES.frame(self.table)


def find(path: Path) -> list[Path]:
    """
    Return the file itself, or every file below the folder.

    Parameters
    ----------
    path
        A file or a folder.

    Returns
    -------
    list of Path
        Sorted; hidden files and lock files of open workbooks are left out.
    """
    if not path.is_dir():
        return [path]
    return sorted(
        file
        for file in path.rglob("*")
        if file.is_file()
        if not any(part.startswith((".", "~$")) for part in file.relative_to(path).parts)
    )


def read(path: Path, *, source: str, sha256: str = "", formats: Path | None = None) -> Reading:
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
    declared = declarations(formats)
    try:
        read_sheets = sheets(path)
    except SheetError as error:
        reason = Reason(error.zh, error.message)
        return _gathered([_set_aside(Sheet("", "", pd.DataFrame()), reason)], source, sha256)
    parts, before = [], 0
    for sheet in read_sheets:
        parts.append(_one(sheet, declared, source, sha256[:8], before))
        before += len(sheet.cells)
    return _gathered(parts, source, sha256)


@dataclass(frozen=True)
class _Part:
    """What one sheet gave."""

    files: list[dict[str, object]]
    frames: dict[tables.Table, pd.DataFrame]
    entries: pa.Table | None = None


def _one(sheet: Sheet, declared: Sequence[Format], source: str, mark: str, before: int) -> _Part:
    if sheet.refused is not None:
        return _set_aside(sheet, sheet.refused)
    if sheet.cells.empty:
        return _set_aside(sheet, EMPTY_SHEET)
    match = recognise(sheet.cells, declared)
    if isinstance(match, Reason):
        return _set_aside(sheet, match)
    return _converted(sheet, match, source, mark, before)


def _set_aside(sheet: Sheet, reason: Reason) -> _Part:
    rows = len(sheet.cells)
    line = {"sheet": sheet.name, "encoding": sheet.encoding, "rows": rows, "faults": rows}
    note = {"note": reason.zh, "note_en": reason.en}
    fault = {
        "sheet": sheet.name,
        "row": 0,
        "aside": "file",
        "reason": reason.zh,
        "reason_en": reason.en,
    }
    # A workbook's unused sheets hold nothing that could be set aside.
    faults = [] if reason is EMPTY_SHEET and sheet.name else [fault]
    return _Part([line | note], {tables.FAULTS: pd.DataFrame(faults)})


def _converted(sheet: Sheet, match: Match, source: str, mark: str, before: int) -> _Part:
    one = match.format
    # Two files of one name are not one account: the first digits of the hash tell them apart.
    rows = body(sheet.cells, match, sheet.lines, f"{source} {mark}".strip())
    table = _TABLES[one.kind]
    told: dict[str, object] = {}
    frames: dict[tables.Table, pd.DataFrame] = {}
    entries = None
    if table is tables.ENTRIES:
        found = convert.entries(rows, one)
        outcome = Outcome(pd.DataFrame(), found.faults, found.notes)
        entries, told = _entries(found, sheet, one, source, before)
    else:
        outcome = _READERS[table](rows, one)
        frame = outcome.frame.assign(sheet=sheet.name, format=one.name, row=outcome.frame.index)
        frames[table] = _with_institution(frame, one, source)
    faults = pd.concat([*rows.faults, *outcome.faults, pd.DataFrame(columns=["row", "aside"])])
    faults = faults.assign(sheet=sheet.name, column=_headers(faults, match))
    lost = faults.loc[faults["aside"].eq("row"), "row"].nunique()
    skipped = rows.skipped.assign(sheet=sheet.name)
    used = rows.rows - lost - len(skipped)
    notes = [*rows.notes, *outcome.notes]
    line = {
        "sheet": sheet.name, "format": one.name, "title": one.title, "encoding": sheet.encoding,
        "rows": rows.rows, "entries": used, "faults": lost, "skipped": len(skipped), **told,
        "note": "".join(note.zh for note in notes), "note_en": " ".join(note.en for note in notes),
    }  # fmt: skip
    return _Part([line], frames | {tables.FAULTS: faults, tables.SKIPPED: skipped}, entries)


def _entries(
    found: convert.Converted, sheet: Sheet, one: Format, source: str, before: int
) -> tuple[pa.Table, dict[str, object]]:
    """Return the entries of a sheet in Arrow, and what its line of ``files`` says of them."""
    rows = len(found.index)
    name = one.institution or _bank(Path(source).stem, one.suffixes)
    said = found.texts.get("institution", Column.same("", rows))
    texts = found.texts | {
        "institution": said.where(said.filled(), Column.same(name, rows)),
        "sheet": Column.same(sheet.name, rows),
        "format": Column.same(one.name, rows),
    }
    columns = found.numbers | {
        "row": pa.array(found.index.to_numpy("int64")),
        "seq": pc.add(found.numbers["seq"], before),
        **{name: column.arrow() for name, column in texts.items()},
    }
    span = pc.min_max(found.numbers["time"]).as_py()
    told = {"first_time": span["min"], "last_time": span["max"]}
    return tables.ENTRIES.arrow(columns, rows), told


def _headers(faults: pd.DataFrame, match: Match) -> pd.Series:
    """Return the header under which a faulty meaning stands in the file."""
    names = {meaning: match.header[places[0]] for meaning, places in match.columns.items()}
    if "income" in names and "expense" in names:
        names.setdefault("amount", f"{names['income']} / {names['expense']}")
    names.setdefault("amount", names.get("fen", ""))
    # Where no column holds the direction, the row's type is what did not tell it.
    names.setdefault("direction", names.get("type", ""))
    return faults.get("column", pd.Series(dtype="str")).map(lambda name: names.get(name, name))


def _with_institution(frame: pd.DataFrame, one: Format, source: str) -> pd.DataFrame:
    name = one.institution or _bank(Path(source).stem, one.suffixes)
    if "institution" not in frame:
        return frame.assign(institution=name)
    return frame.assign(institution=frame["institution"].where(frame["institution"].ne(""), name))


def _bank(stem: str, suffixes: Sequence[str]) -> str:
    """
    Return the bank that a file name tells, as these exports are named.

    Examples
    --------
    >>> _bank("【0001】某某银行股份有限公司交易明细信息_1", ["交易明细信息"])
    '某某银行股份有限公司'
    """
    bare = re.sub(r"【[^】]*】|\[[^\]]*\]", "", stem)
    for suffix in suffixes:
        name, found, _ = bare.partition(suffix)
        if found:
            return name.strip("0123456789_- ")
    # A file may be named like the bank alone, and like nothing else.
    whole = re.fullmatch(r"(.*(?:银行|信用社|联合社|联社)(?:\w*公司)?)[\d_\-\s]*", bare)
    return whole.group(1) if whole and suffixes else ""


def _gathered(parts: list[_Part], source: str, sha256: str) -> Reading:
    common: dict[str, Any] = {"source": source, "sha256": sha256, "load_id": 0, "report_id": 0}
    whole: dict[str, pd.DataFrame] = {}
    for table in _FRAMES:
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
        entries = [tables.plain(one) for one in entries]
    whole = pa.concat_tables(entries)
    at = whole.column_names.index("source")
    return whole.set_column(at, "source", tables.constant(source, whole.num_rows))
