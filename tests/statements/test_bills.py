"""Bills: a plus that means spent, dates without a year, refunds in brackets, nameless files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tracer.column import Column
from tracer.errors import FormatError
from tracer.statements.entries.bills import dated, priced, refunds
from tracer.statements.formats.declare import Format, declared
from tracer.statements.load import Reading, read
from tracer.statements.reasons import Reason

CMB = "交易日,记账日,交易摘要,人民币金额,卡号末四位,交易地金额\n"
CGB = "交易日期,入账日期,交易摘要,交易金额,交易货币,入账金额,入账货币\n"


def given(folder: Path, text: str, name: str = "a.csv", sha256: str = "") -> Reading:
    (folder / name).write_text(text, encoding="utf-8")
    return read(folder / name, source=name, sha256=sha256)


def bill(**told: object) -> Format:
    return Format("a", "", "", "statement", (), {}, **told)  # type: ignore[arg-type]


def test_dates_without_a_year_are_refused_where_no_year_stands(tmp_path: Path) -> None:
    reading = given(tmp_path, CMB + "01/02,01/03,某店,1.00,0018,1.00\n")
    assert reading.entries.empty
    assert reading.faults["value"].tolist() == ["01/02"]
    assert "没有写年份" in reading.files["note"][0]
    assert "no year" in reading.files["note_en"][0]


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("2024年03月", ["2024-02-29", "2024-03-01", "2023-04-01", "2023-12-31"]),
        ("2024年12月", ["2024-02-29", "2024-03-01", "2024-04-01", "2024-12-31"]),
        ("2024年", ["2024-02-29", "2024-03-01", "2024-04-01", "2024-12-31"]),
    ],
)
def test_months_behind_the_bill_are_of_the_year_before(said: str, days: list[str]) -> None:
    shape = bill(preamble={"year": r"(\d{4}年(?:\d+月)?)"})
    raw = pd.DataFrame({"time": ["02/29", "3月1日", "04-01", "12.31"]})
    got = dated(raw, shape, f"对账单 {said}", notes := [])["time"]
    assert pd.to_datetime(got).dt.strftime("%Y-%m-%d").tolist() == days
    assert said in notes[0].zh
    assert said in notes[0].en


def test_dates_with_a_year_keep_it() -> None:
    raw = pd.DataFrame({"time": ["2023-01-02", "13/01", ""]})
    notes: list[Reason] = []
    assert dated(raw, bill(preamble={"year": r"(\d{4})"}), "2024", notes) is raw
    assert notes == []


def test_a_day_that_is_not_in_the_calendar_is_a_fault(tmp_path: Path) -> None:
    title = "招商银行信用卡对账单（个人消费卡账户 2023年03月）\n"
    reading = given(tmp_path, title + CMB + "02/29,03/01,某店,1.00,0018,1.00\n")
    assert reading.faults["aside"].tolist() == ["row"]


def test_a_plus_alone_is_spent_where_the_format_says_so(tmp_path: Path) -> None:
    rows = "2022/04/05,2022/04/06,（消费）某店,{0},人民币,{0},人民币\n"
    reading = given(tmp_path, CGB + "".join(rows.format(one) for one in ("15.90", "-1.00", "0")))
    assert reading.entries["direction"].tolist() == ["out", "in", "out"]
    assert reading.entries["fen"].tolist() == [1590, 100, 0]


def test_files_of_one_name_are_not_one_account(tmp_path: Path) -> None:
    row = "2022/04/05,2022/04/06,（消费）某店,1.00,人民币,1.00,人民币\n"
    readings = [given(tmp_path, CGB + row, sha256=mark * 64) for mark in "ab"]
    accounts = [reading.entries["account"][0] for reading in readings]
    assert accounts == ["广发银行[a.csv aaaaaaaa]", "广发银行[a.csv bbbbbbbb]"]
    assert all(key in one.files["note"][0] for key, one in zip(accounts, readings, strict=True))
    assert readings[0].entries["raw_account"].tolist() == [""]


def test_an_account_above_the_header_needs_no_file_name(tmp_path: Path) -> None:
    head = "浦发银行借记卡交易明细,卡号：6217920000000018,,\n交易时间,交易摘要,存入金额,取出金额\n"
    reading = given(tmp_path, head + "2022/04/05  10:00:00,转账,,1.00\n")
    assert reading.entries["account"].tolist() == ["6217920000000018"]
    assert reading.files["note"][0] == ""


def test_what_was_given_back_is_told_and_counted() -> None:
    shape = bill(amount={"pattern": r"^(?P<amount>[\d.,]+)(?:\(已(?P<refund>全额|[\d.,]+)\))?$"})
    cells = ["131.77(已89.84)", "25.00（已全额）", "1.00", "9.90(部分)", "2.00(已1.2.3)"]
    raw = priced(pd.DataFrame({"amount": cells}), shape)
    assert raw["amount"].tolist() == ["131.77", "25.00", "1.00", "9.90(部分)", "2.00"]
    notes: list[Reason] = []
    columns = {str(name): Column.of(raw[name]) for name in raw}
    returned, faults = refunds(columns, shape, raw.index, notes)
    assert returned.list() == ["已退款 89.84 元", "已退款 25.00 元", "", "", ""]
    assert "有 2 行" in notes[0].zh
    assert "114.84" in notes[0].en
    assert [fault["value"].tolist() for fault in faults] == [["1.2.3"]]
    assert faults[0]["aside"].tolist() == ["cell"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('positive="up"', "none of in, out"),
        ('amount={pattern="(?P<refund>x)"}', "no group 'amount'"),
        ('amount={pattern="(?P<amount>("}', "no regular expression"),
    ],
)
def test_a_wrong_declaration_of_a_bill_is_refused(line: str, words: str) -> None:
    text = f'name="a"\ntitle="b"\nkind="statement"\nrequired=["x"]\n{line}\n[columns]\ntime=["x"]\n'
    with pytest.raises(FormatError, match=words):
        declared(text.encode(), "a.toml")
