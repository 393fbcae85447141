"""Clean money leaves an account first, then victims' money, the oldest first."""

from __future__ import annotations

from typing import Any

from tracer.tracing.lots import compiled
from tracer.tracing.rules import fifo


@compiled
def take(book: Any, account: int, fen: int) -> int:
    """
    Choose the lots that a payment is made of; see `fifo.take`.

    Notes
    -----
    Re Hallett's Estate (1880) 13 Ch D 696: a holder is taken to spend his own
    money first; and Roscoe v Winder [1915] 1 Ch 62: what he has once spent of
    the victims' is not restored by what he pays in later, so that victims have
    at most the lowest balance in between.
    """
    # All clean money stands at the front here, whenever it came.
    return fifo.take(book, account, fen)
