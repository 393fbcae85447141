"""The graph says what the tables say, in plain values, and everything has its own place."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effort import examples
from tracer.errors import TableError
from tracer.views import graph
from tracer.views.drawing import SEPARATE, draw
from tracer.views.facts import name
from tracer.views.layout import place
from tracer.views.words import words

PLAIN = {int, str, bool, datetime, type(None)}


def small(**accounts: object) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    transfers = pd.DataFrame(
        {
            "transfer_id": [7, 8, 9],
            "time": pd.to_datetime(["2024-06-01 09:00:01", "2024-06-01 09:00:02", None]),
            "payer": ["V", "A", "A"],
            "payee": ["A", "B", "C"],
            "fen": [100, 90, 5],
        }
    )
    movements = pd.DataFrame(
        {
            "transfer_id": [7, 8, 8],
            "victim": ["甲", "甲", "乙"],
            "fen": [100, 60, 10],
            "hop": [1, 2, 2],
        }
    )
    return transfers, movements, pd.DataFrame({"account": ["V", "A"], **accounts})


def test_the_case_is_told_whole_and_plain(case: Any) -> None:
    built = case.graph()
    assert set(case.accounts["account"]) == set(built)
    assert built.number_of_edges() == case.movements["transfer_id"].nunique()
    traced = sum(edge["traced_fen"] for *_, edge in built.edges(data=True))
    assert traced == case.movements["fen"].sum()
    for _, node in built.nodes(data=True):
        assert {type(value) for value in node.values()} <= PLAIN
    for *_, edge in built.edges(data=True):
        assert sum(edge["victims"].values()) == edge["traced_fen"]
        assert {type(value) for key, value in edge.items() if key != "victims"} <= PLAIN
        assert all(type(fen) is int for fen in edge["victims"].values())


def test_only_transfers_with_victims_money_and_accounts_they_name() -> None:
    built = graph.build(*small())
    assert list(built.edges(keys=True)) == [("V", "A", 7), ("A", "B", 8)]
    assert built.edges["A", "B", 8]["victims"] == {"甲": 60, "乙": 10}
    assert {key: node["level"] for key, node in built.nodes(data=True)} == {"V": 0, "A": 1, "B": 2}
    assert built.nodes["B"]["kind"] == "unknown"
    assert built.nodes["B"]["last_balance_fen"] is None


def test_missing_balances_and_times_are_none() -> None:
    built = graph.build(
        *small(
            last_balance_fen=pd.array([5, None], dtype="Int64"),
            covered_to=pd.to_datetime(["2024-06-01", None]),
            holder=["甲", None],
        )
    )
    assert built.nodes["V"]["last_balance_fen"] == 5
    assert built.nodes["A"]["last_balance_fen"] is None
    assert built.nodes["V"]["covered_to"] == datetime(2024, 6, 1)
    assert built.nodes["A"]["covered_to"] is None
    assert built.nodes["A"]["holder"] == ""


def test_a_movement_of_an_unknown_transfer_is_refused() -> None:
    transfers, movements, accounts = small()
    with pytest.raises(TableError, match=r"transfer 7"):
        graph.build(transfers.iloc[1:], movements, accounts)
    with pytest.raises(TableError, match=r"\['hop'\].*'movements'"):
        graph.build(transfers, movements.drop(columns="hop"), accounts)


def test_no_two_accounts_share_a_place_and_money_runs_right(case: Any) -> None:
    built = case.graph()
    layout = place(built)
    spots = [(x, y) for _, x, y in layout.places.values()]
    assert len(set(spots)) == len(built)
    assert {layout.places[key][0] for key, lv in built.nodes(data="level") if lv == 0} == {0}
    for payer, payee in built.edges():
        if built.nodes[payee]["kind"] in graph.EXIT_KINDS:
            assert layout.places[payer][0] < layout.places[payee][0]


def test_the_order_within_columns_crosses_less_than_chance(case: Any) -> None:
    built = case.graph()
    places = place(built).places
    chance = {
        key: (column, x, int(sha256(key.encode()).hexdigest()[:8], 16))
        for key, (column, x, _) in places.items()
    }
    assert crossings(built, places) < crossings(built, chance) / 2


def crossings(built: nx.MultiDiGraph, places: dict[str, tuple[int, int, int]]) -> int:
    """Count, slowly, the pairs of neighbouring-column lines that cross."""
    lines = [
        (places[a][0], places[a][2], places[b][2])
        for a, b in set(built.edges())
        if places[b][0] - places[a][0] == 1
    ]
    return sum(
        one[0] == two[0] and (one[1] - two[1]) * (one[2] - two[2]) < 0
        for one in lines
        for two in lines
    )


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=60),
    st.lists(st.integers(0, 6), min_size=31, max_size=31),
)
@settings(deadline=None, max_examples=examples(12))
def test_any_graph_has_places(edges: list[tuple[int, int]], levels: list[int]) -> None:
    built = nx.MultiDiGraph()
    built.add_nodes_from((str(n), {"level": lv, "kind": "bank"}) for n, lv in enumerate(levels))
    built.add_edges_from((str(a), str(b)) for a, b in edges)
    layout = place(built)
    assert len({(x, y) for _, x, y in layout.places.values()}) == 31
    assert place(built) == layout


def test_many_transfers_become_one_line_that_hides_none(case: Any) -> None:
    built = case.graph()
    drawn = draw(built, words("zh"))
    told = sum(len(line["facts"]) for line in drawn["transfers"].values())
    assert told == built.number_of_edges()
    bundles = {key: line for key, line in drawn["transfers"].items() if line["note"]}
    assert bundles
    assert all(len(line["facts"]) > SEPARATE for line in bundles.values())
    pairs = [(edge["from"], edge["to"], edge["smooth"]["roundness"]) for edge in drawn["edges"]]
    assert len(set(pairs)) == len(pairs)


@pytest.mark.parametrize(
    ("account", "holder", "label"),
    [
        ("6222020000000001234", "张三", "张三 ·1234"),
        ("6222020000000001234", "", "·1234"),
        ("tenpay:wxid_abcd9876", "李四", "李四 ·9876"),
        ("cash", "", "现金"),
        ("merchant:烟酒商行", "", "烟酒商行"),
        ("unknown:3:某行", "", "类型不明"),
    ],
)
def test_short_names(account: str, holder: str, label: str) -> None:
    assert name(account, {"holder": holder}, words("zh")) == label


def test_chinese_and_english_say_the_same_things() -> None:
    chinese, english = words("zh"), words("en")
    assert chinese.keys() == english.keys()
    for key, text in chinese.items():
        assert text.count("{") == english[key].count("{"), key
        assert text, key
