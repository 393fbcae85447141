"""What a store of transfers can do, so that the same SQL runs on every engine."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol, runtime_checkable

import pandas as pd
import pyarrow as pa

# What a column can hold, as far as following asks; other types go by the engine's own name.
TEXT, WHOLE, EXACT, TIME = "text", "whole numbers", "decimals", "times without a zone"

# What evidence means where a ledger has no such column.
MEANT = {"time_precision": "second", "status": "ok"}


class Room(Protocol):
    """
    One visit to a store.

    SQL names its tables in braces: {transfers} is the store's own, further
    ones are those that were `put` or `keep`. Hints such as BROADCAST are
    comments to an engine that has no use for them.
    """

    def put(self, name: str, table: pd.DataFrame) -> None:
        """Bring a small table of texts, times and whole numbers, in place of one of that name."""

    def keep(self, name: str, sql: str) -> None:
        """Hold the answer to a question that is asked of many times."""

    def fetch(self, sql: str) -> pd.DataFrame:
        """Ask, and return the answer as `framed` gives it, in any order."""


@runtime_checkable
class Store(Protocol):
    """A ledger that may be larger than the memory of this machine."""

    def columns(self) -> dict[str, str]:
        """Return what each column holds: TEXT, WHOLE, EXACT, TIME, or the engine's own name."""

    def room(self) -> AbstractContextManager[Room]:
        """Open the store, and close it behind the visit."""


def selected(columns: Mapping[str, str], *, quote: str, moment: str) -> list[str]:
    """
    Return what to select of a store's own table, so that every engine holds it alike.

    Texts compare byte by byte whatever the table's collation, account keys are
    texts, times carry no zone, and a missing status or precision is what
    evidence means by saying nothing.

    Parameters
    ----------
    columns
        As `Store.columns` returns them.
    quote
        The mark that stands around names.
    moment
        What the engine calls a time without a zone.
    """
    casts = {name: "STRING" for name, kind in columns.items() if kind == TEXT}
    casts |= {"time": moment, "payer": "STRING", "payee": "STRING"}
    chosen = []
    for name in columns:
        named = f"{quote}{name.replace(quote, 2 * quote)}{quote}"
        chosen.append(f"CAST({named} AS {casts[name]}) AS {named}" if name in casts else named)
    return chosen + [f"'{word}' AS {name}" for name, word in MEANT.items() if name not in columns]


def framed(table: pa.Table) -> pd.DataFrame:
    """
    Return an answer as a frame: times datetime64[us], fen int64, text str.

    No whole number passes through float. Fen that are not whole stay decimals,
    so that whoever checks them can show them.

    Parameters
    ----------
    table
        As the engine gave it, times without a zone.
    """
    found = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        found[name] = _series(_whole(column) if name == "fen" else column)
    return pd.DataFrame(found)


def _whole(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_decimal(column.type):
        try:
            return column.cast(pa.int64())
        except pa.ArrowInvalid:
            return column
    return column


def _series(column: pa.ChunkedArray) -> pd.Series:
    kind, mapped = column.type, {}
    if pa.types.is_integer(kind) and column.null_count:
        mapped = {kind: pd.Int64Dtype()}
    values: pd.Series = column.to_pandas(types_mapper=mapped.get)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return values.astype("str")
    if pa.types.is_timestamp(kind) and kind.tz is None:
        return values.astype("datetime64[us]")
    return values
