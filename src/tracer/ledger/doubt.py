"""Doubt: how sure each joining of two rows is, and the sentence that says why."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from tracer.column import Column, coded, large, series
from tracer.ledger.clocks import SECOND, SLACK
from tracer.ledger.codes import begins, grouped, ordered, places
from tracer.ledger.decisions import Ruled
from tracer.ledger.parties import Parties
from tracer.ledger.rows import PRECISIONS, Told
from tracer.ledger.transfers import numbers
from tracer.table import Arrays, Columns, stacked

_MINUTE, _DAY = PRECISIONS.index("minute"), PRECISIONS.index("day")
_SLACKS = np.array([SLACK[name] for name in PRECISIONS])
_DAY_SECONDS = 86_400
# What each way of joining is worth at its best, in the order in which `scores` lists them.
_WORTH = {"hand": 100, "serial": 100, "link": 100, "copy": 100, "balance": 90, "coarse": 90,
          "trade": 95, "both": 95, "split": 95, "half": 80, "card": 80, "party": 75,
          "less": 60}  # fmt: skip
HOWS, _JOINS = list(_WORTH), ["mirrored", "bridged", "repeat"]
_HAND = HOWS.index("hand")
_BEST, _REPEAT = np.array(list(_WORTH.values())), _JOINS.index("repeat")
_TIMED = np.array([how in ("both", "half", "card") for how in HOWS])
_BY_NAME = [HOWS.index(how) for how in ("both", "half")]
_WHOLE = ("entry", "other_entry", "rivals", "precision")
_FITTING = ("payer", "payee", "fen", "out", "time", "precision")
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


def scores(told: Arrays) -> np.ndarray:
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
        how (its place in ``HOWS``, which is this list), gap (seconds), rivals (how
        many) and precision (0 second, 1 minute, 2 day: the coarser of the two
        times); shape (n,) each.

    Returns
    -------
    numpy.ndarray
        Shape (n,), int64.

    Examples
    --------
    >>> how = np.array([HOWS.index("both"), HOWS.index("both"), HOWS.index("half")])
    >>> gap, rivals, precision = np.array([[3, 60, 3], [0, 1, 0], [0, 0, 2]])
    >>> told = {"how": how, "gap": gap, "rivals": rivals, "precision": precision}
    >>> scores(told).tolist()
    [95, 75, 70]
    """
    best, precision = _BEST[told["how"]], told["precision"]
    late = _LESS[np.searchsorted(_GAPS, told["gap"])]
    timed = np.minimum(best - np.where(precision == _DAY, 0, late), _COARSE[precision])
    timed -= _RIVAL * np.minimum(told["rivals"], _MOST_RIVALS)
    return np.where(_TIMED[told["how"]], timed, best)


def rivals(rows: Arrays, payer: np.ndarray, payee: np.ndarray) -> np.ndarray:
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
    key, out = grouped([rows[name] for name in _FITTING[:3]]), rows["out"]
    found, sides = np.zeros(len(payer), "int64"), ((payer, ~out), (payee, out))
    # Where the other side tells of one row only, that is the partner.
    several = [np.bincount(key[other], minlength=len(key)) > 1 for _, other in sides]
    some = np.flatnonzero(several[0][key[payer]] | several[1][key[payee]])
    if len(some):
        found[some] = _rivals(rows, key, payer[some], payee[some])
    return found


def _rivals(rows: Arrays, key: np.ndarray, payer: np.ndarray, payee: np.ndarray) -> np.ndarray:
    """Count the rows of the same keys that are near enough to the two sides of each pair."""
    time, precision = rows["time"], rows["precision"]
    known = ~np.isnat(time)
    second = np.where(known, time.view("int64"), 0) // SECOND
    second -= second[known].min(initial=0) if known.any() else 0
    second = np.where(known, second + 2 * _DAY_SECONDS, 0)
    coarse = np.maximum(precision[payer], precision[payee])
    reach = np.maximum(_SLACKS[coarse], np.abs(second[payer] - second[payee]))
    span = int(second.max(initial=0) + reach.max(initial=0) + 2 * _DAY_SECONDS)
    out, found = rows["out"], np.zeros(len(payer), "int64")
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
    how = np.select(list(hows.values()), [HOWS.index(one) for one in hows], HOWS.index("less"))
    entry = said.numbers["entry_id"]
    return pd.DataFrame(
        {
            "entry": entry[stands],
            "other_entry": entry[other],
            "how": pd.array(HOWS, dtype="str").take(how),
            "gap": 0.0,
            "rivals": 0,
            "precision": np.maximum(said.precision[other], said.precision[stands]),
            "said": byhand.same["said"].reindex(other).fillna("").to_numpy(),
        }
    )


def joins(rows: pd.DataFrame, joined: pd.DataFrame, again: pd.DataFrame) -> Columns:
    """
    Return the columns of the table `joins`: each joining with its score and reason.

    The most doubtful comes first.

    Parameters
    ----------
    rows
        Entries without repeats, as `build` makes them.
    joined
        payer_entry, payee_entry, join, how, gap, said and rivals of each
        transfer.
    again
        What `repeated` returned.
    """
    pairs = np.flatnonzero(joined["join"].array != "single")
    paired, told = _paired(rows, joined, pairs), _again(again)
    said = coded(pa.concat_arrays([large(joined["said"].iloc[pairs]), large(again["said"])]))
    facts = stacked([paired, told])
    facts["said"] = said.indices.to_numpy()
    score, transfer = scores(facts), _transfers(rows, joined, pairs, facts)
    # Long sentences are put in order by their numbers, before they are written out.
    order = ordered(score, transfer, facts["other_entry"])
    index = pd.RangeIndex(len(order))
    words = _reasons(facts, series(said.dictionary)) | {
        "join": Column(pd.Series(_JOINS, dtype="str"), facts["join"]),
        "decided": Column(
            pd.Series(["hand", "rule"], dtype="str"), (facts["how"] != _HAND).astype("int8")
        ),
    }
    return {
        **{name: facts[name][order] for name in ("entry", "other_entry")},
        **{name: column.take(order).texts(index) for name, column in words.items()},
        "transfer_id": transfer[order],
        "score": score[order],
    }  # fmt: skip


def _paired(rows: pd.DataFrame, joined: pd.DataFrame, pairs: np.ndarray) -> dict[str, np.ndarray]:
    """Return of transfers that two sides tell of what makes them sure or doubtful."""
    payer, payee = (joined[name].to_numpy("int64")[pairs] for name in ("payer", "payee"))
    gap, ways = joined["gap"].to_numpy("float64")[pairs], joined["how"].array
    columns = {name: rows[name].to_numpy() for name in (*_FITTING, "entry_id", "serial")}
    entry, serial, precision = (columns[name] for name in ("entry_id", "serial", "precision"))
    number = (serial[payer] == serial[payee]) & (serial[payer] != 0)
    # A short number may agree by chance where the times are far apart.
    number &= rows["numbered"].to_numpy()[payer] | (gap <= SLACK["minute"])
    how = _among(ways.categories, HOWS, ways.codes[pairs])
    how[number & np.isin(how, _BY_NAME)] = HOWS.index("serial")
    count = joined["rivals"].to_numpy("int64")[pairs]
    # Only those who name each other can have a rival: the others were the only ones to fit.
    both = np.flatnonzero(how == HOWS.index("both"))
    if len(both):
        fitting = rows["success"].to_numpy() & ~rows["silent"].to_numpy()
        place = np.cumsum(fitting) - 1
        some = {name: columns[name][fitting] for name in _FITTING}
        count[both] = rivals(some, place[payer[both]], place[payee[both]])
    kinds = joined["join"].array
    return {
        "join": _among(kinds.categories, _JOINS, kinds.codes[pairs]),
        "entry": entry[payer], "other_entry": entry[payee], "how": how, "gap": gap,
        "rivals": count, "precision": np.maximum(precision[payer], precision[payee]),
    }  # fmt: skip


def _among(words: pd.Index, known: list[str], codes: np.ndarray) -> np.ndarray:
    """Return the place among those that are known of words told by their codes."""
    found = np.zeros(len(words), "int64")
    for code in np.flatnonzero(np.bincount(codes)).tolist():
        found[code] = known.index(words[code])
    place: np.ndarray = found[codes]
    return place


def _again(again: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the same of what is told again."""
    how, words = pd.factorize(again["how"])
    return {
        "join": np.full(len(again), _REPEAT),
        "how": _among(words, HOWS, how),
        **{name: again[name].to_numpy("int64") for name in _WHOLE},
        "gap": again["gap"].to_numpy("float64"),
    }  # fmt: skip


def _transfers(
    rows: pd.DataFrame, joined: pd.DataFrame, pairs: np.ndarray, told: Arrays
) -> np.ndarray:
    """Return the transfer of each joining: that of both sides, or of the row that stands."""
    number = numbers(rows, joined)
    of_row = np.full(len(rows), np.iinfo("int64").max)
    for name in ("payer", "payee"):
        side = joined[name].to_numpy("int64")
        np.minimum.at(of_row, side[side >= 0], number[side >= 0])
    # The pairs stand in their order before all that is told again.
    again = told["entry"][len(pairs) :]
    return np.concatenate([number[pairs], of_row[places(rows["entry_id"].to_numpy(), again)]])


def _reasons(told: Arrays, said: pd.Series) -> dict[str, Column]:
    """Return why rows were joined, in both languages, made once for each combination."""
    # A gap that is not told makes no further sentence.
    silent = (told["precision"] == _DAY) | (told["join"] == _REPEAT)
    gap = np.where(silent, 0, told["gap"].astype("int64"))
    facts = {name: told[name] for name in ("how", "join", "said", "rivals", "precision")}
    group = grouped([gap, *facts.values()])
    at = begins(group)
    once = {name: values[at] for name, values in facts.items()} | {"gap": gap[at]}
    words = said.to_numpy("T")
    columns = {"reason": 0, "reason_en": 1}
    return {name: Column(_sentences(once, words, at), group) for name, at in columns.items()}


def _sentences(once: Arrays, words: np.ndarray, lang: int) -> pd.Series:
    """Return the sentences of one language: 0 Chinese, 1 English."""
    colon, end = (("：", "。"), (": ", "."))[lang]
    how, precision, rival = (once[name] for name in ("how", "precision", "rivals"))
    said = words[once["said"]]
    text = np.array([_WORDS[one][lang] for one in HOWS], "T")[how]
    text = text + np.where(said == "", "", colon + said)
    apart, rivals = (once[name].astype("T") for name in ("gap", "rivals"))
    timed = _TIMED[how]
    told: tuple[tuple[np.ndarray, tuple[np.ndarray | str, np.ndarray | str]], ...] = (
        ((once["join"] != _REPEAT) & (precision != _DAY),
         ("，双方流水时间相差 " + apart + " 秒", "; the two times differ by " + apart + " s")),
        (timed & (precision == _DAY), ("，只有日期、没有时刻", "; only the day is known")),
        (timed & (precision == _MINUTE), ("，时间只到分", "; only the minute is known")),
        (rival != 0,
         ("，另有 " + rivals + " 行同样相符", "; " + rivals + " further rows would fit as well")),
    )  # fmt: skip
    for applies, told_so in told:
        text = text + np.where(applies, told_so[lang], "")
    return pd.Series(text + end, dtype="str")
