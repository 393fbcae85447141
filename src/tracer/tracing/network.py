"""A ledger as a network of accounts in time, in which victims' money is a flow."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from tracer.money import LARGEST_FEN
from tracer.tracing.lots import NONE, Ledger

Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# The places of the running counts in one small array.
STAGES, ARCS, SEEDS = 0, 1, 2


class Network(NamedTuple):
    """
    The stages of the accounts that victims' money can reach, and the arcs between them.

    A stage is an account while it only receives and then only pays; the next
    receipt begins its next stage. Nothing can pass a stage otherwise than its
    arcs allow: what came in is what left and what is carried on, so that the
    balance between two receipts or between two payments limits nothing. Stages
    stand in the order of their first payments, so that every arc leads up.
    """

    account: Codes
    """Shape (stages,), the code of the account."""
    room: Codes
    """Shape (stages,), fen: the balance at the end, 0 where a later stage has it."""
    first: Codes
    """Shape (stages + 1,): where the arcs out of each stage begin."""
    tail: Codes
    """Shape (arcs,), the stage that an arc leaves."""
    head: Codes
    """Shape (arcs,), the stage that it leads to."""
    fen: Codes
    """Shape (arcs,), what it carried of any money: a payment, or a balance."""
    origin: Codes
    """Shape (stages + 1,): where the arcs into each stage begin in `entry`."""
    entry: Codes
    """Shape (arcs,), the arcs by the stage that they lead to, the widest first."""
    sown: Codes
    """Shape (seeds,), the stage that each seed came into, in the order taken."""


def expand(ledger: Ledger, exits: Flags, opening: Codes) -> Network:
    """
    Return the network of a ledger.

    Parameters
    ----------
    ledger
        In the order taken.
    exits
        Shape (accounts,): where following stops; each is one stage.
    opening
        Shape (accounts,), fen.
    """
    size = len(ledger.fen)
    draft = _Draft(
        balance=opening.copy(),
        stage=np.full(len(exits), NONE),
        stages=np.empty((2, size), np.int64),
        arcs=np.empty((3, 2 * size), np.int64),
        sown=np.empty(np.count_nonzero(ledger.seed != NONE), np.int64),
        counts=np.zeros(3, np.int64),
    )
    _walk(ledger, exits, draft)
    account, paid = draft.stages[:, : draft.counts[STAGES]]
    tail, head, fen = draft.arcs[:, : draft.counts[ARCS]]

    # Number the stages by their first payment; those that never paid come last.
    order = np.argsort(paid, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))

    # Arcs out of one stage keep the order of time: what is carried on is the last.
    sort = np.argsort(rank[tail], kind="stable")
    tail, head, fen = rank[tail[sort]], rank[head[sort]], fen[sort]
    room = np.zeros(len(order), np.int64)
    last = np.flatnonzero(draft.stage != NONE)
    room[rank[draft.stage[last]]] = np.where(exits[last], LARGEST_FEN, draft.balance[last])
    return Network(
        account=account[order],
        room=room,
        first=_starts(tail, len(order)),
        tail=tail,
        head=head,
        fen=fen,
        origin=_starts(head, len(order)),
        entry=np.lexsort((-fen, head)),
        sown=rank[draft.sown],
    )


class _Draft(NamedTuple):
    """What is known at one moment: of every account, and of the network so far."""

    balance: Any
    """Shape (accounts,), fen."""
    stage: Any
    """Shape (accounts,): the stage it is in; NONE while it can hold no victims' money."""
    stages: Any
    """Shape (2, n): the account of each stage, and its first payment; n while there is none."""
    arcs: Any
    """Shape (3, 2 n): tail, head and fen of each arc."""
    sown: Any
    """Shape (seeds,), the stage that each seed came into."""
    counts: Any
    """Shape (3,): see STAGES, ARCS and SEEDS."""


@njit(cache=True)
def _walk(ledger: Any, exits: Any, draft: Any) -> None:
    for t in range(ledger.fen.size):
        giver, taker, fen = ledger.payer[t], ledger.payee[t], ledger.fen[t]
        source = NONE
        if ledger.seed[t] == NONE and not exits[giver]:
            # What the payer is not known to have is no victim's money.
            fen = min(fen, draft.balance[giver])
            draft.balance[giver] -= fen
            source = draft.stage[giver] if fen > 0 else NONE
            if source != NONE:
                draft.stages[1, source] = min(draft.stages[1, source], t)
        reached = source != NONE or ledger.seed[t] != NONE
        if exits[taker]:
            if reached and draft.stage[taker] == NONE:
                _begin(draft, taker)
        else:
            _receive(draft, taker, reached)
            draft.balance[taker] += ledger.fen[t]
        if source != NONE:
            _join(draft, source, draft.stage[taker], fen)
        elif reached:
            draft.sown[draft.counts[SEEDS]] = draft.stage[taker]
            draft.counts[SEEDS] += 1


@njit(cache=True)
def _receive(draft: Any, account: int, reached: bool) -> None:
    # A receipt after a payment begins a new stage, whoever's money it is.
    stage, balance = draft.stage[account], draft.balance[account]
    if stage != NONE and draft.stages[1, stage] == draft.stages.shape[1]:
        return
    draft.stage[account] = NONE
    carries = stage != NONE and balance > 0
    if reached or carries:
        _begin(draft, account)
    if carries:
        _join(draft, stage, draft.stage[account], balance)


@njit(cache=True)
def _begin(draft: Any, account: int) -> None:
    stage = draft.counts[STAGES]
    draft.counts[STAGES] += 1
    draft.stages[0, stage] = account
    draft.stages[1, stage] = draft.stages.shape[1]
    draft.stage[account] = stage


@njit(cache=True)
def _join(draft: Any, tail: int, head: int, fen: int) -> None:
    arc = draft.counts[ARCS]
    draft.counts[ARCS] += 1
    draft.arcs[0, arc] = tail
    draft.arcs[1, arc] = head
    draft.arcs[2, arc] = fen


def _starts(stages: Codes, size: int) -> Codes:
    return np.concatenate([[0], np.cumsum(np.bincount(stages, minlength=size))])
