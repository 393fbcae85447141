"""Twins: many equal rows are matched just as few are, and in little more than their number."""

from __future__ import annotations

import numpy as np
import pytest

from tracer.ledger import twins


def facts(chance: np.random.Generator, rows: int, most: int) -> np.ndarray:
    """Return random facts of some rows, many of which are open or agree."""
    serial, balance, party = (chance.integers(0, most + 1, rows) for _ in range(3))
    shown, named = chance.random(rows) < 0.6, (chance.random(rows) < 0.3) & (party != 0)
    blanks = (party == 0) * 2 + named + (serial == 0) + ~shown
    return np.column_stack([serial, party, named, balance, shown, blanks]).astype("int64")


@pytest.mark.parametrize("seed", range(60))
def test_kinds_of_rows_are_matched_as_rows_are(seed: int) -> None:
    chance = np.random.default_rng(seed)
    most = int(chance.choice([1, 2, 5, 40]))
    left, right = (facts(chance, int(chance.integers(0, 60)), most) for _ in range(2))
    by_row, by_kind = twins._by_row(left, right), twins._by_kind(left, right)
    np.testing.assert_array_equal(by_kind, by_row)


@pytest.mark.parametrize("told", ["nothing", "balance", "serial", "party"])
def test_very_many_rows_of_one_moment_are_matched_one_to_one(told: str) -> None:
    count = 30_000
    number = np.arange(count) + 1
    serial, balance, party = (
        number if told == name else np.zeros(count, "int64")
        for name in ("serial", "balance", "party")
    )
    shown = np.full(count, told == "balance")
    blanks = (party == 0) * 2 + (serial == 0) + ~shown
    rows = np.column_stack([serial, party, party * 0, balance, shown, blanks]).astype("int64")
    key, file = np.zeros(2 * count, "int64"), np.repeat([0, 1], count)
    stands = twins.matched(key, file, np.concatenate([rows, rows[::-1]]))
    # What tells rows apart decides, and else their order.
    expected = number - 1 if told == "nothing" else number[::-1] - 1
    np.testing.assert_array_equal(stands, np.concatenate([number - 1, expected]))
