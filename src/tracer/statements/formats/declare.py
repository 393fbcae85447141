"""Declarations: what one statement format looks like, read from TOML that anyone can write."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from tracer.errors import FormatError
from tracer.statements.formats.checks import one_of, parsed, typed, unknown
from tracer.statements.reasons import Reason

KINDS = (
    *("statement", "transfers", "registrations", "reports"),
    *("persons", "measures", "subaccounts", "tasks", "logins"),
)
UNITS = ("yuan", "fen")
WAYS = ("", "in", "out")
# What the smaller tables of a declaration may hold.
_KEYS = {
    "amount": {"pattern"},
    "preamble": {"account", "holder", "currency", "year"},
    "types": {"in", "out", "own_in", "own_out", "card", "from_card", "to_card"},
}
_NO_TIME = (
    "版式《{title}》的 [columns] 没有写 time（交易时间）或 date（交易日期）",
    "no column is given for time or date",
)
_NO_AMOUNT = (
    "版式《{title}》的 [columns] 没有写 amount（金额），也没有 income（收入）和 expense（支出）",
    "no column is given for amount, or for income and expense",
)
_UNBOUND = (
    "'required' 是空的：要写出表头里一定有的列名，否则什么表都会按本版式读",
    "'required' is empty: without headers that must be there, any table would fit",
)

# What a column of a file may mean. Each is optional in a declaration.
MEANINGS = frozenset(
    {
        *(
            "account",
            "card",
            "number",
            "own_card",
            "own_institution",
            "holder",
            "holder_id",
            "institution",
            "phone",
            "opened",
            "status",
        ),
        *(
            "date",
            "time",
            "amount",
            "fen",
            "income",
            "expense",
            "balance",
            "balance_time",
            "direction",
            "type",
        ),
        *("other_account", "other_card", "other_holder", "other_id", "other_institution"),
        *(
            "currency",
            "channel",
            "summary",
            "place",
            "branch",
            "terminal",
            "ip",
            "mac",
            "serial",
            "link_serial",
        ),
        *("merchant", "merchant_code", "cash", "success", "remark", "feedback", "bound_cards"),
        *("victim", "victim_id", "fraud", "payer", "payee", "payee_holder"),
        # Who paid and who was paid, where that does not depend on whose statement it is.
        *("sender", "receiver", "sender_holder", "receiver_holder"),
        *(
            "id_type",
            "address",
            "employer",
            "email",
            "agent",
            "agent_id",
            "legal_person",
            "licence",
        ),
        *("measure", "authority", "starts", "ends", "subaccount", "available", "category"),
        *("task", "subject", "subject_id", "sent", "answered", "result", "detail", "request"),
        *("login", "closed"),
        # What of a payment was given back later, and when a trade was paid.
        *("refund", "paid"),
    }
)


@dataclass(frozen=True)
class Pattern:
    """How to take one kind of counterparty or owner cell apart."""

    pattern: str
    """A regular expression for the whole cell, with named groups."""
    prefix: str = ""
    """
    What stands before the group ``account`` in an account key, such as ``alipay:``;
    ``pay:{institution}:`` is that of the platform that wrote the file.
    """
    digits: int = 0
    """How many digits the account has, where a workbook's number lost the zeros before them."""


@dataclass(frozen=True)
class Format:
    """One declared statement format."""

    name: str
    """The one word that entries carry."""
    title: str
    """What an investigator calls it."""
    title_en: str
    """The same in English."""
    kind: str
    """statement, transfers, registrations or reports."""
    required: tuple[str, ...]
    """Headers that must all be there; ``|`` parts alternatives."""
    columns: dict[str, tuple[str, ...]]
    """Meaning to header variants; the first filled cell wins."""
    exact: bool = False
    """True where the file has the required headers and no others."""
    unit: str = "yuan"
    """What the amounts count: yuan or fen."""
    prefix: str = ""
    """What stands before the own account in an account key."""
    institution: str = ""
    """The bank or platform that wrote the file; "" where a column or nothing tells."""
    suffixes: tuple[str, ...] = ()
    """Table names that end a file name; what stands before them is the institution."""
    incoming: tuple[str, ...] = ()
    """Further words for money that comes in."""
    outgoing: tuple[str, ...] = ()
    """Further words for money that goes out."""
    neutral: tuple[str, ...] = ()
    """Direction words that say nothing; the type decides."""
    failed: tuple[str, ...] = ()
    """Patterns of status words that mean that nothing moved."""
    succeeded: tuple[str, ...] = ()
    """Patterns of status words that mean that the money moved."""
    stops: bool = False
    """True where a row ends at its last filled cell; it is whole if it has the required ones."""
    paid_by: str = ""
    """The column that, where it is filled, says that a closed trade had been paid."""
    positive: str = ""
    """What an amount without a minus means, where no mark says it: in, or out on a card's bill."""
    amount: dict[str, str] = field(default_factory=dict)
    """pattern: how to take an amount cell apart; groups amount, refund and currency."""
    types: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """
    Patterns of ``type|summary|success`` by what they tell: in, out, own_in, own_out, card,
    and in a table of transfers from_card and to_card. A payment of which something was given
    back ends in ``|已退款``.
    """
    preamble: dict[str, str] = field(default_factory=dict)
    """account, holder, currency or year, each a pattern with one group, searched above the header.

    year is of dates without one; a month behind it is the bill's, and later months belong to
    the year before.
    """
    unnamed: bool = False
    """True where the file need not name its account; then its own name stands for it."""
    own: tuple[Pattern, ...] = ()
    """How to take the own account's cell apart; the first match wins."""
    other: tuple[Pattern, ...] = ()
    """How to take the counterparty's cell apart; the first match wins."""
    labelled: bool = False
    """True where a cell may begin with what it is and a full-width colon."""
    minus: bool = False
    """True where the column of expenses may write its amounts with a minus."""
    absent: tuple[str, ...] = ()
    """Patterns of rows that only say that an account does not exist."""
    footer: tuple[str, ...] = ()
    """Patterns of the first cell of total and footer rows."""
    epoch: date | None = None
    """The day of step 0, where times count whole days and not the calendar."""
    continued: bool = False
    """True where a row without an account adds a card to the row above it."""
    currency: str = ""
    """The code of the currency where neither a column nor the preamble tells it."""
    headless: int = 0
    """How many columns a file without a header row has; they are then 第1列, 第2列 and so on."""


def ordinal(place: int) -> str:
    """
    Return what a column is called in a file without a header row.

    Examples
    --------
    >>> ordinal(0)
    '第1列'
    """
    return f"第{place + 1}列"


@cache
def bare(header: str) -> str:
    r"""
    Return a header as it is compared: no spaces, tabs or marks, one kind of brackets.

    Examples
    --------
    >>> bare("\t*交易金额（元） ")
    '交易金额(元)'
    >>> bare("查询帐号")
    '查询账号'
    """
    plain = unicodedata.normalize("NFKC", header).replace("帐", "账")
    return re.sub(r"^[*'\"=]+|[\s\ufeff\u200b\x00-\x1f\"']+", "", plain.lstrip("\ufeff \t"))


def formats(folder: Path | None = None) -> list[Format]:
    """
    Load all shipped declarations, and those of a case on top of them.

    Parameters
    ----------
    folder
        A folder with further ``*.toml`` declarations; one that has the name
        of a shipped format replaces it.

    Returns
    -------
    list of Format
        A case's own first, since they win where two fit equally well.

    Raises
    ------
    FormatError
        If a declaration cannot be used; the message names the file and why.

    Examples
    --------
    >>> "detail" in {one.name for one in formats()}
    True
    """
    shipped = {one.name: one for one in _shipped()}
    files = sorted(folder.glob("*.toml")) if folder is not None and folder.is_dir() else []
    own = {one.name: one for one in (declared(f.read_bytes(), str(f)) for f in files)}
    return [*own.values(), *(one for name, one in shipped.items() if name not in own)]


@cache
def _shipped() -> tuple[Format, ...]:
    folder = resources.files("tracer.statements.formats")
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    return tuple(declared(f.read_bytes(), f.name) for f in files)


def declared(content: bytes, where: str) -> Format:
    """
    Turn the TOML text of one declaration into a Format.

    Parameters
    ----------
    content
        The bytes of the file, UTF-8.
    where
        The file's name, for messages.

    Raises
    ------
    FormatError
        If it is no TOML in UTF-8, or a key, type, kind, unit, meaning or pattern is wrong or
        missing; the message tells each, what stands there and what may.
    """
    told = parsed(content, where)
    _check(told, where)
    settled: dict[str, Any] = {"title_en": told["title"]} | {
        key: tuple(value) if isinstance(value, list) else value for key, value in told.items()
    }
    for key in ("columns", "types"):
        settled[key] = {name: tuple(words) for name, words in told.get(key, {}).items()}
    for key in ("own", "other"):
        settled[key] = tuple(Pattern(**one) for one in told.get(key, []))
    return Format(**settled)


def _check(told: dict[str, Any], where: str) -> None:
    # What is of the wrong type cannot be looked at any closer.
    faults = typed({"title_en": "", **told}, Format) or [*_named(told), *_unusable(told)]
    if faults:
        msg = f"The declaration {where!r} cannot be used: {'; '.join(one.en for one in faults)}."
        zh = f"版式声明 {where!r} 不能使用：{'；'.join(one.zh for one in faults)}。"
        raise FormatError(msg, zh=zh)


def _named(told: dict[str, Any]) -> list[Reason]:
    """Return what names nothing that there is, and what no statement can do without."""
    columns, kind = told["columns"], told["kind"]
    faults = [
        *one_of("kind", kind, KINDS),
        *one_of("unit", told.get("unit", "yuan"), UNITS),
        *one_of("positive", told.get("positive", ""), WAYS),
        *(unknown(key, MEANINGS, "含义", "column", "columns") for key in {*columns} - MEANINGS),
    ]
    for table, known in _KEYS.items():
        names = sorted({*told.get(table, {})} - known)
        faults += [unknown(key, known, "键", "key", table) for key in names]
    if not told["name"].strip():
        faults.append(Reason("'name' 是空的", "the name is empty"))
    if not told["required"] and not told.get("headless", 0):
        faults.append(Reason(*_UNBOUND))
    if kind in {"statement", "transfers"} and not faults:
        faults += [Reason(zh.format(**told), en) for zh, en in _lacking(columns)]
    return faults


def _lacking(named: Mapping[str, object]) -> list[tuple[str, str]]:
    timed = {"time", "date"} & named.keys()
    paid = {"amount", "fen"} & named.keys() or {"income", "expense"} <= named.keys()
    return [lack for lack, there in ((_NO_TIME, timed), (_NO_AMOUNT, paid)) if not there]


def _unusable(told: dict[str, Any]) -> list[Reason]:
    patterns = [
        *(one for key in ("failed", "succeeded", "footer", "absent") for one in told.get(key, [])),
        *(one for words in told.get("types", {}).values() for one in words),
        *told.get("preamble", {}).values(),
        *told.get("amount", {}).values(),
        *(one["pattern"] for key in ("own", "other") for one in told.get(key, [])),
    ]
    faults = [
        Reason(
            f"{one!r} 不是正确的正则表达式（{why}）",
            f"the pattern {one!r} is no regular expression ({why})",
        )
        for one in patterns
        if (why := _broken(one))
    ]
    if faults:
        return faults
    for name, pattern in told.get("preamble", {}).items():
        if not re.compile(pattern).groups:
            faults.append(
                Reason(
                    f"[preamble] 中 {name!r} 的 {pattern!r} 没有圆括号，不知道取哪一部分",
                    f"the pattern {pattern!r} of {name!r} in [preamble] has no group",
                )
            )
    if (
        "amount" in told
        and "amount" not in re.compile(told["amount"].get("pattern", "")).groupindex
    ):
        faults.append(
            Reason(
                "[amount] 的 'pattern' 里没有名为 amount 的组，应写成 (?P<amount>…)",
                "the pattern of 'amount' has no group 'amount'",
            )
        )
    return faults


def _broken(pattern: str) -> str:
    """Return why a pattern is no regular expression; "" where it is one."""
    try:
        re.compile(pattern)
    except re.error as error:
        return str(error)
    return ""
