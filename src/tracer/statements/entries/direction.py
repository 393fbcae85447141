"""Direction: whether money came in or went out, from mark, sign, type or balance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from tracer.column import Column
from tracer.money import yuan
from tracer.statements.cells import narrow
from tracer.statements.entries.assumed import DIGIT_VOTES, EITHER_WAY, MINUS
from tracer.statements.entries.parties import matching
from tracer.statements.entries.votes import AGREED, INTO, LEAST, NONE, OUTOF, Votes, clear
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
WAYS = pd.Series(["", "in", "out"], dtype="str")
_CODES = {"in": INTO, "out": OUTOF}
# Where nothing else tells, so many minuses for each plus are the way in which a column is written.
_MOSTLY = 4


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
    """A number for each own account and currency."""
    votes: Votes
    """What the balances say."""


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
    vote = _vote(facts, one)
    words = _plain(mark.map(lambda texts: _words(texts, one)), vote, one)
    decided = _digits({word[-1] for word in _used(words) if word in _DIGITS}, words, vote, notes)
    meaning = _known(one) | {word: decided[word[-1]] for word in _DIGITS if word[-1] in decided}
    found = _coded(words, meaning)
    unclear = words.flags(lambda texts: texts.isin(_DIGITS - meaning.keys()))
    filled = words.filled()
    bad = filled & (found == NONE) & ~unclear
    found = _checked(found, vote, notes)
    if one.positive:
        # The format says what a sign means.
        by_sign = np.where((facts.fen < 0) ^ (one.positive == "in"), INTO, OUTOF)
        by_sign = np.where(~filled & facts.known, by_sign, NONE).astype("int8")
        found = np.maximum(found, _checked(by_sign, vote, notes))
        against = np.zeros(len(found), bool)
    else:
        found, against = _signed(found, facts, filled, vote, notes)
    free = (found == NONE) & ~bad & ~against & facts.known
    typed = free & ~filled
    if typed.any():
        found[typed] = _typed(facts.kind, one)[typed]
    neutral = mark.flags(lambda texts: texts.isin(one.neutral))
    by_balance = free & (found == NONE) & ~neutral & ~unclear & (vote != NONE)
    if by_balance.any():
        found[by_balance] = vote[by_balance]
        notes.append(BY_BALANCE.about(rows=int(by_balance.sum())))
    lacking = (found == NONE) & facts.known & ~against
    either = lacking & facts.votes.either & ~(bad | neutral | unclear)
    why = {
        SIGN_AGAINST: against,
        BAD_DIRECTION: bad,
        NEUTRAL_TYPE: lacking & neutral,
        UNCLEAR_DIGIT: lacking & unclear,
        EITHER_WAY: either,
        NO_DIRECTION: lacking & ~(either | bad | neutral | unclear),
    }
    return found, [_fault(facts, mark, why[one], one) for one in why if why[one].any()], notes


def columned(
    facts: Facts, spent: np.ndarray, one: Format, notes: list[Reason]
) -> tuple[np.ndarray, np.ndarray]:
    """
    Decide the direction of rows whose amount stands in a column of income or of expense.

    A negative amount is a reversal, which goes the other way, unless the whole
    column is written with a minus; and the balances may show that the columns
    are named from the other side.

    Parameters
    ----------
    facts
        The rows.
    spent
        Shape (n,), where the amount stands in the column of expense.
    one
        Their format.
    notes
        What is assumed is added here.

    Returns
    -------
    direction, unclear
        INTO or OUTOF by row, and where it is neither told nor proved what a minus means.
    """
    vote, negative = _vote(facts, one), facts.fen < 0
    way = np.where(spent ^ negative, OUTOF, INTO).astype("int8")
    minus, plus = spent & negative, spent & (facts.fen > 0)
    same, other = (vote != NONE) & (vote == way), (vote != NONE) & (vote != way)
    wrong, upside = clear(spent & other, spent & same), clear(~spent & other, ~spent & same)
    signed = int(minus.sum()) > int(plus.sum())
    unclear = np.zeros(len(way), bool)
    if signed:
        mostly = int(minus.sum()) > _MOSTLY * int(plus.sum())
        wrong |= mostly and not (spent & same).any()
        if wrong:
            notes.append(MINUS.about(rows=int(minus.sum())))
        elif not clear(spent & same, spent & other):
            unclear = minus & (vote == NONE)
    else:
        # Both columns are named from one side; either may have no balance to show it.
        wrong, upside = (
            wrong or (upside and not (spent & same).any()),
            upside or (wrong and not (~spent & same).any()),
        )
    reversed_ = (~spent & upside) | (spent & wrong & (not signed))
    if reversed_.any():
        notes.append(AGAINST_BALANCE.about(rows=int((reversed_ & (vote != NONE)).sum())))
    flipped = (spent & wrong) | (~spent & upside)
    way[flipped] = _opposite(way)[flipped]
    odd = negative & (vote != NONE) & (vote != way)
    if odd.any():
        way[odd] = vote[odd]
        notes.append(BY_BALANCE.about(rows=int(odd.sum())))
    return way, unclear


def _vote(facts: Facts, one: Format) -> np.ndarray:
    # The balance of a card's bill is what is owed, and moves the other way.
    return np.zeros_like(facts.votes.way) if one.positive == "out" else facts.votes.way


def _opposite(way: np.ndarray) -> np.ndarray:
    return np.where(way == NONE, NONE, INTO + OUTOF - way).astype("int8")


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
    # A dash is a mark for nothing elsewhere, and may be a minus here.
    return words.mask(mark.eq("-"), "-").mask(mark.isin(one.neutral), "")


def _plain(words: Column, vote: np.ndarray, one: Format) -> Column:
    """Return the marks without a dash that is no minus but a mark for nothing."""
    used = set(_used(words))
    if "-" not in used or "-" in one.outgoing or "+" in used:
        return words
    way = _agreed(vote[words.flags(partial(_equal, word="-"))])
    # Beside words, or in every row, it says nothing unless the balances say so.
    if way == "out" or (used == {"-", ""} and way != "in"):
        return words
    return words.map(lambda texts: texts.mask(texts.eq("-"), ""))


def _known(one: Format) -> dict[str, str]:
    into, out = map(str.upper, one.incoming), map(str.upper, one.outgoing)
    return dict.fromkeys([*IN, *into], "in") | dict.fromkeys([*OUT, *out], "out")


def _coded(words: Column, meaning: dict[str, str]) -> np.ndarray:
    codes = words.words.map({word: _CODES[way] for word, way in meaning.items()})
    return np.array(words.spread(codes.fillna(NONE).to_numpy("int8")))


def _digits(
    present: set[str], words: Column, vote: np.ndarray, notes: list[Reason]
) -> dict[str, str]:
    """Return what each digit means: as the balances say, or else as the digits that occur do."""
    if not present:
        return {}
    votes = {digit: vote[words.flags(partial(_ends, digit=digit))] for digit in present}
    votes = {digit: ways[ways != NONE] for digit, ways in votes.items()}
    told = {digit: way for digit, ways in votes.items() if (way := _agreed(ways, least=1))}
    enough = sum(map(len, votes.values())) >= LEAST
    if not (enough and len(set(told.values())) == len(present) == 2):
        # 1 is out beside 2, and in beside 0; alone it says nothing.
        pairs = {"2": {"1": "out", "2": "in"}, "0": {"0": "out", "1": "in"}}
        for mark, pair in pairs.items():
            if mark in present and present <= pair.keys() and _borne(pair, votes):
                by = {way: digit for digit, way in pair.items()}
                notes.append(DIGITS.about(out=by["out"], into=by["in"]))
                return pair
        told = {digit: way for digit in present if (way := _agreed(votes[digit]))}
    for digit, way in sorted(told.items()):
        zh = "收" if way == "in" else "付"
        count = len(votes[digit])
        notes.append(DIGIT_VOTES.about(digit=digit, way=zh, way_en=way, votes=count))
    return told


def _borne(pair: dict[str, str], votes: dict[str, np.ndarray]) -> bool:
    """Return whether the balances do not speak against what digits usually mean."""
    same = sum(int((ways == _CODES[pair[digit]]).sum()) for digit, ways in votes.items())
    other = sum(map(len, votes.values())) - same
    return not other or same > AGREED * other


def _ends(texts: pd.Series, digit: str) -> pd.Series:
    return texts.isin(_DIGITS) & texts.str.endswith(digit)


def _equal(texts: pd.Series, word: str) -> pd.Series:
    return texts.eq(word)


def _agreed(votes: np.ndarray, least: int = LEAST) -> str:
    into, out = int((votes == INTO).sum()), int((votes == OUTOF).sum())
    if into >= least and into > AGREED * out:
        return "in"
    return "out" if out >= least and out > AGREED * into else ""


def _checked(found: np.ndarray, vote: np.ndarray, notes: list[Reason]) -> np.ndarray:
    """Return the directions, turned round where the balances move against nearly all of them."""
    both = (found != NONE) & (vote != NONE)
    other = both & (found != vote)
    if not clear(other, both & ~other):
        return found
    notes.append(AGAINST_BALANCE.about(rows=int(other.sum())))
    return _opposite(found)


def _signed(
    found: np.ndarray, facts: Facts, filled: np.ndarray, vote: np.ndarray, notes: list[Reason]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the directions with those that only a sign tells, and which signs contradict."""
    negative, positive = facts.fen < 0, facts.fen > 0
    if not negative.any():
        return found, negative
    out = found == OUTOF
    # A sheet signs its amounts if money out is mostly negative; then money in is positive.
    signed = int((out & negative).sum()) > int((out & positive).sum()) or not out.any()
    against = (found != NONE) & negative
    if signed:
        against = (out & positive) | ((found == INTO) & negative)
    usable = ~filled & (negative | positive if signed else negative)
    by_sign = np.where(usable, np.where(negative, OUTOF, INTO), NONE).astype("int8")
    by_sign = _checked(by_sign, vote, notes)
    told = usable & (vote != NONE)
    other = told & (vote != by_sign)
    if int(other.sum()) * AGREED > int((told & ~other).sum()):
        # What the sign means is open, and only the balances tell the rows.
        usable = told
    usable &= ~other
    found = np.where(usable, by_sign, found)
    notes += [BY_SIGN.about(rows=int(usable.sum()))] if usable.any() else []
    return np.where(against, NONE, found).astype("int8"), against


def _typed(kind: Column, one: Format) -> np.ndarray:
    found = np.zeros(len(kind), "int8")
    for way, direction in (("own_in", INTO), ("own_out", OUTOF), ("in", INTO), ("out", OUTOF)):
        if way in one.types:
            found[(found == NONE) & matching(kind, one.types[way])] = direction
    return found
