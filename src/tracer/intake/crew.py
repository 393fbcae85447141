"""Crew: files are read by as many processes as the machine has cores."""

from __future__ import annotations

import gc
import pickle
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any

from tqdm import tqdm

from tracer.errors import CaseError, TracerError
from tracer.statements.files import child
from tracer.statements.files.cores import cores
from tracer.statements.load import Reading, Unread, read, unread
from tracer.statements.reasons import Reason

# Below these a second process starts later than the first one ends.
LEAST_BYTES = 8 * 1024**2
LEAST_FILES = 2
_BROKEN = Reason(
    "读取时出现意外错误，该文件未载入。请保留原文件，把文件的来历和括号里的内容反馈给开发人员"
    "（{told}）。",
    "Reading failed unexpectedly, and nothing of the file was loaded. Keep it, and report where it "
    "came from and what stands in brackets ({told}).",
    "broken_reader",
)
_ENDED = Reason(
    "读取进程意外终止，可能是内存不足",
    "the reading process ended; the file may need more memory than there is",
)
# A worker runs the same Tracer, wherever a notebook has it from; the rest comes from Python itself.
_START = """
import os, pickle, signal, sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
signal.signal(signal.SIGINT, signal.SIG_IGN)
answers = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)
try:
    found = PathFinder.find_spec("tracer", sys.argv[1:])
    sys.modules["tracer"] = module_from_spec(found)
    found.loader.exec_module(sys.modules["tracer"])
    from tracer.intake import crew
    said = ""
except BaseException as error:
    said = f"{type(error).__name__}: {error}"
pickle.dump(said, answers)
answers.flush()
if not said:
    crew.serve(answers)
"""
_HOME = Path(__file__).parents[2]
# What talking to a process that died, or was ended, raises.
_DEAD = (EOFError, OSError, pickle.UnpicklingError)
# So often does a wait look up, because Windows interrupts none that is longer.
_BEAT = 0.2


@dataclass(frozen=True)
class Job:
    """One file to be read."""

    path: Path
    """The copy that is kept as evidence."""
    source: str
    """What the case calls it."""
    sha256: str
    """The hash of its bytes."""
    formats: Path
    """The folder of the case's own declarations."""
    passwords: tuple[str, ...] = ()
    """Tried where it is locked."""


@dataclass
class _Worker:
    """A process that reads one file after the other."""

    started: threading.Event
    """Whether any worker of the crew has ever started."""
    process: subprocess.Popen[bytes] | None = None
    over: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, job: Job) -> Reading:
        """Have a file read; where the process dies of it, the next file gets a new one."""
        try:
            process = self._started()
            _send(process.stdin, job)
            answer = _received(process.stdout)
        except _DEAD as error:
            self.clear()
            if self.over or self.started.is_set():
                return _broken(job, _ENDED)
            raise _unstarted(error) from error
        if isinstance(answer, TracerError):
            raise answer
        assert isinstance(answer, Reading)
        return answer

    def _started(self) -> subprocess.Popen[bytes]:
        """Return the process, ready to read."""
        with self.lock:
            if self.over:
                raise EOFError
            if self.process is not None:
                return self.process
            # The folder that is worked in may hold any module, hence -P.
            process = self.process = subprocess.Popen(  # noqa: S603 - nothing comes from outside.
                [sys.executable, "-P", "-c", _START, str(_HOME)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, creationflags=child.HIDDEN,
            )  # fmt: skip
        said = _received(process.stdout)
        if said:
            raise EOFError(said)
        self.started.set()
        return process

    def clear(self) -> None:
        """Leave a process that died, so that the next file gets a new one."""
        with self.lock:
            process, self.process = self.process, None
        if process is not None:
            child.end(process)
            process.communicate()

    def stop(self) -> None:
        """End the process and all that it started, whatever it is reading."""
        with self.lock:
            self.over = True
            process = self.process
        if process is not None:
            child.end(process)


@dataclass
class _Crew:
    """Some workers, each with one file at a time."""

    free: SimpleQueue[_Worker] = field(default_factory=SimpleQueue)

    def read(self, job: Job) -> Reading:
        """Have a file read by whoever is free."""
        worker = self.free.get()
        try:
            return worker.read(job)
        finally:
            self.free.put(worker)


def read_all(jobs: Sequence[Job]) -> Iterator[Reading]:
    """
    Read files, many at once where that is worth starting processes for.

    Parameters
    ----------
    jobs
        The files.

    Yields
    ------
    Reading
        One for each file, in order. A file that brings the reader down gives
        one that says so.

    Raises
    ------
    FormatError
        If a declaration of the case cannot be used.
    CaseError
        If no process can be started that reads.
    """
    sizes = [job.path.stat().st_size for job in jobs]
    size = min(cores(), len(jobs))
    alone = len(jobs) < LEAST_FILES or sum(sizes) < LEAST_BYTES or size == 1
    with _bar(sum(sizes)) as bar:
        readings = map(_alone, jobs) if alone else _shared(jobs, size)
        for size, reading in zip(sizes, readings, strict=True):
            bar.update(size)
            yield reading


def _alone(job: Job) -> Reading:
    try:
        with _unswept():
            return _read(job)
    except (TracerError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - a reader in Rust raises what is no Exception.
        return _broken(job, f"{type(error).__name__}: {error}"[:300])


@contextmanager
def _unswept() -> Iterator[None]:
    """Let no search for garbage go through all that is loaded while one file is read."""
    swept = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if swept:
            gc.enable()


def _read(job: Job) -> Reading:
    return read(
        job.path,
        source=job.source,
        sha256=job.sha256,
        formats=job.formats,
        passwords=job.passwords,
    )


def _shared(jobs: Sequence[Job], size: int) -> Iterator[Reading]:
    crew, started = _Crew(), threading.Event()
    workers = [_Worker(started) for _ in range(size)]
    for worker in workers:
        crew.free.put(worker)
    pool = ThreadPoolExecutor(size)
    try:
        waiting = deque(pool.submit(crew.read, job) for job in jobs)
        while waiting:
            # What was read is not held any longer than it is asked for.
            yield _result(waiting.popleft())
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        # Whoever waits for a process sees it end, so the threads are done at once.
        for worker in workers:
            worker.stop()
        pool.shutdown()
        for worker in workers:
            worker.clear()


def _result(future: Future[Reading]) -> Reading:
    while not future.done():
        wait([future], timeout=_BEAT)
    return future.result()


def serve(answers: IO[bytes]) -> None:
    """
    Read the files that are asked for on the standard input; the work of one process.

    Parameters
    ----------
    answers
        Takes a reading for each file; whatever prints must not come between them.
    """
    while True:
        try:
            job = pickle.load(sys.stdin.buffer)  # noqa: S301 - the case itself wrote it.
        except EOFError:
            return
        try:
            answer: Reading | TracerError = _alone(job)
        except TracerError as error:
            answer = error
        _send(answers, answer)


def _unstarted(error: BaseException) -> CaseError:
    """Return what is raised where no process starts that reads."""
    return CaseError(
        f"The processes that read files do not start ({sys.executable!r}: {error}). Restart the "
        "kernel, check that Tracer is installed for this Python, and load again.",
        zh=f"无法启动读取文件的进程（{sys.executable!r}：{error}）。"
        "请重启内核，检查该 Python 中 Tracer 安装完整，然后重新载入。",
    )


def _received(stream: IO[bytes] | None) -> object:
    assert stream is not None
    return pickle.load(stream)  # noqa: S301 - our own process wrote it.


def _send(stream: IO[bytes] | None, message: object) -> None:
    assert stream is not None
    pickle.dump(message, stream, protocol=5)
    stream.flush()


def _broken(job: Job, told: Reason | str) -> Reading:
    """Return what a file gives that no check foresaw, so that it is seen and can be reported."""
    return unread(Unread(job.source, job.sha256, _BROKEN.about(told=told)))


@contextmanager
def _bar(total: int) -> Iterator[tqdm[Any]]:
    """Show a bar where a person is looking and reading takes longer than a moment."""
    notebook = "ipykernel" in sys.modules
    bar = tqdm(
        total=total,
        desc="载入",
        unit="B",
        unit_scale=True,
        delay=3,
        leave=False,
        # On the error stream a notebook would show the bar as if something were wrong.
        file=sys.stdout if notebook else sys.stderr,
        disable=not (notebook or sys.stderr.isatty()),
    )
    done = threading.Event()

    def beat() -> None:
        # While one large file is read, its clock shows that the work goes on.
        while not done.wait(1):
            bar.refresh()

    clock = threading.Thread(target=beat, daemon=True)
    clock.start()
    try:
        yield bar
    finally:
        done.set()
        clock.join()
        bar.close()
