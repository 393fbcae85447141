"""Transfers: those of one moment stand in an order that every statement agrees with."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from effort import examples
from ledger.test_build import entries, get, moved, pay

PEOPLE = [f"622202000000000{number:04d}" for number in range(4)]


def longest(edges: set[tuple[int, int]], place: int) -> int:
    """Return how many edges lead to a place at most."""
    return max((longest(edges, one) + 1 for one, two in edges if two == place), default=0)


@settings(deadline=None, max_examples=examples(20))
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=7))
def test_every_statement_keeps_its_order_within_a_moment(pairs: list[tuple[int, int]]) -> None:
    """Give the payments of one second, in their real order, to both parties' statements."""
    pairs = [(one, two) for one, two in pairs if one != two]
    rows = []
    for number, (one, two) in enumerate(pairs):
        more = {"seq": number, "serial": f"S{number}", "time": "2024-06-01 10:00:00"}
        payer, payee = PEOPLE[one], PEOPLE[two]
        rows.append(pay(payer, payee, 100 + number, **more, source=payer))
        rows.append(get(payee, payer, 100 + number, **more, source=payee))
    if not rows:
        return
    shuffled = entries(*rows).sample(frac=1, random_state=len(rows))
    found = moved(shuffled)
    order = (found["fen"] - 100).tolist()
    edges = set()
    for person in range(len(PEOPLE)):
        mine = [number for number, pair in enumerate(pairs) if person in pair]
        edges |= set(itertools.pairwise(mine))
    rank = [longest(edges, number) for number in range(len(pairs))]
    ids = dict(zip(order, found["transfer_id"], strict=True))
    assert order == sorted(range(len(pairs)), key=lambda number: (rank[number], ids[number]))
    assert found["seq"].tolist() == [rank[number] for number in order]
    assert (found["time"] == pd.Timestamp("2024-06-01 10:00:00")).all()
    assert np.array_equal(found["join"].unique(), ["mirrored"])
