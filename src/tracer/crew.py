"""Crew: files are read by as many processes as the machine has cores."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any

from tqdm import tqdm

from tracer.errors import TracerError
from tracer.statements.load import Reading, Unread, read, unread
from tracer.statements.reasons import Reason

# Below these a second process starts later than the first one ends.
LEAST_BYTES = 8 * 1024**2
LEAST_FILES = 2
_BROKEN = Reason(
    "读取时出现意外错误，未载入：{told}。请保留文件并反馈。", "Reading failed unexpectedly: {told}."
)
_ENDED = "the reading process ended; the file may need more memory than there is"


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

    process: subprocess.Popen[bytes] | None = None

    def read(self, job: Job) -> Reading:
        """Have a file read; where the process dies of it, the next file gets a new one."""
        if self.process is None:
            command = [sys.executable, "-c", "from tracer import crew; crew.serve()"]
            self.process = subprocess.Popen(  # noqa: S603 - nothing of it comes from outside.
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            _send(self.process.stdin, job)
            answer = pickle.load(self.process.stdout)  # noqa: S301 - our own process wrote it.
        except (EOFError, OSError, pickle.UnpicklingError):
            self.stop()
            return _broken(job, _ENDED)
        if isinstance(answer, TracerError):
            raise answer
        assert isinstance(answer, Reading)
        return answer

    def stop(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None


@dataclass
class _Crew:
    """Some workers, each with one file at a time."""

    size: int
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
    """
    sizes = [job.path.stat().st_size for job in jobs]
    cores = min(os.cpu_count() or 1, len(jobs))
    alone = len(jobs) < LEAST_FILES or sum(sizes) < LEAST_BYTES or cores == 1
    with _bar(sum(sizes)) as bar:
        readings = map(_alone, jobs) if alone else _shared(jobs, cores)
        for size, reading in zip(sizes, readings, strict=True):
            bar.update(size)
            yield reading


def _alone(job: Job) -> Reading:
    try:
        return read(
            job.path,
            source=job.source,
            sha256=job.sha256,
            formats=job.formats,
            passwords=job.passwords,
        )
    except (TracerError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - a reader in Rust raises what is no Exception.
        return _broken(job, f"{type(error).__name__}: {error}")


def _shared(jobs: Sequence[Job], cores: int) -> Iterator[Reading]:
    crew = _Crew(cores)
    workers = [_Worker() for _ in range(cores)]
    for worker in workers:
        crew.free.put(worker)
    pool = ThreadPoolExecutor(cores)
    try:
        yield from pool.map(crew.read, jobs)
    finally:
        pool.shutdown(cancel_futures=True)
        for worker in workers:
            worker.stop()


def serve() -> None:
    """Read the files that are asked for on the standard input; the work of one process."""
    # Whatever prints must not come between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
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


def _send(stream: IO[bytes], message: object) -> None:
    pickle.dump(message, stream, protocol=5)
    stream.flush()


def _broken(job: Job, told: str) -> Reading:
    """Return what a file gives that no check foresaw, so that it is seen and can be reported."""
    return unread(Unread(job.source, job.sha256, _BROKEN.about(told=told[:300])))


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
