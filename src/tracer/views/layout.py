"""Where each account stands: a column by level, and a row that keeps lines from crossing."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
import pandas as pd

from tracer.views.graph import EXIT_KINDS

COLUMN = 290
ROW = 72
_WITHIN = 215  # Between the parts of one column that is too long for one file of boxes.
_LONGEST = 24
_SWEEPS = 4


@dataclass(frozen=True)
class Layout:
    """The fixed places of a picture."""

    places: dict[str, tuple[int, int, int]]
    """Account to column (from 0), x and y, in the picture's own units."""
    columns: list[tuple[int, int, bool, int]]
    """For each column: x of its middle, width, whether only exits stand there, and level."""


def place(graph: nx.MultiDiGraph) -> Layout:
    """
    Give every account its place.

    Parameters
    ----------
    graph
        What `graph.build` returned. Victims stand at the left, exits one column
        to the right of the last of their payers.

    Returns
    -------
    Layout
        The same graph always gives the same places.
    """
    nodes = pd.DataFrame(
        {
            "level": pd.Series(dict(graph.nodes(data="level", default=0)), dtype="int64"),
            "kind": pd.Series(dict(graph.nodes(data="kind", default="")), dtype="str"),
        }
    )
    lines = pd.DataFrame(
        sorted({(payer, payee) for payer, payee in graph.edges()}), columns=["payer", "payee"]
    )
    nodes["exit"] = nodes["kind"].isin(EXIT_KINDS)
    nodes["column"] = _columns(nodes, lines)
    nodes["rank"] = _ranks(nodes, lines)
    return _coordinates(nodes)


def _columns(nodes: pd.DataFrame, lines: pd.DataFrame) -> pd.Series:
    # An exit that many levels pay is drawn right of all of them, so that no
    # line into it runs backwards.
    payers = lines["payer"].map(nodes["level"]).astype("int64")
    beyond = payers.groupby(lines["payee"]).max() + 1
    behind = beyond.reindex(nodes.index).fillna(nodes["level"]).astype("int64")
    wanted = nodes["level"].where(~nodes["exit"], behind)
    # A level without accounts leaves no empty column.
    return wanted.rank(method="dense").astype("int64") - 1


def _ranks(nodes: pd.DataFrame, lines: pd.DataFrame) -> pd.Series:
    """Return each node's rank in its column, by the barycentre of its neighbours."""
    back = lines.rename(columns={"payer": "payee", "payee": "payer"})
    both = pd.concat([lines, back], ignore_index=True).astype("str")
    own, near = (both[end].map(nodes["column"]).astype("int64") for end in ("payee", "payer"))
    both = both.assign(column=own, side=np.sign(near - own))

    places = nodes.groupby("column").cumcount().astype("float64")
    middle = (nodes.groupby("column")["column"].transform("size") - 1) / 2
    order = sorted(nodes["column"].unique())
    for sweep in range(_SWEEPS):
        # Left to right the columns follow their payers, then back their payees.
        side = -1 if sweep % 2 == 0 else 1
        seen = both[both["side"] == side]
        for column in order if side < 0 else reversed(order):
            members = nodes.index[nodes["column"] == column]
            centred = places - middle
            pulls = seen[seen["column"] == column]
            heights = pulls["payer"].map(centred).astype("float64")
            wish = heights.groupby(pulls["payee"]).mean().reindex(members)
            places[members] = wish.fillna(centred[members]).rank(method="first") - 1
    return places.astype("int64")


def _coordinates(nodes: pd.DataFrame) -> Layout:
    sizes = nodes.groupby("column").size()
    # A very long column is folded into parts side by side, still read by rows.
    parts = pd.Series(np.ceil(np.sqrt(sizes / _LONGEST)), index=sizes.index, dtype="int64")
    widths = (parts - 1) * _WITHIN
    left = (widths + COLUMN).cumsum() - (widths + COLUMN)
    rows = -(-sizes // parts)

    folds = nodes["column"].map(parts)
    x = nodes["column"].map(left) + nodes["rank"] % folds * _WITHIN
    y = (2 * (nodes["rank"] // folds) - nodes["column"].map(rows) + 1) * ROW // 2
    placed = zip(nodes["column"].tolist(), x.tolist(), y.tolist(), strict=True)
    places = dict(zip(nodes.index.tolist(), placed, strict=True))
    return Layout(places=places, columns=_labelled(nodes, left + widths // 2, widths))


def _labelled(
    nodes: pd.DataFrame, middles: pd.Series, widths: pd.Series
) -> list[tuple[int, int, bool, int]]:
    # Where exits of a lower level share a column, it keeps its own accounts' level.
    own = nodes[~nodes["exit"]].groupby("column")["level"].min()
    levels = own.reindex(middles.index)
    named = levels.fillna(0).astype("int64").tolist()
    return list(zip(middles.tolist(), widths.tolist(), levels.isna().tolist(), named, strict=True))
