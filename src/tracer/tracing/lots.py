"""The lots of money in every account's queue, and how they are put, drawn and settled."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

# No lot, no movement, no victim: compiled code has no None.
NONE = -1
# The owner of money that is no victim's.
CLEAN = -1

HELD, EXIT, SETTLED = 0, 1, 2

# The places of the running counts in one small array.
USED, FREE, MOVED, STAYED, SHORT, WANTED = 0, 1, 2, 3, 4, 5


def _record(*names: str) -> np.dtype[Any]:
    return np.dtype([(name, np.int64) for name in names])


# Each queue is a doubly linked list through `before` and `after`, so that any
# rule can take any lot; a freed lot is linked through `after` to the next one.
LOT = _record("owner", "fen", "movement", "arrival", "before", "after")
QUEUE = _record("first", "last")
# What a rule decides: take so much out of that lot.
PIECE = _record("lot", "fen")
MOVEMENT = _record("transfer", "victim", "fen", "hop", "parent")
LEFT = _record("account", "victim", "movement", "fen", "kind")


class Ledger(NamedTuple):
    """The transfers that moved money, one array for each column."""

    payer: npt.NDArray[np.int64]
    """Shape (n,), the code of the account."""
    payee: npt.NDArray[np.int64]
    """Shape (n,), likewise."""
    fen: npt.NDArray[np.int64]
    """Shape (n,), more than 0."""
    when: npt.NDArray[np.int64]
    """Shape (n,), microseconds; the first moment of the day where only that is known."""
    seed: npt.NDArray[np.int64]
    """Shape (n,), the code of the victim, or NONE."""


class Book(NamedTuple):
    """All that a sweep writes."""

    lots: Any
    """`LOT`, of every account together; `counts[USED]` of them were ever used."""
    queues: Any
    """`QUEUE`, shape (accounts,)."""
    pieces: Any
    """`PIECE`, what the rule chose last; as long as `lots`."""
    movements: Any
    """`MOVEMENT`, the first `counts[MOVED]` written."""
    left: Any
    """`LEFT`, the first `counts[STAYED]` written."""
    counts: Any
    """Shape (6,): see USED, FREE, MOVED, STAYED, SHORT and WANTED."""


class Money(NamedTuple):
    """An amount with its owner and the movement that brought it."""

    owner: int
    """The code of a victim, or CLEAN."""
    fen: int
    """More than 0."""
    movement: int
    """A position among the movements, or NONE."""


@njit(cache=True)
def crowded(book: Any, count: int) -> Any:
    """Tell whether a transfer of so many pieces and a rest needs more room."""
    # `left` keeps a place for every lot there is: each may settle or be left over.
    counts = book.counts
    counts[WANTED] = count + 1
    return (
        counts[USED] + count + 1 > book.lots.size
        or counts[MOVED] + count + 1 > book.movements.size
        or counts[STAYED] + counts[USED] + 2 * count + 2 > book.left.size
    )


def roomy(book: Book) -> Book:
    """Return the book with room for the transfer that found it crowded."""
    counts, wanted = book.counts, int(book.counts[WANTED])
    lots = _grown(book.lots, counts[USED] + wanted)
    return book._replace(
        lots=lots,
        pieces=_grown(book.pieces, len(lots)),
        movements=_grown(book.movements, counts[MOVED] + wanted),
        left=_grown(book.left, counts[STAYED] + counts[USED] + 2 * wanted),
    )


def _grown(array: Any, needed: int) -> Any:
    # Doubling keeps the work of growing in proportion to what is written.
    if needed <= len(array):
        return array
    larger = np.empty(max(needed, 2 * len(array)), array.dtype)
    larger[: len(array)] = array
    return larger


@njit(cache=True)
def put(book: Any, account: int, money: Money, now: int) -> None:
    """Put a lot at the end of an account's queue; clean money joins clean money."""
    lots, queues, counts = book.lots, book.queues, book.counts
    last = queues[account].last
    if money.owner == CLEAN and last != NONE and lots[last].owner == CLEAN:
        lots[last].fen += money.fen
        return
    lot = counts[FREE]
    if lot == NONE:
        lot = counts[USED]
        counts[USED] += 1
    else:
        counts[FREE] = lots[lot].after
    lots[lot].owner = money.owner
    lots[lot].fen = money.fen
    lots[lot].movement = money.movement
    lots[lot].arrival = now
    lots[lot].before = last
    lots[lot].after = NONE
    if last == NONE:
        queues[account].first = lot
    else:
        lots[last].after = lot
    queues[account].last = lot


@njit(cache=True)
def draw(book: Any, account: int, lot: int, fen: int) -> None:
    """Take fen out of a lot, and the lot out of the queue when nothing is left in it."""
    lots, queues, counts = book.lots, book.queues, book.counts
    lots[lot].fen -= fen
    if lots[lot].fen > 0:
        return
    before, after = lots[lot].before, lots[lot].after
    if before == NONE:
        queues[account].first = after
    else:
        lots[before].after = after
    if after == NONE:
        queues[account].last = before
    else:
        lots[after].before = before
    lots[lot].after = counts[FREE]
    counts[FREE] = lot


@njit(cache=True)
def stay(book: Any, account: int, money: Money, kind: int) -> None:
    """Write down victims' money that goes no further."""
    left, row = book.left, book.counts[STAYED]
    book.counts[STAYED] += 1
    left[row].account = account
    left[row].victim = money.owner
    left[row].movement = money.movement
    left[row].fen = money.fen
    left[row].kind = kind


@njit(cache=True)
def settle(book: Any, account: int, oldest: int) -> None:
    """Turn every victim's lot that arrived before `oldest` clean, and write it down."""
    # Lots lie in the order of their arrival, so that the walk ends at the first
    # young one, and all that is settled joins into one clean lot at the front.
    lots = book.lots
    lot = book.queues[account].first
    while lot != NONE and lots[lot].arrival < oldest:
        if lots[lot].owner != CLEAN:
            money = Money(lots[lot].owner, lots[lot].fen, lots[lot].movement)
            stay(book, account, money, SETTLED)
            lots[lot].owner = CLEAN
            lots[lot].movement = NONE
        before, after = lots[lot].before, lots[lot].after
        if before != NONE:
            lots[before].fen += lots[lot].fen
            draw(book, account, lot, lots[lot].fen)
        lot = after
