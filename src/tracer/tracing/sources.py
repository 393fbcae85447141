"""Follow money backward: whose it is that lies in an account, or that a transfer carried."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tracer.errors import AccountError, RuleError, TracerError
from tracer.tracing import given
from tracer.tracing.basis import Basis, read
from tracer.tracing.lots import NONE, Ledger, compiled
from tracer.tracing.order import arrange
from tracer.tracing.proof import prove
from tracer.tracing.sweep import RULES, Swept, sweep

Codes = npt.NDArray[np.int64]

PAYMENT, OPENING = "payment", "opening"


def sources(
    transfers: pd.DataFrame,
    account: str | None = None,
    *,
    transfer: object = None,
    at: datetime | str | None = None,
    rule: str = "fifo",
    opening: pd.Series | None = None,
    exits: Collection[str] = (),
) -> pd.DataFrame:
    """
    Tell whose money an account holds, or a transfer carried.

    Parameters
    ----------
    transfers, opening, exits
        As `follow` takes them. What comes from an exit is money of that exit;
        an exit holds all that ever came to it.
    account
        The account that is asked about; or else:
    transfer
        The transfer_id that is asked about.
    at
        The moment at which the account is looked at, all transfers of that
        moment made; the end of the data by default. Transfers of which only
        the day is known are made when it begins.
    rule
        How mixed money is told apart, as `follow` takes it.

    Returns
    -------
    pandas.DataFrame
        One row for each owner, the largest first: owner (an account), kind
        (`payment` where the account paid money that it was not known to have,
        `opening` where it held the money at the start), fen, transfers (how
        many of its unexplained payments the fen are from), first_time and
        last_time of these. The fen add up to what the account holds, or to
        what the transfer carried.

    Raises
    ------
    TableError, MoneyError
        As `follow` raises them.
    AccountError
        If no transfer touched the account, or none that moved money has the id.
    RuleError
        If there is no such rule or moment, or not exactly one of account and
        transfer is given.

    Notes
    -----
    What an account holds depends on no rule, so that it is known beforehand
    which part of each payment its payer was not known to have. Each such part
    is a seed of its payer, each opening balance one of its account, and these
    are followed as victims' money is.

    Examples
    --------
    A mule holds 40 yuan of its own and receives 100 from Wang and 60 from Li;
    of the 120 that it pays on, the first 40 are its own.

    >>> transfers = pd.DataFrame({
    ...     "time": pd.to_datetime([f"2026-03-01 09:0{minute}" for minute in range(3)]),
    ...     "payer": ["Wang", "Li", "mule"], "payee": ["mule", "mule", "boss"],
    ...     "fen": [10_000, 6_000, 12_000]})
    >>> held = pd.Series({"mule": 4_000})
    >>> sources(transfers, "mule", opening=held)[["owner", "kind", "fen"]]
      owner     kind   fen
    0    Li  payment  6000
    1  Wang  payment  2000
    >>> sources(transfers, transfer=2, opening=held)[["owner", "kind", "fen"]]
      owner     kind   fen
    0  Wang  payment  8000
    1  mule  opening  4000
    """
    # Refuse what cannot be answered before anything is followed.
    rule = given.read_rule(rule, RULES)
    moment = _moment(at)
    if (account is None) == (transfer is None) or (transfer is not None and at is not None):
        msg = "Ask about one account, with a moment if you like, or about one transfer."
        raise RuleError(msg, zh="请指定一个账户（可另加时刻），或者指定一笔转账，二者选一。")
    basis = _ordered(read(transfers, pd.Series(dtype="str"), opening=opening, exits=exits))
    asked = _account(basis, account, moment) if transfer is None else _transfer(basis, transfer)

    # Leave out what cannot have mattered, label the rest, and follow it.
    part = _labelled(basis, asked)
    ends = np.append(basis.exits, np.True_)
    swept = sweep(part.ledger, ends, np.zeros(len(ends), np.int64), rule=rule, within=None)
    prove(part.ledger, swept.movements, swept.left)

    found = _found(swept, part, asked)
    if found["fen"].sum() != part.whole:
        msg = "Internal error: the sources do not add up to the money. Please report this."
        raise TracerError(msg, zh="内部错误：来源合计与资金不符，结果已作废，请报告。")
    return _named(basis, found)


@dataclass(frozen=True, eq=False)
class _Asked:
    """What is asked about, in whole numbers."""

    account: int
    """The account, or the payer of the transfer."""
    transfer: int
    """The place of the transfer in the order taken, or NONE."""
    count: int
    """How many transfers come into it, in the order taken."""


@dataclass(frozen=True, eq=False)
class _Part:
    """The transfers that can have mattered, each cut into its explained and its other part."""

    ledger: Ledger
    """The parts, in the order taken; the money of each label is seeded."""
    places: Codes
    """Shape (n,): the transfer that each is a part of, NONE for opening balances."""
    labels: Codes
    """By code of the seeds: the account's code, plus the number of accounts where it opened."""
    whole: int
    """Fen that the account holds, or that the transfer carried."""


def _moment(at: datetime | str | None) -> int | None:
    if at is None:
        return None
    try:
        # A bare number would be read as nanoseconds since 1970.
        moment = pd.Timestamp(at if isinstance(at, (datetime, str)) else "")
    except ValueError:
        moment = pd.Timestamp("NaT")
    if pd.isna(moment) or moment.tzinfo is not None:
        msg = f"The moment {at!r} is no time of the case. Write it such as '2026-03-01 09:30'."
        zh = f"时刻 {at!r} 不是有效的时间，请写成 '2026-03-01 09:30' 这样，不带时区。"
        raise RuleError(msg, zh=zh)
    return int(moment.to_datetime64().astype("datetime64[us]").astype(np.int64))


def _ordered(basis: Basis) -> Basis:
    # Without seeds no account waits for the credits of its day. Here every one
    # that is no exit does: as if it had been paid a seed before all else.
    ledger, closed = basis.ledger, basis.exits
    dated = (basis.transfers["time_precision"] == "day").to_numpy()[basis.rows]
    if not dated.any():
        return basis
    every = np.arange(len(closed))
    first = np.full(len(every), ledger.when.min() - 1)
    blank = np.zeros(len(every), np.int64)
    before = Ledger(every, every, blank, first, blank)
    joined = Ledger(*map(np.concatenate, zip(before, ledger, strict=True)))
    keys = (np.arange(len(joined.fen)),)
    order, assumed = arrange(joined, keys, np.concatenate([blank != 0, dated]), closed)
    taken = order[len(every) :] - len(every)
    return replace(
        basis,
        rows=basis.rows[taken],
        ledger=Ledger(*(column[taken] for column in ledger)),
        assumed=assumed[len(every) :],
    )


def _account(basis: Basis, account: str | None, moment: int | None) -> _Asked:
    names = basis.accounts
    code = int(names.get_indexer(pd.Index([str(account)], dtype=names.dtype))[0])
    if code < 0:
        told = "No transfer moved money to or from the account"
        raise given.strange(account, names, told=told, zh="没有转账涉及账户")
    when = basis.ledger.when
    count = len(when) if moment is None else int(np.searchsorted(when, moment, "right"))
    return _Asked(code, NONE, count)


def _transfer(basis: Basis, transfer: object) -> _Asked:
    place = basis.place(transfer)
    if place == NONE:
        msg = f"There is no transfer {transfer!r} that moved money."
        raise AccountError(msg, zh=f"没有编号为 {transfer!r} 的有效转账。")
    return _Asked(int(basis.ledger.payer[place]), place, place + 1)


def _labelled(basis: Basis, asked: _Asked) -> _Part:
    ledger = Ledger(*(column[: asked.count] for column in basis.ledger))
    balance = np.where(basis.exits, 0, basis.opening)
    known = np.zeros(asked.count, np.int64)
    _explain(ledger, basis.exits, balance, known)
    wanted = np.zeros(len(basis.exits), np.bool_)
    wanted[asked.account] = asked.transfer == NONE or not basis.exits[asked.account]
    into, out = np.zeros((2, asked.count), np.bool_)
    _look_back(ledger, basis.exits, wanted, into, out)

    # What is not explained is of no interest where it ends outside; but of the
    # transfer that is asked for, which ends there as well, everything is.
    unknown, whole = into.copy(), int(balance[asked.account])
    payee = np.where(into, ledger.payee, len(basis.exits))
    if asked.transfer != NONE:
        out[asked.transfer] = unknown[asked.transfer] = True
        whole = int(ledger.fen[asked.transfer])
    rest = np.where(unknown, ledger.fen - known, 0)
    first = np.flatnonzero((into | out) & (known > 0))
    parts = _cut(ledger._replace(payee=payee), first, known, np.flatnonzero(rest), rest)
    opened = np.flatnonzero(wanted & ~basis.exits & (basis.opening > 0))
    return _seeded(parts, opened, basis.opening, whole)


def _cut(
    ledger: Ledger, first: Codes, known: Codes, second: Codes, rest: Codes
) -> tuple[Ledger, Codes]:
    # The explained part goes first, as the sweep puts the rest after what was known.
    order = np.argsort(np.concatenate([first, second]), kind="stable")
    place = np.concatenate([first, second])[order]
    parts = Ledger(
        payer=ledger.payer[place],
        payee=ledger.payee[place],
        fen=np.concatenate([known[first], rest[second]])[order],
        when=ledger.when[place],
        seed=np.concatenate([np.full(len(first), NONE), ledger.payer[second]])[order],
    )
    return parts, place


def _seeded(parts: tuple[Ledger, Codes], opened: Codes, opening: Codes, whole: int) -> _Part:
    # Opening balances come before all else, each a seed of its own account.
    ledger, place = parts
    start = ledger.when[:1].repeat(len(opened)) if len(place) else np.zeros_like(opened)
    accounts = len(opening)
    before = Ledger(opened, opened, opening[opened], start, opened + accounts)
    joined = Ledger(*map(np.concatenate, zip(before, ledger, strict=True)))
    sown = joined.seed != NONE
    labels, joined.seed[sown] = np.unique(joined.seed[sown], return_inverse=True)
    return _Part(
        ledger=joined,
        places=np.concatenate([np.full(len(opened), NONE), place]),
        labels=labels,
        whole=whole,
    )


@compiled
def _explain(ledger: Any, exits: Any, balance: Any, known: Any) -> None:
    # Writes how much of each payment its payer was known to have; of an exit's, nothing.
    for t in range(known.size):
        payer, fen = ledger.payer[t], ledger.fen[t]
        if not exits[payer]:
            known[t] = min(balance[payer], fen)
            balance[payer] -= known[t]
        balance[ledger.payee[t]] += fen


@compiled
def _look_back(ledger: Any, exits: Any, wanted: Any, into: Any, out: Any) -> None:
    # Writes which transfers bring money to where it can matter, and which take it
    # away from there: an account matters before it pays one that does.
    for t in range(into.size - 1, -1, -1):
        payer = ledger.payer[t]
        into[t] = wanted[ledger.payee[t]]
        out[t] = wanted[payer] and not exits[payer]
        if into[t] and not exits[payer]:
            wanted[payer] = True


def _found(swept: Swept, part: _Part, asked: _Asked) -> pd.DataFrame:
    # A row for each lot, or movement, that is asked for: label, fen, and its seed's place.
    movements = swept.movements
    if asked.transfer == NONE:
        here = swept.left[swept.left["account"] == asked.account]
        last = here["movement"]
    else:
        last = np.flatnonzero(part.places[movements["transfer"]] == asked.transfer)
        here = movements[last]
    parts = movements["transfer"][_roots(movements["parent"])[last]]
    return pd.DataFrame(
        {
            "label": part.labels[here["victim"]],
            "fen": here["fen"],
            "place": part.places[parts],
        }
    )


def _roots(parent: Codes) -> Codes:
    # Every round doubles how far each looks up, until all have come to their seeds.
    root = np.where(parent == NONE, np.arange(len(parent)), parent)
    while not np.array_equal(further := root[root], root):
        root = further
    return root


def _named(basis: Basis, found: pd.DataFrame) -> pd.DataFrame:
    accounts = len(basis.accounts)
    paid = found["place"] != NONE
    when = basis.transfers["time"].take(basis.rows[found["place"].where(paid, 0)])
    found["time"] = when.reset_index(drop=True).where(paid)
    found["place"] = found["place"].where(paid)
    sums = found.groupby("label", as_index=False).agg(
        fen=("fen", "sum"),
        transfers=("place", "nunique"),
        first_time=("time", "min"),
        last_time=("time", "max"),
    )
    label = sums["label"].to_numpy("int64")
    sums["owner"] = basis.accounts.take(label % accounts).astype("str").array
    sums["kind"] = pd.Series(np.where(label < accounts, PAYMENT, OPENING), dtype="str")
    sums = sums.sort_values(
        ["fen", "owner", "kind"], ascending=[False, True, True], ignore_index=True
    )
    return sums[["owner", "kind", "fen", "transfers", "first_time", "last_time"]]
