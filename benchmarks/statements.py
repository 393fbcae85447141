"""Measure how fast statements load: each measure in its own process, the best of three runs."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

# A sibling module is found beside the script that is run.
import made
import psutil

BEST_OF = 3
LARGEST_GB = 3.0
# Linux and Windows let a process be kept to some cores, macOS does not.
CONFINED = hasattr(psutil.Process, "cpu_affinity")


@dataclass(frozen=True)
class Measure:
    """One line of the table: a load, the bare reader that it is held against, and the bound."""

    name: str
    load: str
    path: Path
    bare: str = ""
    """What is measured beside it; "" for nothing."""
    bound: float | None = None
    """The load may take this many times what the bare reader takes."""
    faster: bool = False
    """The bound is how many times faster the load must be instead."""
    cores: tuple[int, int] = (0, 0)
    """How many cores the load and the bare reader may use; 0 for all."""
    peak: bool = False
    """Whether the memory is bounded too."""


def load(path: Path) -> None:
    """Everything from the file to entries in the case's store; building the ledger is not ours."""
    from tracer.case import Case
    from tracer.intake.gather import gather as gathered
    from tracer.intake.keep import keep
    from tracer.stores.duckdb import DuckStore

    with tempfile.TemporaryDirectory() as folder:
        case = Case.create(Path(folder) / "case")
        start = time.perf_counter(), _cpu()
        readings = gathered(path, case.folder, set())
        with DuckStore(case.folder / "case.duckdb").writing() as connection:
            kept = keep(connection, readings)
        _tell(start, entries=sum(one.table.num_rows for one in readings), files=len(kept.files))


def gather(path: Path) -> None:
    """The reading alone."""
    from tracer.case import Case
    from tracer.intake.gather import gather as gathered

    with tempfile.TemporaryDirectory() as folder:
        case = Case.create(Path(folder) / "case")
        start = time.perf_counter(), _cpu()
        readings = gathered(path, case.folder, set())
        _tell(start, entries=sum(one.table.num_rows for one in readings))


def excel(path: Path) -> None:
    """The workbook's cells as text in Arrow, and nothing else."""
    import fastexcel

    start = time.perf_counter(), _cpu()
    book = fastexcel.read_excel(path)
    book.load_sheet(0, header_row=None, skip_rows=0, dtypes="string").to_arrow()
    _tell(start)


def arrow(path: Path) -> None:
    """The file's cells as text in Arrow, and nothing else."""
    import pyarrow as pa
    from pyarrow import csv

    with path.open(encoding="gb18030") as file:
        names = file.readline().rstrip("\n").split(",")
    start = time.perf_counter(), _cpu()
    csv.read_csv(
        path,
        csv.ReadOptions(encoding="gb18030"),
        convert_options=csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
    )
    _tell(start)


def pandas(path: Path) -> None:
    """What a notebook would do without Tracer."""
    import pandas as pd

    start = time.perf_counter(), _cpu()
    pd.read_excel(path, engine="openpyxl", dtype=str)
    _tell(start)


def make(folder: Path, scale: int) -> None:
    """Write every file that is measured."""
    large = made.rows(1_000_000 // scale)
    made.workbook(large, folder / "large.xlsx")
    made.text(large, folder / "large.csv")
    for kind in ("quoted", "ragged", "split"):
        made.text(large, folder / f"{kind}.csv", **{kind: True})
    made.workbook(large.slice(0, 200_000 // scale), folder / "medium.xlsx")
    texts, books = folder / "texts", folder / "books"
    texts.mkdir()
    books.mkdir()
    for part in range(400):
        size = 2500 // scale
        made.text(large.slice(part * size, size), texts / f"东海银行交易明细信息_{part}.csv")
    for part in range(8):
        size = 50_000 // scale
        made.workbook(large.slice(part * size, size), books / f"东海银行交易明细信息_{part}.xlsx")


WORK: dict[str, Callable[[Path], None]] = {
    one.__name__: one for one in (load, gather, excel, arrow, pandas)
}


def measures(folder: Path) -> list[Measure]:
    """Return what is measured, in the order of the table."""
    one, all_ = (1, 0)
    return [
        Measure("xlsx 1,000,000", "load", folder / "large.xlsx", "excel", 2.0, peak=True),
        Measure("csv GB18030 1,000,000", "load", folder / "large.csv", "arrow", 3.0, peak=True),
        Measure("xlsx 200,000", "load", folder / "medium.xlsx", "pandas", 8.0, faster=True),
        Measure("400 csv, all cores/one", "gather", folder / "texts", "gather", cores=(all_, one)),
        Measure("8 xlsx, all cores/one", "gather", folder / "books", "gather", cores=(all_, one)),
        Measure("csv, all cells quoted", "load", folder / "quoted.csv", "arrow"),
        Measure("csv, 1 % rows ragged", "load", folder / "ragged.csv"),
        Measure("csv, day and clock apart", "load", folder / "split.csv", "arrow"),
    ]


def _cpu() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _peak() -> float | None:
    """Return the largest memory of this process and of its largest child, in GB."""
    if sys.platform == "win32":
        return None
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(one).ru_maxrss for one in who) * unit / 1024**3


def _tell(start: tuple[float, float], **more: int) -> None:
    wall, cpu = time.perf_counter() - start[0], _cpu() - start[1]
    print(json.dumps({"seconds": wall, "cpu": cpu, "peak": _peak(), **more}))


def _child(*arguments: str) -> str:
    command = [sys.executable, __file__, *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


def _best(work: str, path: Path, cores: int) -> dict[str, float]:
    asked = ("--work", work, "--path", str(path), "--cores", str(cores))
    runs = [json.loads(_child(*asked)) for _ in range(BEST_OF)]
    best = min(runs, key=lambda run: run["seconds"])
    return best | {"peak": max((run["peak"] for run in runs), key=lambda one: one or 0)}


def _line(one: Measure) -> tuple[list[str], bool]:
    found = _best(one.load, one.path, one.cores[0])
    bare = _best(one.bare, one.path, one.cores[1]) if one.bare else None
    ratio = found["seconds"] / bare["seconds"] if bare else None
    ok, bound = True, "-"
    if ratio is not None and one.bound is not None:
        ratio = 1 / ratio if one.faster else ratio
        ok = ratio >= one.bound if one.faster else ratio <= one.bound
        bound = f"{'>=' if one.faster else '<='} {one.bound:g}"
    if one.peak and found["peak"] is not None:
        ok &= found["peak"] < LARGEST_GB
        bound += f", < {LARGEST_GB:g} GB"
    told = [
        one.name, f"{found['seconds']:.2f}", f"{bare['seconds']:.2f}" if bare else "-",
        f"{ratio:.2f}" if ratio else "-", bound,
        ("yes" if ok else "NO") if bound != "-" else "-",
        f"{found['peak']:.2f}" if found["peak"] is not None else "-",
        f"{found['cpu'] / found['seconds']:.2f}", f"{found['entries']:,}",
    ]  # fmt: skip
    return told, ok


def _show(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        first, *rest = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        print(first.strip().ljust(widths[0]), *rest, sep="  ")


def _confine(cores: int) -> None:
    """Let this process, and all that it starts, use only so many cores, where that can be asked."""
    if cores and CONFINED:
        one = psutil.Process()
        one.cpu_affinity(sorted(one.cpu_affinity())[:cores])


def main() -> None:
    """Make the files, measure, print the table; the exit code is 1 if a bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the size")
    parser.add_argument("--only", default="", help="only the measures whose name holds this")
    parser.add_argument("--work", choices=[*WORK, "make"], help=argparse.SUPPRESS)
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--cores", type=int, default=0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    scale = 10 if given.quick else 1
    if given.work == "make":
        make(given.path, scale)
    elif given.work:
        _confine(given.cores)
        WORK[given.work](given.path)
    else:
        _compare(quick=given.quick, only=given.only)


def _compare(*, quick: bool, only: str) -> None:
    table = [["measure", "seconds", "bare", "ratio", "bound", "ok", "peak GB", "cores", "entries"]]
    sound = True
    with tempfile.TemporaryDirectory() as folder:
        # Made elsewhere, because a child's memory is told as at least its parent's.
        _child("--work", "make", "--path", folder, *(["--quick"] if quick else []))
        for one in measures(Path(folder)):
            if only in one.name:
                told, ok = _line(one)
                table.append(told)
                sound &= ok
                print(*told, sep="  ", file=sys.stderr, flush=True)
    _show(table)
    if not CONFINED:
        print("This system confines no process: what should run on one core had all of them.")
    sys.exit(not sound)


if __name__ == "__main__":
    main()
