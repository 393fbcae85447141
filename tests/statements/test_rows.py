"""Rows: which rows of a sheet are data, and which are torn, shifted, totals or footers."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tracer.statements.load import Reading, read

HEADER = "交易卡号,交易账号,交易时间,交易金额,交易余额,收付标志,交易对手账卡号,对手户名,备注"
CARD, OTHER = "6222020000000000018", "6217000000000000026"
LINE = f"{CARD},,2022-04-01 10:00:00,1.00,,出,{OTHER},李四,"
# An offline reply of CCB, whose last columns are mostly empty.
REPLY = (
    "客户名称,账号,交易日期,交易时间,交易卡号,摘要,借贷方向,交易金额,账户余额,柜员号,交易机构号,"
    "交易机构名称,对方账号,对方户名,对方行名,交易流水号,扩充备注,IP地址,MAC地址"
)


def reply(amount: str, balance: str, tail: str = "") -> str:
    return (
        f"张三,33001,20220401,100000,{CARD},转账,借,{amount},{balance},1,2,支行,{OTHER},李四,建行,"
        f"S1,,,{tail}"
    )


def loaded(folder: Path, *lines: str) -> Reading:
    (folder / "a.csv").write_text("\n".join([*lines, ""]), "utf-8")
    return read(folder / "a.csv", source="a.csv")


def test_unquoted_thousands_never_shift_an_amount(tmp_path: Path) -> None:
    rows = [reply("100.00", "900.00"), reply("1,234.56", "765.44"), reply("1,234.56", "1,111.00")]
    reading = loaded(tmp_path, REPLY, *rows)
    assert reading.entries["fen"].tolist() == [10000]
    assert reading.faults["row"].tolist() == [3, 4]
    assert "多于表头" in reading.faults["reason"][0]


def test_thousands_that_shift_most_rows_are_seen_too(tmp_path: Path) -> None:
    rows = [reply("1,234.56", "1,111.00")] * 5 + [reply("5.00", "1,111.00"), reply("1.00", "2.00")]
    reading = loaded(tmp_path, REPLY, *rows)
    assert reading.entries["fen"].tolist() == [100]
    assert reading.faults["row"].tolist() == [2, 3, 4, 5, 6, 7]


def test_a_delimiter_behind_every_row_is_no_fault(tmp_path: Path) -> None:
    rows = [reply("100", "345.00", ","), reply("1234.56", "765.44", ","), reply("1", "2", ",")]
    reading = loaded(tmp_path, REPLY, *rows)
    assert reading.entries["fen"].tolist() == [10000, 123456, 100]
    assert len(reading.faults) == 0


def test_a_row_with_more_delimiters_than_the_others_is_a_fault(tmp_path: Path) -> None:
    reading = loaded(tmp_path, HEADER, LINE, LINE, LINE + ",,")
    assert reading.faults["row"].tolist() == [4]


def test_lines_in_single_cells_keep_their_widths(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    for line in (REPLY, reply("1.00", "2.00"), reply("1,234.56", "765.44"), "张三,33001,20220401"):
        made.active.append([line])
    made.save(tmp_path / "a.xlsx")
    reading = read(tmp_path / "a.xlsx", source="a.xlsx")
    assert reading.entries["fen"].tolist() == [100]
    assert reading.faults["row"].tolist() == [3, 4]


def test_a_repeated_header_may_have_a_mark_before_it(tmp_path: Path) -> None:
    reading = loaded(tmp_path, "\ufeff" + HEADER, LINE, "\ufeff" + HEADER, "\ufeff" + LINE)
    assert len(reading.faults) == 0
    assert reading.skipped["kind"].tolist() == ["header", "repeated"]
    assert reading.entries["account"].tolist() == [CARD, CARD]


FOOTERS = [
    "本页小计", "制表人：王五", "笔数：8", "本月合计", "本年累计", "承前页", "过次页",
    "打印时间：2022-05-01 10:00:00", "第 1 页 共 3 页", "第1页", "合 计", "借方合计：3.00",
]  # fmt: skip


@pytest.mark.parametrize("said", FOOTERS)
def test_totals_and_footers_are_no_data(said: str, tmp_path: Path) -> None:
    reading = loaded(tmp_path, HEADER, LINE, f"{said},,,300.00,,,,,")
    assert reading.skipped["kind"].tolist() == ["header", "total"]
    assert len(reading.faults) == 0


def test_a_dated_total_is_no_entry(tmp_path: Path) -> None:
    total = "小计,,2022-04-01,300.00,,出,,,"
    reading = loaded(tmp_path, HEADER, LINE, total, "\t" + total)
    assert reading.skipped["row"].tolist() == [1, 3, 4]
    assert reading.entries["account"].tolist() == [CARD]


def test_a_total_among_the_summaries_is_no_entry(tmp_path: Path) -> None:
    header = HEADER.replace("备注", "摘要说明")
    alone = f"{CARD},,2022-04-30 00:00:00,300.00,,出,,,"
    rows = [LINE + "转账", alone + "本月合计", alone + "本年累计", alone + "合计费", LINE + "合计"]
    reading = loaded(tmp_path, header, *rows)
    assert reading.skipped["row"].tolist() == [1, 3, 4]
    assert reading.entries["row"].tolist() == [2, 5, 6]


def test_a_company_may_be_called_like_a_total(tmp_path: Path) -> None:
    rows = [
        reply("1.00", "2.00").replace("张三", name) for name in ("合计咨询公司", "本月合计公司")
    ]
    assert len(loaded(tmp_path, REPLY, *rows).entries) == 2
