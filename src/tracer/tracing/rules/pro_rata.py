"""Every owner's money leaves an account in proportion to what each has there at that moment."""

from __future__ import annotations

from typing import Any

import numpy as np

from tracer.tracing.lots import NONE, compiled, pick, pick_clean


@compiled
def take(book: Any, account: int, fen: int) -> int:
    """
    Choose the lots that a payment is made of; see `fifo.take`.

    Every owner gives its fen times the payment over all fen of the account,
    rounded down; what is missing is given by the owners with the largest
    remainders, among equal ones by those that came first. An owner's own lots
    go oldest first. Clean money is one owner.

    Notes
    -----
    The rolling charge: Barlow Clowes International v Vaughan [1992] 4 All ER
    22, and Re Ontario Securities Commission and Greymac Credit Corp (1986) 55
    OR (2d) 673. 银监发〔2016〕41号 第八条 returns by proportion as well where
    time stamps lead to nobody.
    """
    shares, written = book.shares, 0
    for place in range(_share(book, account, fen)):
        # An owner's seat holds lots, oldest first, or clean money.
        seat, part = shares[place].queue, shares[place].fen
        written, part = pick_clean(book, seat, part, written)
        written, _ = pick(book, seat, part, written, False)
    return written


@compiled
def _share(book: Any, account: int, fen: int) -> int:
    # Returns how many owners there are, and writes what each of them gives.
    queues, shares, whole = book.queues, book.shares, book.queues[account].fen
    seat, count, left = queues[account].first, 0, min(fen, whole)
    pays = left
    while seat != NONE:
        given, rest = divided(queues[seat].fen, pays, whole)
        shares[count].queue = seat
        shares[count].fen = given
        shares[count].rest = rest
        left -= given
        count += 1
        seat = queues[seat].after
    if left > 0:
        _round(book, count, left)
    return count


@compiled
def _round(book: Any, count: int, left: int) -> None:
    # The fen that are left go to the largest remainders, among equals from the front.
    shares = book.shares
    least = _largest(book, count, left)
    for place in range(count):
        if shares[place].rest > least:
            shares[place].fen += 1
            left -= 1
    for place in range(count):
        if left > 0 and shares[place].rest == least:
            shares[place].fen += 1
            left -= 1


@compiled
def _largest(book: Any, count: int, wanted: int) -> int:
    # Hoare's selection of the remainder that is the `wanted` largest.
    rests, low, high, target = book.rests, 0, count - 1, wanted - 1
    for place in range(count):
        rests[place] = book.shares[place].rest
    while low < high:
        pivot, i, j = rests[(low + high) // 2], low, high
        while i <= j:
            while rests[i] > pivot:
                i += 1
            while rests[j] < pivot:
                j -= 1
            if i <= j:
                rests[i], rests[j] = rests[j], rests[i]
                i += 1
                j -= 1
        if target <= j:
            high = j
        elif target >= i:
            low = i
        else:
            break
    return rests[target]  # type: ignore[no-any-return]


@compiled
def divided(part: int, pays: int, whole: int) -> tuple[int, int]:
    """
    Return part × pays divided by whole, and the remainder, exact beyond 64 bits.

    Parameters
    ----------
    part, pays
        Fen, at least 0 and at most `whole`.
    whole
        Fen, more than 0.

    Examples
    --------
    >>> divided(2**62, 2**62 - 1, 2**62 + 1) == divmod(2**62 * (2**62 - 1), 2**62 + 1)
    True
    """
    if (part | pays) >> 31 == 0:
        product = part * pays
        return product // whole, product % whole
    # Long multiplication in base 2: at each step quotient and rest are those of
    # the leading bits, and twice a rest still fits where signs take no bit.
    factor, divisor = np.uint64(pays), np.uint64(whole)
    quotient, rest = 0, np.uint64(0)
    for bit in range(62, -1, -1):
        quotient *= 2
        rest += rest
        if rest >= divisor:
            rest -= divisor
            quotient += 1
        if part >> bit & 1:
            rest += factor
            if rest >= divisor:
                rest -= divisor
                quotient += 1
    return quotient, np.int64(rest)  # type: ignore[return-value]
