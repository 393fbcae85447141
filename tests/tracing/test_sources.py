"""Backward: whose money it is, against the slow reference and by worked examples."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slow import follow_slowly, order_slowly, start
from test_exact import CHECK, MIDNIGHT, NAMES, cases, framed

from effort import examples
from tracer.errors import AccountError, RuleError
from tracer.tracing.sources import sources
from tracer.tracing.sweep import RULES


def taken_slowly(rows, stops):
    """The order where every account waits for its credits: each is paid a seed before all."""
    moved = [r for r in rows if r["status"] == "ok" and r["payer"] != r["payee"] and r["fen"] > 0]
    names = sorted({r["payer"] for r in moved} | {r["payee"] for r in moved})
    ghosts = [
        {"id": f"ghost {name}", "time": MIDNIGHT - timedelta(days=1), "day": False, "seq": number}
        | {"payer": "ghost", "payee": name, "fen": 1, "status": "ok"}
        for number, name in enumerate(names)
    ]
    order, _ = order_slowly([*ghosts, *moved], {row["id"]: "x" for row in ghosts}, stops)
    return [row for row in order if row["payer"] != "ghost"]


def split_slowly(order, opening, stops):
    """Rows for the slow reference, all their money seeded, and what everybody holds."""
    balance, parts, seeds = Counter(), [], {}

    def part(row, fen, owner=None):
        number = len(parts)
        when = {"time": MIDNIGHT + timedelta(seconds=number), "day": False, "seq": number}
        payer = row["payer"] if owner is None else f"from {owner}"
        if owner is not None:
            seeds[number] = owner
        parts.append(when | {"id": number, "of": row["id"], "payer": payer, "fen": fen})
        parts[-1] |= {"payee": row["payee"], "status": "ok"}

    for account, fen in opening.items():
        if fen and account not in stops:
            part({"id": None, "payee": account}, fen, ("opening", account))
            balance[account] = fen
    for row in order:
        known = 0 if row["payer"] in stops else min(balance[row["payer"]], row["fen"])
        balance[row["payer"]] -= known
        balance[row["payee"]] += row["fen"]
        if known:
            part(row, known)
        if row["fen"] > known:
            part(row, row["fen"] - known, ("payment", row["payer"]))
    return parts, seeds, balance


def told(frame):
    return {(kind, owner): fen for owner, kind, fen in frame.iloc[:, :3].itertuples(index=False)}


@pytest.mark.parametrize("rule", RULES)
@given(case=cases(), account=st.sampled_from([*NAMES, "V"]), data=st.data())
@settings(CHECK, max_examples=examples(30))
def test_every_fen_comes_from_where_the_slow_reference_says(rule, case, account, data):
    rows, _, options = case
    stops, opening = options["exits"], options["opening"]
    given_ = {"rule": rule, "opening": pd.Series(opening, dtype="int64"), "exits": stops}
    order = taken_slowly(rows, stops)

    touched = {name for row in order for name in (row["payer"], row["payee"])}
    at = data.draw(st.sampled_from([None, *(start(row) for row in order)]))
    if account in touched:
        some = [row for row in order if at is None or start(row) <= at]
        parts, seeds, balance = split_slowly(some, opening, stops)
        truth = defaultdict(int)
        for (place, owner, _), fen in follow_slowly(
            parts, seeds, rule, exits=stops
        ).holdings.items():
            truth[owner] += fen if place == account else 0
        found = sources(framed(rows), account, at=at, **given_)
        assert told(found) == {owner: fen for owner, fen in truth.items() if fen}
        assert found["fen"].sum() == balance[account]

    if order:
        asked = data.draw(st.sampled_from(order))
        parts, seeds, _ = split_slowly(order, opening, stops)
        mine, truth = {p["id"] for p in parts if p["of"] == asked["id"]}, defaultdict(int)
        for (number, owner, fen, _), times in follow_slowly(
            parts, seeds, rule, exits=stops
        ).movements.items():
            truth[owner] += fen * times if number in mine else 0
        found = sources(framed(rows), transfer=asked["id"], **given_)
        assert told(found) == {owner: fen for owner, fen in truth.items() if fen}
        assert found["fen"].sum() == asked["fen"]


TRANSFERS = pd.DataFrame(
    {
        "time": pd.to_datetime([f"2026-03-01 09:0{minute}" for minute in range(5)]),
        "payer": ["赵", "钱", "卡", "赵", "外"],
        "payee": ["卡", "卡", "头目", "卡", "别处"],
        "fen": [600, 300, 700, 200, 999],
    }
)
OPENING = pd.Series({"卡": 100})


@pytest.mark.parametrize(
    ("rule", "sent"),
    [
        # Of 100 of its own, then 600 of 赵, then 300 of 钱, the card pays 700.
        ("fifo", {"卡": 100, "赵": 600}),
        ("lifo", {"钱": 300, "赵": 400}),
        ("pro_rata", {"卡": 70, "赵": 420, "钱": 210}),
        # Here all money has an owner, so that these take what came first.
        ("tainted_first", {"卡": 100, "赵": 600}),
        ("clean_first", {"卡": 100, "赵": 600}),
    ],
)
def test_a_payment_by_each_rule(rule, sent):
    found = sources(TRANSFERS, transfer=2, rule=rule, opening=OPENING)
    assert found.set_index("owner")["fen"].to_dict() == sent
    left = {"卡": 100, "赵": 800, "钱": 300}
    held = sources(TRANSFERS, "卡", rule=rule, opening=OPENING).set_index("owner")["fen"]
    assert held.to_dict() == {
        name: fen - sent.get(name, 0) for name, fen in left.items() if fen > sent.get(name, 0)
    }


def test_a_source_tells_of_how_many_payments_it_is_and_when():
    found = sources(TRANSFERS, "卡", rule="lifo", opening=OPENING).set_index("owner")
    assert found.loc["赵", "transfers"] == 2
    assert found.loc["赵", "first_time"] == TRANSFERS["time"][0]
    assert found.loc["赵", "last_time"] == TRANSFERS["time"][3]
    assert found.loc["卡", ["kind", "transfers"]].tolist() == ["opening", 0]
    assert pd.isna(found.loc["卡", "first_time"])


def test_a_moment_takes_in_all_that_was_made_by_then():
    before = sources(TRANSFERS, "卡", at="2026-03-01 09:01", opening=OPENING)
    assert before["fen"].tolist() == [600, 300, 100]
    assert sources(TRANSFERS, "头目", at="2026-03-01 09:01").empty
    assert sources(TRANSFERS, "卡", at="2026-02-01", opening=OPENING)["kind"].tolist() == [
        "opening"
    ]


def test_an_exit_is_the_source_of_what_it_pays_and_holds_all_that_came_to_it():
    found = sources(TRANSFERS, "头目", exits=["卡"])
    assert found[["owner", "kind", "fen"]].to_numpy().tolist() == [["卡", "payment", 700]]
    assert told(sources(TRANSFERS, "卡", exits=["卡"])) == {
        ("payment", "赵"): 800,
        ("payment", "钱"): 300,
    }


def test_credits_of_a_day_come_before_its_debits():
    dated = TRANSFERS.iloc[[2, 0, 1]].assign(time_precision="day")
    assert told(sources(dated, "头目")) == {("payment", "赵"): 600, ("payment", "钱"): 100}


@pytest.mark.parametrize(
    ("question", "error", "words", "zh"),
    [
        ({"account": "卡片"}, AccountError, "mean '卡'", "没有转账涉及账户"),
        ({"account": ""}, AccountError, "account ''", "没有转账涉及账户"),
        ({"transfer": 77}, AccountError, "no transfer 77", "没有编号为 77"),
        ({}, RuleError, "one account", "二者选一"),
        ({"account": "卡", "transfer": 1}, RuleError, "one account", "二者选一"),
        ({"transfer": 1, "at": "2026-03-01"}, RuleError, "one account", "二者选一"),
        ({"account": "卡", "at": "昨天"}, RuleError, "no time of the case", "不是有效的时间"),
        ({"account": "卡", "at": 5}, RuleError, "no time of the case", "不是有效的时间"),
        (
            {"account": "卡", "at": pd.Timestamp("2026-03-01", tz="Asia/Shanghai")},
            *(RuleError, "no time of the case", "不带时区"),
        ),
        ({"account": "卡", "rule": "fifa"}, RuleError, "Did you mean 'fifo'", "没有追踪规则"),
    ],
)
def test_a_question_without_an_answer_is_refused_in_a_sentence(question, error, words, zh):
    with pytest.raises(error, match=words) as caught:
        sources(TRANSFERS, **question)
    assert zh in caught.value.zh
