"""The order in which transfers are taken, and what had to be assumed where only days are known."""

from __future__ import annotations

import heapq
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from tracer.tracing.lots import NONE, Ledger

DAY = 86_400_000_000

Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def arrange(
    ledger: Ledger, keys: tuple[Codes, ...], dated: Flags, exits: Flags
) -> tuple[Codes, Flags]:
    """
    Put transfers in the order in which they are taken.

    They are taken by time, then by the further keys. Among the transfers of
    one day of which only the date is known, an account's credits come before
    its debits; each waits for all credits of its payer, and where payments go
    round in a circle the first of those that are left is taken. Only accounts
    that victims' money can reach, and that give money back, wait: so the order
    never depends on transfers that cannot matter.

    Parameters
    ----------
    ledger
        In the order of the rows.
    keys
        What tells equal times apart, the strongest first.
    dated
        Shape (n,): only the day is known, and `when` is its first moment.
    exits
        Shape (accounts,).

    Returns
    -------
    order
        Shape (n,): the positions of the transfers, first taken first.
    assumed
        Shape (n,), in that order: payments that lie on the same day as a credit
        of their payer and cannot be compared with it, because one of the two
        has only a date.
    """
    order = _by_time(ledger.when, keys)
    if not dated.any():
        return order, np.zeros(len(order), np.bool_)
    rows, dated = Ledger(*(column[order] for column in ledger)), dated[order]

    # Find who can hold victims' money; nobody else's order matters.
    holds = _reached(rows, exits)
    waits = holds[rows.payer] & (rows.seed == NONE)

    # Put the dated transfers that can matter into the places that they have.
    matters = holds[rows.payer] | holds[rows.payee] | (rows.seed != NONE)
    places = np.flatnonzero(dated & matters)
    some = Ledger(*(column[places] for column in rows))
    chosen = places[_credits_first(some, waits[places], holds)]
    assumed = _assumed(rows, waits, holds, dated)
    order[places], assumed[places] = order[chosen], assumed[chosen]
    return order, assumed


def _by_time(when: Codes, keys: tuple[Codes, ...]) -> Codes:
    if not (np.diff(keys[0]) > 0).all():
        return np.lexsort((*reversed(keys), when))
    # A key that only grows says what the rows say already. Numpy's fastest sort
    # leaves equal times in any order; a second one of plain numbers, in which
    # the moment stands before the row, costs little and puts them right.
    order = np.argsort(when)
    later = np.diff(when[order], prepend=when[order[:1]]) != 0
    moment = np.cumsum(later) * len(when)
    taken: Codes = np.sort(moment + order) - moment
    return taken


def _assumed(rows: Ledger, waits: Flags, holds: Flags, dated: Flags) -> Flags:
    day = rows.when // DAY
    day -= day.min()
    span = int(day.max()) + 1
    paid, got = rows.payer * span + day, rows.payee * span + day
    credit = holds[rows.payee]
    unsure = np.where(dated, np.isin(paid, got[credit]), np.isin(paid, got[credit & dated]))
    return unsure & waits


@njit(cache=True)
def _reached(rows: Any, exits: Any) -> Any:
    # Transfers of one moment may turn out in any order, so that each moment is
    # searched as a whole: `waiting` chains the payments of payers not yet reached.
    payer, payee, when, seed = rows.payer, rows.payee, rows.when, rows.seed
    reached = np.zeros(exits.size, np.bool_)
    waiting = np.full(exits.size, NONE, np.int64)
    stack = np.empty(exits.size, np.int64)
    after = np.empty(payer.size, np.int64)
    start = 0
    while start < payer.size:
        stop, depth = start, 0
        while stop < payer.size and when[stop] == when[start]:
            if seed[stop] != NONE or reached[payer[stop]]:
                depth = _reach(payee[stop], reached, exits, stack, depth)
            else:
                after[stop] = waiting[payer[stop]]
                waiting[payer[stop]] = stop
            stop += 1
        while depth > 0:
            depth -= 1
            t = waiting[stack[depth]]
            while t != NONE:
                depth = _reach(payee[t], reached, exits, stack, depth)
                t = after[t]
        for t in range(start, stop):
            waiting[payer[t]] = NONE
        start = stop
    return reached


@njit(cache=True)
def _reach(account: int, reached: Any, exits: Any, stack: Any, depth: int) -> int:
    if reached[account] or exits[account]:
        return depth
    reached[account] = True
    stack[depth] = account
    return depth + 1


class _Wait(NamedTuple):
    """Who waits for whom within one day."""

    pending: Any
    """Shape (accounts,): how many credits are still to come."""
    first: Any
    """Shape (accounts,): the first payment that waits for them, or NONE."""
    after: Any
    """Shape (n,): the next payment of the same payer, or NONE."""
    done: Any
    """Shape (n,): taken already."""


@njit(cache=True)
def _credits_first(rows: Any, waits: Any, holds: Any) -> Any:
    payee, when = rows.payee, rows.when
    chosen = np.empty(payee.size, np.int64)
    wait = _Wait(
        np.zeros(holds.size, np.int64),
        np.full(holds.size, NONE, np.int64),
        np.full(payee.size, NONE, np.int64),
        np.zeros(payee.size, np.bool_),
    )
    start = 0
    while start < payee.size:
        stop = start
        while stop < payee.size and when[stop] == when[start]:
            wait.pending[payee[stop]] += holds[payee[stop]]
            stop += 1
        ready = _ready(rows, waits, wait, start, stop)
        oldest = start
        for place in range(start, stop):
            while wait.done[oldest]:
                oldest += 1
            taken = heapq.heappop(ready) if ready else oldest
            chosen[place] = taken
            wait.done[taken] = True
            account = payee[taken]
            wait.pending[account] -= holds[account]
            if holds[account] and wait.pending[account] == 0:
                _release(account, wait, ready)
        start = stop
    return chosen


@njit(cache=True)
def _ready(rows: Any, waits: Any, wait: Any, start: int, stop: int) -> Any:
    # In the order of the keys, which is the position: that is a heap already.
    ready = []
    for t in range(start, stop):
        account = rows.payer[t]
        if waits[t] and wait.pending[account] > 0:
            wait.after[t] = wait.first[account]
            wait.first[account] = t
        else:
            ready.append(t)
    return ready


@njit(cache=True)
def _release(account: int, wait: Any, ready: Any) -> None:
    t, wait.first[account] = wait.first[account], NONE
    while t != NONE:
        if not wait.done[t]:
            heapq.heappush(ready, t)
        t = wait.after[t]
