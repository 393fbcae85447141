"""Joining: which entries tell of each transfer: by hand, over a bridge, as two sides, or alone."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tracer.ledger import bridge, merge, reversals, transfers
from tracer.ledger.clocks import Clocks
from tracer.ledger.codes import places
from tracer.table import same

# What a transfer is, and how two entries became one.
_WORDS = ["single", "mirrored", "bridged", "ok", "reversed", "failed"]
_HOWS = [*transfers.HOW, "hop"]
_WORDED, _WAYS = (pd.CategoricalDtype(words) for words in (_WORDS, _HOWS))
# What tells which two entries are one movement.
_JOINING = (
    *("entry_id", "payer", "payee", "own", "other", "fen", "out", "time", "precision", "seq"),
    *("serial", "link", "clock", "silent", "hop", "wallet", "other_wallet"),
    *("numbered", "named", "other_named"),
)


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
    undo, done = (undone[name].to_numpy("int64") for name in ("undo", "done"))
    return pd.Series(np.append(done, undo), index=np.append(undo, done))


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
    entry, stopped = free["entry_id"].to_numpy(), np.concatenate([back, apart])
    left = np.flatnonzero(free["success"].to_numpy() & ~np.isin(entry, stopped, kind="table"))
    moving = pd.DataFrame({name: free[name].array.take(left) for name in _JOINING}, copy=False)
    crossed = bridge.crossings(moving, held)
    inside = np.concatenate([crossed["bank"], crossed["platform"]])
    if len(inside):
        moving = moving[~np.isin(moving["entry_id"], inside, kind="table")]
    mirrored = merge.mirrors(moving, clocks)
    # By hand and by both sides two entries are one movement; over a bridge they are one again.
    told = {"mirrored": [forced, mirrored], "bridged": [crossed]}
    return _joined(rows, partner, told)


def _joined(
    rows: pd.DataFrame, partner: pd.Series, told: dict[str, list[pd.DataFrame]]
) -> pd.DataFrame:
    """Return the pairs by how they join, and behind them what one entry alone tells of."""
    entry, pairs = rows["entry_id"].to_numpy(), [one for some in told.values() for one in some]
    sides = [_facts(pairs, name, "int64", 0) for name in ("payer_entry", "payee_entry")]
    at = [places(entry, side) for side in sides]
    single = np.ones(len(rows), bool)
    single[np.concatenate(at)] = False
    alone = np.flatnonzero(single)
    out, (both, rest) = rows["out"].to_numpy()[alone], (len(sides[0]), len(alone))
    payer = np.concatenate([at[0], np.where(out, alone, -1)])
    payee = np.concatenate([at[1], np.where(out, -1, alone)])
    join = [np.full(len(one), _WORDS.index(word)) for word, some in told.items() for one in some]
    ways = [pd.Categorical(one["how"].array, dtype=_WAYS).codes for one in pairs if len(one)]
    hop = np.where(rows["hop"].to_numpy()[alone], _HOWS.index("hop"), -1)
    said = [one["said"] if "said" in one else same("", one.index) for one in pairs if len(one)]
    # Only a part of a payment has an amount of its own.
    fen = np.append(_facts(pairs, "fen", "int64", -1), np.full(rest, -1))
    status, against = _undone(entry[alone], rows["success"].to_numpy()[alone], partner)
    against = np.append(np.zeros(both, "int64"), against)
    return pd.DataFrame({
        "payer_entry": pd.arrays.IntegerArray(entry[payer], payer < 0),
        "payee_entry": pd.arrays.IntegerArray(entry[payee], payee < 0),
        "join": _worded([*join, np.full(rest, _WORDS.index("single"))]),
        "how": pd.Categorical.from_codes(np.concatenate([*ways, hop]), dtype=_WAYS),
        "gap": np.append(_facts(pairs, "gap", "float64", 0), np.full(rest, np.nan)),
        "said": pd.concat([*said, same("", pd.RangeIndex(rest))]).array,
        "fen": pd.arrays.IntegerArray(fen, fen < 0),
        "rivals": np.append(_facts(pairs, "rivals", "int64", 0), np.zeros(rest, "int64")),
        "status": _worded([np.full(both, _WORDS.index("ok")), status]),
        "against": pd.arrays.IntegerArray(against, against == 0),
        "payer": payer,
        "payee": payee,
    }, copy=False)  # fmt: skip


def _facts(pairs: list[pd.DataFrame], name: str, kind: str, nothing: object) -> np.ndarray:
    """Return a column of several tables, one behind the other; some may not have it."""
    return np.concatenate([
        one[name].to_numpy(kind) if name in one else np.full(len(one), nothing, kind)
        for one in pairs
    ])  # fmt: skip


def _worded(places: list[np.ndarray]) -> pd.Categorical:
    """Return some words by their places."""
    return pd.Categorical.from_codes(np.concatenate(places), dtype=_WORDED)


def _undone(
    entry: np.ndarray, success: np.ndarray, partner: pd.Series
) -> tuple[np.ndarray, np.ndarray]:
    """Return whether what one entry tells of moved money, and what took it back; 0 for none."""
    back = partner.index.to_numpy("int64")
    undone, against = np.isin(entry, back, kind="table"), np.zeros(len(entry), "int64")
    order = np.argsort(back)
    against[undone] = partner.to_numpy("int64")[order][places(back[order], entry[undone])]
    status = np.where(undone, _WORDS.index("reversed"), _WORDS.index("ok"))
    return np.where(success, status, _WORDS.index("failed")), against
