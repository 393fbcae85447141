"""Records: persons, freezes, sub-accounts, queries and logins, read column by column."""

from __future__ import annotations

import pandas as pd

from tracer import tables
from tracer.statements.amounts import amounts
from tracer.statements.cells import narrow, numbers, told
from tracer.statements.entries.convert import Outcome
from tracer.statements.formats.declare import Format
from tracer.statements.formats.rows import Body, faulty
from tracer.statements.reasons import (
    BAD_BALANCE,
    BAD_OPENED,
    DAMAGED_NUMBER,
    UNANSWERED,
    Reason,
)
from tracer.statements.times import times
from tracer.table import FEN_OR_NONE, TIME

TABLES = {
    table.name: table
    for table in (
        *(tables.PERSONS, tables.MEASURES, tables.SUBACCOUNTS),
        *(tables.TASKS, tables.LOGINS),
    )
}
# Under which meaning a declaration names a column whose own name says more.
_MEANING = {"fen": "amount", "balance_fen": "balance", "available_fen": "available"}
# Long numbers kept as they stand, and lost as easily; what an account number may shed, such
# as ``-2``, is all that tells one sub-account from the next.
_CODES = (
    *("holder_id", "agent_id", "subject_id", "licence", "phone", "login"),
    *("subaccount", "task", "request", "number"),
)
_ANSWERED = "(?:01|[^未不失无]*(?:成功|完成).*)$"


def records(body: Body, one: Format) -> Outcome:
    """
    Turn the rows of a table that tells of no money moved into records.

    Parameters
    ----------
    body
        The rows, untouched.
    one
        Their format; its kind is the name of the table that they become.

    Returns
    -------
    Outcome
        The columns of that table that the file has; every row is kept, and a
        cell that cannot be used is empty and has a fault.
    """
    raw, faults = body.raw, list[pd.DataFrame]()
    frame = pd.DataFrame(index=raw.index)
    for name, kind in TABLES[one.kind].columns.items():
        meaning = _MEANING.get(name, name)
        if meaning not in raw:
            continue
        found, bad, reason = _read(raw[meaning], name, kind, one)
        frame[name] = found
        if bad.any():
            faults.append(faulty(raw.loc[bad, meaning], meaning, "cell", reason))
    if "time" in raw:
        frame["time_precision"] = times(raw["time"])[1]
    return Outcome(frame, faults, _gaps(frame) if one.kind == "tasks" else [])


def _read(
    cells: pd.Series, name: str, kind: str, one: Format
) -> tuple[pd.Series, pd.Series, Reason]:
    """Return a column as its table has it, where it cannot be used, and why."""
    if kind == TIME:
        time, _ = times(cells)
        return time, time.isna() & told(cells).ne(""), BAD_OPENED
    if kind == FEN_OR_NONE:
        fen, bad = amounts(cells, one.unit)
        return fen, bad, BAD_BALANCE
    if name == "account":
        number, lost = numbers(cells)
        return (one.prefix + number).where(number.ne(""), ""), lost, DAMAGED_NUMBER
    text = told(cells)
    if name in _CODES:
        _, lost = numbers(cells)
        return text.mask(lost, ""), lost, DAMAGED_NUMBER
    return text, pd.Series(data=False, index=cells.index), DAMAGED_NUMBER


def _gaps(frame: pd.DataFrame) -> list[Reason]:
    """Say which queries brought nothing: what they asked for is unknown, and not absent."""
    if "result" not in frame:
        return []
    answer = narrow(frame["result"])
    failed = answer.ne("") & ~answer.str.match(_ANSWERED)
    said = "、".join(answer[failed].unique()[:3])
    return [UNANSWERED.about(rows=int(failed.sum()), said=said)] if failed.any() else []
