"""Sides: who paid and who was paid, where a row names wallets, cards and merchants at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracer.statements.load import Reading, read

GOLDEN = Path(__file__).parent / "golden"
HEAD = (
    "支付订单号,交易类型,交易时间,交易金额,收款方的支付帐号,收款方银行卡所属银行卡号,"
    "收款方的商户号,付款方的支付帐号,付款方银行卡所属银行卡号,付款方银行卡所属银行名称\n"
)
CARD, OTHER_CARD = "6222020000000000018", "6217000000000000026"


def paid(
    folder: Path, row: str, source: str = "微信支付第三方支付交易明细.csv"
) -> tuple[str, str, str]:
    """Return payer, payee and merchant code of one row; type, payee's three, payer's two."""
    kind, wallet, card, code, own, own_card = row.split(",")
    file = folder / "one.csv"
    cells = f"P1,{kind},20220401100000,1.00,{wallet},{card},{code},{own},{own_card},甲银行\n"
    file.write_text(HEAD + cells, encoding="utf-8")
    found = read(file, source=source).entries
    if found.empty:
        return "", "", ""
    return (
        str(found["account"].item()),
        str(found["other_account"].item()),
        str(found["merchant_code"].item()),
    )


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        # Between wallets, whatever cards stand beside them.
        (f"2,b,{OTHER_CARD},M1,a,{CARD}", ("tenpay:a", "tenpay:b", "")),
        # A top-up comes from the card, and a withdrawal goes to the card.
        (f"1,a,,,a,{CARD}", (CARD, "tenpay:a", "")),
        (f"01,b,,,a,{CARD}", (CARD, "tenpay:b", "")),
        (f"3,a,{OTHER_CARD},,a,", ("tenpay:a", OTHER_CARD, "")),
        # Without a wallet the card, without a card the merchant.
        (f"6,,{OTHER_CARD},M1,,{CARD}", (CARD, OTHER_CARD, "")),
        ("4,,,M1,a,", ("tenpay:a", "", "M1")),
        # Codes of two digits that begin alike are other types.
        (f"11,b,,,a,{CARD}", ("tenpay:a", "tenpay:b", "")),
        # What is not told stays untold.
        ("3,a,,,a,", ("tenpay:a", "", "")),
        ("1,a,,,a,", ("", "", "")),
        ("2,b,,,,", ("", "", "")),
        # A damaged wallet is not replaced by the card beside it.
        (f"2,b,,,1.99E+10,{CARD}", ("", "", "")),
        (f"2,1.99E+10,{OTHER_CARD},,a,", ("tenpay:a", "", "")),
        ("1,b,,,a,6.22E+18", ("", "", "")),
    ],
)
def test_each_side_is_what_the_type_says(
    row: str, wanted: tuple[str, str, str], tmp_path: Path
) -> None:
    assert paid(tmp_path, row) == wanted


@pytest.mark.parametrize(
    ("source", "key"),
    [
        ("财付通支付科技有限公司三方交易明细.csv", "tenpay:a"),
        ("支付宝（中国）网络技术有限公司三方交易明细.csv", "alipay:a"),
        ("某某支付有限公司三方交易明细_1.csv", "pay:某某支付有限公司:a"),
        ("三方交易明细.csv", "pay:unknown:a"),
    ],
)
def test_a_wallet_belongs_to_the_platform_that_wrote_the_file(
    source: str, key: str, tmp_path: Path
) -> None:
    assert paid(tmp_path, "2,b,,,a,", source)[0] == key
    # A wallet that shows its own platform keeps it in any file.
    assert paid(tmp_path, "2,b,,,2088000000000011,", source)[0] == "alipay:2088000000000011"
    assert paid(tmp_path, "2,b,,,a1@wx.tenpay.com,", source)[0] == "tenpay:a1@wx.tenpay.com"


def test_a_cards_bank_is_not_the_platform(tmp_path: Path) -> None:
    paid(tmp_path, f"1,a,,,a,{CARD}")
    found = read(tmp_path / "one.csv", source="微信支付第三方支付交易明细.csv").entries
    assert found["institution"].item() == "甲银行"
    paid(tmp_path, f"2,b,,,a,{CARD}")
    found = read(tmp_path / "one.csv", source="微信支付第三方支付交易明细.csv").entries
    assert found["institution"].item() == "微信支付"


def old(folder: Path, row: str) -> Reading:
    head = (GOLDEN / "tenpayold" / "input.txt").read_text(encoding="utf-8").split("\n")[0]
    file = folder / "TenpayTrades.txt"
    file.write_text(f"{head}\n{row}\n", encoding="utf-8")
    return read(file, source="TenpayTrades.txt")


def test_an_old_row_may_stop_after_ten_cells_and_not_before(tmp_path: Path) -> None:
    whole = ["[u]", "[1]", "出", "消费", "100", "0", "2018-04-01 10:00:00", "零钱", "", "某某饭店"]
    assert len(old(tmp_path, "\t".join(whole)).entries) == 1
    torn = old(tmp_path, "\t".join(whole[:3]))
    assert torn.entries.empty
    assert "行不完整" in torn.faults["reason"].item()


@pytest.mark.parametrize(
    ("mark", "sender", "receiver", "wanted"),
    [
        ("出", "[u]", "[v]", ("out", "tenpay:v")),
        ("入", "[v]", "[u]", ("in", "tenpay:v")),
        ("null", "null", "[v]", ("out", "tenpay:v")),
        ("null", "[v]", "[u]", ("in", "tenpay:v")),
        ("出", "null", "[v]", ("out", "tenpay:v")),
        # Where the other side is not told, the owner does not stand in for it.
        ("入", "[u]", "null", ("in", "")),
        ("出", "[u]", "[u]", ("out", "tenpay:u")),
    ],
)
def test_an_old_rows_counterparty_stands_where_the_money_went(
    mark: str, sender: str, receiver: str, wanted: tuple[str, str], tmp_path: Path
) -> None:
    cells = ["[u]", "[1]", mark, "转账", "100", "null", "2018-04-01 10:00:00", "零钱", "", ""]
    found = old(tmp_path, "\t".join([*cells, sender, "100", receiver, "", "100"])).entries
    assert (found["direction"].item(), found["other_account"].item()) == wanted


def test_a_file_that_only_says_that_an_account_does_not_exist_is_a_gap_and_no_fault() -> None:
    reading = read(GOLDEN / "tenpayreg_absent" / "input.txt", source="TenpayRegInfo.txt")
    assert reading.faults.empty
    assert reading.files["skipped"].item() == 3
    assert "有 2 行说明账号不存在" in reading.files["note"].item()
