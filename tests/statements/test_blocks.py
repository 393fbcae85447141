"""Blocks: several tables in one sheet are each read by their own header, and no row is lost."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tracer.statements.load import Reading, read

CARD, OTHER = "6222020000000000018", "6217000000000000026"
DETAIL = "交易卡号,交易账号,交易时间,交易金额,交易余额,收付标志,交易对手账卡号,对手户名,备注"
WIDER = (
    "交易卡号,交易账号,账户开户名称,开户人证件号码,交易时间,交易金额,交易余额,收付标志,"
    "交易对手账卡号,对手户名,摘要说明,备注"
)
TURNED = "交易卡号,交易账号,交易时间,交易余额,交易金额,收付标志,交易对手账卡号,对手户名,备注"
REGISTER = (
    "账户开户名称,开户人证件号码,交易卡号,交易账号,账号开户时间,账户余额,可用余额,币种,"
    "开户网点代码,开户网点,账户状态,钞汇标志名称,销户日期,账户类型,备注,账号开户银行,销户网点,"
    "最后交易时间"
)
OWNER = f"张三,110101199001011234,{CARD},1109,2020-01-01,5.00,5.00,CNY,1,x,正常,钞,,储蓄,,建行,,"
PAID = [
    f"{CARD},,2022-04-0{day} 10:00:00,100.00,{9 - day}00.00,出,{OTHER},李四,x" for day in (1, 2, 3)
]
# A layout that no declaration knows, and the same with amount and balance changed over.
UNKNOWN = "记账时刻,客户账号,本次发生额,账面余额,收付方向,往来账号"
TWISTED = "记账时刻,客户账号,账面余额,本次发生额,收付方向,往来账号"


def moved(day: int, fen: int, left: int, way: str, *, turned: bool = False) -> str:
    pair = (f"{left}.00", f"{fen}.00") if turned else (f"{fen}.00", f"{left}.00")
    return f"2022-04-{day:02} 10:00:00,{CARD},{pair[0]},{pair[1]},{way},{OTHER}"


FIRST = [moved(1, 100, 900, "付"), moved(2, 50, 850, "付"), moved(3, 70, 920, "收")]
SECOND = [
    moved(4, 20, 900, "付", turned=True),
    moved(5, 10, 890, "付", turned=True),
    moved(6, 40, 930, "收", turned=True),
]


def given(folder: Path, lines: list[str], kind: str = "csv") -> Reading:
    file = folder / f"a.{kind}"
    if kind == "csv":
        file.write_text("\n".join([*lines, ""]), encoding="utf-8")
    else:
        book = openpyxl.Workbook()
        for line in lines:
            book.active.append([cell or None for cell in line.split(",")])
        book.save(file)
    reading = read(file, source=file.name)
    counted = reading.files[["entries", "faults", "skipped"]].sum(axis=1)
    assert (reading.files["rows"] == counted).all()
    return reading


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_wider_table_below_takes_no_row_of_the_one_above(tmp_path: Path, kind: str) -> None:
    reading = given(tmp_path, [DETAIL, *PAID, "", REGISTER, OWNER], kind)
    assert reading.entries["fen"].tolist() == [10_000] * 3
    assert len(reading.registrations) == 1
    assert "title" not in set(reading.skipped["kind"])


def test_a_wider_table_of_the_same_format_takes_none_either(tmp_path: Path) -> None:
    more = f"{CARD},,张三,110,2022-04-04 10:00:00,7.00,593.00,出,{OTHER},李四,x,y"
    reading = given(tmp_path, [DETAIL, *PAID, "", WIDER, more])
    assert reading.entries["fen"].tolist() == [10_000] * 3 + [700]


def test_labels_above_a_header_are_no_table(tmp_path: Path) -> None:
    labels = "开户名称,张三,证照号码,110101199001011234,联系电话,19900000001"
    reading = given(tmp_path, [labels, "", DETAIL, *PAID])
    assert reading.entries["fen"].tolist() == [10_000] * 3
    assert reading.persons.empty


@pytest.mark.parametrize("row", [f"{CARD},,,88.00,1.00,出,{OTHER},李四,x", ",,,88.00,,,,,"])
def test_a_faulty_row_above_a_header_is_a_fault(tmp_path: Path, row: str) -> None:
    last = f"{CARD},,2022-04-04 10:00:00,593.00,7.00,出,{OTHER},李四,x"
    reading = given(tmp_path, [DETAIL, *PAID, row, TURNED, last])
    assert reading.entries["fen"].tolist() == [10_000] * 3 + [700]
    assert reading.faults["row"].unique().tolist() == [5]
    assert reading.faults["reason"].str.contains("时间为空").any()


@pytest.mark.parametrize("gap", [[], [""], ["第二页"]])
def test_an_unknown_layout_that_turns_its_columns_is_never_swapped(
    tmp_path: Path, gap: list[str]
) -> None:
    reading = given(tmp_path, [UNKNOWN, *FIRST, *gap, TWISTED, *SECOND])
    found = reading.entries.sort_values("time")
    assert found["fen"].tolist() == [10_000, 5_000, 7_000, 2_000, 1_000, 4_000]
    assert found["balance_fen"].tolist() == [90_000, 85_000, 92_000, 90_000, 89_000, 93_000]


def test_an_unknown_layout_far_below_is_found_too(tmp_path: Path) -> None:
    many = [moved(1 + at % 28, 100, 900 + 100 * (at % 2), "付收"[at % 2]) for at in range(300)]
    reading = given(tmp_path, [UNKNOWN, *many, TWISTED, *SECOND])
    assert reading.entries["fen"].tolist()[-3:] == [2_000, 1_000, 4_000]
    assert len(reading.entries) == 303


def test_a_wider_unknown_layout_below_takes_no_row(tmp_path: Path) -> None:
    wider = [f"{line},转账,柜台,甲地" for line in SECOND]
    reading = given(tmp_path, [UNKNOWN, *FIRST, "", f"{TWISTED},摘要,交易渠道,交易地点", *wider])
    assert sorted(reading.entries["fen"]) == [1_000, 2_000, 4_000, 5_000, 7_000, 10_000]


@pytest.mark.parametrize("known_first", [True, False])
def test_known_and_unknown_layouts_stand_in_one_sheet(tmp_path: Path, known_first: bool) -> None:
    tables = [[DETAIL, *PAID], [TWISTED, *SECOND]]
    one, other = tables if known_first else tables[::-1]
    reading = given(tmp_path, [*one, "", *other])
    assert sorted(reading.entries["fen"]) == [1_000, 2_000, 4_000, *[10_000] * 3]
    assert sorted(reading.files["format"]) == ["detail", "generic"]


def test_pages_of_another_account_are_not_the_first_ones(tmp_path: Path) -> None:
    header = UNKNOWN.replace("客户账号,", "")
    pages = [
        [f"账号：{card}", header, *(line.replace(f"{CARD},", "", 1) for line in FIRST)]
        for card in (CARD, OTHER)
    ]
    reading = given(tmp_path, [*pages[0], "", *pages[1]])
    assert reading.entries["account"].tolist() == [CARD] * 3 + [OTHER] * 3


def test_pages_with_one_header_stay_one_table(tmp_path: Path) -> None:
    rows = [moved(1 + at, 100, 900 + 100 * (at % 2), "付收"[at % 2]) for at in range(20)]
    reading = given(tmp_path, [UNKNOWN, *rows[:10], "第二页", UNKNOWN, *rows[10:]])
    assert len(reading.entries) == 20
    assert len(reading.files) == 1
