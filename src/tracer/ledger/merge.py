"""Two records of one movement made one transfer, and reversals found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tracer.ledger.codes import code as _code
from tracer.ledger.codes import grouped
from tracer.ledger.pairing import greedy, in_order

UNDONE = r"冲正|撤销|退汇|冲销|抹账"
# Clocks of two institutions differ; a day is the widest that a date can mean.
SLACK = {"second": 120, "minute": 180, "day": 86_400}
UNDONE_WITHIN = pd.Timedelta(days=3)
SECOND, DAY = 1_000_000, 86_400_000_000
# Two clocks are compared by payments that are alone, no further apart than this.
WIDEST = 3600 * SECOND
# So many payments tell how far they differ, if so large a share of them agrees.
ENOUGH, AGREEING = 20, 0.8


def reversals(entries: pd.DataFrame) -> pd.DataFrame:
    """
    Pair each reversal row with the row that it undoes, nearest first.

    A row is a reversal where its text says so (冲正, 撤销, 退汇 …); it undoes a
    row of the same account and amount, in the other direction, not later than
    itself, with the same serial or the same counterparty.

    Parameters
    ----------
    entries
        Entries without repeats, with the resolved columns own and other.

    Returns
    -------
    pandas.DataFrame
        undo, done: two entry_ids a row.
    """
    told = (entries["summary"] + " " + entries["remark"]).str.contains(UNDONE)
    columns = ["entry_id", "own", "other", "direction", "fen", "serial", "time", "seq"]
    undo = entries.loc[told & entries["success"], columns]
    # What the institution calls failed may be undone in a row of its own all the same.
    done = entries.loc[~told, columns]
    pairs = undo.merge(done, on=["own", "fen"], suffixes=("_undo", "_done"))
    serial = pairs["serial_undo"].eq(pairs["serial_done"]) & pairs["serial_undo"].ne("")
    gap = pairs["time_undo"] - pairs["time_done"]
    fits = (
        pairs["direction_undo"].ne(pairs["direction_done"])
        & (serial | pairs["other_undo"].eq(pairs["other_done"]))
        & gap.between(pd.Timedelta(0), UNDONE_WITHIN)
    )
    found = pd.DataFrame(
        {
            "left": pairs["entry_id_undo"],
            "right": pairs["entry_id_done"],
            "doubt": (~serial).astype("int64"),
            "gap": gap.dt.total_seconds(),
        }
    )[fits]
    return best(found).rename(columns={"left": "undo", "right": "done"})[["undo", "done"]]


def mirrors(entries: pd.DataFrame) -> pd.DataFrame:
    """
    Pair the payer's record with the payee's record of the same movement.

    One number on both sides decides; else the two are matched in the order of
    their times, less what the clocks of their institutions differ by.

    Parameters
    ----------
    entries
        Entries that move money, without repeats, with the resolved columns
        payer and payee.

    Returns
    -------
    pandas.DataFrame
        payer_entry, payee_entry, gap (seconds by which the two clocks differ)
        and how (both sides name each other, or only half of them does).
    """
    sides = _Sides.of(entries)
    sides.match(sides.serial != 0, DAY, by=sides.serial)
    daily = sides.slack >= DAY
    second = sides.slack <= SLACK["second"] * SECOND
    sides.match(second, SLACK["second"] * SECOND, clocks=True)
    # The coarser of two times says how far they may be apart: first the payer's, then the payee's.
    for other in (~sides.paid, sides.paid):
        sides.match(~daily & (~second | other), SLACK["minute"] * SECOND, clocks=True)
    for other in (~sides.paid, sides.paid):
        sides.match(daily | other, 0, days=True)
    found = sides.pairs(entries)
    rest = entries[sides.partner < 0]
    left, right = rest[rest["direction"].eq("out")], rest[rest["direction"].eq("in")]
    half = _half(left, right).assign(how="half")
    whole = pd.concat([found.assign(how="both"), half], ignore_index=True)
    return whole.rename(columns={"left": "payer_entry", "right": "payee_entry"})


@dataclass(frozen=True)
class _Sides:
    """Both sides' records as whole numbers, and what they were matched with so far."""

    paid: np.ndarray
    """Shape (n,), whether the record is the payer's."""
    group: np.ndarray
    """Shape (n,), equal where payer, payee and amount are."""
    serial: np.ndarray
    """Shape (n,), a number for each serial, 0 for none."""
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
    def of(cls, entries: pd.DataFrame) -> _Sides:
        payer, payee = (_code(entries[name]) for name in ("payer", "payee"))
        time = entries["time"].to_numpy("datetime64[us]").view("int64")
        return cls(
            paid=entries["direction"].eq("out").to_numpy(),
            group=grouped([payer, payee, entries["fen"].to_numpy()]),
            serial=_code(entries["serial"]),
            time=time,
            slack=entries["time_precision"].map(SLACK).to_numpy("int64") * SECOND,
            clock=_code(entries["institution"]),
            order=np.lexsort((entries["entry_id"], entries["seq"], time)),
            partner=np.full(len(entries), -1),
        )

    def match(
        self,
        which: np.ndarray,
        slack: int,
        *,
        by: np.ndarray | None = None,
        clocks: bool = False,
        days: bool = False,
    ) -> None:
        """Match some of the records that have no other side yet."""
        some = self.order[(which & (self.partner < 0))[self.order]]
        group = self.group[some] if by is None else grouped([self.group[some], by[some]])
        time = self.time[some] // DAY if days else self.time[some]
        paid = self.paid[some]
        sides = []
        for side in (paid, ~paid):
            at = np.flatnonzero(side)
            at = at[np.argsort(group[at], kind="stable")]
            sides.append((some[at], group[at], time[at]))
        (left, *one), (right, *two) = sides
        groups = group.max(initial=-1) + 1
        shift = np.zeros(groups, "int64")
        if clocks:
            shift = _ahead((one, self.clock[left]), (two, self.clock[right]), groups)
        here, there = in_order((one[0], one[1]), (two[0], two[1]), shift, slack)
        self.partner[left[here]] = right[there]
        self.partner[right[there]] = left[here]

    def pairs(self, entries: pd.DataFrame) -> pd.DataFrame:
        """Return the pairs found: left, right (entry_ids) and gap (seconds)."""
        left = np.flatnonzero(self.paid & (self.partner >= 0))
        right = self.partner[left]
        entry = entries["entry_id"].to_numpy()
        gap = np.abs(self.time[left] - self.time[right]) / SECOND
        return pd.DataFrame({"left": entry[left], "right": entry[right], "gap": gap})


def _ahead(
    left: tuple[list[np.ndarray], np.ndarray],
    right: tuple[list[np.ndarray], np.ndarray],
    groups: int,
) -> np.ndarray:
    """
    Return by group how far the payee's clock is ahead of the payer's.

    That is taken from the groups with one record on each side: the median of
    their differences for the two institutions, where enough of them agree.
    """
    ((group, time), clock), ((other, there), clock_there) = left, right
    # What a group's first record shows is true of all, since its accounts have one bank each.
    first = _of_group(group, clock, groups), _of_group(other, clock_there, groups)
    pair = grouped([first[0], first[1]])
    single = (np.bincount(group, minlength=groups) == 1) & (
        np.bincount(other, minlength=groups) == 1
    )
    gap = _of_group(other, there, groups) - _of_group(group, time, groups)
    likely = single & (np.abs(gap) <= WIDEST)
    told = pd.Series(gap[likely]).groupby(pair[likely]).agg(["median", "size"])
    spread = pd.Series(np.abs(gap[likely] - told["median"].reindex(pair[likely]).to_numpy()))
    near = spread.le(SLACK["second"] * SECOND / 2).groupby(pair[likely]).mean()
    sure = told["size"].ge(ENOUGH) & near.ge(AGREEING)
    return told["median"].where(sure, 0).reindex(pair).fillna(0).to_numpy().astype("int64")


def _of_group(group: np.ndarray, values: np.ndarray, groups: int) -> np.ndarray:
    found = np.zeros(groups, "int64")
    found[group[::-1]] = values[::-1]
    return found


def _half(paid: pd.DataFrame, received: pd.DataFrame) -> pd.DataFrame:
    """Pair rows of which one does not name its counterparty and the other does."""
    silent_paid = paid[paid["payee"].str.startswith("unknown:")]
    silent_received = received[received["payer"].str.startswith("unknown:")]
    found = pd.concat(
        [
            candidates(silent_paid, received, by=["payer", "fen"]),
            candidates(paid, silent_received, by=["payee", "fen"]),
        ]
    )
    # The serial decides, else the only candidate there is.
    alone = ~found["left"].duplicated(keep=False) & ~found["right"].duplicated(keep=False)
    return best(found[found["doubt"].eq(0) | alone])


def candidates(left: pd.DataFrame, right: pd.DataFrame, *, by: list[str]) -> pd.DataFrame:
    """
    Return all pairs of a left and a right entry that could be one movement.

    Parameters
    ----------
    left, right
        Entries with entry_id, time, time_precision, serial and the columns `by`.
    by
        Columns in which the two must agree.

    Returns
    -------
    pandas.DataFrame
        left, right (entry_ids), doubt (0 where the serials agree, else 1) and
        gap (seconds between the two times).
    """
    columns = ["entry_id", "time", "time_precision", "serial"]
    pairs = left[columns + by].merge(right[columns + by], on=by, suffixes=("", "_right"))
    gap, meets = meet(pairs, "_right")
    serial = pairs["serial"].eq(pairs["serial_right"]) & pairs["serial"].ne("")
    # One number for both sides is proof enough where the clocks are far apart.
    fits = meets | (serial & (gap <= SLACK["day"]))
    found = pd.DataFrame(
        {
            "left": pairs["entry_id"],
            "right": pairs["entry_id_right"],
            "doubt": (~serial).astype("int64"),
            "gap": gap,
        }
    )
    return found[fits]


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


def best(pairs: pd.DataFrame) -> pd.DataFrame:
    """
    Choose pairs one to one, the least doubtful and nearest first.

    Ties go to the earlier entries, so the result does not depend on the order
    of the rows.

    Parameters
    ----------
    pairs
        left, right, doubt, gap.

    Returns
    -------
    pandas.DataFrame
        The chosen rows of `pairs`.
    """
    ranked = pairs.sort_values(["doubt", "gap", "left", "right"], ignore_index=True)
    sides = (pd.factorize(ranked[name])[0] for name in ("left", "right"))
    return ranked[greedy(*sides)].reset_index(drop=True)
