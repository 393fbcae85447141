"""Rows: which rows of a recognised sheet are the statement's own, and why the others are not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tracer.column import Column, first_bytes, large, series
from tracer.statements.cells import plain, told
from tracer.statements.files.cores import cores
from tracer.statements.formats.recognise import Match
from tracer.statements.formats.totals import FOOTER, summed
from tracer.statements.formats.widths import overflowing, torn, whole
from tracer.statements.reasons import ABSENT, PLACEHOLDER, Reason

# Where several columns carry one meaning, these are read together; of the others the first filled.
_TOGETHER = {"type", "remark", "address", "detail"}
# In a table of persons every phone number counts; a register wants the one to call.
_OF_PERSONS = {"phone"}
# Hardly any writing of these occurs twice, so that looking for repeats is work for nothing.
_VARIED = {"time", "amount", "fen", "income", "expense", "balance", "serial", "link_serial"}
_BAR = pa.scalar(" | ", pa.large_string())
# What a row was skipped as.
TITLE, HEADER, REPEATED, TOTAL, BLANK = "title", "header", "repeated", "total", "blank"
PLACED, CONTINUED = "placeholder", "continued"


@dataclass(frozen=True)
class Body:
    """The rows of a sheet that are to be read, and the account of the others."""

    columns: dict[str, Column]
    """Meaning to untouched text."""
    index: pd.Index
    """Shape (n,), the row numbers."""
    above: str = ""
    """All filled cells above the header, one to a line."""
    rows: int = 0
    """How many rows the sheet has."""
    faults: list[pd.DataFrame] = field(default_factory=list)
    """Rows set aside before reading."""
    notes: list[Reason] = field(default_factory=list)
    """What an investigator should know of the rows that were skipped."""
    source: str = ""
    """What stands for an account that the file does not name."""
    skipped: pd.DataFrame = field(default_factory=lambda: _skip(pd.DataFrame(), ""))
    """Shape (k, 3): row, kind and text of every row that is no data."""

    @cached_property
    def raw(self) -> pd.DataFrame:
        """Return the same as a frame: meaning to untouched text, by row number."""
        return pd.DataFrame(
            {name: column.texts(self.index) for name, column in self.columns.items()},
            index=self.index,
        )


def body(
    cells: pd.DataFrame, match: Match, lines: pd.DataFrame | None = None, source: str = ""
) -> Body:
    """
    Take the rows below the header that are whole: no blanks, repeated headers, totals, torn rows.

    Parameters
    ----------
    cells
        Shape (rows, columns), text, by row number.
    match
        What the sheet was recognised as.
    lines
        What the cells of a text file hide, as in ``text.Grid``.
    source
        What stands for an account that the file does not name.
    """
    head = cells.iloc[: match.at + 1]
    # Where there is no header row, the row before the first still is a title.
    titles = head if match.format.headless else head.iloc[:-1]
    above = "\n".join(
        cell for row in titles.itertuples(index=False) for cell in row if cell.strip()
    )
    below = cells.iloc[match.at + 1 :]
    skipped = [_skip(titles, TITLE), _skip(head.iloc[len(titles) :], HEADER)]
    sums = summed(below, match)
    places = np.flatnonzero(odd(below, match) | sums)
    # Even to take nothing, a long column is put together.
    doubtful = below.iloc[places] if len(places) else below.iloc[:0]
    sums = sums[places]
    notes = []
    if match.format.absent:
        said = _absent(doubtful, match.format.absent)
        sums = sums[~doubtful.index.isin(said.index)]
        doubtful = doubtful.drop(index=said.index)
        if len(said):
            skipped.append(_told(said, PLACED))
            notes.append(ABSENT.about(rows=len(said), said="、".join(said.unique()[:3])))
    # Text in cells for which there is no column is text all the same.
    bare_rows = True if lines is None else lines["extra"].loc[doubtful.index].eq("")
    for kind, those in _no_data(doubtful, match, sums):
        skipped.append(_skip(doubtful[those & bare_rows], kind))
    lost = pd.concat(skipped)["row"]
    keep = ~below.index.isin(lost) if len(lost) > len(head) else np.ones(len(below), bool)
    wrong = torn(below, keep, lines, match) if lines is not None else []
    wrong += overflowing(below, keep, lines, match)
    faults = [faulty(text, "", "row", reason) for text, reason in wrong]
    together = _TOGETHER | _OF_PERSONS if match.format.kind == "persons" else _TOGETHER
    with ThreadPoolExecutor(cores()) as pool:
        read = {
            name: pool.submit(_read, below, at, together=name in together, varied=name in _VARIED)
            for name, at in match.columns.items()
        }
    columns = {name: column.result() for name, column in read.items()}
    index = below.index
    if not keep.all():
        columns = {name: column.take(keep) for name, column in columns.items()}
        index = index[keep]
    if match.format.labelled:
        columns = _unlabelled(columns)
    whole = Body(columns, index, above, len(cells), faults, notes, source, _together(skipped))
    return _answered(whole) if "feedback" in columns else whole


def faulty(values: pd.Series, column: str, aside: str, reason: Reason) -> pd.DataFrame:
    """
    Return one fault for each value.

    Parameters
    ----------
    values
        Shape (n,), the untouched cells, by row number.
    column
        The header over them; "" where the whole row is meant.
    aside
        row or cell.
    reason
        Why.
    """
    told_why = {"reason": reason.zh, "reason_en": reason.en, "code": reason.code}
    what = {"column": column, "aside": aside, **told_why}
    return pd.DataFrame({"row": values.index, "value": values.to_numpy(), **what})


def odd(below: pd.DataFrame, match: Match) -> np.ndarray:
    """
    Return which rows may be no data: those whose key columns do not begin with a digit.

    Parameters
    ----------
    below
        Shape (rows, columns), the cells below the header.
    match
        What the sheet was recognised as.
    """
    doubtful = np.ones(len(below), bool)
    for meaning in ("time", "date", "account"):
        if meaning in match.columns:
            column = below.iloc[:, match.columns[meaning][0]]
            told_off = first_bytes(column) - 0x30 > 9
            doubtful &= told_off
            unsure = np.flatnonzero(doubtful)
            if len(unsure):
                few = column.iloc[unsure]
                doubtful[unsure] = ~few.str.contains(r"^\W*\d").to_numpy(dtype=bool)
    return doubtful


def _no_data(doubtful: pd.DataFrame, match: Match, sums: np.ndarray) -> list[tuple[str, pd.Series]]:
    """Return which doubtful rows are repeated headers, blank, or totals and footers."""
    firsts = [places[0] for places in match.columns.values()][:3]
    same = pd.Series(data=True, index=doubtful.index)
    for place in firsts:
        same &= plain(doubtful.iloc[:, place]).eq(plain(pd.Series([match.written[place]]))[0])
    first = _joined(doubtful).str.replace(r" \| .*", "", regex=True)
    patterns = "|".join((FOOTER, *match.format.footer))
    blank, total = first.eq(""), first.str.contains(f"(?:{patterns})") | sums
    return [(REPEATED, same), (BLANK, blank & ~same), (TOTAL, total & ~blank & ~same)]


def _absent(doubtful: pd.DataFrame, patterns: Sequence[str]) -> pd.Series:
    """Return the rows that only say that an account does not exist."""
    text = whole(doubtful)
    return text[text.str.contains("|".join(f"(?:{one})" for one in patterns))]


def _unlabelled(columns: dict[str, Column]) -> dict[str, Column]:
    """Return the cells without the labels before them; what evidence cites keeps its own."""
    cited = {"raw_account": "account", "raw_other": "other_account"}
    whole = {name: columns[meaning] for name, meaning in cited.items() if meaning in columns}
    bare_cells = {
        name: column.map(lambda words: words.str.replace(r"^[^：]{1,20}：", "", regex=True))
        for name, column in columns.items()
    }
    return bare_cells | whole


def _told(text: pd.Series, kind: str) -> pd.DataFrame:
    return pd.DataFrame({"row": text.index.astype("int64"), "kind": kind, "text": text.to_numpy()})


def _skip(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    return _told(_joined(rows), kind)


def _joined(rows: pd.DataFrame) -> pd.Series:
    """Return the filled cells of each row, joined by " | "."""
    if rows.empty:
        return pd.Series("", index=rows.index, dtype="str")
    cells = [large(rows.iloc[:, at]) for at in range(rows.shape[1])]
    whole = series(pc.binary_join_element_wise(*cells, _BAR)).set_axis(rows.index)
    # Cells that are empty, or filled with what nobody sees, leave nothing between two bars.
    return plain(plain(whole).str.replace(r"(?:\s*\|\s*)+", " | ", regex=True).str.strip(" |"))


def _together(skipped: list[pd.DataFrame]) -> pd.DataFrame:
    some = [part for part in skipped if len(part)]
    return pd.concat(some, ignore_index=True) if some else skipped[0]


def _read(below: pd.DataFrame, places: Sequence[int], *, together: bool, varied: bool) -> Column:
    column = Column.of(below.iloc[:, places[0]], distinct=not varied)
    for place in places[1:]:
        further = Column.of(below.iloc[:, place], distinct=not varied)
        if together:
            column = Column.joined([column.map(told), further.map(told)], " ")
            column = column.map(lambda words: words.str.strip())
        else:
            column = column.where(column.map(told).filled(), further)
    return column


def _answered(whole: Body) -> Body:
    """Leave out rows that only say that a query found nothing, and say so."""
    answer = whole.columns["feedback"].map(told)
    doubtful = answer.flags(lambda words: words.ne("") & ~words.str.fullmatch("成功|01"))
    if not doubtful.any():
        return whole
    facts = [whole.columns[name] for name in ("time", "date", "amount") if name in whole.columns]
    none = doubtful & ~np.logical_or.reduce([one.map(told).filled() for one in facts])
    if not none.any():
        return whole
    said = answer.texts(whole.index, none)
    note = PLACEHOLDER.about(rows=len(said), said="、".join(said.unique()[:3]))
    left = _told(said, PLACED)
    return replace(
        whole,
        columns={name: column.take(~none) for name, column in whole.columns.items()},
        index=whole.index[~none],
        notes=[*whole.notes, note],
        skipped=_together([whole.skipped, left]),
    )


def searched(pattern: str, above: str) -> str:
    """Return what a pattern's group finds in the text above a header; "" if nothing."""
    found = re.search(pattern, above)
    return found.group(1).strip() if found else ""
