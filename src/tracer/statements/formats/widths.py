"""Widths: rows with fewer cells than the header, or with more, whose cells have moved."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tracer.column import first_bytes
from tracer.statements.cells import plain
from tracer.statements.formats.declare import bare
from tracer.statements.formats.recognise import Match
from tracer.statements.reasons import CUT_ROW, FEWER_CELLS, MORE_CELLS, OPEN_QUOTE, Reason

_MONEY = {"amount", "fen", "income", "expense", "balance"}
# The text of rows by their numbers, and why they are set aside.
Wrong = tuple[pd.Series, Reason]


def torn(below: pd.DataFrame, keep: np.ndarray, lines: pd.DataFrame, match: Match) -> list[Wrong]:
    """Leave out rows that are shorter than they should be, or wrongly split at an open quote."""
    header = int(lines["width"].iloc[match.at])
    lines = lines.iloc[match.at + 1 :]
    least = _least(lines[keep], match)
    short = lines["width"].lt(least) & keep
    split = lines["open"] & ~lines["width"].isin({least, _named(match), header}) & keep
    faults = []
    for wrong, reason in (
        (split, OPEN_QUOTE),
        (short & ~split & lines["unended"], CUT_ROW),
        (short & ~split & ~lines["unended"], FEWER_CELLS),
    ):
        for width, some in below[wrong].groupby(lines.loc[wrong, "width"]):
            faults.append((whole(some), reason.about(cells=width)))
    keep &= ~(short | split).to_numpy()
    return faults


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


def whole(rows: pd.DataFrame) -> pd.Series:
    """Return the filled cells of each row, one behind the other."""
    text = pd.Series("", index=rows.index, dtype="str")
    for column in rows:
        text = text.str.cat(plain(rows[column]), sep=" ")
    return text.str.strip()


def _named(match: Match) -> int:
    return max(at for at, name in enumerate(match.header) if name) + 1


def overflowing(
    below: pd.DataFrame, keep: np.ndarray, lines: pd.DataFrame | None, match: Match
) -> list[Wrong]:
    """Leave out the rows with cells that no header stands over: those with text, and split ones."""
    extra = pd.Series("", index=below.index, dtype="str")
    for at in range(_named(match), below.shape[1]):
        if first_bytes(below.iloc[:, at]).any():
            extra = extra.str.cat(plain(below.iloc[:, at]), sep=" ")
    split = np.zeros(len(below), bool)
    if lines is not None:
        extra = extra.str.cat(lines["extra"].iloc[match.at + 1 :], sep=" ")
        split = _split(below, keep, lines, match)
    elif not extra.ne("").any():
        return []
    extra = extra.str.strip()
    over = extra.ne("").to_numpy() & keep
    split &= keep & ~over
    keep &= ~(over | split)
    said = [extra[over], whole(below[split])]
    return [(some, MORE_CELLS) for some in said if len(some)]


def _split(below: pd.DataFrame, keep: np.ndarray, lines: pd.DataFrame, match: Match) -> np.ndarray:
    """Return the rows that have more cells than the header though the last ones are empty."""
    header = int(lines["width"].iloc[match.at])
    widths = lines["width"].iloc[match.at + 1 :].to_numpy()
    wide = keep & (widths > header)
    if not wide.any():
        return wide
    counts = np.bincount(widths[keep])
    usual = int(counts.argmax())
    if usual <= header or 2 * int(counts[usual]) <= int(keep.sum()):
        return wide
    # Where most rows end with one delimiter more, only the cells tell which ones are split: whoever
    # parts thousands unquoted has no four digits together, and three behind a shorter cell.
    parted, thousands = np.zeros(int(wide.sum()), bool), False
    for meaning in _MONEY & match.columns.keys():
        for at in match.columns[meaning]:
            cells = plain(below.iloc[:, at][wide])
            thousands |= bool(cells.str.contains(r"^\D?\d{4,7}(?:\.|$)").any())
            behind = plain(below.iloc[:, at + 1][wide]) if at + 1 < below.shape[1] else cells
            parted |= (
                cells.str.fullmatch(r"[+-]?\d{1,3}") & behind.str.fullmatch(r"\d{3}(?:\.\d+)?")
            ).to_numpy(dtype=bool)
    split = wide & (widths > usual)
    split[wide] |= parted & (not thousands)
    return split
