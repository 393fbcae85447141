"""Rows: entries in which every text is held by distinct writing, and every account is a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tracer.column import Column, large, series
from tracer.ledger.codes import begins, grouped

PRECISIONS = ("second", "minute", "day")
# What of an entry tells which accounts it moved money between, and which other rows mean the same.
TEXTS = (
    *("source", "sheet", "account", "card", "number", "holder", "holder_id", "institution"),
    *("time_precision", "direction", "other_account", "other_holder", "other_id"),
    *("other_institution", "currency", "channel", "summary", "serial", "link_serial"),
    *("merchant", "merchant_code", "remark"),
)
NUMBERS = (
    *("entry_id", "load_id", "time", "seq", "statement", "fen", "balance_fen", "cash", "success"),
)
_FLAGS = ("statement", "cash", "success")
TELLING = (*NUMBERS, *TEXTS)
# These tell more of an account than whose it is, and nothing of what was moved.
_NAMING = ("card", "number", "holder_id", "other_id")
MOVING = tuple(name for name in TELLING if name not in _NAMING)
# Columns that hold one text in all rows, or one flag, with that.
Same = Mapping[str, str | bool]
_NONE: Same = {}


@dataclass(frozen=True)
class Told:
    """What entries say, column by column, in the order of their numbers."""

    texts: dict[str, Column]
    """The columns of TEXTS, as far as they were given."""
    numbers: dict[str, np.ndarray]
    """The columns of NUMBERS; balance_fen is 0 where there is none, and ``shown`` says where."""

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self.numbers["entry_id"])

    def same(self) -> dict[str, str | bool]:
        """Return the columns that hold one text in all rows, or one flag, with that."""
        words = {name: column.words for name, column in self.texts.items()}
        flags = {name: self.numbers[name] for name in _FLAGS}
        return {
            **{name: str(one.iloc[0]) for name, one in words.items() if len(one) == 1},
            # Of no rows all are, and none is.
            **{name: bool(one.all()) for name, one in flags.items() if one.all() == one.any()},
        }

    @property
    def out(self) -> np.ndarray:
        """Shape (n,), whether the own account paid."""
        return self.texts["direction"].flags(lambda words: words.eq("out"))

    @property
    def precision(self) -> np.ndarray:
        """Shape (n,), int8: the place of the time's precision in PRECISIONS."""
        at = {name: place for place, name in enumerate(PRECISIONS)}
        column = self.texts["time_precision"]
        return column.spread(np.array([at.get(one, len(at)) for one in column.words], "int8"))

    def files(self, some: np.ndarray) -> np.ndarray:
        """Return a number for the file, sheet and load of some entries, in the order of names."""
        columns = [self.texts[name].take(some) for name in ("source", "sheet")]
        load = self.numbers["load_id"][some]
        file = grouped([*(column.places() for column in columns), load])
        at = begins(file)
        names = [column.words.take(column.places()[at]) for column in columns]
        source, sheet = (pd.factorize(name, sort=True)[0] for name in names)
        order = np.lexsort((load[at], sheet, source))
        rank = np.empty(len(order), "int64")
        rank[order] = np.arange(len(order))
        found: np.ndarray = rank[file]
        return found

    def pairs(self, *names: str) -> pd.DataFrame:
        """Return the distinct combinations of some columns of text, and how often each occurs."""
        codes = [self.texts[name].places() for name in names]
        group = grouped(codes)
        at = begins(group)
        found = {
            name: self.texts[name].words.take(code[at]).reset_index(drop=True)
            for name, code in zip(names, codes, strict=True)
        }
        return pd.DataFrame(found, copy=False).assign(times=np.bincount(group))


def told(entries: pd.DataFrame | pa.Table, same: Same = _NONE) -> Told:
    """
    Take from entries what tells of their transfers.

    Parameters
    ----------
    entries
        The table `entries`, only the columns in TELLING of which are used, or
        those in MOVING where it is known what accounts are called; a frame or
        in Arrow.
    same
        Columns that are not given since `Told.same` tells what they hold.
    """
    given = entries.columns if isinstance(entries, pd.DataFrame) else entries.column_names
    names = [name for name in TEXTS if name in given]
    cells = (entries[name] for name in names)
    if isinstance(entries, pa.Table):
        columns = [Column.of(one) for one in cells]
    else:
        with ThreadPoolExecutor(2) as pool:
            columns = list(pool.map(Column.of, cells))
    rows = len(entries["entry_id"])
    numbers = {
        name: entries[name].to_numpy() if name not in same else np.full(rows, same[name])
        for name in NUMBERS
        if name != "balance_fen"
    }
    numbers["time"] = numbers["time"].astype("datetime64[us]", copy=False)
    numbers |= _balances(entries["balance_fen"])
    texts = dict(zip(names, columns, strict=True))
    if not (np.diff(numbers["entry_id"]) > 0).all():
        order = np.argsort(numbers["entry_id"], kind="stable")
        texts = {name: column.take(order) for name, column in texts.items()}
        numbers = {name: values[order] for name, values in numbers.items()}
    for name, text in same.items():
        if isinstance(text, str):
            texts[name] = Column.same(text, rows)
    return Told(texts, numbers)


def _balances(column: pd.Series | pa.ChunkedArray) -> dict[str, np.ndarray]:
    if isinstance(column, pd.Series):
        shown = column.notna().to_numpy(bool)
        return {"balance_fen": column.to_numpy("int64", na_value=0), "shown": shown}
    return {"balance_fen": column.fill_null(0).to_numpy(), "shown": column.is_valid().to_numpy()}


@dataclass(frozen=True)
class Keys:
    """The account keys that records use, each with its number."""

    words: pa.Array
    """Shape (k,), large strings: the text of each number."""

    def texts(self, codes: np.ndarray) -> pd.Series:
        """Return the keys of some numbers."""
        return series(self.words.take(pa.array(codes)))

    def flags(self, pattern: str) -> np.ndarray:
        """Shape (k,), which keys a pattern is found in."""
        if pattern not in self._flagged:
            hits = pc.match_substring_regex(self.words, pattern)
            self._flagged[pattern] = hits.to_numpy(zero_copy_only=False)
        return self._flagged[pattern]

    @cached_property
    def _flagged(self) -> dict[str, np.ndarray]:
        # Several rules ask for the same.
        return {}


def unified(columns: Sequence[Column]) -> tuple[list[np.ndarray], pa.Array]:
    """
    Return a number for each text in several columns, the same for the same text.

    Parameters
    ----------
    columns
        Of the same or of different lengths.

    Examples
    --------
    >>> one, two = Column.of(pd.Series(["a", "b"])), Column.of(pd.Series(["b", "c", "b"]))
    >>> [codes.tolist() for codes in unified([one, two])[0]]
    [[0, 1], [1, 2, 1]]
    """
    whole = pa.chunked_array([large(column.words) for column in columns], pa.large_string())
    coded = whole.combine_chunks().dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    places, start, found = coded.indices.to_numpy(), 0, []
    for column in columns:
        end = start + len(column.words)
        found.append(column.spread(places[start:end].astype("int64")))
        start = end
    return found, coded.dictionary
