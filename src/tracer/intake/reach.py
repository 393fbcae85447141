"""Reach: what of a case new entries and registrations can change."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pyarrow.compute as pc

from tracer import tables
from tracer.column import large
from tracer.ledger import accounts
from tracer.ledger.aliases import BETWEEN
from tracer.ledger.build import meant
from tracer.ledger.memory import GAPS, SIGHTINGS
from tracer.ledger.touch import EDGES, hashed
from tracer.stores.duckdb import ask, fetch, select
from tracer.tables import REGISTRATIONS, SUBACCOUNTS

# Every key by which an entry can meet another, and by which a platform names an account.
_KEYS = [*dict.fromkeys(one for edge in EDGES for one in edge), "named"]

# What else of a row of `touches` is needed of what is reached.
_TOLD = ("entry_id", "stands", "first", "before", "against", "own", "wallet")

# Every text by which an entry after some number names an account.
_TEXTS = (
    "SELECT account FROM entries WHERE entry_id > $1 "
    "UNION ALL SELECT other_account FROM entries WHERE entry_id > $1"
)


def as_table(known: pd.Series) -> pd.DataFrame:
    """Return aliases as the table `aliases`."""
    return known.rename("account").rename_axis("alias").reset_index()


def suffixed(connection: duckdb.DuckDBPyConnection, last: int) -> bool:
    """Return whether an entry after some number names an account with what may be a suffix."""
    # A pattern that is bound would be read again for every text.
    asked = f"SELECT count(*) FROM ({_TEXTS}) WHERE regexp_matches(account, '{BETWEEN}')"  # noqa: S608
    return bool(connection.execute(asked, [last]).fetchall()[0][0])


def known(
    connection: duckdb.DuckDBPyConnection, *, suffixes: bool
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
        if count(connection, table.name)
        else table.empty()
        for table in (REGISTRATIONS, SUBACCOUNTS)
    )
    return meant(pairs.astype("str"), texts, registered, below)


def renamed(connection: duckdb.DuckDBPyConnection, known: pd.Series) -> pd.DataFrame:
    """Return the aliases that mean something else than before, or are new or gone."""
    if known.empty and not count(connection, "aliases"):
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
    if not count(connection, "registrations"):
        return REGISTRATIONS.empty()
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


def begin(connection: duckdb.DuckDBPyConnection, mine: pd.Series) -> list[str]:
    """
    Make the table `old`: what `touches` says of the entries of accounts with new entries.

    Return the keys by which any entry of an earlier round can meet another,
    and by which these go on.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    mine
        The accounts with new entries.
    """
    known, own = _known(connection), "touches SEMI JOIN given ON own = mine"
    made = f"CREATE OR REPLACE TEMP TABLE old AS {_rows(known, 0, own)}"
    ask(connection, made, mine=hashed(large(mine)))
    return known


def reach(
    connection: duckdb.DuckDBPyConnection, known: list[str], fresh: pd.DataFrame, mine: pd.Series
) -> tuple[np.ndarray, np.ndarray]:
    """
    Make the tables `within` and `reached`, and return which entries are in them.

    `within` is the new entries and all others of their accounts, `reached`
    these and every entry that can have to do with one of them. What `touches`
    says of those of them that are not new is put into the table `old`.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    known
        What `begin` returned.
    fresh
        The table `touches` of the new entries.
    mine
        The accounts with new entries: what platforms tell of them may mean
        something else now that their own statement is in hand.
    """
    come = [one for one in _KEYS if fresh[one].any()]
    edges = [(one, two) for one, two in EDGES if one in {*known, *come} and two in known]
    _within(connection, fresh[["entry_id", *dict.fromkeys(one for one, _ in edges)]])
    named = "SELECT stands FROM touches SEMI JOIN given ON named = mine"
    if "named" in known and _more(connection, named, mine=hashed(large(mine))):
        _further(connection, known, 0)
    turn = 0
    while edges and _more(connection, _meeting(edges, known, turn)):
        turn += 1
        _further(connection, known, turn)
    return _numbers(connection, "reached"), _numbers(connection, "within")


def _known(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return which keys any entry of an earlier round has."""
    # The store knows the least and the greatest of each without a look at the rows.
    ends = ", ".join(f"min({one}), max({one})" for one in _KEYS)
    found = connection.execute(f"SELECT {ends} FROM touches").fetchall()[0]  # noqa: S608
    return [one for at, one in enumerate(_KEYS) if any(found[2 * at : 2 * at + 2])]


def _within(connection: duckdb.DuckDBPyConnection, fresh: pd.DataFrame) -> None:
    """Make the tables of the new entries, and of these and all others of their accounts."""
    told = {str(name): fresh[name] for name in fresh}
    ask(connection, "CREATE OR REPLACE TEMP TABLE fresh AS SELECT *, 0 AS turn FROM given", **told)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE within AS "
        "SELECT entry_id FROM fresh UNION ALL SELECT entry_id FROM old"
    )
    connection.execute("CREATE OR REPLACE TEMP TABLE reached AS FROM within")


def _rows(keys: list[str], turn: int, source: str) -> str:
    """Return a query for what `touches` says of some entries, and by which keys it goes on."""
    names = ", ".join(dict.fromkeys([*_TOLD, *keys]))
    return f"SELECT {names}, {turn} AS turn FROM {source}"  # noqa: S608


def _meeting(edges: list[tuple[str, str]], known: list[str], turn: int) -> str:
    """Return a query for what the keys meet that no earlier turn has asked for."""
    return " UNION ALL ".join(
        f"SELECT stands FROM touches SEMI JOIN (SELECT {one} AS edge FROM "  # noqa: S608
        f"({_both(one, old=one in known)}) "
        f"WHERE {one} <> 0 GROUP BY {one} HAVING min(turn) = {turn}) f "
        f"ON {two} = edge AND {two} <> 0"
        for one, two in edges
    )


def _both(key: str, *, old: bool) -> str:
    """Return a query for a key of the new entries, and of those before where any has it."""
    fresh = f"SELECT {key}, turn FROM fresh"  # noqa: S608
    return f"{fresh} UNION ALL SELECT {key}, turn FROM old" if old else fresh  # noqa: S608


def _more(connection: duckdb.DuckDBPyConnection, found: str, **columns: np.ndarray) -> int:
    """
    Make the table `more`: what was found and is not reached yet, each row that counts once.

    Return how many they are.
    """
    made = ask(
        connection,
        f"CREATE OR REPLACE TEMP TABLE more AS SELECT DISTINCT stands AS entry_id FROM ({found}) "  # noqa: S608
        "ANTI JOIN reached ON stands = reached.entry_id",
        **columns,
    )
    return int(made.fetchall()[0][0])


def _further(connection: duckdb.DuckDBPyConnection, keys: list[str], turn: int) -> None:
    """Add to what is reached what was found, and by which keys it goes on."""
    connection.execute("INSERT INTO reached FROM more")
    more = "touches SEMI JOIN more USING (entry_id)"
    connection.execute(f"INSERT INTO old {_rows(keys, turn, more)}")


def complete(connection: duckdb.DuckDBPyConnection) -> None:
    """
    Make the table `asked`: `reached`, and all entries of the platforms' accounts among it.

    What of a platform's tables is told twice is known only of all its entries.
    The table `beside` holds the entries of which every other one of the account is there.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE beside AS SELECT entry_id FROM touches SEMI JOIN "
        "(SELECT own FROM old WHERE wallet) USING (own) UNION FROM within"
    )
    connection.execute("CREATE OR REPLACE TEMP TABLE asked AS FROM reached UNION FROM beside")


def settled(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return what the table `touches` says of what is reached and in no complete account."""
    found = connection.execute(
        "SELECT entry_id, first, before, against FROM old ANTI JOIN beside USING (entry_id)"
    )
    return pd.DataFrame(found.fetchnumpy())


def gaps(connection: duckdb.DuckDBPyConnection) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the table `gaps` of what is not reached, and of what is."""
    told = select(connection, GAPS, "FROM gaps")
    if told.empty:
        return told, told
    mine = select(connection, GAPS, "FROM gaps SEMI JOIN reached USING (entry_id)")
    return told[~told["entry_id"].isin(mine["entry_id"])], mine


def held(connection: duckdb.DuckDBPyConnection, accounts: pd.Series) -> np.ndarray:
    """Return of which of some accounts an earlier entry is in hand."""
    keys = hashed(large(accounts))
    asked = "SELECT DISTINCT own FROM touches SEMI JOIN given ON own = given.named"
    return np.isin(keys, ask(connection, asked, named=keys).fetchnumpy()["own"])


def concerned(
    others: pd.DataFrame, mine: pd.DataFrame, made: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return `gaps` as it was and as it is, of the institutions that a round tells of."""
    pair = ["turn", "one", "two"]
    asked = pd.concat([mine[pair], made[pair]]).drop_duplicates()
    rest = others.merge(asked, on=pair)
    return pd.concat([rest, mine]), pd.concat([rest, made])


def _numbers(connection: duckdb.DuckDBPyConnection, name: str) -> np.ndarray:
    found = connection.execute(f"SELECT entry_id FROM {name}")  # noqa: S608
    return np.asarray(found.fetchnumpy()["entry_id"])


def count(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    """Return how many rows a table has."""
    return int(connection.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0])  # noqa: S608
