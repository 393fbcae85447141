"""One hostile file for every number: the same seed and number give the same bytes."""

from __future__ import annotations

import csv
import functools
import io
from dataclasses import dataclass
from pathlib import Path
from random import Random

from soak import makes, packages, texts

ROOT = Path(__file__).parents[2]
_PAGE = (
    "<html><head><meta charset='gbk'></head><body><table>{}</table></body></html>",
    "<tr>{}</tr>",
    "<td>{}</td>",
)


@dataclass(frozen=True)
class Attack:
    """A file to be loaded."""

    name: str
    """What it is called; its kind of content may be another."""
    content: bytes
    """Its bytes."""
    archive: bool
    """Whether it is to be loaded by a case, which unpacks it."""


@functools.cache
def statements() -> dict[str, bytes]:
    """Return the sound files that are damaged: every golden input, and the head of each sample."""
    golden = sorted((ROOT / "tests/statements/golden").glob("*/input.*"))
    found = {f"{path.parent.name}{path.suffix}": path.read_bytes() for path in golden}
    samples = sorted((ROOT / "sample_data/statements").rglob("*.csv"))
    for number, path in enumerate(samples):
        head = path.read_bytes().splitlines(keepends=True)[:40]
        found[f"{number}_{path.name}"] = b"".join(head)
    return {name: content for name, content in found.items() if content}


@functools.cache
def grids() -> list[list[list[str]]]:
    """Return the cells of the texts among them."""
    found = []
    for name, content in statements().items():
        if not name.endswith((".csv", ".txt")):
            continue
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("gb18030", "replace")
        mark = max(",\t|", key=text.count)
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
        if rows and max(map(len, rows)) > 1:
            found.append(rows)
    return found


def attack(seed: int, number: int) -> Attack:
    """Return one hostile file."""
    rng = Random(f"{seed}/{number}")
    which = rng.random()
    if which < 0.5:
        name = rng.choice(list(statements()))
        suffix = rng.choice((Path(name).suffix, ".csv", ".txt", ".xls", ".xlsx", ""))
        content = statements()[name]
        return Attack(Path(name).stem + suffix, texts.mutated(content, rng), archive=False)
    grid = rng.choice(grids())
    if which < 0.78:
        parts = makes.xlsx(grid, inline=rng.random() < 0.3)
        return Attack("a.xlsx", packages.workbook(parts, rng, packages.XLSX), archive=False)
    if which < 0.84:
        content = packages.workbook(makes.ods(grid), rng, packages.ODS)
        return Attack("a.ods", content, archive=False)
    if which < 0.87:
        cells = {
            (row, column): cell for row, line in enumerate(grid) for column, cell in enumerate(line)
        }
        content = packages.workbook(makes.xlsb(cells), rng, packages.XLSB)
        return Attack("a.xlsb", content, archive=False)
    if which < 0.9:
        return Attack("a.xls", texts.mutated(_page(grid), rng), archive=False)
    name = rng.choice(("a.zip", "a.tgz", "a.tar.gz", "a.xlsx", "a"))
    return Attack(name, packages.archive(statements(), rng), archive=True)


def _page(grid: list[list[str]]) -> bytes:
    whole, row, cell = _PAGE
    lines = [row.format("".join(cell.format(one) for one in line)) for line in grid]
    return whole.format("".join(lines)).encode("gb18030", "replace")
