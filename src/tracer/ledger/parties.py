"""Parties: the two accounts between which each entry says that money moved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from tracer.column import Column, large, series
from tracer.ledger import accounts
from tracer.ledger.codes import begins, grouped
from tracer.ledger.rows import Keys, Told, unified

UNKNOWN = "unknown:"


@dataclass(frozen=True)
class Parties:
    """Whose entry each is, and who is on the other side."""

    own: np.ndarray
    """Shape (n,), the number of the own account."""
    other: np.ndarray
    """Shape (n,), that of the counterparty."""
    silent: np.ndarray
    """Shape (n,), whether the entry does not tell the counterparty; its number is then its own."""
    keys: Keys
    """The text of every number."""


def parties(told: Told, known: pd.Series) -> Parties:
    """
    Find the accounts that the texts of entries mean.

    A clearing account stays itself even where a merchant is named beside it,
    because the money went through the platform. A row without any counterparty
    gets a key of its own, so that two such rows never meet.

    Parameters
    ----------
    told
        The entries.
    known
        Account number to the account that it means.
    """
    own = told.texts["account"].map(lambda words: accounts.resolve(words, known))
    choice, others = _counterparties(told, known)
    (mine, *codes), words = unified([own, *others])
    other = np.select([choice == place for place in range(len(codes))], codes, -1)
    silent = other < 0
    lone = UNKNOWN + pd.Series(told.numbers["entry_id"][silent]).astype("str")
    other[silent] = len(words) + np.arange(len(lone))
    keys = Keys(pa.concat_arrays([words, large(lone)]))
    return _pocketed(Parties(mine, other, silent, keys), told.texts["currency"])


def _counterparties(told: Told, known: pd.Series) -> tuple[np.ndarray, list[Column]]:
    """Return which of several keys names the other side of each row, -1 for none, and the keys."""
    texts = told.texts
    account = texts["other_account"].map(lambda words: accounts.resolve(words, known))
    # A masked number (6226****5669) fits many accounts, so it names none.
    nameless = account.flags(lambda words: words.eq("") | words.str.contains("*", regex=False))
    holder, merchant, coded = (texts[n] for n in ("other_holder", "merchant", "merchant_code"))
    summary = Column.joined([texts["summary"], texts["channel"]], " ")
    clearing = holder.flags(lambda words: words.str.contains(accounts.CLEARING))
    bought = summary.flags(lambda words: words.str.contains(accounts.PURCHASE)) & holder.filled()
    cash = told.numbers["cash"] | summary.flags(lambda words: words.str.contains(accounts.CASH))
    keys = {
        "code": (coded.filled() & ~clearing, coded.map(_merchant)),
        "account": (~nameless, account),
        "shop": (merchant.filled() & ~clearing, merchant.map(_merchant)),
        "clearing": (clearing, holder.map(lambda words: "clearing:" + words)),
        "bought": (bought, holder.map(_merchant)),
        "cash": (cash, Column.same("cash", len(told))),
    }
    applies = [rows for rows, _ in keys.values()]
    choice = np.select(applies, range(len(applies)), -1)
    return choice, [column for _, column in keys.values()]


def _merchant(words: pd.Series) -> pd.Series:
    return "merchant:" + words


def _pocketed(found: Parties, currency: Column) -> Parties:
    """
    Give each foreign currency of an account a key of its own.

    A bank keeps every currency of a card in a sub-account; a dollar there is no
    yuan, so the two must never meet in one queue.
    """
    foreign = np.flatnonzero(currency.flags(lambda words: words.ne("CNY")))
    if not len(foreign):
        return found
    open_to_all = found.keys.flags(rf"^cash$|^{UNKNOWN}")
    coin = currency.places()
    sides, keys = [], found.keys
    for side in (found.own, found.other):
        rows = foreign[~open_to_all[side[foreign]]]
        pocket = grouped([side[rows], coin[rows]])
        at = rows[begins(pocket)]
        named = (
            found.keys.texts(side[at])
            + "_"
            + series(large(currency.words).take(pa.array(coin[at])))
        )
        moved = side.copy()
        moved[rows] = len(keys.words) + pocket
        keys = Keys(pa.concat_arrays([keys.words, large(named)]))
        sides.append(moved)
    return _merged(Parties(sides[0], sides[1], found.silent, keys))


def _merged(found: Parties) -> Parties:
    """Give each key one number again, where both sides made it."""
    (codes,), words = unified([Column(series(found.keys.words))])
    return Parties(codes[found.own], codes[found.other], found.silent, Keys(words))


def sightings(told: Told, found: Parties) -> pd.DataFrame:
    """
    Return every name, ID and bank under which an account was seen, each combination once.

    Parameters
    ----------
    told, found
        The entries and their parties.

    Returns
    -------
    pandas.DataFrame
        account, holder, holder_id, institution (text), own (whether its own
        statement says so), plain (whether only a plain transfers table does),
        weight (how much the source counts) and times (in how many entries).
    """
    texts, plain = told.texts, ~told.numbers["statement"]
    named = texts["other_holder"].where(texts["other_holder"].filled(), texts["merchant"])
    nobody = np.zeros(len(plain), bool)
    sides = (
        (found.own, (texts["holder"], texts["holder_id"], texts["institution"]), ~plain, 2),
        (found.other, (named, texts["other_id"], texts["other_institution"]), nobody, 1),
    )
    seen = []
    for account, columns, own, weight in sides:
        places = [column.places() for column in columns]
        group = grouped([account, *places, plain])
        at = begins(group)
        told_as = {
            name: column.words.take(place[at]).array
            for name, column, place in zip(
                ("holder", "holder_id", "institution"), columns, places, strict=True
            )
        }
        seen.append(
            pd.DataFrame(
                {"account": found.keys.texts(account[at]).array, **told_as}
                | {"own": own[at], "plain": plain[at], "weight": weight}
                | {"times": np.bincount(group)},
            )
        )
    return pd.concat(seen, ignore_index=True)
