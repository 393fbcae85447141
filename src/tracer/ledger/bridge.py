"""Crossings: a bank's record of money through a clearing account joined to the platform's own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numba import njit

from tracer.ledger.clocks import DAY, SECOND, SLACK
from tracer.ledger.codes import grouped, ordered
from tracer.ledger.pairing import UNKNOWN, in_order
from tracer.ledger.rows import PRECISIONS

# A date means its whole day and none of the next, so that days are compared and not moments.
_SLACKS = tuple(0 if name == "day" else SLACK[name] * SECOND for name in PRECISIONS)
_HOWS = ("link", "split", "card")
_LINK, _SPLIT, _CARD = range(len(_HOWS))

# Most rounds bring no record of a platform.
_NO_PAIRS = pd.DataFrame(
    dict.fromkeys(("payer_entry", "payee_entry", "bank", "platform", "fen"), np.zeros(0, "int64"))
    | {"gap": np.zeros(0), "how": pd.array([], dtype="str"), "rivals": np.zeros(0, "int64")}
)


def crossings(rows: pd.DataFrame, held: np.ndarray | None = None) -> pd.DataFrame:
    """
    Pair bank records that name a clearing account with the platform's records.

    A number that both institutions hold decides (``link``), where amount and
    direction agree and a day at most lies between; of several equal amounts
    under one number the order of the times decides. One record may also be
    told in parts by the other institution under its number (``split``), if the
    parts make up the sum. Without a number, card, amount, direction and time
    decide (``card``), and only if each record has exactly one candidate.
    Everything else stays at the clearing account, as a gap to be asked for.

    Parameters
    ----------
    rows
        One row per entry that moves money: entry_id, own, other, out, fen,
        time, precision (0 second, 1 minute, 2 day), serial and link (codes of
        one space, 0 for none), silent, wallet, other_wallet and hop.

    Returns
    -------
    pandas.DataFrame
        payer_entry, payee_entry, bank and platform (entry_ids), fen (that of
        the part, where a record was split), gap (seconds), how (link, split or
        card) and rivals (how many other records the order of times decided
        against), in the order of bank and platform. A record occurs once;
        only the whole of a split occurs with each of its parts.

    Examples
    --------
    >>> told = {"fen": 100, "precision": 0, "serial": 0, "link": 7, "silent": False}
    >>> bank = {"entry_id": 1, "own": 1, "other": 5, "out": True, "wallet": False, "hop": True}
    >>> user = {"entry_id": 2, "own": 9, "other": 1, "out": False, "wallet": True, "hop": False}
    >>> rows = pd.DataFrame([told | bank, told | user])
    >>> rows = rows.assign(time=pd.Timestamp("2024-06-01"), other_wallet=False)
    >>> crossings(rows)[["payer_entry", "payee_entry", "how"]].values.tolist()
    [[1, 2, 'link']]
    """
    wallet = rows["wallet"].to_numpy(bool)
    inner = rows["other_wallet"].to_numpy(bool)
    hops = np.flatnonzero(rows["hop"].to_numpy(bool) & ~wallet)
    theirs = np.flatnonzero(wallet & ~inner)
    if not len(hops) or not len(theirs):
        return _NO_PAIRS
    bank, platform = _Side.of(rows, hops), _Side.of(rows, theirs, mirrored=True)
    bank_number, platform_number = _numbers(bank, platform)
    barred = _barred(rows, held, bank, platform)
    found = _linked(bank, platform, (bank_number, platform_number), barred)
    parts = _split(bank, platform, _rest(found, bank_number, platform_number), barred)
    found = pd.concat([found, parts], ignore_index=True)
    # A number that names the other's record says that no record without it is meant.
    told = _shared(bank, platform, bank_number, platform_number)
    open_ = ~told[0], ~told[1]
    open_[0][found["bank"]] = False
    open_[1][found["platform"]] = False
    found = pd.concat([found, _carded(bank, platform, *open_)], ignore_index=True)
    return _named(found, bank, platform)


@dataclass(frozen=True)
class _Side:
    """One institution's records as arrays of shape (n,), in the order of their times."""

    entry: np.ndarray
    card: np.ndarray
    """The bank account that the record is about."""
    told: np.ndarray
    """Whether the record names that account."""
    inward: np.ndarray
    """Whether the money goes from the bank to the platform."""
    fen: np.ndarray
    time: np.ndarray
    precision: np.ndarray
    serial: np.ndarray
    link: np.ndarray

    @classmethod
    def of(cls, rows: pd.DataFrame, some: np.ndarray, *, mirrored: bool = False) -> _Side:
        picked = rows.iloc[some]
        time = picked["time"].to_numpy("datetime64[us]").view("int64")
        order = ordered(time, picked["entry_id"].to_numpy())
        picked, time = picked.iloc[order], time[order]
        out = picked["out"].to_numpy(bool)
        vague = picked["silent"].to_numpy(bool) | picked["hop"].to_numpy(bool)
        return cls(
            entry=picked["entry_id"].to_numpy("int64"),
            card=picked["other" if mirrored else "own"].to_numpy("int64"),
            told=~vague if mirrored else np.ones(len(picked), bool),
            inward=~out if mirrored else out,
            fen=picked["fen"].to_numpy("int64"),
            time=time,
            precision=picked["precision"].to_numpy("int64"),
            serial=picked["serial"].to_numpy("int64"),
            link=picked["link"].to_numpy("int64"),
        )

    def __len__(self) -> int:
        return len(self.entry)


def _numbers(bank: _Side, platform: _Side) -> tuple[np.ndarray, np.ndarray]:
    """Return by record the number under which the other institution holds it; 0 for none."""
    # A bank may show the shared number as its own serial, and so may a platform.
    bank_number = np.zeros(len(bank), "int64")
    platform_number = np.zeros(len(platform), "int64")
    for mine, theirs in (("link", "link"), ("serial", "link"), ("link", "serial")):
        here, there = getattr(bank, mine), getattr(platform, theirs)
        fits = (bank_number == 0) & (here != 0) & np.isin(here, there)
        bank_number[fits] = here[fits]
        fits = (platform_number == 0) & (there != 0) & np.isin(there, here)
        platform_number[fits] = there[fits]
    return bank_number, platform_number


def _barred(
    rows: pd.DataFrame, held: np.ndarray | None, bank: _Side, platform: _Side
) -> np.ndarray:
    """Return which platform records name a bank account whose own statement is in hand."""
    if held is None:
        held = rows.loc[~rows["wallet"].astype(bool), "own"].unique()
    return platform.told & np.isin(platform.card, held) if len(bank) else platform.told


def _linked(
    bank: _Side, platform: _Side, numbers: tuple[np.ndarray, np.ndarray], barred: np.ndarray
) -> pd.DataFrame:
    """Join equal amounts under one number, first those that name the card."""
    here, there = numbers[0] != 0, numbers[1] != 0
    found = []
    for named in (True, False):
        one, two = np.flatnonzero(here), np.flatnonzero(there & (named | ~barred))
        keys = [(side.fen[at], side.inward[at]) for side, at in ((bank, one), (platform, two))]
        whole = [
            np.concatenate(pair)
            for pair in zip((numbers[0][one], *keys[0]), (numbers[1][two], *keys[1]), strict=True)
        ]
        cards = np.concatenate([bank.card[one], platform.card[two]])
        group = grouped([*whole, cards] if named else whole)
        pairs = _in_order(bank, platform, (one, group[: len(one)]), (two, group[len(one) :]))
        found.append(pairs)
        here[pairs["bank"]] = False
        there[pairs["platform"]] = False
    return pd.concat(found, ignore_index=True).assign(how=_LINK)


def _in_order(
    bank: _Side,
    platform: _Side,
    left: tuple[np.ndarray, np.ndarray],
    right: tuple[np.ndarray, np.ndarray],
) -> pd.DataFrame:
    """Match records of equal groups in the order of their times, a day apart at most."""
    (one, here), (two, there) = (
        (at[order], group[order])
        for at, group in (left, right)
        for order in [np.argsort(group, kind="stable")]
    )
    groups = max(here.max(initial=-1), there.max(initial=-1)) + 1
    shift = np.zeros(groups, "int64")
    met, mate = in_order((here, bank.time[one]), (there, platform.time[two]), shift, DAY)
    most = np.maximum(np.bincount(here, minlength=groups), np.bincount(there, minlength=groups))
    rivals = most[here[met]] - 1
    return pd.DataFrame({"bank": one[met], "platform": two[mate], "rivals": rivals})


def _rest(
    found: pd.DataFrame, bank_number: np.ndarray, platform_number: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of the records that are in no pair yet."""
    here, there = bank_number.copy(), platform_number.copy()
    here[found["bank"]] = 0
    there[found["platform"]] = 0
    return here, there


def _split(
    bank: _Side, platform: _Side, numbers: tuple[np.ndarray, np.ndarray], barred: np.ndarray
) -> pd.DataFrame:
    """Join one record with all of the other institution's under its number, if they sum up."""
    sides = []
    for side, number in ((bank, numbers[0]), (platform, numbers[1])):
        at = np.flatnonzero(number)
        keys = {"number": number[at], "inward": side.inward[at]}
        sides.append(pd.DataFrame(keys | {"at": at, "fen": side.fen[at], "time": side.time[at]}))
    sides[1]["card"] = np.where(barred, platform.card, -1)[sides[1]["at"]]
    sides[0]["card"] = bank.card[sides[0]["at"]]
    by = ["number", "inward"]
    pairs = sides[0].merge(_sums(sides[1], by), on=by, suffixes=("", "_whole"))
    found = [_parts(pairs, by, "bank", "platform")]
    pairs = sides[1].merge(_sums(sides[0], by), on=by, suffixes=("", "_whole"))
    found.append(_parts(pairs, by, "platform", "bank"))
    return pd.concat(found, ignore_index=True).assign(how=_SPLIT)


def _sums(side: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Return the records that are alone under their number."""
    return side[~side.duplicated(by, keep=False)]


def _parts(pairs: pd.DataFrame, by: list[str], part: str, whole: str) -> pd.DataFrame:
    """Return the parts of each whole whose parts make it up within a day."""
    platform, bank = ("card", "card_whole") if part == "platform" else ("card_whole", "card")
    agrees = pairs[platform].lt(0) | pairs[platform].eq(pairs[bank])
    near = (pairs["time"] - pairs["time_whole"]).abs().le(DAY)
    groups = pairs.assign(near=near, agrees=agrees).groupby(by)
    sound = groups["fen"].transform("sum").eq(pairs["fen_whole"]) & groups["near"].transform("all")
    # A platform names one card only of those that a payment was split on.
    sound &= groups["agrees"].transform("any" if part == "bank" else "all")
    some = pairs[sound & groups["fen"].transform("size").gt(1)]
    return pd.DataFrame({part: some["at"], whole: some["at_whole"], "rivals": 0})


def _shared(
    bank: _Side, platform: _Side, bank_number: np.ndarray, platform_number: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return which records have a number that the other side holds in the same direction."""
    here, there = bank_number * 2 + bank.inward, platform_number * 2 + platform.inward
    return (
        (bank_number != 0) & np.isin(here, there),
        (platform_number != 0) & np.isin(there, here),
    )


def _carded(bank: _Side, platform: _Side, here: np.ndarray, there: np.ndarray) -> pd.DataFrame:
    """Join on card, amount, direction and time where there is one candidate each."""
    one, two = np.flatnonzero(here), np.flatnonzero(there & platform.told)
    columns = [
        np.concatenate([getattr(bank, name)[one], getattr(platform, name)[two]])
        for name in ("card", "fen", "inward")
    ]
    group = grouped(columns)
    left, right = (
        (group[part], side.time[at], side.precision[at])
        for part, side, at in (
            (slice(None, len(one)), bank, one),
            (slice(len(one), None), platform, two),
        )
    )
    met, mate = _alone(left, right)
    found = pd.DataFrame({"bank": one[met], "platform": two[mate]})
    return found.assign(rivals=0, how=_CARD)


_Records = tuple[np.ndarray, np.ndarray, np.ndarray]


def _alone(left: _Records, right: _Records) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of the records that have each other as the only candidate."""
    (many, only), (others, back) = _candidates(left, right), _candidates(right, left)
    met = np.flatnonzero(many == 1)
    mate = only[met]
    sure = (others[mate] == 1) & (back[mate] == met)
    return met[sure], mate[sure]


def _candidates(left: _Records, right: _Records) -> tuple[np.ndarray, np.ndarray]:
    """Return how many records of the right side fit each of the left, and the last that does."""
    many, only = np.zeros(len(left[0]), "int64"), np.full(len(left[0]), -1)
    for fine in range(len(_SLACKS)):
        for coarse in range(len(_SLACKS)):
            slack = _SLACKS[max(fine, coarse)]
            unit = 1 if slack else DAY
            one, two = (
                at[ordered(side[0][at], side[1][at])]
                for side, precision in ((left, fine), (right, coarse))
                for at in [np.flatnonzero((side[2] == precision) & (side[1] != UNKNOWN))]
            )
            count, last = _near(
                (left[0][one], left[1][one] // unit), (right[0][two], right[1][two] // unit), slack
            )
            many[one] += count
            some = count > 0
            only[one[some]] = two[last[some]]
    return many, only


@njit(cache=True, nogil=True)
def _near(
    left: tuple[np.ndarray, np.ndarray], right: tuple[np.ndarray, np.ndarray], slack: int
) -> tuple[np.ndarray, np.ndarray]:
    """
    Count the rows of the right side that are near each row of the left.

    Parameters
    ----------
    left, right
        Group and time of each row, shape (n,) and (m,), sorted by both.
    slack
        How far two times may be apart.

    Returns
    -------
    count, last
        Shape (n,) each: how many rows are near, and the place of the last.
    """
    (group, time), (other, there) = left, right
    count, last = np.zeros(len(group), np.int64), np.full(len(group), -1)
    start, end = 0, 0
    for row in range(len(group)):
        while start < len(other) and (
            other[start] < group[row]
            or (other[start] == group[row] and there[start] < time[row] - slack)
        ):
            start += 1
        end = max(start, end)
        while end < len(other) and other[end] == group[row] and there[end] <= time[row] + slack:
            end += 1
        count[row], last[row] = end - start, end - 1
    return count, last


def _named(found: pd.DataFrame, bank: _Side, platform: _Side) -> pd.DataFrame:
    """Say by entries who paid whom in each pair."""
    one, two = found["bank"].to_numpy("int64"), found["platform"].to_numpy("int64")
    inward = bank.inward[one]
    left, right = bank.entry[one], platform.entry[two]
    named = pd.DataFrame(
        {
            "payer_entry": np.where(inward, left, right),
            "payee_entry": np.where(inward, right, left),
            "bank": left,
            "platform": right,
            # Of a split each part moved as much as it says itself.
            "fen": np.minimum(bank.fen[one], platform.fen[two]),
            "gap": np.abs(bank.time[one] - platform.time[two]) / SECOND,
            "how": found["how"].map(dict(enumerate(_HOWS))).astype("str"),
            "rivals": found["rivals"].astype("int64"),
        }
    )
    return named.sort_values(["bank", "platform"], ignore_index=True)
