"""What kind of account each is, and which words of the evidence say so."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tracer.column import Column, large, pressed, series
from tracer.errors import AccountError
from tracer.ledger.codes import heads

KINDS = ("bank", "payment", "merchant", "clearing", "exchange", "cash", "unknown")
# Where following stops by nature; a victim's own account stops it too.
EXITS = ("cash", "merchant", "clearing", "exchange")
PLATFORM = r"^(?:tenpay|alipay|pay):"

# Accounts of platforms that statements show in place of a person's, and the form of the
# numbers of licensed payment institutions.
NUMBERS = {"243300133": "财付通", "215500690": "支付宝"}
LICENSED = r"Z20\d{11}[A-Z]?"

# A short brand is part of many names (中通联运), so it stands with what makes it the company's.
CLEARING = (
    r"财付通支付科技|支付宝[（(]中国[)）]|支付宝支付科技|备付金|网联清算|中国银联|银联商务|待清算|清算资金"
    r"|抖音支付|合众易宝|京东支付|网银在线|钱袋宝|美团支付|付费通|拼多多支付|快钱支付|汇付天下|汇付支付|汇付数据"
    r"|拉卡拉支付|通联支付|易宝支付|富友支付|随行付支付|连连银通|连连支付|平安付(?:科技|电子|智能)|云闪付|宝付网络|宝付支付"
    r"|合利宝|易生支付|海科融通|乐刷科技|新生支付|联动优势|首信易支付|百付宝|度小满支付|易付宝|苏宁支付"
    r"|天翼电子商务|翼支付|中移电子商务|和包支付|联通支付|沃支付|盛付通|银盛支付|杉德支付|中金支付|瑞银信"
    r"|嘉联支付|现代支付|国付宝|智付电子|双乾网络|程付通|一九付|捷付睿通|花瓣支付|顺丰恒通支付|网易宝"
    r"|唯品会支付|得仕股份|开联通|付临门|钱宝科技|点佰趣|中付支付"
    r"|^(?:财付通|支付宝|微信支付|网联|银联|快钱|汇付|拉卡拉|通联|易宝|富友|随行付|连连)(?:支付|公司)?$"
    r"|^(?:财付通|支付宝|微信|美团|京东|抖音)[-－—_](?:.*)(?:转账|红包|零钱|余额|提现|充值|还款|理财通)"
)
# 货币安全 and 数字货币安… contain 币安; a person may be called 欧易.
EXCHANGE = (
    r"数字资产|虚拟货币|虚拟币|加密货币|泰达币|比特币|USDT|币商|(?<!货)币安|火币|欧易(?:交易所|平台|OK)"
    r"|(?<![A-Za-z])(?:OKX|OKEX|OKEx|Huobi|HTX|Binance|Bitget|Coinbase)(?![A-Za-z])"
)
SHOP = (
    r"^(?:财付通|支付宝|微信支付|微信|美团|京东|抖音支付|银联|云闪付|拉卡拉|快钱)[-－—_]"
    r"|^(?:特约|扫码|收单|个体)?商户(?:消费|收款|\d+)?$|^POS(?:消费|商户)?$|^扫二维码付款"
)
# Only the whole name: somebody may be called 现金强.
NOTES = r"^(?:现金|库存现金|柜台现金|柜面现金|ATM|ATM取款|ATM存款|CRS|CDM|自助设备)$"

# Cash by plain words; those that other words begin or end with are guarded.
_COUNTED = (
    r"(?<!返)现金(?!额|管理|宝|分红|红利|贷|券|红包|奖|巴士|借款|分期|理财|收益|增利|流|价值|补贴|回馈)"
    r"|取现|存现(?!象)|(?<![发呈体实提变返兑])现存(?!在)|(?<![出发实体表提变返兑])现取|(?<!\S)(?:现支|现付|现收)"
    r"|柜[台面](?:取|存)款|自助[取存]款"
)
_MACHINE = r"ATM|CRS|CDM|柜台|柜面|自助|存取款机|取款机|存款机"
_HANDED = r"取款|存款|支取|卡取|卡存|(?:ATM|CRS|CDM)[^\s]*[取存]"
_MOVED = r"转账|转存|转取|转入|转出|汇款|定期|通知存款|活期宝|利息|结息|理财|税"
_COMPANY = (
    r"(?<![^\s,，;；:：/|（(\-－_])(?!消费|购物|购买|POS|商户消费|扫)"
    r"[^\s,，;；:：/|（()）\-－_]*(?:公司|集团|事务所|合作社)"
)
_BOUGHT = (
    r"消费(?!金融|贷|信贷|品|者|电子|券|返|分期|积分|扶贫|科技)|购物(?!卡转)|网购"
    r"|购买(?!理财|基金|国债|债券|存单|黄金|结构)|(?<![A-Za-z])POS(?![A-Za-z])|商户(?!服务|管理|转账|提现)"
    r"|扫二维码付款|扫码付款|二维码支付"
)
# What looks around, and where Python sees the end of a text in another place than Arrow does.
_AROUND = re.compile(r"\(\?<?[!=][^)]*\)|\$")
# What else Python may understand in another way than Arrow does, which is quicker.
_PYTHON = re.compile(r"\\|\(\?(?!:)")
# Python sees the end of a text before a line's end, too.
_END = "$(?!\n)"
_WAGES = r"工资|代发|薪|奖金|报销|劳务费"

# What follows from where an account was seen at all: only in a plain table, or elsewhere too.
_FORMED = tuple(
    pd.Series(words, dtype="str")
    for words in (["unknown", "bank"], ["仅见于转账表，未见账户类型", "账号形式"])
)
# What account keys themselves say, the stronger kind later.
_KEYED = (
    (f"^{LICENSED}{_END}", "clearing", "账号为支付机构编码"),
    (PLATFORM, "payment", "支付平台账号"),
    ("^clearing:", "clearing", "户名“{}”为清算账户"),
    ("^merchant:", "merchant", "商户名称或商户号“{}”"),
    ("^unknown:", "unknown", "流水未载明对手"),
    (f"^cash{_END}", "cash", "现金标志或摘要"),
)
_KNOWN, _NAMES = pa.array(NUMBERS, pa.large_string()), np.array([*NUMBERS.values()], "T")

_SAYS = {"cash": NOTES, "merchant": SHOP, "exchange": EXCHANGE, "clearing": CLEARING}


def clearing(holders: pd.Series) -> np.ndarray:
    """
    Say of each distinct name whether it is a clearing or 备付金 account's.

    Examples
    --------
    >>> clearing(pd.Series(["财付通支付科技有限公司", "江边中通联运物流有限公司"])).tolist()
    [True, False]
    """
    return _has(holders, CLEARING)


def exchange(holders: pd.Series) -> np.ndarray:
    """
    Say of each distinct name whether it deals in coins.

    Examples
    --------
    >>> exchange(pd.Series(["某数字资产有限公司", "某货币安全研究所"])).tolist()
    [True, False]
    """
    return _has(holders, EXCHANGE)


def shop(holders: pd.Series) -> np.ndarray:
    """
    Say of each distinct name whether a bank writes merchants so.

    Examples
    --------
    >>> shop(pd.Series(["支付宝-江边超市", "财付通-微信转账", "江边商户服务有限公司"])).tolist()
    [True, False, False]
    """
    found = _has(holders, SHOP)
    found[found] = ~_has(holders[found], CLEARING)
    return found


def cash(words: pd.Series) -> np.ndarray:
    """
    Say of each distinct summary, with its channel behind it, whether notes were handed over.

    Parameters
    ----------
    words
        Shape (n,), summary and channel with a space between.

    Examples
    --------
    >>> cash(pd.Series(["ATM取款", "取款 ATM", "转账 ATM", "现金宝转出"])).tolist()
    [True, True, False, False]
    """
    machine = _has(words, _MACHINE) & _has(words, _HANDED) & ~_has(words, _MOVED)
    deposit = _has(words, r"(?<![A-Za-z])CDM(?![A-Za-z])") & ~_has(words, _MOVED)
    found: np.ndarray = machine | deposit | _has(words, _COUNTED)
    return found


def bought(words: pd.Series) -> np.ndarray:
    """
    Say of each distinct summary, with its channel behind it, whether something was bought.

    Names of companies in a summary are not looked at, and wages are no purchase.

    Parameters
    ----------
    words
        Shape (n,), summary and channel with a space between.

    Examples
    --------
    >>> told = pd.Series(["消费 POS", "代发工资 江边消费品有限公司", "转账 江边商户有限公司"])
    >>> bought(told).tolist()
    [True, False, False]
    """
    found: np.ndarray = _has(words, _BOUGHT) & ~_has(words, _WAGES)
    if found.any():
        plain = words[found].astype("str").str.replace(_COMPANY, "", regex=True)
        found[found] = _has(plain, _BOUGHT)
    return found


def kinds(names: pd.DataFrame) -> pd.DataFrame:
    """
    Say what kind of account each key is, and which evidence that was taken from.

    Parameters
    ----------
    names
        One row per account and name it was seen under: account, holder, own
        (whether its own statement or registration is in hand) and plain
        (whether only a plain transfers table names it).

    Returns
    -------
    pandas.DataFrame
        Indexed by account, sorted: kind, kind_reason.

    Examples
    --------
    >>> seen = pd.DataFrame({"account": ["6222", "243300133"], "holder": ["张三", ""],
    ...     "own": False, "plain": False})
    >>> kinds(seen)["kind"].to_dict()
    {'243300133': 'clearing', '6222': 'bank'}
    """
    account, keys = pd.factorize(names["account"].astype("str"), sort=True)
    own, plain = (names[name].to_numpy(bool) for name in ("own", "plain"))
    owned, shown = np.zeros(len(keys), bool), np.zeros(len(keys), bool)
    owned[account[own]] = True
    # What an account's own bank says outranks how others name it.
    counts = own | ~owned[account]
    # One sighting outside a plain table shows the form of the account.
    shown[account[counts & (own | ~plain)]] = True
    kind, reason = (
        Column(words, shown.astype("int8")).texts(pd.Index(keys, name="account"))
        for words in _FORMED
    )
    holder = names["holder"].astype("str").array[counts]
    named = _named(pd.Series(holder, copy=False), account[counts])
    claims = named + _numbered(pd.Series(keys, dtype="str"))
    if claims:
        best = _strongest(pd.concat(claims, ignore_index=True))
        for column, name in ((kind, "kind"), (reason, "reason")):
            column.iloc[best["account"].to_numpy()] = best[name].array
    return pd.DataFrame({"kind": kind, "kind_reason": reason})


def _strongest(claims: pd.DataFrame) -> pd.DataFrame:
    """Return of each account the claim that counts."""
    # The stronger one does; of equal ones the reason that comes first, whatever the rows.
    reason = pd.factorize(claims["reason"], sort=True)[0]
    order = np.lexsort((reason, -claims["rank"].to_numpy(), claims["account"]))
    first = heads(claims["account"].to_numpy()[order])
    best: pd.DataFrame = claims.iloc[order[first]].astype({"kind": "str", "reason": "str"})
    return best


def _named(holder: pd.Series, account: np.ndarray) -> list[pd.DataFrame]:
    """Return what the names say of accounts, each distinct name looked at once."""
    place, once = pd.factorize(holder)
    words, found = pd.Series(once, dtype="str"), []
    # The later kind is the stronger one: a platform's name may have a shop's behind it.
    for rank, (kind, pattern) in enumerate(_SAYS.items(), start=1):
        hits = _has(words, pattern)
        if not hits.any():
            continue
        told = words[hits].str.extract(f"({pattern})", expand=False)
        reason = "户名含“" + told.astype("str") + "”"
        rows = np.flatnonzero(hits[place])
        claim = {"account": account[rows], "rank": rank, "kind": kind}
        found.append(pd.DataFrame(claim | {"reason": reason.reindex(place[rows]).array}))
    return found


def _numbered(account: pd.Series) -> list[pd.DataFrame]:
    """Return what the account keys themselves say, each by its place."""
    known = pc.index_in(large(account), value_set=_KNOWN).fill_null(-1).to_numpy()
    # In a reason, {} is the platform whose account it is, or what stands behind the key's kind.
    reasons: list[tuple[np.ndarray, str, str, Callable[[np.ndarray], object]]] = [
        (known >= 0, "clearing", "账号为{}备付金账户", lambda at: _NAMES[known[at]]),
        *((_has(account, pattern), kind, reason, lambda at: account[at].str[9:])
          for pattern, kind, reason in _KEYED),
    ]  # fmt: skip
    found = []
    for rank, (applies, kind, reason, told) in enumerate(reasons, start=1 + len(_SAYS)):
        if applies.any():
            places, (start, keyed, end) = np.flatnonzero(applies), reason.partition("{}")
            words = start + pd.Series(told(places), dtype="str") + end if keyed else reason
            claim = {"account": places, "rank": rank, "kind": kind, "reason": words}
            found.append(pd.DataFrame(claim))
    return found


def marked(found: pd.DataFrame, marks: pd.DataFrame | None) -> pd.DataFrame:
    """
    Put the kinds that investigators know in place of those that were found.

    Parameters
    ----------
    found
        What `kinds` returned.
    marks
        As the table `marks`, the account resolved: account, kind and reason;
        the last of an account counts, and one without a kind takes the mark
        back.

    Raises
    ------
    AccountError
        If a mark names a kind that does not exist.

    Examples
    --------
    >>> found = pd.DataFrame({"kind": "bank", "kind_reason": "账号形式"}, index=["1", "2"])
    >>> marks = pd.DataFrame({"account": ["2"], "kind": ["exchange"], "reason": ["笔录"]})
    >>> marked(found, marks)["kind"].tolist()
    ['bank', 'exchange']
    """
    if marks is None or marks.empty:
        return found
    strange = sorted(set(marks["kind"].astype("str")) - {"", *KINDS})
    if strange:
        choice = ", ".join(KINDS)
        msg = f"There is no kind of account {strange[0]!r}; choose one of {choice}."
        raise AccountError(msg, zh=f"没有账户类型 {strange[0]!r}，请从以下选择：{choice}。")
    last = marks.drop_duplicates("account", keep="last").set_index("account")
    last = last[last["kind"].ne("")].reindex(found.index)
    byhand = last["kind"].notna()
    return found.assign(
        kind=found["kind"].mask(byhand, last["kind"]),
        kind_reason=found["kind_reason"].mask(byhand, "办案人员指定：" + last["reason"]),
    )


def _has(words: pd.Series, pattern: str) -> np.ndarray:
    """Say which words have what the pattern says."""
    text, (loose, as_python) = large(words), _loosened(pattern)
    # No pattern is found in nothing, and many statements leave whole columns empty.
    if not len(pressed(text)):
        return np.zeros(len(words), bool)
    if as_python:
        found = series(text).str.contains(loose).to_numpy(dtype=bool, copy=True)
    else:
        hits = pc.match_substring_regex(text, loose)
        found = hits.to_numpy(zero_copy_only=False)
    if loose != pattern and found.any():
        # Looking closely is slow, so only what has the word at all is looked at so.
        likely = series(text.filter(pa.array(found)))
        found[found] = likely.str.contains(pattern).to_numpy(dtype=bool)
    return found


@cache
def _loosened(pattern: str) -> tuple[str, bool]:
    """Return what is found wherever a pattern is, and whether Python has to look for it."""
    # Digits may be other than those of ASCII.
    loose = _AROUND.sub("", pattern).replace(r"\d", ".")
    return loose, bool(_PYTHON.search(loose))
