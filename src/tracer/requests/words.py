"""The words of requests: column names, remarks and the rules that stand above a list."""

from __future__ import annotations

from collections.abc import Mapping

from tracer.money import yuan
from tracer.views.words import language
from tracer.views.words import words as view_words

KINDS = ("held", "exit", "returned", "settled")

_WORDS: dict[str, tuple[str, str]] = {
    # Files and sheets.
    "whole_case": ("全案", "whole case"),
    "requests": ("止付冻结", "Requests"),
    "upstream": ("上游转账", "Upstream transfers"),
    "exits": ("出口", "Exits"),
    "heading": ("止付冻结请求清单 · {}", "Requests to stop and freeze · {}"),
    "no_office": ("开户行不明", "institution unknown"),
    # Columns.
    "number": ("序号", "No."),
    "holder": ("户名", "Holder"),
    "account": ("账号", "Account"),
    "institution": ("开户行", "Institution"),
    "office": ("总行", "Head office"),
    "kind": ("账户类型", "Kind"),
    "level": ("级别", "Level"),
    "payer": ("转出账号", "From account"),
    "payer_holder": ("转出户名", "From holder"),
    "transfer_fen": ("转账金额", "Transfer amount"),
    "time": ("转账时间", "Transfer time"),
    "held_fen": ("涉案留存", "Victims' money held"),
    "brought_fen": ("其中仍留存", "Of it still there"),
    "left_fen": ("涉案金额", "Victims' money"),
    "last_balance_fen": ("最近余额", "Last balance"),
    "last_balance_time": ("余额时间", "Balance as of"),
    "savable_fen": ("预计可止付", "Expected to be saved"),
    "asked_fen": ("申请金额", "Amount asked for"),
    "victims": ("被害人", "Victims"),
    "records": ("依据", "Source"),
    "summary": ("摘要", "Summary"),
    "note": ("备注", "Remarks"),
    # Values and remarks.
    "not_known": ("未知", "unknown"),
    "frontier": (
        "未调取后续流水，资金可能已转出",
        "later statements not in hand; the money may have moved on",
    ),
    "no_balance": ("无余额记录", "no balance on record"),
    "stale": ("余额早于资金到账，先查询", "the balance is older than the money; ask first"),
    "less": ("最近余额少于涉案留存", "last balance is below the victims' money held"),
    "day": ("转账时间仅日期，先核实到秒", "transfer time is a date only; verify it first"),
    "minute": ("转账时间仅到分，先核实到秒", "transfer time is to the minute; verify it first"),
    "date_only": ("仅日期", "date only"),
    "to_minute": ("仅到分", "to the minute"),
    "nameless": ("户名不明，先查询", "holder unknown; ask first"),
    "bankless": ("开户行不明，先查询", "institution unknown; ask first"),
    "more": (
        "共{}笔上游转账，见“上游转账”",
        "{} upstream transfers, see 'Upstream transfers'",
    ),
}

# Each line names its source; what the tool decides by itself says so.
_RULES = (
    (
        "线索参考：金额由{}规则推算，未经银行回执核实。",
        "Leads only: amounts follow from the rule {} and are not verified by any bank's receipt.",
    ),
    (
        (
            "文书：须由公安机关依法审批。冻结须经县级以上公安机关负责人批准，制作协助冻结财产通知书"
            "（《公安机关办理刑事案件程序规定》第239条）；立案前不得冻结（公通字〔2024〕22号第2条）。"
        ),
        (
            "Documents: to be approved by the police as the law requires (程序规定, art. 239); "
            "no freezing before the case is opened (公通字〔2024〕22号, art. 2)."
        ),
    ),
    (
        (
            "止付：银行核对户名、账号、汇款金额、交易时间，不符不得止付；"
            "止付期限自止付时点起48小时，同一账户以两次为限（银发〔2016〕86号）。"
        ),
        (
            "Stopping: the bank checks holder, account, amount and time, and must not stop on a "
            "mismatch; 48 hours from the moment of stopping, at most twice for one account "
            "(银发〔2016〕86号)."
        ),
    ),
    (
        (
            "冻结：存款、汇款期限6个月，每次续冻不超过6个月（程序规定第243条）；"
            "不得重复冻结，可以轮候冻结（第242条）；逾期不续冻视为自动解除（第240条）。"
        ),
        (
            "Freezing: deposits 6 months, each renewal at most 6 (程序规定, art. 243); no second "
            "freeze, but queueing is possible (art. 242); it lapses when not renewed (art. 240)."
        ),
    ),
    (
        (
            "数额：严禁超权限、超范围、超数额、超时限冻结（公通字〔2024〕22号第2条）。"
            "本工具：申请金额＝涉案留存；预计可止付＝涉案留存与最近余额中较小者，无后续流水的为未知。"
        ),
        (
            "Amounts: freezing more than is due is forbidden (公通字〔2024〕22号, art. 2). This "
            "tool: asked = victims' money held; expected = the smaller of that and the last "
            "balance, unknown where later statements are not in hand."
        ),
    ),
)

_TOTALS = (
    "全案涉案资金（元）：留存 {held}，出口 {exit}，返还被害人 {returned}，超期结清 {settled}。",
    "All victims' money (yuan): held {held}, exits {exit}, returned {returned}, settled {settled}.",
)


def words(lang: str = "zh") -> dict[str, str]:
    """
    Return every word of requests in one language, on top of the views' words.

    Parameters
    ----------
    lang
        ``"zh"`` or ``"en"``.

    Raises
    ------
    TracerError
        If there is no such language.

    Examples
    --------
    >>> words("zh")["savable_fen"]
    '预计可止付'
    """
    side = language(lang)
    return view_words(lang) | {name: both[side] for name, both in _WORDS.items()}


def notes(rule: str, totals: Mapping[str, int] | None = None, lang: str = "zh") -> list[str]:
    """
    Return what stands above a list: its doubt, the documents and the deadlines.

    Parameters
    ----------
    rule
        The tracing rule's name.
    totals
        What became of all victims' money, in fen by kind; left out for a list
        that goes to one bank.
    lang
        ``"zh"`` or ``"en"``.

    Examples
    --------
    >>> notes("fifo")[0]
    '线索参考：金额由先进先出（fifo）规则推算，未经银行回执核实。'
    """
    side, name = language(lang), view_words(lang).get(rule, "")
    called = (f"{name}（{rule}）", f"{name} ({rule})")[side] if name else rule
    lines = [line[side].format(called) for line in _RULES]
    if totals is None:
        return lines
    amounts = {kind: yuan(totals.get(kind, 0)) for kind in KINDS}
    return [lines[0], _TOTALS[side].format(**amounts), *lines[1:]]
