"""Splice: the part of a ledger that was made anew is put in place of what it was before."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pandas as pd

from tracer import tables
from tracer.column import large
from tracer.intake.reach import among, as_table, given
from tracer.ledger import accounts, transfers
from tracer.ledger.memory import CLEARINGS, GAPS, SIGHTINGS, TOUCHES
from tracer.ledger.part import Given, Part
from tracer.ledger.touch import hashed
from tracer.stores.duckdb import append, replace
from tracer.tables import ACCOUNTS, JOINS, TRANSFERS

_COVERED = (
    *("covered_from", "covered_to", "opening_fen", "last_balance_fen", "last_balance_time"),
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
    """The accounts of which every entry is among the part."""
    told: pd.Series
    """All accounts that are to be described anew."""
    sightings: pd.DataFrame
    """The table `sightings` of the new entries."""
    touches: pd.DataFrame
    """The table `touches` of the new entries, as if none of them repeated another."""
    seen: pd.DataFrame
    """What `accounts.seen` returned of the accounts to be described."""
    kinds: pd.DataFrame
    """Their kinds."""
    registered: pd.DataFrame
    """Their lines of the table `registrations`."""


def put(connection: duckdb.DuckDBPyConnection, arrived: Round, made: Part) -> None:
    """
    Put a part in the place of what it was.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    arrived
        What new entries and registrations tell of accounts.
    made
        The part.
    """
    for name, part in (("touches", "within"), ("gaps", "reached")):
        connection.execute(f"DELETE FROM {name} WHERE entry_id IN (FROM {part})")  # noqa: S608
    append(connection, TOUCHES, made.touches)
    append(connection, GAPS, made.gaps)
    append(connection, SIGHTINGS, arrived.sightings)
    replace(connection, CLEARINGS, arrived.given.clearing)
    replace(connection, tables.CONFLICTS, arrived.conflicts)
    if len(arrived.renamed):
        replace(connection, tables.ALIASES, as_table(arrived.given.known))
    _put_transfers(connection, made.transfers)
    _put_joins(connection, made.joins)
    _put_accounts(connection, arrived, made.coverage)


def _put_transfers(connection: duckdb.DuckDBPyConnection, made: pd.DataFrame) -> None:
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE was AS FROM transfers WHERE transfer_id IN ("
        "SELECT t.transfer_id FROM transfers t SEMI JOIN reached ON t.payer_entry = entry_id UNION "
        "SELECT t.transfer_id FROM transfers t SEMI JOIN reached ON t.payee_entry = entry_id)"
    )
    with given(connection, made):
        columns = ", ".join(f'"{name}"' for name in TRANSFERS.columns)
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE made AS SELECT {columns} FROM given"  # noqa: S608
        )
    # What stays as it is is not written again, nor does it change the order of its moment.
    for name, one, two in (("gone", "was", "made"), ("come", "made", "was")):
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT transfer_id, time FROM ("  # noqa: S608
            f"SELECT * EXCLUDE (seq) FROM {one} EXCEPT SELECT * EXCLUDE (seq) FROM {two})"
        )
    connection.execute("DELETE FROM transfers WHERE transfer_id IN (SELECT transfer_id FROM gone)")
    connection.execute("INSERT INTO transfers BY NAME FROM made SEMI JOIN come USING (transfer_id)")
    _order(connection)


def _order(connection: duckdb.DuckDBPyConnection) -> None:
    """Put the transfers of every moment that changed in order again."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE moments AS "
        "SELECT DISTINCT coalesce(epoch_us(time), -1) AS moment "
        "FROM (FROM gone UNION ALL FROM come)"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE here AS "
        "SELECT transfer_id, time, time_precision, seq, payer_entry, payee_entry "
        "FROM transfers SEMI JOIN moments ON coalesce(epoch_us(time), -1) = moment"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE sides AS SELECT DISTINCT unnest([payer_entry, payee_entry]) "
        "AS entry_id FROM here WHERE time_precision <> 'day'"
    )
    rows = connection.execute(
        "SELECT entry_id, own, time, seq FROM entries SEMI JOIN sides USING (entry_id) "
        "JOIN (SELECT entry_id, own FROM touches SEMI JOIN sides USING (entry_id)) "
        "USING (entry_id) ORDER BY entry_id"
    ).df()
    here = connection.execute("FROM here").df()
    here = here.astype({"payer_entry": "Int64", "payee_entry": "Int64", "time_precision": "str"})
    seq = transfers.reordered(here, rows)
    changed = here[["transfer_id"]].assign(seq=seq)[seq != here["seq"].to_numpy()]
    with given(connection, changed):
        connection.execute(
            "UPDATE transfers SET seq = given.seq FROM given "
            "WHERE transfers.transfer_id = given.transfer_id"
        )


def _put_joins(connection: duckdb.DuckDBPyConnection, made: pd.DataFrame) -> None:
    connection.execute(
        "DELETE FROM joins WHERE entry IN (FROM reached) "
        "AND (\"join\" <> 'repeat' OR entry IN (FROM beside))"
    )
    append(connection, JOINS, made)
    # What is told again of a row that is joined otherwise now is of another transfer now.
    connection.execute(
        "UPDATE joins SET transfer_id = now.transfer_id FROM ("
        "SELECT entry, arg_min(transfer_id, (side, time, seq)) AS transfer_id FROM ("
        "SELECT payer_entry AS entry, 0 AS side, * FROM transfers UNION ALL BY NAME "
        "SELECT payee_entry AS entry, 1 AS side, * FROM transfers) "
        "SEMI JOIN reached ON entry = entry_id GROUP BY entry) now "
        "WHERE joins.entry = now.entry AND joins.\"join\" = 'repeat'"
    )


def _put_accounts(
    connection: duckdb.DuckDBPyConnection, arrived: Round, covered: pd.DataFrame
) -> None:
    with given(connection, arrived.told.to_frame("account")):
        before = ACCOUNTS.conform(
            connection.execute("FROM accounts SEMI JOIN given USING (account)").df()
        )
        connection.execute("DELETE FROM accounts WHERE account IN (SELECT account FROM given)")
    # What the statements cover is known of those of which there is no new entry.
    rest = before.drop(among(before["account"], arrived.mine).index).set_index("account")
    described = accounts.describe(
        arrived.seen,
        arrived.kinds,
        arrived.registered,
        among(arrived.given.known, arrived.told),
        pd.concat([rest[[*_COVERED]], covered]),
    )
    passing = arrived.given.clearing["account"]
    unused = set(passing) - _used(connection, passing)
    if unused:
        described = described[~described["account"].isin(unused)]
    append(connection, ACCOUNTS, described)


def _used(connection: duckdb.DuckDBPyConnection, names: pd.Series) -> set[str]:
    """Return which of some accounts have a part in the ledger."""
    if names.empty:
        return set()
    with given(connection, pd.DataFrame({"account": names, "own": hashed(large(names))})):
        found = connection.execute(
            "SELECT account FROM given SEMI JOIN transfers ON account = payer UNION "
            "SELECT account FROM given SEMI JOIN transfers ON account = payee UNION "
            "SELECT account FROM given SEMI JOIN touches USING (own)"
        ).fetchall()
    return {str(row[0]) for row in found}
