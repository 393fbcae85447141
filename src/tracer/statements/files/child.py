"""Child: a process of its own for what may ask for any amount of time or memory."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil

from tracer.statements.files import excess
from tracer.statements.reasons import Reason, refusal

# Windows would open a console for each process that a notebook starts.
HIDDEN: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
# Of the memory that is free or its own, a process may hold so much; others read beside it.
_SHARE = 0.75
_BEAT = 0.05
# The package itself is not run, which would bring all of Tracer, only the one module in it.
_START = """
import importlib, sys, types
sys.modules["tracer"] = types.ModuleType("tracer")
sys.modules["tracer"].__path__ = [sys.argv[1]]
importlib.import_module("tracer.statements.files." + sys.argv[2]).main()
"""
_TRACER = Path(__file__).parents[2]
_SILENT = Reason("读取进程没有给出完整结果", "the reading process gave no whole answer")


def answer(
    module: str, question: bytes, *, seconds: float, memory: int, huge: Reason, broken: Reason
) -> bytes:
    """
    Have a module of this folder answer a question in a process of its own.

    Parameters
    ----------
    module
        Its name; its ``main`` reads the standard input and writes the standard output.
    question
        The bytes that it reads.
    seconds, memory
        How long it may take and how many bytes it may hold; less where the
        machine has less to give.
    huge, broken
        What is said where it took more, and where it died; the blanks are
        ``what`` and ``limit``, and ``error``.

    Raises
    ------
    SheetError
        If it took more of either and was ended, or gave no whole answer.

    Examples
    --------
    >>> from tracer.statements.reasons import BROKEN_PDF, HUGE_PDF
    >>> limits = {"seconds": 60, "memory": 2 * 1024**3}
    >>> b"refused" in answer("pages", b"[]", **limits, huge=HUGE_PDF, broken=BROKEN_PDF)
    True
    """
    # Files take any amount, where pipes would have to be emptied meanwhile.
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as told:
        asked.write(question)
        asked.seek(0)
        # The folder that is worked in may hold any module, hence -P.
        command = [sys.executable, "-P", "-c", _START, str(_TRACER), module]
        with subprocess.Popen(  # noqa: S603 - nothing of the command comes from outside.
            command, stdin=asked, stdout=told, stderr=subprocess.DEVNULL, creationflags=HIDDEN
        ) as process:
            try:
                _watch(process, seconds, memory, huge)
            finally:
                end(process)
        told.seek(0)
        found = told.read()
    if process.returncode or not found:
        raise refusal(broken.about(error=_SILENT))
    return found


def _watch(process: subprocess.Popen[bytes], seconds: float, memory: int, huge: Reason) -> None:
    """Wait until a process is done; raise what is said where it takes too much."""
    ends = time.monotonic() + seconds
    while process.returncode is None:
        held = _held(process.pid)
        room = min(memory, _SHARE * (held + psutil.virtual_memory().available))
        if held > room:
            raise refusal(huge.about(what=excess.MEMORY, limit=excess.size(room)))
        if time.monotonic() > ends:
            raise refusal(huge.about(what=excess.TIME, limit=excess.SECONDS.about(many=seconds)))
        with suppress(subprocess.TimeoutExpired):
            process.wait(_BEAT)


def _held(pid: int) -> int:
    """Return the memory of a process and of all that it started, in bytes."""
    # In a virtual environment of Windows the first process only starts the one that reads.
    held = 0
    with suppress(psutil.Error):
        first = psutil.Process(pid)
        for one in (first, *first.children(recursive=True)):
            with suppress(psutil.Error):
                held += int(one.memory_info().rss)
    return held


def end(process: subprocess.Popen[bytes]) -> None:
    """
    End a process with all that it started.

    Parameters
    ----------
    process
        Running or not; whoever waits for it sees it end.
    """
    if process.poll() is not None:
        return
    with suppress(psutil.Error):
        first = psutil.Process(process.pid)
        # What stands still starts nothing between being listed and being ended.
        first.suspend()
        for one in first.children(recursive=True):
            with suppress(psutil.Error):
                one.kill()
    process.kill()
