"""Crew: many processes read what one reads, and one that dies costs its own file."""

from __future__ import annotations

import _thread
import gc
import os
import threading
import time
from pathlib import Path
from typing import ClassVar

import psutil
import pytest

from tracer.errors import CaseError
from tracer.intake import crew
from tracer.intake.crew import Job, read_all

HEADER = "交易卡号,交易账号,交易时间,交易金额,交易余额,收付标志,交易对手账卡号,对手户名,备注"

READY = (
    "import os, pickle, subprocess, sys, time;"
    "pickle.dump('', sys.stdout.buffer); sys.stdout.buffer.flush()"
)


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
    monkeypatch.setattr(crew, "cores", lambda: 2)
    shared = list(read_all(jobs(tmp_path, 5)))
    assert [one.entries["fen"].tolist() for one in shared] == [[100 * n] for n in range(1, 6)]
    for one, other in zip(alone, shared, strict=True):
        assert one.table.equals(other.table)
        assert one.files.equals(other.files)


def test_a_process_that_dies_costs_its_own_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = f"{READY}; sys.stdin.buffer.read(10); os._exit(1)"
    monkeypatch.setattr(crew, "LEAST_BYTES", 0)
    monkeypatch.setattr(crew, "cores", lambda: 2)
    real, started = crew.subprocess.Popen, []

    def start(command: list[str], **more: object) -> object:
        # The first process dies of the first file that it gets.
        program = ends if not started else command[3]
        started.append(program)
        return real([*command[:3], program, *command[4:]], **more)

    monkeypatch.setattr(crew.subprocess, "Popen", start)
    readings = list(read_all(jobs(tmp_path, 4)))
    formats = sorted(one.files["format"].iloc[0] for one in readings)
    assert formats == ["", "detail", "detail", "detail"]
    note = next(one.files["note"].iloc[0] for one in readings if not one.table.num_rows)
    assert "读取进程意外终止" in note
    assert "process" not in note


class Confined:
    """A process as a system shows it that lets processes be confined."""

    cores: ClassVar[list[int]] = [0, 1]

    def cpu_affinity(self, cores: list[int] | None = None) -> list[int] | None:
        """Return, or set, the cores that it may use."""
        if cores is None:
            return self.cores
        Confined.cores = cores
        return None


@pytest.mark.parametrize("real", [True, False])
def test_a_process_kept_to_one_core_reads_alone(
    monkeypatch: pytest.MonkeyPatch, *, real: bool
) -> None:
    if not (real and hasattr(psutil.Process, "cpu_affinity")):
        monkeypatch.setattr(psutil, "Process", Confined)
    one = psutil.Process()
    before = one.cpu_affinity()
    try:
        one.cpu_affinity(before[:1])
        assert crew.cores() == 1
    finally:
        one.cpu_affinity(before)
    assert crew.cores() == len(before)


def test_where_nothing_is_confined_all_cores_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "Process", object)
    assert crew.cores() == os.cpu_count()


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(crew, "LEAST_BYTES", 0)
    monkeypatch.setattr(crew, "cores", lambda: 2)
    return monkeypatch


def test_no_code_of_the_folder_that_is_worked_in_runs(
    tmp_path: Path, two: pytest.MonkeyPatch
) -> None:
    evidence = jobs(tmp_path, 2)
    evil = "import pathlib; pathlib.Path('ran').touch()"
    (tmp_path / "msoffcrypto.py").write_text(evil, encoding="utf-8")
    two.chdir(tmp_path)
    assert [one.table.num_rows for one in read_all(evidence)] == [1, 1]
    assert not (tmp_path / "ran").exists()


def test_workers_run_the_same_tracer_as_the_notebook(
    tmp_path: Path, two: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tracer.py").write_text("raise ImportError('another')", encoding="utf-8")
    two.setenv("PYTHONPATH", str(tmp_path))
    assert [one.table.num_rows for one in read_all(jobs(tmp_path, 2))] == [1, 1]


def test_workers_that_do_not_start_are_one_error(tmp_path: Path, two: pytest.MonkeyPatch) -> None:
    fails = "import pickle, sys; pickle.dump('ImportError: numpy', sys.stdout.buffer)"
    two.setattr(crew, "_START", fails)
    with pytest.raises(CaseError, match=r"无法启动读取文件的进程.*ImportError: numpy"):
        list(read_all(jobs(tmp_path, 4)))
    two.setattr(crew, "_START", "import os; os._exit(1)")
    with pytest.raises(CaseError, match="do not start"):
        list(read_all(jobs(tmp_path, 4)))


def test_an_interrupt_ends_what_is_read_and_all_that_it_started(
    tmp_path: Path, two: pytest.MonkeyPatch
) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    started = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)']).pid"
    mark = f"open({str(marks)!r} + '/' + str({started}), 'w').close()"
    two.setattr(crew, "_START", f"{READY}; pickle.load(sys.stdin.buffer); {mark}; time.sleep(99)")
    asked: list[float] = []

    def interrupt() -> None:
        ends = time.monotonic() + 60
        while len(list(marks.iterdir())) < 2 and time.monotonic() < ends:
            time.sleep(0.05)
        asked.append(time.monotonic())
        _thread.interrupt_main()

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        given = [one.files.to_dict("records") for one in read_all(jobs(tmp_path, 5))]
        pytest.fail(f"Asked at {asked}, nothing was raised, and all was read: {given}.")
    assert time.monotonic() - asked[0] < 5
    left = [int(one.name) for one in marks.iterdir()]
    assert len(left) == 2
    ends = time.monotonic() + 5
    while any(psutil.pid_exists(pid) and _runs(pid) for pid in left):
        assert time.monotonic() < ends
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_reading_leaves_the_search_for_garbage_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []

    def fails(*_: object, **__: object) -> None:
        seen.append(gc.isenabled())
        raise ValueError("no file")

    monkeypatch.setattr(crew, "read", fails)
    assert gc.isenabled()
    assert len(list(read_all(jobs(tmp_path, 1)))) == 1
    assert seen == [False]
    assert gc.isenabled()
