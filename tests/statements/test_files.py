"""Files: every kind of bad file is told in words, and no row of a good one is lost."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effort import examples
from tracer.statements.folder import find
from tracer.statements.load import Reading, read
from tracer.statements.report.report import LoadReport

HEADER = "交易卡号,交易账号,交易时间,交易金额,交易余额,收付标志,交易对手账卡号,对手户名,备注"
CARD = "6222020000000000018"


def line(amount: str = "1.00", way: str = "出", balance: str = "", second: int = 0) -> str:
    return (
        f"{CARD},,2022-04-01 10:00:{second:02},{amount},{balance},{way},6217000000000000026,李四,"
    )


def text(*rows: str) -> str:
    return "\n".join([HEADER, *rows, ""])


def loaded(folder: Path, content: bytes | str, name: str = "a.csv") -> Reading:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    reading = read(file, source=name)
    files = reading.files
    assert (files["rows"] == files["entries"] + files["faults"] + files["skipped"]).all()
    return reading


def zipped(**parts: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for name, content in parts.items():
            package.writestr(name.replace("__", "/"), content)
    return target.getvalue()


def workbook(rows: list[list[object]]) -> bytes:
    book, target = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.create_sheet("空")
    book.save(target)
    return target.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
BAD = {
    "empty": (b"", "空"),
    "picture": (b"\xff\xd8\xff\xe0" + bytes(50), "图片"),
    "pdf": (b"%PDF-1.7 ...", "PDF"),
    "rar": (b"Rar!\x1a\x07\x00", "先解压"),
    "7z": (b"7z\xbc\xaf\x27\x1c", "先解压"),
    "tgz": (b"\x1f\x8b\x08\x00", "先解压"),
    "zip": (zipped(a="x"), "先解压"),
    "docx": (zipped(word__document="x"), "Word"),
    "cut": (workbook([["a"]])[:900], "截断"),
    "ole": (OLE, "打不开"),
    "bomb": (None, "巨大"),
    "html": (b"<html><table></table></html>", "没有表格"),
    "binary": (b"a,b\x00c\n", "二进制"),
    "no text": (b"\xff\xff\x80\x80abc\xff", "GB18030"),
    "prose": ("这是一段说明。\n不是流水。\n".encode(), "没有识别"),
    "near": ("交易卡号,交易账号,交易时间,收付标志\n1,2,3,4\n".encode(), "交易金额"),
    "cut utf-8": (text(line()).encode()[:-1] + "注".encode()[:2], "截断"),
    "cut gbk": (text(line()).encode("gbk")[:-1] + "注".encode("gbk")[:1], "截断"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_says_why(kind: str, tmp_path: Path) -> None:
    content, words = BAD[kind]
    if content is None:
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
            package.writestr("xl/worksheets/sheet1.xml", bytes(60_000_000))
        content = target.getvalue()
    reading = loaded(tmp_path, content, "某.xlsx")
    assert reading.files["format"].tolist() == [""]
    assert words in reading.files["note"][0]
    assert reading.files["note_en"][0]
    assert reading.faults["aside"].tolist() == ["file"]
    assert reading.entries.empty


def test_rows_of_an_unknown_layout_are_counted(tmp_path: Path) -> None:
    files = loaded(tmp_path, "a,b\n1,2\n3,4\n").files
    assert files[["rows", "faults"]].to_numpy().tolist() == [[3, 3]]


def test_a_header_alone_is_a_statement_without_rows(tmp_path: Path) -> None:
    files = loaded(tmp_path, text()).files
    assert files[["format", "rows", "skipped"]].to_numpy().tolist() == [["detail", 1, 1]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_encodings_and_delimiters(encoding: str, delimiter: str, tmp_path: Path) -> None:
    content = text(line()).replace(",", delimiter).encode(encoding)
    reading = loaded(tmp_path, content)
    assert reading.entries["other_holder"].tolist() == ["李四"]
    assert reading.entries["account"].tolist() == [CARD]


def test_the_extension_says_nothing(tmp_path: Path) -> None:
    assert len(loaded(tmp_path, text(line()).replace(",", "\t"), "a.xls").entries) == 1
    assert (
        len(loaded(tmp_path, workbook([HEADER.split(","), line().split(",")]), "b.csv").entries)
        == 1
    )


def test_a_numeric_card_is_damaged_and_a_text_one_is_not(tmp_path: Path) -> None:
    whole, same = line().split(","), line().split(",")
    whole[0] = 6228480402564890018
    same[0] = "6228480402564889600"
    other = line().split(",")
    other[6] = 6228480402564890018
    reading = loaded(tmp_path, workbook([HEADER.split(","), whole, same, other]))
    assert reading.entries["account"].tolist() == ["6228480402564889600", CARD]
    assert reading.entries["other_account"].tolist() == ["6217000000000000026", ""]
    assert reading.faults["aside"].tolist() == ["row", "cell"]
    assert set(reading.faults["value"]) == {"6.22848040256489E+18"}


def test_rows_count_from_the_top_of_the_sheet(tmp_path: Path) -> None:
    reading = loaded(
        tmp_path, workbook([[], [], ["某行流水"], HEADER.split(","), line().split(",")])
    )
    assert reading.entries["row"].tolist() == [5]
    assert reading.files["rows"].tolist() == [5, 0]


def test_lines_are_counted_through_quoted_breaks(tmp_path: Path) -> None:
    reading = loaded(tmp_path, text(line() + '"两\n行"', line()))
    assert reading.entries["row"].tolist() == [2, 4]


def test_an_open_quotation_mark_swallows_no_row(tmp_path: Path) -> None:
    for marks in (1, 2):
        rows = [line() + ('"开' if i < marks else "") for i in range(4)]
        reading = loaded(tmp_path, text(*rows))
        assert reading.entries["row"].tolist() == [2, 3, 4, 5]


def test_a_row_with_more_cells_is_set_aside_though_they_are_empty(tmp_path: Path) -> None:
    reading = loaded(tmp_path, text(line() + "备注,多", line(), line() + ",,"))
    assert reading.entries["row"].tolist() == [3]
    assert reading.faults["row"].tolist() == [2, 4]
    assert reading.faults["value"][0] == "多"


STATED = HEADER.replace("备注", "备注,交易是否成功")


def stated(*rows: str, end: str = "\n") -> str:
    return "\n".join([STATED, *rows]) + end


def test_an_open_quotation_mark_hides_no_failure(tmp_path: Path) -> None:
    good, failed = line() + ",成功", line() + ",失败"
    for marks in (1, 2, 3):
        opened = [failed.replace("李四", '"张三')] * marks
        reading = loaded(tmp_path, stated(good, *opened, good))
        assert reading.entries["success"].tolist() == [True, *[False] * marks, True]
        assert reading.entries["row"].tolist() == list(range(2, marks + 4))
        assert set(reading.entries["other_holder"]) == {"李四", '"张三'}
        assert reading.faults.empty


def test_two_open_marks_in_one_line_hide_nothing(tmp_path: Path) -> None:
    failed = line().replace("李四,", '"李四,"转') + ",失败"
    reading = loaded(tmp_path, stated(line() + ",成功", failed))
    assert reading.entries["success"].tolist() == [True, False]


def test_an_open_mark_in_a_row_of_another_width_is_a_fault(tmp_path: Path) -> None:
    for bad in (line().replace("李四", '"张,三') + ",失败", line().replace("李四", '"张三')):
        reading = loaded(tmp_path, stated(line() + ",成功", bad, line() + ",成功"))
        assert reading.entries["row"].tolist() == [2, 4]
        assert reading.faults["row"].tolist() == [3]
        assert "引号" in reading.faults["reason"][0]


def test_a_cell_over_two_lines_survives_an_open_mark_elsewhere(tmp_path: Path) -> None:
    several = line() + '"两\n行",失败'
    opened = line().replace("李四", '"张三') + ",失败"
    reading = loaded(tmp_path, stated(line() + ",成功", several, opened, line() + ",成功"))
    assert reading.entries["row"].tolist() == [2, 3, 5, 6]
    assert reading.entries["success"].tolist() == [True, False, False, True]


def test_a_row_that_is_cut_is_a_fault(tmp_path: Path) -> None:
    reading = loaded(tmp_path, stated(line() + ",失败", line(), line() + ",成功"))
    assert reading.entries["row"].tolist() == [2, 4]
    assert reading.faults[["row", "aside"]].to_numpy().tolist() == [[3, "row"]]
    assert "行不完整" in reading.faults["reason"][0]
    assert loaded(tmp_path, stated(line())).entries.empty


def test_quoted_rows_that_are_cut_are_faults_too(tmp_path: Path) -> None:
    quoted = '"' + line().replace(",", '","') + '"'
    reading = loaded(tmp_path, stated(quoted + ',"失败"', quoted, quoted + ',"成功"'))
    assert reading.entries["success"].tolist() == [False, True]
    assert reading.faults["row"].tolist() == [3]


def test_a_width_that_most_rows_share_is_whole(tmp_path: Path) -> None:
    rows = [line(), line(), line(), line() + ",失败", line().rsplit(",", 2)[0]]
    reading = loaded(tmp_path, stated(*rows))
    assert reading.entries["row"].tolist() == [2, 3, 4, 5]
    assert reading.entries["success"].tolist() == [True, True, True, False]
    assert reading.faults["row"].tolist() == [6]


def test_a_last_line_without_its_end_tells_of_a_cut_file(tmp_path: Path) -> None:
    good = line() + ",成功"
    reading = loaded(tmp_path, stated(good, good, line(), end=""))
    assert reading.entries["row"].tolist() == [2, 3]
    assert "文件可能被截断" in reading.faults["reason"][0]
    assert loaded(tmp_path, stated(good, good, end="")).faults.empty


def test_whole_lines_in_single_cells(tmp_path: Path) -> None:
    reading = loaded(tmp_path, workbook([[HEADER], [line()]]))
    assert reading.entries["fen"].tolist() == [100]


def test_headers_totals_and_blanks_are_skipped(tmp_path: Path) -> None:
    reading = loaded(tmp_path, text(line(), HEADER, "", ",,,,,,,,", "合计,,,1.00,,,,,"))
    assert reading.files[["entries", "faults", "skipped"]].to_numpy().tolist() == [[1, 0, 5]]


def test_an_own_declaration_adds_a_bank(tmp_path: Path) -> None:
    folder = tmp_path / "formats"
    folder.mkdir()
    (folder / "own.toml").write_text(
        'name = "own"\ntitle = "自家银行"\nkind = "statement"\n'
        'required = ["我方", "何时", "多少", "去向"]\n'
        '[columns]\ncard = ["我方"]\ntime = ["何时"]\namount = ["多少"]\ndirection = ["去向"]\n',
        encoding="utf-8",
    )
    file = tmp_path / "x.csv"
    file.write_text(f"我方,何时,多少,去向\n{CARD},2022-04-01,5,出\n", encoding="utf-8")
    reading = read(file, source="x.csv", formats=folder)
    assert reading.files["title"].tolist() == ["自家银行"]
    assert reading.entries["fen"].tolist() == [500]


def test_hidden_and_lock_files_are_not_found(tmp_path: Path) -> None:
    for name in ("b.csv", "sub/a.csv", ".hidden", "~$b.xlsx", ".git/x.csv", "__MACOSX/a.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    assert [one.source for one in find(tmp_path)] == ["b.csv", "sub/a.csv"]
    assert [one.source for one in find(tmp_path / "b.csv")] == ["b.csv"]
    assert find(tmp_path)[1].path.read_text(encoding="utf-8") == "x"


def test_the_report_is_plain_and_inert(tmp_path: Path) -> None:
    reading = loaded(tmp_path, text(line(amount="<script>"), line()), "<b>.csv")
    report = LoadReport(reading.files, reading.faults)
    assert "3 行 = 入库 1 + 问题行 1 + 非数据行 1" in str(report)
    assert "3 rows = 1 kept + 1 faults + 1 not data" in report.text("en")
    assert "<script>" not in report._repr_html_()
    assert "<b>" not in report._repr_html_()
    assert (report.entries, report.set_aside) == (1, 1)


@settings(deadline=None, max_examples=examples(15))
@given(st.lists(st.lists(st.text(max_size=8), max_size=10), max_size=6))
def test_no_content_makes_a_load_fail(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    body = "\n".join(",".join(row) for row in rows).encode("utf-8", "replace").decode()
    loaded(tmp_path_factory.mktemp("any"), text(line(), body, line()))


@settings(deadline=None, max_examples=examples(12))
@given(st.binary(max_size=300))
def test_no_bytes_make_a_load_fail(tmp_path_factory: pytest.TempPathFactory, some: bytes) -> None:
    loaded(tmp_path_factory.mktemp("any"), some)


def way(reading: Reading) -> list[str]:
    return pd.Series(reading.entries["direction"]).tolist()


def test_digits_are_decided_by_the_sheet(tmp_path: Path) -> None:
    assert way(loaded(tmp_path, text(line(way="1"), line(way="2")))) == ["out", "in"]
    assert way(loaded(tmp_path, text(line(way="0"), line(way="１")))) == ["out", "in"]
    assert way(loaded(tmp_path, text(line(way="0"), line(way="1"), line(way="2")))) == []
    assert way(loaded(tmp_path, text(line(way="1"), line(way="1")))) == []
    # One balance that fits may be chance; three tell what the digit means.
    rows = [line(way="1", balance=f"{10 - row}.00", second=row) for row in range(4)]
    assert way(loaded(tmp_path, text(*rows[:2]))) == []
    assert way(loaded(tmp_path, text(*rows))) == ["out"] * 4


def test_an_empty_direction_is_told_by_the_balance_or_not_at_all(tmp_path: Path) -> None:
    rows = [line(balance="10.00"), line(way="", balance="11.00", second=1)]
    assert way(loaded(tmp_path, text(*rows))) == ["out", "in"]
    descending = [line(way="", balance="9.00", second=2), line(balance="10.00", second=1)]
    reading = loaded(tmp_path, text(*descending))
    assert way(reading) == ["out", "out"]
    assert reading.entries["seq"].tolist() == [1, 0]
    assert way(loaded(tmp_path, text(line(balance="10.00"), line(way="", balance="15")))) == ["out"]


def test_signs_agree_or_are_refused(tmp_path: Path) -> None:
    signed = [line("-1"), line("-2"), line("3", "进"), line("-4", "进"), line("5", "出")]
    reading = loaded(tmp_path, text(*signed))
    assert reading.entries["fen"].tolist() == [100, 200, 300]
    assert way(reading) == ["out", "out", "in"]
    assert way(loaded(tmp_path, text(line("-1", ""), line("2", "")))) == ["out", "in"]
    assert way(loaded(tmp_path, text(line("1"), line("2"), line("-3")))) == ["out", "out"]


def test_zeros_in_place_of_a_code_are_no_code(tmp_path: Path) -> None:
    header = "交易卡号,交易账号,交易时间,交易金额,收付标志,对手户名,对手身份证号,交易流水号,商户号"
    rows = [
        f"{CARD},,2022-04-01 10:00:00,1,出,0,000,00000000,000000",
        f"{CARD},,2022-04-01 10:00:01,1,出,李四,0010,00000100,010",
    ]
    entries = loaded(tmp_path, "\n".join([header, *rows, ""])).entries
    names = ["other_holder", "other_id", "serial", "merchant_code"]
    assert entries[names].to_numpy().tolist() == [[""] * 4, ["李四", "0010", "00000100", "010"]]


def test_what_did_not_succeed_is_not_taken_for_success(tmp_path: Path) -> None:
    words = ["未完成", "交易未完成", "未到账", "无效", "已完成", "处理中"]
    rows = [f"{line(second=at)},{word}" for at, word in enumerate(words)]
    content = "\n".join([f"{HEADER},交易是否成功", *rows, ""])
    reading = loaded(tmp_path, content)
    assert reading.entries["success"].tolist() == [False] * 4 + [True] * 2
    assert reading.faults["value"].tolist() == ["处理中"]


@pytest.mark.parametrize("cell", ["x" * 200_000, '"' + "x" * 200_000, "x" * (34 << 20)])
def test_a_line_of_any_length_is_a_line_of_the_report(tmp_path: Path, cell: str) -> None:
    reading = loaded(tmp_path, cell, "a.txt")
    assert reading.files["note"].str.len().gt(0).all()
    assert loaded(tmp_path, text(line() + cell[:300_000], line(second=1))).entries["fen"].size == 2
