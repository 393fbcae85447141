"""Headers: what the generic reader makes of their words, their units and their clocks."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tracer.statements.generic.guess import guess
from tracer.statements.generic.synonyms import named
from tracer.statements.load import Reading, read

CARD, OTHER = "6222020000000000018", "6217000000000000026"


def given(folder: Path, text: str) -> Reading:
    (folder / "a.csv").write_text(text, encoding="utf-8")
    return read(folder / "a.csv", source="a.csv")


def book(header: str, above: str = "", rows: int = 12, *, balance: str = "{:.2f}") -> str:
    """Return a true statement under a header, with amounts that fall by 1.55 a row."""
    left = [balance.format(100 - 1.55 * (at + 1)) for at in range(rows)]
    lines = [
        f"2024-03-{at:02} 10:00:00,{CARD},1.55,{one},借,{OTHER}"
        for at, one in enumerate(left, start=1)
    ]
    return "\n".join([*([above] if above else []), header, *lines, ""])


HEADER = "交易日期,本行账号,本次发生额{},账上结余{},借贷方向,对方账卡号"


@pytest.mark.parametrize(
    ("header", "meaning"),
    [
        ("往来户号", "other_account"),
        ("往来账号", "other_account"),
        ("收付方账号", "other_account"),
        ("收（付）方户名", "other_holder"),
        ("往来户名", "other_holder"),
        ("对手", "other_holder"),
        ("交易对方", "other_holder"),
        ("对方单位", "other_holder"),
        ("入账时刻", "time"),
        ("时刻", "time"),
        ("发生时间", "time"),
        ("剩余", "balance"),
        ("结余", "balance"),
        ("可用余额", "balance"),
        ("资金流向", "direction"),
        ("交易金额（美元）", "amount"),
        ("余额(万元)", "balance"),
        # None of these is what a part of it says.
        ("客户号", ""),
        ("起止日期", ""),
        ("往来日期", ""),
        ("有效日期", ""),
        ("冻结金额", ""),
        ("上次余额", ""),
        ("对手交易余额", ""),
        ("付款方账号", "payer"),
    ],
)
def test_a_header_means_what_banks_mean_by_it(header: str, meaning: str) -> None:
    assert named(header).meaning == meaning


def test_a_balance_that_is_only_available_proves_itself_or_is_left_out(tmp_path: Path) -> None:
    header = "交易日期,本行账号,本次发生额,可用余额,借贷方向,对方账卡号"
    assert given(tmp_path, book(header)).entries["balance_fen"].notna().all()
    still = given(tmp_path, book(header, rows=6, balance="5.00"))
    assert len(still.entries) == 6
    assert still.entries["balance_fen"].isna().all()


@pytest.mark.parametrize(
    ("day", "clock"),
    [
        ("2024-03-01", "10:20:30"),
        ("20240301", "093015"),
        ("2024-03-01", "93015"),
    ],
)
def test_a_clock_in_a_column_of_its_own_is_taken_up(tmp_path: Path, day: str, clock: str) -> None:
    lines = [f"{day},{clock},{CARD},1.00,{9 - at}.00,借,{OTHER}" for at in range(6)]
    reading = given(
        tmp_path, "\n".join(["入账日,时刻,账号,发生额,剩余,借贷方向,往来户号", *lines, ""])
    )
    wanted = "10:20:30" if ":" in clock else "09:30:15"
    assert reading.files["format"].tolist() == ["generic"]
    assert set(reading.entries["time"].dt.strftime("%H:%M:%S")) == {wanted}
    assert set(reading.entries["time_precision"]) == {"second"}


def test_fen_beside_yuan_are_told_apart_by_column(tmp_path: Path) -> None:
    text = book(HEADER.format("（分）", "（元）")).replace(",1.55,", ",155,")
    entries = given(tmp_path, text).entries
    assert entries["fen"].tolist() == [155] * 12
    assert entries["balance_fen"].iloc[0] == 9_845


@pytest.mark.parametrize(
    "marks", [("", ""), ("(元)", ""), ("（人民币元）", "（元）"), ("", "(元)")]
)
def test_yuan_are_yuan(tmp_path: Path, marks: tuple[str, str]) -> None:
    entries = given(tmp_path, book(HEADER.format(*marks))).entries
    assert entries["fen"].tolist() == [155] * 12
    assert set(entries["currency"]) == {"CNY"}


@pytest.mark.parametrize(
    ("header", "above", "told"),
    [
        (HEADER.format("(万元)", "(万元)"), "", "万元"),
        (HEADER.format("（千元）", ""), "", "千元"),
        (HEADER.format("", ""), "单位：万元", "万元"),
        (HEADER.format("（元）", "（分）"), "", "单位或币种不同"),
        (HEADER.format("（美元）", "（元）").replace("（元）", "（欧元）"), "", "单位或币种不同"),
    ],
)
def test_another_unit_is_refused(tmp_path: Path, header: str, above: str, told: str) -> None:
    reading = given(tmp_path, book(header, above))
    assert reading.entries.empty
    assert told in reading.files["note"].iloc[0]


@pytest.mark.parametrize(
    ("mark", "above"), [("（美元）", ""), ("", "币种：USD"), ("（USD）", ""), ("", "单位：美元")]
)
def test_a_foreign_currency_is_not_taken_for_yuan(tmp_path: Path, mark: str, above: str) -> None:
    entries = given(tmp_path, book(HEADER.format(mark, mark), above)).entries
    assert entries["fen"].tolist() == [155] * 12
    assert set(entries["currency"]) == {"USD"}


def test_a_line_above_tells_fen(tmp_path: Path) -> None:
    text = book(HEADER.format("", ""), "单位：分", balance="{:.0f}00").replace(",1.55,", ",155,")
    assert given(tmp_path, text).entries["fen"].tolist() == [155] * 12


DETAIL = "交易卡号,交易账号,交易时间,交易金额,交易余额,收付标志,交易对手账卡号,对手户名,备注"
LINE = f"{CARD},,2024-03-01 10:00:00,1.55,9.00,出,{OTHER},李四,x"


def test_a_declared_format_heeds_the_lines_above_its_header(tmp_path: Path) -> None:
    reading = given(tmp_path, f"单位：万元,,,\n{DETAIL}\n{LINE}\n")
    assert reading.entries.empty
    assert "万元" in reading.files["note"].iloc[0]
    assert "10000 倍" in reading.files["note"].iloc[0]
    assert reading.files["faults"].tolist() == [3]
    for plain in ("单位：元", "单位：某某公司", "币种：人民币"):
        entries = given(tmp_path, f"{plain},,,\n{DETAIL}\n{LINE}\n").entries
        assert entries["fen"].tolist() == [155]
        assert entries["currency"].tolist() == ["CNY"]
    foreign = given(tmp_path, f"单位：美元,,,\n{DETAIL}\n{LINE}\n").entries
    assert foreign["currency"].tolist() == ["USD"]


def test_bad_amounts_under_a_textbook_header_are_faults_of_their_rows(tmp_path: Path) -> None:
    text = book("交易时间,账号,交易金额,余额,收付标志,对方账号")
    lines = text.splitlines()
    for at in (2, 4, 6, 8, 10):
        lines[at] = lines[at].replace(",1.55,", ",1O0.00,")
    reading = given(tmp_path, "\n".join([*lines, ""]))
    assert reading.entries["fen"].tolist() == [155] * 7
    assert reading.faults[["row", "column", "value"]].to_numpy().tolist() == [
        [at + 1, "交易金额", "1O0.00"] for at in (2, 4, 6, 8, 10)
    ]


def test_expenses_with_a_minus_go_out(tmp_path: Path) -> None:
    pairs = ["5.00," if at % 3 else ",-7.25" for at in range(12)]
    lines = [f"2024-03-{at:02} 10:00:00,{CARD},{one}" for at, one in enumerate(pairs, start=1)]
    entries = given(tmp_path, "\n".join(["日期,账号,收入,支出", *lines, ""])).entries
    assert entries["direction"].tolist() == ["in" if at % 3 else "out" for at in range(12)]


def test_a_sheet_may_be_as_wide_as_any_other(tmp_path: Path) -> None:
    header = HEADER.format("", "")
    wide = ",".join(f"列{at}" for at in range(300))
    body = [f"{line}{',' * 300}" for line in book(header).splitlines()[1:]]
    reading = given(tmp_path, "\n".join([f"{header},{wide}", *body, ""]))
    assert len(reading.entries) == 12


def test_a_wider_line_above_a_header_is_no_header() -> None:
    rows = [
        ["户名", "张三", "账号", CARD, "币种", "人民币", "开户行", "甲银行"],
        ["日期", "发生额", "余额", "收付方向", "", "", "", ""],
        *[[f"2024-03-{day:02}", "1.00", f"{day}.00", "收", "", "", "", ""] for day in range(1, 9)],
    ]
    found = guess(pd.DataFrame(rows))
    assert found is not None
    assert found.at == 1
    assert found.usable
