"""Transfers in a table of a Spark cluster."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from tracer.errors import TableError
from tracer.stores.store import EXACT, TEXT, TIME, WHOLE, framed, selected

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_KINDS = {
    "string": TEXT,
    "varchar": TEXT,
    "byte": WHOLE,
    "short": WHOLE,
    "integer": WHOLE,
    "long": WHOLE,
    "decimal": EXACT,
    "timestamp": TIME,
    "timestamp_ntz": TIME,
}


@dataclass(frozen=True)
class SparkStore:
    """
    Transfers in a table or view of a Spark session, on one machine or on many.

    Times with a zone are taken as the session shows them
    (``spark.sql.session.timeZone``).

    Raises
    ------
    TableError
        When it is opened: if the session has no such table; when an answer
        comes back: if it is larger than the driver may take.
    """

    spark: SparkSession
    """The session, which stays the caller's own."""
    name: str
    """A table such as ``db.transfers``, or a temporary view."""

    def __str__(self) -> str:
        """Return the name of the table."""
        return self.name

    def columns(self) -> dict[str, str]:
        """Return what each column holds; see `store.Store`."""
        fields = self._table().schema.fields
        names = [(field.name, field.dataType.typeName()) for field in fields]
        return {name: _KINDS.get(own, own) for name, own in names}

    @contextmanager
    def room(self) -> Iterator[SparkRoom]:
        """Open the table for questions, and let go of what was held for them."""
        chosen = selected(self.columns(), quote="`", moment="TIMESTAMP_NTZ")
        opened = SparkRoom(self.spark, self._table().selectExpr(*chosen))
        try:
            yield opened
        finally:
            opened.close()

    def _table(self) -> DataFrame:
        # Whoever has a session has brought Spark; nobody else needs it.
        from pyspark.errors import AnalysisException  # noqa: PLC0415

        try:
            table = self.spark.table(self.name)
            # A remote session looks for the table only now.
            _ = table.schema
        except AnalysisException as error:
            msg = (
                f"The Spark session has no table {self.name!r}. Name it as the catalog does, "
                f"such as 'db.transfers', or make a view of that name: {error}"
            )
            zh = f"Spark 会话中没有表 {self.name!r}，请写成 'db.transfers' 这样的表名。"
            raise TableError(msg, zh=zh) from error
        return table


class SparkRoom:
    """One visit to a table of a cluster; see `store.Room`."""

    def __init__(self, spark: SparkSession, transfers: DataFrame) -> None:
        self._spark = spark
        self._names: dict[str, str] = {}
        # Views belong to the whole session; nobody else's may be met by chance.
        self._mark = uuid.uuid4().hex
        self._name("transfers", transfers)

    def put(self, name: str, table: pd.DataFrame) -> None:
        """Bring a small table; the plan of what made it stays behind, so that plans never grow."""
        types = ", ".join(f"`{column}` {_type(table[column])}" for column in table)
        rows = pa.Table.from_pandas(table, preserve_index=False)
        self._name(name, self._spark.createDataFrame(rows, schema=types))

    def keep(self, name: str, sql: str) -> None:
        """Hold the answer in the memory of the cluster, on its disks where that is too small."""
        self._name(name, self._ask(sql).persist())

    def fetch(self, sql: str) -> pd.DataFrame:
        """Ask, and return the answer as a frame."""
        try:
            return framed(self._ask(sql).toArrow())
        # A session on this machine raises Java's own error, a remote one Spark's.
        except Exception as error:
            if "maxResultSize" not in str(error):
                raise
            msg = (
                "What is to be followed is larger than the Spark driver may take. Raise "
                "spark.driver.maxResultSize, or give `hub` a limit, so that following stops at "
                "accounts with very many transfers."
            )
            zh = "要追踪的转账超出 Spark 驱动上限，请调高 spark.driver.maxResultSize，或设定 hub。"
            raise TableError(msg, zh=zh) from error

    def close(self) -> None:
        """Drop the names that were given, and with them what the cluster holds."""
        for name in self._names.values():
            self._spark.catalog.dropTempView(name)

    def _name(self, name: str, table: DataFrame) -> None:
        held = self._names.setdefault(name, f"tracer_{self._mark}_{name}")
        table.createOrReplaceTempView(held)

    def _ask(self, sql: str) -> DataFrame:
        return self._spark.sql(sql.format_map(self._names))


def _type(column: pd.Series) -> str:
    if pd.api.types.is_datetime64_dtype(column.dtype):
        return "TIMESTAMP_NTZ"
    return "BIGINT" if pd.api.types.is_integer_dtype(column.dtype) else "STRING"
