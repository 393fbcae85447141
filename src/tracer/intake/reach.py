"""Reach: what of a case new entries and registrations can change."""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb
import numpy as np
import pandas as pd
import pyarrow.compute as pc

from tracer import tables
from tracer.column import large
from tracer.intake.keys import Keys, keys
from tracer.ledger import accounts
from tracer.ledger.aliases import BETWEEN
from tracer.ledger.build import meant
from tracer.ledger.codes import Among
from tracer.ledger.memory import CLEARINGS, GAPS, OUTCOME, SIGHTINGS, TOUCHES
from tracer.ledger.touch import DAILY, EDGES, hashed, near
from tracer.stores.duckdb import ask, fetch, select
from tracer.tables import REGISTRATIONS, SUBACCOUNTS

# Platforms name the accounts with new entries, too.
_EDGES = (*EDGES, ("mine", "named"))
_NOTHING = np.zeros(0, "int64")

# In many cases these hold nothing.
_FEW = (
    *(REGISTRATIONS, SUBACCOUNTS, tables.ALIASES, tables.CONFLICTS, tables.MASKS),
    *(CLEARINGS, GAPS),
)

# Every text by which an entry after some number names an account.
_TEXTS = (
    "SELECT account FROM entries WHERE entry_id > $1 "
    "UNION ALL SELECT other_account FROM entries WHERE entry_id > $1"
)


@dataclass(frozen=True)
class Begun:
    """From where a part begins to reach."""

    keys: Keys
    """By what any entry of an earlier round can be met."""
    own: np.ndarray
    """The places among them of the entries with which it begins, in order."""


@dataclass(frozen=True)
class Reached:
    """What a part can change: that of a round, or what clocks can pair otherwise after it."""

    entries: np.ndarray
    """Every such entry, of rows that repeat another only those of accounts with new entries."""
    within: np.ndarray
    """All entries of the accounts with new entries."""
    complete: np.ndarray
    """All entries of these and of the platforms' accounts among those that are reached."""
    old: pd.DataFrame
    """What the table `touches` says of those that are not new, by the columns of `Keys.told`."""
    own: pd.DataFrame
    """What it says of those within that are not new."""
    fresh: pd.DataFrame
    """The table `touches` of the new ones, as if none of them repeated another."""

    def asked(self) -> np.ndarray:
        """Return the entries that are looked at."""
        more = ~np.isin(self.complete, self.entries, kind="table")
        return np.concatenate([self.entries, self.complete[more]])

    def settled(self) -> pd.DataFrame:
        """Return what `part.stated` takes of those that are in no account that is complete."""
        outside = ~np.isin(self.old["entry_id"], self.complete, kind="table")
        return self.old.loc[outside, ["entry_id", *OUTCOME]]


def filled(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the names of the tables that hold anything, of those that often do not."""
    asked = ", ".join(f"EXISTS (FROM {one.name})" for one in _FEW)
    found = connection.execute(f"SELECT {asked}").fetchall()[0]
    return {one.name for one, any_row in zip(_FEW, found, strict=True) if any_row}


def as_table(known: pd.Series) -> pd.DataFrame:
    """Return aliases as the table `aliases`."""
    return known.rename("account").rename_axis("alias").reset_index()


def suffixed(connection: duckdb.DuckDBPyConnection, last: int) -> bool:
    """Return whether an entry after some number names an account with what may be a suffix."""
    # A pattern that is bound would be read again for every text.
    asked = f"SELECT count(*) FROM ({_TEXTS}) WHERE regexp_matches(account, '{BETWEEN}')"  # noqa: S608
    return bool(connection.execute(asked, [last]).fetchall()[0][0])


def known(
    connection: duckdb.DuckDBPyConnection, full: set[str], *, suffixes: bool
) -> tuple[pd.Series, pd.DataFrame]:
    """Return the aliases that all entries and registrations tell, and the contested numbers."""
    pairs = connection.execute(
        "SELECT DISTINCT card, number FROM entries "
        "WHERE card <> '' AND number <> '' AND card <> number"
    ).df()
    # Only what is written with a suffix is looked for among all texts.
    texts = pd.Series(dtype="str")
    if suffixes:
        found = connection.execute(f"SELECT DISTINCT account FROM ({_TEXTS})", [0])  # noqa: S608
        texts = found.df()["account"].astype("str")
    registered, below = (
        fetch(connection, table, order=["load_id", "source", "row"])
        if table.name in full
        else table.empty()
        for table in (REGISTRATIONS, SUBACCOUNTS)
    )
    return meant(pairs.astype("str"), texts, registered, below)


def renamed(
    connection: duckdb.DuckDBPyConnection, full: set[str], known: pd.Series
) -> pd.DataFrame:
    """Return the aliases that mean something else than before, or are new or gone."""
    if known.empty and tables.ALIASES.name not in full:
        return tables.ALIASES.empty()
    before = fetch(connection, tables.ALIASES, order=["alias"])
    both = pd.concat([before, tables.ALIASES.conform(as_table(known))])
    return both[~both.duplicated(keep=False)]


def named(connection: duckdb.DuckDBPyConnection, texts: pd.Series, last: int) -> bool:
    """Return whether an entry up to a number names an account by one of some texts."""
    if texts.empty:
        return False
    found = ask(
        connection,
        f"SELECT count(*) FROM entries WHERE entry_id <= {last} AND "  # noqa: S608
        "(account IN (FROM given) OR other_account IN (FROM given))",
        text=texts,
    ).fetchall()
    return bool(found[0][0])


def sighted(connection: duckdb.DuckDBPyConnection, texts: set[str]) -> bool:
    """Return whether an entry of an earlier round names one of some accounts."""
    if not texts:
        return False
    found = ask(
        connection,
        "SELECT count(*) FROM sightings SEMI JOIN given USING (account)",
        account=pd.Series(list(texts), dtype="str"),
    ).fetchall()
    return bool(found[0][0])


def seen(connection: duckdb.DuckDBPyConnection, told: pd.Series) -> pd.DataFrame:
    """Return the table `sightings` of some accounts."""
    source = "FROM sightings SEMI JOIN given USING (account)"
    return select(connection, SIGHTINGS, source, account=told)


def since(connection: duckdb.DuckDBPyConnection, load: int) -> pd.Series:
    """Return the accounts that registrations after some load tell of."""
    asked = "SELECT account FROM registrations WHERE load_id > ?"
    found = connection.execute(asked, [load]).fetchnumpy()["account"]
    return pd.Series(found, dtype="str")


def registered(
    connection: duckdb.DuckDBPyConnection, told: pd.Series, known: pd.Series
) -> pd.DataFrame:
    """Return the registrations of some accounts."""
    also = among(known, told).index.to_series()
    found = ask(
        connection,
        "SELECT * FROM registrations SEMI JOIN given USING (account) ORDER BY load_id, source, row",
        account=pd.concat([told, also]),
    )
    frame = REGISTRATIONS.conform(found.df())
    # A number that means another account is none of its own any more.
    return frame.loc[among(accounts.resolve(frame["account"], known), told).index]


def among(values: pd.Series, some: pd.Series) -> pd.Series:
    """Return those values that are among some others."""
    found = pc.is_in(large(values), value_set=large(some))
    among: pd.Series = values[found.to_numpy(zero_copy_only=False)]
    return among


def begin(connection: duckdb.DuckDBPyConnection, mine: pd.Series) -> Begun:
    """
    Return by what entries of earlier rounds can be met, and those of accounts with new entries.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    mine
        The accounts with new entries.
    """
    found = keys(connection)
    return Begun(found, found.places("own", hashed(large(mine))))


def reach(
    connection: duckdb.DuckDBPyConnection, begun: Begun, fresh: pd.DataFrame, mine: pd.Series
) -> Reached:
    """
    Return what new entries can change.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    begun
        What `begin` returned.
    fresh
        The table `touches` of the new entries.
    mine
        The accounts with new entries: what platforms tell of them may mean
        something else now that their own statement is in hand.
    """
    own = begun.keys.take("entry_id", begun.own)
    within = np.concatenate([fresh["entry_id"], own])
    told = {name: fresh[name].to_numpy() for name, _ in EDGES}
    old = begun.keys.rows(connection, _met(begun, told | {"mine": hashed(large(mine))}))
    entries = np.concatenate([fresh["entry_id"], old["entry_id"]])
    of_own = old[np.isin(old["entry_id"], own, kind="table")]
    return Reached(entries, within, _complete(begun.keys, old, within), old, of_own, fresh)


def around(connection: duckdb.DuckDBPyConnection, entries: np.ndarray) -> Reached:
    """
    Return what can change where some entries may be paired otherwise.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    entries
        Entries that count, all of them in the table `touches`.
    """
    found, nothing = keys(connection), entries[:0]
    begun = Begun(found, found.places("entry_id", entries))
    old = found.rows(connection, _met(begun, {}))
    complete = _complete(found, old, nothing)
    return Reached(old["entry_id"].to_numpy(), nothing, complete, old, old.head(0), TOUCHES.empty())


@dataclass
class _Way:
    """One key by which entries are met, and how far it has been followed."""

    two: str
    """The key."""
    turns: int = 0
    """How many turns it has looked at."""
    asked: np.ndarray = field(default_factory=lambda: _NOTHING)
    """What they meet by it."""

    def wanted(self, turns: list[dict[str, np.ndarray]]) -> np.ndarray:
        """Return what later turns meet by the key, and no earlier one does."""
        ones = [one for one, two in _EDGES if two == self.two]
        told = [turn[one] for turn in turns[self.turns :] for one in ones if one in turn]
        self.turns, values = len(turns), pd.unique(np.concatenate([_NOTHING, *told]))
        values = values[values != 0]
        if self.two in DAILY:
            values = pd.unique(near(values))
        # Most turns meet few, whose table is made sooner than that of all before.
        values = values[~np.isin(values, self.asked[Among.of(values).places(self.asked)])]
        self.asked = np.concatenate([self.asked, values])
        return values


def _met(begun: Begun, fresh: dict[str, np.ndarray]) -> np.ndarray:
    """Return all that count of the entries that some new ones can have to do with."""
    keys, entries = begun.keys, begun.keys.take("entry_id", begun.own)
    ways = [_Way(two) for two in keys.held]
    turns = [fresh, keys.of(begun.own)]
    while any(way.turns < len(turns) for way in ways):
        for way in ways:
            values = way.wanted(turns)
            if len(values):
                places = keys.counting(keys.places(way.two, values), entries)
                entries = np.concatenate([entries, keys.take("entry_id", places)])
                turns.append(keys.of(places))
    return entries


def _complete(keys: Keys, old: pd.DataFrame, within: np.ndarray) -> np.ndarray:
    """Return the entries of accounts of which every entry is looked at."""
    # What of a platform's tables is told twice is known only of all its entries.
    wallets = old["own"].to_numpy()[old["wallet"].to_numpy()]
    if not len(wallets):
        return within
    found = keys.take("entry_id", keys.places("own", pd.unique(wallets)))
    return pd.unique(np.concatenate([within, found]))


def held(connection: duckdb.DuckDBPyConnection, accounts: pd.Series) -> np.ndarray:
    """Return of which of some accounts an earlier entry is in hand."""
    keys = hashed(large(accounts))
    asked = "SELECT DISTINCT own FROM touches SEMI JOIN given ON own = given.named"
    return np.isin(keys, ask(connection, asked, named=keys).fetchnumpy()["own"])
