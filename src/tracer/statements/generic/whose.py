"""Whose: the own account of an unknown layout, from its columns, the text above or the names."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from tracer.statements.cells import narrow, numbers, told
from tracer.statements.generic.cash import ALONE, Money
from tracer.statements.generic.choices import MARGIN, Choice, Table, pick, unsure
from tracer.statements.generic.evidence import CARD
from tracer.statements.generic.running import run
from tracer.statements.reasons import RIVALS

_LABEL = r"(?<!对方)(?<!对手)(?<!付款)(?<!收款)(?:卡号|[账帐]号|[账帐]户|[账帐]卡号)\s*[:：]?\s*"
ABOVE = _LABEL + r"([\d*]{8,32}+)(?!\s?[\d*]|-\d)"
HOLDER_ABOVE = r"(?:户\s*名|姓\s*名|客户名称|账户名称)\s*[:：]\s*(\S+)"
SHEET_NAME = r"工作表：[^\n]*?(?<!\d)(\d{16,19})(?!\d)"
FILE_NAME = r"文件：[^\n]*?(?<!\d)(\d{16,19})(?!\d)"


def owner(table: Table) -> pd.Series:
    """Choose whose rows they are: columns, the text above, or a name; return account numbers."""
    before, doubt = len(table.unclear), list[Choice]()
    account = pd.Series("", index=table.sample.index, dtype="str")
    for meaning in ("card", "number"):
        choices = table.candidates(meaning)
        doubt += choices
        read = [numbers(table.column(one.places[0]))[0] for one in choices]
        best = pick(table, meaning, read)
        if best is None:
            continue
        if any(table.held[at].share("platform") > MARGIN for at in best.places):
            # A user number of a payment platform is no bank account, and looks like one.
            unsure(table, "account", [best])
            continue
        table.choices[meaning] = best
        for cells in read[: len(best.places)]:
            account = account.where(account.ne(""), cells)
    found = _found_above(table.above)
    if account.ne("").any():
        _against_above(table, found)
    elif found is not None:
        table.choices["account"] = found.choice
    elif len(table.unclear) == before:
        unsure(table, "account", doubt)
    return account


@dataclass(frozen=True)
class _Above:
    pattern: str
    number: str
    choice: Choice


def _found_above(above: str) -> _Above | None:
    for pattern, sure, zh, en in (
        (ABOVE, 0.8, "表头上方写明", "told above the header"),
        (SHEET_NAME, 0.72, "取自工作表名称", "taken from the sheet's name"),
        (FILE_NAME, 0.72, "取自文件名", "taken from the file's name"),
    ):
        cards = {one for one in re.findall(pattern, above) if not re.match(r"2088\d{12}$", one)}
        if pattern != ABOVE:
            # Names hold dates and ID numbers as well.
            cards = {one for one in cards if re.fullmatch(CARD, one)}
        if len(cards) > 1:
            return None
        if cards:
            number = cards.pop()
            share = sure - 0.05 * ("*" in number)
            told_by = f"{zh}：{number}", f"{en}: {number}"
            return _Above(pattern, number, Choice("account", (), share, *told_by))
    return None


def _against_above(table: Table, found: _Above | None) -> None:
    """Doubt a column of accounts where another account is named above the header."""
    if found is None or found.pattern != ABOVE or "*" in found.number:
        return
    columns = [table.choices[name] for name in ("card", "number") if name in table.choices]
    texts = [narrow(table.column(at)) for one in columns for at in one.places]
    if not any(text.eq(found.number).any() for text in texts):
        unsure(table, "account", columns, RIVALS)


def pattern(above: str) -> str:
    """Return the pattern that finds the own account above a header."""
    found = _found_above(above)
    return found.pattern if found else ABOVE


def settled(table: Table, cash: Money, account: pd.Series, moment: pd.Series) -> None:
    """Doubt a column of accounts that are more likely those of the other side."""
    columns = [table.choices[one] for one in ("card", "number") if one in table.choices]
    known = account[account.ne("")]
    if not columns or known.nunique() < 2:
        return
    whole = run(cash.fen, cash.balance, pd.Series("", index=account.index), moment)
    parted = run(cash.fen, cash.balance, account, moment)
    # One balance that runs through rows of several accounts belongs to none of them.
    through = whole.proved and whole.holds > parted.holds
    scattered = not parted.proved and len(known) >= ALONE and 2 * known.nunique() > len(known)
    if through or scattered:
        unsure(table, "account", columns)


def constant(table: Table, place: int, account: pd.Series) -> bool:
    """Return whether a column says one thing for each account, as an owner's name does."""
    words = told(table.column(place))
    words = words[words.ne("")]
    return bool(words.groupby(account.reindex(words.index)).nunique().le(1).all())
