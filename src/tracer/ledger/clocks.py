"""Clocks: by how much the clocks of two institutions differ."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from tracer.ledger.codes import begins, grouped, ordered
from tracer.ledger.memory import GAPS, TALLIES
from tracer.ledger.pairing import steady
from tracer.table import Arrays, stacked

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
PAIR = ("turn", "one", "two")


@dataclass(frozen=True)
class Clocks:
    """What payments that are alone in payer, payee and amount tell of the clocks."""

    banks: np.ndarray
    """Shape (institutions,), int64: a number for each that is the same in every round."""
    before: Arrays = field(
        default_factory=lambda: dict.fromkeys(TALLIES.columns, np.zeros(0, "int64"))
    )
    """The columns of the table `tallies` of what is not among the records to be matched."""
    heard: list[Arrays] = field(default_factory=list)
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
        turn = len(self.heard)
        if not groups:
            self.heard.append({})
            return np.zeros(0, "int64")
        (group, time, clock), (other, there, clock_there) = left, right
        # What a group's first record shows is true of all, since its accounts have one bank each.
        one = self.banks[of_group(group, clock, groups)]
        two = self.banks[of_group(other, clock_there, groups)]
        sides = [np.bincount(side, minlength=groups) for side in (group, other)]
        met = (sides[0] > 0) & (sides[1] > 0)
        gap = of_group(other, there, groups) - of_group(group, time, groups)
        alone = (sides[0] == 1) & (sides[1] == 1)
        told = {
            "turn": np.full(int(met.sum()), turn), "one": one[met], "two": two[met],
            "entry_id": of_group(group, entry, groups)[met],
            "alone": alone[met], "gap": np.where(alone, gap, 0)[met],
        }  # fmt: skip
        shift = self._known(told, one, two)
        least, most = steady((group, time), (other, there), shift, slack)
        self.heard.append(told | {"least": least[met], "most": most[met]})
        return shift

    def _known(self, told: Arrays, one: np.ndarray, two: np.ndarray) -> np.ndarray:
        """Return how far two institutions' clocks differ in this turn; 0 where that is not sure."""
        earlier = self.before["turn"] == len(self.heard)
        outside = {name: values[earlier] for name, values in self.before.items()}
        known = differences(stacked([outside, tallied(told)]))
        shift, pairs = np.zeros(len(one), "int64"), len(known["ahead"])
        if not pairs:
            return shift
        pair = grouped([np.append(known["one"], one), np.append(known["two"], two)])
        # A pair that is known stands before all that ask for it.
        asked = pair[pairs:]
        sure = asked < pairs
        shift[sure] = known["ahead"][asked[sure]]
        return shift

    def gaps(self) -> Arrays:
        """Return the columns of the table `gaps` of the records that were matched."""
        nothing = {name: np.zeros(0, kind) for name, kind in GAPS.columns.items()}
        return stacked([nothing, *filter(None, self.heard)])


def tallied(gaps: Arrays | pd.DataFrame) -> Arrays:
    """
    Return how many payments that are alone show each difference of two clocks.

    Parameters
    ----------
    gaps
        The table `gaps`.

    Returns
    -------
    dict of numpy.ndarray
        The columns of the table `tallies`, without differences that are too large to tell anything.
    """
    alone, gap = np.asarray(gaps["alone"]), np.asarray(gaps["gap"])
    telling = np.flatnonzero(alone & (np.abs(gap) <= WIDEST))
    told = {name: np.asarray(gaps[name])[telling] for name in (*PAIR, "gap")}
    return summed(told | {"times": np.ones(len(telling), "int64")})


def without(tallies: Arrays, some: Arrays) -> Arrays:
    """
    Return how many payments show each difference when some are left out.

    Parameters
    ----------
    tallies, some
        The columns of the table `tallies` of payments, and of those that are
        left out; where these are more, times is less than nothing.
    """
    return summed(stacked([tallies, {**some, "times": -some["times"]}]))


def summed(told: Arrays) -> Arrays:
    """
    Add up the lines of one difference; of what is no more there, none is left.

    Parameters
    ----------
    told
        The columns of the table `tallies`.
    """
    group = grouped([told[name] for name in (*PAIR, "gap")])
    times = np.bincount(group, told["times"]).astype("int64")
    at = begins(group)[times != 0]
    return {name: told[name][at] for name in (*PAIR, "gap")} | {"times": times[times != 0]}


def differences(tallies: Arrays) -> Arrays:
    """
    Return by how much one institution's clock is ahead of another's, where that is sure.

    Parameters
    ----------
    tallies
        The columns of the table `tallies`; a difference may be in several lines.

    Returns
    -------
    dict of numpy.ndarray
        turn, one, two and ahead (microseconds, int64), each pair once.

    Examples
    --------
    >>> shown = {"turn": [0, 0], "one": [7, 7], "two": [8, 8], "gap": [4_000_000, 5_000_000],
    ...     "times": [3, 20]}
    >>> differences({name: np.array(values) for name, values in shown.items()})["ahead"].tolist()
    [5000000]
    """
    pair = grouped([tallies[name] for name in PAIR])
    size = np.bincount(pair, tallies["times"]).astype("int64")
    order = ordered(pair, tallies["gap"])
    gap, times = tallies["gap"][order], tallies["times"][order]
    # The payments of a pair stand in the order of what they show; the median is in the middle.
    until, start = times.cumsum(), size.cumsum() - size
    middle = [np.searchsorted(until, start + at, "right") for at in ((size - 1) // 2, size // 2)]
    median = (gap[middle[0]] + gap[middle[1]]) / 2
    near = times * (np.abs(gap - median[pair[order]]) <= NEAR)
    agreeing = np.bincount(pair[order], near) / size
    sure = (size >= ENOUGH) & (agreeing >= AGREEING)
    at = begins(pair)[sure]
    return {name: tallies[name][at] for name in PAIR} | {"ahead": median[sure].astype("int64")}


def moved(was: Arrays, now: Arrays) -> Arrays:
    """
    Return which institutions' clocks are known to differ otherwise than before.

    Parameters
    ----------
    was, now
        The columns of the table `tallies`, as they were and as they are.

    Returns
    -------
    dict of numpy.ndarray
        turn, one, two, was and now (microseconds).
    """
    one, two = differences(was), differences(now)
    both = {name: np.append(one[name], two[name]) for name in PAIR}
    pair, first = grouped(list(both.values())), len(one["ahead"])
    at = begins(pair)
    told = np.zeros((2, len(at)), "int64")
    told[0, pair[:first]], told[1, pair[first:]] = one["ahead"], two["ahead"]
    other = told[0] != told[1]
    found = {name: values[at][other] for name, values in both.items()}
    return found | {"was": told[0][other], "now": told[1][other]}


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
