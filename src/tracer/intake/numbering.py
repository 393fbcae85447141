"""Numbering: a row of evidence has one number, keeps it when read again, and no other gets it."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd

from tracer import tables
from tracer.stores.duckdb import append
from tracer.table import Table


def free(connection: duckdb.DuckDBPyConnection, table: Table, column: str) -> int:
    """
    Return the first number that no row of a table has or ever had.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    table, column
        Where the numbers are.
    """
    connection.execute(tables.SETTINGS.create())
    statement = (
        f'SELECT greatest((SELECT coalesce(max("{column}"), 0) FROM "{table.name}"), '  # noqa: S608
        "(SELECT coalesce(max(CAST(value AS BIGINT)), 0) FROM settings WHERE name = ?)) + 1"
    )
    found = connection.execute(statement, [_last(column)]).fetchall()
    return int(found[0][0])


def held(
    connection: duckdb.DuckDBPyConnection, table: Table, column: str, replaced: pd.DataFrame
) -> pd.DataFrame:
    """
    Return the numbers of rows that are about to give way, and keep them from others.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    table, column
        Where the numbers are.
    replaced
        Lines of ``tables.FILES``.

    Returns
    -------
    pandas.DataFrame
        sha256, sheet, row and number; rows that their sheet and row do not tell apart are left out.
    """
    names = ["sha256", "sheet", "row"]
    if replaced.empty:
        return pd.DataFrame(columns=[*names, "number"])
    settings = {"name": [_last(column)], "value": [str(free(connection, table, column) - 1)]}
    connection.execute("DELETE FROM settings WHERE name = ?", settings["name"])
    append(connection, tables.SETTINGS, pd.DataFrame(settings))
    connection.register("wanted", replaced[["load_id", "source", "sha256"]].drop_duplicates())
    found = connection.execute(
        f'SELECT sha256, sheet, "row", "{column}" AS number '  # noqa: S608
        f'FROM "{table.name}" JOIN wanted USING (load_id, source)'
    ).df()
    connection.unregister("wanted")
    return found.drop_duplicates(names, keep=False)


def numbered(rows: pd.DataFrame, before: pd.DataFrame, first: int) -> np.ndarray:
    """
    Give rows their numbers.

    Parameters
    ----------
    rows
        sha256, sheet and row.
    before
        What `held` returned.
    first
        What `free` returned.

    Returns
    -------
    numpy.ndarray
        Shape (rows,), int64.

    Examples
    --------
    >>> rows = pd.DataFrame({"sha256": "ab", "sheet": "", "row": [2, 3, 4]})
    >>> numbered(rows, rows.head(2).assign(number=[8, 9]), 50).tolist()
    [8, 9, 50]
    """
    if before.empty:
        return np.arange(first, first + len(rows))
    names = ["sha256", "sheet", "row"]
    kept = rows[names].merge(before, on=names, how="left")["number"]
    new = kept.isna().to_numpy() | rows.duplicated(names).to_numpy()
    return np.where(new, first + np.cumsum(new) - 1, kept.fillna(0).to_numpy("int64"))


def _last(column: str) -> str:
    return f"last {column}"
