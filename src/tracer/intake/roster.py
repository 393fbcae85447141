"""Roster: which accounts there are after a round, and what their numbers mean."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pandas as pd

from tracer import tables
from tracer.column import large
from tracer.intake.reach import among, as_table
from tracer.ledger import accounts
from tracer.ledger.memory import CLEARINGS, SIGHTINGS
from tracer.ledger.part import Given
from tracer.ledger.touch import hashed
from tracer.stores.duckdb import ask, insert, replace, select
from tracer.tables import ACCOUNTS

_COVERED = ACCOUNTS.part(
    *("account", "covered_from", "covered_to"),
    *("opening_fen", "last_balance_fen", "last_balance_time"),
)


@dataclass(frozen=True)
class Round:
    """What new entries and registrations tell of accounts."""

    given: Given
    """What the whole case says of texts."""
    conflicts: pd.DataFrame
    """The table `conflicts`."""
    renamed: pd.DataFrame
    """alias and account of those that mean something else than before, or are new or gone."""
    mine: pd.Series
    """The accounts of which every entry is looked at."""
    told: pd.Series
    """All accounts that are to be described anew."""
    sightings: pd.DataFrame
    """The table `sightings` of the new entries."""
    seen: pd.DataFrame
    """What `accounts.seen` returned of the accounts to be described."""
    kinds: pd.DataFrame
    """Their kinds."""
    registered: pd.DataFrame
    """Their lines of the table `registrations`."""
    filled: set[str]
    """What `reach.filled` returned."""

    def further(self) -> pd.Series:
        """Return the further numbers of the accounts to be described."""
        return among(self.given.known, self.told)


def forget(connection: duckdb.DuckDBPyConnection, arrived: Round) -> pd.DataFrame:
    """
    Take away the accounts that are described anew, and note what new entries saw of any.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    arrived
        What new entries and registrations tell of accounts.

    Returns
    -------
    pandas.DataFrame
        What the statements cover of those that have no new entry.
    """
    others = arrived.told.drop(among(arrived.told, arrived.mine).index)
    # Of most of these no statement has ever come.
    held = arrived.seen["own"] | arrived.seen["plain"]
    others = among(others, arrived.seen["account"][held])
    covered = _COVERED.empty()
    if len(others):
        of_others = "FROM accounts SEMI JOIN given USING (account)"
        covered = select(connection, _COVERED, of_others, account=others)
    ask(connection, "DELETE FROM accounts WHERE account IN (FROM given)", account=arrived.told)
    insert(connection, SIGHTINGS, arrived.sightings)
    return covered


def complete(
    arrived: Round, described: pd.DataFrame, others: pd.DataFrame, covered: pd.DataFrame
) -> pd.DataFrame:
    """
    Return the accounts as they are described now.

    Parameters
    ----------
    arrived
        What new entries and registrations tell of accounts.
    described
        What `accounts.describe` returned of them.
    others
        What `forget` returned.
    covered
        What the statements cover of those that have new entries.
    """
    coverage = pd.concat([others.set_index("account"), covered]) if len(others) else covered
    return accounts.covered(described, arrived.registered, arrived.further(), coverage)


def put(connection: duckdb.DuckDBPyConnection, arrived: Round, described: pd.DataFrame) -> None:
    """
    Put in what accounts there are, and what their numbers mean.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    arrived
        What new entries and registrations tell of them.
    described
        What `complete` returned.
    """
    few = {CLEARINGS: arrived.given.clearing, tables.CONFLICTS: arrived.conflicts}
    for table, frame in few.items():
        if len(frame) or table.name in arrived.filled:
            replace(connection, table, frame)
    if len(arrived.renamed):
        replace(connection, tables.ALIASES, as_table(arrived.given.known))
    passing = arrived.given.clearing["account"]
    unused = set(passing) - _used(connection, passing)
    if unused:
        described = described[~described["account"].isin(unused)]
    insert(connection, ACCOUNTS, described)


def _used(connection: duckdb.DuckDBPyConnection, names: pd.Series) -> set[str]:
    """Return which of some accounts have a part in the ledger."""
    if names.empty:
        return set()
    found = ask(
        connection,
        "SELECT account FROM given SEMI JOIN transfers ON account = payer UNION "
        "SELECT account FROM given SEMI JOIN transfers ON account = payee UNION "
        "SELECT account FROM given SEMI JOIN owners USING (own)",
        account=names,
        own=hashed(large(names)),
    ).fetchall()
    return {str(row[0]) for row in found}
