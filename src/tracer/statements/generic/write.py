"""Writing: a format as the TOML text that declares it, each line explained to whoever edits it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date

from tracer.statements.formats.declare import Format, Pattern
from tracer.statements.generic.synonyms import title

# The meanings that most statements have, in the order in which they are taught.
USUAL = (
    *("time", "date", "amount", "income", "expense", "balance", "direction"),
    *("card", "number", "holder", "other_account", "other_holder", "summary", "serial", "remark"),
)
_HEAD = """\
# 这是一份版式声明：告诉 Tracer 某一种流水表的每一列是什么。用记事本就能改，改完存成 UTF-8。
# 井号（#）后面是说明，不起作用。引号里的列名要与原表的表头一致（空格、括号全半角不计较）。
"""
_SAID = {
    "name": "版式的代号，不要与别的版式重名；流水里会记着它是按哪个版式读的。",
    "title": "给人看的名称。",
    "title_en": "英文名称，可以不写。",
    "kind": "statement 是某个账户的流水；transfers 是直接写明付款方、收款方的转账表。",
    "required": "这些列名都出现，才按本版式读。竖线（|）隔开的是几种叫法，有一种就行。",
    "exact": "true 表示除上面这些列之外不许有别的列。",
    "unit": "金额的单位：yuan 是元，fen 是分。",
    "prefix": "本方账号前要加的字样，例如 tenpay: 表示财付通账号。",
    "institution": "这种表是哪家银行或平台出的。",
    "suffixes": "文件名里的表名；表名前面的字就是银行名称。",
    "incoming": "另外还有哪些字样表示收进来。",
    "outgoing": "另外还有哪些字样表示付出去。",
    "neutral": "不说明收付的字样；遇到时看交易类型。",
    "failed": "哪些状态表示没有成交。",
    "succeeded": "哪些状态表示已经成交。",
    "stops": "true 表示一行可以写到最后一个有内容的格就结束。",
    "paid_by": "已关闭的交易中，这一项有内容就表示钱曾经付出。",
    "positive": "没有收付标志时，正数表示什么：in 是收进来，out 是付出去（信用卡账单）。",
    "unnamed": "true 表示表里可以不写是谁的账户；这时用文件名代替。",
    "labelled": "true 表示格里可能先写名称再写冒号和内容。",
    "minus": "true 表示支出列可能写成负数。",
    "absent": "哪些行只是说明账号不存在。",
    "footer": "合计、页脚行的第一格是什么样。",
    "epoch": "时间列是第几天时，第 0 天是哪一天。",
    "continued": "true 表示没有账号的行是上一行的补充。",
    "currency": "表里没有写币种时，金额是什么币种，例如 USD。",
    "headless": "原表没有表头时，共有几列；这时列名写成“第1列”“第2列”。",
}
_TABLES = {
    "columns": "每一行：左边是含义，右边是原表的列名；写了几个时，取第一个有内容的。",
    "types": "看交易类型判断收付的字样。",
    "amount": "金额的格里还写着别的东西时，怎样拆开。",
    "preamble": "表头上方（或工作表、文件名里）怎样找到账号和户名；圆括号里的部分就是它。",
}
_PATTERNS = {
    "own": "本方账号的格里写着几样东西时，怎样拆开。",
    "other": "对方账号的格里写着几样东西时，怎样拆开。",
}


def toml(one: Format) -> str:
    r"""
    Return the declaration of a format, with a comment in Chinese for every part.

    Parameters
    ----------
    one
        Any format; ``declared`` gives it back from the text.

    Examples
    --------
    >>> form = Format("a", "甲", "A", "statement", ("时间",), {"time": ("时间",)})
    >>> [line for line in toml(form).splitlines() if line.startswith(("name", "time"))]
    ['name = "a"', 'time = ["时间"] # 交易时间']
    """
    lines = [_HEAD]
    for part in fields(one):
        value = getattr(one, part.name)
        needed = part.name in {"name", "title", "title_en", "kind", "required", "unit"}
        if part.name in _SAID and (needed or value):
            lines += [f"# {_SAID[part.name]}", f"{part.name} = {_value(value)}", ""]
    for name, said in _TABLES.items():
        table = getattr(one, name)
        if table or name == "columns":
            lines += [f"# {said}", f"[{name}]", *_rows(name, table.items()), ""]
    for name, said in _PATTERNS.items():
        for at, pattern in enumerate(getattr(one, name)):
            lines += [*([f"# {said}"] if at == 0 else []), *_pattern(name, pattern), ""]
    return "\n".join(lines).rstrip() + "\n"


def taught(
    one: Format,
    *,
    missing: Sequence[str],
    unclear: Sequence[str],
    unused: Sequence[str],
    marks: bool,
) -> str:
    r"""
    Return a declaration to start from: what it lacks on top, and what could be added.

    Parameters
    ----------
    one
        What is known of the format.
    missing
        The meanings without which it reads no row.
    unclear
        What else could not be told.
    unused
        The columns that have no meaning yet, a line for each.
    marks
        Whether the file may mark money in and out by words of its own.

    Examples
    --------
    >>> form = Format("a", "甲", "A", "statement", ("金额",), {"amount": ("金额",)})
    >>> text = taught(form, missing=["time"], unclear=[], unused=[], marks=False)
    >>> text.splitlines()[0]
    '# 还缺：time（交易时间）。补上之前，按本版式一行也读不进来。'
    """
    lacks = "、".join(f"{name}（{title(name)}）" for name in missing)
    top = [f"# 还缺：{lacks}。补上之前，按本版式一行也读不进来。"] if missing else []
    top += [f"# 还不清楚：{why}。" for why in unclear]
    above, columns, below = toml(one).partition(f"# {_TABLES['columns']}\n")
    words = [
        part
        for name in ("incoming", "outgoing")
        if marks and not getattr(one, name)
        for part in (f"# {_SAID[name]}去掉行首的井号，把字样写进引号里。", f'# {name} = ["…"]', "")
    ]
    codes = [f"#   {name} {title(name)}" for name in USUAL]
    tail = (
        ["", "# 没有采用的列，需要时写到 [columns] 里相应的含义后面：", *unused] if unused else []
    )
    tail += ["", "# [columns] 里常用的含义：左边是代号，右边是意思。", *codes]
    lines = [*top, above + "\n".join([*words, ""]) + columns + below.rstrip(), *tail]
    return "\n".join(lines) + "\n"


def _rows(name: str, items: Iterable[tuple[str, object]]) -> list[str]:
    if name != "columns":
        return [f"{key} = {_value(value)}" for key, value in items]
    return [f"{key} = {_value(value)} # {title(key)}" for key, value in items]


def _pattern(name: str, pattern: Pattern) -> list[str]:
    more = {"prefix": pattern.prefix, "digits": pattern.digits}
    told = [f"{key} = {_value(value)}" for key, value in more.items() if value]
    return [f"[[{name}]]", f"pattern = {_value(pattern.pattern)}", *told]


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | date):
        return str(value)
    # A basic string of TOML is written as one of JSON, but for the control character DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
