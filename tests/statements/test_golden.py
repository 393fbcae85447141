"""Every format against files whose entries and faults were written down and checked by hand."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from tracer.statements.files.sheets import sheets
from tracer.statements.formats.declare import formats
from tracer.statements.load import Reading, read

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(folder for folder in GOLDEN.iterdir() if folder.is_dir())
OUTPUTS = (
    *("entries", "registrations", "reports", "faults"),
    *("persons", "measures", "subaccounts", "tasks", "logins"),
)
UNTOLD = ["entry_id", "report_id", "load_id", "source", "sheet", "code"]


def named(folder: Path) -> str:
    """Return the name under which the file arrived, where it matters."""
    told = folder / "name.txt"
    table = "账户信息" if folder.name.startswith("register") else "交易明细信息"
    usual = f"【0102】测试银行{table}_1.csv"
    return told.read_text(encoding="utf-8").strip() if told.exists() else usual


def opened(folder: Path) -> Reading:
    return read(next(folder.glob("input.*")), source=named(folder))


given = cache(opened)


def shape(frame: pd.DataFrame) -> pd.DataFrame:
    text = frame.drop(columns=UNTOLD, errors="ignore").astype("str").fillna("")
    return text.loc[:, text.ne("").any()]


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_a_file_gives_what_was_written_down(folder: Path) -> None:
    reading = given(folder)
    for name in OUTPUTS:
        file, found = folder / f"{name}.csv", shape(getattr(reading, name))
        if not file.exists():
            assert found.empty
            continue
        wanted = pd.read_csv(file, dtype="str", keep_default_na=False, encoding="utf-8")
        pd.testing.assert_frame_equal(found, wanted, check_column_type=False)


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_every_row_is_accounted_for(folder: Path) -> None:
    reading = given(folder)
    files = reading.files
    held = sheets(next(folder.glob("input.*")))
    assert files["rows"].sum() == sum(len(sheet.cells) for sheet in held)
    assert (files["rows"] == files["entries"] + files["faults"] + files["skipped"]).all()
    aside = reading.faults[reading.faults["aside"].eq("row")][["sheet", "row"]].drop_duplicates()
    assert len(aside) == files["faults"].sum()
    assert len(reading.skipped) == files["skipped"].sum()
    if len(reading.entries):
        assert len(reading.entries) == files["entries"].sum()
        # Every row of every sheet is in exactly one of the three.
        parts = (reading.entries, aside, reading.skipped)
        rows = pd.concat([part[["sheet", "row"]] for part in parts])
        assert not rows.duplicated().any()
        for sheet in held:
            assert set(rows.loc[rows["sheet"].eq(sheet.name), "row"]) == set(sheet.cells.index)


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_a_workbook_of_the_same_text_gives_the_same(folder: Path, tmp_path: Path) -> None:
    cells = sheets(next(folder.glob("input.*")))[0].cells
    book = openpyxl.Workbook()
    for row in cells.itertuples(index=False):
        book.active.append([cell or None for cell in row])
    book.save(tmp_path / "same.xlsx")
    text, workbook = given(folder), read(tmp_path / "same.xlsx", source=named(folder))
    for name in OUTPUTS:
        # A cell of only a tab is no cell of a workbook.
        left, right = (shape(getattr(one, name)).map(str.strip) for one in (text, workbook))
        # A line break in a cell moves the rows below it in a text file, and not in a workbook.
        drop = [column for column in ("row", "institution") if column in left]
        pd.testing.assert_frame_equal(
            left.drop(columns=drop), right.drop(columns=drop, errors="ignore")
        )


def test_every_format_has_a_golden_file() -> None:
    recognised = {given(folder).files["format"].iloc[0] for folder in CASES}
    assert recognised == {one.name for one in formats()}


def test_golden_files_hold_no_carriage_returns() -> None:
    for file in GOLDEN.rglob("*.csv"):
        if file.stem in OUTPUTS:
            rows = list(csv.reader(file.read_text(encoding="utf-8").splitlines()))
            assert len(rows) > 1
