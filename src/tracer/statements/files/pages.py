"""Pages: the ruled tables of a PDF's pages, as rows of text, in a process of its own."""

from __future__ import annotations

import itertools
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, TypeVar

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfplumber.utils.exceptions import PdfminerException

from tracer.errors import SheetError
from tracer.statements.files import excess
from tracer.statements.files.header import is_statement
from tracer.statements.reasons import (
    BROKEN_PDF,
    HUGE_PDF,
    LOCKED,
    LOOSE_TEXT,
    NO_PDF_TABLE,
    SCANNED,
    UNCODED,
    WRONG_PASSWORD,
    refusal,
)

# A statement of some years has hundreds of pages.
MOST_PAGES = 1500
# A page of small print has some thousand letters.
MOST_OBJECTS = 100_000

_ENTRY = re.compile(r"^\d{4}[-/.]?\d{2}[-/.]?\d{2}\b.*\d\.\d{2}\b")
_DATE_TIME = re.compile(r"^(\d{4}([-/.])\d{1,2}\2\d{1,2}) ?(\d{1,2}:\d{2}(?::\d{2})?)$")

Char = dict[str, Any]
Box = tuple[float, float, float, float]
Rows = list[list[str]]
T = TypeVar("T")


@dataclass
class _Sheet:
    title: list[str]
    rows: Rows = field(default_factory=list)
    below: Rows = field(default_factory=list)

    @property
    def width(self) -> int:
        return len(self.rows[-1]) if self.rows else 0


def tables(content: bytes, passwords: Sequence[str]) -> list[Rows]:
    """
    Return the statements of a PDF: what stands above each table, its rows, what stands below.

    Parameters
    ----------
    content
        The whole file.
    passwords
        Tried one after the other; a file that opens without one needs none.

    Raises
    ------
    SheetError
        If a page is scanned, no table is ruled, an entry stands outside the
        rules, or a password is missing.
    """
    with _opened(content, passwords) as document:
        if len(document.pages) > MOST_PAGES:
            raise refusal(HUGE_PDF.about(what=excess.PAGES, limit=MOST_PAGES))
        sheets: list[_Sheet] = []
        for page in document.pages:
            _page(page, sheets)
            page.close()
    if not any(sheet.rows for sheet in sheets):
        raise refusal(NO_PDF_TABLE)
    return [[*([line] for line in one.title), *one.rows, *one.below] for one in sheets]


def _opened(content: bytes, passwords: Sequence[str]) -> pdfplumber.pdf.PDF:
    for password in ("", *passwords):
        try:
            return pdfplumber.open(BytesIO(content), password=password)
        except PdfminerException as error:
            if not isinstance(error.args[0], PDFPasswordIncorrect):
                raise
    if passwords:
        raise refusal(WRONG_PASSWORD.about(tried=len(passwords)))
    raise refusal(LOCKED)


def _page(page: pdfplumber.page.Page, sheets: list[_Sheet]) -> None:
    """Add what a page holds to the sheet of the pages before it, or begin a new one."""
    if sum(map(len, page.objects.values())) > MOST_OBJECTS:
        what = excess.OBJECTS.about(page=page.page_number)
        raise refusal(HUGE_PDF.about(what=what, limit=MOST_OBJECTS))
    chars = _once(page.chars)
    if not chars:
        if page.images:
            raise refusal(SCANNED.about(page=page.page_number))
        return
    found = sorted(page.find_tables(), key=lambda table: table.bbox[1])
    above, below = _around(page, chars, [table.bbox for table in found])
    for table in found:
        rows = _ruled(page, table, chars)
        if not is_statement(rows):
            above += [cell for row in rows for cell in row if cell]
            continue
        if not sheets or not _goes_on(sheets[-1], above, rows):
            sheets.append(_Sheet(above))
        sheets[-1].rows += rows
        above = []
    if sheets:
        sheets[-1].below += [[line] for line in (*above, *below) if not _is_number(line)]
    elif above:
        sheets.append(_Sheet([*above, *below]))


def _once(chars: list[Char]) -> list[Char]:
    """Leave out what stands askew, as watermarks do, and letters drawn twice to look bold."""
    places = {
        (one["text"], round(2 * one["x0"]), round(2 * one["top"])): one
        for one in chars
        if one["upright"]
    }
    return list(places.values())


def _goes_on(sheet: _Sheet, above: list[str], rows: Rows) -> bool:
    """Return whether a table continues the sheet: nothing new above it, and as many columns."""
    if not sheet.rows:
        # A first page may hold nothing but whose statement it is.
        sheet.title += above
        return True
    new = {re.sub(r"\d+", "", line) for line in above if not _is_number(line)}
    known = {re.sub(r"\d+", "", line) for line in sheet.title}
    # Whose statement it is may be told by digits alone, so only page numbers may differ.
    digits = {one for line in above for one in re.findall(r"\d{5,}", line)}
    return (
        new <= known
        and all(any(one in line for line in sheet.title) for one in digits)
        and len(rows[0]) == sheet.width
    )


def _is_number(line: str) -> bool:
    return bool(re.fullmatch(r"[第共页码/\-—\s\d,，of Page]*", line))


def _around(
    page: pdfplumber.page.Page, chars: list[Char], boxes: list[Box]
) -> tuple[list[str], list[str]]:
    """Return the lines above the first table, and those between and below the tables."""
    top = boxes[0][1] if boxes else float("inf")
    loose = [one for one in chars if not any(_inside(one, box) for box in boxes)]
    above = list(_lines([one for one in loose if one["bottom"] <= top + 1]))
    below = list(_lines([one for one in loose if one["bottom"] > top + 1]))
    if any(_ENTRY.match(line) for line in (*above, *below)):
        raise refusal(LOOSE_TEXT.about(page=page.page_number))
    return above, below


def _ruled(page: pdfplumber.page.Page, table: Any, chars: list[Char]) -> Rows:
    """Return a table's rows, if each of its letters stands in one cell and is known."""
    box = table.bbox
    left = sum(_inside(one, box) and bool(one["text"].strip()) for one in chars)
    rows = []
    for row in table.rows:
        box = row.bbox
        here = [one for one in chars if _inside(one, box)]
        cells = [[one for one in here if cell and _inside(one, cell)] for cell in row.cells]
        left -= sum(bool(one["text"].strip()) for some in cells for one in some)
        if _crossed(cells):
            raise refusal(LOOSE_TEXT.about(page=page.page_number))
        rows.append([_text(some) for some in cells])
    if left:
        raise refusal(LOOSE_TEXT.about(page=page.page_number))
    if any("(cid:" in cell for row in rows for cell in row):
        raise refusal(UNCODED.about(page=page.page_number))
    return rows


def _crossed(cells: list[list[Char]]) -> bool:
    """Return whether a text runs over a rule, as a long number in a narrow column may."""
    placed = [(at, one) for at, some in enumerate(cells) for one in some if one["text"].strip()]
    for line in _grouped(placed, lambda pair: pair[1]):
        ordered = sorted(line, key=lambda pair: pair[1]["x0"])
        for (at, one), (after, other) in itertools.pairwise(ordered):
            if at != after and other["x0"] - one["x1"] < 0.1 * one["size"]:
                return True
    return False


def _inside(char: Char, box: Box) -> bool:
    across, down = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
    return bool(box[0] <= across < box[2] and box[1] <= down < box[3])


def _text(chars: list[Char]) -> str:
    """
    Return the text of a cell, its lines joined as they were before they were wrapped.

    A space is written between a date and a time only: anywhere else it would
    be an invention, in a long number as in a Chinese word.
    """
    joined = ""
    for line in _lines(chars):
        joined = _with_time(f"{joined}{line}")
    return joined


def _with_time(text: str) -> str:
    """
    Return a date and a time with a space between them.

    Examples
    --------
    >>> _with_time("2022-04-0110:00:00"), _with_time("100004990101")
    ('2022-04-01 10:00:00', '100004990101')
    """
    return _DATE_TIME.sub(r"\1 \3", text)


def _lines(chars: list[Char]) -> Iterator[str]:
    """Yield the lines of text that letters make, from the top."""
    for line in _grouped(chars, lambda char: char):
        yield from _line(line)


def _grouped(items: list[T], char: Callable[[T], Char]) -> Iterator[list[T]]:
    """Yield what stands in one line after the other, from the top."""
    line: list[T] = []
    for item in sorted(items, key=lambda one: _middle(char(one))):
        half = 0.5 * float(char(item)["height"])
        if line and _middle(char(item)) - _middle(char(line[0])) > half:
            yield line
            line = []
        line.append(item)
    if line:
        yield line


def _middle(char: Char) -> float:
    return float(char["top"] + char["bottom"]) / 2


def _line(chars: list[Char]) -> Iterator[str]:
    text, end = "", None
    for char in sorted(chars, key=lambda one: one["x0"]):
        letter = char["text"]
        if (
            end is not None
            and char["x0"] - end > 0.4 * char["size"]
            and not _one_number(text, letter)
        ):
            text += " "
        text, end = text + letter, char["x1"]
    line = re.sub(r"\s+", " ", text).strip()
    if line:
        yield line


def _one_number(text: str, letter: str) -> bool:
    return text[-1:].isdigit() and letter.isdigit()


def main() -> None:
    """Read passwords and a PDF from the standard input; write its tables, or why not, as JSON."""
    passwords = json.loads(sys.stdin.buffer.readline())
    content = sys.stdin.buffer.read()
    answer: dict[str, object]
    try:
        answer = {"tables": tables(content, passwords)}
    except SheetError as error:
        answer = {"refused": error.message, "zh": error.zh}
    except Exception as error:  # noqa: BLE001 - a damaged PDF fails in every way there is.
        said = BROKEN_PDF.about(error=" ".join(f"{type(error).__name__} {error}".split())[:200])
        answer = {"refused": said.en, "zh": said.zh}
    sys.stdout.write(json.dumps(answer))
