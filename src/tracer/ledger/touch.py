"""Touch: the keys by which a rule of the ledger can connect one entry to another."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from tracer.ledger.rows import Keys, Rows, Told
from tracer.tables import TOUCHES

# Two entries can have to do with each other if the one's first key is the other's second.
EDGES = (
    ("mirror", "mirror"),  # Both sides name each other.
    ("seek", "theirs"),  # Who does not tell the other side is found by who names him,
    ("theirs", "seek"),
    ("undo", "mine"),  # a row that takes another back by its own account,
    ("mine", "undo"),
    ("linked", "linked"),  # and the two records of a crossing by the number that they share.
    ("booked", "linked"),
    ("linked", "booked"),
)
_GOLDEN, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(29)


def touches(said: Told, stands: np.ndarray, own: np.ndarray, rows: Rows) -> pd.DataFrame:
    """
    Return by which keys each entry can be connected to others.

    All that a rule compares beyond these (times, directions, serials) only
    makes fewer of them meet. The repeats of an entry have its account in
    common with it and no key of their own.

    Parameters
    ----------
    said
        The entries.
    stands
        Shape (n,), what `repeats.repeats` returned.
    own
        Shape (n,), the number of the own account.
    rows
        The entries that repeat no other.

    Returns
    -------
    pandas.DataFrame
        The table `touches`, a row for each entry.
    """
    entry, kept = said.numbers["entry_id"], rows.frame["place"].to_numpy()
    found = {
        "entry_id": entry,
        "stands": entry[stands],
        "own": _of_keys(rows.keys, own)[own],
    }
    whole = _keys(rows) | {name: rows.frame[name].to_numpy() for name in ("first", "before")}
    for name, values in whole.items():
        found[name] = np.full(len(entry), "NaT" if values.dtype.kind == "M" else 0, values.dtype)
        found[name][kept] = values
    return pd.DataFrame({name: found[name] for name in TOUCHES.columns}, copy=False)


def _keys(rows: Rows) -> dict[str, np.ndarray]:
    """Return every key of the entries that repeat no other; 0 where there is none."""
    told = {name: column.to_numpy() for name, column in rows.frame.items()}
    fen, silent, hop = told["fen"], told["silent"], told["hop"]
    used = np.where(silent, told["own"], told["other"])
    keys = _of_keys(rows.keys, told["own"], used)
    mine, theirs = mixed(keys[told["own"]], fen), mixed(keys[used], fen)
    mirror = mixed(keys[told["payer"] * ~silent], keys[told["payee"] * ~silent], fen)
    shared = hop | (told["wallet"] & ~told["other_wallet"])
    return {
        "mirror": mirror * ~silent,
        "mine": mine,
        "theirs": theirs * ~silent,
        "seek": mine * (silent | hop),
        "undo": mine * (told["undone"] | told["hinted"]),
        "linked": _numbered(rows.numbers, told["link"], shared, fen),
        "booked": _numbered(rows.numbers, told["serial"], hop, fen),
    }


def _numbered(words: pa.Array, codes: np.ndarray, which: np.ndarray, fen: np.ndarray) -> np.ndarray:
    """Return a key of number and amount for some rows that have a number."""
    found = np.zeros(len(codes), "int64")
    some = np.flatnonzero(which & (codes != 0))
    at, once = pd.factorize(codes[some].astype("int64") - 1)
    found[some] = mixed(hashed(words.take(pa.array(once)))[at], fen[some])
    return found


def _of_keys(keys: Keys, *used: np.ndarray) -> np.ndarray:
    """Return the hash of every account key that is used; 0 for the others."""
    found = np.zeros(len(keys.words), "int64")
    which = np.zeros(len(found), bool)
    for codes in used:
        which[codes] = True
    some = np.flatnonzero(which)
    found[some] = hashed(keys.words.take(pa.array(some)))
    return found


def hashed(words: pa.Array) -> np.ndarray:
    """
    Return a whole number for each text, the same for the same text.

    Parameters
    ----------
    words
        Shape (n,), text.

    Examples
    --------
    >>> one, two = hashed(pa.array(["甲", "甲"]))
    >>> bool(one == two)
    True
    """
    text = np.asarray(words.to_numpy(zero_copy_only=False), "object")
    return pd.util.hash_array(text, categorize=False).view("int64")


def mixed(*columns: np.ndarray) -> np.ndarray:
    """
    Return a whole number for each combination of whole numbers, never 0.

    Two combinations may rarely have the same number: then entries are looked
    at together that have nothing to do with each other, which changes nothing.

    Parameters
    ----------
    *columns
        Shape (n,) each, int64.

    Examples
    --------
    >>> one, two = mixed(np.array([1, 2]), np.array([2, 1]))
    >>> bool(one == two)
    False
    """
    whole = np.zeros(len(columns[0]), "uint64")
    for column in columns:
        whole = (whole ^ np.ascontiguousarray(column, "int64").view("uint64")) * _GOLDEN
        whole ^= whole >> _SHIFT
    return (whole | np.uint64(1)).view("int64")
