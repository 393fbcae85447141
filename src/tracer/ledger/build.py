"""The door of the ledger: entries in, accounts and transfers out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa

from tracer.column import large
from tracer.ledger import (
    accounts,
    checks,
    doubt,
    kinds,
    repeats,
    transfers,
)
from tracer.ledger.aliases import BETWEEN, aliases, pairs, suffixes
from tracer.ledger.beside import beside
from tracer.ledger.clocks import Clocks, tallied
from tracer.ledger.codes import places
from tracer.ledger.decisions import counting, ruled
from tracer.ledger.joining import paired, taken_back
from tracer.ledger.memory import CLEARINGS, GAPS, OUTCOMES, OWNERS, TALLIES, TOUCHES, Memory
from tracer.ledger.parties import Parties, parties, sightings
from tracer.ledger.records import once, records
from tracer.ledger.rows import TELLING, Keys, Told, told
from tracer.ledger.touch import hashed, lone, owned, touches
from tracer.table import Arrays
from tracer.tables import CONFLICTS, JOINS, MARKS, MASKS, SUBACCOUNTS

_NO_SUBACCOUNTS, _NO_MARKS = SUBACCOUNTS.empty(), MARKS.empty()

__all__ = ["TELLING", "Ledger", "build"]


@dataclass(frozen=True)
class Ledger:
    """Every real account once, and every real movement of money once."""

    accounts: pd.DataFrame
    """The table `accounts`."""
    transfers: pd.DataFrame
    """The table `transfers`, in the order of time, seq and transfer_id."""
    aliases: pd.Series
    """Account number to the account that it means."""
    joins: pd.DataFrame
    """The table `joins`, the most doubtful first."""
    conflicts: pd.DataFrame
    """The table `conflicts`: numbers that several accounts claim."""
    masks: pd.DataFrame
    """The table `masks`: masked numbers, and the account that each was taken for."""
    memory: Memory | None = None
    """What `part` needs to make a part of it anew, if that was asked for."""


def build(
    entries: pd.DataFrame | pa.Table,
    registrations: pd.DataFrame,
    *,
    subaccounts: pd.DataFrame = _NO_SUBACCOUNTS,
    decisions: pd.DataFrame | None = None,
    marks: pd.DataFrame = _NO_MARKS,
    remember: bool = False,
) -> Ledger:
    """
    Make one ledger of everything that was loaded.

    Parameters
    ----------
    entries
        The table `entries`, as `rows.told` takes it.
    registrations, subaccounts
        Tables of `tracer.tables`.
    decisions
        What investigators said of two rows: entry, other, verdict (join or
        split) and, where it is known, reason; the later ones count more.
    marks
        What kinds of accounts they know better: as the table `marks`.
    remember
        Whether `part` shall be able to make a part of the ledger anew.

    Returns
    -------
    Ledger
        Accounts, transfers, and what was decided on the way. The same records
        give the same ledger whatever the order in which their rows come.
    """
    said = told(entries)
    # Whoever has many millions of entries has no room for them twice.
    del entries
    own, others = (said.texts[name].words for name in ("account", "other_account"))
    known, conflicts = meant(said.pairs("card", "number"), own, others, registrations, subaccounts)
    found, masks = parties(said, known, registrations)
    stands, (sighted, seen, kind) = beside(
        partial(repeats.repeats, said, found),
        partial(_named, said, found, registrations, known, marks),
        rows=len(said),
    )
    byhand = ruled(decisions, said, found, stands)
    rows, keys = records(said, found, kind["kind"], byhand.stands), found.keys
    touched = touches(said, found, kind["kind"]) if remember else None
    alone = lone(said) if remember else {}
    rows, trades = once(rows, _split(decisions))
    shown = {name: said.texts[name] for name in transfers.SHOWN}
    again = counted(doubt.repeated(said, found, byhand), trades)
    forced, apart = counting(byhand, trades, rows)
    clocks = Clocks(hashed(large(said.texts["institution"].words)))
    same = said.same()
    del said, found, byhand
    if remember:
        rows["before"] = transfers.earlier(rows)
    partner = taken_back(rows, forced)
    joined, described = beside(
        lambda: paired(rows, partner, forced, apart, clocks),
        lambda: accounts.covered(
            accounts.describe(seen, kind, known), registrations, known, coverage(rows, keys)
        ),
        rows=len(rows),
    )
    made, joins = beside(
        lambda: transfers.transfers(rows, joined, shown, keys),
        lambda: JOINS.conform(doubt.joins(rows, joined, again)),
        rows=len(rows),
    )
    real = _used(described, made, keys.texts(rows["own"].unique()))
    memory = None
    if touched is not None:
        became = outcome(alone, rows, again, partner)
        noted = np.flatnonzero(changed(became))
        outcomes = OUTCOMES.conform({name: values[noted] for name, values in became.items()})
        keyed = TOUCHES.conform({**touched, "before": became["before"]})
        gaps = GAPS.conform(clocks.gaps())
        tallies = TALLIES.conform(tallied(gaps))
        owners = OWNERS.conform(owned(touched))
        memory = Memory(keyed, owners, outcomes, sighted, gaps, tallies, clearings(kind), same)
    conflicts, masks = CONFLICTS.conform(conflicts), MASKS.conform(masks)
    return Ledger(real, made, known, joins, conflicts, masks, memory)


def _named(
    said: Told,
    found: Parties,
    registrations: pd.DataFrame,
    known: pd.Series,
    marks: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return how accounts were sighted, all that is seen of them, and the kind of each."""
    sighted = sightings(said, found)
    seen = accounts.seen(sighted, registrations, known)
    marked = marks.assign(account=accounts.resolve(marks["account"], known))
    return sighted, seen, kinds.marked(kinds.kinds(seen), marked)


def meant(
    told: pd.DataFrame,
    own: pd.Series,
    others: pd.Series,
    registrations: pd.DataFrame,
    subaccounts: pd.DataFrame,
) -> tuple[pd.Series, pd.DataFrame]:
    """
    Return which account each further text means, and the numbers that several claim.

    A text with the suffix of a sub-account means the number before it, where
    that is any account, unless it has a statement or a registration of its own,
    since the rows of two statements are not those of one, or several accounts
    claim it.

    Parameters
    ----------
    told
        card and number of entries, each pair at least once.
    own, others
        The texts by which entries name whose they are, and the other side, each
        at least once; none where no other side has a suffix.
    registrations, subaccounts
        Tables of `tracer.tables`.
    """
    known, conflicts = aliases(pairs(told, registrations, subaccounts))
    marked = others.str.contains(BETWEEN)
    if not marked.any():
        return known, conflicts
    further = [known, known.index.to_series(), conflicts["alias"], registrations["account"]]
    accounts = [own, others[~marked], *further]
    below = suffixes(others[marked].drop_duplicates(), pd.Index(pd.concat(accounts).unique()))
    meaning = below.map(known).astype("str")
    return pd.concat([known, below.where(meaning.isna(), meaning)]), conflicts


def clearings(kind: pd.DataFrame) -> pd.DataFrame:
    """
    Return the table `clearings`: the accounts that only pass money on.

    Parameters
    ----------
    kind
        What `kinds.marked` returned.
    """
    names = kind.index[kind["kind"].eq("clearing")]
    return CLEARINGS.conform(pd.DataFrame({"account": names.astype("str")}))


def counted(again: pd.DataFrame, trades: pd.DataFrame) -> pd.DataFrame:
    """
    Return all rows that another counts for, each with the one that counts in the end.

    Parameters
    ----------
    again, trades
        What `doubt.repeated` and `records.once` returned.
    """
    if trades.empty:
        return again
    # A row may stand for its repeats and not count itself, since another table tells it too.
    head = again["entry"].map(trades.set_index("other_entry")["entry"])
    again = again.assign(entry=head.fillna(again["entry"]).astype("int64"))
    return pd.concat([again, trades], ignore_index=True)


def outcome(
    touched: Arrays, rows: pd.DataFrame, again: pd.DataFrame, partner: pd.Series
) -> dict[str, np.ndarray]:
    """
    Return what became of each entry among those of its own account.

    Parameters
    ----------
    touched
        entry_id, stands, first and before of entries, each as if alone in its
        account.
    rows
        The entries that count, with before.
    again
        entry and other_entry: what stands for what.
    partner
        What `taken_back` returned.

    Returns
    -------
    dict of numpy.ndarray
        entry_id, and the columns `memory.OUTCOME` of the table `outcomes`.
    """
    entry = touched["entry_id"]
    found = {name: touched[name].copy() for name in ("entry_id", "stands", "first", "before")}
    found["against"] = np.zeros(len(entry), "int64")
    found["stands"][places(entry, again["other_entry"].to_numpy("int64"))] = again["entry"]
    kept = places(entry, rows["entry_id"].to_numpy())
    for name in ("first", "before"):
        found[name][kept] = rows[name].to_numpy()
    found["against"][places(entry, partner.index.to_numpy("int64"))] = partner
    return found


def changed(outcome: Arrays) -> np.ndarray:
    """
    Return of which entries more became than their rows of `touches` tell, if they hold ``before``.

    Parameters
    ----------
    outcome
        What `outcome` returned.
    """
    entry = outcome["entry_id"]
    found: np.ndarray = outcome["against"] != 0
    for name in ("stands", "first"):
        found |= outcome[name] != entry
    return found


def _split(decisions: pd.DataFrame | None) -> np.ndarray:
    """Return the entries of which investigators said that they are two."""
    if decisions is None:
        return np.zeros(0, "int64")
    split = decisions.loc[decisions["verdict"].eq("split"), ["entry", "other"]]
    return split.to_numpy("int64").ravel()


def coverage(rows: pd.DataFrame, keys: Keys) -> pd.DataFrame:
    """
    Return what `checks.coverage` tells of each account, by its key.

    Parameters
    ----------
    rows
        What `records.once` returned, or some of it.
    keys
        The text of the accounts.
    """
    covered = checks.coverage(rows)
    return covered.set_axis(pd.Index(keys.texts(covered.index.to_numpy("int64"))), axis=0)


def _used(described: pd.DataFrame, made: pd.DataFrame, own: pd.Series) -> pd.DataFrame:
    """Leave out clearing accounts that were bridged over, which have no part in the ledger."""
    clearing = described["kind"].eq("clearing")
    if not clearing.any():
        return described
    used = described["account"].isin(pd.concat([made["payer"], made["payee"], own]).unique())
    return described[used | ~clearing].reset_index(drop=True)
