"""Workers that load one hostile file after the other, within bounds of time and memory."""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path

from soak.attack import attack

SECONDS = 20.0
MEMORY = 4 << 30


@dataclass(frozen=True)
class Found:
    """What loading one file gave."""

    number: int
    """Which file."""
    counts: Counter[str]
    """Files, loaded, refused, rows, entries, faults, skipped, and crashes, hangs, wrong."""
    wrong: list[str] = field(default_factory=list)
    """Every promise that was broken."""
    seconds: float = 0.0
    """How long it took."""


@dataclass
class Worker:
    """One process that loads files, replaced when it hangs or dies."""

    seed: int
    process: multiprocessing.process.BaseProcess | None = None
    pipe: Connection | None = None
    number: int = -1
    deadline: float = 0.0
    seconds: float = SECONDS

    def give(self, number: int) -> None:
        """Let it load a file."""
        if self.process is None or self.pipe is None:
            # A fresh process and no fork: the same on every system.
            context = multiprocessing.get_context("spawn")
            self.pipe, theirs = context.Pipe()
            self.process = context.Process(target=_work, args=(theirs, self.seed), daemon=True)
            self.process.start()
            theirs.close()
            self.pipe.recv()
        self.number, self.deadline = number, time.monotonic() + self.seconds
        self.pipe.send(number)

    def take(self) -> Found:
        """Return what came of the file, or that nothing did."""
        assert self.pipe is not None
        try:
            if self.pipe.poll():
                found: Found = self.pipe.recv()
                return found
            what = "hangs", "still not done in time"
        except (EOFError, OSError):
            what = "crashes", "the process died"
        self.end()
        return Found(self.number, Counter({"files": 1, what[0]: 1}), [f"{what[0]}: {what[1]}"])

    def end(self) -> None:
        """Stop the process."""
        if self.process is not None:
            self.process.kill()
            self.process.join()
        self.process = self.pipe = None


def run(
    seed: int, numbers: Iterable[int], *, workers: int, seconds: float = SECONDS
) -> Iterator[Found]:
    """Yield what loading each numbered file gives, as it is done; none may take longer."""
    waiting = iter(numbers)
    crew = [Worker(seed, seconds=seconds) for _ in range(workers)]
    busy: list[Worker] = []
    try:
        while True:
            for one in [one for one in crew if one not in busy]:
                number = next(waiting, None)
                if number is not None:
                    one.give(number)
                    busy.append(one)
            if not busy:
                return
            left = min(one.deadline for one in busy) - time.monotonic()
            wait([one.pipe for one in busy if one.pipe], max(left, 0))
            now = time.monotonic()
            for one in list(busy):
                if now > one.deadline or (one.pipe and one.pipe.poll()):
                    busy.remove(one)
                    yield one.take()
    finally:
        for one in crew:
            one.end()


def _work(pipe: Connection, seed: int) -> None:
    from soak.verdict import judge  # noqa: PLC0415 - the parent needs no reader.

    _bound()
    pipe.send("ready")
    while True:
        number = pipe.recv()
        start = time.perf_counter()
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            try:
                # Storing takes longer than reading, and the whole house longer yet.
                one, some = attack(seed, number), Path(folder)
                whole, store = number % 40 == 0, number % 8 == 1
                counts, wrong = judge(one, some, whole=whole, store=store)
            except BaseException as error:  # noqa: BLE001 - a panic of a reader is no Exception.
                told = traceback.extract_tb(error.__traceback__)
                where = [f"{Path(one.filename).name}:{one.lineno}" for one in told][-4:]
                said = f"{type(error).__name__}: {error}"[:300]
                counts, wrong = Counter(files=1), [f"crash: {said} at {' < '.join(where[::-1])}"]
        counts["crashes"] += any(one.startswith("crash") for one in wrong)
        counts["wrong"] += any(not one.startswith("crash") for one in wrong)
        pipe.send(Found(number, counts, wrong, time.perf_counter() - start))


def _bound() -> None:
    """Bound the memory where the system can, and keep what readers print of themselves away."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - Windows has none.

        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
