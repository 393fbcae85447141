"""The report of a load: it adds up, says what to do, is inert, and nothing of it is cut off."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from loads import covers, fault, file, load, skip, varied
from playwright.sync_api import Browser, Page

from tracer import tables
from tracer.errors import TracerError
from tracer.statements import reasons
from tracer.statements.reasons import Reason
from tracer.statements.report import page as pages
from tracer.statements.report.report import LoadReport
from tracer.views import notebook

HOSTILE = "</style></script><img src=x onerror=alert(1)>"
A = "a.csv"


def hostile() -> LoadReport:
    bad = Reason(HOSTILE, HOSTILE)
    return load(
        [file(f"{HOSTILE}/{HOSTILE}.csv", sheet=HOSTILE, title=HOSTILE, note=HOSTILE,
              note_en=HOSTILE, encoding=HOSTILE, sha256=HOSTILE)],
        [fault(f"{HOSTILE}/{HOSTILE}.csv", 2, "cell", bad, sheet=HOSTILE, column=HOSTILE,
               value=HOSTILE)],
        [covers(f"{HOSTILE}/{HOSTILE}.csv", sheet=HOSTILE, account=HOSTILE, holder=HOSTILE)],
        [skip(f"{HOSTILE}/{HOSTILE}.csv", 1, HOSTILE, HOSTILE) | {"sheet": HOSTILE}],
        [{"load_id": 1, "source": f"{HOSTILE}/{HOSTILE}.csv", "sheet": HOSTILE, "row": 3,
          "result": f"失败{HOSTILE}", "institution": HOSTILE}],
    )  # fmt: skip


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[object]:
    """Return what opens a report as a page, and check afterwards that it loaded nothing."""
    troubles: list[str] = []
    requests: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 900})

    def show(report: LoadReport, lang: str = "zh") -> Page:
        page = context.new_page()
        page.on("console", lambda message: troubles.append(message.text))
        page.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda asked: requests.append(asked.url))
        page.goto(Path(report.to_html(tmp_path / f"{lang}.html", lang=lang)).as_uri())
        return page

    yield show
    context.close()
    assert troubles == []
    assert all(url.startswith(("file:", "data:")) for url in requests)


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")


@pytest.mark.browser
def test_the_page_lists_the_worst_first_with_what_to_do(opened: object) -> None:
    page = opened(varied())  # type: ignore[operator]
    lamps = page.locator("details").evaluate_all("all => all.map(one => one.dataset.light)")
    assert len(lamps) == len(varied().files)
    assert lamps[0] == "2"
    assert lamps[-1] == "0"
    first = page.locator("details").first
    # Everything that decides is there before anything is unfolded.
    told = first.inner_text()
    for part in ("✖ 需处理", "断开 2 处", "8,001", "要做：补调", "2024-03-01 12:00"):
        assert part in told
    first.locator("summary").click()
    assert "39 天" in first.inner_text()
    head = page.locator(".tl-head").inner_text()
    assert "1,165,375 行 = 入库 1,164,804 + 问题行 555 + 非数据行 16" in head
    for part in ("✖ 需处理 5 个文件", "▲ 需核对 6 个文件", "✔ 正常 2 个文件"):
        assert part in re.sub(r"\s+", " ", head)


@pytest.mark.browser
@pytest.mark.parametrize("width", [660, 900, 1280])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_is_cut_off_or_overlaps(opened: object, width: int, lang: str) -> None:
    page = opened(varied(), lang)  # type: ignore[operator]
    page.set_viewport_size({"width": width, "height": 900})
    unfold(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cut = page.evaluate(
        """() => [...document.querySelectorAll('.tracer-load span, .tracer-load td')]
            .filter(one => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0)
            .map(one => one.innerText)"""
    )
    assert cut == []
    over = page.evaluate(
        """() => [...document.querySelectorAll('summary')].flatMap(row => {
            const boxes = [...row.children].slice(0, 8).map(one => {
                const range = document.createRange();
                range.selectNodeContents(one);
                return range.getBoundingClientRect();
            });
            return boxes.slice(1).filter(
                    (box, at) => box.left < boxes[at].right && box.top + 5 < boxes[at].bottom
                        && box.bottom > boxes[at].top + 5)
                .map(() => row.innerText);
        })"""
    )
    assert over == []


@pytest.mark.browser
def test_hostile_values_stay_text(opened: object) -> None:
    page = opened(hostile())  # type: ignore[operator]
    unfold(page)
    assert page.locator("img, script, iframe, a").count() == 0
    assert page.locator("style").count() == 2
    body = page.locator("body").inner_text()
    # Folder, file, sheet, format, reason, account, holder, cell, kind, task and encoding.
    assert body.count(HOSTILE) >= 14


@pytest.mark.browser
def test_folded_lists_of_what_needs_a_look_are_printed(opened: object) -> None:
    page = opened(varied())  # type: ignore[operator]
    page.emulate_media(media="print")
    visible = "document.querySelector('details[data-light=\"%s\"] .tl-body').checkVisibility()"
    assert page.evaluate("CSS.supports('selector(details::details-content)')")
    assert page.evaluate(visible % 2)
    page.emulate_media(media="screen")
    assert not page.evaluate(visible % 2)


def test_the_page_loads_and_runs_nothing() -> None:
    for html in (varied().to_html(), hostile().to_html()):
        text = str(html)
        assert "default-src 'none'; style-src 'unsafe-inline'" in text
        assert "<script" not in text
        assert not re.search(r"\b(?:src|href)=\"(?!data:)", text)
        assert not re.search(r"<[^>]*\son\w+=", text)
        assert "url(" not in text
    assert varied().to_html() == varied().to_html()


def test_a_piece_for_a_notebook_is_the_same_without_a_page_around_it() -> None:
    piece = varied()._repr_html_()
    assert piece in str(varied().to_html())
    assert piece.startswith('<div class="tracer-load">')
    assert HOSTILE not in hostile()._repr_html_()


def test_in_a_notebook_the_page_is_displayed_and_elsewhere_text_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    varied().show("en")
    assert capsys.readouterr().out == varied().text("en") + "\n"
    shell = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=True))
    shown: list[str] = []
    monkeypatch.setitem(sys.modules, "IPython", shell)
    monkeypatch.setattr(notebook, "show", shown.append)
    varied().show()
    assert shown == [varied()._repr_html_()]


def test_the_text_has_a_line_for_each_sheet_and_explains_what_is_not_green() -> None:
    lines = varied().text().splitlines()
    heads = [line for line in lines if not line.startswith(" ")][2:]
    assert len(heads) == len(varied().files)
    assert all(line.startswith(("✖ 需处理 ", "▲ 需核对 ", "✔ 正常 ")) for line in heads)
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        assert after.startswith("    ") == (not line.startswith("✔ ")) or line not in heads
    assert "8,001 行 = 入库 8,000 + 问题行 0 + 非数据行 1" in varied().text()
    assert "8,001 rows = 8,000 kept + 0 faults + 1 not data" in varied().text("en")


def test_many_faults_do_not_flood_and_it_is_said_where_they_are() -> None:
    many = [fault(A, n, "cell", reasons.BAD_BALANCE, value=str(n)) for n in range(2, 5_002)]
    report = load([file(A, rows=9_001, entries=9_000)], many)
    assert len(report.text().splitlines()) < 10
    assert "共 5,000 条，见 report.faults 或 case.faults()" in report.text()
    html = str(report.to_html())
    assert html.count("<tr>") <= pages.SHOWN + 10
    assert f"列出 {pages.SHOWN} 条，共 5,000 条；其余见 report.faults，或 case.faults()" in html


def test_one_giant_cell_is_shortened_and_its_length_told() -> None:
    report = load([file(A)], [fault(A, 2, "cell", reasons.BAD_BALANCE, value="9" * 5_000)])
    for told in (report.text(), str(report.to_html())):
        assert "9" * 100 not in told
        assert "共 5,000 字" in told


def test_five_hundred_files_fit_in_a_page() -> None:
    files = [file(f"甲/{n:03}.csv", load_id=1) for n in range(500)]
    report = load(files, coverage=[covers(line["source"]) for line in files])
    html = str(report.to_html())
    assert html.count("<details") == 500
    assert len(html) < 2_000_000
    assert "文件夹 甲/" in html


def test_the_accounting_of_a_report_adds_up() -> None:
    report = varied()
    files = report.files
    assert (files["rows"] == files["entries"] + files["faults"] + files["skipped"]).all()
    assert (report.entries, report.set_aside) == (1_164_804, 555)
    for table, frame in (
        (tables.SKIPPED, report.skipped),
        (tables.COVERAGE, report.coverage),
        (tables.FAULTS, report.faults),
    ):
        assert list(frame.columns) == list(table.columns)


def test_an_empty_load_and_an_unknown_language() -> None:
    empty = LoadReport(tables.FILES.empty(), tables.FAULTS.empty())
    assert empty.text() == "共 0 个文件；0 行 = 入库 0 + 问题行 0 + 非数据行 0"
    assert "共 0 个文件" in empty._repr_html_()
    with pytest.raises(TracerError, match="no language"):
        empty.to_html(lang="de")


def test_a_file_whose_line_alone_is_known_shows_its_proof() -> None:
    line = file(A, accounts=2, proved=7, broken=0)
    html = str(load([line]).to_html())
    assert "2 个账户" in html
    assert "✔ 7 行衔接" in html
    assert pd.isna(load([file(A)]).files.loc[0, "proved"])
