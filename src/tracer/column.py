"""Column: cells of text in which each distinct writing is held, cleaned and judged only once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Text = Callable[[pd.Series], pd.Series]
_STR = pd.StringDtype("pyarrow", na_value=np.nan)


@dataclass(frozen=True)
class Column:
    """Text by row. Most columns of a statement repeat few writings, so work is done on those."""

    words: pd.Series
    """Shape (m,), the writings."""
    at: np.ndarray | None = None
    """Shape (n,), the place in ``words`` of each row; None where row i has the writing i."""

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.words) if self.at is None else len(self.at)

    @classmethod
    def of(cls, cells: pd.Series | pa.ChunkedArray, *, distinct: bool = True) -> Column:
        """
        Hold a column of text.

        Parameters
        ----------
        cells
            Shape (n,), text; in Arrow plain, or if all its pieces share one dictionary.
        distinct
            False where hardly any writing occurs twice, as with serials: then
            each row keeps its own.

        Examples
        --------
        >>> Column.of(pd.Series(["a", "b", "a"])).at.tolist()
        [0, 1, 0]
        """
        if not distinct:
            return cls(series(large(cells)))
        held = cells
        if isinstance(cells, pd.Series):
            held = coded(pa.array(cells.array, pa.large_string(), from_pandas=True))
        elif not pa.types.is_dictionary(cells.type):
            held = coded(cells.cast(pa.large_string()).combine_chunks())
        # All pieces of a column share one dictionary, so that only the places are put together.
        parts = held.chunks if isinstance(held, pa.ChunkedArray) else [held]
        places = [part.indices.to_numpy(zero_copy_only=False) for part in parts]
        if not parts:
            return cls(pd.Series(dtype="str"), np.zeros(0, "int32"))
        return cls(series(parts[-1].dictionary), np.concatenate(places))

    @classmethod
    def same(cls, text: str, rows: int) -> Column:
        """Hold one text in every row."""
        return cls(series(pa.array([text], pa.large_string())), np.zeros(rows, "int32"))

    @classmethod
    def joined(cls, columns: Sequence[Column], between: str) -> Column:
        """
        Put the texts of each row together.

        Examples
        --------
        >>> Column.joined([Column.same("a", 2), Column.of(pd.Series(["x", "y"]))], "|").list()
        ['a|x', 'a|y']
        """
        whole = columns[0]
        for one in columns[1:]:
            if len(one.words) == 1 and one.at is not None:
                # What is the same in every row is put behind each writing.
                whole = cls(whole.words + (between + one.words[0]), whole.at)
                continue
            pairs = whole.places().astype("int64") * max(len(one.words), 1) + one.places()
            at, once = pd.factorize(pairs)
            left = whole.words.take(once // max(len(one.words), 1)).reset_index(drop=True)
            right = one.words.take(once % max(len(one.words), 1)).reset_index(drop=True)
            whole = cls(left.str.cat(right, sep=between), at.astype("int32"))
        return whole

    def places(self) -> np.ndarray:
        """Return the place in ``words`` of each row."""
        return np.arange(len(self.words), dtype="int32") if self.at is None else self.at

    def map(self, function: Text) -> Column:
        """Return the column with another text for each writing."""
        words = function(self.words)
        return self if words is self.words else Column(words, self.at)

    def spread(self, values: pd.Series | np.ndarray) -> np.ndarray:
        """
        Return by row what is known of each writing.

        Parameters
        ----------
        values
            Shape (m,), one for each of ``words``.
        """
        found = np.asarray(values)
        if self.at is None:
            return found
        # What is known of all writings alike needs no look at the rows.
        return np.repeat(found, len(self), axis=0) if len(found) == 1 else found[self.at]

    def flags(self, function: Text) -> np.ndarray:
        """Return by row whether the writing is one for which the function says so."""
        return self._marked(function(self.words).to_numpy(dtype=bool))

    def filled(self) -> np.ndarray:
        """Return by row whether there is any text."""
        told = pc.not_equal(large(self.words), "").fill_null(True)
        return self._marked(told.to_numpy(zero_copy_only=False))

    def _marked(self, told: np.ndarray) -> np.ndarray:
        """Return by row what is said of each writing, which often is of none."""
        return self.spread(told) if told.any() else np.zeros(len(self), bool)

    def where(self, keep: np.ndarray, other: Column) -> Column:
        """
        Return this column's text in the rows to keep, and the other's in the rest.

        Examples
        --------
        >>> two = Column.of(pd.Series(["a", "b"]))
        >>> two.where(np.array([True, False]), Column.same("", 2)).list()
        ['a', '']
        """
        if keep.all():
            return self
        if not keep.any():
            return other
        words = pd.concat([self.words, other.words], ignore_index=True)
        return Column(words, np.where(keep, self.places(), other.places() + len(self.words)))

    def mask(self, drop: np.ndarray, text: str = "") -> Column:
        """Return the column with one text in the rows to drop."""
        return self.where(~drop, Column.same(text, len(self))) if drop.any() else self

    def take(self, rows: np.ndarray | slice) -> Column:
        """Return the column of only these rows, given by mask, position or slice."""
        if self.at is not None:
            return Column(self.words, self.at[rows])
        return Column(self.words[rows].reset_index(drop=True))

    def texts(self, index: pd.Index, rows: np.ndarray | None = None) -> pd.Series:
        """
        Return the plain text by row number.

        Parameters
        ----------
        index
            Shape (n,), the row numbers.
        rows
            Shape (n,), the mask of the rows that are wanted; all by default.
        """
        if rows is not None:
            return self.take(rows).texts(index[rows])
        words = self.words if self.at is None else self.words.take(self.at)
        return words.set_axis(index)

    def list(self) -> list[str]:
        """Return the text of every row."""
        return list(self.texts(pd.RangeIndex(len(self))))

    def category(self) -> pd.Categorical:
        """Return the column as a category, for tables that are counted by it."""
        words = pd.Index(self.words)
        if self.at is not None and words.is_unique:
            return pd.Categorical.from_codes(self.at, words, validate=False)
        place, words = pd.factorize(self.words)
        return pd.Categorical.from_codes(self.spread(place), pd.Index(words), validate=False)

    def arrow(self) -> pa.Array:
        """Return the column for a store: by distinct writing, or row by row."""
        text = large(self.words)
        if self.at is None:
            return text
        return pa.DictionaryArray.from_arrays(pa.array(self.at.astype("int32", copy=False)), text)


def large(cells: pd.Series | pa.ChunkedArray) -> pa.Array:
    """Return text as one Arrow array, without a copy where it is one already."""
    # Of an array Arrow takes at once what of a series it looks through first.
    if isinstance(cells, pd.Series):
        text = pa.array(cells.array, pa.large_string(), from_pandas=True)
    else:
        text = cells.cast(pa.large_string())
    if isinstance(text, pa.ChunkedArray):
        text = text.chunk(0) if text.num_chunks == 1 else text.combine_chunks()
    return text


def series(text: pa.Array) -> pd.Series:
    """Return an Arrow array of text as a series, without a copy."""
    # What is text already is not looked through for it once more, which `pd.array` does.
    return pd.Series(_STR.__from_arrow__(text), copy=False)  # type: ignore[attr-defined]


def coded(text: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray | pa.ChunkedArray:
    """
    Return text by distinct writing.

    Parameters
    ----------
    text
        Shape (n,), large strings; what is missing is "", as in cases of before there was a column.

    Examples
    --------
    >>> coded(pa.array(["a", "b", "a"], pa.large_string())).indices.to_pylist()
    [0, 1, 0]
    >>> coded(pa.array(["", "", ""], pa.large_string())).indices.to_pylist()
    [0, 0, 0]
    """
    text = text.fill_null("") if text.null_count else text
    if not _alike(text):
        return text.dictionary_encode()
    # Banks leave whole columns empty, which is seen sooner than each cell is read.
    once = pa.array([text[0].as_py()], pa.large_string())
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(text), "int32")), once)


def _alike(text: pa.Array | pa.ChunkedArray) -> bool:
    """Return whether all cells hold one text."""
    if isinstance(text, pa.ChunkedArray) or not len(text) or text.null_count:
        return False
    # Most columns differ at their ends already.
    if text[0] != text[-1]:
        return False
    places = ends(text)
    width = int(places[1] - places[0])
    if places[-1] - places[0] != width * len(text) or (np.diff(places) != width).any():
        return False
    cells = pressed(text).reshape(len(text), width)
    return bool((cells == cells[0]).all())


def stray(text: pa.Array, also: str = "") -> bool:
    """
    Return whether any byte is no plain visible character of ASCII.

    Columns of digits have none, which a look at all bytes tells far sooner
    than a pattern for each cell.

    Parameters
    ----------
    text
        Large strings.
    also
        Further characters that are taken for strays.

    Examples
    --------
    >>> stray(pa.array(["622", "a.b"], pa.large_string()))
    False
    >>> stray(pa.array([" 622"], pa.large_string()))
    True
    """
    data = pressed(text)
    # A byte below "!" wraps round, so that one comparison finds both ends.
    odd = bool(((data - 0x21) > 0x5D).any())
    return odd or any(bool((data == ord(one)).any()) for one in also)


def pressed(text: pa.Array) -> np.ndarray:
    """Return the bytes of all cells, one behind the other."""
    data = text.buffers()[2]
    if data is None or not len(text):
        return np.frombuffer(b"", "uint8")
    found = ends(text)
    return np.frombuffer(_sealed(data), "uint8")[found[0] : found[-1]]


def ends(text: pa.Array) -> np.ndarray:
    """Return where the cells begin and end in the buffer that holds their bytes; shape (n + 1,)."""
    if not len(text):
        return np.frombuffer(bytes(8), "int64")
    return np.frombuffer(_sealed(text.buffers()[1]), "int64", len(text) + 1, text.offset * 8)


def _sealed(data: pa.Buffer) -> memoryview:
    # Compiled code would be fetched once more for arrays that can be written to.
    return memoryview(data).toreadonly()


def first_bytes(cells: pd.Series) -> np.ndarray:
    """Return the first byte of each cell, 0 where it is empty, piece by piece of a column."""
    text = pa.array(cells.array, pa.large_string(), from_pandas=True)
    chunks = text.chunks if isinstance(text, pa.ChunkedArray) else [text]
    return np.concatenate([np.zeros(0, "uint8"), *map(initials, chunks)])


def initials(text: pa.Array) -> np.ndarray:
    """Return the first byte of each cell; 0 where a cell is empty."""
    data = text.buffers()[2]
    first = np.zeros(len(text), "uint8")
    if data is None or not len(text):
        return first
    places = ends(text)
    held = np.diff(places) > 0
    first[held] = np.frombuffer(data, "uint8")[places[:-1][held]]
    return first
