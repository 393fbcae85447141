"""Doubt: how sure each joining of two rows is, and the sentence that says why."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tracer.column import Column
from tracer.ledger.clocks import SECOND, SLACK
from tracer.ledger.codes import begins, grouped, ordered, places
from tracer.ledger.decisions import Ruled
from tracer.ledger.parties import Parties
from tracer.ledger.rows import PRECISIONS, Told
from tracer.ledger.transfers import numbers
from tracer.tables import JOINS

_MINUTE, _DAY = PRECISIONS.index("minute"), PRECISIONS.index("day")
_SLACKS = np.array([SLACK[name] for name in PRECISIONS])
_DAY_SECONDS = 86_400
# What each way of joining is worth at its best, and whether time and rivals can make it less.
_WORTH = {"hand": 100, "serial": 100, "link": 100, "copy": 100, "balance": 90, "both": 95,
          "coarse": 90, "split": 95, "trade": 95, "half": 80, "card": 80, "party": 75,
          "less": 60}  # fmt: skip
_FITTING = ["payer", "payee", "fen", "out", "time", "precision"]
_TIMED = ("both", "half", "card")
_GAPS, _LESS = np.array([5, 30, 120]), np.array([0, 5, 10, 15])
_RIVAL, _MOST_RIVALS = 10, 3
_COARSE = np.array([100, 85, 70])

_WORDS = {
    "hand": ("办案人员指定", "An investigator decided it"),
    "serial": ("双方流水号相同", "Both sides show one serial"),
    "link": ("网银联单号与银行流水号一致", "The platform's link number is the bank's serial"),
    "split": (
        "网银联单号一致，几笔之和等于另一方的一笔",
        "The link number agrees, and several parts make up the other side's amount",
    ),
    "trade": (
        "同一支付平台的几张表记载同一订单",
        "Several tables of one platform tell of one order",
    ),
    "both": ("付款方、收款方、金额一致", "Both sides name each other and the amount"),
    "half": (
        "一方流水未载明对手，账户、金额一致且唯一",
        "One side names nobody; account and amount agree and nothing else fits",
    ),
    "card": (
        "银行卡、金额、方向一致且唯一",
        "Card, amount and direction agree and nothing else fits",
    ),
    "copy": ("账户、时间、方向、金额、流水号相同", "The same row with the same serial"),
    "balance": ("账户、时间、方向、金额、余额相同", "The same row with the same balance"),
    "coarse": (
        "账户、方向、金额相同，流水号或余额相同，其中一行的时间只到日或分",
        "The same row with the same serial or balance; one telling knows only the day or minute",
    ),
    "party": (
        "账户、时间、方向、金额、对手相同，没有流水号或余额可以证明",
        "The same row with the same counterparty; no serial or balance proves it",
    ),
    "less": (
        "账户、时间、方向、金额相同，其余有一方没有载明",
        "Account, time, direction and amount agree; one row is silent about the rest",
    ),
}


def scores(told: pd.DataFrame) -> pd.Series:
    """
    Say from 0 to 100 how sure it is that two rows tell of one movement.

    ======== ===== =========================================================
    how      best  what the two rows show
    ======== ===== =========================================================
    hand       100 an investigator decided it
    serial     100 two sides with one serial, near in time if it is a short one
    link       100 the platform's link number is the bank's
    copy       100 a row told twice, with its serial
    balance     90 a row told twice, with its balance
    coarse      90 likewise with its serial or balance, once by the day or the
                   minute only
    trade       95 one order in several tables of a platform
    both        95 each side names the other
    split       95 the platform's link number is the bank's, and parts make up
                   the sum
    half        80 one side names nobody, and there is one candidate
    card        80 bank and platform agree on card, amount and direction
    party       75 a row told twice, with its counterparty and no proof
    less        60 a row told twice, of which one telling leaves things open
    ======== ===== =========================================================

    Of both, half and card, a gap of more than 5, 30 and 120 seconds takes 5,
    10 and 15 away; each rival, a row that would have fitted as well, takes 10,
    at most 30. Where only the minute is known the most is 85, where only the
    day is, 70 (and no gap is counted).

    Parameters
    ----------
    told
        how, gap (seconds), rivals (how many) and precision (0 second,
        1 minute, 2 day: the coarser of the two times).

    Returns
    -------
    pandas.Series
        int64, like the facts.

    Examples
    --------
    >>> told = {"how": ["both", "both", "half"], "gap": [3, 60, 3], "rivals": [0, 1, 0]}
    >>> scores(pd.DataFrame(told).assign(precision=[0, 0, 2])).tolist()
    [95, 75, 70]
    """
    place, words = pd.factorize(told["how"])
    best = pd.Series(np.array([_WORTH[how] for how in words], "int64")[place], index=told.index)
    precision = told["precision"].to_numpy("int64")
    late = _LESS[np.searchsorted(_GAPS, told["gap"].to_numpy("float64"))]
    timed = best - np.where(precision == _DAY, 0, late)
    timed = timed.clip(upper=pd.Series(_COARSE[precision], index=told.index))
    timed -= _RIVAL * told["rivals"].clip(upper=_MOST_RIVALS).astype("int64")
    return timed.where(np.array([how in _TIMED for how in words], bool)[place], best)


def rivals(rows: pd.DataFrame, payer: np.ndarray, payee: np.ndarray) -> np.ndarray:
    """
    Count the rows that would have fitted each pair as well.

    They are those of the same payer, payee and amount no further from the
    other side than its partner is, or than clocks may differ.

    Parameters
    ----------
    rows
        Entries that move money: payer, payee, fen, out, time and precision.
    payer, payee
        Shape (k,) each, the places of the two sides of every pair.

    Returns
    -------
    numpy.ndarray
        Shape (k,), int64.
    """
    key, out = grouped([rows[name].to_numpy() for name in _FITTING[:3]]), rows["out"].to_numpy()
    found, sides = np.zeros(len(payer), "int64"), ((payer, ~out), (payee, out))
    # Where the other side tells of one row only, that is the partner.
    several = [np.bincount(key[other], minlength=len(key)) > 1 for _, other in sides]
    some = np.flatnonzero(several[0][key[payer]] | several[1][key[payee]])
    if len(some):
        found[some] = _rivals(rows, key, payer[some], payee[some])
    return found


def _rivals(
    rows: pd.DataFrame, key: np.ndarray, payer: np.ndarray, payee: np.ndarray
) -> np.ndarray:
    """Count the rows of the same keys that are near enough to the two sides of each pair."""
    time = rows["time"].to_numpy("datetime64[us]")
    known = ~np.isnat(time)
    second = np.where(known, time.view("int64"), 0) // SECOND
    second -= second[known].min(initial=0) if known.any() else 0
    second = np.where(known, second + 2 * _DAY_SECONDS, 0)
    precision = rows["precision"].to_numpy("int64")
    coarse = np.maximum(precision[payer], precision[payee])
    reach = np.maximum(_SLACKS[coarse], np.abs(second[payer] - second[payee]))
    span = int(second.max(initial=0) + reach.max(initial=0) + 2 * _DAY_SECONDS)
    out, found = rows["out"].to_numpy(), np.zeros(len(payer), "int64")
    for mine, other in ((payer, ~out & known), (payee, out & known)):
        there = np.sort(key[other] * span + second[other])
        low, high = second[mine] - reach, second[mine] + reach
        # A date alone fits every second of its day and none of the next.
        day = (time[mine].astype("datetime64[D]") - time[mine]).astype("int64") // SECOND
        low = np.where(coarse == _DAY, second[mine] + day, np.maximum(low, 0))
        high = np.where(coarse == _DAY, low + _DAY_SECONDS - 1, high)
        ends = (np.searchsorted(there, key[mine] * span + high, "right"),
                np.searchsorted(there, key[mine] * span + low, "left"))  # fmt: skip
        found += np.maximum(ends[0] - ends[1] - 1, 0)
    return np.where(known[payer] & known[payee], found, 0)


def repeated(said: Told, found: Parties, byhand: Ruled) -> pd.DataFrame:
    """
    Return every row that repeats another, with what shows that it does.

    Parameters
    ----------
    said, found
        The entries, and who they say paid whom.
    byhand
        What decisions made of them.

    Returns
    -------
    pandas.DataFrame
        entry (the one that stands), other_entry, how, gap, rivals, precision
        and said.
    """
    other = np.flatnonzero(byhand.stands != np.arange(len(byhand.stands)))
    stands = byhand.stands[other]
    serial, balance = said.texts["serial"].places(), said.numbers["balance_fen"]
    shown, filled = said.numbers["shown"], said.texts["serial"].filled()
    copy = filled[other] & (serial[other] == serial[stands])
    proved = shown[other] & shown[stands] & (balance[other] == balance[stands])
    silent = found.silent[other] | found.silent[stands]
    party = ~silent & (found.other[other] == found.other[stands])
    group = byhand.same["group"].reindex(stands).to_numpy()
    hand = group == byhand.same["group"].reindex(other).to_numpy()
    time = said.numbers["time"].view("int64")
    rough = time[other] != time[stands]
    hows = {"hand": hand, "coarse": rough, "copy": copy, "balance": proved, "party": party}
    how = np.select(list(hows.values()), list(hows), "less")
    entry = said.numbers["entry_id"]
    return pd.DataFrame(
        {
            "entry": entry[stands],
            "other_entry": entry[other],
            "how": how,
            "gap": 0.0,
            "rivals": 0,
            "precision": np.maximum(said.precision[other], said.precision[stands]),
            "said": byhand.same["said"].reindex(other).fillna("").to_numpy(),
        }
    )


def joins(rows: pd.DataFrame, joined: pd.DataFrame, again: pd.DataFrame) -> pd.DataFrame:
    """
    Return the table `joins`: each joining with its score and its reason, most doubtful first.

    Parameters
    ----------
    rows
        Entries without repeats, as `build` makes them.
    joined
        payer_entry, payee_entry, join, how, gap and said of each transfer, and
        rivals where what paired them has counted those.
    again
        What `repeated` returned.
    """
    told = pd.concat([_paired(rows, joined), again.assign(join="repeat")], ignore_index=True)
    score, transfer = scores(told).to_numpy(), _transfers(rows, joined, told)
    # Long sentences are put in order by their numbers, before they are written out.
    order = ordered(score, transfer, told["other_entry"].to_numpy("int64"))
    frame = told[["join", "entry", "other_entry"]].iloc[order].reset_index(drop=True)
    return JOINS.conform(
        frame.assign(
            transfer_id=transfer[order],
            score=score[order],
            decided=np.where(told["how"].eq("hand"), "hand", "rule")[order],
            **{
                name: column.take(order).texts(frame.index)
                for name, column in _reasons(told).items()
            },
        )
    )


def _paired(rows: pd.DataFrame, joined: pd.DataFrame) -> pd.DataFrame:
    """Return the transfers that two sides tell of, with what makes them sure or doubtful."""
    pairs = joined[joined["join"].ne("single")]
    sides = [pairs[name].to_numpy("int64") for name in ("payer_entry", "payee_entry")]
    payer, payee = (pairs[name].to_numpy("int64") for name in ("payer", "payee"))
    serial, precision = rows["serial"].to_numpy(), rows["precision"].to_numpy()
    number = (serial[payer] == serial[payee]) & (serial[payer] != 0)
    # A short number may agree by chance where the times are far apart.
    number &= rows["numbered"].to_numpy()[payer] | (pairs["gap"] <= SLACK["minute"]).to_numpy()
    said = pairs["how"].astype("str")
    how = said.mask(said.isin(["both", "half"]) & number, "serial")
    # Only those who name each other can have a rival: the others were the only ones to fit.
    both, count = np.flatnonzero(how.eq("both")), np.zeros(len(pairs), "int64")
    if "rivals" in pairs:
        count += pairs["rivals"].fillna(0).to_numpy("int64")
    fitting = (rows["success"] & ~rows["silent"]).to_numpy()
    some, place = np.flatnonzero(fitting), np.cumsum(fitting) - 1
    fitted = (place[side[both]] for side in (payer, payee))
    if len(both):
        count[both] = rivals(rows[_FITTING].iloc[some], *fitted)
    return pd.DataFrame(
        {
            "join": pairs["join"].astype("str").array,
            "entry": sides[0],
            "other_entry": sides[1],
            "how": how.array,
            "gap": pairs["gap"].to_numpy("float64"),
            "rivals": count,
            "precision": np.maximum(precision[payer], precision[payee]),
            "said": pairs["said"].fillna("").array,
        }
    )


def _transfers(rows: pd.DataFrame, joined: pd.DataFrame, told: pd.DataFrame) -> np.ndarray:
    """Return the transfer of each joining: that of both sides, or of the row that stands."""
    found, again = np.empty(len(told), "int64"), told["join"].eq("repeat").to_numpy()
    number = numbers(rows, joined)
    # The pairs stand in their order before all that is told again.
    found[~again] = number[joined["join"].ne("single")]
    of_row = np.full(len(rows), np.iinfo("int64").max)
    for name in ("payer", "payee"):
        side = joined[name].to_numpy("int64")
        np.minimum.at(of_row, side[side >= 0], number[side >= 0])
    entry = told["entry"].to_numpy("int64")[again]
    found[again] = of_row[places(rows["entry_id"].to_numpy(), entry)]
    return found


def _reasons(told: pd.DataFrame) -> dict[str, Column]:
    """Return why rows were joined, in both languages, made once for each combination."""
    codes = [pd.factorize(told[name])[0] for name in ("how", "join", "said")]
    numbers = [told[name].to_numpy("int64") for name in ("rivals", "precision")]
    # A gap that is not told makes no further sentence.
    silent = (numbers[1] == _DAY) | told["join"].eq("repeat").to_numpy()
    gap = np.where(silent, 0, told["gap"].to_numpy().astype("int64"))
    group = grouped([gap, *codes, *numbers])
    at = begins(group)
    once = told.iloc[at].assign(gap=gap[at]).reset_index(drop=True)
    words = {"reason": _sentences(once, 0), "reason_en": _sentences(once, 1)}
    return {name: Column(text, group) for name, text in words.items()}


def _sentences(once: pd.DataFrame, lang: int) -> pd.Series:
    """Return the sentences of one language: 0 Chinese, 1 English."""
    colon, end = (("：", "。"), (": ", "."))[lang]
    place, hows = pd.factorize(once["how"])
    text = np.array([_WORDS[how][lang] for how in hows], "T")[place]
    said = once["said"].astype("str").to_numpy("T")
    text = text + np.where(said == "", "", colon + said)
    precision, rival = (once[name].to_numpy("int64") for name in ("precision", "rivals"))
    apart, rivals = (once[name].to_numpy("int64").astype("T") for name in ("gap", "rivals"))
    sides = once["join"].ne("repeat").to_numpy(bool)
    timed = np.array([how in _TIMED for how in hows], bool)[place]
    told: tuple[tuple[np.ndarray, tuple[np.ndarray | str, np.ndarray | str]], ...] = (
        (sides & (precision != _DAY),
         ("，双方流水时间相差 " + apart + " 秒", "; the two times differ by " + apart + " s")),
        (timed & (precision == _DAY), ("，只有日期、没有时刻", "; only the day is known")),
        (timed & (precision == _MINUTE), ("，时间只到分", "; only the minute is known")),
        (rival != 0,
         ("，另有 " + rivals + " 行同样相符", "; " + rivals + " further rows would fit as well")),
    )  # fmt: skip
    for applies, words in told:
        text = text + np.where(applies, words[lang], "")
    return pd.Series(text + end, dtype="str")
