"""Votes: the direction that the balances allow each row, in either order of what is of one time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracer.statements.entries.order import along, begun, sequence, turned

# What the balance before a row says of its direction: nothing, in, out.
NONE, INTO, OUTOF = 0, 1, 2
# Inside this module also: that the balance did not move, or moved by something else.
_STILL, _MISSED = 3, 4
# So many balances must say one thing, and so many for each that says the other.
LEAST, AGREED = 3, 20


@dataclass(frozen=True)
class Votes:
    """What the balances say, each of shape (n,)."""

    order: np.ndarray
    """int64, the place of each row in time; those of one time as the balances prove it."""
    way: np.ndarray
    """int8, INTO or OUTOF where the balance before the row allows that alone, else NONE."""
    still: np.ndarray
    """Where the balance is that of the row before, although there is an amount."""
    either: np.ndarray
    """Where rows of one time can stand either way, and the direction depends on it."""


def votes(
    time: np.ndarray,
    account: np.ndarray,
    *,
    fen: np.ndarray,
    known: np.ndarray,
    balance: np.ndarray,
    shown: np.ndarray,
) -> Votes:
    """
    Ask the balance of the row before for each row's direction.

    Rows of one time may stand in the file's order or turned round. Both are
    tried, and an account's rows are ordered as its balances follow from each
    other. Where they follow either way, as with equal amounts, only the rows
    that have one direction in both orders have a vote. An account whose
    balances mostly do not follow has none.

    Parameters
    ----------
    time
        Shape (n,), datetime64[us]; NaT where not known.
    account
        Shape (n,), a number from 0 for each balance that is kept.
    fen
        Shape (n,), int64, signed; 0 where not known.
    known
        Shape (n,), where the amount is known.
    balance
        Shape (n,), int64 fen after the row; 0 where not known.
    shown
        Shape (n,), where the balance is known.

    Examples
    --------
    >>> day, all_of = np.full(3, "2022-01-01", "datetime64[us]"), np.ones(3, bool)
    >>> def way(fen, balance):
    ...     money = {"fen": np.array(fen), "balance": np.array(balance)}
    ...     return votes(day, np.zeros(3, int), **money, known=all_of, shown=all_of).way.tolist()
    >>> way([5, 6, 7], [5, 11, 18]), way([6, 7, 5], [5, 11, 18]), way([5, 5, 5], [5, 10, 15])
    ([0, 1, 1], [2, 2, 0], [0, 0, 0])
    """
    order = sequence(time, account)
    none = np.zeros(len(time), bool)
    if not shown.any():
        return Votes(order, none.astype("int8"), none, none)
    money = _Money(np.abs(fen), known & (fen != 0), balance, shown)
    at = along(account, order)
    owner = account[at]
    same = owner[1:] == owner[:-1]
    tied = same & (time[at[1:]] == time[at[:-1]])
    onward = money.said(at, same)
    if not tied.any():
        by_row = _by_row(at, onward)
        by_row[~_followed(owner, onward)[account]] = NONE
        return Votes(order, _way(by_row), by_row == _STILL, none)
    back = turned(begun(~tied))
    backward = money.said(at[back], same)
    # A pair of one time is met in both orders, and is compared with itself.
    pairs = backward[np.where(tied, back[1:], np.arange(len(tied)))]
    ahead = _counted(owner, _moved(onward) & (pairs == _MISSED))
    behind = _counted(owner, _moved(pairs) & (onward == _MISSED))
    forth, round_ = ahead > AGREED * behind, behind > AGREED * ahead
    kept, changed = _by_row(at, onward), _by_row(at[back], backward)
    agreed = np.where(kept == changed, kept, NONE).astype("int8")
    by_row = np.where(forth[account], kept, np.where(round_[account], changed, agreed))
    followed = (_followed(owner, onward) | _followed(owner, backward))[account]
    by_row[~followed] = NONE
    either = followed & ~(forth | round_)[account]
    either &= (kept != changed) & (_moved(kept) | _moved(changed))
    # The file's order stays unless nearly all balances follow the other way round.
    proved = _counted(owner, _moved(backward)) > AGREED * _counted(owner, backward == _MISSED)
    rows = (round_ & proved)[owner]
    order = order.copy()
    order[at[back][rows]] = order[at][rows]
    return Votes(order, _way(by_row), by_row == _STILL, either)


@dataclass(frozen=True)
class _Money:
    """What moved, and what was left, by row."""

    moved: np.ndarray
    counts: np.ndarray
    balance: np.ndarray
    shown: np.ndarray

    def said(self, at: np.ndarray, same: np.ndarray) -> np.ndarray:
        """Return what each step says of the row that it leads to."""
        before, here = at[:-1], at[1:]
        pair = same & self.shown[before] & self.shown[here] & self.counts[here]
        change, moved = self.balance[here] - self.balance[before], self.moved[here]
        # An amount is never 0 here, so that at most one of the three holds.
        found = (change == moved) * np.int8(INTO) + (change == -moved) * np.int8(OUTOF)
        found += (change == 0) * np.int8(_STILL)
        found[found == 0] = _MISSED
        said: np.ndarray = found * pair
        return said


def _moved(said: np.ndarray) -> np.ndarray:
    moved: np.ndarray = (said == INTO) | (said == OUTOF)
    return moved


def _way(by_row: np.ndarray) -> np.ndarray:
    return np.where(_moved(by_row), by_row, NONE).astype("int8")


def _by_row(at: np.ndarray, said: np.ndarray) -> np.ndarray:
    found = np.zeros(len(at), "int8")
    found[at[1:]] = said
    return found


def _counted(owner: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Return how many of some steps belong to each account."""
    return np.bincount(owner[1:][steps], minlength=int(owner.max(initial=0)) + 1)


def _followed(owner: np.ndarray, said: np.ndarray) -> np.ndarray:
    """Return in which accounts most balances follow from the one before."""
    followed: np.ndarray = _counted(owner, _moved(said)) > _counted(owner, said == _MISSED)
    return followed


def clear(some: np.ndarray, others: np.ndarray) -> bool:
    """
    Return whether so many rows say one thing, and so few the other, that it can be relied on.

    Parameters
    ----------
    some
        Shape (n,), the rows that say it.
    others
        Shape (n,), the rows that say the other.

    Examples
    --------
    >>> clear(np.ones(3, bool), np.zeros(3, bool)), clear(np.ones(2, bool), np.zeros(2, bool))
    (True, False)
    """
    count = int(some.sum())
    return count >= LEAST and count > AGREED * int(others.sum())
