"""Units: what amounts count and in which currency, as a header or a line above it says."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from tracer.statements.formats.declare import Format
from tracer.statements.reasons import Reason

_CURRENCIES = {
    "人民币": "CNY", "RMB": "CNY", "CNY": "CNY", "美元": "USD", "美金": "USD", "USD": "USD",
    "港币": "HKD", "港元": "HKD", "HKD": "HKD", "欧元": "EUR", "EUR": "EUR", "日元": "JPY",
    "日圆": "JPY", "JPY": "JPY", "英镑": "GBP", "GBP": "GBP", "澳元": "AUD", "澳大利亚元": "AUD",
    "AUD": "AUD", "加元": "CAD", "加拿大元": "CAD", "CAD": "CAD", "新加坡元": "SGD", "SGD": "SGD",
    "澳门元": "MOP", "澳门币": "MOP", "MOP": "MOP", "台币": "TWD", "新台币": "TWD", "TWD": "TWD",
    "韩元": "KRW", "KRW": "KRW", "泰铢": "THB", "THB": "THB", "卢布": "RUB", "RUB": "RUB",
    "瑞士法郎": "CHF", "CHF": "CHF", "USDT": "USDT",
}  # fmt: skip
# The longest name comes first, so that 新台币 is not read as 台币 with something before it.
_CURRENCY = "|".join(sorted(_CURRENCIES, key=len, reverse=True))
_MANY = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "十万": 100_000, "百万": 1_000_000,
         "千万": 10_000_000, "亿": 100_000_000, "K": 1000}  # fmt: skip
_TOLD = re.compile(
    rf"(?P<before>{_CURRENCY})?(?P<many>{'|'.join(sorted(_MANY, key=len, reverse=True))})?"
    rf"(?P<one>元|圆|角|分)?(?P<after>{_CURRENCY})?"
)
_FEN = {"": 100, "元": 100, "圆": 100, "角": 10, "分": 1}
_LINE = r"(?:单位|币种|币别|货币)[为是]?[:：\s][ \t]*([^\s,，;；|/()（）]+)"

OTHER_UNIT = Reason(
    "{where}写明金额单位是“{said}”，而按“{unit}”读取会差 {times} 倍，没有读取。"
    "请把金额换算成元或分、改好单位后再载入。",
    "{where_en} says that the amounts count {said!r}; read as {unit_en} they would be wrong "
    "by a factor of {times}, so nothing was read. Turn them into yuan or fen and load the file "
    "again.",
)


@dataclass(frozen=True)
class Unit:
    """What an amount counts."""

    said: str
    """As it is written."""
    fen: int | None
    """How many fen one is, or hundredths of a foreign unit; None where only a currency is told."""
    currency: str
    """The code of the currency; "" where none is told."""


def told(text: str) -> Unit | None:
    """
    Return what a few words say of amounts; None where they say something else.

    Examples
    --------
    >>> told("万元"), told("美元")
    (Unit(said='万元', fen=1000000, currency=''), Unit(said='美元', fen=100, currency='USD'))
    >>> told("某某公司") is None
    True
    """
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper()
    found = _TOLD.fullmatch(re.sub(r"^(?:单位|币种)[:为]?", "", plain))
    if not plain or found is None or not any(found.groups()):
        return None
    many, one = found["many"] or "", found["one"] or ""
    currency = _CURRENCIES.get(found["before"] or found["after"] or "", "")
    counted = one or many or (currency and currency != "CNY")
    return Unit(plain, _MANY.get(many, 1) * _FEN[one] if counted else None, currency)


def header(name: str) -> Unit | None:
    """
    Return what the brackets of a header say of its amounts.

    Examples
    --------
    >>> header("交易金额（分）").fen, header("余额(元)").fen, header("支出金额(-)(万元)").fen
    (1, 100, 1000000)
    """
    inside = re.findall(r"[(（\[【]([^()（）\[\]【】]+)[)）\]】]", name)
    return next((found for each in inside if (found := told(each))), None)


def above(text: str) -> Unit | None:
    """
    Return what the lines above a header say of the amounts below it.

    Examples
    --------
    >>> above("单位：万元").fen, above("单位：某某公司") is None, above("币种：美元").currency
    (1000000, True, 'USD')
    """
    found = [each for said in re.findall(_LINE, text) if (each := told(said))]
    if not found:
        return None
    # A currency and a unit may each have a line of their own.
    counted = max(found, key=lambda each: (each.fen is not None, not each.currency))
    named = next((each.currency for each in found if each.currency), "")
    return Unit(counted.said, counted.fen, named)


def against(one: Format, text: str) -> Reason | None:
    """
    Return why a sheet is not read whose lines above the header contradict its format's unit.

    Parameters
    ----------
    one
        The format.
    text
        The lines above the header.
    """
    said = above(text)
    counted = 1 if one.unit == "fen" else 100
    if said is None or said.fen in {None, counted} or "fen" in one.columns:
        return None
    return refusal(said, counted, "表头上方", "A line above the header")


def priced(one: Format, text: str) -> Format:
    """Return the format with the currency that a line of units above a header tells."""
    # A line of currencies is heeded where the entries are made, whatever currency it names.
    said = above("\n".join(re.findall(r"单位[^\n]*", text)))
    if said is None or not said.currency or one.currency:
        return one
    return replace(one, currency=said.currency)


def refusal(said: Unit, counted: int, where: str, where_en: str) -> Reason:
    """
    Return the sentence for amounts that count something else than they would be read as.

    Parameters
    ----------
    said
        What the file says; its ``fen`` is known.
    counted
        How many fen each would be read as: 1 or 100.
    where, where_en
        Where the file says so, in both languages.
    """
    more, less = max(said.fen or 1, counted), min(said.fen or 1, counted)
    return OTHER_UNIT.about(
        where=where,
        where_en=where_en,
        said=said.said,
        unit="元" if counted == 100 else "分",
        unit_en="yuan" if counted == 100 else "fen",
        times=more // less,
    )
