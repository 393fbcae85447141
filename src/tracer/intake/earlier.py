"""Earlier: what a case has of a file already, and how a new reading of it takes its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import duckdb
import pandas as pd
import pyarrow as pa

from tracer import tables
from tracer.statements.load import FRAMES, Reading, Unread, unread
from tracer.statements.reasons import AGAIN, EMPTY_SHEET, Reason
from tracer.stores.duckdb import drop_of, evolve, fetch
from tracer.table import TEXT, Table, plain

# What of a line depends on when and under which name a file was loaded.
_PASSING = {
    *("entry_id", "report_id", "load_id", "source"),
    *("reader", "stands", "light", "again", "again_en"),
}


@dataclass(frozen=True)
class Arrival:
    """What a load brings, once it is known what of it the case has already."""

    readings: list[Reading]
    """What is to be kept; of what the case has already, a line that says so."""
    files: pd.DataFrame
    """As ``tables.FILES``: all lines of the case before."""
    replaced: pd.DataFrame
    """The lines of ``files`` for the readings that give way to new ones."""
    failed: dict[str, Reason]
    """SHA-256 to why a file that the case has could not be read this time."""


def recognised(files: pd.DataFrame, reader: str) -> set[str]:
    """
    Return the SHA-256 of the files that need not be read again.

    They are those of which every sheet was read by the declarations that
    apply now, and the archives of which every file was; the others may give
    something else now, with a password or another format.

    Parameters
    ----------
    files
        As ``tables.FILES``.
    reader
        The hash of the declarations that apply now.
    """
    lines = latest(files)
    settled = lines["format"].ne("") | lines["code"].eq(EMPTY_SHEET.code)
    good = (settled & lines["reader"].eq(reader)).groupby(lines["sha256"]).all()
    known = set(good.index[good])
    archives = files[files["format"].eq("archive")]
    left = files[files["format"].eq("") & ~files["sha256"].isin(known | set(archives["sha256"]))]
    now = archives[archives["reader"].eq(reader)]
    whole = {
        digest
        for load, source, digest in zip(now["load_id"], now["source"], now["sha256"], strict=True)
        if left[inside(left, load, source)].empty
    }
    return known | whole


def inside(files: pd.DataFrame, load_id: int, source: str) -> pd.Series:
    """
    Return which lines of ``tables.FILES`` tell of an archive or of a file in it.

    Parameters
    ----------
    files
        As ``tables.FILES``.
    load_id, source
        The archive.
    """
    here = files["source"].eq(source) | files["source"].str.startswith(f"{source}/")
    return here & files["load_id"].eq(load_id)


def _own(files: pd.DataFrame) -> pd.DataFrame:
    """Return the lines that tell of a reading, and not of one that stands elsewhere."""
    # A case of the first version says only in the note that a file was there before.
    before = files["format"].eq("") & files["note"].eq(AGAIN.zh)
    elsewhere = files["stands"].notna() | before | files["format"].eq("archive")
    return files[~elsewhere & files["sha256"].ne("")]


def latest(files: pd.DataFrame) -> pd.DataFrame:
    """
    Return the lines of each file's last reading.

    Parameters
    ----------
    files
        As ``tables.FILES``.
    """
    lines = _own(files)
    return lines[lines["load_id"].eq(lines.groupby("sha256")["load_id"].transform("max"))]


def arrival(connection: duckdb.DuckDBPyConnection, readings: Sequence[Reading]) -> Arrival:
    """
    Tell what of some readings is new, what the case has, and what takes another's place.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    readings
        What `gather` returned.
    """
    for table in (tables.ENTRIES, *FRAMES):
        evolve(connection, table)
    files = fetch(connection, tables.FILES, order=["load_id", "source", "sheet"])
    held = dict(iter(latest(files).groupby("sha256")))
    met = {digest: one for one in readings if (digest := _digest(one)) in held}
    failed = {
        digest: Reason(str(one.files["note"].iloc[0]), str(one.files["note_en"].iloc[0]))
        for digest, one in met.items()
        if _shut(one.files) and held[digest]["format"].ne("").any()
    }
    tried = {digest: one for digest, one in met.items() if digest not in failed}
    places = {digest: _place(held[digest]) for digest in tried}
    differ = _differing(connection, [(one, places[digest]) for digest, one in tried.items()])
    changed = {digest for digest, place in places.items() if place in differ}
    same = tried.keys() - changed
    _read_by(connection, {digest: tried[digest] for digest in same})
    fresh = [_again(one) if _digest(one) in same | failed.keys() else one for one in readings]
    lines = _own(files)
    return Arrival(fresh, files, lines[lines["sha256"].isin(changed)], failed)


def _digest(one: Reading) -> str:
    """Return the SHA-256 of the file that was read; "" where lines only tell why not."""
    lines = one.files
    if len(set(lines["sha256"])) != 1 or lines["code"].iloc[0] == AGAIN.code:
        return ""
    return "" if lines["format"].iloc[0] == "archive" else str(lines["sha256"].iloc[0])


def _shut(lines: pd.DataFrame) -> bool:
    """Return whether a file could not even be opened, so that nothing is known of its rows."""
    return bool(lines["format"].eq("").all() and lines["rows"].sum() == 0)


def _place(lines: pd.DataFrame) -> tuple[int, str]:
    return int(lines["load_id"].iloc[0]), str(lines["source"].iloc[0])


def _again(one: Reading) -> Reading:
    line = one.files.iloc[0]
    said = unread(Unread(str(line["source"]), str(line["sha256"]), AGAIN))
    return replace(said, files=said.files.assign(reader=line["reader"]))


def _differing(
    connection: duckdb.DuckDBPyConnection, tried: Sequence[tuple[Reading, tuple[int, str]]]
) -> set[tuple[int, str]]:
    """Return the places whose stored rows are not those that a new reading gives."""
    if not tried:
        return set()
    wanted = pd.DataFrame([place for _, place in tried], columns=["load_id", "source"])
    connection.register("wanted", wanted)
    found: set[tuple[int, str]] = set()
    for table in (tables.ENTRIES, *FRAMES):
        connection.register("arriving", _placed(table, tried))
        rows = connection.execute(_difference(table)).fetchall()
        found |= {(int(load), str(source)) for load, source in rows}
        connection.unregister("arriving")
    connection.unregister("wanted")
    return found


def _placed(
    table: Table, tried: Sequence[tuple[Reading, tuple[int, str]]]
) -> pd.DataFrame | pa.Table:
    """Return what new readings give of one table, under the places of the stored rows."""
    if table is not tables.ENTRIES:
        frames = [
            getattr(one, table.name).assign(load_id=load, source=source)
            for one, (load, source) in tried
        ]
        return table.conform(pd.concat(frames))
    parts = []
    for one, (load, source) in tried:
        rows = plain(one.table)
        for name, value, kind in (
            ("load_id", load, pa.int64()),
            ("source", source, pa.large_string()),
        ):
            at = rows.column_names.index(name)
            rows = rows.set_column(at, name, pa.repeat(pa.scalar(value, kind), rows.num_rows))
        parts.append(rows)
    return pa.concat_tables(parts)


def _difference(table: Table) -> str:
    """Return the SQL for the places at which stored and arriving rows are not the same rows."""
    # A column that an earlier version did not have is NULL, and means what "" does.
    told = [
        f'coalesce("{name}", \'\') AS "{name}"' if kind == TEXT else f'"{name}"'
        for name, kind in table.columns.items()
        if name not in _PASSING - {"load_id", "source"}
    ]
    columns = ", ".join(told)
    own = "WHERE stands IS NULL" if table is tables.FILES else ""
    return (
        f'WITH old AS (SELECT {columns} FROM "{table.name}" '  # noqa: S608
        f"SEMI JOIN wanted USING (load_id, source) {own}), "
        f"new AS (SELECT {columns} FROM arriving) "
        "SELECT DISTINCT load_id, source FROM ((FROM old EXCEPT ALL FROM new) "
        "UNION ALL (FROM new EXCEPT ALL FROM old))"
    )


def _read_by(connection: duckdb.DuckDBPyConnection, same: dict[str, Reading]) -> None:
    """Keep in mind that today's declarations give the same, so that it is not tried again."""
    for digest, one in same.items():
        connection.execute(
            "UPDATE files SET reader = ? WHERE sha256 = ? AND stands IS NULL",
            [str(one.files["reader"].iloc[0]), digest],
        )


def withdraw(connection: duckdb.DuckDBPyConnection, arrived: Arrival) -> pd.DataFrame:
    """
    Take out the rows that give way, and return the lines that will say where they went.

    Parameters
    ----------
    connection
        A connection with an open transaction.
    arrived
        What `arrival` returned.
    """
    for table in (tables.ENTRIES, *FRAMES):
        if table is not tables.FILES:
            drop_of(connection, table, arrived.replaced)
    gone = arrived.files[arrived.files["sha256"].isin(arrived.replaced["sha256"])]
    drop_of(connection, tables.FILES, gone)
    lines = gone.drop_duplicates(["load_id", "source"])[["load_id", "source", "sha256", "reader"]]
    return tables.FILES.conform(
        lines.assign(**dict.fromkeys(("rows", "entries", "faults", "skipped"), 0))
    )
