"""Platforms: one trade in several tables counts once, and different movements stay apart."""

from __future__ import annotations

import pandas as pd
import pytest
from frames import frame
from hypothesis import given, settings
from hypothesis import strategies as st

from effort import examples
from tracer.ledger.platforms import same

USER: dict[str, object] = {"wallet": True, "other_wallet": True, "kindred": 7}
DETAILS, TRANSFERS, WITHDRAWALS = 1, 2, 3


def stands(*rows: dict[str, object]) -> list[int]:
    return same(frame(*(USER | row for row in rows)))["stands"].tolist()


def test_one_trade_of_two_tables_counts_once_within_minutes() -> None:
    assert stands({"file": DETAILS}, {"file": TRANSFERS, "second": 5}) == [1, 1]
    assert stands({"file": DETAILS}, {"file": TRANSFERS, "second": 600}) == [1, 1]
    assert stands({"file": DETAILS}, {"file": TRANSFERS, "second": 601}) == [1, 2]


def test_a_trade_in_three_tables_counts_once() -> None:
    rows = [{"file": file, "second": file * 100} for file in (1, 2, 3)]
    assert stands(*rows) == [1, 1, 1]


@pytest.mark.parametrize(
    "differs",
    [{"kindred": 8}, {"fen": 101}, {"out": False}, {"own": 9}, {"file": DETAILS}, {"kindred": 0}],
)
def test_what_differs_is_another_movement(differs: dict[str, object]) -> None:
    assert stands({"file": DETAILS}, {"file": TRANSFERS} | differs) == [1, 2]


def test_without_an_order_number_nothing_is_the_same() -> None:
    assert stands({"kindred": 0}, {"kindred": 0, "file": TRANSFERS}) == [1, 2]


def test_a_bank_account_is_left_alone() -> None:
    assert stands({"wallet": False}, {"wallet": False, "file": TRANSFERS}) == [1, 2]


def test_equal_rows_inside_one_table_are_matched_one_to_one() -> None:
    twice = [{"file": DETAILS, "second": 0}, {"file": DETAILS, "second": 60}]
    assert stands(*twice, {"file": TRANSFERS, "second": 61}) == [1, 2, 2]
    assert stands(*twice, *(row | {"file": TRANSFERS} for row in twice)) == [1, 2, 1, 2]


def test_a_payment_and_its_refund_stay_two() -> None:
    assert stands({"file": DETAILS}, {"file": TRANSFERS, "out": False}) == [1, 2]


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ({"silent": True, "other": 9}, {}),
        ({}, {"link": 5}),
        ({}, {"balance_fen": 4}),
        ({"statement": False}, {}),
        ({"precision": 1}, {}),
        ({}, {"serial": 5}),
    ],
)
def test_the_row_that_tells_most_stands(less: dict[str, object], more: dict[str, object]) -> None:
    assert stands({"file": DETAILS} | less, {"file": TRANSFERS} | more) == [2, 2]
    assert stands({"file": TRANSFERS} | more, {"file": DETAILS} | less) == [1, 1]


def test_a_list_of_withdrawals_is_joined_by_the_number_beside_the_order() -> None:
    card = {"other": 20, "other_wallet": False}
    details = card | {"file": DETAILS, "serial": 70}
    transfers = card | {"file": TRANSFERS, "serial": 70, "link": 71}
    for kindred in (0, 8):
        withdrawal = card | {"file": WITHDRAWALS, "serial": 71, "kindred": kindred, "second": 9}
        assert stands(details, transfers, withdrawal) == [2, 2, 2]
    lone = card | {"file": WITHDRAWALS, "serial": 72, "kindred": 0}
    assert stands(details, transfers, lone) == [2, 2, 3]


def test_a_number_beside_two_orders_joins_neither() -> None:
    withdrawal = {"file": WITHDRAWALS, "serial": 71, "kindred": 0}
    orders = [{"file": TRANSFERS, "link": 71}, {"file": TRANSFERS, "link": 71, "kindred": 8}]
    assert stands(*orders, withdrawal) == [1, 2, 3]


def test_a_date_alone_fits_its_day_and_a_table_tells_of_each_trade_once() -> None:
    dated = {"file": TRANSFERS, "precision": 2}
    assert stands({"file": DETAILS, "second": 40_000}, dated) == [1, 1]
    assert stands({"file": DETAILS, "second": 90_000}, dated) == [1, 2]
    exact = {"file": TRANSFERS, "second": 40_000}
    assert stands({"file": DETAILS, "second": 40_000}, exact, dated) == [1, 1, 3]


def test_the_receivers_of_a_group_red_packet_stay_apart() -> None:
    packet = [{"other": receiver, "file": DETAILS} for receiver in (11, 12, 13)]
    assert stands(*packet) == [1, 2, 3]
    again = [row | {"file": TRANSFERS} for row in packet[1:]]
    assert stands(packet[0], *again) == [1, 2, 3]
    assert stands(*packet, *again) == [1, 2, 3, 2, 3]
    nameless = {"other": 99, "silent": True, "file": TRANSFERS}
    assert stands(packet[0], packet[1], nameless) == [1, 2, 3]


def test_what_a_red_packet_gives_back_is_a_movement_of_its_own() -> None:
    sent, returned = {"fen": 1000}, {"fen": 300, "out": False, "file": TRANSFERS, "silent": True}
    assert stands(sent, returned) == [1, 2]


ROW = st.fixed_dictionaries(
    {
        "own": st.integers(1, 2),
        "other": st.integers(3, 4),
        "out": st.booleans(),
        "fen": st.sampled_from([100, 200]),
        "second": st.integers(0, 4).map(lambda step: step * 299),
        "precision": st.sampled_from([0, 0, 1, 2]),
        "file": st.integers(1, 3),
        "kindred": st.integers(0, 2),
        "serial": st.integers(0, 2),
        "link": st.sampled_from([0, 0, 1, 2]),
        "silent": st.booleans(),
        "other_wallet": st.booleans(),
        "hop": st.booleans(),
        "wallet": st.sampled_from([True, True, True, False]),
    }
)


@given(st.lists(ROW, max_size=9), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=examples(40))
def test_no_table_has_two_rows_of_one_trade_and_the_order_of_rows_is_nothing(rows, chance) -> None:
    told = frame(*rows)
    found = same(told)
    assert found["entry_id"].tolist() == told["entry_id"].tolist()
    whole = told.assign(stands=found["stands"])
    assert not whole.duplicated(["stands", "file"]).any()
    by = whole.groupby("stands")[["own", "out", "fen"]].nunique()
    assert (by == 1).all(axis=None)
    # What stands for another stands for itself.
    assert (
        whole.set_index("entry_id").loc[whole["stands"], "stands"] == whole["stands"].array
    ).all()
    order = list(range(len(told)))
    chance.shuffle(order)
    mixed = same(told.iloc[order].reset_index(drop=True)).sort_values("entry_id", ignore_index=True)
    pd.testing.assert_frame_equal(mixed, found)
