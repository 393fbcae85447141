"""Faces: how a sheet is understood, and its first rows, as HTML in Chinese or in English."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tracer.money import yuan
from tracer.statements.generic.synonyms import named, title
from tracer.statements.generic.write import USUAL
from tracer.statements.reasons import Reason
from tracer.views.escape import text as escape
from tracer.views.table import html
from tracer.views.words import language

_WORDS: dict[str, tuple[str, str]] = {
    "position": ("列", "Column"),
    "header": ("表头", "Header"),
    "samples": ("内容举例", "For example"),
    "title": ("含义", "Means"),
    "meaning": ("代号", "Code"),
    "confidence": ("把握", "Confidence"),
    "evidence": ("依据", "Why"),
    "row": ("行", "Row"),
    "time": ("时间", "Time"),
    "account": ("本方账号", "Account"),
    "holder": ("本方户名", "Holder"),
    "direction": ("收付", "Way"),
    "fen": ("金额（元）", "Amount (yuan)"),
    "balance_fen": ("余额（元）", "Balance (yuan)"),
    "other_account": ("对方账号", "Other account"),
    "other_holder": ("对方户名", "Other holder"),
    "summary": ("摘要", "Summary"),
    "column": ("列", "Column"),
    "value": ("内容", "Content"),
    "reason": ("原因", "Reason"),
    "in": ("收", "in"),
    "out": ("付", "out"),
    "unclear": ("还不清楚：{why}。", "Not clear: {why}."),
    "maybe": ("{code}？", "{code}?"),
    "usual": ("常用代号：{codes}。", "Usual codes: {codes}."),
    "change": (
        "改正：{example}；试读：.preview()；存为本案版式：.save(case, name=\"名称\")。",
        "Correct it: {example}; try it: .preview(); keep it: .save(case, name=\"NAME\").",
    ),
    "by": (
        "{name}：按《{title}》理解，{where}，金额单位为{unit}。",
        "{name}: understood as {title!r}, {where}, amounts in {unit}.",
    ),
    "headless": ("没有表头行", "no header row"),
    "at": ("表头在第 {row} 行", "header in row {row}"),
    "yuan": ("元", "yuan"),
    "cents": ("分", "fen"),
    "counts": (
        "{rows} 行 = 入库 {entries} + 问题行 {faults} + 非数据行 {skipped}。",
        "{rows} rows = {entries} kept + {faults} faults + {skipped} not data. ",
    ),
}  # fmt: skip
_TABLE = ["position", "header", "samples", "title", "meaning", "confidence", "evidence"]
_ENTRY = [
    *("row", "time", "account", "holder", "direction", "fen", "balance_fen"),
    *("other_account", "other_holder", "summary"),
]
_FAULT = ["row", "column", "value", "reason"]


def words(lang: str) -> dict[str, str]:
    """
    Return every word in one language.

    Parameters
    ----------
    lang
        zh or en.

    Raises
    ------
    TracerError
        If there is no such language.

    Examples
    --------
    >>> words("en")["header"]
    'Header'
    """
    return {name: both[language(lang)] for name, both in _WORDS.items()}


def columns(headline: str, table: pd.DataFrame, unclear: Sequence[Reason], lang: str) -> str:
    """
    Return the columns of a sheet and what they are taken for as HTML.

    Parameters
    ----------
    headline
        What the sheet is understood as.
    table
        As ``Mapping.table``.
    unclear
        What cannot be told yet.
    lang
        zh or en.
    """
    say, zh = words(lang), language(lang) == 0
    maybe = table["header"].map(lambda header: named(header).meaning)
    code = maybe.map(lambda one: one and say["maybe"].format(code=one))
    shown = table.assign(
        position=table["position"].map(lambda at: at or ""),
        confidence=[f"{one:.0%}" if one else "" for one in table["confidence"]],
        title=table["title"] if zh else table["meaning"].str.replace("_", " "),
        meaning=table["meaning"].where(table["meaning"].ne(""), code),
        evidence=table["evidence" if zh else "evidence_en"],
    )
    usual = [f"{one} {title(one)}" if zh else one for one in USUAL]
    lines = [
        headline,
        *(say["unclear"].format(why=one.zh if zh else one.en) for one in unclear),
        say["change"].format(example=_example(table, maybe)),
        say["usual"].format(codes=("、" if zh else ", ").join(usual)),
    ]
    drawn = html(
        shown[_TABLE].rename(columns=say),
        right=[say["position"], say["confidence"]],
        wide=[say["samples"], say["evidence"]],
    )
    return "".join(f"<p>{escape(one)}</p>" for one in lines) + drawn


def _example(table: pd.DataFrame, maybe: pd.Series) -> str:
    """Return a correction with names of this sheet: of a column that is not used, if it can be."""
    line = table.assign(
        code=table["meaning"].where(table["meaning"].ne(""), maybe), used=table["meaning"].ne("")
    )
    line = line[line["code"].ne("") & line["position"].gt(0)].sort_values("used", kind="stable")
    one = next(iter(line.to_dict("records")), {"code": "time", "header": "…"})
    return f'.change({one["code"]}="{one["header"]}")'


def rows(entries: pd.DataFrame, faults: pd.DataFrame, note: str, lang: str) -> str:
    """
    Return the first rows of a sheet as HTML.

    Parameters
    ----------
    entries, faults
        As ``tables.ENTRIES`` and ``tables.FAULTS``.
    note
        How many rows became what.
    lang
        zh or en.
    """
    say = words(lang)
    told = entries.assign(
        direction=entries["direction"].map({"in": say["in"], "out": say["out"]}),
        fen=entries["fen"].map(yuan),
        balance_fen=[yuan(one) if pd.notna(one) else "" for one in entries["balance_fen"]],
    )
    money = [say["fen"], say["balance_fen"]]
    drawn = html(told[_ENTRY].rename(columns=say), right=money)
    reason = faults["reason" if language(lang) == 0 else "reason_en"]
    wrong = faults.assign(reason=reason)[_FAULT].rename(columns=say)
    set_aside = html(wrong, wide=[say["reason"]]) if len(faults) else ""
    return f"<p>{escape(note)}</p>{drawn}{set_aside}"
