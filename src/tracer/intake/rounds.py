"""Rounds: what a load brings is worked into the ledger, of which only a part is made anew."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import partial

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from tracer import tables
from tracer.intake import affected, arrival, reach, roster, splice, stamp, sway, verdicts
from tracer.intake.arrival import Arrival
from tracer.intake.reach import Reached
from tracer.intake.roster import Round
from tracer.intake.stamp import Stamp, Whole
from tracer.ledger import accounts, build, part, rows
from tracer.ledger.beside import beside
from tracer.ledger.memory import (
    CLEARINGS,
    GAPS,
    OUTCOMES,
    OWNERS,
    SIGHTINGS,
    TALLIES,
    TOUCHES,
    Memory,
)
from tracer.ledger.part import Given
from tracer.stores.duckdb import evolve, fetch, read, replace, together
from tracer.table import Arrays
from tracer.tables import ACCOUNTS

_KEPT = (TOUCHES, OWNERS, OUTCOMES, SIGHTINGS, GAPS, TALLIES, CLEARINGS)
_LEDGER = (tables.ACCOUNTS, tables.TRANSFERS, tables.JOINS, tables.CONFLICTS, tables.MASKS)
# Why all is made anew, as the log has it.
MOST, CLEARING = "most entries reached", "clearing accounts"
# Where a round reaches more of the entries than this, all is made anew.
SHARE = 0.5


@dataclass(frozen=True)
class _Made:
    """A part that was made anew."""

    stated: part.Stated
    """Its entries."""
    others: pd.DataFrame
    """What `roster.forget` returned."""
    changes: splice.Changes
    """What of the table `transfers` is another now."""
    swayed: np.ndarray
    """Payments outside that may be paired otherwise, by what it tells of the clocks."""


def settle(connection: duckdb.DuckDBPyConnection, *, anew: bool) -> dict[str, object]:
    """
    Make the ledger what it is by all entries of the case, and say how that was done.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    anew
        Whether rows were withdrawn or changed, so that all is made anew.
    """
    try:
        was = stamp.stamped(connection, anew=anew)
        now = stamp.counted(connection)
        count, now = _part(connection, was, now)
    except Whole as why:
        # Where a part will do, this version made every table as it needs it.
        for table in (*_KEPT, *_LEDGER, tables.SUBACCOUNTS, tables.DECISIONS, tables.MARKS):
            evolve(connection, table)
        memory, now = _whole(connection), stamp.counted(connection)
        now = dataclasses.replace(
            now,
            suffixed=reach.suffixed(connection),
            same=memory.same,
            keys=reach.keys(memory.touches),
        )
        told: dict[str, object] = {"made": "whole", "because": str(why), "entries": now.entries}
    else:
        told = {"made": "part", "entries": count}
    stamp.put(connection, now)
    return told


def _whole(connection: duckdb.DuckDBPyConnection) -> Memory:
    """Make all anew, and return what a part needs to know of it."""
    ledger = build.build(
        read(connection, tables.ENTRIES, build.TELLING),
        fetch(connection, tables.REGISTRATIONS, order=["load_id", "source", "row"]),
        subaccounts=fetch(connection, tables.SUBACCOUNTS, order=["load_id", "source", "row"]),
        decisions=verdicts.standing(connection),
        marks=verdicts.marks(connection),
        remember=True,
    )
    assert ledger.memory is not None
    replace(connection, tables.ALIASES, reach.as_table(ledger.aliases))
    for table in _LEDGER:
        replace(connection, table, getattr(ledger, table.name))
    for table in _KEPT:
        replace(connection, table, getattr(ledger.memory, table.name))
    return ledger.memory


def _part(connection: duckdb.DuckDBPyConnection, was: Stamp, now: Stamp) -> tuple[int, Stamp]:
    """
    Make anew what new entries can change.

    Return how many entries its parts took in all, and what the ledger is made of now.
    """
    stamp.hold(connection, was, now)
    if now.entries == was.entries and now.registrations == was.registrations:
        return 0, was
    new, most = f"WHERE entry_id > {was.last}", now.entries - was.entries
    fresh = read(connection, tables.ENTRIES, build.TELLING, only=new, most=most)
    said, meant = beside(partial(rows.told, fresh), partial(arrival.meant, connection, was, fresh))
    came = arrival.arrive(connection, was, said, meant)
    # While one core judges, the other fetches what all this can change.
    (arrived, described), found = beside(
        partial(_described, came), partial(_reached, connection, was, now, came, fresh)
    )
    if passing := _otherwise(came, arrived):
        # What an old entry can be connected to may be another by that, and of a new one is.
        if reach.sighted(connection, passing):
            raise Whole(CLEARING)
        touches = part.reaching(came.new, arrived.given.clearing)
        came = dataclasses.replace(came, touches=touches)
        found = _reached(connection, was, now, came, fresh)
    reached, entries, now = found
    now = dataclasses.replace(now, suffixed=meant.suffixed)
    made = _made(connection, arrived.given, reached, entries, arrived)
    complete, _ = beside(
        partial(_complete, arrived, described, made, reached),
        partial(splice.transfer, connection, made.changes),
    )
    more = _swayed(connection, arrived.given, made.swayed, now)
    roster.put(connection, arrived, complete)
    return len(reached.entries) + more, now


def _described(came: Arrival) -> tuple[Round, pd.DataFrame]:
    """Return what is told of accounts, and how they are described but for what is covered."""
    arrived = arrival.judge(came)
    return arrived, accounts.describe(arrived.seen, arrived.kinds, arrived.further())


def _otherwise(came: Arrival, arrived: Round) -> set[str]:
    """Return the accounts that only pass money on now and did not before, or the other way."""
    was, now = came.meant.given.clearing, arrived.given.clearing
    return set(was["account"]) ^ set(now["account"])


def _reached(
    connection: duckdb.DuckDBPyConnection,
    was: Stamp,
    now: Stamp,
    came: Arrival,
    fresh: pa.Table,
) -> tuple[Reached, pa.Table, Stamp]:
    """Return what new entries can change, its entries, and what the ledger is made of then."""
    reached = reach.reach(connection, was, came.touches, came.mine)
    given = came.meant.given
    further = [name for name in reach.keys(came.touches) if name not in was.keys]
    now = dataclasses.replace(now, same=given.same, keys=was.keys + further)
    return reached, _entries(connection, given, reached, now, fresh), now


def _complete(
    arrived: Round, described: pd.DataFrame, made: _Made, reached: Reached
) -> pd.DataFrame:
    """Return the accounts as they are described now."""
    covered = part.covered(made.stated, reached.within)
    return roster.complete(arrived, described, made.others, covered)


def _swayed(
    connection: duckdb.DuckDBPyConnection, given: Given, swayed: np.ndarray, now: Stamp
) -> int:
    """Make anew what clocks can change, and return how many entries these parts took in all."""
    count = 0
    # What a turn of matching tells of the clocks rests on the turns before it alone, so that
    # after as many parts as there are turns nothing is swayed any more.
    while len(swayed):
        reached = reach.around(connection, now, swayed)
        entries = _entries(connection, given, reached, now, None)
        made = _made(connection, given, reached, entries, None)
        splice.transfer(connection, made.changes)
        count, swayed = count + len(reached.entries), made.swayed
    return count


def _entries(
    connection: duckdb.DuckDBPyConnection,
    given: Given,
    reached: Reached,
    now: Stamp,
    fresh: pa.Table | None,
) -> pa.Table:
    """Fetch what `part.stated` takes, if it is not too much; entries that are new are there."""
    if len(reached.entries) > SHARE * now.entries:
        raise Whole(MOST)
    only, which = "SEMI JOIN given USING (entry_id)", reached.asked()
    # What is the same in all entries, as columns are that banks leave empty, is known unread.
    columns = [name for name in rows.MOVING if name not in given.same]
    if fresh is not None:
        which = which[which < fresh["entry_id"].to_numpy().min(initial=now.last + 1)]
    entries = read(connection, tables.ENTRIES, columns, only=only, most=len(which), entry_id=which)
    return entries if fresh is None else together([entries, fresh.select(columns)])


def _made(
    connection: duckdb.DuckDBPyConnection,
    given: Given,
    reached: Reached,
    entries: pa.Table,
    arrived: Round | None,
) -> _Made:
    """Make a part anew, that of a round or another, and put in all but its transfers."""
    stated, (told, others) = beside(
        partial(part.stated, entries, given, reached.settled(), reached.within),
        partial(_taken, connection, reached, arrived),
    )
    held, other = _held(connection, stated), splice.became(reached, stated.outcome)
    if arrived:
        reached = affected.affected(reached, stated.outcome, other)
    heard = sway.heard(told, reached.entries)
    made, (moments, again) = beside(
        partial(part.part, stated, reached.entries, held, heard.others),
        partial(_noted, connection, stated, reached, other),
    )
    changes, swayed = beside(
        partial(splice.changes, moments, made.transfers),
        partial(_put, connection, again, heard, made, reached.entries),
    )
    return _Made(stated, others, changes, swayed)


def _taken(
    connection: duckdb.DuckDBPyConnection, reached: Reached, arrived: Round | None
) -> tuple[tuple[Arrays, Arrays], pd.DataFrame]:
    """Take away the accounts that are described anew; return what hearing and that tell."""
    # After a round there are payments that tell of the clocks, or no part would follow it.
    clocked = arrived is None or GAPS.name in arrived.filled
    told = sway.hear(connection, reached.old["entry_id"], clocked=clocked)
    others = roster.forget(connection, arrived) if arrived else ACCOUNTS.empty()
    return told, others


def _noted(
    connection: duckdb.DuckDBPyConnection,
    stated: part.Stated,
    reached: Reached,
    other: np.ndarray,
) -> tuple[splice.Moments, Arrays]:
    """Note what became of entries; return what `splice.moments` and `splice.take` do."""
    moments = splice.moments(connection, stated, reached)
    splice.note(connection, reached, stated.outcome, other)
    return moments, splice.take(connection, reached)


def _put(
    connection: duckdb.DuckDBPyConnection,
    again: Arrays,
    heard: sway.Heard,
    made: part.Part,
    entries: np.ndarray,
) -> np.ndarray:
    """Put in what a part tells of the clocks, and its joinings; return whom that sways."""
    splice.put(connection, again, made)
    sway.put(connection, heard, made.gaps)
    return sway.swayed(connection, heard, made.gaps, entries)


def _held(connection: duckdb.DuckDBPyConnection, stated: part.Stated) -> np.ndarray:
    """Return which of the accounts that platforms name have a statement of their own in hand."""
    codes = stated.named()
    if not len(codes):
        return codes
    before = reach.held(connection, stated.found.keys.texts(codes))
    return codes[before | np.isin(codes, stated.found.own)]
