"""Workbooks and archives made part by part, so that any part of them can be made wrong."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from html import escape

Parts = dict[str, bytes]
Grid = Sequence[Sequence[str]]

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET, STRINGS, BOOK = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"


def letters(at: int) -> str:
    """
    Return a column's letters.

    >>> letters(0), letters(26), letters(16383)
    ('A', 'AA', 'XFD')
    """
    text, at = "", at + 1
    while at:
        at, one = divmod(at - 1, 26)
        text = chr(65 + one) + text
    return text


def xlsx(rows: Grid, *, inline: bool = False) -> Parts:
    """Return the parts of a workbook with one sheet of text."""
    words = list(dict.fromkeys(cell for row in rows for cell in row if cell))
    places = {word: at for at, word in enumerate(words)}
    lines = []
    for number, row in enumerate(rows, 1):
        cells = []
        for at, cell in enumerate(row):
            where = f"{letters(at)}{number}"
            if cell and inline:
                said = escape(cell)
                cells.append(f'<c r="{where}" t="inlineStr"><is><t>{said}</t></is></c>')
            elif cell:
                cells.append(f'<c r="{where}" t="s"><v>{places[cell]}</v></c>')
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    last = f"{letters(max(map(len, rows)) - 1)}{len(rows)}"
    said = "".join(f'<si><t xml:space="preserve">{escape(word)}</t></si>' for word in words)
    texts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE}/officeDocument" Target="{BOOK}"/></Relationships>',
        BOOK: f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        f'<Relationship Id="rId3" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        STRINGS: f'<sst xmlns="{MAIN}" uniqueCount="{len(words)}">{said}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" '
        'formatCode="yyyy\\-mm\\-dd"/></numFmts><cellXfs count="3"><xf numFmtId="0"/>'
        '<xf numFmtId="164"/><xf numFmtId="46"/></cellXfs></styleSheet>',
        SHEET: f'<worksheet xmlns="{MAIN}"><dimension ref="A1:{last}"/><sheetData>'
        f"{''.join(lines)}</sheetData></worksheet>",
    }
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return {name: (head + text).encode("utf-8", "replace") for name, text in texts.items()}


def ods(rows: Grid) -> Parts:
    """Return the parts of an OpenDocument sheet of text."""
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    body = "".join(
        f"<table:table-row>{''.join(cell.format(escape(one)) for one in row)}</table:table-row>"
        for row in rows
    )
    urn = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        f'xmlns:office="{urn}:office:1.0" xmlns:table="{urn}:table:1.0" '
        f'xmlns:text="{urn}:text:1.0">'
        f'<office:body><office:spreadsheet><table:table table:name="Sheet1">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    manifest = f'<manifest:manifest xmlns:manifest="{urn}:manifest:1.0"/>'
    return {
        "mimetype": kind,
        "META-INF/manifest.xml": manifest.encode(),
        "content.xml": content.encode("utf-8", "replace"),
    }


def xlsb(cells: Mapping[tuple[int, int], str], last: tuple[int, int] | None = None) -> Parts:
    """Return the parts of a binary workbook; `last` is what it says its last cell is."""
    bottom = last or (max(row for row, _ in cells), max(column for _, column in cells))
    sheet = [_record(0x81), _record(0x94, struct.pack("<4I", 0, bottom[0], 0, bottom[1]))]
    sheet.append(_record(0x91))
    for row in sorted({row for row, _ in cells}):
        sheet.append(_record(0x00, struct.pack("<I", row) + bytes(13)))
        for (at, column), text in sorted(cells.items()):
            if at == row:
                sheet.append(_record(0x06, struct.pack("<II", column, 0) + _wide(text)))
    sheet += [_record(0x92), _record(0x82)]
    book = [_record(0x83), _record(0x8F)]
    book.append(_record(0x9C, struct.pack("<II", 0, 1) + _wide("rId1") + _wide("Sheet1")))
    book += [_record(0x90), _record(0x84)]
    relations = (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.bin"/></Relationships>'
    )
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>'.encode(),
        "xl/workbook.bin": b"".join(book),
        "xl/_rels/workbook.bin.rels": relations.encode(),
        "xl/worksheets/sheet1.bin": b"".join(sheet),
    }


def _record(kind: int, content: bytes = b"") -> bytes:
    name = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = len(content), b""
    while True:
        size, low = size >> 7, size & 0x7F
        length += bytes([low | (0x80 if size else 0)])
        if not size:
            return name + length + content


def _wide(text: str) -> bytes:
    coded = text.encode("utf-16-le")
    return struct.pack("<I", len(coded) // 2) + coded


def zipped(parts: Mapping[str, bytes], *, stored: bool = False) -> bytes:
    """Return a zip of the parts."""
    target = io.BytesIO()
    kind = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(target, "w", kind) as package:
        for name, content in parts.items():
            package.writestr(zipfile.ZipInfo(name), content, kind)
    return target.getvalue()


def tarred(parts: Mapping[str, bytes], links: Mapping[str, str] | None = None) -> bytes:
    """Return a gzipped tar of the parts, and of links to anywhere."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz", encoding="gbk", errors="replace") as package:
        for name, content in parts.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            package.addfile(info, io.BytesIO(content))
        for name, aim in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, aim
            package.addfile(info)
    return target.getvalue()


def bomb(name: str, size: int) -> bytes:
    """Return a zip with one part of that many zeros."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package,
        package.open(name, "w") as part,
    ):
        block = bytes(1 << 20)
        for _ in range(size >> 20):
            part.write(block)
    return target.getvalue()
