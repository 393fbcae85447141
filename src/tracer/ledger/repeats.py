"""Repeats from overlapping queries, told apart from true twins."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numba import njit

from tracer.ledger.codes import code, grouped

_WHOLE = ("key", "file", "serial", "balance", "shown", "party")
_FACTS = ("serial", "party", "named", "balance", "shown", "blanks")
_SERIAL, _PARTY, _NAMED, _BALANCE, _SHOWN, _BLANKS = range(len(_FACTS))
# How much of a row may be left open: counterparty (2 or 1), serial and balance.
_MOST_BLANKS = 4


def repeats(entries: pd.DataFrame) -> pd.Series:
    """
    Return which entry each entry repeats: its own entry_id where it is the first.

    Two rows of an account are the same where time, direction and amount agree
    and serial, balance and counterparty do not contradict each other. Inside
    one file only the same serial, or the same row written twice in a row,
    makes a repeat; other equal rows there are true twins. Between files, rows
    are matched one to one, those that agree in most first, so that of several
    files the one that shows most twins counts.

    Parameters
    ----------
    entries
        The table `entries` with the resolved columns own and other.

    Returns
    -------
    pandas.Series
        Indexed like `entries`: the entry_id that stands for the row, the one
        of its repeats that leaves least open.
    """
    rows = _coded(entries)
    stands = _within(rows)
    alone = np.flatnonzero(stands == np.arange(len(rows)))
    # Only rows that some other file has too can be repeats of one another.
    key, file = rows["key"].to_numpy()[alone], rows["file"].to_numpy()[alone]
    some = np.zeros(key.max(initial=-1) + 1, "int64")
    some[key] = file
    several = np.zeros(len(some), bool)
    several[key[some[key] != file]] = True
    shared = alone[several[key]]
    stands[shared] = _between(rows.iloc[shared], shared)
    stands = stands[stands]
    return pd.Series(entries["entry_id"].to_numpy()[stands], entries.index)


def _coded(entries: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that tell repeats, as whole numbers."""
    file = entries.groupby(["source", "sheet", "load_id"]).ngroup()
    serial = code(entries["serial"])
    balance = entries["balance_fen"]
    party, named = _party(entries)
    rows = pd.DataFrame(
        {
            "own": code(entries["own"]), "time": entries["time"].to_numpy().view("int64"),
            "out": entries["direction"].eq("out").to_numpy("int64"), "fen": entries["fen"],
            "file": file, "seq": entries["seq"], "entry_id": entries["entry_id"],
            "serial": serial, "party": party, "named": named,
            "balance": balance.fillna(0).astype("int64"), "shown": balance.notna(),
        },
        index=entries.index,
    ).reset_index(drop=True)  # fmt: skip
    rows["key"] = grouped([rows[name].to_numpy() for name in ("own", "time", "out", "fen")])
    # A whole row stands for a damaged one.
    rows["blanks"] = rows["party"].eq(0) * 2 + rows["named"] + rows["serial"].eq(0) + ~rows["shown"]
    return rows


def _party(entries: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the counterparty as far as the row tells it, and whether that is only a name."""
    masked = entries["other_account"].str.contains("*", regex=False)
    account = entries["other"].mask(masked, entries["other_account"])
    account = account.mask(entries["other_account"].eq(""), "")
    name = entries["other_holder"].mask(account.ne(""), "")
    told = code(account)
    named = name.ne("").to_numpy()
    return np.where(named, told.max(initial=0) + code(name), told), named


def _within(rows: pd.DataFrame) -> np.ndarray:
    """Return which row of its own file each row repeats, by position."""
    order = np.lexsort([rows[name] for name in ("entry_id", "seq", "own", "file")])
    whole = grouped(
        [rows[one].to_numpy() for one in ("key", "file", "serial", "balance", "shown", "party")]
    )
    placed = whole[order]
    # The balance moves with every real row, so that a row that did not move it is no new one.
    again = np.append(False, placed[1:] == placed[:-1])[: len(order)]
    again &= rows["shown"].to_numpy()[order]
    again |= rows["serial"].to_numpy()[order] != 0
    twin = pd.Series(~again).groupby(placed).cumsum()
    group = grouped([placed, twin.to_numpy()])
    stands = np.empty(len(rows), "int64")
    stands[order] = order[_firsts(group, rows["entry_id"].to_numpy()[order])]
    return stands


def _firsts(group: np.ndarray, *ties: np.ndarray) -> np.ndarray:
    """Return the place of the first row of each row's group, by the ties."""
    order = np.lexsort((*reversed(ties), group))
    begins = np.append(True, np.diff(group[order]) != 0)[: len(order)]
    first = np.empty(group.max(initial=-1) + 1, "int64")
    first[group[order][begins]] = order[begins]
    found: np.ndarray = first[group]
    return found


def _between(rows: pd.DataFrame, places: np.ndarray) -> np.ndarray:
    """Return which row of another file stands for each row: the one that leaves least open."""
    order = np.lexsort([rows[name] for name in ("entry_id", "seq", "blanks", "file", "key")])
    told = {name: rows[name].to_numpy()[order] for name in rows}
    facts = np.column_stack([told[name].astype("int64") for name in _FACTS])
    known = _matched(told["key"], told["file"], facts)
    # Of each group of repeats, the row with the fewest blanks stands for all.
    chosen = _firsts(known, told["blanks"], told["file"], told["entry_id"])
    stands = np.empty(len(known), "int64")
    stands[order] = places[order[chosen]]
    return stands


@njit(cache=True)
def _matched(key: np.ndarray, file: np.ndarray, facts: np.ndarray) -> np.ndarray:
    """
    Match rows of equal key between files, one to one, those that leave least open first.

    Parameters
    ----------
    key, file
        Shape (n,) each; the rows are sorted by them.
    facts
        Shape (n, 6): serial, party and whether that is a name, balance and
        whether there is one, and how much is left open.

    Returns
    -------
    numpy.ndarray
        Shape (n,), the place of the row that each is a repeat of, or its own.
    """
    stands = np.arange(len(key))
    known = np.empty(len(key), np.int64)
    size, at = 0, 0
    # File by file, so that no file's own twins are ever matched with each other.
    while at < len(key):
        if at == 0 or key[at] != key[at - 1]:
            size = 0
        end = at + 1
        while end < len(key) and key[end] == key[at] and file[end] == file[at]:
            end += 1
        _meet(stands, known[:size], at, end, facts)
        for row in range(at, end):
            if stands[row] == row:
                known[size] = row
                size += 1
        at = end
    return stands


@njit(cache=True)
def _meet(stands: np.ndarray, known: np.ndarray, start: int, end: int, facts: np.ndarray) -> None:
    """Match the rows of one file with those that are known, the least doubtful pairs first."""
    met = np.zeros(len(known), np.bool_)
    for doubt in range(2 * _MOST_BLANKS + 2):
        for place in range(len(known)):
            for row in range(start, end):
                if met[place]:
                    break
                if stands[row] == row and _doubt(facts[known[place]], facts[row]) == doubt:
                    stands[row] = known[place]
                    met[place] = True


@njit(cache=True)
def _doubt(one: np.ndarray, two: np.ndarray) -> int:
    """Return how much two rows leave open of being the same; -1 where they contradict."""
    exact = one[_SERIAL] == two[_SERIAL] and one[_SERIAL] != 0
    if one[_SERIAL] != two[_SERIAL] and one[_SERIAL] != 0 and two[_SERIAL] != 0:
        return -1
    if one[_BALANCE] != two[_BALANCE] and one[_SHOWN] and two[_SHOWN]:
        return -1
    # A name on one side and an account on the other is no contradiction.
    told = one[_PARTY] != 0 and two[_PARTY] != 0 and one[_NAMED] == two[_NAMED]
    if told and one[_PARTY] != two[_PARTY]:
        return -1
    return int(one[_BLANKS] + two[_BLANKS] + (not exact))
