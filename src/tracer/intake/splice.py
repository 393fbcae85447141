"""Splice: the part of a ledger that was made anew is put in place of what it was before."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from tracer.intake.reach import Reached
from tracer.ledger import transfers
from tracer.ledger.memory import OUTCOME, TOUCHES
from tracer.ledger.part import Part, Stated
from tracer.ledger.rows import PRECISIONS
from tracer.ledger.touch import owners
from tracer.stores.duckdb import ask, insert, select
from tracer.table import NUMBER, TIME, Table
from tracer.tables import JOINS, TRANSFERS

# What else a transfer shows follows from its entries, of which none is another than before.
_CHANGING = TRANSFERS.part(
    *("transfer_id", "time", "time_precision", "payer_entry", "payee_entry", "fen", "status"),
    *("join", "reason"),
)
_THERE = TRANSFERS.part(*_CHANGING.columns, "seq")
# What of an entry tells the order of a moment.
_TOLD_BY = Table("sides", {"entry_id": NUMBER, "own": NUMBER, "time": TIME, "seq": NUMBER})
_DAY = PRECISIONS.index("day")
_SIDES = ["payer_entry", "payee_entry"]
_ORDERING = ["transfer_id", "time", "time_precision", *_SIDES]


@dataclass(frozen=True)
class Moments:
    """What was there before in the moments of a part, which alone may be in another order now."""

    there: pd.DataFrame
    """What the table `transfers` said of what the part can change, and of its neighbours."""
    ours: np.ndarray
    """Which of them the part can change."""
    sides: dict[str, np.ndarray]
    """entry_id, own, time and seq of entries of the part and of all other transfers."""


@dataclass(frozen=True)
class Changes:
    """What of the table `transfers` is another now."""

    come: pd.DataFrame
    """The transfers that are not as they were."""
    gone: pd.Series
    """The numbers of those that are not there any more, or not as they were."""
    placed: pd.DataFrame
    """transfer_id and seq of those that stay and have another order in their moment."""


def take(connection: duckdb.DuckDBPyConnection, reached: Reached) -> pd.DataFrame:
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
    pandas.DataFrame
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
    asked = "SELECT entry, transfer_id FROM joins SEMI JOIN given ON entry = entry_id"
    return pd.DataFrame(ask(connection, asked, entry_id=entries).fetchnumpy())


def moments(connection: duckdb.DuckDBPyConnection, stated: Stated, reached: Reached) -> Moments:
    """
    Fetch the transfers of the moments of a part.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    stated
        The entries of the part.
    reached
        What it can change.
    """
    numbers = stated.said.numbers
    day = stated.said.precision == _DAY
    time, first = numbers["time"][~day], reached.old["first"].to_numpy()
    # Those of which no time is known are one moment too.
    moment = "time IN (FROM given)" + (" OR time IS NULL" if np.isnat(time).any() else "")
    of_moment = f"FROM transfers WHERE time_precision <> 'day' AND ({moment})"
    there = select(connection, _THERE, of_moment, time=time)
    if day.any():
        # The order within a day is not known, so that of a day only those of the part are asked.
        of_day = "FROM transfers SEMI JOIN given USING (transfer_id) WHERE time_precision = 'day'"
        dated = select(connection, _THERE, of_day, transfer_id=first)
        there = pd.concat([there, dated], ignore_index=True)
    # The number of a transfer is that of an entry that told of it first.
    ours = np.isin(there["transfer_id"], first, kind="table")
    others = there[~ours]
    of_others = "FROM given JOIN entries USING (entry_id) JOIN touches USING (entry_id)"
    found = select(connection, _TOLD_BY, of_others, entry_id=_entries(others))
    mine = numbers | {"own": owners(stated.found)}
    sides = {name: np.concatenate([mine[name], found[name]]) for name in _TOLD_BY.columns}
    return Moments(there, ours, sides)


def _entries(transfers: pd.DataFrame) -> np.ndarray:
    """Return the entries of some transfers, each once."""
    sides = [transfers[name].to_numpy("int64", na_value=0) for name in _SIDES]
    entry: np.ndarray = pd.unique(np.concatenate([np.zeros(1, "int64"), *sides]))
    return entry[1:]


def put(
    connection: duckdb.DuckDBPyConnection, reached: Reached, again: pd.DataFrame, made: Part
) -> None:
    """
    Put in the joinings of a part and what became of its entries.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    reached
        What it can change.
    again
        What `take` returned.
    made
        The part.
    """
    _put_joins(connection, made, again)
    _put_touches(connection, reached, made.outcome)


def _put_touches(
    connection: duckdb.DuckDBPyConnection, reached: Reached, outcome: pd.DataFrame
) -> None:
    # By which keys an entry can meet others follows from it alone; this from those of its account.
    at, same = _same(outcome, reached.own[["entry_id", *OUTCOME]], "entry_id")
    other = outcome[~same & (at >= 0)]
    if len(other):
        ask(
            connection,
            "UPDATE touches SET stands = given.stands, first = given.first, "
            'before = given."before", against = given.against FROM given '
            "WHERE touches.entry_id = given.entry_id",
            **{name: other[name] for name in ("entry_id", *OUTCOME)},
        )
    became = outcome[at < 0].set_index("entry_id").reindex(reached.fresh["entry_id"])
    told = {name: became[name].array for name in OUTCOME}
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
    there = moments.there
    at, same = _same(made, there[list(_CHANGING.columns)], "transfer_id")
    # What stays as it is does not change the order of its moment.
    gone = moments.ours.copy()
    gone[at[same]] = False
    come = made[~same]
    changed = pd.Index(pd.concat([there["time"][gone], come["time"]]).unique())
    stay = there.loc[~gone & there["time"].isin(changed).to_numpy(), [*_ORDERING, "seq"]]
    here = pd.concat([stay[_ORDERING], come[_ORDERING]], ignore_index=True)
    # What is alone in its moment has no order that an entry could tell, nor has a day.
    timed = here["time_precision"].ne("day").to_numpy()
    tied = timed & here["time"].where(timed).duplicated(keep=False).to_numpy()
    seq = np.zeros(len(here), "int64")
    if tied.any():
        seq[tied] = _reordered(here[tied], moments.sides)
    come = come.assign(seq=seq[len(stay) :])
    placed = stay[["transfer_id"]].assign(seq=seq[: len(stay)])
    return Changes(come, there["transfer_id"][gone], placed[placed["seq"].ne(stay["seq"])])


def _reordered(moved: pd.DataFrame, sides: dict[str, np.ndarray]) -> np.ndarray:
    """Return seq of each transfer, by those of some entries that tell it."""
    some = np.isin(sides["entry_id"], _entries(moved), kind="table")
    rows = pd.DataFrame({name: values[some] for name, values in sides.items()})
    return transfers.reordered(moved, rows.drop_duplicates("entry_id").sort_values("entry_id"))


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
    if len(changes.gone):
        drop = "DELETE FROM transfers WHERE transfer_id IN (FROM given)"
        ask(connection, drop, transfer_id=changes.gone)
    if len(changes.placed):
        ask(
            connection,
            "UPDATE transfers SET seq = given.seq FROM given "
            "WHERE transfers.transfer_id = given.transfer_id",
            transfer_id=changes.placed["transfer_id"],
            seq=changes.placed["seq"],
        )
    insert(connection, TRANSFERS, changes.come)


def _same(made: pd.DataFrame, was: pd.DataFrame, number: str) -> tuple[np.ndarray, np.ndarray]:
    """Return where each row was, -1 for nowhere, and which say all that they said before."""
    at = pd.Index(was[number]).get_indexer(made[number])
    there = np.flatnonzero(at >= 0)
    same = np.zeros(len(made), bool)
    same[there] = np.logical_and.reduce(
        [_equal(made[name].array.take(there), was[name].array.take(at[there])) for name in was]
    )
    return at, same


def _equal(one: ExtensionArray, two: ExtensionArray) -> np.ndarray:
    """Return where two columns agree; what is missing in both does."""
    told = pd.Series(one == two, dtype="boolean").to_numpy(bool, na_value=False)
    both: np.ndarray = told | np.asarray(one.isna() & two.isna())
    return both


def _put_joins(connection: duckdb.DuckDBPyConnection, made: Part, again: pd.DataFrame) -> None:
    if len(again):
        # What is told again of a row that is joined otherwise now is of another transfer now.
        sides = [made.transfers[[name, "transfer_id"]].set_axis(["entry", "transfer_id"], axis=1)
                 for name in _SIDES]  # fmt: skip
        told = pd.concat(sides)
        now = told[told["entry"].isin(again["entry"])].groupby("entry")["transfer_id"].min()
        now = now[now.ne(again.groupby("entry")["transfer_id"].min().reindex(now.index))]
        _move(connection, now.reset_index().astype("int64"))
    insert(connection, JOINS, made.joins)


def _move(connection: duckdb.DuckDBPyConnection, now: pd.DataFrame) -> None:
    """Let the joinings of some entries be of another transfer."""
    if now.empty:
        return
    ask(
        connection,
        "UPDATE joins SET transfer_id = given.transfer_id FROM given "
        "WHERE joins.entry = given.entry",
        entry=now["entry"],
        transfer_id=now["transfer_id"],
    )
