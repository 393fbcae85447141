"""Running balances: whether the balance of each row follows from the row before and the amount."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

# So many steps must be there, and this share of them must hold, before a balance proves anything.
LEAST_STEPS, LEAST_SHARE = 2, 0.9


@dataclass(frozen=True)
class Run:
    """How often a balance followed from the one before."""

    steps: int = 0
    """Rows whose own balance, and that of the row before, and whose amount are known."""
    holds: int = 0
    """Steps over which the balance changed by exactly the amount, up or down."""
    same: int = 0
    """Of these, the ones that changed the way the amount's sign says."""

    @property
    def proved(self) -> bool:
        """Whether nearly every balance follows, so that amount and balance are what they seem."""
        return self.steps >= LEAST_STEPS and self.holds >= LEAST_SHARE * self.steps

    @property
    def natural(self) -> bool:
        """Whether the signs are also those of money in and money out."""
        return self.proved and self.same >= LEAST_SHARE * self.holds

    @property
    def against(self) -> bool:
        """Whether the balances deny the signs."""
        return self.holds >= LEAST_STEPS and self.same <= self.holds / 2


def run(money: pd.Series, balance: pd.Series, account: pd.Series, time: pd.Series) -> Run:
    """
    Follow the balances in the order that fits best: of the file, turned round, or in time.

    Parameters
    ----------
    money
        Shape (n,), Int64 fen; its sign is compared with that of the change.
    balance
        Shape (n,), Int64 fen after the row.
    account
        Shape (n,), text; each account has its own balance.
    time
        Shape (n,), datetime64; NaT allowed.

    Examples
    --------
    >>> fen = pd.Series([100, -30, 50], dtype="Int64")
    >>> left = pd.Series([100, 70, 120], dtype="Int64")
    >>> run(fen, left, pd.Series(["a"] * 3), pd.Series(pd.NaT, index=range(3)))
    Run(steps=2, holds=2, same=2)
    """
    place = np.arange(len(money))
    owner = pd.factorize(account)[0]
    moment = pd.factorize(time, sort=True)[0]
    orders = [
        np.lexsort(keys)
        for keys in (
            (place, owner),
            (-place, owner),
            (place, moment, owner),
            (-place, moment, owner),
        )
    ]
    cells = pd.DataFrame({"money": money.to_numpy(), "balance": balance.to_numpy(), "owner": owner})
    runs = [_along(cells.iloc[order]) for order in orders]
    return max(runs, key=lambda one: (one.holds, one.same))


def _along(rows: pd.DataFrame) -> Run:
    change = (rows["balance"] - rows["balance"].shift()).mask(rows["owner"].diff().ne(0))
    known = (change.notna() & rows["money"].fillna(0).ne(0)).to_numpy(dtype=bool)
    moved = change[known].astype("int64").to_numpy()
    money = rows["money"][known].astype("int64").to_numpy()
    return Run(
        int(known.sum()), int((np.abs(moved) == np.abs(money)).sum()), int((moved == money).sum())
    )
