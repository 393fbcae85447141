"""Crossings: bank and platform records of one hop are joined, and doubt stays a gap."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from frames import frame
from hypothesis import given, settings
from hypothesis import strategies as st

from effort import examples
from tracer.ledger.bridge import crossings

CARD, OTHER, CLEARING, USER, SECOND = 1, 2, 50, 90, 91
MINUTE, DAY = 60, 86_400


def bank(**more: object) -> dict[str, object]:
    return {"own": CARD, "other": CLEARING, "hop": True} | more


def user(**more: object) -> dict[str, object]:
    return {"own": USER, "other": CARD, "out": False, "wallet": True, "second": 3} | more


def joined(*rows: dict[str, object]) -> list[list[object]]:
    found = crossings(frame(*rows))
    return found[["payer_entry", "payee_entry", "how"]].to_numpy().tolist()


def test_the_shared_number_joins_within_a_day_and_says_who_paid() -> None:
    one = {"link": 7}
    found = crossings(frame(bank(**one), user(second=DAY, **one)))
    assert found.to_numpy().tolist() == [[1, 2, 1, 2, 100, 86_400.0, "link", 0]]
    assert joined(bank(out=False, **one), user(out=True, **one)) == [[2, 1, "link"]]
    assert joined(bank(**one), user(second=DAY + 1, **one)) == []


@pytest.mark.parametrize(
    ("here", "there", "fits"),
    [
        ({"serial": 7}, {"link": 7}, True),
        ({"link": 7}, {"serial": 7}, True),
        ({"serial": 7}, {"serial": 7}, False),
        ({"link": 7}, {"link": 8}, False),
    ],
)
def test_each_may_hold_the_others_number_in_another_column(
    here: dict[str, object], there: dict[str, object], fits: bool
) -> None:
    far = {"second": 10_000}
    assert bool(joined(bank(**here), user(**there, **far))) is fits


@pytest.mark.parametrize("differs", [{"fen": 99}, {"out": True}, {"other_wallet": True}])
def test_another_amount_or_direction_stays_a_gap(differs: dict[str, object]) -> None:
    assert joined(bank(link=7), user(link=7, **differs)) == []


def test_a_bank_record_without_clearing_account_is_no_hop() -> None:
    assert joined(bank(hop=False, link=7), user(link=7)) == []


def test_under_one_number_the_named_card_comes_first_then_the_order_of_times() -> None:
    rows = [
        bank(own=OTHER, link=7),
        bank(link=7, second=MINUTE),
        user(link=7, second=5),
        user(other=OTHER, link=7, second=MINUTE),
    ]
    assert joined(*rows) == [[1, 4, "link"], [2, 3, "link"]]
    vague = [row | ({"silent": True, "other": 60} if row.get("wallet") else {}) for row in rows]
    assert joined(*vague) == [[1, 3, "link"], [2, 4, "link"]]
    assert crossings(frame(*vague))["rivals"].tolist() == [1, 1]


def test_a_number_does_not_join_a_card_that_the_platform_does_not_mean() -> None:
    # Another card's statement is in hand, so that its name is no alias.
    rows = [bank(link=7), user(link=7, other=OTHER)]
    assert joined(*rows) == [[1, 2, "link"]]
    assert joined(*rows, bank(own=OTHER, fen=5)) == []


def test_a_payment_split_on_cards_is_joined_if_the_parts_make_it_up() -> None:
    one, two = bank(link=7, fen=60), bank(own=OTHER, link=7, fen=40)
    whole = user(link=7)
    assert joined(one, two, whole) == [[1, 3, "split"], [2, 3, "split"]]
    assert crossings(frame(one, two, whole))["fen"].tolist() == [60, 40]
    assert joined(one, two | {"fen": 41}, whole) == []
    assert joined(one, whole) == []
    assert joined(one, two | {"second": 2 * DAY}, whole) == []
    away = [{**row, "out": not row.get("out", True)} for row in (one, two, whole)]
    assert joined(*away) == [[3, 1, "split"], [3, 2, "split"]]


def test_a_bank_record_of_several_platform_records_is_joined_likewise() -> None:
    parts = [user(link=7, fen=60), user(own=SECOND, link=7, fen=40)]
    assert joined(bank(link=7), *parts) == [[1, 2, "split"], [1, 3, "split"]]
    assert joined(bank(link=7), parts[0]) == []


def test_a_number_whose_amounts_disagree_is_not_joined_to_another_record() -> None:
    assert joined(bank(link=7), user(link=7, fen=99), user(second=9)) == []


def test_card_amount_and_time_join_only_what_is_alone() -> None:
    assert joined(bank(), user()) == [[1, 2, "card"]]
    assert joined(bank(), user(second=120)) == [[1, 2, "card"]]
    assert joined(bank(), user(second=121)) == []
    assert joined(bank(), user(other=OTHER)) == []
    assert joined(bank(), user(silent=True)) == []
    assert joined(bank(), user(), user(own=SECOND, second=9)) == []
    assert joined(bank(), bank(second=5), user()) == []
    assert joined(bank(), bank(second=500), user(), user(second=501)) == [
        [1, 3, "card"],
        [2, 4, "card"],
    ]


def test_a_rival_beyond_the_others_reach_still_is_one() -> None:
    # The first user fits both bank records, so that neither of these is its only one.
    rows = [bank(second=0), bank(second=200), user(second=100), user(second=300)]
    assert joined(*rows) == []


def test_the_coarser_time_says_how_far_apart_two_may_be() -> None:
    assert joined(bank(precision=1), user(second=180)) == [[1, 2, "card"]]
    assert joined(bank(precision=2), user(second=DAY - 1)) == [[1, 2, "card"]]
    assert joined(bank(precision=2), user(second=DAY)) == []
    assert joined(bank(precision=2), user(second=9_000), user(second=50_000)) == []


def test_hops_without_any_platform_record_stay() -> None:
    assert joined(bank(link=7), bank(own=OTHER, out=False, link=7)) == []
    assert crossings(frame()).empty


ROW = st.one_of(
    st.fixed_dictionaries(
        {
            "own": st.sampled_from([CARD, OTHER]),
            "other": st.just(CLEARING),
            "hop": st.just(value=True),
        }
    ),
    st.fixed_dictionaries(
        {
            "own": st.sampled_from([USER, SECOND]),
            "other": st.sampled_from([CARD, OTHER]),
            "wallet": st.just(value=True),
            "silent": st.sampled_from([False, False, True]),
        }
    ),
).flatmap(
    lambda row: st.fixed_dictionaries(
        {
            "out": st.booleans(),
            "fen": st.sampled_from([60, 40, 100]),
            "second": st.sampled_from([0, 1, 100, 170, 230, 5000, DAY]),
            "precision": st.sampled_from([0, 0, 1, 2]),
            "serial": st.sampled_from([0, 0, 1]),
            "link": st.sampled_from([0, 0, 1, 2]),
        }
    ).map(lambda more: row | more)
)


@given(st.lists(ROW, max_size=9), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=examples(40))
def test_a_record_occurs_once_money_is_kept_and_the_order_of_rows_is_nothing(rows, chance) -> None:
    told = frame(*rows)
    found = crossings(told)
    for how, some in found.groupby("how"):
        once = some["bank"].is_unique and some["platform"].is_unique
        assert once or how == "split"
    assert not found.duplicated(["bank", "platform"]).any()
    parts = found["bank"].duplicated(keep=False) ^ found["platform"].duplicated(keep=False)
    assert (parts == found["how"].eq("split")).all()
    fen = told.set_index("entry_id")["fen"]
    for side in ("bank", "platform"):
        moved = found.groupby(side)["fen"].sum()
        assert (moved == fen[moved.index]).all()
    order = list(range(len(told)))
    chance.shuffle(order)
    mixed = crossings(told.iloc[order].reset_index(drop=True))
    pd.testing.assert_frame_equal(mixed, found)


@given(st.lists(ROW, max_size=9))
@settings(deadline=None, max_examples=examples(50))
def test_the_compiled_search_for_single_candidates_is_that_of_the_plain_rule(rows) -> None:
    told = frame(*(row | {"serial": 0, "link": 0} for row in rows))
    micro = pd.Timedelta(microseconds=1)
    plain = told.to_dict("records")

    def near(one: dict[str, object], two: dict[str, object]) -> bool:
        coarse = max(one["precision"], two["precision"])
        if coarse == 2:
            return one["time"].date() == two["time"].date()
        return abs((one["time"] - two["time"]) / micro) <= (120e6, 180e6)[coarse]

    def fits(one: dict[str, object], two: dict[str, object]) -> bool:
        facts = one["own"] == two["other"] and one["fen"] == two["fen"]
        return facts and one["out"] != two["out"] and not two["silent"] and near(one, two)

    pairs = [
        (one["entry_id"], two["entry_id"])
        for one in plain
        for two in plain
        if one["hop"] and two["wallet"] and fits(one, two)
    ]
    left, right = [one for one, _ in pairs], [two for _, two in pairs]
    alone = [p for p in pairs if left.count(p[0]) == 1 and right.count(p[1]) == 1]
    found = crossings(told)
    assert list(zip(found["bank"], found["platform"], strict=True)) == sorted(alone)


def test_very_many_equal_hops_take_no_more_than_seconds() -> None:
    many = 50_000
    both = frame(bank(), user())
    crossings(both)
    told = both.iloc[np.arange(2 * many) % 2].reset_index(drop=True)
    told["entry_id"] = np.arange(2 * many)
    told["time"] += pd.to_timedelta(np.arange(2 * many) // 2 * 300, unit="s")
    begin = time.perf_counter()
    assert len(crossings(told)) == many
    assert time.perf_counter() - begin < 5
