"""Rows: which rows of a recognised sheet are the statement's own, and why the others are not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from tracer.statements.cells import plain, told
from tracer.statements.declare import bare
from tracer.statements.reasons import (
    CUT_ROW,
    FEWER_CELLS,
    MORE_CELLS,
    OPEN_QUOTE,
    PLACEHOLDER,
    SECOND_BLOCK,
    Reason,
)
from tracer.statements.recognise import Match

_FOOTER = (
    r"^(?:人民币)?(?:合计|总计|小计|共计|累计)|^(?:合计|总)金额|^(?:支出|收入)(?:笔数|累计)"
    r"|^第?\d*页|^-{5,}"
)
# Where several columns carry one meaning, these are read together; of the others the first filled.
_TOGETHER = {"type", "remark"}


@dataclass(frozen=True)
class Body:
    """The rows of a sheet that are to be read, and the account of the others."""

    raw: pd.DataFrame
    """Meaning to untouched text; the index is the row number."""
    above: str
    """All filled cells above the header, one to a line."""
    rows: int
    """How many rows the sheet has."""
    faults: list[pd.DataFrame]
    """Rows set aside before reading."""
    notes: list[Reason]
    """What an investigator should know of the rows that were skipped."""


def body(cells: pd.DataFrame, match: Match) -> Body:
    """
    Take the rows below the header that are whole: no blanks, repeated headers, totals, torn rows.

    Parameters
    ----------
    cells
        Shape (rows, columns), text, by row number; with the attributes of
        ``text.table`` where it was a text file.
    match
        What the sheet was recognised as.
    """
    lines = _measures(cells)
    cells = cells.copy(deep=False)
    cells.attrs = {}
    # Where there is no header row, the row before the first still stands above.
    head = cells.iloc[: match.at + bool(match.format.headless)]
    above = "\n".join(cell for row in head.itertuples(index=False) for cell in row if cell.strip())
    below = cells.iloc[match.at + 1 :]
    faults, notes = [], []
    if not match.format.headless:
        below = below[~_repeats(below, cells.iloc[match.at], match)]
    if match.format.continued:
        below, note = _first_block(below, match)
        notes += note
    below = below[~_empty(below, match)]
    if lines is not None:
        below, torn = _torn(below, lines, match)
        faults += torn
    below, overflow = _overflowing(below, match)
    if len(overflow):
        faults.append(faulty(overflow, "", "row", MORE_CELLS))
    raw = pd.DataFrame({name: _read(below, name, at) for name, at in match.columns.items()})
    if "feedback" in raw:
        raw, note = _answered(raw)
        notes += note
    return Body(raw, above, len(cells), faults, notes)


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
    told_why = {"column": column, "aside": aside, "reason": reason.zh, "reason_en": reason.en}
    return pd.DataFrame({"row": values.index, "value": values.to_numpy(), **told_why})


def _repeats(below: pd.DataFrame, header: pd.Series, match: Match) -> pd.Series:
    firsts = [places[0] for places in match.columns.values()][:3]
    same = pd.Series(data=True, index=below.index)
    for place in firsts:
        same &= below.iloc[:, place].str.strip().eq(header.iloc[place].strip())
    return same


def _first_block(below: pd.DataFrame, match: Match) -> tuple[pd.DataFrame, list[Reason]]:
    place = match.columns["account"][0]
    names = [name for name in match.header if name]
    other = plain(below.iloc[:, 0]).isin(names) | plain(below.iloc[:, place]).isin(names)
    if not other.any():
        return below, []
    start = int(other.to_numpy().argmax())
    return below.iloc[:start], [SECOND_BLOCK.about(rows=len(below) - start)]


def _empty(below: pd.DataFrame, match: Match) -> pd.Series:
    # Only a row whose key columns do not begin with a digit can be blank or a total.
    doubtful = pd.Series(data=True, index=below.index)
    for meaning in ("time", "date", "account"):
        if meaning in match.columns:
            doubtful &= ~below.iloc[:, match.columns[meaning][0]].str.contains(r"^\W*\d")
    few = below[doubtful]
    first = pd.Series("", index=few.index, dtype="str")
    for column in reversed(few.columns):
        cell = plain(few[column])
        first = cell.where(cell.ne(""), first)
    patterns = "|".join((_FOOTER, *match.format.footer))
    over = first.eq("") | first.str.contains(f"(?:{patterns})")
    return over.reindex(below.index, fill_value=False)


def _measures(cells: pd.DataFrame) -> pd.DataFrame | None:
    """Return what a text file tells of each row: its width, open quotes, no line end."""
    if "widths" not in cells.attrs:
        return None
    told_of = {"width": cells.attrs["widths"], "open": cells.attrs["open"], "unended": False}
    lines = pd.DataFrame(told_of, index=cells.index)
    if not cells.attrs["ended"]:
        lines.loc[cells.index[-1], "unended"] = True
    return lines


def _torn(
    below: pd.DataFrame, lines: pd.DataFrame, match: Match
) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """Leave out rows that are shorter than they should be, or wrongly split at an open quote."""
    whole = int(lines["width"].iloc[match.at])
    lines = lines.loc[below.index]
    least = _least(lines, match)
    short = lines["width"].lt(least)
    split = lines["open"] & ~lines["width"].isin({least, _named(match), whole})
    faults = []
    for wrong, reason in (
        (split, OPEN_QUOTE),
        (short & ~split & lines["unended"], CUT_ROW),
        (short & ~split & ~lines["unended"], FEWER_CELLS),
    ):
        for width, some in below[wrong].groupby(lines.loc[wrong, "width"]):
            faults.append(faulty(_whole(some), "", "row", reason.about(cells=width)))
    return below[~(short | split)], faults


def _least(lines: pd.DataFrame, match: Match) -> int:
    """Return how many cells a whole row has: as the header, or as most rows that leave some out."""
    named = _named(match)
    if match.format.stops:
        needs = [{bare(part) for part in need.split("|")} for need in match.format.required]
        return (
            max(min(match.header.index(one) for one in need & {*match.header}) for need in needs)
            + 1
        )
    # A torn row has no say in what is usual.
    sound = lines.loc[~lines["open"] & ~lines["unended"], "width"]
    if len(sound) < 2:
        return named
    counts = sound.value_counts()
    usual = int(counts.index[0])
    return min(usual, named) if 2 * int(counts.iloc[0]) > len(sound) else named


def _whole(rows: pd.DataFrame) -> pd.Series:
    text = pd.Series("", index=rows.index, dtype="str")
    for column in rows:
        text = text.str.cat(plain(rows[column]), sep=" ")
    return text.str.strip()


def _named(match: Match) -> int:
    return max(at for at, name in enumerate(match.header) if name) + 1


def _overflowing(below: pd.DataFrame, match: Match) -> tuple[pd.DataFrame, pd.Series]:
    width = _named(match)
    extra = pd.Series("", index=below.index, dtype="str")
    for at in range(width, below.shape[1]):
        extra = extra.str.cat(plain(below.iloc[:, at]), sep=" ")
    extra = extra.str.strip()
    return below[extra.eq("")], extra[extra.ne("")]


def _read(below: pd.DataFrame, meaning: str, places: Sequence[int]) -> pd.Series:
    column = below.iloc[:, places[0]]
    for place in places[1:]:
        if meaning in _TOGETHER:
            column = (told(column) + " " + told(below.iloc[:, place])).str.strip()
        else:
            column = column.where(told(column).ne(""), below.iloc[:, place])
    return column.rename(meaning)


def _answered(raw: pd.DataFrame) -> tuple[pd.DataFrame, list[Reason]]:
    """Leave out rows that only say that a query found nothing, and say so."""
    answer = told(raw["feedback"])
    none = pd.Series(data=False, index=raw.index)
    doubtful = answer.ne("") & ~answer.str.fullmatch("成功|01")
    if doubtful.any():
        few = raw[doubtful]
        filled = [told(few[name]).ne("") for name in ("time", "date", "amount") if name in few]
        none[few.index] = ~pd.concat(filled, axis=1).any(axis=1)
    if not none.any():
        return raw, []
    said = "、".join(answer[none].unique()[:3])
    return raw[~none], [PLACEHOLDER.about(rows=int(none.sum()), said=said)]


def searched(pattern: str, above: str) -> str:
    """Return what a pattern's group finds in the text above a header; "" if nothing."""
    found = re.search(pattern, above)
    return found.group(1).strip() if found else ""
