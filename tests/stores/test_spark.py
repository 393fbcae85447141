"""The same SQL on Spark gives the same as on DuckDB, and types survive the way there and back."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pandas as pd
import pytest

from engines import SMALL, check_follow, check_order_without_seq, check_reach, check_refusals
from tracer.errors import SeedError, TableError
from tracer.stores.spark import SparkStore
from tracer.tracing.follow import follow
from tracer.tracing.reach import reach

if not (shutil.which("java") or "JAVA_HOME" in os.environ):
    pytest.skip("Spark needs a Java runtime, which this machine lacks.", allow_module_level=True)

from pyspark.sql import SparkSession

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
    place = tmp_path_factory.mktemp("spark")
    options = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.default.parallelism": "2",
        "spark.sql.warehouse.dir": str(place),
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.maxResultSize": "4m",
        # A zone in which some of the times of the tests do not exist.
        "spark.sql.session.timeZone": "America/New_York",
    }
    made = SparkSession.builder.master("local[2]").config(map=options).getOrCreate()
    made.sparkContext.setLogLevel("ERROR")
    yield made
    made.stop()


@pytest.fixture
def opened(spark):
    def store(folder: Path) -> SparkStore:
        spark.read.parquet(str(folder)).createOrReplaceTempView("ledger")
        return SparkStore(spark, "ledger")

    return store


@pytest.mark.parametrize("hub", [None, 6])
def test_the_search_finds_what_a_graph_of_accounts_at_moments_finds(opened, tmp_path, hub):
    check_reach(opened, tmp_path, seed=20, hub=hub)


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
    store = opened(tmp_path)
    before = {table.name for table in spark.catalog.listTables()}
    assert len(follow(store, pd.Series({1: "王"}), hub=5).movements) == 2
    with pytest.raises(SeedError):
        follow(store, pd.Series({1: ""}), hub=5)
    assert {table.name for table in spark.catalog.listTables()} == before
    assert spark.sparkContext._jsc.getPersistentRDDs().isEmpty()


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
