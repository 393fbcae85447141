"""Workbooks: exact money, inert text, the same bytes."""

from __future__ import annotations

import re
import zipfile
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from effort import examples
from tracer.errors import TableError, TracerError
from tracer.views.workbook import clean, save, sheet


def raw(path: Path, name: str = "xl/worksheets/sheet1.xml") -> str:
    with zipfile.ZipFile(path) as book:
        return book.read(name).decode("utf-8")


@given(st.lists(st.integers(-(10**14), 10**14), min_size=1, max_size=20))
@settings(deadline=None, max_examples=examples(12))
def test_money_is_written_digit_by_digit(
    tmp_path_factory: pytest.TempPathFactory, fen: list[int]
) -> None:
    book = Workbook()
    sheet(book, "x", pd.DataFrame({"金额": fen}), money=["金额"])
    path = save(book, tmp_path_factory.mktemp("w") / "a.xlsx")
    written = re.findall(r'<c r="A(?!1")\d+"[^>]*><v>([^<]*)</v>', raw(path))
    assert [Decimal(value) * 100 for value in written] == fen


def test_money_is_a_number_with_two_decimals_and_may_be_unknown(tmp_path: Path) -> None:
    book = Workbook()
    frame = pd.DataFrame({"金额": pd.array([995, None, 10**15], dtype="Int64")})
    sheet(book, "x", frame, money=["金额"], unknown="未知")
    page = load_workbook(save(book, tmp_path / "a.xlsx")).active
    assert (page["A2"].value, page["A2"].number_format) == (9.95, "#,##0.00")
    assert page["A3"].value == "未知"
    assert page["A4"].value == "10,000,000,000,000.00"


def test_money_that_is_not_fen_is_refused() -> None:
    with pytest.raises(TableError, match="'金额' must be whole fen"):
        sheet(Workbook(), "x", pd.DataFrame({"金额": [1.5]}), money=["金额"])


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "#N/A", "{=1}"])
def test_text_never_becomes_a_formula(text: str, tmp_path: Path) -> None:
    book = Workbook()
    sheet(book, "x", pd.DataFrame({text: [text]}))
    path = save(book, tmp_path / "a.xlsx")
    assert "<f>" not in raw(path)
    cell = load_workbook(path).active["A2"]
    assert cell.data_type == "s"
    assert cell.quotePrefix == (text[0] in "=+-@\t\r")


def test_text_keeps_its_digits_and_shows_what_was_illegal(tmp_path: Path) -> None:
    book = Workbook()
    frame = pd.DataFrame(
        {
            "账号": ["6228480402564890018", "a\x00\x0bb"],
            "时间": [pd.Timestamp(2024, 6, 1, 9, 5, 7), pd.NaT],
            "n": [1, 2],
        }
    )
    sheet(book, "x", frame)
    page = load_workbook(save(book, tmp_path / "a.xlsx")).active
    assert (page["A2"].value, page["A2"].number_format) == ("6228480402564890018", "@")
    assert page["A3"].value == "a��b"
    assert page["B2"].value == "2024-06-01 09:05:07"
    assert page["B3"].value is None
    assert page["C2"].value == 1
    assert clean("长" * 40_000).endswith("…")


def test_a_sheet_is_set_for_reading_and_printing(tmp_path: Path) -> None:
    book = Workbook()
    frame = pd.DataFrame({"被害人姓名": ["欧阳某某某"], "n": [1]})
    sheet(book, "x", frame, heading="标题", notes=["一", "二"])
    page = load_workbook(save(book, tmp_path / "a.xlsx")).active
    assert page.freeze_panes == "A5"
    assert page.auto_filter.ref == "A4:B5"
    assert page.print_title_rows == "$4:$4"
    assert page.page_setup.orientation == "landscape"
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert page.column_dimensions["A"].width >= 10


def test_titles_are_safe_and_unique(tmp_path: Path) -> None:
    book = Workbook()
    for title in ("a/b[c]", "A_B_C_", "", "长" * 40, "长" * 40, "'引'"):
        sheet(book, title, pd.DataFrame({"x": ["1"]}))
    names = load_workbook(save(book, tmp_path / "a.xlsx")).sheetnames
    assert names == ["a_b_c_", "A_B_C_ (2)", "Sheet", "长" * 31, "长" * 27 + " (2)", "引"]


def test_the_same_cells_give_the_same_bytes_and_no_leftovers(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        book = Workbook()
        sheet(book, "x", pd.DataFrame({"x": ["1"]}))
        save(book, tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.xlsx", "b.xlsx"]
    core = raw(tmp_path / "a.xlsx", "docProps/core.xml")
    assert core.count("2000-01-01T00:00:00Z") == 2
    assert "Tracer" in core


def test_a_failed_save_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a.xlsx"
    target.write_bytes(b"old")
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(PermissionError("open")))
    with pytest.raises(TracerError, match=r"a\.xlsx.*[Cc]lose it") as caught:
        save(Workbook(), target)
    assert re.search(r"a\.xlsx.*请.*关闭", caught.value.zh)
    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"]
    assert target.read_bytes() == b"old"


def test_colleagues_may_read_what_was_saved(tmp_path: Path) -> None:
    # Whatever the folder's rules are, a workbook has the rights of any other new file.
    (tmp_path / "plain").touch()
    path = save(Workbook(), tmp_path / "a.xlsx")
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode
