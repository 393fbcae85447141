"""Workbooks of text that come out byte for byte the same whenever they are written."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence

from openpyxl import Workbook

# A zip cannot say an earlier moment than 1980; any fixed one will do.
_MOMENT = (2024, 6, 20, 12, 0, 0)
_STAMP = b"2024-06-20T12:00:00Z"


def workbook_bytes(title: str, rows: Iterable[Sequence[str]]) -> bytes:
    """
    Return a workbook of one sheet in which every cell is text.

    Parameters
    ----------
    title
        The sheet's name.
    rows
        The cells, header first; an empty text leaves its cell empty.
    """
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(title)
    for row in rows:
        sheet.append([cell or None for cell in row])
    raw = io.BytesIO()
    workbook.save(raw)
    return _settled(raw)


def _settled(raw: io.BytesIO) -> bytes:
    # Entries are stored, where `tracer.views.workbook` deflates them: compressed bytes differ
    # from one zlib to the next, and the shipped case must be the same on every machine.
    settled = io.BytesIO()
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(settled, "w", zipfile.ZIP_STORED) as new:
        for name in sorted(old.namelist()):
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.create_system = 0
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:.]+Z", _STAMP, content)
            new.writestr(entry, content)
    return settled.getvalue()
