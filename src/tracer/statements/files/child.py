"""Child: a process of its own for what may ask for any amount of time or memory."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

import psutil


class EndedError(Exception):
    """A process that took more than it may."""

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(f"{what} above {limit}")
        self.what = what
        self.limit = limit


def answer(arguments: Sequence[str], question: bytes, *, seconds: int, memory: int) -> bytes:
    """
    Run Python on a question and return what it answers; nothing where it died.

    Parameters
    ----------
    arguments
        What Python is started with.
    question
        The bytes that the process reads.
    seconds, memory
        How long it may take and how many bytes it may hold.

    Raises
    ------
    EndedError
        If it took more of either, and was ended.

    Examples
    --------
    >>> answer(["-c", "print(input()[::-1])"], b"abc", seconds=60, memory=10**9).strip()
    b'cba'
    """
    # Files take any amount, where pipes would have to be emptied meanwhile.
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as told:
        asked.write(question)
        asked.seek(0)
        ends = time.monotonic() + seconds
        with subprocess.Popen(  # noqa: S603 - nothing of the command comes from outside.
            [sys.executable, *arguments], stdin=asked, stdout=told, stderr=subprocess.DEVNULL
        ) as process:
            try:
                while process.poll() is None:
                    for what, over, limit in (
                        ("seconds", time.monotonic() > ends, seconds),
                        ("bytes of memory", _held(process.pid) > memory, memory),
                    ):
                        if over:
                            raise EndedError(what, limit)
                    time.sleep(0.02)
            finally:
                process.kill()
        told.seek(0)
        return told.read()


def _held(pid: int) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0
