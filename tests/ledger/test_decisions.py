"""Decisions of investigators outrank the rules of the ledger, and doubt is told in numbers."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_build import CLEARING, A, B, C, entries, get, pay

from effort import examples
from tracer.errors import DecisionError
from tracer.ledger import decisions
from tracer.ledger.build import Ledger, build
from tracer.ledger.doubt import HOWS, rivals, scores
from tracer.ledger.parties import parties
from tracer.ledger.rows import told
from tracer.tables import DECISIONS, JOINS, MARKS, REGISTRATIONS

AT = "2024-06-01 10:00:00"


def made(frame: pd.DataFrame, *verdicts: tuple[int, int, str], **more: pd.DataFrame) -> Ledger:
    said = pd.DataFrame(verdicts, columns=["entry", "other", "verdict"])
    return build(frame, REGISTRATIONS.empty(), decisions=said, **more)


def rows(ledger: Ledger) -> list[tuple[int, int, str]]:
    """Return the two entries and the kind of each transfer, 0 where there is none."""
    sides = ledger.transfers[["payer_entry", "payee_entry"]].fillna(0).astype(int)
    told_ = sides.assign(join=ledger.transfers["join"])
    return sorted(told_.itertuples(index=False, name=None))


def pairs(ledger: Ledger) -> dict[tuple[int, int], tuple[str, int, str]]:
    return {
        (one["entry"], one["other_entry"]): (one["join"], one["score"], one["decided"])
        for one in ledger.joins.to_dict("records")
    }


def both(gap: int = 2, **more: object) -> list[dict[str, object]]:
    later = pd.Timestamp(AT) + pd.Timedelta(seconds=gap)
    return [pay(A, B, 100, AT, **more), get(B, A, 100, str(later), source="b.csv", **more)]


def test_every_pair_has_a_score_and_a_reason_in_two_languages() -> None:
    row = pay(C, "", 70, AT, serial="S1", source="c.csv")
    found = made(entries(*both(), row, row | {"source": "d.csv"})).joins
    assert found.columns.tolist() == list(JOINS.columns)
    assert found[["transfer_id", "join", "entry", "other_entry", "score", "decided"]].to_numpy(
    ).tolist() == [[1, "mirrored", 1, 2, 95, "rule"], [3, "repeat", 3, 4, 100, "rule"]]  # fmt: skip
    assert found["reason"].tolist() == [
        "付款方、收款方、金额一致，双方流水时间相差 2 秒。",
        "账户、时间、方向、金额、流水号相同。",
    ]
    assert found["reason_en"].str.endswith(".").all()


@pytest.mark.parametrize(
    ("told_", "score"),
    [
        (both(), 95),
        (both(5), 95),
        (both(6), 90),
        (both(31), 85),
        (both(2, serial="S1"), 100),
        (both(600, serial="S1"), 80),
        (both(600, serial="S20240601001"), 100),
        (both(2, time_precision="day"), 70),
        (both(170, time_precision="minute"), 80),
        ([both()[0] | {"other_account": ""}, both()[1]], 80),
        ([*both(), both(40)[0] | {"time": "2024-06-01 10:01:00", "seq": 9}], 85),
    ],
)
def test_the_less_two_rows_show_the_lower_is_the_score(
    told_: list[dict[str, object]], score: int
) -> None:
    assert made(entries(*told_)).joins["score"].tolist() == [score]


@pytest.mark.parametrize(
    ("more", "score"),
    [
        ({"serial": "S1", "balance_fen": 5}, 100),
        ({"balance_fen": 5}, 90),
        ({}, 75),
        ({"other_account": ""}, 60),
    ],
)
def test_a_repeat_is_as_sure_as_what_its_rows_show(more: dict[str, object], score: int) -> None:
    row = pay(A, B, 100, AT) | more
    found = made(entries(row, row | {"source": "b.csv"})).joins
    assert (found["join"].item(), found["score"].item()) == ("repeat", score)


def test_bank_and_platform_are_bridged_with_a_score() -> None:
    wallet = get("tenpay:u1", A, 100, AT, source="t.csv", link_serial="L1")
    bank = pay(A, "", 100, AT, serial="L1") | CLEARING
    assert pairs(made(entries(bank, wallet))) == {(1, 2): ("bridged", 100, "rule")}
    unlinked = wallet | {"link_serial": ""}
    assert pairs(made(entries(bank, unlinked))) == {(1, 2): ("bridged", 80, "rule")}


def test_what_is_split_is_paired_by_hand_alone() -> None:
    frame = entries(*both(), get(B, A, 100, "2024-06-01 10:00:09", source="b.csv", seq=9))
    assert rows(made(frame)) == [(0, 3, "single"), (1, 2, "mirrored")]
    split = (2, 1, "split")
    assert rows(made(frame, split)) == [(0, 2, "single"), (0, 3, "single"), (1, 0, "single")]
    assert rows(made(frame, split, (1, 3, "join"))) == [(0, 2, "single"), (1, 3, "mirrored")]


def test_what_an_account_paid_itself_can_be_split_and_joined() -> None:
    paid = entries(pay(A, A, 200, "2024-06-01 10:00:00"), get(A, A, 200, "2024-06-01 10:00:30"))
    assert made(paid).transfers["join"].tolist() == ["mirrored"]
    assert made(paid, (1, 2, "split")).transfers["join"].tolist() == ["single", "single"]
    far = entries(pay(A, A, 200, "2024-06-01 10:00:00"), get(A, A, 200, "2024-06-01 15:00:00"))
    assert made(far).transfers["join"].tolist() == ["single", "single"]
    assert made(far, (1, 2, "join")).transfers["join"].tolist() == ["mirrored"]
    assert possible(far, 1, 2)
    half = entries(pay(A, A, 200, "2024-06-01 10:00:00"), get(A, "", 200, "2024-06-01 10:00:30"))
    assert made(half).transfers["join"].tolist() == ["mirrored"]
    assert made(half, (2, 1, "split")).transfers["join"].tolist() == ["single", "single"]
    assert not possible(half.assign(other_account=""), 1, 2)


@pytest.mark.parametrize("last", [False, True])
def test_what_is_joined_by_hand_is_joined_with_the_table_of_a_trade_that_counts(last: bool) -> None:
    first = "2024-06-01 10:00:00"
    other = get("tenpay:u2", "", 100, "2024-06-03 10:00:00", source="u.csv", serial="S9")
    again = pay("tenpay:u1", "", 100, "2024-06-01 10:00:05", source="t2.csv", serial="S1")
    stranger = pay(C, "", 7, first, source="c.csv")
    one = pay("tenpay:u1", "tenpay:u2", 100, first, source="t1.csv", serial="S1")
    told_ = [other, one, stranger, again] if last else [other, again, stranger, one]
    counts, told_again = (2, 4) if last else (4, 2)
    ledger = made(entries(*told_), (1, told_again, "join"))
    assert set(rows(ledger)) == {(3, 0, "single"), (counts, 1, "mirrored")}
    # The times are those of the rows that count.
    reason = ledger.joins.set_index("join").loc["mirrored", "reason"]
    assert "双方流水时间相差 172800 秒" in reason


def test_of_two_decisions_on_one_trade_the_later_one_stands() -> None:
    first = "2024-06-01 10:00:00"
    one = pay("tenpay:u1", "tenpay:u2", 100, first, source="t1.csv", serial="S1")
    again = pay("tenpay:u1", "", 100, "2024-06-01 10:00:05", source="t2.csv", serial="S1")
    late = [get(f"tenpay:u{number}", "", 100, "2024-06-03 10:00:00", source=f"u{number}.csv")
            for number in (2, 3)]  # fmt: skip
    frame = entries(one, again, *late)
    assert (1, 3, "mirrored") in rows(made(frame, (1, 4, "join"), (2, 3, "join")))
    assert (1, 4, "mirrored") in rows(made(frame, (2, 3, "join"), (1, 4, "join")))
    assert (1, 4, "mirrored") in rows(made(frame, (1, 3, "join"), (2, 4, "join")))


def test_a_bridge_that_is_split_leaves_the_bank_at_the_clearing_account() -> None:
    wallet = get("tenpay:u1", A, 100, AT, source="t.csv", link_serial="L1")
    frame = entries(pay(A, "", 100, AT, serial="L1") | CLEARING, wallet)
    assert rows(made(frame, (1, 2, "split"))) == [(0, 2, "single"), (1, 0, "single")]


def test_rows_that_no_rule_pairs_are_joined_by_hand() -> None:
    frame = entries(pay(A, "", 100, AT), get(B, C, 100, "2024-06-03 10:00:00", source="b.csv"))
    ledger = made(frame, (2, 1, "join"))
    assert ledger.transfers[["payer", "payee", "fen", "status"]].to_numpy().tolist() == [
        [A, B, 100, "ok"]
    ]
    assert pairs(ledger) == {(1, 2): ("mirrored", 100, "hand")}
    assert "办案人员指定" in ledger.joins["reason"].item()
    assert "办案人员指定" in ledger.transfers["reason"].item()


def test_a_forced_pair_outranks_a_rule_and_frees_what_the_rule_had_paired() -> None:
    frame = entries(*both(), pay(A, B, 100, "2024-06-01 10:01:30", seq=9))
    assert rows(made(frame)) == [(1, 2, "mirrored"), (3, 0, "single")]
    assert rows(made(frame, (3, 2, "join"))) == [(1, 0, "single"), (3, 2, "mirrored")]


def test_a_forced_pair_outranks_a_reversal() -> None:
    back = get(A, B, 100, "2024-06-01 10:00:30", summary="冲正", seq=9)
    frame = entries(pay(A, B, 100, AT), back, pay(B, A, 100, AT, source="b.csv"))
    assert made(frame).transfers["status"].tolist().count("reversed") == 2
    ledger = made(frame, (2, 3, "join"))
    assert set(ledger.transfers["status"]) == {"ok"}


def test_a_confirmed_pair_is_no_longer_in_doubt() -> None:
    assert pairs(made(entries(*both(60)), (1, 2, "join"))) == {
        (1, 2): ("mirrored", 100, "hand")
    }  # fmt: skip


def test_a_split_repeat_is_two_payments_and_a_joined_one_is_one() -> None:
    row = pay(A, B, 100, AT)
    frame = entries(
        row, row | {"source": "b.csv"}, row | {"source": "c.csv", "time": "2024-06-02 00:00:00"}
    )
    assert len(made(frame).transfers) == 2
    assert len(made(frame, (1, 2, "split")).transfers) == 3
    assert pairs(made(frame, (1, 3, "join"))) == {
        (1, 2): ("repeat", 75, "rule"),
        (1, 3): ("repeat", 100, "hand"),
    }


def test_of_three_tellings_one_is_split_and_the_others_stay_one() -> None:
    row = pay(A, B, 100, AT)
    frame = entries(*(row | {"source": name} for name in "abc"))
    assert list(pairs(made(frame, (1, 2, "split")))) == [(1, 3)]
    assert list(pairs(made(frame, (2, 3, "split")))) == [(1, 2)]
    assert len(made(frame, (1, 2, "split"), (2, 3, "split"), (1, 3, "split")).transfers) == 3


def test_twins_that_are_joined_across_leave_the_other_two_to_each_other() -> None:
    row = pay(A, B, 100, AT)
    frame = entries(row, row | {"seq": 9}, *(row | {"source": "b.csv", "seq": n} for n in (1, 9)))
    assert list(pairs(made(frame))) == [(1, 3), (2, 4)]
    assert sorted(pairs(made(frame, (1, 4, "join")))) == [(1, 4), (2, 3)]


def test_what_is_said_of_a_row_is_said_of_the_one_that_stands_for_it() -> None:
    poor = pay(A, "", 100, AT)
    rich = pay(A, B, 100, AT, serial="S1", balance_fen=5, source="c.csv")
    frame = entries(poor, get(C, "", 100, AT, source="b.csv"), rich)
    ledger = made(frame, (1, 2, "join"))
    assert rows(ledger) == [(3, 2, "mirrored")]
    assert ledger.transfers["transfer_id"].tolist() == [1]


def test_a_joined_row_with_more_facts_stands_for_both() -> None:
    poor = pay(A, "", 100, AT)
    rich = pay(A, B, 100, "2024-06-01 11:00:00", serial="S1", balance_fen=5, source="c.csv")
    assert made(entries(poor, rich), (1, 2, "join")).transfers["payee"].tolist() == [B]


def test_of_two_joins_of_one_row_the_later_counts() -> None:
    frame = entries(pay(A, "", 100, AT), *(get(one, "", 100, AT, source=one) for one in (B, C)))
    joins = (1, 2, "join"), (1, 3, "join")
    assert rows(made(frame, *joins)) == [(0, 2, "single"), (1, 3, "mirrored")]
    found = made(frame, *joins)
    said = pd.DataFrame(joins, columns=["entry", "other", "verdict"]).assign(decision_id=[7, 8])
    assert decisions.broken(said, found.joins) == {7}


def test_rows_that_cannot_be_one_movement_are_left_as_they_are() -> None:
    frame = entries(pay(A, B, 100, AT), get(B, A, 101, AT, source="b.csv"))
    assert rows(made(frame, (1, 2, "join"), (1, 99, "join"))) == rows(made(frame))


def check(frame: pd.DataFrame, one: int, two: int, *before: tuple[int, int, str]) -> None:
    said = told(frame)
    found, _ = parties(said, pd.Series(dtype="str"), REGISTRATIONS.empty())
    facts = decisions.facts(said, found, np.arange(len(said)))
    stands = pd.DataFrame(before, columns=["entry", "other", "verdict"])
    stands = stands.assign(decision_id=range(1, len(stands) + 1))
    decisions.check(pd.DataFrame({"entry": [one], "other": [two]}), facts, stands)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (get(B, A, 101, AT), "金额不同"),
        (get(A, B, 100, AT), "同一账户的一收一付"),
        (pay(C, B, 100, AT), "不同账户的同向"),
        (get(B, A, 100, AT, success=False), "未成功"),
        (pay(A, B, 100, AT, source="a.csv"), "同一张表"),
    ],
)
def test_what_contradicts_evidence_is_refused_with_a_sentence(
    row: dict[str, object], words: str
) -> None:
    with pytest.raises(DecisionError, match=words):
        check(entries(pay(A, B, 100, AT), {"source": "b.csv"} | row), 1, 2)


def test_a_row_cannot_be_joined_to_itself_or_to_two_others() -> None:
    frame = entries(pay(A, "", 100, AT), *(get(one, "", 100, AT, source=one) for one in (B, C)))
    with pytest.raises(DecisionError, match="同一行"):
        check(frame, 1, 1)
    with pytest.raises(DecisionError, match=r"第 1 号决定.*case\.undo\(1\)"):
        check(frame, 1, 3, (2, 1, "join"))
    check(frame, 1, 3, (2, 1, "split"))


def decided(*lines: tuple[str, int, int, bool]) -> pd.DataFrame:
    frame = pd.DataFrame(lines, columns=["verdict", "row", "other_row", "undone"])
    digests = {"sha256": "aa", "other_sha256": "aa"}
    return DECISIONS.conform(frame.assign(decision_id=range(1, len(lines) + 1), **digests))


def test_decisions_are_found_by_evidence_and_the_last_one_stands() -> None:
    here = pd.DataFrame({"entry_id": [11, 12, 13, 14, 14], "sha256": "aa", "sheet": ""})
    made_ = decided(
        ("join", 1, 2, False), ("split", 2, 1, False), ("split", 3, 1, True),
        ("join", 1, 9, False), ("join", 1, 4, False),
    )  # fmt: skip
    found = decisions.resolved(made_, here.assign(row=[1, 2, 3, 4, 4]))
    # Row 9 is gone, and row 4 became two entries that nothing tells apart.
    assert found["state"].tolist() == ["overruled", "stands", "undone", "gone", "gone"]
    standing = decisions.standing(found)
    assert standing[["entry", "other", "verdict"]].to_numpy().tolist() == [[12, 11, "split"]]
    undone = made_.assign(undone=[False, True, True, False, False])
    again = decisions.resolved(undone, here.assign(row=[1, 2, 3, 4, 4]))
    assert again["state"].tolist() == ["stands", "undone", "undone", "gone", "gone"]


def test_a_mark_changes_the_kind_and_what_hangs_on_it() -> None:
    wallet = get("tenpay:u1", A, 100, AT, source="t.csv", link_serial="L1")
    frame = entries(pay(A, "990000123", 100, AT, serial="L1"), wallet)
    assert rows(made(frame)) == [(0, 2, "single"), (1, 0, "single")]
    mark = {"account": ["990000123"], "kind": ["clearing"], "reason": ["备付金账户"]}
    marks = MARKS.conform(pd.DataFrame(mark))
    assert rows(made(frame, marks=marks)) == [(1, 2, "bridged")]
    assert rows(made(frame, marks=pd.concat([marks, marks.assign(kind="")]))) == rows(made(frame))
    kinds = made(frame, marks=marks.assign(kind="exchange")).accounts.set_index("account")
    assert kinds.loc["990000123", ["kind", "kind_reason"]].tolist() == [
        "exchange", "办案人员指定：备付金账户",
    ]  # fmt: skip


MOMENTS = st.integers(0, 6).map(
    lambda step: str(pd.Timestamp(AT) + pd.Timedelta(seconds=step * 50))
)
ROWS = st.lists(
    st.tuples(st.sampled_from([A, B, C]), st.sampled_from([A, B, C, ""]), st.booleans(),
              st.sampled_from([100, 200]), MOMENTS, st.sampled_from(["a.csv", "b.csv", "c.csv"])),
    min_size=2, max_size=8,
)  # fmt: skip
TRADES = st.lists(
    st.tuples(st.sampled_from(["tenpay:u1", "tenpay:u2", A]),
              st.sampled_from(["tenpay:u1", "tenpay:u2", A, ""]), st.booleans(), MOMENTS,
              st.sampled_from(["t1.csv", "t2.csv", "u.csv"]), st.sampled_from(["S1", "S2", ""])),
    min_size=2, max_size=8,
)  # fmt: skip
SAID = st.lists(
    st.tuples(st.integers(1, 8), st.integers(1, 8), st.sampled_from(["join", "split"])), max_size=5
)


@settings(max_examples=examples(10), deadline=None)
@given(ROWS, SAID, st.randoms(use_true_random=False))
def test_whatever_is_decided_every_row_is_in_one_transfer_in_any_order(
    lines: list[tuple[str, str, bool, int, str, str]],
    said: list[tuple[int, int, str]],
    random: object,
) -> None:
    frame = entries(
        *((pay if out else get)(own, other, fen, time, source=source)
          for own, other, out, fen, time, source in lines)
    )  # fmt: skip
    holds(frame, said, random)


@settings(max_examples=examples(10), deadline=None)
@given(TRADES, SAID, st.randoms(use_true_random=False))
def test_whatever_is_decided_of_trades_that_several_tables_tell_every_row_counts_once(
    lines: list[tuple[str, str, bool, str, str, str]],
    said: list[tuple[int, int, str]],
    random: object,
) -> None:
    frame = entries(
        *((pay if out else get)(own, other, 100, time, source=source, serial=serial)
          for own, other, out, time, source, serial in lines)
    )  # fmt: skip
    holds(frame, said, random)


def holds(frame: pd.DataFrame, said: list[tuple[int, int, str]], random: object) -> None:
    said = [one for one in said if one[0] != one[1] and max(one[:2]) <= len(frame)]
    ledger = made(frame, *said)
    sides = ledger.transfers[["payer_entry", "payee_entry"]].to_numpy().ravel()
    repeated = ledger.joins.loc[ledger.joins["join"].eq("repeat"), "other_entry"]
    told_ = [int(one) for one in sides if not pd.isna(one)] + repeated.tolist()
    assert sorted(told_) == frame["entry_id"].tolist()
    both_ = ledger.joins["join"].ne("repeat").sum()
    assert both_ == ledger.transfers["join"].ne("single").sum()
    assert ledger.joins["score"].between(0, 100).all()
    assert ledger.joins["score"].is_monotonic_increasing
    order = list(range(len(frame)))
    random.shuffle(order)  # type: ignore[attr-defined]
    again = made(frame.iloc[order], *said)
    pd.testing.assert_frame_equal(ledger.transfers, again.transfers)
    pd.testing.assert_frame_equal(ledger.joins, again.joins)
    # The last word on a pair that can be one movement is followed if no other word touches it.
    if said:
        one, two, verdict = said[-1]
        alone = not any({one, two} & set(other[:2]) for other in said[:-1])
        word = pd.DataFrame({"entry": [one], "other": [two], "verdict": verdict, "decision_id": 1})
        if alone and (verdict == "split" or possible(frame, one, two)):
            assert decisions.broken(word, ledger.joins) == set()


def possible(frame: pd.DataFrame, one: int, two: int) -> bool:
    try:
        check(frame, one, two)
    except DecisionError:
        return False
    return True


def slow_rivals(frame: pd.DataFrame, payer: int, payee: int) -> int:
    """Count what fits as well, one row after the other."""
    slack = {0: 120, 1: 180, 2: 0}
    told_ = frame.to_dict("records")
    coarse = max(told_[payer]["precision"], told_[payee]["precision"])
    gap = abs((told_[payer]["time"] - told_[payee]["time"]).total_seconds())
    count = 0
    for mine, out in ((told_[payer], False), (told_[payee], True)):
        for place, row in enumerate(told_):
            same = all(row[name] == mine[name] for name in ("payer", "payee", "fen"))
            apart = abs((row["time"] - mine["time"]).total_seconds())
            near = apart <= max(slack[coarse], gap)
            if coarse == 2:
                near = row["time"].date() == mine["time"].date()
            count += same and near and row["out"] == out and place not in {payer, payee}
    return count


@settings(max_examples=examples(20), deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.integers(0, 300), st.booleans(), st.integers(0, 2)),
        min_size=2, max_size=12,
    )
)  # fmt: skip
def test_rivals_are_those_that_a_slow_count_finds(
    lines: list[tuple[int, int, bool, int]],
) -> None:
    frame = pd.DataFrame(lines, columns=["payer", "time", "out", "precision"])
    # Around midnight, where a day ends.
    start = pd.Timestamp("2024-06-01 23:57:30")
    frame["time"] = (start + pd.to_timedelta(frame["time"], unit="s")).astype("datetime64[us]")
    frame = frame.assign(payee=5, fen=100)
    wanted = [
        (one, two)
        for one, two in itertools.product(frame.index, frame.index)
        if frame["out"][one]
        and not frame["out"][two]
        and frame["payer"][one] == frame["payer"][two]
        # By day, only what is of one day was ever paired.
        and (max(frame["precision"][one], frame["precision"][two]) < 2
             or frame["time"][one].date() == frame["time"][two].date())
    ]  # fmt: skip
    payer, payee = (np.array([one[at] for one in wanted], "int64") for at in (0, 1))
    columns = {name: frame[name].to_numpy() for name in frame}
    assert rivals(columns, payer, payee).tolist() == [slow_rivals(frame, *one) for one in wanted]


def slow_score(how: str, gap: float, rival: int, precision: int) -> int:
    best = {"hand": 100, "serial": 100, "link": 100, "copy": 100, "balance": 90, "both": 95,
            "split": 95, "half": 80, "card": 80, "party": 75, "less": 60}[how]  # fmt: skip
    if how not in {"both", "half", "card"}:
        return best
    if precision < 2:
        best -= 15 if gap > 120 else 10 if gap > 30 else 5 if gap > 5 else 0
    return min(best, [100, 85, 70][precision]) - 10 * min(rival, 3)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["hand", "serial", "link", "copy", "balance", "both", "half", "card",
                             "split", "party", "less"]),
            st.sampled_from([0.0, 4.5, 5.0, 5.5, 30.0, 31.0, 120.0, 121.0, 80_000.0]),
            st.integers(0, 9), st.integers(0, 2),
        ),
        min_size=1,
    )
)  # fmt: skip
def test_scores_are_those_of_the_table(lines: list[tuple[str, float, int, int]]) -> None:
    names = ("how", "gap", "rivals", "precision")
    told_ = {name: np.array(one) for name, one in zip(names, zip(*lines, strict=True), strict=True)}
    told_["how"] = np.array([HOWS.index(how) for how, *_ in lines])
    assert scores(told_).tolist() == [slow_score(*one) for one in lines]
