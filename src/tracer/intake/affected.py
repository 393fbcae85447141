"""Affected: what a round does change of all that it could, and so looks at."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

from tracer.intake.reach import Reached
from tracer.ledger.codes import Among, grouped
from tracer.ledger.linked import hanging
from tracer.ledger.touch import near
from tracer.table import KEY, Arrays

# So many bits any key fits into.
_ROOM = 33
_NOTHING = np.zeros(0, "int64")


def affected(reached: Reached, outcome: Arrays, changed: np.ndarray) -> Reached:
    """
    Return of what a round can change that which it changes.

    All entries of the accounts with new ones are looked at, since a new one
    may repeat any of them or take it back. Of one for which nothing else
    follows from those of its account than before, everything stays as it was,
    and so does what only it leads to.

    Parameters
    ----------
    reached
        What the round can change.
    outcome
        That of `part.Stated`.
    changed
        Where it tells of an entry that became something else than before.
    """
    entry, fresh = outcome["entry_id"], reached.fresh["entry_id"]
    begun = np.concatenate([fresh, entry[changed], _naming(reached)])
    keys, entries = _together(reached, outcome)
    node = grouped([np.concatenate([begun, entries])])
    first, rest = node[: len(begun)], node[len(begun) :]
    met = hanging(grouped([keys]), rest, int(node.max(initial=-1)) + 1, first)
    few = np.concatenate([begun, entries[met[rest]]])
    kept, old = (
        np.isin(some, few, kind="table") for some in (reached.entries, reached.old["entry_id"])
    )
    return dataclasses.replace(
        reached,
        entries=reached.entries[kept],
        old={name: values[old] for name, values in reached.old.items()},
    )


def _naming(reached: Reached) -> np.ndarray:
    """Return the entries of platforms that name an account with new entries."""
    named = [
        turn["stands"][np.isin(turn["named"], reached.mine)]
        for turn in reached.followed
        if "named" in turn
    ]
    return np.concatenate([_NOTHING, *named])


def _together(reached: Reached, outcome: Arrays) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers and entries, several times: those of the same number hang together."""
    turns = reached.followed
    lines = [
        # What counts for an entry hangs together with it, and so does what counted for it.
        [*_standing(reached.own), *_standing(outcome)],
        [_keyed(turns, "mirror")],
        [*_daily(turns)],
        # A crossing may be known by any number of either side.
        [_keyed(turns, name) for name in ("bank_link", "bank_serial", "link", "serial")],
    ]
    # In which line a key stands is told above the room that it takes.
    keys = [key + (at << _ROOM) for at, line in enumerate(lines) for key, _ in line]
    return np.concatenate(keys), np.concatenate([entry for line in lines for _, entry in line])


def _standing(some: Arrays) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Return which entries repeat another, and that one, by the number of that one."""
    other = some["stands"] != some["entry_id"]
    for name in ("stands", "entry_id"):
        yield some["stands"][other], some[name][other]


def _daily(turns: Sequence[Arrays]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Return who seeks the other side of a payment, by all days near it, and who may be that."""
    seek, seeking = _keyed(turns, "seek")
    if len(seek):
        days = near(seek.astype(KEY)).astype("int64")
        yield days, np.resize(seeking, len(days))
        key, entry = _keyed(turns, "theirs")
        # Nearly all others are sought by nobody.
        some = Among.of(days).places(key)
        yield key[some], entry[some]


def _keyed(turns: Sequence[Arrays], name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return one key of the entries that were followed, and the entry that counts for each."""
    held = [turn for turn in turns if name in turn]
    key, entry = (
        np.concatenate([_NOTHING, *(turn[one] for turn in held)]) for one in (name, "stands")
    )
    some = np.flatnonzero(key)
    return key[some], entry[some]
