"""Splice: the part of a ledger that was made anew is put in place of what it was before."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tracer.intake.owners import Owners
from tracer.intake.reach import Reached
from tracer.ledger import transfers
from tracer.ledger.build import changed
from tracer.ledger.codes import grouped, ordered, places, repeated, sought
from tracer.ledger.linked import hanging
from tracer.ledger.memory import OUTCOME, OUTCOMES, OWNERS, TOUCHES
from tracer.ledger.part import Part, Stated
from tracer.ledger.rows import PRECISIONS
from tracer.ledger.touch import owned, owns
from tracer.ledger.transfers import Filled
from tracer.stores.duckdb import arrow, ask, insert, numbers
from tracer.table import Arrays, stacked
from tracer.tables import ENTRIES, JOINS, TRANSFERS

# What tells the order of a moment.
_THERE = TRANSFERS.part(
    *("transfer_id", "time", "time_precision", "payer_entry", "payee_entry", "seq"),
)
# What `transfers.reordered` takes of transfers.
_ORDERING = ("transfer_id", "time", "precision", "payer_entry", "payee_entry")
# What of an entry tells the order of a moment, beside whose it is.
_PLACED = ENTRIES.part("entry_id", "time", "seq")
_DAY, _PRECISIONS = PRECISIONS.index("day"), pa.array(PRECISIONS, pa.large_string())
_SIDES = ("payer_entry", "payee_entry")


@dataclass(frozen=True)
class Moments:
    """What was there before in the moments of a part, which alone may be in another order now."""

    gone: np.ndarray
    """The numbers of what transfers of the part there may have been."""
    stay: Arrays
    """What the table `transfers` says of the others in these moments that hang together with an
    account of the part: numbers, 0 for none; precision as `transfers.Filled.facts` has it."""
    sides: Arrays
    """entry_id, own, time and seq of all entries that are looked at, and of those of ``stay``."""


@dataclass(frozen=True)
class Changes:
    """What of the table `transfers` is another now."""

    come: pa.Table
    """The transfers of the part."""
    gone: np.ndarray
    """The numbers of what transfers of the part there may have been."""
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
    # None is joined to a new one yet.
    entries = reached.old["entry_id"]
    ask(
        connection,
        "DELETE FROM joins USING given WHERE entry = given.entry_id "
        "AND (\"join\" <> 'repeat' OR complete)",
        entry_id=entries,
        complete=np.isin(entries, reached.complete, kind="table"),
    )
    staying = "FROM joins SEMI JOIN given ON entry = entry_id"
    return numbers(connection, JOINS.part("entry", "transfer_id"), staying, entry_id=entries)


def moments(connection: duckdb.DuckDBPyConnection, stated: Stated, reached: Reached) -> Moments:
    """
    Fetch what else there was before in the moments of a part.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    stated
        The entries that were looked at.
    reached
        What the part changes.
    """
    # The number of a transfer is that of an entry that told of it first.
    said, gone = stated.said, pd.unique(reached.old["first"])
    mine = said.numbers | {"own": owns(stated.found)}
    part = np.isin(mine["entry_id"], reached.entries, kind="table")
    others = _others(connection, mine["time"][part], gone)
    some = _hanging(others, reached.owners, pd.unique(mine["own"][part]))
    stay = {name: values[some] for name, values in others.items()}
    sides = _sides(connection, stay, mine["entry_id"], reached.owners)
    return Moments(gone, stay, stacked([sides, mine]))


def _others(connection: duckdb.DuckDBPyConnection, time: np.ndarray, gone: np.ndarray) -> Arrays:
    """Return the transfers of some moments but for some, and for those by the day."""
    # Those of which no time is known are one moment too; within a day no order is known.
    moment = "time IN (FROM given)" + (" OR time IS NULL" if np.isnat(time).any() else "")
    of_moment = f"FROM transfers WHERE time_precision <> 'day' AND ({moment})"
    there = arrow(connection, _THERE, of_moment, time=time)
    stays = ~np.isin(there["transfer_id"].to_numpy(), gone, kind="table")
    return _numbered(there.take(pa.array(np.flatnonzero(stays))))


def _hanging(others: Arrays, owners: Owners, changing: np.ndarray) -> np.ndarray:
    """Return which transfers are of some accounts, or hang together in a moment with such."""
    count, entry = len(others["time"]), np.concatenate([others[name] for name in _SIDES])
    told = np.flatnonzero(entry)
    # The second sides stand behind the first ones.
    at, own = told % max(count, 1), owners.whose(entry[told])[0]
    moment = grouped([others["time"].view("int64")[at], own])
    return np.flatnonzero(hanging(moment, at, count, at[np.isin(own, changing)]))


def _sides(
    connection: duckdb.DuckDBPyConnection, stay: Arrays, known: np.ndarray, owners: Owners
) -> Arrays:
    """Return entry_id, own, time and seq of the entries of some transfers but for some."""
    entries = _entries(stay)
    entries = entries[~np.isin(entries, known, kind="table")]
    found = numbers(
        connection, _PLACED, "FROM entries SEMI JOIN given USING (entry_id)", entry_id=entries
    )
    return found | {"own": owners.whose(found["entry_id"])[0]}


def _numbered(transfers: pa.Table) -> Arrays:
    """Return what transfers show but for words."""
    precision = pc.index_in(transfers["time_precision"], value_set=_PRECISIONS)
    return {
        "precision": precision.to_numpy(),
        **{name: transfers[name].to_numpy() for name in ("transfer_id", "time", "seq")},
        **{name: transfers[name].fill_null(0).to_numpy() for name in _SIDES},
    }


def _entries(ordering: Arrays) -> np.ndarray:
    """Return the entries of some transfers, each once."""
    sides = [ordering[name] for name in _SIDES]
    entry: np.ndarray = pd.unique(np.concatenate([np.zeros(1, "int64"), *sides]))
    return entry[1:]


def became(reached: Reached, outcome: Arrays) -> np.ndarray:
    """
    Return where `outcome` tells of an entry that it became something else than before.

    Parameters
    ----------
    reached, outcome
        As for `note`.
    """
    at = sought(reached.own["entry_id"], outcome["entry_id"])
    there = np.flatnonzero(at >= 0)
    other = np.zeros(len(there), bool)
    for name in OUTCOME:
        other |= ~_equal(outcome[name][there], reached.own[name][at[there]])
    return there[other]


def note(
    connection: duckdb.DuckDBPyConnection, reached: Reached, outcome: Arrays, other: np.ndarray
) -> None:
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
    other
        What `became` returned.
    """
    # By which keys an entry can meet others follows from it alone; this from those of its account.
    entry = outcome["entry_id"]
    if len(other):
        gone = "DELETE FROM outcomes USING given WHERE outcomes.entry_id = given.entry_id"
        ask(connection, gone, entry_id=entry[other])
    fresh = places(entry, reached.fresh["entry_id"])
    noted = np.concatenate([other, fresh[changed(outcome)[fresh]]])
    insert(connection, OUTCOMES, pa.table({n: outcome[n][noted] for n in OUTCOMES.columns}))
    new = {**reached.fresh, "before": outcome["before"][fresh]}
    insert(connection, TOUCHES, pa.table({name: new[name] for name in TOUCHES.columns}))
    insert(connection, OWNERS, pa.table(dict(owned(reached.fresh))))


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
    stay, now = moments.stay, made.facts
    here = stacked([{name: one[name] for name in _ORDERING} for one in (stay, now)])
    # What is alone in its moment has no order that an entry could tell, nor has a day.
    timed = np.flatnonzero(here["precision"] != _DAY)
    tied = timed[repeated(grouped([here["time"][timed].view("int64")]))]
    seq = np.zeros(len(here["time"]), "int64")
    if len(tied):
        seq[tied] = _reordered({name: here[name][tied] for name in here}, moments.sides)
    staying = len(stay["time"])
    moved = seq[:staying] != stay["seq"]
    placed = {"transfer_id": stay["transfer_id"][moved], "seq": seq[:staying][moved]}
    come = TRANSFERS.told(made.columns(np.arange(len(now["time"])), seq[staying:]))
    return Changes(come, moments.gone, placed)


def _reordered(moved: Arrays, sides: Arrays) -> np.ndarray:
    """Return seq of each transfer, by those of some entries that tell it."""
    some = np.flatnonzero(np.isin(sides["entry_id"], _entries(moved), kind="table"))
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


def _equal(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Return where two columns agree; a time that is missing in both does."""
    if one.dtype.kind == "M":
        one, two = one.view("int64"), two.view("int64")
    same: np.ndarray = one == two
    return same


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
    insert(connection, JOINS, JOINS.told(made.joins))


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
