"""PDF: the tables of a PDF file, read in a process that can be ended."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tracer.errors import SheetError
from tracer.statements.files import child, excess
from tracer.statements.reasons import BROKEN_PDF, HUGE_PDF, refusal

# A full page takes a second at most, and a statement has some hundred pages.
LONGEST_SECONDS = 1200
MOST_BYTES = 2 * 1024**3
LARGEST_FILE = 200 * 1024**2


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
        raise refusal(HUGE_PDF.about(what=excess.FILE, limit=excess.size(LARGEST_FILE)))
    question = json.dumps(list(passwords)).encode("ascii") + b"\n" + content
    told = child.answer(
        "pages", question,
        seconds=LONGEST_SECONDS, memory=MOST_BYTES, huge=HUGE_PDF, broken=BROKEN_PDF,
    )  # fmt: skip
    answer = json.loads(told)
    if "refused" in answer:
        raise SheetError(answer["refused"], zh=answer["zh"])
    return [("", rows) for rows in answer["tables"]]
