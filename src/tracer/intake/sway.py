"""Sway: what a part of a ledger tells of the clocks, and which other payments that pairs anew."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from tracer.ledger import clocks
from tracer.ledger.clocks import PAIR, TALLIES, WIDEST
from tracer.ledger.memory import GAPS
from tracer.stores.duckdb import ask, insert, select

# What all payments that are alone show is counted by the store, which has few lines to tell then.
_TALLIED = (
    "FROM (SELECT turn, one, two, gap, count(*) AS times FROM gaps "  # noqa: S608
    f"WHERE alone AND abs(gap) <= {WIDEST} GROUP BY ALL)"
)


@dataclass(frozen=True)
class Heard:
    """What was told of the clocks before a part is made anew."""

    whole: pd.DataFrame
    """The table `clocks.TALLIES` of all payments."""
    mine: pd.DataFrame
    """The table `gaps` of the payments of the part."""
    others: pd.DataFrame
    """The table `clocks.TALLIES` of all others."""


def hear(connection: duckdb.DuckDBPyConnection, entries: np.ndarray, *, clocked: bool) -> Heard:
    """
    Return what was told of the clocks.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    entries
        Those that a part can change.
    clocked
        Whether anything tells of the clocks.
    """
    if not clocked:
        return Heard(TALLIES.empty(), GAPS.empty(), TALLIES.empty())
    everything = select(connection, TALLIES, _TALLIED)
    of_part = "FROM gaps SEMI JOIN given USING (entry_id)"
    mine = select(connection, GAPS, of_part, entry_id=entries)
    return Heard(everything, mine, clocks.without(everything, clocks.tallied(mine)))


def put(connection: duckdb.DuckDBPyConnection, heard: Heard, made: pd.DataFrame) -> None:
    """
    Put what a part tells of the clocks in the place of what it told before.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    heard
        What `hear` returned.
    made
        The table `gaps` of the part.
    """
    both = pd.concat([heard.mine, made])
    other = ~both.duplicated(keep=False).to_numpy()
    gone, come = heard.mine[other[: len(heard.mine)]], made[other[len(heard.mine) :]]
    if len(gone):
        drop = "DELETE FROM gaps USING given WHERE gaps.turn = given.turn "
        ask(
            connection,
            drop + "AND gaps.entry_id = given.entry_id",
            turn=gone["turn"],
            entry_id=gone["entry_id"],
        )
    insert(connection, GAPS, come)


def swayed(
    connection: duckdb.DuckDBPyConnection, heard: Heard, made: pd.DataFrame, entries: np.ndarray
) -> np.ndarray:
    """
    Return the payments that may be paired otherwise, because a part tells of the clocks.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    heard
        What `hear` returned.
    made
        The table `gaps` of the part, which is put in.
    entries
        Those of the part, which are paired already by what it tells.
    """
    if heard.whole.empty and made.empty:
        return entries[:0]
    now = pd.concat([heard.others, clocks.tallied(made)])
    moved = clocks.moved(heard.whole, now)
    if moved.empty:
        return entries[:0]
    found = ask(
        connection,
        "SELECT entry_id FROM gaps JOIN given USING (turn, one, two) "
        "WHERE now NOT BETWEEN least AND most",
        **{name: moved[name] for name in (*PAIR, "now")},
    ).fetchnumpy()
    entry = np.asarray(found["entry_id"])
    return entry[~np.isin(entry, entries)]
