"""The report of a load: file by file, what it was read as, what is proved, and what to do."""

from __future__ import annotations

import copy
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from tracer import tables
from tracer.statements.report import lights, page
from tracer.statements.report.lights import GREEN, RED, YELLOW, Judged, worst
from tracer.statements.report.page import SIGNS, period, short, sums, total
from tracer.statements.report.words import words
from tracer.views import notebook

# The console names a fault of so many reasons; the page has more, the table `faults` has all.
FEW = 3


@dataclass(frozen=True)
class LoadReport:
    """What one load read, and what it set aside."""

    files: pd.DataFrame
    """As ``tables.FILES``; rows = entries + faults + skipped in every line."""
    faults: pd.DataFrame
    """As ``tables.FAULTS``: one line for each row or cell and each reason; of a file or sheet that
    was not read one line, with row 0 and how many rows it has."""
    skipped: pd.DataFrame = field(default_factory=tables.SKIPPED.empty)
    """As ``tables.SKIPPED``, one line for each source row that is no data."""
    coverage: pd.DataFrame = field(default_factory=tables.COVERAGE.empty)
    """As ``tables.COVERAGE``: what the rows of each account cover, and prove of each other."""
    tasks: pd.DataFrame = field(default_factory=tables.TASKS.empty)
    """As ``tables.TASKS``; those that failed are gaps."""
    root: str = field(default="", init=False)
    """The folder that the files lie in, as it was given; commands in advice begin with it."""

    @property
    def entries(self) -> int:
        """How many rows became entries, registrations or reports."""
        return int(self.files["entries"].sum())

    @property
    def set_aside(self) -> int:
        """How many rows were set aside."""
        return int(self.files["faults"].sum())

    def given(self, path: Path) -> LoadReport:
        """
        Return the report of what was loaded from a path, so that advice names files as they are.

        Parameters
        ----------
        path
            The file or folder, as the investigator gave it.
        """
        place = path if path.is_dir() else path.parent
        told = copy.copy(self)
        # It is no table of the load, and is not given with them.
        object.__setattr__(told, "root", "" if place == Path() else place.as_posix())
        return told

    def show(self, lang: str = "zh") -> None:
        """
        Display the report in a notebook; elsewhere print it.

        Parameters
        ----------
        lang
            zh or en.
        """
        if notebook.running():
            notebook.show(page.render(self._judged(), lang=lang, whole=False))
        else:
            sys.stdout.write(self.text(lang) + "\n")

    def to_html(self, path: str | Path | None = None, *, lang: str = "zh") -> str | Path:
        """
        Write the report as one page that needs no network and runs nothing.

        Parameters
        ----------
        path
            The file to write; without it the page itself is returned.
        lang
            zh or en.

        Returns
        -------
        str or pathlib.Path
            The page, or the path of the file that was written.

        Examples
        --------
        >>> empty = LoadReport(tables.FILES.empty(), tables.FAULTS.empty())
        >>> "Content-Security-Policy" in empty.to_html()
        True
        """
        drawn = page.render(self._judged(), lang=lang)
        if path is None:
            return drawn
        target = Path(path)
        target.write_text(drawn, encoding="utf-8", newline="\n")
        return target

    def text(self, lang: str = "zh") -> str:
        """
        Return the report in plain sentences, file by file, the worst first.

        Parameters
        ----------
        lang
            zh or en.
        """
        say, files = words(lang), self._judged()
        sheets = [line for some in files for one in some for line in _lines(one, lang, say)]
        return "\n".join([say["stop"].join(total(files, lang)), *_counts(files, say), *sheets])

    def __str__(self) -> str:
        """Return the report in Chinese."""
        return self.text()

    def _repr_html_(self) -> str:
        return page.render(self._judged(), whole=False)

    def _judged(self) -> list[list[Judged]]:
        told = (self.files, self.faults, self.skipped, self.coverage, self.tasks)
        return lights.judge(*told, root=self.root)


def _counts(files: list[list[Judged]], say: dict[str, str]) -> list[str]:
    lamps = [worst(sheets) for sheets in files]
    told = [
        f"{SIGNS[light]} {say[f'light_{light}']} {lamps.count(light):,}"
        for light in (RED, YELLOW, GREEN)
        if light in lamps
    ]
    return [say["comma"].join(told)] if told else []


def _lines(one: Judged, lang: str, say: dict[str, str]) -> Iterator[str]:
    """Yield the line of a sheet and, unless it is green, why and what to do."""
    line = one.line
    name = f"{line['source']} [{line['sheet']}]" if line["sheet"] else line["source"]
    title = line["title"] if lang == "zh" else line["format"]
    known = say["read_as"].format(title=title) if line["format"] else say["unread"]
    span = " ".join(period(line["first_time"], line["last_time"], say))
    facts = say["stop"].join(filter(None, [known, sums(line, say), span]))
    light = f"{SIGNS[one.light]} {say[f'light_{one.light}']}"
    note = "" if one.causes else line["note" if lang == "zh" else "note_en"]
    yield f"{light} {name}{say['colon']}{facts}" + (f"{say['stop']}{note}" if note else "")
    for cause in one.causes:
        why, do = (cause.why.zh, cause.do.zh) if lang == "zh" else (cause.why.en, cause.do.en)
        yield f"    {SIGNS[cause.light]} {why}"
        yield f"      {say['do']}{say['colon']}{do}"
    faults = one.faults[one.faults["aside"].ne("file")]
    for fault in faults.drop_duplicates(["aside", "reason"]).head(FEW).to_dict("records"):
        told = {
            "row": fault["row"],
            "column": fault["column"],
            "value": repr(short(fault["value"], say)),
            "reason": fault["reason" if lang == "zh" else "reason_en"],
        }
        yield f"      {say['fault'].format(**told)}"
    if len(faults) > 1:
        yield f"      {say['all_faults'].format(all=f'{len(faults):,}')}"
