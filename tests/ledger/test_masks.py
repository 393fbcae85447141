"""Masks: a masked number means an account only where exactly one fits and says so."""

import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effort import examples
from tracer.ledger.masks import COLUMNS, matched, read

A, B, LONG = "6226220000005669", "6226990000005669", "6226220000000005669"


def seen(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["text", "holder", "institution"], dtype="str")


def accounts(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["account", "holder", "institution"], dtype="str")


def one(mask: tuple[str, str, str], *rows: tuple[str, str, str]) -> tuple[str, int, str]:
    found = matched(seen(mask), accounts(*rows))
    assert found.columns.tolist() == COLUMNS
    row = found.iloc[0]
    return row["account"], row["candidates"], row["reason"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("6226****5669", ["6226", "5669", 0, False, "", ""]),
        ("622622******5669", ["622622", "5669", 16, True, "", ""]),
        ("6226 **** **** 5669", ["6226", "5669", 16, False, "", ""]),
        ("*5669", ["", "5669", 0, False, "", ""]),
        ("xxxx1234", ["", "1234", 0, False, "", ""]),
        ("尾号1234", ["", "1234", 0, False, "", ""]),
        ("尾号为1234", ["", "1234", 0, False, "", ""]),
        ("(1234)", ["", "1234", 0, False, "", ""]),
        ("招商银行(1234)", ["", "1234", 0, False, "招商银行", ""]),
        ("工商银行储蓄卡（尾号1234）", ["", "1234", 0, False, "工商银行", ""]),
        ("储蓄卡(1234)", ["", "1234", 0, False, "", ""]),
        ("138****1234", ["138", "1234", 0, False, "", "phone"]),
        ("6226****69", ["6226", "69", 0, False, "", "unread"]),
        ("622622******", ["622622", "", 0, False, "", "unread"]),
        (A, ["", "", 0, False, "", "unread"]),
        ("", ["", "", 0, False, "", "unread"]),
    ],
)
def test_what_a_mask_shows(text: str, shown: list[object]) -> None:
    assert read(pd.Series([text])).values.tolist() == [shown]


def test_one_account_that_fits_is_matched_and_says_why() -> None:
    account, count, reason = one(
        ("6226****5669", "张三", "民生银行"), (A, "张三", "中国民生银行股份有限公司")
    )
    assert (account, count) == (A, 1)
    assert reason == "号码掩码与唯一账户相符：首位、尾号、户名、开户行。"


def test_two_accounts_that_fit_are_none() -> None:
    account, count, reason = one(("6226****5669", "", ""), (A, "张三", ""), (B, "李四", ""))
    assert (account, count) == ("", 2)
    assert "多个账户" in reason


@pytest.mark.parametrize(
    ("mask", "found"),
    [
        (("622622****5669", "", ""), A),
        (("6226****5669", "李四", ""), B),
        (("6226****5669", "", "招行"), B),
        (("6226****5669", "李*", ""), B),
        (("6226****5669", "*三", ""), A),
    ],
)
def test_digits_holder_and_bank_tell_accounts_apart(mask: tuple[str, str, str], found: str) -> None:
    known = ((A, "张三", "民生银行"), (B, "李四", "招商银行"))
    assert one(mask, *known)[:2] == (found, 1)


def test_stars_that_show_the_length_are_counted() -> None:
    known = ((A, "", ""), (LONG, "", ""))
    assert one(("622622******5669", "", ""), *known)[0] == A
    assert one(("622622*********5669", "", ""), *known)[0] == LONG
    assert one(("622622****5669", "", ""), *known)[:2] == ("", 2)
    assert one(("6226********5669", "", ""), (LONG, "", ""))[:2] == ("", 0)


def test_six_stars_abbreviate_where_no_account_has_just_that_length() -> None:
    account, count, reason = one(("622622******5669", "", ""), (LONG, "", ""))
    assert (account, count) == (LONG, 1)
    assert "位数" not in reason
    assert "位数" in one(("622622******5669", "", ""), (A, "", ""))[2]
    known = ((LONG, "", ""), (LONG.replace("00005", "10005"), "", ""))
    assert one(("622622******5669", "", ""), *known)[:2] == ("", 2)


@pytest.mark.parametrize("text", ["尾号5669", "*5669", "(5669)"])
def test_a_tail_alone_is_never_enough(text: str) -> None:
    account, count, reason = one((text, "", ""), (A, "张三", "民生银行"))
    assert (account, count) == ("", 1)
    assert "只有尾号" in reason


@pytest.mark.parametrize(
    ("mask", "found"),
    [
        (("尾号5669", "张三", ""), A),
        (("尾号5669", "", "民生银行"), A),
        (("民生银行(5669)", "", ""), A),
        (("尾号5669", "张*", ""), ""),
        (("尾号5669", "李四", ""), ""),
    ],
)
def test_a_tail_is_matched_where_holder_or_bank_confirms_it(
    mask: tuple[str, str, str], found: str
) -> None:
    assert one(mask, (A, "张三", "民生银行"))[0] == found


def test_a_tail_that_a_nameless_account_fits_is_not_confirmed() -> None:
    assert one(("尾号5669", "张三", ""), (A, "", ""))[:2] == ("", 1)


def test_a_masked_mobile_number_is_no_account() -> None:
    account, _, reason = one(("138****5669", "张三", ""), ("1380000005669", "张三", ""))
    assert account == ""
    assert "手机号" in reason


def test_only_accounts_of_digits_are_looked_at() -> None:
    assert one(("2088****5669", "", ""), ("alipay:2088000005669", "", ""))[:2] == ("", 0)


def test_rows_stay_as_they_came_and_nothing_matches_nothing() -> None:
    masks = seen(("尾号1", "", ""), ("6226****5669", "", "")).set_axis([9, 4])
    found = matched(masks, accounts((A, "", ""), (A, "", "")))
    assert found.index.tolist() == [9, 4]
    assert found["account"].tolist() == ["", A]
    assert matched(seen(), accounts((A, "", ""))).empty
    assert matched(masks, accounts())["candidates"].tolist() == [0, 0]


def slow(mask: tuple[str, str, str], known: list[tuple[str, str, str]]) -> str:
    """Look at every account."""
    text, holder, bank = mask
    prefix, stars, suffix = re.fullmatch(r"(\d*)(\*+)(\d*)", text).groups()
    fits = []
    for account, name, issuer in known:
        ends = account.startswith(prefix) and account.endswith(suffix)
        short = len(stars) <= 6 and len(account) > len(text)
        length = len(text) < 15 or len(account) == len(text) or short
        longer = len(account) > len(prefix) + len(suffix)
        same = (not holder or not name or holder == name) and (
            not bank or not issuer or bank == issuer
        )
        if ends and length and longer and same:
            named = holder != "" and holder == name
            fits.append((account, named or (bank != "" and bank == issuer)))
    if len(text) >= 15:
        just = [fit for fit in fits if len(fit[0]) == len(text)]
        fits = just or fits
    if len(suffix) < 4 or len(fits) != 1 or not (prefix or fits[0][1]):
        return ""
    return fits[0][0]


names, issuers = st.sampled_from(["", "甲", "乙"]), st.sampled_from(["", "招商银行", "工商银行"])


@settings(deadline=None, max_examples=examples(20))
@given(
    st.lists(
        st.tuples(st.from_regex(r"62[23]0{9}(000)?[01]{3}[12]", fullmatch=True), names, issuers),
        max_size=9,
        unique_by=lambda row: row[0],
    ),
    st.lists(
        st.tuples(
            st.from_regex(
                r"(62[23]?)?(\*{4}|\*{6}|\*{8}|\*{9}|\*{12})(0{5})?0?[01]{2,3}[12]", fullmatch=True
            ),
            names,
            issuers,
        ),
        max_size=6,
    ),
)
def test_matches_agree_with_looking_at_every_account(
    known: list[tuple[str, str, str]], masks: list[tuple[str, str, str]]
) -> None:
    found = matched(seen(*masks), accounts(*known))
    assert found["account"].tolist() == [slow(mask, known) for mask in masks]
    again = matched(seen(*masks), accounts(*reversed(known)))
    pd.testing.assert_frame_equal(found, again)
