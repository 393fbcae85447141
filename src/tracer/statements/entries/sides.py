"""Sides: which of a wallet, a bank card and a merchant paid or was paid, where a row names them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tracer.column import Column
from tracer.statements.cells import damaged, numbers, told
from tracer.statements.entries.parties import matching, taken
from tracer.statements.entries.votes import OUTOF
from tracer.statements.formats.declare import Format, Pattern
from tracer.statements.formats.rows import faulty
from tracer.statements.reasons import DAMAGED_ACCOUNT, DAMAGED_NUMBER, NO_ACCOUNT, NO_SOURCE

Columns = dict[str, Column]


def both(
    columns: Columns, one: Format, kind: Column, index: pd.Index
) -> tuple[Columns, Columns, Columns, list[pd.DataFrame]]:
    """
    Return who paid and who was paid in each row of a platform's table of transfers.

    Each side may have a wallet (account, other_account), a bank card (own_card,
    other_card) and the payee a merchant_code. The wallet comes first, then the
    card, then the code; but what the types call ``from_card`` (a top-up) is paid
    from the card, and what they call ``to_card`` (a withdrawal) to the card.

    Parameters
    ----------
    columns
        The rows.
    one
        Their format.
    kind
        Shape (n,), each row's type in words or codes.
    index
        Shape (n,), the row numbers.

    Returns
    -------
    columns, owner, party, faults
        columns with institution (the bank of own_card), other_institution and
        merchant_code only where they tell of the side that was taken; owner and party as
        ``parties.own`` and ``parties.other`` return them.
    """
    raw = _frame(columns, index)
    top_up, payout = (
        pd.Series(matching(kind, one.types.get(way, ())), index) for way in ("from_card", "to_card")
    )
    payer, payee = _taken(raw["account"], one.own), _taken(raw["other_account"], one.other)
    (card, lost_card), (other_card, lost_other) = (
        _numbered(raw, name) for name in ("own_card", "other_card")
    )
    lost_payer, lost_payee = (damaged(raw[name]) for name in ("account", "other_account"))

    by_card = card.ne("") & (top_up | (payer["account"].eq("") & ~lost_payer))
    account = payer["account"].mask(by_card, card)
    # A top-up that names no other payee fills the payer's own wallet.
    other = payee["account"].where(~(payee["account"].eq("") & top_up & by_card), payer["account"])
    to_card = other_card.ne("") & (payout | (other.eq("") & ~lost_payee))
    other = other.mask(to_card, other_card)
    # Whoever withdraws is not paid by the wallet into the same wallet.
    other = other.mask(payout & other.eq(account), "")

    faults = _faults(
        raw,
        account.eq("") | (top_up & ~by_card & (other.eq("") | other.eq(account))),
        {"account": lost_payer & ~by_card, "own_card": lost_card & top_up},
        {"other_account": lost_payee, "other_card": lost_other},
    )
    free = other.eq("") & ~payout & ~lost_payee
    code = told(raw["merchant_code"]).where(free, "") if "merchant_code" in raw else ""
    banks = {
        name: told(raw[meaning]).where(rows, "")
        for name, meaning, rows in (
            ("institution", "own_institution", by_card),
            ("other_institution", "other_institution", to_card),
        )
        if meaning in raw
    }
    named = told(raw["other_holder"]) if "other_holder" in raw else payee["holder"]
    cells = raw.get("raw_account", raw["account"])
    owner = pd.DataFrame({
        "account": account, "number": "", "holder": payer["holder"],
        "card": account.where(by_card, ""), "raw_account": cells.mask(by_card, raw.get("own_card")),
    })  # fmt: skip
    party = pd.DataFrame({
        "other_account": other, "other_holder": named.where(named.ne(""), payee["holder"]),
        "other_institution": banks.get("other_institution", ""), "merchant_code": code,
        "raw_other": raw.get("raw_other", raw["other_account"]).mask(
            to_card, raw.get("other_card")
        ),
    })  # fmt: skip
    raw = raw.assign(merchant_code=code, **banks)
    return _columns(raw), _columns(owner), _columns(party), faults


def _frame(columns: Columns, index: pd.Index) -> pd.DataFrame:
    return pd.DataFrame({name: column.texts(index) for name, column in columns.items()}, index)


def _columns(frame: pd.DataFrame) -> Columns:
    return {str(name): Column.of(frame[name].astype("str")) for name in frame}


def _taken(cells: pd.Series, patterns: Sequence[Pattern]) -> pd.DataFrame:
    return _frame(taken(Column.of(cells), patterns), cells.index)


def _faults(
    raw: pd.DataFrame, unsourced: pd.Series, rows: dict[str, pd.Series], cells: dict[str, pd.Series]
) -> list[pd.DataFrame]:
    """Return the faults of rows whose payer is not known, and of damaged cells of the payee."""
    where = {name: raw.get(name, raw["account"]) for name in (*rows, *cells)}
    where["account"] = raw.get("raw_account", raw["account"])
    damaged = pd.concat(rows.values(), axis=1).any(axis=1)
    # A wallet that pays itself is named; one that is not there is not.
    named = told(raw["account"]).ne("")
    found = [
        *((rows[name], name, "row", DAMAGED_ACCOUNT) for name in rows),
        (unsourced & ~damaged & named, "account", "row", NO_SOURCE),
        (unsourced & ~damaged & ~named, "account", "row", NO_ACCOUNT),
        *((cells[name], name, "cell", DAMAGED_NUMBER) for name in cells),
    ]
    return [
        faulty(where[name][some], name, how, why) for some, name, how, why in found if some.any()
    ]


def _numbered(raw: pd.DataFrame, name: str) -> tuple[pd.Series, pd.Series]:
    if name not in raw:
        blank = pd.Series("", index=raw.index, dtype="str")
        return blank, blank.ne("")
    return numbers(raw[name])


def marked(columns: Columns, one: Format, index: pd.Index) -> Columns:
    """
    Fill empty direction marks where sender and receiver alone tell who paid.

    Parameters
    ----------
    columns
        Rows with account, sender, receiver and direction.
    one
        Their format.
    index
        Shape (n,), the row numbers.
    """
    raw = _frame(columns, index)
    own, sender, receiver = _three(raw, one)
    paid = receiver.ne(own) & receiver.ne("") & (sender.eq(own) | sender.eq(""))
    got = receiver.eq(own) & sender.ne(own) & sender.ne("")
    empty = told(raw["direction"]).eq("")
    mark = raw["direction"].mask(empty & paid, "出").mask(empty & got, "入")
    return columns | {"direction": Column.of(mark)}


def facing(columns: Columns, one: Format, way: np.ndarray, index: pd.Index) -> Columns:
    """
    Return rows whose counterparty is the receiver of what went out and the sender of what came.

    Parameters
    ----------
    columns
        Rows with account, sender and receiver.
    one
        Their format.
    way
        Shape (n,), NONE, INTO or OUTOF.
    index
        Shape (n,), the row numbers.
    """
    raw = _frame(columns, index)
    own, sender, receiver = _three(raw, one)
    out = way == OUTOF
    other = raw["sender"].mask(out, raw["receiver"])
    # Only where both sides are the owner's did the money stay; else the other side is not told.
    alone = own.eq(sender.mask(out, receiver)) & ~(sender.eq(own) & receiver.eq(own))
    return columns | {"other_account": Column.of(other.mask(alone, ""))}


def _three(raw: pd.DataFrame, one: Format) -> tuple[pd.Series, pd.Series, pd.Series]:
    own = _taken(raw["account"], one.own)["account"]
    found = [_taken(raw[name], one.other) for name in ("sender", "receiver")]
    sender, receiver = (
        each["account"].where(each["account"].ne(""), each["merchant_code"]) for each in found
    )
    return own, sender, receiver
