"""Checks: whether the text of a declaration says what it may, each fault with what to write."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import MISSING, fields
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, get_args, get_origin, get_type_hints

from tracer.errors import FormatError
from tracer.statements.reasons import Reason

_PLACE = r"\(at line (\d+), column (\d+)\)"
# What a value of each type is called, and how one is written.
_WRITTEN: dict[object, tuple[str, str]] = {
    str: ('一段文字，如 "文字"', 'a text, as "text"'),
    bool: ("true 或 false，不加引号", "true or false, without quotation marks"),
    int: ("一个整数，不加引号", "a whole number, without quotation marks"),
    date: ("一个日期，如 2024-03-01，不加引号", "a day, as 2024-03-01, without quotation marks"),
    tuple: ('一组文字，如 ["甲", "乙"]', 'a list of texts, as ["a", "b"]'),
    dict: ("一个表，写成 [{key}] 一行，下面每行一项", "a table: a line [{key}], its items below"),
    list: ("一节一节的表，每节以 [[{key}]] 开头", "tables that each begin with [[{key}]]"),
}


def parsed(content: bytes, where: str) -> dict[str, Any]:
    """
    Return what the TOML of a declaration holds.

    Parameters
    ----------
    content
        The bytes of the file, UTF-8.
    where
        The file's name, for messages.

    Raises
    ------
    FormatError
        If it is not UTF-8, or not TOML; the message tells the line and the column.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        msg = f"The declaration {where!r} is not encoded in UTF-8 (line {line}). Save it as UTF-8."
        zh = f"版式声明 {where!r} 不是 UTF-8 编码（第 {line} 行）。请用记事本另存为 UTF-8 编码。"
        raise FormatError(msg, zh=zh) from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _untold(text, where, str(error)) from error


def _untold(text: str, where: str, said: str) -> FormatError:
    """Return the error for a text that is no TOML, with the line in which it goes wrong."""
    found = re.search(_PLACE, said)
    line, column = map(int, found.groups()) if found else (text.count("\n") + 1, 0)
    lines = text.splitlines() or [""]
    stands = lines[min(line, len(lines)) - 1].strip()
    why = said.partition(" (at ")[0]
    at, at_en = (
        (f"第 {line} 行第 {column} 列", f"line {line}, column {column}")
        if column
        else ("末尾", "its end")
    )
    msg = (
        f"The declaration {where!r} is not TOML: {why} at {at_en}, where {stands!r} stands. Check "
        "whether quotation marks and brackets are closed and plain (not full-width)."
    )
    zh = (
        f"版式声明 {where!r} 的{at}写法不对（不合 TOML 语法：{why}），该处是 {stands!r}。"
        "请检查引号、方括号是否成对，是不是英文半角。"
    )
    return FormatError(msg, zh=zh)


def typed(told: Mapping[str, Any], shape: type, where: str = "") -> list[Reason]:
    """
    Return what is unknown, missing or of the wrong type among keys and values.

    Parameters
    ----------
    told
        Key to value, as TOML gives them.
    shape
        The dataclass whose fields they fill.
    where
        The table that they stand in, such as ``own``; "" at the top.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass
    ... class Shape:
    ...     stops: bool
    >>> [one.en for one in typed({"stops": "true"}, Shape)]
    ["'stops' must be true or false, without quotation marks, and is 'true'"]
    """
    hints = get_type_hints(shape)
    known = {one.name: one for one in fields(shape)}
    faults = [unknown(key, known, "键", "key", where) for key in told if key not in known]
    faults += [
        Reason(f"{_inside(where)}缺少 {name!r}", f"the key {name!r} is missing{_inside_en(where)}")
        for name, one in known.items()
        if name not in told and one.default is MISSING and one.default_factory is MISSING
    ]
    for key, value in told.items():
        if key in known:
            faults += _mistyped(key, value, hints[key], where)
    return faults


def unknown(key: str, known: Collection[str], zh: str, en: str, where: str = "") -> Reason:
    """
    Return the fault of a name that does not exist, with the nearest that does.

    Examples
    --------
    >>> unknown("tiem", ["time", "amount"], "含义", "column").zh
    "没有 'tiem' 这个含义，是否想写 'time'"
    """
    near = get_close_matches(key, known, 1, 0.5)
    maybe, maybe_en = (f"，是否想写 {near[0]!r}", f"; perhaps {near[0]!r}") if near else ("", "")
    return Reason(
        f"{_inside(where)}没有 {key!r} 这个{zh}{maybe}",
        f"the {en} {key!r} is unknown{_inside_en(where)}{maybe_en}",
    )


def one_of(key: str, value: object, known: Collection[str]) -> list[Reason]:
    """Return the fault of a value that is none of a few words; nothing where it is one."""
    if not isinstance(value, str) or value in known:
        return []
    near = get_close_matches(value, known, 1, 0.5)
    maybe, maybe_en = (f"，是否想写 {near[0]!r}", f"; perhaps {near[0]!r}") if near else ("", "")
    listed, listed_en = "、".join(filter(None, known)), ", ".join(filter(None, known))
    return [
        Reason(
            f"{key!r} 写的是 {value!r}，只能是 {listed} 之一{maybe}",
            f"the {key} {value!r} is none of {listed_en}{maybe_en}",
        )
    ]


def _mistyped(key: str, value: object, hint: object, where: str) -> Iterator[Reason]:
    """Give the fault of a value, and of those in it, that are not of the field's type."""
    origin, parts = get_origin(hint), get_args(hint)
    wanted: object = hint
    if origin is tuple and parts[0] is not str:
        wanted = list
    elif origin in {tuple, dict}:
        wanted = origin
    elif origin is not None:
        wanted = next(part for part in parts if part is not type(None))
    if not _is(value, wanted):
        zh, en = (text.replace("{key}", key) for text in _WRITTEN[wanted])
        yield Reason(
            f"{_inside(where)}{key!r} 写的是 {value!r}，应为{zh}",
            f"{key!r}{_inside_en(where)} must be {en}, and is {value!r}",
        )
    elif wanted is dict and isinstance(value, dict):
        for name, inner in value.items():
            yield from _mistyped(name, inner, parts[1], key)
    elif wanted is list and isinstance(value, list):
        for inner in value:
            yield from typed(inner, parts[0], key)


def _is(value: object, wanted: object) -> bool:
    if wanted is tuple:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if wanted is list:
        return isinstance(value, list) and all(isinstance(one, dict) for one in value)
    if wanted is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if wanted is date:
        return isinstance(value, date) and not isinstance(value, datetime)
    return isinstance(value, wanted) if isinstance(wanted, type) else False


def _inside(where: str) -> str:
    return f"[{where}] 中" if where else ""


def _inside_en(where: str) -> str:
    return f" in [{where}]" if where else ""
