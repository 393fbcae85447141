"""Coarse: rows of which one file tells only the day or the minute, found again in a finer one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tracer.ledger.clocks import DAY, SECOND
from tracer.ledger.codes import firsts, grouped, several
from tracer.ledger.pairing import UNKNOWN

# How many microseconds a time of each coarser precision may stand for.
_UNITS = {1: 60 * SECOND, 2: DAY}


def likely(own: np.ndarray, time: np.ndarray, out: np.ndarray, fen: np.ndarray,
           precision: np.ndarray) -> np.ndarray:  # fmt: skip
    """
    Return the places of the rows that a coarser or a finer time may tell again.

    Parameters
    ----------
    own, time, out, fen, precision
        Shape (n,) each: account, microseconds, direction, amount, and 0 for
        second, 1 for minute, 2 for day.

    Examples
    --------
    >>> one = np.zeros(2, "int64")
    >>> likely(one, np.array([0, 5]), one, one, np.array([2, 0])).tolist()
    [0, 1]
    """
    some = np.flatnonzero(np.isin(own, own[precision > 0]) & (time != UNKNOWN))
    if not len(some):
        return np.zeros(0, "int64")
    keys = (own[some], time[some] // _UNITS[2], out[some], fen[some])
    found: np.ndarray = some[several(grouped(keys), precision[some])]
    return found


def again(rows: pd.DataFrame) -> np.ndarray:
    """
    Return which row stands for each, by position.

    A row of which only the day or the minute is known is another file's row
    where account, direction, amount and that day or minute agree, where the
    serial or the balance is the same, and where nothing else contradicts it.
    Several equal ones are told apart by their order. Where one file tells both
    rows, both are real.

    Parameters
    ----------
    rows
        own, out, fen, time (microseconds), precision (0 second, 1 minute,
        2 day), file, seq, entry_id, serial (0 for none), party (0 for none),
        named (whether that is a name only), balance and shown.

    Returns
    -------
    numpy.ndarray
        Shape (n,): the row that tells the counterparty best, then the one with
        the most exact time.

    Examples
    --------
    >>> rows = pd.DataFrame({"own": 1, "out": 1, "fen": 5, "time": [0, 9], "precision": [2, 0],
    ...     "file": [1, 2], "seq": 1, "entry_id": [1, 2], "serial": 7, "party": 0,
    ...     "named": False, "balance": 0, "shown": False})
    >>> again(rows).tolist()
    [1, 1]
    """
    told = {str(name): rows[name].to_numpy("int64") for name in rows}
    root = np.arange(len(rows))
    for level, unit in _UNITS.items():
        for proof, shown in (("serial", told["serial"] != 0), ("balance", told["shown"] != 0)):
            free = (root == np.arange(len(root))) & shown & (told["precision"] <= level)
            _meet(root, told, np.flatnonzero(free), (level, unit, proof))
    # Who tells the counterparty stands, and among those the finest time.
    lacks = np.where(told["party"] == 0, 2, told["named"])
    ties = (told[name] for name in ("precision", "file", "entry_id"))
    return firsts(grouped([root]), lacks, *ties)


def _meet(
    root: np.ndarray, told: dict[str, np.ndarray], some: np.ndarray, by: tuple[int, int, str]
) -> None:
    """Match the rows of one precision with finer ones under one proof, in their order."""
    level, unit, proof = by
    if not len(some):
        return
    whole = pd.DataFrame({name: told[name][some] for name in told}).assign(place=some)
    whole["rough"] = whole["precision"].eq(level)
    names = ("own", "out", "fen", proof)
    keys = [whole[name].to_numpy() for name in names]
    whole["group"] = grouped([*keys, whole["time"].to_numpy() // unit])
    # What one file tells twice is two payments.
    files = whole.groupby(["group", "file"])["rough"].transform("nunique")
    whole = whole[files.groupby(whole["group"]).transform("max").eq(1)]
    whole = whole.sort_values(["group", "time", "seq", "entry_id"])
    # Each file of coarse times tells of a finer row once at most.
    part = whole["file"].where(whole["rough"], -1)
    whole["turn"] = whole.groupby([whole["group"], part]).cumcount()
    fine, rough = whole[~whole["rough"]], whole[whole["rough"]]
    pairs = rough.merge(fine, on=["group", "turn"], suffixes=("", "_fine"))
    pairs = pairs[_agree(pairs)]
    root[pairs["place"]] = root[pairs["place_fine"]]


def _agree(pairs: pd.DataFrame) -> pd.Series:
    """Say which pairs contradict each other in nothing that both of them tell."""
    fits = pd.Series(True, index=pairs.index)
    for name, told in (("serial", "serial"), ("balance", "shown"), ("party", "party")):
        both = pairs[told].ne(0) & pairs[f"{told}_fine"].ne(0)
        if name == "party":
            # A name on one side and an account on the other is no contradiction.
            both &= pairs["named"].eq(pairs["named_fine"])
        fits &= ~both | pairs[name].eq(pairs[f"{name}_fine"])
    return fits
