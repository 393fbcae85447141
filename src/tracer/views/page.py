"""A graph as one HTML file that opens offline and shows every account and transfer."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import networkx as nx
from jinja2 import Environment, PackageLoader

from tracer.views import escape
from tracer.views.drawing import LOOKS, draw
from tracer.views.words import words


def render(
    graph: nx.MultiDiGraph, *, title: str, notes: Sequence[str] = (), lang: str = "zh"
) -> str:
    """
    Write a graph as one self-contained HTML page.

    The page loads nothing: vis-network (Apache-2.0 or MIT, its notice is kept)
    comes from inside the pyvis package, and a Content-Security-Policy allows
    exactly the two scripts that the page was written with.

    Parameters
    ----------
    graph
        What `graph.build` returned.
    title
        The heading, such as the case's name and the rule.
    notes
        Sentences for the head of the page: totals, assumptions, doubts.
    lang
        ``"zh"`` or ``"en"``.

    Returns
    -------
    str
        The page; write it with ``encoding="utf-8"``.

    Raises
    ------
    TracerError
        If there is no such language.
    """
    say = words(lang)
    scripts = [_vis("vis-network.min.js"), _own("graph.js")]
    page = Environment(loader=PackageLoader("tracer.views", "templates"), autoescape=True)
    return page.get_template("graph.html").render(
        text=escape.text,
        say=say,
        title=title,
        notes=list(notes),
        policy=_policy(scripts),
        scripts=scripts,
        styles=[_vis("vis-network.css"), _own("graph.css")],
        data=escape.script(draw(graph, say)),
        legend=_legend(graph, say),
    )


def _policy(scripts: list[str]) -> str:
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def _legend(graph: nx.MultiDiGraph, say: dict[str, str]) -> list[dict[str, str]]:
    """Return the looks that occur in this graph, and no others."""
    looks = {"victim" if node["level"] == 0 else node["kind"] for _, node in graph.nodes(data=True)}
    shown = [{"look": look, "label": say[look], **LOOKS[look]} for look in LOOKS if look in looks]
    if any(frontier for _, frontier in graph.nodes(data="frontier")):
        shown.append({"look": "frontier", "label": say["frontier"]})
    return shown


def _own(name: str) -> str:
    return _plain(resources.files("tracer.views") / "templates" / name)


@cache
def _vis(name: str) -> str:
    """Return a file of the newest vis-network inside the pyvis package."""
    library = resources.files("pyvis") / "lib"
    bundles = [entry for entry in library.iterdir() if entry.name.startswith("vis-")]
    newest = max(bundles, key=lambda entry: [int(part) for part in re.findall(r"\d+", entry.name)])
    # A developer tool would look for the map on the network or on the disk.
    return re.sub(r"//# sourceMappingURL=\S*", "", _plain(newest / name))


def _plain(source: Traversable) -> str:
    """Return a script or style as the browser will hash it, unable to end its own element."""
    content = source.read_text(encoding="utf-8").replace("\r\n", "\n")
    return re.sub(r"</(script|style)", r"<\\/\1", content, flags=re.IGNORECASE)
