"""Records: the entries that repeat no other, every text and account in them a number."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from tracer.column import Column, large
from tracer.ledger import platforms, reversals
from tracer.ledger.parties import Parties, natures
from tracer.ledger.rows import Told, unified

# A serial of so many characters is not given twice.
_LONG = 6
_TAKEN_BACK = f"{reversals.UNDONE}|{reversals.REFUNDED}"


def records(said: Told, found: Parties, kind: pd.Series, stands: np.ndarray) -> pd.DataFrame:
    """
    Return the entries that repeat no other as whole numbers, in the order of their numbers.

    Parameters
    ----------
    said, found
        The entries, and who they say paid whom.
    kind
        Account key to its kind.
    stands
        Shape (n,), the place of the entry that stands for each.

    Returns
    -------
    pandas.DataFrame
        entry_id, place (among all entries), first (the smallest entry_id that
        told the same); own, other, payer, payee (accounts) and out; fen,
        balance_fen and shown; time, precision, seq; serial and link (numbers
        of one space, 0 for none), clock (of the institution), currency, file
        (of platforms' tables only); and what the row is: silent about its
        counterparty, of a wallet, with another wallet (other_wallet), a hop
        through a clearing account, numbered by a long serial, undone or a
        refund by the institution's own words, hinted at by a remark, internal
        to the bank.
    """
    kept = np.flatnonzero(stands == np.arange(len(stands)))
    first = np.full(len(stands), np.iinfo("int64").max)
    np.minimum.at(first, stands, said.numbers["entry_id"])
    out, own, other = said.out[kept], found.own[kept], found.other[kept]
    codes = {
        "own": own, "other": other, "payer": np.where(out, own, other),
        "payee": np.where(out, other, own), "place": kept,
        "clock": said.texts["institution"].places()[kept],
        "currency": said.texts["currency"].places()[kept],
        **{name: values[kept] for name, values in (_serials(said) | _names(said)).items()},
    }  # fmt: skip
    flags = {name: values[kept] for name, values in _words(said).items()}
    flags |= {name: values[kept] for name, values in natures(found, kind).items()}
    numbers = {name: values[kept] for name, values in said.numbers.items() if name != "load_id"}
    balance = pd.arrays.IntegerArray(numbers["balance_fen"], ~numbers["shown"])
    file = np.full(len(kept), -1)
    file[flags["wallet"]] = said.files(kept[flags["wallet"]])
    small = {name: values.astype("int32") for name, values in codes.items()}
    more = {"precision": said.precision[kept], "first": first[kept], "file": file}
    silent = {"out": out, "silent": found.silent[kept]}
    whole = pd.DataFrame(small | flags | numbers | more | silent, copy=False)
    return whole.assign(balance_fen=balance)


def _serials(said: Told) -> dict[str, np.ndarray]:
    """Return serials and shared numbers in one space, so that they can be compared; 0 for none."""
    serial, link = said.texts["serial"], said.texts["link_serial"]
    words, fewer = large(serial.words), large(link.words)
    # `rows.told` holds each text of a column only once, so that the many need no counting again.
    same = pc.index_in(words, value_set=fewer)
    places = len(words) + np.arange(len(fewer))
    places[same.drop_null().to_numpy()] = np.flatnonzero(same.is_valid())
    numbers = np.arange(len(words)), places
    told = zip((serial, link), numbers, strict=True)
    codes = [column.spread(np.where(column.words.eq(""), 0, code + 1)) for column, code in told]
    return dict(zip(("serial", "link"), codes, strict=True))


def _names(said: Told) -> dict[str, np.ndarray]:
    """Return the names of both sides in one space; 0 for none, or one of which part is hidden."""
    codes, words = unified([said.texts["holder"], said.texts["other_holder"]])
    shown = pc.invert(pc.match_substring_regex(words, "^$|[*＊]")).to_numpy(zero_copy_only=False)
    mine, theirs = (np.where(shown[code], code + 1, 0) for code in codes)
    return {"named": mine, "other_named": theirs}


def _words(said: Told) -> dict[str, np.ndarray]:
    """Return what the texts of a row say of it."""
    undone = _has(said.texts["summary"], reversals.UNDONE)
    refund = _has(said.texts["summary"], reversals.REFUNDED)
    # Short numbers are counted anew every day, so that they agree by chance.
    long = said.texts["serial"].flags(lambda words: words.str.len().ge(_LONG))
    return {
        "numbered": long,
        "undone": undone | refund,
        "refund": refund & ~undone,
        "hinted": _has(said.texts["remark"], _TAKEN_BACK),
        "internal": _has(said.texts["other_holder"], reversals.INTERNAL),
    }


def _has(column: Column, words: str) -> np.ndarray:
    """Return which rows have any of some words, which stand between bars."""
    return column.flags(lambda texts: texts.str.contains(words))


def once(rows: pd.DataFrame, apart: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Leave out what another table of the same platform tells too.

    Parameters
    ----------
    rows
        What `records` returned.
    apart
        The entries of which investigators said that they are two.

    Returns
    -------
    rows : pandas.DataFrame
        Those that count, with what only the others showed.
    again : pandas.DataFrame
        Those that do not: as `doubt.repeated` returns them.
    """
    if not rows["wallet"].any():
        return rows, pd.DataFrame()
    free = rows[~rows["entry_id"].isin(apart)] if len(apart) else rows
    # A platform's own number of a trade is what its tables call a serial.
    told = platforms.same(free.assign(kindred=free["serial"].where(free["wallet"], 0)))
    told = told[told["stands"].ne(told["entry_id"])]
    if told.empty:
        return rows, pd.DataFrame()
    by = rows.set_index("entry_id")
    times = (by["time"].reindex(told[name]).to_numpy() for name in ("entry_id", "stands"))
    gap = np.abs(np.subtract(*times)) / np.timedelta64(1, "s")
    again = pd.DataFrame({
        "entry": told["stands"].array, "other_entry": told["entry_id"].array, "how": "trade",
        "gap": np.nan_to_num(gap), "rivals": 0, "precision": 0, "said": "",
    })  # fmt: skip
    # What only the other table shows is not lost with it.
    both = np.concatenate([told["stands"], told["entry_id"]])
    facts = by.loc[both, ["first", "link"]]
    facts["link"] = facts["link"].where(facts["link"].ne(0))
    # Its own number counts first, whatever the numbers' order is in this building.
    merged = facts.groupby(np.tile(told["stands"], 2)).agg({"first": "min", "link": "first"})
    merged["link"] = merged["link"].fillna(0)
    kept = by[~by.index.isin(told["entry_id"])].copy()
    for name in merged:
        kept.loc[merged.index, name] = merged[name].astype(kept[name].dtype)
    return kept.reset_index(), again
