"""The faces of a trace: summary, graph, page."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pandas as pd
import pytest

from tracer.tracing.follow import follow

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def trace():
    transfers = pd.DataFrame(
        {
            "time": pd.to_datetime(["2026-03-01 09:00", "2026-03-01 09:10", "2026-03-01 09:20"]),
            "payer": ["V", "A", "A"],
            "payee": ["A", "B", "B"],
            "fen": [1_234_567, 1_000_000, 500_000],
        }
    )
    accounts = pd.DataFrame({"account": ["A", "B"], "holder": ["甲", HOSTILE]})
    return follow(transfers, pd.Series({0: "赵"}), within="72h", accounts=accounts)


def test_the_summary_tells_losses_places_and_doubts(trace):
    told = str(trace)
    for words in ("先进先出", "72 小时", "12,345.67", "待调单账户 1 个", "2,654.33", "线索参考"):
        assert words in told
    assert repr(trace) == told


def test_the_html_summary_is_escaped(trace):
    told = trace._repr_html_()
    assert HOSTILE not in told
    assert "&lt;script&gt;" in told


def test_the_graph_has_every_transfer_and_says_its_rule(trace):
    drawn = trace.graph()
    assert set(drawn) == {"V", "A", "B"}
    assert drawn.number_of_edges() == 3
    assert drawn.graph["rule"] == "fifo"


@pytest.mark.parametrize("ids", [["t1", "t10", "t2"], [7, "7", "t"], [3, 2, 1]])
def test_ids_of_any_kind_reach_the_graph_and_the_page(ids):
    transfers = pd.DataFrame(
        {
            "transfer_id": ids,
            "time": pd.Timestamp("2026-03-01 09:00"),
            "payer": ["V", "A", "A"],
            "payee": ["A", "B", "B"],
            "fen": [100, 60, 40],
        }
    )
    trace = follow(transfers, pd.Series({ids[0]: "赵"}))
    edges = trace.graph().edges(keys=True, data="victims")
    assert {key: shares for *_, key, shares in edges} == {
        ids[0]: {"赵": 100},
        ids[1]: {"赵": 60},
        ids[2]: {"赵": 40},
    }
    assert all(type(key) in {int, str} for *_, key, _ in edges)
    assert "0.60" in trace.to_html()


def test_nobody_is_asked_about_an_account_without_a_name():
    transfers = pd.DataFrame(
        {
            "time": pd.to_datetime(["2026-03-01 09:00"] + ["2026-03-01 09:10"] * 3),
            "payer": ["V", "A", "A", "A"],
            "payee": ["A", "unknown:x:1", "merchant:M", "B"],
            "fen": [1_000, 400, 300, 200],
        }
    )
    kinds = ["bank", "unknown", "merchant", "bank"]
    accounts = pd.DataFrame({"account": ["A", "unknown:x:1", "merchant:M", "B"], "kind": kinds})
    trace = follow(transfers, pd.Series({0: "赵"}), accounts=accounts)
    table = trace.accounts.set_index("account")
    assert table["frontier"].to_dict() == {
        "V": False,
        "A": True,
        "unknown:x:1": False,
        "merchant:M": True,
        "B": True,
    }
    assert table.loc["unknown:x:1", "frontier_fen"] == 0
    told = str(trace)
    assert "前 2 个，共 2 个" in told
    assert "unknown:x:1" not in told
    assert "merchant:M" not in told
    assert "待调单账户 3 个" in told


def test_the_page_is_written_as_utf8(trace, tmp_path):
    target = tmp_path / "图.html"
    assert trace.to_html(target, title="某案") == target
    page = target.read_text(encoding="utf-8")
    assert "某案" in page
    assert page == trace.to_html(title="某案")
    assert "first in, first out" in trace.to_html(lang="en")


def test_show_prints_outside_a_notebook_and_frames_inside(trace, capsys, monkeypatch):
    trace.show("en")
    assert "Where the money is" in capsys.readouterr().out
    shown = []
    shell = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=object()))
    display = SimpleNamespace(HTML=lambda text: text, display=shown.append)
    monkeypatch.setitem(sys.modules, "IPython", shell)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    trace.show()
    assert shown[0].startswith("<div><iframe srcdoc=")
    assert HOSTILE not in shown[0]
    assert capsys.readouterr().out == ""
