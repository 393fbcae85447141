"""Gaps: a hop without the platform's record is a question to the right platform."""

from __future__ import annotations

import pandas as pd
import pytest

from tracer.ledger.gaps import COLUMNS, PLATFORMS, PLATFORMS_EN, gaps
from tracer.tables import ACCOUNTS, TRANSFERS

CARD, CLEARING = "6222020000000000012", "243300133"


def asked(holder: str = "财付通支付科技有限公司", **more: object) -> pd.DataFrame:
    row = {
        "transfer_id": 1, "time": pd.Timestamp("2024-06-01 10:00:00"), "payer": CARD,
        "payee": CLEARING, "fen": 12345, "seq": 0, "payer_entry": None, "payee_entry": None,
        "status": "ok", "join": "single",
    }  # fmt: skip
    numbers = {"serial": more.pop("serial", "S1"), "link_serial": more.pop("link_serial", "")}
    transfers = TRANSFERS.conform(pd.DataFrame([row | more])).assign(**numbers)
    known = [
        {"account": CLEARING, "kind": "clearing", "holder": holder},
        {"account": f"clearing:{holder}", "kind": "clearing"},
        {"account": CARD, "kind": "bank", "holder": "张三"},
    ]
    return gaps(transfers, ACCOUNTS.conform(pd.DataFrame(known)))


def test_a_hop_asks_the_platform_in_whole_sentences() -> None:
    found = asked()
    assert tuple(found) == COLUMNS
    assert found.iloc[0, 2:7].tolist() == [CARD, CLEARING, "财付通", 12345, "S1"]
    assert found["reason"].item() == (
        "123.45 元付往清算账户“财付通支付科技有限公司”，平台记录未到案，实际收款人不明；"
        "请向财付通调取该笔交易，单号 S1。"
    )
    assert found["reason_en"].item() == (
        '123.45 yuan was paid to the clearing account "财付通支付科技有限公司"; no record of the '
        "platform is in hand, so the real payee is unknown. Ask Tenpay for this payment, number S1."
    )


def test_money_from_a_platform_asks_for_the_payer() -> None:
    found = asked(payer=CLEARING, payee=CARD)
    assert found["account"].item() == CARD
    assert "来自" in found["reason"].item()
    assert "付款人" in found["reason"].item()


def test_the_number_that_both_hold_is_quoted_before_the_banks_own() -> None:
    assert asked(link_serial="L1")["number"].item() == "L1"
    bare = asked(serial="")
    assert bare["number"].item() == ""
    assert "按账户、金额和时间查找" in bare["reason"].item()
    assert "by account, amount and time" in bare["reason_en"].item()


@pytest.mark.parametrize(
    ("holder", "platform"),
    [
        ("支付宝（中国）网络技术有限公司", "支付宝"),
        ("网联清算有限公司", "网联"),
        ("银联商务股份有限公司", "银联商务"),
        ("中国银联股份有限公司", "银联"),
        ("某某公司客户备付金", ""),
    ],
)
def test_the_holders_name_tells_the_platform(holder: str, platform: str) -> None:
    assert asked(holder)["platform"].item() == platform
    by_key = asked(holder, payee=f"clearing:{holder}")
    assert by_key["platform"].item() == platform
    assert (platform or "该账户所属的支付机构") in by_key["reason"].item()


@pytest.mark.parametrize(
    "more",
    [
        {"status": "failed"},
        {"status": "reversed"},
        {"join": "bridged"},
        {"payee": "6228480000000000018"},
        {"payer": "clearing:财付通支付科技有限公司"},
    ],
)
def test_what_moved_nothing_is_joined_or_touches_no_real_account_asks_nothing(
    more: dict[str, object],
) -> None:
    assert asked(**more).empty


def test_every_platform_has_a_name_in_both_languages() -> None:
    assert list(PLATFORMS) == list(PLATFORMS_EN)
