"""Part: one table of a file becomes rows of Tracer's tables, with the account of every row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tracer import tables
from tracer.column import Column
from tracer.statements.entries import convert, origin, records, register
from tracer.statements.entries.convert import Converted, Outcome
from tracer.statements.entries.proof import coverage
from tracer.statements.files.regular import WIDEST
from tracer.statements.files.sheets import Sheet
from tracer.statements.formats import units
from tracer.statements.formats.blocks import Block
from tracer.statements.formats.declare import Format
from tracer.statements.formats.recognise import Match
from tracer.statements.formats.rows import PLACED, body
from tracer.statements.generic.guess import guess, named_by
from tracer.statements.reason import Reason, joined
from tracer.statements.reasons import ABSENT, ALONE, CONTINUES, EMPTY_SHEET, NO_COLUMNS, WIDE
from tracer.table import Table

_TABLES = {
    "statement": tables.ENTRIES,
    "transfers": tables.ENTRIES,
    "registrations": tables.REGISTRATIONS,
    "reports": tables.REPORTS,
    **records.TABLES,
}
_READERS = {
    tables.REGISTRATIONS: register.registrations,
    tables.REPORTS: register.reports,
    **dict.fromkeys(records.TABLES.values(), records.records),
}
FRAMES = (*_READERS, tables.FAULTS, tables.SKIPPED, tables.COVERAGE)
# What tells of an account whether its balances follow from each other.
_PROVING = ("account", "currency", "holder", "direction")
# What a file of few lines may say instead of a table.
_FEW = 1000
# So many headers of a table that was not understood are told.
_HEADERS = 12


@dataclass(frozen=True)
class Source:
    """What a file is called."""

    name: str
    """Its path below the folder that was loaded."""
    mark: str
    """The first digits of its hash, which tell two files of one name apart."""


@dataclass(frozen=True)
class Part:
    """What one table of a file gave."""

    files: list[dict[str, object]]
    """Its line of ``tables.FILES``."""
    frames: dict[Table, pd.DataFrame]
    """Its rows of the tables in FRAMES."""
    entries: pa.Table | None = None
    """Its rows of ``tables.ENTRIES``."""


def taken(
    block: Block, sheet: Sheet, formats: Sequence[Format], source: Source, before: int
) -> Part:
    """
    Turn one table of a sheet into rows, or say why not.

    Parameters
    ----------
    block
        The table.
    sheet
        The sheet that it stands in.
    formats
        All declarations.
    source
        The file.
    before
        How many rows of the file stand before it.
    """
    if isinstance(block.match, Reason):
        whole = Sheet(sheet.name, sheet.encoding, block.cells)
        return _nobody(whole, formats) or _guessed(block, block.match, whole, source, before)
    return _converted(block, block.match, sheet, source, before)


def _guessed(block: Block, unknown: Reason, sheet: Sheet, source: Source, before: int) -> Part:
    """Return what the generic reader makes of a table that no declaration fits."""
    if block.cells.shape[1] > WIDEST:
        return set_aside(sheet, WIDE.about(columns=block.cells.shape[1], most=WIDEST))
    guessed = guess(block.cells, sheet=sheet.name, source=source.name)
    if guessed is None:
        return set_aside(sheet, joined([unknown, *_headed(block.cells)]))
    if not guessed.usable:
        return set_aside(sheet, joined([unknown, guessed.reason]))
    return _converted(block, guessed.match, sheet, source, before, *guessed.notes)


def _headed(cells: pd.DataFrame) -> list[Reason]:
    """Tell what seems to be the header of a table in which nothing was understood."""
    few = cells.head(_FEW)
    counts = few.apply(lambda column: column.str.strip().ne("")).sum(axis=1)
    rows = counts.index[counts.gt(1)]
    if rows.empty:
        return []
    first = [cell.strip() for cell in few.loc[rows[0]] if cell.strip()]
    told = "、".join(first[:_HEADERS]) + ("…" if len(first) > _HEADERS else "")
    alone = len(few) == len(cells) and counts.gt(0).sum() == 1
    return [(ALONE if alone else NO_COLUMNS).about(row=rows[0], headers=told)]


def set_aside(sheet: Sheet, reason: Reason) -> Part:
    """
    Return what a sheet gives that was not read.

    Parameters
    ----------
    sheet
        The sheet.
    reason
        Why.
    """
    rows = len(sheet.cells)
    line = {"sheet": sheet.name, "encoding": sheet.encoding, "rows": rows, "faults": rows}
    # A workbook's unused sheets hold nothing that could be set aside.
    unused = reason is EMPTY_SHEET and bool(sheet.name)
    faults = [] if unused else [whole(reason, rows) | {"sheet": sheet.name}]
    return Part([line | _noted(reason)], {tables.FAULTS: pd.DataFrame(faults)})


def whole(reason: Reason, rows: int) -> dict[str, object]:
    """
    Return the line of ``tables.FAULTS`` for a file or sheet of which nothing was read.

    Parameters
    ----------
    reason
        Why.
    rows
        How many rows it has, as far as that is known.
    """
    told = {"reason": reason.zh, "reason_en": reason.en, "code": reason.code}
    return {"row": 0, "rows": rows, "aside": "file", **told}


def _noted(reason: Reason) -> dict[str, object]:
    """Return the columns of ``tables.FILES`` that say why, or what was assumed."""
    return {"note": reason.zh, "note_en": reason.en, "code": reason.code}


def _nobody(sheet: Sheet, formats: Sequence[Format]) -> Part | None:
    """Return what a sheet gives that says nothing but that accounts do not exist."""
    if len(sheet.cells) > _FEW:
        return None
    text = sheet.cells.apply(" ".join, axis=1).str.strip().astype("str")
    said = text[text.ne("")]
    for one in formats:
        patterns = "|".join(f"(?:{each})" for each in one.absent)
        if patterns and len(said) and said.str.contains(patterns).all():
            note = ABSENT.about(rows=len(said), said="、".join(said.unique()[:3]))
            line = {
                "sheet": sheet.name, "format": one.name, "title": one.title,
                "encoding": sheet.encoding, "rows": len(text), "skipped": len(text),
                **_noted(note),
            }  # fmt: skip
            rows = {"sheet": sheet.name, "row": text.index, "kind": PLACED, "text": text}
            return Part([line], {tables.SKIPPED: pd.DataFrame(rows)})
    return None


def _converted(
    block: Block, match: Match, sheet: Sheet, source: Source, before: int, *said: Reason
) -> Part:
    one, notes = origin.keyed(match.format, source.name)
    rows = body(block.cells, match, block.lines, f"{source.name} {source.mark}".strip())
    if (why := units.against(one, rows.above)) is not None:
        return set_aside(Sheet(sheet.name, sheet.encoding, block.cells), why)
    one = units.priced(one, rows.above)
    rows = replace(rows, above=f"{rows.above}\n{named_by(sheet.name, source.name)}")
    table = _TABLES[one.kind]
    told: dict[str, object] = {}
    frames: dict[Table, pd.DataFrame] = {}
    entries = None
    if table is tables.ENTRIES:
        found = convert.entries(rows, one)
        outcome = Outcome(pd.DataFrame(), found.faults, found.notes)
        entries, frames[tables.COVERAGE] = _entries(found, sheet, one, source, before)
        told = _told(found, frames[tables.COVERAGE])
    else:
        outcome = _READERS[table](rows, one)
        frame = outcome.frame.assign(sheet=sheet.name, format=one.name, row=outcome.frame.index)
        frames[table] = _with_institution(frame, origin.institution(one, source.name))
    faults = pd.concat([*rows.faults, *outcome.faults, pd.DataFrame(columns=["row", "aside"])])
    faults = faults.assign(sheet=sheet.name, column=_headers(faults, match))
    lost = faults.loc[faults["aside"].eq("row"), "row"].nunique()
    skipped = rows.skipped.assign(sheet=sheet.name)
    used = rows.rows - lost - len(skipped)
    going_on = match.at < 0 and not one.headless
    continues = [CONTINUES.about(title=one.title, title_en=one.title_en)] if going_on else []
    notes = [*said, *notes, *continues, *rows.notes, *outcome.notes]
    line = {
        "sheet": sheet.name, "format": one.name, "title": one.title, "encoding": sheet.encoding,
        "rows": rows.rows, "entries": used, "faults": lost, "skipped": len(skipped), **told,
        **_noted(joined(notes)),
    }  # fmt: skip
    return Part([line], frames | {tables.FAULTS: faults, tables.SKIPPED: skipped}, entries)


def _entries(
    found: Converted, sheet: Sheet, one: Format, source: Source, before: int
) -> tuple[pa.Table, pd.DataFrame]:
    """Return the entries of a table in Arrow, and what they cover of each account."""
    rows = len(found.index)
    said = found.texts.get("institution", Column.same("", rows))
    empty = ~said.filled()
    # A platform's table of transfers names cards that are other institutions'.
    if one.kind == "transfers":
        empty &= found.texts["account"].flags(lambda words: words.str.contains(":", regex=False))
    texts = found.texts | {
        "institution": said.mask(empty, origin.institution(one, source.name)),
        "sheet": Column.same(sheet.name, rows),
        "format": Column.same(one.name, rows),
    }
    columns = found.numbers | {
        "row": pa.array(found.index.to_numpy("int64")),
        "seq": pc.add(found.numbers["seq"], before),
        **{name: column.arrow() for name, column in texts.items()},
    }
    return tables.ENTRIES.arrow(columns, rows), _covered(found, sheet)


def _told(found: Converted, covered: pd.DataFrame) -> dict[str, object]:
    """Return what the line of ``files`` says of entries."""
    span = pc.min_max(found.numbers["time"]).as_py()
    told: dict[str, object] = {"first_time": span["min"], "last_time": span["max"]}
    if len(covered):
        told["accounts"] = covered["account"].nunique()
        told |= {name: int(covered[name].sum()) for name in ("proved", "broken")}
    return told


def _covered(found: Converted, sheet: Sheet) -> pd.DataFrame:
    """Return what the balances prove of each account, read from the few columns that tell it."""
    if not len(found.index):
        return tables.COVERAGE.empty()
    names = {name: found.texts[name].category() for name in _PROVING}
    known = found.numbers["balance_fen"].is_valid().to_numpy(zero_copy_only=False)
    balance = found.numbers["balance_fen"].fill_null(0).to_numpy()
    numbers = {
        name: column.to_numpy(zero_copy_only=False)
        for name, column in found.numbers.items()
        if name not in {"balance_fen", "cash"}
    }
    balances = pd.arrays.IntegerArray(balance.copy(), ~known)
    same = {"load_id": 0, "source": "", "sheet": sheet.name}
    facts = {"balance_fen": balances, "row": found.index.to_numpy("int64")}
    return coverage(pd.DataFrame(names | numbers | facts | same, copy=False))


def _headers(faults: pd.DataFrame, match: Match) -> pd.Series:
    """Return the header under which a faulty meaning stands in the file."""
    names = {meaning: match.header[places[0]] for meaning, places in match.columns.items()}
    if "income" in names and "expense" in names:
        names.setdefault("amount", f"{names['income']} / {names['expense']}")
    names.setdefault("amount", names.get("fen", ""))
    # Where no column holds the direction, the row's type is what did not tell it.
    names.setdefault("direction", names.get("type", ""))
    return faults.get("column", pd.Series(dtype="str")).map(lambda name: names.get(name, name))


def _with_institution(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    if "institution" not in frame:
        return frame.assign(institution=name)
    return frame.assign(institution=frame["institution"].where(frame["institution"].ne(""), name))
