"""Kinds: recognised by number, name, summary and channel, each with the words that said so."""

import pandas as pd
import pytest

from tracer.errors import AccountError
from tracer.ledger.kinds import KINDS, bought, cash, clearing, exchange, kinds, marked, shop


def names(*rows: tuple[str, str], own: bool = False, plain: bool = False) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["account", "holder"], dtype="str")
    return frame.assign(own=own, plain=plain)


def of(account: str, holder: str) -> tuple[str, str]:
    found = kinds(names((account, holder))).loc[account]
    return found["kind"], found["kind_reason"]


@pytest.mark.parametrize(
    ("holder", "evidence"),
    [
        ("财付通支付科技有限公司", "财付通支付科技"),
        ("支付宝（中国）网络技术有限公司", "支付宝（中国）"),
        ("支付宝(中国)网络技术有限公司客户备付金", "支付宝(中国)"),
        ("网联清算有限公司", "网联清算"),
        ("中国银联股份有限公司", "中国银联"),
        ("抖音支付科技有限公司", "抖音支付"),
        ("网银在线（北京）科技有限公司", "网银在线"),
        ("北京钱袋宝支付技术有限公司", "钱袋宝"),
        ("上海付费通信息服务有限公司", "付费通"),
        ("快钱支付清算信息有限公司", "快钱支付"),
        ("汇付天下有限公司", "汇付天下"),
        ("拉卡拉支付股份有限公司", "拉卡拉支付"),
        ("通联支付网络服务股份有限公司", "通联支付"),
        ("易宝支付有限公司", "易宝支付"),
        ("上海富友支付服务股份有限公司", "富友支付"),
        ("随行付支付有限公司", "随行付支付"),
        ("连连银通电子支付有限公司", "连连银通"),
        ("平安付科技服务有限公司", "平安付科技"),
        ("云闪付", "云闪付"),
        ("财付通", "财付通"),
        ("财付通-微信转账", "财付通-微信转账"),
    ],
)
def test_clearing_accounts_by_name(holder: str, evidence: str) -> None:
    assert of("6500100", holder) == ("clearing", f"户名含“{evidence}”")
    assert clearing(pd.Series([holder])).all()


@pytest.mark.parametrize("holder", ["江边中通联运物流有限公司", "易宝", "张付通", "快钱庄超市"])
def test_brands_inside_other_names_are_no_platform(holder: str) -> None:
    assert clearing(pd.Series([holder])).tolist() == [holder == "易宝"]


@pytest.mark.parametrize(
    ("account", "kind", "evidence"),
    [
        ("243300133", "clearing", "财付通"),
        ("215500690", "clearing", "支付宝"),
        ("Z2004944000010N", "clearing", "支付机构"),
        ("tenpay:wx1", "payment", "支付平台"),
        ("clearing:网联清算有限公司", "clearing", "网联清算有限公司"),
        ("merchant:江边超市", "merchant", "江边超市"),
        ("unknown:7", "unknown", "未载明"),
        ("cash", "cash", "现金"),
        ("6222", "bank", "账号形式"),
    ],
)
def test_kinds_by_number(account: str, kind: str, evidence: str) -> None:
    found, reason = of(account, "")
    assert found == kind
    assert evidence in reason


@pytest.mark.parametrize(
    ("holder", "kind"),
    [
        ("某数字资产科技有限公司", "exchange"),
        ("币安", "exchange"),
        ("欧易交易所", "exchange"),
        ("USDT承兑", "exchange"),
        ("某货币安全研究所", "bank"),
        ("欧易明", "bank"),
        ("支付宝-江边超市", "merchant"),
        ("财付通-晨光便利店", "merchant"),
        ("特约商户", "merchant"),
        ("POS消费", "merchant"),
        ("江边商户服务有限公司", "bank"),
        ("江边消费金融有限公司", "bank"),
        ("现金", "cash"),
        ("ATM取款", "cash"),
        ("现金强", "bank"),
        ("张三", "bank"),
        ("", "bank"),
    ],
)
def test_kinds_by_name(holder: str, kind: str) -> None:
    assert of("6222", holder)[0] == kind


def test_the_functions_on_words_agree_with_the_kinds() -> None:
    words = pd.Series(["币安", "支付宝-江边超市", "财付通-红包", "张三"])
    assert exchange(words).tolist() == [True, False, False, False]
    assert shop(words).tolist() == [False, True, False, False]
    assert clearing(words).tolist() == [False, False, True, False]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("ATM取款", True),
        ("取款 ATM", True),
        ("ATM存款", True),
        ("CRS存款", True),
        ("CDM", True),
        ("柜台取款", True),
        ("支取 柜面", True),
        ("现支", True),
        ("现存", True),
        ("现金存入", True),
        ("取现手续费", True),
        ("自助取款", True),
        ("无卡存款 自助设备", True),
        ("转账 ATM", False),
        ("ATM转账存入", False),
        ("转存 柜台", False),
        ("定期存款 柜台", False),
        ("CRS税收声明", False),
        ("现金管理产品", False),
        ("现金红包", False),
        ("零钱提现存入", False),
        ("提现金额", False),
        ("实现支付", False),
        ("发现存在异常", False),
        ("体现取向", False),
        ("结息", False),
        ("", False),
    ],
)
def test_cash_by_summary_and_channel(words: str, expected: bool) -> None:
    assert cash(pd.Series([words])).tolist() == [expected]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("消费", True),
        ("消费 POS", True),
        ("消费-江边超市有限公司", True),
        ("消费江边超市有限公司", True),
        ("网上购物", True),
        ("扫二维码付款", True),
        ("商户消费", True),
        ("POS", True),
        ("代发工资 江边消费品有限公司", False),
        ("工资 消费中心", False),
        ("转账 江边商户有限公司", False),
        ("江边消费金融有限公司 放款", False),
        ("消费贷还款", False),
        ("购买理财", False),
        ("POSTAL", False),
        ("转账", False),
        ("", False),
    ],
)
def test_purchases_by_summary_and_channel(words: str, expected: bool) -> None:
    assert bought(pd.Series([words])).tolist() == [expected]


def test_an_accounts_own_bank_outranks_how_others_name_it() -> None:
    frame = pd.concat(
        [names(("6222", "张三"), own=True), names(("6222", "财付通支付科技有限公司"))],
        ignore_index=True,
    )
    assert kinds(frame)["kind"].tolist() == ["bank"]


def test_a_platform_under_many_shops_names_stays_a_clearing_account() -> None:
    frame = names(("77", "支付宝-江边超市"), ("77", "支付宝（中国）网络技术有限公司"))
    assert kinds(frame)["kind"].tolist() == ["clearing"]
    pd.testing.assert_frame_equal(kinds(frame), kinds(frame[::-1]))


def test_what_only_a_plain_table_names_is_unknown() -> None:
    plain = names(("6222", "张三"), plain=True)
    assert kinds(plain)["kind"].tolist() == ["unknown"]
    both = pd.concat([plain, names(("6222", "张三"))], ignore_index=True)
    assert kinds(both)["kind"].tolist() == ["bank"]


def test_the_investigators_mark_wins_over_everything() -> None:
    marks = pd.DataFrame(
        {
            "account": ["243300133", "6222", "6222", "9"],
            "kind": ["bank", "cash", "exchange", "cash"],
            "reason": ["核实", "误", "讯问笔录", "不在案"],
        }
    )
    found = marked(kinds(names(("243300133", ""), ("6222", "张三"), ("6228", ""))), marks)
    assert found["kind"].to_dict() == {"243300133": "bank", "6222": "exchange", "6228": "bank"}
    assert found.loc["6222", "kind_reason"] == "办案人员指定：讯问笔录"


def test_a_mark_of_no_kind_is_refused() -> None:
    marks = pd.DataFrame({"account": ["6222"], "kind": ["银行"], "reason": ["?"]})
    with pytest.raises(AccountError, match="没有账户类型"):
        marked(kinds(names(("6222", ""))), marks)


def test_no_names_have_no_kinds_and_all_kinds_are_known() -> None:
    assert kinds(names()).empty
    assert set(kinds(names(("6222", ""), ("cash", "")))["kind"]) <= set(KINDS)
