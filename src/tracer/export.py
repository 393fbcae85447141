"""Export: the graph, the freeze lists and a manifest of what they rest on."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from tracer.requests.freeze import Requests
from tracer.stores import evidence
from tracer.tracing.trace import Trace


def write(
    trace: Trace,
    asked: Requests,
    place: Path,
    *,
    name: str,
    inputs: list[dict[str, object]],
    lang: str,
) -> tuple[list[Path], dict[str, object]]:
    """
    Write a trace and what is asked for by it into a folder.

    Parameters
    ----------
    trace
        What was followed.
    asked
        What each bank is asked to freeze.
    place
        The folder.
    name
        What the investigators call the case.
    inputs
        The files that the trace rests on, each with its SHA-256.
    lang
        zh or en.

    Returns
    -------
    tuple
        The files that were written, the manifest last, and what it says.
    """
    place.mkdir(parents=True, exist_ok=True)
    manifest = place / "manifest.json"
    before = _listed(manifest)
    page = place / ("资金流向图.html" if lang == "zh" else "graph.html")
    trace.to_html(page, lang=lang, title=name)
    lists = place / ("止付冻结清单" if lang == "zh" else "freeze")
    written = [page, *asked.to_excel(lists, lang=lang)]
    # A list of an earlier export that is none of this one's must not be sent by mistake.
    for stale in before - set(written):
        stale.unlink(missing_ok=True)
    told: dict[str, object] = {
        "case": name,
        "version": version("fund-tracer"),
        "rule": trace.rule,
        "within": None if trace.within is None else str(trace.within),
        "inputs": inputs,
        "outputs": {path.relative_to(place).as_posix(): evidence.sha256(path) for path in written},
    }
    text = json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True)
    manifest.write_text(text + "\n", encoding="utf-8", newline="\n")
    return [*written, manifest], told


def folder(trace: Trace) -> str:
    """Return what the folder of an export is called: another longest stay is another result."""
    stay = "" if trace.within is None else f"-{trace.within / pd.Timedelta(hours=1):g}h"
    return trace.rule + stay


def _listed(manifest: Path) -> set[Path]:
    """Return the files that an earlier export wrote beside its manifest."""
    if not manifest.exists():
        return set()
    told = json.loads(manifest.read_text(encoding="utf-8"))
    return {manifest.parent / name for name in told["outputs"]}
