"""What each shipped statement says: one record for each side of a transfer that shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from random import Random

from tracer.simulate.people import Account
from tracer.simulate.world import Transfer

_BY_NUMBER = 0.25
_NAMELESS = 0.05


@dataclass(frozen=True)
class Record:
    """One row of one statement, before a layout turns it into cells."""

    own: Account
    """Whose statement it is."""
    other: Account
    """The true counterparty."""
    incoming: bool
    """Whether money came in."""
    time: datetime
    """When this side booked it."""
    fen: int
    """The amount in fen."""
    balance: int
    """The balance after it, in fen."""
    serial: str
    """交易流水号."""
    shown: str
    """The counterparty's number as this statement gives it."""
    name: str
    """The counterparty's name as this statement gives it."""
    transfer: Transfer
    """The transfer that it tells of."""

    @property
    def crossing(self) -> bool:
        """Whether it is the bank's or the platform's side of a crossing."""
        return bool(self.transfer.link)

    @property
    def failed(self) -> bool:
        """Whether nothing moved."""
        return self.transfer.status == "failed"


def records(
    transfers: Iterable[Transfer], clearing: dict[str, Account], *, seed: int
) -> dict[str, list[Record]]:
    """
    Tell every transfer as the shipped statements tell it.

    Parameters
    ----------
    transfers
        In the order in which they happened.
    clearing
        Platform to the clearing account that banks show in its place.
    seed
        What decides where a statement gives an account number for a card, or
        no name.

    Returns
    -------
    dict
        Account key to that account's records, in order.
    """
    chance = Random(seed)  # noqa: S311
    found: dict[str, list[Record]] = {}
    for transfer in transfers:
        if transfer.payer_shown:
            record = _record(transfer, clearing, chance, incoming=False)
            found.setdefault(transfer.payer.key, []).append(record)
        if transfer.payee_shown:
            record = _record(transfer, clearing, chance, incoming=True)
            found.setdefault(transfer.payee.key, []).append(record)
    return found


def _record(
    transfer: Transfer, clearing: dict[str, Account], chance: Random, *, incoming: bool
) -> Record:
    own, other = transfer.payer, transfer.payee
    time, balance, serial = transfer.time, transfer.payer_balance, transfer.payer_serial
    if incoming:
        own, other = other, own
        time, balance, serial = transfer.arrival, transfer.payee_balance, transfer.payee_serial
    face = clearing[other.platform] if own.bank and other.platform else other
    shown, name = _face(face, chance)
    return Record(own, other, incoming, time, transfer.fen, balance, serial, shown, name, transfer)


def _face(account: Account, chance: Random) -> tuple[str, str]:
    name = account.holder.name
    by_number, nameless = chance.random() < _BY_NUMBER, chance.random() < _NAMELESS
    if account.kind == "clearing":
        return account.number, name
    if not account.bank:
        return "", name
    # An account number is shown only where the files tell whose card belongs to it.
    shown = account.number if by_number and account.answered else account.card or account.number
    return shown, "" if nameless else name
