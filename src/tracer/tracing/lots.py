"""The money in every account, as a queue of lots, and how lots are put, drawn and settled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
from numba import njit

from tracer.errors import TraceError

# No lot, no movement, no victim: compiled code has no None.
NONE = -1
# The owner of money that is no victim's.
CLEAN = -1

HELD, EXIT, SETTLED = 0, 1, 2

# The places of the running counts in one small array.
USED, FREE, MOVED, STAYED, SEATED, VACANT, NOTED, WANTED = range(8)

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile a function that neither makes an array nor keeps one."""
    # Otherwise compiled code counts the references to every array that it hands
    # on, which costs several times the work of a sweep (docs/decisions/0014).
    # Numba's cache watches the file of a function only: whoever changes one must
    # touch sweep.py as well (the tests throw stale code away by themselves).
    options: dict[str, Any] = {"cache": True, "error_model": "numpy", "_nrt": False}
    return njit(**options)(function)  # type: ignore[no-any-return]


def _record(*names: str) -> np.dtype[Any]:
    return np.dtype([(name, np.int64) for name in names])


# Each queue is a doubly linked list through `before` and `after`, so that any
# rule can take any lot; a freed lot is linked through `after` to the next one.
# Lots lie anywhere in memory, so that small ones are had faster.
LOT = np.dtype(
    [("fen", np.int64), ("arrival", np.int64)]
    + [(name, np.int32) for name in ("owner", "movement", "before", "after")]
)
# Compiled code would return two kinds of numbers otherwise.
WIDE: Any = np.int64
# So many lots, or movements, can be told apart.
MOST = np.iinfo(np.int32).max
# A queue begins with clean money, which needs no lot. One that is an owner's
# seat in an account (see owners.py) is linked to the next seat.
QUEUE = _record("first", "last", "clean", "seat", "owner", "fen", "before", "after")
# What a rule decides: take so much out of that lot of that queue, or out of
# the clean money of the queue where the lot is NONE.
PIECE = _record("queue", "lot", "fen")
# An owner's part of a payment, and what division left over.
SHARE = _record("queue", "fen", "rest")
MOVEMENT = _record("transfer", "victim", "fen", "hop", "parent")
# What a payer had, and what of it a payment took.
OFFER = _record("owner", "fen", "movement", "taken")
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
    """`QUEUE`, one for each account, then the seats of owners."""
    pieces: Any
    """`PIECE`, what the rule chose last."""
    shares: Any
    """`SHARE`, what the owners give to the payment at hand."""
    rests: Any
    """Room to sort what division left over."""
    seats: Any
    """Shape (victims,): where each of them sits in the payee at hand, `counts[NOTED]`."""
    movements: Any
    """`MOVEMENT`, the first `counts[MOVED]` written."""
    left: Any
    """`LEFT`, the first `counts[STAYED]` written."""
    exits: Any
    """Shape (accounts,): where following stops."""
    reached: Any
    """Shape (accounts,): victims' money has been in it."""
    short: Any
    """Shape (accounts,), fen: what it paid out and was not known to have."""
    counts: Any
    """Shape (8,): see USED and its neighbours."""


class Money(NamedTuple):
    """An amount with its owner and the movement that brought it."""

    owner: int
    """The code of a victim, or CLEAN."""
    fen: int
    """More than 0."""
    movement: int
    """A position among the movements, or NONE."""


FIRST_ROOM = 1024


def book(opening: npt.NDArray[np.int64], exits: npt.NDArray[np.bool_], victims: int) -> Book:
    """
    Return the book of a sweep that begins.

    Parameters
    ----------
    opening
        Shape (accounts,), fen; an exit's is not kept.
    exits
        Shape (accounts,).
    victims
        How many there are.
    """
    accounts = len(opening)
    queues = np.full(accounts + FIRST_ROOM, NONE, QUEUE)
    queues["clean"], queues["fen"] = 0, 0
    queues["clean"][:accounts] = np.where(exits, 0, opening)
    counts = np.zeros(WANTED + 1, np.int64)
    counts[[FREE, VACANT, NOTED]], counts[SEATED] = NONE, accounts
    return Book(
        lots=np.empty(FIRST_ROOM, LOT),
        queues=queues,
        pieces=np.empty(2 * FIRST_ROOM, PIECE),
        shares=np.empty(FIRST_ROOM, SHARE),
        rests=np.empty(FIRST_ROOM, np.int64),
        seats=np.full(victims, NONE),
        movements=np.empty(FIRST_ROOM, MOVEMENT),
        left=np.empty(2 * FIRST_ROOM, LEFT),
        exits=exits,
        reached=np.zeros(accounts, np.bool_),
        short=np.zeros(accounts, np.int64),
        counts=counts,
    )


@compiled
def crowded(book: Any, count: int) -> Any:
    """Tell whether a transfer of so many pieces and a rest needs more room."""
    # `left` keeps a place for every lot there is: each may settle or be left
    # over. A piece may need a seat, and so may the clean money of the payee.
    counts = book.counts
    counts[WANTED] = count + 4
    return (
        counts[USED] + count + 4 > book.lots.size
        or counts[SEATED] + count + 4 > book.queues.size
        or counts[MOVED] + count + 4 > book.movements.size
        or counts[STAYED] + counts[USED] + 2 * count + 8 > book.left.size
    )


def roomy(book: Book) -> Book:
    """
    Return the book with room for the transfer that found it crowded.

    Raises
    ------
    TraceError
        If there are more lots, or movements, than can be told apart.
    """
    at = (USED, SEATED, MOVED, STAYED, WANTED)
    used, seated, moved, stayed, wanted = (int(book.counts[one]) for one in at)
    if max(used, moved) + wanted > MOST:
        msg = f"These payments go through more than {MOST:,} movements. Follow fewer at once."
        zh = f"这些款项的流转超过 {MOST:,} 笔，请减少一次追踪的款项。"
        raise TraceError(msg, zh=zh)
    lots = _grown(book.lots, used, used + wanted, MOST)
    queues = _grown(book.queues, seated, seated + wanted)
    return book._replace(
        lots=lots,
        queues=queues,
        # A rule never writes more pieces than there are lots and clean sums; what
        # it wrote for one transfer is of no use for the next.
        pieces=_grown(book.pieces, 0, len(lots) + len(queues)),
        shares=_grown(book.shares, 0, len(queues)),
        rests=_grown(book.rests, 0, len(queues)),
        movements=_grown(book.movements, moved, moved + wanted, MOST),
        left=_grown(book.left, stayed, stayed + used + 2 * wanted),
    )


def _grown(array: Any, used: int, needed: int, most: int | None = None) -> Any:
    # Doubling keeps the work of growing in proportion to what is written; memory
    # that is not written to costs nothing.
    if needed <= len(array):
        return array
    room = max(needed, 2 * len(array))
    larger = np.empty(room if most is None else min(room, most), array.dtype)
    larger[:used] = array[:used]
    return larger


@compiled
def put(book: Any, queue: int, money: Money, now: int) -> None:
    """Put a lot at the end of a queue; clean money joins clean money."""
    lots, queues, counts = book.lots, book.queues, book.counts
    last = queues[queue].last
    if money.owner == CLEAN:
        if last == NONE:
            queues[queue].clean += money.fen
            return
        if lots[last].owner == CLEAN:
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
    link(queues, queue, lots, lot)


@compiled
def draw(book: Any, piece: Any) -> Money:
    """Take a piece out of its queue, and return whose money it is."""
    lots, queues = book.lots, book.queues
    queue, lot, fen = piece.queue, piece.lot, piece.fen
    if lot == NONE:
        queues[queue].clean -= fen
        return Money(CLEAN, fen, NONE)
    money = _money(book, lot, fen)
    lots[lot].fen -= fen
    if lots[lot].fen == 0:
        _free(book, queue, lot)
    return money


@compiled
def _free(book: Any, queue: int, lot: int) -> None:
    unlink(book.queues, queue, book.lots, lot)
    book.lots[lot].after = book.counts[FREE]
    book.counts[FREE] = lot


@compiled
def link(queues: Any, queue: int, nodes: Any, node: int) -> None:
    """Put a lot, or a seat, at the end of its queue."""
    last = queues[queue].last
    nodes[node].before = last
    nodes[node].after = NONE
    if last == NONE:
        queues[queue].first = node
    else:
        nodes[last].after = node
    queues[queue].last = node


@compiled
def unlink(queues: Any, queue: int, nodes: Any, node: int) -> None:
    """Take a lot, or a seat, out of its queue, wherever it stands."""
    before, after = nodes[node].before, nodes[node].after
    if before == NONE:
        queues[queue].first = after
    else:
        nodes[before].after = after
    if after == NONE:
        queues[queue].last = before
    else:
        nodes[after].before = before


@compiled
def pick(book: Any, queue: int, fen: int, count: int, newest: bool) -> tuple[int, int]:
    """
    Choose lots worth at most so much, the newest first or the oldest, after `count` pieces.

    Returns
    -------
    count, rest
        How many pieces there are then, and what the lots were not enough for.
    """
    pieces, lots, ends = book.pieces, book.lots, book.queues[queue]
    lot = ends.last if newest else ends.first
    while lot != NONE and fen > 0:
        part = min(lots[lot].fen, fen)
        pieces[count].queue = queue
        pieces[count].lot = lot
        pieces[count].fen = part
        count += 1
        fen -= part
        lot = WIDE(lots[lot].before if newest else lots[lot].after)
    return count, fen


@compiled
def pick_clean(book: Any, queue: int, fen: int, count: int) -> tuple[int, int]:
    """Choose the clean money at the front of a queue; see `pick`."""
    part = min(book.queues[queue].clean, fen)
    if part > 0:
        book.pieces[count].queue = queue
        book.pieces[count].lot = NONE
        book.pieces[count].fen = part
        count += 1
    return count, fen - part


@compiled
def fold(book: Any, queue: int) -> None:
    """Let a clean lot that has come to the front join the clean money there."""
    first = book.queues[queue].first
    if first != NONE and book.lots[first].owner == CLEAN:
        book.queues[queue].clean += book.lots[first].fen
        _free(book, queue, first)


@compiled
def stay(book: Any, account: int, money: Money, kind: int) -> None:
    """Write down victims' money that goes no further."""
    left, row = book.left, book.counts[STAYED]
    book.counts[STAYED] += 1
    left[row].account = account
    left[row].victim = money.owner
    left[row].movement = money.movement
    left[row].fen = money.fen
    left[row].kind = kind


@compiled
def settle(book: Any, account: int, queue: int, oldest: int) -> None:
    """Turn every lot that arrived before `oldest` into clean money at the front."""
    # Lots lie in the order of their arrival, so that the walk ends at the first young one.
    lots, queues = book.lots, book.queues
    lot = queues[queue].first
    while lot != NONE and lots[lot].arrival < oldest:
        if lots[lot].owner != CLEAN:
            stay(book, account, _money(book, lot, book.lots[lot].fen), SETTLED)
        queues[queue].clean += lots[lot].fen
        after = WIDE(lots[lot].after)
        _free(book, queue, lot)
        lot = after
    fold(book, queue)


@compiled
def keep(book: Any, account: int, queue: int) -> None:
    """Write down all victims' money that a queue still holds."""
    lot = book.queues[queue].first
    while lot != NONE:
        if book.lots[lot].owner != CLEAN:
            stay(book, account, _money(book, lot, book.lots[lot].fen), HELD)
        lot = WIDE(book.lots[lot].after)


@compiled
def _money(book: Any, lot: int, fen: int) -> Money:
    return Money(WIDE(book.lots[lot].owner), fen, WIDE(book.lots[lot].movement))
