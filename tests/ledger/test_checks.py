"""Checks: balances proved over all files, missing periods, and records that one side lacks."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from effort import examples
from tracer.errors import TracerError
from tracer.ledger.build import build
from tracer.ledger.checks import check, coverage
from tracer.ledger.findings import Checks
from tracer.ledger.proof import BROKEN, Proof, proof
from tracer.ledger.spans import spans
from tracer.tables import ALIASES, ENTRIES, REGISTRATIONS, TRANSFERS

A, B, C = "6222020000000000012", "6228480000000000018", "6217000000000000011"
Row = dict[str, Any]


def row(fen: int, balance: int | None, time: str, **more: object) -> Row:
    """A row by its signed amount, as one account's only file would show it."""
    told = {"direction": "in" if fen > 0 else "out", "fen": abs(fen), "balance_fen": balance}
    return {"own": "a", "currency": "CNY", "file": 0, "success": True, "statement": True,
            "time": time, **told, **more}  # fmt: skip


def frame(rows: list[Row]) -> pd.DataFrame:
    told = [{"entry_id": n, "seq": n} | one for n, one in enumerate(rows, 1)]
    found = pd.DataFrame(told).astype({"balance_fen": "Int64"})
    return found.assign(time=pd.to_datetime(found["time"], format="mixed").astype("datetime64[us]"))


def proved(*rows: Row) -> Proof:
    return proof(frame(list(rows)))


def counts(found: Proof) -> list[int]:
    return [int(found.accounts[name].sum()) for name in ("rows", "proved", "broken", "unproved")]


def test_a_descending_statement_is_put_in_the_order_that_proves_it() -> None:
    rows = [row(-20, 80, "2024-03-03"), row(40, 100, "2024-03-02"), row(60, 60, "2024-03-01")]
    found = proved(*(one | {"seq": 3 - n} for n, one in enumerate(rows)))
    assert counts(found) == [3, 2, 0, 0]
    assert found.chain["entry_id"].tolist() == [3, 2, 1]
    assert found.accounts[["opening_fen", "closing_fen"]].values.tolist() == [[0, 80]]


def test_a_file_whose_own_order_proves_more_than_its_times_keeps_it() -> None:
    found = proved(
        row(60, 60, "2024-03-01"), row(-10, 50, "2024-03-05"), row(-10, 40, "2024-03-04")
    )
    assert counts(found) == [3, 2, 0, 0]


def test_a_file_that_is_in_no_order_is_put_in_that_of_its_times() -> None:
    found = proved(
        row(-10, 40, "2024-03-05"), row(60, 60, "2024-03-01"), row(-10, 50, "2024-03-04")
    )
    assert counts(found) == [3, 2, 0, 0]


def test_tied_rows_of_different_files_are_put_in_the_order_that_proves_them() -> None:
    day = "2024-03-02"
    found = proved(
        row(100, 100, "2024-03-01", file=1),
        row(-30, 120, day, file=1),
        row(50, 150, day, file=2),
        row(-20, 100, day, file=2),
        row(5, 105, "2024-03-03", file=1),
    )
    assert counts(found) == [5, 4, 0, 0]
    assert found.chain["entry_id"].tolist() == [1, 3, 2, 4, 5]


def test_a_balance_that_is_come_back_to_does_not_hide_the_order() -> None:
    day = "2024-03-02"
    rows = [row(50, 150, day), row(-50, 100, day), row(70, 170, day), row(-70, 100, day)]
    found = proved(row(100, 100, "2024-03-01"), *rows, row(-100, 0, "2024-03-03"))
    assert counts(found)[1:3] == [5, 0]
    mixed = [rows[n] | {"file": n} for n in (1, 2, 3, 0)]
    found = proved(row(100, 100, "2024-03-01"), *mixed, row(-100, 0, "2024-03-03"))
    assert counts(found)[1:3] == [5, 0]


def test_overlapping_files_without_their_repeats_are_one_chain() -> None:
    found = proved(
        row(100, 100, "2024-03-01", file=1),
        row(-10, 90, "2024-03-02", file=2),
        row(-10, 80, "2024-03-03", file=1),
        row(-10, 70, "2024-03-04", file=2),
    )
    assert counts(found) == [4, 3, 0, 0]


def test_a_removed_row_breaks_the_chain_once_and_says_where_and_by_how_much() -> None:
    found = proved(
        row(100, 100, "2024-03-01"), row(-20, 80, "2024-03-02"), row(5, 55, "2024-03-09")
    )
    (told,) = found.breaks.to_dict("records")
    assert (told["entry_id"], told["since_entry"]) == (3, 2)
    assert (told["expected_fen"], told["shown_fen"], told["difference_fen"]) == (85, 55, -30)
    assert (told["from_time"].day, told["to_time"].day) == (2, 9)
    assert told["reason"] == (
        "余额不连续：上一行后应为 0.85 元，该行显示 0.55 元，相差 -0.30 元；"
        "该时间段内可能缺少记录或记录被改动。"
    )
    assert "should be 0.85 yuan, this row shows 0.55 yuan" in told["reason_en"]


def test_an_altered_amount_breaks_at_its_own_row_only() -> None:
    found = proved(row(100, 100, "2024-03-01"), row(-2, 80, "2024-03-02"), row(5, 85, "2024-03-03"))
    assert found.breaks["entry_id"].tolist() == [2]
    assert found.breaks["difference_fen"].tolist() == [-18]


def test_an_altered_balance_breaks_twice_and_both_reasons_say_so() -> None:
    found = proved(row(100, 100, "2024-03-01"), row(-20, 8, "2024-03-02"), row(5, 85, "2024-03-03"))
    assert found.breaks["difference_fen"].tolist() == [-72, 72]
    assert ["该行的余额" in found.breaks["reason"][0], "上一行的余额" in found.breaks["reason"][1]]
    assert found.breaks["reason_en"].str.contains("altered or misread").all()


def test_each_currency_is_a_chain_of_its_own_and_is_named() -> None:
    usd = {"currency": "USD"}
    found = proved(
        row(100, 100, "2024-03-01"), row(7, 7, "2024-03-02", **usd),
        row(-50, 50, "2024-03-03"), row(1, 9, "2024-03-04", **usd),
    )  # fmt: skip
    assert found.accounts[["currency", "broken"]].values.tolist() == [["CNY", 0], ["USD", 1]]
    assert "0.08 USD" in found.breaks["reason"].item()


def test_failed_rows_move_nothing_and_rows_without_a_balance_are_counted() -> None:
    found = proved(
        row(100, 100, "2024-03-01"),
        row(-60, 3, "2024-03-02", success=False),
        row(-20, None, "2024-03-03"),
        row(-20, 60, "2024-03-04"),
    )
    assert counts(found) == [4, 1, 0, 1]


def test_plain_tables_of_transfers_are_nobodys_statement_and_no_rows_are_no_accounts() -> None:
    found = proved(row(100, 100, "2024-03-01", statement=False))
    assert [len(one) for one in found] == [0, 0, 0]
    assert spans(found.chain).empty


def test_an_account_without_any_balance_proves_nothing() -> None:
    found = proved(row(100, None, "2024-03-01"), row(100, None, "2024-03-02", success=False))
    assert counts(found) == [2, 0, 0, 1]
    assert found.accounts["opening_fen"].isna().all()


def test_accounts_may_be_numbers_and_the_order_of_rows_does_not_matter() -> None:
    rows = frame([
        row(n, n * n, f"2024-03-0{n}", own=own, file=n % 2) for own in (7, 3) for n in (1, 2, 3)
    ])  # fmt: skip
    found, turned = proof(rows), proof(rows[::-1])
    assert found.accounts["account"].tolist() == [3, 7]
    for one, two in zip(found, turned, strict=True):
        pd.testing.assert_frame_equal(one, two)


def test_a_month_between_two_files_is_missing_unless_the_balance_bridges_it() -> None:
    first = [row(100, 100, "2024-01-03", file=1), row(-10, 90, "2024-02-28", file=1)]
    (gap,) = spans(proved(*first, row(5, 60, "2024-04-02", file=2)).chain).to_dict("records")
    assert (gap["account"], gap["days"], gap["between"]) == ("a", 34, True)
    assert (gap["from_time"], gap["to_time"]) == (
        pd.Timestamp("2024-02-28"),
        pd.Timestamp("2024-04-02"),
    )
    assert "两份文件之间 34 天" in gap["reason"]
    assert "34 days" in gap["reason_en"]
    assert spans(proved(*first, row(5, 95, "2024-04-02", file=2)).chain).empty


def test_quiet_time_inside_a_file_counts_from_so_many_days_on() -> None:
    chain = proved(row(100, None, "2024-01-01"), row(-10, None, "2024-02-05")).chain
    assert spans(chain)["days"].tolist() == [35]
    assert not spans(chain)["between"].any()
    assert spans(chain, quiet=36).empty
    bridged = proved(
        row(1, 1, "2024-01-01"), row(1, None, "2024-02-05"), row(1, 3, "2024-02-06")
    ).chain
    assert spans(bridged).empty


def test_a_file_of_repeats_covers_time_too() -> None:
    chain = proved(row(1, None, "2024-01-01", file=1), row(1, None, "2024-01-04", file=2)).chain
    assert spans(chain)["between"].tolist() == [True]
    files = pd.DataFrame({
        "account": "a", "currency": "CNY", "file": [1, 2],
        "first_time": pd.to_datetime(["2024-01-01", "2024-01-01"]),
        "last_time": pd.to_datetime(["2024-01-01", "2024-01-04"]),
    })  # fmt: skip
    assert spans(chain, files).empty


def entries(rows: list[Row]) -> pd.DataFrame:
    common = {"load_id": 1, "format": "police-b", "time_precision": "second", "cash": False,
              "statement": True, "success": True, "currency": "CNY"}  # fmt: skip
    told = [
        common | {"entry_id": n, "row": n, "seq": n, "source": one["account"]} | one
        for n, one in enumerate(rows, 1)
    ]
    found = pd.DataFrame(told)
    return ENTRIES.conform(found.assign(time=pd.to_datetime(found["time"], format="mixed")))


def pay(own: str, other: str, fen: int, time: str, **more: object) -> Row:
    told = {"direction": "out" if fen < 0 else "in", "fen": abs(fen)}
    return {"account": own, "other_account": other, "time": time, **told, **more}


def checked(rows: list[Row]) -> Checks:
    told = entries(rows)
    ledger = build(told, REGISTRATIONS.empty())
    aliases = pd.DataFrame({"alias": ledger.aliases.index, "account": ledger.aliases.to_numpy()})
    return check(told, ledger.transfers, ALIASES.conform(aliases))


WIDE = [
    pay(A, C, -1, "2024-05-20"), pay(A, C, -1, "2024-06-10"),
    pay(B, C, -1, "2024-05-20"), pay(B, C, -1, "2024-06-10"),
]  # fmt: skip


def test_a_record_that_the_payees_statement_lacks_is_told() -> None:
    found = checked([*WIDE, pay(A, B, -500, "2024-06-01 10:00:00")])
    (told,) = found.onesided.to_dict("records")
    assert (told["payer"], told["payee"], told["fen"]) == (A, B, 500)
    assert (told["missing"], told["account"]) == ("payee", B)
    assert pd.isna(told["similar"])
    assert "5.00 元" in told["reason"]
    assert "缺失或被改动" in told["reason"]
    assert f"payee {B}" in told["reason_en"]
    shares = found.accounts.set_index("account")
    assert shares.loc[B, ["seen", "single", "share"]].tolist() == [0, 1, 1.0]


def test_both_sides_in_hand_are_seen_and_nothing_is_missing() -> None:
    found = checked([
        *WIDE, pay(A, B, -500, "2024-06-01 10:00:00"), pay(B, A, 500, "2024-06-01 10:00:02")
    ])  # fmt: skip
    assert found.onesided.empty
    assert found.seen == 1
    assert found.accounts.set_index("account")["seen"].to_dict() == {A: 1, B: 1}


def test_a_record_of_the_same_amount_under_another_name_is_named() -> None:
    found = checked([
        *WIDE, pay(A, B, -500, "2024-06-01 10:00:00"), pay(B, "", 500, "2024-06-01 13:00:00")
    ])  # fmt: skip
    assert found.onesided["similar"].tolist() == [6]
    assert "流水 6 在一天之内有一笔同额记录" in found.onesided["reason"].item()


@pytest.mark.parametrize(
    ("payee", "time"),
    [(C, "2024-06-01 10:00"), (B, "2024-05-20 20:00"), (B, "2024-06-09 08:00"), (B, "2024-07-01")],
)
def test_what_no_statement_should_show_is_not_missing(payee: str, time: str) -> None:
    rows = [*WIDE, pay(A, C, -1, "2024-05-01"), pay(A, C, -1, "2024-07-10")]
    assert checked([*rows, pay(A, payee, -500, time)]).onesided.empty


def test_what_lies_in_a_missing_period_is_not_missing_itself() -> None:
    second = {"source": "b2.csv"}
    rows = [
        pay(A, C, -1, "2024-05-01"), pay(A, C, -1, "2024-07-10"),
        pay(B, C, -1, "2024-05-02"), pay(B, C, -1, "2024-05-20"),
        pay(B, C, -1, "2024-06-10", **second), pay(B, C, -1, "2024-06-20", **second),
    ]  # fmt: skip
    found = checked([*rows, pay(A, B, -500, "2024-06-01 10:00:00")])
    assert found.onesided.empty
    assert found.gaps[["account", "between"]].values.tolist() == [[A, False], [A, False], [B, True]]


def test_quiet_time_inside_a_file_excuses_no_missing_record() -> None:
    rows = [pay(one, C, -1, day) for one in (A, B) for day in ("2024-05-01", "2024-07-10")]
    found = checked([*rows, pay(A, B, -500, "2024-06-01 10:00:00")])
    assert B in set(found.gaps["account"])
    assert found.onesided["account"].tolist() == [B]


def test_repeats_are_proved_once_and_failed_rows_are_no_missing_record() -> None:
    first = [
        pay(A, C, 10, "2024-06-01", balance_fen=10),
        pay(A, C, 5, "2024-06-02", balance_fen=15),
    ]
    again = [one | {"source": "again.csv"} for one in first]
    failed = pay(A, B, -7, "2024-06-01 12:00", success=False)
    found = checked([*first, *again, failed, *WIDE[2:]])
    assert found.accounts.set_index("account").loc[A, ["rows", "proved"]].tolist() == [3, 1]
    assert found.onesided.empty


def test_the_text_tells_totals_and_what_they_count_in_both_languages() -> None:
    bad = [pay(A, C, 10, "2024-06-01", balance_fen=10), pay(A, C, 5, "2024-06-02", balance_fen=16)]
    found = checked([*bad, *(one | {"account": B} for one in WIDE[2:])])
    assert "不连续 1 处" in str(found)
    assert "第 2 行（流水 2）：余额不连续" in str(found)
    assert "要做：对照原件核对该行及上一行" in str(found)
    assert "breaks: 1" in found.english
    assert "(entry 2): The balance does not follow" in found.english
    assert "To do: compare the row" in found.english


def test_the_counts_of_rows_add_up() -> None:
    rows = [
        pay(A, C, 10, "2024-06-01", balance_fen=10),
        pay(A, C, 5, "2024-06-02", balance_fen=15),
        pay(A, C, 5, "2024-06-03"),
        pay(A, C, 5, "2024-06-04", balance_fen=1),
        pay(A, C, -7, "2024-06-05", success=False),
    ]
    told = str(checked(rows))
    assert "5 行流水，证明 1 行，不连续 1 处，未载明余额 1 行，起点或失败的 2 行" in told


def test_a_notebook_shows_the_checks_as_tables_with_every_value_escaped() -> None:
    bad = [pay(A, C, 10, "2024-06-01", balance_fen=10), pay(A, C, 5, "2024-06-02", balance_fen=16)]
    shown = checked([one | {"source": "<b>.csv"} for one in bad])._repr_html_()
    assert "不连续 1 处" in shown
    assert "要做：" in shown
    assert "&lt;b&gt;.csv" in shown
    assert "<b>.csv" not in shown


def test_coverage_takes_numbered_accounts_and_leaves_failed_balances_out() -> None:
    rows = frame([
        row(60, 160, "2024-03-02", own=9), row(-10, 50, "2024-03-01", own=4),
        row(-60, 7, "2024-03-05", own=9, success=False), row(1, None, "2024-03-06", own=5),
        row(1, 1, "2024-03-06", own=6, statement=False),
    ])  # fmt: skip
    found = coverage(sides(rows))
    assert found.index.tolist() == [4, 5, 9]
    assert found["opening_fen"].tolist() == [60, pd.NA, 100]
    assert found["last_balance_fen"].tolist() == [50, pd.NA, 160]
    assert found["covered_to"].dt.day.tolist() == [1, 6, 5]
    assert found["last_balance_time"].dt.day.fillna(0).tolist() == [1, 0, 2]
    assert coverage(sides(rows[:0])).empty


@settings(deadline=None, max_examples=examples(25))
@given(st.data())
def test_coverage_tells_what_a_plain_loop_does(data: st.DataObject) -> None:
    rows = [
        row(
            data.draw(st.sampled_from([-10, 10, 20])),
            data.draw(st.sampled_from([None, 10, 20, 30])),
            f"2024-03-0{data.draw(st.integers(1, 4))}",
            own=data.draw(st.sampled_from(["a", "b"])),
            success=data.draw(st.booleans()) or data.draw(st.booleans()),
        )
        for _ in range(data.draw(st.integers(1, 10)))
    ]
    told = frame(rows).sample(frac=1, random_state=data.draw(st.integers(0, 9)))
    found = coverage(sides(told)).astype("object").where(lambda one: one.notna(), None)
    for own, expected in plain_coverage(rows).items():
        assert found.loc[own].tolist() == expected
    assert len(found) == len({one["own"] for one in rows})


def plain_coverage(rows: list[Row]) -> dict[str, list[object]]:
    """Tell of each account, row by row, what `coverage` does."""
    told: dict[str, list[Any]] = {}
    moved: dict[str, int] = {}
    for one in sorted(rows, key=lambda one: one["time"]):
        own, time = one["own"], pd.Timestamp(one["time"])
        span = told.setdefault(own, [time, time, None, None, None])
        span[1] = time
        if not one["success"]:
            continue
        moved[own] = moved.get(own, 0) + (one["fen"] if one["direction"] == "in" else -one["fen"])
        if one["balance_fen"] is not None:
            if span[2] is None:
                span[2] = one["balance_fen"] - moved[own]
            span[3:] = one["balance_fen"], time
    return told


def sides(rows: pd.DataFrame) -> pd.DataFrame:
    """Return entries as the ledger holds them: direction as out, balances as whole numbers."""
    shown = rows["balance_fen"].notna()
    return rows.assign(
        out=rows["direction"].eq("out"),
        shown=shown.to_numpy(bool),
        balance_fen=rows["balance_fen"].fillna(0).astype("int64"),
    )


def chain_of(data: st.DataObject) -> list[Row]:
    """A true statement of which no balance occurs twice, several rows sharing a second."""
    step = st.tuples(st.integers(-900, 900), st.sampled_from([0, 60, 90_000]))
    time, balance, seen, rows = pd.Timestamp("2024-03-01"), 1_000_000, {1_000_000}, []
    for fen, seconds in data.draw(st.lists(step, min_size=3, max_size=14)):
        time += pd.Timedelta(seconds, "s")
        if balance + fen not in seen:
            balance += fen
            seen.add(balance)
            rows.append(row(fen, balance, str(time)))
    assume(len(rows) > 2)
    return rows


@settings(deadline=None, max_examples=examples(25))
@given(st.data())
def test_removing_any_single_middle_row_breaks_exactly_there(data: st.DataObject) -> None:
    whole = frame(chain_of(data))
    assert counts(proof(whole)) == [len(whole), len(whole) - 1, 0, 0]
    gone = data.draw(st.integers(1, len(whole) - 2))
    left = whole.drop(index=gone).sample(frac=1, random_state=data.draw(st.integers(0, 9)))
    found = proof(left).breaks
    assert found["entry_id"].tolist() == [gone + 2]
    assert found["since_entry"].tolist() == [gone]
    one = whole.iloc[gone]
    moved = one["fen"] if one["direction"] == "in" else -one["fen"]
    assert found["difference_fen"].tolist() == [moved]


@settings(deadline=None, max_examples=examples(25))
@given(st.data())
def test_splitting_a_statement_into_two_files_changes_nothing(data: st.DataObject) -> None:
    whole = frame(chain_of(data))
    files = data.draw(st.lists(st.integers(0, 1), min_size=len(whole), max_size=len(whole)))
    split = proof(whole.assign(file=files))
    one = proof(whole)
    pd.testing.assert_frame_equal(split.accounts, one.accounts)
    assert split.chain["entry_id"].tolist() == one.chain["entry_id"].tolist()


@settings(deadline=None, max_examples=examples(30))
@given(st.data())
def test_rows_of_one_moment_are_proved_wherever_any_order_proves_them(data: st.DataObject) -> None:
    steps = st.sampled_from([-20, -10, 10, 20])
    rows = []
    for at in range(data.draw(st.integers(1, 5))):
        fen, balance = data.draw(steps), data.draw(st.sampled_from([100, 110, 120, 130]))
        rows.append(row(fen, balance, "2024-03-02", file=at % 2))
    first = row(100, 100, "2024-03-01")
    found = counts(proved(first, *rows))[2]
    least = min(slow([first, *order]) for order in itertools.permutations(rows))
    assert (found == 0) == (least == 0)
    plain = slow([first, *sorted(rows, key=lambda one: one["file"])])
    assert least <= found <= plain


def slow(rows: list[Row]) -> int:
    """Count the breaks of rows in this order, one after the other."""
    balance, broken = None, 0
    for one in rows:
        if not one["success"] or one["balance_fen"] is None:
            if one["success"] and balance is not None:
                balance += one["fen"] if one["direction"] == "in" else -one["fen"]
            continue
        moved = one["fen"] if one["direction"] == "in" else -one["fen"]
        broken += balance is not None and balance + moved != one["balance_fen"]
        balance = one["balance_fen"]
    return broken


@settings(deadline=None, max_examples=examples(25))
@given(st.data())
def test_the_compiled_proof_counts_as_a_plain_loop_does(data: st.DataObject) -> None:
    rows = [
        row(
            data.draw(st.sampled_from([-10, 10, 20])),
            data.draw(st.sampled_from([None, 10, 20, 30])),
            str(pd.Timestamp("2024-03-01") + pd.Timedelta(second, "s")),
            success=data.draw(st.booleans()) or data.draw(st.booleans()),
            file=data.draw(st.integers(0, 2)),
        )
        for second in range(data.draw(st.integers(1, 15)))
    ]
    found = proved(*rows)
    known = sum(one["success"] and one["balance_fen"] is not None for one in rows)
    silent = sum(one["success"] and one["balance_fen"] is None for one in rows)
    broken = slow(rows)
    assert counts(found) == [len(rows), max(known - 1 - broken, 0), broken, silent]
    assert int((found.chain["state"] == BROKEN).sum()) == len(found.breaks) == broken
    assert np.array_equal(found.chain["entry_id"], range(1, len(rows) + 1))


def test_a_language_that_nobody_speaks_is_refused_with_a_sentence() -> None:
    frame = ENTRIES.empty()
    found = check(frame, TRANSFERS.empty(), ALIASES.empty())
    with pytest.raises(TracerError, match="'fr'"):
        found.text("fr")


@pytest.mark.parametrize("count", [0, 1], ids=["nothing", "no statement"])
def test_a_case_without_statements_has_nothing_to_check(count: int) -> None:
    plain = {"statement": False, "cash": False, "load_id": 1, "row": 2, "account": A}
    told = frame([row(100, None, "2024-06-01 10:00:00", other_account=B, **plain)])
    some = ENTRIES.conform(told.assign(time_precision="second").head(count))
    found = check(some, build(some, REGISTRATIONS.empty()).transfers, ALIASES.empty())
    assert found.accounts.empty
    assert found.onesided.empty
    assert "0 个账户" in str(found)
