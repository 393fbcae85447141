"""Sheets: what a workbook may hold without losing the machine, the book or a cell."""

from __future__ import annotations

import io
import logging
import zipfile
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from soak import makes
from tracer.statements.files.extent import LARGEST_SHEET, extents
from tracer.statements.files.sheets import sheets
from tracer.statements.load import Reading, read

HEADER = "交易卡号,交易账号,交易时间,交易金额,交易余额,收付标志,交易对手账卡号,对手户名,备注"
LINE = "6222020000000000018,,2022-04-01 10:00:00,1.00,,出,6217000000000000026,李四,"
ROW = LINE.split(",")


def book(*rows: list[object]) -> openpyxl.Workbook:
    made = openpyxl.Workbook()
    for row in (HEADER.split(","), *rows):
        made.active.append(row)
    return made


def loaded(folder: Path, made: openpyxl.Workbook) -> Reading:
    made.save(folder / "a.xlsx")
    return read(folder / "a.xlsx", source="a.xlsx")


def test_a_far_cell_costs_its_sheet_and_no_other(tmp_path: Path) -> None:
    made = book(ROW)
    made.create_sheet("远").cell(200000, 16384).value = "x"
    reading = loaded(tmp_path, made)
    assert reading.files["entries"].tolist() == [1, 0]
    assert "XFD200000" in reading.files["note"][1]
    assert "XFD200000" in reading.files["note_en"][1]
    assert reading.faults[["sheet", "aside"]].to_numpy().tolist() == [["远", "file"]]


def test_far_cells_in_two_places_are_one_rectangle(tmp_path: Path) -> None:
    made = book(ROW)
    made.active["XFD1"] = "x"
    made.active["A900000"] = "x"
    assert "XFD1" in loaded(tmp_path, made).files["note"][0]


def test_formatted_rows_and_cells_without_content_are_no_far_cells(tmp_path: Path) -> None:
    made = book(ROW)
    made.active["CZ1"] = "x"
    made.active.row_dimensions[1048576].height = 20
    made.active["XFD1048576"].number_format = "0.00"
    assert loaded(tmp_path, made).files["entries"].tolist() == [1]


def test_cells_are_found_across_pieces_and_prefixes(monkeypatch: pytest.MonkeyPatch) -> None:
    made, target = openpyxl.Workbook(), io.BytesIO()
    for row in range(1, 40):
        made.active.cell(row, row).value = "#REF!"
    made.save(target)
    prefixed = io.BytesIO()
    with zipfile.ZipFile(target) as old, zipfile.ZipFile(prefixed, "w") as new:
        for part in old.namelist():
            xml = old.read(part)
            if "sheet1" in part:
                xml = xml.replace(b"</", b"</x:").replace(b"<", b"<x:").replace(b"<x:/x:", b"</x:")
                xml = xml.replace(b"xmlns=", b"xmlns:x=")
            new.writestr(part, xml)
    monkeypatch.setattr("tracer.statements.files.extent._CHUNK", 37)
    for content in (target, prefixed):
        extent = extents(content)["Sheet"]
        assert (extent.rows, extent.columns, extent.rightmost) == (39, 39, "AM39")
        assert set(extent.marks) == {(row, row) for row in range(1, 40)}
    assert extent.rows * extent.columns < LARGEST_SHEET


def test_a_duration_loses_nothing(tmp_path: Path) -> None:
    timed = [6228480402564890018, *ROW[1:8], timedelta(hours=3)]
    reading = loaded(tmp_path, book(ROW, [*ROW[:8], timedelta(hours=30)], timed))
    assert reading.files[["entries", "faults"]].to_numpy().tolist() == [[2, 1]]


def test_errors_and_unanswered_formulas_are_faults(tmp_path: Path) -> None:
    rows = [[*ROW[:3], cell, *ROW[4:]] for cell in ("#REF!", "=1+1", "#N/A", "2.00")]
    reading = loaded(tmp_path, book(*rows))
    assert reading.faults[["row", "value"]].to_numpy().tolist() == [
        [2, "#REF!"], [3, "=1+1"], [4, "#N/A"],
    ]  # fmt: skip
    assert reading.entries["fen"].tolist() == [200]


def test_errors_stand_where_the_sheet_has_them(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.active["C3"], made.active["D4"], made.active["B9"] = "a", "=1&2", "#N/A"
    made.save(tmp_path / "a.xlsx")
    cells = sheets(tmp_path / "a.xlsx")[0].cells
    assert cells.shape == (9, 3)
    assert cells.loc[[3, 4, 9]].to_numpy().tolist() == [
        ["", "a", ""], ["", "", "=1&2"], ["#N/A", "", ""],
    ]  # fmt: skip


def test_the_reader_tells_its_own_words_in_the_note(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    note = read(tmp_path / "a.xls", source="a.xls").files["note"][0]
    assert "calamine" in note


def test_the_reader_keeps_its_guesses_to_itself() -> None:
    assert not logging.getLogger("fastexcel.types.dtype").isEnabledFor(logging.WARNING)


def test_a_long_number_of_an_open_document_is_damaged_and_a_text_is_not(tmp_path: Path) -> None:
    text = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    number = '<table:table-cell office:value-type="float" office:value="{}"/>'
    parts = makes.ods([HEADER.split(","), ROW, ["6222020000000000026", *ROW[1:]]])
    xml = parts["content.xml"].decode()
    long = text.format("6222020000000000026")
    parts["content.xml"] = xml.replace(long, number.format("6222020000000000026")).encode()
    assert parts["content.xml"].decode() != xml
    (tmp_path / "a.ods").write_bytes(makes.zipped(parts))
    reading = read(tmp_path / "a.ods", source="a.ods")
    assert reading.entries["account"].tolist() == [ROW[0]]
    assert reading.faults["value"].tolist() == ["6.22202000000000E+18"]
    assert "末几位已经丢失" in reading.faults["reason"][0]
