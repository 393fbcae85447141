"""Repeats: rows told twice count once, and equal rows that are real count as often as they are."""

import pandas as pd
import pytest
from test_build import A, B, C, entries, get, moved, pay

from tracer.ledger.build import build
from tracer.tables import REGISTRATIONS

TIME, MINUTE, DAY = "2024-06-01 10:00:33", "2024-06-01 10:00:00", "2024-06-01 00:00:00"
WALLET = "tenpay:wx1"
DATED = {"time": DAY, "time_precision": "day", "source": "b.csv"}


@pytest.mark.parametrize("balance", [None, 500])
def test_parts_of_a_red_packet_without_receivers_are_all_real(balance: int | None) -> None:
    row = pay(WALLET, "", 100, TIME, serial="P", summary="微信红包", balance_fen=balance)
    once = entries(row, row, row)
    assert len(moved(once)) == 3
    # A second query of the same wallet adds nothing.
    assert len(moved(entries(*[row] * 3, *[row | {"source": "b.csv"}] * 3))) == 3


def test_a_wallets_row_that_names_its_counterparty_is_a_repeat_by_its_serial() -> None:
    row = pay(WALLET, "tenpay:wx2", 100, TIME, serial="P", balance_fen=500)
    assert len(moved(entries(row, row))) == 1


def test_a_payment_that_failed_is_no_telling_of_the_one_that_did_not() -> None:
    row = pay(A, B, 100, TIME, serial="S")
    assert moved(entries(row | {"success": False}, row))["status"].tolist() == ["failed", "ok"]


@pytest.mark.parametrize("proof", [{"serial": "S"}, {"balance_fen": 50}])
@pytest.mark.parametrize(("time", "precision"), [(MINUTE, "minute"), (DAY, "day")])
def test_a_coarser_file_repeats_a_finer_one(
    proof: dict[str, object], time: str, precision: str
) -> None:
    row = pay(A, B, 100, TIME, **proof)
    rough = row | {"time": time, "time_precision": precision, "source": "b.csv"}
    for rows in ((row, rough), (rough, row)):
        ledger = build(entries(*rows), REGISTRATIONS.empty())
        assert ledger.transfers["time"].tolist() == [pd.Timestamp(TIME)]
        assert ledger.joins[["join", "score"]].values.tolist() == [["repeat", 90]]
        assert "只到日或分" in ledger.joins["reason"].item()


def test_three_files_of_three_precisions_tell_of_one_payment() -> None:
    row = pay(A, B, 100, TIME, serial="S")
    minute = row | {"time": MINUTE, "time_precision": "minute", "source": "c.csv"}
    assert len(moved(entries(row, minute, row | DATED))) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"serial": "", "balance_fen": None},
        {"serial": "T"},
        {"balance_fen": 51},
        {"other_account": C},
        {"fen": 99},
        {"account": C},
        {"time": "2024-06-02 00:00:00"},
        {"source": "a.csv"},
    ],
)
def test_a_coarser_row_that_nothing_proves_or_something_contradicts_is_real(
    other: dict[str, object],
) -> None:
    row = pay(A, B, 100, TIME, serial="S", balance_fen=50)
    assert len(moved(entries(row, row | DATED | other))) == 2


def test_a_coarser_row_that_alone_names_the_counterparty_stands() -> None:
    row = pay(A, "", 100, TIME, serial="S", source="a.csv")
    found = moved(entries(row, row | DATED | {"other_account": B}))
    assert found[["payee", "time_precision"]].values.tolist() == [[B, "day"]]


def test_of_equal_payments_of_one_day_the_file_that_shows_most_counts() -> None:
    # The account is emptied each time, so that the balances are alike too.
    def passed(count: int, **more: object) -> list[dict[str, object]]:
        rows = []
        for place in range(count):
            time = f"2024-06-01 1{place}:00:00"
            rows.append(get(A, C, 100, time, balance_fen=100, seq=2 * place) | more)
            rows.append(pay(A, B, 100, time, balance_fen=0, seq=2 * place + 1) | more)
        return rows

    for fine, rough in ((2, 3), (3, 2), (2, 2)):
        found = moved(entries(*passed(fine), *passed(rough, **DATED)))
        assert len(found) == 2 * max(fine, rough)
