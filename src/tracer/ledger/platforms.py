"""Platforms: one trade that several tables of a payment platform tell of counts once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tracer.ledger.clocks import DAY, SECOND
from tracer.ledger.codes import firsts, grouped, ordered
from tracer.ledger.pairing import in_order

# One table shows when a trade was paid, another when it arrived or was written down.
WITHIN = 600 * SECOND


def same(rows: pd.DataFrame) -> pd.DataFrame:
    """
    Say which row stands for each, where several tables tell of one trade.

    Two rows are one where own account, order number, direction and amount
    agree, they stand in different tables, and their times are no more than
    ten minutes apart (on one day, where a table shows no time). A withdrawal's
    own list knows it by another number, which a table with both translates.
    Inside one table every row is real. An order that was paid to several
    counterparties, as a group red packet is, is told apart by them.

    Parameters
    ----------
    rows
        One row per entry: entry_id, own, other, out, fen, time, precision (0
        second, 1 minute, 2 day), balance_fen, statement, file (a code for each
        table), serial and link (codes, 0 for none), silent, wallet,
        other_wallet, hop and kindred (a code for the order number, 0 for none).

    Returns
    -------
    pandas.DataFrame
        entry_id and stands (the entry_id that counts, the row's own if it
        does itself), in the order of the rows. Of one trade the row stands
        that names its counterparty, then the one that shows a shared number, a
        balance, is from a statement, shows the more exact time, and is the
        earliest entry.

    Examples
    --------
    >>> told = {"own": 1, "other": 2, "out": True, "fen": 100, "kindred": 7, "wallet": True}
    >>> rows = pd.DataFrame([
    ...     told | {"entry_id": 1, "file": 1, "silent": True},
    ...     told | {"entry_id": 2, "file": 2, "silent": False},
    ... ]).assign(time=pd.Timestamp("2024-06-01"), precision=0, balance_fen=pd.NA, serial=0,
    ...           link=0, statement=True, other_wallet=True, hop=False)
    >>> same(rows)["stands"].tolist()
    [2, 2]
    """
    entry = rows["entry_id"].to_numpy("int64")
    stands = entry.copy()
    if not rows["wallet"].any():
        return pd.DataFrame({"entry_id": entry, "stands": stands})
    number = _numbers(rows)
    some = np.flatnonzero(rows["wallet"].to_numpy(bool) & (number >= 0))
    trades = rows.iloc[some].reset_index(drop=True).assign(number=number[some])
    group = grouped([trades[name].to_numpy() for name in ("own", "number", "out", "fen")])
    # Only what more than one table tells of can be told twice.
    several = pd.Series(trades["file"].to_numpy()).groupby(group).transform("nunique").gt(1)
    some, trades, group = some[several], trades[several], group[several]
    root = _matched(trades, grouped([group, _parties(trades, group)]))
    chosen = _fullest(trades, root)
    stands[some] = trades["entry_id"].to_numpy()[chosen]
    return pd.DataFrame({"entry_id": entry, "stands": stands})


def _numbers(rows: pd.DataFrame) -> np.ndarray:
    """Return a number for each row's trade; -1 where the row tells none."""
    own, kindred, serial, link = (
        rows[name].to_numpy("int64") for name in ("own", "kindred", "serial", "link")
    )
    number = np.where(kindred != 0, kindred, -1)
    both = rows["wallet"].to_numpy(bool) & (kindred != 0) & (link != 0) & (link != serial)
    pairs = pd.DataFrame({"own": own, "link": link, "kindred": kindred})[both].drop_duplicates()
    # What a table calls by two orders tells of neither.
    pairs = pairs[~pairs.duplicated(["own", "link"], keep=False)]
    keys = pd.DataFrame({"own": own, "link": serial})
    # A list of withdrawals shows as its serial what the other tables show beside the order.
    meant = keys.merge(pairs, how="left", on=["own", "link"])["kindred"].to_numpy("float64")
    known = ~np.isnan(meant) & (serial != 0)
    number[known] = meant[known].astype("int64")
    return number


def _parties(trades: pd.DataFrame, group: np.ndarray) -> np.ndarray:
    """Return the counterparty where an order has several of one kind; 0 in all other orders."""
    other = trades["other"].to_numpy("int64")
    wallet = trades["other_wallet"].to_numpy(bool)
    named = ~(trades["silent"].to_numpy(bool) | trades["hop"].to_numpy(bool))
    # A user's number in one table and a card in the next contradict each other in nothing.
    told = pd.DataFrame({"group": group, "wallet": wallet, "other": other})[named]
    counted = told.drop_duplicates().groupby(["group", "wallet"]).size()
    shared = counted[counted > 1].index.get_level_values("group").unique()
    return np.where(np.isin(group, shared), other + 1, 0)


def _matched(trades: pd.DataFrame, group: np.ndarray) -> np.ndarray:
    """Return the place of the first row that tells of each row's trade, table by table."""
    file = trades["file"].to_numpy("int64")
    time = trades["time"].to_numpy("datetime64[us]").view("int64")
    order = ordered(group, time, trades["entry_id"].to_numpy())
    turn = pd.Series(file).groupby(group).rank("dense").to_numpy("int64") - 1
    daily = trades["precision"].eq(2).to_numpy()
    root = np.arange(len(trades))
    for here in range(1, int(turn.max(initial=0)) + 1):
        # Each row that stands is told of once at most by each table.
        known = (turn < here) & (root == np.arange(len(root)))
        for dated, late in ((False, False), (True, False), (False, True), (True, True)):
            fresh = (turn == here) & (root == np.arange(len(root))) & (daily == late)
            one, two = (order[some[order]] for some in (known & (daily == dated), fresh))
            unit, slack = (DAY, 0) if dated or late else (1, WITHIN)
            left, right = _meeting(group, time // unit, one, two, slack)
            root[right] = left
            known[left] = False
    return root


def _meeting(
    group: np.ndarray, time: np.ndarray, one: np.ndarray, two: np.ndarray, slack: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows of one table tell of the same as which of another, in their order."""
    shift = np.zeros(group.max(initial=-1) + 1, "int64")
    left, right = in_order((group[one], time[one]), (group[two], time[two]), shift, slack)
    return one[left], two[right]


def _fullest(trades: pd.DataFrame, root: np.ndarray) -> np.ndarray:
    """Return the place of the row that tells most of each row's trade."""
    lacks = (
        trades["silent"] | trades["hop"],
        trades["link"].eq(0),
        trades["balance_fen"].isna(),
        ~trades["statement"].astype(bool),
        trades["precision"],
        trades["serial"].eq(0),
        trades["entry_id"],
    )
    return firsts(root, *(one.to_numpy("int64") for one in lacks))
