"""Aliases: what is one account becomes one, and what is contested is shown."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effort import examples
from tracer.ledger.aliases import CONFLICTS, aliases, has_suffix, pairs, suffixes
from tracer.ledger.banks import bank

CARD, OTHER = "6222020000000000012", "6228480000000000018"


def told(*rows: tuple[str, str] | tuple[str, str, str]) -> pd.DataFrame:
    filled = [(*row, "流水")[:3] for row in rows]
    return pd.DataFrame(filled, columns=["card", "number", "told"], dtype="str")


def known(*rows: tuple[str, str]) -> dict[str, str]:
    return dict(aliases(told(*rows))[0])


def test_no_pairs_give_no_aliases() -> None:
    found, conflicts = aliases(told())
    assert found.empty
    assert conflicts.columns.tolist() == CONFLICTS
    assert conflicts.empty


def test_many_numbers_of_one_card_are_all_that_card() -> None:
    assert known((CARD, "1001"), (CARD, "1002")) == {"1001": CARD, "1002": CARD}


def test_a_number_of_two_cards_is_shown_and_not_guessed() -> None:
    found, conflicts = aliases(
        told((CARD, "1001", "流水"), (OTHER, "1001", "账户信息"), (CARD, "1002", "流水"))
    )
    assert found.to_dict() == {"1002": CARD}
    assert conflicts[["alias", "account", "told"]].values.tolist() == [
        ["1001", CARD, "流水"],
        ["1001", OTHER, "账户信息"],
    ]
    assert conflicts["reason"].str.contains("未合并").all()
    assert conflicts["reason_en"].str.contains("2 accounts").all()


def test_chains_end_at_the_card() -> None:
    assert known((CARD, "1001"), ("1001", "1001-9"), ("1001-9", "77")) == {
        "1001": CARD,
        "1001-9": CARD,
        "77": CARD,
    }


def test_what_two_of_one_account_claim_is_no_conflict() -> None:
    found, conflicts = aliases(told((CARD, "1001"), (CARD, "77"), ("1001", "77")))
    assert found.to_dict() == {"1001": CARD, "77": CARD}
    assert conflicts.empty


def test_a_sub_account_of_a_contested_number_belongs_to_that_number() -> None:
    assert known((CARD, "1001"), (OTHER, "1001"), ("1001", "77")) == {"77": "1001"}


def test_a_circle_comes_to_an_end_at_the_card() -> None:
    assert known((CARD, "1001"), ("1001", CARD)) == {"1001": CARD}
    assert known(("7", "8"), ("8", "9"), ("9", "7")) == {"8": "7", "9": "7"}


def test_a_suffix_means_the_number_before_it_only_where_that_is_known() -> None:
    assert known((CARD, "1001"), (f"{CARD}_1", "1002")) == {
        "1001": CARD,
        "1002": CARD,
        f"{CARD}_1": CARD,
    }
    assert known((f"{OTHER}_1", "1002")) == {"1002": f"{OTHER}_1"}


@pytest.mark.parametrize("suffix", ["_1", "-00001", "/CNY", "_CNY0", "－2", "/156"])
def test_yuan_suffixes_of_known_accounts(suffix: str) -> None:
    texts = pd.Series([CARD + suffix, OTHER + suffix])
    assert suffixes(texts, pd.Index([CARD])).to_dict() == {CARD + suffix: CARD}


@pytest.mark.parametrize("suffix", ["_USD", "/HKD", "1", "-", "_1234567", "_甲"])
def test_a_foreign_currency_or_a_longer_number_is_no_suffix(suffix: str) -> None:
    assert suffixes(pd.Series([CARD + suffix]), pd.Index([CARD])).empty


@pytest.mark.parametrize("between", ["_", "/", "#", "-", "－", "—"])
def test_what_may_be_a_suffix_is_seen_in_any_text(between: str) -> None:
    assert has_suffix(pd.Series(["6222020000000000012", f"6500100{between}1", ""]))


def test_plain_numbers_and_names_have_no_suffix() -> None:
    assert not has_suffix(pd.Series(["6222020000000000012", "tenpay:wx1", "甲", ""]))


def test_a_suffixed_text_that_is_known_itself_keeps_its_meaning() -> None:
    assert suffixes(pd.Series([f"{CARD}_1"]), pd.Index([CARD, f"{CARD}_1"])).empty


def test_pairs_leave_out_payment_accounts_masks_and_blanks() -> None:
    entries = pd.DataFrame(
        {
            "card": ["tenpay:wx1", CARD, CARD, "", CARD, CARD],
            "number": [CARD, "alipay:2088", "6500****12", "1001", CARD, "1002"],
        }
    )
    below = pd.DataFrame({"account": ["pay:抖音:7", "1002"], "subaccount": ["1003", "1004"]})
    found = pairs(entries, entries.tail(1), below)
    assert found.values.tolist() == [
        ["1002", "1004", "关联子账户"],
        [CARD, "1002", "流水"],
        [CARD, "1002", "账户信息"],
    ]
    assert aliases(found)[0].to_dict() == {"1002": CARD, "1004": CARD}


def slow(rows: list[tuple[str, str]]) -> dict[str, str]:
    """Resolve by plain dictionaries."""
    texts = sorted({text for row in rows for text in row})
    first = sorted(texts, key=lambda text: (not bank(pd.Series([text]))[0], text))
    root = {text: text for text in texts}
    while True:
        step = dict(root)
        for text in texts:
            ends = {root[card] for card, number in rows if number == text} - {text}
            if root[text] == text and len(ends) == 1:
                step[text] = ends.pop()
        if step == root:
            return {text: end for text, end in root.items() if text != end}
        root = {}
        for text in texts:
            seen = [text]
            while step[seen[-1]] not in seen:
                seen.append(step[seen[-1]])
            circle = seen[seen.index(step[seen[-1]]) :]
            root[text] = min(circle, key=first.index)


@settings(deadline=None, max_examples=examples(20))
@given(
    st.lists(
        st.tuples(st.sampled_from([*"abcdef", CARD]), st.sampled_from([*"abcdefgh", CARD])),
        max_size=14,
    ).map(lambda rows: [row for row in rows if row[0] != row[1]]),
    st.randoms(use_true_random=False),
)
def test_aliases_agree_with_plain_python_in_any_order(rows: list[tuple[str, str]], random) -> None:
    found, conflicts = aliases(told(*rows))
    assert found.to_dict() == slow(rows)
    assert not set(found) & set(found.index)
    assert not set(conflicts["alias"]) & set(found.index)
    assert conflicts.groupby("alias").size().gt(1).all()
    random.shuffle(rows)
    again, shown = aliases(told(*rows))
    pd.testing.assert_series_equal(found, again)
    pd.testing.assert_frame_equal(conflicts, shown)
