"""The door of the ledger: entries in, accounts and transfers out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

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
from tracer.ledger.decisions import ruled
from tracer.ledger.parties import parties, sightings
from tracer.ledger.records import once, records
from tracer.ledger.rows import TELLING, Keys, Told, told
from tracer.tables import CONFLICTS, MARKS, MASKS, SUBACCOUNTS

_NO_SUBACCOUNTS, _NO_MARKS = SUBACCOUNTS.empty(), MARKS.empty()

__all__ = ["TELLING", "Ledger", "build"]

# What tells which two entries are one movement.
_JOINING = [
    *("entry_id", "payer", "payee", "own", "other", "fen", "out", "time", "precision", "seq"),
    *("serial", "link", "clock", "silent", "hop", "wallet", "other_wallet"),
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


def build(
    entries: pd.DataFrame | pa.Table,
    registrations: pd.DataFrame,
    *,
    subaccounts: pd.DataFrame = _NO_SUBACCOUNTS,
    decisions: pd.DataFrame | None = None,
    marks: pd.DataFrame = _NO_MARKS,
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

    Returns
    -------
    Ledger
        Accounts, transfers, and what was decided on the way. The same records
        give the same ledger whatever the order in which their rows come.
    """
    said = told(entries)
    # Whoever has many millions of entries has no room for them twice.
    del entries
    known, conflicts = _aliases(said, registrations, subaccounts)
    found, masks = parties(said, known, registrations)
    seen = accounts.seen(sightings(said, found), registrations, known)
    byhand = ruled(decisions, said, found, repeats.repeats(said, found))
    marked = marks.assign(account=accounts.resolve(marks["account"], known))
    kind = kinds.marked(kinds.kinds(seen), marked)
    rows, keys = records(said, found, kind["kind"], byhand.stands), found.keys
    rows, trades = once(rows, _split(decisions))
    shown = {name: said.texts[name] for name in transfers.SHOWN}
    again = pd.concat([doubt.repeated(said, found, byhand), trades], ignore_index=True)
    forced, apart = byhand.pairs, byhand.apart
    del said, found, byhand
    covered = _named(checks.coverage(rows), keys)
    described = accounts.describe(seen, kind, registrations, known, covered)
    joined = _joined(rows, forced, apart)
    made = transfers.transfers(rows, joined, shown, keys)
    joins = doubt.joins(rows, joined, made, again)
    real = _used(described, made, keys.texts(rows["own"].unique()))
    return Ledger(real, made, known, joins, CONFLICTS.conform(conflicts), MASKS.conform(masks))


def _aliases(
    said: Told, registrations: pd.DataFrame, subaccounts: pd.DataFrame
) -> tuple[pd.Series, pd.DataFrame]:
    """Return which account each further text means, and the numbers that several claim."""
    known, conflicts = aliases(pairs(said.pairs("card", "number"), registrations, subaccounts))
    texts = pd.concat([said.texts[name].words for name in ("account", "other_account")])
    once = pd.Series(texts.unique(), dtype="str")
    # A text with the suffix of a sub-account means the number before it, if that is any account.
    below = suffixes(once, pd.Index(pd.concat([once, known, known.index.to_series()]).unique()))
    meant = below.map(known).astype("str")
    return pd.concat([known, below.where(meant.isna(), meant)]), conflicts


def _split(decisions: pd.DataFrame | None) -> np.ndarray:
    """Return the entries of which investigators said that they are two."""
    if decisions is None:
        return np.zeros(0, "int64")
    split = decisions.loc[decisions["verdict"].eq("split"), ["entry", "other"]]
    return split.to_numpy("int64").ravel()


def _named(covered: pd.DataFrame, keys: Keys) -> pd.DataFrame:
    return covered.set_axis(pd.Index(keys.texts(covered.index.to_numpy("int64"))), axis=0)


def _used(described: pd.DataFrame, made: pd.DataFrame, own: pd.Series) -> pd.DataFrame:
    """Leave out clearing accounts that were bridged over, which have no part in the ledger."""
    clearing = described["kind"].eq("clearing")
    if not clearing.any():
        return described
    used = described["account"].isin(pd.concat([made["payer"], made["payee"], own]).unique())
    return described[used | ~clearing].reset_index(drop=True)


def _joined(rows: pd.DataFrame, forced: pd.DataFrame, apart: np.ndarray) -> pd.DataFrame:
    """Return every transfer's entries: payer_entry, payee_entry, join, status and why."""
    byhand = forced[["payer_entry", "payee_entry"]].to_numpy().ravel()
    free = rows[~rows["entry_id"].isin(byhand)] if len(byhand) else rows
    undone = reversals.reversals(free)
    back = np.concatenate([undone["undo"], undone["done"]])
    partner = pd.concat([undone.set_index("undo")["done"], undone.set_index("done")["undo"]])
    # What was split is paired by hand alone.
    left = free["success"] & ~free["entry_id"].isin(np.concatenate([back, apart]))
    moving = free.loc[left, _JOINING]
    crossed = bridge.crossings(moving)
    inside = pd.concat([crossed["bank"], crossed["platform"]])
    mirrored = merge.mirrors(moving[~moving["entry_id"].isin(inside)])
    pairs = pd.concat(
        [
            forced.assign(join="mirrored"),
            crossed.assign(join="bridged"),
            mirrored.assign(join="mirrored"),
        ],
        ignore_index=True,
    )[["payer_entry", "payee_entry", "join", "how", "gap", "said", "fen", "rivals"]]
    paired = pd.concat([pairs["payer_entry"], pairs["payee_entry"]])
    alone = rows[~rows["entry_id"].isin(paired)]
    return pd.concat([pairs.assign(status="ok"), _singles(alone, partner)], ignore_index=True)


def _singles(alone: pd.DataFrame, partner: pd.Series) -> pd.DataFrame:
    """Return the transfers that one entry tells of, and whether they moved money."""
    against = alone["entry_id"].map(partner)
    status = np.where(against.notna(), "reversed", "ok")
    entry = alone["entry_id"].astype("Int64")
    return pd.DataFrame(
        {
            "payer_entry": entry.where(alone["out"]),
            "payee_entry": entry.where(~alone["out"]),
            "join": "single",
            "how": np.where(alone["hop"], "hop", ""),
            "against": against.astype("Int64"),
            "status": np.where(alone["success"], status, "failed"),
        }
    )
