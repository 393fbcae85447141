"""Stamp: what the ledger of a case was made of, and whether only new rows came since."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib import metadata, resources

import duckdb

# Why all is made anew, as the log has it.
REPLACED, FIRST, RULES = "rows replaced", "first ledger", "other rules"
UNKNOWN, NUMBERS, DECIDED = "not every row is new", "account numbers", "decisions"
_STAMP = "ledger"
# How many rows tables have, and what the last of them is numbered by.
_COUNTED = dict.fromkeys(("registrations", "subaccounts", "decisions", "marks"), "0")
_COUNTS = " UNION ALL ".join(
    f"SELECT '{table}', count(*), max({number}) FROM {table}"  # noqa: S608
    for table, number in ({"entries": "entry_id", "files": "load_id"} | _COUNTED).items()
)


class Whole(Exception):  # noqa: N818 - it is a reason, and no error.
    """Why a round may change anything, so that the whole ledger is made anew."""


@dataclass(frozen=True)
class Stamp:
    """What the ledger in a case was made of."""

    rules: str
    """A hash of the rules."""
    entries: int
    """How many entries there were."""
    last: int
    """The largest number of an entry."""
    load: int
    """The last load that brought anything."""
    registrations: int
    """How many registrations there were."""
    subaccounts: int
    """How many sub-accounts."""
    decided: int
    """How much investigators have decided."""
    suffixed: bool
    """Whether any other side was named with what may be the suffix of a sub-account."""
    same: dict[str, str | bool]
    """What `Memory.same` tells."""
    keys: list[str]
    """What `reach.keys` returned."""


def stamped(connection: duckdb.DuckDBPyConnection, *, anew: bool) -> Stamp:
    """
    Return what the ledger was made of.

    Raises
    ------
    Whole
        If it does not stand: rows were withdrawn or changed (``anew``), there
        is none, or it was made by other rules.
    """
    if anew:
        raise Whole(REPLACED)
    found = connection.execute("SELECT value FROM settings WHERE name = ?", [_STAMP]).fetchall()
    if not found:
        raise Whole(FIRST)
    told = json.loads(found[0][0])
    # Another version may have noted other things.
    if told.get("rules") != rules():
        raise Whole(RULES)
    return Stamp(**told)


def counted(connection: duckdb.DuckDBPyConnection) -> Stamp:
    """Count what there is; what texts tell is not known yet."""
    found = connection.execute(_COUNTS).fetchall()
    count = {name: int(count) for name, count, _ in found}
    most = {name: int(most or 0) for name, _, most in found}
    decided = count["decisions"] + count["marks"]
    return Stamp(
        rules(), count["entries"], most["entries"], most["files"], count["registrations"],
        count["subaccounts"], decided, suffixed=False, same={}, keys=[],
    )  # fmt: skip


def hold(connection: duckdb.DuckDBPyConnection, was: Stamp, now: Stamp) -> None:
    """
    Hold what there is against what the ledger was made of.

    Raises
    ------
    Whole
        If anything but new rows came, or investigators have decided something.
    """
    if now.decided:
        raise Whole(DECIDED)
    found = connection.execute(
        "SELECT (SELECT count(*) FROM entries WHERE entry_id > ?), "
        "(SELECT count(*) FROM registrations WHERE load_id <= ?)",
        [was.last, was.load],
    ).fetchall()
    new, old = found[0]
    if was.entries + new != now.entries or old != was.registrations:
        raise Whole(UNKNOWN)
    if now.subaccounts != was.subaccounts:
        raise Whole(NUMBERS)


def put(connection: duckdb.DuckDBPyConnection, now: Stamp) -> None:
    """Note what the ledger is made of."""
    connection.execute("DELETE FROM settings WHERE name = ?", [_STAMP])
    value = json.dumps(vars(now), sort_keys=True)
    connection.execute("INSERT INTO settings (name, value) VALUES (?, ?)", [_STAMP, value])


@cache
def rules() -> str:
    """Return a hash of all that makes a ledger, which changes whenever its rules may."""
    told = hashlib.sha256()
    for name in ("fund-tracer", "pandas", "numpy", "pyarrow"):
        told.update(metadata.version(name).encode())
    for package in ("tracer.intake", "tracer.ledger", "tracer"):
        for one in sorted(resources.files(package).iterdir(), key=lambda one: one.name):
            if one.name.endswith(".py"):
                told.update(one.read_bytes())
    return told.hexdigest()
