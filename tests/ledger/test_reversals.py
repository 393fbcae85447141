"""Reversals: what an institution took back nets to zero, and nothing else is undone."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from frames import frame
from hypothesis import given, settings
from hypothesis import strategies as st

from effort import examples
from tracer.ledger.reversals import INTERNAL, REFUNDED, UNDONE, reversals

HOUR, DAYS = 3600, 86_400


def pairs(*rows: dict[str, object]) -> list[list[object]]:
    return reversals(frame(*rows)).to_numpy().tolist()


def paid(**more: object) -> dict[str, object]:
    return {"out": True} | more


def back(**more: object) -> dict[str, object]:
    return {"out": False, "undone": True, "second": 60} | more


@pytest.mark.parametrize("said", [{"undone": True}, {"undone": False, "hinted": True}])
def test_one_serial_and_the_institutions_word_or_a_hint_undo(said: dict[str, object]) -> None:
    found = pairs(paid(serial=7), back(serial=7, other=5, second=30 * DAYS, **said))
    assert found == [[2, 1, "serial"]]


def test_a_negative_amount_is_undone_by_its_serial_and_the_balance() -> None:
    one = paid(serial=7, balance_fen=900)
    again = {"out": False, "serial": 7, "second": 5}
    assert pairs(one, again | {"balance_fen": 1000}) == [[2, 1, "serial"]]
    assert pairs(one, again | {"balance_fen": 1001}) == []
    assert pairs(one, again) == []


def test_money_passed_on_under_one_serial_is_not_taken_back() -> None:
    came = {"out": False, "other": 5, "serial": 7, "balance_fen": 1100}
    assert pairs(came, paid(other=6, serial=7, balance_fen=1000)) == []


def test_of_neighbours_that_all_cancel_each_is_in_one_pair() -> None:
    rows = [
        {"out": step % 2 == 0, "serial": 7, "balance_fen": 900 + step % 2 * 100, "second": step}
        for step in range(5)
    ]
    assert pairs(*rows) == [[2, 1, "serial"], [4, 3, "serial"]]


def test_a_row_marked_as_undone_in_its_remark_is_undone_by_the_balance() -> None:
    one = paid(serial=7, balance_fen=900, hinted=True)
    assert pairs(one, {"out": False, "serial": 7, "second": 5, "balance_fen": 1000}) == [
        [2, 1, "serial"]
    ]


def test_by_name_the_nearest_earlier_payment_is_undone() -> None:
    assert pairs(paid(), paid(second=30), back()) == [[3, 2, "named"]]
    assert pairs(paid(), paid(second=90), back()) == [[3, 1, "named"]]
    assert pairs(paid(other=3), back()) == []
    assert pairs(paid(fen=99), back()) == []
    assert pairs(paid(second=61), back()) == []


def test_by_name_three_days_are_the_most() -> None:
    assert pairs(paid(), back(second=3 * DAYS)) == [[2, 1, "named"]]
    assert pairs(paid(), back(second=3 * DAYS + 1)) == []


def test_of_one_moment_the_order_in_the_file_does_not_matter() -> None:
    assert pairs(back(second=0), paid()) == [[1, 2, "named"]]


def test_a_date_alone_may_be_any_time_of_its_day() -> None:
    assert pairs(paid(second=9 * HOUR), back(second=0, precision=2)) == [[2, 1, "named"]]
    assert pairs(paid(second=90), back(second=60, precision=1)) == [[2, 1, "named"]]
    assert pairs(paid(second=120), back(second=60, precision=1)) == []


@pytest.mark.parametrize("unsaid", [{"silent": True}, {"internal": True}])
def test_without_a_name_only_a_single_candidate_is_undone(unsaid: dict[str, object]) -> None:
    undo = back(other=9, **unsaid)
    assert pairs(paid(), undo) == [[2, 1, "alone"]]
    assert pairs(paid(), paid(other=3), undo) == []
    assert pairs(paid(), paid(other=3), undo | {"second": 3 * DAYS + 1}) == []
    assert pairs(paid(), paid(other=3, second=HOUR), undo | {"second": 3 * DAYS + 1}) == [
        [3, 2, "alone"]
    ]


def test_another_named_counterparty_is_never_taken_for_none() -> None:
    assert pairs(paid(), back(other=9)) == []


def test_a_hint_alone_undoes_nothing() -> None:
    assert pairs(paid(), back(undone=False, hinted=True)) == []


def test_a_refund_is_a_payment_back_unless_the_serial_agrees() -> None:
    assert pairs(paid(), back(refund=True)) == []
    assert pairs(paid(serial=7), back(refund=True, serial=7)) == [[2, 1, "serial"]]
    assert pairs(paid(serial=7), back(refund=True, serial=8)) == []


def test_a_refund_under_one_serial_weeks_later_is_a_payment_back() -> None:
    refund = back(refund=True, serial=7, second=20 * DAYS)
    assert pairs(paid(serial=7), refund) == []
    # What it cannot undo, a word of the institution's own may.
    undone = back(serial=7, second=20 * DAYS + 1)
    assert pairs(paid(serial=7), refund, undone) == [[3, 1, "serial"]]


def test_an_emptied_account_that_pays_back_weeks_later_takes_nothing_back() -> None:
    came = {"out": False, "serial": 7, "balance_fen": 100}
    went = {"out": True, "serial": 7, "balance_fen": 0}
    assert pairs(came, went | {"second": DAYS}) == [[2, 1, "serial"]]
    assert pairs(came, went | {"second": 20 * DAYS}) == []


def test_an_undo_without_the_row_that_it_undoes_stays() -> None:
    assert pairs(back()) == []
    assert pairs(back(serial=7)) == []
    assert reversals(frame()).empty


def test_an_undo_that_failed_undoes_nothing_and_a_failed_payment_can_be_undone() -> None:
    assert pairs(paid(serial=7), back(serial=7, success=False)) == []
    assert pairs(paid(success=False), back()) == [[2, 1, "named"]]


def test_an_undo_is_undone_only_by_serial_and_then_the_payment_stands() -> None:
    chain = [paid(serial=7), back(serial=7), paid(serial=7, undone=True, second=120)]
    assert pairs(*chain) == [[3, 2, "serial"]]
    assert pairs(*(row | {"serial": 0} for row in chain)) == [[2, 1, "named"]]
    longer = [*chain, back(serial=7, second=180)]
    assert pairs(*longer) == [[2, 1, "serial"], [4, 3, "serial"]]


def test_of_a_group_red_packet_only_the_part_that_came_back_is_undone() -> None:
    parts = [paid(serial=7, wallet=True, other=receiver) for receiver in (11, 12)]
    unclaimed = paid(serial=7, wallet=True, other=98, silent=True)
    returned = back(serial=7, wallet=True, other=99, silent=True, undone=False, refund=True)
    assert pairs(*parts, returned) == []
    assert pairs(unclaimed, *parts, returned) == [[4, 1, "serial"]]
    assert pairs(*parts, returned | {"other": 11, "silent": False}) == [[3, 1, "serial"]]
    assert pairs(unclaimed | {"fen": 300}, returned) == []


def test_serials_come_before_names() -> None:
    rows = [paid(serial=7), paid(serial=8, second=30), back(serial=7)]
    assert pairs(*rows) == [[3, 1, "serial"]]


def test_what_banks_write() -> None:
    said = pd.Series(["冲正", "转账撤销", "大额退汇", "抹账", "退款", "转账"])
    assert said.str.contains(UNDONE).tolist() == [True] * 4 + [False] * 2
    assert said.str.contains(REFUNDED).tolist() == [False] * 4 + [True, False]
    assert pd.Series(["待处理汇划款项", "张三"]).str.contains(INTERNAL).tolist() == [True, False]


ROW = st.fixed_dictionaries(
    {
        "own": st.integers(1, 2),
        "other": st.integers(3, 4),
        "out": st.booleans(),
        "fen": st.sampled_from([100, 200]),
        "second": st.one_of(st.integers(0, 5), st.integers(0, 5).map(lambda day: day * DAYS)),
        "precision": st.sampled_from([0, 0, 0, 1, 2]),
        "seq": st.integers(1, 3),
        "balance_fen": st.sampled_from([None, 0, 100, 200]),
        "success": st.sampled_from([True, True, True, False]),
        "serial": st.sampled_from([0, 0, 1, 2]),
        "silent": st.sampled_from([False, False, True]),
        "undone": st.booleans(),
        "hinted": st.sampled_from([False, False, True]),
        "refund": st.sampled_from([False, False, False, True]),
    }
)
SPANS = {0: 0, 1: 60_000_000 - 1, 2: 86_400_000_000 - 1}


Row = dict[str, object]
Pairs = dict[int, tuple[int, str]]
THREE = 3 * DAYS * 1_000_000


def slow(rows: pd.DataFrame) -> list[list[object]]:
    """Say the rules again, row by row, with plain lists."""
    told, found = rows.to_dict("records"), {}
    for row in told:
        row["party"] = 0
        row["told"] = row["undone"] or row["hinted"] or row["refund"]
        row["micro"] = (row["time"] - pd.Timestamp(0)) // pd.Timedelta(microseconds=1)
        row["late"] = row["micro"] + (SPANS[row["precision"]] if row["told"] else 0)
        sure = row["undone"] and not row["refund"] and row["success"]
        row["u1"] = row["told"] and row["success"] and row["serial"] != 0
        row["d1"] = row["serial"] != 0 and (row["success"] or not row["told"])
        row["u2"] = sure and not row["silent"]
        row["u3"] = sure and row["silent"]
        row["d2"] = not row["told"]
    _receivers(told)
    by = ["own", "fen", "serial", "party"]
    for row in told:
        row["within"] = THREE if row["refund"] else float("inf")
    _by_order(told, found, ("u1", "d1", "serial"), by)
    _by_balance(told, found)
    for row in told:
        row["within"] = THREE
    _by_order(told, found, ("u2", "d2", "named"), ["own", "fen", "other"])
    for row in _line(told, "u3"):
        if row["u3"] and _free(row, found):
            one = [done for done in told if _can(row, done) and _free(done, found)]
            if len(one) == 1:
                found[row["entry_id"]] = (one[0]["entry_id"], "alone")
    return [[undo, *found[undo]] for undo in sorted(found)]


def _receivers(told: list[Row]) -> None:
    for row in told:
        like = [one for one in told if all(one[n] == row[n] for n in ("own", "fen", "serial"))]
        for out in (False, True):
            plain = [one for one in like if one["out"] is out and not one["told"]]
            if len({None if one["silent"] else one["other"] for one in plain}) > 1:
                row["party"] = "nobody" if row["silent"] else row["other"]


def _can(undo: Row, done: Row) -> bool:
    same = (done["own"], done["fen"]) == (undo["own"], undo["fen"]) and done["d2"]
    return same and done["out"] != undo["out"] and 0 <= undo["late"] - done["late"] <= THREE


def _free(row: Row, found: Pairs) -> bool:
    return all(row["entry_id"] not in (undo, done) for undo, (done, _) in found.items())


def _line(told: list[Row], undoes: str) -> list[Row]:
    return sorted(told, key=lambda r: (r["late"], bool(r[undoes]), r["seq"], r["entry_id"]))


def _by_order(told: list[Row], found: Pairs, roles: tuple[str, str, str], by: list[str]) -> None:
    undo, done, how = roles
    some = [row for row in _line(told, undo) if (row[undo] or row[done]) and _free(row, found)]
    waiting: list[Row] = []
    for row in reversed(some):
        fits = [one for one in waiting if all(one[name] == row[name] for name in by)]
        fits = [one for one in fits if one["out"] != row["out"]]
        fits = [one for one in fits if one["late"] - row["late"] <= one["within"]]
        if row[done] and fits:
            waiting = [one for one in waiting if one is not fits[-1]]
            found[fits[-1]["entry_id"]] = (row["entry_id"], how)
        elif row[undo]:
            waiting.append(row)


def _by_balance(told: list[Row], found: Pairs) -> None:
    marked = [r for r in told if r["undone"] or r["refund"]]
    some = [r for r in told if _free(r, found) and r not in marked and r["serial"]]
    some = [r for r in some if not pd.isna(r["balance_fen"])]
    some.sort(key=lambda r: (r["micro"], r["seq"], r["entry_id"]))
    for place, done in enumerate(some):
        after = [
            r
            for r in some[place + 1 :]
            if (r["own"], r["fen"], r["serial"]) == (done["own"], done["fen"], done["serial"])
        ]
        if not after or not _free(done, found):
            continue
        undo = after[0]
        before = done["balance_fen"] + (done["fen"] if done["out"] else -done["fen"])
        named = done["silent"] or undo["silent"] or done["other"] == undo["other"]
        if (
            undo["out"] != done["out"]
            and undo["balance_fen"] == before
            and named
            and undo["success"]
            and not undo["told"]
            and undo["micro"] - done["micro"] <= THREE
        ):
            found[undo["entry_id"]] = (done["entry_id"], "serial")


@given(st.lists(ROW, max_size=9))
@settings(deadline=None, max_examples=examples(120))
def test_the_compiled_pairing_is_that_of_the_plain_rules(rows: list[dict[str, object]]) -> None:
    told = frame(*rows)
    assert reversals(told).to_numpy().tolist() == slow(told)


@given(st.lists(ROW, max_size=9), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=examples(60))
def test_pairs_are_one_to_one_net_to_zero_and_know_no_order_of_rows(rows, chance) -> None:
    told = frame(*rows)
    found = reversals(told)
    both = pd.concat([found["undo"], found["done"]])
    assert both.is_unique
    signed = told.set_index("entry_id")
    money = signed["fen"].where(signed["out"], -signed["fen"])
    assert (money[found["undo"]].to_numpy() + money[found["done"]].to_numpy() == 0).all()
    assert (signed.loc[found["undo"], "own"].array == signed.loc[found["done"], "own"].array).all()
    order = list(range(len(told)))
    chance.shuffle(order)
    mixed = told.iloc[order].reset_index(drop=True)
    pd.testing.assert_frame_equal(reversals(mixed), found)


def test_very_many_equal_amounts_take_no_more_than_seconds() -> None:
    many = 100_000
    told = frame({}).iloc[np.zeros(many, int)].reset_index(drop=True)
    told["entry_id"] = told["seq"] = np.arange(1, many + 1)
    told["time"] += pd.to_timedelta(np.arange(many), unit="s")
    told["undone"] = np.arange(many) >= many // 2
    told["out"] = ~told["undone"]
    reversals(told.iloc[:10])
    begin = time.perf_counter()
    found = reversals(told)
    assert len(found) == many // 2
    assert time.perf_counter() - begin < 5
