"""Choice: who alone can be meant is matched, and the best pairs are taken first."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from effort import examples
from tracer.ledger import choice


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
    assert choice.greedy(left, right).tolist() == wanted


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
    here, there = choice.single(sides[0], sides[1], 100)
    expected = [
        (a, b)
        for a, b in itertools.product(range(len(left)), range(len(right)))
        if meets(left[a], right[b])
        and sum(meets(left[a], other) for other in right) == 1
        and sum(meets(one, right[b]) for one in left) == 1
    ]
    assert list(zip(here.tolist(), there.tolist(), strict=True)) == expected
