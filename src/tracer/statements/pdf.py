"""PDF: the tables of a PDF file, read in a process that can be ended."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import psutil

from tracer.statements import reasons
from tracer.statements.reasons import BROKEN_PDF, HUGE_PDF, Reason, refusal

# A full page takes a second at most, and a statement has some hundred pages.
LONGEST_SECONDS = 1200
MOST_BYTES = 2 * 1024**3
LARGEST_FILE = 200 * 1024**2

_WORKER = Path(__file__).with_name("pages.py")


def tables(content: bytes, passwords: Sequence[str] = ()) -> list[tuple[str, list[list[str]]]]:
    """
    Return the statements of a PDF that has a text layer and ruled tables.

    A small PDF can ask for any amount of time and memory, so another process
    reads it, which is ended where it takes too much of either.

    Parameters
    ----------
    content
        The whole file.
    passwords
        Tried one after the other.

    Returns
    -------
    list of tuple
        "" and the rows: the lines above the table, the rows of the table on
        all its pages, the lines below it.

    Raises
    ------
    SheetError
        If the PDF is scanned, locked, damaged, without a table or too large.
    """
    if len(content) > LARGEST_FILE:
        raise refusal(HUGE_PDF.about(what="bytes", limit=LARGEST_FILE))
    answer = json.loads(_asked(content, passwords))
    if "refused" in answer:
        reason: Reason = getattr(reasons, answer["refused"])
        raise refusal(reason.about(**answer["about"]))
    return [("", rows) for rows in answer["tables"]]


def _asked(content: bytes, passwords: Sequence[str]) -> str:
    # Files take any amount, where pipes would have to be emptied meanwhile.
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as told:
        asked.write(json.dumps(list(passwords)).encode("ascii") + b"\n")
        asked.write(content)
        asked.seek(0)
        _run(asked, told)
        told.seek(0)
        text = told.read().decode("ascii")
    if not text:
        raise refusal(BROKEN_PDF.about(error="no answer"))
    return text


def _run(asked: IO[bytes], told: IO[bytes]) -> None:
    # The folder of the program holds modules named like those of Python itself, hence -P.
    command = [sys.executable, "-P", str(_WORKER)]
    ends = time.monotonic() + LONGEST_SECONDS
    with subprocess.Popen(  # noqa: S603 - nothing of the command comes from outside.
        command, stdin=asked, stdout=told, stderr=subprocess.DEVNULL
    ) as process:
        try:
            while process.poll() is None:
                _watch(process.pid, ends)
                time.sleep(0.05)
        finally:
            process.kill()


def _watch(pid: int, ends: float) -> None:
    if time.monotonic() > ends:
        raise refusal(HUGE_PDF.about(what="seconds", limit=LONGEST_SECONDS))
    try:
        used = psutil.Process(pid).memory_info().rss
    except psutil.Error:
        return
    if used > MOST_BYTES:
        raise refusal(HUGE_PDF.about(what="bytes of memory", limit=MOST_BYTES))
