"""The report of a load: file by file, what it was read as, and what was set aside and why."""

from __future__ import annotations

import sys
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import pandas as pd

from tracer.views.escape import text as escape
from tracer.views.table import html

_FILES = {
    "zh": {
        "source": "文件", "sheet": "工作表", "title": "识别为", "rows": "行数", "entries": "入库",
        "faults": "问题行", "skipped": "非数据行", "note": "说明",
    },
    "en": {
        "source": "file", "sheet": "sheet", "format": "format", "rows": "rows", "entries": "kept",
        "faults": "faults", "skipped": "not data", "note_en": "note",
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
# A report shows this many faults; the table `faults` has them all.
SHOWN = 200
LONGEST = 80


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
        cells = self.faults[self.faults["aside"].ne("file")]
        faults = [_fault(line, lang) for line in cells.head(SHOWN).to_dict("records")]
        return "\n".join([_total(self, lang), *lines, *faults, *_more(len(cells), lang)])

    def __str__(self) -> str:
        """Return the report in Chinese."""
        return self.text()

    def _repr_html_(self) -> str:
        shown = self.faults.head(SHOWN)
        shown = shown.assign(value=shown["value"].map(_short))
        tail = "".join(f"<p>{line}</p>" for line in _more(len(self.faults), "zh"))
        faults = _table(shown, _FAULTS["zh"]) if len(shown) else ""
        head = escape(_total(self, "zh"))
        return f"<p>{head}</p>{_table(self.files, _FILES['zh'])}{faults}{tail}"


def _total(report: LoadReport, lang: str) -> str:
    files, counts = report.files["source"].nunique(), _counts(report.files.sum(numeric_only=True))
    if lang == "en":
        return f"{files} files: {counts[1]}."
    return f"共 {files} 个文件：{counts[0]}。"


def _counts(line: Mapping[Hashable, object] | pd.Series) -> tuple[str, str]:
    rows, kept, lost, skipped = (
        f"{line[key]:,}" for key in ("rows", "entries", "faults", "skipped")
    )
    return (
        f"{rows} 行 = 入库 {kept} + 问题行 {lost} + 非数据行 {skipped}",
        f"{rows} rows = {kept} kept + {lost} faults + {skipped} not data",
    )


def _sentence(line: dict[Hashable, object], lang: str) -> str:
    name = f"{line['source']} [{line['sheet']}]" if line["sheet"] else str(line["source"])
    zh, en = _counts(line)
    if lang == "en":
        known = f"read as {line['format']!r}" if line["format"] else "not read"
        return f"{name}: {known}; {en}. {line['note_en']}".rstrip()
    known = f"识别为《{line['title']}》" if line["format"] else "没有读取"
    return f"{name}：{known}；{zh}。{line['note']}"


def _fault(line: dict[Hashable, object], lang: str) -> str:
    source, row, column = (line[key] for key in ("source", "row", "column"))
    value = _short(str(line["value"]))
    if lang == "en":
        return f"  {source}, row {row}, {column} {value!r}: {line['reason_en']}"
    return f"  {source} 第 {row} 行 {column} {value!r}：{line['reason']}"


def _short(value: str) -> str:
    """Keep one giant cell from filling the page; the table `faults` has it whole."""
    return value if len(value) <= LONGEST else f"{value[:LONGEST]}…"


def _more(faults: int, lang: str) -> list[str]:
    """Say how many faults are not shown, so that none seems to be missing."""
    if faults <= SHOWN:
        return []
    more = faults - SHOWN
    return [
        f"Another {more:,} faults: see report.faults."
        if lang == "en"
        else f"另有 {more:,} 条问题，见 report.faults。"
    ]


def _table(frame: pd.DataFrame, columns: dict[str, str]) -> str:
    counts = [columns[name] for name in ("rows", "entries", "faults", "skipped") if name in columns]
    wide = [columns[name] for name in ("source", "note", "reason", "value") if name in columns]
    return html(frame[list(columns)].rename(columns=columns), right=counts, wide=wide)
