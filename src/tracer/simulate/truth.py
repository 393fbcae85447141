"""The known truth of the case: every transfer, every seed, and where the victims' money ended."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from tracer.simulate.people import Account
from tracer.simulate.world import Transfer

_EXITS = {"cash", "merchant", "exchange", "clearing"}


@dataclass(frozen=True)
class Lot:
    """Money that lies in one account in one piece."""

    owner: str
    """The victim whose money it is; ``""`` for clean money."""
    fen: int
    """The amount in fen."""
    hop: int
    """How many transfers it has made since the victim had it."""


@dataclass(frozen=True)
class Ends:
    """Where each victim's money ended under first in, first out."""

    fen: dict[tuple[str, str, str], int]
    """(victim, account, held or exit or returned) to fen."""
    levels: dict[str, int]
    """Account to its level, for every account that victims' money reached, but for their own."""


def settle(transfers: Iterable[Transfer], seeds: dict[int, str], opening: dict[str, int]) -> Ends:
    """
    Follow the seeds through the true transfers, oldest lot first.

    This is the slow and plain way, written apart from `tracer.tracing` so
    that the one can be held against the other.

    Parameters
    ----------
    transfers
        In the order of time.
    seeds
        The identity (``id``) of a seed transfer to its victim.
    opening
        Account to its opening balance in fen: clean, and spent first.

    Returns
    -------
    Ends
        For each victim, the amounts add up to the seeds.
    """
    moved = [transfer for transfer in transfers if transfer.status == "ok"]
    homes = {t.payer.key: seeds[id(t)] for t in moved if id(t) in seeds}
    queues = {key: deque([Lot("", fen, 0)]) for key, fen in opening.items()}
    ends = Ends({}, {})
    for transfer in moved:
        payer, payee = transfer.payer, transfer.payee
        if id(transfer) in seeds:
            lots = [Lot(seeds[id(transfer)], transfer.fen, 0)]
        elif payer.kind in _EXITS or payer.key in homes:
            lots = [Lot("", transfer.fen, 0)]
        else:
            lots = _take(queues.setdefault(payer.key, deque()), transfer.fen)
        _put(ends, queues.setdefault(payee.key, deque()), payee, lots, homes)
    for key, queue in queues.items():
        for lot in queue:
            _end(ends, lot, key, "held")
    return ends


def _take(queue: deque[Lot], fen: int) -> list[Lot]:
    taken = []
    while fen and queue:
        lot = queue.popleft()
        part = min(fen, lot.fen)
        taken.append(Lot(lot.owner, part, lot.hop))
        if lot.fen > part:
            queue.appendleft(Lot(lot.owner, lot.fen - part, lot.hop))
        fen -= part
    # What the payer is not known to have is clean money of unknown source.
    return [*taken, Lot("", fen, 0)] if fen else taken


def _put(
    ends: Ends, queue: deque[Lot], payee: Account, lots: list[Lot], homes: dict[str, str]
) -> None:
    for lot in lots:
        moved = Lot(lot.owner, lot.fen, lot.hop + 1)
        if lot.owner and payee.key not in homes:
            known = ends.levels.get(payee.key, moved.hop)
            ends.levels[payee.key] = min(known, moved.hop)
        if payee.key in homes:
            _end(ends, moved, payee.key, "returned" if homes[payee.key] == lot.owner else "exit")
        elif payee.kind in _EXITS:
            _end(ends, moved, payee.key, "exit")
        else:
            queue.append(moved)


def _end(ends: Ends, lot: Lot, account: str, kind: str) -> None:
    if lot.owner:
        place = (lot.owner, account, kind)
        ends.fen[place] = ends.fen.get(place, 0) + lot.fen


def transfer_rows(transfers: Iterable[Transfer]) -> list[list[str]]:
    """
    Return the rows of transfers.csv.

    Parameters
    ----------
    transfers
        In the order of time.
    """
    rows = [["time", "payer", "payee", "fen", "status", "kind", "seen"]]
    for t in transfers:
        seen = str(int(t.payer_shown) + int(t.payee_shown))
        time = f"{t.time:%Y-%m-%d %H:%M:%S}"
        rows.append([time, t.payer.key, t.payee.key, str(t.fen), t.status, t.kind, seen])
    return rows


def end_rows(ends: Ends) -> list[list[str]]:
    """
    Return the rows of ends.csv.

    Parameters
    ----------
    ends
        What `settle` returned.
    """
    rows = [[*place[:2], str(fen), place[2]] for place, fen in sorted(ends.fen.items())]
    return [["victim", "account", "fen", "kind"], *rows]


def account_rows(accounts: Iterable[Account], levels: dict[str, int]) -> list[list[str]]:
    """
    Return the rows of accounts.csv.

    Parameters
    ----------
    accounts
        Every account of the case.
    levels
        Account to level; 0 is written for the others.
    """
    rows = [["account", "aliases", "holder", "role", "level", "kind", "bank", "covered"]]
    for account in accounts:
        alias = account.number if account.answered and account.card else ""
        bank = account.bank.name if account.bank else ""
        level, covered = str(levels.get(account.key, 0)), "yes" if account.covered else "no"
        name, role, kind = account.holder.name, account.role, account.kind
        rows.append([account.key, alias, name, role, level, kind, bank, covered])
    return rows
