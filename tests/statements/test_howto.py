"""The how-to: its example rows, its notebook cell and its declaration do what the text says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tracer import Case

TEXT = (Path(__file__).parents[2] / "docs" / "how-to" / "add-a-format.md").read_text("utf-8")


def block(language: str) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    assert len(found) == 1
    return str(found[0])


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    (tmp_path / "某某银行.csv").write_text(block("csv"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return Case.create(tmp_path / "case")


def right(case: Case) -> bool:
    entries = case.entries()
    return (
        entries["fen"].tolist() == [10_000, 3_050, 950]
        and entries["direction"].tolist() == ["in", "out", "out"]
        and entries["balance_fen"].tolist() == [110_000, 106_950, 106_000]
        and set(entries["account"]) == {"6222020000000000018"}
        and entries["time"].dt.hour.eq(10).all()
    )


def test_the_example_is_set_aside_at_first(case: Case) -> None:
    assert case.load("某某银行.csv").entries == 0


def test_the_cell_of_the_notebook_reads_it(case: Case) -> None:
    exec(block("python"), {"case": case})
    assert right(case)


def test_the_declaration_reads_it(case: Case) -> None:
    (case.folder / "formats" / "own.toml").write_text(block("toml"), encoding="utf-8")
    assert case.load("某某银行.csv").files["title"].tolist() == ["某某银行对账单"]
    assert right(case)
