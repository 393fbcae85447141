"""An institution's name as evidence gives it, reduced to its head office."""

from __future__ import annotations

import pandas as pd

# The name ends with the first of these; what follows is a branch or a legal suffix.
_HEAD = (
    r"^(.*?银行(?:[（(][^）)]*[）)](?=.*有限))?"
    r"|.*?(?:信用合作联社|信用社联合社|信用联社|信用社)"
    r"|.*?公司)"
)

# One bank under two names would get two requests, of which neither is whole.
_SAME = {
    "工商银行": "中国工商银行",
    "工行": "中国工商银行",
    "农业银行": "中国农业银行",
    "农行": "中国农业银行",
    "建设银行": "中国建设银行",
    "建行": "中国建设银行",
    "中行": "中国银行",
    "交行": "交通银行",
    "招行": "招商银行",
    "邮储银行": "中国邮政储蓄银行",
    "邮政储蓄银行": "中国邮政储蓄银行",
    "光大银行": "中国光大银行",
    "民生银行": "中国民生银行",
    "中国中信银行": "中信银行",
    "浦发银行": "上海浦东发展银行",
    "浦东发展银行": "上海浦东发展银行",
    "广东发展银行": "广发银行",
    "网商银行": "浙江网商银行",
    "财付通": "财付通支付科技有限公司",
    "微信支付": "财付通支付科技有限公司",
    "支付宝": "支付宝（中国）网络技术有限公司",
    "支付宝(中国)网络技术有限公司": "支付宝（中国）网络技术有限公司",
}


def offices(institutions: pd.Series) -> pd.Series:
    """
    Reduce institutions' names to their head offices.

    Parameters
    ----------
    institutions
        Shape (n,), text; "" where evidence gives none.

    Returns
    -------
    pandas.Series
        Shape (n,), text: without branch and legal suffix, national banks under
        one name each; "" stays "". A name of no known pattern stays as it is.

    Examples
    --------
    >>> offices(pd.Series(["工商银行杭州分行", "中国工商银行股份有限公司", ""])).tolist()
    ['中国工商银行', '中国工商银行', '']
    """
    names = institutions.astype("str").fillna("").str.replace(r"\s", "", regex=True)
    heads = names.str.extract(_HEAD, expand=False).fillna(names)
    return heads.replace(_SAME).astype("str")
