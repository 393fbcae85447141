"""PDF: ruled statements are read to the letter, and what cannot be read whole is refused."""

from __future__ import annotations

import time
import zlib
from pathlib import Path

import papers
import pytest
from reportlab.lib.pdfencrypt import StandardEncryption

from tracer.errors import SheetError
from tracer.statements.files import pages, pdf
from tracer.statements.load import read

HEADER = ("日期", "摘要", "金额", "余额")
ROW = ("2022-04-01", "转账", "1.00", "2.00")
WIDTHS = (80, 80, 80, 80)


def made(*streams: tuple[str, bytes], page: str = "") -> bytes:
    """Put together a PDF of one page, whose first stream it shows."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R{page}>>".encode(),
        *(
            f"<<{told}/Length {len(raw)}>>stream\n".encode() + raw + b"\nendstream"
            for told, raw in streams
        ),
    ]
    content, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(content))
        content += f"{number} 0 obj\n".encode() + one + b"\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    return (
        content
        + (
            f"xref\n0 {size}\n0000000000 65535 f \n{table}"
            f"trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{len(content)}\n%%EOF\n"
        ).encode()
    )


def refused(content: bytes, *passwords: str) -> str:
    with pytest.raises(SheetError) as caught:
        pdf.tables(content, passwords)
    assert caught.value.zh != caught.value.message
    return caught.value.message


@pytest.mark.parametrize("name", ["wechat", "icbc"])
def test_the_golden_papers_are_as_they_would_be_drawn(name: str) -> None:
    drawn = getattr(papers, name)()
    kept = (papers.GOLDEN / f"{name}proof" / "input.pdf").read_bytes()
    assert pages.tables(drawn, ()) == pages.tables(kept, ())


def locked(password: str) -> bytes:
    lock = StandardEncryption(password, ownerPassword="x", strength=128)
    table = [("Date", "Text", "Amount", "Balance"), ("2022-04-01", "a", "1.00", "2.00")]
    return papers.draw([((), table, ())], WIDTHS, font="Helvetica", encrypt=lock)


def test_a_locked_pdf_opens_with_its_password() -> None:
    content = locked("990101")
    assert "protected by a password" in refused(content)
    assert "none of the 2 given ones" in refused(content, "a", "b")
    ((_, rows),) = pdf.tables(content, ("a", "990101"))
    assert rows[1] == ["2022-04-01", "a", "1.00", "2.00"]


def test_a_pdf_that_only_its_owner_locked_needs_no_password() -> None:
    assert len(pdf.tables(locked(""))[0][1]) == 2


def test_letters_without_a_code_refuse_the_whole_file() -> None:
    # The names of the font are not encrypted here, so a reader does not know what it shows.
    lock = StandardEncryption("", ownerPassword="x", strength=128)
    assert "The font of page 1" in refused(papers.wechat(encrypt=lock))


def test_a_scanned_page_refuses_the_whole_file() -> None:
    picture = (
        "/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8"
    )
    scanned = made(
        ("", b"q 600 0 0 800 0 0 cm /I Do Q"), (picture, b"\x00"),
        page="/Resources<</XObject<</I 5 0 R>>>>",
    )  # fmt: skip
    assert "Page 1 of the PDF is a scanned picture" in refused(scanned)


def test_entries_outside_the_rules_refuse_the_whole_file() -> None:
    loose = ["2022-04-01 转账 1.00 2.00"]
    assert "Page 1" in refused(papers.draw([((), [HEADER, ROW], loose)], WIDTHS))
    runs_over = ["2022-04-01", "6222020000000000018" * 2, "1.00", "2.00"]
    whole = papers.wrapped
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(papers, "wrapped", lambda text, width: whole(text, 999))
        assert "across a rule" in refused(papers.draw([((), [HEADER, runs_over], ())], WIDTHS))
    assert "no ruled table" in refused(papers.draw([(["说明"], [], [])], WIDTHS))


def test_another_account_on_a_later_page_begins_another_sheet() -> None:
    drawn = [
        (["户名：甲 账号：62220200000001"], [HEADER, ROW], ["第1页"]),
        (["户名：甲 账号：62220200000001"], [ROW], ["第2页"]),
        (["户名：甲 账号：62220200000002"], [HEADER, ROW], []),
        (["户名：乙 账号：62220200000002"], [HEADER, ROW], []),
    ]
    found = [rows for _, rows in pdf.tables(papers.draw(drawn, WIDTHS))]
    assert [len(rows) for rows in found] == [4, 3, 3]
    assert found[0][1:] == [list(HEADER), list(ROW), list(ROW)]
    assert found[1][0] == ["户名：甲 账号：62220200000002"]


def test_every_page_of_a_long_statement_is_read() -> None:
    rows = [("2022-04-01", f"转账{at}", "1.00", "2.00") for at in range(40)]
    drawn = [(["某行流水"], [HEADER, *rows], [f"第{page}页"]) for page in range(1, 31)]
    ((_, found),) = pdf.tables(papers.draw(drawn, WIDTHS))
    assert len(found) == 1 + 30 * 41
    assert sum(row[0] == "2022-04-01" for row in found) == 30 * 40


def test_no_space_is_invented_and_none_is_lost() -> None:
    row = ("2022-04-01\n10:00:00", "JOHN\nSMITH", "6222 0200\n0000 0000", "零钱 通")
    ((_, rows),) = pdf.tables(papers.draw([((), [HEADER, row], ())], WIDTHS))
    assert rows[1] == ["2022-04-01 10:00:00", "JOHNSMITH", "6222 02000000 0000", "零钱 通"]


@pytest.mark.parametrize("content", [b"%PDF-1.7 cut", made(("", b""))[:200], b"%PDF-" + bytes(999)])
def test_a_damaged_pdf_is_told(content: bytes) -> None:
    assert "PDF" in refused(content)


def test_too_many_pages_and_too_large_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_PAGES", 1)
    with pytest.raises(SheetError) as caught:
        pages.tables(papers.wechat(), ())
    assert "pages above 1" in caught.value.message
    assert "页数超过 1" in caught.value.zh
    monkeypatch.setattr(pages, "MOST_PAGES", 2)
    monkeypatch.setattr(pages, "MOST_OBJECTS", 50)
    with pytest.raises(SheetError, match="objects of page 1 above 50"):
        pages.tables(papers.wechat(), ())
    monkeypatch.setattr(pdf, "LARGEST_FILE", 50)
    assert "the size of the file above" in refused(papers.wechat())


def test_a_pdf_that_asks_for_memory_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    packer = zlib.compressobj(9)
    bomb = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(900)) + packer.flush()
    monkeypatch.setattr(pdf, "MOST_BYTES", 300 * 1024**2)
    content = made(("/Filter[/FlateDecode/FlateDecode]", zlib.compress(bomb)))
    assert len(content) < 100_000
    assert "memory above 0.3 GB" in refused(content)


def test_a_pdf_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    # Each form draws the next one ten times, so the last one would be drawn a billion times.
    form = "/Type/XObject/Subtype/Form/BBox[0 0 1 1]/Resources<</XObject<</F {} 0 R>>>>"
    streams = [(form.format(number + 1), b"/F Do " * 10) for number in range(5, 14)]
    content = made(
        ("", b"/F Do"), *streams, ("/Type/XObject/Subtype/Form/BBox[0 0 1 1]", b""),
        page="/Resources<</XObject<</F 5 0 R>>>>",
    )  # fmt: skip
    monkeypatch.setattr(pdf, "LONGEST_SECONDS", 4)
    started = time.monotonic()
    assert "reading time above 4 seconds" in refused(content)
    assert time.monotonic() - started < 10


def test_no_password_is_seen_in_what_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(locked("geheim-990101"))
    reading = read(tmp_path / "a.pdf", source="a.pdf", passwords=["falsch-990101"])
    told = reading.files.to_csv() + reading.faults.to_csv()
    assert "password" in told
    assert "990101" not in told
