"""HTML: pages that go by the name of a workbook give what Excel would show of them."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tracer.errors import SheetError
from tracer.statements.files import html
from tracer.statements.load import Reading, read

HEADER = "交易卡号,交易账号,交易时间,交易金额,交易余额,收付标志,交易对手账卡号,对手户名,备注"
LINE = "6222020000000000018,,2022-04-01 10:00:00,1.00,,出,6217000000000000026,李四,"


def row(line: str, tag: str = "td") -> str:
    return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in line.split(",")) + "</tr>"


PAGE = (
    "<html><head><title>流水</title><style>td{mso-number-format:'\\@'}</style></head><body>"
    f"<p>某行流水</p><table>{row(HEADER, 'th')}{row(LINE)}{row(LINE)}</table></body></html>"
)


def rows(page: str) -> list[list[str]]:
    ((_, found),) = html.tables(page.encode())
    return found


def loaded(folder: Path, content: bytes) -> Reading:
    (folder / "a.xls").write_bytes(content)
    reading = read(folder / "a.xls", source="a.xls")
    files = reading.files
    assert (files["rows"] == files["entries"] + files["faults"] + files["skipped"]).all()
    return reading


@contextmanager
def bounded(megabytes: float, seconds: float = 20) -> Iterator[None]:
    started = time.monotonic()
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < megabytes * 1e6
    finally:
        tracemalloc.stop()
    assert time.monotonic() - started < seconds


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_a_page_under_the_name_of_a_workbook_is_read(tmp_path: Path, encoding: str) -> None:
    reading = loaded(tmp_path, PAGE.encode(encoding))
    assert reading.entries["account"].tolist() == ["6222020000000000018"] * 2
    assert reading.entries["other_holder"].tolist() == ["李四"] * 2
    assert reading.entries["row"].tolist() == [3, 4]


@pytest.mark.parametrize(
    "start", ["<?xml version='1.0'?><html>", "<!-- x --><!DOCTYPE html>", "\n\t<TABLE>", "<meta a>"]
)
def test_pages_are_known_by_their_beginning(start: str) -> None:
    assert html.is_page(start.encode())
    assert html.is_page(("\ufeff" + start).encode())


@pytest.mark.parametrize("text", ["", "a,b\n<html>", "<a>,b", "<8000000,1\n"])
def test_other_texts_are_no_pages(text: str) -> None:
    assert not html.is_page(text.encode())


def test_merged_cells_leave_their_other_places_empty() -> None:
    page = (
        "<table><tr><td rowspan=2>a<td colspan=2>b<td rowspan='3'>c<td>d"
        "<tr><td>e<td>f<td>g<tr><td>h<td>i<td>j<td>k</table>"
    )
    assert rows(page) == [
        ["a", "b", "", "c", "d"],
        ["", "e", "f", "", "g"],
        ["h", "i", "j", "", "k"],
    ]


def test_text_is_shown_as_a_page_shows_it() -> None:
    page = (
        "<table><tr><td> 6222\n 0200 <td>a<br>b<td>&lt;甲&gt;&amp;&nbsp;乙<td><b>粗</b>体</table>"
    )
    assert rows(page) == [["6222 0200", "a\nb", "<甲>& 乙", "粗体"]]


def test_scripts_and_styles_are_no_text() -> None:
    page = (
        "<script>var a='<table>'</script><table><tr><td>a<script>b</script><td>c<td>d<td>e</table>"
    )
    assert rows(page) == [["a", "c", "d", "e"]]


def test_small_tables_and_text_stand_above_the_statement() -> None:
    page = (
        "<h1>流水</h1><table><tr><td>户名：<td>甲<td>账号：<td>1</table>"
        "<table><tr><td>a<td>b<td>c<td>d<tr><td>1<td>2<td>3<td>4</table><p>共 1 笔</p>"
    )
    assert rows(page) == [
        ["流水"], ["户名：", "甲", "账号：", "1"], [*"abcd"], [*"1234"], ["共 1 笔"],
    ]  # fmt: skip


def test_two_statements_on_a_page_are_two_sheets() -> None:
    one = "<p>账号：{}<table><tr><td>a<td>b<td>c<td>d<tr><td>1<td>2<td>3<td>4</table>"
    found = [found for _, found in html.tables((one.format(1) + one.format(2)).encode())]
    assert [sheet[0] for sheet in found] == [["账号：1"], ["账号：2"]]


def test_tables_for_looks_do_not_tear_the_statement() -> None:
    inner = "<table><tr><td>a<td>b<td>c<td><table><tr><td>d</table><tr><td>1<td>2<td>3<td>4</table>"
    page = f"<table><tr><td>户名：甲<tr><td>{inner}<tr><td>合计</table>"
    assert rows(page) == [["户名：甲"], [*"abcd"], [*"1234"], ["合计"]]


def test_a_web_archive_gives_its_pages() -> None:
    head = "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=X\n\n"
    part = (
        "--X\nContent-Location: file:///C:/a/sheet001.htm\nContent-Transfer-Encoding: {}\n"
        "Content-Type: text/html; charset=gb2312\n\n{}\n"
    )
    plain = part.format("8bit", PAGE).encode("gbk")
    ((name, found),) = html.tables(head.encode() + plain + b"--X--\n")
    assert name == "sheet001"
    assert found[1] == HEADER.split(",")


def test_a_page_without_a_table_is_refused() -> None:
    for page in ("<html></html>", "<html><table></table>", "<html><p>请登录</p>", "<html"):
        with pytest.raises(SheetError):
            html.tables(page.encode())


@pytest.mark.parametrize(
    "page",
    [
        "<table>" + ("<tr>" + "<td colspan=1000 rowspan=1000>" * 16) * 400,
        "<table>" + "<tr><td rowspan=1000 colspan=1000>" * 4000,
        "<table><tr>" + "<td>1" * 100_000,
        "<table><tr><td>" * 5000,
    ],
    ids=["spans", "rowspans", "columns", "depth"],
)
def test_a_page_that_unfolds_is_refused(page: str) -> None:
    with bounded(120), pytest.raises(SheetError) as caught:
        html.tables(page.encode())
    assert "not what a statement looks like" in caught.value.message


def test_deep_and_broken_pages_end() -> None:
    for page in ("<div>" * 200_000, "<table>" + "</td></tr>" * 100_000, "<b><i>" * 100_000):
        with bounded(200), pytest.raises(SheetError):
            html.tables(page.encode())


def test_entities_are_not_unfolded_and_nothing_is_fetched(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("geheim", encoding="utf-8")
    page = (
        f'<!DOCTYPE html [<!ENTITY a SYSTEM "file://{tmp_path}/x"><!ENTITY b "&a;&a;">]>'
        "<table><tr><td>&a;<td>&b;<td>c<td>d</table>"
    )
    assert "geheim" not in str(rows(page))


def test_a_page_wider_than_any_statement_is_refused() -> None:
    assert len(html.tables(b"<table><tr>" + b"<td>a" * 1000)[0][1][0]) == 1000
    with pytest.raises(SheetError, match="列数超过 1000"):
        html.tables(b"<table><tr>" + b"<td>a" * 1001)
