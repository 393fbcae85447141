"""The report of a load: file by file, what it was read as, and what was set aside and why."""

from __future__ import annotations

import sys
from collections.abc import Hashable
from dataclasses import dataclass

import pandas as pd

from tracer.views.escape import text as escape

_FILES = {
    "zh": {
        "source": "文件", "sheet": "工作表", "title": "识别为", "rows": "行数", "entries": "采用",
        "faults": "问题行", "skipped": "跳过", "note": "说明",
    },
    "en": {
        "source": "file", "sheet": "sheet", "format": "format", "rows": "rows", "entries": "used",
        "faults": "set aside", "skipped": "skipped", "note_en": "note",
    },
}  # fmt: skip
_FAULTS = {
    "zh": {
        "source": "文件", "sheet": "工作表", "row": "行", "column": "列", "value": "内容",
        "reason": "原因",
    },
    "en": {
        "source": "file", "sheet": "sheet", "row": "row", "column": "column", "value": "value",
        "reason_en": "reason",
    },
}  # fmt: skip
# A page shows this many faults; the table `faults` has them all.
SHOWN = 200


@dataclass(frozen=True)
class LoadReport:
    """What one load read, and what it set aside."""

    files: pd.DataFrame
    """As ``tables.FILES``; rows = entries + faults + skipped in every line."""
    faults: pd.DataFrame
    """As ``tables.FAULTS``, one line for each row or cell and each reason."""

    @property
    def entries(self) -> int:
        """How many rows became entries, registrations or reports."""
        return int(self.files["entries"].sum())

    @property
    def set_aside(self) -> int:
        """How many rows were set aside."""
        return int(self.files["faults"].sum())

    def show(self, lang: str = "zh") -> None:
        """
        Print the report.

        Parameters
        ----------
        lang
            zh or en.
        """
        sys.stdout.write(self.text(lang) + "\n")

    def text(self, lang: str = "zh") -> str:
        """
        Return the report in plain sentences, file by file.

        Parameters
        ----------
        lang
            zh or en.
        """
        lines = [_sentence(line, lang) for line in self.files.to_dict("records")]
        return "\n".join([_total(self, lang), *lines])

    def __str__(self) -> str:
        """Return the report in Chinese."""
        return self.text()

    def _repr_html_(self) -> str:
        shown = self.faults.head(SHOWN)
        more = len(self.faults) - len(shown)
        tail = f"<p>另有 {more} 条问题，见 report.faults。</p>" if more else ""
        faults = _table(shown, _FAULTS["zh"]) if len(shown) else ""
        head = escape(_total(self, "zh"))
        return f"<p>{head}</p>{_table(self.files, _FILES['zh'])}{faults}{tail}"


def _total(report: LoadReport, lang: str) -> str:
    files, used, lost = report.files["source"].nunique(), report.entries, report.set_aside
    if lang == "en":
        return f"{files} files: {used} rows used, {lost} rows set aside."
    return f"共 {files} 个文件：采用 {used} 行，问题行 {lost} 行。"


def _sentence(line: dict[Hashable, object], lang: str) -> str:
    name = f"{line['source']} [{line['sheet']}]" if line["sheet"] else str(line["source"])
    rows, used, lost, skipped = (line[key] for key in ("rows", "entries", "faults", "skipped"))
    if lang == "en":
        known = f"read as {line['format']!r}" if line["format"] else "not read"
        counts = f"{rows} rows = {used} used + {lost} set aside + {skipped} skipped"
        return f"{name}: {known}; {counts}. {line['note_en']}".rstrip()
    known = f"识别为《{line['title']}》" if line["format"] else "没有读取"
    counts = f"共 {rows} 行 = 采用 {used} + 问题 {lost} + 跳过 {skipped}"
    return f"{name}：{known}；{counts}。{line['note']}"


def _table(frame: pd.DataFrame, columns: dict[str, str]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in columns.values())
    rows = frame[list(columns)].astype("str").to_numpy()
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
