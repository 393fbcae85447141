"""Part: what a round can change of a ledger, made anew by the rules that make the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from tracer.column import large
from tracer.ledger import doubt, repeats, reversals, transfers
from tracer.ledger.build import counted, coverage, outcome
from tracer.ledger.clocks import Clocks
from tracer.ledger.codes import sought
from tracer.ledger.decisions import ruled
from tracer.ledger.joining import paired, taken_back
from tracer.ledger.parties import Parties, parties, sightings
from tracer.ledger.records import once, records
from tracer.ledger.rows import Told, told
from tracer.ledger.touch import hashed, lone, touches
from tracer.table import Arrays, Columns
from tracer.tables import REGISTRATIONS

_SETTLED = ("first", "before", "against")
# What `checks.coverage` needs.
_COVERING = (
    *("entry_id", "own", "time", "seq", "out", "fen", "balance_fen", "shown", "success"),
    "statement",
)


@dataclass(frozen=True)
class Given:
    """What the whole case says of the texts of entries."""

    known: pd.Series
    """Account number to the account that it means."""
    masks: pd.DataFrame
    """The table `masks`."""
    clearing: pd.DataFrame
    """The table `clearings`."""
    same: dict[str, str | bool]
    """What `Told.same` tells of all entries."""


@dataclass(frozen=True)
class Arriving:
    """What new entries tell of accounts."""

    said: Told
    """The entries."""
    found: Parties
    """Who they say paid whom."""
    sightings: pd.DataFrame
    """The table `sightings`, of these entries alone."""
    own: pd.Series
    """The accounts whose entries they are."""
    masks: pd.DataFrame
    """Their masked numbers."""


@dataclass(frozen=True)
class Stated:
    """Some entries, and by what they can be connected to others."""

    said: Told
    """The entries."""
    found: Parties
    """Who they say paid whom."""
    rows: pd.DataFrame
    """Those that count."""
    again: pd.DataFrame
    """Those that another one counts for."""
    forced: pd.DataFrame
    """What `paired` takes of decisions: none."""
    partner: pd.Series
    """By entry the one that took it back, or that it took back."""
    outcome: Arrays
    """What `build.outcome` returned, of accounts with new entries."""

    def named(self) -> np.ndarray:
        """Return the numbers of the accounts that platforms name."""
        platform = self.rows["wallet"] & ~self.rows["other_wallet"]
        return np.unique(self.rows["other"].to_numpy()[platform.to_numpy()])


@dataclass(frozen=True)
class Part:
    """The part of a ledger that a round can change."""

    transfers: transfers.Filled
    """The transfers, in no order."""
    joins: Columns
    """The columns of the table `joins`."""
    gaps: Arrays
    """The columns of the table `gaps` of these entries."""


def arriving(said: Told, given: Given) -> Arriving:
    """
    Tell whose entries have come, and what they say of accounts.

    Parameters
    ----------
    said
        The entries of a round.
    given
        What the whole case says of their texts.
    """
    found, masks = parties(said, given.known, REGISTRATIONS.empty(), given.masks)
    own = found.keys.texts(np.unique(found.own))
    return Arriving(said, found, sightings(said, found), own, masks)


def reaching(come: Arriving, clearing: pd.DataFrame) -> Arrays:
    """
    Tell by what new entries can be connected to others.

    Parameters
    ----------
    come
        What `arriving` returned.
    clearing
        The table `clearings`, with what the new entries tell.

    Returns
    -------
    dict of numpy.ndarray
        What `touch.touches` returns of them.
    """
    return touches(come.said, come.found, _passing(clearing))


def _passing(clearing: pd.DataFrame) -> pd.Series:
    """Return the kind of each account that only passes money on."""
    return pd.Series("clearing", index=clearing["account"])


def stated(
    entries: pd.DataFrame | pa.Table, given: Given, settled: Arrays, within: np.ndarray
) -> Stated:
    """
    Take in the entries of a part.

    Parameters
    ----------
    entries
        The table `entries`, as `rows.told` takes it, only the columns in
        `rows.MOVING` of which are used, and of those none that is the same in
        all entries: all entries of some accounts, and of others those that
        count and that a round can reach.
    given
        What the whole case says of their texts.
    settled
        entry_id, first, before and against of the latter at least, as in the
        table `outcomes`.
    within
        All entries of the accounts with new entries.
    """
    said = told(entries, given.same)
    found, _ = parties(said, given.known, REGISTRATIONS.empty(), given.masks)
    fixed = np.isin(said.numbers["entry_id"], settled["entry_id"], kind="table")
    byhand = ruled(None, said, found, repeats.repeats(said, found, fixed))
    kind = _passing(given.clearing)
    rows = records(said, found, kind, byhand.stands)
    rows, trades = once(rows, np.zeros(0, "int64"))
    again = counted(doubt.repeated(said, found, byhand), trades)
    told_so = {
        "first": rows["first"].to_numpy().copy(),
        "before": transfers.earlier(rows),
        "against": np.zeros(len(rows), "int64"),
    }
    outside = fixed[rows["place"].to_numpy()]
    known = sought(settled["entry_id"], rows["entry_id"].to_numpy()[outside])
    for name in _SETTLED:
        told_so[name][outside] = settled[name][known]
    rows = rows.assign(**told_so, settled=outside)
    partner = _partner(rows, byhand.pairs)
    became = outcome(lone(said), rows, again, partner)
    inside = np.isin(became["entry_id"], within, kind="table")
    became = {name: values[inside] for name, values in became.items()}
    return Stated(said, found, rows, again, byhand.pairs, partner, became)


def _partner(rows: pd.DataFrame, forced: pd.DataFrame) -> pd.Series:
    """Return by entry the one that took it back, or that it took back."""
    entry, against, settled = (rows[n].to_numpy() for n in ("entry_id", "against", "settled"))
    known = settled & (against != 0)
    # Of a complete account it is seen what took back what, even where only some can change.
    back = taken_back(_some(rows, ~settled, reversals.TOLD), forced)
    return pd.Series(
        np.append(back.to_numpy(), against[known]), index=np.append(back.index, entry[known])
    )


def part(stated: Stated, reached: np.ndarray, held: np.ndarray, heard: Arrays) -> Part:
    """
    Make the transfers of a part.

    Parameters
    ----------
    stated
        What `stated` returned.
    reached
        The entries that the round changes; others only show what is before these.
    held
        Which accounts have their own statement in hand, of those that ``stated.named`` returns.
    heard
        The columns of the table `tallies` of all entries outside.
    """
    texts, keys, rows = stated.said.texts, stated.found.keys, _only(stated.rows, reached)
    entry = stated.again["entry"].to_numpy("int64")
    again = stated.again[np.isin(entry, rows["entry_id"], kind="table")]
    clocks = Clocks(hashed(large(texts["institution"].words)), heard)
    shown = {name: texts[name] for name in transfers.SHOWN}
    none = np.zeros(0, "int64")
    joined = paired(rows, stated.partner, stated.forced, none, clocks, held=held)
    made = transfers.filled(rows, joined, shown, keys)
    joins = doubt.joins(rows, joined, again)
    return Part(made, joins, clocks.gaps())


def covered(stated: Stated, within: np.ndarray) -> pd.DataFrame:
    """
    Tell what the statements in hand cover of the accounts with new entries.

    Parameters
    ----------
    stated
        What `stated` returned.
    within
        All entries of these accounts.

    Returns
    -------
    pandas.DataFrame
        What `build.coverage` returns of them.
    """
    return coverage(_only(stated.rows, within, _COVERING), stated.found.keys)


def _only(rows: pd.DataFrame, some: np.ndarray, names: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the rows of some entries, which are often all of them; of some columns, if named."""
    kept = np.isin(rows["entry_id"], some, kind="table")
    if names is not None:
        return _some(rows, kept, names)
    return rows if kept.all() else rows.take(np.flatnonzero(kept)).reset_index(drop=True)


def _some(rows: pd.DataFrame, kept: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    """Return some columns of some rows."""
    return pd.DataFrame({name: rows[name].array[kept] for name in names}, copy=False)
