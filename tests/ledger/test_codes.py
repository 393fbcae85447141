"""Codes: combinations are told apart whatever the numbers, and counted as they first occur."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.ledger.codes import (
    Among,
    begins,
    firsts,
    grouped,
    ordered,
    places,
    repeated,
    sought,
)

FAR = st.sampled_from([0, 1, -1, 7, 2**40, 2**61, 2**63 - 1, -(2**63)])


@settings(deadline=None)
@given(st.lists(st.tuples(FAR, FAR, FAR), min_size=1, max_size=20))
def test_combinations_have_one_number_each(rows: list[tuple[int, int, int]]) -> None:
    columns = [np.array(column, "int64") for column in zip(*rows, strict=True)]
    seen = list(dict.fromkeys(rows))
    group = grouped(columns)
    assert group.tolist() == [seen.index(row) for row in rows]
    assert begins(group).tolist() == [rows.index(row) for row in seen]
    assert repeated(group).tolist() == [rows.count(row) > 1 for row in rows]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=20))
def test_the_first_of_a_group_is_the_one_that_comes_first(rows: list[tuple[int, int]]) -> None:
    key, tie = (np.array(column) for column in zip(*rows, strict=True))
    group = grouped([key])
    best = [min((row[1], at) for at, row in enumerate(rows) if row[0] == one[0]) for one in rows]
    found = firsts(group, tie)
    assert [rows[at][1] for at in found] == [one[0] for one in best]
    assert found.tolist() == [one[1] for one in best]


@settings(deadline=None)
@given(st.lists(FAR, max_size=6), st.lists(FAR, max_size=20))
def test_numbers_are_found_among_some(some: list[int], values: list[int]) -> None:
    some = [one for one in some if one]
    found = Among.of(np.array(some, "int64")).places(np.array(values, "int64"))
    assert found.tolist() == [at for at, one in enumerate(values) if one in some]


@settings(deadline=None)
@given(st.lists(FAR, max_size=8, unique=True), st.lists(FAR, max_size=20))
def test_numbers_are_sought_where_they_stand(known: list[int], wanted: list[int]) -> None:
    found = sought(np.array(known, "int64"), np.array(wanted, "int64"))
    assert found.tolist() == [known.index(one) if one in known else -1 for one in wanted]


LEAST = np.iinfo("int64").min
KINDS = [st.integers(0, 2), st.integers(-(10**6), 10**6), st.sampled_from([LEAST, 0, 7])]
COLUMNS = st.lists(st.sampled_from(KINDS), min_size=1, max_size=4)


@settings(deadline=None)
@given(st.data())
def test_the_order_is_that_of_sorting_by_one_column_after_the_other(data) -> None:
    count = data.draw(st.integers(0, 30))
    drawn = [st.lists(kind, min_size=count, max_size=count) for kind in data.draw(COLUMNS)]
    # Times of whole seconds are told in microseconds.
    units = [data.draw(st.sampled_from([1, 10**6])) for _ in drawn]
    columns = [
        np.array([one if one == LEAST else one * unit for one in data.draw(column)], "int64")
        for column, unit in zip(drawn, units, strict=True)
    ]
    told = ordered(*columns).tolist()
    assert told == sorted(range(count), key=lambda row: [column[row] for column in columns])


def test_a_time_that_is_not_known_comes_last() -> None:
    time = np.array(["2026-03-01T09:00:02", "NaT", "2026-03-01T09:00:01"], "datetime64[us]")
    assert ordered(time).tolist() == [2, 0, 1]
    assert ordered(np.array([True, False, True]), time).tolist() == [1, 2, 0]


@settings(deadline=None)
@given(
    st.lists(st.one_of(st.integers(0, 20), st.integers(-(2**63), 2**63 - 1)), unique=True),
    st.data(),
)
def test_numbers_are_found_where_they_stand(known: list[int], data) -> None:
    known.sort()
    wanted = data.draw(st.lists(st.sampled_from(known)) if known else st.just([]))
    found = places(np.array(known, "int64"), np.array(wanted, "int64"))
    assert found.tolist() == [known.index(one) for one in wanted]


@pytest.mark.parametrize("wanted", [[2], [0], [9], [10**9], [3, 4]])
def test_a_number_that_is_not_known_is_never_taken_for_another(wanted: list[int]) -> None:
    for known in ([], [1, 3, 5], [1, 3, 10**8]):
        with pytest.raises(LookupError, match="not among those that are known"):
            places(np.array(known, "int64"), np.array(wanted, "int64"))


@pytest.mark.parametrize("step", [1, 2**20, 2**32, 2**43, 2**53])
def test_many_numbers_at_even_distances_are_told_apart(step: int) -> None:
    values = np.arange(1_000)[np.random.default_rng(step).integers(0, 1_000, 5_000)] * step
    assert grouped([values]).tolist() == pd.factorize(values)[0].tolist()
