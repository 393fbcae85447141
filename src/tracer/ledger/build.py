"""The door of the ledger: entries in, accounts and transfers out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tracer.column import Column, large
from tracer.ledger import accounts, bridge, checks, merge, repeats, reversals, transfers
from tracer.ledger.clocks import Clocks
from tracer.ledger.parties import Parties, parties, sightings
from tracer.ledger.rows import TELLING, Rows, Told, told, unified
from tracer.ledger.touch import hashed, touches
from tracer.tables import CLEARINGS

__all__ = ["TELLING", "Ledger", "Memory", "build"]

# What an institution says itself of a row that takes another one back, and what others write.
# What tells which two entries are one movement.
_JOINING = [
    *("entry_id", "payer", "payee", "own", "other", "fen", "out", "time", "precision", "seq"),
    *("serial", "link", "clock", "silent", "hop", "wallet", "other_wallet"),
]
UNDONE = r"冲正|撤销|退汇|冲销|抹账"


@dataclass(frozen=True)
class Memory:
    """What a case keeps beside a ledger, so that a round makes only a part of it anew."""

    touches: pd.DataFrame
    """The table `touches`."""
    sightings: pd.DataFrame
    """The table `sightings`."""
    gaps: pd.DataFrame
    """The table `gaps`."""
    clearings: pd.DataFrame
    """The table `clearings`."""


@dataclass(frozen=True)
class Ledger:
    """Every real account once, and every real movement of money once."""

    accounts: pd.DataFrame
    """The table `accounts`."""
    transfers: pd.DataFrame
    """The table `transfers`, in the order of time and seq."""
    aliases: pd.Series
    """Account number to the account that it means."""
    memory: Memory | None = None
    """What a case keeps beside it, if that was asked for."""


def build(
    entries: pd.DataFrame | pa.Table, registrations: pd.DataFrame, *, remember: bool = False
) -> Ledger:
    """
    Make one ledger of everything that was loaded.

    Parameters
    ----------
    entries
        The table `entries`, as `rows.told` takes it.
    registrations
        The table `registrations`.
    remember
        Whether `part.part` shall be able to make a part of the ledger anew.

    Returns
    -------
    Ledger
        Accounts, transfers and aliases. The same records give the same ledger
        whatever the order in which their rows come.
    """
    said = told(entries)
    # Whoever has many millions of entries has no room for them twice.
    del entries
    known = accounts.aliases(said.pairs("card", "number"), registrations)
    found = parties(said, known)
    sighted = sightings(said, found)
    seen = accounts.seen(sighted, registrations, known)
    stands = repeats.repeats(said, found)
    kinds = accounts.kinds(seen)
    clearing = clearings(kinds)
    rows = numbered(said, found, clearing, stands)
    shown = {name: said.texts[name] for name in transfers.SHOWN}
    clocks = Clocks(hashed(large(said.texts["institution"].words)))
    touched = None
    if remember:
        rows.frame["before"] = transfers.earlier(rows.frame)
        touched = touches(said, stands, found.own, rows)
    del said, found, stands
    covered = coverage(rows)
    described = accounts.describe(seen, kinds, registrations, known, covered)
    made = transfers.transfers(rows.frame, joined(rows.frame, clocks), shown, rows.keys)
    own = rows.keys.texts(rows.frame["own"].unique())
    memory = None if touched is None else Memory(touched, sighted, clocks.gaps(), clearing)
    return Ledger(_used(described, made, own), made, known, memory)


def clearings(kinds: pd.DataFrame) -> pd.DataFrame:
    """
    Return the table `clearings`: the accounts that only pass money on.

    Parameters
    ----------
    kinds
        What `accounts.kinds` returned.
    """
    names = kinds.index[kinds["kind"].eq("clearing")]
    return CLEARINGS.conform(pd.DataFrame({"account": names.astype("str")}))


def numbered(said: Told, found: Parties, clearing: pd.DataFrame, stands: np.ndarray) -> Rows:
    """
    Return the entries that repeat no other as numbers.

    Parameters
    ----------
    said, found
        The entries and their parties.
    clearing
        The table `clearings`.
    stands
        What `repeats.repeats` returned.
    """
    kept = np.flatnonzero(stands == np.arange(len(stands)))
    first = np.full(len(stands), np.iinfo("int64").max)
    np.minimum.at(first, stands, said.numbers["entry_id"])
    out, texts = said.out[kept], said.texts
    own, other = found.own[kept], found.other[kept]
    (serial, link), words = _serials(texts, kept)
    wallet = found.keys.flags(accounts.PLATFORM)
    hop = pc.is_in(found.keys.words, value_set=large(clearing["account"]))
    undone, hinted = (
        texts[name].flags(lambda words: words.str.contains(UNDONE))[kept]
        for name in ("summary", "remark")
    )
    codes = {
        "own": own, "other": other, "payer": np.where(out, own, other),
        "payee": np.where(out, other, own), "serial": serial, "link": link,
        "clock": texts["institution"].places()[kept],
        "currency": texts["currency"].places()[kept], "place": kept,
    }  # fmt: skip
    flags = {
        "out": out, "silent": found.silent[kept], "wallet": wallet[own],
        "other_wallet": wallet[other], "hop": hop.to_numpy(zero_copy_only=False)[other],
        "undone": undone, "hinted": hinted,
    }  # fmt: skip
    numbers = {name: values[kept] for name, values in said.numbers.items() if name != "load_id"}
    small = {name: values.astype("int32") for name, values in codes.items()}
    whole = small | flags | numbers | {"precision": said.precision[kept], "first": first[kept]}
    return Rows(pd.DataFrame(whole, copy=False), found.keys, words)


def _serials(texts: dict[str, Column], kept: np.ndarray) -> tuple[tuple[np.ndarray, ...], pa.Array]:
    """Return a number for each serial and link, 0 for none, and what 1 and so on mean."""
    shared, words = unified([texts["serial"], texts["link_serial"]])
    none = pc.index(words, "").as_py()
    return tuple(np.where(code == none, 0, code + 1)[kept] for code in shared), words


def coverage(rows: Rows) -> pd.DataFrame:
    """
    Return what `checks.coverage` tells of each account, by its key.

    Parameters
    ----------
    rows
        What `numbered` returned, or some of it.
    """
    covered = checks.coverage(rows.frame)
    return covered.set_axis(pd.Index(rows.keys.texts(covered.index.to_numpy("int64"))), axis=0)


def _used(described: pd.DataFrame, made: pd.DataFrame, own: pd.Series) -> pd.DataFrame:
    """Leave out clearing accounts that were bridged over, which have no part in the ledger."""
    clearing = described["kind"].eq("clearing")
    if not clearing.any():
        return described
    used = described["account"].isin(pd.concat([made["payer"], made["payee"], own]).unique())
    return described[used | ~clearing].reset_index(drop=True)


def joined(rows: pd.DataFrame, clocks: Clocks) -> pd.DataFrame:
    """
    Return every transfer's entries: payer_entry, payee_entry, join, status and why.

    Parameters
    ----------
    rows
        The frame of what `numbered` returned.
    clocks
        As `merge.mirrors` takes it.
    """
    undone = reversals.reversals(rows)
    back = np.concatenate([undone["undo"], undone["done"]])
    partner = pd.concat([undone.set_index("undo")["done"], undone.set_index("done")["undo"]])
    moving = rows.loc[rows["success"] & ~rows["entry_id"].isin(back), _JOINING]
    crossed = bridge.crossings(moving)
    inside = pd.concat([crossed["bank"], crossed["platform"]])
    mirrored = merge.mirrors(moving[~moving["entry_id"].isin(inside)], clocks)
    pairs = pd.concat(
        [crossed.assign(join="bridged"), mirrored.assign(join="mirrored")], ignore_index=True
    )[["payer_entry", "payee_entry", "join", "how", "gap"]]
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
            "against": against.astype("Int64"),
            "status": np.where(alone["success"], status, "failed"),
        }
    )
