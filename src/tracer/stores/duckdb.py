"""A case's tables in one DuckDB file, opened for each call and never held open."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from tracer.column import coded
from tracer.errors import CaseError, TableError
from tracer.stores.room import DuckRoom, kinds
from tracer.table import SQL_TYPES, TIME, Table
from tracer.tables import TRANSFERS

LOCKED = re.compile(r"Conflicting lock|being used by another process|already open|different config")
DAMAGED = (
    duckdb.IOException,
    duckdb.FatalException,
    duckdb.InternalException,
    duckdb.SerializationException,
    duckdb.CatalogException,
)
# So many rows are fetched at a time where a table is taken in pieces.
PIECE = 1 << 20
# A frame of no more rows is read sooner in Arrow.
_SMALL = 100_000
# No more are put in sooner by one core.
_FEW = 30_000
_NEVER = np.datetime64("NaT", "us")
HOLDER = re.compile(r"held in (.+?\(PID \d+\))|open in\s+(.+?\(PID \d+\))", re.DOTALL)


@dataclass(frozen=True)
class DuckStore:
    """One DuckDB file. Each call opens it, does its work and closes it."""

    path: Path
    """The database file."""
    patience: float = 30.0
    """Seconds to wait for another process that is writing."""

    def __str__(self) -> str:
        """Return where the file is."""
        return str(self.path)

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open the file for reading; many readers can be in it at once."""
        with self._whole(), closing(self._connect(read_only=True)) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open the file for one transaction: whole at the end, absent on any error."""
        with self._whole(), closing(self._connect(read_only=False)) as connection:
            connection.execute("BEGIN TRANSACTION")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def table(self, table: Table, *, order: Sequence[str]) -> pd.DataFrame:
        """
        Return a whole table as a frame with exactly its columns.

        Parameters
        ----------
        table
            One of `tracer.tables`.
        order
            The columns by which the rows are sorted.
        """
        with self.reading() as connection:
            return fetch(connection, table, order=order)

    def columns(self) -> dict[str, str]:
        """Return what each column of the case's transfers holds; see `store.Store`."""
        with self._transfers() as connection:
            return kinds(connection, TRANSFERS.name)

    @contextmanager
    def room(self) -> Iterator[DuckRoom]:
        """Open the case's transfers for questions."""
        with self._transfers() as connection:
            yield DuckRoom(connection, TRANSFERS.name)

    @contextmanager
    def _transfers(self) -> Iterator[duckdb.DuckDBPyConnection]:
        if not self.path.is_file():
            msg = f"There is no case file {str(self.path)!r}."
            raise CaseError(msg, zh=f"没有案件文件 {str(self.path)!r}。")
        with self.reading() as connection:
            if not held(connection, TRANSFERS):
                msg = f"The case file {str(self.path)!r} holds no transfers yet. Load statements."
                zh = f"案件文件 {str(self.path)!r} 还没有转账，请先载入流水。"
                raise CaseError(msg, zh=zh)
            yield connection

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """Say in a sentence where the file itself is damaged or the disk fails."""
        try:
            yield
        except DAMAGED as error:
            msg = (
                f"The case file {str(self.path)!r} is damaged or the disk refuses it: {error}. "
                "The evidence folder is untouched: make a new case and load it from there."
            )
            zh = (
                f"案件文件 {str(self.path)!r} 已损坏或磁盘无法读写：{error}。"
                "evidence 文件夹未受影响，可新建案件并从中重新载入。"
            )
            raise CaseError(msg, zh=zh) from error

    def _connect(self, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        deadline = time.monotonic() + self.patience
        while True:
            try:
                # Every table says itself how it is sorted, which spares keeping the order of rows.
                return duckdb.connect(
                    self.path, read_only=read_only, config={"preserve_insertion_order": False}
                )
            except duckdb.Error as error:
                if not LOCKED.search(str(error)):
                    msg = f"The case file {str(self.path)!r} cannot be opened: {error}"
                    raise CaseError(msg) from error
                if time.monotonic() > deadline:
                    raise _held(self.path, str(error), self.patience) from error
            time.sleep(0.05)


def fetch(
    connection: duckdb.DuckDBPyConnection, table: Table, *, order: Sequence[str]
) -> pd.DataFrame:
    """Return a whole table from an open connection, sorted by `order`."""
    columns = ", ".join(f'"{name}"' for name in order)
    found = connection.execute(f'SELECT * FROM "{table.name}" ORDER BY {columns}')  # noqa: S608
    return table.conform(found.df())


def ask(
    connection: duckdb.DuckDBPyConnection, statement: str, **columns: pd.Series | np.ndarray
) -> duckdb.DuckDBPyConnection:
    """
    Run a statement that sees some columns as the table `given`.

    Parameters
    ----------
    connection
        An open connection.
    statement
        The SQL.
    **columns
        Shape (n,) each, by their names.
    """
    # The statement finds the table by its name, which is sooner done than to register it.
    given = pa.table(columns)  # noqa: F841
    return connection.execute(statement)


def select(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    source: str,
    **columns: pd.Series | np.ndarray,
) -> pd.DataFrame:
    """
    Return the columns of a table, in which no text is missing, from what a FROM clause says.

    Texts stay in Arrow on the way, which is several times as fast as `fetch`.

    Parameters
    ----------
    connection
        An open connection.
    table
        One of `tracer.tables`, or a part of it.
    source
        The FROM clause.
    **columns
        What it sees as the table `given`.
    """
    return table.frame(arrow(connection, table, source, **columns))


def arrow(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    source: str,
    **columns: pd.Series | np.ndarray,
) -> pa.Table:
    """
    Return in Arrow the columns of a table from what a FROM clause says.

    Parameters
    ----------
    connection, table, source, **columns
        As for `select`.
    """
    given = pa.table(columns)  # noqa: F841 - found by its name, as in `ask`.
    return connection.sql(_selecting(table, source)).to_arrow_table()


def numbers(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    source: str,
    **columns: pd.Series | np.ndarray,
) -> dict[str, np.ndarray]:
    """
    Return the columns of a table that holds only numbers, flags and times, as `select`.

    Each has shape (n,), by its name. A time that is missing is NaT.

    Raises
    ------
    TableError
        If a number or a flag is missing, for which nothing else may stand.
    """
    given = pa.table(columns)  # noqa: F841 - found by its name, as in `ask`.
    found = connection.execute(_selecting(table, source)).fetchnumpy()
    for name, values in found.items():
        if table.columns[name] != TIME and np.ma.is_masked(values):
            msg = f"The table {table.name!r} lacks a value in its column {name!r}."
            raise TableError(msg)
    return {name: np.ma.filled(values, _NEVER) for name, values in found.items()}


def _selecting(table: Table, source: str) -> str:
    names = ", ".join(f'"{name}"' for name in table.columns)
    return f"SELECT {names} {source}"


def read(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    columns: Sequence[str],
    *,
    only: str = "",
    most: int | None = None,
    **wanted: np.ndarray,
) -> pa.Table:
    """
    Return some columns of a table in Arrow, in any order.

    Of more rows than one piece has, every text is held by distinct writing: a
    table of many millions of rows fits into memory so, because it is never
    there in full, but each piece is encoded as it comes.

    Parameters
    ----------
    connection
        An open connection.
    table
        One of `tracer.tables`.
    columns
        The columns that are wanted.
    only
        What follows the table's name where not all rows are wanted: a WHERE
        clause or a SEMI JOIN.
    most
        How many rows these can be, where that is known.
    **wanted
        What it sees as the columns of the table `given`.
    """
    given = pa.table(wanted)  # noqa: F841 - found by its name, as in `ask`.
    names = ", ".join(f'"{name}"' for name in columns)
    rows = connection.sql(f'SELECT {names} FROM "{table.name}" {only}')  # noqa: S608
    if most is not None and most <= PIECE:
        # One piece is fetched sooner as a whole, for which several cores find the rows.
        return rows.to_arrow_table()
    reader = rows.to_arrow_reader(PIECE)
    first = pa.Table.from_batches(list(islice(reader, 1)), reader.schema)
    further = [_by_writing(pa.Table.from_batches([batch])) for batch in reader]
    return together([first, *further])


def together(tables: Sequence[pa.Table]) -> pa.Table:
    """Put tables one behind the other, each of which `read` may have held by distinct writing."""
    if not any(pa.types.is_dictionary(kind) for table in tables for kind in table.schema.types):
        return pa.concat_tables(tables)
    return pa.concat_tables(map(_by_writing, tables)).unify_dictionaries()


def _by_writing(piece: pa.Table) -> pa.Table:
    for at, field in enumerate(piece.schema):
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            text = piece.column(at).cast(pa.large_string()).combine_chunks()
            piece = piece.set_column(at, field.name, coded(text))
    return piece


def held(connection: duckdb.DuckDBPyConnection, table: Table) -> bool:
    """Say whether a case has a table, which one of an earlier version may not."""
    asked = "SELECT count(*) FROM duckdb_tables() WHERE table_name = ?"
    return bool(connection.execute(asked, [table.name]).fetchall()[0][0])


def append(
    connection: duckdb.DuckDBPyConnection, table: Table, arriving: pd.DataFrame | pa.Table
) -> None:
    """Add rows to a table, creating the table, or columns that a later version has, if missing."""
    evolve(connection, table)
    insert(connection, table, arriving)


def insert(
    connection: duckdb.DuckDBPyConnection, table: Table, arriving: pd.DataFrame | pa.Table
) -> None:
    """Add rows to a table that has all its columns."""
    if not len(arriving):
        return
    if isinstance(arriving, pd.DataFrame):
        arriving = table.told(arriving) if len(arriving) <= _SMALL else table.conform(arriving)
    # Asked to return anything, one core puts the rows in, which of few is done sooner: several
    # gather theirs apart and put them in one after the other.
    alone = " RETURNING NULL" if len(arriving) <= _FEW else ""
    if isinstance(arriving, pa.Table) and not alone:
        arriving = _shared_out(arriving)
    # The statement finds what arrives by its name.
    connection.execute(f'INSERT INTO "{table.name}" BY NAME SELECT * FROM arriving{alone}')  # noqa: S608


def _shared_out(table: pa.Table) -> pa.Table:
    # Each piece of a table is read by one core.
    size = max(-(-table.num_rows // (os.cpu_count() or 1)), 1)
    starts = range(0, table.num_rows, size)
    return pa.concat_tables([table.slice(at, size) for at in starts] or [table])


def evolve(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Create a table where it is missing, and the columns that an earlier version did not have."""
    try:
        held = connection.sql(f'FROM "{table.name}"').columns
    except duckdb.CatalogException:
        # Nearly always it is there, which is sooner seen than it is created in vain.
        connection.execute(table.create())
        return
    for name in table.columns.keys() - set(held):
        kind = SQL_TYPES[table.columns[name]]
        connection.execute(f'ALTER TABLE "{table.name}" ADD COLUMN "{name}" {kind}')


def fetch_of(
    connection: duckdb.DuckDBPyConnection, table: Table, files: pd.DataFrame
) -> pd.DataFrame:
    """Return the rows of a table that came from some files, told by load_id and source."""
    connection.register("wanted", files[["load_id", "source"]].drop_duplicates())
    order = [name for name in ("load_id", "source", "sheet", "row") if name in table.columns]
    found = connection.execute(
        f'SELECT * FROM "{table.name}" SEMI JOIN wanted USING (load_id, source) '  # noqa: S608
        f"ORDER BY {', '.join(order)}"
    )
    frame = table.conform(found.df())
    connection.unregister("wanted")
    return frame


def drop_of(connection: duckdb.DuckDBPyConnection, table: Table, files: pd.DataFrame) -> None:
    """Delete the rows of a table that came from some files, told by load_id and source."""
    connection.register("wanted", files[["load_id", "source"]].drop_duplicates())
    connection.execute(
        f'DELETE FROM "{table.name}" '  # noqa: S608
        "WHERE (load_id, source) IN (SELECT (load_id, source) FROM wanted)"
    ).fetchall()
    connection.unregister("wanted")


def replace(connection: duckdb.DuckDBPyConnection, table: Table, frame: pd.DataFrame) -> None:
    """Put the rows of a frame in place of all rows of a table."""
    # An earlier version may have held a column as another type.
    connection.execute(f'DROP TABLE IF EXISTS "{table.name}"')
    connection.execute(table.create())
    insert(connection, table, frame)


def _held(path: Path, error: str, patience: float) -> CaseError:
    found = HOLDER.search(error)
    who = next((part for part in found.groups() if part), None) if found else None
    msg = (
        f"The case file {str(path)!r} is being written by {who or 'another program'}; "
        f"after {patience:g} seconds it was still busy. Close it there or try again."
    )
    zh = (
        f"案件文件 {str(path)!r} 正被 {who or '另一个程序'} 写入，等待 {patience:g} 秒后仍未释放。"
        "请在那里关闭后再试。"
    )
    return CaseError(msg, zh=zh)
