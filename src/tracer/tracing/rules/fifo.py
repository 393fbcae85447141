"""First in, first out: the oldest lot leaves an account first."""

from __future__ import annotations

from typing import Any

from tracer.tracing.lots import compiled, pick, pick_clean


@compiled
def take(book: Any, account: int, fen: int) -> int:
    """
    Choose the lots that a payment is made of.

    Every rule has this signature. It only chooses: the sweep moves the money,
    so that no rule can lose any or make any up.

    Parameters
    ----------
    book
        Of whose `pieces` the first are written: which lot, or which clean
        money, gives how much, in the order in which the payee receives it.
    account
        The payer.
    fen
        The amount of the payment.

    Returns
    -------
    int
        How many pieces were written. Together they are worth `fen`, or all
        that the payer has where that is less.

    Notes
    -----
    Clayton's Case (Devaynes v Noble), 1816, 1 Mer 572: what was paid in first
    is paid out first. It asks for nothing but the moments of payments, as does
    《电信网络新型违法犯罪案件冻结资金返还若干规定》(银监发〔2016〕41号) 第八条,
    by which money that time stamps lead back to a victim is returned directly.
    """
    count, rest = pick_clean(book, account, fen, 0)
    return pick(book, account, rest, count, False)[0]
