"""What must hold for every file: nothing lost, nothing invented, nothing raised."""

from __future__ import annotations

import codecs
import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd

from soak.attack import Attack
from soak.packages import OUTSIDE_FILE
from tracer.case import KEPT, Case
from tracer.errors import TracerError
from tracer.intake import keep
from tracer.statements.formats.declare import KINDS, formats
from tracer.statements.load import FRAMES, Reading, read

UNFORESEEN = "Reading failed unexpectedly"
_NUMBER = re.compile(r"[0-9][0-9,]*\.?[0-9]*|[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]{1,3})?")
_PLAIN = re.compile(r"[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]{1,3})?|[0-9]+")
_OF_ENTRIES = {one.name for one in formats() if one.kind in {"statement", "transfers"}}
_OF_ENTRIES |= {"generic", "archive", ""}
# A row may only add a card to the one above it.
_CONTINUED = {one.name for one in formats() if one.continued}
_RECORDS = [table for table in FRAMES if table.name in {*KINDS}]
_KEYS = ("account", "card", "number", "other_account")
# A quoted cell may run over so many lines, and no more.
_SPAN = 20


def judge(
    one: Attack, folder: Path, *, whole: bool = False, store: bool = False
) -> tuple[Counter[str], list[str]]:
    """
    Load a file and return what it counts for, and every promise that it broke.

    Parameters
    ----------
    one
        The file.
    folder
        An empty folder to work in.
    whole
        Whether a case is to load it, ledger and all, and not the reader alone.
    store
        Whether what the reader gives is to be stored, too.
    """
    place = folder / "in" / (one.name or "a")
    place.parent.mkdir()
    place.write_bytes(one.content)
    if one.archive or whole:
        return _by_case(place, folder)
    reading = read(place, source=place.name)
    if store:
        _stored(reading)
    wrong = [*_told(reading.files, reading.faults), *_counted(reading)]
    wrong += _invented(reading, one.content, place)
    return _counts(reading.files), wrong


def _by_case(place: Path, folder: Path) -> tuple[Counter[str], list[str]]:
    case = Case.create(folder / "case")
    try:
        report = case.load(place)
    except TracerError as error:
        sound = bool(error.zh and error.message)
        return Counter(files=1, refused=1), [] if sound else [f"no sentence: {error!r}"]
    wrong = _told(report.files, report.faults)
    if len(case.entries()) != int(report.files["entries"].sum()) and _only_entries(report.files):
        wrong.append("the case holds other entries than the report counts")
    strays = {path.name for path in folder.iterdir()} - {"in", "case"}
    strays |= {path.name for path in place.parent.iterdir()} - {place.name}
    if OUTSIDE_FILE.exists():
        # The next file is to be judged by what it does itself.
        OUTSIDE_FILE.unlink()
        strays.add(str(OUTSIDE_FILE))
    if strays:
        wrong.append(f"something was written outside the case: {sorted(strays)}")
    return _counts(report.files), wrong


def _only_entries(files: pd.DataFrame) -> bool:
    return bool(files["format"].isin(_OF_ENTRIES).all())


def _counts(files: pd.DataFrame) -> Counter[str]:
    loaded = bool(files["format"].ne("").any())
    sums = {name: int(files[name].sum()) for name in ("rows", "entries", "faults", "skipped")}
    return Counter(files=1, loaded=int(loaded), refused=int(not loaded), **sums)


def _told(files: pd.DataFrame, faults: pd.DataFrame) -> list[str]:
    """Check the sums, and that whatever was refused or set aside says why in both languages."""
    wrong = []
    odd = files["rows"] != files["entries"] + files["faults"] + files["skipped"]
    odd |= files[["rows", "entries", "faults", "skipped"]].lt(0).any(axis=1)
    if odd.any():
        columns = ["rows", "entries", "faults", "skipped"]
        wrong.append(f"the sum is wrong: {files.loc[odd, columns].to_numpy().tolist()}")
    if not len(files):
        wrong.append("the file is in no line of the report")
    silent = files["format"].eq("") & (files["note"].eq("") | files["note_en"].eq(""))
    if silent.any():
        wrong.append("refused without a sentence in both languages")
    if (faults["reason"].eq("") | faults["reason_en"].eq("")).any():
        wrong.append("a fault without a reason in both languages")
    unforeseen = files.loc[files["note_en"].str.contains(UNFORESEEN), "note_en"]
    return wrong + [f"crash: {note}" for note in unforeseen]


def _counted(reading: Reading) -> list[str]:
    """Check that the tables hold what the lines of the report say."""
    wrong, files, entries = [], reading.files, reading.entries
    held = len(entries) + sum(len(getattr(reading, table.name)) for table in _RECORDS)
    # A registration's row may bind several cards, and each is a line of its table.
    if held != int(files["entries"].sum()) and not files["format"].isin(_CONTINUED).any():
        wrong.append(f"{held} entries are held, {int(files['entries'].sum())} are counted")
    aside = reading.faults[reading.faults["aside"].eq("row")]
    both = set(zip(aside["sheet"], aside["row"], strict=True)) & set(
        zip(entries["sheet"], entries["row"], strict=True)
    )
    if both:
        wrong.append(f"rows are entries and faults at once: {sorted(both)[:3]}")
    read_ = files[files["format"].ne("")]
    if len(read_) == 1 and aside["row"].nunique() != int(read_["faults"].sum()):
        wrong.append(
            f"{aside['row'].nunique()} rows set aside, {int(read_['faults'].sum())} counted"
        )
    if not entries["direction"].isin(["in", "out"]).all():
        wrong.append("an entry without a direction")
    if entries["time"].isna().any() or entries["account"].eq("").any():
        wrong.append("an entry without a time or an account")
    if entries["fen"].lt(0).any():
        wrong.append("an entry with a negative amount")
    return wrong


def _stored(reading: Reading) -> None:
    """Store what was read, as a case does, in memory and for a moment."""
    with duckdb.connect() as connection:
        for table in KEPT:
            connection.execute(table.create())
        keep.keep(connection, [reading])


def _invented(reading: Reading, content: bytes, place: Path) -> list[str]:
    """Check that every amount and account of an entry stands in the file, and in its row."""
    entries = reading.entries
    if zipfile.is_zipfile(place):
        said = _package(place)
        if said is None:
            return []
        windows: Iterator[str] = iter([said] * len(entries))
        above = ""
    elif reading.files["encoding"].iloc[0]:
        lines = _lines(content, str(reading.files["encoding"].iloc[0]))
        wrong = _rows(reading, lines)
        if wrong or entries.empty:
            return wrong
        span = _SPAN if any('"' in line for line in lines) else 1
        windows = iter("\n".join(lines[row - 1 : row - 1 + span]) for row in entries["row"])
        above = "".join(lines[: int(entries["row"].min())])
    else:
        return []
    return _unsaid(entries, windows, re.sub("[^0-9]", "", above))


def _unsaid(entries: pd.DataFrame, windows: Iterator[str], above: str) -> list[str]:
    known: dict[str, tuple[set[Decimal], str]] = {}
    for row, window in zip(entries.to_dict("records"), windows, strict=True):
        if window not in known:
            known = {window: (_amounts(window), re.sub("[^0-9]", "", window))}
        amounts, digits = known[window]
        if Decimal(int(row["fen"])) not in amounts:
            return [f"row {row['row']}: the amount {row['fen']} fen is nowhere in the row"]
        for name in _KEYS:
            for number in re.findall("[0-9]{6,}", str(row[name])):
                if number not in digits and number not in above:
                    return [f"row {row['row']}: {name} {row[name]!r} is nowhere in the row"]
    return []


def _amounts(text: str) -> set[Decimal]:
    """Return every amount that a text can mean, in fen, whether it says yuan or fen."""
    found = set()
    for token in {*_NUMBER.findall(text), *_PLAIN.findall(text)}:
        plain = token.replace(",", "")
        for number in {plain, repr(float(plain))} if len(plain) < 40 else {plain}:
            if number.lower().strip("-").startswith(("inf", "nan")):
                continue
            yuan = Decimal(number)
            found |= {yuan, yuan * 100}
    return found


def _lines(content: bytes, encoding: str) -> list[str]:
    text = content.removeprefix(codecs.BOM_UTF8).decode(encoding)
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return [unicodedata.normalize("NFKC", line) for line in plain.split("\n")]


def _rows(reading: Reading, lines: list[str]) -> list[str]:
    """Check that a text without quotation marks has as many rows as it has lines."""
    if any('"' in line for line in lines) or not reading.files["format"].ne("").any():
        return []
    count = len(lines) - (lines[-1] == "")
    rows = int(reading.files["rows"].sum())
    return [] if rows == count else [f"{count} lines became {rows} rows"]


def _package(place: Path) -> str | None:
    """Return all that the XML of a package says, or None where it is not XML."""
    try:
        with zipfile.ZipFile(place) as package:
            parts = {name: package.read(name) for name in package.namelist()}
    except Exception:  # noqa: BLE001 - a damaged package has no text to compare with.
        return None
    if "xl/workbook.bin" in parts:
        return None
    text = b"\n".join(content for name, content in parts.items() if name.endswith(".xml"))
    return unicodedata.normalize("NFKC", text.decode("utf-8", "replace"))
