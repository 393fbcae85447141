"""Accounts: what the rooms of identity say, put together for the table of accounts."""

import pandas as pd
import pytest

from tracer.ledger.accounts import covered, describe
from tracer.ledger.aliases import aliases, pairs
from tracer.ledger.kinds import kinds
from tracer.ledger.parties import parties
from tracer.ledger.rows import told
from tracer.tables import ENTRIES, REGISTRATIONS, SUBACCOUNTS

CARD = "6228480000000000018"


def described(**more: object) -> pd.DataFrame:
    seen = pd.DataFrame(
        [{"account": CARD, "holder": "", "holder_id": "", "institution": ""} | more]
    )
    seen = seen.assign(own=False, plain=False, weight=1, times=1)
    known = pd.Series(dtype="str", index=pd.Index([], dtype="str"))
    spans = pd.DataFrame(
        columns=[
            "covered_from",
            "covered_to",
            "opening_fen",
            "last_balance_fen",
            "last_balance_time",
        ]
    )
    return covered(describe(seen, kinds(seen), known), REGISTRATIONS.empty(), known, spans)


@pytest.mark.parametrize(
    ("account", "named", "institution"),
    [
        (CARD, "", "农业银行"),
        (f"{CARD}_USD", "", "农业银行"),
        (CARD, "招商银行", "招商银行"),
        (f"tenpay:{CARD}", "", ""),
        ("6500100", "", ""),
    ],
)
def test_the_prefix_names_the_bank_only_where_no_record_does(
    account: str, named: str, institution: str
) -> None:
    found = described(account=account, institution=named)
    assert found["institution"].tolist() == [institution]


def test_several_numbers_of_one_card_are_its_aliases() -> None:
    entries = pd.DataFrame({"card": [CARD, CARD, ""], "number": ["1001", "1002", "7"]})
    known, _ = aliases(pairs(entries, entries.head(0), SUBACCOUNTS.empty()))
    assert known.to_dict() == {"1001": CARD, "1002": CARD}


@pytest.mark.parametrize(
    ("row", "key"),
    [
        ({"other_holder": "支付宝-江边超市"}, "merchant:支付宝-江边超市"),
        ({"other_holder": "江边消费品有限公司", "summary": "代发工资"}, "unknown:1"),
        ({"other_holder": "现金强", "summary": "转账"}, "unknown:1"),
        ({"summary": "取款", "channel": "ATM"}, "cash"),
        ({"other_holder": "抖音支付科技有限公司"}, "clearing:抖音支付科技有限公司"),
    ],
)
def test_a_nameless_counterparty_is_known_by_its_words(row: dict[str, object], key: str) -> None:
    flags = {"cash": False, "statement": True, "success": True, "currency": "CNY"}
    blank = flags | dict.fromkeys(["entry_id", "load_id", "row", "seq", "fen"], 1)
    known = pd.Series(dtype="str", index=pd.Index([], dtype="str"))
    entries = ENTRIES.conform(pd.DataFrame([blank | row]))
    found, _ = parties(told(entries), known, REGISTRATIONS.empty())
    assert found.keys.texts(found.other).tolist() == [key]
