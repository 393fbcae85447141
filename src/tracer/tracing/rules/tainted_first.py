"""Victims' money leaves an account first, the oldest first, then clean money."""

from __future__ import annotations

from typing import Any

from tracer.tracing.lots import compiled, pick, pick_clean


@compiled
def take(book: Any, account: int, fen: int) -> int:
    """
    Choose the lots that a payment is made of; see `fifo.take`.

    Notes
    -----
    Re Oatway [1903] 2 Ch 356: victims may follow their money into what was
    paid out first, though the holder had money of his own. It is the other end
    of what may be claimed of the payments that left an account.
    """
    count, rest = pick(book, account, fen, 0, False)
    return pick_clean(book, account, rest, count)[0]
