"""The training case: every statement's balances proved row by row, and each break explained."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import tracer

SAMPLE = Path(__file__).parents[2] / "sample_data"
AGAIN = "经侦平台_20240625_补充/中国工商银行股份有限公司交易明细信息.csv"
# Alipay's 账户明细 shows no balance.
SILENT = ["alipay:2088000000001038", "alipay:2088000000001039"]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> tracer.Case:
    made = tracer.Case.create(tmp_path_factory.mktemp("samples") / "case")
    made.load(SAMPLE / "statements")
    return made


def test_each_file_alone_breaks_only_behind_its_two_damaged_rows(case: tracer.Case) -> None:
    told = case.report().coverage
    broken = told[told["broken"].gt(0)]
    assert broken[["source", "broken", "break_rows"]].values.tolist() == [[AGAIN, 2, "21 39"]]
    # An amount in words and a day that does not exist were set aside; the next rows show the gap.
    aside = case.faults().query("aside == 'row'")
    assert aside[["source", "row", "code"]].values.tolist() == [
        [AGAIN, 20, "bad_amount"],
        [AGAIN, 38, "bad_time"],
    ]


def test_every_account_is_proved_row_by_row_over_all_files(case: tracer.Case) -> None:
    found = case.checks()
    # The first reply has the rows that are damaged in the second, and bridges both breaks.
    assert found.breaks.empty
    told = found.accounts.set_index("account")
    failed = case.transfers().query("status == 'failed'")
    sides = pd.concat(
        [failed.loc[failed[f"{one}_entry"].notna(), one] for one in ("payer", "payee")]
    )
    idle = sides.value_counts().reindex(told.index).fillna(0).astype("int64")
    shown = told.drop(index=SILENT)
    # All but the first row of each account, which begins the chain, and rows that failed.
    assert (shown["proved"] == shown["rows"] - 1 - idle.drop(index=SILENT)).all()
    assert told.loc[SILENT, "unproved"].tolist() == [10, 7]
    assert int(told["rows"].sum()) == 3_023
    assert int(told["proved"].sum()) == 2_926


def test_no_period_is_missing_and_no_record_is_lacking(case: tracer.Case) -> None:
    found = case.checks()
    assert found.gaps.empty
    assert found.onesided.empty
    assert found.seen == 532


def test_a_record_taken_out_of_the_case_is_missed_by_the_balance_and_the_other_side(
    case: tracer.Case,
) -> None:
    transfers = case.transfers()
    both = transfers[transfers["join"].eq("mirrored")]
    middle = both.iloc[len(both) // 2]
    lost = transfers.assign(
        payee_entry=transfers["payee_entry"].mask(
            transfers["transfer_id"].eq(middle["transfer_id"])
        )
    )
    aliases = pd.DataFrame(columns=["alias", "account"], dtype="str")
    found = tracer.ledger.checks.check(case.entries(), lost, aliases)
    assert found.onesided["transfer_id"].tolist() == [middle["transfer_id"]]
    assert found.breaks["account"].tolist() == [middle["payee"]]
    assert found.breaks["difference_fen"].tolist() == [middle["fen"]]
