"""Measure in what time and memory some victims' money is found in a very large ledger."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import pandas as pd

import tracer

SIZE, FULL, BOUND_GB = 10_000_000, 100_000_000, 16.0
SEEDS, HUB = 1_000, 300
YEAR = 31_536_000_000_000
# A year of transfers, in the order of time, of which the last two fifths hold the victims'.
# Of a hundred transfers 60 go to merchants, 10 come from them, and 30 stay among 64 people who
# know each other, but for one in a hundred, which goes anywhere. A person has 40 transfers, a
# merchant about 1400.
LEDGER = """
COPY (
    SELECT
        i AS transfer_id,
        TIMESTAMP '2025-01-01' + to_microseconds(i * {step}) AS time,
        i AS seq,
        '622202' || lpad(CASE WHEN kind BETWEEN 60 AND 69 THEN merchant ELSE one END, 13, '0')
            AS payer,
        '622202' || lpad(CASE WHEN kind < 60 THEN merchant ELSE other END, 13, '0') AS payee,
        100 + (hash(i + 5) % 1_000_000)::BIGINT AS fen,
        CASE WHEN hash(i + 6) % 200 = 0 THEN 'failed' ELSE 'ok' END AS status,
        '转账' AS summary,
    FROM (
        SELECT
            i, kind, one::VARCHAR AS one,
            ({people} + hash(i + 1) % {merchants})::VARCHAR AS merchant,
            CASE WHEN kind = 99 AND hash(i + 2) % 3 = 0 THEN hash(i + 3) % {people}
                ELSE one - one % 64 + hash(i + 4) % 64 END::VARCHAR AS other
        FROM (
            SELECT i, (hash(i) % 100)::INTEGER AS kind, hash(i + 7) % {people} AS one
            FROM range({size}) t(i)
        )
    )
) TO '{path}' (FORMAT parquet)
"""


def _make(path: Path, size: int) -> None:
    people = size // 20
    duckdb.execute("SET preserve_insertion_order = false")
    duckdb.execute(
        LEDGER.format(
            size=size, step=YEAR // size, people=people, merchants=-(-people // 100), path=path
        )
    )


def _victims(path: Path) -> pd.Series:
    """Return payments from one person to another that moved money, as if victims had made them."""
    asked = f"""
        SELECT transfer_id FROM read_parquet('{path}')
        WHERE transfer_id > (SELECT max(transfer_id) * 0.6 FROM read_parquet('{path}'))
            AND hash(transfer_id) % 100 >= 70 AND status = 'ok' AND payer <> payee
        ORDER BY hash(transfer_id + 9) LIMIT {SEEDS}"""
    ids = duckdb.sql(asked).df()["transfer_id"]
    return pd.Series([f"v{number}" for number in range(len(ids))], index=ids)


def _run(path: Path) -> None:
    import resource

    # What is compiled is fetched before anything is timed.
    small = path.with_name("small.parquet")
    _make(small, 10_000)
    tracer.follow(tracer.ParquetStore(small), _victims(small), hub=HUB)

    seeds = _victims(path)
    start = time.perf_counter()
    near = tracer.reach(tracer.ParquetStore(path), seeds, hub=HUB)
    reached = time.perf_counter()
    trace = tracer.follow(near.transfers, seeds, exits=near.cut["account"])
    told = {
        "accounts": len(near.accounts),
        "cut": len(near.cut),
        "part": len(near.transfers),
        "rounds": near.rounds,
        "reach": reached - start,
        "follow": time.perf_counter() - reached,
        "movements": len(trace.movements),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2,
    }
    print(json.dumps(told))


def _child(*arguments: str) -> str:
    command = [sys.executable, __file__, *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


def _measure(size: int, folder: Path) -> bool:
    path = folder / "transfers.parquet"
    _child("--make", str(path), "--size", str(size))
    disk = path.stat().st_size / 1024**3
    told = json.loads(_child("--run", str(path)))
    ok = told["peak"] < BOUND_GB
    print(
        f"{size:,} transfers ({disk:.2f} GB of Parquet), {SEEDS} seeds: {told['accounts']:,} "
        f"accounts reached in {told['rounds']} rounds, {told['cut']:,} cut, {told['part']:,} "
        f"transfers fetched; {told['reach']:.1f} s, followed ({told['movements']:,} movements) in "
        f"{told['follow']:.1f} s; peak {told['peak']:.1f} GB (bound {BOUND_GB:g}): "
        f"{'yes' if ok else 'NO'}",
        flush=True,
    )
    return ok


def main() -> None:
    """Print every measure; the exit code is 1 if the bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help=f"{FULL:,} transfers as well")
    parser.add_argument("--size", type=int, default=SIZE, help="of the ledger")
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.make:
        _make(given.make, given.size)
    elif given.run:
        _run(given.run)
    else:
        with tempfile.TemporaryDirectory() as folder:
            sizes = [given.size, FULL] if given.full else [given.size]
            sys.exit(not all(_measure(size, Path(folder)) for size in sizes))


if __name__ == "__main__":
    main()
