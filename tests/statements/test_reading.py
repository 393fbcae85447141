"""Cells: what is read is exact, and no text on earth makes the reader fail."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.money import yuan
from tracer.statements.amounts import amounts
from tracer.statements.cells import cards, narrow, numbers, plain, told
from tracer.statements.times import joined, times

MOMENTS = st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2099, 1, 1))
WRITINGS = [
    "%Y-%m-%d %H:%M:%S",
    "%Y%m%d%H%M%S",
    "%Y/%m/%d %H:%M:%S",
    "%Y%m%d %H:%M:%S",
    "%Y年%m月%d日%H时%M分%S秒",
    "%Y-%m-%d-%H.%M.%S.%f",
    "%Y-%m-%d %H:%M:%S +0800 CST",
]


def one(text: str) -> pd.Series:
    return pd.Series([text], dtype="str")


@settings(deadline=None)
@given(MOMENTS, st.sampled_from(WRITINGS))
def test_a_time_comes_back_in_every_writing(moment: dt.datetime, writing: str) -> None:
    time, precision = times(one(moment.strftime(writing)))
    assert time[0] == moment.replace(microsecond=0)
    assert precision[0] == "second"


@pytest.mark.parametrize(
    ("text", "wanted", "precision"),
    [
        ("20220401", "2022-04-01 00:00:00", "day"),
        ("2022/4/1 8:05", "2022-04-01 08:05:00", "minute"),
        ("2022/4/1  14:06:51", "2022-04-01 14:06:51", "second"),
        ("44652.5", "2022-04-01 12:00:00", "second"),
        ("44652", "2022-04-01 00:00:00", "day"),
        ("1648787696000", "2022-04-01 12:34:56", "second"),
    ],
)
def test_times_keep_their_precision(text: str, wanted: str, precision: str) -> None:
    time, found = times(one(text))
    assert str(time[0]) == wanted
    assert found[0] == precision


@pytest.mark.parametrize("text", ["", "soon", "2022-13-01", "0001-01-01", "2022-02-30", "99:99"])
def test_a_time_that_is_none_stays_empty(text: str) -> None:
    time, precision = times(one(text))
    assert time.isna()[0]
    assert precision[0] == ""


@settings(deadline=None)
@given(st.integers(-(10**14), 10**14))
def test_an_amount_comes_back_exactly(fen: int) -> None:
    for text in (yuan(fen), str(Decimal(fen) / 100), f"￥{yuan(fen)}"):
        found, bad = amounts(one(text))
        assert found[0] == fen
        assert not bad[0]
    assert amounts(one(str(fen)), "fen")[0][0] == fen


@pytest.mark.parametrize(
    "text", ["12.345", "1,23", "1e5", "131.77(已退款89.84)", ".", "xx,yyyy.zz"]
)
def test_an_amount_that_is_not_exact_is_bad(text: str) -> None:
    found, bad = amounts(one(text))
    assert found.isna()[0]
    assert bad[0]


@settings(deadline=None)
@given(st.lists(st.text(), max_size=5))
def test_no_text_makes_a_reader_fail(texts: list[str]) -> None:
    column = pd.Series([t.encode("utf-8", "replace").decode() for t in texts], dtype="str")
    column.index = pd.RangeIndex(7, 7 + len(column))
    results = [plain(column), told(column), narrow(column), cards(column), joined(column, column)]
    results += [*times(column), *amounts(column), *amounts(column, "fen"), *numbers(column)]
    for result in results:
        assert result.index.equals(column.index)


@settings(deadline=None)
@given(st.from_regex(r"[1-9][0-9]{7,19}", fullmatch=True))
def test_an_account_number_keeps_every_digit(digits: str) -> None:
    for text in (digits, f"\t{digits}", f'="{digits}"', f"'{digits}", f"{digits}\u3000"):
        number, lost = numbers(one(text))
        assert number[0] == digits
        assert not lost[0]


@pytest.mark.parametrize("text", ["6.22E+18", "6.22848040256489e18", "6222020000000000001.0"])
def test_lost_digits_are_never_made_up(text: str) -> None:
    number, lost = numbers(one(text))
    assert number[0] == ""
    assert lost[0]


@pytest.mark.parametrize(
    "text",
    ["6222020000000000001_1", "6222020000000000001-1", "CNY6222020000000000001",
     "+6222020000000000001", "6222020000000000001_CNY0", "6222 0200 0000 0000 001"],
)  # fmt: skip
def test_suffixes_of_sub_accounts_are_taken_off(text: str) -> None:
    assert numbers(one(text))[0][0] == "6222020000000000001"


def test_two_numbers_in_a_cell_never_become_one() -> None:
    two = "6222020000000010462 6214830000010057"
    assert numbers(pd.Series(["6222 0200 0000 0010 462", two]))[0].tolist() == [
        "6222020000000010462",
        two,
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("(100.00)", -10000), ("（1,100.00）", -110000), ("100.00-", -10000), ("−100", -10000)],
)
def test_a_minus_is_seen_however_it_is_written(text: str, wanted: int) -> None:
    assert amounts(one(text))[0][0] == wanted


@pytest.mark.parametrize("text", ["(-100)", "-100-", "()", "-", "(1.5E+05)", "--5"])
def test_a_minus_that_is_none_is_not_made_up(text: str) -> None:
    assert amounts(one(text))[0].isna()[0]


@pytest.mark.parametrize(
    "text",
    ["62.2E+17", "6.22 E+18", "6,22E+18", "6.22e+18_1", "622E+16", "62220200000000000e5", "6E18"],
)
def test_lost_digits_are_seen_however_they_are_written(text: str) -> None:
    number, lost = numbers(one(text))
    assert number[0] == ""
    assert lost[0]


@pytest.mark.parametrize(
    ("days", "clocks", "wanted", "precision"),
    [
        (["20220401"] * 3, ["0930", "1445", "2359"], "09:30:00", "minute"),
        (["20220401"] * 3, ["930", "1445", "2359"], "09:30:00", "minute"),
        (["20220401"] * 3, ["930", "1445", "142359"], "00:09:30", "second"),
        (["20220401"] * 2, ["0930", "4512"], "00:09:30", "second"),
        (["20220401"], ["154"], "00:01:54", "second"),
        (["2022-04-01"], ["093015"], "09:30:15", "second"),
        (["2022-04-01 00:00:00"], ["93015"], "09:30:15", "second"),
        (["2022/4/1"], ["0"], "00:00:00", "second"),
        (["44652"], ["93015.0"], "09:30:15", "second"),
        (["20220401"], ["9:30:15"], "09:30:15", "second"),
        (["20220401"], ["9:30"], "09:30:00", "minute"),
        (["20220401"], ["09时30分15秒"], "09:30:15", "second"),
        (["20220401"], ["0.396006944"], "09:30:15", "second"),
        (["20220401.0"], ["093015"], "09:30:15", "second"),
        (["20220401"], ["上午9:30:15"], "09:30:15", "second"),
        (["20220401"], ["9:30:15 AM"], "09:30:15", "second"),
        (["20220401"], ["下午 9:30:15"], "21:30:15", "second"),
        (["20220401"], ["12:30:15am"], "00:30:15", "second"),
        (["20220401"], ["12:30:15 PM"], "12:30:15", "second"),
        (["2022-04-01"], [""], "00:00:00", "day"),
        (["2022-04-01"], ["20220401 093015"], "09:30:15", "second"),
    ],
)
def test_days_and_clocks_are_put_together(
    days: list[str], clocks: list[str], wanted: str, precision: str
) -> None:
    time, found = times(joined(pd.Series(days), pd.Series(clocks)))
    assert str(time[0]) == f"2022-04-01 {wanted}"
    assert found[0] == precision


@pytest.mark.parametrize("clock", ["25:00:00", "9.3015", "上午15:04", "24:00:01", "soon", "99"])
def test_a_clock_that_is_none_makes_no_time(clock: str) -> None:
    assert times(joined(pd.Series(["20220401"]), pd.Series([clock])))[0].isna()[0]


@pytest.mark.parametrize("text", ["2022-04-01 24:00:00", "20220401240000", "2022年4月1日24时0分"])
def test_the_end_of_a_day_begins_the_next(text: str) -> None:
    assert str(times(one(text))[0][0]) == "2022-04-02 00:00:00"


@pytest.mark.parametrize("text", ["2022/4/1 下午 3:04:05", "2022-04-01 3:04:05 PM"])
def test_twelve_hours_are_told_by_half(text: str) -> None:
    assert str(times(one(text))[0][0]) == "2022-04-01 15:04:05"


@pytest.mark.parametrize("text", ["20220401.0", "20220401150405.0"])
def test_a_day_that_went_through_floats_is_whole(text: str) -> None:
    assert str(times(one(text))[0][0])[:10] == "2022-04-01"
