"""The command line, as a person at a console uses it."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer
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
    assert "Transfers that come near: 1881. Decide with case.choose(37, TRANSFER)." in told
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


def named(group: typer.Typer, before: str = "tracer") -> list[str]:
    """Return every command as it is typed, with those of its groups."""
    own = [f"{before} {one.name or one.callback.__name__}" for one in group.registered_commands]
    inner = [named(one.typer_instance, f"{before} {one.name}") for one in group.registered_groups]
    return own + [name for names in inner for name in names]


def test_every_command_is_in_both_readmes() -> None:
    assert {"tracer report", "tracer format new"} <= set(named(app))
    for readme in ("README.md", "README.zh-CN.md"):
        text = (ROOT / readme).read_text(encoding="utf-8")
        assert [name for name in named(app) if name not in text] == []


def test_python_runs_tracer_as_a_module() -> None:
    command = [sys.executable, "-m", "tracer", "--help"]
    told = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    assert "format" in told.stdout


def test_a_report_is_shown_again(tmp_path: Path) -> None:
    case, file = tmp_path / "case", tmp_path / "转账.csv"
    rows = "付款方,收款方,金额,时间\n甲,乙,1.00,2024-06-01 10:00:00\n丙,乙,x,2024-06-01 10:00:00\n"
    file.write_text(rows, encoding="utf-8")
    run("new", case)
    told = run("load", case, file)
    assert "下一步：tracer checks" in told
    reported = run("report", case)
    assert told.startswith(reported)
    run("load", case, SAMPLE / "victims.xlsx")
    page = tmp_path / "report.html"
    again = run("report", case, "--load", "1", "--out", page).replace("被害人", "\n被害人")
    assert reported in again
    assert "转账.csv" in page.read_text(encoding="utf-8")
    result = CliRunner().invoke(app, ["report", str(case), "--load", "9"])
    assert result.exit_code == 1
    assert "没有第 9 次载入" in result.output


def test_checks_tell_each_break_of_a_balance_in_both_languages(tmp_path: Path) -> None:
    case, file = tmp_path / "case", tmp_path / "流水.csv"
    header = (
        "交易卡号,交易账号,交易户名,交易时间,交易金额,交易余额,收付标志,对手账号,对手户名,摘要说明"
    )
    row = "6222020000000000012,,甲,2024-06-0{} 10:00:00,{}.00,{}.00,{},6228480000000000018,乙,转账"
    told = [(1, 100, 100, "进"), (2, 30, 70, "出"), (3, 20, 40, "出"), (4, 5, 45, "进")]
    rows = [header, *(row.format(*one) for one in told)]
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    run("new", case)
    run("load", case, file)
    assert "应为 50.00 元，该行显示 40.00 元，相差 -10.00 元" in run("checks", case)
    assert "低于 80 分的合并 0 处，见 case.joins(below=80)" in run("checks", case)
    told = run("checks", case, "--lang", "en")
    assert "a difference of -10.00 yuan" in told
    assert "joins below 80: 0, see case.joins(below=80)" in told
