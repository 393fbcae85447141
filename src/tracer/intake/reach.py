"""Reach: what of a case new entries and registrations can change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb
import numpy as np
import pandas as pd
import pyarrow.compute as pc

from tracer import tables
from tracer.column import large
from tracer.intake.index import Index
from tracer.intake.owners import Owners
from tracer.intake.stamp import Stamp
from tracer.ledger.aliases import BETWEEN
from tracer.ledger.build import meant
from tracer.ledger.codes import Among, sought
from tracer.ledger.memory import CLEARINGS, GAPS, OUTCOME, OUTCOMES, OWNERS, SIGHTINGS, TOUCHES
from tracer.ledger.touch import DAILY, EDGES, hashed, near, short
from tracer.stores.duckdb import ask, fetch, numbers, select
from tracer.table import KEY, Arrays, Table, stacked
from tracer.tables import REGISTRATIONS, SUBACCOUNTS

# Platforms name the accounts with new entries, too.
_EDGES = (*EDGES, ("mine", "named"))
# Every key by which an entry can be met.
_KEYS = [*dict.fromkeys(two for _, two in _EDGES)]
# What of a row of `touches` is needed of what is reached.
_TOLD = TOUCHES.part("entry_id", "before")
# Where entries lead to the other side of payments alone.
_OTHER_SIDE = ["mirror"]
_MET = TOUCHES.part(*_TOLD.columns, *_OTHER_SIDE)
_NOTHING, _NO_KEYS = np.zeros(0, "int64"), np.zeros(0, KEY)

# In many cases these hold nothing.
_FEW = (
    *(REGISTRATIONS, SUBACCOUNTS, tables.ALIASES, tables.CONFLICTS, tables.MASKS),
    *(CLEARINGS, GAPS),
)


@dataclass(frozen=True)
class _Begun:
    """From where a part begins to reach."""

    stamp: Stamp
    """What the ledger is made of whose entries can be met."""
    old: Arrays
    """What `_told` tells of the entries with which it begins, or only which they are."""
    index: Index | None
    """By what all others can be met, if entries lead to more than the other side."""


@dataclass(frozen=True)
class Reached:
    """What a part can change: that of a round, or what clocks can pair otherwise after it."""

    entries: np.ndarray
    """Every such entry, of rows that repeat another only those of accounts with new entries."""
    within: np.ndarray
    """All entries of the accounts with new entries."""
    complete: np.ndarray
    """All entries of these and of the platforms' accounts among those that are reached; numbers
    of withdrawn ones may be among them."""
    old: Arrays
    """What became of those that are not new."""
    own: Arrays
    """The same of those within that are not new."""
    fresh: Arrays
    """What `touch.touches` returned of the new ones."""
    followed: Sequence[Arrays]
    """stands and those keys of entries that were followed, turn by turn; the new ones first."""
    mine: np.ndarray
    """By what platforms name the accounts with new entries."""
    owners: Owners
    """Whose all entries are that are not new."""

    def asked(self) -> np.ndarray:
        """Return the entries that are looked at."""
        more = ~np.isin(self.complete, self.entries, kind="table")
        return np.concatenate([self.entries, self.complete[more]])

    def settled(self) -> Arrays:
        """Return what `part.stated` takes of those that are in no account that is complete."""
        outside = ~np.isin(self.old["entry_id"], self.complete, kind="table")
        return {name: self.old[name][outside] for name in ("entry_id", *OUTCOME)}


def filled(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the names of the tables that hold anything, of those that often do not."""
    asked = (f"(SELECT '{one.name}' FROM {one.name} LIMIT 1)" for one in _FEW)  # noqa: S608
    return {str(name) for (name,) in connection.execute(" UNION ALL ".join(asked)).fetchall()}


def as_table(known: pd.Series) -> pd.DataFrame:
    """Return aliases as the table `aliases`."""
    return known.rename("account").rename_axis("alias").reset_index()


def suffixed(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether any entry names the other side with what may be a suffix."""
    asked = f"SELECT count(*) FROM entries WHERE regexp_matches(other_account, '{BETWEEN}')"  # noqa: S608
    return bool(connection.execute(asked).fetchall()[0][0])


def known(
    connection: duckdb.DuckDBPyConnection,
    registrations: pd.DataFrame,
    subaccounts: pd.DataFrame,
    *,
    suffixes: bool,
) -> tuple[pd.Series, pd.DataFrame]:
    """Return the aliases that all entries and registrations tell, and the contested numbers."""
    pairs = connection.execute(
        "SELECT DISTINCT card, number FROM entries "
        "WHERE card <> '' AND number <> '' AND card <> number"
    ).df()
    # Only what is written with a suffix is looked for among all texts.
    own, others = (
        _texts(connection, name) if suffixes else pd.Series(dtype="str")
        for name in ("account", "other_account")
    )
    return meant(pairs.astype("str"), own, others, registrations, subaccounts)


def _texts(connection: duckdb.DuckDBPyConnection, name: str) -> pd.Series:
    """Return every text of a column of all entries, each once."""
    found = connection.execute(f"SELECT DISTINCT {name} FROM entries")  # noqa: S608
    return found.df()[name].astype("str")


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


def among(values: pd.Series, some: pd.Series) -> pd.Series:
    """Return those values that are among some others."""
    found = pc.is_in(large(values), value_set=large(some))
    among: pd.Series = values[found.to_numpy(zero_copy_only=False)]
    return among


def keys(touches: Arrays | pd.DataFrame) -> list[str]:
    """Return the keys by which any of some entries, told as in `touches`, can be met."""
    return [name for name in _KEYS if touches[name].any()]


def _begun(connection: duckdb.DuckDBPyConnection, stamp: Stamp, entries: np.ndarray) -> _Begun:
    if _led(stamp.keys, {}) in ([], _OTHER_SIDE):
        old = _touches(connection, _MET, "entry_id", entries)
        return _Begun(stamp, old, None)
    # Where more than one question follows, what is told of them all is asked once, in the end.
    return _Begun(stamp, {"entry_id": entries}, _index(connection, stamp))


def _index(connection: duckdb.DuckDBPyConnection, stamp: Stamp) -> Index:
    return Index.of(connection, stamp.keys, stamp.last)


def _led(held: list[str], fresh: Arrays) -> list[str]:
    """Return the keys of old entries to which any entry leads, be it new or not."""
    led = {two for one, two in _EDGES if one in held or (one in fresh and fresh[one].any())}
    return [two for two in held if two in led]


def reach(
    connection: duckdb.DuckDBPyConnection, was: Stamp, fresh: Arrays, mine: pd.Series
) -> Reached:
    """
    Return what new entries can change.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    was
        What the ledger was made of.
    fresh
        What `touch.touches` returned of the new entries.
    mine
        The accounts with new entries: what platforms tell of them may mean
        something else now that their own statement is in hand.
    """
    own, owners = hashed(large(mine)), Owners.of(connection, was.last)
    begin, naming = owners.entries(own), short(own)
    begun = _begun(connection, was, begin)
    told = {one: fresh[one] for one, _ in EDGES} | {"stands": fresh["entry_id"]}
    old, followed = _met(connection, begun, told | {"mine": naming})
    entries = np.concatenate([fresh["entry_id"], old["entry_id"]])
    inside = np.isin(old["entry_id"], begin, kind="table")
    ours = {name: values[inside] for name, values in old.items()}
    within = np.concatenate([fresh["entry_id"], ours["entry_id"]])
    complete = _complete(owners, old["entry_id"], within)
    return Reached(entries, within, complete, old, ours, fresh, followed, naming, owners)


def around(connection: duckdb.DuckDBPyConnection, now: Stamp, entries: np.ndarray) -> Reached:
    """
    Return what can change where some entries may be paired otherwise.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    now
        What the ledger is made of now.
    entries
        Entries that count, all of them in the table `touches`.
    """
    owners = Owners.of(connection, now.last)
    begun = _begun(connection, now, entries)
    nothing = entries[:0]
    old, followed = _met(connection, begun, {})
    complete = _complete(owners, old["entry_id"], nothing)
    own = {name: values[:0] for name, values in old.items()}
    kinds = TOUCHES.columns | OWNERS.columns
    fresh = {name: np.zeros(0, kind) for name, kind in kinds.items()}
    return Reached(old["entry_id"], nothing, complete, old, own, fresh, followed, _NO_KEYS, owners)


@dataclass
class _Way:
    """One key by which entries are met, and how far it has been followed."""

    two: str
    """The key."""
    turns: int = 0
    """How many turns it has looked at."""
    asked: np.ndarray = field(default_factory=lambda: _NO_KEYS)
    """What they meet by it, on its own day."""

    def wanted(self, turns: list[Arrays]) -> np.ndarray:
        """Return what later turns meet by the key and hardly any earlier one, and note that."""
        ones = [one for one, two in _EDGES if two == self.two]
        told = [turn[one] for turn in turns[self.turns :] for one in ones if one in turn]
        self.turns, values = len(turns), pd.unique(np.concatenate([_NO_KEYS, *told]))
        values = values[values != 0]
        # Most turns meet few, whose table is made sooner than that of all before.
        if len(self.asked):
            values = values[~np.isin(values, self.asked[Among.of(values).places(self.asked)])]
        self.asked = np.concatenate([self.asked, values])
        return near(values) if self.two in DAILY else values


def _met(
    connection: duckdb.DuckDBPyConnection, begun: _Begun, fresh: Arrays
) -> tuple[Arrays, list[Arrays]]:
    """
    Return what is told of all that some entries can have to do with.

    Return also stands and those keys of all these that were followed.
    """
    ways = [_Way(two) for two in _led(begun.stamp.keys, fresh)]
    if begun.index is None and not ways:
        return begun.old, [fresh]
    # Mostly one question tells all, so that it is asked of the store.
    if begun.index is None and [way.two for way in ways] == _OTHER_SIDE:
        old = _others(connection, begun, ways[0], fresh)
        return stacked(old), [fresh, *map(_leading, old)]
    index = begun.index or _index(connection, begun.stamp)
    entries, turns = _further(index, ways, fresh, begun.old["entry_id"])
    return _touches(connection, _TOLD, "entry_id", entries), turns


def _touches(
    connection: duckdb.DuckDBPyConnection, told: Table, key: str, values: np.ndarray
) -> Arrays:
    """Return what is told of the entries that have one of some values."""
    source = f"FROM touches SEMI JOIN given USING ({key})"
    return _told(connection, told, source, **{key: values})


def _told(
    connection: duckdb.DuckDBPyConnection, told: Table, source: str, **given: np.ndarray
) -> dict[str, np.ndarray]:
    """Return what the table `touches` says of some entries, and what became of them."""
    found = numbers(connection, told, source, **given)
    entry, count = found["entry_id"], len(found["entry_id"])
    of_these = "FROM outcomes SEMI JOIN given USING (entry_id)"
    became = numbers(connection, OUTCOMES, of_these, entry_id=entry)
    found |= {"stands": entry.copy(), "first": entry.copy(), "against": np.zeros(count, "int64")}
    at = sought(entry, became["entry_id"])
    for name in OUTCOME:
        found[name][at] = became[name]
    return found


def _leading(old: Arrays) -> Arrays:
    """Return by their names stands and the keys of some entries that lead any further."""
    return {one: old[one] for one in ("stands", *(one for one, _ in EDGES)) if one in old}


def _others(
    connection: duckdb.DuckDBPyConnection, begun: _Begun, way: _Way, fresh: Arrays
) -> list[Arrays]:
    """Return what is told of some entries and the other sides of payments."""
    old, turns = [begun.old], [fresh, _leading(begun.old)]
    while len(values := way.wanted(turns)):
        met = _touches(connection, _MET, "mirror", values)
        known = np.concatenate([one["entry_id"] for one in old])
        new = ~np.isin(met["stands"], known, kind="table")
        counts = new & (met["stands"] == met["entry_id"])
        rest = met["stands"][new & ~counts]
        rest = pd.unique(rest[~np.isin(rest, met["stands"][counts], kind="table")])
        old.append({name: column[counts] for name, column in met.items()})
        if len(rest):
            old.append(_touches(connection, _MET, "entry_id", rest))
        turns.extend(map(_leading, old[len(turns) - 1 :]))
    return old


def _further(
    index: Index, ways: list[_Way], fresh: Arrays, old: np.ndarray
) -> tuple[np.ndarray, list[Arrays]]:
    """Return some entries and those that count of all they lead to, and the keys, turn by turn."""
    known, found = np.zeros(len(index.stands), bool), [old]
    known[old] = True
    turns = [fresh, index.leading(index.places("entry_id", old), old)]
    while any(way.turns < len(turns) for way in ways):
        for way in ways:
            values = way.wanted(turns)
            if len(values):
                places = index.counting(index.places(way.two, values), known)
                found.append(index.take(places, "entry_id")["entry_id"])
                turns.append(index.leading(places, found[-1]))
    return np.concatenate(found), turns


def _complete(owners: Owners, old: np.ndarray, within: np.ndarray) -> np.ndarray:
    """Return the entries of accounts of which every entry is looked at."""
    # What of a platform's tables is told twice is known only of all its entries.
    own, wallet = owners.whose(old)
    if not wallet.any():
        return within
    return pd.unique(np.concatenate([within, owners.entries(np.unique(own[wallet]))]))


def held(connection: duckdb.DuckDBPyConnection, accounts: pd.Series) -> np.ndarray:
    """Return of which of some accounts an earlier entry is in hand."""
    keys = hashed(large(accounts))
    source = "FROM owners SEMI JOIN given ON own = given.named"
    return np.isin(keys, numbers(connection, OWNERS.part("own"), source, named=keys)["own"])
