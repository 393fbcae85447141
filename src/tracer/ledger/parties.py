"""Parties: the two accounts between which each entry says that money moved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tracer.column import Column, large, series, stray
from tracer.ledger import accounts, kinds
from tracer.ledger.codes import begins, grouped
from tracer.ledger.masks import matched
from tracer.ledger.rows import Keys, Told, unified
from tracer.tables import MASKS

UNKNOWN = "unknown:"
# What is no number that names an account, but part of one.
_MASKED = r"[*＊•●×]|尾号|尾数|末四位|后四位|[xX]{2,}\d|[（(]\d{4,}[)）]$"


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


def parties(
    told: Told,
    known: pd.Series,
    registrations: pd.DataFrame,
    masks: pd.DataFrame | None = None,
) -> tuple[Parties, pd.DataFrame]:
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
    registrations
        The table `registrations`, whose accounts a masked number may mean.
    masks
        The table `masks`, if it is known already what each of them means.

    Returns
    -------
    parties : Parties
        Who paid whom.
    masked : pandas.DataFrame
        What `masks.matched` returned of the masked numbers among the counterparties.
    """
    own = told.texts["account"].map(lambda words: accounts.resolve(words, known))
    account = told.texts["other_account"].map(lambda words: accounts.resolve(words, known))
    account, masked = _unmasked(account, own, told, registrations.assign(
        account=accounts.resolve(registrations["account"], known)
    ), masks)  # fmt: skip
    choice, others = _counterparties(told, account, masked=bool(len(masked)))
    (mine, *codes), words = unified([own, *others])
    other = np.select([choice == place for place in range(len(codes))], codes, -1)
    silent = other < 0
    lone = UNKNOWN + pd.Series(told.numbers["entry_id"][silent]).astype("str")
    other[silent] = len(words) + np.arange(len(lone))
    keys = Keys(pa.concat_arrays([words, large(lone)]))
    return _pocketed(Parties(mine, other, silent, keys), told.texts["currency"]), masked


def _masked(words: pd.Series) -> np.ndarray:
    """Return which texts do not show a number in full."""
    # A look at all bytes spares plain numbers the whole pattern.
    if not stray(large(words), "*xX("):
        return np.zeros(len(words), bool)
    return words.str.contains(_MASKED).to_numpy(bool)


def _unmasked(
    account: Column,
    own: Column,
    told: Told,
    registrations: pd.DataFrame,
    known: pd.DataFrame | None,
) -> tuple[Column, pd.DataFrame]:
    """Return the counterparties with the accounts that masked numbers can only mean."""
    texts = told.texts
    masks = _masked(account.words)
    rows = np.flatnonzero(account.spread(masks))
    if not len(rows):
        return account, MASKS.empty()
    names = ("other_holder", "other_institution")
    codes = [account.places()[rows], *(texts[name].places()[rows] for name in names)]
    sighting = grouped(codes)
    seen = _named(account, told, "other_", rows[begins(sighting)])
    if known is not None:
        found = seen.merge(known, how="left", on=["text", "holder", "institution"])
        return _put_in(account, rows, sighting, found.fillna({"account": ""})), found
    # Every account that any record names in full may be meant.
    plain = np.flatnonzero(account.spread(account.words.str.fullmatch(r"\d{8,}").to_numpy(bool)))
    whole = [_once(own, told, "", np.arange(len(told))), _once(account, told, "other_", plain)]
    named = [one.rename(columns={"text": "account"}) for one in (*whole, registrations)]
    columns = ["account", "holder", "institution"]
    found = matched(seen, pd.concat([one[columns] for one in named], ignore_index=True))
    return _put_in(account, rows, sighting, found), found


def _put_in(account: Column, rows: np.ndarray, sighting: np.ndarray, found: pd.DataFrame) -> Column:
    """Return the counterparties with what was found of some rows."""
    words = pd.concat([account.words, found["account"]], ignore_index=True)
    places = account.places().astype("int64")
    meant = found["account"].ne("").to_numpy()[sighting]
    places[rows[meant]] = len(account.words) + sighting[meant]
    return Column(words, places)


def _once(account: Column, told: Told, side: str, rows: np.ndarray) -> pd.DataFrame:
    """Return the accounts of some rows with holder and bank, each combination once."""
    columns = [account, *(told.texts[side + name] for name in ("holder", "institution"))]
    return _named(account, told, side, rows[begins(grouped([c.places()[rows] for c in columns]))])


def _named(account: Column, told: Told, side: str, rows: np.ndarray) -> pd.DataFrame:
    index = pd.RangeIndex(len(rows))
    columns = {"text" if side else "account": account.take(rows).texts(index)}
    for name in ("holder", "institution"):
        columns[name] = told.texts[side + name].take(rows).texts(index)
    return pd.DataFrame(columns)


def _counterparties(
    told: Told, account: Column, *, masked: bool
) -> tuple[np.ndarray, list[Column]]:
    """Return which of several keys names the other side of each row, -1 for none, and the keys."""
    texts = told.texts
    nameless = ~account.filled()
    if masked:
        # A masked number (6226****5669) fits many accounts, so it names none.
        nameless |= account.spread(_masked(account.words))
    holder, merchant, coded = (texts[n] for n in ("other_holder", "merchant", "merchant_code"))
    summary = Column.joined([texts["summary"], texts["channel"]], " ")
    clearing = holder.spread(kinds.clearing(holder.words))
    bought = summary.spread(kinds.bought(summary.words)) & holder.filled()
    bought |= holder.spread(kinds.shop(holder.words))
    cash = told.numbers["cash"] | summary.spread(kinds.cash(summary.words))
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


def natures(found: Parties, kind: pd.Series) -> dict[str, np.ndarray]:
    """
    Return what the two accounts of each entry are.

    Parameters
    ----------
    found
        Who paid whom.
    kind
        Account key to its kind.

    Returns
    -------
    dict of str to numpy.ndarray
        Shape (n,) each: wallet, other_wallet (whether the own account or the
        counterparty is with a payment platform) and hop (whether the
        counterparty only passes money on).
    """
    wallet = found.keys.flags(kinds.PLATFORM)
    clearing = pa.array(kind.index[kind.eq("clearing")].astype("str"), pa.large_string())
    hop = pc.is_in(found.keys.words, value_set=clearing).to_numpy(zero_copy_only=False)
    return {
        "wallet": wallet[found.own],
        "other_wallet": wallet[found.other],
        "hop": hop[found.other],
    }


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
