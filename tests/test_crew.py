"""Crew: many processes read what one reads, and one that dies costs its own file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracer import crew
from tracer.crew import Job, read_all

HEADER = "交易卡号,交易账号,交易时间,交易金额,交易余额,收付标志,交易对手账卡号,对手户名,备注"


def jobs(folder: Path, count: int) -> list[Job]:
    found = []
    for number in range(count):
        path = folder / f"{number}.csv"
        row = f"622202000000000001{number},,2022-04-01 10:00:00,{number + 1}.00,,出,,李四,"
        path.write_text(f"{HEADER}\n{row}\n", encoding="utf-8")
        found.append(Job(path, path.name, f"{number}", folder / "formats"))
    return found


def test_many_processes_read_what_one_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = list(read_all(jobs(tmp_path, 5)))
    monkeypatch.setattr(crew, "LEAST_BYTES", 0)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    shared = list(read_all(jobs(tmp_path, 5)))
    assert [one.entries["fen"].tolist() for one in shared] == [[100 * n] for n in range(1, 6)]
    for one, other in zip(alone, shared, strict=True):
        assert one.table.equals(other.table)
        assert one.files.equals(other.files)


def test_a_process_that_dies_costs_its_own_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = "import os, sys; sys.stdin.buffer.read(10); os._exit(1)"
    monkeypatch.setattr(crew, "LEAST_BYTES", 0)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    real, started = crew.subprocess.Popen, []

    def start(command: list[str], **more: object) -> object:
        # The first process dies of the first file that it gets.
        program = ends if not started else command[2]
        started.append(program)
        return real([*command[:2], program], **more)

    monkeypatch.setattr(crew.subprocess, "Popen", start)
    readings = list(read_all(jobs(tmp_path, 4)))
    formats = sorted(one.files["format"].iloc[0] for one in readings)
    assert formats == ["", "detail", "detail", "detail"]
    note = next(one.files["note"].iloc[0] for one in readings if not one.table.num_rows)
    assert "未载入" in note
