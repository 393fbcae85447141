"""Transfers in Parquet files, outside of any case, of any size that a disk holds."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tracer.errors import TableError
from tracer.stores.room import DuckRoom, kinds


@dataclass(frozen=True)
class ParquetStore:
    """
    Transfers in one Parquet file, or in all that a pattern matches.

    Raises
    ------
    TableError
        When it is opened: if there is no such file, or it is no Parquet file.

    Examples
    --------
    >>> import pandas as pd
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = Path(folder.name) / "transfers.parquet"
    >>> pd.DataFrame({
    ...     "transfer_id": [1, 2],
    ...     "time": pd.to_datetime(["2026-03-01 09:00", "2026-03-01 09:05"]),
    ...     "payer": ["victim", "mule"], "payee": ["mule", "boss"], "fen": [10_000, 12_000],
    ... }).to_parquet(path)
    >>> ParquetStore(path).columns()["fen"]
    'whole numbers'
    >>> folder.cleanup()
    """

    path: str | Path
    """A file, or a pattern such as ``ledger/*.parquet``."""

    def __str__(self) -> str:
        """Return where the files are."""
        return str(self.path)

    def columns(self) -> dict[str, str]:
        """Return what each column holds; see `store.Store`."""
        with self._open() as connection:
            return kinds(connection, "files")

    @contextmanager
    def room(self) -> Iterator[DuckRoom]:
        """Open the files for questions."""
        with self._open() as connection:
            yield DuckRoom(connection, "files")

    @contextmanager
    def _open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        # What does not fit into memory is put aside on disk and thrown away afterwards.
        with (
            tempfile.TemporaryDirectory() as aside,
            closing(
                duckdb.connect(config={"preserve_insertion_order": False, "temp_directory": aside})
            ) as connection,
        ):
            try:
                connection.read_parquet(str(self.path)).create_view("files")
                yield connection
            except duckdb.Error as error:
                msg = f"The transfers {str(self.path)!r} cannot be read as Parquet: {error}"
                zh = f"转账文件 {str(self.path)!r} 无法按 Parquet 读取：{error}"
                raise TableError(msg, zh=zh) from error
