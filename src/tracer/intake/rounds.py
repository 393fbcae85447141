"""Rounds: what a load brings is worked into the ledger, of which only a part is made anew."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib import metadata, resources

import duckdb
import pandas as pd

from tracer import tables
from tracer.intake import splice
from tracer.intake.splice import Round
from tracer.ledger import accounts, build, part
from tracer.stores.duckdb import append, encoded, evolve, fetch, replace
from tracer.table import Table

_KEPT = (tables.TOUCHES, tables.SIGHTINGS, tables.GAPS, tables.CLEARINGS)
# Why all is made anew, as the log has it.
REPLACED, FIRST, RULES = "rows replaced", "first ledger", "other rules"
UNKNOWN, MOST = "not every row is new", "most entries reached"
CLOCKS, NUMBERS, CLEARING = "clocks", "account numbers", "clearing accounts"
# Where a round reaches more of the entries than this, all is made anew.
SHARE = 0.5
_STAMP = "ledger"


class Whole(Exception):  # noqa: N818 - it is a reason, and no error.
    """Why a round may change anything, so that the whole ledger is made anew."""


@dataclass(frozen=True)
class _Stamp:
    """What the ledger in a case was made of."""

    rules: str
    """A hash of the rules."""
    entries: int
    """How many entries there were."""
    last: int
    """The largest number of an entry."""
    load: int
    """The last load."""
    registrations: int
    """How many registrations there were."""


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
    for table in _KEPT:
        evolve(connection, table)
    now = _counted(connection)
    try:
        count = _part(connection, _stamped(connection, anew=anew), now)
    except Whole as why:
        _whole(connection)
        told: dict[str, object] = {"made": "whole", "because": str(why), "entries": now.entries}
    else:
        told = {"made": "part", "entries": count}
    _stamp(connection, now)
    return told


def _whole(connection: duckdb.DuckDBPyConnection) -> None:
    ledger = build.build(
        encoded(connection, tables.ENTRIES, build.TELLING),
        fetch(connection, tables.REGISTRATIONS, order=["load_id", "source", "row"]),
        remember=True,
    )
    assert ledger.memory is not None
    replace(connection, tables.ALIASES, splice.as_table(ledger.aliases))
    replace(connection, tables.ACCOUNTS, ledger.accounts)
    replace(connection, tables.TRANSFERS, ledger.transfers)
    for table in _KEPT:
        replace(connection, table, getattr(ledger.memory, table.name))


def _part(connection: duckdb.DuckDBPyConnection, was: _Stamp, now: _Stamp) -> int:
    """Make anew what the new entries can change, and return how many entries that took."""
    new = _query(connection, tables.ENTRIES, f"entry_id > {was.last}", "count(*)")
    if was.rules != now.rules:
        raise Whole(RULES)
    if was.entries + new != now.entries:
        raise Whole(UNKNOWN)
    old = _query(connection, tables.REGISTRATIONS, f"load_id <= {was.load}", "count(*)")
    if old != was.registrations:
        raise Whole(UNKNOWN)
    if now.entries == was.entries and now.registrations == was.registrations:
        return 0
    arrived = _arrived(connection, was)
    given = part.stated(
        encoded(connection, tables.ENTRIES, build.TELLING, among="within"),
        arrived.known,
        arrived.clearing,
    )
    count = splice.reach(connection, given.touches)
    if count > SHARE * now.entries:
        raise Whole(MOST)
    settled = splice.settled(connection)
    if len(settled):
        several = encoded(connection, tables.ENTRIES, build.TELLING, among="reached")
        given = part.stated(several, arrived.known, arrived.clearing, settled)
    gaps, mine = splice.gaps(connection)
    made = part.part(given, gaps)
    if part.moved(*splice.concerned(gaps, mine, made.gaps)):
        raise Whole(CLOCKS)
    splice.put(connection, arrived, given.touches, made)
    return count


def _arrived(connection: duckdb.DuckDBPyConnection, was: _Stamp) -> Round:
    """Return what new entries and registrations tell of accounts, if it changes no old entry."""
    known = splice.known(connection)
    renamed = splice.renamed(connection, known)
    if splice.named(connection, renamed["alias"], was.last):
        raise Whole(NUMBERS)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE fresh AS SELECT entry_id FROM entries "  # noqa: S608
        f"WHERE entry_id > {was.last}"
    )
    come = part.arriving(encoded(connection, tables.ENTRIES, build.TELLING, among="fresh"), known)
    registered = (
        connection.execute("SELECT account FROM registrations WHERE load_id > ?", [was.load])
        .df()["account"]
        .astype("str")
    )
    mine = pd.concat([
        come.own, accounts.resolve(registered, known), renamed["alias"], renamed["account"]
    ])  # fmt: skip
    clearing = fetch(connection, tables.CLEARINGS, order=["account"])["account"]
    told = pd.concat([mine, come.sightings["account"], clearing]).drop_duplicates()
    splice.within(connection, mine)
    lines = splice.registered(connection, told, known)
    sighted = splice.seen(connection, told, come.sightings)
    seen = accounts.seen(sighted, lines, known)
    kinds = accounts.kinds(seen)
    passing = build.clearings(kinds)
    changed = set(clearing) ^ set(passing["account"])
    if splice.sighted(connection, changed):
        raise Whole(CLEARING)
    return Round(known, renamed, mine, told, come.sightings, seen, kinds, lines, passing)


def _query(connection: duckdb.DuckDBPyConnection, table: Table, where: str, what: str) -> int:
    found = connection.execute(
        f'SELECT coalesce({what}, 0) FROM "{table.name}" WHERE {where}'  # noqa: S608
    ).fetchall()
    return int(found[0][0])


def _counted(connection: duckdb.DuckDBPyConnection) -> _Stamp:
    return _Stamp(
        rules(),
        _query(connection, tables.ENTRIES, "true", "count(*)"),
        _query(connection, tables.ENTRIES, "true", "max(entry_id)"),
        _query(connection, tables.FILES, "true", "max(load_id)"),
        _query(connection, tables.REGISTRATIONS, "true", "count(*)"),
    )


def _stamped(connection: duckdb.DuckDBPyConnection, *, anew: bool) -> _Stamp:
    """Return what the ledger was made of, if it stands."""
    if anew:
        raise Whole(REPLACED)
    found = connection.execute("SELECT value FROM settings WHERE name = ?", [_STAMP]).fetchall()
    if not found:
        raise Whole(FIRST)
    return _Stamp(**json.loads(found[0][0]))


def _stamp(connection: duckdb.DuckDBPyConnection, now: _Stamp) -> None:
    connection.execute("DELETE FROM settings WHERE name = ?", [_STAMP])
    value = json.dumps(vars(now), sort_keys=True)
    append(connection, tables.SETTINGS, pd.DataFrame([{"name": _STAMP, "value": value}]))


@cache
def rules() -> str:
    """Return a hash of all that makes a ledger, which changes whenever its rules may."""
    told = hashlib.sha256()
    for name in ("fund-tracer", "pandas", "numpy"):
        told.update(metadata.version(name).encode())
    for package in ("tracer.ledger", "tracer"):
        for one in sorted(resources.files(package).iterdir(), key=lambda one: one.name):
            if one.name.endswith(".py"):
                told.update(one.read_bytes())
    return told.hexdigest()
