"""Clocks: by how much the clocks of two institutions differ."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from tracer.ledger.codes import begins, grouped
from tracer.ledger.memory import GAPS

SECOND, DAY = 1_000_000, 86_400_000_000
# How many seconds two records of one payment may be apart, by the coarser of their precisions.
SLACK = {"second": 120, "minute": 180, "day": 86_400}
# What is matched by clocks may be so far apart in the first turn, and in those after it.
NEARER, FARTHER = (SLACK[name] * SECOND for name in ("second", "minute"))
# Two clocks are compared by payments that are alone, no further apart than this.
WIDEST = 3600 * SECOND
# So many payments tell how far they differ, if so large a share of them agrees,
ENOUGH, AGREEING = 20, 0.8
# which is to say is no further than this from what they show at the median.
NEAR = 60 * SECOND
# A group, time and clock for each record of one side.
Side = tuple[np.ndarray, np.ndarray, np.ndarray]
_PAIR = ["turn", "one", "two"]


@dataclass(frozen=True)
class Clocks:
    """What payments that are alone in payer, payee and amount tell of the clocks."""

    banks: np.ndarray
    """Shape (institutions,), int64: a number for each that is the same in every round."""
    before: pd.DataFrame = field(default_factory=GAPS.empty)
    """The table `gaps` of what is not among the records to be matched."""
    heard: list[pd.DataFrame] = field(default_factory=list)
    """As `gaps`, what was met in each turn of matching so far."""

    def ahead(self, left: Side, right: Side, entry: np.ndarray, groups: int) -> np.ndarray:
        """
        Return by group how far the payee's clock is ahead of the payer's.

        That is taken from the groups with one record on each side: the median
        of their differences for the two institutions, where enough agree.

        Parameters
        ----------
        left, right
            Group, time (microseconds) and institution of each record of the
            payers and of the payees, by group.
        entry
            The entries of the payers' records.
        groups
            How many groups there are.
        """
        if not groups:
            self.heard.append(GAPS.empty())
            return np.zeros(0, "int64")
        (group, time, clock), (other, there, clock_there) = left, right
        # What a group's first record shows is true of all, since its accounts have one bank each.
        one = self.banks[of_group(group, clock, groups)]
        two = self.banks[of_group(other, clock_there, groups)]
        sides = [np.bincount(side, minlength=groups) for side in (group, other)]
        met = (sides[0] > 0) & (sides[1] > 0)
        gap = of_group(other, there, groups) - of_group(group, time, groups)
        alone = (sides[0] == 1) & (sides[1] == 1)
        turn = len(self.heard)
        told = pd.DataFrame({
            "turn": turn, "one": one[met], "two": two[met],
            "entry_id": of_group(group, entry, groups)[met],
            "alone": alone[met], "gap": np.where(alone, gap, 0)[met],
        })  # fmt: skip
        self.heard.append(told)
        earlier = self.before[self.before["turn"].eq(turn)]
        known = differences(pd.concat([earlier, told]) if len(earlier) else told)
        if known.empty:
            return np.zeros(groups, "int64")
        pair = grouped([one, two])
        at = begins(pair)
        asked = pd.MultiIndex.from_arrays([np.full(len(at), turn), one[at], two[at]])
        shift: np.ndarray = known.reindex(asked).fillna(0).to_numpy().astype("int64")[pair]
        return shift

    def gaps(self) -> pd.DataFrame:
        """Return the table `gaps` of the records that were matched."""
        return pd.concat([GAPS.empty(), *self.heard], ignore_index=True)


def differences(gaps: pd.DataFrame) -> pd.Series:
    """
    Return by how much one institution's clock is ahead of another's, where that is sure.

    Parameters
    ----------
    gaps
        The table `gaps`.

    Returns
    -------
    pandas.Series
        Microseconds, indexed by turn, one and two.
    """
    gaps = gaps[gaps["alone"] & gaps["gap"].abs().le(WIDEST)]
    if len(gaps) < ENOUGH:
        return gaps.head(0).set_index(_PAIR)["gap"].astype("float64")
    told = gaps.groupby(_PAIR)["gap"].agg(["median", "size"])
    told = told[told["size"].ge(ENOUGH)]
    pair = pd.MultiIndex.from_frame(gaps[_PAIR])
    spread = gaps["gap"].to_numpy() - told["median"].reindex(pair).to_numpy()
    near = pd.Series(np.abs(spread) <= NEAR, index=pair).groupby(level=_PAIR).mean()
    return told["median"][near.reindex(told.index).ge(AGREEING)]


def swayed(before: pd.DataFrame, after: pd.DataFrame) -> np.ndarray:
    """
    Return the payments that may be paired otherwise, because clocks are known to differ otherwise.

    Parameters
    ----------
    before, after
        The table `gaps` of some institutions, as it was and as it is.

    Returns
    -------
    numpy.ndarray
        Shape (k,), their numbers in ``after``.
    """
    both = pd.DataFrame({"was": differences(before), "now": differences(after)})
    both = both.fillna(0).astype("int64")
    moved = both[both["was"].ne(both["now"])]
    told = after.merge(moved, left_on=_PAIR, right_index=True)
    apart = [np.abs(told["gap"] - told[name]) for name in ("was", "now")]
    # Whoever is alone is paired if the other is near enough, be it the nearest or not.
    near, far = [one <= NEARER for one in apart], [one > FARTHER for one in apart]
    sure = told["alone"] & ((near[0] & near[1]) | (far[0] & far[1]))
    return told.loc[~sure, "entry_id"].to_numpy()


def of_group(group: np.ndarray, values: np.ndarray, groups: int) -> np.ndarray:
    """
    Return the first value of each group.

    Parameters
    ----------
    group, values
        Shape (n,) each.
    groups
        How many groups there are.

    Examples
    --------
    >>> of_group(np.array([0, 0, 1]), np.array([7, 8, 9]), 2).tolist()
    [7, 9]
    """
    found = np.zeros(groups, "int64")
    found[group[::-1]] = values[::-1]
    return found
