"""Mutations of bytes, lines and cells."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

CELLS: tuple[str | bytes, ...] = (
    # Numbers that are too long, too large, too exact, or not numbers although they look so.
    *("9" * 30, "9" * 400, "1e308", "1E5", "6.222E+18", "1e-5", "-0", "+", "--5", "0.001", "1_000"),
    *("9223372036854775807", "9223372036854775808", "92233720368547758.07", "92233720368547758.08"),
    *("9999999999999.99", "99999999999999.99", "0xFF", "inf", "-inf", "NaN", "∞", "½", "①②③"),
    *("٣٤٥", "৭৮৯", "１２３．４５", "1 234.56", "1\u00a0234.56", "1,23,4", "1.234,56", "1'234"),
    *(
        "6222020000000000018.0",
        '="6222020000000000018"',
        "'6222020000000000018",
        "62220200\u200b18",
    ),
    *(
        "6222020000000000018_1",
        "CNY6222020000000000018",
        "0",
        "00",
        "000000",
        "-1",
        ".5",
        "5.",
        ".",
    ),
    # Times that are no times, or nearly.
    *("0001-01-01", "9999-12-31 23:59:59", "2022-02-30", "2022-13-01 25:61:61", "20221332"),
    *("99999999999999", "2022-04-01 24:00:00", "2022-04-01 12:34:60", "1970-01-01", "2262-04-12"),
    *("1899-12-30", "44652.5", "99999.9", "1648787696000", "1999999999999", "24:00:00", "240000"),
    # Words with a meaning somewhere.
    *(
        "贷",
        "借",
        "/",
        "1",
        "2",
        "01",
        "null",
        "\\N",
        "-",
        "合计",
        "交易卡号",
        "True",
        "成功",
        "失败",
    ),
    # Text that is code for something.
    *(
        "=1+1",
        "=cmd|' /C calc'!A0",
        "@SUM(A1)",
        "<script>alert(1)</script>",
        "{0}",
        "{zh}",
        "{",
        "}",
    ),
    *(
        "%s",
        "\\1",
        "$1",
        "(?P<",
        "((((",
        "[",
        "\\",
        "\\d+",
        "*",
        "'; DROP TABLE entries; --",
        "NULL",
    ),
    # Characters that are not what they seem.
    *(
        "\u202e8100",
        "\u2066\u2069",
        "\u200f",
        "\u200b\u200d",
        "\ufeff",
        "\ue000",
        "\ufffe",
        "\x1b[31m",
    ),
    *("\x7f", "\x85", "\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "a" + "\u0300" * 500, "😀" * 40),
    *(
        "\U0010ffff",
        "ﷺ" * 20,
        "İ",
        "ß" * 10,
        "\u3000",
        "\u3000１",
        "\t",
        " ",
        '"',
        '""',
        '"""',
        "a\nb",
    ),
    *("x" * 100_000, "," * 200, "\t" * 200, "|" * 50, ";" * 50),
    # Bytes that are no text: half a surrogate pair, half a character, four bytes of GB18030.
    *(b"\xed\xa0\x80", b"\xff", b"\x80", b"\x81", b"\xe4\xb8", b"\x84\x31\x95\x33", b"\x00"),
)
_ODD = (
    b'"',
    b",",
    b"\t",
    b";",
    b"|",
    b"\x00",
    b"\n",
    b"\r",
    b"\r\n",
    b"\xef\xbb\xbf",
    b"\xff",
    b"'",
)
_ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "big5", "utf-32")


def flip(content: bytes, rng: Random) -> bytes:
    """Change some bytes."""
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 8, 64))):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def cut(content: bytes, rng: Random) -> bytes:
    """End anywhere."""
    return content[: rng.randrange(len(content) + 1)]


def drop(content: bytes, rng: Random) -> bytes:
    """Leave a range out."""
    start = rng.randrange(len(content) + 1)
    return content[:start] + content[start + rng.choice((1, 2, 16, 200)) :]


def double(content: bytes, rng: Random) -> bytes:
    """Say a range again, or many times."""
    start = rng.randrange(len(content) + 1)
    end = start + rng.choice((1, 16, 200, 2000))
    return content[:end] + content[start:end] * rng.choice((1, 1, 2, 30)) + content[end:]


def insert(content: bytes, rng: Random) -> bytes:
    """Put marks that mean something to a reader where they do not belong."""
    for _ in range(rng.choice((1, 1, 2, 10))):
        at = rng.randrange(len(content) + 1)
        content = content[:at] + rng.choice(_ODD) + content[at:]
    return content


def recode(content: bytes, rng: Random) -> bytes:
    """Write the text, or its second half, in another encoding."""
    text, _ = _text(content)
    at = rng.choice((0, 0, 0, len(text) // 2))
    first, rest = (rng.choice(_ENCODINGS) for _ in range(2))
    return text[:at].encode(first, "replace") + text[at:].encode(rest, "replace")


def _text(content: bytes) -> tuple[str, str]:
    for encoding in ("utf-8", "gb18030"):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            pass
    return content.decode("utf-8", "replace"), "utf-8"


def lines(content: bytes, rng: Random) -> bytes:
    """Move, drop, double, empty or join lines."""
    rows = content.split(b"\n")
    at, other = rng.randrange(len(rows)), rng.randrange(len(rows))
    what = rng.randrange(6)
    if what == 0:
        rows[at], rows[other] = rows[other], rows[at]
    elif what == 1:
        rows.insert(other, rows[at])
    elif what == 2:
        del rows[at]
    elif what == 3:
        rows[at] = b""
    elif what == 4:
        rows = rows[:at] + rows * rng.choice((2, 20)) + rows[at:]
    else:
        rows.reverse()
    return rng.choice((b"\n", b"\n", b"\n", b"\r\n", b"\r", b"\n\n")).join(rows)


def cells(content: bytes, rng: Random) -> bytes:
    """Put hostile cells in place of some, or add and drop some."""
    head = content[:4000]
    mark = max((b",", b"\t", b"|", b";"), key=head.count)
    rows = content.split(b"\n")
    _, encoding = _text(content)
    for _ in range(rng.choice((1, 1, 3, 20))):
        at = rng.randrange(len(rows))
        row = rows[at].split(mark)
        place = rng.randrange(len(row))
        said = rng.choice(CELLS)
        cell = said if isinstance(said, bytes) else said.encode(encoding, "replace")
        what = rng.randrange(8)
        if what == 0:
            del row[place]
        elif what == 1:
            row.insert(place, cell)
        elif what == 2:
            row[place] = row[place][:4] + cell + row[place][4:]
        elif what == 3:
            row[place] = b'"' + cell.replace(b'"', b'""') + b'"'
        else:
            row[place] = cell
        rows[at] = mark.join(row)
    return b"\n".join(rows)


def column(content: bytes, rng: Random) -> bytes:
    """Give a whole column one hostile cell, or add hundreds of columns to one row."""
    mark = max((b",", b"\t", b"|", b";"), key=content[:4000].count)
    rows = [row.split(mark) for row in content.split(b"\n")]
    widest = max(map(len, rows))
    place, said = rng.randrange(widest), rng.choice(CELLS)
    cell = said if isinstance(said, bytes) else said.encode(_text(content)[1], "replace")
    if rng.random() < 0.2:
        rows[rng.randrange(len(rows))] += [cell[:50]] * 500
    else:
        for row in rows[rng.randrange(len(rows)) :]:
            if place < len(row):
                row[place] = cell[:2000]
    return b"\n".join(mark.join(row) for row in rows)


ALL: tuple[Callable[[bytes, Random], bytes], ...] = (
    *(flip, cut, drop, double, insert, recode, lines),
    *(cells, cells, cells, cells, column),
)
BYTES = (flip, cut, drop, double)


def mutated(content: bytes, rng: Random) -> bytes:
    """Return the content after one to four mutations."""
    for _ in range(rng.choice((1, 1, 2, 2, 3, 4))):
        content = rng.choice(ALL)(content, rng)
    return content
