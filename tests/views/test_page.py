"""The page in a real browser: offline, silent, and never acting on a value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page

from tracer.errors import TracerError
from tracer.views import graph
from tracer.views.page import render

pytestmark = pytest.mark.browser

HOSTILE = "</script><img src=x onerror=alert(1)>"

Open = Callable[[str], Page]


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Return what opens a page from a file, and check afterwards that it kept silent."""
    troubles: list[str] = []
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    context.add_init_script(
        "addEventListener('securitypolicyviolation', e => console.error('CSP ' + e.blockedURI))"
    )

    def opened(html: str) -> Page:
        path = tmp_path / "graph.html"
        path.write_text(html, encoding="utf-8")
        page = context.new_page()
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
        page.on(
            "request", lambda asked: asked.url.startswith("data:") or requests.append(asked.url)
        )
        page.goto(path.as_uri())
        page.wait_for_timeout(400)
        return page

    requests: list[str] = []
    yield opened
    context.close()
    assert troubles == []
    assert all(url.startswith("file:") for url in requests)
    assert len(requests) == 1


def canvas_point(page: Page, account: str) -> tuple[float, float]:
    point = page.evaluate(
        """id => {
            const at = network.canvasToDOM(network.getPosition(id));
            const box = document.getElementById('canvas').getBoundingClientRect();
            return [at.x + box.x, at.y + box.y];
        }""",
        account,
    )
    return point[0], point[1]


def one_account(**attributes: object) -> nx.MultiDiGraph:
    transfers = pd.DataFrame(
        {"transfer_id": [1], "time": pd.to_datetime(["2024-06-01 09:30:05"]), "payer": ["V"]}
    ).assign(payee="6222020000000001234", fen=10_050)
    movements = pd.DataFrame({"transfer_id": [1], "victim": ["甲"], "fen": [10_050], "hop": [1]})
    accounts = pd.DataFrame({"account": ["6222020000000001234"], "level": [1], **attributes})
    return graph.build(transfers, movements, accounts)


def test_a_click_on_an_account_shows_its_facts(case: Any, open_page: Open) -> None:
    page = open_page(render(case.graph(), title="案", notes=["规则：先进先出"]))
    first = case.accounts.sort_values("held_fen", ascending=False).iloc[0]
    page.mouse.click(*canvas_point(page, first["account"]))
    page.wait_for_timeout(400)
    facts = page.locator("#panel").inner_text()
    assert first["account"] in facts
    assert first["holder"] in facts
    assert first["institution"] in facts
    assert f"{first['held_fen'] / 100:,.2f}" in facts
    assert "2024-06-01 09:07:01" in facts


def test_the_picture_is_drawn(case: Any, open_page: Open) -> None:
    page = open_page(render(case.graph(), title="案"))
    inked = page.evaluate(
        """() => {
            const canvas = document.querySelector('#canvas canvas');
            const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
            let inked = 0;
            for (let i = 0; i < data.length; i += 4) inked += data[i + 3] && data[i] < 200;
            return inked;
        }"""
    )
    assert inked > 5_000
    assert page.locator("#columns span").all_inner_texts()[:3] == ["被害人", "一级", "二级"]


def test_a_click_on_a_line_shows_the_transfer(case: Any, open_page: Open) -> None:
    page = open_page(render(case.graph(), title="案"))
    row = case.transfers.iloc[0]
    at = page.evaluate(
        """key => {
            const [from, to] = network.getConnectedNodes(key);
            const edge = network.body.edges[key].edgeType.getPoint(0.5);
            const at = network.canvasToDOM(edge);
            const box = document.getElementById('canvas').getBoundingClientRect();
            return [at.x + box.x, at.y + box.y];
        }""",
        f"t{row['transfer_id']}",
    )
    page.mouse.click(at[0], at[1])
    page.wait_for_timeout(400)
    facts = page.locator("#panel").inner_text()
    assert str(row["time"]) in facts
    assert f"{row['fen'] / 100:,.2f}" in facts
    assert row["payer"] in facts
    assert row["payee"] in facts
    assert row["payer_record"] in facts


def test_a_transfer_whose_id_is_text_can_be_looked_at(open_page: Open) -> None:
    transfers = pd.DataFrame(
        {
            "transfer_id": [HOSTILE, 7, "7"],
            "time": pd.to_datetime(["2024-06-01 09:30:05"] * 3),
            "payer": ["V", "A", "A"],
            "payee": ["A", "B", "B"],
            "fen": [30_050, 10_010, 20_020],
        }
    )
    movements = transfers[["transfer_id", "fen"]].assign(victim="甲", hop=1)
    drawn = graph.build(transfers, movements, pd.DataFrame({"account": ["A"]}))
    page = open_page(render(drawn, title="案"))
    amounts = []
    for key in page.evaluate("data.edges.map(edge => edge.id)"):
        page.evaluate("key => showTransfer(key)", key)
        amounts.append(page.locator("#panel").inner_text())
    for told, amount in zip(amounts, ["100.10", "200.20", "300.50"], strict=True):
        assert amount in told


def test_a_bundle_lists_every_transfer(case: Any, open_page: Open) -> None:
    page = open_page(render(case.graph(), title="案"))
    key = page.evaluate("Object.keys(data.transfers).find(key => data.transfers[key].note)")
    many = page.evaluate("key => data.transfers[key].facts.length", key)
    page.evaluate("key => showTransfer(key)", key)
    assert page.locator("#panel dl").count() == many > 4


def test_search_goes_to_an_account_by_name_and_number(case: Any, open_page: Open) -> None:
    page = open_page(render(case.graph(), title="案"))
    wanted = case.accounts.iloc[20]
    for query in (wanted["account"], wanted["holder"]):
        page.locator("#search").fill(query)
        page.keyboard.press("Enter")
        page.wait_for_timeout(600)
        centre = page.evaluate("network.getViewPosition()")
        spot = page.evaluate("network.getPosition(network.getSelectedNodes()[0])")
        assert np.hypot(centre["x"] - spot["x"], centre["y"] - spot["y"]) < 2
        assert wanted["holder"] in page.locator("#panel").inner_text()
    page.locator("#search").fill("没有这个人")
    page.keyboard.press("Enter")
    assert page.locator("#found").inner_text() == "没有找到"


def test_the_list_of_what_to_do_leads_to_the_account(case: Any, open_page: Open) -> None:
    page = open_page(render(case.graph(), title="案"))
    first = page.locator("#panel .row").first
    most = case.accounts["held_fen"].max()
    assert f"{most / 100:,.2f}" in first.inner_text()
    first.focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(400)
    assert "涉案转入" in page.locator("#panel").inner_text()


def test_hostile_values_stay_text(open_page: Open) -> None:
    built = one_account(holder=[HOSTILE], institution=[HOSTILE], held_fen=[10_050])
    page = open_page(render(built, title=HOSTILE, notes=[HOSTILE, "{{ 7*7 }}"]))
    page.locator("#panel .row").first.click()
    page.wait_for_timeout(400)
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 3
    assert HOSTILE in page.locator("#panel").inner_text()
    assert page.locator("h1").inner_text() == HOSTILE
    assert page.title() == HOSTILE
    assert "{{ 7*7 }}" in page.locator(".notes").inner_text()
    page.mouse.move(*canvas_point(page, "6222020000000001234"))
    page.wait_for_timeout(600)
    assert page.locator("img").count() == 0


def test_english(case: Any, open_page: Open) -> None:
    page = open_page(render(case.graph(), title="Case", lang="en"))
    page.locator("#panel .row").first.click()
    assert "Victims' money still held" in page.locator("#panel").inner_text()
    assert "Leads only" in page.locator("header").inner_text()
    assert page.locator("html").get_attribute("lang") == "en"
    with pytest.raises(TracerError, match="no language"):
        render(case.graph(), title="", lang="de")


def test_one_account_alone(open_page: Open) -> None:
    built = nx.MultiDiGraph()
    built.add_node("V", **one_account().nodes["V"])
    page = open_page(render(built, title=""))
    assert "没有账户" in page.locator("#panel").inner_text()
    assert page.evaluate("network.getScale()") <= 1.2


def test_the_picture_follows_the_window(case: Any, open_page: Open) -> None:
    page = open_page(render(case.graph(), title="案"))
    page.set_viewport_size({"width": 700, "height": 620})
    page.wait_for_timeout(700)
    box = page.locator("#canvas canvas").bounding_box()
    assert box is not None
    assert box["width"] == pytest.approx(700, abs=2)


def test_thousands_of_lines(open_page: Open) -> None:
    random = np.random.default_rng(1)
    many = 3_000
    payer = random.integers(0, 400, many)
    transfers = pd.DataFrame(
        {"transfer_id": range(many), "fen": 100, "time": pd.Timestamp(2024, 6, 1)}
    )
    transfers["payer"] = [f"{n:08d}" for n in payer]
    transfers["payee"] = [f"{n:08d}" for n in payer + 1 + random.integers(0, 200, many)]
    movements = pd.DataFrame({"transfer_id": range(many), "victim": "甲", "fen": 100})
    movements["hop"] = payer // 100 + 1
    accounts = pd.DataFrame({"account": [f"{n:08d}" for n in range(601)]})
    accounts["level"] = [n // 100 for n in range(601)]
    page = open_page(render(graph.build(transfers, movements, accounts), title="大案"))
    assert page.evaluate("data.edges.length") > 2_500
    page.locator("#search").fill("00000333")
    page.keyboard.press("Enter")
    page.wait_for_timeout(800)
    assert page.evaluate("network.getSelectedNodes()") == ["00000333"]


def test_the_page_holds_nothing_that_loads(case: Any) -> None:
    html = render(case.graph(), title="案")
    markup = re.sub(r"<(script|style)\b.*?</\1>", "", html, flags=re.DOTALL)
    assert not re.search(r"(?:src|href)\s*=\s*[\"']?(?!data:)\w", markup)
    assert "sourceMappingURL" not in html
    assert "@license" in html
    assert not re.search(
        r"url\([\"']?(?!data:)\w|@import",
        "".join(re.findall(r"<style>.*?</style>", html, flags=re.DOTALL)),
    )
    assert render(case.graph(), title="案") == html
