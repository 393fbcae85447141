"""Splice: the part of a ledger that was made anew is put in place of what it was before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tracer.column import Column, large
from tracer.intake.reach import Reached
from tracer.ledger import transfers
from tracer.ledger.codes import grouped, ordered, places, repeated, sought
from tracer.ledger.memory import OUTCOME, TOUCHES
from tracer.ledger.part import Part, Stated
from tracer.ledger.rows import PRECISIONS
from tracer.ledger.touch import owners
from tracer.ledger.transfers import Filled
from tracer.stores.duckdb import arrow, ask, insert, numbers
from tracer.table import Arrays, stacked
from tracer.tables import JOINS, TRANSFERS

# What else a transfer shows follows from its entries, of which none is another than before.
_CHANGING = ("time", "precision", "payer_entry", "payee_entry", "fen")
_WORDS = ("status", "join", "reason")
_THERE = TRANSFERS.part(
    *("transfer_id", "time", "time_precision", "payer_entry", "payee_entry", "fen", "seq"),
    *_WORDS,
)
# What `transfers.reordered` takes of transfers.
_ORDERING = ("transfer_id", "time", "precision", "payer_entry", "payee_entry")
# What of an entry tells the order of a moment.
_TOLD_BY = TOUCHES.part("entry_id", "own", "time", "seq")
_DAY, _PRECISIONS = PRECISIONS.index("day"), pa.array(PRECISIONS, pa.large_string())
_SIDES = ("payer_entry", "payee_entry")


@dataclass(frozen=True)
class Moments:
    """What was there before in the moments of a part, which alone may be in another order now."""

    there: Arrays
    """What the table `transfers` said of what the part can change, and of its neighbours: numbers,
    0 for none; precision as `transfers.Filled.facts` has it."""
    words: dict[str, pa.ChunkedArray]
    """status, join and reason."""
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


def timed(connection: duckdb.DuckDBPyConnection, entries: pa.Table) -> pa.Table:
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
    return arrow(connection, _THERE, of_moment, time=time)


def moments(
    connection: duckdb.DuckDBPyConnection, there: pa.Table, stated: Stated, reached: Reached
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
        dated = arrow(connection, _THERE, of_day, transfer_id=first)
        there = pa.concat_tables([there, dated])
    was = _numbered(there)
    # The number of a transfer is that of an entry that told of it first.
    ours = np.isin(was["transfer_id"], first, kind="table")
    of_others = "FROM touches SEMI JOIN given USING (entry_id)"
    found = numbers(connection, _TOLD_BY, of_others, entry_id=_entries(was, ~ours))
    mine = said.numbers | {"own": owners(stated.found)}
    words = {name: there[name] for name in _WORDS}
    return Moments(was, words, ours, stacked([found, mine]))


def _numbered(transfers: pa.Table) -> Arrays:
    """Return what transfers show but for words."""
    precision = pc.index_in(transfers["time_precision"], value_set=_PRECISIONS)
    return {
        "precision": precision.to_numpy(),
        **{name: transfers[name].to_numpy() for name in ("transfer_id", "time", "fen", "seq")},
        **{name: transfers[name].fill_null(0).to_numpy() for name in _SIDES},
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
    at, same = _alike(outcome, reached.own, "entry_id", OUTCOME)
    other = np.setdiff1d(np.flatnonzero(at >= 0), same, assume_unique=True)
    was = {name: reached.own[name][at[other]] for name in OUTCOME}
    changed = [name for name in OUTCOME if not _equal(outcome[name][other], was[name]).all()]
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


def changes(moments: Moments, made: Filled) -> Changes:
    """
    Tell what of the table `transfers` is another now.

    Parameters
    ----------
    moments
        What there was before.
    made
        The transfers of the part.
    """
    was, now = moments.there, made.facts
    at, same = _alike(now, was, "transfer_id", _CHANGING)
    for name, column in made.words.items():
        same = same[_worded(column, moments.words[name], same, at[same])]
    # What stays as it is does not change the order of its moment.
    gone, other = moments.ours.copy(), np.ones(len(at), bool)
    gone[at[same]], other[same] = False, False
    changed = np.concatenate([was["time"][gone], now["time"][other]])
    stay = ~gone & pd.Index(was["time"]).isin(changed)
    stays, new = (
        {name: one[name][some] for name in _ORDERING} for one, some in ((was, stay), (now, other))
    )
    here = stacked([stays, new])
    # What is alone in its moment has no order that an entry could tell, nor has a day.
    timed = np.flatnonzero(here["precision"] != _DAY)
    tied = timed[repeated(grouped([here["time"][timed].view("int64")]))]
    seq = np.zeros(len(here["time"]), "int64")
    if len(tied):
        seq[tied] = _reordered({name: here[name][tied] for name in here}, moments.sides)
    staying = len(stays["time"])
    moved = seq[:staying] != was["seq"][stay]
    placed = {"transfer_id": stays["transfer_id"][moved], "seq": seq[:staying][moved]}
    come = made.table(np.flatnonzero(other), seq[staying:])
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


def _alike(
    made: Arrays, was: Arrays, number: str, names: Iterable[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Return where each row was, -1 for nowhere, and which say in numbers what they said before."""
    at = sought(was[number], made[number])
    there = np.flatnonzero(at >= 0)
    for name in names:
        # What differs in one column need not be looked at in another.
        there = there[_equal(made[name][there], was[name][at[there]])]
    return at, there


def _equal(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Return where two columns agree; a time that is missing in both does."""
    if one.dtype.kind == "M":
        one, two = one.view("int64"), two.view("int64")
    same: np.ndarray = one == two
    return same


def _worded(made: Column, was: pa.ChunkedArray, there: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return where some rows of two columns of text agree."""
    one = large(made.take(there).texts(pd.RangeIndex(len(there))))
    agree: np.ndarray = pc.equal(one, was.take(pa.array(at))).to_numpy(zero_copy_only=False)
    return agree


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
        _move(connection, _moved(made.transfers.facts, again))
    insert(connection, JOINS, made.joins)


def _moved(made: Arrays, again: Arrays) -> Arrays:
    """Return entry and transfer_id of what is told again of a row that is joined otherwise now."""
    entry = np.concatenate([made[name] for name in _SIDES])
    transfer = np.tile(made["transfer_id"], len(_SIDES))
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
