"""The same SQL on Spark gives the same as on DuckDB, and types survive the way there and back."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import SparkSession

import tracer
from engines import (
    SMALL,
    assert_same,
    check_follow,
    check_order_without_seq,
    check_reach,
    check_refusals,
    howto,
    told,
)
from tracer.errors import SeedError, TableError
from tracer.stores.spark import SparkStore
from tracer.tracing.follow import follow
from tracer.tracing.reach import _HOP, _MOVES, _PART, reach

pytestmark = [
    pytest.mark.xdist_group("spark"),
    # Spark leaves the sockets on which Arrow comes to the garbage collector.
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
    ),
]


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    java = shutil.which("java") or os.environ.get("JAVA_HOME")
    assert java, "Spark needs a Java runtime (17 or newer), which this machine lacks: install one."
    place = tmp_path_factory.mktemp("spark")
    options = {
        "spark.ui.enabled": "false",
        # In so short a life code is never worth compiling well.
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.files.minPartitionNum": "2",
        "spark.sql.warehouse.dir": str(place),
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.maxResultSize": "4m",
        # A zone in which some of the times of the tests do not exist.
        "spark.sql.session.timeZone": "America/New_York",
    }
    made = SparkSession.builder.master("local[1]").config(map=options).getOrCreate()
    made.sparkContext.setLogLevel("ERROR")
    yield made
    made.stop()


@pytest.fixture
def opened(spark):
    def store(folder: Path) -> SparkStore:
        spark.read.parquet(str(folder)).createOrReplaceTempView("ledger")
        return SparkStore(spark, "ledger")

    return store


def test_the_search_finds_what_a_graph_of_accounts_at_moments_finds(opened, tmp_path):
    check_reach(opened, tmp_path, seed=20, hub=6)


@pytest.mark.parametrize(("text", "hub"), [(False, None), (True, 6)])
def test_following_the_part_is_following_the_whole(opened, tmp_path, text, hub):
    check_follow(opened, tmp_path, seed=30, text=text, hub=hub)


def test_the_order_is_that_of_the_ids_where_the_store_tells_none(opened, tmp_path):
    check_order_without_seq(opened, tmp_path)


def test_what_cannot_be_followed_is_refused_in_a_sentence(spark, opened, tmp_path):
    check_refusals(opened, tmp_path)
    for name in ("no.table", "nothing", "two words"):
        with pytest.raises(TableError, match=f"no table {name!r}"):
            follow(SparkStore(spark, name), pd.Series({1: "王"}))


def test_no_digit_and_no_hour_is_lost_on_the_way(spark):
    """Amounts beyond what a float holds, decimals, and times that its zone does not have."""
    spark.sql(
        """
        SELECT CAST(id AS INT) AS transfer_id, payer, payee, note,
            CAST(fen AS DECIMAL(30, 2)) AS fen, CAST(time AS TIMESTAMP_NTZ) AS time
        FROM VALUES
            (1, 'v', '6228480402564890018', '9007199254740993.00', '2026-03-08 02:30:00.000001', 1),
            (2, '6228480402564890018', '李四', '9007199254740993.00', '2026-03-08 02:30:00', NULL),
            (3, '6228480402564890018', '李四', '9007199254740992.00', '2026-03-08 02:30:00.000001',
                9007199254740993)
        AS t(id, payer, payee, fen, time, note)
        """
    ).createOrReplaceTempView("exact")
    trace = follow(SparkStore(spark, "exact"), pd.Series({1: "王"}))
    assert trace.movements["transfer_id"].tolist() == [1, 3]
    assert trace.movements["fen"].tolist() == [2**53 + 1, 2**53]
    assert trace.transfers["fen"].dtype == "int64"
    assert trace.transfers["note"].tolist() == [1, 2**53 + 1]
    assert trace.transfers["time"].tolist() == [pd.Timestamp("2026-03-08 02:30:00.000001")] * 2
    assert trace.transfers["time"].dtype == "datetime64[us]"


def test_times_with_a_zone_are_those_that_the_session_shows(spark):
    spark.sql(
        """
        SELECT 1L AS transfer_id, 'v' AS payer, 'a' AS payee, 5L AS fen,
            TIMESTAMP_LTZ '2026-03-01 09:00:00 Asia/Shanghai' AS time
        """
    ).createOrReplaceTempView("zoned")
    trace = follow(SparkStore(spark, "zoned"), pd.Series({1: "王"}))
    assert trace.transfers["time"].tolist() == [pd.Timestamp("2026-02-28 20:00:00")]


def test_nothing_stays_behind_in_the_session(spark, opened, tmp_path):
    SMALL.to_parquet(tmp_path / "one.parquet")
    store, kept = opened(tmp_path), spark.sparkContext._jsc.getPersistentRDDs
    before = {table.name for table in spark.catalog.listTables()}
    with store.room() as room:
        room.keep("some", "SELECT payer FROM {transfers} WHERE fen > 3")
        for _ in range(2):
            assert room.fetch("SELECT * FROM {some}")["payer"].tolist() == ["v"]
        # What is held is read from there, and not again from the table.
        assert not kept().isEmpty()
        plan = spark.table(room._names["some"])._jdf.queryExecution().executedPlan().toString()
        assert "InMemoryTableScan" in plan
    with pytest.raises(SeedError):
        follow(store, pd.Series({1: ""}), hub=5)
    assert len(follow(store, pd.Series({1: "王"}), hub=5).movements) == 2
    assert {table.name for table in spark.catalog.listTables()} == before
    assert kept().isEmpty()


def test_transfers_are_not_shuffled(spark, opened, tmp_path):
    """Each hop moves who was reached, never the transfers, however many were reached."""
    SMALL.to_parquet(tmp_path / "one.parquet")
    arrived = SMALL[["payee", "time"]].set_axis(["account", "since"], axis="columns")
    # Left to itself, Spark would now shuffle for every join.
    spark.conf.set("spark.sql.autoBroadcastJoinThreshold", "-1")
    try:
        with opened(tmp_path).room() as room:
            room.keep("moves", _MOVES)
            for name in ("frontier", "reached", "closed"):
                room.put(name, arrived)
            room.put("seeds", SMALL[["transfer_id"]])
            hop = room._ask(_HOP)._jdf.queryExecution().executedPlan().toString()
            part = room._ask(_PART)._jdf.queryExecution().executedPlan().toString()
    finally:
        spark.conf.unset("spark.sql.autoBroadcastJoinThreshold")
    assert "SortMergeJoin" not in hop + part
    assert hop.count("Exchange hashpartitioning(payee") == 1
    assert hop.count("Exchange hashpartitioning") == 1
    assert "hashpartitioning" not in part


def test_the_how_to_does_what_it_says(spark, tmp_path):
    spark.sql("CREATE DATABASE db")
    told().to_parquet(tmp_path / "one.parquet", index=False)
    spark.read.parquet(str(tmp_path)).write.saveAsTable("db.transfers")
    names = {"tracer": tracer, "seeds": pd.Series({101: "张三", 102: "李四"})}
    exec(compile(howto("python")[-1], "scale-out.md", "exec"), names)
    assert_same(names["trace"], follow(told(), names["seeds"]))
    assert set(names["trace"].seeds["victim"]) == {"张三", "李四"}


def test_a_part_larger_than_the_driver_may_take_is_a_sentence(spark):
    spark.sql(
        """
        SELECT id AS transfer_id, TIMESTAMP_NTZ '2026-03-01 09:00:00' AS time,
            CASE WHEN id = 0 THEN 'v' ELSE 'a' END AS payer,
            CASE WHEN id = 0 THEN 'a' ELSE 'b' END AS payee, 1L AS fen,
            sha2(CAST(id AS STRING), 512) AS note
        FROM range(100000)
        """
    ).createOrReplaceTempView("large")
    with pytest.raises(TableError, match=r"Raise spark\.driver\.maxResultSize, or give `hub`"):
        reach(SparkStore(spark, "large"), pd.Series({0: "王"}))
