"""Part: what a round can change of a ledger, made anew by the rules that make the whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from tracer.column import large
from tracer.ledger import repeats, transfers
from tracer.ledger.build import coverage, joined, numbered
from tracer.ledger.clocks import Clocks, differences
from tracer.ledger.parties import parties, sightings
from tracer.ledger.rows import Rows, Told, told
from tracer.ledger.touch import hashed, touches

_SETTLED = ["first", "before"]


@dataclass(frozen=True)
class Arriving:
    """What new entries tell of accounts."""

    sightings: pd.DataFrame
    """The table `sightings`, of these entries alone."""
    own: pd.Series
    """The accounts whose entries they are."""


@dataclass(frozen=True)
class Stated:
    """Some entries, and by what they can be connected to others."""

    rows: Rows
    """Those that repeat no other."""
    said: Told
    """All of them."""
    touches: pd.DataFrame
    """The table `touches` of those that are not settled."""


@dataclass(frozen=True)
class Part:
    """The part of a ledger that a round can change."""

    transfers: pd.DataFrame
    """The table `transfers`; seq is the place among these alone."""
    coverage: pd.DataFrame
    """Indexed by account: what the statements in hand cover, of the accounts with new entries."""
    gaps: pd.DataFrame
    """The table `gaps` of these entries."""


def arriving(entries: pd.DataFrame | pa.Table, known: pd.Series) -> Arriving:
    """
    Tell whose entries have come, and what they say of accounts.

    Parameters
    ----------
    entries
        The table `entries`, as `rows.told` takes it, of a round.
    known
        Account number to the account that it means.
    """
    said = told(entries)
    found = parties(said, known)
    return Arriving(sightings(said, found), found.keys.texts(np.unique(found.own)))


def stated(
    entries: pd.DataFrame | pa.Table,
    known: pd.Series,
    clearing: pd.DataFrame,
    settled: pd.DataFrame | None = None,
) -> Stated:
    """
    Take in the entries of a part.

    Parameters
    ----------
    entries
        The table `entries`, as `rows.told` takes it: all entries of the
        accounts of which a round brought some, and of other accounts those
        that repeat no other and that the round can reach.
    known, clearing
        The aliases and the table `clearings` of the whole case.
    settled
        The table `touches` of the latter.
    """
    said = told(entries)
    found = parties(said, known)
    old = pd.DataFrame() if settled is None else settled.set_index("entry_id")[_SETTLED]
    fixed = np.isin(said.numbers["entry_id"], old.index)
    stands = repeats.repeats(said, found, fixed)
    rows = numbered(said, found, clearing, stands)
    rows.frame["before"] = transfers.earlier(rows.frame)
    if len(old):
        at = fixed[rows.frame["place"].to_numpy()]
        told_before = old.loc[rows.frame["entry_id"].to_numpy()[at]]
        for name in _SETTLED:
            values = rows.frame[name].to_numpy().copy()
            values[at] = told_before[name].to_numpy()
            rows.frame[name] = values
    touched = touches(said, stands, found.own, rows)
    return Stated(rows, said, touched[~fixed].reset_index(drop=True))


def part(given: Stated, gaps: pd.DataFrame) -> Part:
    """
    Make the transfers of a part.

    Parameters
    ----------
    given
        What `stated` returned.
    gaps
        The table `gaps` of all entries outside.
    """
    rows, texts = given.rows, given.said.texts
    clocks = Clocks(hashed(large(texts["institution"].words)), gaps)
    shown = {name: texts[name] for name in transfers.SHOWN}
    made = transfers.transfers(rows.frame, joined(rows.frame, clocks), shown, rows.keys)
    open_ones = rows.frame["entry_id"].isin(given.touches["entry_id"])
    mine = Rows(rows.frame[open_ones], rows.keys, rows.numbers)
    return Part(made, coverage(mine), clocks.gaps())


def moved(before: pd.DataFrame, after: pd.DataFrame) -> bool:
    """
    Return whether any two clocks are known to differ otherwise than before.

    Parameters
    ----------
    before, after
        The table `gaps` of the whole case.
    """
    was, now = differences(before), differences(after)
    return not was.sort_index().equals(now.sort_index())
