"""Table: the columns and types of one kind of table, as a frame, in Arrow and in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas.api.extensions import ExtensionArray
from pandas.api.types import pandas_dtype

from tracer.errors import TableError

# Text is never NaN: what evidence does not give is "". Money is whole fen.
TEXT = "str"
FEN = "int64"
FEN_OR_NONE = "Int64"
NUMBER = "int64"
NUMBER_OR_NONE = "Int64"
# A hash that rarely is the same for two, which costs no more than that both are looked at.
KEY = "int32"
FLAG = "bool"
TIME = "datetime64[us]"

SQL_TYPES = {
    TEXT: "VARCHAR",
    FEN: "BIGINT",
    FEN_OR_NONE: "BIGINT",
    KEY: "INTEGER",
    FLAG: "BOOLEAN",
    TIME: "TIMESTAMP",
}
# Columns of one length, by their names: anything, or whole numbers, flags and times.
Values = ExtensionArray | np.ndarray
Columns = Mapping[str, pd.Series | Values]
Arrays = Mapping[str, np.ndarray]
_AS_IT_IS = " USING COMPRESSION uncompressed"


# Tables are told apart by identity, so that they can be keys.
@dataclass(frozen=True, eq=False)
class Table:
    """One kind of table, by the name of its columns."""

    name: str
    """What the table is called in a store and in messages."""
    columns: dict[str, str]
    """Column name to pandas dtype, in order."""
    diverse: tuple[str, ...] = ()
    """Columns of text of which hardly any repeats, so that packing it only makes reading slow."""

    def empty(self) -> pd.DataFrame:
        """Return the table without rows."""
        return _empty(self).copy(deep=False)

    def part(self, *names: str) -> Table:
        """Return the table with only some of its columns."""
        return Table(self.name, {name: self.columns[name] for name in names})

    def conform(self, frame: pd.DataFrame | Columns) -> pd.DataFrame:
        """
        Return the frame with exactly this table's columns, in order and typed.

        Columns that may be absent are filled with their empty value; the rest
        must be there.

        Parameters
        ----------
        frame
            Any frame, or columns of one length by their names; further ones
            are dropped.

        Raises
        ------
        TableError
            If a column without an empty value (whole numbers, flags) is
            missing.
        """
        rows = _rows(frame)
        if not rows and self.columns.keys() <= set(frame):
            return self.empty()
        return pd.DataFrame(self._filled(frame), index=range(rows))

    def told(self, frame: pd.DataFrame | Columns) -> pa.Table:
        """Return in Arrow what `conform` makes of a frame; raises the same."""
        filled = self._filled(frame).items()
        return pa.table({name: pa.array(values, from_pandas=True) for name, values in filled})

    def _filled(self, frame: pd.DataFrame | Columns) -> dict[str, Values]:
        filled: dict[str, Values] = {}
        for name, kind in self.columns.items():
            if name in frame:
                filled[name] = _typed(frame[name], kind)
            elif kind in {TEXT, FEN_OR_NONE, TIME}:
                nothing = pd.Series(_NOTHING[kind], index=range(_rows(frame)), dtype=kind)
                filled[name] = nothing.array
            else:
                msg = (
                    f"The table {self.name!r} needs a column {name!r}; "
                    f"it has {', '.join(map(repr, frame))}."
                )
                raise TableError(msg)
        return filled

    def arrow(self, columns: Mapping[str, pa.Array], rows: int) -> pa.Table:
        """
        Return columns that are in Arrow already as this table, without a copy.

        Parameters
        ----------
        columns
            Column name to its values, which may be held by distinct value;
            those that are missing are filled with their empty value.
        rows
            How many rows there are.
        """
        filled = [
            columns[name] if name in columns else _constant(_ABSENT[kind], _ARROW[kind], rows)
            for name, kind in self.columns.items()
        ]
        return pa.table(filled, names=list(self.columns))

    def frame(self, table: pa.Table) -> pd.DataFrame:
        """Return what `arrow` made as a frame with plain text columns."""
        return pd.DataFrame(self.values(table), copy=False)

    def values(self, table: pa.Table) -> dict[str, Values]:
        """Return the columns of what `arrow` made, by their names; plain numbers in numpy."""
        return {
            name: _values(table[name].combine_chunks(), kind) for name, kind in self.columns.items()
        }

    def create(self) -> str:
        """Return the SQL that creates the table where it does not exist."""
        body = ", ".join(
            f'"{name}" {SQL_TYPES[kind]}{_AS_IT_IS if name in self.diverse else ""}'
            for name, kind in self.columns.items()
        )
        return f'CREATE TABLE IF NOT EXISTS "{self.name}" ({body})'


_ARROW = {
    TEXT: pa.large_string(),
    FEN: pa.int64(),
    FEN_OR_NONE: pa.int64(),
    KEY: pa.int32(),
    FLAG: pa.bool_(),
    TIME: pa.timestamp("us"),
}
_DTYPES = {kind: pandas_dtype(kind) for kind in SQL_TYPES}
_BARE = (pd.arrays.NumpyExtensionArray, pd.arrays.DatetimeArray)
_ABSENT = {TEXT: "", FEN: 0, KEY: 0, FEN_OR_NONE: None, FLAG: False, TIME: None}


def constant(value: str, rows: int) -> pa.Array:
    """Return a column that holds one text in every row, and holds it only once."""
    return _constant(value, pa.large_string(), rows)


def same(text: str, index: pd.Index) -> pd.Series:
    """
    Return a column of text that is the same in every row.

    Parameters
    ----------
    text
        What every row holds.
    index
        Shape (n,), the rows.

    Examples
    --------
    >>> same("ok", pd.RangeIndex(2)).tolist()
    ['ok', 'ok']
    """
    # pandas itself makes an object of every row first.
    cells = pa.repeat(pa.scalar(text, pa.large_string()), len(index))
    return pd.Series(pd.array(cells, dtype="str"), index=index, copy=False)


def stacked(some: Sequence[Arrays]) -> dict[str, np.ndarray]:
    """
    Return columns one behind the other, those that the first has.

    Parameters
    ----------
    some
        One at least; in each of them all columns have one length.

    Examples
    --------
    >>> stacked([{"fen": np.array([1])}, {"fen": np.array([2]), "seq": np.array([0])}])
    {'fen': array([1, 2])}
    """
    return {name: np.concatenate([one[name] for one in some]) for name in some[0]}


@cache
def _empty(table: Table) -> pd.DataFrame:
    # Most files leave most tables empty, and making one takes longer than copying it.
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in table.columns.items()})


def _rows(frame: pd.DataFrame | Columns) -> int:
    if isinstance(frame, pd.DataFrame):
        return len(frame)
    return len(next(iter(frame.values()), ()))


def _typed(column: pd.Series | Values, kind: str) -> Values:
    """Return the values of a column, which in most tables are of their type already."""
    values, dtype = column.array if isinstance(column, pd.Series) else column, _DTYPES[kind]
    if isinstance(values, _BARE):
        # Arrow takes plain numbers and times sooner than what pandas holds them in.
        values = values.to_numpy()
    # An array tells sooner than a series whether anything is missing.
    if kind == TEXT and pd.isna(values).any():
        values = pd.Series(values, copy=False).fillna("").array
    if values.dtype == dtype:
        return values
    typed: ExtensionArray = pd.Series(values, copy=False).astype(dtype).array
    return typed


def plain(table: pa.Table) -> pa.Table:
    """Return an Arrow table with every column of text held row by row."""
    kinds = [
        field.with_type(pa.large_string()) if pa.types.is_dictionary(field.type) else field
        for field in table.schema
    ]
    return table.cast(pa.schema(kinds))


def _constant(value: object, kind: pa.DataType, rows: int) -> pa.Array:
    if kind != pa.large_string():
        return pa.repeat(pa.scalar(value, kind), rows)
    places = pa.array(np.zeros(rows, "int32"))
    return pa.DictionaryArray.from_arrays(places, pa.array([value], kind))


def _values(column: pa.Array, kind: str) -> Values:
    if kind == TEXT:
        plain = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
        # What is text already is not looked through for it once more, which `pd.array` does.
        text: ExtensionArray = _DTYPES[TEXT].__from_arrow__(plain)  # type: ignore[union-attr]
        return text
    if kind == FEN_OR_NONE:
        known = column.is_valid().to_numpy(zero_copy_only=False)
        return pd.arrays.IntegerArray(column.fill_null(0).to_numpy().copy(), ~known)
    values = column.to_numpy(zero_copy_only=False)
    return np.asarray(values, dtype=kind)


_NOTHING = {TEXT: "", FEN_OR_NONE: pd.NA, TIME: pd.NaT}
