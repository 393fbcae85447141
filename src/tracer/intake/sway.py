"""Sway: what a part of a ledger tells of the clocks, and which other payments that pairs anew."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from tracer.ledger import clocks
from tracer.ledger.clocks import PAIR
from tracer.ledger.codes import grouped, repeated
from tracer.ledger.memory import GAPS, TALLIES
from tracer.stores.duckdb import ask, insert, numbers
from tracer.table import Arrays, stacked

_NOTHING = np.zeros(0, "int64")


@dataclass(frozen=True)
class Heard:
    """What was told of the clocks before a part is made anew."""

    whole: Arrays
    """The columns of the table `tallies` of all payments."""
    mine: Arrays
    """The columns of the table `gaps` of the payments of the part."""
    others: Arrays
    """The columns of the table `tallies` of all others."""


def hear(
    connection: duckdb.DuckDBPyConnection, entries: np.ndarray, *, clocked: bool
) -> tuple[Arrays, Arrays]:
    """
    Return what was told of the clocks: the table `tallies`, and that part of the table `gaps`.

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
        gaps, tallies = (dict.fromkeys(table.columns, _NOTHING) for table in (GAPS, TALLIES))
        return tallies, gaps
    # Each part adds what changed, be it more or less.
    everything = clocks.summed(numbers(connection, TALLIES, "FROM tallies"))
    of_part = "FROM gaps SEMI JOIN given USING (entry_id)"
    return everything, numbers(connection, GAPS, of_part, entry_id=entries)


def heard(told: tuple[Arrays, Arrays], entries: np.ndarray) -> Heard:
    """
    Return what a part and all others told of the clocks.

    Parameters
    ----------
    told
        What `hear` returned.
    entries
        Those of its entries that the part changes.
    """
    whole, gaps = told
    mine = np.isin(gaps["entry_id"], entries, kind="table")
    of_part = {name: values[mine] for name, values in gaps.items()}
    return Heard(whole, of_part, clocks.without(whole, clocks.tallied(of_part)))


def put(connection: duckdb.DuckDBPyConnection, heard: Heard, made: Arrays) -> None:
    """
    Put what a part tells of the clocks in the place of what it told before.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    heard
        What `heard` returned.
    made
        The columns of the table `gaps` of the part.
    """
    was, mine = heard.mine, len(heard.mine["entry_id"])
    both = grouped([np.append(was[name], made[name]) for name in GAPS.columns])
    other = ~repeated(both)
    gone, come = other[:mine], other[mine:]
    if gone.any():
        drop = "DELETE FROM gaps USING given WHERE gaps.turn = given.turn "
        ask(
            connection,
            drop + "AND gaps.entry_id = given.entry_id",
            **{name: was[name][gone] for name in ("turn", "entry_id")},
        )
    insert(connection, GAPS, pa.table({name: values[come] for name, values in made.items()}))
    now = clocks.without(clocks.tallied(made), clocks.tallied(was))
    insert(connection, TALLIES, pa.table(dict(now)))


def swayed(
    connection: duckdb.DuckDBPyConnection, heard: Heard, made: Arrays, entries: np.ndarray
) -> np.ndarray:
    """
    Return the payments that may be paired otherwise, because a part tells of the clocks.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    heard
        What `heard` returned.
    made
        The columns of the table `gaps` of the part, which is put in.
    entries
        Those of the part, which are paired already by what it tells.
    """
    now = stacked([heard.others, clocks.tallied(made)])
    moved = clocks.moved(heard.whole, now)
    if not len(moved["now"]):
        return entries[:0]
    entry = numbers(
        connection,
        GAPS.part("entry_id"),
        "FROM gaps JOIN given USING (turn, one, two) WHERE now NOT BETWEEN least AND most",
        **{name: moved[name] for name in (*PAIR, "now")},
    )["entry_id"]
    return entry[~np.isin(entry, entries, kind="table")] if len(entry) else entry
