"""The door of the ledger: entries in, accounts and transfers out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tracer.ledger import (
    accounts,
    bridge,
    checks,
    doubt,
    merge,
    platforms,
    repeats,
    reversals,
    transfers,
)
from tracer.ledger.decisions import ruled
from tracer.ledger.parties import Parties, parties, sightings
from tracer.ledger.rows import TELLING, Keys, Told, told, unified

__all__ = ["TELLING", "Ledger", "build"]

_TAKEN_BACK = f"{reversals.UNDONE}|{reversals.REFUNDED}"
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


def build(
    entries: pd.DataFrame | pa.Table,
    registrations: pd.DataFrame,
    *,
    decisions: pd.DataFrame | None = None,
    marks: pd.DataFrame | None = None,
) -> Ledger:
    """
    Make one ledger of everything that was loaded.

    Parameters
    ----------
    entries
        The table `entries`, as `rows.told` takes it.
    registrations
        The table `registrations`.
    decisions
        What investigators said of two rows: entry, other, verdict (join or
        split) and, where it is known, reason; the later ones count more.
    marks
        What kinds of accounts they know better: as the table `marks`.

    Returns
    -------
    Ledger
        Accounts, transfers, aliases and joins. The same records give the same ledger
        whatever the order in which their rows come.
    """
    said = told(entries)
    # Whoever has many millions of entries has no room for them twice.
    del entries
    known = accounts.aliases(said.pairs("card", "number"), registrations)
    found = parties(said, known)
    seen = accounts.seen(sightings(said, found), registrations, known)
    byhand = ruled(decisions, said, found, repeats.repeats(said, found))
    kinds = accounts.marked(accounts.kinds(seen), marks, known)
    rows, keys = _rows(said, found, kinds["kind"], byhand.stands), found.keys
    rows, trades = _once(rows, decisions)
    shown = {name: said.texts[name] for name in transfers.SHOWN}
    again = pd.concat([doubt.repeated(said, found, byhand), trades], ignore_index=True)
    forced, apart = byhand.pairs, byhand.apart
    del said, found, byhand
    covered = _named(checks.coverage(rows), keys)
    described = accounts.describe(seen, kinds, registrations, known, covered)
    joined = _joined(rows, forced, apart)
    made = transfers.transfers(rows, joined, shown, keys)
    joins = doubt.joins(rows, joined, made, again)
    return Ledger(_used(described, made, keys.texts(rows["own"].unique())), made, known, joins)


def _rows(said: Told, found: Parties, kinds: pd.Series, stands: np.ndarray) -> pd.DataFrame:
    """Return the entries that repeat no other as numbers, in their order."""
    kept = np.flatnonzero(stands == np.arange(len(stands)))
    first = np.full(len(stands), np.iinfo("int64").max)
    np.minimum.at(first, stands, said.numbers["entry_id"])
    out, texts = said.out[kept], said.texts
    own, other = found.own[kept], found.other[kept]
    shared, blank = unified([texts["serial"], texts["link_serial"]])
    none = pc.index(blank, "").as_py()
    serial, link = (np.where(code == none, 0, code + 1)[kept] for code in shared)
    wallet = found.keys.flags(accounts.PLATFORM)
    clearing = pa.array(kinds.index[kinds.eq("clearing")].astype("str"), pa.large_string())
    hop = pc.is_in(found.keys.words, value_set=clearing).to_numpy(zero_copy_only=False)
    undone, refunded = (
        texts["summary"].flags(lambda words, said=said: words.str.contains(said))
        for said in (reversals.UNDONE, reversals.REFUNDED)
    )
    hinted = texts["remark"].flags(lambda words: words.str.contains(_TAKEN_BACK))
    inside = texts["other_holder"].flags(lambda words: words.str.contains(reversals.INTERNAL))
    codes = {
        "own": own, "other": other, "payer": np.where(out, own, other),
        "payee": np.where(out, other, own), "serial": serial, "link": link,
        "clock": texts["institution"].places()[kept],
        "currency": texts["currency"].places()[kept], "place": kept,
        "file": file,
    }  # fmt: skip
    flags = {
        "out": out, "silent": found.silent[kept], "wallet": wallet[own],
        "other_wallet": wallet[other], "hop": hop[other], "hinted": hinted[kept],
        "undone": (undone | refunded)[kept], "refund": (refunded & ~undone)[kept],
        "internal": inside[kept],
    }  # fmt: skip
    numbers = {name: values[kept] for name, values in said.numbers.items() if name != "load_id"}
    numbers["balance_fen"] = pd.arrays.IntegerArray(numbers["balance_fen"], ~numbers["shown"])
    # Only of a platform does it matter which of its tables tells of a trade.
    file = np.full(len(kept), -1)
    file[wallet[own]] = said.files(kept[wallet[own]])
    small = {name: values.astype("int32") for name, values in codes.items()}
    whole = small | flags | numbers | {"precision": said.precision[kept], "first": first[kept]}
    return pd.DataFrame(whole, copy=False)


def _once(rows: pd.DataFrame, decisions: pd.DataFrame | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Leave out what another table of a platform tells too, and say so as `doubt.repeated` does."""
    split = [] if decisions is None else decisions.query("verdict == 'split'")[["entry", "other"]]
    free = rows[~rows["entry_id"].isin(np.ravel(split))] if len(split) else rows
    # A platform's own number of a trade is what its tables call a serial.
    told = platforms.same(free.assign(kindred=free["serial"].where(free["wallet"], 0)))
    told = told[told["stands"].ne(told["entry_id"])]
    by = rows.set_index("entry_id")
    gap = by["time"].reindex(told["entry_id"]).array - by["time"].reindex(told["stands"]).array
    trades = pd.DataFrame({
        "entry": told["stands"].array, "other_entry": told["entry_id"].array, "how": "trade",
        "gap": np.abs(pd.Series(gap).dt.total_seconds()), "rivals": 0, "precision": 0, "said": "",
    })  # fmt: skip
    if told.empty:
        return rows, trades
    # What only the other table shows is not lost with it.
    both = pd.concat([told["stands"], told["entry_id"]]).array
    heads = pd.concat([told["stands"], told["stands"]]).array
    facts = by.loc[both, ["first", "link"]].groupby(heads).agg({"first": "min", "link": "max"})
    kept = by.drop(index=told["entry_id"])
    kept.loc[facts.index, ["first", "link"]] = facts
    return kept.reset_index().astype({"link": "int32"}), trades


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
