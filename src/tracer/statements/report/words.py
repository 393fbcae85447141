"""The words in which the report of a load speaks, in Chinese and in English."""

from __future__ import annotations

from tracer.views.words import language

_WORDS: dict[str, tuple[str, str]] = {
    "page_lang": ("zh-CN", "en"),
    "title": ("载入报告", "Load report"),
    "colon": ("：", ": "),
    "stop": ("；", "; "),
    "comma": ("，", ", "),
    # Each light has a sign and a word, so that nobody needs to see its colour.
    "light_0": ("正常", "good"),
    "light_1": ("需核对", "check"),
    "light_2": ("需处理", "act"),
    "lights_0": ("可以使用", "can be used"),
    "lights_1": ("可以使用，但先核对", "can be used once checked"),
    "lights_2": (
        "有内容没有入库，或余额断开；哪些已入库可用，逐个写明",
        "something is not in the case, or a balance breaks; what can be used is told file by file",
    ),
    "files": ("共 {files} 个文件", "{files} files"),
    "sheets": ("（{sheets} 张表）", " ({sheets} sheets)"),
    "file_count": ("{count} 个文件", "{count} files"),
    "one_file": ("1 个文件", "1 file"),
    "folder": ("文件夹 {folder}", "folder {folder}"),
    "period": ("覆盖 {period}", "covering {period}"),
    "to": ("至", "to"),
    "sum": (
        "{rows} 行 = 入库 {entries} + 问题行 {faults} + 非数据行 {skipped}",
        "{rows} rows = {entries} kept + {faults} faults + {skipped} not data",
    ),
    "read_as": ("识别为《{title}》", "read as {title!r}"),
    "unread": ("没有读取", "not read"),
    # Columns of the list of files.
    "state": ("状态", "State"),
    "file": ("文件 · 识别为", "File · read as"),
    "covers": ("时间范围", "Period"),
    "rows": ("行数", "Rows"),
    "entries": ("入库", "Kept"),
    "faults": ("问题行", "Faults"),
    "skipped": ("非数据", "Not data"),
    "balance": ("余额证明", "Balance proof"),
    "do": ("要做", "To do"),
    "proved": ("{count} 行衔接", "{count} follow"),
    "broken": ("断开 {count} 处", "{count} breaks"),
    "unproved": ("{count} 行无余额", "{count} without"),
    "no_balance": ("无余额可证", "no balance"),
    "proof": ("衔接 / 断开 / 无余额", "Follow / break / none"),
    "more_causes": ("另有 {count} 项，点开查看", "{count} more, unfold to see"),
    "same": ("同上", "as above"),
    "nothing_to_do": ("无需处理", "nothing to do"),
    "accounts": ("{count} 个账户", "{count} accounts"),
    "one_account": ("1 个账户", "1 account"),
    # The lists behind a file.
    "coverage_of": ("账户与余额", "Accounts and balances"),
    "faults_of": ("问题行和单元格", "Rows and cells set aside"),
    "failed_of": ("失败的查询", "Queries that failed"),
    "skipped_of": ("非数据行", "Rows that are not data"),
    "encoding": ("编码", "encoding"),
    "account": ("账号", "Account"),
    "holder": ("户名", "Holder"),
    "breaks": ("断开的行", "Breaks at rows"),
    "gap": ("最长空档", "Longest gap"),
    "days": ("{days} 天", "{days} days"),
    "opening": ("期初、期末余额（元）", "Opening, closing (yuan)"),
    "row": ("行", "Row"),
    "column": ("列", "Column"),
    "value": ("内容", "Content"),
    "aside": ("处理", "Set aside"),
    "reason": ("原因", "Reason"),
    "whole": ("整表", "all"),
    "whole_rows": ("整表 {rows} 行", "all {rows} rows"),
    "aside_file": ("整张表", "sheet"),
    "aside_row": ("整行", "row"),
    "aside_cell": ("仅此格", "cell only"),
    "kind": ("类别", "Kind"),
    "title_row": ("标题", "title"),
    "header_row": ("表头", "header"),
    "repeated_row": ("重复表头", "header again"),
    "total_row": ("合计", "total"),
    "blank_row": ("空行", "blank"),
    "placeholder_row": ("查询结果（无交易）", "query result only"),
    "continued_row": ("续行", "continued"),
    "institution": ("单位", "Institution"),
    "subject": ("查询对象", "Asked about"),
    "result": ("结果", "Result"),
    "cut": ("…（共 {length} 字）", "… ({length} characters)"),
    "more_faults": (
        "列出 {shown} 条，共 {all} 条；其余见 report.faults，或 case.faults()。",
        "{shown} of {all} are listed; see report.faults or case.faults() for the others.",
    ),
    "more_skipped": (
        "列出 {shown} 行，共 {all} 行；其余见 report.skipped。",
        "{shown} of {all} rows are listed; see report.skipped for the others.",
    ),
    "more_coverage": (
        "列出 {shown} 个，共 {all} 个；其余见 report.coverage。",
        "{shown} of {all} are listed; see report.coverage for the others.",
    ),
    "more_failed": (
        "列出 {shown} 项，共 {all} 项；其余见 report.tasks。",
        "{shown} of {all} are listed; see report.tasks for the others.",
    ),
    "fault": (
        "例：第 {row} 行 {column} {value}：{reason}",
        "For example row {row}, {column} {value}: {reason}",
    ),
    "all_faults": (
        "共 {all} 条，见 report.faults 或 case.faults()。",
        "{all} in all: see report.faults or case.faults().",
    ),
}


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
    >>> words("en")["light_1"]
    'check'
    """
    return {name: both[language(lang)] for name, both in _WORDS.items()}
