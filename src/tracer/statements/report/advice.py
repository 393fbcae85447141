"""The catalogue of what a light is given for, and of what to do about it, in both languages."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

import numpy as np

from tracer.statements import reasons
from tracer.statements.reason import Reason

# What a light is given for.
SUMS = Reason(
    "行数对不上：{rows} 行不等于入库、问题行、非数据行之和。",
    "The rows do not add up: {rows} rows are not the sum of kept, faults and not data.",
)
BROKEN = Reason(
    "{kept} 行已入库，但余额断开 {count} 处（{rows}）：与上一行的余额对不上，中间缺了行，"
    "或者被改动过。",
    "Rows kept: {kept}. But their balance breaks: {count} ({rows}). It does not follow from the "
    "row before, so rows are missing or were altered.",
)
BESIDE = Reason(
    "余额断开 {count} 处（{rows}），都紧挨着没有入库的行：缺的应当就是那些行。",
    "Breaks of the balance beside rows that were set aside: {count} ({rows}). What is missing "
    "should be those rows.",
)
LOST = Reason(
    "{kept}；{count} 行没有入库（占 {share}，{rows}）。{reason}",
    "{kept}. Rows set aside: {count} ({share}; {rows}). {reason}",
)
USABLE = Reason("{count} 行已入库，可以使用", "Rows kept, which can be used: {count}")
KEPT = Reason("{count} 行已入库", "Rows kept: {count}")
NONE = Reason("没有一行入库", "No row was kept")
WHOLE = Reason("{rows} 行都没有入库。{reason}", "None of its {rows} rows was kept. {reason}")
WHY = Reason("原因：{reason}", "{reason}")
MOST = Reason("最多的原因：{reason}", "Most often: {reason}")
INSIDE = Reason(
    "压缩包内有 {count} 个文件没有取出：{names}。",
    "Files of the archive that were not taken out: {count} ({names}).",
)
BARE = Reason("压缩包里没有文件。", "There is no file in the archive.")
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
    "{count} 个单元格没有采用，所在行已入库（{rows}）。{reason}",
    "Cells not used, their rows kept: {count} ({rows}). {reason}",
)
UNPROVED = Reason(
    "{count} 行没有余额，这些行不能用余额证明。",
    "Rows without a balance, which it cannot prove: {count}.",
)

# What to do about it.
REPORT = Reason("保留原文件，并反馈这个问题。", "Keep the file and report this problem.")
BY_REASON = Reason(
    "按原因处理，再重新载入：{load}", "Do what the reason says, then load it again: {load}"
)
EACH = Reason("这些文件各占一行，逐个处理。", "Each has its own line: see there.")
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
AGAIN = Reason(
    "重新拷贝，或向原单位重新索取完整的文件，再载入：{load}",
    "Copy it again, or ask the source for the whole file, then load it: {load}",
)
_TABLE = Reason(
    "向原单位调取 Excel 或 CSV 格式的流水。",
    "Ask the source for the statement as a workbook or CSV.",
)
_SAVE = Reason(
    "用 Excel 打开，另存为 xlsx 后重新载入。", "Open it in Excel, save it as xlsx and load that."
)
_PASSWORD = Reason(
    '用密码重新载入：case.load({place}, passwords=["密码"])',
    'Load it again with its password: case.load({place}, passwords=["PASSWORD"])',
)
_UNPACK = Reason("解压后载入其中的文件。", "Unpack it and load the files in it.")
_QUERY = Reason("核对查询的账号，再重新查询。", "Check what was asked for, and ask again.")
_VICTIMS = Reason(
    "若是被害人报案：case.add_victims({place})；若是流水，先逐列指定：case.mapping({name})",
    "If these are victims' reports: case.add_victims({place}). If it is a statement, say what its "
    "columns mean: case.mapping({name})",
)
_CHANGE = Reason(
    '逐列指定：case.mapping({name}).change({changes}).save(case, name="名称")，再重新载入。',
    "Say what its columns mean: case.mapping({name}).change({changes}).save(case, "
    'name="NAME"), then load it again.',
)
_LOOK = Reason("逐列核对：case.mapping({name})", "Check its columns: case.mapping({name})")
_OTHER = Reason(
    '逐列核对，指定对方账号：case.mapping({name}).change(other_account="列名")',
    "Check its columns, and say which holds the other account: "
    'case.mapping({name}).change(other_account="HEADER")',
)
_DECLARE = Reason(
    "若是流水，照 docs/how-to/add-a-format.md 为它写一份版式，放进案件的 formats 文件夹，"
    "再重新载入；不是流水则不必处理。详情：tracer format check {file}",
    "If it is a statement, write a format for it as docs/how-to/add-a-format.md shows, put "
    "it into the case's folder formats and load it again; if it is none, leave it. Details: tracer "
    "format check {file}",
)

# What is done about each reason, by its code; of several, the first here counts.
_ADVICE = {
    one.code: do
    for do, some in (
        (
            _TEXT,
            (reasons.DAMAGED_ACCOUNT, reasons.DAMAGED_NUMBER),
        ),
        (
            AGAIN,
            (
                *(reasons.CUT_ROW, reasons.EMPTY, reasons.UNREADABLE, reasons.BROKEN_BOOK),
                *(reasons.BROKEN_ZIP, reasons.NO_TEXT, reasons.CUT_TEXT, reasons.BINARY),
                *(reasons.NO_SHEET, reasons.BROKEN_PDF, reasons.BROKEN_ARCHIVE),
                reasons.BROKEN_MEMBER,
            ),
        ),
        (
            _TABLE,
            (
                *(reasons.PICTURE, reasons.SCANNED, reasons.WORD, reasons.UNCODED),
                *(reasons.NO_PDF_TABLE, reasons.LOOSE_TEXT, reasons.HUGE_PDF),
                reasons.NO_HTML_TABLE,
            ),
        ),
        (
            _SAVE,
            (
                *(reasons.BROKEN_SHEET, reasons.HUGE_BOOK, reasons.FAR_CELL, reasons.HUGE),
                *(reasons.BROKEN_XML, reasons.HUGE_PAGE, reasons.BROKEN_LOCK),
            ),
        ),
        (_PASSWORD, (reasons.LOCKED, reasons.WRONG_PASSWORD)),
        (
            _UNPACK,
            (reasons.ARCHIVE, reasons.DEEP, reasons.MANY_MEMBERS, reasons.LARGE_ARCHIVE),
        ),
        (_VICTIMS, (reasons.CLAIMED,)),
        (_CHANGE, (reasons.UNCLEAR,)),
        (ASK_WHETHER, (reasons.ALONE,)),
        (_DECLARE, (reasons.UNKNOWN, reasons.PROSE)),
        (_OTHER, (reasons.NO_OTHER,)),
        (_LOOK, (reasons.GUESSED,)),
        (ASK_ACCOUNTS, (reasons.PLACEHOLDER,)),
        (ASK_TASKS, (reasons.UNANSWERED,)),
        (_QUERY, (reasons.ABSENT,)),
        (REPORT, (Reason("", "", "broken_reader"),)),
    )
    for one in some
}
# Meanings that are no column: how they are given by hand.
_GIVEN = {"unit": 'unit="yuan"'}


@dataclass(frozen=True)
class Named:
    """How commands name one sheet of a file."""

    source: str
    """The name under which the case has the file."""
    path: str
    """Its path, as the investigator would type it."""
    sheet: str = ""
    """The sheet's name; "" where the file has but one table."""
    archive: str = ""
    """The path of the archive that the file lies in; "" where it lies in none."""

    def blanks(self, codes: str) -> dict[str, object]:
        """
        Return what fills the blanks of an advice.

        Parameters
        ----------
        codes
            The codes of the reason, joined by spaces.
        """
        place = python(self.archive or self.path)
        # Only the case can give what lies in an archive.
        inside = _OF_CASE.about(source=console(self.source))
        return {
            "file": inside if self.archive else console(self.path),
            "name": python(self.source) + (f", sheet={python(self.sheet)}" if self.sheet else ""),
            "place": place,
            "load": f"case.load({place})",
            "changes": _changes(codes),
        }


_OF_CASE = Reason("{source} --case 案件文件夹", "{source} --case CASE")


def _changes(codes: str) -> Reason:
    """Return the arguments that say by hand what could not be told."""
    names = [one.removeprefix("unclear_") for one in codes.split() if one.startswith("unclear_")]
    zh, en = (
        ", ".join(_GIVEN.get(name, f'{name}="{header}"') for name in names or ["time"])
        for header in ("列名", "HEADER")
    )
    return Reason(zh, en)


def python(text: str) -> str:
    """
    Return a text as Python writes it, between double quotes.

    Examples
    --------
    >>> python("甲 行.csv")
    '"甲 行.csv"'
    """
    return json.dumps(text, ensure_ascii=False)


def console(path: str) -> str:
    r"""
    Return a path as it is typed at a console, between double quotes.

    Examples
    --------
    >>> console("甲 行.csv"), console("$a.csv")
    ('"甲 行.csv"', '"\\$a.csv"')
    """
    escaped = re.sub(r'(["$`\\])', r"\\\1", path)
    return f'"{escaped}"'


def advice(codes: str, otherwise: Reason, named: Named) -> Reason:
    """
    Return what to do about a reason.

    Parameters
    ----------
    codes
        The codes of the reason, joined by spaces, as ``tables.FAULTS`` has them.
    otherwise
        What is said of a reason that has no advice of its own.
    named
        What the file is called in commands.

    Examples
    --------
    >>> advice("locked", CONFIRM, Named("甲.xlsx", "甲.xlsx")).zh
    '用密码重新载入：case.load("甲.xlsx", passwords=["密码"])'
    """
    told = set(codes.split())
    return next((do for code, do in _ADVICE.items() if code in told), otherwise).about(
        **named.blanks(codes)
    )


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
    >>> rows_named([12, 57], 9).zh, rows_named([12, 57], 9).en
    ('第 12、57 等 9 行', 'rows 12, 57 and 7 more')
    >>> rows_named([2, 3, 4, 9]).zh
    '第 2–4、9 行'
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
