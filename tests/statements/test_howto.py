"""The how-to: its example rows, its notebook cell and its declaration do what the text says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tracer import Case
from tracer.cli import app

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


def test_the_commands_and_the_lines_to_add_read_it(case: Case, tmp_path: Path) -> None:
    parts = re.findall(r"```\n(tracer .*?)```", TEXT, re.DOTALL)
    assert len(parts) == 2
    draft = tmp_path / "cases" / "练习" / "formats" / "某某银行.toml"
    for part in parts:
        for line in part.splitlines():
            ran = CliRunner().invoke(app, line.split()[1:])
            assert ran.exit_code == 0, ran.output
        if part is parts[0]:
            told = TEXT[TEXT.index("这个例子要在") : TEXT.index("改好后先看")]
            columns, words = (
                re.findall(r"`(\w+ = \[.*?\])`", told)[:2],
                re.findall(r"`((?:incoming|outgoing) = \[.*?\])`", told),
            )
            text = draft.read_text(encoding="utf-8")
            text = text.replace("[columns]\n", "\n".join(["[columns]", *columns, ""]))
            text = re.sub(r"(kind = .*\n)", "\\1" + "\n".join([*words, ""]), text, count=1)
            draft.write_text(text, encoding="utf-8")
    assert right(Case.open(tmp_path / "cases" / "练习"))


def test_the_declaration_reads_it(case: Case) -> None:
    (case.folder / "formats" / "own.toml").write_text(block("toml"), encoding="utf-8")
    assert case.load("某某银行.csv").files["title"].tolist() == ["某某银行对账单"]
    assert right(case)
