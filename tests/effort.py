"""How hard properties are tried: on few examples by every test run, on very many by a soak."""

from __future__ import annotations

import os

# `make soak` says how many times as many it wants.
TIMES = int(os.environ.get("TRACER_EFFORT", "1"))


def examples(count: int) -> int:
    """Return on how many examples to try what a test run tries on so many."""
    return count * TIMES
