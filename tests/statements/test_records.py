"""Records: rows that move no money are kept whole, stored in the case, and tell of gaps."""

from __future__ import annotations

from pathlib import Path

import pytest

import tracer
from tracer.statements.load import read

GOLDEN = Path(__file__).parent / "golden"
KINDS = {
    "persons": "persons",
    "measures": "measures",
    "subaccounts": "subaccounts",
    "tasks_failed": "tasks",
    "alipaylogin": "logins",
}


@pytest.mark.parametrize("folder", KINDS)
def test_a_case_keeps_what_its_files_tell(folder: str, tmp_path: Path) -> None:
    case = tracer.Case.create(tmp_path / "case")
    file = next((GOLDEN / folder).glob("input.*"))
    report = case.load(file)
    kept = getattr(case, KINDS[folder])()
    assert report.entries == len(kept) > 0
    assert set(kept["load_id"]) == {1}
    assert set(kept["source"]) == {file.name}
    assert case.entries().empty


def test_a_query_without_success_is_a_gap_and_not_an_absence() -> None:
    reading = read(GOLDEN / "tasks_failed" / "input.csv", source="任务信息(失败).csv")
    note = reading.files["note"].item()
    assert "有 2 个查询任务没有成功（失败、超时未反馈）" in note
    assert "不等于没有账户" in note
    answered = read(GOLDEN / "tasks_ok" / "input.csv", source="任务信息(成功).csv")
    assert answered.files["note"].item() == ""
