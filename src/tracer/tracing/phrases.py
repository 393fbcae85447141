"""The sentences of an explanation and of a comparison, in Chinese and in English."""

from __future__ import annotations

from tracer.tracing.words import words

ZH = {
    "paid": (
        "{moment}，账户 {payer} 向账户 {payee} 转出 {amount} 元（转账 {transfer_id}；"
        "依据：{record}），其中 {traced} 元为被害人 {victim} 的资金。"
    ),
    "seed": "这是被害人 {victim} 本人的付款，全额计为其资金。",
    "before": (
        "付款前，账户 {payer} 内已知资金共 {held} 元：无关资金 {clean} 元，"
        "被害人资金 {victims} 元（{count} 段）。"
    ),
    "why_fifo": "按先进先出：先转入的资金先转出。",
    "why_lifo": "按后进先出：后转入的资金先转出。",
    "why_pro_rata": "按比例：各人资金按其在账户内所占比例转出，不足一分的按余数大小分配。",
    "why_tainted_first": "按涉案资金先出：被害人资金先于无关资金转出，其中先转入的先出。",
    "why_clean_first": "按无关资金先出：无关资金先转出，之后才是被害人资金，其中先转入的先出。",
    "taken": "本笔转账因此由无关资金 {clean} 元和被害人资金 {victims} 元组成。",
    "beyond": "另有 {rest} 元超过该账户已知资金，来源不明，按无关资金处理。",
    "own": (
        "其中 {traced} 元出自 {moment} 由账户 {payer} 转入的资金（资金段 {parent}，付款前尚存 "
        "{lot} 元；依据：{record}），为被害人 {victim} 的资金。"
    ),
    "way": "该资金自被害人付款起的去向：",
    "step": (
        "第 {step} 步：{moment}，{payer} → {payee}，转账 {amount} 元，"
        "其中追踪资金 {traced} 元（{record}）。"
    ),
    "unrecorded": "未注明",
    "owner": "所有人",
    "clean": "无关资金",
    "before_fen": "付款前（元）",
    "taken_fen": "本次转出（元）",
    "time": "转入时间",
    "payer": "转入自",
    "record": "依据",
    "between": "、",
    "compared": "不同追踪规则的比较",
    "agreed": (
        "比较的规则：{rules}。被害人资金共 {total} 元；"
        "{agreed} 元无论采用所列哪种规则去向都相同，{open} 元取决于规则。"
    ),
    "by_victim": "各被害人",
    "by_account": "差异最大的账户（前 {shown} 个，共 {all} 个有差异）",
    "agreed_fen": "去向相同（元）",
    "open_fen": "取决于规则（元）",
    "spread_fen": "相差（元）",
}

EN = {
    "paid": (
        "{moment}: account {payer} paid {amount} yuan to account {payee} (transfer {transfer_id}; "
        "record: {record}), of which {traced} yuan are money of the victim {victim}."
    ),
    "seed": "This is the payment of the victim {victim}; all of it counts as the victim's money.",
    "before": (
        "Before it, account {payer} was known to hold {held} yuan: {clean} yuan of clean money and "
        "{victims} yuan of victims' money ({count} lot(s))."
    ),
    "why_fifo": "First in, first out: what came first leaves first.",
    "why_lifo": "Last in, first out: what came last leaves first.",
    "why_pro_rata": (
        "In proportion: everyone's money leaves in proportion to what is in the account; parts of "
        "a fen go to the largest remainders."
    ),
    "why_tainted_first": "Victims' money leaves before clean money, the oldest first.",
    "why_clean_first": "Clean money leaves first, then victims' money, the oldest first.",
    "taken": "So the payment is made of {clean} yuan clean and {victims} yuan of victims' money.",
    "beyond": (
        "A further {rest} yuan is more than the account was known to hold: it is taken as clean "
        "money of unknown source."
    ),
    "own": (
        "Of it, {traced} yuan are of the money that account {payer} had paid in at {moment} "
        "(movement {parent}, {lot} yuan left before this payment; record: {record}), which is the "
        "money of the victim {victim}."
    ),
    "way": "The way of this money from the victim's payment:",
    "step": (
        "Step {step}: {moment}, {payer} → {payee}, {amount} yuan, of which {traced} yuan are "
        "traced ({record})."
    ),
    "unrecorded": "not given",
    "owner": "Owner",
    "clean": "clean",
    "before_fen": "Before (yuan)",
    "taken_fen": "Taken (yuan)",
    "time": "Came at",
    "payer": "From",
    "record": "Record",
    "between": ", ",
    "compared": "Rules compared",
    "agreed": (
        "Rules compared: {rules}. Victims' money is {total} yuan; {agreed} yuan lie in the same "
        "place under each of these rules, {open} yuan depend on the rule."
    ),
    "by_victim": "By victim",
    "by_account": "Accounts that differ most ({shown} of {all} that differ)",
    "agreed_fen": "Same place (yuan)",
    "open_fen": "Depends (yuan)",
    "spread_fen": "Spread (yuan)",
}


def phrases(lang: str) -> dict[str, str]:
    """
    Return the sentences of one language, and the words of a trace beside them.

    Raises
    ------
    TracerError
        If the language is neither zh nor en.
    """
    return words(lang) | (ZH if lang == "zh" else EN)
