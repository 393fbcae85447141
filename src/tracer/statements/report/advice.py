"""The catalogue of what a light is given for, and of what to do about it, in both languages."""

from __future__ import annotations

import re
from functools import cache

import numpy as np

from tracer.statements import reasons
from tracer.statements.reasons import Reason

# What a light is given for.
SUMS = Reason(
    "行数对不上：{rows} 行不等于入库、问题行、非数据行之和。",
    "The rows do not add up: {rows} rows are not the sum of kept, faults and not data.",
)
BROKEN = Reason(
    "余额断开 {count} 处（{rows}）：与上一行的余额对不上，中间缺了行，或者被改动过。",
    "Breaks of the balance: {count} ({rows}). It does not follow from the row before, so rows are "
    "missing or were altered.",
)
BESIDE = Reason(
    "余额断开 {count} 处（{rows}），都紧挨着没有入库的行：缺的应当就是那些行。",
    "Breaks of the balance beside rows that were set aside: {count} ({rows}). What is missing "
    "should be those rows.",
)
LOST = Reason(
    "{count} 行没有入库（占 {share}，{rows}）。最多的原因：{reason}",
    "Rows set aside: {count} ({share}; {rows}). Most often: {reason}",
)
FAILED = Reason(
    "{count} 项查询失败：没有反馈不等于没有账户或交易。",
    "Queries that failed: {count}. No answer does not mean no account and no transaction.",
)
PLACEHOLDERS = Reason(
    "{count} 行只写着查询结果，没有交易（{rows}）：这些账号缺少流水，不等于没有交易。",
    "Rows that only say what a query returned: {count} ({rows}). These accounts have a gap.",
)
GAP = Reason(
    "账号 {account} 在 {begin} 至 {end} 之间 {days} 天没有流水，余额也不能证明其间没有交易{more}。",
    "Account {account} has no rows for {days} days, {begin} to {end}, and no balance proves that "
    "nothing happened then{more}.",
)
MORE_GAPS = Reason("；另有 {count} 个账户也有空档", "; {count} more accounts have such gaps")
NOTHING = Reason(
    "只有表头，没有数据行：可能确无交易，也可能是查询失败。",
    "There is a header and no data: perhaps there was nothing, perhaps the query failed.",
)
CELLS = Reason(
    "{count} 个单元格没有采用，所在行已入库（{rows}）。最多的原因：{reason}",
    "Cells not used, their rows kept: {count} ({rows}). Most often: {reason}",
)
UNPROVED = Reason(
    "{count} 行没有余额，这些行不能用余额证明。",
    "Rows without a balance, which it cannot prove: {count}.",
)

# What to do about it.
REPORT = Reason("保留原文件，并反馈这个问题。", "Keep the file and report this problem.")
BY_REASON = Reason("按原因处理后重新载入。", "Do what the reason says, then load it again.")
CHECK = Reason("对照原件核对{rows}。", "Check {rows} against the original.")
CHECK_BREAKS = Reason(
    "核对{rows}及各自的上一行。", "Check {rows}, and in each case the row before."
)
MEND = Reason(
    "对照原件补正没有入库的行，再看余额是否衔接。",
    "Correct the rows that were set aside by the original, then see whether the balance follows.",
)
FETCH = Reason(
    "补调 {account} 在 {begin} 至 {end} 的流水。",
    "Ask for the statement of {account} from {begin} to {end}.",
)
ASK_ACCOUNTS = Reason("向该单位重新调取这些账号的流水。", "Ask again for these accounts.")
ASK_TASKS = Reason("重新发起这些查询，或改为书面调取。", "Send these queries again, or in writing.")
ASK_WHETHER = Reason(
    "向原单位确认这段时间确无交易。", "Ask the source whether there really was nothing."
)
CONFIRM = Reason("对照原件确认这一处理。", "Confirm this against the original.")
KNOW = Reason(
    "引用这些行前，用对方流水佐证。",
    "Before relying on these rows, support them by the other side's statement.",
)
AS_THERE = Reason("按本次载入中该文件的办法处理。", "Do what this load says of that file.")
AS_BEFORE = Reason(
    "按第 {load} 次载入的报告处理：tracer report 案件 --load {load}，或 case.report({load})。",
    "Do what the report of load {load} says: tracer report CASE --load {load}, or "
    "case.report({load}).",
)
ANEW = Reason(
    "账本已随之更新，请重新追踪和导出。", "The ledger was made anew; follow and export again."
)

_TEXT = Reason(
    "向原单位重新调取文本格式的文件。", "Ask the source for a file whose numbers are text."
)
_AGAIN = Reason("重新获取完整的文件后再载入。", "Get the whole file again, then load it.")
_TABLE = Reason(
    "向原单位调取 Excel 或 CSV 格式的流水。",
    "Ask the source for the statement as a workbook or CSV.",
)
_SAVE = Reason(
    "用 Excel 打开，另存为 xlsx 后重新载入。", "Open it in Excel, save it as xlsx and load that."
)
_PASSWORD = Reason("用密码重新载入。", "Load it again with its password.")
_UNPACK = Reason("解压后载入其中的文件。", "Unpack it and load the files in it.")
_DECLARE = Reason(
    "若确是流水，为它写一份格式声明：tracer format new 文件。",
    "If it is a statement, declare its format: tracer format new FILE.",
)

_ADVICE = {
    reasons.DAMAGED_ACCOUNT: _TEXT,
    reasons.DAMAGED_NUMBER: _TEXT,
    reasons.CUT_ROW: _AGAIN,
    reasons.EMPTY: _AGAIN,
    reasons.UNREADABLE: _AGAIN,
    reasons.BROKEN_BOOK: _AGAIN,
    reasons.BROKEN_ZIP: _AGAIN,
    reasons.NO_TEXT: _AGAIN,
    reasons.CUT_TEXT: _AGAIN,
    reasons.BINARY: _AGAIN,
    reasons.PICTURE: _TABLE,
    reasons.SCANNED: _TABLE,
    reasons.WORD: _TABLE,
    reasons.BROKEN_SHEET: _SAVE,
    reasons.HUGE_BOOK: _SAVE,
    reasons.NO_SHEET: _AGAIN,
    reasons.FAR_CELL: _SAVE,
    reasons.LOCKED: _PASSWORD,
    reasons.ARCHIVE: _UNPACK,
    reasons.WRONG_PASSWORD: _PASSWORD,
    reasons.UNCODED: _TABLE,
    reasons.NO_PDF_TABLE: _TABLE,
    reasons.LOOSE_TEXT: _TABLE,
    reasons.BROKEN_PDF: _AGAIN,
    reasons.BROKEN_XML: _AGAIN,
    reasons.BROKEN_ARCHIVE: _AGAIN,
    reasons.BROKEN_MEMBER: _UNPACK,
    reasons.DEEP: _UNPACK,
    reasons.MANY_MEMBERS: _UNPACK,
    reasons.LARGE_ARCHIVE: _UNPACK,
    reasons.UNKNOWN: _DECLARE,
    reasons.PROSE: _DECLARE,
}


def advice(sentence: str, otherwise: Reason) -> Reason:
    """
    Return what to do about a reason.

    Parameters
    ----------
    sentence
        The reason in Chinese, its blanks filled, as ``tables.FAULTS`` has it.
    otherwise
        What is said of a reason that has no advice of its own.

    Examples
    --------
    >>> advice(reasons.LOCKED.zh, BY_REASON).en
    'Load it again with its password.'
    """
    found = (do for reason, do in _ADVICE.items() if pattern(reason).fullmatch(sentence))
    return next(found, otherwise)


@cache
def pattern(reason: Reason) -> re.Pattern[str]:
    """Return what every filling of a reason's Chinese sentence matches."""
    parts = re.split(r"\{\w+\}", reason.zh)
    return re.compile(".*".join(map(re.escape, parts)), re.DOTALL)


def fill(sentence: Reason, **values: object) -> Reason:
    """
    Return a sentence with its blanks filled, each language with its own words.

    Examples
    --------
    >>> fill(CHECK, rows=rows_named([12, 57])).zh
    '对照原件核对第 12、57 行。'
    """
    zh = {name: value.zh if isinstance(value, Reason) else value for name, value in values.items()}
    en = {name: value.en if isinstance(value, Reason) else value for name, value in values.items()}
    return Reason(sentence.zh.format(**zh), sentence.en.format(**en))


def rows_named(rows: list[int], count: int = 0, *, most: int = 5) -> Reason:
    """
    Name the first few of some rows, neighbours as a span.

    Parameters
    ----------
    rows
        Their numbers, ascending and each once.
    count
        How many there are, where not all are listed.
    most
        How many rows and spans are named.

    Examples
    --------
    >>> rows_named([12, 57], 9)
    Reason(zh='第 12、57 等 9 行', en='rows 12, 57 and 7 more')
    >>> rows_named([2, 3, 4, 9])
    Reason(zh='第 2–4、9 行', en='rows 2–4, 9')
    """
    places = np.array(rows, dtype="int64")
    starts = np.flatnonzero(np.append(True, np.diff(places) > 1))
    ends = np.append(starts[1:], len(places))
    spans = list(zip(starts.tolist(), ends.tolist(), strict=True))[:most]
    named = [
        f"{rows[first]}–{rows[end - 1]}" if end - first > 1 else f"{rows[first]}"
        for first, end in spans
    ]
    rest = max(count, len(rows)) - spans[-1][1]
    if rest:
        zh = f"第 {'、'.join(named)} 等 {rest + spans[-1][1]:,} 行"
        return Reason(zh, f"rows {', '.join(named)} and {rest:,} more")
    word = "row" if len(rows) == 1 else "rows"
    return Reason(f"第 {'、'.join(named)} 行", f"{word} {', '.join(named)}")
