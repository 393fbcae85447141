"""Mutations of what is a zip inside: workbooks part by part, and archives member by member."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random

from soak import makes, texts
from soak.makes import BOOK, SHEET, STRINGS, Parts

BOMB = (
    b'<!DOCTYPE z [<!ENTITY a "aaaaaaaaaaaaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + at, b"&%c;" % (97 + at) * 20) for at in range(8))
    + b"]>"
)
# A place that a hostile name may ask for on this very system.
OUTSIDE_FILE = Path(tempfile.gettempdir()) / "tracer-soak-evil.csv"
OUTSIDE = b'<!DOCTYPE z [<!ENTITY i SYSTEM "file:///etc/hostname">]>'
REFERENCES = (
    *(b"XFD1048576", b"XFD1", b"A1048576", b"A1048577", b"ZZZZ99", b"A0", b"1A", b"", b"A", b"1"),
    *(b"A99999999999999999999", b"A-1", b"a1", b"AAAAAAAAAA1", b"\xe4\xb8\x80\xe4\xb8\x80"),
)
_VALUES = (
    *(
        b"999999",
        b"-1",
        b"x",
        b"",
        b"1e3",
        b"1e308",
        b"1e400",
        b"nan",
        b"inf",
        b"2958466",
        b"-700000",
    ),
    *(b"0.1", b"6222020000000000018", b"6222020000000000018.5", b"4294967296", b"1.5", b"44652.5"),
    *(
        b"&a;",
        b"&#0;",
        b"&#x1F;",
        b"&#xD800;",
        b"&unknown;",
        b"<![CDATA[1]]>",
        b"_x0000_",
        b"_xD800_",
    ),
)
_KINDS = (b"s", b"b", b"e", b"d", b"n", b"str", b"inlineStr", b"zzz", b"")
_SHEET_NAMES = (
    *(b"", b"{0}", b"x" * 5000, b"=1", b"&lt;b&gt;", b"\xe2\x80\xae", b"Sheet1", b"a/b", b"&#0;"),
)
_TARGETS = (
    *(b"worksheets/sheet9.xml", b"/xl/worksheets/sheet1.xml", b"../../../../etc/passwd", b""),
    *(b"C:\\x.xml", b"file:///etc/passwd", b"worksheets/sheet1.xml#a", b"WORKSHEETS/SHEET1.XML"),
)


def _one(content: bytes, pattern: bytes, new: bytes, rng: Random) -> bytes:
    """Put something in place of one match of a pattern, anywhere."""
    found = list(re.finditer(pattern, content))
    if not found:
        return content
    start, end = rng.choice(found).span()
    return content[:start] + new + content[end:]


def dimension(parts: Parts, rng: Random) -> None:
    """Lie about how far the sheet reaches."""
    said = b'<dimension ref="%s"/>' % rng.choice((*REFERENCES, b"A1:XFD1048576", b"B2:A1", b"A1:"))
    parts[SHEET] = _one(parts[SHEET], rb"<dimension[^>]*/>", said, rng)


def reference(parts: Parts, rng: Random) -> None:
    """Move a cell or a row far away, to nowhere, or take its place away."""
    if rng.random() < 0.5:
        new = b'<c r="%s"' % rng.choice(REFERENCES) if rng.random() < 0.8 else b"<c"
        parts[SHEET] = _one(parts[SHEET], rb'<c r="[^"]*"', new, rng)
    else:
        number = rng.choice((b"0", b"-1", b"1", b"1048576", b"1048577", b"4294967296", b"x", b""))
        new = b'<row r="%s"' % number if rng.random() < 0.8 else b"<row"
        parts[SHEET] = _one(parts[SHEET], rb'<row r="[^"]*"', new, rng)


def value(parts: Parts, rng: Random) -> None:
    """Give a cell another value, such as the place of a text that is not there."""
    for _ in range(rng.choice((1, 3, 10))):
        parts[SHEET] = _one(parts[SHEET], rb"<v>[^<]*", b"<v>" + rng.choice(_VALUES), rng)


def kind(parts: Parts, rng: Random) -> None:
    """Give a cell another type or style than its value has."""
    for _ in range(rng.choice((1, 3, 10))):
        new = b't="%s"' % rng.choice(_KINDS)
        if rng.random() < 0.3:
            new = b's="%s"' % rng.choice((b"1", b"2", b"99999", b"-1", b"x"))
        parts[SHEET] = _one(parts[SHEET], rb't="[^"]*"', new, rng)


def entities(parts: Parts, rng: Random) -> None:
    """Let a part unfold, or bring in a file."""
    name = rng.choice([name for name in parts if name.endswith((".xml", ".rels"))])
    kind_ = rng.choice((BOMB, OUTSIDE))
    content = re.sub(
        rb"(\?>\s*|^)(<\w)", lambda found: found[1] + kind_ + found[2], parts[name], count=1
    )
    parts[name] = _one(content, rb"(?<=<t>)|(?<=preserve\">)|(?<=<v>)|(?<=name=\")", b"&i;", rng)


def missing(parts: Parts, rng: Random) -> None:
    """Leave a part out, or give it another's content."""
    name = rng.choice(list(parts))
    if rng.random() < 0.5:
        del parts[name]
    else:
        parts[name] = rng.choice((b"", b"\x00" * 100, parts[rng.choice(list(parts))], b"<a/>"))


def wide(parts: Parts, rng: Random) -> None:
    """Add a row of very many cells, with and without places."""
    count = rng.choice((300, 16_385, 100_000))
    cells = b"<c><v>1</v></c>" * count
    if rng.random() < 0.3:
        cells = b"".join(b'<c r="%s9"/>' % makes.letters(at).encode() for at in range(count))
    parts[SHEET] = parts[SHEET].replace(b"</sheetData>", b"<row>%s</row></sheetData>" % cells)


def merged(parts: Parts, rng: Random) -> None:
    """Join cells that cannot be joined."""
    some = (*REFERENCES, b"A1:XFD1048576", b"A1:B2", b"B1:C3", b"C3:A1", b":", b"A:A")
    areas = [rng.choice(some) for _ in range(rng.choice((1, 2, 500)))]
    joined = b"".join(b'<mergeCell ref="%s"/>' % area for area in areas)
    parts[SHEET] = parts[SHEET].replace(
        b"</sheetData>", b"</sheetData><mergeCells>%s</mergeCells>" % joined
    )


def rows(parts: Parts, rng: Random) -> None:
    """Say rows twice, in another order, within each other, or without end."""
    found = re.findall(rb"<row.*?</row>", parts[SHEET], re.DOTALL)
    if not found:
        return
    what = rng.randrange(4)
    if what == 0:
        found.append(rng.choice(found))
    elif what == 1:
        rng.shuffle(found)
    elif what == 2:
        found.insert(rng.randrange(len(found)), b'<row r="2"><row r="3">')
    else:
        found = found * 50
    parts[SHEET] = re.sub(
        rb"<row.*</row>", lambda _: b"".join(found), parts[SHEET], flags=re.DOTALL
    )


def words(parts: Parts, rng: Random) -> None:
    """Give texts hostile content, or runs, or nothing."""
    place = STRINGS if STRINGS in parts and rng.random() < 0.7 else SHEET
    said = rng.choice(texts.CELLS)
    cell = said if isinstance(said, bytes) else said.encode("utf-8", "replace")
    if rng.random() < 0.6:
        cell = cell.replace(b"&", b"&amp;").replace(b"<", b"&lt;")
    new = rng.choice(
        (b">%s</t>", b"><![CDATA[%s]]></t>", b">%s</t><rPh><t>1</t></rPh>", b"/><t>%s</t>")
    )
    for _ in range(rng.choice((1, 1, 5))):
        parts[place] = _one(parts.get(place, b""), rb">[^<>]*</t>", new.replace(b"%s", cell), rng)


def names(parts: Parts, rng: Random) -> None:
    """Name sheets badly, alike, or far too often."""
    sheet = b'<sheet name="%s" sheetId="1" r:id="rId%d"/>'
    some = [sheet % (rng.choice(_SHEET_NAMES), rng.choice((1, 1, 1, 2, 3, 9)))
            for _ in range(rng.choice((1, 2, 3, 60)))]  # fmt: skip
    parts[BOOK] = _one(parts[BOOK], rb"<sheet [^>]*/>", b"".join(some), rng)


def targets(parts: Parts, rng: Random) -> None:
    """Point from the workbook to somewhere else."""
    name = "xl/_rels/workbook.xml.rels"
    new = b'Target="%s"' % rng.choice(_TARGETS)
    parts[name] = _one(parts[name], rb'Target="[^"]*"', new, rng)


def deep(parts: Parts, rng: Random) -> None:
    """Nest elements without end."""
    name = rng.choice([SHEET, STRINGS, BOOK, "xl/styles.xml"])
    if name in parts:
        parts[name] = parts[name].replace(b"</", b"<x>" * rng.choice((300, 100_000)) + b"</", 1)


def spoil(parts: Parts, rng: Random) -> None:
    """Damage the bytes of one part."""
    name = rng.choice(list(parts))
    parts[name] = rng.choice(texts.BYTES)(parts[name], rng)


def spread(parts: Parts, rng: Random) -> None:
    """Repeat cells or rows of an OpenDocument sheet very often."""
    times = rng.choice((b"0", b"-1", b"2", b"300", b"16384", b"1048576", b"4294967296", b"x"))
    what, where = rng.choice(((b"columns", b"<table:table-cell"), (b"rows", b"<table:table-row")))
    said = where + b' table:number-%s-repeated="%s"' % (what, times)
    parts["content.xml"] = _one(parts["content.xml"], where + rb"\b", said, rng)


def turned(parts: Parts, rng: Random) -> None:
    """Give a cell of an OpenDocument sheet another type and value."""
    kind_ = rng.choice((b"float", b"date", b"time", b"boolean", b"percentage", b"currency", b"zzz"))
    said = b'office:value-type="%s" office:%s="%s"' % (
        kind_,
        rng.choice((b"value", b"date-value", b"time-value", b"boolean-value")),
        rng.choice(
            (b"1", b"x", b"", b"6222020000000000018", b"1e400", b"2022-02-30", b"PT99999H", b"-1")
        ),
    )
    parts["content.xml"] = _one(parts["content.xml"], rb'office:value-type="string"', said, rng)


XLSX: tuple[Callable[[Parts, Random], None], ...] = (
    *(dimension, reference, reference, value, value, kind, kind, entities, missing, wide, merged),
    *(rows, words, words, names, targets, deep, spoil, spoil),
)
ODS: tuple[Callable[[Parts, Random], None], ...] = (
    spread,
    spread,
    turned,
    turned,
    entities,
    spoil,
    missing,
)
XLSB: tuple[Callable[[Parts, Random], None], ...] = (spoil, spoil, missing)


def workbook(parts: Parts, rng: Random, ways: tuple[Callable[[Parts, Random], None], ...]) -> bytes:
    """Return a workbook after one to three mutations of its parts, and seldom of its bytes."""
    parts = dict(parts)
    for _ in range(rng.choice((1, 1, 2, 3))):
        way = rng.choice(ways)
        if len(parts) > 1:
            try:
                way(parts, rng)
            except KeyError:
                continue  # The part was taken away before.
    content = makes.zipped(parts, stored=rng.random() < 0.1)
    return rng.choice(texts.BYTES)(content, rng) if rng.random() < 0.1 else content


_MEMBERS = (
    *(
        "../../evil.csv",
        OUTSIDE_FILE.as_posix(),
        str(OUTSIDE_FILE),
        "C:\\evil.csv",
        "..\\..\\evil.csv",
        "a/../../evil.csv",
    ),
    *(
        "x" * 300 + ".csv",
        "a\x00b.csv",
        "",
        ".",
        "..",
        "CON.csv",
        "a/b/c/d/e/f.csv",
        "流水/明细.csv",
    ),
    *(".hidden.csv", "~$a.xlsx", "__MACOSX/._a.csv", "a.csv/", "\u202evsc.a", "a:b.csv", "a.csv "),
)


def archive(members: Parts, rng: Random) -> bytes:
    """Return an archive with hostile names, nesting, damage, lies about sizes, or far too much."""
    parts = dict(rng.sample(sorted(members.items()), rng.choice((1, 2, 3))))
    for _ in range(rng.choice((0, 1, 2))):
        content = rng.choice(list(parts.values()))
        parts[rng.choice(_MEMBERS)] = texts.mutated(content, rng) if rng.random() < 0.3 else content
    if rng.random() < 0.04:
        parts |= {f"{number}.csv": b"a,b\n" for number in range(3000)}
    if rng.random() < 0.04:
        parts["b.zip"] = makes.bomb("b.csv", 300 << 20)
    for _ in range(rng.choice((0, 0, 0, 1, 2, 12))):
        parts = {"in.zip": makes.zipped(parts), **({} if rng.random() < 0.5 else parts)}
    if rng.random() < 0.3:
        links = {"l.csv": "/etc/hostname", "up": "../.."} if rng.random() < 0.3 else None
        content = makes.tarred(parts, links)
    else:
        content = makes.zipped(parts)
        # What the directory at the end says of a member's size or flags need not be true.
        at = content.rfind(b"PK\x01\x02")
        if rng.random() < 0.2:
            place = at + rng.choice((8, 10, 20, 24, 42))
            content = content[:place] + rng.randbytes(2) + content[place + 2 :]
    return rng.choice(texts.BYTES)(content, rng) if rng.random() < 0.3 else content
