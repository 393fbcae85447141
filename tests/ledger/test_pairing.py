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


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=20))
@settings(deadline=None)
def test_the_first_choice_is_kept(pairs: list[tuple[int, int]]) -> None:
    left, right = (np.array([pair[side] for pair in pairs], "int64") for side in (0, 1))
    met, seen, wanted = set(), set(), []
    for one, two in pairs:
        wanted.append(one not in met and two not in seen)
        if wanted[-1]:
            met.add(one)
            seen.add(two)
    assert pairing.greedy(left, right).tolist() == wanted


# Group, time and slack; of the last only the day is known.
ROWS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 250), st.sampled_from([0, 5, 30, 100])), max_size=8
).map(sorted)


def meets(one: tuple[int, int, int], two: tuple[int, int, int], day: int = 100) -> bool:
    slack = max(one[2], two[2])
    near = one[1] // day == two[1] // day if slack >= day else abs(one[1] - two[1]) <= slack
    return one[0] == two[0] and near


@given(ROWS, ROWS)
@settings(deadline=None, max_examples=examples(150))
def test_only_rows_that_can_mean_each_other_alone_are_matched(
    left: list[tuple[int, int, int]], right: list[tuple[int, int, int]]
) -> None:
    sides = [
        tuple(np.array([row[at] for row in side], "int64") for at in range(3))
        for side in (left, right)
    ]
    here, there = pairing.single(sides[0], sides[1], 100)
    expected = [
        (a, b)
        for a, b in itertools.product(range(len(left)), range(len(right)))
        if meets(left[a], right[b])
        and sum(meets(left[a], other) for other in right) == 1
        and sum(meets(one, right[b]) for one in left) == 1
    ]
    assert list(zip(here.tolist(), there.tolist(), strict=True)) == expected
