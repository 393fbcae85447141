"""Child: a process that may ask for anything is ended with all that it started."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from types import SimpleNamespace

import papers
import psutil
import pytest

from soak import makes
from tracer.errors import SheetError
from tracer.statements.files import child, pdf, sheets
from tracer.statements.load import read
from tracer.statements.reasons import BROKEN_BOOK, HUGE_BOOK

GRID = [["交易卡号", "交易时间"], ["6222020000000000018", "2022-04-01"]]


def refused(program: str, monkeypatch: pytest.MonkeyPatch, *, memory: int = 1 << 32) -> str:
    monkeypatch.setattr(child, "_START", program)
    with pytest.raises(SheetError) as caught:
        child.answer("books", b"", seconds=60, memory=memory, huge=HUGE_BOOK, broken=BROKEN_BOOK)
    return caught.value.zh


def book(folder: Path) -> str:
    (folder / "a.ods").write_bytes(makes.zipped(makes.ods(GRID)))
    return str(read(folder / "a.ods", source="a.ods").files["note"][0])


def test_what_a_launcher_starts_is_weighed_and_ended_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As in a virtual environment of Windows, the first process only starts the second.
    large = "held = bytearray(300 << 20); import time; time.sleep(99)"
    mark = tmp_path / "pid"
    program = (
        "import pathlib, subprocess, sys\n"
        f"one = subprocess.Popen([sys.executable, '-c', {large!r}])\n"
        f"pathlib.Path({str(mark)!r}).write_text(str(one.pid), encoding='ascii')\n"
        "one.wait()\n"
    )
    assert "占用内存超过 0.2 GB" in refused(program, monkeypatch, memory=200 * 1024**2)
    pid = int(mark.read_text(encoding="ascii"))
    ends = time.monotonic() + 10
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < ends
        time.sleep(0.05)


def test_half_an_answer_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    half = "import os, sys; sys.stdout.write('half'); sys.stdout.flush(); os._exit(1)"
    assert "没有给出完整结果" in refused(half, monkeypatch)
    assert "没有给出完整结果" in refused("", monkeypatch)


def test_a_machine_without_memory_to_give_ends_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=0))
    assert "占用内存" in refused("import time; time.sleep(99)", monkeypatch)


def test_a_workbook_that_takes_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "没有识别" in book(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(sheets, "MOST_BYTES", 1 << 20)
        assert "占用内存超过 0 GB" in book(tmp_path)
    monkeypatch.setattr(sheets, "LONGEST_SECONDS", 0.01)
    assert "读取时间超过 0.01 秒" in book(tmp_path)


def test_a_workbook_wider_than_any_statement_is_refused(tmp_path: Path) -> None:
    wide = [[f"{at}" for at in range(sheets.WIDEST + 1)]]
    (tmp_path / "a.ods").write_bytes(makes.zipped(makes.ods(wide)))
    note = read(tmp_path / "a.ods", source="a.ods").files["note"][0]
    assert "列数超过 1000" in note


def test_no_code_of_the_folder_that_is_worked_in_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pdfplumber", "fastexcel", "json", "tracer"):
        evil = "import pathlib; pathlib.Path('ran').touch()"
        (tmp_path / f"{name}.py").write_text(evil, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    # A notebook's own list of places begins with its folder.
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    assert len(pdf.tables(papers.wechat())[0][1]) > 1
    assert "没有识别" in book(tmp_path)
    assert not (tmp_path / "ran").exists()
