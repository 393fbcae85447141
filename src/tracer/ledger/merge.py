"""Two records of one movement made one transfer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tracer.ledger.choice import single
from tracer.ledger.clocks import DAY, SECOND, SLACK, WIDEST, Clocks
from tracer.ledger.codes import grouped, ordered, places
from tracer.ledger.pairing import UNKNOWN, in_order
from tracer.ledger.rows import PRECISIONS
from tracer.table import same

_NO_PAIRS = pd.DataFrame(
    dict.fromkeys(("payer_entry", "payee_entry"), np.zeros(0, "int64"))
    | {"gap": np.zeros(0), "how": pd.array([], dtype="str")}
)
# What is matched by clocks may be so far apart in the first turn, and in those after it.
_NEARER, _FARTHER = (SLACK[name] * SECOND for name in ("second", "minute"))
# What of a row is compared beside its group.
_TOLD = ("entry_id", "out", "serial", "numbered", "time", "precision", "seq", "clock")
_SLACKS = np.array([SLACK[name] * SECOND for name in PRECISIONS])


def mirrors(rows: pd.DataFrame, clocks: Clocks) -> pd.DataFrame:
    """
    Pair the payer's record with the payee's record of the same movement.

    One number on both sides decides; else the two are matched in the order of
    their times, less what the clocks of their institutions differ by. Where
    one side does not name the other, the serial decides, or that there is no
    other candidate.

    Parameters
    ----------
    rows
        Entries that move money, without repeats, as `records.once` returns them.
    clocks
        What is known of the institutions' clocks from records outside of
        ``rows``; what these tell is added to it.

    Returns
    -------
    pandas.DataFrame
        payer_entry, payee_entry, gap (seconds by which the two clocks differ)
        and how (both: each side names the other; half: only one of them does).
    """
    both = _both(rows, clocks)
    if not rows["silent"].any():
        return both
    met = np.concatenate([both["payer_entry"], both["payee_entry"]])
    rest = ~np.isin(rows["entry_id"], met, kind="table")
    # Whoever is silent about the other side is found by what the other side says of him.
    halves = [_half(rows, rest, of=account) for account in ("payer", "payee")]
    return pd.concat([both, *halves], ignore_index=True)


def _both(rows: pd.DataFrame, clocks: Clocks) -> pd.DataFrame:
    """Pair rows that name each other."""
    named = np.flatnonzero(~rows["silent"].to_numpy())
    group = grouped([rows[name].to_numpy()[named] for name in ("payer", "payee", "fen")])
    out = rows["out"].to_numpy()[named]
    many = group.max(initial=-1) + 1
    sides = np.bincount(group[out], minlength=many), np.bincount(group[~out], minlength=many)
    # Most movements are told by one side alone, so that there is nothing to match.
    met = ((sides[0] > 0) & (sides[1] > 0))[group]
    found = _Sides.of(rows, named[met], grouped([group[met]]))
    found.by_serial()
    daily, second = found.slack >= DAY, found.slack <= SLACK["second"] * SECOND
    found.match(second, _NEARER, clocks=clocks)
    # The coarser of two times says how far they may be apart: first the payer's, then the payee's.
    for other in (~found.paid, found.paid):
        found.match(~daily & (~second | other), _FARTHER, clocks=clocks)
    for other in (~found.paid, found.paid):
        found.match(daily | other, 0, days=True)
    # Of what fits nothing nearer, a short number tells as long as clocks may differ by so much.
    found.match(found.serial != 0, WIDEST, by=found.serial)
    return found.pairs("both")


@dataclass(frozen=True)
class _Sides:
    """Both sides' records as whole numbers, and what they were matched with so far."""

    entry: np.ndarray
    """Shape (n,), the numbers of the entries."""
    paid: np.ndarray
    """Shape (n,), whether the record is the payer's."""
    group: np.ndarray
    """Shape (n,), equal where payer, payee and amount are."""
    serial: np.ndarray
    """Shape (n,), a number for each serial, 0 for none."""
    numbered: np.ndarray
    """Shape (n,), whether the serial is long enough not to be given twice."""
    time: np.ndarray
    """Shape (n,), microseconds."""
    slack: np.ndarray
    """Shape (n,), how far the time may be from another's, by its precision."""
    clock: np.ndarray
    """Shape (n,), a number for each institution."""
    order: np.ndarray
    """Shape (n,), the places of the records by time and by their order in the statement."""
    partner: np.ndarray
    """Shape (n,), the place of the other side; -1 while there is none."""

    @classmethod
    def of(cls, rows: pd.DataFrame, at: np.ndarray, group: np.ndarray) -> _Sides:
        told = {name: rows[name].to_numpy()[at] for name in _TOLD}
        time = told["time"].astype("datetime64[us]", copy=False).view("int64")
        return cls(
            entry=told["entry_id"],
            paid=told["out"],
            group=group,
            serial=told["serial"],
            numbered=told["numbered"],
            time=time,
            slack=_SLACKS[told["precision"]],
            clock=told["clock"],
            order=ordered(time, told["seq"], told["entry_id"]),
            partner=np.full(len(at), -1),
        )

    def by_serial(self) -> None:
        """Match by one number on both sides, near in time where it is short."""
        self.match(self.numbered, DAY, by=self.serial)
        self.match(self.serial != 0, SLACK["minute"] * SECOND, by=self.serial)

    def match(
        self,
        which: np.ndarray,
        slack: int,
        *,
        by: np.ndarray | None = None,
        clocks: Clocks | None = None,
        days: bool = False,
    ) -> None:
        """Match some of the records that have no other side yet."""
        which = which & (self.partner < 0) & (self.time != UNKNOWN)
        some = self.order[which[self.order]]
        if not len(some) and clocks is None:
            return
        group = self.group[some] if by is None else grouped([self.group[some], by[some]])
        time = self.time[some] // DAY if days else self.time[some]
        paid = self.paid[some]
        sides = []
        for side in (paid, ~paid):
            at = np.flatnonzero(side)
            at = at[ordered(group[at], at)]
            sides.append((some[at], group[at], time[at]))
        (left, *one), (right, *two) = sides
        groups = group.max(initial=-1) + 1
        shift = np.zeros(groups, "int64")
        if clocks:
            facts = (*one, self.clock[left]), (*two, self.clock[right])
            shift = clocks.ahead(*facts, self.entry[left], groups, slack)
        here, there = in_order((one[0], one[1]), (two[0], two[1]), shift, slack)
        self.partner[left[here]] = right[there]
        self.partner[right[there]] = left[here]

    def pairs(self, how: str) -> pd.DataFrame:
        """Return the pairs found: payer_entry, payee_entry, gap (seconds) and how."""
        left = np.flatnonzero(self.paid & (self.partner >= 0))
        right = self.partner[left]
        return pd.DataFrame({
            "payer_entry": self.entry[left],
            "payee_entry": self.entry[right],
            "gap": np.abs(self.time[left] - self.time[right]) / SECOND,
            "how": same(how, pd.RangeIndex(len(left))).array,
        }, copy=False)  # fmt: skip


def _half(rows: pd.DataFrame, rest: np.ndarray, *, of: str) -> pd.DataFrame:
    """Pair who of the rest is silent about one side with who on that side names the other."""
    mine, silent = rows["out"].to_numpy() == (of == "payer"), rows["silent"].to_numpy()
    quiet, account = silent & mine, rows[of].to_numpy()
    if not quiet.any():
        return _NO_PAIRS
    theirs = rest & ~mine & ~silent & np.isin(account, account[quiet], kind="table")
    at = np.flatnonzero(quiet | theirs)
    sides = _Sides.of(rows, at, grouped([account[at], rows["fen"].to_numpy()[at]]))
    # The serial decides, else the only candidate there is.
    sides.by_serial()
    some = sides.order[(sides.partner < 0)[sides.order]]
    some = some[np.argsort(sides.group[some], kind="stable")]
    left, right = some[sides.paid[some]], some[~sides.paid[some]]
    facts = [(sides.group[side], sides.time[side], sides.slack[side]) for side in (left, right)]
    here, there = single(facts[0], facts[1], DAY)
    sides.partner[left[here]], sides.partner[right[there]] = right[there], left[here]
    return _agreeing(sides.pairs("half"), rows, at)


def _agreeing(pairs: pd.DataFrame, rows: pd.DataFrame, some: np.ndarray) -> pd.DataFrame:
    """Leave out pairs of which one side names somebody else than who the other one is."""
    entry, named, other = (
        rows[name].to_numpy()[some] for name in ("entry_id", "named", "other_named")
    )
    one, two = (places(entry, pairs[name].to_numpy()) for name in ("payer_entry", "payee_entry"))
    against = np.zeros(len(pairs), bool)
    for mine, theirs in ((one, two), (two, one)):
        known = (other[mine] != 0) & (named[theirs] != 0)
        against |= known & (other[mine] != named[theirs])
    return pairs[~against]


def meet(pairs: pd.DataFrame, suffix: str) -> tuple[pd.Series, pd.Series]:
    """
    Say how far two times are apart, and whether they can be the same moment.

    Parameters
    ----------
    pairs
        time, time_precision, and the two again with the suffix.
    suffix
        The ending of the second pair of columns.

    Returns
    -------
    tuple of pandas.Series
        The gap in seconds (float), and whether it is within what the coarser
        of the two precisions allows. A date alone fits every second of its
        day and none of the next.
    """
    first = pairs["time_precision"].map(SLACK).astype("float64")
    second = pairs[f"time_precision{suffix}"].map(SLACK).astype("float64")
    slack = first.where(first >= second, second)
    gap = (pairs["time"] - pairs[f"time{suffix}"]).dt.total_seconds().abs()
    sameday = pairs["time"].dt.normalize().eq(pairs[f"time{suffix}"].dt.normalize())
    return gap, (gap <= slack).mask(slack.eq(SLACK["day"]), sameday)
