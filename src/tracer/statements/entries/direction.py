"""Direction: whether money came in or went out, from mark, sign, type or balance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from tracer.money import yuan
from tracer.statements.cells import narrow
from tracer.statements.column import Column
from tracer.statements.entries.order import along
from tracer.statements.entries.parties import matching
from tracer.statements.formats.declare import Format
from tracer.statements.formats.rows import faulty
from tracer.statements.reasons import (
    AGAINST_BALANCE,
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

IN = (
    *("进", "收", "贷", "贷方", "入", "入账", "入款", "收入", "转入", "存", "存入", "贷(转入)"),
    *("C", "CR", "CREDIT", "贷CR", "C-贷", "C:贷", "C贷", "C贷方", "I", "IN", "+", "零钱+"),
)
OUT = (
    *("出", "付", "支", "借", "借方", "出账", "出款", "支出", "转出", "取", "支取", "借(转出)"),
    *("D", "DR", "DEBIT", "借DR", "D-借", "D:借", "D借", "D借方", "O", "OUT", "-", "零钱-"),
)
_DIGITS = {"0", "1", "2", "00", "01", "02"}
# A direction in the arrays below: nothing known, in, out.
NONE, INTO, OUTOF = 0, 1, 2
WAYS = pd.Series(["", "in", "out"], dtype="str")
_CODES = {"in": INTO, "out": OUTOF}
# So many balances must say one thing for each that says the other.
_AGREED = 20


@dataclass(frozen=True)
class Facts:
    """What decides the direction and the order of a statement's rows, each of shape (n,)."""

    index: pd.Index
    """The row numbers."""
    marks: Column
    """The untouched direction cells."""
    kind: Column
    """The row's type in words."""
    fen: np.ndarray
    """Signed int64; 0 where not known."""
    known: np.ndarray
    """Where the amount is known."""
    balance: np.ndarray
    """int64 fen after the row; 0 where not known."""
    shown: np.ndarray
    """Where the balance is known."""
    time: np.ndarray
    """datetime64[us]; NaT where not known."""
    account: np.ndarray
    """A number for each own account."""
    order: np.ndarray
    """int64, as ``order.sequence`` gives it."""


def directions(facts: Facts, one: Format) -> tuple[np.ndarray, list[pd.DataFrame], list[Reason]]:
    """
    Decide the direction of every row, or say why it cannot be decided.

    Parameters
    ----------
    facts
        The rows.
    one
        The format, with its own words.

    Returns
    -------
    direction, faults, notes
        NONE, INTO or OUTOF by row; each NONE of a known amount has a fault.
    """
    notes: list[Reason] = []
    mark = facts.marks.map(lambda words: words.str.strip())
    words = mark.map(lambda texts: _words(texts, one))
    vote = _votes(facts)
    decided = _digits({word[-1] for word in _used(words) if word in _DIGITS}, words, vote)
    notes += _said(decided)
    meaning = _known(one) | {word: decided[word[-1]] for word in _DIGITS if word[-1] in decided}
    found = _coded(words, meaning)
    unclear = words.flags(lambda texts: texts.isin(_DIGITS - meaning.keys()))
    filled = words.filled()
    bad = filled & (found == NONE) & ~unclear
    notes += _checked(found, vote)
    if one.positive:
        # The format says what a sign means, and nothing contradicts it.
        by_sign = np.where((facts.fen < 0) ^ (one.positive == "in"), INTO, OUTOF)
        found = np.where(~filled & facts.known, by_sign, found).astype("int8")
        against = np.zeros(len(found), bool)
    else:
        against = _signed(found, facts, filled, notes)
    free = (found == NONE) & ~bad & ~against & facts.known
    typed = free & ~filled
    if typed.any():
        found[typed] = _typed(facts.kind, one)[typed]
    neutral = mark.flags(lambda texts: texts.isin(one.neutral))
    free &= (found == NONE) & ~neutral
    if free.any():
        found[free] = _balanced(words, vote, unclear & free)[free]
        rows = int((found[free] != NONE).sum())
        notes += [BY_BALANCE.about(rows=rows)] if rows else []
    lacking = (found == NONE) & facts.known
    why = {
        SIGN_AGAINST: against,
        BAD_DIRECTION: bad,
        NEUTRAL_TYPE: lacking & neutral & ~against,
        UNCLEAR_DIGIT: lacking & unclear & ~against,
        NO_DIRECTION: lacking & ~(against | bad | neutral | unclear),
    }
    return found, [_fault(facts, mark, why[one], one) for one in why if why[one].any()], notes


def _fault(facts: Facts, mark: Column, rows: np.ndarray, reason: Reason) -> pd.DataFrame:
    shown = facts.kind if reason is NEUTRAL_TYPE else facts.marks
    value = shown.texts(facts.index, rows)
    if reason is SIGN_AGAINST:
        amounts = pd.Series(facts.fen[rows], facts.index[rows]).map(yuan).astype("str")
        value = mark.texts(facts.index, rows).str.cat(amounts, sep=" ")
    return faulty(value, "direction", "row", reason)


def _used(words: Column) -> Sequence[str]:
    """Return the writings that stand in some row; rows that were left out may have had others."""
    used = words.words if words.at is None else words.words[np.unique(words.at)]
    return list(used.unique())


def _words(mark: pd.Series, one: Format) -> pd.Series:
    words = narrow(mark).str.upper().str.replace(r"\s+", "", regex=True)
    # A dash is a mark for nothing elsewhere, and a plain minus here.
    return words.mask(mark.eq("-"), "-").mask(mark.isin(one.neutral), "")


def _known(one: Format) -> dict[str, str]:
    into, out = map(str.upper, one.incoming), map(str.upper, one.outgoing)
    return dict.fromkeys([*IN, *into], "in") | dict.fromkeys([*OUT, *out], "out")


def _coded(words: Column, meaning: dict[str, str]) -> np.ndarray:
    codes = words.words.map({word: _CODES[way] for word, way in meaning.items()})
    return np.array(words.spread(codes.fillna(NONE).to_numpy("int8")))


def _digits(present: set[str], words: Column, vote: np.ndarray) -> dict[str, str]:
    """Return what each digit means: as the balances say, or else as the digits that occur do."""
    by_balance = {
        digit: way
        for digit in present
        if (way := _agreed(vote[words.flags(partial(_ends, digit=digit))]))
    }
    if len(set(by_balance.values())) == len(present) == 2:
        return by_balance
    # 1 is out beside 2, and in beside 0; alone it says nothing.
    pairs = {"2": {"1": "out", "2": "in"}, "0": {"0": "out", "1": "in"}}
    for mark, pair in pairs.items():
        if mark in present and present <= pair.keys():
            return pair if all(pair[digit] == way for digit, way in by_balance.items()) else {}
    return {}


def _ends(texts: pd.Series, digit: str) -> pd.Series:
    return texts.isin(_DIGITS) & texts.str.endswith(digit)


def _equal(texts: pd.Series, word: str) -> pd.Series:
    return texts.eq(word)


def _agreed(votes: np.ndarray) -> str:
    into, out = int((votes == INTO).sum()), int((votes == OUTOF).sum())
    if into > _AGREED * out:
        return "in"
    return "out" if out > _AGREED * into else ""


def _said(decided: dict[str, str]) -> list[Reason]:
    by = {way: digit for digit, way in decided.items()}
    return [DIGITS.about(out=by["out"], into=by["in"])] if by else []


def _checked(found: np.ndarray, vote: np.ndarray) -> list[Reason]:
    """Say so where the balances move against the words in nearly all rows."""
    both = (found != NONE) & (vote != NONE)
    same = int((found[both] == vote[both]).sum())
    other = int(both.sum()) - same
    return [AGAINST_BALANCE.about(rows=other)] if other > 2 and other > _AGREED * same else []


def _signed(found: np.ndarray, facts: Facts, filled: np.ndarray, notes: list[Reason]) -> np.ndarray:
    """Fill in the directions that only a sign tells, and return which signs contradict."""
    negative, positive = facts.fen < 0, facts.fen > 0
    if not negative.any():
        return negative
    out = found == OUTOF
    # A sheet signs its amounts if money out is mostly negative; then money in is positive.
    signed = int((out & negative).sum()) > int((out & positive).sum()) or not out.any()
    against = (found != NONE) & negative
    if signed:
        against = (out & positive) | ((found == INTO) & negative)
    usable = ~filled & (negative | positive if signed else negative)
    found[usable] = np.where(negative, OUTOF, INTO)[usable]
    notes += [BY_SIGN.about(rows=int(usable.sum()))] if usable.any() else []
    found[against] = NONE
    return np.asarray(against)


def _typed(kind: Column, one: Format) -> np.ndarray:
    found = np.zeros(len(kind), "int8")
    for way, direction in (("own_in", INTO), ("own_out", OUTOF), ("in", INTO), ("out", OUTOF)):
        if way in one.types:
            found[(found == NONE) & matching(kind, one.types[way])] = direction
    return found


def _votes(facts: Facts) -> np.ndarray:
    """Return the direction that the balance of the row before allows, if it allows one only."""
    vote = np.zeros(len(facts.fen), "int8")
    if not facts.shown.any():
        return vote
    at = along(facts.account, facts.order)
    before, here = at[:-1], at[1:]
    pair = (facts.account[before] == facts.account[here]) & facts.shown[before]
    pair &= facts.shown[here] & facts.known[here] & (facts.fen[here] != 0)
    change, moved = facts.balance[here] - facts.balance[before], np.abs(facts.fen[here])
    vote[here[pair & (change == moved)]] = INTO
    vote[here[pair & (change == -moved)]] = OUTOF
    return vote


def _balanced(words: Column, vote: np.ndarray, digit: np.ndarray) -> np.ndarray:
    found = np.where(digit, NONE, vote)
    # One digit alone means the same in all rows: the balances at hand must agree.
    for word in _used(words):
        rows = digit & words.flags(partial(_equal, word=word))
        if rows.any() and (way := _agreed(vote[rows])):
            found[rows] = _CODES[way]
    return found
