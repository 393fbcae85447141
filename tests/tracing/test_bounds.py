"""The bounds against every way of telling money apart, against networkx, and against every rule."""

from __future__ import annotations

import itertools
from collections import defaultdict
from datetime import datetime, timedelta
from random import Random

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slow import order_slowly

from effort import examples
from tracer.errors import AccountError, MoneyError, SeedError, TableError, TraceError
from tracer.tracing.bounds import bounds
from tracer.tracing.follow import follow
from tracer.tracing.sweep import RULES

CHECK = settings(
    deadline=None,
    max_examples=examples(15),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
MIDNIGHT = datetime(2026, 3, 1)
CLEAN = "clean"


@st.composite
def cases(draw, count=7, largest=4, names="ABCD", victims="赵钱"):
    random = draw(st.randoms(use_true_random=True))
    size = draw(st.integers(1, count))
    dated = draw(st.booleans())
    rows = [
        {
            "id": number,
            "time": MIDNIGHT + timedelta(hours=draw(st.integers(0, 30))),
            "day": dated and draw(st.booleans()),
            "seq": number,
            "payer": draw(st.sampled_from(["V", "W", *names])),
            "payee": draw(st.sampled_from([*names, *names, "V"])),
            "fen": draw(st.integers(0, largest)),
            "status": draw(st.sampled_from(["ok"] * 9 + ["failed"])),
        }
        for number in range(size)
    ]
    for row, place in zip(rows, random.sample(range(size), size), strict=True):
        row["seq"] = place
    good = [r["id"] for r in moving(rows)]
    chosen = draw(st.sets(st.sampled_from(good), max_size=3)) if good else set()
    seeds = {number: draw(st.sampled_from(victims)) for number in sorted(chosen)}
    opening = draw(st.dictionaries(st.sampled_from(names), st.integers(0, largest), max_size=2))
    exits = draw(st.sets(st.sampled_from(names), max_size=1))
    return rows, seeds, {"opening": opening, "exits": exits}


def moving(rows):
    return [r for r in rows if r["status"] == "ok" and r["payer"] != r["payee"] and r["fen"] > 0]


def taken(rows, seeds, exits):
    moved = moving(rows)
    stops = {row["payer"] for row in moved if row["id"] in seeds} | set(exits)
    return order_slowly(moved, seeds, stops)[0], stops


def given_to(function, rows, seeds, options, **more):
    frame = pd.DataFrame(rows, columns=list(rows[0])).rename(columns={"id": "transfer_id"})
    frame["time_precision"] = frame.pop("day").map({True: "day", False: "second"})
    index = pd.Index(list(seeds), dtype="int64")
    sown = pd.Series(list(seeds.values()), index=index, dtype="str")
    opening = pd.Series(options["opening"], dtype="int64")
    return function(frame, sown, opening=opening, exits=options["exits"], **more)


def found(rows, seeds, options, **more):
    table = given_to(bounds, rows, seeds, options, **more)
    assert list(table.columns) == ["account", "victim", "least_fen", "most_fen"]
    assert table["most_fen"].gt(0).all()
    return {(a, v): (least, most) for a, v, least, most in table.to_numpy(dtype=object).tolist()}


def told_apart(rows, seeds, opening=None, exits=()):
    """Return the least and the most over every way in which each payment can be made up."""
    order, stops = taken(rows, seeds, exits)
    start = {(a, CLEAN): fen for a, fen in (opening or {}).items() if fen and a not in stops}
    ways = {frozenset(start.items())}
    for row in order:
        ways = set(itertools.chain.from_iterable(after(dict(w), row, seeds, stops) for w in ways))
    ends = [dict(way) for way in ways]
    keys = {key for end in ends for key in end if key[1] != CLEAN}
    return {key: extremes(end.get(key, 0) for end in ends) for key in keys}


def extremes(values):
    values = list(values)
    return min(values), max(values)


def after(held, row, seeds, stops):
    payer, payee, fen = row["payer"], row["payee"], row["fen"]
    owners = sorted(owner for account, owner in held if account == payer)
    if row["id"] in seeds or payer in stops:
        parts, owners = [(fen,)], [seeds.get(row["id"], CLEAN)]
    else:
        known = min(fen, sum(held[payer, owner] for owner in owners))
        choices = itertools.product(*(range(held[payer, owner] + 1) for owner in owners))
        parts = [choice for choice in choices if sum(choice) == known]
        owners, parts = [*owners, CLEAN], [(*choice, fen - known) for choice in parts]
    for part in parts:
        new = defaultdict(int, held)
        for owner, share in zip(owners, part, strict=True):
            if row["id"] not in seeds and payer not in stops:
                new[payer, owner] -= share
            if payee not in stops or owner != CLEAN:
                new[payee, owner] += share
        # The rest of unknown source came out of nowhere.
        yield frozenset((key, value) for key, value in new.items() if value > 0)


@given(cases())
@CHECK
def test_each_victim_is_bounded_exactly_by_all_ways_of_telling_money_apart(case):
    rows, seeds, options = case
    assert found(rows, seeds, options) == told_apart(rows, seeds, **options)


@given(cases(victims="赵"))
@CHECK
def test_all_victims_together_are_bounded_exactly(case):
    rows, seeds, options = case
    parted = {number: "赵钱孙"[place] for place, number in enumerate(seeds)}
    truth = told_apart(rows, seeds, **options)
    pooled = found(rows, parted, options, pooled=True)
    assert pooled == {(account, ""): span for (account, _), span in truth.items()}


def ledger(seed, size, *, accounts=9, largest=60, victims=4):
    random = Random(seed)
    names = [f"P{number}" for number in range(accounts)]
    rows = [
        {
            "id": number,
            "time": MIDNIGHT + timedelta(minutes=random.randrange(3000)),
            "day": random.random() < 0.05,
            "seq": number,
            "payer": f"V{number}" if number < 6 else random.choice(names),
            "payee": random.choice(names),
            "fen": random.randrange(1, largest) * (1 + 4 * (number < 6)),
            "status": "ok",
        }
        for number in range(size)
    ]
    seeds = {number: f"v{number % victims}" for number in range(6)}
    opening = {name: random.randrange(80) for name in names[:3]}
    return rows, seeds, {"opening": opening, "exits": set(names[-2:])}


def by_networkx(rows, seeds, options):
    """Return the bounds of the design's own network: a node for each account and moment."""
    order, stops = taken(rows, seeds, options["exits"])
    held = defaultdict(int, {a: f for a, f in options["opening"].items() if a not in stops})
    moment, network = defaultdict(int), nx.DiGraph()

    def carry(account):
        now, moment[account] = moment[account], moment[account] + 1
        if account not in stops:
            network.add_edge((account, now), (account, now + 1), capacity=held[account])
            return (account, now), (account, now + 1)
        return (account, 0), (account, 0)

    for row in order:
        payer, payee, fen = row["payer"], row["payee"], row["fen"]
        if row["id"] in seeds:
            source = ("seed", seeds[row["id"]], row["id"])
        elif payer in stops:
            source = None
        else:
            known = min(fen, held[payer])
            held[payer] -= known
            source, _ = carry(payer)
        _, target = carry(payee)
        if source is not None:
            part = fen if row["id"] in seeds else known
            network.add_edge(source, ("transfer", row["id"]), capacity=part)
            network.add_edge(("transfer", row["id"]), target, capacity=part)
        held[payee] += fen if payee not in stops else 0
    ends = {a: (a, 0) if a in stops else (a, moment[a]) for a in {*moment, *stops}}
    for account, end in ends.items():
        bound = {} if account in stops else {"capacity": held[account]}
        network.add_edge(end, ("end", account), **bound)
    return network, ends


def flowing(network, ends, sources, goals):
    whole = network.copy()
    for number, fen in sources:
        whole.add_edge("from", number, capacity=fen)
    for account in goals & set(ends):
        whole.add_edge(("end", account), "to")
    if "from" not in whole or "to" not in whole:
        return 0
    return nx.maximum_flow_value(whole, "from", "to")


@pytest.mark.parametrize("seed", range(8))
def test_larger_ledgers_have_the_bounds_of_the_plain_network(seed):
    rows, seeds, options = ledger(seed, 40 + 20 * seed, accounts=5 + seed)
    network, ends = by_networkx(rows, seeds, options)
    sums = {row["id"]: row["fen"] for row in rows}
    for pooled in (False, True):
        spans = found(rows, seeds, options, pooled=pooled)
        assert spans
        for victim in {""} if pooled else set(seeds.values()):
            own = [n for n, v in seeds.items() if n in {r["id"] for r in moving(rows)}]
            own = [n for n in own if victim in {"", seeds[n]}]
            sources = [(("seed", seeds[n], n), sums[n]) for n in own]
            total = sum(sums[n] for n in own)
            truth = {
                (account, victim): (
                    total - flowing(network, ends, sources, set(ends) - {account}),
                    flowing(network, ends, sources, {account}),
                )
                for account in ends
            }
            assert {key: span for key, span in spans.items() if key[1] == victim} == {
                key: span for key, span in truth.items() if span[1] > 0
            }


@pytest.mark.parametrize("rule", RULES)
@given(case=cases(count=30, largest=12, names="ABCDEF", victims="赵钱孙"))
@settings(CHECK, max_examples=examples(15))
def test_what_a_rule_says_lies_within(rule, case):
    rows, seeds, options = case
    trace = given_to(follow, rows, seeds, options, rule=rule)
    spans = found(rows, seeds, options)
    within(trace.holdings, spans, "victim")
    pooled = found(rows, seeds, options, pooled=True)
    within(trace.holdings.assign(victim=""), pooled, "victim")


def within(holdings, spans, by):
    held = holdings.groupby(["account", by])["fen"].sum().to_dict()
    assert set(held) <= set(spans)
    for key, (least, most) in spans.items():
        assert least <= held.get(key, 0) <= most


@pytest.mark.parametrize("rule", RULES)
def test_what_a_rule_says_of_a_larger_ledger_lies_within(rule):
    rows, seeds, options = ledger(5, 3000, accounts=60, largest=500)
    trace = given_to(follow, rows, seeds, options, rule=rule)
    within(trace.holdings, found(rows, seeds, options), "victim")


@given(cases(count=20, largest=9), st.randoms(use_true_random=False))
@CHECK
def test_the_order_of_the_rows_means_nothing(case, random):
    rows, seeds, options = case
    mixed = random.sample(rows, len(rows))
    one, other = given_to(bounds, rows, seeds, options), given_to(bounds, mixed, seeds, options)
    pd.testing.assert_frame_equal(one, other)
    keys = list(one[["account", "victim"]].itertuples(index=False, name=None))
    assert keys == sorted(keys)


@given(cases(count=20, largest=9))
@CHECK
def test_what_a_victim_lost_lies_between_the_sums_of_the_bounds(case):
    rows, seeds, options = case
    spans = found(rows, seeds, options)
    sums = {row["id"]: row["fen"] for row in rows}
    for victim in set(seeds.values()):
        lost = sum(sums[number] for number, whose in seeds.items() if whose == victim)
        own = [span for (_, whose), span in spans.items() if whose == victim]
        assert sum(least for least, _ in own) <= lost <= sum(most for _, most in own)


def plain(*rows, **options):
    frame = pd.DataFrame(rows, columns=["time", "payer", "payee", "fen"])
    frame["time"] = pd.to_datetime(frame["time"], format="ISO8601")
    seeds = options.pop("seeds", {0: "赵"})
    table = bounds(frame, pd.Series(seeds), **options)
    return {(a, v): (least, most) for a, v, least, most in table.to_numpy(dtype=object).tolist()}


def test_money_of_two_victims_in_one_account_can_be_either_ones():
    rows = (
        ("2026-03-01 09:00", "V", "M", 100),
        ("2026-03-01 09:10", "W", "M", 60),
        ("2026-03-01 09:20", "M", "X", 120),
    )
    seeds = {0: "赵", 1: "钱"}
    assert plain(*rows, seeds=seeds) == {
        ("X", "赵"): (60, 100),
        ("M", "赵"): (0, 40),
        ("X", "钱"): (20, 60),
        ("M", "钱"): (0, 40),
    }
    assert plain(*rows, seeds=seeds, pooled=True) == {("X", ""): (120, 120), ("M", ""): (40, 40)}


def test_an_account_that_was_empty_in_between_tells_money_apart_by_time():
    spans = plain(
        ("2026-03-01 09:00", "V", "M", 100),
        ("2026-03-01 09:10", "M", "X", 100),
        ("2026-03-01 09:20", "W", "M", 100),
        ("2026-03-01 09:30", "M", "Y", 100),
        seeds={0: "赵", 2: "钱"},
    )
    assert spans == {("X", "赵"): (100, 100), ("Y", "钱"): (100, 100)}


def test_clean_money_that_comes_between_two_payments_cannot_have_left_with_the_first():
    # After 09:10 at most 20 of the victim's 100 are left, whatever comes then.
    spans = plain(
        ("2026-03-01 09:00", "V", "M", 100),
        ("2026-03-01 09:10", "M", "X", 80),
        ("2026-03-01 09:20", "shop", "M", 500),
        ("2026-03-01 09:30", "M", "Y", 400),
    )
    assert spans == {("X", "赵"): (80, 80), ("Y", "赵"): (0, 20), ("M", "赵"): (0, 20)}


def test_what_is_short_and_what_an_exit_pays_is_clean():
    spans = plain(
        ("2026-03-01 09:00", "V", "M", 100),
        ("2026-03-01 09:10", "M", "X", 170),
        ("2026-03-01 09:20", "X", "cash", 50),
        ("2026-03-01 09:30", "cash", "Y", 50),
        exits=["cash"],
    )
    assert spans == {("X", "赵"): (50, 100), ("cash", "赵"): (0, 50)}


def test_money_that_comes_back_to_a_victim_stays_there():
    spans = plain(
        ("2026-03-01 09:00", "V", "M", 100),
        ("2026-03-01 09:10", "M", "V", 30),
        ("2026-03-01 09:20", "V", "Y", 30),
    )
    assert spans == {("M", "赵"): (70, 70), ("V", "赵"): (30, 30)}


def test_money_that_goes_round_in_a_circle():
    spans = plain(
        ("2026-03-01 09:00", "V", "A", 100),
        ("2026-03-01 09:01", "A", "B", 80),
        ("2026-03-01 09:02", "B", "A", 60),
        ("2026-03-01 09:03", "A", "C", 70),
        opening=pd.Series({"B": 50}),
    )
    # Between 10 and 60 come back to A, which then keeps 10 of its 80.
    assert spans == {("A", "赵"): (0, 10), ("B", "赵"): (20, 70), ("C", "赵"): (20, 70)}


def test_a_seed_paid_to_an_exit_is_certain():
    rows = (("2026-03-01 09:00", "V", "cash", 100), ("2026-03-01 09:10", "cash", "M", 100))
    assert plain(*rows, exits=["cash"]) == {("cash", "赵"): (100, 100)}


def test_without_seeds_nothing_is_bounded():
    frame = pd.DataFrame(
        {"time": pd.to_datetime(["2026-03-01"]), "payer": ["A"], "payee": ["B"], "fen": [5]}
    )
    table = bounds(frame, pd.Series([], index=pd.Index([], dtype="int64"), dtype="str"))
    assert len(table) == 0
    assert table.dtypes.astype(str).tolist() == ["str", "str", "int64", "int64"]


def test_amounts_at_the_edge_of_int64_are_exact_and_beyond_it_refused():
    half = np.iinfo(np.int64).max // 2
    rows = (("2026-03-01 09:00", "V", "M", half), ("2026-03-01 09:10", "M", "X", half - 1))
    assert plain(*rows) == {("X", "赵"): (half - 1, half - 1), ("M", "赵"): (1, 1)}
    with pytest.raises(MoneyError, match="beyond what int64 holds"):
        plain(*rows, opening=pd.Series({"M": 3}))


def test_what_cannot_be_followed_cannot_be_bounded():
    rows = [("2026-03-01 09:00", "V", "M", 100)]
    with pytest.raises(SeedError, match="seed 7 is not among"):
        plain(*rows, seeds={7: "赵"})
    with pytest.raises(AccountError, match="one text"):
        plain(*rows, exits="cash")
    with pytest.raises(TableError, match="two opening balances"):
        plain(*rows, opening=pd.Series([1, 2], index=["M", "M"]))


def test_a_trace_says_which_of_its_holdings_are_certain():
    transfers = pd.DataFrame(
        [
            ("2026-03-01 09:00", "V", "M", 100),
            ("2026-03-01 09:10", "M", "X", 80),
            ("2026-03-01 09:20", "shop", "M", 500),
            ("2026-03-01 09:30", "M", "Y", 400),
        ],
        columns=["time", "payer", "payee", "fen"],
    )
    transfers["time"] = pd.to_datetime(transfers["time"])
    trace = follow(transfers, pd.Series({0: "赵"}), rule="lifo")
    assert trace.bounds().to_dict("list") == {
        "account": ["M", "X"],
        "victim": ["赵", "赵"],
        "fen": [20, 80],
        "kind": ["held", "held"],
        "least_fen": [0, 80],
        "most_fen": [20, 80],
        "standing": ["possible", "certain"],
    }
    settled = follow(transfers, pd.Series({0: "赵"}), within="72h")
    with pytest.raises(TraceError, match=r"最长停留 72 小时.*Follow without `within`"):
        settled.bounds()
    nothing = follow(transfers, pd.Series([], index=pd.Index([], dtype="int64"), dtype="str"))
    assert len(nothing.bounds()) == 0


@given(cases(count=20, largest=9))
@settings(CHECK, max_examples=examples(15))
def test_every_holding_of_a_trace_has_its_bounds(case):
    table = given_to(follow, *case).bounds()
    assert table["least_fen"].le(table["fen"]).all()
    assert table["fen"].le(table["most_fen"]).all()
    same = table["least_fen"] == table["most_fen"]
    assert table["standing"].eq("certain").eq(same).all()
