"""One compiled pass over the transfers, in the order in which they are taken."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from tracer.tracing import lots
from tracer.tracing.lots import CLEAN, EXIT, HELD, MOVED, NONE, SHORT, STAYED, Book, Ledger, Money
from tracer.tracing.rules import fifo

# A rule is a small number in compiled code. Numba's cache watches this file
# only: whoever changes a rule or lots.py in a checkout must touch it as well
# (the tests throw stale code away by themselves).
RULES = {"fifo": 0}

FIRST_ROOM = 1024
EARLIEST = np.iinfo(np.int64).min


def sweep(
    ledger: Ledger,
    exits: npt.NDArray[np.bool_],
    opening: npt.NDArray[np.int64],
    *,
    rule: int,
    within: int,
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], int]:
    """
    Follow every seed through the transfers.

    Parameters
    ----------
    ledger
        In the order taken.
    exits
        Shape (accounts,): where following stops.
    opening
        Shape (accounts,), fen.
    rule
        A number of `RULES`.
    within
        The longest stay in microseconds, or NONE.

    Returns
    -------
    movements
        `lots.MOVEMENT`, in the order in which they were made; a parent is a
        position among them.
    left
        `lots.LEFT`: the victims' money that went no further.
    short
        The fen that accounts on the way paid out and were not known to have.
    """
    room = FIRST_ROOM + len(exits)
    book = Book(
        lots=np.empty(room, lots.LOT),
        queues=np.full(len(exits), NONE, lots.QUEUE),
        pieces=np.empty(room, lots.PIECE),
        movements=np.empty(FIRST_ROOM, lots.MOVEMENT),
        left=np.empty(room, lots.LEFT),
        counts=np.array([0, NONE, 0, 0, 0, 0]),
    )
    _open(book, exits, opening)
    # Compiled code runs while the book has room; it is fast because no array
    # changes under it.
    reached, start = np.zeros(len(exits), np.bool_), 0
    while (start := _run(book, ledger, exits, reached, (rule, within, start))) < len(ledger.fen):
        book = lots.roomy(book)
    _keep(book)
    counts = book.counts
    return book.movements[: counts[MOVED]], book.left[: counts[STAYED]], int(counts[SHORT])


@njit(cache=True)
def _open(book: Any, exits: Any, opening: Any) -> None:
    for account in range(opening.size):
        if opening[account] > 0 and not exits[account]:
            lots.put(book, account, Money(CLEAN, opening[account], NONE), EARLIEST)


@njit(cache=True)
def _run(book: Any, ledger: Any, exits: Any, reached: Any, how: tuple[int, int, int]) -> int:
    # Returns the transfer that found no room, which has changed nothing yet.
    rule, within, start = how
    for t in range(start, ledger.fen.size):
        giver, taker, now = ledger.payer[t], ledger.payee[t], ledger.when[t]
        seed, rest = ledger.seed[t], ledger.fen[t]
        if within != NONE:
            _settle(book, exits, giver, taker, now - within)
        gives = seed == NONE and not exits[giver]
        count = _take(rule, book, giver, rest) if gives else 0
        if lots.crowded(book, count):
            return t
        if seed != NONE:
            _arrive(book, exits, taker, _move(book, t, seed, rest, NONE), now)
            reached[taker] = True
            continue
        for i in range(count):
            money = _draw(book, giver, t, book.pieces[i])
            _arrive(book, exits, taker, money, now)
            reached[taker] |= money.owner != CLEAN
            rest -= money.fen
        if rest > 0:
            _arrive(book, exits, taker, Money(CLEAN, rest, NONE), now)
            if gives and reached[giver]:
                book.counts[SHORT] += rest
    return ledger.fen.size  # type: ignore[no-any-return]


@njit(cache=True)
def _settle(book: Any, exits: Any, giver: int, taker: int, oldest: int) -> None:
    if not exits[giver]:
        lots.settle(book, giver, oldest)
    if not exits[taker]:
        lots.settle(book, taker, oldest)


@njit(cache=True)
def _take(rule: int, book: Any, account: int, fen: int) -> Any:
    # One branch for each rule: a call through a table could not be cached.
    if rule == 0:
        return fifo.take(book.lots, book.queues[account], fen, book.pieces)
    return 0


@njit(cache=True)
def _draw(book: Any, account: int, transfer: int, piece: Any) -> Money:
    lot, fen = piece.lot, piece.fen
    owner, movement = book.lots[lot].owner, book.lots[lot].movement
    lots.draw(book, account, lot, fen)
    if owner == CLEAN:
        return Money(CLEAN, fen, NONE)
    return _move(book, transfer, owner, fen, movement)


@njit(cache=True)
def _move(book: Any, transfer: int, victim: int, fen: int, parent: int) -> Money:
    movements, row = book.movements, book.counts[MOVED]
    book.counts[MOVED] += 1
    movements[row].transfer = transfer
    movements[row].victim = victim
    movements[row].fen = fen
    movements[row].parent = parent
    movements[row].hop = 1 if parent == NONE else movements[parent].hop + 1
    return Money(victim, fen, row)


@njit(cache=True)
def _arrive(book: Any, exits: Any, account: int, money: Money, now: int) -> None:
    if not exits[account]:
        lots.put(book, account, money, now)
    elif money.owner != CLEAN:
        lots.stay(book, account, money, EXIT)


@njit(cache=True)
def _keep(book: Any) -> None:
    for account in range(book.queues.size):
        lot = book.queues[account].first
        while lot != NONE:
            money = Money(book.lots[lot].owner, book.lots[lot].fen, book.lots[lot].movement)
            if money.owner != CLEAN:
                lots.stay(book, account, money, HELD)
            lot = book.lots[lot].after
