"""One bank has one head office, however evidence writes it."""

from __future__ import annotations

import pandas as pd
import pytest

from tracer.views.offices import offices


@pytest.mark.parametrize(
    ("name", "office"),
    [
        ("中国工商银行股份有限公司杭州分行营业部", "中国工商银行"),
        ("工商银行", "中国工商银行"),
        ("中国银行北京中关村支行", "中国银行"),
        ("邮储银行", "中国邮政储蓄银行"),
        ("花旗银行（中国）有限公司上海分行", "花旗银行（中国）"),
        ("招商银行（深圳）分行", "招商银行"),
        ("浙江德清湖商村镇银行股份有限公司", "浙江德清湖商村镇银行"),
        ("某县农村信用合作联社城关分社", "某县农村信用合作联社"),
        ("财付通", "财付通支付科技有限公司"),
        ("支付宝（中国）网络技术有限公司杭州分公司", "支付宝（中国）网络技术有限公司"),
        ("某某机构", "某某机构"),
        ("", ""),
    ],
)
def test_head_office(name: str, office: str) -> None:
    assert offices(pd.Series([name], dtype="str")).tolist() == [office]
