"""Figures: the times, amounts and balances of a sheet's rows."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from tracer.column import Column
from tracer.statements.amounts import amounts, exponents
from tracer.statements.cells import narrow, told
from tracer.statements.formats.declare import Format
from tracer.statements.formats.rows import faulty
from tracer.statements.reasons import (
    BAD_AMOUNT,
    BAD_BALANCE,
    BAD_TIME,
    BOTH_AMOUNTS,
    MIDNIGHT,
    NO_AMOUNT,
    NO_TIME,
    STEPS,
    Reason,
)
from tracer.statements.times import hours_and_minutes, instants, joined, times

_ROUNDED_AMOUNT = Reason(
    "金额以科学计数法存放，末几位可能已经丢失，不作猜测，请向原单位重新调取文本格式的文件。",
    "The amount is in scientific notation, so its last digits may be lost; ask the source for a "
    "file with text cells.",
)
_MINUTES = Reason(
    "时间列都是四位数字，按“时分”处理，精确到分。",
    "Every clock time has four digits; they are read as hours and minutes.",
)
_DAY = 86_400_000_000


def balances(
    columns: dict[str, Column], one: Format, index: pd.Index, faults: list[pd.DataFrame]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the balance of every row in fen, and where it is known; add a fault for bad cells."""
    if "balance" not in columns:
        return np.zeros(len(index), "int64"), np.zeros(len(index), bool)
    fen, known, bad = _amounts(columns["balance"], one.unit)
    if bad.any():
        wrong = columns["balance"].texts(index, bad)
        faults.append(faulty(wrong, "balance", "cell", BAD_BALANCE))
    return fen, known


def _amounts(cells: Column, unit: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return fen (0 where unknown), whether it is known, and whether something else stands."""
    fen, bad = amounts(cells.words, unit)
    values = fen.fillna(0).to_numpy("int64")
    known = fen.notna().to_numpy(dtype=bool)
    return cells.spread(values), cells.spread(known), cells.spread(bad.to_numpy(dtype=bool))


def moments(
    raw: pd.DataFrame, one: Format, notes: list[Reason]
) -> tuple[pd.Series, pd.Series, list[pd.DataFrame]]:
    """
    Read the time of every row of a small table.

    Parameters
    ----------
    raw
        The rows; the time may be split over the meanings date and time.
    one
        Their format; with an epoch, times count days.
    notes
        What is assumed is added here.

    Returns
    -------
    time, precision, faults
    """
    faults: list[pd.DataFrame] = []
    columns = {name: Column.of(raw[name]) for name in ("date", "time") if name in raw}
    time, precision = clocked(columns, one, raw.index, notes, faults)
    return pd.Series(time, raw.index), precision.texts(raw.index), faults


def clocked(
    columns: dict[str, Column],
    one: Format,
    index: pd.Index,
    notes: list[Reason],
    faults: list[pd.DataFrame],
) -> tuple[np.ndarray, Column]:
    """Return the time of every row and how exact it is; add a fault for each row without one."""
    cells = columns["time"] if "time" in columns else columns["date"]
    if "date" in columns and "time" in columns:
        day, clock = columns["date"].texts(index), columns["time"].texts(index)
        cells = Column(joined(day, clock).reset_index(drop=True))
        if hours_and_minutes(columns["time"].words):
            notes.append(_MINUTES)
    if one.epoch is not None:
        notes.append(STEPS.about(epoch=one.epoch))
        read, how = _steps(cells.words, one.epoch), pd.Series("day", cells.words.index)
    elif (whole := instants(cells.words)) is not None:
        read, how = whole, None
    else:
        read, how = times(cells.words)
    time = cells.spread(read.to_numpy("datetime64[us]"))
    precision = Column.same("second", len(cells)) if how is None else _precise(how, cells)
    known = ~np.isnat(time)
    here = time[known].astype("int64")
    # A whole sheet at midnight tells of days; the first rows mostly settle that.
    timed = precision.take(known).flags(lambda words: words.eq("second"))
    if len(here) > 1 and timed.all() and not (here % _DAY).any():
        notes.append(MIDNIGHT)
        precision = precision.map(lambda words: words.mask(words.eq("second"), "day"))
    unread = ~known
    if unread.any():
        empty = unread & ~cells.map(told).filled()
        for rows, why in ((empty, NO_TIME), (unread & ~empty, BAD_TIME)):
            if rows.any():
                faults.append(faulty(cells.texts(index, rows), "time", "row", why))
    return time, precision


def _precise(how: pd.Series, cells: Column) -> Column:
    """Return the precisions, which are few, by row."""
    few = Column.of(how)
    return Column(few.words, cells.spread(few.places()))


def _steps(words: pd.Series, epoch: date) -> pd.Series:
    steps = pd.to_numeric(narrow(words).where(lambda text: text.str.fullmatch(r"\d{1,5}")))
    return (pd.Timestamp(epoch) + pd.to_timedelta(steps, unit="D")).astype("datetime64[us]")


def paid(
    columns: dict[str, Column], one: Format, index: pd.Index, faults: list[pd.DataFrame]
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return signed fen by row, where it is known, and, of two columns, where it was spent."""
    if "income" in columns and "expense" in columns:
        return _two_columns(columns, one, index, faults)
    name, unit = ("fen", "fen") if "fen" in columns else ("amount", one.unit)
    fen, known, bad = _amounts(columns[name], unit)
    rounded = columns[name].flags(exponents) & bad if bad.any() else bad
    wrong = ((~known & ~bad, NO_AMOUNT), (bad & ~rounded, BAD_AMOUNT), (rounded, _ROUNDED_AMOUNT))
    for rows, why in wrong:
        if rows.any():
            faults.append(faulty(columns[name].texts(index, rows), "amount", "row", why))
    return fen, known, None


def money(cells: pd.Series, unit: str) -> tuple[pd.Series, list[pd.DataFrame]]:
    """Return a column that must hold amounts as signed fen, with a fault for each that does not."""
    fen, bad = amounts(cells, unit)
    empty = fen.isna() & ~bad
    pairs = ((empty, NO_AMOUNT), (bad, BAD_AMOUNT))
    return fen, [faulty(cells[rows], "amount", "row", why) for rows, why in pairs if rows.any()]


def _two_columns(
    columns: dict[str, Column], one: Format, index: pd.Index, faults: list[pd.DataFrame]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    came, has_come, bad_came = _amounts(columns["income"], one.unit)
    went, has_gone, bad_went = _amounts(columns["expense"], one.unit)
    if one.minus and int((went < 0).sum()) > int((went > 0).sum()):
        went = -went
    # Some exports write 0.00 into the column that does not apply.
    idle_in = has_come & (came == 0) & has_gone & (went != 0)
    idle_out = has_gone & (went == 0) & has_come & (came != 0)
    has_come, has_gone = has_come & ~idle_in, has_gone & ~idle_out
    bad = bad_came | bad_went
    both, neither = has_come & has_gone & ~bad, ~has_come & ~has_gone & ~bad
    for rows, why in ((bad, BAD_AMOUNT), (both, BOTH_AMOUNTS), (neither, NO_AMOUNT)):
        if rows.any():
            sides = [told(columns[name].texts(index, rows)) for name in ("income", "expense")]
            text = sides[0].str.cat(sides[1], sep=" ").str.strip()
            faults.append(faulty(text, "amount", "row", why))
    fen = np.where(has_come, came, np.where(has_gone, went, 0))
    return fen, has_come | has_gone, ~has_come
