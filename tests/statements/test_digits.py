"""Digits: what is read in one pass is what exact arithmetic and the calendar say."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effort import examples
from tracer.statements import digits

PLAIN = st.from_regex(r"-?[0-9]{1,13}(\.[0-9]{0,2})?", fullmatch=True)
ODD = st.text("0123456789.-+,eE \u0661", max_size=8)
WAYS = ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y%m%d%H%M%S")
LIKE_TIMES = r"(20|19)\d\d([-/]?)\d\d([-/]?)[0-3]\d[ T]?\d\d:?[0-7]\d:?\d\d"
TIMES = st.datetimes(datetime(1980, 1, 1), datetime(2100, 12, 31, 23, 59, 59))


def text(cells: list[str]) -> pa.Array:
    """Return cells as they come from a file."""
    return pa.array(["before", *cells], pa.large_string()).slice(1)


@given(st.lists(st.one_of(PLAIN, st.just(""))))
@settings(deadline=None)
def test_amounts_are_exact(cells: list[str]) -> None:
    read = digits.yuan(text(cells))
    assert read is not None
    fen, filled = read
    assert fen.tolist() == [int(Decimal(cell or "0") * 100) for cell in cells]
    assert filled.tolist() == [cell != "" for cell in cells]


@given(ODD)
@settings(deadline=None, max_examples=examples(500))
def test_no_other_amount_is_taken(cell: str) -> None:
    plain = re.fullmatch(r"(-?[0-9]{1,13}(\.[0-9]{0,2})?)?", cell)
    assert (digits.yuan(text(["1.00", cell])) is None) == (plain is None)


@given(st.lists(st.tuples(TIMES, st.sampled_from(WAYS)), min_size=1))
@settings(deadline=None)
def test_times_are_those_of_the_calendar(given_times: list[tuple[datetime, str]]) -> None:
    found = digits.instants(text([time.strftime(way) for time, way in given_times]))
    assert found is not None
    wanted = [np.datetime64(time.replace(microsecond=0), "us") for time, _ in given_times]
    assert found.tolist() == np.array(wanted).tolist()


@given(
    st.from_regex(r"(20|19)\d\d([-/]?)\d\d([-/]?)[0-3]\d[ T]?\d\d:?[0-7]\d:?\d\d", fullmatch=True)
)
@settings(deadline=None, max_examples=examples(500))
def test_no_time_is_made_up(cell: str) -> None:
    found = digits.instants(text([cell]))
    wanted = []
    for way in WAYS:
        try:
            time = datetime.strptime(cell, way)
        except ValueError:
            continue
        if time.strftime(way) == cell and digits.FIRST_YEAR <= time.year <= digits.LAST_YEAR:
            wanted.append(time)
    assert (found is None and not wanted) or (found is not None and found.tolist() == wanted)


@pytest.mark.parametrize(
    "cell", ["", "2023-02-29 00:00:00", "2024-01-01 24:00:00", "1979-12-31 00:00:00"]
)
def test_days_that_are_none_are_left_to_the_careful_way(cell: str) -> None:
    assert digits.instants(text([cell])) is None
