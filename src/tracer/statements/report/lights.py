"""Lights: which files of a load can be relied on, which must be checked, which are of no use."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Hashable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from tracer.statements.reason import Reason, joined
from tracer.statements.reasons import AGAIN, EMPTY_SHEET, NO_OTHER, PLACEHOLDER, UNANSWERED
from tracer.statements.report import advice
from tracer.statements.report.advice import Named, rows_named

GREEN, YELLOW, RED = 0, 1, 2
# From this share of the data rows on, what is left of a file tells a false story.
LOST_SHARE = 0.05
# Quiet weeks are usual; a longer time without rows is asked about.
GAP_DAYS = 30

_KEY = ["load_id", "source", "sheet"]
ARCHIVE = "archive"
# Sheets that are not read and do no harm by it; a case of the first version keeps no codes.
_HARMLESS = {AGAIN.code, EMPTY_SHEET.code}
_FIRST = {AGAIN.zh, EMPTY_SHEET.zh}
# So many files of an archive are named where they were not taken out.
_NAMED = 3
_FAILED = r"失败|超时|未查|拒绝|错误|^0?2$"
_UNKNOWN_ROWS = Reason("行号未记录", "rows not recorded")


@dataclass(frozen=True)
class Cause:
    """One thing that keeps a sheet from being green."""

    light: int
    """YELLOW or RED."""
    why: Reason
    """What was found."""
    do: Reason
    """What to do about it."""


@dataclass(frozen=True)
class Judged:
    """One sheet of one file: what the tables of a load say of it, and its light."""

    line: dict[str, Any]
    """The line of ``tables.FILES``."""
    faults: pd.DataFrame
    """As ``tables.FAULTS``."""
    skipped: pd.DataFrame
    """As ``tables.SKIPPED``."""
    coverage: pd.DataFrame
    """As ``tables.COVERAGE``."""
    failed: pd.DataFrame
    """As ``tables.TASKS``: the queries that failed."""
    named: Named
    """What commands call it."""
    inside: list[dict[str, Any]]
    """The lines of ``tables.FILES`` for what was not taken out of it, if it is an archive."""
    causes: list[Cause]
    """Worst first; none where the light is green."""

    @property
    def light(self) -> int:
        """Return GREEN, YELLOW or RED."""
        return max((cause.light for cause in self.causes), default=GREEN)

    @cached_property
    def proof(self) -> tuple[int, int, int]:
        """Return how many rows are proved, broken and without a balance."""
        if self.coverage.empty:
            # A sheet may be known by its line alone.
            return _whole(self.line["proved"]), _whole(self.line["broken"]), 0
        names = ("proved", "broken", "unproved")
        proved, broken, unproved = (int(self.coverage[name].to_numpy().sum()) for name in names)
        return proved, broken, unproved

    @cached_property
    def accounts(self) -> int:
        """Return how many own accounts the sheet tells of."""
        return self.coverage["account"].nunique() or _whole(self.line["accounts"])


def judge(
    files: pd.DataFrame,
    faults: pd.DataFrame,
    skipped: pd.DataFrame,
    coverage: pd.DataFrame,
    tasks: pd.DataFrame,
    *,
    root: str = "",
) -> list[list[Judged]]:
    """
    Give every sheet of a load its light.

    Parameters
    ----------
    files, faults, skipped, coverage, tasks
        The tables of one load.
    root
        The folder that the files lie in, as the investigator gave it.

    Returns
    -------
    list of list of Judged
        One list for each file, with its sheets as the file has them; the files
        whose worst sheet is worst come first, then as they were loaded.
    """
    faults_of, skipped_of, coverage_of, failed_of = (
        _parts(frame) for frame in (faults, skipped, coverage, tasks[_failures(tasks)])
    )
    lines = [{str(name): value for name, value in one.items()} for one in files.to_dict("records")]
    inside: dict[Hashable, list[dict[str, Any]]] = {
        _file(line): [] for line in lines if line["format"] == ARCHIVE
    }
    judged: dict[Hashable, list[Judged]] = {}
    for line in lines:
        home = _home(line, inside)
        if home and not line["format"] and not line["sha256"]:
            inside[line["load_id"], home].append(line)
            if line["source"] == home:
                # The archive's own damage is told in its line.
                continue
        key = tuple(line[name] for name in _KEY)
        bare = Judged(
            line,
            faults_of.get(key, faults.head(0)),
            skipped_of.get(key, skipped.head(0)),
            coverage_of.get(key, coverage.head(0)),
            failed_of.get(key, tasks.head(0)),
            _named(line, root, home),
            inside.get(_file(line), []),
            causes=[],
        )
        judged.setdefault(_file(line), []).append(bare)
    # What an archive holds is known when all lines were seen.
    told = [
        [replace(one, causes=sorted(_causes(one), key=_weight)) for one in some]
        for some in judged.values()
    ]
    return sorted(told, key=lambda sheets: -worst(sheets))


def _weight(cause: Cause) -> tuple[int, bool]:
    # Without the other side nothing can be followed, which is worse than a lost row.
    return -cause.light, NO_OTHER.code not in cause.why.code.split()


def _file(line: dict[str, Any]) -> tuple[int, str]:
    return line["load_id"], line["source"]


def _home(line: dict[str, Any], archives: Collection[Hashable]) -> str:
    """Return the archive that a file lies in, or that it is; "" for none."""
    place = str(line["source"])
    while place and (line["load_id"], place) not in archives:
        place = place.rpartition("/")[0]
    return place


def _named(line: dict[str, Any], root: str, home: str) -> Named:
    source = str(line["source"])
    path, archive = (posixpath.join(root, name) for name in (source, home))
    return Named(source, path, line["sheet"], archive if home not in {"", source} else "")


def worst(sheets: list[Judged]) -> int:
    """Return the light of a file: that of its worst sheet."""
    return max(one.light for one in sheets)


def _parts(frame: pd.DataFrame) -> dict[Hashable, pd.DataFrame]:
    """Return the lines of each sheet."""
    return dict(iter(frame.groupby(_KEY, sort=False)))


def _failures(tasks: pd.DataFrame) -> pd.Series:
    """Return which tasks failed: by their result, or by the name of the table they stand in."""
    told = tasks["result"].str.contains(_FAILED) | tasks["detail"].str.contains(_FAILED)
    return told | tasks["source"].str.contains("失败")


def _causes(one: Judged) -> list[Cause]:
    line = one.line
    if pd.notna(line["stands"]):
        return _elsewhere(one)
    if not line["format"]:
        return [*_unread(one), *_instead(one)]
    if line["format"] == ARCHIVE:
        return [*_archive(one), *_instead(one)]
    causes = _instead(one)
    if line["rows"] != line["entries"] + line["faults"] + line["skipped"]:
        causes.append(Cause(RED, advice.SUMS.about(rows=f"{line['rows']:,}"), advice.REPORT))
    causes += [*_broken(one), *_lost(one), *_unanswered(one), *_gaps(one)]
    if not line["entries"] and not line["faults"]:
        causes.append(Cause(YELLOW, advice.NOTHING, advice.ASK_WHETHER))
    return [*causes, *_cells(one), *_unproved(one), *_noted(one)]


def _elsewhere(one: Judged) -> list[Cause]:
    """Return the light of the load that holds the rows, where it is not green."""
    light, load = int(one.line["light"]), int(one.line["stands"])
    if light == GREEN:
        return []
    here = load == one.line["load_id"]
    do = advice.AS_THERE if here else advice.AS_BEFORE.about(load=load)
    return [Cause(light, Reason(str(one.line["note"]), str(one.line["note_en"])), do)]


def _instead(one: Judged) -> list[Cause]:
    """Tell of the reading that this one took the place of, and of choices that it changed."""
    if not one.line["again"]:
        return []
    why = Reason(str(one.line["again"]), str(one.line["again_en"]))
    return [Cause(int(one.line["light"]), why, advice.ANEW)]


def _unread(one: Judged) -> list[Cause]:
    note = _note(one.line)
    harmless = note.code in _HARMLESS if note.code else note.zh in _FIRST
    if harmless and one.faults.empty:
        return []
    rows = int(one.line["rows"])
    why = advice.WHOLE.about(rows=f"{rows:,}", reason=note) if rows > 1 else note
    return [Cause(RED, why, advice.advice(note.code, advice.BY_REASON, one.named))]


def _archive(one: Judged) -> list[Cause]:
    """Return what of an archive was not taken out; its files have lights of their own."""
    causes, members = [], []
    todo: list[Reason] = []
    for line in one.inside:
        note = _note(line)
        do = advice.advice(note.code, advice.BY_REASON, one.named)
        if line["source"] == one.line["source"]:
            causes.append(Cause(RED, note, do))
        else:
            members.append(str(line["source"]).removeprefix(f"{one.line['source']}/"))
            todo.append(do)
    if members:
        names = "、".join(members[:_NAMED]) + ("…" if len(members) > _NAMED else "")
        why = advice.INSIDE.about(count=f"{len(members):,}", names=names)
        causes.append(Cause(RED, why, todo[0] if len({*todo}) == 1 else advice.EACH))
    if one.line["code"] == "bare" and not causes:
        again = advice.advice("", advice.AGAIN, one.named)
        causes.append(Cause(YELLOW, advice.BARE, again))
    return causes


def _note(line: dict[str, Any]) -> Reason:
    return Reason(str(line["note"]), str(line["note_en"]), str(line["code"]))


def _broken(one: Judged) -> list[Cause]:
    if not one.proof[1]:
        return []
    beside, unexplained = _breaks(one)
    causes = []
    if beside:
        why = advice.BESIDE.about(count=f"{len(beside):,}", rows=rows_named(beside))
        causes.append(Cause(YELLOW, why, advice.MEND))
    broken = one.proof[1] - len(beside)
    if not broken:
        return causes
    known = rows_named(unexplained, broken) if unexplained else _UNKNOWN_ROWS
    do = advice.CHECK_BREAKS.about(rows=known) if unexplained else advice.REPORT
    wrong = one.coverage[one.coverage["broken"].gt(0) & one.coverage["gap_days"].gt(0)]
    for gap in wrong.nlargest(1, "gap_days").to_dict("records"):
        fetch = advice.FETCH.about(**_dates(gap))
        do = joined([fetch, do])
    kept = f"{int(one.line['entries']):,}"
    why = advice.BROKEN.about(kept=kept, count=f"{broken:,}", rows=known)
    return [*causes, Cause(RED, why, do)]


def _breaks(one: Judged) -> tuple[list[int], list[int]]:
    """Return the rows that break beside a row that was set aside, and the others."""
    named = sorted(int(row) for rows in one.coverage["break_rows"] for row in rows.split())
    aside = set(one.faults.loc[one.faults["aside"].eq("row"), "row"])
    # A file may run down or up in time, so the row that is missed is the one above or below.
    beside = [row for row in named if aside & {row - 1, row + 1}]
    return beside, [row for row in named if row not in beside]


def _lost(one: Judged) -> list[Cause]:
    lost, kept = int(one.line["faults"]), int(one.line["entries"])
    if not lost:
        return []
    rows, reason, do = _most(one.faults[one.faults["aside"].eq("row")], one.named)
    share = lost / (lost + kept)
    light = RED if share >= LOST_SHARE else YELLOW
    told = "<0.1%" if share < 0.001 else f"{share:.1%}"
    usable = advice.KEPT if one.proof[1] else advice.USABLE
    good = usable.about(count=f"{kept:,}") if kept else advice.NONE
    why = advice.LOST.about(kept=good, count=f"{lost:,}", share=told, rows=rows, reason=reason)
    return [Cause(light, why, do)]


def _cells(one: Judged) -> list[Cause]:
    if one.faults.empty:
        return []
    # The cells of a row that was set aside are told with it.
    aside = one.faults.loc[one.faults["aside"].ne("cell"), "row"]
    cells = one.faults[one.faults["aside"].eq("cell") & ~one.faults["row"].isin(aside)]
    if cells.empty:
        return []
    rows, reason, do = _most(cells, one.named)
    why = advice.CELLS.about(count=f"{len(cells):,}", rows=rows, reason=reason)
    return [Cause(YELLOW, why, do)]


def _most(faults: pd.DataFrame, named: Named) -> tuple[Reason, Reason, Reason]:
    """Return the rows of some faults, their commonest reason, and what to do about it."""
    if faults.empty:
        return _UNKNOWN_ROWS, Reason("", ""), advice.REPORT
    rows = rows_named(sorted({int(row) for row in faults["row"]}))
    counts = faults[["reason", "reason_en", "code"]].value_counts()
    reason = Reason(*map(str, counts.index[0]))
    why = (advice.MOST if len(counts) > 1 else advice.WHY).about(reason=reason)
    return rows, why, advice.advice(reason.code, advice.CHECK.about(rows=rows), named)


def _unanswered(one: Judged) -> list[Cause]:
    causes = []
    if len(one.failed):
        why = advice.FAILED.about(count=f"{len(one.failed):,}")
        causes.append(Cause(YELLOW, why, advice.ASK_TASKS))
    if one.skipped.empty:
        return causes
    rows = one.skipped.loc[one.skipped["kind"].eq("placeholder"), "row"]
    if len(rows):
        named = rows_named(sorted(rows.tolist()))
        why = advice.PLACEHOLDERS.about(count=f"{len(rows):,}", rows=named)
        causes.append(Cause(YELLOW, why, advice.ASK_ACCOUNTS))
    return causes


def _gaps(one: Judged) -> list[Cause]:
    if not (one.coverage["gap_days"].to_numpy() > GAP_DAYS).any():
        return []
    long = one.coverage[one.coverage["gap_days"].gt(GAP_DAYS)]
    if one.proof[1] > len(_breaks(one)[0]):
        # Where the balance breaks, the gap is told with the break.
        long = long[long["broken"].eq(0)]
    causes = []
    for gap in long.nlargest(1, "gap_days").to_dict("records"):
        others = len(long) - 1
        more = advice.MORE_GAPS.about(count=others) if others else ""
        why = advice.GAP.about(**_dates(gap), days=gap["gap_days"], more=more)
        causes.append(Cause(YELLOW, why, advice.FETCH.about(**_dates(gap))))
    return causes


def _dates(gap: dict[Hashable, Any]) -> dict[str, object]:
    return {
        "account": gap["account"],
        "begin": f"{gap['gap_from']:%Y-%m-%d}",
        "end": f"{gap['gap_to']:%Y-%m-%d}",
    }


def _unproved(one: Judged) -> list[Cause]:
    proved, broken, unproved = one.proof
    if not unproved or not proved + broken:
        return []
    return [Cause(YELLOW, advice.UNPROVED.about(count=f"{unproved:,}"), advice.KNOW)]


def _noted(one: Judged) -> list[Cause]:
    """Return what was assumed; what is told with its rows elsewhere is not told again."""
    note = _note(one.line)
    told = {
        PLACEHOLDER.code: one.skipped["kind"].eq("placeholder").any(),
        UNANSWERED.code: len(one.failed) > 0,
    }
    if not note.zh or told.get(note.code, False):
        return []
    return [Cause(YELLOW, note, advice.advice(note.code, advice.CONFIRM, one.named))]


def _whole(value: object) -> int:
    return 0 if pd.isna(value) else int(value)  # type: ignore[call-overload]
