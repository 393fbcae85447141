"""Index: the keys by which entries meet, in memory, to ask for few of them again and again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import duckdb
import numpy as np

from tracer.ledger.beside import beside
from tracer.ledger.codes import Among
from tracer.ledger.memory import OUTCOMES
from tracer.stores.duckdb import numbers

_NOTHING = np.zeros(0, "int64")
_SHORT = 1 << 31
_AGAIN = OUTCOMES.part("entry_id", "stands")
# What most entries have; of the other keys it is looked first who has any.
_COMMON = ("entry_id", "mirror", "theirs")


@dataclass(frozen=True)
class _Rare:
    """The entries that have a key of which few have any; shape (few,) each."""

    at: np.ndarray
    """Their places among all entries."""
    keys: np.ndarray
    """The key of each."""
    among: Among
    """The keys."""

    @classmethod
    def of(cls, at: np.ndarray, keys: np.ndarray) -> _Rare:
        return cls(at, keys, Among.of(keys))

    def having(self, some: np.ndarray) -> np.ndarray:
        """Return the places of the entries that have one of some keys."""
        # Of many that are asked for hardly any are there.
        wanted = some[self.among.places(some)]
        found: np.ndarray = self.at[Among.of(wanted).places(self.keys)]
        return found


@dataclass(frozen=True)
class Index:
    """By what each entry of earlier rounds can be met."""

    names: Sequence[str]
    """The keys."""
    columns: dict[str, list[np.ndarray]]
    """entry_id and the keys of all entries, in pieces that are not put together."""
    starts: np.ndarray
    """Where each piece begins, and where the last one ends."""
    stands: np.ndarray
    """Shape (the largest number of an entry + 1,), which entry counts for each, by its number."""
    again: np.ndarray
    """The entries for which another counts."""
    rare: dict[str, _Rare] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Who has a key of which few have any; noted when it is first asked for."""

    @classmethod
    def of(cls, connection: duckdb.DuckDBPyConnection, names: Sequence[str], last: int) -> Index:
        """
        Fetch some keys of all entries.

        Parameters
        ----------
        connection
            A connection with an open transaction.
        names
            The columns of the table `touches`.
        last
            The largest number of an entry.
        """
        # In half their room numbers are fetched, and looked through, twice as soon.
        kind, room = ("INTEGER", "int32") if last < _SHORT else ("BIGINT", "int64")
        asked = f"SELECT {', '.join([f'entry_id::{kind} AS entry_id', *names])} FROM touches"  # noqa: S608
        table = connection.sql(asked).to_arrow_table()
        columns = {
            name: [piece.to_numpy() for piece in table.column(name).chunks]
            for name in table.column_names
        }
        again = numbers(connection, _AGAIN, "FROM outcomes WHERE stands <> entry_id")
        stands = np.arange(last + 1, dtype=room)
        stands[again["entry_id"]] = again["stands"]
        return cls(names, columns, _starts(columns["entry_id"]), stands, again["entry_id"])

    @property
    def translates(self) -> bool:
        """Whether another table of a platform may tell by which number the bank knows a trade."""
        return "link" in self.names

    def places(self, name: str, some: np.ndarray) -> np.ndarray:
        """Return the places of the entries that have one of some numbers, none of them 0."""
        if name not in _COMMON:
            return self._rare(name).having(some)
        pieces, wanted = self.columns[name], Among.of(some)
        half = len(pieces) // 2
        # Each core looks through half of the pieces.
        first, second = beside(
            partial(_places, wanted, pieces[:half]), partial(_places, wanted, pieces[half:])
        )
        return np.concatenate([first, second + self.starts[half]])

    def take(self, places: np.ndarray, *names: str) -> dict[str, np.ndarray]:
        """Return the numbers of some entries, whose places are in order, in some columns."""
        ends = np.searchsorted(places, self.starts)
        cuts = zip(self.starts[:-1], ends[:-1], ends[1:], strict=True)
        parts = [places[low:high] - start for start, low, high in cuts]
        return {name: _together(self.columns[name], parts) for name in names}

    def leading(self, places: np.ndarray, entries: np.ndarray) -> dict[str, np.ndarray]:
        """Return stands and the keys of some entries, which are told by place and number."""
        if self.translates and len(self.again):
            told = self.again[np.isin(self.stands[self.again], entries, kind="table")]
            places = np.union1d(places, self.places("entry_id", told))
        found = self.take(places, "entry_id", *self.names)
        return {"stands": self.stands[found.pop("entry_id")], **found}

    def counting(self, places: np.ndarray, known: np.ndarray) -> np.ndarray:
        """
        Return the places of the entries that count for some.

        Parameters
        ----------
        places
            Where those entries are.
        known
            Shape (the largest number of an entry + 1,), which are known already
            and not returned; those that are returned are known then.
        """
        entry = self.take(places, "entry_id")["entry_id"]
        stands = self.stands[entry]
        new = ~known[stands]
        places, counts, stands = places[new], (entry == stands)[new], stands[new]
        known[stands[counts]] = True
        rest = np.unique(stands[~counts & ~known[stands]])
        found: np.ndarray = places[counts]
        if len(rest):
            known[rest] = True
            found = np.sort(np.append(found, self.places("entry_id", rest)))
        return found

    def _rare(self, name: str) -> _Rare:
        if name not in self.rare:
            pieces = self.columns[name]
            held = [np.flatnonzero(piece != 0) for piece in pieces]
            at = [one + start for one, start in zip(held, self.starts[:-1], strict=True)]
            self.rare[name] = _Rare.of(np.concatenate(at), _together(pieces, held))
        return self.rare[name]


def _starts(pieces: Sequence[np.ndarray]) -> np.ndarray:
    """Return where each of several pieces begins, and where the last one ends."""
    return np.cumsum([0, *map(len, pieces)])


def _together(pieces: Sequence[np.ndarray], parts: Sequence[np.ndarray]) -> np.ndarray:
    """Return some rows of each of several pieces, one behind the other."""
    return np.concatenate([piece[part] for piece, part in zip(pieces, parts, strict=True)])


def _places(wanted: Among, pieces: list[np.ndarray]) -> np.ndarray:
    """Return the places of what is wanted in several pieces of one column."""
    parts = zip(pieces, _starts(pieces)[:-1], strict=True)
    return np.concatenate([_NOTHING, *(wanted.places(one) + at for one, at in parts)])
