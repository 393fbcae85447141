"""Clocks: what many payments tell of two clocks is what a slow reckoning tells."""

from __future__ import annotations

import statistics
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effort import examples
from tracer.ledger import clocks
from tracer.ledger.memory import GAPS
from tracer.table import Arrays, stacked

SECOND = 1_000_000
# Times in whole seconds, and a few that are far from all others.
_GAPS = st.one_of(st.integers(-9, 9), st.sampled_from([-4000, -70, 55, 75, 3600, 3601]))
_ROWS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(1, 2), st.integers(1, 2), st.booleans(), _GAPS),
    max_size=60,
)


def _table(rows: list[tuple[int, int, int, bool, int]]) -> pd.DataFrame:
    """Return the table `gaps` of some payments."""
    return GAPS.conform(
        pd.DataFrame(
            [
                (turn, one, two, entry, alone, gap * SECOND * alone, 0, 0)
                for entry, (turn, one, two, alone, gap) in enumerate(rows)
            ],
            columns=list(GAPS.columns),
        )
    )


def _slow(gaps: pd.DataFrame) -> dict[tuple[int, int, int], int]:
    """Return what `clocks.differences` tells, pair by pair."""
    shown: dict[tuple[int, int, int], list[int]] = {}
    for row in gaps.itertuples():
        if row.alone and abs(row.gap) <= clocks.WIDEST:
            shown.setdefault((row.turn, row.one, row.two), []).append(row.gap)
    found = {}
    for pair, told in shown.items():
        median = Fraction(statistics.median(map(Fraction, told)))
        near = sum(abs(one - median) <= clocks.NEAR for one in told)
        if len(told) >= clocks.ENOUGH and near / len(told) >= clocks.AGREEING:
            found[pair] = int(median)
    return found


def _told(tallies: Arrays) -> dict[tuple[int, int, int], int]:
    known = clocks.differences(tallies)
    pairs = zip(*(known[name].tolist() for name in clocks.PAIR), strict=True)
    return dict(zip(pairs, known["ahead"].tolist(), strict=True))


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let few payments tell."""
    monkeypatch.setattr(clocks, "ENOUGH", 4)


@given(_ROWS)
@settings(max_examples=examples(150))
def test_the_median_of_a_pair_is_taken_where_enough_agree(
    rows: list[tuple[int, int, int, bool, int]],
) -> None:
    """A count of what payments show tells the same as all payments one by one."""
    gaps = _table(rows)
    assert _told(clocks.tallied(gaps)) == _slow(gaps)


@given(_ROWS, st.integers(0, 60))
@settings(max_examples=examples(150))
def test_some_payments_may_be_left_out_of_a_count(
    rows: list[tuple[int, int, int, bool, int]], cut: int
) -> None:
    """Who takes some away and adds them again has what he had; else what the rest tells."""
    gaps = _table(rows)
    every, some = clocks.tallied(gaps), clocks.tallied(gaps[:cut])
    rest = clocks.without(every, some)
    assert (rest["times"] > 0).all()
    assert _told(rest) == _slow(gaps[cut:])
    assert _told(stacked([rest, some])) == _slow(gaps)


def test_a_clock_that_is_half_a_second_off_is_told_in_microseconds() -> None:
    """Of an even number of payments the two in the middle count alike."""
    gaps = _table([(0, 1, 2, True, gap) for gap in (1, 1, 2, 2)])
    assert _told(clocks.tallied(gaps)) == {(0, 1, 2): 1_500_000}


def test_clocks_that_differ_otherwise_are_told_with_both() -> None:
    """What is not sure any more counts as no difference."""
    was = clocks.tallied(_table([(0, 1, 2, True, 1)] * 5 + [(1, 1, 2, True, 3)] * 5))
    now = clocks.tallied(_table([(0, 1, 2, True, 9)] * 5))
    found = clocks.moved(was, now)
    assert list(zip(*(values.tolist() for values in found.values()), strict=True)) == [
        (0, 1, 2, SECOND, 9 * SECOND),
        (1, 1, 2, 3 * SECOND, 0),
    ]
    assert not len(clocks.moved(was, was)["now"])
