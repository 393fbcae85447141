"""`tracer format`: how a file is read and why, and a declaration to start from."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from msoffcrypto.format.ooxml import OOXMLFile
from test_golden import CASES
from test_mapping import ODD
from typer.testing import CliRunner

from tracer.case import Case
from tracer.cli import app
from tracer.errors import FormatError, TracerError
from tracer.statements.explain import explain
from tracer.statements.formats.declare import declared

GOLDEN = Path(__file__).parent / "golden"


def run(*words: str | Path, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["format", *map(str, words)], env={"COLUMNS": "200"})
    assert result.exit_code == code, result.output
    return result.output


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_every_kind_of_file_can_be_explained(folder: Path, lang: str) -> None:
    told = run("check", next(folder.glob("input.*")), "--lang", lang)
    counts = re.findall(r"([\d,]+) (?:行|rows) = .*?([\d,]+).*?([\d,]+).*?([\d,]+)", told)
    rows, *parts = (int(one.replace(",", "")) for one in counts[0])
    assert rows == sum(parts)


def test_a_check_tells_format_header_columns_marks_balance_and_neighbours() -> None:
    told = run("check", GOLDEN / "detail_a" / "input.csv")
    for words in (
        "《交易明细信息》（detail），表头在第 1 行",
        "4. 交易金额 → 金额 amount",
        "17. 传票号 → （不采用）",
        "《招商银行线下回函》（cmbreply）缺少：交易日期",
        "出 = 付（4 行）",
        "3 处与收付和金额相符",
        "15 行 = 入库 6 + 问题行 5 + 非数据行 4",
        "第 8 行 交易金额",
    ):
        assert words in told


def test_a_check_says_what_is_not_clear_and_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "某行.csv"
    file.write_text(ODD, encoding="utf-8")
    told = run("check", file)
    assert "还不清楚：有几列都像交易时间" in told
    assert f"tracer format new {file}" in told
    assert "Not clear: several columns look like the time" in run("check", file, "--lang", "en")


def test_a_new_declaration_is_corrected_by_hand_and_used(tmp_path: Path) -> None:
    file, out = tmp_path / "某 行(1).csv", tmp_path / "某行.toml"
    file.write_text(ODD, encoding="utf-8")
    assert "某行.toml" in run("new", file, "--out", out)
    text = out.read_text(encoding="utf-8")
    # Nobody knows yet which of two columns is the time, so the draft is only a text to be edited.
    with pytest.raises(FormatError, match="没有写 time（交易时间）或 date"):
        declared(text.encode(), "a.toml")
    assert "#   付款时间" in text
    assert "已经存在" in run("new", file, "--out", out, code=1)
    case = Case.create(tmp_path / "case")
    text = text.replace(
        "\n[columns]\n", '\n[columns]\ntime = ["付款时间"]\ndirection = ["方向码"]\n'
    )
    text = text.replace("kind =", 'incoming = ["甲"]\noutgoing = ["乙"]\nkind =')
    (case.folder / "formats" / "own.toml").write_text(text, encoding="utf-8")
    assert "（某行1），表头在第 1 行" in run("check", file, "--case", case.folder)
    assert case.load(file).entries == 12


def test_a_draft_is_a_declaration_whatever_the_file_says(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    evil = '"a\nname = ""b"""'
    file.write_text(
        f"日期,账号,金额,收付标志,{evil}\n2024-03-01,6222020000000000018,1.00,收,{evil}\n",
        encoding="utf-8",
    )
    assert declared(run("new", file).encode(), "x.toml").name == "x"


@pytest.mark.parametrize("command", ["check", "new"])
def test_a_file_that_is_no_table_is_one_sentence(command: str, tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(b"%PDF-1.7")
    assert "PDF" in run(command, file, code=1)
    assert "无法读写" in run(command, tmp_path / "none.csv", code=1)


def test_a_check_speaks_as_the_load_does(tmp_path: Path) -> None:
    """The lights rest on skipped rows and coverage too, which both must look at."""
    for name in ("detail_a", "cmb", "tasks"):
        for folder in sorted(GOLDEN.glob(f"{name}*"))[:1]:
            file = next(folder.glob("input.*"))
            case = Case.create(tmp_path / folder.name)
            told = case.load(file).text()
            assert told in run("check", file)


def test_the_command_at_the_end_can_be_pasted(tmp_path: Path) -> None:
    (tmp_path / "某 行").mkdir()
    file = tmp_path / "某 行" / "a.csv"
    file.write_text(ODD, encoding="utf-8")
    assert f'tracer format new "{file}" --out' in run("check", file)


def test_an_unknown_language_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TracerError, match="no language 'fr'"):
        explain(GOLDEN / "detail_a" / "input.csv", lang="fr")


def test_locked_files_and_files_of_archives_are_explained(tmp_path: Path) -> None:
    book, plain, target = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    for line in ODD.splitlines():
        book.active.append(line.split(","))
    book.save(plain)
    OOXMLFile(plain).encrypt("geheim-1", target)
    file = tmp_path / "锁.xlsx"
    file.write_bytes(target.getvalue())
    assert "--password" in run("check", file, code=1)
    for command in ("check", "new"):
        assert "付款时间" in run(command, file, "--password", "geheim-1")
    with zipfile.ZipFile(tmp_path / "回单.zip", "w") as package:
        package.writestr("红河.csv", ODD)
    case = Case.create(tmp_path / "case")
    case.load(tmp_path / "回单.zip")
    for command in ("check", "new"):
        assert "付款时间" in run(command, "回单.zip/红河.csv", "--case", case.folder)


def test_a_draft_says_what_it_lacks_and_teaches_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(ODD, encoding="utf-8")
    told = run("new", file)
    assert told.startswith("# 还缺：time（交易时间）、direction（")
    for words in ('# incoming = ["…"]', '# outgoing = ["…"]', "#   other_holder 对方户名"):
        assert words in told
    whole = run("new", GOLDEN / "detail_a" / "input.csv")
    assert "还缺" not in whole
