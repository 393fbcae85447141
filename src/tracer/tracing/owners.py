"""Every owner's seat in an account, for the rule that asks how much each of them has there."""

from __future__ import annotations

from typing import Any

from tracer.tracing import lots
from tracer.tracing.lots import CLEAN, NONE, NOTED, SEATED, VACANT, Money, compiled

# An account that holds clean money only has no seats: its own queue says how
# much. Otherwise `first` and `last` of its queue are the seats of the owners
# who came first and last, `seat` is that of clean money, and `fen` is all that
# the account holds. A seat is a queue of its own, of its owner's lots.


@compiled
def put(book: Any, account: int, money: Money, now: int) -> None:
    """Put a lot at the end of its owner's seat."""
    queues = book.queues
    if queues[account].first == NONE:
        if money.owner == CLEAN:
            queues[account].clean += money.fen
            return
        _sit(book, account)
    seat = _find(book, account, money.owner)
    if seat == NONE:
        seat = _take(book, account, money.owner)
    lots.put(book, seat, money, now)
    queues[seat].fen += money.fen
    queues[account].fen += money.fen


@compiled
def note(book: Any, account: int) -> None:
    """Note who sits where in an account, so that nobody is looked for twice."""
    _mark(book, account, True)
    book.counts[NOTED] = account


@compiled
def forget(book: Any, account: int) -> None:
    """Throw away what was noted of an account."""
    _mark(book, account, False)
    book.counts[NOTED] = NONE


@compiled
def _mark(book: Any, account: int, present: bool) -> None:
    seat = book.queues[account].first
    while seat != NONE:
        owner = book.queues[seat].owner
        if owner != CLEAN:
            book.seats[owner] = seat if present else NONE
        seat = book.queues[seat].after


@compiled
def draw(book: Any, account: int, piece: Any) -> Money:
    """Take a piece out of its seat, and the seat away when nothing is left on it."""
    money = lots.draw(book, piece)
    seat = piece.queue
    if seat != account:
        book.queues[seat].fen -= money.fen
        book.queues[account].fen -= money.fen
        if book.queues[seat].fen == 0:
            _leave(book, account, seat)
    return money


@compiled
def fold(book: Any, account: int) -> None:
    """Take the seat of clean money away where no other owner is left."""
    queues = book.queues
    seat = queues[account].first
    if seat != NONE and seat == queues[account].last and queues[seat].owner == CLEAN:
        queues[account].clean = queues[seat].clean
        _leave(book, account, seat)


@compiled
def settle(book: Any, account: int, oldest: int) -> None:
    """Turn every lot that arrived before `oldest` clean; clean money then came first of all."""
    queues, settled = book.queues, 0
    seat = queues[account].first
    while seat != NONE:
        after = queues[seat].after
        if queues[seat].owner != CLEAN:
            lots.settle(book, account, seat, oldest)
            settled += queues[seat].clean
            queues[seat].fen -= queues[seat].clean
            queues[seat].clean = 0
            if queues[seat].fen == 0:
                _leave(book, account, seat)
        seat = after
    if settled > 0:
        _lead(book, account, settled)
        fold(book, account)


@compiled
def keep(book: Any, account: int) -> None:
    """Write down all victims' money that an account still holds."""
    seat = book.queues[account].first
    while seat != NONE:
        lots.keep(book, account, seat)
        seat = book.queues[seat].after


@compiled
def _find(book: Any, account: int, owner: int) -> Any:
    queues = book.queues
    if owner == CLEAN:
        return queues[account].seat
    if book.counts[NOTED] == account:
        return book.seats[owner]
    seat = queues[account].first
    while seat != NONE and queues[seat].owner != owner:
        seat = queues[seat].after
    return seat


@compiled
def _sit(book: Any, account: int) -> None:
    # The first victim comes: clean money that is there was there before.
    queues = book.queues
    clean = queues[account].clean
    queues[account].fen = clean
    queues[account].clean = 0
    if clean > 0:
        seat = _take(book, account, CLEAN)
        queues[seat].clean = clean
        queues[seat].fen = clean


@compiled
def _lead(book: Any, account: int, settled: int) -> None:
    queues = book.queues
    clean, seat = settled, queues[account].seat
    if seat != NONE:
        clean += queues[seat].clean
        _leave(book, account, seat)
    seat = _vacant(book, CLEAN)
    queues[seat].clean = clean
    queues[seat].fen = clean
    first = queues[account].first
    queues[seat].after = first
    queues[account].first = seat
    queues[account].seat = seat
    if first == NONE:
        queues[account].last = seat
    else:
        queues[first].before = seat


@compiled
def _take(book: Any, account: int, owner: int) -> Any:
    seat = _vacant(book, owner)
    lots.link(book.queues, account, book.queues, seat)
    if owner == CLEAN:
        book.queues[account].seat = seat
    elif book.counts[NOTED] == account:
        book.seats[owner] = seat
    return seat


@compiled
def _vacant(book: Any, owner: int) -> Any:
    queues, counts = book.queues, book.counts
    seat = counts[VACANT]
    if seat == NONE:
        seat = counts[SEATED]
        counts[SEATED] += 1
    else:
        counts[VACANT] = queues[seat].after
    queues[seat].first = NONE
    queues[seat].last = NONE
    queues[seat].clean = 0
    queues[seat].seat = NONE
    queues[seat].owner = owner
    queues[seat].fen = 0
    queues[seat].before = NONE
    queues[seat].after = NONE
    return seat


@compiled
def _leave(book: Any, account: int, seat: int) -> None:
    queues = book.queues
    lots.unlink(queues, account, queues, seat)
    if queues[seat].owner == CLEAN:
        queues[account].seat = NONE
    queues[seat].after = book.counts[VACANT]
    book.counts[VACANT] = seat
