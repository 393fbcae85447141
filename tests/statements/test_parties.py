"""Parties: a cell that holds no number makes no account, and costs no row that names another."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracer.statements.load import Reading, read

HEADER = "交易卡号,交易账号,交易时间,交易金额,交易余额,收付标志,交易对手账卡号,对手户名,备注"
OTHER = "6217000000000000026"


def loaded(folder: Path, card: str, number: str = "", other: str = OTHER) -> Reading:
    row = f"{card},{number},2022-04-01 10:00:00,1.00,,出,{other},李四,"
    (folder / "a.csv").write_text(f"{HEADER}\n{row}\n", "utf-8")
    return read(folder / "a.csv", source="a.csv")


@pytest.mark.parametrize("card", ["无卡号", "暂无卡号", "未知"])
def test_a_word_for_no_number_leaves_the_other_number(card: str, tmp_path: Path) -> None:
    reading = loaded(tmp_path, card, "110902000000001")
    assert reading.entries["account"].tolist() == ["110902000000001"]
    assert reading.entries["raw_account"].tolist() == ["110902000000001"]
    assert len(reading.faults) == 0


@pytest.mark.parametrize("card", ["#N/A", "########", "*******************", "=A1&B1", "true"])
def test_what_is_no_number_is_a_fault_of_its_cell(card: str, tmp_path: Path) -> None:
    reading = loaded(tmp_path, card, "110902000000001")
    assert reading.entries["account"].tolist() == ["110902000000001"]
    assert reading.faults[["row", "value", "aside"]].to_numpy().tolist() == [[2, card, "cell"]]
    assert "没有数字" in reading.faults["reason"][0]


@pytest.mark.parametrize("card", ["#N/A", "无卡号"])
def test_a_row_without_any_number_is_set_aside(card: str, tmp_path: Path) -> None:
    reading = loaded(tmp_path, card)
    assert len(reading.entries) == 0
    assert reading.faults["aside"].tolist() == ["row"]


@pytest.mark.parametrize("other", ["#REF!", "****", "62.2E+17", "6.22e+18_1"])
def test_a_counterparty_that_is_no_number_is_no_key(other: str, tmp_path: Path) -> None:
    reading = loaded(tmp_path, "6222020000000000018", other=other)
    assert reading.entries["other_account"].tolist() == [""]
    assert reading.faults["value"].tolist() == [other]
    assert reading.faults["aside"].tolist() == ["cell"]


def test_an_address_is_a_key(tmp_path: Path) -> None:
    reading = loaded(tmp_path, "6222020000000000018", other="li.si@example.invalid")
    assert reading.entries["other_account"].tolist() == ["li.si@example.invalid"]
