"""The compiled sweep against the slow reference, and the laws that hold for every ledger."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from random import Random

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slow import follow_slowly

from effort import examples
from tracer.tracing.follow import follow
from tracer.tracing.sweep import RULES

CHECK = settings(
    deadline=None,
    max_examples=examples(20),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
NAMES = ["A", "B", "C", "D", "E", "F"]
MIDNIGHT = datetime(2026, 3, 1)


@st.composite
def transfer(draw, number):
    hours = draw(st.integers(0, 60))
    return {
        "id": number,
        "time": MIDNIGHT + timedelta(hours=hours),
        "day": draw(st.booleans()),
        "seq": number,
        "payer": draw(st.sampled_from(["V", "W", *NAMES])),
        "payee": draw(st.sampled_from([*NAMES, "V", "W"])),
        "fen": draw(st.integers(0, 12)),
        "status": draw(st.sampled_from(["ok"] * 8 + ["failed", "reversed"])),
    }


@st.composite
def cases(draw):
    count = draw(st.integers(1, 26))
    rows = [draw(transfer(number)) for number in range(count)]
    if draw(st.booleans()):
        rows = [row | {"day": draw(st.just(False))} for row in rows]
    for number, place in enumerate(draw(st.permutations(range(count)))):
        rows[number]["seq"] = place
    good = [r["id"] for r in rows if r["status"] == "ok" and r["payer"] != r["payee"] and r["fen"]]
    chosen = draw(st.lists(st.sampled_from(good), unique=True, max_size=4)) if good else []
    seeds = {number: draw(st.sampled_from(["赵", "钱", "孙"])) for number in chosen}
    opening = draw(st.dictionaries(st.sampled_from(NAMES), st.integers(0, 9), max_size=3))
    exits = draw(st.sets(st.sampled_from(NAMES), max_size=2))
    within = draw(st.sampled_from([None, None, timedelta(0), timedelta(hours=7)]))
    return rows, seeds, {"opening": opening, "exits": exits, "within": within}


def framed(rows):
    frame = pd.DataFrame(rows, columns=list(rows[0]))
    frame = frame.rename(columns={"id": "transfer_id"})
    frame["time_precision"] = frame.pop("day").map({True: "day", False: "second"})
    return frame


def followed(rows, seeds, options, rule="fifo"):
    opening = pd.Series(options["opening"], dtype="int64")
    sown = pd.Series(seeds, dtype="str").rename_axis("transfer_id").reset_index(name="victim")
    sown["transfer_id"] = sown["transfer_id"].astype("int64")
    return follow(framed(rows), sown, rule, **(options | {"opening": opening}))


def counted(trace):
    movements = trace.movements[["transfer_id", "victim", "fen", "hop"]]
    holdings = trace.holdings.set_index(["account", "victim", "kind"])["fen"]
    return Counter(movements.itertuples(index=False, name=None)), dict(holdings)


def agrees(rows, seeds, options, rule):
    trace = followed(rows, seeds, options, rule)
    truth = follow_slowly(rows, seeds, rule, **options)
    movements, holdings = counted(trace)
    assert movements == truth.movements
    assert holdings == dict(truth.holdings)
    assert dict(trace.shortages.itertuples(index=False, name=None)) == dict(truth.short)
    assert trace.assumed_orders == truth.assumed
    parents = trace.movements["parent"].astype(object)
    assert [
        (number, None if pd.isna(parent) else parent - 1)
        for number, parent in zip(trace.movements["transfer_id"], parents, strict=True)
    ] == truth.parents
    return trace


@pytest.mark.parametrize("rule", RULES)
@given(case=cases())
@settings(CHECK, max_examples=examples(25))
def test_every_fen_is_where_the_slow_reference_puts_it(rule, case):
    agrees(*case, rule)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("fen", [10**6, 2**54], ids=["small", "large"])
def test_a_ledger_that_outgrows_the_first_room(rule, fen):
    random = Random(7)
    count = 900 if rule == "pro_rata" else 4000
    rows = [
        {
            "id": number,
            "time": MIDNIGHT + timedelta(seconds=30 * number),
            "day": False,
            "seq": number,
            "payer": f"P{random.randrange(25)}" if number > 40 else f"V{number}",
            "payee": f"Q{random.randrange(25)}" if number % 9 == 0 else f"P{random.randrange(25)}",
            "fen": random.randrange(1, fen if number < 40 else fen // 30),
            "status": "ok",
        }
        for number in range(count)
    ]
    seeds = {number: f"v{number % 7}" for number in range(40)}
    options = {"opening": {"P3": fen}, "exits": {"Q1"}, "within": timedelta(hours=12)}
    trace = agrees(rows, seeds, options, rule)
    assert len(trace.movements) > 1024
    assert (trace.holdings["kind"] == "settled").any() == (count > 12 * 120)


@given(rule=st.sampled_from(list(RULES)), case=cases())
@CHECK
def test_no_fen_is_lost_or_made_up(rule, case):
    trace = followed(*case, rule)
    table = trace.victims()
    ends = table[["held_fen", "exit_fen", "returned_fen", "settled_fen"]].sum(axis="columns")
    assert ends.eq(table["lost_fen"]).all()
    assert trace.movements["fen"].gt(0).all()
    parts = trace.movements.groupby("transfer_id")["fen"].sum()
    assert parts.le(trace.transfers.set_index("transfer_id")["fen"].reindex(parts.index)).all()
    ways = trace.accounts[trace.accounts["level"] > 0]
    kept = ways[["passed_fen", "held_fen", "exit_fen", "returned_fen", "settled_fen"]]
    assert kept.sum(axis="columns").eq(ways["received_fen"]).all()
    assert trace.lots["fen"].sum() == trace.holdings["fen"].sum() == trace.seeds["fen"].sum()


@given(rule=st.sampled_from(list(RULES)), case=cases(), random=st.randoms(use_true_random=False))
@CHECK
def test_the_order_of_the_rows_means_nothing(rule, case, random):
    rows, seeds, options = case
    mixed = random.sample(rows, len(rows))
    one, other = followed(rows, seeds, options, rule), followed(mixed, seeds, options, rule)
    for name in ("seeds", "transfers", "movements", "lots", "holdings", "accounts"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    assert (one.short_fen, one.assumed_orders) == (other.short_fen, other.assumed_orders)


@given(rule=st.sampled_from(list(RULES)), case=cases(), data=st.data())
@CHECK
def test_transfers_out_of_reach_change_nothing(rule, case, data):
    rows, seeds, options = case
    trace = followed(rows, seeds, options, rule)
    # Strangers pay each other, and pay exits; and they pay whom they like
    # nothing, because only transfers that touch a reached account matter.
    others = st.sampled_from(["X", "Y", "Z", *options["exits"]])
    more = data.draw(st.lists(st.tuples(others, others, st.integers(0, 60), st.booleans())))
    added = [
        {
            "id": 1000 + number,
            "time": MIDNIGHT + timedelta(hours=hours),
            "day": day,
            "seq": data.draw(st.integers(-50, 50)),
            "payer": payer,
            "payee": payee,
            "fen": 5,
            "status": "ok",
        }
        for number, (payer, payee, hours, day) in enumerate(more)
        if payer not in options["exits"] or payee in options["exits"]
    ]
    wider = followed(rows + added, seeds, options, rule)
    for name in ("movements", "lots", "holdings", "accounts"):
        pd.testing.assert_frame_equal(getattr(trace, name), getattr(wider, name))
    assert (trace.short_fen, trace.assumed_orders) == (wider.short_fen, wider.assumed_orders)


@given(rule=st.sampled_from(list(RULES)), case=cases())
@CHECK
def test_only_what_touches_a_reached_account_matters(rule, case):
    rows, seeds, options = case
    trace = followed(rows, seeds, options, rule)
    touched = set(trace.accounts["account"])
    # A wider net than the accounts that were touched: all that could have been.
    grown = True
    while grown:
        new = {r["payee"] for r in rows if r["payer"] in touched} - touched
        touched, grown = touched | new, bool(new)
    some = [r for r in rows if {r["payer"], r["payee"]} & touched]
    if some:
        less = followed(some, seeds, options, rule)
        pd.testing.assert_frame_equal(trace.movements, less.movements)
        pd.testing.assert_frame_equal(trace.holdings, less.holdings)


@given(rule=st.sampled_from(["fifo", "lifo"]), case=cases())
@CHECK
def test_by_fifo_and_lifo_a_victim_is_told_alike_whoever_else_was_robbed(rule, case):
    rows, seeds, options = case
    # All who paid a seed are exits in either run, since that much does differ.
    payers = {row["payer"] for row in rows if row["id"] in seeds}
    options = options | {"exits": set(options["exits"]) | payers}
    together = followed(rows, seeds, options, rule).movements
    columns = ["transfer_id", "fen", "hop"]
    for victim in set(seeds.values()):
        own = together.loc[together["victim"] == victim, columns].reset_index(drop=True)
        mine = {number: name for number, name in seeds.items() if name == victim}
        alone = followed(rows, mine, options, rule).movements[columns]
        pd.testing.assert_frame_equal(own, alone)


@given(rule=st.sampled_from(list(RULES)), case=cases(), days=st.integers(1, 2))
@CHECK
def test_at_every_moment_all_money_is_somewhere_and_nothing_later_changes_it(rule, case, days):
    rows, seeds, options = case
    # Who is an exit is known from all seeds, also from those that are yet to come.
    payers = {row["payer"] for row in rows if row["id"] in seeds}
    options = options | {"exits": set(options["exits"]) | payers}
    first = [row for row in rows if row["time"] < MIDNIGHT + timedelta(days=days)]
    if not first:
        return
    ids = {row["id"] for row in first}
    early = {number: victim for number, victim in seeds.items() if number in ids}
    whole, part = followed(rows, seeds, options, rule), followed(first, early, options, rule)
    until_then = whole.movements.head(len(part.movements))
    pd.testing.assert_frame_equal(until_then, part.movements)
    assert part.holdings["fen"].sum() == part.seeds["fen"].sum()
    # Whatever an account passed on it had received by then.
    ways = part.accounts[part.accounts["level"] > 0]
    assert ways["passed_fen"].le(ways["received_fen"]).all()


@given(cases())
@CHECK
def test_inputs_are_left_as_they_were(case):
    rows, seeds, options = case
    frame, sown = framed(rows), pd.Series(seeds, dtype="str")
    before = frame.copy(deep=True), sown.copy(deep=True)
    if seeds:
        follow(frame, sown, **(options | {"opening": pd.Series(options["opening"], dtype="int64")}))
    pd.testing.assert_frame_equal(frame, before[0])
    pd.testing.assert_series_equal(sown, before[1])


@given(rule=st.sampled_from(list(RULES)), case=cases())
@CHECK
def test_every_path_starts_at_a_seed_and_ends_at_its_account(rule, case):
    trace = followed(*case, rule)
    for account in trace.accounts["account"]:
        paths = trace.paths(account)
        received = int((trace.transfers["payee"] == account).sum())
        assert (paths["path"].nunique() > 0) == (received > 0)
        for _, steps in paths.groupby("path"):
            assert steps["step"].tolist() == list(range(1, len(steps) + 1))
            assert steps["transfer_id"].iloc[0] in set(trace.seeds["transfer_id"])
            assert steps["payee"].iloc[-1] == account
            assert steps["payee"].tolist()[:-1] == steps["payer"].tolist()[1:]
            assert steps["traced_fen"].is_monotonic_decreasing
