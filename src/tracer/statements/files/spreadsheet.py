"""Spreadsheet: the sheets of a workbook that Excel 2003 wrote as one XML file."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from xml.etree import ElementTree as ET

from tracer.statements.files import excess
from tracer.statements.files.encoding import decode
from tracer.statements.files.extent import LARGEST_SHEET
from tracer.statements.files.long import KEPT, ROUNDED, shown
from tracer.statements.files.regular import WIDEST
from tracer.statements.reasons import BROKEN_XML, HUGE_PAGE, Reason, refusal

_DECLARED = Reason("含有 DOCTYPE 声明", "it declares a DOCTYPE")
_SPACE = "{urn:schemas-microsoft-com:office:spreadsheet}"
_ODD = re.compile(r"(?i).*e.*|-?\d{16,}|-?[\d.]{17,}")


def is_spreadsheet(content: bytes) -> bool:
    """
    Return whether bytes are a workbook in the XML of Excel 2003.

    Examples
    --------
    >>> is_spreadsheet(b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">')
    True
    """
    head = content[:4096].replace(b"\x00", b"")
    return b"<" in head[:8] and _SPACE[1:-1].encode() in head


def tables(content: bytes) -> list[tuple[str, list[list[str]]]]:
    """
    Return the sheets of a workbook in the XML of Excel 2003.

    Parameters
    ----------
    content
        The whole file.

    Returns
    -------
    list of tuple
        The name of each sheet and its rows. Numbers are as Excel shows them:
        one of more than 15 digits before its point is in scientific notation,
        because its last digits are lost.

    Raises
    ------
    SheetError
        If the XML is damaged, declares entities or spans too much.
    """
    text, _ = decode(content)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise refusal(BROKEN_XML.about(error=_DECLARED))
    # What the file says of its encoding was true of its bytes and not of the text.
    stream = BytesIO(text.encode("utf-8"))
    found: list[tuple[str, list[list[str]]]] = []
    try:
        for name, row, at in _rows(stream):
            if not found or row is None:
                found.append((name, []))
            if row is not None:
                rows = found[-1][1]
                rows += [[] for _ in range(len(rows), at - 1)]
                rows.append(row)
    except ET.ParseError as error:
        raise refusal(BROKEN_XML.about(error=error)) from error
    return found


def _rows(stream: BytesIO) -> Iterator[tuple[str, list[str] | None, int]]:
    """Yield each sheet's name without a row, and then its rows with their numbers."""
    parser = ET.XMLParser(encoding="utf-8")  # noqa: S314 - entities are refused above.
    name, number, spent = "", 0, 0
    for event, element in ET.iterparse(stream, ("start", "end"), parser):  # noqa: S314
        if event == "start" and element.tag == f"{_SPACE}Worksheet":
            name, number = element.get(f"{_SPACE}Name", ""), 0
            yield name, None, 0
        elif event == "end" and element.tag == f"{_SPACE}Row":
            number = _index(element, number + 1)
            row = _cells(element)
            spent += len(row)
            if len(row) > WIDEST:
                raise refusal(HUGE_PAGE.about(what=excess.COLUMNS, limit=WIDEST))
            if max(spent, number) > LARGEST_SHEET:
                raise refusal(HUGE_PAGE.about(what=excess.CELLS, limit=LARGEST_SHEET))
            yield name, row, number
            element.clear()


def _cells(row: ET.Element) -> list[str]:
    cells: list[str] = []
    for cell in row.iterfind(f"{_SPACE}Cell"):
        at = _index(cell, len(cells) + 1)
        cells += [""] * (at - 1 - len(cells))
        cells.append(_text(cell.find(f"{_SPACE}Data")))
        cells += [""] * _number(cell.get(f"{_SPACE}MergeAcross"), 0)
    return cells


def _index(element: ET.Element, usual: int) -> int:
    return max(usual, _number(element.get(f"{_SPACE}Index"), usual))


def _number(told: str | None, usual: int) -> int:
    number = int(told) if told and told.isascii() and told.isdigit() and len(told) < 9 else usual
    if number > 1 << 20:
        raise refusal(HUGE_PAGE.about(what=excess.ROWS, limit=1 << 20))
    return number


def _text(data: ET.Element | None) -> str:
    if data is None:
        return ""
    text = "".join(data.itertext())
    kind = data.get(f"{_SPACE}Type", "String")
    if kind == "Number" and _ODD.fullmatch(text):
        return _shown(text)
    if kind == "DateTime":
        return text.replace("T", " ").removesuffix(".000")
    return text


def _shown(text: str) -> str:
    """
    Return a number of 15 digits, which are all that Excel keeps, without an exponent.

    Examples
    --------
    >>> _shown("1234.5599999999999"), _shown("1E5"), _shown("6228480402564890018")
    ('1234.56', '100000', '6.22848040256489E+18')
    """
    try:
        number = float(text)
    except ValueError:
        return text
    if not abs(number) < 10**KEPT:
        return shown(number) if math.isfinite(number) else text
    return format(Decimal(ROUNDED % number), "f")
