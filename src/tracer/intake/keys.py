"""Keys: by what entries meet, held in memory while it is followed what new ones can change."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from tracer.ledger.beside import beside
from tracer.ledger.codes import Among
from tracer.ledger.memory import OUTCOME, TOUCHES
from tracer.ledger.touch import EDGES
from tracer.stores.duckdb import select
from tracer.table import Table

# Every key by which an entry can meet another, and by which a platform names an account.
_EVERY = [*dict.fromkeys(one for edge in EDGES for one in edge), "named"]
_NOTHING = np.zeros(0, "int64")


@dataclass(frozen=True)
class Keys:
    """By what each entry of earlier rounds can be met."""

    held: list[str]
    """The keys by which any can be met."""
    told: Table
    """Those columns of the table `touches` that tell of an entry what it meets, and what became."""
    all: pa.Table
    """entry_id, stands, own and the keys of all, in pieces that are not put together."""

    def places(self, name: str, some: np.ndarray) -> np.ndarray:
        """Return the places of the entries that have one of some numbers in a column, in order."""
        pieces, wanted = self._pieces(name), Among.of(some)
        half = len(pieces) // 2
        # Each core looks through half of the pieces.
        first, second = beside(
            partial(_places, wanted, pieces[:half]), partial(_places, wanted, pieces[half:])
        )
        return np.concatenate([first, second + sum(map(len, pieces[:half]))])

    def take(self, name: str, places: np.ndarray) -> np.ndarray:
        """Return the numbers of some entries, whose places are in order, in a column."""
        pieces = self._pieces(name)
        starts = np.cumsum([0, *map(len, pieces)])
        ends = np.searchsorted(places, starts)
        parts = zip(pieces, starts[:-1], ends[:-1], ends[1:], strict=True)
        found = [piece[places[low:high] - start] for piece, start, low, high in parts]
        return np.concatenate([_NOTHING, *found])

    def _pieces(self, name: str) -> list[np.ndarray]:
        return [piece.to_numpy() for piece in self.all.column(name).chunks]

    def of(self, places: np.ndarray) -> dict[str, np.ndarray]:
        """Return the keys of some entries, whose places are in order."""
        return {name: self.take(name, places) for name in self.held}

    def counting(self, places: np.ndarray, known: np.ndarray) -> np.ndarray:
        """Return the places of the entries that count for some, but for those that are known."""
        entry, stands = self.take("entry_id", places), self.take("stands", places)
        new = ~np.isin(stands, known, kind="table")
        places, counts, rest = places[new], (entry == stands)[new], stands[new]
        rest = np.setdiff1d(rest[~counts], rest[counts])
        further = self.places("entry_id", rest) if len(rest) else _NOTHING
        return np.union1d(places[counts], further)

    def rows(self, connection: duckdb.DuckDBPyConnection, entries: np.ndarray) -> pd.DataFrame:
        """Return what the table `touches` tells of some entries."""
        source = "FROM touches SEMI JOIN given USING (entry_id)"
        return select(connection, self.told, source, entry_id=entries)


def keys(connection: duckdb.DuckDBPyConnection) -> Keys:
    """
    Return by what each entry of earlier rounds can be met.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    """
    # The store knows the least and the greatest of each without a look at the rows.
    ends = ", ".join(f"min({one}), max({one})" for one in _EVERY)
    found = connection.execute(f"SELECT {ends} FROM touches").fetchall()[0]  # noqa: S608
    held = [one for at, one in enumerate(_EVERY) if any(found[2 * at : 2 * at + 2])]
    # What nothing can meet does not lead any further.
    onward = dict.fromkeys(one for one, two in EDGES if one in held and two in held)
    told = TOUCHES.part("entry_id", *OUTCOME, "own", "wallet", *onward)
    names = ", ".join(["entry_id", "stands", "own", *held])
    asked = f"SELECT {names} FROM touches"  # noqa: S608
    return Keys(held, told, connection.sql(asked).to_arrow_table())


def _places(wanted: Among, pieces: list[np.ndarray]) -> np.ndarray:
    """Return the places of what is wanted in several pieces of one column."""
    starts = np.cumsum([0, *map(len, pieces)])
    found = [wanted.places(one) + at for one, at in zip(pieces, starts[:-1], strict=True)]
    return np.concatenate([_NOTHING, *found])
