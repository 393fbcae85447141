"""The same SQL on Spark gives the same as on DuckDB, and types survive the way there and back."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from engines import check_follow, check_reach
from tracer.stores.spark import SparkStore

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
