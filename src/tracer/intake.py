"""Intake: what files gave is put into a case, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from tracer import tables
from tracer.errors import CaseError, SeedError
from tracer.ledger import build, reports
from tracer.statements.load import FRAMES, Reading, Unread, unread
from tracer.statements.reasons import AGAIN
from tracer.statements.report.report import LoadReport
from tracer.stores import journal
from tracer.stores.duckdb import DuckStore, append, fetch, replace
from tracer.table import plain

# What a file may bring, and a case keeps as it came.
ARRIVING = (tables.ENTRIES, *FRAMES)
# Tables of fewer rows are put together before they are stored.
SMALL = 50_000


def take(store: DuckStore, readings: list[Reading], action: str) -> LoadReport:
    """
    Put readings into a case and build its ledger again, in one transaction.

    Parameters
    ----------
    store
        The case's store.
    readings
        What `gather` returned.
    action
        What the log calls it: load or victims.
    """
    with store.writing() as connection:
        report = keep(connection, readings)
        _rebuild(connection)
        journal.write(connection, action, {"inputs": hashes(report.files)})
    return report


def keep(connection: duckdb.DuckDBPyConnection, readings: list[Reading]) -> LoadReport:
    """
    Put what readings hold, numbered, into the case's tables.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    readings
        What `gather` returned.
    """
    # Another notebook may have loaded the same file while this one was reading.
    known = recognised(fetch(connection, tables.FILES, order=["load_id"]))
    fresh = [_again(one) if _whole(one) & known else one for one in readings]
    load_id = _next(connection, "files", "load_id")
    _keep_entries(connection, fresh, load_id)
    told = {}
    for table in FRAMES:
        some = [getattr(one, table.name) for one in fresh if len(getattr(one, table.name))]
        frame = pd.concat(some) if some else table.empty()
        told[table] = table.conform(frame.assign(load_id=load_id).reset_index(drop=True))
    told[tables.REPORTS]["report_id"] += told[tables.REPORTS].index + _next(
        connection, "reports", "report_id"
    )
    for table, frame in told.items():
        append(connection, table, frame)
    shown = (tables.FILES, tables.FAULTS, tables.SKIPPED, tables.COVERAGE, tables.TASKS)
    return LoadReport(**{table.name: told[table] for table in shown})


def _keep_entries(
    connection: duckdb.DuckDBPyConnection, readings: list[Reading], load_id: int
) -> None:
    first = _next(connection, "entries", "entry_id")
    small: list[pa.Table] = []
    for one in readings:
        rows = one.table.num_rows
        numbers = {"entry_id": pa.array(np.arange(first, first + rows))}
        numbers["load_id"] = pa.repeat(pa.scalar(load_id, pa.int64()), rows)
        first += rows
        numbered = one.table
        for at, (name, column) in enumerate(numbers.items()):
            numbered = numbered.set_column(at, name, column)
        # Many small tables are stored sooner together than one by one.
        if rows < SMALL:
            small.append(plain(numbered))
        else:
            append(connection, tables.ENTRIES, numbered)
    if small:
        append(connection, tables.ENTRIES, pa.concat_tables(small))


def missing(path: Path, readings: list[Reading]) -> CaseError:
    """Say why a file holds no victims' reports, and what one needs."""
    files = pd.concat([one.files for one in readings])
    faults = pd.concat([one.faults for one in readings]).query("aside == 'row'").head(5)
    where = "第 " + faults["row"].astype("str") + " 行 " + faults["column"] + "："
    told = [*files["note"][files["note"].ne("")], *(where + faults["reason"])]
    where_en = "Row " + faults["row"].astype("str") + ", " + faults["column"] + ": "
    told_en = [*files["note_en"][files["note_en"].ne("")], *(where_en + faults["reason_en"])]
    needs = "被害人、收款账号、转账金额、转账时间"
    msg = f"{str(path)!r} holds no victims' reports. {' '.join(told_en)} A report needs {needs}."
    zh = f"{str(path)!r} 中没有被害人报案。{''.join(told)}报案表需有列：{needs}。"
    return CaseError(msg, zh=zh)


def recognised(files: pd.DataFrame) -> set[str]:
    """
    Return the SHA-256 of the files that need not be read again.

    They are those that some format read, and the archives of which every
    file was; the others may be tried again, with a password or a new format.
    """
    read_before = files["format"].ne("")
    known = set(files.loc[read_before, "sha256"]) - {""}
    archives = files[files["format"].eq("archive")]
    unread = files[~read_before & ~files["sha256"].isin(known)]
    inside = [
        unread["load_id"].eq(load).to_numpy()
        & (unread["source"].eq(source) | unread["source"].str.startswith(f"{source}/"))
        for load, source in zip(archives["load_id"], archives["source"], strict=True)
    ]
    whole = {
        digest for digest, found in zip(archives["sha256"], inside, strict=True) if not found.any()
    }
    return known - (set(archives["sha256"]) - whole)


def hashes(files: pd.DataFrame) -> list[dict[str, object]]:
    """Return every file of the table `files` with the load it came in and its SHA-256."""
    once = files[["load_id", "source", "sha256"]].drop_duplicates()
    return [{str(name): value for name, value in row.items()} for row in once.to_dict("records")]


def _next(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> int:
    """Return the first number that no row of a table has yet."""
    statement = f'SELECT coalesce(max("{column}"), 0) + 1 FROM "{table}"'  # noqa: S608
    found = connection.execute(statement).fetchone()
    return int(found[0]) if found else 1


def _rebuild(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the ledger of all entries, and match all reports to it."""
    ledger = build.build(
        fetch(connection, tables.ENTRIES, order=["entry_id"]),
        fetch(connection, tables.REGISTRATIONS, order=["load_id", "source", "row"]),
    )
    known = ledger.aliases.rename("account").rename_axis("alias").reset_index()
    replace(connection, tables.ALIASES, known)
    replace(connection, tables.ACCOUNTS, ledger.accounts)
    replace(connection, tables.TRANSFERS, ledger.transfers)
    _rematch(connection)


def choose(connection: duckdb.DuckDBPyConnection, choice: dict[str, int]) -> None:
    """
    Keep the investigator's choice and match the other reports again.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    choice
        report_id and transfer_id.

    Raises
    ------
    SeedError
        If another report was given that transfer.
    """
    made = fetch(connection, tables.CHOICES, order=["rowid"])
    last = made.drop_duplicates("report_id", keep="last")
    rival = last[last["transfer_id"].eq(choice["transfer_id"])]["report_id"]
    if set(rival) - {choice["report_id"]}:
        other, transfer = int(rival.iloc[0]), choice["transfer_id"]
        msg = f"Transfer {transfer} was chosen for report {other}. Choose another one for either."
        raise SeedError(msg, zh=f"转账 {transfer} 已指定给报案 {other}，请为其中一笔另行指定。")
    append(connection, tables.CHOICES, pd.DataFrame([choice]))
    _rematch(connection)


def _rematch(connection: duckdb.DuckDBPyConnection) -> None:
    """Match all reports to the ledger."""
    matches = reports.match(
        fetch(connection, tables.REPORTS, order=["report_id"]),
        fetch(connection, tables.TRANSFERS, order=["time", "seq"]),
        fetch(connection, tables.ALIASES, order=["alias"]).set_index("alias")["account"],
        # A later choice for the same report takes the place of the earlier one.
        fetch(connection, tables.CHOICES, order=["rowid"]),
    )
    replace(connection, tables.MATCHES, matches)


def _whole(reading: Reading) -> set[str]:
    """Return the SHA-256 of the one file that was read; nothing where lines only tell why not."""
    return recognised(reading.files) if len(set(reading.files["sha256"])) == 1 else set()


def _again(reading: Reading) -> Reading:
    """Return what is left of a reading whose file another notebook loaded meanwhile."""
    first = reading.files.iloc[0]
    return unread(Unread(str(first["source"]), str(first["sha256"]), AGAIN))
