"""Proof, in every run, that no fen was lost or made up and that no chain runs backwards."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tracer.errors import TracerError
from tracer.tracing.lots import NONE, Ledger


def prove(ledger: Ledger, movements: Any, left: Any) -> None:
    """
    Make sure that what a sweep wrote is sound.

    Parameters
    ----------
    ledger
        What it took, in the order taken.
    movements
        `lots.MOVEMENT`, as it wrote them.
    left
        `lots.LEFT`, as it wrote them.

    Raises
    ------
    TracerError
        If it is not, which is a fault of the program and never of the data.
    """
    # What a victim lost is what is left of it.
    seeded = np.flatnonzero(ledger.seed != NONE)
    sown = _sums(ledger.seed[seeded], ledger.fen[seeded])
    if not sown.equals(_sums(left["victim"], left["fen"])):
        _fail("what victims lost and what is left of it differ")

    # A transfer carries no more than its amount.
    parts = _sums(movements["transfer"], movements["fen"])
    if (parts.to_numpy() > ledger.fen[parts.index.to_numpy()]).any():
        _fail("a transfer carries more of victims' money than its amount")

    # Every chain runs back in the order taken, and ends at a seed.
    first = movements["parent"] == NONE
    child, parent = np.flatnonzero(~first), movements["parent"][~first]
    if ((parent < 0) | (parent >= child)).any():
        _fail("a movement comes from one that is not before it")
    if (movements["transfer"][parent] >= movements["transfer"][child]).any():
        _fail("a movement comes from a later transfer")
    if not np.array_equal(movements["transfer"][first], seeded):
        _fail("a chain of movements does not start at a seed")


def prove_bounds(seeds: Any, least: Any, most: Any) -> None:
    """
    Make sure that an owner's money fits between the bounds of all accounts together.

    Parameters
    ----------
    seeds
        Fen of each seed of the owner.
    least, most
        Fen for each account in which the owner's money can stay.

    Raises
    ------
    TracerError
        If it does not, which is a fault of the program and never of the data.
    """
    if (least < 0).any() or (most <= 0).any() or (least > most).any():
        _fail("the least of a victim's money in an account is more than the most")
    if not least.sum() <= seeds.sum() <= most.sum():
        _fail("what victims lost is outside of the bounds of all accounts")


def _sums(keys: Any, values: Any) -> pd.Series:
    # Grouped sums of int64 are exact; numpy's weighted counts are floats.
    return pd.Series(values).groupby(keys).sum()


def _fail(complaint: str) -> None:
    msg = (
        f"Internal error: {complaint}. The result was thrown away, because it cannot be right; "
        f"please report this with the version of Tracer."
    )
    raise TracerError(msg)
