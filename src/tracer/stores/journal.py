"""The append-only log of a case, in which each line carries the hash of the one before."""

from __future__ import annotations

import getpass
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

import duckdb
import pandas as pd

from tracer.stores.duckdb import append, fetch
from tracer.tables import LOG

FIRST = "0" * 64


def write(
    connection: duckdb.DuckDBPyConnection, action: str, details: Mapping[str, object]
) -> None:
    """
    Add one line to the log, inside the transaction of what it tells of.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    action
        What was done: create, load, victims, choose, split, join, undo, mark, export.
    details
        Inputs, parameters and outputs, as plain values.
    """
    connection.execute(LOG.create())
    last = connection.execute("SELECT line, hash FROM log ORDER BY line DESC LIMIT 1").fetchone()
    line, previous = (last[0] + 1, last[1]) if last else (1, FIRST)
    row: dict[str, object] = {
        "line": line,
        "at": now(),
        "who": user(),
        "action": action,
        "details": json.dumps(details, ensure_ascii=False, sort_keys=True),
        "previous": previous,
    }
    append(connection, LOG, pd.DataFrame([row | {"hash": digest(row)}]))


def now() -> str:
    """Return the local time to the second, as the log writes it."""
    return datetime.now().isoformat(timespec="seconds")


def digest(row: dict[str, object]) -> str:
    """
    Return the SHA-256 that a log line must carry.

    Parameters
    ----------
    row
        line, at, who, action, details and previous.
    """
    told = [row[name] for name in LOG.columns if name != "hash"]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode("utf-8")).hexdigest()


def read(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return the whole log, oldest line first."""
    return fetch(connection, LOG, order=["line"])


def user() -> str:
    """Return who works at this machine, as the log writes it."""
    # A service account or a container may have no name at all.
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
