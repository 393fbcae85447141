"""Owners: whose the entries of a case are, in memory."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np

from tracer.ledger.memory import OWNERS
from tracer.stores.duckdb import numbers


@dataclass(frozen=True)
class Owners:
    """The table `owners` in the order of entries; shape (n,) each."""

    first: np.ndarray
    """The first entry of each run of entries of one account."""
    own: np.ndarray
    """A hash of that account."""
    wallet: np.ndarray
    """Whether it is with a payment platform."""
    last: int
    """The largest number of an entry."""

    @classmethod
    def of(cls, connection: duckdb.DuckDBPyConnection, last: int) -> Owners:
        """
        Fetch whose all entries are.

        Parameters
        ----------
        connection
            A connection with an open transaction.
        last
            The largest number of an entry.
        """
        told = numbers(connection, OWNERS, "FROM owners")
        order = np.argsort(told["entry_id"])
        first, own, wallet = (told[name][order] for name in OWNERS.columns)
        return cls(first, own, wallet, last)

    def whose(self, entries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return own and wallet of some entries."""
        at = np.searchsorted(self.first, entries, "right") - 1
        return self.own[at], self.wallet[at]

    def entries(self, owns: np.ndarray) -> np.ndarray:
        """Return the numbers of all entries of some accounts, and of such as are withdrawn."""
        some = np.flatnonzero(np.isin(self.own, owns))
        begin, end = self.first[some], np.append(self.first, self.last + 1)[some + 1]
        count = end - begin
        # Each run counts on from where it begins.
        found: np.ndarray = np.arange(count.sum()) + np.repeat(
            begin - np.cumsum(count) + count, count
        )
        return found
