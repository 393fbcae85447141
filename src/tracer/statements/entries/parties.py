"""Parties: whose row it is and who stands on the other side, as account keys."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from tracer.column import Column, large, series
from tracer.statements.cells import damaged, narrow, numbers, told, wordy
from tracer.statements.formats.declare import Format, Pattern
from tracer.statements.formats.rows import Body, faulty, searched
from tracer.statements.reasons import (
    BAD_ACCOUNT,
    DAMAGED_ACCOUNT,
    DAMAGED_NUMBER,
    NO_ACCOUNT,
    NO_DIGITS,
    Reason,
)

_GROUPS = ("account", "number", "holder", "institution", "merchant_code")


def own(body: Body, one: Format) -> tuple[dict[str, Column], list[pd.DataFrame]]:
    """
    Return account, card, number, holder, raw_account for every row, and what is wrong with them.

    Parameters
    ----------
    body
        The rows.
    one
        Their format: its prefix, patterns and preamble say where the owner is named.
    """
    columns, index = body.columns, body.index
    if "account" in one.preamble:
        return _named_above(body, one)
    if one.unnamed and not {"account", "card", "number"} & columns.keys():
        return _unnamed(body, one), []
    if "account" in columns:
        found, faults = _keyed(columns["account"], one, index)
        card = found["account"].flags(lambda words: words.str.fullmatch(r"[\d*]{8,}"))
        found["card"] = found["account"].mask(~(card & bool(one.own)))
        found["raw_account"] = columns["account"]
    else:
        found, faults = _banked(columns, index)
    unsound = ~found["account"].filled()
    if unsound.any():
        lost = pd.concat([*faults, pd.DataFrame(columns=["row"])])["row"]
        empty = unsound & ~index.isin(lost)
        faults.append(faulty(found["raw_account"].texts(index, empty), "", "row", NO_ACCOUNT))
        faults = [
            part.assign(aside=part["aside"].where(~part["row"].isin(index[unsound]), "row"))
            for part in faults
        ]
    if "holder" in one.preamble:
        found["holder"] = Column.same(searched(one.preamble["holder"], body.above), len(index))
    return found, faults


def _named_above(body: Body, one: Format) -> tuple[dict[str, Column], list[pd.DataFrame]]:
    name = searched(one.preamble["account"], body.above)
    if one.unnamed and not name:
        return _unnamed(body, one), []
    holder = searched(one.preamble.get("holder", r"(\b\B)"), body.above)
    values = {"account": one.prefix + name if name else "", "holder": holder, "raw_account": name}
    values |= {"card": values["account"] if one.prefix == "" else "", "number": ""}
    found = {key: Column.same(value, len(body.index)) for key, value in values.items()}
    if name:
        return found, []
    return found, [faulty(found["raw_account"].texts(body.index), "", "row", NO_ACCOUNT)]


def nameless(body: Body, one: Format) -> str:
    """Return the key of an account that only the file tells, such as ``招商银行[明细.csv]``."""
    return f"{one.institution}[{body.source}]"


def _unnamed(body: Body, one: Format) -> dict[str, Column]:
    values = {"account": nameless(body, one), "card": "", "number": "", "raw_account": ""}
    values["holder"] = searched(one.preamble.get("holder", r"(\b\B)"), body.above)
    return {name: Column.same(value, len(body.index)) for name, value in values.items()}


def _banked(
    columns: dict[str, Column], index: pd.Index
) -> tuple[dict[str, Column], list[pd.DataFrame]]:
    faults: list[pd.DataFrame] = []
    blank = Column.same("", len(index))
    found = {}
    for name in ("card", "number"):
        found[name] = blank
        if name in columns:
            found[name] = digits(columns[name], name, DAMAGED_ACCOUNT, index, faults)
    # A damaged card is not replaced by a number of unknown standing unless that one is whole.
    account = found["card"].where(found["card"].filled(), found["number"])
    cells = columns["card" if "card" in columns else "number"]
    if "card" in columns and "number" in columns:
        empty = columns["card"].flags(lambda words: numbers(words)[0].eq("") & ~damaged(words))
        cells = cells.where(~empty, columns["number"])
    return {"account": account, **found, "holder": blank, "raw_account": cells}, faults


def digits(
    cells: Column,
    name: str,
    reason: Reason,
    index: pd.Index,
    faults: list[pd.DataFrame],
    *,
    aside: str = "cell",
    zero: bool = False,
    names: bool = False,
) -> Column:
    """
    Return a column of account numbers, and add a fault for each that is damaged, or none.

    Parameters
    ----------
    cells
        Shape (n,), untouched.
    name
        The meaning of the column.
    reason
        Why a damaged number is set aside.
    index
        Shape (n,), the row numbers.
    faults
        What is wrong is added here.
    aside
        row or cell: how much a damaged number sets aside.
    zero
        True where a lone ``0`` is an account.
    names
        True where an account may be a name, as on a platform.
    """
    found, lost = numbers(cells.words, zero=zero)
    void = pd.Series(data=False, index=found.index) if names else wordy(found)
    for wrong, why in ((lost, reason), (void, NO_DIGITS)):
        if wrong.any() and (rows := cells.spread(wrong.to_numpy(dtype=bool))).any():
            faults.append(faulty(cells.texts(index, rows), name, aside, why))
    found = found.mask(void, "")
    return Column(found.reset_index(drop=True), cells.at)


def _keyed(
    cells: Column, one: Format, index: pd.Index
) -> tuple[dict[str, Column], list[pd.DataFrame]]:
    faults: list[pd.DataFrame] = []
    if one.own:
        parts = taken(cells, one.own)
        wrong = ~parts["account"].filled() & cells.map(told).filled()
        faults += _unread(cells.texts(index, wrong), "account", "row", DAMAGED_ACCOUNT)
        return {name: parts[name] for name in ("account", "number", "holder")}, faults
    zero = one.kind == "transfers"
    names = zero or one.prefix != ""
    account = digits(
        cells, "account", DAMAGED_ACCOUNT, index, faults, aside="row", zero=zero, names=names
    )
    keyed = account.map(lambda words: (one.prefix + words).where(words.ne(""), ""))
    blank = Column.same("", len(index))
    return {"account": keyed, "number": blank, "holder": blank}, faults


def _unread(cells: pd.Series, name: str, how: str, lost: Reason) -> list[pd.DataFrame]:
    """Return the faults of cells that no pattern fits: damaged ones, and those written oddly."""
    wrong = damaged(cells)
    pairs = ((wrong, lost), (~wrong, BAD_ACCOUNT))
    return [faulty(cells[rows], name, how, why) for rows, why in pairs if rows.any()]


def other(body: Body, one: Format, kind: Column) -> tuple[dict[str, Column], list[pd.DataFrame]]:
    """
    Return what is known of the counterparty of every row, and what is wrong with it.

    Parameters
    ----------
    body
        The rows.
    one
        Their format.
    kind
        Shape (n,), the row's type in words, by which top-ups and withdrawals are told.

    Returns
    -------
    parties, faults
        Columns other_account, other_holder, other_institution, merchant_code, raw_other.
    """
    columns, index = body.columns, body.index
    blank = Column.same("", len(index))
    cells = columns.get("other_account", blank)
    faults: list[pd.DataFrame] = []
    parts = dict.fromkeys(_GROUPS, blank)
    if one.other:
        parts = taken(cells, one.other)
        wrong = cells.map(narrow).filled()
        for part in parts.values():
            wrong &= ~part.filled()
        faults += _unread(cells.texts(index, wrong), "other_account", "cell", DAMAGED_NUMBER)
        account = parts["account"].where(parts["account"].filled(), parts["number"])
    else:
        zero = one.kind == "transfers"
        lettered = zero or one.prefix != ""
        account = digits(
            cells, "other_account", DAMAGED_NUMBER, index, faults, zero=zero, names=lettered
        )
    code = parts["merchant_code"]
    bound = matching(kind, one.types.get("card", ()))
    everywhere, mine = np.ones(len(index), bool), np.zeros(len(index), bool)
    for name, where in (("other_card", everywhere), ("own_card", bound)):
        if name in columns:
            free = ~account.filled() & ~code.filled() & where
            more = digits(columns[name].mask(~free), name, DAMAGED_NUMBER, index, faults)
            account = more.where(more.filled(), account)
            mine = more.filled() if name == "own_card" else mine
    names = {"other_holder": parts["holder"], "other_institution": parts["institution"]}
    for name, found in names.items():
        if name in columns:
            said = columns[name].map(told)
            names[name] = said.where(said.filled(), found)
    if "own_institution" in columns:
        # Money moved to or from the owner's own card: its bank is on the other side.
        bank = columns["own_institution"].map(told)
        names["other_institution"] = bank.where(mine & bank.filled(), names["other_institution"])
    return {"other_account": account, **names, "merchant_code": code, "raw_other": cells}, faults


def matching(text: Column, patterns: Sequence[str]) -> np.ndarray:
    """Return in which rows any of the patterns occurs."""
    if not patterns:
        return np.zeros(len(text), bool)
    any_of = "|".join(f"(?:{one})" for one in patterns)
    return text.flags(lambda words: words.str.contains(any_of))


def taken(cells: Column, patterns: Sequence[Pattern]) -> dict[str, Column]:
    r"""
    Take cells apart by the first pattern that fits each.

    Parameters
    ----------
    cells
        Shape (n,), text.
    patterns
        With named groups account, number, holder, institution, merchant_code.

    Returns
    -------
    dict of str to Column
        Group to its text, "" where no pattern fits.

    Examples
    --------
    >>> shape = Pattern(r"^(?P<account>\d+)\((?P<holder>.*)\)$", "alipay:")
    >>> taken(Column.same("2088000000000001（张三）", 1), [shape])["account"].list()
    ['alipay:2088000000000001']
    """
    text = narrow(cells.words)
    found = pd.DataFrame("", index=text.index, columns=list(_GROUPS), dtype="str")
    # A pattern that takes any text must not take a number whose last digits are lost.
    open_ = text.ne("") & ~damaged(text)
    for one in patterns:
        groups = pc.extract_regex(large(text.where(open_, "\n")), one.pattern)
        fits = open_ & pd.Series(groups.is_valid().to_numpy(zero_copy_only=False))
        for at in range(groups.type.num_fields):
            name = groups.type.field(at).name
            part = series(pc.fill_null(pc.struct_field(groups, name), ""))
            prefix = one.prefix if name == "account" else ""
            part = part.str.zfill(one.digits) if name == "account" else part
            found[name] = found[name].mask(fits, prefix + part)
        open_ &= ~fits
    return {name: Column(found[name], cells.at) for name in _GROUPS}
