"""Registers: what banks and platforms know of an account's holder, and what victims report."""

from __future__ import annotations

import pandas as pd

from tracer.column import Column
from tracer.statements.amounts import amounts
from tracer.statements.cells import cards, numbers, told
from tracer.statements.entries import parties
from tracer.statements.entries.convert import Outcome, aside
from tracer.statements.entries.figures import moments, money
from tracer.statements.formats.declare import Format
from tracer.statements.formats.rows import Body, faulty
from tracer.statements.reasons import (
    BAD_BALANCE,
    BAD_OPENED,
    DAMAGED_NUMBER,
    NO_CARDS,
    NO_VICTIM,
    SIGN_AGAINST,
    Reason,
)
from tracer.statements.times import times

_DAYS = ("opened", "closed", "balance_time")


def registrations(body: Body, one: Format) -> Outcome:
    """
    Turn the rows of an account register into registrations.

    Parameters
    ----------
    body
        The rows, untouched.
    one
        Their format; where it is continued, a row without an account gives
        one more bound card to the account above it.

    Returns
    -------
    Outcome
        Columns of ``tables.REGISTRATIONS``, one row per account.
    """
    raw = body.raw
    bound, faults = _cards(raw)
    if one.continued:
        group = told(raw["account"]).ne("").cumsum()
        whole = bound.groupby(group).agg(lambda found: " ".join(filter(None, found)))
        first = group.ne(group.shift()) & group.gt(0)
        bound, raw = group[first].map(whole).astype("str"), raw[first | group.eq(0)]
        bound = bound.reindex(raw.index, fill_value="")
    columns = {str(name): Column.of(raw[name]) for name in raw}
    found, wrong = parties.own(Body(columns, raw.index, body.above), one)
    owner = {name: column.texts(raw.index) for name, column in found.items()}
    faults += wrong
    texts = {
        name: told(raw[name])
        for name in ("holder", "holder_id", "institution", "phone", "status")
        if name in raw
    }
    days = {name: _day(raw, name, faults) for name in _DAYS if name in raw}
    if "balance" in raw:
        days["balance_fen"], bad = amounts(raw["balance"], one.unit)
        faults += (
            [faulty(raw.loc[bad, "balance"], "balance", "cell", BAD_BALANCE)] if bad.any() else []
        )
    frame = pd.DataFrame({**owner, **texts, **days, "bound_cards": bound}, index=raw.index)
    return Outcome(frame[~aside(raw.index, faults)], faults)


def _cards(raw: pd.DataFrame) -> tuple[pd.Series, list[pd.DataFrame]]:
    if "bound_cards" not in raw:
        return pd.Series("", index=raw.index, dtype="str"), []
    found = cards(raw["bound_cards"])
    lost = found.eq("") & told(raw["bound_cards"]).ne("")
    cells = raw.loc[lost, "bound_cards"]
    return found, [faulty(cells, "bound_cards", "cell", NO_CARDS)] if lost.any() else []


def _day(raw: pd.DataFrame, name: str, faults: list[pd.DataFrame]) -> pd.Series:
    time, _ = times(raw[name])
    bad = time.isna() & told(raw[name]).ne("")
    if bad.any():
        faults.append(faulty(raw.loc[bad, name], name, "cell", BAD_OPENED))
    return time


def reports(body: Body, one: Format) -> Outcome:
    """
    Turn the rows of a table of victims into reports.

    Parameters
    ----------
    body
        The rows, untouched.
    one
        Their format.

    Returns
    -------
    Outcome
        Columns of ``tables.REPORTS``.
    """
    raw, notes = body.raw, list[Reason]()
    time, precision, faults = moments(raw, one, notes)
    name, unit = ("fen", "fen") if "fen" in raw else ("amount", one.unit)
    fen, wrong = money(raw[name], unit)
    faults += wrong
    negative = fen.lt(0).fillna(value=False).astype(bool)
    nameless = told(raw["victim"]).eq("")
    for rows, column, why in ((negative, name, SIGN_AGAINST), (nameless, "victim", NO_VICTIM)):
        faults += [faulty(raw.loc[rows, column], column, "row", why)] if rows.any() else []
    texts = {
        one: told(raw[one])
        for one in ("victim", "victim_id", "phone", "fraud", "payee_holder")
        if one in raw
    }
    for side in ("payer", "payee"):
        if side in raw:
            texts[side], lost = numbers(raw[side])
            faults += (
                [faulty(raw.loc[lost, side], side, "cell", DAMAGED_NUMBER)] if lost.any() else []
            )
    frame = pd.DataFrame(
        {**texts, "fen": fen, "time": time, "time_precision": precision}, index=raw.index
    )
    return Outcome(frame[~aside(raw.index, faults)], faults, notes)
