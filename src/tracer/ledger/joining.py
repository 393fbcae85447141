"""Joining: which entries tell of each transfer: by hand, over a bridge, as two sides, or alone."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tracer.ledger import bridge, merge, reversals, transfers
from tracer.ledger.clocks import Clocks

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
