"""Why money is where it is: explanations, comparisons and doubts, against the slow reference."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_exact import CHECK, cases, followed

import tracer
from effort import examples
from tracer.errors import TraceError, TracerError
from tracer.tracing.sweep import RULES

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def transfers():
    frame = pd.DataFrame(
        {
            "time": pd.to_datetime(
                ["2026-03-01 09:00", "2026-03-01 09:03", "2026-03-01 09:05", "2026-03-01 09:09"]
            ),
            "payer": ["V", "W", "mule", "boss"],
            "payee": ["mule", "mule", "boss", "desk"],
            "fen": [10_000, 5_000, 12_000, 20_000],
        }
    )
    return frame.assign(
        payer_record=["", "", "a.csv · 第 3 行", ""], payee_record="b.xlsx · 第 9 行"
    )


def traced(transfers, rule="fifo", **more):
    opening = pd.Series({"mule": 4_000, "boss": 500})
    return tracer.follow(
        transfers, pd.Series({0: "赵", 1: "钱"}), rule, opening=opening, exits=["desk"], **more
    )


def balances(trace):
    """Return what each payer had before each transfer, which no rule decides."""
    basis, held = trace.basis, {}
    for account, fen in zip(basis.accounts, basis.opening, strict=True):
        held[account] = int(fen)
    closed, before = set(basis.accounts[basis.exits]), {}
    for row in basis.carried(range(len(basis.rows))).itertuples():
        if row.payer not in closed:
            before[row.transfer_id] = held[row.payer]
            held[row.payer] = max(held[row.payer] - row.fen, 0)
        if row.payee not in closed:
            held[row.payee] += row.fen
    return before


@given(rule=st.sampled_from(list(RULES)), case=cases())
@settings(CHECK, max_examples=examples(15))
def test_every_movement_is_explained_by_the_lots_that_were_there(rule, case):
    trace = followed(*case, rule)
    before, moves = balances(trace), trace.movements
    for move in moves.itertuples():
        told = trace.explain(move.movement_id)
        assert told.steps["traced_fen"].iloc[-1] == move.fen
        assert told.steps["movement_id"].tolist()[-2:-1] == (
            [] if pd.isna(move.parent) else [move.parent]
        )
        if pd.isna(move.parent):
            assert told.lots.empty
            continue
        lots = told.lots
        fen = int(trace.transfers.set_index("transfer_id")["fen"][move.transfer_id])
        assert lots["fen"].sum() == before[move.transfer_id]
        assert lots["taken_fen"].sum() == min(fen, before[move.transfer_id])
        assert lots["taken_fen"].le(lots["fen"]).all()
        alike = moves[moves["transfer_id"] == move.transfer_id].set_index("parent")["fen"]
        given = lots[lots["parent"].notna() & lots["taken_fen"].gt(0)].set_index("parent")
        assert given["taken_fen"].to_dict() == alike.to_dict()
        assert lots.loc[lots["parent"] == move.parent, "victim"].tolist() == [move.victim]


@pytest.mark.parametrize(
    ("rule", "order"),
    [
        ("fifo", ["", "赵", "钱"]),
        ("lifo", ["钱", "赵", ""]),
        ("pro_rata", ["", "赵", "钱"]),
        ("tainted_first", ["赵", "钱", ""]),
        ("clean_first", ["", "赵", "钱"]),
    ],
)
def test_lots_stand_in_the_order_in_which_the_rule_takes_them(transfers, rule, order):
    trace = traced(transfers, rule)
    move = trace.movements.query("transfer_id == 2")["movement_id"].iloc[0]
    assert trace.explain(move).lots["victim"].tolist() == order


def test_an_explanation_can_go_into_a_report(transfers):
    told = str(traced(transfers).explain(3))
    for words in (
        "2026-03-01 09:05:00，账户 mule 向账户 boss 转出 120.00 元",
        "a.csv · 第 3 行；b.xlsx · 第 9 行",
        "已知资金共 190.00 元：无关资金 40.00 元，被害人资金 150.00 元（2 段）",
        "先转入的资金先转出",
        "无关资金 40.00 元和被害人资金 80.00 元",
        "第 2 步",
    ):
        assert words in told
    english = str(traced(transfers).explain(3, "en"))
    assert "First in, first out" in english
    assert "账户" not in english
    last = traced(transfers).explain(4)
    assert "另有 75.00 元超过该账户已知资金" in str(last)
    seed = traced(transfers).explain(1)
    assert "本人的付款" in str(seed)
    assert len(seed.lots) == 0


def test_an_explanation_is_escaped(transfers):
    hostile = transfers.assign(payer_record=HOSTILE).replace("boss", HOSTILE)
    shown = traced(hostile).explain(3)._repr_html_()
    assert HOSTILE not in shown
    assert "&lt;img" in shown


@pytest.mark.parametrize("number", [0, 99, "x"])
def test_a_movement_that_is_not_there_is_refused(transfers, number):
    with pytest.raises(TraceError, match="There is no movement"):
        traced(transfers).explain(number)
    with pytest.raises(TracerError, match="language"):
        traced(transfers).explain(1, "fr")


def test_what_all_rules_agree_on_and_what_depends_on_the_choice(transfers):
    traces = [traced(transfers, rule) for rule in RULES]
    told = tracer.compare(traces)
    assert told.agreed_fen + told.open_fen == 15_000
    frame = told.holdings
    rules = frame[list(RULES)]
    assert (rules.sum() == 15_000).all()
    assert frame["least_fen"].eq(rules.min(axis="columns")).all()
    assert frame["most_fen"].eq(rules.max(axis="columns")).all()
    assert frame["spread_fen"].is_monotonic_decreasing
    assert told.victims["lost_fen"].tolist() == [10_000, 5_000]
    for text in (str(told), told.html()):
        assert "按比例" in text
    assert "in proportion" in told.text("en")


@given(case=cases())
@settings(CHECK, max_examples=examples(8))
def test_what_rules_agree_on_is_the_least_of_all_of_them(case):
    traces = [followed(*case, rule) for rule in RULES]
    told = tracer.compare(traces)
    lost = int(traces[0].seeds["fen"].sum())
    assert told.agreed_fen + told.open_fen == lost
    assert 0 <= told.agreed_fen <= lost
    held = {
        tuple(key): fen
        for *key, fen in traces[1]
        .holdings[["account", "victim", "kind", "fen"]]
        .itertuples(index=False)
    }
    found = told.holdings.set_index(["account", "victim", "kind"])[told.names[1]]
    assert {key: fen for key, fen in found.to_dict().items() if fen} == held


def test_what_cannot_be_compared_is_refused(transfers):
    one = traced(transfers)
    with pytest.raises(TraceError, match="at least two"):
        tracer.compare([one])
    with pytest.raises(TraceError, match="same rule"):
        tracer.compare([one, traced(transfers)])
    other = tracer.follow(transfers, pd.Series({0: "赵"}), "lifo")
    with pytest.raises(TraceError, match="different seeds"):
        tracer.compare([one, other])
    stayed = tracer.compare([one, traced(transfers, within="72h")])
    assert stayed.names == ("fifo", "fifo 72h")
    assert "先进先出 72h" in str(stayed)


def test_doubts_are_listed_with_the_money_that_hangs_on_them(transfers):
    accounts = pd.DataFrame({"account": ["mule", "desk"], "kind": ["bank", "clearing"]})
    told = traced(transfers.assign(time_precision="day"), accounts=accounts)
    frame = told.doubts()
    orders = ["assumed_order"] * 2
    assert frame["kind"].tolist() == ["frontier", "gap", *orders, "shortage"]
    found = frame.set_index("kind")
    assert found.loc["gap", ["account", "fen"]].tolist() == ["desk", 8_000]
    assert found.loc["assumed_order", "transfer_id"].tolist() == [3, 2]
    assert found.loc["assumed_order", "fen"].tolist() == [20_000, 12_000]
    assert found.loc["shortage", "fen"] == 7_500
    assert found.loc["shortage", "account"] == "boss"
    assert (
        frame.loc[frame["kind"] == "frontier", "fen"].sum() == told.accounts["frontier_fen"].sum()
    )
    assert "清算（备付金）账户" in str(told)
    assert traced(transfers).doubts()["kind"].tolist() == ["shortage"]
