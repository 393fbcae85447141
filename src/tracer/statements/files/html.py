"""HTML: the tables of a page, or of a web archive, that goes by the name of a workbook."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from lxml import etree

from tracer.statements.files import excess
from tracer.statements.files.encoding import decode
from tracer.statements.files.header import is_statement
from tracer.statements.files.regular import WIDEST
from tracer.statements.reasons import HUGE_PAGE, NO_HTML_TABLE, refusal

# Spans may add so many empty cells to a page; a real page has a few per row of its head.
MOST_SPANNED = 2_000_000
_DEEPEST = 50
# What HTML itself bounds a span to.
_LONGEST_SPAN = 1000
_MARKS = ("<html", "<!doctype html", "<table", "<head", "<meta", "<body", "<div", "<style", "<form")
_SKIPPED = {"script", "style", "head", "template", "noscript"}
_BREAKS = {"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "caption"}

Rows = list[list[str]]


def is_page(content: bytes) -> bool:
    """
    Return whether bytes are an HTML page or a web archive of pages.

    Examples
    --------
    >>> is_page(b" <TABLE><tr><td>1"), is_page(b"a,b")
    (True, False)
    """
    if _is_archive(content):
        return True
    head = _head(content)
    return re.sub(r"^(?:<\?xml[^>]*\?>|<!--.*?-->|\s)+", "", head, flags=re.DOTALL).startswith(
        _MARKS
    )


def _head(content: bytes) -> str:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    return content[:4096].decode("utf-16" if wide else "latin-1", "ignore").lstrip("ï»¿").lower()


def _is_archive(content: bytes) -> bool:
    head = content[:4096].lower()
    return b"mime-version:" in head[:1024] and b"content-type:" in head and b"html" in head


def tables(content: bytes) -> list[tuple[str, Rows]]:
    """
    Return the statement tables of a page, each with what is written above it.

    A table whose first row names four columns or more begins a new sheet. What
    is smaller, and the text around, says whose statement it is: it stands as
    rows above the table that follows, or below the last one. A merged cell
    has its text in its first place, as in a workbook.

    Parameters
    ----------
    content
        An HTML page or a web archive (MHTML).

    Returns
    -------
    list of tuple
        The name of the page in its archive, or "", and the rows.

    Raises
    ------
    SheetError
        If there is no table, or the page is too large to be one of a statement.

    Examples
    --------
    >>> tables("<table><tr><td>户名<td colspan=2>张三<td>6222020000000000018".encode())
    [('', [['户名', '张三', '', '6222020000000000018']])]
    """
    found = [
        (name, rows)
        for name, page in _pages(content)
        for rows in _sheets(_Page.blocks_of(decode(page)[0]))
    ]
    if not found:
        raise refusal(NO_HTML_TABLE)
    return found


def _pages(content: bytes) -> Iterator[tuple[str, bytes]]:
    if not _is_archive(content):
        yield "", content
        return
    message = email.message_from_bytes(content, policy=email.policy.compat32)
    for part in message.walk():
        page = part.get_payload(decode=True) if part.get_content_type() == "text/html" else None
        if isinstance(page, bytes):
            yield PurePosixPath(str(part.get("Content-Location", ""))).stem, page


def _sheets(blocks: list[Rows]) -> list[Rows]:
    sheets: list[Rows] = []
    above: Rows = []
    for rows in blocks:
        if is_statement(rows):
            sheets.append([*above, *rows])
            above = []
        else:
            above += [row for row in rows if any(row)]
    if sheets:
        sheets[-1] += above
    elif any(len(row) > 1 for row in above):
        sheets.append(above)
    return sheets


@dataclass
class _Table:
    rows: Rows = field(default_factory=list)
    row: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    waiting: dict[int, int] = field(default_factory=dict)
    """Columns that a cell above still covers, and for how many rows."""
    span: tuple[int, int] = (1, 1)
    is_open: bool = False


class _Page:
    """What the parser tells of a page; nothing of it is kept but rows."""

    def __init__(self) -> None:
        self.blocks: list[Rows] = []
        self.open: list[_Table] = []
        self.text: list[str] = []
        self.skipping = 0
        self.spanned = 0

    @classmethod
    def blocks_of(cls, text: str) -> list[Rows]:
        page = cls()
        # The page is told its encoding, loads nothing, and its tree is never built.
        parser = etree.HTMLParser(target=page, encoding="utf-8", no_network=True, huge_tree=True)
        for start in range(0, len(text), 1 << 20):
            parser.feed(text[start : start + (1 << 20)].encode("utf-8", "replace"))
        try:
            parser.close()
        except etree.XMLSyntaxError:
            # A page without any element has no end either.
            return []
        page.end_text()
        return [rows for rows in page.blocks if any(any(row) for row in rows)]

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in _SKIPPED:
            self.skipping += 1
        elif tag == "table":
            self.end_text()
            if len(self.open) == _DEEPEST:
                raise refusal(HUGE_PAGE.about(what=excess.NESTED, limit=_DEEPEST))
            self.open.append(_Table())
        elif self.open and tag == "tr":
            self.end_row()
        elif self.open and tag in {"td", "th"}:
            self.end_cell()
            table = self.open[-1]
            table.span = _span(attributes, "colspan"), _span(attributes, "rowspan")
            table.is_open = True
        elif tag in _BREAKS:
            self.keep("\n")

    def end(self, tag: str) -> None:
        if tag in _SKIPPED:
            self.skipping = max(0, self.skipping - 1)
        elif self.open and tag == "table":
            self.end_table()
        elif self.open and tag == "tr":
            self.end_row()
        elif self.open and tag in {"td", "th"}:
            self.end_cell()
        elif tag in _BREAKS:
            self.keep("\n")

    def data(self, text: str) -> None:
        # A line break of the source is a space of the page.
        self.keep(text.replace("\n", " "))

    def keep(self, text: str) -> None:
        if not self.skipping:
            (self.open[-1].text if self.open else self.text).append(text)

    def close(self) -> None:
        while self.open:
            self.end_table()

    def end_text(self) -> None:
        """Make the text between tables rows of one cell."""
        if not self.open and self.text:
            self.blocks.append([[line] for line in _clean(self.text).split("\n") if line])
            self.text = []

    def end_cell(self) -> None:
        table = self.open[-1]
        if not table.is_open:
            # Text between cells is shown above the table, which says nothing of its rows.
            return
        self._covered(table)
        across, down = table.span
        at = len(table.row)
        table.row += [_clean(table.text), *[""] * (across - 1)]
        if down > 1:
            table.waiting |= dict.fromkeys(range(at, at + across), down)
        self._spend(across - 1 + (across if down > 1 else 0), len(table.row))
        table.text, table.is_open = [], False

    def _covered(self, table: _Table) -> None:
        """Leave out the places that a cell of a row above covers."""
        while table.waiting.get(len(table.row), 0):
            table.row.append("")
            self._spend(1, len(table.row))

    def _spend(self, spanned: int, width: int) -> None:
        self.spanned += spanned
        if width > WIDEST:
            raise refusal(HUGE_PAGE.about(what=excess.COLUMNS, limit=WIDEST))
        if self.spanned > MOST_SPANNED:
            raise refusal(HUGE_PAGE.about(what=excess.MERGED, limit=MOST_SPANNED))

    def end_row(self) -> None:
        self.end_cell()
        table = self.open[-1]
        if table.row:
            self._covered(table)
            table.rows.append(table.row)
            table.row = []
            table.waiting = {at: left - 1 for at, left in table.waiting.items() if left > 1}

    def end_table(self) -> None:
        self.end_row()
        table = self.open.pop()
        outer = self.open[-1] if self.open else None
        if outer is None:
            self.blocks.append(table.rows)
        elif all(len(row) < 2 for row in table.rows):
            # A table of one column inside a cell is only there for its looks.
            outer.text += ["\n", *(f"{row[0]}\n" for row in table.rows)]
        else:
            self.flush()
            self.blocks.append(table.rows)

    def flush(self) -> None:
        """Put what the outer tables say so far in front of the table that they hold."""
        for outer in self.open:
            before = [*outer.rows, [*outer.row, _clean(outer.text)]]
            self.blocks.append([row for row in before if any(row)])
            outer.rows, outer.row, outer.text = [], [], []


def _span(attributes: dict[str, str], name: str) -> int:
    told = attributes.get(name, "1").strip()
    number = int(told) if told.isascii() and told.isdigit() and len(told) < 8 else 1
    return min(max(number, 1), _LONGEST_SPAN)


def _clean(parts: list[str]) -> str:
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)
