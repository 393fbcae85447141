"""Direction: whether money came in or went out, from mark, sign, type or balance."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tracer.money import yuan
from tracer.statements.cells import narrow
from tracer.statements.declare import Format
from tracer.statements.reasons import (
    BAD_DIRECTION,
    BY_BALANCE,
    BY_SIGN,
    DIGITS,
    NEUTRAL_TYPE,
    NO_DIRECTION,
    SIGN_AGAINST,
    UNCLEAR_DIGIT,
    Reason,
)
from tracer.statements.rows import faulty

IN = (
    *("进", "收", "贷", "贷方", "入", "入账", "入款", "收入", "转入", "存", "存入", "贷(转入)"),
    *("C", "CR", "CREDIT", "贷CR", "C-贷", "C:贷", "C贷", "C贷方", "I", "IN", "+", "零钱+"),
)
OUT = (
    *("出", "付", "支", "借", "借方", "出账", "出款", "支出", "转出", "取", "支取", "借(转出)"),
    *("D", "DR", "DEBIT", "借DR", "D-借", "D:借", "D借", "D借方", "O", "OUT", "-", "零钱-"),
)
_DIGITS = {"0", "1", "2", "00", "01", "02"}


def directions(
    facts: pd.DataFrame, one: Format
) -> tuple[pd.Series, list[pd.DataFrame], list[Reason]]:
    """
    Decide the direction of every row, or say why it cannot be decided.

    Parameters
    ----------
    facts
        Shape (n, 6), by row number: marks (the untouched direction cells), fen
        (signed Int64), balance (Int64 fen after the row), account, order (in
        time) and kind (the row's type in words).
    one
        The format, with its own words.

    Returns
    -------
    direction, faults, notes
        in, out or ""; each "" has a fault.
    """
    marks, fen, kind = facts["marks"], facts["fen"], facts["kind"]
    notes: list[Reason] = []
    mark = marks.str.strip()
    words = _words(mark, one)
    decided = _digits({word[-1] for word in words.unique() if word in _DIGITS})
    notes += _said(decided)
    known = _known(one) | {word: decided[word[-1]] for word in _DIGITS if word[-1] in decided}
    found = words.map(known).fillna("").astype("str")
    unclear = words.isin(_DIGITS - known.keys())
    bad = words.ne("") & found.eq("") & ~unclear
    if one.positive:
        found = _declared(found, fen, words, one.positive)
        against = pd.Series(data=False, index=fen.index)
    else:
        found, against = _signed(found, fen, words, notes)
    free = found.eq("") & ~bad & ~against & fen.notna()
    found = found.mask(free & words.eq(""), _typed(kind, one))
    neutral = mark.isin(one.neutral)
    free &= found.eq("") & ~neutral
    if free.any():
        by_balance = _balanced(facts, unclear & free)
        found = found.mask(free, by_balance)
        notes += [BY_BALANCE.about(rows=rows)] if (rows := int(found[free].ne("").sum())) else []
    lacking = found.eq("") & fen.notna()
    why = {
        SIGN_AGAINST: against,
        BAD_DIRECTION: bad,
        NEUTRAL_TYPE: lacking & neutral & ~against,
        UNCLEAR_DIGIT: lacking & unclear & ~against,
        NO_DIRECTION: lacking & ~(against | bad | neutral | unclear),
    }
    amount = fen[against].map(yuan).astype("str")
    shown = {SIGN_AGAINST: mark.str.cat(amount, sep=" ", na_rep=""), NEUTRAL_TYPE: kind}
    return (
        found,
        [
            faulty(shown.get(reason, marks)[rows], "direction", "row", reason)
            for reason, rows in why.items()
            if rows.any()
        ],
        notes,
    )


def _words(mark: pd.Series, one: Format) -> pd.Series:
    words = narrow(mark).str.upper().str.replace(r"\s+", "", regex=True)
    # A dash is a mark for nothing elsewhere, and a plain minus here.
    return words.mask(mark.eq("-"), "-").mask(mark.isin(one.neutral), "")


def _known(one: Format) -> dict[str, str]:
    into, out = map(str.upper, one.incoming), map(str.upper, one.outgoing)
    return dict.fromkeys([*IN, *into], "in") | dict.fromkeys([*OUT, *out], "out")


def _digits(present: set[str]) -> dict[str, str]:
    # 1 is out beside 2, and in beside 0; alone it says nothing.
    if present <= {"1", "2"} and "2" in present:
        return {"1": "out", "2": "in"}
    if present <= {"0", "1"} and "0" in present:
        return {"0": "out", "1": "in"}
    return {}


def _said(decided: dict[str, str]) -> list[Reason]:
    by = {way: digit for digit, way in decided.items()}
    return [DIGITS.about(out=by["out"], into=by["in"])] if by else []


def _signed(
    found: pd.Series, fen: pd.Series, words: pd.Series, notes: list[Reason]
) -> tuple[pd.Series, pd.Series]:
    """Return the directions with those that only a sign tells, and which signs contradict."""
    negative, positive = _true(fen.lt(0)), _true(fen.gt(0))
    if not negative.any():
        return found, negative
    out = found.eq("out")
    # A sheet signs its amounts if money out is mostly negative; then money in is positive.
    signed = int((out & negative).sum()) > int((out & positive).sum()) or not out.any()
    against = (out & positive) | (found.eq("in") & negative) if signed else found.ne("") & negative
    by_sign = pd.Series("", index=fen.index, dtype="str").mask(negative, "out")
    by_sign = by_sign.mask(positive, "in") if signed else by_sign
    usable = words.eq("") & by_sign.ne("")
    notes += [BY_SIGN.about(rows=int(usable.sum()))] if usable.any() else []
    return found.mask(usable, by_sign).mask(against, ""), against


def _declared(found: pd.Series, fen: pd.Series, words: pd.Series, positive: str) -> pd.Series:
    """Return the directions with those that the sign tells as the format says."""
    by_sign = pd.Series("in" if positive == "out" else "out", index=fen.index, dtype="str")
    by_sign = by_sign.mask(_true(fen.ge(0)), positive)
    return found.mask(words.eq("") & fen.notna(), by_sign)


def _true(mask: pd.Series) -> pd.Series:
    return mask.fillna(value=False).astype(bool)


def _typed(kind: pd.Series, one: Format) -> pd.Series:
    found = pd.Series("", index=kind.index, dtype="str")
    for way, direction in (("own_in", "in"), ("own_out", "out"), ("in", "in"), ("out", "out")):
        if way in one.types:
            fits = contains(kind, one.types[way])
            found = found.mask(found.eq("") & fits, direction)
    return found


def contains(text: pd.Series, patterns: Sequence[str]) -> pd.Series:
    """Return where any of the patterns occurs in the text."""
    if not patterns:
        return pd.Series(data=False, index=text.index)
    return text.str.contains("|".join(f"(?:{one})" for one in patterns))


def _balanced(facts: pd.DataFrame, digit: pd.Series) -> pd.Series:
    """Return the direction that the balance of the row before allows, if it allows one only."""
    fen, balance = facts["fen"], facts["balance"]
    ordered = facts.sort_values("order", kind="stable")
    before = ordered.groupby("account", sort=False)["balance"].shift()
    change = balance - before.reindex(facts.index)
    into, out = _true(change.eq(fen.abs())), _true(change.eq(-fen.abs()))
    found = pd.Series("", index=fen.index, dtype="str")
    found = found.mask(into & ~out, "in").mask(out & ~into, "out")
    if not digit.any():
        return found
    # One digit alone means the same in all rows: every balance at hand must agree.
    told = found[digit & change.notna()].unique()
    meaning = told[0] if len(told) == 1 else ""
    return found.mask(digit, meaning)
