"""Which account each text means: aliases, holders, kinds and institutions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from tracer.column import Column
from tracer.ledger import kinds
from tracer.ledger.aliases import aliases as _aliases
from tracer.ledger.aliases import pairs
from tracer.ledger.banks import bank
from tracer.tables import ACCOUNTS, SUBACCOUNTS

EXITS = kinds.EXITS
PLATFORM = kinds.PLATFORM


def aliases(entries: pd.DataFrame, registrations: pd.DataFrame) -> pd.Series:
    """
    Return which account each further number means.

    Parameters
    ----------
    entries, registrations
        Tables of `tracer.tables`; only card and number are used.

    Returns
    -------
    pandas.Series
        Alias to account, both text; see `tracer.ledger.aliases.aliases`.
    """
    known, _ = _aliases(pairs(entries, registrations, SUBACCOUNTS.empty()))
    return known


def resolve(values: pd.Series, known: pd.Series) -> pd.Series:
    """Return account texts with every known alias replaced by its account."""
    meant = values.map(known).astype("str")
    return values.where(meant.isna(), meant)


def counterparties(entries: pd.DataFrame, known: pd.Series) -> pd.Series:
    """
    Return the account key of the other side of each entry.

    A clearing account stays itself even where a merchant is named beside it,
    because the money went through the platform. A row without any counterparty
    gets a key of its own, so that two such rows never meet.

    Parameters
    ----------
    entries
        The table `entries`.
    known
        What `aliases` returned.
    """
    account = resolve(entries["other_account"], known)
    # A masked number (6226****5669) fits many accounts, so it names none.
    nameless = account.eq("") | account.str.contains("*", regex=False)
    told = entries["summary"] + " " + entries["channel"]
    holder = entries["other_holder"]
    clearing = _says(holder, kinds.clearing)
    bought = (_says(told, kinds.bought) & holder.ne("")) | _says(holder, kinds.shop)
    cash = entries["cash"] | _says(told, kinds.cash)

    key = "unknown:" + entries["entry_id"].astype("str")
    key = key.mask(nameless & cash, "cash")
    key = key.mask(nameless & bought, "merchant:" + entries["other_holder"])
    key = key.mask(nameless & clearing, "clearing:" + entries["other_holder"])
    shop = nameless & entries["merchant"].ne("") & ~clearing
    key = key.mask(shop, "merchant:" + entries["merchant"])
    key = key.mask(~nameless, account)
    code = entries["merchant_code"].ne("") & ~clearing
    return key.mask(code, "merchant:" + entries["merchant_code"]).astype("str")


def pockets(accounts: pd.Series, currency: pd.Series) -> pd.Series:
    """
    Return account keys in which each foreign currency is an account of its own.

    A bank keeps every currency of a card in a sub-account; a dollar there is no
    yuan, so the two must never meet in one queue.

    Parameters
    ----------
    accounts
        Account keys.
    currency
        The currency of each row.
    """
    foreign = currency.ne("CNY") & ~accounts.str.match(r"cash$|unknown:")
    return accounts.mask(foreign, accounts + "_" + currency)


def names(entries: pd.DataFrame, registrations: pd.DataFrame, known: pd.Series) -> pd.DataFrame:
    """
    Return every sighting of an account with the name and bank it was seen under.

    Parameters
    ----------
    entries
        The table `entries` with the resolved columns own and other.
    registrations
        The table `registrations`.
    known
        What `aliases` returned.
    """
    plain = ~entries["statement"]
    registered = registrations.assign(
        account=resolve(registrations["account"], known), own=True, plain=False, weight=3
    )
    own = entries.assign(account=entries["own"], own=~plain, plain=plain, weight=2)
    other = pd.DataFrame(
        {
            "account": entries["other"],
            "holder": entries["other_holder"].mask(
                entries["other_holder"].eq(""), entries["merchant"]
            ),
            "holder_id": entries["other_id"],
            "institution": entries["other_institution"],
            "own": False,
            "plain": plain,
            "weight": 1,
        }
    )
    columns = ["account", "holder", "holder_id", "institution", "own", "plain", "weight"]
    return pd.concat([registered[columns], own[columns], other[columns]], ignore_index=True)


def describe(
    seen: pd.DataFrame, registrations: pd.DataFrame, known: pd.Series, coverage: pd.DataFrame
) -> pd.DataFrame:
    """
    Return the table `accounts`: one row per account that any record names.

    Parameters
    ----------
    seen
        What `names` returned.
    registrations
        The table `registrations`, for phone, opening day and balance.
    known
        What `aliases` returned.
    coverage
        Indexed by account: what `checks.coverage` returned.
    """
    found = kinds.kinds(seen)
    for column in ("holder", "holder_id", "institution"):
        found[column] = _told(seen, column)
    found["institution"] = _issued(found)
    found["aliases"] = _further(known)
    registered = registrations.assign(account=resolve(registrations["account"], known))
    found["phone"] = _told(registered.assign(weight=1), "phone")
    opened = registered.dropna(subset="opened").groupby("account")["opened"].min()
    found["opened"] = opened.reindex(found.index)
    found = found.join(coverage)
    found = _registered_balance(found, registered)
    return ACCOUNTS.conform(found.rename_axis("account").reset_index().sort_values("account"))


def _says(words: pd.Series, judge: Callable[[pd.Series], np.ndarray]) -> pd.Series:
    """Return by row what is judged of each distinct text."""
    column = Column.of(words)
    return pd.Series(column.spread(judge(column.words)), index=words.index)


def _issued(found: pd.DataFrame) -> pd.Series:
    """Return the institution, from the card's prefix only where no record names it."""
    told = found["institution"].astype("str").fillna("")
    open_ones = told.index[told.eq("") & found["kind"].eq("bank")]
    # A foreign pocket of a card is at the same bank.
    cards = pd.Series(open_ones, index=open_ones, dtype="str").str.replace(
        r"_[A-Z]{3}$", "", regex=True
    )
    return told.where(~told.index.isin(open_ones), bank(cards).reindex(told.index))


def _told(seen: pd.DataFrame, column: str) -> pd.Series:
    """Return what the best source says, the most frequent text first."""
    given = seen[seen[column].ne("")]
    counted = given.groupby(["account", "weight", column]).size().rename("times").reset_index()
    best = counted.sort_values(
        ["account", "weight", "times", column], ascending=[True, False, False, True]
    )
    return best.drop_duplicates("account").set_index("account")[column]


def _further(known: pd.Series) -> pd.Series:
    """Return the further numbers of each account, joined by spaces."""
    pairs = pd.DataFrame({"account": known.to_numpy(), "alias": known.index}, dtype="str")
    ordered = pairs.drop_duplicates().sort_values(["account", "alias"])
    return ordered.groupby("account")["alias"].agg(" ".join)


def _registered_balance(found: pd.DataFrame, registered: pd.DataFrame) -> pd.DataFrame:
    """Take the registered balance where it is newer than the statement's or the only one."""
    dated = registered.dropna(subset=["balance_fen", "balance_time"])
    # Several registrations of one account are its sub-accounts; none of them is the balance.
    dated = dated[~dated["account"].duplicated(keep=False)]
    last = dated.sort_values("balance_time").drop_duplicates("account", keep="last")
    last = last.set_index("account")[["balance_fen", "balance_time"]].reindex(found.index)
    newer = last["balance_time"].notna() & ~(found["last_balance_time"] >= last["balance_time"])
    return found.assign(
        last_balance_fen=found["last_balance_fen"].mask(newer, last["balance_fen"]),
        last_balance_time=found["last_balance_time"].mask(newer, last["balance_time"]),
    )
