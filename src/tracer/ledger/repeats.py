"""Repeats from overlapping queries, told apart from true twins."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from tracer.ledger import coarse, kinds
from tracer.ledger.codes import begins, firsts, grouped, ordered, repeated, several
from tracer.ledger.parties import Parties
from tracer.ledger.rows import Told
from tracer.ledger.twins import FACTS, matched

_WHOLE = ("key", "file", "serial", "balance", "shown", "party", "success")


def repeats(told: Told, found: Parties, settled: np.ndarray | None = None) -> np.ndarray:
    """
    Return which entry each entry repeats: its own place where it is the first.

    Two rows of an account are the same where time, direction and amount agree
    and serial, balance and counterparty do not contradict each other. Inside
    one file only the same serial, or the same row written twice in a row,
    makes a repeat; other equal rows there are true twins, and so are all rows
    of a wallet that name nobody, because the parts of a red packet share a
    serial and leave the balance as it is where a card paid for them. Between
    files, rows are matched one to one, those that agree in most first, so that
    of several files the one that shows most twins counts. A file that knows
    only the day or the minute repeats a finer one by serial or balance.

    Parameters
    ----------
    told, found
        The entries, and who they say paid whom.
    settled
        Shape (n,), which entries are known to repeat no other; by default none.

    Returns
    -------
    numpy.ndarray
        Shape (n,), the place of the entry that stands for each, the one of its
        repeats that leaves least open.
    """
    stands = np.arange(len(told))
    time = told.numbers["time"].view("int64")
    key = grouped([found.own, time, told.out, told.numbers["fen"]])
    # Whatever is alone in account, time, direction and amount repeats nothing.
    open_ = np.ones(len(told), bool) if settled is None else ~settled
    some = np.flatnonzero(repeated(key) & open_)
    if len(some):
        rows = _coded(told, found, some, grouped([key[some]]))
        within = _within(rows, lambda owns: _before(told, found, owns)[some], some)
        alone = np.flatnonzero(within == np.arange(len(rows)))
        # Only rows that some other file has too can be repeats of one another.
        shared = alone[several(rows["key"].to_numpy()[alone], rows["file"].to_numpy()[alone])]
        within[shared] = _between(rows.iloc[shared], shared)
        stands[some] = some[within[within]]
    return _coarse(told, found, stands, open_)


def _coarse(told: Told, found: Parties, stands: np.ndarray, open_: np.ndarray) -> np.ndarray:
    """Return which entry stands for each when files of coarser times are looked at too."""
    if told.texts["time_precision"].words.nunique() < 2:
        return stands
    alone = np.flatnonzero((stands == np.arange(len(stands))) & open_)
    time, precision = told.numbers["time"].view("int64"), told.precision
    facts = (found.own, time, told.out, told.numbers["fen"], precision)
    some = alone[coarse.likely(*(one[alone] for one in facts))]
    if not len(some):
        return stands
    rows = _coded(told, found, some, np.zeros(len(some), "int64"))
    names = ("own", "time", "out", "fen", "precision")
    rows = rows.assign(**{name: one[some] for name, one in zip(names, facts, strict=True)})
    counted = np.arange(len(stands))
    counted[some] = some[coarse.again(rows)]
    found_again: np.ndarray = counted[stands]
    return found_again


def _coded(told: Told, found: Parties, some: np.ndarray, key: np.ndarray) -> pd.DataFrame:
    """Return what tells repeats apart of some rows, as whole numbers."""
    serial, (party, named) = told.texts["serial"].take(some), _party(told, found, some)
    filled, shown = serial.filled(), told.numbers["shown"][some]
    return pd.DataFrame({
        "key": key, "own": found.own[some], "file": told.files(some),
        "serial": np.where(filled, serial.places() + 1, 0), "party": party, "named": named,
        **{name: told.numbers[name][some] for name in ("seq", "entry_id", "success")},
        "balance": told.numbers["balance_fen"][some], "shown": shown,
        "wallet": found.keys.flags(kinds.PLATFORM)[found.own[some]],
        # A whole row stands for a damaged one.
        "blanks": (party == 0) * 2 + named + ~filled + ~shown,
    }, copy=False)  # fmt: skip


def _party(told: Told, found: Parties, some: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the counterparty as far as a row tells it, and whether that is only a name."""
    account, name = (told.texts[one].take(some) for one in ("other_account", "other_holder"))
    # A masked number that was not recognised names nobody, but contradicts other numbers.
    masked = account.filled() & found.silent[some]
    written, named = account.filled(), ~account.filled() & name.filled()
    # Keys, numbers as they are written, and names are numbered one behind the other.
    keys, numbers = len(found.keys.words) + 1, len(account.words)
    party = np.where(masked, keys + account.places(), found.other[some] + 1)
    party = np.where(written, party, 0)
    return np.where(named, keys + numbers + name.places(), party), named


def _within(
    rows: pd.DataFrame, before: Callable[[np.ndarray], np.ndarray], places: np.ndarray
) -> np.ndarray:
    """Return which row of its own file each row repeats, by position."""
    order = ordered(*(rows[name].to_numpy() for name in ("file", "own", "seq", "entry_id")))
    told = {name: rows[name].to_numpy()[order] for name in rows}
    placed = grouped([told[name] for name in _WHOLE])
    # The balance moves with every real row, so that a row that did not move it is no new one.
    again = np.append(False, placed[1:] == placed[:-1])[: len(order)]
    again &= told["shown"]
    if again.any():
        # Another row in between, which is alone in its amount, moved it there and back.
        last = before(np.unique(told["own"][again]))[order]
        again &= last == np.append(-1, places[order[:-1]])[: len(order)]
    again |= told["serial"] != 0
    again &= ~(told["wallet"] & (told["party"] == 0))
    group = grouped([placed, _counted(placed, ~again)])
    stands = np.empty(len(rows), "int64")
    stands[order] = order[firsts(group, told["entry_id"])]
    return stands


def _counted(group: np.ndarray, some: np.ndarray) -> np.ndarray:
    """Return how many of some rows there are in each row's group up to that row."""
    order = np.argsort(group, kind="stable")
    until, first = np.cumsum(some[order]), begins(group[order])
    count = np.empty(len(group), "int64")
    count[order] = until - (until[first] - some[order][first])[group[order]]
    return count


def _before(told: Told, found: Parties, owns: np.ndarray) -> np.ndarray:
    """Return by place the row before in the same file, of some accounts; -1 where there is none."""
    rows = np.flatnonzero(np.isin(found.own, owns))
    file, own = told.files(rows), found.own[rows]
    order = ordered(file, own, *(told.numbers[name][rows] for name in ("seq", "entry_id")))
    follows = (file[order][1:] == file[order][:-1]) & (own[order][1:] == own[order][:-1])
    last: np.ndarray = np.full(len(told), -1)
    last[rows[order[1:][follows]]] = rows[order[:-1][follows]]
    return last


def _between(rows: pd.DataFrame, places: np.ndarray) -> np.ndarray:
    """Return which row of another file stands for each row: the one that leaves least open."""
    names = ("key", "file", "blanks", "seq", "entry_id")
    order = ordered(*(rows[name].to_numpy() for name in names))
    told = {name: rows[name].to_numpy()[order] for name in rows}
    facts = np.column_stack([told[name].astype("int64") for name in FACTS])
    known = matched(told["key"], told["file"], facts)
    # Of each group of repeats, the row with the fewest blanks stands for all.
    chosen = firsts(known, told["blanks"], told["file"], told["entry_id"])
    stands = np.empty(len(known), "int64")
    stands[order] = places[order[chosen]]
    return stands
