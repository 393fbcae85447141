"""Order: rows of one moment stand as their balances prove, or else as in the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effort import examples
from tracer.statements.entries import order as order_module
from tracer.statements.entries.order import proved, sequence, settled
from tracer.statements.load import read

HEADER = "交易卡号,交易账号,交易时间,交易金额,交易余额,收付标志,交易对手账卡号,交易是否成功"
DAY = "2022-04-01"
SECOND = "2022-04-01 10:00:00"
LATER = "2022-04-01 10:00:01"


def seq(folder: Path, *rows: tuple[str, int, int, str]) -> list[int]:
    """Load rows of (time, signed yuan, balance, status); return their seq."""
    lines = [
        f"6222020000000000018,,{time},{abs(yuan)},{balance},{'出' if yuan < 0 else '进'},"
        f"6217000000000000026,{status}"
        for time, yuan, balance, status in rows
    ]
    file = folder / "a.csv"
    file.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    return pd.Series(read(file, source="a.csv").entries["seq"]).tolist()


def test_a_debit_listed_before_the_credit_that_paid_it_comes_after_it(tmp_path: Path) -> None:
    assert seq(tmp_path, (SECOND, -3, 2, "成功"), (SECOND, 5, 5, "成功")) == [1, 0]
    assert seq(tmp_path, (SECOND, 5, 5, "成功"), (SECOND, -3, 2, "成功")) == [0, 1]


def test_a_sheet_of_one_day_is_ordered(tmp_path: Path) -> None:
    rows = [
        (DAY, -1, 11, "成功"),
        (DAY, -2, 12, "成功"),
        (DAY, 4, 14, "成功"),
        (DAY, 10, 10, "成功"),
    ]
    assert seq(tmp_path, *rows) == [3, 2, 1, 0]


def test_a_failed_row_stands_where_its_balance_was(tmp_path: Path) -> None:
    rows = [(SECOND, -3, 2, "成功"), (SECOND, -9, 5, "失败"), (SECOND, 5, 5, "成功")]
    assert seq(tmp_path, *rows) == [2, 1, 0]


def test_a_ring_begins_at_the_balance_of_the_row_before(tmp_path: Path) -> None:
    first, ring = (SECOND, 7, 7, "成功"), [(LATER, -5, 7, "成功"), (LATER, 5, 12, "成功")]
    assert seq(tmp_path, first, *ring) == [0, 2, 1]
    assert seq(tmp_path, *ring) == [0, 1]
    again = "2022-04-01 10:00:02"
    more = [(again, 7, 7, "成功"), (again, -7, 0, "成功")]
    assert seq(tmp_path, first, *ring, *more) == [0, 2, 1, 4, 3]
    # The ring at 20 does not begin at 7, so that nobody knows what is behind it.
    gap = [(LATER, -5, 20, "成功"), (LATER, 5, 25, "成功")]
    assert seq(tmp_path, first, *gap, *more) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "rows",
    [
        [(SECOND, -3, 2, "成功"), (SECOND, 5, 6, "成功")],
        [(SECOND, -5, 0, "成功"), (SECOND, 5, 5, "成功"), (SECOND, -5, 0, "成功")],
        [(SECOND, -3, 2, "成功"), (SECOND, 5, 5, "成功"), (SECOND, -9, 8, "失败")],
    ],
)
def test_without_exactly_one_chain_the_file_order_stays(
    tmp_path: Path, rows: list[tuple[str, int, int, str]]
) -> None:
    assert seq(tmp_path, *rows) == [0, 1, 2][: len(rows)]
    older = ("2022-03-01", 1, 100, "成功")
    oldest = ("2022-02-01", 1, 200, "成功")
    assert seq(tmp_path, *rows, older, oldest) == list(range(len(rows) + 2))[::-1]


@settings(deadline=None, max_examples=examples(20))
@given(st.lists(st.integers(-50, 50), min_size=1, max_size=12), st.data())
def test_a_single_chain_is_found_from_any_order(steps: list[int], data: st.DataObject) -> None:
    balances = pd.Series([0, *steps]).cumsum()
    facts = pd.DataFrame(
        {"account": "a", "time": pd.Timestamp(DAY), "before": balances.shift(), "balance": balances}
    ).iloc[1:]
    facts = facts.astype({"before": "Int64", "balance": "Int64"})
    mixed = facts.loc[data.draw(st.permutations(list(facts.index)))]
    mixed = mixed.assign(order=range(len(mixed)))
    found = proved(mixed)
    assert sorted(found) == list(range(len(mixed)))
    if balances.is_unique:
        assert found.sort_values().index.tolist() == facts.index.tolist()
    elif 0 not in steps:
        placed = mixed.loc[found.sort_values().index]
        chained = placed["before"].iloc[1:].tolist() == placed["balance"].iloc[:-1].tolist()
        assert chained or found.tolist() == mixed["order"].tolist()


@given(
    rows=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 4), st.integers(-3, 3)),
        min_size=1,
        max_size=12,
    ),
    unknown=st.sets(st.integers(0, 11)),
    late=st.booleans(),
)
def test_times_in_order_are_settled_as_all_others(
    rows: list[tuple[int, int, int, int]], unknown: set[int], *, late: bool
) -> None:
    rows = rows if late else sorted(rows, key=lambda one: one[:2])
    account, second, balance, change = (np.array(one) for one in zip(*rows, strict=True))
    time = np.datetime64("2022-04-01", "us") + second * np.timedelta64(400, "ms")
    known = ~np.isin(np.arange(len(rows)), list(unknown))
    facts = {"before": balance - change, "balance": balance, "known": known}
    order = sequence(time, account)
    fast = settled(account, time, order, **facts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(order_module, "_ascending", lambda *_: False)
        slow = settled(account, time, order, **facts)
    assert fast.tolist() == slow.tolist()
