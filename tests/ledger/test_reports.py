"""Victims' reports: matched where one transfer fits, listed where none or several do."""

import pandas as pd

from tracer.ledger.reports import match, seeds
from tracer.tables import CHOICES, REPORTS, TRANSFERS

MULE, VICTIM = "6222020000000000012", "6228480000000000018"
NONE = pd.Series(dtype="str")


def transfers(*rows: tuple[int, str, str, int, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["transfer_id", "payer", "payee", "fen", "time"])
    frame["time"] = pd.to_datetime(frame["time"]).astype("datetime64[us]")
    return TRANSFERS.conform(
        frame.assign(seq=0, status="ok", join="single", time_precision="second")
    )


def told(*rows: dict[str, object]) -> pd.DataFrame:
    plain = {"victim": "林某", "payer": "", "payee": MULE, "time_precision": "second"}
    frame = pd.DataFrame(
        [
            plain | {"report_id": n, "load_id": 1, "row": n + 1} | row
            for n, row in enumerate(rows, 1)
        ]
    )
    frame["time"] = pd.to_datetime(frame["time"]).astype("datetime64[us]")
    return REPORTS.conform(frame)


def decided(reports: pd.DataFrame, ledger: pd.DataFrame, known: pd.Series = NONE) -> list[object]:
    found = match(reports, ledger, known, CHOICES.empty())
    return [
        (state, None if pd.isna(chosen) else chosen, candidates)
        for state, chosen, candidates in found[["state", "transfer_id", "candidates"]].values
    ]


def test_a_report_to_the_minute_finds_its_transfer_through_an_alias() -> None:
    ledger = transfers((7, VICTIM, MULE, 500, "2024-06-01 10:00:42"))
    report = told(
        {"payee": "6500100", "fen": 500, "time": "2024-06-01 10:00", "time_precision": "minute"}
    )
    known = pd.Series({"6500100": MULE}, dtype="str")
    assert decided(report, ledger, known) == [("matched", 7, "")]


def test_a_day_alone_fits_its_own_day_only() -> None:
    ledger = transfers((7, VICTIM, MULE, 500, "2024-06-01 23:00:00"))
    for day, state in (("2024-06-01", "matched"), ("2024-06-02", "none")):
        report = told({"fen": 500, "time": day, "time_precision": "day"})
        assert decided(report, ledger)[0][0] == state


def test_several_that_fit_are_listed_and_none_is_guessed() -> None:
    ledger = transfers(
        (1, VICTIM, MULE, 500, "2024-06-01 10:00:10"),
        (2, VICTIM, MULE, 500, "2024-06-01 10:00:50"),
    )
    report = told({"fen": 500, "time": "2024-06-01 10:00", "time_precision": "minute"})
    assert decided(report, ledger) == [("several", None, "1 2")]


def test_two_reports_of_two_equal_payments_take_one_each() -> None:
    ledger = transfers(
        (1, VICTIM, MULE, 500, "2024-06-01 10:00:10"),
        (2, VICTIM, MULE, 500, "2024-06-01 10:01:10"),
    )
    report = told(
        {"fen": 500, "time": "2024-06-01 10:01:10"},
        {"fen": 500, "time": "2024-06-01 10:00:10"},
    )
    assert decided(report, ledger) == [("matched", 2, ""), ("matched", 1, "")]


def test_two_victims_who_claim_the_same_transfer_are_both_listed() -> None:
    ledger = transfers((1, "unknown:1", MULE, 500, "2024-06-01 10:00:10"))
    when = {"fen": 500, "time": "2024-06-01 10:00", "time_precision": "minute"}
    report = told(when, when | {"victim": "吴某"})
    assert [state for state, _, _ in decided(report, ledger)] == ["several", "several"]


def test_two_victims_who_claim_one_transfer_to_the_second_are_both_listed() -> None:
    ledger = transfers((1, "unknown:1", MULE, 500, "2024-06-01 10:00:10"))
    when = {"fen": 500, "time": "2024-06-01 10:00:10"}
    assert decided(told(when, when | {"victim": "吴某"}), ledger) == [("several", None, "1")] * 2


def test_a_chain_of_reports_that_fits_in_two_ways_is_not_decided() -> None:
    ledger = transfers(
        (1, VICTIM, MULE, 500, "2024-06-01 10:00:00"),
        (2, VICTIM, MULE, 500, "2024-06-01 10:02:30"),
        (3, VICTIM, MULE, 500, "2024-06-01 10:05:00"),
    )
    minute = {"fen": 500, "time_precision": "minute"}
    report = told(
        minute | {"time": "2024-06-01 10:01:00"}, minute | {"time": "2024-06-01 10:04:00"}
    )
    assert [state for state, _, _ in decided(report, ledger)] == ["several", "several"]


def test_a_payment_reported_again_in_a_later_file_counts_once() -> None:
    ledger = transfers(
        (1, VICTIM, MULE, 500, "2024-06-01 10:00:10"),
        (2, VICTIM, MULE, 500, "2024-06-01 10:01:10"),
    )
    first = {"fen": 500, "time": "2024-06-01 10:00:10"}
    report = told(first, first | {"load_id": 2})
    assert [state for state, _, _ in decided(report, ledger)] == ["matched", "repeat"]


def test_a_choice_takes_the_transfer_from_whoever_had_it() -> None:
    ledger = transfers((1, VICTIM, MULE, 500, "2024-06-01 10:00:10"))
    report = told(
        {"fen": 500, "time": "2024-06-01 10:00:10"}, {"fen": 510, "time": "2024-06-01 10:00:10"}
    )
    choice = CHOICES.conform(pd.DataFrame({"report_id": [2], "transfer_id": [1]}))
    found = match(report, ledger, NONE, choice)
    assert found["state"].tolist() == ["none", "chosen"]
    assert seeds(report, found)["transfer_id"].tolist() == [1]


def test_a_wrong_amount_is_listed_with_what_comes_near() -> None:
    ledger = transfers(
        (1, VICTIM, MULE, 49_900, "2024-06-01 10:00:10"),
        (2, VICTIM, "6217000000000000011", 1, "2024-06-01 10:00:10"),
    )
    report = told({"payer": VICTIM, "fen": 50_000, "time": "2024-06-01 10:00:10"})
    assert decided(report, ledger) == [("none", None, "1")]


def test_a_report_of_another_payer_does_not_take_the_transfer() -> None:
    ledger = transfers((1, VICTIM, MULE, 500, "2024-06-01 10:00:10"))
    report = told({"payer": "6217000000000000011", "fen": 500, "time": "2024-06-01 10:00:10"})
    assert decided(report, ledger)[0][0] == "none"


def test_the_investigators_choice_wins_and_namesakes_stay_apart() -> None:
    ledger = transfers(
        (1, VICTIM, MULE, 500, "2024-06-01 10:00:10"),
        (2, VICTIM, MULE, 700, "2024-06-02 10:00:10"),
    )
    report = told(
        {"fen": 500, "time": "2024-06-01 10:00:10", "victim_id": "990101000000000015"},
        {"fen": 710, "time": "2024-06-02 10:00:10", "victim_id": "990101000000000023"},
    )
    choice = CHOICES.conform(pd.DataFrame({"report_id": [2], "transfer_id": [2]}))
    found = seeds(report, match(report, ledger, NONE, choice))
    assert found.values.tolist() == [[1, "林某（0015）"], [2, "林某（0023）"]]


def test_namesakes_with_the_same_last_digits_stay_two_persons() -> None:
    ledger = transfers(
        (1, VICTIM, MULE, 500, "2024-06-01 10:00:10"),
        (2, VICTIM, MULE, 700, "2024-06-02 10:00:10"),
    )
    ids = ("990101199001011234", "990101199502021234")
    report = told(
        {"fen": 500, "time": "2024-06-01 10:00:10", "victim_id": ids[0]},
        {"fen": 700, "time": "2024-06-02 10:00:10", "victim_id": ids[1]},
    )
    found = seeds(report, match(report, ledger, NONE, CHOICES.empty()))
    assert found["victim"].tolist() == [f"林某（{number}）" for number in ids]


def test_no_reports_and_no_transfers_are_no_error() -> None:
    assert match(REPORTS.empty(), TRANSFERS.empty(), NONE, CHOICES.empty()).empty
    report = told({"fen": 1, "time": "2024-06-01"})
    assert decided(report, TRANSFERS.empty())[0][0] == "none"
