"""Parties: whose row it is and who stands on the other side, as account keys."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tracer.statements.cells import narrow, numbers, told
from tracer.statements.declare import Format, Pattern
from tracer.statements.reasons import (
    BAD_ACCOUNT,
    DAMAGED_ACCOUNT,
    DAMAGED_NUMBER,
    NO_ACCOUNT,
    Reason,
)
from tracer.statements.rows import Body, faulty, searched

_GROUPS = ("account", "number", "holder", "institution", "merchant_code")


def own(body: Body, one: Format) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """
    Return account, card, number, holder, raw_account for every row, and what is wrong with them.

    Parameters
    ----------
    body
        The rows.
    one
        Their format: its prefix, patterns and preamble say where the owner is named.
    """
    raw, index = body.raw, body.raw.index
    if "account" in one.preamble:
        return _named_above(body, one)
    if "account" in raw:
        frame, faults = _keyed(raw["account"], one, one.own, one.prefix)
        frame = frame.assign(card="", raw_account=raw["account"])
        unsound = frame["account"].eq("")
    else:
        frame, faults = _banked(raw)
        unsound = frame["account"].eq("")
    if unsound.any():
        lost = pd.concat([*faults, pd.DataFrame(columns=["row"])])["row"]
        empty = unsound & ~index.isin(lost)
        faults.append(faulty(frame.loc[empty, "raw_account"], "", "row", NO_ACCOUNT))
        faults = [
            part.assign(aside=part["aside"].where(~part["row"].isin(index[unsound]), "row"))
            for part in faults
        ]
    if "holder" in one.preamble:
        frame["holder"] = searched(one.preamble["holder"], body.above)
    return frame, faults


def _named_above(body: Body, one: Format) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    name = searched(one.preamble["account"], body.above)
    holder = searched(one.preamble.get("holder", r"(\b\B)"), body.above)
    values = {"account": one.prefix + name if name else "", "holder": holder, "raw_account": name}
    frame = pd.DataFrame(values | {"card": "", "number": ""}, index=body.raw.index).astype("str")
    if one.prefix == "":
        frame["card"] = frame["account"]
    return frame, [] if name else [faulty(frame["raw_account"], "", "row", NO_ACCOUNT)]


def _banked(raw: pd.DataFrame) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    blank = pd.Series("", index=raw.index, dtype="str")
    faults, found = [], {}
    for name in ("card", "number"):
        found[name], lost = numbers(raw[name]) if name in raw else (blank, blank.ne(""))
        if lost.any():
            faults.append(faulty(raw.loc[lost, name], name, "cell", DAMAGED_ACCOUNT))
    # A damaged card is not replaced by a number of unknown standing unless that one is whole.
    account = found["card"].where(found["card"].ne(""), found["number"])
    cells = raw["card"] if "card" in raw else raw["number"]
    if "card" in raw and "number" in raw:
        cells = cells.where(told(cells).ne(""), raw["number"])
    return pd.DataFrame({"account": account, **found, "holder": "", "raw_account": cells}), faults


def _keyed(
    cells: pd.Series, one: Format, patterns: Sequence[Pattern], prefix: str
) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    if patterns:
        frame = taken(cells, patterns)
        wrong = frame["account"].eq("") & told(cells).ne("")
        faults = _unread(cells[wrong], "account", "row", DAMAGED_ACCOUNT)
        return frame[["account", "number", "holder"]], faults
    account, lost = numbers(cells, zero=one.kind == "transfers")
    keyed = (prefix + account).where(account.ne(""), "")
    faults = [faulty(cells[lost], "account", "row", DAMAGED_ACCOUNT)] if lost.any() else []
    return pd.DataFrame({"account": keyed, "number": "", "holder": ""}, index=cells.index), faults


def _unread(cells: pd.Series, name: str, how: str, damaged: Reason) -> list[pd.DataFrame]:
    """Return the faults of cells that no pattern fits: damaged ones, and those written oddly."""
    _, lost = numbers(cells)
    pairs = ((lost, damaged), (~lost, BAD_ACCOUNT))
    return [faulty(cells[rows], name, how, why) for rows, why in pairs if rows.any()]


def other(body: Body, one: Format, kind: pd.Series) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
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
    raw, blank = body.raw, pd.Series("", index=body.raw.index, dtype="str")
    cells = raw.get("other_account", blank)
    faults: list[pd.DataFrame] = []
    frame = pd.DataFrame(dict.fromkeys(_GROUPS, blank))
    if one.other:
        frame = taken(cells, one.other)
        wrong = narrow(cells).ne("")
        for name in _GROUPS:
            wrong &= frame[name].eq("")
        faults += _unread(cells[wrong], "other_account", "cell", DAMAGED_NUMBER)
        account = frame["account"].where(frame["account"].ne(""), frame["number"])
    else:
        account, lost = numbers(cells, zero=one.kind == "transfers")
        if lost.any():
            faults.append(faulty(cells[lost], "other_account", "cell", DAMAGED_NUMBER))
    bound = _matching(kind, one.types.get("card", ()))
    mine = pd.Series(data=False, index=body.raw.index)
    for name, where in (("other_card", None), ("own_card", bound)):
        if name in raw:
            free = account.eq("") & frame["merchant_code"].eq("")
            more, lost = numbers(raw[name].where(free if where is None else free & where, ""))
            account = account.where(more.eq(""), more)
            mine = more.ne("") if name == "own_card" else mine
            if lost.any():
                faults.append(faulty(raw.loc[lost, name], name, "cell", DAMAGED_NUMBER))
    names = {"other_holder": frame["holder"], "other_institution": frame["institution"]}
    for name, found in names.items():
        if name in raw:
            said = told(raw[name])
            names[name] = said.where(said.ne(""), found)
    if "own_institution" in raw:
        # Money moved to or from the owner's own card: its bank is on the other side.
        bank = told(raw["own_institution"])
        names["other_institution"] = names["other_institution"].mask(mine & bank.ne(""), bank)
    code = frame["merchant_code"]
    return pd.DataFrame(
        {"other_account": account, **names, "merchant_code": code, "raw_other": cells}
    ), faults


def _matching(text: pd.Series, patterns: Sequence[str]) -> pd.Series:
    if not patterns:
        return pd.Series(data=False, index=text.index)
    return text.str.contains("|".join(f"(?:{one})" for one in patterns))


def taken(cells: pd.Series, patterns: Sequence[Pattern]) -> pd.DataFrame:
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
    pandas.DataFrame
        Shape (n, 5), "" where no pattern fits.

    Examples
    --------
    >>> shape = Pattern(r"^(?P<account>\d+)\((?P<holder>.*)\)$", "alipay:")
    >>> taken(pd.Series(["2088000000000001（张三）"]), [shape]).iloc[0, 0]
    'alipay:2088000000000001'
    """
    once = pd.Series(cells.unique(), dtype="str")
    text = narrow(once)
    found = pd.DataFrame("", index=once.index, columns=list(_GROUPS), dtype="str")
    # A pattern that takes any text must not take a number whose last digits are lost.
    open_ = text.ne("") & ~numbers(once)[1]
    for one in patterns:
        groups = pc.extract_regex(pa.array(text.where(open_, "\n"), pa.large_string()), one.pattern)
        fits = open_ & pd.Series(groups.is_valid().to_pandas(), index=once.index)
        for at in range(groups.type.num_fields):
            name = groups.type.field(at).name
            part = pd.Series(pc.struct_field(groups, name).to_pandas(), dtype="str").fillna("")
            prefix = one.prefix if name == "account" else ""
            found.loc[fits, name] = (prefix + part)[fits]
        open_ &= ~fits
    place = pd.Index(once).get_indexer(pd.Index(cells))
    return pd.DataFrame(found.iloc[place].set_axis(cells.index, axis=0))
