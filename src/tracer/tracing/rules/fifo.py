"""First in, first out: the oldest lot leaves an account first (Clayton's case, 1816)."""

from __future__ import annotations

from typing import Any

from numba import njit

from tracer.tracing.lots import NONE


@njit(cache=True)
def take(lots: Any, queue: Any, fen: int, pieces: Any) -> int:
    """
    Choose the lots that a payment is made of.

    Every rule has this signature. It only chooses: the sweep moves the money,
    so that no rule can lose any or make any up.

    Parameters
    ----------
    lots
        Every lot of every account, `lots.LOT`.
    queue
        The first and last lot of the payer, `lots.QUEUE`.
    fen
        The amount of the payment.
    pieces
        `lots.PIECE`, written from the start: which lot gives how much, in the
        order in which the payee receives it. It has room for every lot.

    Returns
    -------
    int
        How many pieces were written. Together they are worth `fen`, or all
        that the payer has where that is less.
    """
    count = 0
    lot = queue.first
    while lot != NONE and fen > 0:
        part = min(lots[lot].fen, fen)
        pieces[count].lot = lot
        pieces[count].fen = part
        count += 1
        fen -= part
        lot = lots[lot].after
    return count
