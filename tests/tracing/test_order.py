"""The order in which transfers are taken, against numpy's own sort by several keys."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effort import examples
from tracer.tracing.lots import NONE, Ledger
from tracer.tracing.order import arrange


def ledger(when):
    some = np.zeros(len(when), np.int64)
    return Ledger(some, some + 1, some + 1, np.array(when, np.int64), np.full(len(when), NONE))


@pytest.mark.parametrize("kind", ["growing", "shuffled", "with ties"])
@given(
    when=st.lists(st.integers(-(2**50), 2**50) | st.integers(-2, 2), max_size=40),
    random=st.randoms(use_true_random=False),
)
@settings(deadline=None, max_examples=examples(25))
def test_transfers_are_taken_by_time_and_then_by_their_keys(kind, when, random):
    count = len(when)
    seq = sorted(random.sample(range(-100, 100), count))
    if kind == "shuffled":
        random.shuffle(seq)
    if kind == "with ties":
        seq = [random.randrange(3) for _ in range(count)]
    keys = (np.array(seq, np.int64), np.array(random.sample(range(count), count), np.int64))
    nothing = np.zeros(count, np.bool_)
    order, assumed = arrange(ledger(when), keys, nothing, np.zeros(2, np.bool_))
    expected = sorted(range(count), key=lambda row: (when[row], keys[0][row], keys[1][row]))
    assert order.tolist() == expected
    assert not assumed.any()
