"""Gaps: hops that end at a clearing account, as questions to the platform behind it."""

from __future__ import annotations

import pandas as pd

from tracer.money import yuan

# Who keeps the record of what went on behind a clearing account, by what its holder is called.
# The first that fits counts, so that 银联商务 is asked before 银联.
PLATFORMS = {
    "财付通": r"财付通|微信支付|微信零钱|腾讯",
    "支付宝": r"支付宝|蚂蚁",
    "京东支付": r"网银在线|京东",
    "美团支付": r"钱袋宝|美团",
    "抖音支付": r"合众易宝|抖音",
    "银联商务": r"银联商务",
    "网联": r"网联",
    "银联": r"银联",
}
PLATFORMS_EN = {
    "财付通": "Tenpay",
    "支付宝": "Alipay",
    "京东支付": "JD Pay",
    "美团支付": "Meituan Pay",
    "抖音支付": "Douyin Pay",
    "银联商务": "China UMS",
    "网联": "NetsUnion",
    "银联": "UnionPay",
}
COLUMNS = (
    *("transfer_id", "time", "account", "clearing", "platform", "fen", "number"),
    *("reason", "reason_en"),
)


def gaps(transfers: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    """
    List the hops through clearing accounts whose other half is in no record in hand.

    Behind a clearing account stands somebody who paid or was paid; only the
    platform's own record says who. Until that is in hand the hop is neither an
    end of the money nor a bridge to anybody.

    Parameters
    ----------
    transfers
        The table `transfers`, with serial and link_serial of the entry that
        tells of each ("" where there is none).
    accounts
        The table `accounts`.

    Returns
    -------
    pandas.DataFrame
        transfer_id, time, account (the real account), clearing, platform ("" if
        the holder's name does not tell which), fen, number (what to quote: the
        number that both institutions hold, else the bank's own serial), reason
        and reason_en; by platform, time and transfer_id. Failed and reversed
        transfers ask for nothing.

    Examples
    --------
    >>> transfers = pd.DataFrame([{
    ...     "transfer_id": 1, "time": pd.Timestamp("2024-06-01 10:00"), "payer": "6222",
    ...     "payee": "243300133", "fen": 100, "status": "ok", "join": "single", "serial": "S1",
    ...     "link_serial": "L1",
    ... }])
    >>> accounts = pd.DataFrame([
    ...     {"account": "243300133", "kind": "clearing", "holder": "财付通支付科技有限公司"},
    ... ])
    >>> gaps(transfers, accounts)[["account", "platform", "number"]].values.tolist()
    [['6222', '财付通', 'L1']]
    """
    clearing = accounts[accounts["kind"].eq("clearing")].set_index("account")["holder"]
    paid, got = (transfers[side].isin(clearing.index) for side in ("payee", "payer"))
    open_ = transfers["status"].eq("ok") & transfers["join"].eq("single") & (paid ^ got)
    hops = transfers[open_].reset_index(drop=True)
    inward = paid[open_].reset_index(drop=True)
    key = hops["payee"].where(inward, hops["payer"])
    name = key.map(_holders(clearing)).astype("str")
    number = hops["link_serial"].where(hops["link_serial"].ne(""), hops["serial"])
    found = hops.assign(
        account=hops["payer"].where(inward, hops["payee"]),
        clearing=key,
        platform=name.map(_platforms(name)).astype("str"),
        number=number.astype("str"),
    )
    reasons = _reasons(found, name, inward)
    found = found.assign(reason=reasons["reason"], reason_en=reasons["reason_en"])
    ordered = found.sort_values(["platform", "time", "transfer_id"], ignore_index=True)
    return ordered[list(COLUMNS)]


def _holders(clearing: pd.Series) -> pd.Series:
    """Return what each clearing account is called: by its holder, else by its key."""
    key = clearing.index.to_series().str.removeprefix("clearing:")
    return clearing.where(clearing.ne(""), key)


def _platforms(names: pd.Series) -> pd.Series:
    """Return which platform each distinct name means; "" where it does not say."""
    once = pd.Series(names.unique(), dtype="str")
    found = pd.Series("", index=once, dtype="str")
    for platform, pattern in PLATFORMS.items():
        fits = once.str.contains(pattern).to_numpy(bool) & found.eq("").to_numpy()
        found[fits] = platform
    return found


def _reasons(hops: pd.DataFrame, name: pd.Series, inward: pd.Series) -> pd.DataFrame:
    """Say of each hop in whole sentences what is missing, and whom to ask by which number."""
    money = hops["fen"].map({fen: yuan(fen) for fen in hops["fen"].unique()}).astype("str")
    unknown, numbered = hops["platform"].eq(""), hops["number"].ne("")
    asked = hops["platform"].mask(unknown, "该账户所属的支付机构")
    english_name = hops["platform"].map(PLATFORMS_EN).astype("str")
    asked_en = english_name.mask(unknown, "the institution that holds this account")
    way = pd.Series("付往", index=hops.index).where(inward, "来自")
    who = pd.Series("收款人", index=hops.index).where(inward, "付款人")
    quoted = ("，单号 " + hops["number"]).where(numbered, "，流水无单号，按账户、金额和时间查找")
    chinese = money + " 元" + way + "清算账户“" + name + "”，平台记录未到案，实际" + who + "不明；"
    way_en = pd.Series("was paid to", index=hops.index).where(inward, "came from")
    who_en = pd.Series("payee", index=hops.index).where(inward, "payer")
    quoted_en = (", number " + hops["number"]).where(numbered, " by account, amount and time")
    english = money + " yuan " + way_en + ' the clearing account "' + name + '"; '
    english += "no record of the platform is in hand, so the real " + who_en + " is unknown. "
    return pd.DataFrame(
        {
            "reason": chinese + "请向" + asked + "调取该笔交易" + quoted + "。",
            "reason_en": english + "Ask " + asked_en + " for this payment" + quoted_en + ".",
        }
    )
