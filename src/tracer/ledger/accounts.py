"""The table of accounts: what every record together says of each, the best source first."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tracer.ledger.banks import bank
from tracer.ledger.codes import begins, grouped
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
    both = pd.concat([before, new], ignore_index=True)
    account, names = pd.factorize(both["account"])
    changed = np.zeros(len(names), bool)
    told = [pd.factorize(both[name])[0] for name in _TOLD_AS]
    for code, name in zip(told, _TOLD_AS, strict=True):
        some = np.flatnonzero(both[name].ne(""))
        once = some[begins(grouped([account[some], code[some]]))]
        changed |= np.bincount(account[once], minlength=len(names)) > 1
    group = grouped(
        [account, *told, *(both[name].to_numpy() for name in ("own", "plain", "weight"))]
    )
    unseen = ~np.isin(group[len(before) :], group[: len(before)])
    changed[account[len(before) :][unseen]] = True
    return pd.Series(names[changed], dtype="str")


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
    told = {name: _told(seen, name).reindex(found.index) for name in _TOLD_AS}
    named = found.assign(**told, aliases=_further(known).reindex(found.index))
    return named.assign(institution=_issued(named))


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
    return ACCOUNTS.conform(found.rename_axis("account").reset_index().sort_values("account"))


def _registered(found: pd.DataFrame, registered: pd.DataFrame) -> pd.DataFrame:
    """Add what registrations alone tell."""
    opened = registered.dropna(subset="opened").groupby("account")["opened"].min()
    return _registered_balance(found, registered).assign(
        phone=_told(registered.assign(weight=1, times=1), "phone"),
        opened=opened.reindex(found.index),
    )


def _issued(found: pd.DataFrame) -> pd.Series:
    """Return the institution, from the card's prefix only where no record names it."""
    told = found["institution"].astype("str").fillna("")
    open_ones = told.eq("") & found["kind"].eq("bank")
    # A foreign pocket of a card is at the same bank.
    cards = pd.Series(told.index[open_ones], dtype="str").str.replace(r"_[A-Z]{3}$", "", regex=True)
    told[open_ones] = bank(cards).array
    return told


def _told(seen: pd.DataFrame, column: str) -> pd.Series:
    """Return what the best source says, the most frequent text first."""
    given = seen.loc[seen[column].ne(""), ["account", "weight", "times", column]]
    account, names = pd.factorize(given["account"])
    text, texts = pd.factorize(given[column], sort=True)
    weight = given["weight"].to_numpy()
    group = grouped([account, weight, text])
    at, times = begins(group), np.zeros(group.max(initial=-1) + 1, "int64")
    np.add.at(times, group, given["times"].to_numpy())
    order = at[np.lexsort((text[at], -times, -weight[at], account[at]))]
    best = order[begins(account[order])]
    return pd.Series(texts[text[best]], index=names[account[best]])


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
