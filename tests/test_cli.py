"""The command line, as a person at a console uses it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tracer.cli import app

SAMPLE = Path(__file__).parents[1] / "sample_data"
ROOT = Path(__file__).parents[1]


def run(*words: str | Path) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    return result.output


def test_the_demo_runs_twice_and_finds_the_truth(tmp_path: Path) -> None:
    for _ in range(2):
        told = run("demo", "--out", tmp_path)
        assert "真实转账 2491 笔，账本 2491 笔，缺 0 笔，多 0 笔" in told
        assert "已对上 41 笔" in told
        assert "没有读取" in told
    out = tmp_path / "case" / "out" / "fifo"
    assert (out / "资金流向图.html").exists()
    assert (out / "止付冻结清单" / "全案.xlsx").exists()


def test_the_demo_never_touches_a_case_that_somebody_works_on(tmp_path: Path) -> None:
    run("new", tmp_path / "case", "--name", "在办")
    result = CliRunner().invoke(app, ["demo", "--out", str(tmp_path)])
    assert result.exit_code == 1
    assert "在办案件" in result.output
    assert (tmp_path / "case" / "case.duckdb").exists()


def test_new_load_follow_export_in_english(tmp_path: Path) -> None:
    case = tmp_path / "case"
    assert "Made the case 'Mine'" in run("new", case, "--name", "Mine", "--lang", "en")
    told = run("load", case, SAMPLE / "statements", SAMPLE / "victims.xlsx", "--lang", "en")
    assert "42 payments reported by victims, 41 matched." in told
    assert "✔ good" in told
    assert "To do: " in told
    assert "Not matched" in told
    assert "Total" in run("follow", case, "--lang", "en", "--within", "72h")
    told = run("export", case, "--out", tmp_path / "out", "--lang", "en")
    assert (tmp_path / "out" / "graph.html").exists()
    assert "manifest.json" in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("load", "nowhere", "x.csv"), "没有案件"),
        (("follow", "nowhere"), "没有案件"),
    ],
)
def test_what_goes_wrong_is_one_sentence(words: tuple[str, ...], told: str) -> None:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == 1
    assert told in result.output.replace("\n", "")
    assert "Traceback" not in result.output


def test_an_unknown_rule_is_one_sentence(tmp_path: Path) -> None:
    run("new", tmp_path / "case")
    run("load", tmp_path / "case", SAMPLE)
    result = CliRunner().invoke(app, ["follow", str(tmp_path / "case"), "--rule", "fifa"])
    assert result.exit_code == 1
    assert "fifo" in result.output


def test_every_command_is_in_both_readmes() -> None:
    names = [command.name or command.callback.__name__ for command in app.registered_commands]
    for readme in ("README.md", "README.zh-CN.md"):
        text = (ROOT / readme).read_text(encoding="utf-8")
        assert [name for name in names if f"tracer {name}" not in text] == []
