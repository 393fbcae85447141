"""Splice: the part of a ledger that was made anew is put in place of what it was before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
import pyarrow.compute as pc

from tracer import tables
from tracer.column import large
from tracer.ledger import accounts, transfers
from tracer.ledger.aliases import BETWEEN
from tracer.ledger.build import meant
from tracer.ledger.memory import CLEARINGS, GAPS, SIGHTINGS, TOUCHES
from tracer.ledger.part import Given, Part
from tracer.ledger.touch import EDGES, hashed
from tracer.stores.duckdb import append, fetch, replace
from tracer.tables import ACCOUNTS, JOINS, REGISTRATIONS, SUBACCOUNTS, TRANSFERS

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
    seen: pd.DataFrame
    """What `accounts.seen` returned of the accounts to be described."""
    kinds: pd.DataFrame
    """Their kinds."""
    registered: pd.DataFrame
    """Their lines of the table `registrations`."""


def as_table(known: pd.Series) -> pd.DataFrame:
    """Return aliases as the table `aliases`."""
    return known.rename("account").rename_axis("alias").reset_index()


def suffixed(connection: duckdb.DuckDBPyConnection, last: int) -> bool:
    """Return whether an entry after some number names an account with what may be a suffix."""
    return bool(_texts(connection, last).str.contains(BETWEEN).any())


def _texts(connection: duckdb.DuckDBPyConnection, last: int) -> pd.Series:
    found = connection.execute(
        "SELECT account FROM entries WHERE entry_id > $1 "
        "UNION SELECT other_account FROM entries WHERE entry_id > $1",
        [last],
    )
    return found.df()["account"].astype("str")


def known(
    connection: duckdb.DuckDBPyConnection, *, suffixes: bool
) -> tuple[pd.Series, pd.DataFrame]:
    """Return the aliases that all entries and registrations tell, and the contested numbers."""
    pairs = connection.execute(
        "SELECT DISTINCT card, number FROM entries "
        "WHERE card <> '' AND number <> '' AND card <> number"
    ).df()
    # Only what is written with a suffix is looked for among all texts.
    texts = _texts(connection, 0) if suffixes else pd.Series(dtype="str")
    registered, below = (
        fetch(connection, table, order=["load_id", "source", "row"])
        for table in (REGISTRATIONS, SUBACCOUNTS)
    )
    return meant(pairs.astype("str"), texts, registered, below)


def renamed(connection: duckdb.DuckDBPyConnection, known: pd.Series) -> pd.DataFrame:
    """Return the aliases that mean something else than before, or are new or gone."""
    before = fetch(connection, tables.ALIASES, order=["alias"])
    both = pd.concat([before, tables.ALIASES.conform(as_table(known))])
    return both[~both.duplicated(keep=False)]


def named(connection: duckdb.DuckDBPyConnection, texts: pd.Series, last: int) -> bool:
    """Return whether an entry up to a number names an account by one of some texts."""
    if texts.empty:
        return False
    with _given(connection, texts.to_frame("text")):
        found = connection.execute(
            "SELECT count(*) FROM entries WHERE entry_id <= ? AND "
            "(account IN (FROM given) OR other_account IN (FROM given))",
            [last],
        ).fetchall()
    return bool(found[0][0])


def sighted(connection: duckdb.DuckDBPyConnection, texts: Iterable[str]) -> bool:
    """Return whether an entry of an earlier round names one of some accounts."""
    with _given(connection, pd.DataFrame({"account": list(texts)}, dtype="str")):
        found = connection.execute(
            "SELECT count(*) FROM sightings SEMI JOIN given USING (account)"
        ).fetchall()
    return bool(found[0][0])


def within(connection: duckdb.DuckDBPyConnection, own: pd.Series) -> None:
    """Make the table `within`: the new entries, and all entries of some accounts."""
    with _given(connection, pd.DataFrame({"own": hashed(large(own))})):
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE within AS "
            "SELECT entry_id FROM touches SEMI JOIN given USING (own) "
            "UNION SELECT entry_id FROM fresh"
        )


def seen(
    connection: duckdb.DuckDBPyConnection, told: pd.Series, more: pd.DataFrame
) -> pd.DataFrame:
    """Return the table `sightings` of some accounts, and of new entries."""
    columns = ", ".join(SIGHTINGS.columns)
    with _given(connection, told.to_frame("account")):
        found = connection.execute(
            f"SELECT {columns} FROM sightings SEMI JOIN given USING (account)"  # noqa: S608
        ).df()
    return pd.concat([SIGHTINGS.conform(found), more])


def registered(
    connection: duckdb.DuckDBPyConnection, told: pd.Series, known: pd.Series
) -> pd.DataFrame:
    """Return the registrations of some accounts."""
    also = _of(known, told).index.to_series()
    with _given(connection, pd.concat([told, also]).to_frame("account")):
        found = connection.execute(
            "SELECT * FROM registrations SEMI JOIN given USING (account) "
            "ORDER BY load_id, source, row"
        )
        frame = REGISTRATIONS.conform(found.df())
    # A number that means another account is none of its own any more.
    return frame.loc[_of(accounts.resolve(frame["account"], known), told).index]


def _of(values: pd.Series, some: pd.Series) -> pd.Series:
    """Return those values that are among some others."""
    found = pc.is_in(large(values), value_set=large(some))
    among: pd.Series = values[found.to_numpy(zero_copy_only=False)]
    return among


def reach(connection: duckdb.DuckDBPyConnection, now: pd.DataFrame, mine: pd.Series) -> np.ndarray:
    """
    Make the table `reached`: `within`, and every entry that can have to do with one of it.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    now
        The table `touches` of `within` as it will be.
    mine
        The accounts with new entries: what platforms tell of them may mean
        something else now that their own statement is in hand.
    """
    with _given(connection, now):
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE front AS FROM given UNION ALL BY NAME "
            "FROM touches SEMI JOIN within USING (entry_id)"
        )
    connection.execute("CREATE OR REPLACE TEMP TABLE reached AS FROM within")
    with _given(connection, pd.DataFrame({"named": hashed(large(mine))})):
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE more AS SELECT entry_id FROM touches "
            "SEMI JOIN given USING (named) ANTI JOIN reached USING (entry_id)"
        )
    _further(connection)
    meeting = " UNION ".join(
        f"SELECT entry_id FROM touches SEMI JOIN "  # noqa: S608
        f"(SELECT {one} AS edge FROM front WHERE {one} <> 0) f ON {two} = edge AND {two} <> 0"
        for one, two in EDGES
    )
    while True:
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE more AS SELECT entry_id FROM ({meeting}) "  # noqa: S608
            "ANTI JOIN reached USING (entry_id)"
        )
        if not _count(connection, "more"):
            return _numbers(connection, "reached")
        connection.execute("TRUNCATE front")
        _further(connection)


def _further(connection: duckdb.DuckDBPyConnection) -> None:
    """Add to what is reached what was found, and what counts for it."""
    connection.execute(
        "INSERT INTO more SELECT DISTINCT stands FROM touches SEMI JOIN more USING (entry_id) "
        "WHERE stands <> entry_id AND stands NOT IN (FROM reached) AND stands NOT IN (FROM more)"
    )
    connection.execute("INSERT INTO reached FROM more")
    connection.execute("INSERT INTO front BY NAME FROM touches SEMI JOIN more USING (entry_id)")


def complete(connection: duckdb.DuckDBPyConnection) -> np.ndarray:
    """
    Make the table `asked`: `reached`, and all entries of the platforms' accounts among it.

    What of a platform's tables is told twice is known only of all its entries.
    Return the entries of which every other one of the account is there.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE beside AS SELECT entry_id FROM touches SEMI JOIN "
        "(SELECT own FROM touches SEMI JOIN reached USING (entry_id) WHERE wallet) USING (own) "
        "UNION FROM within"
    )
    connection.execute("CREATE OR REPLACE TEMP TABLE asked AS FROM reached UNION FROM beside")
    return _numbers(connection, "beside")


def settled(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return the table `touches` of what is reached and not among the complete accounts."""
    return TOUCHES.conform(
        connection.execute(
            "FROM touches SEMI JOIN reached USING (entry_id) ANTI JOIN beside USING (entry_id)"
        ).df()
    )


def gaps(connection: duckdb.DuckDBPyConnection) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the table `gaps` of what is not reached, and of what is."""
    others = connection.execute("FROM gaps ANTI JOIN reached USING (entry_id)").df()
    mine = connection.execute("FROM gaps SEMI JOIN reached USING (entry_id)").df()
    return GAPS.conform(others), GAPS.conform(mine)


def held(connection: duckdb.DuckDBPyConnection) -> np.ndarray:
    """Return the hashes of the accounts of which an entry is in hand."""
    found = connection.execute(
        "SELECT own FROM touches UNION SELECT own FROM front SEMI JOIN within USING (entry_id)"
    )
    return np.asarray(found.fetchnumpy()["own"])


def concerned(
    others: pd.DataFrame, mine: pd.DataFrame, made: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return `gaps` as it was and as it is, of the institutions that a round tells of."""
    pair = ["turn", "one", "two"]
    asked = pd.concat([mine[pair], made[pair]]).drop_duplicates()
    rest = others.merge(asked, on=pair)
    return pd.concat([rest, mine]), pd.concat([rest, made])


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
    for name, among in (("touches", "within"), ("gaps", "reached")):
        connection.execute(f"DELETE FROM {name} WHERE entry_id IN (FROM {among})")  # noqa: S608
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
    with _given(connection, made):
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
    with _given(connection, changed):
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
    with _given(connection, arrived.told.to_frame("account")):
        before = ACCOUNTS.conform(
            connection.execute("FROM accounts SEMI JOIN given USING (account)").df()
        )
        connection.execute("DELETE FROM accounts WHERE account IN (SELECT account FROM given)")
    # What the statements cover is known of those of which there is no new entry.
    rest = before.drop(_of(before["account"], arrived.mine).index).set_index("account")
    described = accounts.describe(
        arrived.seen,
        arrived.kinds,
        arrived.registered,
        _of(arrived.given.known, arrived.told),
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
    with _given(connection, pd.DataFrame({"account": names, "own": hashed(large(names))})):
        found = connection.execute(
            "SELECT account FROM given SEMI JOIN transfers ON account = payer UNION "
            "SELECT account FROM given SEMI JOIN transfers ON account = payee UNION "
            "SELECT account FROM given SEMI JOIN touches USING (own)"
        ).fetchall()
    return {str(row[0]) for row in found}


def _numbers(connection: duckdb.DuckDBPyConnection, name: str) -> np.ndarray:
    found = connection.execute(f"SELECT entry_id FROM {name}")  # noqa: S608
    return np.asarray(found.fetchnumpy()["entry_id"])


def _count(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0])  # noqa: S608


@contextmanager
def _given(connection: duckdb.DuckDBPyConnection, frame: pd.DataFrame) -> Iterator[None]:
    """Let statements see a frame as the table `given`."""
    connection.register("given", frame)
    try:
        yield
    finally:
        connection.unregister("given")
