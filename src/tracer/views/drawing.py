"""A graph as boxes, lines and facts that the page's script can show as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import networkx as nx
import pandas as pd

from tracer.money import yuan
from tracer.views.facts import account_facts, name, transfer_facts, when
from tracer.views.graph import EXIT_KINDS
from tracer.views.layout import Layout, place
from tracer.views.offices import offices
from tracer.views.words import level

# Colour and shape by kind: shapes tell them apart on a black-and-white print too.
LOOKS: dict[str, dict[str, str]] = {
    "victim": {"fill": "#dbeafe", "line": "#1d4ed8", "shape": "box"},
    "bank": {"fill": "#ffffff", "line": "#475569", "shape": "box"},
    "payment": {"fill": "#dcfce7", "line": "#15803d", "shape": "box"},
    "merchant": {"fill": "#ede9fe", "line": "#6d28d9", "shape": "ellipse"},
    "clearing": {"fill": "#e0f2fe", "line": "#0369a1", "shape": "ellipse"},
    "exchange": {"fill": "#fce7f3", "line": "#be185d", "shape": "ellipse"},
    "cash": {"fill": "#fee2e2", "line": "#b91c1c", "shape": "ellipse"},
    "unknown": {"fill": "#e5e7eb", "line": "#6b7280", "shape": "box"},
}
FRONTIER = "#ea580c"
SEPARATE = 4
_LONGEST_NAME = 12
_WIDEST = 9


@dataclass(frozen=True)
class Line:
    """One drawn line: a transfer, or all transfers between two accounts that have many."""

    key: str
    """The line's name in the page."""
    payer: str
    """The account at its start."""
    payee: str
    """The account at its end."""
    place: int
    """0 for the first line between these accounts, 1 for the next, and so on."""
    transfers: list[dict[str, Any]]
    """The attributes of each transfer that the line stands for, in time order."""


def draw(graph: nx.MultiDiGraph, vocabulary: dict[str, str]) -> dict[str, Any]:
    """
    Turn a graph into what the page shows.

    Parameters
    ----------
    graph
        What `graph.build` returned.
    vocabulary
        What `words.words` returned.

    Returns
    -------
    dict
        nodes and edges as vis-network draws them, columns, the facts of every
        account and transfer, and the accounts to act on first. Plain JSON.
    """
    # pyvis imports IPython, which `import tracer` must not.
    from pyvis.network import Network  # noqa: PLC0415

    layout, lines = place(graph), _lines(graph)
    network = Network(directed=True)
    short = _short_names(graph)
    for account, node in graph.nodes(data=True):
        network.add_node(account, **_box(account, node, layout, short, vocabulary))
    most = max((_traced(line) for line in lines), default=1)
    for line in lines:
        network.add_edge(line.payer, line.payee, **_stroke(line, graph, layout, most, vocabulary))
    return {
        "nodes": network.nodes,
        "edges": network.edges,
        "columns": _columns(layout, vocabulary),
        "accounts": _accounts(graph, lines, vocabulary),
        "transfers": _transfers(graph, lines, vocabulary),
        "first": _first(graph),
        "say": vocabulary,
    }


def _lines(graph: nx.MultiDiGraph) -> list[Line]:
    pairs: dict[tuple[str, str], list[tuple[Any, dict[str, Any]]]] = {}
    for payer, payee, key, edge in graph.edges(keys=True, data=True):
        pairs.setdefault((payer, payee), []).append((key, edge))
    lines = []
    for (payer, payee), found in pairs.items():
        found.sort(key=_moment)
        if len(found) > SEPARATE:
            edges = [edge for _, edge in found]
            lines.append(Line(f"b{found[0][0]!r}", payer, payee, 0, edges))
            continue
        # The quotes around text keep the transfers 7 and "7" apart.
        lines += [
            Line(f"t{key!r}", payer, payee, place, [edge])
            for place, (key, edge) in enumerate(found)
        ]
    return lines


def _moment(found: tuple[Any, dict[str, Any]]) -> tuple[Any, ...]:
    # Ids that are numbers come before ids that are text, which they cannot be compared with.
    key, edge = found
    return edge["time"] is None, edge["time"], isinstance(key, str), key


def _traced(line: Line) -> int:
    return sum(edge["traced_fen"] for edge in line.transfers)


def _short_names(graph: nx.MultiDiGraph) -> dict[str, str]:
    names = pd.Series(dict(graph.nodes(data="institution", default="")), dtype="str")
    short = offices(names).str.replace(
        r"^中国(?=..+银行)|[（(].*|支付科技有限公司$", "", regex=True
    )
    return dict(zip(names.index, short, strict=True))


def _box(
    account: str,
    node: dict[str, Any],
    layout: Layout,
    short: dict[str, str],
    say: dict[str, str],
) -> dict[str, Any]:
    look = LOOKS.get("victim" if node["level"] == 0 else node["kind"], LOOKS["unknown"])
    _, x, y = layout.places[account]
    left = node["held_fen"] + node["exit_fen"]
    first = _cut(name(account, node, say))
    where = short[account] or say.get(node["kind"], node["kind"])
    second = [where] if where != first else []
    second += [f"¥{_brief(left)}"] if left else []
    lines = [first, *[" ".join(second)][: len(second)]]
    lines += [say["frontier"]] if node["frontier"] else []
    border = FRONTIER if node["frontier"] else look["line"]
    return {
        "label": "\n".join(lines),
        "title": f"{node['holder']}\n{account}",
        "shape": look["shape"],
        "color": {
            "background": look["fill"],
            "border": border,
            "highlight": {"background": "#fef9c3", "border": border},
        },
        "borderWidth": 3 if node["frontier"] or node["held_fen"] else 1,
        "shapeProperties": {"borderDashes": [7, 4] if node["frontier"] else False},
        "x": x,
        "y": y,
    }


def _cut(label: str) -> str:
    holder, _, tail = label.rpartition(" ·")
    if not holder:
        return label if len(label) <= _LONGEST_NAME + 4 else label[: _LONGEST_NAME + 3] + "…"
    return label if len(holder) <= _LONGEST_NAME else f"{holder[: _LONGEST_NAME - 1]}… ·{tail}"


def _brief(amount: int) -> str:
    return yuan(amount).removesuffix(".00")


def _stroke(
    line: Line, graph: nx.MultiDiGraph, layout: Layout, most: int, say: dict[str, str]
) -> dict[str, Any]:
    traced = _traced(line)
    label = _brief(traced)
    if len(line.transfers) > 1:
        label = say["bundle"].format(len(line.transfers), label)
    steps = layout.places[line.payee][0] - layout.places[line.payer][0]
    # A line within a column, over a column or backwards bends out of the boxes' way.
    bend = 0.08 if steps == 1 else 0.45 if steps == 0 else 0.2
    out = graph.nodes[line.payee]["kind"] in EXIT_KINDS
    return {
        "id": line.key,
        "label": label,
        "width": round(1 + _WIDEST * (traced / most) ** 0.5, 2),
        "color": {"color": "#c2847a" if out else "#94a3b8", "highlight": "#1d4ed8"},
        "dashes": steps < 0,
        "smooth": {"enabled": True, "type": "curvedCW", "roundness": bend + 0.12 * line.place},
    }


def _columns(layout: Layout, say: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"x": x, "width": width, "label": say["exits"] if exits else level(number, say)}
        for x, width, exits, number in layout.columns
    ]


def _accounts(
    graph: nx.MultiDiGraph, lines: list[Line], say: dict[str, str]
) -> dict[str, dict[str, Any]]:
    told: dict[str, dict[str, Any]] = {
        account: {
            "name": name(account, node, say),
            "find": f"{account} {node['holder']}".lower(),
            "facts": account_facts(account, node, say),
            "in": [],
            "out": [],
        }
        for account, node in graph.nodes(data=True)
    }
    for line in lines:
        told[line.payer]["out"].append(line.key)
        told[line.payee]["in"].append(line.key)
    return told


def _transfers(
    graph: nx.MultiDiGraph, lines: list[Line], say: dict[str, str]
) -> dict[str, dict[str, Any]]:
    full = {
        account: f"{node['holder']} {account}".strip() for account, node in graph.nodes(data=True)
    }
    short = {account: name(account, node, say) for account, node in graph.nodes(data=True)}
    told = {}
    for line in lines:
        ends, many = (full[line.payer], full[line.payee]), len(line.transfers)
        amount = _brief(_traced(line))
        told[line.key] = {
            "name": f"{short[line.payer]} → {short[line.payee]}",
            "from": short[line.payer],
            "to": short[line.payee],
            "amount": say["bundle"].format(many, amount) if many > 1 else amount,
            "when": when(line.transfers[0], say),
            "note": say["bundle_note"].format(many) if many > 1 else "",
            "facts": [transfer_facts(ends, edge, say) for edge in line.transfers],
        }
    return told


def _first(graph: nx.MultiDiGraph) -> list[dict[str, Any]]:
    """Return the accounts that still hold victims' money, the largest first."""
    held = [
        {"account": account, "held": node["held_fen"], "frontier": node["frontier"]}
        for account, node in graph.nodes(data=True)
        if node["held_fen"] > 0
    ]
    held.sort(key=lambda one: (-one["held"], one["account"]))
    return [{**one, "held": yuan(one["held"])} for one in held]
