"""Transfers: each movement of money with its time, its two accounts, and why it is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit
from pandas.api.extensions import ExtensionArray

from tracer.column import Column, series
from tracer.ledger.codes import begins, grouped, ordered, sought
from tracer.ledger.linked import linked
from tracer.ledger.rows import PRECISIONS, Keys
from tracer.table import Arrays, Columns
from tracer.tables import TRANSFERS

_MOST = np.iinfo("int64").max
_DAY = PRECISIONS.index("day")
# What a transfer shows of its entries.
SHOWN = ("currency", "channel", "summary")
_TOLD = ("status", "how", "gap", "against")
_PRECISIONS = pd.Series(PRECISIONS, dtype="str")
_HOP = "经支付平台的清算账户，平台一方的记录未调取，不知付给何人或由何人付出"
HOW = {
    "hand": "办案人员指定，双方流水时间相差 ",
    "both": "付款方、收款方、金额一致，双方流水时间相差 ",
    "half": "一方流水未载明对手，账户、金额一致且唯一，双方流水时间相差 ",
    "link": "网银联单号与银行流水号一致，时间相差 ",
    "split": "网银联单号与银行流水号一致，一笔分几笔记录，时间相差 ",
    "card": "银行卡、金额、方向一致且唯一，时间相差 ",
}


@dataclass(frozen=True)
class _Sides:
    """Where the records of each transfer are among the rows; shape (transfers,) each."""

    payer: np.ndarray
    """The place of the payer's record, -1 where there is none."""
    payee: np.ndarray
    """The place of the payee's."""
    main: np.ndarray
    """The payer's own record, which counts first, or else the payee's."""
    timed: np.ndarray
    """The record that gives the time."""


@dataclass(frozen=True)
class Filled:
    """Transfers that are filled in by numbers; texts are written out when their order is known."""

    facts: dict[str, np.ndarray]
    """Shape (transfers,) each: transfer_id, time, precision (its place in `rows.PRECISIONS`), payer
    and payee (the numbers of the accounts), fen, payer_entry and payee_entry (0 for none)."""
    words: dict[str, Column]
    """status, join and reason."""
    records: tuple[np.ndarray, np.ndarray]
    """Where the record that counts first, and that of the other side, are among all entries."""
    texts: dict[str, Column]
    """What the columns of the entries say."""
    keys: Keys
    """What the numbers of accounts say."""

    def columns(self, some: np.ndarray, seq: np.ndarray) -> Columns:
        """
        Write out some transfers.

        Parameters
        ----------
        some
            Shape (n,), their places.
        seq
            Shape (n,).

        Returns
        -------
        dict
            The columns of the table `transfers`.
        """
        facts = {name: values[some] for name, values in self.facts.items()}
        index, (main, other) = pd.RangeIndex(len(some)), (at[some] for at in self.records)
        words = {name: column.take(some) for name, column in self.words.items()}
        for name in SHOWN:
            first = self.texts[name].take(main)
            words[name] = first.where(first.filled(), self.texts[name].take(other))
        words["time_precision"] = Column(_PRECISIONS, facts["precision"])
        sides = {name: facts[name] for name in ("payer_entry", "payee_entry")}
        return {
            **{name: facts[name] for name in ("transfer_id", "time", "fen")},
            **{name: self.keys.texts(facts[name]) for name in ("payer", "payee")},
            **{name: column.texts(index) for name, column in words.items()},
            **{name: pd.arrays.IntegerArray(entry, entry == 0) for name, entry in sides.items()},
            "seq": seq,
        }  # fmt: skip


def transfers(
    rows: pd.DataFrame, joined: pd.DataFrame, texts: dict[str, Column], keys: Keys
) -> pd.DataFrame:
    """
    Write out each transfer, in the order of time that every statement agrees with.

    Parameters
    ----------
    rows, joined, texts, keys
        As for `filled`.

    Returns
    -------
    pandas.DataFrame
        The table `transfers`.
    """
    made = filled(rows, joined, texts, keys)
    moments = {name: rows[name].to_numpy() for name in ("own", "time", "seq", "entry_id")}
    sides = joined["payer"].to_numpy("int64"), joined["payee"].to_numpy("int64")
    rank = _ranks(moments, sides, made.facts)
    order = _ordered(made.facts, rank)
    return TRANSFERS.conform(made.columns(order, rank[order]))


def filled(
    rows: pd.DataFrame, joined: pd.DataFrame, texts: dict[str, Column], keys: Keys
) -> Filled:
    """
    Fill in each transfer from its entries.

    Parameters
    ----------
    rows
        What `records.once` returned.
    joined
        The entries of each transfer, as `joining.paired` returns them.
    texts, keys
        What the columns and the numbers of accounts say.

    Returns
    -------
    Filled
        The transfers in the order of ``joined``.
    """
    sides, entry = _placed(rows, joined), rows["entry_id"].to_numpy()
    pair, main = (sides.payer >= 0) & (sides.payee >= 0), sides.main
    own, place = rows["own"].to_numpy(), rows["place"].to_numpy()
    facts = {
        "transfer_id": numbers(rows, joined),
        "time": rows["time"].to_numpy()[sides.timed],
        "precision": rows["precision"].to_numpy()[sides.timed],
        # Each institution knows its own customer; a clearing account between falls away.
        "payer": np.where(pair, own[sides.payer], rows["payer"].to_numpy()[main]),
        "payee": np.where(pair, own[sides.payee], rows["payee"].to_numpy()[main]),
        "fen": _amounts(rows["fen"].to_numpy()[main], joined["fen"].array),
        "payer_entry": np.where(sides.payer >= 0, entry[sides.payer], 0),
        "payee_entry": np.where(sides.payee >= 0, entry[sides.payee], 0),
    }
    # Where the payee's statement has no record, there is nothing to fill up from.
    second = np.where(sides.payee >= 0, sides.payee, main)
    words = {name: _words(joined[name].array) for name in ("status", "join")}
    reason = _reasons({name: joined[name].array for name in _TOLD})
    return Filled(facts, words | {"reason": reason}, (place[main], place[second]), texts, keys)


def numbers(rows: pd.DataFrame, joined: pd.DataFrame) -> np.ndarray:
    """
    Return the number of each transfer: the smallest entry that told of it, and of no other.

    Parameters
    ----------
    rows, joined
        As for `transfers`.
    """
    first = rows["first"].to_numpy()
    sides = [joined[name].to_numpy("int64") for name in ("payer", "payee")]
    pair = (sides[0] >= 0) & (sides[1] >= 0)
    payer, payee = (np.where(side >= 0, first[side], _MOST) for side in sides)
    for side, number in zip(sides, (payer, payee), strict=True):
        parts = np.bincount(side[side >= 0], minlength=len(first)) > 1
        # One record that the other side tells in parts is none of them.
        if parts.any():
            number[pair & parts[side]] = _MOST
    found: np.ndarray = np.minimum(payer, payee)
    return found


def _amounts(fen: np.ndarray, parts: ExtensionArray) -> np.ndarray:
    """Return the amounts; that of the part, where one side tells a payment in parts."""
    split = ~parts.isna()
    fen[split] = parts[split].to_numpy("int64")
    return fen


def _words(told: pd.Categorical) -> Column:
    """Return a column of few words."""
    return Column(pd.Series(told.categories.array, copy=False), told.codes)


def _placed(rows: pd.DataFrame, joined: pd.DataFrame) -> _Sides:
    payer, payee = joined["payer"].to_numpy("int64"), joined["payee"].to_numpy("int64")
    timed = np.where(_by_payee(rows, payer, payee), payee, payer)
    return _Sides(payer, payee, np.where(payer >= 0, payer, payee), timed)


def _by_payee(rows: pd.DataFrame, payer: np.ndarray, payee: np.ndarray) -> np.ndarray:
    """
    Say where the payee's record gives the time of a transfer.

    That is where the payer's is missing or less exact; and where the payee's
    clock shows an earlier time, which the payee's later payments rest on,
    unless the payer's own statement has another row in between.
    """
    theirs = payer < 0
    both = np.flatnonzero((payer >= 0) & (payee >= 0))
    one, two = payer[both], payee[both]
    time, precision = rows["time"].to_numpy(), rows["precision"].to_numpy()
    ahead = (precision[one] == precision[two]) & (time[two] < time[one])
    before = (
        rows["before"].to_numpy() if "before" in rows else earlier(rows) if ahead.any() else time
    )
    free = ~(before[one] > time[two])
    theirs[both] = np.isnat(time[one]) | (precision[one] > precision[two]) | (ahead & free)
    return theirs


def earlier(rows: pd.DataFrame) -> np.ndarray:
    """
    Return the time of the row before each row in its account's own statement.

    Parameters
    ----------
    rows
        Entries without repeats, in the order of their numbers: own, time and
        seq.
    """
    own, time = rows["own"].to_numpy(), rows["time"].to_numpy()
    chain = ordered(own, time, rows["seq"].to_numpy())
    found = np.full(len(rows), np.datetime64("NaT", "us"))
    follows = own[chain[1:]] == own[chain[:-1]]
    found[chain[1:][follows]] = time[chain[:-1][follows]]
    return found


def _ranks(rows: Arrays, sides: tuple[np.ndarray, np.ndarray], facts: Arrays) -> np.ndarray:
    """Return how many transfers of the same moment some statement puts before each."""
    # The order within a day is not known, and what is alone in its moment needs none.
    timed = facts["precision"] != _DAY
    moment = grouped([facts["time"].view("int64")])
    counts = np.bincount(moment[timed], minlength=len(moment))
    rank = np.zeros(len(moment), "int64")
    told = (counts[moment] > 1) & timed
    row, at = _told(sides, told)
    # Only rows of one moment are compared, so that no other moment has a say in its order. A row
    # that the other side tells in parts counts for the first of them in each moment.
    told_by = (rows[name][row] for name in ("time", "seq", "entry_id"))
    order = ordered(rows["own"][row], moment[at], *told_by, facts["transfer_id"][at])
    row, at = row[order], at[order]
    once = np.append(True, (row[1:] != row[:-1]) | (moment[at[1:]] != moment[at[:-1]]))[: len(row)]
    own, here = rows["own"][row[once]], at[once]
    # What both records of one account tell is not put before itself.
    after = (own[1:] == own[:-1]) & (moment[here[1:]] == moment[here[:-1]])
    after &= here[1:] != here[:-1]
    before, then = here[:-1][after], here[1:][after]
    _raise(rank, before, then, _most(before, then))
    return rank


def _told(sides: tuple[np.ndarray, np.ndarray], some: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows that tell of some transfers, and of which each does."""
    found = [np.flatnonzero((side >= 0) & some) for side in sides]
    rows = [side[at] for side, at in zip(sides, found, strict=True)]
    return np.concatenate(rows), np.concatenate(found)


def _most(earlier: np.ndarray, later: np.ndarray) -> np.ndarray:
    """Return how many transfers hang together with each pair: no path is longer."""
    node, pair = grouped([np.concatenate([earlier, later])]), np.arange(len(earlier))
    head = linked(np.tile(pair, 2), node, int(node.max(initial=-1)) + 1)
    found: np.ndarray = np.bincount(head, minlength=len(head))[head][node[: len(pair)]]
    return found


@njit(cache=True, nogil=True)
def _raise(rank: np.ndarray, earlier: np.ndarray, later: np.ndarray, most: np.ndarray) -> None:
    """Raise each rank above those of all that are earlier."""
    turn, changed = 0, True
    while changed:
        changed = False
        raised = rank.copy()
        for edge in range(len(earlier)):
            # Statements that contradict each other would raise ranks forever.
            if turn < most[edge] and rank[earlier[edge]] >= raised[later[edge]]:
                raised[later[edge]] = rank[earlier[edge]] + 1
                changed = True
        rank[:] = raised
        turn += 1


def _ordered(facts: Arrays, rank: np.ndarray) -> np.ndarray:
    """Return the order of the transfers; those of which no time is known come last."""
    return ordered(facts["time"], rank, facts["transfer_id"])


def reordered(moved: Arrays, rows: Arrays) -> np.ndarray:
    """
    Return seq of some transfers: how many of its moment some statement puts before each.

    Parameters
    ----------
    moved
        Transfers with all that hang together with them, since they have an
        account in common in one moment; without those of which only the day is
        known: transfer_id, time, precision (its place in `rows.PRECISIONS`),
        payer_entry and payee_entry (0 where there is none).
    rows
        Their entries in the order of their numbers: entry_id, own (a number for
        each account), time and seq.
    """
    payer, payee = (
        sought(rows["entry_id"], moved[name]) for name in ("payer_entry", "payee_entry")
    )
    # Whatever tells accounts apart, small numbers are sorted far sooner.
    told = {**rows, "own": grouped([rows["own"]])}
    return _ranks(told, (payer, payee), moved)


def _reasons(joined: Mapping[str, ExtensionArray]) -> Column:
    """Return why two entries were joined, or why nothing moved."""
    ways = [pd.Categorical(joined[name]) for name in ("how", "status")]
    codes = [
        *(one.codes.astype("int64") for one in ways),
        np.nan_to_num(joined["gap"].to_numpy("float64")).astype("int64"),
        joined["against"].to_numpy("int64", na_value=0),
    ]
    group = grouped(codes)
    how, status, gap, against = (code[begins(group)] for code in codes)
    hows, statuses = (list(one.categories) for one in ways)
    # What is joined in no way has no words, and stands last.
    known = _text([*(HOW.get(one, "") for one in hows), ""]).take(pa.array(how % (len(hows) + 1)))
    nothing, seconds = _text([""])[0], _text([" 秒"])[0]
    words = pc.binary_join_element_wise(known, _written(gap), seconds, nothing)
    words = pc.if_else(pc.equal(known, ""), nothing, words)
    back = _text(["与流水 "])[0], _written(against), _text([" 互相冲正"])[0], nothing
    undone = pc.binary_join_element_wise(*back)
    told = (
        (status == statuses.index("reversed"), undone),
        ((how == hows.index("hop")) & (status == statuses.index("ok")), _text([_HOP])[0]),
        (status == statuses.index("failed"), _text(["机构标明交易未成功"])[0]),
    )
    for applies, said in told:
        words = pc.if_else(pa.array(applies), said, words)
    return Column(series(words), group)


def _text(words: list[str]) -> pa.Array:
    return pa.array(words, pa.large_string())


def _written(numbers: np.ndarray) -> pa.Array:
    return pa.array(numbers).cast(pa.large_string())
