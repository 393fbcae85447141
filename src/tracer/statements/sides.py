"""Sides: which of a wallet, a bank card and a merchant paid or was paid, where a row names them."""

from __future__ import annotations

import pandas as pd

from tracer.statements.cells import numbers, told
from tracer.statements.declare import Format
from tracer.statements.direction import contains
from tracer.statements.parties import taken
from tracer.statements.reasons import DAMAGED_ACCOUNT, DAMAGED_NUMBER, NO_ACCOUNT, NO_SOURCE
from tracer.statements.rows import faulty


def both(
    raw: pd.DataFrame, one: Format, kind: pd.Series
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, list[pd.DataFrame]]:
    """
    Return who paid and who was paid in each row of a platform's table of transfers.

    Each side may have a wallet (account, other_account), a bank card (own_card,
    other_card) and the payee a merchant_code. The wallet comes first, then the
    card, then the code; but what the types call ``from_card`` (a top-up) is paid
    from the card, and what they call ``to_card`` (a withdrawal) to the card.

    Parameters
    ----------
    raw
        The rows.
    one
        Their format.
    kind
        Shape (n,), each row's type in words or codes.

    Returns
    -------
    raw, owner, party, faults
        raw with institution (the bank of own_card), other_institution and
        merchant_code only where they tell of the side that was taken; owner and party as
        ``parties.own`` and ``parties.other`` return them.
    """
    top_up = contains(kind, one.types.get("from_card", ()))
    payout = contains(kind, one.types.get("to_card", ()))
    payer, payee = taken(raw["account"], one.own), taken(raw["other_account"], one.other)
    (card, lost_card), (other_card, lost_other) = (
        _numbered(raw, name) for name in ("own_card", "other_card")
    )
    lost_payer, lost_payee = (numbers(raw[name])[1] for name in ("account", "other_account"))

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
    return raw.assign(merchant_code=code, **banks), owner, party, faults


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


def marked(raw: pd.DataFrame, one: Format) -> pd.DataFrame:
    """
    Fill empty direction marks where sender and receiver alone tell who paid.

    Parameters
    ----------
    raw
        Rows with account, sender, receiver and direction.
    one
        Their format.
    """
    own, sender, receiver = _three(raw, one)
    paid = receiver.ne(own) & receiver.ne("") & (sender.eq(own) | sender.eq(""))
    got = receiver.eq(own) & sender.ne(own) & sender.ne("")
    empty = told(raw["direction"]).eq("")
    mark = raw["direction"].mask(empty & paid, "出").mask(empty & got, "入")
    return raw.assign(direction=mark)


def facing(raw: pd.DataFrame, one: Format, way: pd.Series) -> pd.DataFrame:
    """
    Return rows whose counterparty is the receiver of what went out and the sender of what came.

    Parameters
    ----------
    raw
        Rows with account, sender and receiver.
    one
        Their format.
    way
        Shape (n,), in or out.
    """
    own, sender, receiver = _three(raw, one)
    out = way.eq("out")
    other = raw["sender"].mask(out, raw["receiver"])
    # Only where both sides are the owner's did the money stay; else the other side is not told.
    alone = own.eq(sender.mask(out, receiver)) & ~(sender.eq(own) & receiver.eq(own))
    return raw.assign(other_account=other.mask(alone, ""))


def _three(raw: pd.DataFrame, one: Format) -> tuple[pd.Series, pd.Series, pd.Series]:
    own = taken(raw["account"], one.own)["account"]
    found = [taken(raw[name], one.other) for name in ("sender", "receiver")]
    sender, receiver = (
        each["account"].where(each["account"].ne(""), each["merchant_code"]) for each in found
    )
    return own, sender, receiver
