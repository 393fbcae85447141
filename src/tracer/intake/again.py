"""Again: what a load says of files that the case has already, with the light that they have."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd

from tracer import tables
from tracer.intake.earlier import Arrival, inside, latest
from tracer.statements.reasons import AGAIN, Reason
from tracer.statements.report import lights
from tracer.statements.report.lights import GREEN, YELLOW, Judged, worst
from tracer.statements.report.words import words
from tracer.stores import journal
from tracer.stores.duckdb import fetch_of
from tracer.table import Table

_SAME = Reason(
    "与第 {load} 次载入（{at}）的“{source}”完全相同，未重复载入。",
    'The same as "{source}" of load {load} ({at}); it was not loaded twice.',
)
_TWIN = Reason(
    "与本次载入的“{source}”完全相同，未重复载入。",
    'The same as "{source}" of this load; it was not loaded twice.',
)
_KEPT = Reason(
    "这次没有读出来，仍以第 {load} 次载入（{at}）的“{source}”为准。",
    'It could not be read this time; "{source}" of load {load} ({at}) stands.',
)
_GONE = Reason(
    "已在第 {load} 次载入（{at}）时重新读取（“{source}”），以那次为准。",
    'It was read again in load {load} ({at}) as "{source}", which stands.',
)
_VERDICT = Reason("结论仍是“{light}”：{why}", 'It is still "{light}": {why}')
_REPLACED = Reason(
    "已按新的版式重新读取，替换第 {load} 次载入的 {rows} 行。",
    "Read again by other declarations; this takes the place of {rows} rows of load {load}.",
)


@dataclass(frozen=True)
class _Verdict:
    """What a file or archive was judged when its rows came."""

    load: int
    """The load that holds its rows."""
    source: str
    """What it is called there."""
    light: int
    """GREEN, YELLOW or RED."""
    why: Reason
    """The worst cause; empty where the light is green."""


def told(
    connection: duckdb.DuckDBPyConnection, arrived: Arrival, new: pd.DataFrame, gone: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Say in the lines of a load what they are the same as, and what takes whose place.

    Parameters
    ----------
    connection
        A connection with an open transaction; all that the load brought is stored but its lines.
    arrived
        What the load brought.
    new
        The lines of this load, as ``tables.FILES``.
    gone
        The lines for what gave way to it.

    Returns
    -------
    tuple of pandas.DataFrame
        ``new`` and ``gone``, complete.
    """
    again = new["code"].eq(AGAIN.code)
    if not again.any() and gone.empty:
        return new, gone
    old = arrived.files[~arrived.files["sha256"].isin(gone["sha256"])]
    wanted = set(new.loc[again, "sha256"]) | set(gone["sha256"])
    verdicts = _of_files(connection, pd.concat([old, new]), wanted)
    loads = _moments(connection)
    new = _replacing(_marked(new, again, verdicts, loads, arrived.failed), arrived)
    archives = _of_archives(connection, pd.concat([old, new], ignore_index=True), wanted)
    new = _marked(new, again & new["stands"].isna(), archives, loads, {})
    return new, _marked(gone, gone["sha256"].ne(""), verdicts, loads, {}, moved=True)


def _of_files(
    connection: duckdb.DuckDBPyConnection, files: pd.DataFrame, wanted: set[str]
) -> dict[str, _Verdict]:
    lines = latest(files)
    judged = _judged(connection, lines[lines["sha256"].isin(wanted)])
    return {
        str(line["sha256"]): _verdict([sheets], int(line["load_id"]), str(line["source"]))
        for sheets in judged
        for line in [sheets[0].line]
    }


def _of_archives(
    connection: duckdb.DuckDBPyConnection, files: pd.DataFrame, wanted: set[str]
) -> dict[str, _Verdict]:
    """Judge archives by the lines of all that lies in them."""
    own = files[files["format"].eq("archive") & files["sha256"].isin(wanted)]
    found = {}
    for line in own.drop_duplicates("sha256", keep="last").to_dict("records"):
        place = int(line["load_id"]), str(line["source"])
        judged = _judged(connection, files[inside(files, *place)])
        found[str(line["sha256"])] = _verdict(judged, *place)
    return found


def _judged(connection: duckdb.DuckDBPyConnection, lines: pd.DataFrame) -> list[list[Judged]]:
    def of(table: Table) -> pd.DataFrame:
        return fetch_of(connection, table, lines)

    behind = (tables.FAULTS, tables.SKIPPED, tables.COVERAGE, tables.TASKS)
    return lights.judge(lines, *map(of, behind)) if len(lines) else []


def _verdict(judged: list[list[Judged]], load: int, source: str) -> _Verdict:
    light = max(map(worst, judged), default=GREEN)
    causes = (cause for sheets in judged for one in sheets for cause in one.causes)
    why = next((cause.why for cause in causes if cause.light == light != GREEN), Reason("", ""))
    return _Verdict(load, source, light, why)


def _marked(
    lines: pd.DataFrame,
    which: pd.Series,
    verdicts: dict[str, _Verdict],
    loads: dict[int, str],
    failed: dict[str, Reason],
    *,
    moved: bool = False,
) -> pd.DataFrame:
    """Fill in where the rows of some lines stand, and how good they are there."""
    filled = [
        line | _said(line, verdicts[line["sha256"]], loads, failed.get(line["sha256"]), moved)
        if here and line["sha256"] in verdicts
        else line
        for line, here in zip(_records(lines), which, strict=True)
    ]
    return tables.FILES.conform(pd.DataFrame(filled, columns=list(tables.FILES.columns)))


def _records(lines: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for line in lines.to_dict("records"):
        yield {str(name): value for name, value in line.items()}


def _said(
    line: dict[str, Any], one: _Verdict, loads: dict[int, str], failed: Reason | None, moved: bool
) -> dict[str, Any]:
    twin = _TWIN if one.load == line["load_id"] else _SAME
    sentence = _GONE if moved else _KEPT if failed else twin
    about = sentence.about(load=one.load, at=loads.get(one.load, loads[0]), source=one.source)
    if failed:
        light, why = max(one.light, YELLOW), failed
    else:
        light, why = one.light, _still(one)
    zh, en = about.zh + why.zh, f"{about.en} {why.en}".strip()
    return {"stands": one.load, "light": light, "note": zh, "note_en": en}


def _still(one: _Verdict) -> Reason:
    """Repeat why a file is not green; nothing where it is."""
    if one.light == GREEN:
        return Reason("", "")
    zh, en = (words(lang)[f"light_{one.light}"] for lang in ("zh", "en"))
    return Reason(
        _VERDICT.zh.format(light=zh, why=one.why.zh), _VERDICT.en.format(light=en, why=one.why.en)
    )


def _replacing(new: pd.DataFrame, arrived: Arrival) -> pd.DataFrame:
    """Say in the lines of files that were read again how many rows they take the place of."""
    read = arrived.replaced[arrived.replaced["format"].ne("")]
    read = read.assign(count=read["entries"] + read["faults"])
    old = read.groupby("sha256").agg(load=("load_id", "max"), rows=("count", "sum"))
    here = new["sha256"].isin(old.index) & new["stands"].isna() & ~new["sha256"].duplicated()
    lines = list(_records(new))
    for line in itertools.compress(lines, here):
        load, rows = old.loc[line["sha256"]].tolist()
        said = _REPLACED.about(load=load, rows=f"{rows:,}")
        line |= {"again": said.zh, "again_en": said.en, "light": GREEN}
    return tables.FILES.conform(pd.DataFrame(lines, columns=list(tables.FILES.columns)))


def _moments(connection: duckdb.DuckDBPyConnection) -> dict[int, str]:
    """Return when each load was, to the minute; under 0 the present."""
    log = journal.read(connection)
    found = {0: journal.now()[:16].replace("T", " ")}
    log = log[log["action"].isin(["load", "victims"])]
    for at, details in zip(log["at"], log["details"], strict=True):
        inputs = json.loads(details).get("inputs", [])
        found |= {int(one["load_id"]): at[:16].replace("T", " ") for one in inputs[:1]}
    return found
