"""Holders: identity numbers checked, and nobody made one by name alone."""

import pandas as pd
import pytest

from tracer.ledger.holders import checked, modern, people
from tracer.tables import ACCOUNTS

# The example of the standard GB 11643, which is nobody's.
ONE, OLD, TWO = "11010519491231002X", "110105491231002", "110105194912310021"


def accounts(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    columns = ["account", "holder", "holder_id", "institution"]
    return ACCOUNTS.conform(pd.DataFrame(list(rows), columns=columns, dtype="str"))


@pytest.mark.parametrize(
    ("text", "state"),
    [
        (ONE, "ok"),
        (ONE.lower(), "ok"),
        (f" {ONE}\t", "ok"),
        (OLD, "ok"),
        ("91110000600037341L", "ok"),
        ("110105194912310021", "bad"),
        ("990105194912310025", "bad"),
        ("91110000600037341M", "bad"),
        ("110105491331002", "other"),
        ("1101051949****002X", "other"),
        ("E12345678", "other"),
        ("无", "other"),
        ("", ""),
    ],
)
def test_identity_numbers_are_checked(text: str, state: str) -> None:
    assert checked(pd.Series([text], index=[3])).to_dict() == {3: state}


def test_old_and_new_numbers_of_one_person_are_one_writing() -> None:
    assert modern(pd.Series([OLD, ONE, "E1"])).tolist() == [ONE, ONE, "E1"]


def test_all_accounts_of_one_person_are_listed_together() -> None:
    found = people(
        accounts(
            ("6228", "甲", OLD, "农行江边支行"),
            ("6222", "甲", ONE, "中国工商银行"),
            ("6217", "乙", TWO, ""),
        )
    )
    assert found.values.tolist() == [
        [ONE, "甲", "ok", "6222 6228", 2, "农业银行、工商银行", ""],
        [TWO, "乙", "bad", "6217", 1, "", ""],
    ]


def test_two_people_of_one_name_stay_two_and_a_name_alone_is_nobody() -> None:
    found = people(
        accounts(
            ("1", "甲", ONE, ""),
            ("2", "甲", TWO, ""),
            ("3", "甲", "", ""),
            ("4", "甲", "1101*2X", ""),
        )
    )
    assert found["accounts"].tolist() == ["2", "1"]


def test_a_number_of_several_names_is_flagged_and_named_by_most() -> None:
    found = people(accounts(("1", "甲", ONE, ""), ("2", "乙", ONE, ""), ("3", "乙", ONE, "")))
    assert found[["holder", "names"]].values.tolist() == [["乙", "乙、甲"]]


def test_nobody_is_known_of_no_accounts() -> None:
    assert people(accounts()).empty
    assert people(accounts(("1", "", ONE, "")))["holder"].tolist() == [""]


def test_the_order_of_accounts_does_not_matter() -> None:
    frame = accounts(("1", "甲", ONE, "工行"), ("2", "乙", ONE, "农行"), ("3", "丙", TWO, ""))
    pd.testing.assert_frame_equal(people(frame), people(frame[::-1]))
