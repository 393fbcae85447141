"""The table of accounts: what every record together says of each, the best source first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas.api.extensions import ExtensionArray

from tracer.column import Column, large
from tracer.ledger.banks import bank
from tracer.ledger.codes import begins, grouped, heads
from tracer.table import same
from tracer.tables import ACCOUNTS

_TOLD_AS = ("holder", "holder_id", "institution")


def resolve(values: pd.Series, known: pd.Series) -> pd.Series:
    """Return account texts with every known alias replaced by its account."""
    if known.empty:
        return values
    meant = values.map(known).astype("str")
    return values.where(meant.isna(), meant)


def seen(sighted: pd.DataFrame, registrations: pd.DataFrame, known: pd.Series) -> pd.DataFrame:
    """
    Return every sighting of an account with the name and bank it was seen under.

    Parameters
    ----------
    sighted
        What `parties.sightings` returned.
    registrations
        The table `registrations`.
    known
        Alias to account.
    """
    if registrations.empty:
        return sighted.reset_index(drop=True)
    registered = registrations.assign(
        account=resolve(registrations["account"], known),
        own=True, plain=False, weight=3, times=1,
    )  # fmt: skip
    return pd.concat([registered[list(sighted)], sighted], ignore_index=True)


def concerned(before: pd.DataFrame, new: pd.DataFrame) -> pd.Series:
    """
    Return the accounts of which new sightings can tell anything but what is known.

    Parameters
    ----------
    before
        The table `sightings` of earlier entries, of these accounts at least.
    new
        That of new entries.

    Returns
    -------
    pandas.Series
        Each account once. An account is left out if it was seen just so before, and under one
        name, one ID and one bank at most, so that no count decides between two.

    Examples
    --------
    >>> before = pd.DataFrame({"account": ["6222", "6228"], "holder": ["甲", "乙"]}).assign(
    ...     holder_id="", institution="", own=False, plain=False, weight=1, times=1)
    >>> concerned(before, before.assign(holder="甲")).tolist()
    ['6228']
    """
    texts = [_together(before[name], new[name]) for name in ("account", *_TOLD_AS)]
    (account, *told), names = [one.places() for one in texts], texts[0].words
    changed = np.zeros(len(names), bool)
    for code, column in zip(told, texts[1:], strict=True):
        some = np.flatnonzero(column.filled())
        once = some[begins(grouped([account[some], code[some]]))]
        changed |= np.bincount(account[once], minlength=len(names)) > 1
    facts = [np.append(before[name], new[name]) for name in ("own", "plain", "weight")]
    group = grouped([account, *told, *facts])
    unseen = ~np.isin(group[len(before) :], group[: len(before)], kind="table")
    changed[account[len(before) :][unseen]] = True
    return names[changed].reset_index(drop=True)


def _together(one: pd.Series, two: pd.Series) -> Column:
    """Return two columns of text, one behind the other."""
    return Column.of(pa.chunked_array([large(one), large(two)]))


def describe(seen: pd.DataFrame, found: pd.DataFrame, known: pd.Series) -> pd.DataFrame:
    """
    Tell whose each account is, at which bank, and by which other numbers it is known.

    Parameters
    ----------
    seen, found
        What `seen` and `kinds` returned.
    known
        Alias to account.

    Returns
    -------
    pandas.DataFrame
        ``found`` with holder, holder_id, institution and aliases, as `covered` takes it.
    """
    account = found.index.get_indexer(pd.Index(seen["account"]))
    told = {name: _told(seen, name, account, len(found)) for name in _TOLD_AS}
    told["institution"] = _issued(told["institution"], found)
    aliases = _further(known).reindex(found.index) if len(known) else same("", found.index)
    return found.assign(**told, aliases=aliases)


def covered(
    described: pd.DataFrame, registrations: pd.DataFrame, known: pd.Series, coverage: pd.DataFrame
) -> pd.DataFrame:
    """
    Return the table `accounts`: one row per account that any record names.

    Parameters
    ----------
    described
        What `describe` returned.
    registrations
        The table `registrations`, for phone, opening day and balance.
    known
        Alias to account.
    coverage
        Indexed by account: what `checks.coverage` returned.
    """
    found = described.join(coverage)
    if len(registrations):
        found = _registered(found, registrations.assign(
            account=resolve(registrations["account"], known)
        ))  # fmt: skip
    found = found.sort_index()
    columns = {str(name): found[name].array for name in found}
    return ACCOUNTS.conform(columns | {"account": found.index.astype("str").array})


def _registered(found: pd.DataFrame, registered: pd.DataFrame) -> pd.DataFrame:
    """Add what registrations alone tell."""
    opened = registered.dropna(subset="opened").groupby("account")["opened"].min()
    return _registered_balance(found, registered).assign(
        phone=_told(
            registered.assign(weight=1, times=1),
            "phone",
            found.index.get_indexer(pd.Index(registered["account"])),
            len(found),
        ),
        opened=opened.reindex(found.index),
    )


def _issued(told: ExtensionArray, found: pd.DataFrame) -> ExtensionArray:
    """Return the institution, from the card's prefix only where no record names it."""
    at_bank = found["kind"].eq("bank").to_numpy()
    open_ones = np.flatnonzero(at_bank & pd.Series(told).eq("").to_numpy())
    # A foreign pocket of a card is at the same bank.
    cards = pd.Series(found.index[open_ones], dtype="str").str.replace(
        r"_[A-Z]{3}$", "", regex=True
    )
    told[open_ones] = bank(cards).array
    return told


def _told(seen: pd.DataFrame, column: str, account: np.ndarray, accounts: int) -> ExtensionArray:
    """
    Return what the best source says of each account, the most frequent text first.

    Parameters
    ----------
    seen
        What tells of accounts: the column, weight and times.
    column
        What is told.
    account
        Shape (len(seen),), the number of each account, -1 for those that are not wanted.
    accounts
        How many accounts there are.
    """
    text, texts = pd.factorize(seen[column], sort=True)
    some = np.flatnonzero(np.append(texts != "", False)[text] & (account >= 0))
    account, text = account[some], text[some]
    weight, often = (seen[name].to_numpy()[some] for name in ("weight", "times"))
    group = grouped([account, weight, text])
    at, times = begins(group), np.bincount(group, often).astype("int64")
    order = at[np.lexsort((text[at], -times, -weight[at], account[at]))]
    best = order[heads(account[order])]
    found = np.full(accounts, -1)
    found[account[best]] = text[best]
    told: ExtensionArray = texts.astype("str").array.take(found, allow_fill=True, fill_value="")
    return told


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
