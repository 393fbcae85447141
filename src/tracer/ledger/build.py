"""The door of the ledger: entries in, accounts and transfers out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from tracer.column import large
from tracer.ledger import (
    accounts,
    bridge,
    checks,
    doubt,
    kinds,
    merge,
    repeats,
    reversals,
    transfers,
)
from tracer.ledger.aliases import aliases, pairs, suffixes
from tracer.ledger.clocks import Clocks
from tracer.ledger.decisions import ruled
from tracer.ledger.memory import CLEARINGS, Memory
from tracer.ledger.parties import parties, sightings
from tracer.ledger.records import once, records
from tracer.ledger.rows import TELLING, Keys, told
from tracer.ledger.touch import hashed, touches
from tracer.tables import CONFLICTS, MARKS, MASKS, SUBACCOUNTS

_NO_SUBACCOUNTS, _NO_MARKS = SUBACCOUNTS.empty(), MARKS.empty()

__all__ = ["TELLING", "Ledger", "build"]

# What a transfer is, and how two entries became one.
_WORDS = ["single", "mirrored", "bridged", "ok", "reversed", "failed"]
_HOWS = [*transfers.HOW, "hop"]
_WORDED, _WAYS = (pd.CategoricalDtype(words) for words in (_WORDS, _HOWS))
# What tells which two entries are one movement.
_JOINING = [
    *("entry_id", "payer", "payee", "own", "other", "fen", "out", "time", "precision", "seq"),
    *("serial", "link", "clock", "silent", "hop", "wallet", "other_wallet"),
    *("numbered", "named", "other_named"),
]


@dataclass(frozen=True)
class Ledger:
    """Every real account once, and every real movement of money once."""

    accounts: pd.DataFrame
    """The table `accounts`."""
    transfers: pd.DataFrame
    """The table `transfers`, in the order of time and seq."""
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
    texts = pd.concat([said.texts[name].words for name in ("account", "other_account")])
    known, conflicts = meant(said.pairs("card", "number"), texts, registrations, subaccounts)
    found, masks = parties(said, known, registrations)
    sighted = sightings(said, found)
    seen = accounts.seen(sighted, registrations, known)
    byhand = ruled(decisions, said, found, repeats.repeats(said, found))
    marked = marks.assign(account=accounts.resolve(marks["account"], known))
    kind = kinds.marked(kinds.kinds(seen), marked)
    rows, keys = records(said, found, kind["kind"], byhand.stands), found.keys
    touched = touches(said, found, rows) if remember else None
    rows, trades = once(rows, _split(decisions))
    shown = {name: said.texts[name] for name in transfers.SHOWN}
    again = counted(doubt.repeated(said, found, byhand), trades)
    forced, apart = byhand.pairs, byhand.apart
    clocks = Clocks(hashed(large(said.texts["institution"].words)))
    del said, found, byhand
    if remember:
        rows["before"] = transfers.earlier(rows)
    covered = coverage(rows, keys)
    described = accounts.describe(seen, kind, registrations, known, covered)
    partner = taken_back(rows, forced)
    joined = paired(rows, partner, forced, apart, clocks)
    made = transfers.transfers(rows, joined, shown, keys)
    joins = doubt.joins(rows, joined, again)
    real = _used(described, made, keys.texts(rows["own"].unique()))
    memory = None
    if touched is not None:
        touched = outcome(touched, rows, again, partner)
        memory = Memory(touched, sighted, clocks.gaps(), clearings(kind))
    conflicts, masks = CONFLICTS.conform(conflicts), MASKS.conform(masks)
    return Ledger(real, made, known, joins, conflicts, masks, memory)


def meant(
    told: pd.DataFrame, texts: pd.Series, registrations: pd.DataFrame, subaccounts: pd.DataFrame
) -> tuple[pd.Series, pd.DataFrame]:
    """
    Return which account each further text means, and the numbers that several claim.

    Parameters
    ----------
    told
        card and number of entries, each pair at least once.
    texts
        The texts by which entries name accounts, each at least once.
    registrations, subaccounts
        Tables of `tracer.tables`.
    """
    known, conflicts = aliases(pairs(told, registrations, subaccounts))
    once = pd.Series(texts.unique(), dtype="str")
    # A text with the suffix of a sub-account means the number before it, if that is any account.
    below = suffixes(once, pd.Index(pd.concat([once, known, known.index.to_series()]).unique()))
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
    touched: pd.DataFrame, rows: pd.DataFrame, again: pd.DataFrame, partner: pd.Series
) -> pd.DataFrame:
    """
    Fill in what became of each entry among those of its own account.

    Parameters
    ----------
    touched
        What `touches` returned.
    rows
        The entries that count, with before.
    again
        entry and other_entry: what stands for what.
    partner
        What `taken_back` returned.
    """
    entry = touched["entry_id"].to_numpy()
    found = {name: touched[name].to_numpy().copy() for name in ("stands", "first", "before")}
    found["against"] = np.zeros(len(entry), "int64")
    found["stands"][np.searchsorted(entry, again["other_entry"].to_numpy("int64"))] = again["entry"]
    kept = np.searchsorted(entry, rows["entry_id"].to_numpy())
    for name in ("first", "before"):
        found[name][kept] = rows[name].to_numpy()
    found["against"][np.searchsorted(entry, partner.index.to_numpy("int64"))] = partner
    return touched.assign(**found)


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


def taken_back(rows: pd.DataFrame, forced: pd.DataFrame) -> pd.Series:
    """
    Return by entry the one that took it back, or that it took back.

    Parameters
    ----------
    rows
        What `records.once` returned.
    forced
        Which entries decisions make one transfer, which nothing takes back.
    """
    free = rows[~rows["entry_id"].isin(_byhand(forced))] if len(forced) else rows
    undone = reversals.reversals(free)
    both = [undone.set_index("undo")["done"], undone.set_index("done")["undo"]]
    found: pd.Series = pd.concat(both)
    return found


def _byhand(forced: pd.DataFrame) -> np.ndarray:
    return forced[["payer_entry", "payee_entry"]].to_numpy().ravel()


def paired(
    rows: pd.DataFrame,
    partner: pd.Series,
    forced: pd.DataFrame,
    apart: np.ndarray,
    clocks: Clocks,
    *,
    held: np.ndarray | None = None,
) -> pd.DataFrame:
    """
    Return every transfer's entries: payer_entry, payee_entry, join, status and why.

    Beside the entries stand their places among the rows: payer and payee, -1
    where there is none.

    Parameters
    ----------
    rows
        What `records.once` returned.
    partner
        What `taken_back` returned of them.
    forced, apart
        Which entries decisions make one transfer, and which they keep from that.
    clocks
        As `merge.mirrors` takes it.
    held
        The bank accounts whose own statement is in hand; by default those of
        ``rows``.
    """
    free = rows[~rows["entry_id"].isin(_byhand(forced))] if len(forced) else rows
    back = partner.index.to_numpy()
    if held is None:
        held = rows.loc[~rows["wallet"], "own"].unique()
    # What was split is paired by hand alone.
    left = free["success"] & ~free["entry_id"].isin(np.concatenate([back, apart]))
    moving = free.loc[left, _JOINING]
    crossed = bridge.crossings(moving, held)
    inside = pd.concat([crossed["bank"], crossed["platform"]])
    mirrored = merge.mirrors(moving[~moving["entry_id"].isin(inside)], clocks)
    ways = {"mirrored": [forced, mirrored], "bridged": [crossed]}
    pairs = pd.concat(
        [one.assign(join=_worded(join, len(one))) for join, some in ways.items() for one in some],
        ignore_index=True,
    )[["payer_entry", "payee_entry", "join", "how", "gap", "said", "fen", "rivals"]]
    entry = rows["entry_id"].to_numpy()
    sides = [pairs[name].to_numpy("int64") for name in ("payer_entry", "payee_entry")]
    places = [np.searchsorted(entry, side) for side in sides]
    single = np.ones(len(rows), bool)
    single[np.concatenate(places)] = False
    alone = np.flatnonzero(single)
    pairs = pairs.assign(
        how=pd.Categorical(pairs["how"].astype("str"), dtype=_WAYS),
        status=_worded("ok", len(pairs)), payer=places[0], payee=places[1],
    )  # fmt: skip
    return pd.concat([pairs, _singles(rows.iloc[alone], alone, partner)], ignore_index=True)


def _worded(word: str, rows: int) -> pd.Categorical:
    """Return one word in every row."""
    return pd.Categorical.from_codes(np.full(rows, _WORDS.index(word)), dtype=_WORDED)


def _singles(alone: pd.DataFrame, places: np.ndarray, partner: pd.Series) -> pd.DataFrame:
    """Return the transfers that one entry tells of, and whether they moved money."""
    entry, out = alone["entry_id"].to_numpy(), alone["out"].to_numpy()
    undone = np.isin(entry, partner.index.to_numpy("int64"))
    against = np.zeros(len(entry), "int64")
    against[undone] = partner.reindex(entry[undone]).to_numpy("int64")
    status = np.where(undone, _WORDS.index("reversed"), _WORDS.index("ok"))
    status = np.where(alone["success"], status, _WORDS.index("failed"))
    hop = np.where(alone["hop"], _HOWS.index("hop"), -1)
    return pd.DataFrame(
        {
            "payer_entry": pd.arrays.IntegerArray(entry, ~out),
            "payee_entry": pd.arrays.IntegerArray(entry.copy(), out.copy()),
            "join": _worded("single", len(entry)),
            "how": pd.Categorical.from_codes(hop, dtype=_WAYS),
            "against": pd.arrays.IntegerArray(against, ~undone),
            "status": pd.Categorical.from_codes(status, dtype=_WORDED),
            "payer": np.where(out, places, -1),
            "payee": np.where(out, -1, places),
        }
    )
