"""The words that an investigator reads in pages and workbooks, in Chinese and in English."""

from __future__ import annotations

from tracer.errors import TracerError

_WORDS: dict[str, tuple[str, str]] = {
    "page_lang": ("zh-CN", "en"),
    "leads_only": (
        "线索参考：未经银行回执核实",
        "Leads only: not verified by any bank's receipt",
    ),
    "colon": ("：", ": "),
    # Account kinds.
    "bank": ("银行账户", "bank account"),
    "payment": ("支付账户", "payment account"),
    "merchant": ("商户", "merchant"),
    "clearing": ("清算/备付金账户", "clearing account"),
    "exchange": ("虚拟币交易商", "coin exchange"),
    "cash": ("现金", "cash"),
    "unknown": ("类型不明", "kind unknown"),
    "victim": ("被害人", "victim"),
    # Columns of the picture.
    "level_0": ("被害人", "Victims"),
    "level_1": ("一级", "Level 1"),
    "level_2": ("二级", "Level 2"),
    "level_3": ("三级", "Level 3"),
    "level_4": ("四级", "Level 4"),
    "level_5": ("五级", "Level 5"),
    "level_6": ("六级", "Level 6"),
    "level_7": ("七级", "Level 7"),
    "level_8": ("八级", "Level 8"),
    "level_9": ("九级", "Level 9"),
    "level_n": ("{}级", "Level {}"),
    "exits": ("出口", "Exits"),
    # Facts of an account.
    "account": ("账号", "Account"),
    "holder": ("户名", "Holder"),
    "institution": ("开户行", "Institution"),
    "kind": ("账户类型", "Kind"),
    "level": ("级别", "Level"),
    "received": ("收到涉案", "Victims' money received"),
    "passed": ("转出涉案", "Victims' money passed on"),
    "held": ("留存涉案", "Victims' money still held"),
    "exit": ("流出（出口）", "Left by this exit"),
    "returned": ("返还被害人", "Came back to the victim"),
    "settled": ("超期结清", "Settled"),
    "coverage": ("流水覆盖", "Statements cover"),
    "no_coverage": ("无流水（未调取）", "no statement in hand"),
    "frontier": ("待调单", "Statement needed"),
    "frontier_note": (
        "{} 元到达后没有后续流水，资金可能已转出，请先调取后续流水",
        "¥{} arrived after the statements end and may have moved on; ask for what came after",
    ),
    "balance": ("最近余额", "Last balance"),
    "not_given": ("无记录", "not given"),
    "first_time": ("首笔涉案", "First victims' money"),
    "last_time": ("末笔涉案", "Last victims' money"),
    # Facts of a transfer.
    "transfer": ("转账", "Transfer"),
    "time": ("时间", "Time"),
    "date_only": ("（仅日期）", " (date only)"),
    "minute_only": ("（精确到分）", " (to the minute)"),
    "payer": ("付款方", "Payer"),
    "payee": ("收款方", "Payee"),
    "amount": ("转账金额", "Amount"),
    "traced": ("其中涉案", "of it victims' money"),
    "traced_of": ("其中涉案 · {}", "of it money of {}"),
    "summary": ("摘要", "Summary"),
    "channel": ("渠道", "Channel"),
    "status": ("状态", "Status"),
    "currency": ("币种", "Currency"),
    "join": ("两端记录", "Both records"),
    "payer_record": ("付款方流水", "Payer's record"),
    "payee_record": ("收款方流水", "Payee's record"),
    "bundle": ("{} 笔 合计 {}", "{} transfers, {} in all"),
    "bundle_note": (
        "两账户之间共 {} 笔，图上合并为一条线，逐笔列在下面，没有省略",
        "{} transfers between these two accounts, drawn as one line; each is listed below",
    ),
    "amounts_are": ("金额单位：元", "Amounts in yuan"),
    # The page's own furniture.
    "search": ("账号或户名，回车查找", "Number or name, then Enter"),
    "search_label": ("查找账户", "Find an account"),
    "found_none": ("没有找到", "Nothing found"),
    "found": ("第 {0} / {1} 个", "{0} of {1}"),
    "fit": ("全图", "Whole picture"),
    "nearer": ("放大", "Zoom in"),
    "farther": ("缩小", "Zoom out"),
    "to_list": ("返回清单", "Back to the list"),
    "act_here": ("资金还在这里（按留存金额排列）", "Money is still here, largest first"),
    "act_none": ("没有账户还留有涉案资金。", "No account still holds victims' money."),
    "act_hint": (
        "点击账户或线条看详情；滚轮缩放，拖动平移。",
        "Click an account or a line for its facts; scroll to zoom, drag to move.",
    ),
    "incoming": ("涉案转入", "Victims' money in"),
    "outgoing": ("涉案转出", "Victims' money out"),
    "legend": ("图例", "Legend"),
    "legend_width": ("线越粗，涉案金额越大", "The thicker the line, the more victims' money"),
    "legend_held": ("粗框与 ¥ = 资金还在此", "thick frame and ¥ = money is here"),
    "graph_label": ("资金流向图", "Flow of money"),
    # Tracing rules.
    "fifo": ("先进先出", "first in, first out"),
    "lifo": ("后进先出", "last in, first out"),
    "pro_rata": ("按比例", "in proportion"),
    "tainted_first": ("涉案资金先出", "victims' money first"),
    "clean_first": ("无关资金先出", "clean money first"),
}

_LANGUAGES = ("zh", "en")


def words(lang: str) -> dict[str, str]:
    """
    Return every word in one language.

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
    >>> words("zh")["frontier"]
    '待调单'
    """
    return {name: both[language(lang)] for name, both in _WORDS.items()}


def language(lang: str) -> int:
    """
    Return the place of a language in every pair of words.

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
    >>> language("en")
    1
    """
    if lang not in _LANGUAGES:
        msg = f"There is no language {lang!r}. Write 'zh' for Chinese or 'en' for English."
        raise TracerError(msg)
    return _LANGUAGES.index(lang)


def level(number: int, vocabulary: dict[str, str]) -> str:
    """
    Name a level as investigators do.

    Parameters
    ----------
    number
        0 for victims, 1 for accounts that they paid, and so on.
    vocabulary
        What `words` returned.

    Examples
    --------
    >>> level(2, words("zh"))
    '二级'
    """
    return vocabulary.get(f"level_{number}", vocabulary["level_n"].format(number))
