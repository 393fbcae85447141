"""Intake: what files gave is put into a case, whole or not at all."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from tracer import tables
from tracer.errors import CaseError, SeedError
from tracer.intake import again, choices, earlier, numbering, rounds
from tracer.intake.earlier import Arrival
from tracer.ledger import reports
from tracer.ledger.accounts import resolve
from tracer.statements.load import FRAMES, Reading
from tracer.statements.report.lights import YELLOW
from tracer.statements.report.report import LoadReport
from tracer.stores import journal
from tracer.stores.duckdb import DuckStore, append, fetch, replace
from tracer.table import plain

# What a file may bring, and a case keeps as it came.
ARRIVING = (tables.ENTRIES, *FRAMES)
# Tables of fewer rows are put together before they are stored.
SMALL = 50_000
# Tables whose rows people name by a number.
_NUMBERED = {tables.ENTRIES: "entry_id", tables.REPORTS: "report_id"}


def take(store: DuckStore, readings: list[Reading], action: str) -> LoadReport:
    """
    Put readings into a case and bring its ledger up to date, in one transaction.

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
        arrived = earlier.arrival(connection, readings)
        report = _stored(connection, arrived)
        replaced = len(arrived.replaced) > 0
        followed, how = rebuild(connection, anew=replaced)
        report = _choices_told(connection, report, followed, replaced=replaced)
        details: dict[str, object] = {"inputs": hashes(report.files), "ledger": how}
        details |= _changes(arrived, report, followed)
        journal.write(connection, action, details)
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
    return _stored(connection, earlier.arrival(connection, readings))


def _stored(connection: duckdb.DuckDBPyConnection, arrived: Arrival) -> LoadReport:
    load_id = _next(connection, "files", "load_id")
    held = {
        table: numbering.held(connection, table, column, arrived.replaced)
        for table, column in _NUMBERED.items()
    }
    gone = earlier.withdraw(connection, arrived)
    _keep_entries(connection, arrived.readings, load_id, held[tables.ENTRIES])
    brought = {}
    for table in FRAMES:
        some = [one for each in arrived.readings if len(one := getattr(each, table.name))]
        frame = pd.concat(some, ignore_index=True) if some else table.empty()
        brought[table] = table.conform(frame.assign(load_id=load_id))
    told = brought[tables.REPORTS]
    lines = brought[tables.FILES].query("entries > 0").drop_duplicates("source")
    rows = told.assign(sha256=told["source"].map(lines.set_index("source")["sha256"]))
    first = numbering.free(connection, tables.REPORTS, "report_id")
    told["report_id"] = numbering.numbered(rows, held[tables.REPORTS], first)
    for table, frame in brought.items():
        if table is not tables.FILES:
            append(connection, table, frame)
    files, gone = again.told(connection, arrived, brought[tables.FILES], gone)
    append(connection, tables.FILES, pd.concat([files, gone], ignore_index=True))
    shown = (tables.FAULTS, tables.SKIPPED, tables.COVERAGE, tables.TASKS)
    return LoadReport(files=files, **{table.name: brought[table] for table in shown})


def _keep_entries(
    connection: duckdb.DuckDBPyConnection, readings: list[Reading], load_id: int, held: pd.DataFrame
) -> None:
    first = numbering.free(connection, tables.ENTRIES, "entry_id")
    small: list[pa.Table] = []
    for one in readings:
        rows = one.table.num_rows
        numbers = {"entry_id": pa.array(_entry_ids(one, held, first))}
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


def _entry_ids(one: Reading, held: pd.DataFrame, first: int) -> np.ndarray:
    """Return a number for each entry; a row that was read before has the one that it had."""
    here = held[held["sha256"].isin(one.files["sha256"])]
    if here.empty:
        return np.arange(first, first + one.table.num_rows)
    rows = pd.DataFrame({"row": one.table["row"].to_numpy()})
    rows["sheet"] = one.table["sheet"].cast(pa.large_string()).to_pandas()
    return numbering.numbered(rows.assign(sha256=one.files["sha256"].iloc[0]), here, first)


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


def hashes(files: pd.DataFrame) -> list[dict[str, object]]:
    """Return every file of the table `files` with the load it came in and its SHA-256."""
    once = files[["load_id", "source", "sha256"]].drop_duplicates()
    return [{str(name): value for name, value in row.items()} for row in once.to_dict("records")]


def _next(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> int:
    """Return the first number that no row of a table has yet."""
    statement = f'SELECT coalesce(max("{column}"), 0) + 1 FROM "{table}"'  # noqa: S608
    found = connection.execute(statement).fetchall()
    return int(found[0][0])


def rebuild(
    connection: duckdb.DuckDBPyConnection, *, anew: bool = True
) -> tuple[pd.DataFrame, dict[str, object]]:
    """
    Make the ledger of all entries and decisions, and match reports to it.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    anew
        Whether anything but new rows has come, so that all of it is made.

    Returns
    -------
    followed : pandas.DataFrame
        What `choices.followed` returned of the choices that were made.
    told : dict
        What `rounds.settle` returned.
    """
    made = fetch(connection, tables.CHOICES, order=["rowid"])
    before = _of_entries(connection, made["transfer_id"])
    told = rounds.settle(connection, anew=anew)
    followed = pd.DataFrame(columns=["report_id", "transfer_id", "to", "changed"])
    if len(made):
        sides = pd.concat([made["transfer_id"], before["payer_entry"], before["payee_entry"]])
        after = _of_entries(connection, sides.dropna().astype("int64"))
        reported = fetch(connection, tables.REPORTS, order=["report_id"])
        followed = choices.followed(made, before, after, reported)
        if not followed["to"].eq(followed["transfer_id"]).fillna(value=False).all():
            now = followed.dropna(subset="to").assign(transfer_id=lambda one: one["to"])
            replace(connection, tables.CHOICES, now)
    _rematch(connection)
    return followed, told


def _of_entries(connection: duckdb.DuckDBPyConnection, numbers: pd.Series) -> pd.DataFrame:
    """Return the transfers that have some numbers, or that some entries tell of."""
    wanted = ", ".join(str(int(one)) for one in numbers.unique()) or "NULL"
    found = connection.execute(
        f"FROM transfers WHERE transfer_id IN ({wanted}) OR payer_entry IN ({wanted}) "
        f"OR payee_entry IN ({wanted}) ORDER BY transfer_id"
    )
    return tables.TRANSFERS.conform(found.df())


def _choices_told(
    connection: duckdb.DuckDBPyConnection,
    report: LoadReport,
    followed: pd.DataFrame,
    *,
    replaced: bool,
) -> LoadReport:
    """Say in the first line of the load that did it what became of choices."""
    said = choices.sentences(followed, replaced=replaced)
    if not said:
        return report
    lines = _records(report.files)
    line = next((one for one in lines if one["again"]), lines[0])
    line["again"] += "".join(one.zh for one in said)
    line["again_en"] = " ".join([line["again_en"], *(one.en for one in said)]).strip()
    line["light"] = YELLOW if pd.isna(line["stands"]) else line["light"]
    files = tables.FILES.conform(pd.DataFrame(lines))
    connection.execute("DELETE FROM files WHERE load_id = ?", [line["load_id"]])
    append(connection, tables.FILES, files)
    return dataclasses.replace(report, files=files)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): one[name] for name in one} for one in frame.to_dict("records")]


def _changes(arrived: Arrival, report: LoadReport, followed: pd.DataFrame) -> dict[str, object]:
    """Return what the log says of rows that were replaced and of choices that are not as made."""
    names = ["load_id", "source", "format", "rows", "entries", "faults", "skipped"]
    told: dict[str, object] = {}
    if len(arrived.replaced):
        told["replaced"] = [
            {
                "sha256": digest,
                "old": _records(arrived.replaced.loc[arrived.replaced["sha256"].eq(digest), names]),
                "new": _records(report.files.loc[report.files["sha256"].eq(digest), names]),
            }
            for digest in arrived.replaced["sha256"].unique()
        ]
    return told | moved(followed)


def moved(followed: pd.DataFrame) -> dict[str, object]:
    """
    Return what the log says of choices that are not as they were made; nothing where all are.

    Parameters
    ----------
    followed
        What `rebuild` returned.
    """
    changed = followed[~followed["to"].eq(followed["transfer_id"]).fillna(value=False)]
    told = [
        {
            "report_id": one["report_id"],
            "from": one["transfer_id"],
            "to": None if pd.isna(one["to"]) else one["to"],
        }
        for one in _records(changed)
    ]
    return {"choices": told} if told else {}


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
    told = fetch(connection, tables.REPORTS, order=["report_id"])
    if told.empty:
        replace(connection, tables.MATCHES, tables.MATCHES.empty())
        return
    known = fetch(connection, tables.ALIASES, order=["alias"]).set_index("alias")["account"]
    matches = reports.match(
        told,
        _near(connection, told, known),
        known,
        # A later choice for the same report takes the place of the earlier one.
        fetch(connection, tables.CHOICES, order=["rowid"]),
    )
    replace(connection, tables.MATCHES, matches)


def _near(
    connection: duckdb.DuckDBPyConnection, told: pd.DataFrame, known: pd.Series
) -> pd.DataFrame:
    """Return the transfers that a report can mean: they agree in payee or payer at least."""
    accounts = pd.concat([resolve(told[side], known) for side in ("payer", "payee")])
    connection.register("wanted", accounts.rename("account").drop_duplicates().to_frame())
    found = connection.execute(
        "FROM transfers WHERE status = 'ok' AND (payer IN (SELECT account FROM wanted) "
        "OR payee IN (SELECT account FROM wanted)) ORDER BY time, seq, transfer_id"
    )
    frame = tables.TRANSFERS.conform(found.df())
    connection.unregister("wanted")
    return frame
