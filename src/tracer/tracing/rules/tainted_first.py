"""Victims' money leaves an account first, the oldest first, then clean money."""

from __future__ import annotations

from typing import Any

from tracer.tracing.lots import NONE, compiled


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
    pieces, lots, count = book.pieces, book.lots, 0
    lot = book.queues[account].first
    while lot != NONE and fen > 0:
        part = min(lots[lot].fen, fen)
        pieces[count].queue = account
        pieces[count].lot = lot
        pieces[count].fen = part
        count += 1
        fen -= part
        lot = lots[lot].after
    clean = min(book.queues[account].clean, fen)
    if clean > 0:
        pieces[count].queue = account
        pieces[count].lot = NONE
        pieces[count].fen = clean
        count += 1
    return count
