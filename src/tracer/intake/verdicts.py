"""Verdicts: what investigators decided, found again among the entries that a case has now."""

from __future__ import annotations

import duckdb
import pandas as pd

from tracer import tables
from tracer.ledger import decisions
from tracer.stores.duckdb import fetch, held
from tracer.table import Table

_EVIDENCE = (
    'SELECT entry_id, sha256, sheet, "row" FROM entries '
    "JOIN (SELECT DISTINCT load_id, source, sha256 FROM files) USING (load_id, source)"
)


def resolved(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """
    Return every decision of a case, as `ledger.decisions.resolved` does.

    Parameters
    ----------
    connection
        An open connection.
    """
    made = of(connection, tables.DECISIONS, "decision_id")
    sides = (
        made[list(names)].set_axis(list(decisions.EVIDENCE), axis=1)
        for names in (decisions.EVIDENCE, decisions.OTHER)
    )
    wanted = pd.concat(sides).drop_duplicates()
    return decisions.resolved(made, _rows(connection, wanted, decisions.EVIDENCE))


def standing(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return the decisions of a case that stand, as `ledger.decisions.standing` does."""
    return decisions.standing(resolved(connection))


def marks(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return the table `marks`, in the order in which they were made."""
    return of(connection, tables.MARKS, "rowid")


def of(connection: duckdb.DuckDBPyConnection, table: Table, order: str) -> pd.DataFrame:
    """Return a table; empty in a case of an earlier version, which does not have it."""
    return fetch(connection, table, order=[order]) if held(connection, table) else table.empty()


def evidence(connection: duckdb.DuckDBPyConnection, entries: list[int]) -> pd.DataFrame:
    """
    Return the rows of evidence of some entries.

    Parameters
    ----------
    connection
        An open connection.
    entries
        Their numbers.

    Returns
    -------
    pandas.DataFrame
        entry_id, sha256, sheet and row of every entry of the same rows: more than were asked for
        where a row became several entries.
    """
    own = _rows(connection, pd.DataFrame({"entry_id": entries}), ("entry_id",))
    return _rows(connection, own[list(decisions.EVIDENCE)].drop_duplicates(), decisions.EVIDENCE)


def _rows(
    connection: duckdb.DuckDBPyConnection, wanted: pd.DataFrame, by: tuple[str, ...]
) -> pd.DataFrame:
    """Return the rows of evidence of the entries that some columns ask for."""
    names = ["entry_id", *decisions.EVIDENCE]
    if wanted.empty:
        return pd.DataFrame(columns=names)
    connection.register("wanted", wanted)
    using = ", ".join(f'"{name}"' for name in by)
    found = connection.execute(
        f"SELECT told.* FROM ({_EVIDENCE}) AS told SEMI JOIN wanted USING ({using}) "  # noqa: S608
        "ORDER BY entry_id"
    ).df()
    connection.unregister("wanted")
    return found
