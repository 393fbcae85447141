"""House rules that no linter knows."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tracer

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src" / "tracer").rglob("*.py"))
TEXTS = [
    path
    for place in ("src", "docs", "notebooks", "tests", "benchmarks")
    for path in sorted((ROOT / place).rglob("*"))
    if path.suffix in {".py", ".md", ".toml", ".ipynb", ".html"}
] + [*sorted(ROOT.glob("*.*")), ROOT / "Makefile"]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_its_purpose_in_one_sentence_and_stays_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    purpose = ast.get_docstring(ast.parse(text))
    assert purpose
    assert "\n" not in purpose.strip()
    assert len(text.splitlines()) <= 400
    assert path.stem not in {"utils", "helpers", "manager", "common", "misc"}


def test_no_registry_host_no_outside_resource_and_no_workplace_is_named() -> None:
    hosts = re.compile(
        r"pyp[i]\.|python[h]osted|npm[j]s|/wor[k]/|cdn\.|unpkg|jsdelivr|googleapis|gstatic"
    )
    named = [
        f"{path.relative_to(ROOT)}: {line.strip()[:80]}"
        for path in TEXTS
        if path.is_file() and path.name not in {"test_house.py", ".git"}
        for line in path.read_text(encoding="utf-8").splitlines()
        if hosts.search(line)
    ]
    assert named == []


def test_importing_tracer_brings_no_spark_and_no_notebook() -> None:
    # A room is opened only when a name of it is asked for.
    code = (
        "import sys, tracer;"
        "assert 'pandas' not in sys.modules;"
        "assert all(getattr(tracer, name) for name in tracer.__all__);"
        "print([name for name in ('pyspark', 'IPython', 'matplotlib', 'plotly') "
        "if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_the_door_tells_what_is_public_and_what_is_not_there() -> None:
    assert set(tracer.__all__) <= set(dir(tracer))
    assert tracer.fen("1.00") == 100
    with pytest.raises(AttributeError, match="'tracer' has no attribute 'folow'"):
        tracer.folow  # noqa: B018


def test_every_format_and_rule_has_its_tests() -> None:
    formats = {path.stem for path in (ROOT / "src/tracer/statements/formats").glob("*.toml")}
    golden = [path.name for path in (ROOT / "tests/statements/golden").iterdir() if path.is_dir()]
    untested = [name for name in sorted(formats) if not any(g.startswith(name) for g in golden)]
    assert untested == []
