"""Order: the rows of a statement in time, and those of one moment as their balances prove it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numba import njit

_NEVER = np.iinfo("int64").min


def sequence(time: np.ndarray, account: np.ndarray) -> np.ndarray:
    """
    Return the order of the rows in time: as in the file, or turned round where an account descends.

    An account of which the times do not tell follows the sheet.

    Parameters
    ----------
    time
        Shape (n,), datetime64[us].
    account
        Shape (n,), a number from 0 for each own account.

    Examples
    --------
    >>> days = np.array(["2022-01-01", "2022-01-02", "2022-02-02", "2022-02-01"], "datetime64[us]")
    >>> sequence(days, np.array([0, 0, 1, 1])).tolist()
    [0, 1, 3, 2]
    """
    places = np.arange(len(time), dtype="int64")
    at = along(account, places)
    owner, moment = account[at], time[at]
    same = owner[1:] == owner[:-1]
    # No time is later or earlier than an unknown one.
    falling, rising = same & (moment[1:] < moment[:-1]), same & (moment[1:] > moment[:-1])
    if not falling.any():
        return places
    many = int(account.max(initial=0)) + 1
    net = np.bincount(owner[1:][falling], minlength=many)
    net -= np.bincount(owner[1:][rising], minlength=many)
    down = (net > 0) | ((net == 0) & (falling.sum() > rising.sum()))
    if down.all():
        return places[::-1]
    back, rows = turned(begun(~same)), down[owner]
    places[at[back][rows]] = at[rows]
    return places


def begun(parted: np.ndarray) -> np.ndarray:
    """
    Return where each run begins, and where the last ends.

    Parameters
    ----------
    parted
        Shape (n - 1,), whether each place but the first begins a run.

    Examples
    --------
    >>> begun(np.array([False, True, False])).tolist()
    [0, 2, 4]
    """
    return np.concatenate([[0], np.flatnonzero(parted) + 1, [len(parted) + 1]])


def turned(runs: np.ndarray) -> np.ndarray:
    """
    Return the places with each run turned round.

    Parameters
    ----------
    runs
        As ``begun`` gives them.

    Examples
    --------
    >>> turned(np.array([0, 2, 5])).tolist()
    [1, 0, 4, 3, 2]
    """
    ends = np.repeat(runs[:-1] + runs[1:] - 1, np.diff(runs))
    mirrored: np.ndarray = ends - np.arange(len(ends))
    return mirrored


def along(account: np.ndarray, order: np.ndarray) -> np.ndarray:
    """
    Return the places of the rows account by account, each account's in order.

    Parameters
    ----------
    account
        Shape (n,), a number from 0 for each own account.
    order
        Shape (n,), the numbers from 0 to n - 1.

    Examples
    --------
    >>> along(np.array([1, 0, 1]), np.array([2, 1, 0])).tolist()
    [1, 2, 0]
    """
    for places in (np.arange(len(order)), np.arange(len(order))[::-1]):
        one, after = account[places[:-1]], account[places[1:]]
        step = order[places[1:]] > order[places[:-1]]
        # Most sheets hold one account after the other, in order or turned round.
        if ((after > one) | ((after == one) & step)).all():
            return places
    rows = np.empty_like(order)
    rows[order] = np.arange(len(order))
    # Numbers of two bytes are sorted in one pass, and few sheets have more accounts.
    narrow = account[rows].astype(np.min_scalar_type(int(account.max(initial=0))))
    placed: np.ndarray = rows[np.argsort(narrow, kind="stable")]
    return placed


def settled(
    account: np.ndarray,
    time: np.ndarray,
    order: np.ndarray,
    *,
    before: np.ndarray,
    balance: np.ndarray,
    known: np.ndarray,
) -> np.ndarray:
    """
    Return the order of all rows, those of one moment as ``proved`` finds it.

    Parameters
    ----------
    account, time, order
        Shape (n,) each, as for ``sequence``, and what it gave.
    before, balance
        Shape (n,) each, int64 fen before and after the row.
    known
        Shape (n,), where both balances are known.

    Examples
    --------
    >>> one, day = np.zeros(2, int), np.full(2, "2022-01-01", "datetime64[us]")
    >>> balances = {"before": np.array([5, 0]), "balance": np.array([2, 5])}
    >>> settled(one, day, np.arange(2), **balances, known=one == 0).tolist()
    [1, 0]
    """
    balances = {"before": before, "balance": balance, "known": known}
    tied = _loose(account, time, order, **balances)
    rows = np.flatnonzero(tied)
    if not len(rows):
        return order
    facts = pd.DataFrame({
        "account": account, "time": time, "order": order,
        "before": pd.arrays.IntegerArray(before, ~known),
        "balance": pd.arrays.IntegerArray(balance, ~known),
    }, copy=False)  # fmt: skip
    few = facts.iloc[rows]
    if len(rings := _rings(few)):
        # Where a ring begins, only the moments before it tell.
        few = facts[np.isin(account, rings)]
        few = pd.concat([few, facts.iloc[rows].drop(few.index, errors="ignore")])
    new = order.copy()
    new[few.index] = proved(few)
    return new


def _loose(
    account: np.ndarray,
    time: np.ndarray,
    order: np.ndarray,
    *,
    before: np.ndarray,
    balance: np.ndarray,
    known: np.ndarray,
) -> np.ndarray:
    """Return the rows of one moment in accounts whose balances do not go on in that order."""
    at, tied = along(account, order), np.zeros(len(account), bool)
    torn = np.zeros(int(account.max(initial=0)) + 1, bool)
    # Compiled code would be fetched once more for arrays that cannot be written to.
    chain = _Chain(*map(np.array, (account, time.astype("int64"), before, balance, known)))
    if _ascending(at, chain, tied, torn):
        tied &= torn[account]
        return tied
    # Microseconds of this millennium leave room for no second key, but seconds do.
    second = time.astype("int64") // 1_000_000
    moment = second * (int(account.max(initial=0)) + 1) + account
    tied[:] = pd.Series(moment).duplicated(keep=False).to_numpy() & ~np.isnat(time)
    if tied.any():
        balances = {"before": before, "balance": balance, "known": known}
        tied &= np.isin(account, _torn(account, at, moment=moment, tied=tied, **balances))
    return tied


class _Chain(NamedTuple):
    """The rows of a sheet as compiled code takes them; shape (n,) each."""

    account: np.ndarray
    time: np.ndarray
    before: np.ndarray
    balance: np.ndarray
    known: np.ndarray


@njit(cache=True, nogil=True)
def _ascending(at: np.ndarray, rows: _Chain, tied: np.ndarray, torn: np.ndarray) -> bool:
    """Do as ``_torn`` in one pass where each account's times ascend; return whether they do."""
    last = len(at) - 1
    for place in range(len(at)):
        here, one, after = at[place], at[max(place - 1, 0)], at[min(place + 1, last)]
        moment, account = rows.time[here] // 1_000_000, rows.account[here]
        if rows.time[here] == _NEVER:
            return False
        follows = rows.known[here]
        if place and rows.account[one] == account:
            if rows.time[one] // 1_000_000 > moment:
                return False
            tied[here] = rows.time[one] // 1_000_000 == moment
            follows &= rows.known[one] and rows.before[here] == rows.balance[one]
        if place < last and rows.account[after] == account:
            tied[here] |= rows.time[after] // 1_000_000 == moment
        torn[account] |= tied[here] and not follows
    return True


def _torn(
    account: np.ndarray,
    at: np.ndarray,
    *,
    moment: np.ndarray,
    tied: np.ndarray,
    before: np.ndarray,
    balance: np.ndarray,
    known: np.ndarray,
) -> np.ndarray:
    """Return the accounts in which rows of one moment do not follow from each other as they stand.

    Rows that do are in the one order that their balances allow, or in one of
    several, and then it is kept anyway.
    """
    one, here = at[:-1], at[1:]
    follows = np.zeros(len(at), bool)
    follows[at[:1]] = known[at[:1]]
    same = account[one] == account[here]
    linked = known[one] & (before[here] == balance[one])
    # A moment must not be left and come back to, or its rows stand apart.
    seen = pd.Series(moment[at]).duplicated().to_numpy()[1:]
    follows[here] = known[here] & (linked | ~same) & (seen == (moment[one] == moment[here]))
    torn: np.ndarray = np.unique(account[tied & ~follows])
    return torn


def _rings(facts: pd.DataFrame) -> np.ndarray:
    """Return the accounts in which the balances of some moment come back to where they began."""
    moment = facts.groupby(["account", "time"]).ngroup()
    still = facts["before"].eq(facts["balance"]).fillna(value=True).astype(bool)
    moves = _linked(facts.assign(moment=moment)[~still])
    heads = moves.loc[moves["previous"].lt(0), "moment"]
    ring: np.ndarray = moves.loc[~moves["moment"].isin(heads), "account"].unique()
    return ring


def proved(facts: pd.DataFrame) -> pd.Series:
    """
    Return the order in which rows of one account and one time follow from balance to balance.

    Parameters
    ----------
    facts
        Shape (n, 5): account, time, order (as ``sequence`` gives it), before and
        balance (Int64 fen before and after the row; <NA> where unknown).

    Returns
    -------
    pandas.Series
        Shape (n,), the order; rows of one account and time share their places
        out anew if their balances make exactly one chain, and keep them if not.

    Examples
    --------
    >>> facts = pd.DataFrame({"account": "a", "time": pd.Timestamp("2022-01-01"), "order": [0, 1],
    ...     "before": [500, 0], "balance": [200, 500]})
    >>> proved(facts).tolist()
    [1, 0]
    """
    moment = facts.groupby(["account", "time"]).ngroup()
    rows = facts.assign(moment=moment)[moment.ge(0)].sort_values(["moment", "order"])
    whole = ~rows["moment"].isin(rows.loc[rows["before"].isna() | rows["balance"].isna(), "moment"])
    still = rows["before"].eq(rows["balance"]).fillna(value=False).astype(bool)
    moves = _linked(rows[whole & ~still])
    if not moves["moment"].isin(rows.loc[rows["moment"].duplicated(), "moment"]).any():
        return facts["order"]
    moves["previous"] = _opened(moves, rows, set(rows.loc[whole, "moment"]))
    place = _places(moves, rows[whole & still])
    single = ~rows["moment"].isin(rows.loc[~rows.index.isin(place.index), "moment"])
    rows["place"] = place.reindex(rows.index).where(single, 0)
    ordered = rows.sort_values(["moment", "place", "order"])
    new = pd.Series(rows["order"].to_numpy(), index=ordered.index)
    return new.reindex(facts.index).fillna(facts["order"]).astype("int64")


def _linked(moves: pd.DataFrame) -> pd.DataFrame:
    """Return the rows, numbered, each with the number of the row that left its before, or -1."""
    # Where a balance occurs twice there are several ways through.
    again = moves.duplicated(["moment", "before"]) | moves.duplicated(["moment", "balance"])
    moves = moves[~moves["moment"].isin(moves.loc[again, "moment"])]
    moves = moves.astype({"before": "int64", "balance": "int64"}).rename_axis("row").reset_index()
    left = moves[["moment", "balance"]].set_axis(["moment", "before"], axis=1)
    left = left.assign(previous=moves.index)
    found = moves[["moment", "before"]].merge(left, how="left")["previous"]
    return moves.assign(previous=found.fillna(-1).astype("int64"))


def _opened(moves: pd.DataFrame, rows: pd.DataFrame, whole: set[int]) -> pd.Series:
    """Return the links, with rings opened where the balance of the row before stands."""
    account = rows.drop_duplicates("moment").set_index("moment")["account"]
    moments = account.index.to_series()
    tails = moves[~moves.index.isin(moves["previous"])]
    tails = tails[~tails["moment"].duplicated(keep=False)]
    left = tails.set_index("moment")["balance"].astype("Int64").reindex(moments)
    heads = moves.loc[moves["previous"].lt(0), "moment"]
    moved = rows.loc[rows["before"].ne(rows["balance"]).fillna(value=True), "moment"]
    ring = moments.isin(moves["moment"]) & ~moments.isin(heads)
    rest = moments.isin(whole) & ~moments.isin(moved)
    first = _first(moves, left, ring | rest, account) & moves["moment"].map(ring)
    # A ring in which the balance does not stand leaves no balance to the ones behind it.
    lost = ring & ~moments.isin(moves.loc[first, "moment"])
    first &= _first(moves, left, (ring | rest) & ~lost, account)
    return moves["previous"].mask(first, -1)


def _first(
    moves: pd.DataFrame, left: pd.Series, passing: pd.Series, account: pd.Series
) -> pd.Series:
    """Return which rows begin at the balance that the moments before leave or pass on."""
    source = passing.index.to_series().where(~passing)
    source = source.groupby(account).ffill().groupby(account).shift()
    start = left.reindex(source).set_axis(source.index)
    return moves["before"].eq(moves["moment"].map(start)).fillna(value=False).astype(bool)


def _places(moves: pd.DataFrame, still: pd.DataFrame) -> pd.Series:
    """Return the places in the chain of its moment, by row, of all rows that have one."""
    head, rank = _ranked(moves["previous"].to_numpy())
    begins = moves["previous"].lt(0)
    loose = moves.loc[~begins.to_numpy()[head], "moment"]
    heads = moves.loc[begins, "moment"]
    sound = ~moves["moment"].isin([*loose, *heads[heads.duplicated()]])
    chained = moves.assign(place=2 * rank + 1)[sound]
    # What moves nothing stands right behind the row that left its balance, or before all.
    after = chained[["moment", "balance", "place"]].assign(place=chained["place"] + 1)
    ahead = chained.loc[chained["previous"].lt(0), ["moment", "before"]].set_axis(
        ["moment", "balance"], axis=1
    )
    spots = pd.concat([after, ahead.assign(place=0)]).drop_duplicates(["moment", "balance"])
    rests = still[["moment", "balance"]].astype("int64").merge(spots, how="left")["place"]
    rests = rests.set_axis(still.index).dropna()
    place: pd.Series = pd.concat([chained.set_index("row")["place"], rests])
    return place


def _ranked(previous: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the row to which the links lead from each row, and over how many links."""
    at = np.arange(len(previous))
    head, rank = np.where(previous < 0, at, previous), (previous >= 0).astype("int64")
    # Each round doubles the links that are followed.
    for _ in range(len(previous).bit_length()):
        rank, head = rank + rank[head], head[head]
    return head, rank
