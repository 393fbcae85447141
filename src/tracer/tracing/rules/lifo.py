"""Last in, first out: the newest lot leaves an account first."""

from __future__ import annotations

from typing import Any

from tracer.tracing.lots import compiled, pick, pick_clean


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
    count, rest = pick(book, account, fen, 0, True)
    return pick_clean(book, account, rest, count)[0]
