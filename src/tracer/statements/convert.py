"""Conversion: the rows of a statement become entries, and what cannot becomes faults."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pandas as pd

from tracer.statements import parties, sides
from tracer.statements.cells import amounts, joined, narrow, numbers, plain, times, told
from tracer.statements.declare import Format
from tracer.statements.direction import contains, directions
from tracer.statements.order import proved, sequence
from tracer.statements.reasons import (
    BAD_AMOUNT,
    BAD_BALANCE,
    BAD_STATUS,
    BAD_TIME,
    BOTH_AMOUNTS,
    DAMAGED_NUMBER,
    MIDNIGHT,
    NO_AMOUNT,
    NO_TIME,
    SIGN_AGAINST,
    STEPS,
    Reason,
)
from tracer.statements.rows import Body, faulty

_FAILED = (
    r"失败|关闭|撤销|等待付款|待支付|待付款|未成功|不成功|未完成|未到账|无效"
    r"|(?i:CLOSED|FAIL|^WAIT)|^(?:否|N|n|NO|2|02)$"
)
_SUCCEEDED = r"成功|完成|(?i:SUCCESS|FINISHED)|^(?:是|Y|y|YES|1|00|S|正常)$"
_YUAN = {"", "人民币", "人民币元", "CNY", "RMB", "156", "CNY156", "人民币CNY"}
_CASH = {"现", "现金", "01", "1", "是", "Y"}
_TEXTS = (
    *("holder_id", "other_id", "channel", "summary", "place", "branch", "terminal", "ip", "mac"),
    *("merchant", "merchant_code", "remark", "institution"),
)
_WRAPPED = r"^\[(.*)\]$"
# Exports fill these with zeros where there is nothing to say.
_CODES = ("serial", "link_serial", "merchant_code", "other_holder", "other_id")


@dataclass(frozen=True)
class Outcome:
    """What the rows of one sheet became."""

    frame: pd.DataFrame
    """The usable rows, by row number, with the columns of their table."""
    faults: list[pd.DataFrame]
    """Faults of rows and cells."""
    notes: list[Reason] = field(default_factory=list)
    """What was assumed."""


def entries(body: Body, one: Format) -> Outcome:
    """
    Turn the rows of a statement or of a table of transfers into entries.

    Parameters
    ----------
    body
        The rows, untouched.
    one
        Their format.

    Returns
    -------
    Outcome
        Columns of ``tables.ENTRIES`` except those that the file and the case know.
    """
    raw, notes = body.raw, list[Reason]()
    index = raw.index
    blank = pd.Series("", index=index, dtype="str")
    kind = _kind(raw, index)
    paired = one.kind == "transfers" and "own_card" in raw
    if paired:
        raw, owner, party, faults = sides.both(raw, one, kind)
    else:
        owner, faults = parties.own(body, one)
    if "sender" in raw:
        raw = sides.marked(raw, one)
    time, precision, wrong = moments(raw, one, notes)
    faults += wrong
    fen, way, wrong = _money(raw, one)
    faults += wrong
    balance, bad = amounts(raw["balance"], one.unit) if "balance" in raw else _none(index)
    faults += [faulty(raw.loc[bad, "balance"], "balance", "cell", BAD_BALANCE)] if bad.any() else []
    order = sequence(time, owner["account"])
    facts = pd.DataFrame({
        "marks": raw.get("direction", blank), "fen": fen, "balance": balance, "time": time,
        "account": owner["account"], "order": order, "kind": kind,
    })  # fmt: skip
    if way is None:
        way, wrong = _way(facts, raw, one, notes)
        faults += wrong
    if "sender" in raw:
        raw = sides.facing(raw, one, way)
    if not paired:
        party, wrong = parties.other(replace(body, raw=raw), one, kind)
        faults += wrong
    party = _own_pocket(party, owner, kind, raw, one)
    success, wrong = _success(raw, one, index)
    success |= _paid(raw, one, index)
    faults += wrong
    texts = {name: plain(raw[name]) for name in _TEXTS if name in raw}
    frame = pd.DataFrame(
        {
            **owner, "statement": one.kind == "statement",
            "time": time, "time_precision": precision,
            "seq": _seq(facts, way, success),
            "direction": way, "fen": fen.abs(), "balance_fen": balance,
            **{name: told(column) for name, column in texts.items()}, **_serials(raw, faults),
            "currency": _currency(raw, blank), "cash": told(raw.get("cash", blank)).isin(_CASH),
            "success": success, **party,
        },
        index=index,
    )  # fmt: skip
    for name in ("holder", "merchant_code"):
        if name in raw:
            frame[name] = told(raw[name]).where(told(raw[name]).ne(""), frame[name])
    for name in frame.columns.intersection(list(_CODES)):
        frame[name] = frame[name].mask(frame[name].str.fullmatch("[0０]+"), "")
    if (coded := frame["merchant_code"].ne("")).any() and "merchant" not in raw:
        frame["merchant"] = frame["other_holder"].where(coded, "")
    return Outcome(frame[~aside(index, faults)], faults, notes)


def _seq(facts: pd.DataFrame, way: pd.Series, success: pd.Series) -> pd.Series:
    moved = facts["fen"].abs().where(success, 0)
    change = moved.mask(way.eq("out"), -moved).mask(way.eq("") & moved.ne(0))
    return proved(facts.assign(before=facts["balance"] - change))


def _way(
    facts: pd.DataFrame, raw: pd.DataFrame, one: Format, notes: list[Reason]
) -> tuple[pd.Series, list[pd.DataFrame]]:
    if one.kind == "transfers":
        cells = raw["fen" if "fen" in raw else "amount"]
        against = cells[facts["fen"].lt(0).fillna(value=False).astype(bool)]
        wrong = [faulty(against, "amount", "row", SIGN_AGAINST)] if len(against) else []
        return pd.Series("out", index=raw.index), wrong
    way, faults, more = directions(facts, one)
    notes += more
    return way, faults


def aside(index: pd.Index, faults: list[pd.DataFrame]) -> pd.Series:
    """Return which rows have a fault that sets the whole row aside."""
    rows = [part.loc[part["aside"].eq("row"), "row"] for part in faults]
    lost = pd.concat(rows) if rows else pd.Series(dtype="int64")
    return pd.Series(index.isin(lost), index=index)


def moments(
    raw: pd.DataFrame, one: Format, notes: list[Reason]
) -> tuple[pd.Series, pd.Series, list[pd.DataFrame]]:
    """
    Read the time of every row.

    Parameters
    ----------
    raw
        The rows; the time may be split over the meanings date and time.
    one
        Their format; with an epoch, times count days.
    notes
        What is assumed is added here.

    Returns
    -------
    time, precision, faults
    """
    cells = raw["time"] if "time" in raw else raw["date"]
    if "date" in raw and "time" in raw:
        cells = joined(raw["date"], raw["time"])
    if one.epoch is not None:
        notes.append(STEPS.about(epoch=one.epoch))
        steps = pd.to_numeric(narrow(cells).where(lambda text: text.str.fullmatch(r"\d{1,5}")))
        time = (pd.Timestamp(one.epoch) + pd.to_timedelta(steps, unit="D")).astype("datetime64[us]")
        precision = pd.Series("day", index=raw.index)
    else:
        time, precision = times(cells)
    known = time[time.notna()]
    if (
        len(known) > 1
        and precision.isin(["second", ""]).all()
        and known.eq(known.dt.normalize()).all()
    ):
        notes.append(MIDNIGHT)
        precision = precision.mask(time.notna(), "day")
    empty = told(cells).eq("")
    bad = time.isna() & ~empty
    faults = [
        faulty(cells[rows], "time", "row", why)
        for rows, why in ((empty, NO_TIME), (bad, BAD_TIME))
        if rows.any()
    ]
    return time, precision, faults


def _money(
    raw: pd.DataFrame, one: Format
) -> tuple[pd.Series, pd.Series | None, list[pd.DataFrame]]:
    if "income" in raw and "expense" in raw:
        return _two_columns(raw, one)
    name, unit = ("fen", "fen") if "fen" in raw else ("amount", one.unit)
    fen, faults = money(raw[name], unit)
    return fen, None, faults


def money(cells: pd.Series, unit: str) -> tuple[pd.Series, list[pd.DataFrame]]:
    """Return a column that must hold amounts as signed fen, with a fault for each that does not."""
    fen, bad = amounts(cells, unit)
    empty = fen.isna() & ~bad
    pairs = ((empty, NO_AMOUNT), (bad, BAD_AMOUNT))
    return fen, [faulty(cells[rows], "amount", "row", why) for rows, why in pairs if rows.any()]


def _two_columns(raw: pd.DataFrame, one: Format) -> tuple[pd.Series, pd.Series, list[pd.DataFrame]]:
    came, bad_came = amounts(raw["income"], one.unit)
    went, bad_went = amounts(raw["expense"], one.unit)
    if one.minus and int(went.lt(0).sum()) > int(went.gt(0).sum()):
        went = -went
    # Some exports write 0.00 into the column that does not apply.
    came, went = (
        came.mask(came.eq(0) & went.notna() & went.ne(0)),
        went.mask(went.eq(0) & came.notna() & came.ne(0)),
    )
    bad = bad_came | bad_went
    both, neither = came.notna() & went.notna() & ~bad, came.isna() & went.isna() & ~bad
    text = (told(raw["income"]) + " " + told(raw["expense"])).str.strip()
    pairs = ((bad, BAD_AMOUNT), (both, BOTH_AMOUNTS), (neither, NO_AMOUNT))
    faults = [faulty(text[rows], "amount", "row", why) for rows, why in pairs if rows.any()]
    fen = came.fillna(went)
    into = came.notna()
    # A negative amount in a column is a reversal: it went the other way.
    into = into ^ fen.lt(0).fillna(value=False).astype(bool)
    return fen, pd.Series("out", index=raw.index).mask(into, "in"), faults


def _none(index: pd.Index) -> tuple[pd.Series, pd.Series]:
    return pd.Series(pd.NA, index=index, dtype="Int64"), pd.Series(data=False, index=index)


def _kind(raw: pd.DataFrame, index: pd.Index) -> pd.Series:
    blank = pd.Series("", index=index, dtype="str")
    kind, summary, status = (told(raw.get(name, blank)) for name in ("type", "summary", "success"))
    return kind.str.cat(summary, sep="|").str.cat(status, sep="|")


def _own_pocket(
    party: pd.DataFrame, owner: pd.DataFrame, kind: pd.Series, raw: pd.DataFrame, one: Format
) -> pd.DataFrame:
    """Give rows between two pockets of one account that account on both sides."""
    patterns = (*one.types.get("own_in", ()), *one.types.get("own_out", ()))
    if not patterns or "direction" not in raw:
        return party
    inside = raw["direction"].str.strip().isin(one.neutral) & contains(kind, patterns)
    account = party["other_account"].mask(inside, owner["account"])
    return party.assign(other_account=account)


def _success(
    raw: pd.DataFrame, one: Format, index: pd.Index
) -> tuple[pd.Series, list[pd.DataFrame]]:
    if "success" not in raw:
        return pd.Series(data=True, index=index), []
    word = narrow(raw["success"])
    once = pd.Series(word.unique(), dtype="str")
    failed = contains(once, (_FAILED, *one.failed))
    good = once.eq("") | contains(once, (_SUCCEEDED, *one.succeeded)) & ~failed
    codes = set(once) & {"0", "1", "2", "00", "01", "02"}
    # Beside 00, 01 means failure; a column of one code only says that all is well.
    failed = failed.mask(once.isin(["0", "00", "01"]), False)
    if len(codes) == 1:
        failed, good = failed.mask(once.isin(codes), False), good | once.isin(codes)
    elif codes:
        bad_codes = {"01"} if "00" in codes else {"0", "02", "2"}
        failed, good = failed | once.isin(bad_codes), good | once.isin(codes - bad_codes)
    states = dict(zip(once, failed, strict=True)), dict(zip(once, failed | good, strict=True))
    success, known = ~word.map(states[0]).astype(bool), word.map(states[1]).astype(bool)
    cells = raw.loc[~known, "success"]
    return success, [faulty(cells, "success", "cell", BAD_STATUS)] if len(cells) else []


def _paid(raw: pd.DataFrame, one: Format, index: pd.Index) -> pd.Series:
    """Return which closed trades had been paid before, so that their refund is no gift."""
    if not one.paid_by or one.paid_by not in raw or "success" not in raw:
        return pd.Series(data=False, index=index)
    return told(raw["success"]).str.contains("关闭") & told(raw[one.paid_by]).ne("")


def _serials(raw: pd.DataFrame, faults: list[pd.DataFrame]) -> dict[str, pd.Series]:
    found = {}
    for name in ("serial", "link_serial"):
        if name in raw:
            _, lost = numbers(raw[name])
            # Old exports wrap a number in brackets, which are no part of it.
            found[name] = told(raw[name]).mask(lost, "").str.replace(_WRAPPED, r"\1", regex=True)
            if lost.any():
                faults.append(faulty(raw.loc[lost, name], name, "cell", DAMAGED_NUMBER))
    return found


def _currency(raw: pd.DataFrame, blank: pd.Series) -> pd.Series:
    text = narrow(raw.get("currency", blank)).str.upper()
    return text.mask(text.isin(_YUAN), "CNY")
