"""The words in which a trace speaks to an investigator, in Chinese and in English."""

from __future__ import annotations

from tracer.errors import TracerError
from tracer.tracing.sweep import RULES
from tracer.views.words import words as view_words

ZH = {
    "title": "资金追踪",
    "rule": "追踪规则：{rule}。",
    "within": "最长停留：{within} 小时。",
    "totals": (
        "被害人 {victims} 名，被骗 {lost} 元；"
        "涉及账户 {accounts} 个、转账 {transfers} 笔，最深 {level} 级。"
    ),
    "victims": "被害人",
    "where": "资金去向",
    "act": "优先处置账户（按留存金额，前 {shown} 个，共 {all} 个）",
    "doubts": "存疑",
    "victim": "被害人",
    "lost_fen": "被骗（元）",
    "held_fen": "留存（元）",
    "exit_fen": "出口（元）",
    "returned_fen": "返还（元）",
    "settled_fen": "超期结清（元）",
    "kind": "去向",
    "held": "留存",
    "exit": "出口",
    "returned": "返还被害人",
    "settled": "超期结清",
    "fen": "金额（元）",
    "accounts": "账户数",
    "account": "账户",
    "holder": "户名",
    "institution": "机构",
    "level": "级",
    "frontier": "待调单",
    "yes": "是",
    "no": "",
    "doubt_frontier": "待调单账户 {count} 个，涉及 {fen} 元：流水未覆盖收款之后，资金可能已转出。",
    "doubt_gap": (
        "{count} 个清算（备付金）账户收到被害人资金 {fen} 元：须向支付平台调取记录才能续追。"
    ),
    "doubt_assumed_order": "{count} 笔转账与付款账户同日入账的先后无法由时间确定，按先入后出推定。",
    "doubt_shortage": "途经账户另有 {fen} 元付出超过其已知资金，来源不明，按无关资金处理。",
    "doubt_hub": (
        "{count} 个账户转账极多（最少 {least} 笔，{first} 等），按出口处理，未再往下追；"
        "进入的被害人资金 {fen} 元。"
    ),
    "none": "未发现。",
    "suspect_same": "{count} 名已知被害人付入同一账户",
    "suspect_days": "付款时该账户正在收转被害人资金",
    "suspect_alike": "同日另有 {count} 人付入同一账户",
    "suspect_amount": "金额与已知被害人的付款相当",
    "suspect_first": "此前与途经账户无往来",
    "suspect_alone": "途经账户未曾付回",
    "suspect_named": "户名与已知被害人相同",
    "suspect_wages": "摘要均为工资等代发款项",
    "suspect_company": "付款方是单位",
    "and": "；",
    "lead": "线索参考：未经银行回执核实。",
}

EN = {
    "title": "Money trace",
    "rule": "Rule: {rule}.",
    "within": "Longest stay: {within} hours.",
    "totals": (
        "{victims} victim(s) lost {lost} yuan; "
        "{accounts} account(s), {transfers} transfer(s), {level} level(s) deep."
    ),
    "victims": "Victims",
    "where": "Where the money is",
    "act": "Accounts to act on first (by money held, {shown} of {all})",
    "doubts": "Doubts",
    "victim": "Victim",
    "lost_fen": "Lost (yuan)",
    "held_fen": "Held (yuan)",
    "exit_fen": "Exit (yuan)",
    "returned_fen": "Returned (yuan)",
    "settled_fen": "Settled (yuan)",
    "kind": "Where",
    "held": "held",
    "exit": "exit",
    "returned": "returned to the victim",
    "settled": "settled after the longest stay",
    "fen": "Amount (yuan)",
    "accounts": "Accounts",
    "account": "Account",
    "holder": "Holder",
    "institution": "Institution",
    "level": "Level",
    "frontier": "Frontier",
    "yes": "yes",
    "no": "",
    "doubt_frontier": (
        "{count} frontier account(s) with {fen} yuan: no statement covers what came after "
        "the receipt, so that the money may have left."
    ),
    "doubt_gap": (
        "{count} clearing account(s) took {fen} yuan of victims' money: where it went on is in "
        "the payment platforms' records, which must be asked for."
    ),
    "doubt_assumed_order": (
        "{count} transfer(s) lie on the day of a credit to their payer and no time says which "
        "came first; credits are taken first."
    ),
    "doubt_shortage": (
        "Accounts on the way paid out {fen} yuan more than they were known to have; "
        "it is taken as clean money of unknown source."
    ),
    "doubt_hub": (
        "{count} account(s) with very many transfers ({least} or more; {first} among them) were "
        "taken as exits and not followed through; {fen} yuan of victims' money went in."
    ),
    "none": "None found.",
    "suspect_same": "{count} known victim(s) paid the same account",
    "suspect_days": "paid while victims' money passed through the account",
    "suspect_alike": "{count} others paid the same account on the same day",
    "suspect_amount": "an amount such as known victims paid",
    "suspect_first": "no dealings with accounts on the way before",
    "suspect_alone": "nothing came back from accounts on the way",
    "suspect_named": "the holder has the name of a known victim",
    "suspect_wages": "all of it is told as wages or the like",
    "suspect_company": "the payer is a company or an office",
    "and": "; ",
    "lead": "Leads only: not confirmed by the banks' receipts.",
}


def words(lang: str) -> dict[str, str]:
    """
    Return the words of one language.

    Raises
    ------
    TracerError
        If the language is neither zh nor en.
    """
    if lang not in {"zh", "en"}:
        msg = f"There are no words in the language {lang!r}. Choose 'zh' or 'en'."
        raise TracerError(msg)
    # Rules are called here what they are called on pages and lists.
    called = view_words(lang)
    rules = {rule: called[rule] for rule in RULES}
    return (ZH if lang == "zh" else EN) | rules
