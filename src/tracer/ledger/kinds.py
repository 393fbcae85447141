"""What kind of account each is, and which words of the evidence say so."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from tracer.column import large, pressed
from tracer.errors import AccountError
from tracer.ledger.codes import begins

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
_WAGES = r"工资|代发|薪|奖金|报销|劳务费"

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
    own, owned = names["own"].to_numpy(bool), np.zeros(len(keys), bool)
    owned[account[own]] = True
    # What an account's own bank says outranks how others name it.
    counts = own | ~owned[account]
    seen = names[["holder", "plain"]].assign(account=account, own=own)[counts]
    claims = pd.concat(
        [_formed(seen, len(keys)), *_named(seen), *_numbered(pd.Series(keys, dtype="str"))],
        ignore_index=True,
    )
    # The stronger claim counts; of equal ones the reason that comes first, whatever the rows.
    reason = pd.factorize(claims["reason"], sort=True)[0]
    order = np.lexsort((reason, -claims["rank"].to_numpy(), claims["account"]))
    best = claims.iloc[order[begins(claims["account"].to_numpy()[order])]]
    found = {"kind": best["kind"].array, "kind_reason": best["reason"].array}
    return pd.DataFrame(found, index=pd.Index(keys, name="account")).astype("str")


def _formed(seen: pd.DataFrame, accounts: int) -> pd.DataFrame:
    """Return what follows from where an account was seen at all."""
    # One sighting outside a plain table shows the form of the account.
    shown = np.zeros(accounts, bool)
    shown[seen.loc[~seen["plain"] | seen["own"], "account"]] = True
    return pd.DataFrame(
        {
            "account": np.arange(accounts),
            "rank": 0,
            "kind": np.where(shown, "bank", "unknown"),
            "reason": np.where(shown, "账号形式", "仅见于转账表，未见账户类型"),
        }
    ).astype({"kind": "str", "reason": "str"})


def _named(seen: pd.DataFrame) -> list[pd.DataFrame]:
    """Return what the names say, each distinct name looked at once."""
    words = pd.Series(seen["holder"].astype("str").unique(), dtype="str")
    found = []
    # The later kind is the stronger one: a platform's name may have a shop's behind it.
    for rank, (kind, pattern) in enumerate(_SAYS.items(), start=1):
        hits = words[_has(words, pattern)]
        if hits.empty:
            continue
        told = hits.str.extract(f"({pattern})", expand=False)
        reason = "户名含“" + told.astype("str") + "”"
        found.append(
            pd.DataFrame(
                {"holder": words[told.index], "rank": rank, "kind": kind, "reason": reason}
            )
        )
    if not found:
        return []
    says = pd.concat(found, ignore_index=True).astype({"holder": "str"})
    names = seen.loc[seen["holder"].isin(says["holder"]), ["account", "holder"]].drop_duplicates()
    named = names.astype({"holder": "str"}).merge(says, on="holder")
    return [named[["account", "rank", "kind", "reason"]]]


def _numbered(account: pd.Series) -> list[pd.DataFrame]:
    """Return what the account keys themselves say, each by its place."""
    owner = account.map(NUMBERS).astype("str")
    # In a reason, {} is the platform whose account it is, or what stands behind the key's kind.
    reasons = [
        (owner.notna(), "clearing", "账号为{}备付金账户"),
        (account.str.fullmatch(LICENSED), "clearing", "账号为支付机构编码"),
        (account.str.match(PLATFORM), "payment", "支付平台账号"),
        (account.str.startswith("clearing:"), "clearing", "户名“{}”为清算账户"),
        (account.str.startswith("merchant:"), "merchant", "商户名称或商户号“{}”"),
        (account.str.startswith("unknown:"), "unknown", "流水未载明对手"),
        (account.eq("cash"), "cash", "现金标志或摘要"),
    ]
    found = []
    for rank, (applies, kind, reason) in enumerate(reasons, start=1 + len(_SAYS)):
        if applies.any():
            start, keyed, end = reason.partition("{}")
            told = owner[applies].fillna(account[applies].str[9:])
            words = start + told + end if keyed else reason
            claim = {"account": told.index, "rank": rank, "kind": kind, "reason": words}
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
    text = large(words)
    # No pattern is found in nothing, and many statements leave whole columns empty.
    if not len(pressed(text)):
        return np.zeros(len(words), bool)
    plain = words.astype("str")
    # Digits may be other than those of ASCII.
    loose = _AROUND.sub("", pattern).replace(r"\d", ".")
    if _PYTHON.search(loose):
        found = plain.str.contains(loose).to_numpy(dtype=bool, copy=True)
    else:
        hits = pc.match_substring_regex(text, loose)
        found = hits.to_numpy(zero_copy_only=False)
    if loose != pattern and found.any():
        # Looking closely is slow, so only what has the word at all is looked at so.
        found[found] = plain[found].str.contains(pattern).to_numpy(dtype=bool)
    return found
