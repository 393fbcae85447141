"""Arrival: what new entries tell of accounts, and what the whole case says of texts then."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import partial

import duckdb
import pandas as pd
import pyarrow as pa

from tracer import tables
from tracer.intake import reach
from tracer.intake.roster import Round
from tracer.intake.stamp import NUMBERS, Stamp, Whole
from tracer.ledger import accounts, aliases, build, kinds, masks, part
from tracer.ledger.beside import beside
from tracer.ledger.memory import CLEARINGS
from tracer.ledger.part import Given
from tracer.ledger.rows import Told
from tracer.stores.duckdb import fetch
from tracer.table import Arrays
from tracer.tables import REGISTRATIONS

# What all loads together say of texts, in the order in which it is read.
_ASKED = {
    REGISTRATIONS: ["load_id", "source", "row"],
    tables.SUBACCOUNTS: ["load_id", "source", "row"],
    CLEARINGS: ["account"],
    tables.MASKS: ["text"],
}
# Why all is made anew, as the log has it.
MASKED = "masked numbers"


@dataclass(frozen=True)
class Meant:
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
class Arrival:
    """What new entries and registrations tell, before it is judged."""

    meant: Meant
    """What the whole case says of texts, with what is the same in all entries now."""
    new: part.Arriving
    """What new entries tell of accounts."""
    mine: pd.Series
    """The accounts of which every entry is looked at."""
    told: pd.Series
    """These, and the clearing accounts as they were."""
    before: pd.DataFrame
    """The table `sightings` of all these and of those that new entries name."""
    touches: Arrays
    """What `part.reaching` returned, by the clearing accounts as they were."""


def meant(connection: duckdb.DuckDBPyConnection, was: Stamp, fresh: pa.Table) -> Meant:
    """
    Return what the whole case says of texts.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    was
        What the ledger was made of.
    fresh
        The table `entries` of the new ones.

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
    return Meant(given, conflicts, renamed, registrations, filled, suffixed=suffixed)


def arrive(connection: duckdb.DuckDBPyConnection, was: Stamp, said: Told, meant: Meant) -> Arrival:
    """
    Return what new entries and registrations tell, and what was seen of such accounts before.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    was
        What the ledger was made of.
    said
        The new entries.
    meant
        What `meant` returned.
    """
    same = dict(was.same.items() & said.same().items()) if len(said) else was.same
    meant = dataclasses.replace(meant, given=dataclasses.replace(meant.given, same=same))
    clearing, renamed, lines = meant.given.clearing, meant.renamed, meant.registrations
    come = part.arriving(said, meant.given)
    registered = accounts.resolve(lines["account"][lines["load_id"] > was.load], meant.given.known)
    mine = pd.concat([come.own, registered, renamed["alias"], renamed["account"]])
    told = pd.concat([mine, clearing["account"]])
    # While one core asks what was seen before, the other tells by what new entries are met.
    touches, before = beside(
        partial(part.reaching, come, clearing),
        partial(reach.seen, connection, pd.concat([told, come.sightings["account"]])),
    )
    return Arrival(meant, come, mine, told, before, touches)


def judge(arrival: Arrival) -> Round:
    """
    Tell what accounts are by what is seen of them in all.

    Parameters
    ----------
    arrival
        What `arrive` returned.

    Raises
    ------
    Whole
        If a masked number may mean something else now.
    """
    meant, come, before = arrival.meant, arrival.new, arrival.before
    known, lines = meant.given.known, meant.registrations
    told = pd.concat([arrival.told, accounts.concerned(before, come.sightings)])
    told = told.drop_duplicates(ignore_index=True)
    _unhidden(meant.given.masks, come.masks, told)
    if len(lines):
        # A number that means another account is none of its own any more.
        lines = lines.loc[reach.among(accounts.resolve(lines["account"], known), told).index]
    sighted = pd.concat([before, come.sightings], ignore_index=True)
    seen = accounts.seen(sighted.loc[reach.among(sighted["account"], told).index], lines, known)
    kind = kinds.kinds(seen)
    given = dataclasses.replace(meant.given, clearing=build.clearings(kind))
    return Round(
        given, meant.conflicts, meant.renamed, arrival.mine, told, come.sightings,
        seen, kind, lines, meant.filled,
    )  # fmt: skip


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
