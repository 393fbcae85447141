"""Clocks: by how much the clocks of two institutions differ."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from tracer.ledger.codes import begins, grouped, ordered
from tracer.ledger.memory import GAPS
from tracer.ledger.pairing import steady
from tracer.table import NUMBER, Table

SECOND, DAY = 1_000_000, 86_400_000_000
# How many seconds two records of one payment may be apart, by the coarser of their precisions.
SLACK = {"second": 120, "minute": 180, "day": 86_400}
# Two clocks are compared by payments that are alone, no further apart than this.
WIDEST = 3600 * SECOND
# So many payments tell how far they differ, if so large a share of them agrees,
ENOUGH, AGREEING = 20, 0.8
# which is to say is no further than this from what they show at the median.
NEAR = 60 * SECOND
# A group, time and clock for each record of one side.
Side = tuple[np.ndarray, np.ndarray, np.ndarray]
PAIR = ["turn", "one", "two"]

# How many payments that are alone show each difference of two clocks.
TALLIES = Table("tallies", dict.fromkeys((*PAIR, "gap", "times"), NUMBER))


@dataclass(frozen=True)
class Clocks:
    """What payments that are alone in payer, payee and amount tell of the clocks."""

    banks: np.ndarray
    """Shape (institutions,), int64: a number for each that is the same in every round."""
    before: pd.DataFrame = field(default_factory=TALLIES.empty)
    """The table `TALLIES` of what is not among the records to be matched."""
    heard: list[pd.DataFrame] = field(default_factory=list)
    """As `gaps`, what was met in each turn of matching so far."""

    def ahead(
        self, left: Side, right: Side, entry: np.ndarray, groups: int, slack: int
    ) -> np.ndarray:
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
        slack
            How far two times may be apart to be paired.
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
        shift = self._known(told, one, two)
        least, most = steady((group, time), (other, there), shift, slack)
        self.heard.append(told.assign(least=least[met], most=most[met]))
        return shift

    def _known(self, told: pd.DataFrame, one: np.ndarray, two: np.ndarray) -> np.ndarray:
        """Return how far two institutions' clocks differ in this turn; 0 where that is not sure."""
        turn = len(self.heard)
        earlier = self.before[self.before["turn"].eq(turn)]
        known = differences(pd.concat([earlier, tallied(told)]))
        if known.empty:
            return np.zeros(len(one), "int64")
        pair = grouped([one, two])
        at = begins(pair)
        asked = pd.MultiIndex.from_arrays([np.full(len(at), turn), one[at], two[at]])
        shift: np.ndarray = known.reindex(asked, fill_value=0).to_numpy()[pair]
        return shift

    def gaps(self) -> pd.DataFrame:
        """Return the table `gaps` of the records that were matched."""
        return pd.concat([GAPS.empty(), *self.heard], ignore_index=True)


def tallied(gaps: pd.DataFrame) -> pd.DataFrame:
    """
    Return how many payments that are alone show each difference of two clocks.

    Parameters
    ----------
    gaps
        The table `gaps`.

    Returns
    -------
    pandas.DataFrame
        The table `TALLIES`, without differences that are too large to tell anything.
    """
    telling = np.flatnonzero(gaps["alone"] & gaps["gap"].abs().le(WIDEST))
    return _summed({name: gaps[name].to_numpy()[telling] for name in (*PAIR, "gap")})


def without(tallies: pd.DataFrame, some: pd.DataFrame) -> pd.DataFrame:
    """
    Return how many payments show each difference when some are left out.

    Parameters
    ----------
    tallies, some
        The table `TALLIES` of payments, and of those among them that are left out.
    """
    both = pd.concat([tallies, some.assign(times=-some["times"])])
    return _summed({name: both[name].to_numpy() for name in TALLIES.columns})


def _summed(told: dict[str, np.ndarray]) -> pd.DataFrame:
    """Add up the lines of one difference, each of which counts once where it does not say."""
    group = grouped([told[name] for name in (*PAIR, "gap")])
    once = {name: told[name][begins(group)] for name in (*PAIR, "gap")}
    times = np.bincount(group, told.get("times")).astype("int64")
    return pd.DataFrame(once | {"times": times})[times > 0]


def differences(tallies: pd.DataFrame) -> pd.Series:
    """
    Return by how much one institution's clock is ahead of another's, where that is sure.

    Parameters
    ----------
    tallies
        The table `TALLIES`; a difference may be in several lines.

    Returns
    -------
    pandas.Series
        Microseconds, int64, indexed by turn, one and two.

    Examples
    --------
    >>> ahead = {"turn": 0, "one": 7, "two": 8, "gap": [4_000_000, 5_000_000], "times": [3, 20]}
    >>> differences(pd.DataFrame(ahead)).tolist()
    [5000000]
    """
    pair = grouped([tallies[name].to_numpy() for name in PAIR])
    size = np.bincount(pair, tallies["times"]).astype("int64")
    order = ordered(pair, tallies["gap"].to_numpy())
    gap, times = (tallies[name].to_numpy()[order] for name in ("gap", "times"))
    # The payments of a pair stand in the order of what they show; the median is in the middle.
    until, start = times.cumsum(), size.cumsum() - size
    middle = [np.searchsorted(until, start + at, "right") for at in ((size - 1) // 2, size // 2)]
    median = (gap[middle[0]] + gap[middle[1]]) / 2
    near = times * (np.abs(gap - median[pair[order]]) <= NEAR)
    agreeing = np.bincount(pair[order], near) / size
    sure = (size >= ENOUGH) & (agreeing >= AGREEING)
    named = pd.MultiIndex.from_frame(tallies[PAIR].iloc[begins(pair)[sure]])
    return pd.Series(median[sure].astype("int64"), index=named)


def moved(was: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """
    Return which institutions' clocks are known to differ otherwise than before.

    Parameters
    ----------
    was, now
        The table `TALLIES`, as it was and as it is.

    Returns
    -------
    pandas.DataFrame
        turn, one, two, was and now (microseconds).
    """
    both = pd.DataFrame({"was": differences(was), "now": differences(now)})
    both = both.fillna(0).astype("int64")
    return both[both["was"].ne(both["now"])].rename_axis(index=PAIR).reset_index()


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
