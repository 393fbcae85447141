"""Splice: the part of a ledger that was made anew is put in place of what it was before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tracer.column import large
from tracer.intake.reach import Reached
from tracer.ledger import transfers
from tracer.ledger.codes import grouped, ordered, places, repeated, sought
from tracer.ledger.memory import OUTCOME, TOUCHES
from tracer.ledger.part import Part, Stated
from tracer.ledger.rows import PRECISIONS
from tracer.ledger.touch import owners
from tracer.stores.duckdb import ask, insert, numbers, select
from tracer.table import NUMBER_OR_NONE, Arrays, stacked
from tracer.tables import JOINS, TRANSFERS

# What else a transfer shows follows from its entries, of which none is another than before.
_CHANGING = TRANSFERS.part(
    *("transfer_id", "time", "time_precision", "payer_entry", "payee_entry", "fen", "status"),
    *("join", "reason"),
)
_THERE = TRANSFERS.part(*_CHANGING.columns, "seq")
# What of an entry tells the order of a moment.
_TOLD_BY = TOUCHES.part("entry_id", "own", "time", "seq")
_DAY, _PRECISIONS = PRECISIONS.index("day"), pa.array(PRECISIONS, pa.large_string())
_SIDES = ("payer_entry", "payee_entry")


@dataclass(frozen=True)
class Moments:
    """What was there before in the moments of a part, which alone may be in another order now."""

    there: pd.DataFrame
    """What the table `transfers` said of what the part can change, and of its neighbours."""
    ordering: Arrays
    """What `_ordering` says of them."""
    ours: np.ndarray
    """Which of them the part can change."""
    sides: Arrays
    """entry_id, own, time and seq of entries of the part and of all other transfers."""


@dataclass(frozen=True)
class Changes:
    """What of the table `transfers` is another now."""

    come: pd.DataFrame
    """The transfers that are not as they were."""
    gone: np.ndarray
    """The numbers of those that are not there any more, or not as they were."""
    placed: Arrays
    """transfer_id and seq of those that stay and have another order in their moment."""


def take(connection: duckdb.DuckDBPyConnection, reached: Reached) -> Arrays:
    """
    Take away the joinings of a part.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    reached
        What the part can change.

    Returns
    -------
    dict of numpy.ndarray
        entry and transfer_id of joinings that stay and may be of another transfer now.
    """
    entries = reached.entries
    ask(
        connection,
        "DELETE FROM joins USING given WHERE entry = given.entry_id "
        "AND (\"join\" <> 'repeat' OR complete)",
        entry_id=entries,
        complete=np.isin(entries, reached.complete, kind="table"),
    )
    staying = "FROM joins SEMI JOIN given ON entry = entry_id"
    return numbers(connection, JOINS.part("entry", "transfer_id"), staying, entry_id=entries)


def timed(connection: duckdb.DuckDBPyConnection, entries: pa.Table) -> pd.DataFrame:
    """
    Fetch the transfers of the moments of some entries, but for those of which only a day is known.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    entries
        The table `entries` of these.
    """
    time = entries["time"].to_numpy()
    # Those of which no time is known are one moment too.
    moment = "time IN (FROM given)" + (" OR time IS NULL" if np.isnat(time).any() else "")
    of_moment = f"FROM transfers WHERE time_precision <> 'day' AND ({moment})"
    return select(connection, _THERE, of_moment, time=time)


def moments(
    connection: duckdb.DuckDBPyConnection, there: pd.DataFrame, stated: Stated, reached: Reached
) -> Moments:
    """
    Fetch what else there was before in the moments of a part.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    there
        What `timed` returned of its entries.
    stated
        These entries.
    reached
        What the part can change.
    """
    said, first = stated.said, reached.old["first"]
    if (said.precision == _DAY).any():
        # The order within a day is not known, so that of a day only those of the part are asked.
        of_day = "FROM transfers SEMI JOIN given USING (transfer_id) WHERE time_precision = 'day'"
        dated = select(connection, _THERE, of_day, transfer_id=first)
        there = pd.concat([there, dated], ignore_index=True)
    # The number of a transfer is that of an entry that told of it first.
    ordering = _ordering(there)
    ours = np.isin(ordering["transfer_id"], first, kind="table")
    of_others = "FROM touches SEMI JOIN given USING (entry_id)"
    found = numbers(connection, _TOLD_BY, of_others, entry_id=_entries(ordering, ~ours))
    mine = said.numbers | {"own": owners(stated.found)}
    return Moments(there, ordering, ours, stacked([found, mine]))


def _ordering(transfers: pd.DataFrame) -> Arrays:
    """Return what `transfers.reordered` takes of transfers."""
    precision = pc.index_in(large(transfers["time_precision"]), value_set=_PRECISIONS)
    return {
        "transfer_id": transfers["transfer_id"].to_numpy(),
        "time": transfers["time"].array.to_numpy(),
        "precision": precision.to_numpy(),
        **{name: transfers[name].to_numpy("int64", na_value=0) for name in _SIDES},
    }


def _entries(ordering: Arrays, some: np.ndarray) -> np.ndarray:
    """Return the entries of some transfers, each once."""
    sides = [ordering[name][some] for name in _SIDES]
    entry: np.ndarray = pd.unique(np.concatenate([np.zeros(1, "int64"), *sides]))
    return entry[1:]


def note(connection: duckdb.DuckDBPyConnection, reached: Reached, outcome: Arrays) -> None:
    """
    Note what became of entries among those of their accounts.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    reached
        What a part can change.
    outcome
        That of `part.Stated`.
    """
    # By which keys an entry can meet others follows from it alone; this from those of its account.
    entry = outcome["entry_id"]
    at, same = _same(outcome, reached.own, "entry_id", OUTCOME)
    other = np.flatnonzero(~same & (at >= 0))
    changed = [
        name
        for name in OUTCOME
        if not _equal(outcome[name], reached.own[name], other, at[other]).all()
    ]
    if changed:
        # Each column that is written takes as long as to find the rows.
        become = ", ".join(f'"{name}" = given."{name}"' for name in changed)
        ask(
            connection,
            f"UPDATE touches SET {become} FROM given WHERE touches.entry_id = given.entry_id",  # noqa: S608
            entry_id=entry[other],
            **{name: outcome[name][other] for name in changed},
        )
    fresh = places(entry, reached.fresh["entry_id"].to_numpy())
    told = {name: outcome[name][fresh] for name in OUTCOME}
    insert(connection, TOUCHES, reached.fresh.assign(**told))


def changes(moments: Moments, made: pd.DataFrame) -> Changes:
    """
    Tell what of the table `transfers` is another now.

    Parameters
    ----------
    moments
        What there was before.
    made
        The transfers of the part.
    """
    there, was, now = moments.there, moments.ordering, _ordering(made)
    at, same = _same(made, there, "transfer_id", _CHANGING.columns)
    # What stays as it is does not change the order of its moment.
    gone = moments.ours.copy()
    gone[at[same]] = False
    changed = np.concatenate([was["time"][gone], now["time"][~same]])
    stay = ~gone & pd.Index(was["time"]).isin(changed)
    stays = {name: values[stay] for name, values in was.items()}
    here = stacked([stays, {name: values[~same] for name, values in now.items()}])
    # What is alone in its moment has no order that an entry could tell, nor has a day.
    timed = np.flatnonzero(here["precision"] != _DAY)
    tied = timed[repeated(grouped([here["time"][timed].view("int64")]))]
    seq = np.zeros(len(here["time"]), "int64")
    if len(tied):
        seq[tied] = _reordered({name: here[name][tied] for name in here}, moments.sides)
    before, staying = there["seq"].to_numpy()[stay], int(stay.sum())
    moved = seq[:staying] != before
    placed = {"transfer_id": was["transfer_id"][stay][moved], "seq": seq[:staying][moved]}
    come = made[~same].assign(seq=seq[staying:])
    return Changes(come, was["transfer_id"][gone], placed)


def _reordered(moved: Arrays, sides: Arrays) -> np.ndarray:
    """Return seq of each transfer, by those of some entries that tell it."""
    wanted = _entries(moved, np.ones(len(moved["time"]), bool))
    some = np.flatnonzero(np.isin(sides["entry_id"], wanted, kind="table"))
    once = some[np.unique(sides["entry_id"][some], return_index=True)[1]]
    return transfers.reordered(moved, {name: values[once] for name, values in sides.items()})


def transfer(connection: duckdb.DuckDBPyConnection, changes: Changes) -> None:
    """
    Put the transfers of a part in the place of what they were.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    changes
        What `changes` returned.
    """
    gone, stay = changes.gone, changes.placed
    if len(gone) or len(stay["seq"]):
        ask(
            connection,
            "MERGE INTO transfers USING given USING (transfer_id) "
            "WHEN MATCHED AND given.gone THEN DELETE "
            "WHEN MATCHED THEN UPDATE SET seq = given.seq",
            transfer_id=np.append(gone, stay["transfer_id"]),
            seq=np.append(np.zeros(len(gone), "int64"), stay["seq"]),
            gone=np.arange(len(gone) + len(stay["seq"])) < len(gone),
        )
    insert(connection, TRANSFERS, changes.come)


def _same(
    made: pd.DataFrame | Arrays, was: pd.DataFrame | Arrays, number: str, names: Iterable[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Return where each row was, -1 for nowhere, and which say all that they said before."""
    at = sought(_whole(was[number]), _whole(made[number]))
    there = np.flatnonzero(at >= 0)
    for name in names:
        # What differs in one column need not be looked at in another.
        there = there[_equal(made[name], was[name], there, at[there])]
    same = np.zeros(len(at), bool)
    same[there] = True
    return at, same


def _equal(
    made: pd.Series | np.ndarray, was: pd.Series | np.ndarray, there: np.ndarray, at: np.ndarray
) -> np.ndarray:
    """Return where some rows of two columns agree; a number that is missing in both does."""
    if isinstance(made.dtype, pd.StringDtype):
        one, two = (large(column).take(pa.array(rows)) for column, rows in
                    ((made, there), (was, at)))  # fmt: skip
        agree: np.ndarray = pc.equal(one, two).to_numpy(zero_copy_only=False)
    else:
        agree = _whole(made)[there] == _whole(was)[at]
    return agree


def _whole(column: pd.Series | np.ndarray) -> np.ndarray:
    """Return whole numbers or times as numbers; no number of an entry or a transfer is 0."""
    if isinstance(column, pd.Series) and column.dtype == NUMBER_OR_NONE:
        return column.to_numpy("int64", na_value=0)
    values = column.array.to_numpy() if isinstance(column, pd.Series) else column
    whole: np.ndarray = values.view("int64")
    return whole


def put(connection: duckdb.DuckDBPyConnection, again: Arrays, made: Part) -> None:
    """
    Put in the joinings of a part.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    again
        What `take` returned.
    made
        The part.
    """
    if len(again["entry"]):
        _move(connection, _moved(made.transfers, again))
    insert(connection, JOINS, made.joins)


def _moved(made: pd.DataFrame, again: Arrays) -> Arrays:
    """Return entry and transfer_id of what is told again of a row that is joined otherwise now."""
    entry = np.concatenate([made[name].to_numpy("int64", na_value=0) for name in _SIDES])
    transfer = np.tile(made["transfer_id"].to_numpy(), len(_SIDES))
    some = np.isin(entry, again["entry"], kind="table")
    was, before = _least(again["entry"], again["transfer_id"])
    told, now = _least(entry[some], transfer[some])
    moved = before[places(was, told)] != now
    return {"entry": told[moved], "transfer_id": now[moved]}


def _least(entry: np.ndarray, transfer: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each entry once, with the least number of a transfer."""
    order = ordered(entry, transfer)
    once, at = np.unique(entry[order], return_index=True)
    return once, transfer[order][at]


def _move(connection: duckdb.DuckDBPyConnection, now: Arrays) -> None:
    """Let the joinings of some entries be of another transfer."""
    if not len(now["entry"]):
        return
    ask(
        connection,
        "UPDATE joins SET transfer_id = given.transfer_id FROM given "
        "WHERE joins.entry = given.entry",
        **now,
    )
