"""One compiled pass over the transfers, in the order in which they are taken."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tracer.money import LARGEST_FEN
from tracer.tracing import lots, owners
from tracer.tracing.basis import Basis
from tracer.tracing.lots import (
    CLEAN,
    EXIT,
    MOVED,
    NONE,
    STAYED,
    Book,
    Ledger,
    Money,
    compiled,
)
from tracer.tracing.rules import clean_first, fifo, lifo, pro_rata, tainted_first

# A rule is a small number in compiled code.
RULES = {"fifo": 0, "lifo": 1, "pro_rata": 2, "tainted_first": 3, "clean_first": 4}
FIFO, LIFO, PRO_RATA, TAINTED_FIRST, CLEAN_FIRST = range(5)


class Swept(NamedTuple):
    """What a sweep wrote."""

    movements: npt.NDArray[Any]
    """`lots.MOVEMENT`, in the order in which they were made; a parent is a position among them."""
    left: npt.NDArray[Any]
    """`lots.LEFT`: the victims' money that went no further."""
    short: npt.NDArray[np.int64]
    """Shape (accounts,), fen: what each paid out, once reached, and was not known to have."""


def sweep(
    ledger: Ledger,
    exits: npt.NDArray[np.bool_],
    opening: npt.NDArray[np.int64],
    *,
    rule: str,
    within: int | None,
) -> Swept:
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
        One of `RULES`.
    within
        The longest stay in microseconds, if there is one.
    """
    book = _written(ledger, exits, opening, RULES[rule], NONE if within is None else within)
    _keep(book, RULES[rule])
    _number_hops(book)
    counts = book.counts
    return Swept(book.movements[: counts[MOVED]], book.left[: counts[STAYED]], book.short)


def offered(basis: Basis, place: int, *, rule: str, within: int | None) -> npt.NDArray[Any]:
    """
    Tell what the payer of a transfer had before it, and what of it the rule took.

    Parameters
    ----------
    basis
        What was swept.
    place
        Of the transfer in the order taken: one that carries victims' money and is no seed.
    rule, within
        As `sweep` takes them.

    Returns
    -------
    numpy.ndarray
        `lots.OFFER`, the lots in the order in which the rule takes them. The
        movement that brought each of them is NONE where the money is clean.
    """
    ledger, longest = basis.ledger, NONE if within is None else within
    before = Ledger(*(column[:place] for column in ledger))
    book = _written(before, basis.exits, basis.opening, RULES[rule], longest)
    payer = int(ledger.payer[place])
    if within is not None:
        _settle(book, RULES[rule], payer, int(ledger.when[place]) - within)
    pieces = book.pieces[: _take(book, RULES[rule], payer, LARGEST_FEN)].copy()
    chosen = book.pieces[: _take(book, RULES[rule], payer, int(ledger.fen[place]))]
    # Each lot, and clean money, gives one piece at most.
    given = dict(zip(chosen["lot"].tolist(), chosen["fen"].tolist(), strict=True))
    taken = np.array([given.get(lot, 0) for lot in pieces["lot"].tolist()], np.int64)
    return _offers(book, pieces, taken)


def _offers(book: Book, pieces: Any, taken: Any) -> npt.NDArray[Any]:
    found = np.zeros(len(pieces), lots.OFFER)
    found["fen"], found["taken"] = pieces["fen"], taken
    found["owner"], found["movement"] = CLEAN, NONE
    some = pieces["lot"] != NONE
    held = book.lots[pieces["lot"][some]]
    found["owner"][some], found["movement"][some] = held["owner"], held["movement"]
    return found


def _written(ledger: Ledger, exits: Any, opening: Any, rule: int, within: int) -> Book:
    victims = int(ledger.seed.max(initial=NONE)) + 1
    book = lots.book(opening, exits, victims)
    # Compiled code runs while the book has room; it is fast because no array
    # changes under it.
    start = 0
    while (start := _run(book, ledger, rule, within, start)) < len(ledger.fen):
        book = lots.roomy(book)
    return book


class _Deal(NamedTuple):
    """The transfer at hand."""

    place: int
    payer: int
    payee: int
    fen: int
    now: int


@compiled
def _run(book: Any, ledger: Any, rule: int, within: int, start: int) -> int:
    # Returns the transfer that found no room, which has changed nothing yet.
    for t in range(start, ledger.fen.size):
        seed, fen, payer, payee = ledger.seed[t], ledger.fen[t], ledger.payer[t], ledger.payee[t]
        if seed == NONE and _passed(book, payer, payee, fen):
            continue
        deal = _Deal(t, payer, payee, fen, ledger.when[t])
        if lots.crowded(book, 0):
            return t
        if within != NONE:
            _settle(book, rule, deal.payer, deal.now - within)
            _settle(book, rule, deal.payee, deal.now - within)
        if seed != NONE:
            money = _move(book, t, Money(seed, fen, NONE))
            _arrive(book, rule, deal.payee, money, deal.now)
        elif book.exits[deal.payer]:
            _arrive(book, rule, deal.payee, Money(CLEAN, fen, NONE), deal.now)
        elif _plain(book, rule, deal.payer, fen):
            _spend(book, deal.payer, fen)
            _arrive(book, rule, deal.payee, Money(CLEAN, fen, NONE), deal.now)
        else:
            count = _take(book, rule, deal.payer, fen)
            if lots.crowded(book, count):
                return t
            _carry(book, rule, deal, count)
    return ledger.fen.size  # type: ignore[no-any-return]


@compiled
def _settle(book: Any, rule: int, account: int, oldest: int) -> None:
    if book.exits[account]:
        return
    if rule == PRO_RATA:
        owners.settle(book, account, oldest)
    else:
        lots.settle(book, account, account, oldest)


@compiled
def _passed(book: Any, payer: int, payee: int, fen: int) -> bool:
    # Most transfers of a ledger meet no victims' money, and only change two sums.
    if not (_unmixed(book, payer) and _unmixed(book, payee)):
        return False
    if not book.exits[payer]:
        _spend(book, payer, fen)
    if not book.exits[payee]:
        book.queues[payee].clean += fen
    return True


@compiled
def _unmixed(book: Any, account: int) -> Any:
    return book.exits[account] or book.queues[account].first == NONE


@compiled
def _plain(book: Any, rule: int, account: int, fen: int) -> bool:
    # A payment of clean money only needs no lots.
    if book.queues[account].first == NONE:
        return True
    ahead = rule in (FIFO, CLEAN_FIRST)
    return ahead and book.queues[account].clean >= fen


@compiled
def _spend(book: Any, account: int, fen: int) -> None:
    paid = min(book.queues[account].clean, fen)
    book.queues[account].clean -= paid
    if book.reached[account]:
        book.short[account] += fen - paid


@compiled
def _take(book: Any, rule: int, account: int, fen: int) -> int:
    # One branch for each rule: a call through a table could not be cached.
    if rule == FIFO:
        return fifo.take(book, account, fen)
    if rule == LIFO:
        return lifo.take(book, account, fen)
    if rule == PRO_RATA:
        return pro_rata.take(book, account, fen)
    if rule == TAINTED_FIRST:
        return tainted_first.take(book, account, fen)
    return clean_first.take(book, account, fen)


@compiled
def _carry(book: Any, rule: int, deal: _Deal, count: int) -> None:
    # What the payer was not known to have is clean money of unknown source.
    rest = deal.fen
    if rule == PRO_RATA:
        owners.note(book, deal.payee)
    for place in range(count):
        money = _draw(book, rule, deal.payer, book.pieces[place])
        rest -= money.fen
        if money.owner != CLEAN:
            money = _move(book, deal.place, money)
        _arrive(book, rule, deal.payee, money, deal.now)
    if rule == PRO_RATA:
        owners.forget(book, deal.payee)
        owners.fold(book, deal.payer)
    else:
        lots.fold(book, deal.payer)
    if rest > 0:
        book.short[deal.payer] += rest
        _arrive(book, rule, deal.payee, Money(CLEAN, rest, NONE), deal.now)


@compiled
def _draw(book: Any, rule: int, account: int, piece: Any) -> Money:
    if rule == PRO_RATA:
        return owners.draw(book, account, piece)
    return lots.draw(book, piece)


@compiled
def _move(book: Any, transfer: int, money: Money) -> Money:
    # Returns the money as brought by the movement that is written here.
    movements, row, parent = book.movements, book.counts[MOVED], money.movement
    book.counts[MOVED] += 1
    movements[row].transfer = transfer
    movements[row].victim = money.owner
    movements[row].fen = money.fen
    movements[row].parent = parent
    return Money(money.owner, money.fen, row)


@compiled
def _arrive(book: Any, rule: int, account: int, money: Money, now: int) -> None:
    if book.exits[account]:
        if money.owner != CLEAN:
            lots.stay(book, account, money, EXIT)
        return
    if money.owner != CLEAN:
        book.reached[account] = True
    if rule == PRO_RATA:
        owners.put(book, account, money, now)
    elif money.owner == CLEAN and rule in (TAINTED_FIRST, CLEAN_FIRST):
        # Where clean money goes first, or last, its place among lots means nothing.
        book.queues[account].clean += money.fen
    else:
        lots.put(book, account, money, now)


@compiled
def _keep(book: Any, rule: int) -> None:
    for account in range(book.reached.size):
        if rule == PRO_RATA:
            owners.keep(book, account)
        else:
            lots.keep(book, account, account)


@compiled
def _number_hops(book: Any) -> None:
    # A parent lies anywhere in memory; the sweep need not wait for it.
    movements = book.movements
    for row in range(book.counts[MOVED]):
        parent = movements[row].parent
        movements[row].hop = 1 if parent == NONE else movements[parent].hop + 1
