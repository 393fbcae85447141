"""Last in, first out: the newest lot leaves an account first."""

from __future__ import annotations

from typing import Any

from tracer.tracing.lots import NONE, compiled


@compiled
def take(book: Any, account: int, fen: int) -> int:
    """
    Choose the lots that a payment is made of; see `fifo.take`.

    Notes
    -----
    Whoever passes money on within minutes pays with what has just come. Courts
    in the United States allow it beside other orders: United States v Banco
    Cafetero Panama, 797 F.2d 1154 (2d Cir. 1986).
    """
    pieces, lots, count = book.pieces, book.lots, 0
    lot = book.queues[account].last
    while lot != NONE and fen > 0:
        part = min(lots[lot].fen, fen)
        pieces[count].queue = account
        pieces[count].lot = lot
        pieces[count].fen = part
        count += 1
        fen -= part
        lot = lots[lot].before
    clean = min(book.queues[account].clean, fen)
    if clean > 0:
        pieces[count].queue = account
        pieces[count].lot = NONE
        pieces[count].fen = clean
        count += 1
    return count
