"""Measure how well, how fast and in how much memory a ledger is built of records of known truth."""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

# A sibling module is found beside the script that is run.
import truth

from tracer import tables
from tracer.case import Case
from tracer.intake import rounds
from tracer.ledger.build import TELLING, build
from tracer.stores.duckdb import DuckStore, append, fetch, read

SIZES = {1_000: 5, 10_000: 5, 100_000: 3, 1_000_000: 1}
# Whether records show serials and balances, and whether some are damaged.
KINDS = ((True, True, False), (False, True, False), (False, False, False), (False, False, True))
# The building may take this many times what one plain sort-merge self-join of the entries takes.
BOUND = 3.0
LARGEST, LARGEST_GB = 20_000_000, 16.0
# A round of so many entries may take this share of what a full building takes.
ROUND, ROUND_BOUND = 10_000, 0.1
# The best of so many times tells what either takes where nothing else keeps the machine busy.
TIMES = 3
# So many times a round is added, and all made anew, in turns. On a machine that others use too one
# turn is told a third higher or lower than the next, so the median of many is what counts.
TURNS = 11
_LEDGER = (
    (tables.ACCOUNTS, ["account"]),
    (tables.TRANSFERS, ["time", "seq", "transfer_id"]),
    (tables.ALIASES, ["alias"]),
)
_JOINED = ["account", "other_account", "fen"]


def _truths(*, quick: bool) -> bool:
    """Print a line for each size and kind of record; return whether every bound holds."""
    print(
        "transfers  seeds  serials  balances  damaged  entries  precision  recall  false joins  "
        "seconds  ratio  ok"
    )
    sound = True
    for size, seeds in SIZES.items():
        if quick and size == max(SIZES):
            continue
        for serials, balances, damaged in KINDS:
            runs = [
                _Run(
                    truth.simulate(
                        size, size + seed, serials=serials, balances=balances, damaged=damaged
                    )
                )
                for seed in range(seeds)
            ]
            precision = min(run.found.precision for run in runs)
            recall = min(run.found.recall for run in runs)
            false = sum(run.found.false_joins for run in runs)
            seconds = sum(run.seconds for run in runs) / seeds
            ratio = seconds / (sum(run.bare for run in runs) / seeds)
            # Small tables are measured for their truth, since a join of them takes no time.
            ok = (precision == recall == 1 or not serials) and false == 0
            ok &= ratio <= BOUND or size < max(SIZES)
            sound &= ok
            print(
                f"{runs[0].found.transfers:9,}  {seeds:5}  {serials!s:>7}  {balances!s:>8}  "
                f"{damaged!s:>7}  "
                f"{runs[0].entries:9,}  {precision:9.6f}  {recall:.6f}  {false:11}  "
                f"{seconds:7.2f}  {ratio:5.2f}  {'yes' if ok else 'NO'}",
                flush=True,
            )
    return sound


class _Run:
    """One ledger built of simulated records."""

    def __init__(self, simulated: truth.Simulated) -> None:
        self.entries = len(simulated.entries)
        self.seconds, self.bare = float("inf"), float("inf")
        for _ in range(TIMES):
            start = time.perf_counter()
            ledger = build(simulated.entries, tables.REGISTRATIONS.empty())
            self.seconds = min(self.seconds, time.perf_counter() - start)
            start = time.perf_counter()
            _joined(simulated.entries)
            self.bare = min(self.bare, time.perf_counter() - start)
        self.found = truth.compare(simulated, ledger.transfers)


def _joined(entries: pd.DataFrame) -> None:
    """Join a table with itself once, plainly: each row with those of the other side."""
    other = {"account": "other_account", "other_account": "account"}
    entries.merge(entries[_JOINED].rename(columns=other), on=_JOINED, sort=True)


def _largest(size: int) -> bool:
    """Build one very large ledger out of a case's store, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        _child("--make", folder, "--size", str(size))
        told = json.loads(_child("--huge", folder))
    ok = told["peak"] < LARGEST_GB
    print(
        f"{told['entries']:,} entries from the store: {told['transfers']:,} transfers in "
        f"{told['seconds']:.0f} s, {told['peak']:.1f} GB (bound {LARGEST_GB:g}): "
        f"{'yes' if ok else 'NO'}"
    )
    return ok


def _child(*arguments: str) -> str:
    command = [sys.executable, __file__, *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


def _warm() -> None:
    """Fetch what is compiled, of the full building and of a part, before anything is timed."""
    _Run(truth.simulate(1_000, 1))
    _added(1_000, 100)


def _round(size: int) -> bool:
    """Add a round to cases, and hold what that takes, and gives, against a full building."""
    sound = True
    for serials, balances, damaged in KINDS:
        kind = {"serials": serials, "balances": balances, "damaged": damaged}
        new, old, looked, turns, same = _added(size, ROUND, **kind)
        # Both of a turn meet the same minute of the machine.
        ratios = turns["part"] / turns["whole"]
        part, whole = turns.median()
        ok = same and ratios.median() <= ROUND_BOUND
        sound &= ok
        said = ", ".join(name for name, held in kind.items() if held) or "plain"
        print(
            f"a round of {new:,} entries to {old:,} ({said}): {looked:,} looked at in {part:.2f} "
            f"s; all anew in {whole:.2f} s, ratio {ratios.median():.3f} (bound {ROUND_BOUND:g}; "
            f"{ratios.min():.3f} to {ratios.max():.3f} in {len(ratios)} turns), "
            f"{'equal' if same else 'NOT equal'}; ok: {'yes' if ok else 'NO'}",
            flush=True,
        )
    return sound


def _added(
    size: int, count: int, *, serials: bool = True, balances: bool = True, damaged: bool = False
) -> tuple[int, int, int, pd.DataFrame, bool]:
    """
    Add a round to a case, and make only a part of its ledger anew, and then all of it.

    Return how many entries came, how many there were and how many were looked
    at, the seconds that the part and the whole took in each turn, and whether
    they are equal.
    """
    simulated = truth.simulate(size, 1, serials=serials, balances=balances, damaged=damaged)
    entries = simulated.entries
    held = entries["load_id"].isin(entries["load_id"].tail(count))
    with tempfile.TemporaryDirectory() as folder:
        store = Case.create(Path(folder) / "case")._store  # noqa: SLF001
        with store.writing() as connection:
            append(connection, tables.ENTRIES, entries[~held])
            rounds.settle(connection, anew=True)
        turns = pd.DataFrame(index=range(TURNS), columns=["part", "whole"], dtype=float)
        # A slow minute of the machine weighs on both so.
        for turn in turns.index:
            turns.loc[turn, "part"], told, found = _settled(store, entries[held], anew=False)
            turns.loc[turn, "whole"], _, anew = _settled(store, entries[held], anew=True)
    same = all(one.equals(two) for one, two in zip(found, anew, strict=True))
    same &= told["made"] == "part"
    looked = int(str(told["entries"]))
    return held.sum(), (~held).sum(), looked, turns, same


def _settled(
    store: DuckStore, new: pd.DataFrame, *, anew: bool
) -> tuple[float, dict[str, object], list[pd.DataFrame]]:
    """Add entries and take them back; return the time that took, and what was made."""
    with store.writing() as connection:
        # What was left of what came before is cleared away in neither time.
        gc.collect()
        start = time.perf_counter()
        append(connection, tables.ENTRIES, new)
        told = rounds.settle(connection, anew=anew)
        seconds = time.perf_counter() - start
        found = [fetch(connection, table, order=order) for table, order in _LEDGER]
        connection.execute("ROLLBACK")
        connection.execute("BEGIN TRANSACTION")
    return seconds, told, found


def _make(folder: Path, size: int) -> None:
    """Fill a case with copies of one simulated ledger, each with accounts of its own."""
    simulated = truth.simulate(min(size, 1_000_000), 1).entries
    count, loads = len(simulated), int(simulated["load_id"].max()) + 1
    with Case.create(folder / "case")._store.writing() as connection:  # noqa: SLF001
        append(connection, tables.ENTRIES, simulated)
        for part in range(1, -(-size // count)):
            connection.execute(
                f"""INSERT INTO entries BY NAME SELECT * REPLACE (
                entry_id + {part * count} AS entry_id, load_id + {part * loads} AS load_id,
                source || '.{part}' AS source, serial || '.{part}' AS serial,
                left(account, 4) || '{part:03}' || substr(account, 8) AS account,
                left(other_account, 4) || '{part:03}' || substr(other_account, 8) AS other_account
                ) FROM entries WHERE entry_id <= {count}"""
            )


def _huge(folder: Path) -> None:
    """Build the ledger of a case, and say what that took."""
    import resource

    start = time.perf_counter()
    with DuckStore(folder / "case" / "case.duckdb").reading() as connection:
        count = connection.execute("SELECT count(*) FROM entries").fetchall()[0][0]
        ledger = build(read(connection, tables.ENTRIES, TELLING), tables.REGISTRATIONS.empty())
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    told = {"entries": count, "transfers": len(ledger.transfers), "seconds": seconds, "peak": peak}
    print(json.dumps(told))


def main() -> None:
    """Print every measure; the exit code is 1 if a bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without the largest sizes")
    parser.add_argument("--size", type=int, default=LARGEST, help="of the largest ledger")
    parser.add_argument("--round", action="store_true", help="only a round added to a case")
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--huge", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.make:
        _make(given.make, given.size)
    elif given.huge:
        _huge(given.huge)
    elif given.round:
        _warm()
        sys.exit(not _round(max(SIZES)))
    else:
        _warm()
        sound = _truths(quick=given.quick)
        sound &= given.quick or _round(max(SIZES))
        sys.exit(not ((given.quick or _largest(given.size)) and sound))


if __name__ == "__main__":
    main()
