"""Reversals: rows by which an institution took back an earlier row of the same account."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numba import njit

from tracer.ledger.clocks import DAY, SECOND
from tracer.ledger.codes import begins, grouped, ordered, repeated
from tracer.ledger.pairing import UNKNOWN

# What an institution writes of a row that takes another one back.
UNDONE = r"冲正|冲销|冲账|撤销|撤单|退汇|抹账|反交易"
# What it writes where the payee pays back: a payment of its own, unless the serial says else.
REFUNDED = r"退款|退货|退还"
# The holder of an account of the bank itself, which tells nothing of who was paid.
INTERNAL = r"内部户|内部账户|待处理|应解汇款|汇出汇款|汇入汇款|过渡|挂账|暂收|暂挂"

# What of a row tells whether it takes another one back.
TOLD = (
    *("entry_id", "own", "other", "out", "fen", "time", "precision", "seq", "balance_fen"),
    *("success", "serial", "silent", "internal", "undone", "hinted", "refund"),
)
_WITHIN = 3 * DAY
# How much later than its time a row may have happened: by second, minute or day.
_SPANS = np.array([0, 60 * SECOND - 1, DAY - 1])
_FOREVER = np.iinfo("int64").max


def reversals(rows: pd.DataFrame) -> pd.DataFrame:
    """
    Pair each row that takes another one back with that row, one to one.

    The best proof comes first. ``serial``: one serial, opposite directions,
    and the row says that it undoes, or the balance is what it was before;
    weeks later, a refund or a balance is that of a payment back.
    ``named``: the institution's own words say so, and the nearest earlier row
    of the same counterparty and amount within three days is undone. ``alone``:
    likewise where the counterparty is unknown or an account of the bank
    itself, and only if exactly one row could be meant. Where payments to
    several counterparties share a serial and an amount, as in a group red
    packet or a batch, only the counterparty says which of them came back. An undoing row without
    the row that it undoes stays a real movement. Only by serial can an undoing
    row itself be undone, a hint in free text count, or a refund be more than a
    payment back.

    Parameters
    ----------
    rows
        One row per entry: entry_id, own, other, out, fen, time, precision
        (0 second, 1 minute, 2 day), seq, balance_fen, success, serial (a code,
        0 for none), silent, undone (the institution's own field says so) and
        hinted (only free text does); and, where they are known, refund (that
        field only speaks of a refund) and internal (the counterparty is an
        account of the bank itself).

    Returns
    -------
    pandas.DataFrame
        undo, done (entry_ids) and how (serial, named or alone), in the order
        of undo.

    Examples
    --------
    >>> told = {"own": 1, "other": 2, "fen": 100, "precision": 0, "success": True, "serial": 7}
    >>> rows = pd.DataFrame([
    ...     told | {"entry_id": 1, "out": True, "seq": 1, "undone": False},
    ...     told | {"entry_id": 2, "out": False, "seq": 2, "undone": True},
    ... ]).assign(time=pd.Timestamp("2024-06-01"), balance_fen=pd.NA, silent=False, hinted=False)
    >>> reversals(rows).values.tolist()
    [[2, 1, 'serial']]
    """
    sides = _Sides.of(rows)
    sides.by_serial()
    sides.by_balance()
    sides.by_name()
    sides.by_itself()
    undo, entry = np.flatnonzero(sides.done >= 0), sides.entry
    undo = undo[np.argsort(entry[undo])]
    how = pd.array(_HOWS, dtype="str").take(sides.how[undo])
    return pd.DataFrame({"undo": entry[undo], "done": entry[sides.done[undo]], "how": how})


_SERIAL, _NAMED, _ALONE = range(3)
_HOWS = ("serial", "named", "alone")
# What a row may be in a pair: the one that undoes, the one that is undone, or either.
_UNDOES, _OPEN = 1, 2


@dataclass(frozen=True)
class _Sides:
    """The rows as arrays of shape (n,), and which of them were paired so far."""

    entry: np.ndarray
    own: np.ndarray
    other: np.ndarray
    out: np.ndarray
    fen: np.ndarray
    serial: np.ndarray
    time: np.ndarray
    """Microseconds."""
    moment: np.ndarray
    """The latest at which the row can have happened, if it undoes; else its time."""
    seq: np.ndarray
    balance: np.ndarray
    shown: np.ndarray
    """Whether there is a balance."""
    silent: np.ndarray
    """Whether the counterparty tells nothing of who was paid."""
    told: np.ndarray
    """Whether anything in the row says that it undoes another."""
    success: np.ndarray
    marked: np.ndarray
    """Whether the institution's own field says so, be it a refund or not."""
    undone: np.ndarray
    """Whether the institution itself says that the row undoes, and is no refund."""
    reach: np.ndarray
    """How long after a row of its serial the row may undo it."""
    done: np.ndarray
    """The place of the row that a row undoes; -1 for none."""
    how: np.ndarray
    free: np.ndarray
    """Whether a row is in no pair yet."""

    @classmethod
    def of(cls, rows: pd.DataFrame) -> _Sides:
        def flag(name: str) -> np.ndarray:
            known = name in rows
            return rows[name].to_numpy(bool) if known else np.zeros(len(rows), bool)

        undone, hinted, refund = flag("undone"), flag("hinted"), flag("refund")
        told = undone | hinted | refund
        time = rows["time"].to_numpy("datetime64[us]").view("int64")
        balance = rows["balance_fen"].astype("Int64")
        return cls(
            **{name: rows[name].to_numpy("int64") for name in ("own", "other", "fen", "serial")},
            entry=rows["entry_id"].to_numpy("int64"),
            out=flag("out"),
            time=time,
            moment=time + _SPANS[rows["precision"].to_numpy("int64")] * told,
            seq=rows["seq"].to_numpy("int64"),
            balance=balance.fillna(0).to_numpy("int64"),
            shown=balance.notna().to_numpy(bool),
            silent=flag("silent") | flag("internal"),
            told=told,
            success=flag("success"),
            marked=undone | refund,
            undone=undone & ~refund,
            reach=np.where(refund, _WITHIN, _FOREVER),
            done=np.full(len(rows), -1),
            how=np.zeros(len(rows), "int64"),
            free=np.ones(len(rows), bool),
        )

    def by_serial(self) -> None:
        """Pair rows that say that they undo with the row of the same serial."""
        undo = self.told & self.success & (self.serial != 0)
        # What failed to undo can not be undone either.
        open_ = (self.serial != 0) & (self.success | ~self.told)
        by = (self.own, self.fen, self.serial, self._receivers(undo))
        some, group = self._ordered(undo, open_, by)
        role = undo[some] * _UNDOES + open_[some] * _OPEN
        mate = _nested(group, self.out[some], role, self.moment[some], self.reach[some])
        self._pair(some, mate, _SERIAL)

    def _receivers(self, undo: np.ndarray) -> np.ndarray:
        """Return the counterparty where one serial has several; 0 in all other rows."""
        some = np.flatnonzero((self.serial != 0) & np.isin(self.serial, self.serial[undo]))
        group = grouped([self.own[some], self.fen[some], self.serial[some]])
        party = np.where(self.silent, 1, self.other + 2)[some]
        # Of a group red packet or a batch only the one that came back is undone.
        plain, found = ~self.told[some], np.zeros(len(self.entry), "int64")
        side = group[plain] * 2 + self.out[some][plain]
        # Each counterparty counts once, so that a side that is met again has several.
        once = begins(grouped([side, party[plain]]))
        shared = np.bincount(side[once], minlength=2 * len(group)) > 1
        several = shared[0::2] | shared[1::2]
        found[some] = np.where(several[group], party, 0)
        return found

    def by_balance(self) -> None:
        """Pair neighbours of one serial after which the balance is what it was before them."""
        # An institution may mark the row that was undone, and not the one that undoes it.
        some = np.flatnonzero(self.free & self.shown & (self.serial != 0) & ~self.marked)
        # A serial that occurs once needs no further look.
        some = some[repeated(self.serial[some])]
        group = grouped([self.own[some], self.fen[some], self.serial[some]])
        order = ordered(group, self.time[some], self.seq[some], self.entry[some])
        some, group = some[order], group[order]
        done, undo = some[:-1], some[1:]
        before = self.balance[done] + np.where(self.out[done], self.fen[done], -self.fen[done])
        # Under one serial money may be passed on to somebody else, which takes nothing back.
        same = (self.other[done] == self.other[undo]) | self.silent[done] | self.silent[undo]
        fits = (group[1:] == group[:-1]) & (self.out[done] != self.out[undo]) & same
        fits &= (self.balance[undo] == before) & self.success[undo] & ~self.told[undo]
        # An account that is emptied each time is at the same balance weeks later too.
        fits &= self.time[undo] - self.time[done] <= _WITHIN
        at = np.flatnonzero(fits)
        at = at[_every_other(at)]
        self._take(undo[at], done[at], _SERIAL)

    def by_name(self) -> None:
        """Pair rows that undo with the nearest earlier row of the same counterparty."""
        timed = self.free & (self.time != UNKNOWN)
        undo, open_ = self.undone & self.success & timed & ~self.silent, ~self.told & timed
        some, group = self._ordered(undo, open_, (self.own, self.fen, self.other))
        role = undo[some] * _UNDOES + open_[some] * _OPEN
        within = np.full(len(some), _WITHIN)
        mate = _nested(group, self.out[some], role, self.moment[some], within)
        self._pair(some, mate, _NAMED)

    def by_itself(self) -> None:
        """Pair rows that undo and do not say whose payment, where only one can be meant."""
        timed = self.free & (self.time != UNKNOWN)
        undo, open_ = self.undone & self.success & timed & self.silent, ~self.told & timed
        some, group = self._ordered(undo, open_, (self.own, self.fen))
        mate = _single(group, self.out[some], undo[some], self.moment[some], _WITHIN)
        self._pair(some, mate, _ALONE)

    def _ordered(
        self, undo: np.ndarray, open_: np.ndarray, by: tuple[np.ndarray, ...]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows of groups that hold an undoing row, in order, and their groups."""
        likely = undo | open_
        # Two quick looks leave few rows, so that only those are grouped and sorted.
        for part in by:
            likely &= np.isin(part, pd.unique(part[undo]))
        some = np.flatnonzero(likely)
        group = grouped([part[some] for part in by])
        holds = np.zeros(group.max(initial=-1) + 1, bool)
        holds[group[undo[some]]] = True
        some, group = some[holds[group]], group[holds[group]]
        # At one moment what is undone comes before what undoes it.
        order = ordered(group, self.moment[some], undo[some], self.seq[some], self.entry[some])
        return some[order], group[order]

    def _pair(self, some: np.ndarray, mate: np.ndarray, how: int) -> None:
        undo = np.flatnonzero(mate >= 0)
        self._take(some[undo], some[mate[undo]], how)

    def _take(self, undo: np.ndarray, done: np.ndarray, how: int) -> None:
        self.done[undo], self.how[undo] = done, how
        self.free[undo] = self.free[done] = False


def _every_other(places: np.ndarray) -> np.ndarray:
    """Return which of the places are taken if no two of those taken may be neighbours."""
    begins = np.append(True, np.diff(places) != 1)[: len(places)]
    within = np.arange(len(places)) - np.flatnonzero(begins)[np.cumsum(begins) - 1]
    taken: np.ndarray = within % 2 == 0
    return taken


@njit(cache=True, nogil=True)
def _nested(
    group: np.ndarray, out: np.ndarray, role: np.ndarray, moment: np.ndarray, within: np.ndarray
) -> np.ndarray:
    """
    Pair each undoing row with the nearest earlier open row of the opposite direction.

    The rows are gone through from the last to the first, so that of a chain
    the last undoing row has its way: it undoes the one before it, and what
    that one would have undone stands.

    Parameters
    ----------
    group, out, role, moment
        Shape (n,) each, sorted by group and then in the order of events.
    within
        Shape (n,), how long after a row each may undo it, in microseconds.

    Returns
    -------
    numpy.ndarray
        Shape (n,), the place of the row that each row undoes; -1 for none.
    """
    mate = np.full(len(group), -1)
    waiting = np.empty((2, len(group)), np.int64)
    count = np.zeros(2, np.int64)
    for row in range(len(group) - 1, -1, -1):
        if row + 1 < len(group) and group[row + 1] != group[row]:
            count[:] = 0
        side, against = int(out[row]), 1 - int(out[row])
        if role[row] & _OPEN:
            # What cannot reach this row cannot reach any that is earlier.
            while count[against] > 0:
                later = waiting[against, count[against] - 1]
                if moment[later] - moment[row] <= within[later]:
                    break
                count[against] -= 1
            if count[against] > 0:
                mate[later] = row
                count[against] -= 1
                continue
        if role[row] & _UNDOES:
            waiting[side, count[side]] = row
            count[side] += 1
    return mate


@njit(cache=True, nogil=True)
def _single(
    group: np.ndarray, out: np.ndarray, undo: np.ndarray, moment: np.ndarray, within: int
) -> np.ndarray:
    """
    Pair each undoing row with the earlier row that it can undo, if there is only one.

    Parameters
    ----------
    group, out, undo, moment
        Shape (n,) each, sorted by group and then in the order of events; a row
        that does not undo can be undone.
    within
        How long after a row another may undo it, in microseconds.

    Returns
    -------
    numpy.ndarray
        Shape (n,), the place of the row that each row undoes; -1 for none.
    """
    mate = np.full(len(group), -1)
    queue = np.empty((2, len(group)), np.int64)
    first, end = np.zeros(2, np.int64), np.zeros(2, np.int64)
    for row in range(len(group)):
        if row > 0 and group[row] != group[row - 1]:
            first[:] = end
        side, against = int(out[row]), 1 - int(out[row])
        if not undo[row]:
            queue[side, end[side]] = row
            end[side] += 1
            continue
        while first[against] < end[against]:
            if moment[row] - moment[queue[against, first[against]]] <= within:
                break
            first[against] += 1
        if end[against] - first[against] == 1:
            mate[row] = queue[against, first[against]]
            first[against] += 1
    return mate
