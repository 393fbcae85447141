"""DuckDB as the room in which transfers are asked about."""

from __future__ import annotations

import re

import duckdb
import pandas as pd
import pyarrow as pa

from tracer.stores.store import EXACT, TEXT, TIME, WHOLE, framed, selected

_KINDS = {
    TEXT: re.compile(r"VARCHAR"),
    WHOLE: re.compile(r"TINYINT|SMALLINT|INTEGER|BIGINT|UTINYINT|USMALLINT|UINTEGER"),
    EXACT: re.compile(r"DECIMAL\(.*|UBIGINT"),
    TIME: re.compile(r"TIMESTAMP(_S|_MS|_NS)?"),
}


class DuckRoom:
    """One visit to transfers that DuckDB reads; see `store.Room`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, source: str) -> None:
        self._connection = connection
        self._names: dict[str, str] = {}
        chosen = ", ".join(selected(kinds(connection, source), quote='"', moment="TIMESTAMP"))
        self._make("transfers", "VIEW", f'SELECT {chosen} FROM "{source}"')  # noqa: S608

    def put(self, name: str, table: pd.DataFrame) -> None:
        """Bring a small table, in place of one of that name."""
        self._connection.register("arriving", pa.Table.from_pandas(table, preserve_index=False))
        self._make(name, "TABLE", "SELECT * FROM arriving")
        self._connection.unregister("arriving")

    def keep(self, name: str, sql: str) -> None:
        """Hold the answer in memory, on disk where that is too small."""
        self._make(name, "TABLE", sql.format_map(self._names))

    def fetch(self, sql: str) -> pd.DataFrame:
        """Ask, and return the answer as a frame."""
        return framed(self._connection.sql(sql.format_map(self._names)).to_arrow_table())

    def _make(self, name: str, what: str, asked: str) -> None:
        held = self._names.setdefault(name, f"asked_{name}")
        self._connection.execute(f'CREATE OR REPLACE TEMP {what} "{held}" AS {asked}')


def kinds(connection: duckdb.DuckDBPyConnection, source: str) -> dict[str, str]:
    """
    Return what each column of a table or view holds, as `store.Store.columns` says.

    Parameters
    ----------
    connection
        An open connection.
    source
        The name of the table or view.
    """
    told = connection.execute(f'DESCRIBE "{source}"').fetchall()
    return {name: _kind(str(kind)) for name, kind, *_ in told}


def _kind(own: str) -> str:
    fits = (kind for kind, pattern in _KINDS.items() if pattern.fullmatch(own))
    return next(fits, own)
