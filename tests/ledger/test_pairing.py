"""Pairing: the compiled matching is as good as the best of all matchings, and never crosses."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from effort import examples
from tracer.ledger import pairing

TIMES = st.lists(st.integers(0, 60), max_size=5).map(sorted)


def matchings(left: list[int], right: list[int], slack: int) -> list[tuple[int, int]]:
    """Return pairs and differences of every matching that does not cross."""
    found = []
    for size in range(min(len(left), len(right)) + 1):
        for some, others in itertools.product(
            itertools.combinations(left, size), itertools.combinations(right, size)
        ):
            apart = [abs(one - two) for one, two in zip(some, others, strict=True)]
            if all(one <= slack for one in apart):
                found.append((-size, sum(apart)))
    return found


@given(TIMES, TIMES, st.integers(-30, 30), st.integers(0, 30))
@settings(deadline=None, max_examples=examples(100))
def test_no_matching_is_better(left: list[int], right: list[int], shift: int, slack: int) -> None:
    sides = [(np.zeros(len(one), "int64"), np.array(one, "int64")) for one in (left, right)]
    here, there = pairing.in_order(*sides, np.array([shift]), slack)
    apart = [abs(left[a] - (right[b] - shift)) for a, b in zip(here, there, strict=True)]
    assert all(one <= slack for one in apart)
    assert (np.diff(here) > 0).all()
    assert (np.diff(there) > 0).all()
    best = min(matchings(left, [one - shift for one in right], slack))
    assert (-len(here), sum(apart)) == best


_GROUPED = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 60)), max_size=9).map(sorted)


@given(_GROUPED, _GROUPED, st.integers(-30, 30), st.integers(0, 30))
@settings(deadline=None, max_examples=examples(150))
def test_a_clock_may_be_ahead_by_so_much_without_any_other_pairs(
    left: list[tuple[int, int]], right: list[tuple[int, int]], shift: int, slack: int
) -> None:
    sides = [
        (np.array([one for one, _ in rows], "int64"), np.array([at for _, at in rows], "int64"))
        for rows in (left, right)
    ]
    shifts = np.array([shift, shift + 1, shift - 2])
    least, most = pairing.steady(*sides, shifts, slack)
    assert ((least <= shifts) & (shifts <= most)).all()
    here, there = pairing.in_order(*sides, shifts, slack)
    for moved in range(-140, 141):
        held = np.clip(shifts + moved, least, most)
        again = pairing.in_order(*sides, held, slack)
        assert again[0].tolist() == here.tolist()
        assert again[1].tolist() == there.tolist()


def test_of_payments_that_are_alone_or_twins_it_is_known_exactly() -> None:
    one, two = np.zeros(1, "int64"), np.zeros(2, "int64")
    for gap, wanted in ((50, (-10, 110)), (90, (-pairing.NEVER, 29)), (-90, (-29, pairing.NEVER))):
        found = pairing.steady((one, one), (one, one + gap), np.array([0]), 60)
        assert tuple(side.item() for side in found) == wanted
    twins = (two, np.array([7, 7]))
    assert [side.item() for side in pairing.steady(twins, twins, np.array([3]), 5)] == [-5, 5]
    several = (two, np.array([7, 9]))
    found = pairing.steady((one, one + 5), several, np.array([0]), 9)
    assert [side.item() for side in found] == [-7, 2]
    three, four = np.zeros(3, "int64"), np.array([0, 7, 9])
    found = pairing.steady(several, (three, four), np.array([3]), 20)
    assert [side.item() for side in found] == [3, 3]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40)), max_size=12))
@settings(deadline=None)
def test_groups_never_meet(rows: list[tuple[int, int]]) -> None:
    rows = sorted(rows)
    side = np.array([one for one, _ in rows], "int64"), np.array([two for _, two in rows], "int64")
    later = side[0] + 4, side[1]
    assert pairing.in_order(side, later, np.zeros(8, "int64"), 50)[0].size == 0


def test_very_many_equal_payments_are_matched_in_their_order() -> None:
    side = np.zeros(2500, "int64"), np.arange(2500)
    here, there = pairing.in_order(side, side, np.array([0]), 3000)
    assert here.tolist() == there.tolist() == list(range(2500))
