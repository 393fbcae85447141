"""Banks: card prefixes and the many names of one bank."""

import tomllib
from importlib import resources

import pandas as pd
import pytest

from tracer.ledger.banks import bank, english, institution, prefixes


def test_no_prefix_stands_for_two_banks() -> None:
    text = resources.files("tracer.ledger").joinpath("banks.toml").read_text(encoding="utf-8")
    listed = [prefix for one in tomllib.loads(text)["bank"] for prefix in one["bins"].split()]
    assert len(listed) == len(set(listed)) == len(prefixes())
    assert all(prefix.isdigit() and 4 <= len(prefix) <= 8 for prefix in listed)
    assert english().ne("").all()


@pytest.mark.parametrize(
    ("prefix", "name"),
    [
        ("622202", "工商银行"),
        ("622848", "农业银行"),
        ("621661", "中国银行"),
        ("621700", "建设银行"),
        ("622260", "交通银行"),
        ("621799", "邮储银行"),
        ("621483", "招商银行"),
        ("622908", "兴业银行"),
        ("622622", "民生银行"),
        ("623058", "平安银行"),
        ("955880", "工商银行"),
        ("955990", "农业银行"),
        ("955550", "招商银行"),
        ("955590", "交通银行"),
        ("955100", "邮储银行"),
        ("699999", ""),
    ],
)
def test_the_longest_prefix_names_the_bank(prefix: str, name: str) -> None:
    assert bank(pd.Series([prefix.ljust(19, "0")], index=[7])).to_dict() == {7: name}


@pytest.mark.parametrize("text", ["62284800", "6228480" * 3, "622848abc0000000", "", "tenpay:6228"])
def test_only_card_numbers_have_a_bank(text: str) -> None:
    assert bank(pd.Series([text])).tolist() == [""]


def test_no_numbers_have_no_banks() -> None:
    assert bank(pd.Series([], dtype="str")).empty
    assert institution(pd.Series([], dtype="str")).empty


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("中国工商银行股份有限公司深圳分行", "工商银行"),
        ("工行江边支行", "工商银行"),
        ("icbc", "工商银行"),
        ("Bank of China", "中国银行"),
        ("中国银行股份有限公司", "中国银行"),
        ("BOCOM", "交通银行"),
        ("CMBC", "民生银行"),
        ("CMB", "招商银行"),
        ("ABCD", "ABCD"),
        ("招商银行(1234)", "招商银行"),
        ("中国邮政储蓄银行有限责任公司", "邮储银行"),
        ("深圳发展银行", "平安银行"),
        ("上海浦东发展银行", "浦发银行"),
        ("上海银行", "上海银行"),
        ("上海农村商业银行股份有限公司", "上海农商银行"),
        ("中国农业发展银行", "中国农业发展银行"),
        ("江边浦发村镇银行股份有限公司", "江边浦发村镇银行"),
        ("江边县农村信用合作联社营业部", "江边县农村信用合作联社"),
        ("财付通支付科技有限公司", "财付通"),
        ("支付宝（中国）网络技术有限公司", "支付宝"),
        ("103100000026", "农业银行"),
        ("999100000026", "999100000026"),
        ("某单位", "某单位"),
        ("", ""),
    ],
)
def test_names_of_one_bank_become_one(told: str, name: str) -> None:
    assert institution(pd.Series([told])).tolist() == [name]


def test_a_short_name_stays_as_it_is() -> None:
    names = pd.Series(sorted(english().index))
    assert institution(names).tolist() == names.tolist()
