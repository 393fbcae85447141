"""The ledger: every account once, every movement once, by hand-made entries."""

import itertools

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effort import examples
from tracer.ledger.build import build
from tracer.tables import ENTRIES, REGISTRATIONS

A, B, C = "6222020000000000012", "6228480000000000018", "6217000000000000011"
CLEARING = {"other_account": "243300133", "other_holder": "财付通支付科技有限公司"}


def entries(*rows: dict[str, object]) -> pd.DataFrame:
    """Fill rows up to whole entries, numbered as they come."""
    filled = [
        {
            "entry_id": number,
            "load_id": 1,
            "source": "a.csv",
            "row": number + 1,
            "format": "police-b",
            "card": row.get("account", ""),
            "seq": number,
            "time_precision": "second",
            "cash": False,
            "statement": True,
            "success": True,
            "currency": "CNY",
        }
        | row
        for number, row in enumerate(rows, start=1)
    ]
    frame = pd.DataFrame(filled)
    frame["time"] = pd.to_datetime(frame["time"]).astype("datetime64[us]")
    return ENTRIES.conform(frame)


def pay(own: str, other: str, fen: int, time: str | None, **more: object) -> dict[str, object]:
    row = {"account": own, "other_account": other, "fen": fen, "time": time, "direction": "out"}
    return row | more


def get(own: str, other: str, fen: int, time: str, **more: object) -> dict[str, object]:
    return pay(own, other, fen, time, **more) | {"direction": "in"}


def moved(frame: pd.DataFrame, registrations: pd.DataFrame | None = None) -> pd.DataFrame:
    return build(frame, REGISTRATIONS.empty() if registrations is None else registrations).transfers


def test_two_sides_of_one_transfer_are_joined_and_the_payers_time_counts() -> None:
    found = moved(
        entries(
            get(B, A, 100, "2024-06-01 10:00:07", serial="in-9", source="b.csv"),
            pay(A, B, 100, "2024-06-01 10:00:02", serial="out-1"),
        )
    )
    assert found[["payer", "payee", "fen", "join", "status"]].values.tolist() == [
        [A, B, 100, "mirrored", "ok"]
    ]
    assert found["time"].tolist() == [pd.Timestamp("2024-06-01 10:00:02")]
    assert (found["payer_entry"].item(), found["payee_entry"].item()) == (2, 1)
    assert found["transfer_id"].item() == 1
    assert "5 秒" in found["reason"].item()


def test_one_serial_on_both_sides_joins_clocks_that_are_far_apart() -> None:
    found = moved(
        entries(
            pay(A, B, 100, "2024-06-01 10:00:00", serial="S1"),
            get(B, A, 100, "2024-06-01 10:05:00", serial="S1", source="b.csv"),
        )
    )
    assert found["join"].tolist() == ["mirrored"]


def test_short_serials_that_agree_by_chance_join_no_distant_records() -> None:
    found = moved(
        entries(
            pay(A, B, 100, "2024-06-01 10:00:00", serial="1"),
            get(B, A, 100, "2024-06-01 10:00:05", serial="2", source="b.csv"),
            pay(A, B, 100, "2024-06-02 06:00:00", serial="2"),
            get(B, A, 100, "2024-06-02 06:00:05", serial="1", source="b.csv"),
        )
    )
    assert found[["payer_entry", "payee_entry"]].values.tolist() == [[1, 2], [3, 4]]


def test_a_side_that_names_somebody_else_is_not_joined() -> None:
    out = pay(A, "", 100, "2024-06-01 10:00:00", other_holder="丙")
    into = get(B, A, 100, "2024-06-01 10:00:05", source="b.csv", holder="乙")
    assert len(moved(entries(out, into))) == 2
    assert len(moved(entries(out | {"other_holder": "乙"}, into))) == 1
    assert len(moved(entries(out | {"other_holder": "*乙"}, into))) == 1


def test_two_copies_of_a_masked_counterparty_are_one_row() -> None:
    row = pay(A, "6226****5669", 100, "2024-06-01 10:00:00", serial="S1", balance_fen=1)
    assert len(moved(entries(row, row | {"source": "b.csv"}))) == 1


def test_sides_too_far_apart_stay_two_transfers() -> None:
    found = moved(
        entries(
            pay(A, B, 100, "2024-06-01 10:00:00"),
            get(B, A, 100, "2024-06-01 11:00:00", source="b.csv"),
        )
    )
    assert found["join"].tolist() == ["single", "single"]


def test_a_payee_whose_clock_is_ahead_still_receives_before_it_pays() -> None:
    found = moved(
        entries(
            pay(A, B, 100, "2024-06-01 10:01:00", source="a.csv"),
            get(B, A, 100, "2024-06-01 10:00:00", source="b.csv"),
            pay(B, C, 100, "2024-06-01 10:00:30", source="b.csv"),
        )
    )
    assert found["payee"].tolist() == [B, C]
    assert found["join"].tolist() == ["mirrored", "single"]


def test_what_one_side_alone_says_is_not_filled_up_from_another_row() -> None:
    found = moved(
        entries(
            pay(A, B, 100, "2024-06-01 10:00:00"),
            get(A, C, 200, "2024-06-01 10:00:00", summary="工资", channel="柜面"),
        )
    )
    assert found["summary"].tolist() == ["", "工资"]
    assert found["channel"].tolist() == ["", "柜面"]


def test_the_order_of_a_moment_does_not_depend_on_what_moved_at_another() -> None:
    # The payee's earlier clock gives the middle row another moment than the rows around it have.
    time = "2024-06-01 10:00:00"
    rows = [
        pay(A, C, 300, time, seq=1, source="a.csv"),
        pay(A, B, 100, time, seq=2, source="a.csv"),
        pay(A, C, 200, time, seq=3, source="a.csv"),
        get(B, A, 100, "2024-06-01 09:59:58", source="b.csv"),
    ]
    rows = [rows[at] | {"entry_id": number} for number, at in enumerate((2, 1, 0, 3), start=1)]
    other = pay(C, B, 7, "2024-06-01 09:59:58", source="c.csv", entry_id=5)
    alone, several = moved(entries(*rows)), moved(entries(*rows, other))
    order = several[several["payee"].eq(C)]["fen"].tolist()
    assert alone[alone["payee"].eq(C)]["fen"].tolist() == order == [300, 200]


def test_the_payers_own_order_outranks_a_payee_whose_clock_is_ahead() -> None:
    found = moved(
        entries(
            get(A, C, 100, "2024-06-01 10:00:50", source="a.csv", seq=1),
            pay(A, B, 100, "2024-06-01 10:01:00", source="a.csv", seq=2),
            get(B, A, 100, "2024-06-01 10:00:00", source="b.csv"),
        )
    )
    assert found["payer"].tolist() == [C, A]


@pytest.mark.parametrize("serial", ["S1", ""])
@pytest.mark.parametrize("silent", ["payer", "payee"])
def test_a_side_that_names_nobody_joins_the_side_that_does(serial: str, silent: str) -> None:
    out, into = pay(A, B, 100, "2024-06-01 10:00:00"), get(B, A, 100, "2024-06-01 10:00:05")
    (out if silent == "payer" else into)["other_account"] = ""
    found = moved(entries(out | {"serial": serial}, into | {"serial": serial, "source": "b.csv"}))
    assert found[["payer", "payee", "join"]].values.tolist() == [[A, B, "mirrored"]]
    assert "未载明对手" in found["reason"].item()


def test_a_side_that_names_nobody_is_not_joined_to_one_of_several() -> None:
    into = get(B, A, 100, "2024-06-01 10:00:05", source="b.csv")
    out = pay(A, "", 100, "2024-06-01 10:00:00")
    assert len(moved(entries(out, into, into | {"seq": 9}))) == 3


@pytest.mark.parametrize("less", [{"serial": ""}, {"balance_fen": None}, {"statement": False}])
def test_a_row_that_another_file_tells_less_of_is_counted_once(less: dict[str, object]) -> None:
    row = pay(A, B, 100, "2024-06-01 10:00:00", serial="S1", balance_fen=50)
    assert len(moved(entries(row, row | {"source": "b.csv"} | less))) == 1


def test_equal_rows_of_one_file_that_moved_the_balance_are_all_real() -> None:
    day = {"time_precision": "day", "time": "2024-06-01"}
    came = get(A, "", 100, "2024-06-01", balance_fen=100) | day
    went = pay(A, "", 100, "2024-06-01", balance_fen=0) | day
    assert len(moved(entries(came, went, came, went))) == 4


def test_a_row_that_is_alone_in_its_amount_moves_the_balance_between_two_equal_ones() -> None:
    day = {"time_precision": "day", "time": "2024-06-01"}
    came = get(A, "", 100, "2024-06-01", balance_fen=100) | day
    went = pay(A, "", 100, "2024-06-01", balance_fen=0) | day
    assert len(moved(entries(came, went, came))) == 3
    assert len(moved(entries(came, came))) == 1


def test_an_extended_file_of_the_same_name_adds_only_what_is_new() -> None:
    row = pay(A, B, 100, "2024-06-01 10:00:00")
    later = pay(A, B, 100, "2024-06-02 10:00:00", load_id=2)
    assert len(moved(entries(row, row | {"load_id": 2}, later))) == 2


def test_dollars_and_yuan_of_one_card_never_meet() -> None:
    ledger = build(
        entries(
            get(A, B, 100, "2024-06-01 10:00:00", currency="USD", balance_fen=9_999),
            pay(A, C, 100, "2024-06-01 11:00:00", balance_fen=1),
        ),
        REGISTRATIONS.empty(),
    )
    assert ledger.transfers["payee"].tolist() == [f"{A}_USD", C]
    assert ledger.accounts.set_index("account")["last_balance_fen"][A] == 1


def test_how_others_name_an_account_does_not_change_its_kind() -> None:
    named = {"other_holder": "财付通支付科技有限公司"}
    ledger = build(
        entries(
            pay(A, B, 100, "2024-06-01 10:00:00", **named),
            get(B, C, 5, "2024-06-01 11:00:00", holder="张三", source="b.csv"),
        ),
        REGISTRATIONS.empty(),
    )
    assert ledger.accounts.set_index("account").loc[B, "kind"] == "bank"


def test_true_twins_stay_two_and_each_finds_its_own_other_side() -> None:
    time = "2024-06-01 10:00:00"
    found = moved(
        entries(
            pay(A, B, 100, time, serial="1", balance_fen=900),
            pay(A, B, 100, time, serial="2", balance_fen=800),
            get(B, A, 100, time, serial="8", balance_fen=100, source="b.csv"),
            get(B, A, 100, time, serial="9", balance_fen=200, source="b.csv"),
        )
    )
    assert found["join"].tolist() == ["mirrored", "mirrored"]
    assert found["payer_entry"].tolist() == [1, 2]
    assert found["payee_entry"].tolist() == [3, 4]


def test_a_repeat_from_an_overlapping_query_is_counted_once_even_if_damaged() -> None:
    row = {"serial": "1", "balance_fen": 900}
    found = moved(
        entries(
            pay(A, "", 100, "2024-06-01 10:00:00", source="damaged.csv", **row),
            pay(A, B, 100, "2024-06-01 10:00:00", source="whole.csv", **row),
        )
    )
    assert found[["payer", "payee"]].values.tolist() == [[A, B]]
    assert found["transfer_id"].item() == 1
    assert found["payer_entry"].item() == 2


def test_one_serial_for_two_named_counterparties_is_two_movements() -> None:
    row = pay("tenpay:wx1", "", 100, "2024-06-01 10:00:00", serial="1")
    shares = [row | {"other_holder": name} for name in ("甲", "乙", "乙")]
    assert len(moved(entries(*shares))) == 2


def test_equal_rows_without_serial_or_balance_count_as_often_as_one_file_shows_them() -> None:
    row = pay(A, B, 100, "2024-06-01 10:00:00")
    twice, once = row | {"source": "a.csv"}, row | {"source": "b.csv"}
    assert len(moved(entries(twice, twice, once))) == 2


def test_failed_and_reversed_rows_stay_visible_and_move_nothing() -> None:
    found = moved(
        entries(
            pay(A, B, 100, "2024-06-01 10:00:00", success=False),
            pay(A, C, 200, "2024-06-01 11:00:00", serial="7"),
            get(A, C, 200, "2024-06-01 11:00:30", serial="7", summary="冲正"),
        )
    )
    assert found["status"].tolist() == ["failed", "reversed", "reversed"]
    assert found["reason"].tolist() == [
        "机构标明交易未成功",
        "与流水 3 互相冲正",
        "与流水 2 互相冲正",
    ]


def test_a_reversal_without_the_row_it_undoes_stays_a_real_movement() -> None:
    found = moved(entries(get(A, C, 200, "2024-06-01 11:00:30", summary="冲正")))
    assert found["status"].tolist() == ["ok"]


def test_a_card_and_its_account_number_are_one_account() -> None:
    registered = pd.DataFrame(
        [{"load_id": 1, "row": 2, "account": B, "card": B, "number": "6500100", "holder": "乙"}]
    )
    frame = entries(pay(A, "6500100", 100, "2024-06-01 10:00:00"))
    ledger = build(frame, REGISTRATIONS.conform(registered))
    assert ledger.transfers["payee"].tolist() == [B]
    told = ledger.accounts.set_index("account")
    assert told.loc[B, "aliases"] == "6500100"
    assert told.loc[B, "holder"] == "乙"


def test_a_sub_account_with_a_statement_of_its_own_is_an_account_of_its_own() -> None:
    interest = {"other_account": "", "summary": "结息", "direction": "in"}
    rows = [
        pay(own, "", 100, "2024-06-21 00:00:00", source=f"{at}.csv") | interest
        for at, own in enumerate((B, f"{B}-00001"))
    ]
    assert sorted(moved(entries(*rows))["payee"]) == [B, f"{B}-00001"]


@pytest.mark.parametrize("suffix", ["_1", "-00001", "/CNY"])
def test_a_sub_account_that_the_other_side_names_is_the_account(suffix: str) -> None:
    theirs = get(B, A, 100, "2024-06-01 10:00:07", source="b.csv")
    found = moved(entries(pay(A, B + suffix, 100, "2024-06-01 10:00:02"), theirs))
    assert found[["payer", "payee", "join"]].values.tolist() == [[A, B, "mirrored"]]


def test_a_sub_account_of_an_account_that_nobody_names_keeps_its_name() -> None:
    found = moved(entries(pay(A, f"{B}_1", 100, "2024-06-01 10:00:02")))
    assert found["payee"].tolist() == [f"{B}_1"]


def test_a_sub_account_with_a_statement_of_its_own_is_named_by_others_too() -> None:
    theirs = get(f"{B}_1", A, 100, "2024-06-01 10:00:07", source="b.csv")
    main = get(B, C, 7, "2024-06-01 11:00:00", source="c.csv")
    found = moved(entries(pay(A, f"{B}_1", 100, "2024-06-01 10:00:02"), theirs, main))
    assert found.loc[found["fen"].eq(100), ["payer", "payee", "join"]].values.tolist() == [
        [A, f"{B}_1", "mirrored"]
    ]


def test_an_account_pays_its_own_sub_account() -> None:
    found = moved(entries(pay(B, f"{B}_1", 100, "2024-06-01 10:00:02")))
    assert found[["payer", "payee"]].values.tolist() == [[B, B]]


def test_a_sub_account_with_a_registration_of_its_own_is_an_account_of_its_own() -> None:
    told = [{"load_id": 1, "row": 2, "account": f"{B}_1", "card": f"{B}_1", "holder": "乙"}]
    registered = REGISTRATIONS.conform(pd.DataFrame(told))
    named = [pay(A, B, 7, "2024-06-01 09:00:00"), pay(A, f"{B}_1", 100, "2024-06-01 10:00:00")]
    assert sorted(moved(entries(*named), registered)["payee"]) == [B, f"{B}_1"]


def test_an_account_that_is_only_registered_is_what_its_sub_account_means() -> None:
    told = [{"load_id": 1, "row": 2, "account": B, "card": B, "holder": "乙"}]
    registered = REGISTRATIONS.conform(pd.DataFrame(told))
    found = moved(entries(pay(A, f"{B}_1", 100, "2024-06-01 10:00:00")), registered)
    assert found["payee"].tolist() == [B]


def test_a_sub_account_that_two_cards_claim_is_not_guessed() -> None:
    claims = [
        {"load_id": 1, "row": n, "account": card, "card": card, "number": f"{B}_1"}
        for n, card in enumerate((B, C), start=2)
    ]
    registered = REGISTRATIONS.conform(pd.DataFrame(claims))
    found = moved(entries(pay(A, f"{B}_1", 100, "2024-06-01 10:00:00")), registered)
    assert found["payee"].tolist() == [f"{B}_1"]


def test_a_number_claimed_by_two_cards_is_not_guessed() -> None:
    claims = [
        {"load_id": 1, "row": n, "account": card, "card": card, "number": "6500100"}
        for n, card in enumerate((B, C), start=2)
    ]
    registered = REGISTRATIONS.conform(pd.DataFrame(claims))
    found = moved(entries(pay(A, "6500100", 100, "2024-06-01 10:00:00")), registered)
    assert found["payee"].tolist() == ["6500100"]


def test_a_crossing_is_one_transfer_between_card_and_wallet() -> None:
    time = "2024-06-01 10:00:00"
    wallet = {"serial": "T1", "link_serial": "L1", "source": "tenpay.txt", "format": "tenpay"}
    found = build(
        entries(
            pay(A, "", 100, time, serial="L1", **CLEARING),
            get("tenpay:wx1", A, 100, "2024-06-01 10:00:03", **wallet),
        ),
        REGISTRATIONS.empty(),
    )
    assert found.transfers[["payer", "payee", "join"]].values.tolist() == [
        [A, "tenpay:wx1", "bridged"]
    ]
    assert set(found.accounts["account"]) == {A, "tenpay:wx1"}


def test_a_withdrawal_without_link_number_is_bridged_only_if_it_is_alone() -> None:
    wallet = {"source": "tenpay.txt"}
    bank = get(A, "", 100, "2024-06-01 10:00:00", **CLEARING)
    one = pay("tenpay:wx1", A, 100, "2024-06-01 10:00:03", **wallet)
    two = pay("tenpay:wx2", A, 100, "2024-06-01 10:00:09", **wallet)
    alone = moved(entries(bank, one))
    assert alone[["payer", "payee", "join"]].values.tolist() == [["tenpay:wx1", A, "bridged"]]
    rival = moved(entries(bank, one, two))
    assert rival["join"].tolist() == ["single"] * 3


def test_an_unjoined_hop_stays_at_the_clearing_account_as_a_gap() -> None:
    ledger = build(
        entries(pay(A, "", 100, "2024-06-01 10:00:00", **CLEARING)), REGISTRATIONS.empty()
    )
    assert ledger.transfers["payee"].tolist() == ["243300133"]
    assert ledger.accounts.set_index("account").loc["243300133", "kind"] == "clearing"


@pytest.mark.parametrize(
    ("row", "key", "kind"),
    [
        ({"summary": "ATM取款"}, "cash", "cash"),
        ({"cash": True}, "cash", "cash"),
        ({"summary": "消费", "other_holder": "江边超市"}, "merchant:江边超市", "merchant"),
        ({"merchant": "江边超市", "merchant_code": "9001"}, "merchant:9001", "merchant"),
        ({"summary": "结息"}, "unknown:1", "unknown"),
        ({"other_account": "6226****5669"}, "unknown:1", "unknown"),
        ({"other_account": B, "other_holder": "某数字资产有限公司"}, B, "exchange"),
        ({"other_account": "alipay:2088"}, "alipay:2088", "payment"),
        ({"other_holder": "网联清算有限公司"}, "clearing:网联清算有限公司", "clearing"),
    ],
)
def test_the_counterparty_of_each_kind_of_row(row: dict[str, object], key: str, kind: str) -> None:
    ledger = build(entries(pay(A, "", 100, "2024-06-01 10:00:00") | row), REGISTRATIONS.empty())
    assert ledger.transfers["payee"].tolist() == [key]
    assert ledger.accounts.set_index("account").loc[key, "kind"] == kind


def test_missing_counterparties_never_merge() -> None:
    row = {"summary": "转账"}
    found = moved(
        entries(
            pay(A, "", 100, "2024-06-01 10:00:00", **row),
            get(B, "", 100, "2024-06-01 10:00:00", source="b.csv", **row),
        )
    )
    assert sorted([*found["payer"], *found["payee"]]) == [A, B, "unknown:1", "unknown:2"]


def test_transfers_of_one_second_keep_the_order_of_their_statement() -> None:
    time = "2024-06-01 10:00:00"
    found = moved(
        entries(
            pay(B, C, 70, time, balance_fen=30, seq=2),
            get(B, A, 100, time, balance_fen=100, seq=1),
        )
    )
    assert found["payee"].tolist() == [B, C]
    assert found["seq"].tolist() == [0, 1]


def test_many_transfers_of_one_second_keep_the_order_of_two_statements() -> None:
    time = "2024-06-01 10:00:00"
    one = [pay(A, C, fen, time, seq=fen, source="a.csv") for fen in (1, 2)]
    both = pay(A, B, 3, time, seq=3, source="a.csv"), get(B, A, 3, time, seq=3, source="b.csv")
    two = [pay(B, C, fen, time, seq=fen, source="b.csv") for fen in (4, 5, 6)]
    found = moved(entries(*two, *both, *one)).sort_values("fen")
    assert found["seq"].tolist() == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("strangers", [0, 1, 9])
def test_statements_that_contradict_each_other_come_to_an_end_whoever_else_pays(
    strangers: int,
) -> None:
    time = "2024-06-01 10:00:00"
    both = [
        pay(A, B, 1, time, seq=1),
        get(A, B, 2, time, seq=2),
        pay(B, A, 2, time, seq=1, source="b.csv"),
        get(B, A, 1, time, seq=2, source="b.csv"),
    ]
    rest = [pay(str(62 * 10**16 + at), C, 9, time, source=f"{at}.csv") for at in range(strangers)]
    found = moved(entries(*both, *rest))
    assert len(found) == 2 + strangers
    assert found["seq"].tolist() == [0] * strangers + [2, 2]


@settings(deadline=None, max_examples=examples(12))
@given(st.data())
def test_the_order_of_rows_in_the_frame_does_not_matter(data: st.DataObject) -> None:
    people = [A, B, C]
    rows = []
    for number in range(data.draw(st.integers(1, 12))):
        payer, payee = data.draw(st.sampled_from(list(itertools.permutations(people, 2))))
        time = pd.Timestamp("2024-06-01") + pd.Timedelta(data.draw(st.integers(0, 300)), "s")
        fen = data.draw(st.sampled_from([100, 200]))
        rows.append(pay(payer, payee, fen, str(time), serial=f"o{number}", source=payer))
        if data.draw(st.booleans()):
            later = time + pd.Timedelta(data.draw(st.integers(0, 9)), "s")
            rows.append(get(payee, payer, fen, str(later), serial=f"i{number}", source=payee))
    frame = entries(*rows)
    shuffled = frame.sample(frac=1, random_state=data.draw(st.integers(0, 99)))
    pd.testing.assert_frame_equal(moved(frame), moved(shuffled))
    sides = moved(frame)[["payer_entry", "payee_entry"]].stack().dropna()
    assert sorted(sides) == sorted(frame["entry_id"])


def test_a_constant_difference_of_clocks_never_pairs_crosswise() -> None:
    # The payee's clock is 55 seconds ahead, so that the nearest record is that of the next payment.
    rows = []
    for minute in range(4):
        second = pd.Timedelta(minute, "min")
        start = pd.Timestamp("2024-06-01 10:00:00") + second
        rows.append(pay(A, B, 100, str(start), seq=minute))
        later = start + pd.Timedelta(55, "s")
        rows.append(get(B, A, 100, str(later), seq=minute, source="b.csv"))
    found = moved(entries(*rows))
    assert found["join"].tolist() == ["mirrored"] * 4
    assert (found["payee_entry"] - found["payer_entry"]).tolist() == [1] * 4


def test_clocks_that_differ_by_minutes_are_known_by_payments_that_are_alone() -> None:
    late = {"institution": "西山银行", "source": "b.csv"}
    rows = []
    for number in range(25):
        start = pd.Timestamp("2024-06-01") + pd.Timedelta(number, "h")
        rows.append(pay(A, B, 100 + number, str(start), institution="东海银行"))
        rows.append(get(B, A, 100 + number, str(start + pd.Timedelta(400, "s")), **late))
    found = moved(entries(*rows))
    assert found["join"].tolist() == ["mirrored"] * 25


@pytest.mark.parametrize("seed", range(3))
def test_files_in_any_order_give_the_same_ledger(seed: int) -> None:
    rows = [
        pay(A, B, 100, "2024-06-01 10:00:00", serial="1", source="a.csv"),
        pay(A, B, 100, "2024-06-01 10:00:00", source="b.csv", balance_fen=5),
        pay(A, B, 100, "2024-06-01 10:00:00", source="c.csv"),
        pay(A, "", 100, "2024-06-01 10:00:00", source="d.csv", other_holder="乙"),
        get(B, A, 100, "2024-06-01 10:00:09", source="e.csv"),
    ]
    order = pd.Series(range(len(rows))).sample(frac=1, random_state=seed)
    columns = ["time", "payer", "payee", "fen", "join", "status"]
    found = moved(entries(*(rows[place] for place in order)))
    pd.testing.assert_frame_equal(found[columns], moved(entries(*rows))[columns])


@pytest.mark.parametrize(("precision", "joined"), [("second", 2), ("minute", 1)])
@pytest.mark.parametrize("side", ["payer", "payee"])
def test_only_a_record_without_seconds_may_be_further_off(
    precision: str, joined: int, side: str
) -> None:
    out = pay(A, B, 100, "2024-06-01 10:00:00")
    into = get(B, A, 100, "2024-06-01 10:02:30", source="b.csv")
    (out if side == "payer" else into)["time_precision"] = precision
    assert len(moved(entries(out, into))) == joined


@pytest.mark.parametrize("out", [{"other_account": B}, {"other_account": ""}, CLEARING])
@pytest.mark.parametrize("precision", ["second", "minute", "day"])
def test_rows_without_a_time_hide_no_other_row(out: dict[str, object], precision: str) -> None:
    time, payee = "2024-06-01 00:00:00", B if out is not CLEARING else "tenpay:wx1"
    rows = []
    for number, when in enumerate((None, time), start=1):
        rough = {"time": when, "seq": number, "time_precision": precision}
        rows.append(pay(A, "", 100, time) | out | rough)
        rows.append(get(payee, A, 100, time, source="b.csv") | rough)
    found = moved(entries(*rows))
    assert sorted(found["join"]) == sorted(
        ["bridged" if out is CLEARING else "mirrored", "single", "single"]
    )
    assert found["time"].isna().tolist() == [False, True, True]


def test_a_row_without_a_time_is_not_within_three_days_of_any() -> None:
    undo = get(A, B, 100, "2024-06-01 10:00:00", summary="冲正")
    found = moved(entries(pay(A, B, 100, None), undo))
    assert found["status"].tolist() == ["ok", "ok"]
