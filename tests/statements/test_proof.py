"""Proof: what the balances of an account show, against a slow reference and in worked cases."""

from __future__ import annotations

import time
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effort import examples
from tracer import tables
from tracer.statements.entries.proof import BREAKS, coverage

START = datetime(2024, 3, 1)
Row = dict[str, Any]


def entries(rows: list[Row]) -> pd.DataFrame:
    """Make entries of rows that may leave out what does not matter."""
    common = {
        "entry_id": 0, "load_id": 3, "source": "a.csv", "sheet": "一", "statement": True,
        "account": "A", "currency": "CNY", "holder": "", "direction": "in", "fen": 0,
        "balance_fen": None, "success": True, "cash": False, "time": START,
    }  # fmt: skip
    told = [common | {"row": at + 2, "seq": at} | row for at, row in enumerate(rows)]
    frame = pd.DataFrame(told, columns=[*common, "row", "seq"])
    return tables.ENTRIES.conform(frame.astype({"balance_fen": "Int64"}))


def slow(frame: pd.DataFrame) -> list[Row]:
    """Prove a sheet row by row."""
    chains: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in frame.to_dict("records"):
        if row["statement"]:
            chains[row["account"], row["currency"]].append({str(k): v for k, v in row.items()})
    told = []
    for (account, currency), chain in chains.items():
        chain.sort(key=lambda row: row["seq"])
        begin = {"account": account, "currency": currency, "rows": len(chain)}
        told.append(begin | span(chain) | proof(chain))
    return told


def span(chain: list[Row]) -> Row:
    return {
        "holder": next((row["holder"] for row in chain if row["holder"]), ""),
        "first_time": min(row["time"] for row in chain),
        "last_time": max(row["time"] for row in chain),
    }


def proof(chain: list[Row]) -> Row:
    proved, unproved, breaks, open_steps = 0, 0, [], []
    balance, opening, moved, waiting = None, None, 0, []
    for at, row in enumerate(chain):
        waiting.append(at)
        if row["success"]:
            moved += row["fen"] if row["direction"] == "in" else -row["fen"]
            unproved += pd.isna(row["balance_fen"])
        if not row["success"] or pd.isna(row["balance_fen"]):
            continue
        right = balance is not None and balance + moved == row["balance_fen"]
        proved += right
        if balance is None:
            opening = row["balance_fen"] - moved
        elif not right:
            breaks.append(str(row["row"]))
        open_steps += [] if right else waiting
        balance, moved, waiting = row["balance_fen"], 0, []
    gap = longest(chain, [*open_steps, *waiting])
    return {
        "proved": proved,
        "broken": len(breaks),
        "unproved": unproved,
        "break_rows": " ".join(breaks[:BREAKS]),
        "gap_from": chain[gap - 1]["time"] if gap else None,
        "gap_to": chain[gap]["time"] if gap else None,
        "gap_days": (chain[gap]["time"] - chain[gap - 1]["time"]).days if gap else 0,
        "opening_fen": opening,
        "closing_fen": None if balance is None else balance + moved,
    }


def longest(chain: list[Row], steps: list[int]) -> int:
    """Return the row after the first of the longest steps forward in time, or 0."""
    length = {at: chain[at]["time"] - chain[at - 1]["time"] for at in steps if at}
    forward = {at: days for at, days in length.items() if days > timedelta(0)}
    return max(forward, key=lambda at: (forward[at], -at), default=0)


SOME_ROW = st.fixed_dictionaries(
    {
        "account": st.sampled_from(["A", "B", ""]),
        "currency": st.sampled_from(["CNY", "CNY", "USD"]),
        "holder": st.sampled_from(["", "甲", "乙"]),
        "direction": st.sampled_from(["in", "out"]),
        "fen": st.integers(0, 3),
        "balance_fen": st.none() | st.integers(-2, 3),
        "success": st.sampled_from([True, True, True, False]),
        "statement": st.sampled_from([True, True, True, False]),
        "time": st.integers(0, 200).map(lambda hours: START + timedelta(hours=6 * hours)),
    }
)


@settings(deadline=None, max_examples=examples(100))
@given(st.lists(SOME_ROW, max_size=24), st.randoms(use_true_random=False))
def test_the_arrays_prove_what_the_slow_reference_proves(rows: list[Row], random: Any) -> None:
    order = list(range(len(rows)))
    random.shuffle(order)
    frame = entries([row | {"seq": seq} for row, seq in zip(rows, order, strict=True)])
    expected = slow(frame)
    found = coverage(frame)
    assert list(found.columns) == list(tables.COVERAGE.columns)
    assert found.dtypes.astype("str").to_dict() == tables.COVERAGE.columns
    plain = found.astype(object).where(found.notna(), None)
    got = plain.drop(columns=["load_id", "source", "sheet"]).to_dict("records")
    assert got == expected


@settings(deadline=None, max_examples=examples(20))
@given(
    st.lists(st.integers(-500, 500), min_size=3, max_size=30),
    st.integers(0, 1000),
    st.data(),
)
def test_a_row_that_is_taken_out_or_altered_breaks_the_chain_once(
    moves: list[int], opening: int, data: st.DataObject
) -> None:
    balances = (opening + np.cumsum(moves)).tolist()
    rows = [
        {"direction": "in" if move > 0 else "out", "fen": abs(move), "balance_fen": balance}
        for move, balance in zip(moves, balances, strict=True)
    ]
    whole = coverage(entries(rows)).iloc[0]
    assert (whole["proved"], whole["broken"]) == (len(rows) - 1, 0)
    assert (whole["opening_fen"], whole["closing_fen"]) == (opening, balances[-1])
    at = data.draw(st.integers(1, len(rows) - 2))
    kept = [row | {"row": n} for n, row in enumerate(rows) if n != at]
    without = coverage(entries(kept)).iloc[0]
    # A row that moved nothing is not missed.
    assert without["break_rows"] == (str(at + 1) if moves[at] else "")
    altered = [dict(row) for row in rows]
    altered[at]["fen"] += 1
    assert coverage(entries(altered)).iloc[0]["break_rows"] == str(at + 2)


def test_a_silence_that_the_balance_bridges_is_no_gap() -> None:
    later = START + timedelta(days=90, hours=5)
    still = [{"fen": 5, "balance_fen": 5}, {"fen": 1, "balance_fen": 6, "time": later}]
    assert coverage(entries(still))["gap_days"].tolist() == [0]
    unseen = [{"fen": 5, "balance_fen": 5}, {"fen": 1, "balance_fen": 7, "time": later}]
    told = coverage(entries(unseen)).iloc[0]
    assert (told["gap_days"], told["gap_from"], told["gap_to"]) == (90, START, later)
    bare = coverage(entries([{"fen": 5}, {"fen": 1, "time": later}])).iloc[0]
    assert (bare["gap_days"], bare["unproved"], bare["opening_fen"]) == (90, 2, pd.NA)


def test_currencies_of_one_account_do_not_break_each_other() -> None:
    rows = [
        {"fen": 5, "balance_fen": 5},
        {"fen": 7, "balance_fen": 7, "currency": "USD"},
        {"fen": 1, "balance_fen": 6},
    ]
    told = coverage(entries(rows))
    assert told["currency"].tolist() == ["CNY", "USD"]
    assert told["broken"].tolist() == [0, 0]


def test_only_the_first_breaks_are_named_and_all_are_counted() -> None:
    told = coverage(entries([{"fen": 1, "balance_fen": at * 100} for at in range(40)])).iloc[0]
    assert told["broken"] == 39
    assert told["break_rows"].split() == [str(row) for row in range(3, 3 + BREAKS)]


def test_nobodys_own_statement_has_no_coverage() -> None:
    assert coverage(entries([{"statement": False}])).empty
    assert coverage(entries([])).empty


@pytest.mark.parametrize("accounts", [1, 2_000])
def test_many_rows_take_a_moment(accounts: int) -> None:
    many = 200_000
    random = np.random.default_rng(7)
    code = random.integers(0, accounts, many)
    frame = entries([{}]).loc[[0] * many].reset_index(drop=True)
    frame = frame.assign(
        account=pd.Series(code).astype("str"),
        seq=np.arange(many),
        fen=random.integers(1, 100, many),
        balance_fen=pd.array(random.integers(1, 100, many), dtype="Int64"),
    )
    coverage(frame.head(10))
    begin = time.perf_counter()
    assert coverage(frame)["rows"].sum() == many
    # A row-by-row or group-by-group way takes seconds.
    assert time.perf_counter() - begin < 0.5
