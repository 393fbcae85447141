"""PDF: the tables of a PDF file, read in a process that can be ended."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from tracer.statements import reasons
from tracer.statements.files import child
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
    question = json.dumps(list(passwords)).encode("ascii") + b"\n" + content
    # The folder of the program holds modules named like those of Python itself, hence -P.
    try:
        told = child.answer(
            ["-P", str(_WORKER)], question, seconds=LONGEST_SECONDS, memory=MOST_BYTES
        )
    except child.EndedError as error:
        raise refusal(HUGE_PDF.about(what=error.what, limit=error.limit)) from None
    if not told:
        raise refusal(BROKEN_PDF.about(error="no answer"))
    answer = json.loads(told)
    if "refused" in answer:
        reason: Reason = getattr(reasons, answer["refused"])
        raise refusal(reason.about(**answer["about"]))
    return [("", rows) for rows in answer["tables"]]
