"""Files taken into a case: kept as evidence, read, and stored whole or not at all."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pandas as pd
from tqdm import tqdm

from tracer import tables
from tracer.errors import CaseError, SeedError, TracerError
from tracer.ledger import build, reports
from tracer.statements.load import Reading, find, read
from tracer.statements.report import LoadReport
from tracer.stores import evidence, journal
from tracer.stores.duckdb import DuckStore, append, fetch, replace


def gather(path: Path, folder: Path, seen: set[str]) -> list[Reading]:
    """
    Keep a copy of each file as evidence and read it, without holding the case.

    Parameters
    ----------
    path
        A file, or a folder of them.
    folder
        The case's folder; copies go to its `evidence`, and its own format
        declarations are taken from its `formats`.
    seen
        The SHA-256 of the files that the case has already.

    Returns
    -------
    list of Reading
        One per file; a file that was seen before gives an empty one that says so.

    Raises
    ------
    CaseError
        If the path does not exist or holds no file.
    """
    if not path.exists():
        msg = f"There is no file or folder {str(path)!r}. Check the path."
        raise CaseError(msg, zh=f"找不到文件或文件夹 {str(path)!r}，请检查路径。")
    inside, home = path.resolve(), folder.resolve()
    if inside.is_relative_to(home) or home.is_relative_to(inside):
        msg = f"{str(path)!r} holds the case itself or lies in it. Load evidence from elsewhere."
        raise CaseError(msg, zh=f"{str(path)!r} 与案件文件夹重叠，请从其他文件夹载入。")
    found = find(path)
    if not found:
        msg = f"The folder {str(path)!r} holds no file to load."
        raise CaseError(msg, zh=f"文件夹 {str(path)!r} 中没有可载入的文件。")
    root = path if path.is_dir() else path.parent
    known = set(seen)
    return [_one(file, _source(file, root), folder, known) for file in _progress(found)]


def _source(file: Path, root: Path) -> str:
    """Return a file's name below the root; what is no text in it is written out."""
    name = file.relative_to(root).as_posix()
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _progress(files: list[Path]) -> Iterable[Path]:
    """Show a bar where a person is looking and reading takes longer than a moment."""
    notebook = "ipykernel" in sys.modules
    bar: Iterable[Path] = tqdm(
        files,
        desc="载入",
        unit="文件",
        delay=3,
        leave=False,
        # On the error stream a notebook would show the bar as if something were wrong.
        file=sys.stdout if notebook else sys.stderr,
        disable=not (notebook or sys.stderr.isatty()),
    )
    return bar


def _one(file: Path, source: str, folder: Path, known: set[str]) -> Reading:
    try:
        digest, kept = evidence.keep(file, folder / "evidence")
    except OSError as error:
        return _unread(source, error)
    if digest in known:
        return _again(source, digest)
    known.add(digest)
    try:
        return read(kept, source=source, sha256=digest, formats=folder / "formats")
    except TracerError:
        raise
    except Exception as error:  # noqa: BLE001 - one file must never stop the others.
        return _broken(source, digest, error)


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
        # Another notebook may have loaded the same file while this one was reading.
        known = recognised(fetch(connection, tables.FILES, order=["load_id"]))
        fresh = [_again(*_named(one)) if _named(one)[1] in known else one for one in readings]
        numbered = _numbered(connection, fresh)
        for table, frame in numbered.items():
            append(connection, table, frame)
        _rebuild(connection)
        files = numbered[tables.FILES]
        journal.write(connection, action, {"inputs": hashes(files)})
    return LoadReport(files=files, faults=numbered[tables.FAULTS])


def recognised(files: pd.DataFrame) -> set[str]:
    """Return the SHA-256 of the files that some format read; the others may be tried again."""
    return set(files.loc[files["format"].ne(""), "sha256"]) - {""}


def hashes(files: pd.DataFrame) -> list[dict[str, object]]:
    """Return every file of the table `files` with the load it came in and its SHA-256."""
    once = files[["load_id", "source", "sha256"]].drop_duplicates()
    return [{str(name): value for name, value in row.items()} for row in once.to_dict("records")]


def _numbered(
    connection: duckdb.DuckDBPyConnection, readings: list[Reading]
) -> dict[tables.Table, pd.DataFrame]:
    """Put the readings of one load together and number what they hold."""
    arriving = {
        tables.FILES: pd.concat([one.files for one in readings]),
        tables.ENTRIES: pd.concat([one.entries for one in readings]),
        tables.REGISTRATIONS: pd.concat([one.registrations for one in readings]),
        tables.REPORTS: pd.concat([one.reports for one in readings]),
        tables.FAULTS: pd.concat([one.faults for one in readings]),
    }
    load_id = _next(connection, "files", "load_id")
    numbered = {
        table: table.conform(frame.assign(load_id=load_id).reset_index(drop=True))
        for table, frame in arriving.items()
    }
    for table, column in ((tables.ENTRIES, "entry_id"), (tables.REPORTS, "report_id")):
        numbered[table][column] += numbered[table].index + _next(connection, table.name, column)
    return numbered


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


def _again(source: str, digest: str) -> Reading:
    """Return what a file gives whose bytes the case has already: a line that says so."""
    zh = "与已载入的文件完全相同，未重复载入。"
    return _nothing(source, digest, zh, "The same file is in the case and was not loaded twice.")


def _unread(source: str, error: OSError) -> Reading:
    """Return what a file gives that the system does not let us read."""
    zh = f"无法读取文件：{error.strerror}。请检查权限或文件是否被占用。"
    return _nothing(source, "", zh, f"The file cannot be read: {error.strerror}.")


def _broken(source: str, digest: str, error: Exception) -> Reading:
    """Return what a file gives that no check foresaw, so that it is seen and can be reported."""
    told = f"{type(error).__name__}: {error}"[:300]
    zh = f"读取时出现意外错误，未载入：{told}。请保留文件并反馈。"
    return _nothing(source, digest, zh, f"Reading failed unexpectedly: {told}.")


def _nothing(source: str, digest: str, note: str, note_en: str) -> Reading:
    line = {
        "source": source,
        "sha256": digest,
        "note": note,
        "note_en": note_en,
        **dict.fromkeys(("load_id", "rows", "entries", "faults", "skipped"), 0),
    }
    return Reading(
        entries=tables.ENTRIES.empty(),
        registrations=tables.REGISTRATIONS.empty(),
        reports=tables.REPORTS.empty(),
        faults=tables.FAULTS.empty(),
        files=tables.FILES.conform(pd.DataFrame([line])),
    )


def _named(reading: Reading) -> tuple[str, str]:
    """Return the source and the SHA-256 of what was read."""
    first = reading.files.iloc[0]
    return str(first["source"]), str(first["sha256"])


def no_reports(path: Path, readings: list[Reading]) -> CaseError:
    """Return the error that says why a file holds no victims' reports, and what one needs."""
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
