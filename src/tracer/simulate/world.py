"""A small world of accounts in which money moves event by event and never from nothing."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from random import Random

from tracer.simulate.people import Account

BEGIN = datetime(2024, 5, 20)
END = datetime(2024, 6, 20, 12)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Transfer:
    """One true movement of money, with what either side's statement says of it."""

    time: datetime
    """The payer's record, or the payee's where the payer has no statement."""
    arrival: datetime
    """The payee's record: up to 20 seconds later, and before the payee spends the money."""
    payer: Account
    """Who paid."""
    payee: Account
    """Who was paid."""
    fen: int
    """The amount in fen."""
    status: str
    """ok, failed or reversed."""
    kind: str
    """Why it happened: seed, pass, crossing, rebate, own, background …"""
    summary: str
    """摘要."""
    remark: str
    """备注."""
    payer_serial: str
    """交易流水号 in the payer's statement."""
    payee_serial: str
    """交易流水号 in the payee's statement."""
    link: str
    """The number that a bank and a platform share for one crossing."""
    payer_balance: int
    """The payer's balance after it, in fen."""
    payee_balance: int
    """The payee's balance after it, in fen."""
    payer_shown: bool
    """Whether the payer's statement is shipped and has it."""
    payee_shown: bool
    """Whether the payee's statement is shipped and has it."""


class World:
    """The clock, the balances and the list of all transfers so far."""

    def __init__(self, seed: int) -> None:
        # The same seed must give the same case everywhere; nothing here is a secret.
        self.chance = Random(seed)  # noqa: S311
        self.now = BEGIN
        self.opening: dict[str, int] = {}
        self.balance: dict[str, int] = {}
        self.pending: dict[str, int] = {}
        self.transfers: list[Transfer] = []
        self._busy: dict[str, datetime] = {}
        self._queue: list[tuple[datetime, int, Callable[[], object]]] = []
        self._order = count()
        self._serial = count(1)

    def open(self, account: Account, fen: int) -> None:
        """Give an account its opening balance, in fen."""
        self.opening[account.key] = self.balance[account.key] = fen

    def at(self, time: datetime, action: Callable[[], object]) -> None:
        """Plan an action."""
        heapq.heappush(self._queue, (time, next(self._order), action))

    def later(self, low: float, high: float, action: Callable[[], object]) -> None:
        """Plan an action between `low` and `high` minutes from now."""
        wait = self.chance.randrange(int(low * 60), int(high * 60) + 1)
        self.at(self.now + wait * SECOND, action)

    def run(self) -> None:
        """Take all actions in the order of time until the story ends."""
        while self._queue and self._queue[0][0] <= END:
            self.now, _, action = heapq.heappop(self._queue)
            action()

    def pay(
        self,
        payer: Account,
        payee: Account,
        fen: int,
        *,
        kind: str,
        summary: str = "转账",
        remark: str = "",
        status: str = "ok",
        twin: Transfer | None = None,
        undoes: Transfer | None = None,
    ) -> Transfer | None:
        """
        Move money, if the payer has it.

        Parameters
        ----------
        payer, payee
            The two accounts. One that has no statement can always pay.
        fen
            The amount in fen.
        kind, summary, remark
            Why it happens, and what statements say of it.
        status
            A failed transfer moves nothing. A reversed one, and the row that
            `undoes` it, are known to the first payer's bank alone.
        twin
            An equal transfer in whose very second this one happens.
        undoes
            The reversed transfer that this one gives back.

        Returns
        -------
        Transfer or None
            None where the payer's balance was too small.
        """
        if not undoes and self.balance.get(payer.key, fen) < fen:
            return None
        time, arrival = (twin.time, twin.arrival) if twin else self._moment(payer, payee)
        payer_shown = payer.covered and not undoes
        payee_shown = bool(undoes) or (payee.covered and status == "ok")
        if status != "failed":
            self._move(payer, -fen, moved=payer_shown)
            self._move(payee, fen, moved=payee_shown)
        link, serials = self._numbers(payer, payee)
        transfer = Transfer(
            time,
            arrival if payer_shown and payee_shown else time,
            payer,
            payee,
            fen,
            status,
            kind,
            summary,
            remark,
            serials[0],
            undoes.payer_serial if undoes else serials[1],
            link,
            self.balance.get(payer.key, 0),
            self.balance.get(payee.key, 0),
            payer_shown,
            payee_shown,
        )
        self.transfers.append(transfer)
        return transfer

    def _move(self, account: Account, fen: int, *, moved: bool) -> None:
        if moved:
            self.balance[account.key] += fen

    def _moment(self, payer: Account, payee: Account) -> tuple[datetime, datetime]:
        # An account does one thing per second, so that the order of its rows is never in doubt.
        free = (self._busy.get(account.key, BEGIN) + SECOND for account in (payer, payee))
        time = max(self.now, *free)
        arrival = time
        if payer.covered and payee.covered:
            arrival += self.chance.randrange(21) * SECOND
        self._busy[payer.key] = time
        self._busy[payee.key] = arrival
        return time, arrival

    def _numbers(self, payer: Account, payee: Account) -> tuple[str, tuple[str, str]]:
        n = next(self._serial)
        day = f"{self.now:%Y%m%d}"
        crosses = {payer.kind, payee.kind} == {"bank", "payment"}
        link = f"{day}00000000000000{n:09d}" if crosses else ""
        ours, theirs = (
            link if link and account.bank else f"{_house(account)}{day}{n:08d}"
            for account in (payer, payee)
        )
        return link, (ours, theirs)


def _house(account: Account) -> str:
    if account.bank:
        return account.bank.code
    return {"tenpay": "10000", "alipay": "20000"}.get(account.platform, "00")
