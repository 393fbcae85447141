"""Touch: the keys by which a rule of the ledger can connect one entry to another."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from tracer.column import Column, large
from tracer.ledger.clocks import DAY
from tracer.ledger.codes import heads
from tracer.ledger.memory import OWNERS, TOUCHES
from tracer.ledger.pairing import UNKNOWN
from tracer.ledger.parties import Parties, natures
from tracer.ledger.rows import Keys, Told
from tracer.table import KEY, Arrays

# Two entries can have to do with each other if the one's first key is the other's second.
EDGES = (
    ("mirror", "mirror"),  # Both sides name each other.
    ("theirs", "seek"),  # Who does not tell the other side is found by who names him.
    ("seek", "theirs"),
    # The two records of a crossing share a number.
    *(("bank_link", "link"), ("bank_link", "serial"), ("bank_serial", "link")),
    *(("link", "bank_link"), ("serial", "bank_link"), ("link", "bank_serial")),
)
# These keys hold the day as well, and are asked for together with those of the days beside it.
DAILY = ("seek", "theirs")
# By so much the keys of two days differ that follow each other: by an even number, as all are odd.
_DAYS = np.int64(0x7F4A7C16)
_GOLDEN, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(29)


def touches(said: Told, found: Parties, kind: pd.Series) -> Arrays:
    """
    Return by which keys each entry can be connected to those of other accounts.

    All that a rule compares beyond these (times, directions, amounts) only
    makes fewer of them meet. Who names nobody, or a clearing account, is found
    by account and amount alone only within a day of the other side, whatever
    the rule, so that those keys hold the day. What connects entries of one
    account is not among them: of an account with a new entry all entries are
    looked at again. What repeats another row has keys as well, since a new row
    may make it count.

    Parameters
    ----------
    said, found
        The entries and their parties.
    kind
        Account key to its kind.

    Returns
    -------
    dict of numpy.ndarray
        Shape (n,) each: the columns of the table `touches`, as if each entry were alone in its
        account, and own and wallet, which `owned` takes.
    """
    whole = lone(said) | _keys(said, found, natures(found, kind))
    return {name: whole[name] for name in (*TOUCHES.columns, "own", "wallet")}


def owned(touches: Arrays) -> Arrays:
    """
    Return the columns of the table `owners`.

    Parameters
    ----------
    touches
        What `touches` returned.
    """
    first = heads(touches["own"])
    return {name: touches[name][first] for name in OWNERS.columns}


def lone(said: Told) -> dict[str, np.ndarray]:
    """Return entry_id, stands, first and before of entries, each as if alone in its account."""
    entry, never = said.numbers["entry_id"], np.full(len(said), "NaT", "datetime64[us]")
    return {"entry_id": entry, "stands": entry, "first": entry, "before": never}


def owns(found: Parties) -> np.ndarray:
    """Return the hash of each entry's own account, as the table `owners` has it."""
    own: np.ndarray = _of_keys(found.keys, found.own)[found.own]
    return own


def near(keys: np.ndarray) -> np.ndarray:
    """
    Return keys that hold the day, and those of the days before and after.

    Parameters
    ----------
    keys
        Shape (n,), of a column in ``DAILY``.

    Returns
    -------
    numpy.ndarray
        Shape (3 n,).
    """
    # Only numbers of half the room wrap round where the keys of the other days did.
    keys, days = keys.astype(KEY), _DAYS.astype(KEY)
    with np.errstate(over="ignore"):
        return np.concatenate([keys, keys - days, keys + days])


def _daily(keys: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Return keys by the day; 0 where it is not known, since nothing is near then."""
    with np.errstate(over="ignore"):
        found: np.ndarray = (keys + time // DAY * _DAYS) * (time != UNKNOWN)
    return found


def _keys(said: Told, found: Parties, nature: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return every key of the entries; 0 where there is none."""
    fen, silent, wallet = said.numbers["fen"], found.silent, nature["wallet"]
    other = np.where(silent, found.own, found.other)
    keys = _of_keys(found.keys, found.own, other)
    own, theirs, out = keys[found.own], keys[other], said.out
    sides = np.where(out, own, theirs), np.where(out, theirs, own)
    time = said.numbers["time"].view("int64")
    hop, platform = nature["hop"] & ~wallet, wallet & ~nature["other_wallet"]
    return {
        "wallet": wallet,
        "own": own,
        "mirror": short(mixed(*sides, fen) * ~silent),
        "theirs": short(_daily(mixed(theirs, fen), time) * ~silent),
        "seek": short(_daily(mixed(own, fen), time) * (silent | nature["hop"])),
        "named": short(theirs * (platform & ~silent)),
        "bank_link": _numbered(said.texts["link_serial"], hop),
        "bank_serial": _numbered(said.texts["serial"], hop),
        "link": _numbered(said.texts["link_serial"], platform),
        "serial": _numbered(said.texts["serial"], platform),
    }


def _numbered(column: Column, which: np.ndarray) -> np.ndarray:
    """Return the hash of a number of some rows; 0 where they have none."""
    found = np.zeros(len(which), KEY)
    some = np.flatnonzero(which)
    if not len(some):
        return found
    at, once = pd.factorize(column.places()[some])
    words = column.words.take(once)
    found[some] = short(np.where(words.ne(""), hashed(large(words)), 0))[at]
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


def short(keys: np.ndarray) -> np.ndarray:
    """
    Return keys in half their room, never 0 but for 0.

    What is taken for the same by that is looked at together, as in `mixed`.

    Parameters
    ----------
    keys
        Shape (n,), int64.

    Examples
    --------
    >>> short(np.array([0, 7, 1 << 40])).tolist()
    [0, 7, 1]
    """
    half: np.ndarray = (keys | (keys != 0)).astype(KEY)
    return half


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
