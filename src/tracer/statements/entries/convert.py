"""Conversion: the rows of a statement become entries, and what cannot becomes faults."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa

from tracer.column import Column
from tracer.statements.cells import damaged, narrow, told
from tracer.statements.entries import bills, parties, sides
from tracer.statements.entries.assumed import COIN_ABOVE, SUCCESS_BY_BALANCE, SUCCESS_CODES
from tracer.statements.entries.direction import WAYS, Facts, columned, directions
from tracer.statements.entries.figures import balances, clocked, paid
from tracer.statements.entries.order import settled
from tracer.statements.entries.votes import NONE, OUTOF, Votes, clear, votes
from tracer.statements.formats.declare import Format
from tracer.statements.formats.rows import Body, faulty, searched
from tracer.statements.reasons import (
    BAD_STATUS,
    DAMAGED_NUMBER,
    SIGN_AGAINST,
    UNNAMED,
    Reason,
)

_FAILED = (
    r"失败|关闭|撤销|等待付款|待支付|待付款|未成功|不成功|未完成|未到账|无效"
    r"|(?i:CLOSED|FAIL|^WAIT)|^(?:否|N|n|NO|2|02)$"
)
_SUCCEEDED = r"成功|完成|(?i:SUCCESS|FINISHED)|^(?:是|Y|y|YES|1|00|S|正常)$"
_YUAN = {"", "人民币", "人民币元", "CNY", "RMB", "156", "CNY156", "人民币CNY"}
_COIN = (
    r"(?:币\s*种|货\s*币)\s*[:：]\s*([A-Za-z]{3}(?![A-Za-z])|[一-鿿]{1,5}?(?:元|币|镑|法郎|卢布))"
)
_CASH = {"现", "现金", "01", "1", "是", "Y"}
_TEXTS = (
    *("holder_id", "other_id", "channel", "summary", "place", "branch", "terminal", "ip", "mac"),
    *("merchant", "merchant_code", "remark", "institution"),
)
_CODES = ("merchant_code", "other_holder", "other_id")


@dataclass(frozen=True)
class Outcome:
    """What the rows of one sheet became."""

    frame: pd.DataFrame
    """The usable rows, by row number, with the columns of their table."""
    faults: list[pd.DataFrame]
    """Faults of rows and cells."""
    notes: list[Reason] = field(default_factory=list)
    """What was assumed."""


@dataclass(frozen=True)
class Converted:
    """What the rows of a statement became, before they are numbered and stored."""

    texts: dict[str, Column]
    """Columns of text of ``tables.ENTRIES``, except those that the file and the case know."""
    numbers: dict[str, pa.Array]
    """Its amounts, times, numbers and flags, likewise."""
    index: pd.Index
    """Shape (n,), the row numbers."""
    faults: list[pd.DataFrame]
    """Faults of rows and cells."""
    notes: list[Reason]
    """What was assumed."""


def entries(body: Body, one: Format) -> Converted:
    """
    Turn the rows of a statement or of a table of transfers into entries.

    Parameters
    ----------
    body
        The rows, untouched.
    one
        Their format.
    """
    index, notes = body.index, list[Reason]()
    columns = bills.plainly(body, one, notes)
    returned, faults = bills.refunds(columns, one, index, notes)
    kind = _kind(columns, returned)
    paired = one.kind == "transfers" and "own_card" in columns
    if paired:
        columns, owner, party, wrong = sides.both(columns, one, kind, index)
    else:
        owner, wrong = parties.own(body, one)
    faults += wrong
    if "sender" in columns:
        columns = sides.marked(columns, one, index)
    if one.unnamed and (owner["account"].words == parties.nameless(body, one)).any():
        notes.append(UNNAMED.about(account=parties.nameless(body, one)))
    with ThreadPoolExecutor(2) as pool:
        # What is only cleaned does not wait for what is reckoned.
        cleaning = pool.submit(_cleaned, columns, index, returned)
        reckoned = replace(body, columns=columns, notes=notes)
        currency = _currency(columns, one, reckoned)
        chains = _chains(owner["account"], currency)
        facts, precision, way = _reckoned(reckoned, one, chains, kind, faults=faults, pool=pool)
        success = _success(reckoned, one, facts.votes, faults)
        if "sender" in columns:
            columns = sides.facing(columns, one, way, index)
        if not paired:
            party, wrong = parties.other(replace(body, columns=columns), one, kind)
            faults += wrong
        clean = cleaning.result()
    faults += clean.faults
    party["other_account"] = _own_pocket(party["other_account"], owner, facts, one)
    texts = {
        **owner, "time_precision": precision, "direction": Column(WAYS, way), **clean.texts,
        "currency": currency, **party,
        **_said(columns, owner, party, clean.texts),
    }  # fmt: skip
    numbers = {
        "statement": pa.repeat(one.kind == "statement", len(index)),
        "time": pa.array(facts.time), "seq": pa.array(_seq(facts, way, success)),
        "fen": pa.array(np.abs(facts.fen)),
        "balance_fen": pa.array(facts.balance, mask=~facts.shown),
        "success": pa.array(success), "cash": pa.array(clean.cash),
    }  # fmt: skip
    keep = ~_lost(index, faults)
    if not keep.all():
        texts = {name: column.take(keep) for name, column in texts.items()}
        numbers = {name: column.filter(pa.array(keep)) for name, column in numbers.items()}
    return Converted(texts, numbers, index[keep], faults, notes)


@dataclass(frozen=True)
class _Clean:
    """What the columns that are only cleaned became."""

    texts: dict[str, Column]
    cash: np.ndarray
    faults: list[pd.DataFrame]


def _cleaned(columns: dict[str, Column], index: pd.Index, returned: Column) -> _Clean:
    faults: list[pd.DataFrame] = []
    blank = Column.same("", len(index))
    texts = {name: columns[name].map(told) for name in _TEXTS if name in columns}
    if returned.filled().any():
        remark = Column.joined([texts.get("remark", blank), returned], " ")
        texts["remark"] = remark.map(lambda words: words.str.strip())
    cash = columns.get("cash", blank).flags(lambda words: told(words).isin(_CASH))
    return _Clean(texts | _serials(columns, index, faults), cash, faults)


def _reckoned(
    body: Body,
    one: Format,
    account: np.ndarray,
    kind: Column,
    *,
    faults: list[pd.DataFrame],
    pool: ThreadPoolExecutor,
) -> tuple[Facts, Column, np.ndarray]:
    """Return times, amounts and balances, the precision of the times, and the directions."""
    columns, index, notes = body.columns, body.index, body.notes
    wrong: list[pd.DataFrame] = []
    weighing = pool.submit(balances, columns, one, index, wrong)
    time, precision = clocked(columns, one, index, notes, faults)
    fen, known, spent = paid(columns, one, index, faults)
    balance, shown = weighing.result()
    faults += wrong
    money = {"fen": fen, "known": known, "balance": balance, "shown": shown}
    facts = Facts(
        index, columns.get("direction", Column.same("", len(index))), kind, **money, time=time,
        account=account, votes=votes(time, account, **money),
    )  # fmt: skip
    way, wrong = _way(facts, columns, one, spent, notes)
    faults += wrong
    return facts, precision, way


def _chains(account: Column, currency: Column) -> np.ndarray:
    """Return a number for each account and currency, which have a balance of their own."""
    own, coin = (column.category().codes.astype("int64") for column in (account, currency))
    if not len(own) or coin.min() == coin.max():
        return own
    return np.asarray(pd.factorize(own * (int(coin.max()) + 1) + coin)[0])


def _said(
    columns: dict[str, Column],
    owner: dict[str, Column],
    party: dict[str, Column],
    texts: dict[str, Column],
) -> dict[str, Column]:
    """Return names and codes as the columns say them, zeros for nothing left out."""
    found = {}
    for name, known in (("holder", owner["holder"]), ("merchant_code", party["merchant_code"])):
        found[name] = known
        if name in columns:
            said = columns[name].map(told)
            found[name] = said.where(said.filled(), known)
    for name in _CODES:
        column = found.get(name, party.get(name, texts.get(name)))
        if column is not None:
            found[name] = column.map(_zeroless)
    coded = found["merchant_code"].filled()
    if coded.any() and "merchant" not in columns:
        found["merchant"] = party["other_holder"].mask(~coded)
    return found


def _zeroless(words: pd.Series) -> pd.Series:
    # Exports fill these with zeros where there is nothing to say.
    zeros = words.str.fullmatch("[0０]+")
    return words.mask(zeros, "") if zeros.any() else words


def _lost(index: pd.Index, faults: list[pd.DataFrame]) -> np.ndarray:
    rows = [part.loc[part["aside"].eq("row"), "row"] for part in faults]
    lost: np.ndarray = np.zeros(len(index), bool)
    return index.isin(pd.concat(rows)) if any(len(part) for part in rows) else lost


def _seq(facts: Facts, way: np.ndarray, success: np.ndarray) -> np.ndarray:
    moved = np.where(success, np.abs(facts.fen), 0)
    change = np.where(way == OUTOF, -moved, moved)
    known = facts.shown & ((way != NONE) | (moved == 0)) & facts.known
    before = facts.balance - change
    return settled(
        facts.account,
        facts.time,
        facts.votes.order,
        before=before,
        balance=facts.balance,
        known=known,
    )


def _way(
    facts: Facts,
    columns: dict[str, Column],
    one: Format,
    spent: np.ndarray | None,
    notes: list[Reason],
) -> tuple[np.ndarray, list[pd.DataFrame]]:
    if spent is not None:
        way, unclear = columned(facts, spent, one, notes)
        return way, _against(columns["expense"], facts.index, unclear)
    if one.kind == "transfers":
        cells = columns["fen" if "fen" in columns else "amount"]
        wrong = _against(cells, facts.index, facts.fen < 0)
        return np.full(len(facts.index), OUTOF, "int8"), wrong
    way, faults, more = directions(facts, one)
    notes += more
    return way, faults


def _against(cells: Column, index: pd.Index, rows: np.ndarray) -> list[pd.DataFrame]:
    found = cells.texts(index, rows)
    return [faulty(found, "amount", "row", SIGN_AGAINST)] if len(found) else []


def aside(index: pd.Index, faults: list[pd.DataFrame]) -> pd.Series:
    """Return which rows have a fault that sets the whole row aside."""
    rows = [part.loc[part["aside"].eq("row"), "row"] for part in faults]
    lost = pd.concat(rows) if rows else pd.Series(dtype="int64")
    return pd.Series(index.isin(lost), index=index)


def _kind(columns: dict[str, Column], returned: Column) -> Column:
    blank = Column.same("", len(returned))
    parts = [columns.get(name, blank).map(told) for name in ("type", "summary", "success")]
    kind = Column.joined(parts, "|")
    # A payment of which something came back says so at its end.
    back = Column.same("|已退款", len(returned)).mask(~returned.filled())
    return Column.joined([kind, back], "")


def _own_pocket(account: Column, owner: dict[str, Column], facts: Facts, one: Format) -> Column:
    """Give rows between two pockets of one account that account on both sides."""
    patterns = (*one.types.get("own_in", ()), *one.types.get("own_out", ()))
    if not patterns:
        return account
    inside = facts.marks.flags(lambda words: words.str.strip().isin(one.neutral))
    inside &= parties.matching(facts.kind, patterns)
    return owner["account"].where(inside, account)


def _success(body: Body, one: Format, balances: Votes, faults: list[pd.DataFrame]) -> np.ndarray:
    """Return which rows moved money."""
    if "success" not in body.columns:
        return np.ones(len(body.index), bool)
    word = body.columns["success"].map(narrow)
    once = word.words
    failed = _contains(once, (_FAILED, *one.failed))
    good = once.eq("") | _contains(once, (_SUCCEEDED, *one.succeeded)) & ~failed
    used = once if word.at is None else once[np.unique(word.at)]
    codes = set(used) & {"0", "1", "2", "00", "01", "02"}
    # Beside 00, 01 means failure; a column of one code only says that all is well.
    failed = failed.mask(once.isin(["0", "00", "01"]), False)
    if len(codes) == 1:
        failed, good = failed.mask(once.isin(codes), False), good | once.isin(codes)
    elif codes:
        bad_codes = _failing(word, codes, balances, body.notes)
        failed = failed.mask(once.isin(codes), False) | once.isin(bad_codes)
        good |= once.isin(codes - bad_codes)
    unknown = word.spread((~(failed | good)).to_numpy(dtype=bool))
    if unknown.any():
        cells = body.columns["success"].texts(body.index, unknown)
        faults.append(faulty(cells, "success", "cell", BAD_STATUS))
    moved: np.ndarray = ~word.spread(failed.to_numpy(dtype=bool))
    moved |= _paid(body.columns, one, body.index)
    return moved


def _failing(word: Column, codes: set[str], balances: Votes, notes: list[Reason]) -> set[str]:
    """Return which codes mean failure: as usual, unless the balances move under just those."""
    usual = {"01"} if "00" in codes else codes & {"0", "02", "2"}
    rows = {code: word.flags(partial(_equal, code=code)) for code in codes}
    moves = {code: at & (balances.way != NONE) for code, at in rows.items()}
    rests = {code: at & balances.still for code, at in rows.items()}
    working = {code for code in codes if clear(moves[code], rests[code])}
    idle = {code for code in codes if clear(rests[code], moves[code])}
    found = usual
    if working & usual:
        found = {one for one in codes - working if rests[one].sum() >= moves[one].sum()}
    elif idle - usual:
        found = idle
    if found != usual:
        said = "、".join(sorted(found)) or "无"
        notes.append(
            SUCCESS_BY_BALANCE.about(failed=said, failed_en=", ".join(sorted(found)) or "none")
        )
    elif not working and usual:
        notes.append(SUCCESS_CODES.about(failed="、".join(sorted(usual))))
    return found


def _equal(words: pd.Series, code: str) -> pd.Series:
    return words.eq(code)


def _contains(words: pd.Series, patterns: Sequence[str]) -> pd.Series:
    return words.str.contains("|".join(f"(?:{one})" for one in patterns))


def _paid(columns: dict[str, Column], one: Format, index: pd.Index) -> np.ndarray:
    """Return which closed trades had been paid before, so that their refund is no gift."""
    if not one.paid_by or one.paid_by not in columns or "success" not in columns:
        return np.zeros(len(index), bool)
    closed = columns["success"].flags(lambda words: told(words).str.contains("关闭"))
    paid: np.ndarray = closed & columns[one.paid_by].map(told).filled()
    return paid


def _serials(
    columns: dict[str, Column], index: pd.Index, faults: list[pd.DataFrame]
) -> dict[str, Column]:
    found: dict[str, Column] = {}
    for name in ("serial", "link_serial"):
        if name in columns:
            cells, said = columns[name], columns[name].map(told)
            lost = said.flags(damaged)
            found[name] = said.map(_unwrapped).map(_zeroless).mask(lost)
            if lost.any():
                faults.append(faulty(cells.texts(index, lost), name, "cell", DAMAGED_NUMBER))
    return found


def _unwrapped(words: pd.Series) -> pd.Series:
    # Old exports wrap a number in brackets, which are no part of it.
    wrapped = words.str.startswith("[")
    return words.str.replace(r"^\[(.*)\]$", r"\1", regex=True) if wrapped.any() else words


def _currency(columns: dict[str, Column], one: Format, body: Body) -> Column:
    said = one.currency
    if "currency" in one.preamble:
        said = searched(one.preamble["currency"], body.above)
    elif not said and "currency" not in columns:
        # A line above the header tells, where it is the only one.
        found = set(re.findall(_COIN, body.above))
        said = found.pop() if len(found) == 1 else ""
        if said and _coin(pd.Series([said.upper()], dtype="str")).ne("CNY").all():
            body.notes.append(COIN_ABOVE.about(said=said))
    text = columns.get("currency", Column.same(said, len(body.index)))
    return text.map(lambda words: _coin(narrow(words).str.upper()))


def _coin(words: pd.Series) -> pd.Series:
    return words.mask(words.isin(_YUAN), "CNY")
