"""Cash: amount, balance and direction of an unknown layout, proved by the balances where it can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import pandas as pd

from tracer.statements.amounts import amounts
from tracer.statements.cells import narrow
from tracer.statements.entries.direction import IN, OUT
from tracer.statements.formats import units
from tracer.statements.generic.choices import MARGIN, SURE, Choice, Table, differ, pick, unsure
from tracer.statements.generic.running import Run, run
from tracer.statements.generic.synonyms import EXACT, WEAKER, Name
from tracer.statements.reasons import RIVALS, UNCLEAR_DIRECTION, UNCLEAR_UNIT, Reason

_PROVED = 0.98
# So many balances must follow before columns are told by them alone.
ALONE = 5
# In a sheet of more nameless amounts than these nobody knows what they are.
_MOST = 12
_PAID = ("amount", "fen", "income", "expense")
_OTHER_UNIT = Reason(
    "{candidates}的金额单位是“{said}”，不是元也不是分，请换算后再载入",
    "the amounts of {candidates} count {said!r}, which is neither yuan nor fen",
)
_UNITS = Reason(
    "几列金额的单位或币种不同（{candidates}），不能用一种单位读取",
    "the amounts differ in unit or currency ({candidates})",
)


@dataclass(frozen=True)
class Money:
    """The read amounts of a table."""

    fen: pd.Series
    """Shape (n,), Int64; signed where the file signs them, and where two columns tell."""
    balance: pd.Series
    """Shape (n,), Int64."""
    two: bool
    """Whether income and expense have columns of their own."""
    run: Run
    """What the balance says."""


def money(table: Table, account: pd.Series, moment: pd.Series) -> Money:
    """Choose the amount and the balance, the latter by what follows from row to row."""
    none = pd.Series(pd.NA, index=table.sample.index, dtype="Int64")
    before = len(table.unclear)
    values, two = _amount(table)
    if values is None and len(table.unclear) == before:
        values, two = _told_by_balance(table, account, moment)
    if values is None:
        if len(table.unclear) == before:
            unsure(table, "amount", table.candidates("amount") + table.candidates("income"))
        return Money(none, none, two=False, run=Run())
    balance, chain = none, Run()
    for one in table.candidates("balance"):
        left = _read(table, one.places[0], unit(table))
        steps = run(values, left, account, moment)
        if (steps.proved, steps.holds) > (chain.proved, chain.holds) or balance.isna().all():
            balance, chain = left, steps
            table.choices["balance"] = one
    _weighed(table, chain)
    _counted(table, values)
    _alike(table)
    return Money(values, balance, two, chain)


def unit(table: Table) -> str:
    """Return what the chosen amounts count: yuan or fen."""
    return "fen" if any(_fen(table, at) == 1 for at in _paid(table)) else "yuan"


def currency(table: Table) -> str:
    """Return the code of the currency that the headers of the chosen amounts tell; "" if none."""
    said = [units.header(table.headers[at]) for at in _paid(table)]
    told_of = {one.currency for one in said if one is not None} - {"", "CNY"}
    return told_of.pop() if len(told_of) == 1 else ""


def _paid(table: Table) -> list[int]:
    return [at for name in _PAID if name in table.choices for at in table.choices[name].places]


def _fen(table: Table, place: int) -> int | None:
    """Return how many fen one of a column's amounts is, by its header or else by a line above."""
    for said in (units.header(table.headers[place]), units.above(table.above)):
        if said is not None and said.fen is not None:
            return said.fen
    return None


def _read(table: Table, place: int, unit: str) -> pd.Series:
    """Return a column's amounts in fen, in the unit that it says or else in the one given."""
    told_of = _fen(table, place)
    named = unit if told_of is None else "fen" if told_of == 1 else "yuan"
    return amounts(table.column(place), named)[0]


def _alike(table: Table) -> None:
    """Refuse amounts in units that no declaration can tell, and tell fen beside yuan."""
    paid = _paid(table)
    left = [*table.choices["balance"].places] if "balance" in table.choices else []
    known = {at: _fen(table, at) for at in (*paid, *left)}
    shown = "、".join(table.headers[at] for at in known)
    for at, counted in known.items():
        if counted not in {None, 1, 100}:
            said = units.header(table.headers[at]) or units.above(table.above)
            told_of = said.said if said is not None else ""
            name = table.headers[at]
            table.unclear.append(_OTHER_UNIT.about(candidates=name, said=told_of))
            return
    spoken = {one.currency for at in known if (one := units.header(table.headers[at]))} - {""}
    counts = {known[at] or 100 for at in paid}
    rest = {known[at] for at in left} - {None}
    if len(spoken) > 1 or len(counts) > 1:
        table.unclear.append(_UNITS.about(candidates=shown))
    elif rest and rest != counts:
        if counts == {1} and "amount" in table.choices:
            table.choices["fen"] = replace(table.choices.pop("amount"), meaning="fen")
        else:
            table.unclear.append(_UNITS.about(candidates=shown))


def _amount(table: Table) -> tuple[pd.Series | None, bool]:
    found = {}
    for meaning in ("amount", "income", "expense"):
        choices = table.candidates(meaning)
        read = [_read(table, one.places[0], "yuan") for one in choices]
        best = pick(table, meaning, read)
        if best is not None:
            found[meaning] = replace(best, places=best.places[:1]), read[0]
    pair = "income" in found and "expense" in found
    if pair:
        came, went = (found[name][1].replace(0, pd.NA) for name in ("income", "expense"))
        table.minus = bool(went.lt(0).sum() > went.gt(0).sum())
        went = -went if table.minus else went
        signed = came.fillna(-went).astype("Int64")
        if "amount" in found and differ(signed.abs(), found["amount"][1].abs()):
            unsure(table, "amount", [one for one, _ in found.values()], RIVALS)
            return None, False
        table.choices |= {name: found[name][0] for name in ("income", "expense")}
        return signed, True
    if "amount" not in found:
        return None, False
    table.choices["amount"] = found["amount"][0]
    return found["amount"][1], False


def _told_by_balance(
    table: Table, account: pd.Series, moment: pd.Series
) -> tuple[pd.Series | None, bool]:
    """Find amount and balance among columns with unknown headers, by their following alone."""
    loose = [
        held.place
        for held, name in zip(table.held, table.names, strict=True)
        if name.meaning in {"", "balance", "amount", "income", "expense"}
        and held.share("amount") >= 0.9 > held.share("written")
    ]
    if len(loose) > _MOST:
        return None, False
    # Some exports write 0.00 into the column that does not apply.
    read = {at: _read(table, at, "yuan") for at in loose}
    moved = {at: values.replace(0, pd.NA).astype("Int64") for at, values in read.items()}
    proofs = []
    for left, at, other in product(loose, loose, loose):
        two = other != at
        if left in {at, other} or (two and not _apart(moved[at], moved[other])):
            continue
        signed = moved[at].fillna(-moved[other]) if two else moved[at]
        steps = run(signed, read[left], account, moment)
        if steps.proved and steps.steps >= ALONE and (steps.natural or not two):
            proofs.append((at, other, left, signed, steps))
    pairs = [one for one in proofs if one[0] != one[1]]
    best = (pairs or proofs)[:2]
    if len(best) != 1:
        return None, False
    at, other, left, signed, steps = best[0]
    zh, en = _followed(steps)
    names = ("amount",) if at == other else ("income", "expense")
    for name, place in zip(names, (at, other), strict=False):
        table.choices[name] = Choice(name, (place,), 0.9, zh, en)
    table.choices["balance"] = Choice("balance", (left,), 0.9, zh, en)
    table.names[left] = Name("balance", EXACT, 0)
    return signed, at != other


def _apart(one: pd.Series, other: pd.Series) -> bool:
    """Return whether two columns of amounts are never filled in one row, and both are used."""
    one, other = one.notna(), other.notna()
    return bool(one.any() and other.any() and not (one & other).any())


def _followed(steps: Run) -> tuple[str, str]:
    zh = f"{steps.steps} 处前后余额中有 {steps.holds} 处与金额相符"
    return zh, f"{steps.holds} of {steps.steps} balances follow from the one before"


def _weighed(table: Table, chain: Run) -> None:
    """Raise or lower what is thought of amount and balance by what the balances say."""
    if "balance" not in table.choices:
        return
    zh, en = _followed(chain)
    for name in ("amount", "income", "expense", "balance"):
        if name in table.choices and chain.steps and zh not in table.choices[name].zh:
            one = table.choices[name]
            sure = _PROVED if chain.proved else one.confidence
            table.choices[name] = replace(
                one, confidence=sure, zh=f"{one.zh}；{zh}", en=f"{one.en}; {en}"
            )
    balance = table.choices["balance"]
    lost = chain.steps >= 2 * ALONE and chain.holds < 0.3 * chain.steps
    # What is only available, or left of something, need not be the balance after the row.
    lost |= balance.confidence <= WEAKER and chain.steps >= ALONE and not chain.holds
    if lost or balance.confidence < SURE:
        # A balance that follows from nothing is somebody else's; the rows do without it.
        del table.choices["balance"]


def _counted(table: Table, values: pd.Series) -> None:
    """Refuse amounts that may count fen as well as yuan."""
    known = values.dropna().abs().drop_duplicates()
    columns = _paid(table)
    pointed = any(table.held[at].share("cents", "fraction") > 0 for at in columns)
    told_unit = any(_fen(table, at) or units.header(table.headers[at]) for at in columns)
    if pointed or told_unit or len(known) < 2 * ALONE:
        return
    if (known % 10_000).eq(0).mean() < 0.5:
        shown = "、".join(table.headers[at] for at in columns)
        table.unclear.append(UNCLEAR_UNIT.about(candidates=shown))


def direction(table: Table, cash: Money, account: pd.Series, moment: pd.Series) -> None:
    """Choose how money in is told from money out: words, sign or balance, and check the words."""
    if cash.two:
        if run(cash.fen, cash.balance, account, moment).against:
            _no_way(table, "收入、支出两列与余额变化相反", "the balances go the other way", [])
        return
    choices = table.candidates("direction") or _by_words(table)
    if not choices:
        _without_mark(table, cash)
        return
    sense = _sense(table.column(choices[0].places[0]))
    signed = cash.fen.abs().where(sense.eq("in"), -cash.fen.abs()).where(sense.ne(""))
    steps = run(signed.astype("Int64"), cash.balance, account, moment)
    best = choices[0]
    if any(differ(sense, _sense(table.column(one.places[0]))) for one in choices[1:]):
        _no_way(table, "几列收付标志不一致", "several columns differ", choices)
    elif why := _doubt(table, best, steps):
        _no_way(table, *why, [best])
    else:
        zh, en = _followed(steps)
        sure = _PROVED if steps.natural else best.confidence
        if steps.holds:
            best = replace(best, zh=f"{best.zh}；{zh}", en=f"{best.en}; {en}")
        table.choices["direction"] = replace(best, confidence=sure)


def _doubt(table: Table, mark: Choice, steps: Run) -> tuple[str, str] | None:
    """Say why a column of marks is not used; None where it is."""
    held = table.held[mark.places[0]]
    if steps.against:
        return "收付标志与余额变化相反", "the marks contradict the balances"
    if held.share("marks") and held.filled:
        return "正负号与文字混用", "signs and words are mixed"
    if held.share("digit") > MARGIN and not steps.natural:
        return "数字的含义没有余额可以印证", "no balance proves what the digits mean"
    if mark.confidence < SURE and not steps.natural:
        return "标志没有余额可以印证", "no balance proves the marks"
    return None


def _by_words(table: Table) -> list[Choice]:
    """Return the columns that hold nothing but direction words, whatever they are called."""
    zh, en = "表头不像，内容全是收付词", "the cells are all direction words"
    # Without a header that says so, the balance has to prove it.
    sure = SURE - MARGIN / 2
    return [
        Choice("direction", (held.place,), sure, zh, en)
        for held, name in zip(table.held, table.names, strict=True)
        if held.filled and held.share("word") == 1.0 and name.meaning in {"", "channel", "summary"}
    ]


def _sense(cells: pd.Series) -> pd.Series:
    words = narrow(cells).str.upper().str.replace(r"\s+", "", regex=True)
    marks = {"1": "out", "2": "in"} if words.isin(["2", "02"]).any() else {"0": "out", "1": "in"}
    digits = {f"{zero}{digit}": way for digit, way in marks.items() for zero in ("", "0")}
    known = dict.fromkeys(IN, "in") | dict.fromkeys(OUT, "out") | digits
    return words.map(known).fillna("").astype("str")


def _without_mark(table: Table, cash: Money) -> None:
    signed = bool(cash.fen.lt(0).fillna(value=False).any())
    if not cash.run.proved:
        zh, en = (
            "没有认出收付标志列，也没有认出能印证方向的余额列",
            "no column of marks was understood, and no balance that proves it",
        )
        _no_way(table, zh, en, [])
    elif signed and not cash.run.natural:
        _no_way(table, "金额正负号与余额变化不一致", "the signs contradict the balances", [])
    elif not signed and cash.run.steps < ALONE:
        _no_way(table, "没有认出收付标志列，余额太少", "no marks were understood; few balances", [])


def _no_way(table: Table, why: str, why_en: str, choices: Sequence[Choice]) -> None:
    shown = table.shown(choices)
    told = Reason(f"（候选：{shown}）", f" (candidates: {shown})") if choices else ""
    table.unclear.append(UNCLEAR_DIRECTION.about(why=why, why_en=why_en, candidates=told))
