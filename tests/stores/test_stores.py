"""What a case keeps: one DuckDB file, evidence by its hash, and a chained log."""

import hashlib
import multiprocessing
import stat
from pathlib import Path

import pandas as pd
import pytest

from tracer.errors import CaseError, TableError
from tracer.stores import evidence, journal
from tracer.stores.duckdb import DuckStore, append, evolve, fetch, numbers, replace
from tracer.table import SQL_TYPES
from tracer.tables import FAULTS, LOG, SETTINGS, TRANSFERS


@pytest.fixture
def store(tmp_path: Path) -> DuckStore:
    made = DuckStore(tmp_path / "case.duckdb", patience=0.5)
    with made.writing() as connection:
        append(connection, SETTINGS, SETTINGS.empty())
    return made


def test_a_transaction_that_fails_leaves_nothing(store: DuckStore) -> None:
    row = pd.DataFrame({"name": ["a"], "value": ["1"]})
    with pytest.raises(RuntimeError, match="stop"), store.writing() as connection:
        append(connection, SETTINGS, row)
        raise RuntimeError("stop")
    assert store.table(SETTINGS, order=["name"]).empty


def test_a_table_that_is_made_anew_has_the_columns_of_today(store: DuckStore) -> None:
    row = pd.DataFrame({"name": ["a"], "value": ["1"]})
    with store.writing() as connection:
        connection.execute('CREATE TABLE "log" ("at" BIGINT, "what" BIGINT)')
        evolve(connection, LOG)
        replace(connection, LOG, LOG.empty())
        replace(connection, SETTINGS, row)
        asked = "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'log'"
        found = dict(connection.execute(asked).fetchall())
    assert found == {name: SQL_TYPES[kind] for name, kind in LOG.columns.items()}
    assert store.table(SETTINGS, order=["name"])["value"].tolist() == ["1"]


@pytest.mark.parametrize("rows", [5_000, 30_000, 30_001])
def test_every_row_that_is_put_in_last_is_there(store: DuckStore, rows: int) -> None:
    with store.writing() as connection:
        append(connection, SETTINGS, pd.DataFrame({"name": map(str, range(rows)), "value": "1"}))
    found = store.table(SETTINGS, order=["name"])["name"]
    assert set(found) == set(map(str, range(rows)))
    assert len(found) == rows


def test_no_number_stands_for_one_that_is_missing(store: DuckStore) -> None:
    part = TRANSFERS.part("transfer_id", "time")
    with store.writing() as connection:
        append(connection, TRANSFERS, TRANSFERS.empty())
        connection.execute("INSERT INTO transfers (transfer_id) VALUES (7)")
        told = numbers(connection, part, "FROM transfers")
        assert told["transfer_id"].tolist() == [7]
        assert pd.isna(told["time"]).tolist() == [True]
        with pytest.raises(TableError, match="'transfers' lacks a value in its column 'fen'"):
            numbers(connection, TRANSFERS.part("fen"), "FROM transfers")


def test_a_case_of_an_earlier_version_gets_the_columns_that_came_later(store: DuckStore) -> None:
    new = {"code": "again", "rows": 3, "reason": "因为。"}
    with store.writing() as connection:
        connection.execute('CREATE TABLE "faults" ("source" VARCHAR, "row" BIGINT)')
        connection.execute("INSERT INTO faults VALUES ('a.csv', 1)")
        frame = pd.DataFrame([new | {"load_id": 2, "source": "b.csv", "row": 0}])
        append(connection, FAULTS, frame)
    with store.reading() as connection:
        told = connection.execute('SELECT "source", "code", "rows" FROM faults ORDER BY 1')
        assert told.fetchall() == [("a.csv", None, None), ("b.csv", "again", 3)]


def _hold(path: str, ready: "multiprocessing.synchronize.Event", done: object) -> None:
    with DuckStore(Path(path)).writing():
        ready.set()
        done.wait()  # type: ignore[attr-defined]


def test_a_writer_waits_and_then_says_who_holds_the_case(store: DuckStore) -> None:
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(str(store.path), ready, done))
    other.start()
    try:
        assert ready.wait(60)
        with pytest.raises(CaseError, match=f"PID {other.pid}"), store.writing():
            pass
    finally:
        done.set()
        other.join(60)
    with store.writing() as connection:
        append(connection, SETTINGS, pd.DataFrame({"name": ["b"], "value": ["2"]}))
    assert store.table(SETTINGS, order=["name"])["name"].tolist() == ["b"]


def test_a_damaged_file_is_a_sentence(store: DuckStore) -> None:
    with store.writing() as connection:
        rows = pd.DataFrame({"name": [f"n{n}" for n in range(200_000)], "value": "x"})
        append(connection, SETTINGS, rows)
    whole = store.path.read_bytes()
    for kept in (5, len(whole) // 2, 4096 * 3):
        store.path.write_bytes(whole[:kept])
        with pytest.raises(CaseError, match=r"已损坏|cannot be opened"):
            store.table(SETTINGS, order=["name"])


def test_evidence_is_copied_once_read_only_and_named_by_its_hash(tmp_path: Path) -> None:
    original = tmp_path / "流水.CSV"
    original.write_bytes("交易卡号\n".encode("gb18030"))
    digest, kept = evidence.keep(original, tmp_path / "evidence")
    again, same = evidence.keep(original, tmp_path / "evidence")
    assert digest == again == hashlib.sha256(original.read_bytes()).hexdigest()
    assert kept == same == tmp_path / "evidence" / f"{digest}.csv"
    assert kept.read_bytes() == original.read_bytes()
    assert not kept.stat().st_mode & stat.S_IWRITE
    assert len(list((tmp_path / "evidence").iterdir())) == 1


def test_each_log_line_carries_the_hash_of_the_one_before(store: DuckStore) -> None:
    with store.writing() as connection:
        journal.write(connection, "create", {"name": "一"})
        journal.write(connection, "load", {"inputs": {"a.csv": "00"}})
    with store.reading() as connection:
        log = fetch(connection, LOG, order=["line"])
    assert log["action"].tolist() == ["create", "load"]
    assert log["previous"].tolist() == [journal.FIRST, log["hash"].iloc[0]]
    rows = [{str(name): value for name, value in row.items()} for row in log.to_dict("records")]
    assert [journal.digest(row) for row in rows] == log["hash"].tolist()
    changed = rows[0] | {"details": "{}"}
    assert journal.digest(changed) != log["hash"].iloc[0]
