"""Directions: what marks, signs, columns and balances say together, and never against the truth."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effort import examples
from tracer.statements.entries.order import sequence
from tracer.statements.load import Reading, read

HEADER = "交易卡号,交易账号,交易时间,交易金额,交易余额,收付标志,交易对手账卡号,对手户名,备注"
CARDS = ("6222020000000000018", "6222020000000000034")
OTHER = "6217000000000000026"
DAY = "2022-04-01"


def given_rows(folder: Path, *rows: tuple[Any, ...], card: str = CARDS[0]) -> Reading:
    """Read rows of (time, amount, balance, mark) and perhaps a card of their own."""
    lines = [
        f"{(more or [card])[0]},,{time},{amount},{balance},{mark},{OTHER},李四,"
        for time, amount, balance, mark, *more in rows
    ]
    return text(folder, HEADER, *lines)


def text(folder: Path, *lines: str) -> Reading:
    file = folder / "a.csv"
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return read(file, source="a.csv")


def ways(reading: Reading) -> list[str]:
    return list(reading.entries.sort_values("row")["direction"])


def note(reading: Reading) -> str:
    return str(reading.files["note"].iloc[0])


def clock(second: int) -> str:
    return f"{DAY} 10:00:{second:02d}"


# --- the order ---------------------------------------------------------------------------------


def test_each_account_is_ordered_by_its_own_times(tmp_path: Path) -> None:
    up = [(clock(at), "1.00", f"{1000 + at}.00", "") for at in range(8)]
    down = [(clock(9 - at), "50.00", f"{100 + 50 * at}.00", "", CARDS[1]) for at in range(5)]
    reading = given_rows(tmp_path, *up, *down)
    assert ways(reading) == ["in"] * 7 + ["out"] * 4
    assert reading.coverage["broken"].tolist() == [0, 0]
    times = np.array(["2022-01-02", "2022-01-01", "2022-01-01", "2022-01-02"], "datetime64[us]")
    assert sequence(times, np.array([0, 1, 0, 1])).tolist() == [2, 1, 0, 3]


@pytest.mark.parametrize("mark", ["", "1"])
def test_equal_amounts_of_one_day_have_no_direction(tmp_path: Path, mark: str) -> None:
    rows = [(DAY, "100.00", f"{balance}.00", mark) for balance in (500, 600, 700, 800)]
    reading = given_rows(tmp_path, *rows)
    assert reading.entries.empty
    assert len(reading.faults) == 4
    assert reading.faults["reason"].str.contains("" if mark else "方向不明").all()


def test_unequal_amounts_of_one_day_tell_the_order(tmp_path: Path) -> None:
    falling = [(DAY, "5.00", "50.00", ""), (DAY, "7.00", "55.00", ""), (DAY, "9.00", "62.00", "")]
    assert ways(given_rows(tmp_path, *falling)) == ["out", "out"]
    rising = [(DAY, "7.00", "50.00", ""), (DAY, "5.00", "55.00", ""), (DAY, "7.00", "62.00", "")]
    assert ways(given_rows(tmp_path, *rising)) == ["in", "in"]


def test_digits_of_one_day_mean_what_they_usually_mean(tmp_path: Path) -> None:
    one = [(DAY, "100.00", f"{balance}.00", "1") for balance in (500, 600, 700)]
    two = [(DAY, "100.00", f"{balance}.00", "2", CARDS[1]) for balance in (900, 800, 700)]
    reading = given_rows(tmp_path, *one, *two)
    assert ways(reading) == ["out"] * 3 + ["in"] * 3
    assert "1=付，2=收" in note(reading)


def test_few_balances_do_not_say_what_a_digit_means(tmp_path: Path) -> None:
    rows = [(clock(at), "10.00", f"{100 + 10 * at}.00", "1") for at in range(5)]
    assert given_rows(tmp_path, *rows[:3]).entries.empty
    told = given_rows(tmp_path, *rows)
    assert ways(told) == ["in"] * 5
    assert "1=收（4 处余额增减一致）" in note(told)


# --- marks and signs ---------------------------------------------------------------------------


def test_a_dash_beside_words_is_no_minus(tmp_path: Path) -> None:
    rows = [
        (clock(0), "10.00", "100.00", "进"), (clock(1), "50.00", "150.00", "-"),
        (clock(2), "20.00", "130.00", "出"), (clock(3), "30.00", "160.00", "-"),
    ]  # fmt: skip
    assert ways(given_rows(tmp_path, *rows)) == ["in", "in", "out", "in"]
    bare = [(time, amount, "", mark) for time, amount, _, mark in rows]
    assert ways(given_rows(tmp_path, *bare)) == ["in", "out"]


@pytest.mark.parametrize("plus", ["+", ""])
def test_a_dash_beside_plus_or_nothing_is_a_minus(tmp_path: Path, plus: str) -> None:
    rows = [(clock(0), "10.00", "", "-"), (clock(1), "5.00", "", plus)]
    assert ways(given_rows(tmp_path, *rows)) == (["out", "in"] if plus else ["out"])


def test_the_balance_is_asked_before_the_sign(tmp_path: Path) -> None:
    rows = [
        (clock(0), "100.00", "500.00", "进"), (clock(1), "50.00", "450.00", ""),
        (clock(2), "-30.00", "480.00", ""), (clock(3), "30.00", "450.00", ""),
    ]  # fmt: skip
    assert ways(given_rows(tmp_path, *rows)) == ["in", "out", "in", "out"]
    # Two balances against the sign are no rule, and what they do not tell stays open.
    reading = given_rows(tmp_path, *rows[:3], (clock(3), "8.00", "", ""))
    assert ways(reading) == ["in", "out", "in"]
    assert len(reading.faults) == 1


def test_words_against_the_balance_follow_it(tmp_path: Path) -> None:
    rows = [(clock(at), f"{at}.00", f"{at * (at + 1) // 2}.00", "借") for at in range(1, 6)]
    reading = given_rows(tmp_path, *rows)
    assert ways(reading) == ["in"] * 5
    assert "与余额的增减相反（4 行）" in note(reading)
    assert ways(given_rows(tmp_path, *rows[:3])) == ["out"] * 3


# --- two columns -------------------------------------------------------------------------------

JOURNAL = "交易日期,账号,摘要,借方发生额,贷方发生额,余额"


def journal(folder: Path, *rows: tuple[str, str, str]) -> Reading:
    lines = [
        f"202204{day + 1:02d},{CARDS[0]},存,{went},{came},{left}"
        for day, (went, came, left) in enumerate(rows)
    ]
    return text(folder, JOURNAL, *lines)


def test_columns_named_from_the_other_side_follow_the_balance(tmp_path: Path) -> None:
    rows = [(f"{at}.00", "", f"{at * (at + 1) // 2}.00") for at in range(1, 8)]
    reading = journal(tmp_path, *rows, ("", "3.00", "25.00"))
    assert ways(reading) == ["in"] * 7 + ["out"]
    assert reading.files["broken"].item() == 0
    assert "与余额的增减相反" in note(reading)


@pytest.mark.parametrize("shown", [True, False])
def test_a_column_of_expenses_written_with_a_minus_is_money_out(
    tmp_path: Path, shown: bool
) -> None:
    rows = [(f"-{at}.00", "", f"{100 - at * (at + 1) // 2}.00") for at in range(1, 7)]
    rows += [("", "50.00", "129.00")]
    reading = journal(tmp_path, *[(*row[:2], row[2] if shown else "") for row in rows])
    assert ways(reading) == ["out"] * 6 + ["in"]
    assert "支出列多为负数（6 行）" in note(reading)


@pytest.mark.parametrize("shown", [True, False])
def test_a_single_minus_among_expenses_is_a_reversal(tmp_path: Path, shown: bool) -> None:
    rows = [("10.00", "", "90.00"), ("20.00", "", "70.00"), ("-20.00", "", "90.00")]
    rows += [("5.00", "", "85.00")]
    reading = journal(tmp_path, *[(*row[:2], row[2] if shown else "") for row in rows])
    assert ways(reading) == ["out", "out", "in", "out"]
    assert note(reading) == ""


def test_a_minus_that_may_mean_either_is_set_aside(tmp_path: Path) -> None:
    rows = [("-1.00", "", ""), ("-2.00", "", ""), ("-4.00", "", ""), ("8.00", "", "")]
    reading = journal(tmp_path, *rows)
    assert ways(reading) == ["out"]
    assert len(reading.faults) == 3


# --- success and currency ----------------------------------------------------------------------


def succeeded(folder: Path, codes: str, *, shown: bool = True) -> Reading:
    """Read rows with a code each; under 0 the balance moves, under 1 it stays."""
    left, lines = 1000, []
    for at, code in enumerate(codes):
        left += 10 + at if code == "0" else 0
        balance = f"{left}.00" if shown else ""
        lines.append(f"{CARDS[0]},,{clock(at)},{10 + at}.00,{balance},进,{OTHER},李四,{code}")
    head = HEADER.replace("备注", "交易是否成功")
    return text(folder, head, *lines)


def test_the_code_under_which_the_balance_moves_is_the_successful_one(tmp_path: Path) -> None:
    reading = succeeded(tmp_path, "0000010")
    assert reading.entries["success"].tolist() == [True] * 5 + [False, True]
    assert "1=失败" in note(reading)
    assert reading.files["broken"].item() == 0


def test_without_balances_a_code_means_what_it_usually_means(tmp_path: Path) -> None:
    reading = succeeded(tmp_path, "0000010", shown=False)
    assert reading.entries["success"].tolist() == [False] * 5 + [True, False]
    assert "没有余额可以印证" in note(reading)


@pytest.mark.parametrize(
    ("above", "wanted"),
    [
        (["币种：美元"], "美元"),
        (["币种:,USD"], "USD"),
        (["货币：人民币"], "CNY"),
        (["币种：全部"], "CNY"),
        (["币种：美元", "币种：港币"], "CNY"),
    ],
)
def test_a_currency_above_the_header_is_read(tmp_path: Path, above: list[str], wanted: str) -> None:
    row = f"{CARDS[0]},,{DAY} 10:00:00,1.00,5.00,出,{OTHER},李四,"
    reading = text(tmp_path, *[f"{line}{',' * 8}" for line in above], HEADER, row)
    currency = reading.entries["currency"].item()
    assert (currency or "CNY") == wanted
    assert ("币种取自" in note(reading)) == (wanted != "CNY")


# --- any account, in any order -----------------------------------------------------------------

MARKS = {
    "words": {"in": "进", "out": "出"},
    "usual digits": {"in": "2", "out": "1"},
    "zero and one": {"in": "1", "out": "0"},
    "blanks": {"in": "", "out": ""},
    "blanks for out": {"in": "进", "out": ""},
    "dashes": {"in": "进", "out": "-"},
    "signs": {"in": "+", "out": "-"},
}


@settings(deadline=None, max_examples=examples(40))
@given(
    st.lists(
        st.tuples(
            st.lists(
                st.tuples(st.sampled_from([-200, -100, -100, 100, 100, 50, 75]), st.integers(0, 2)),
                min_size=1,
                max_size=9,
            ),
            st.booleans(),
        ),
        min_size=1,
        max_size=2,
    ),
    st.sampled_from(sorted(MARKS)),
    st.sampled_from(["day", "second"]),
    st.sampled_from([True, True, False]),
)
def test_a_direction_is_right_or_the_row_is_set_aside(
    accounts: list[tuple[list[tuple[int, int]], bool]], vocabulary: str, exact: str, shown: bool
) -> None:
    rows, truth = [], []
    for card, (moves, falling) in zip(CARDS, accounts, strict=False):
        left, step, own = 10_000, 0, []
        for move, later in moves:
            left, step = left + move, step + later
            way = "in" if move > 0 else "out"
            time = clock(step) if exact == "second" else f"2022-04-{step + 1:02d}"
            mark = MARKS[vocabulary][way]
            own.append(((time, f"{abs(move)}.00", f"{left}.00" if shown else "", mark, card), way))
        for row, way in own[::-1] if falling else own:
            rows.append(row)
            truth.append(way)
    with tempfile.TemporaryDirectory() as folder:
        entries = given_rows(Path(folder), *rows).entries
    right = pd.Series(truth, index=range(2, len(truth) + 2))
    assert list(entries["direction"]) == right.loc[entries["row"]].tolist()
