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
from tracer.intake import affected, reach, roster, splice, stamp, sway, verdicts
from tracer.intake.reach import Reached
from tracer.intake.roster import Round
from tracer.intake.stamp import NUMBERS, Stamp, Whole
from tracer.ledger import accounts, aliases, build, kinds, masks, part, rows
from tracer.ledger.beside import beside
from tracer.ledger.memory import CLEARINGS, GAPS, SIGHTINGS, TALLIES, TOUCHES, Memory
from tracer.ledger.part import Given
from tracer.stores.duckdb import evolve, fetch, read, replace, together
from tracer.table import Arrays
from tracer.tables import ACCOUNTS, REGISTRATIONS

_KEPT = (TOUCHES, SIGHTINGS, GAPS, TALLIES, CLEARINGS)
_LEDGER = (tables.ACCOUNTS, tables.TRANSFERS, tables.JOINS, tables.CONFLICTS, tables.MASKS)
# What all loads together say of texts, in the order in which it is read.
_ASKED = {
    REGISTRATIONS: ["load_id", "source", "row"],
    tables.SUBACCOUNTS: ["load_id", "source", "row"],
    CLEARINGS: ["account"],
    tables.MASKS: ["text"],
}
# Why all is made anew, as the log has it.
MOST, CLEARING, MASKED = "most entries reached", "clearing accounts", "masked numbers"
# Where a round reaches more of the entries than this, all is made anew.
SHARE = 0.5


@dataclass(frozen=True)
class _Meant:
    """What the whole case says of texts."""

    given: Given
    """With the clearing accounts as they were."""
    conflicts: pd.DataFrame
    """The table `conflicts`."""
    renamed: pd.DataFrame
    """What `reach.renamed` returned."""
    registrations: pd.DataFrame
    """The table `registrations`."""
    filled: set[str]
    """What `reach.filled` returned."""
    suffixed: bool
    """What `reach.suffixed` returns now."""


@dataclass(frozen=True)
class _Judged:
    """What is seen of accounts, and what follows of new entries."""

    told: pd.Series
    """All accounts that are to be described anew."""
    registered: pd.DataFrame
    """Their lines of the table `registrations`."""
    seen: pd.DataFrame
    """What `accounts.seen` returned of them."""
    kinds: pd.DataFrame
    """Their kinds."""
    clearing: pd.DataFrame
    """The table `clearings`."""
    touches: pd.DataFrame
    """The table `touches` of the new entries."""


@dataclass(frozen=True)
class _Taken:
    """What is told of what was there before, while the entries of a part are stated."""

    told: tuple[Arrays, Arrays]
    """What `sway.hear` returned."""
    others: pd.DataFrame
    """What `roster.forget` returned."""
    timed: pa.Table
    """What `splice.timed` returned."""


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
    said, meant = beside(partial(rows.told, fresh), partial(_meant, connection, was, fresh))
    arrived, reached = _arrived(connection, was, said, meant)
    further = [name for name in reach.keys(arrived.touches) if name not in was.keys]
    now = dataclasses.replace(
        now, suffixed=meant.suffixed, same=arrived.given.same, keys=was.keys + further
    )
    # While one core reckons, the other fetches and takes away what was there before.
    described, entries = beside(
        partial(accounts.describe, arrived.seen, arrived.kinds, arrived.further()),
        partial(_entries, connection, arrived.given, reached, now, fresh),
    )
    made = _made(connection, arrived.given, reached, entries, arrived)
    complete, _ = beside(
        partial(_complete, arrived, described, made, reached),
        partial(splice.transfer, connection, made.changes),
    )
    more = _swayed(connection, arrived.given, made.swayed, now)
    roster.put(connection, arrived, complete)
    return len(reached.entries) + more, now


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
    stated, was = beside(
        partial(part.stated, entries, given, reached.settled(), reached.within),
        partial(_taken, connection, entries, reached, arrived),
    )
    held, other = _held(connection, stated), splice.became(reached, stated.outcome)
    if arrived:
        reached = affected.affected(reached, stated.outcome, other)
    heard = sway.heard(was.told, reached.entries)
    made, (moments, again) = beside(
        partial(part.part, stated, reached.entries, held, heard.others),
        partial(_noted, connection, was.timed, stated, reached, other),
    )
    changes, swayed = beside(
        partial(splice.changes, moments, made.transfers),
        partial(_put, connection, again, heard, made, reached.entries),
    )
    return _Made(stated, was.others, changes, swayed)


def _taken(
    connection: duckdb.DuckDBPyConnection,
    entries: pa.Table,
    reached: Reached,
    arrived: Round | None,
) -> _Taken:
    """Take away the accounts that are described anew, and tell what a part needs."""
    # After a round there are payments that tell of the clocks, or no part would follow it.
    clocked = arrived is None or GAPS.name in arrived.filled
    told = sway.hear(connection, reached.old["entry_id"], clocked=clocked)
    others = roster.forget(connection, arrived) if arrived else ACCOUNTS.empty()
    return _Taken(told, others, splice.timed(connection, entries))


def _noted(
    connection: duckdb.DuckDBPyConnection,
    there: pa.Table,
    stated: part.Stated,
    reached: Reached,
    other: np.ndarray,
) -> tuple[splice.Moments, Arrays]:
    """Note what became of entries; return what `splice.moments` and `splice.take` do."""
    moments = splice.moments(connection, there, stated, reached)
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


def _arrived(
    connection: duckdb.DuckDBPyConnection, was: Stamp, said: rows.Told, meant: _Meant
) -> tuple[Round, Reached]:
    """
    Return what new entries and registrations tell of accounts, and what that can change.

    What they tell must change what no old entry means.
    """
    same = dict(was.same.items() & said.same().items()) if len(said) else was.same
    known, clearing = meant.given.known, meant.given.clearing
    come, renamed, lines = part.arriving(said, meant.given), meant.renamed, meant.registrations
    registered = accounts.resolve(lines["account"][lines["load_id"] > was.load], known)
    mine = pd.concat([come.own, registered, renamed["alias"], renamed["account"]])
    told = pd.concat([mine, clearing["account"]])
    before = reach.seen(connection, pd.concat([told, come.sightings["account"]]))
    # While one core judges, the other fetches by what entries of earlier rounds can be met.
    judged, begun = beside(
        partial(_judged, come, before, told, meant),
        partial(reach.begin, connection, was, mine),
    )
    passing, touches = judged.clearing, judged.touches
    if reach.sighted(connection, set(clearing["account"]) ^ set(passing["account"])):
        raise Whole(CLEARING)
    given = dataclasses.replace(meant.given, clearing=passing, same=same)
    arrived = Round(
        given, meant.conflicts, renamed, mine, judged.told, come.sightings,
        touches, judged.seen, judged.kinds, judged.registered, meant.filled,
    )  # fmt: skip
    return arrived, reach.reach(connection, begun, touches, mine)


def _meant(connection: duckdb.DuckDBPyConnection, was: Stamp, fresh: pa.Table) -> _Meant:
    """
    Return what the whole case says of texts.

    Raises
    ------
    Whole
        If an old entry means another account by one now.
    """
    suffixed = was.suffixed or aliases.has_suffix(fresh["other_account"])
    filled = reach.filled(connection)
    registrations, subaccounts, clearing, hidden = (
        fetch(connection, table, order=order) if table.name in filled else table.empty()
        for table, order in _ASKED.items()
    )
    known, conflicts = reach.known(connection, registrations, subaccounts, suffixes=suffixed)
    renamed = reach.renamed(connection, filled, known)
    if reach.named(connection, renamed["alias"], was.last):
        raise Whole(NUMBERS)
    given = Given(known, hidden, clearing, was.same)
    return _Meant(given, conflicts, renamed, registrations, filled, suffixed=suffixed)


def _judged(come: part.Arriving, before: pd.DataFrame, told: pd.Series, meant: _Meant) -> _Judged:
    """
    Tell what new entries say of accounts, beside what is seen of them in all.

    Raises
    ------
    Whole
        If a masked number may mean something else now.
    """
    known = meant.given.known
    told = pd.concat([told, accounts.concerned(before, come.sightings)])
    told = told.drop_duplicates(ignore_index=True)
    _unhidden(meant.given.masks, come.masks, told)
    lines = meant.registrations
    if len(lines):
        # A number that means another account is none of its own any more.
        lines = lines.loc[reach.among(accounts.resolve(lines["account"], known), told).index]
    sighted = pd.concat([before, come.sightings], ignore_index=True)
    seen = accounts.seen(sighted.loc[reach.among(sighted["account"], told).index], lines, known)
    kind = kinds.kinds(seen)
    passing = build.clearings(kind)
    return _Judged(told, lines, seen, kind, passing, part.reaching(come, passing))


def _held(connection: duckdb.DuckDBPyConnection, stated: part.Stated) -> np.ndarray:
    """Return which of the accounts that platforms name have a statement of their own in hand."""
    codes = stated.named()
    if not len(codes):
        return codes
    before = reach.held(connection, stated.found.keys.texts(codes))
    return codes[before | np.isin(codes, stated.found.own)]


def _unhidden(hidden: pd.DataFrame, new: pd.DataFrame, told: pd.Series) -> None:
    """Say if a masked number may mean something else now."""
    if hidden.empty and new.empty:
        return
    if not hidden.merge(new, on=["text", "holder", "institution"])["text"].size == len(new):
        raise Whole(MASKED)
    # Holder and bank could only leave fewer accounts that fit.
    blank = {"holder": "", "institution": ""}
    named = pd.DataFrame({"account": told.str.replace(r"_[A-Z]{3}$", "", regex=True)})
    seen = hidden[["text"]].drop_duplicates().assign(**blank)
    if len(seen) and masks.matched(seen, named.assign(**blank))["candidates"].gt(0).any():
        raise Whole(MASKED)
