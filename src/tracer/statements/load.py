"""The door of statements: a file goes in; entries, registrations, reports and faults come out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from tracer import tables
from tracer.errors import SheetError
from tracer.statements import convert, register
from tracer.statements.declare import Format
from tracer.statements.declare import formats as declarations
from tracer.statements.generic import guess, named_by
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
_READERS = {
    tables.ENTRIES: convert.entries,
    tables.REGISTRATIONS: register.registrations,
    tables.REPORTS: register.reports,
}


@dataclass(frozen=True)
class Reading:
    """What one file gave; the case numbers it."""

    entries: pd.DataFrame
    """As ``tables.ENTRIES``; entry_id and load_id are 0."""
    registrations: pd.DataFrame
    """As ``tables.REGISTRATIONS``."""
    reports: pd.DataFrame
    """As ``tables.REPORTS``."""
    faults: pd.DataFrame
    """As ``tables.FAULTS``."""
    files: pd.DataFrame
    """As ``tables.FILES``: one line for each sheet."""


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


def read(
    path: Path,
    *,
    source: str,
    sha256: str = "",
    formats: Path | None = None,
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
        read_sheets = sheets(path)
    except SheetError as error:
        reason = Reason(error.zh, error.message)
        return _gathered([_set_aside(Sheet("", "", pd.DataFrame()), reason)], source, sha256)
    parts, before = [], 0
    for sheet in read_sheets:
        parts.append(_one(sheet, declared, source, before))
        before += len(sheet.cells)
    return _gathered(parts, source, sha256)


def _one(sheet: Sheet, declared: Sequence[Format], source: str, before: int) -> Reading:
    if sheet.refused is not None:
        return _set_aside(sheet, sheet.refused)
    if sheet.cells.empty:
        return _set_aside(sheet, EMPTY_SHEET)
    match = recognise(sheet.cells, declared)
    if not isinstance(match, Reason):
        return _converted(sheet, match, source, before)
    guessed = guess(sheet.cells, sheet=sheet.name, source=source)
    if guessed is None:
        return _set_aside(sheet, match)
    if not guessed.usable:
        return _set_aside(
            sheet, Reason(match.zh + guessed.reason.zh, f"{match.en} {guessed.reason.en}")
        )
    return _converted(sheet, guessed.match, source, before, guessed.note)


def _set_aside(sheet: Sheet, reason: Reason) -> Reading:
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
    return _reading(files=[line | note], faults=pd.DataFrame(faults))


def _converted(sheet: Sheet, match: Match, source: str, before: int, *said: Reason) -> Reading:
    one = match.format
    rows = body(sheet.cells, match)
    rows = replace(rows, above=f"{rows.above}\n{named_by(sheet.name, source)}")
    table = _TABLES[one.kind]
    outcome = _READERS[table](rows, one)
    frame = outcome.frame.assign(sheet=sheet.name, format=one.name, row=outcome.frame.index)
    if "seq" in frame:
        frame["seq"] += before
    frame = _with_institution(frame, one, source)
    faults = pd.concat([*rows.faults, *outcome.faults, pd.DataFrame(columns=["row", "aside"])])
    faults = faults.assign(sheet=sheet.name, column=_headers(faults, match))
    lost = faults.loc[faults["aside"].eq("row"), "row"].nunique()
    overflow = sum(len(part) for part in rows.faults)
    used = len(rows.raw) + overflow - lost
    notes = [*said, *rows.notes, *outcome.notes]
    line = {
        "sheet": sheet.name, "format": one.name, "title": one.title, "encoding": sheet.encoding,
        "rows": rows.rows, "entries": used, "faults": lost, "skipped": rows.rows - used - lost,
        "first_time": frame["time"].min() if "time" in frame else pd.NaT,
        "last_time": frame["time"].max() if "time" in frame else pd.NaT,
        "note": "".join(note.zh for note in notes), "note_en": " ".join(note.en for note in notes),
    }  # fmt: skip
    return _reading(files=[line], faults=faults, **{table.name: frame})


def _headers(faults: pd.DataFrame, match: Match) -> pd.Series:
    """Return the header under which a faulty meaning stands in the file."""
    names = {meaning: match.header[places[0]] for meaning, places in match.columns.items()}
    if "income" in names and "expense" in names:
        names.setdefault("amount", f"{names['income']} / {names['expense']}")
    names.setdefault("amount", names.get("fen", ""))
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


def _reading(
    files: list[dict[str, object]], faults: pd.DataFrame, **frames: pd.DataFrame
) -> Reading:
    return Reading(
        entries=frames.get("entries", pd.DataFrame()),
        registrations=frames.get("registrations", pd.DataFrame()),
        reports=frames.get("reports", pd.DataFrame()),
        faults=faults,
        files=pd.DataFrame(files),
    )


def _gathered(parts: list[Reading], source: str, sha256: str) -> Reading:
    common = {"source": source, "sha256": sha256, "load_id": 0, "entry_id": 0, "report_id": 0}
    whole: dict[str, pd.DataFrame] = {}
    for table in (*_READERS, tables.FAULTS, tables.FILES):
        some = [part for part in (getattr(one, table.name) for one in parts) if len(part)]
        if not some:
            whole[table.name] = table.empty()
            continue
        frame = pd.concat(some, ignore_index=True) if len(some) > 1 else some[0]
        counts = {name: 0 for name in ("entries", "faults", "skipped") if table is tables.FILES}
        frame = frame.assign(
            **common, **{n: frame[n].fillna(0) if n in frame else 0 for n in counts}
        )
        whole[table.name] = table.conform(frame)
    whole["faults"] = whole["faults"].sort_values(
        ["sheet", "row"], kind="stable", ignore_index=True
    )
    return Reading(**whole)
