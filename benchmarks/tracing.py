"""Measure how fast money is followed, as ratios to what numpy and pandas need within one run."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

# A sibling module is found beside the script that is run.
import mules
import numpy as np
import pandas as pd

import tracer
from tracer.tracing.lots import NONE
from tracer.tracing.sweep import sweep

SIZES, SIZE, FULL, QUICK = (10_000, 100_000, 1_000_000), 10_000_000, 100_000_000, 1_000_000
VICTIMS, MANY = 50, 5_000
# The sweep of rows in order against numpy's argsort of the rows as they arrive, and everything
# that follow() does against pandas' sort by time and factorize of both accounts.
SORT_BOUND, WHOLE, WHOLE_BOUND = 1.0, 1_000_000, 2.0
# Each rule against fifo.
BOUNDS = {"lifo": 2.0, "pro_rata": 10.0, "tainted_first": 2.0, "clean_first": 2.0}
# What a row costs against a row of a ledger of a tenth; the memory that larger ledgers are
# read from is slower.
GROWTH_BOUND = 4.0
# The same payments as those of one victim.
VICTIMS_BOUND = 1.2
FIRST_BOUND, ROWS_A_SECOND = 2.0, 1_000_000
RUNS = 5


def _best(*works: Callable[[], object], runs: int = RUNS) -> list[float]:
    # What others do on the machine only ever adds to a time, and goes on for a
    # while: so what is compared takes turns.
    seconds = np.empty((runs, len(works)))
    for turn in seconds:
        for number, work in enumerate(works):
            start = time.perf_counter()
            work()
            turn[number] = time.perf_counter() - start
    return list(seconds.min(axis=0))


def _told(what: str, measured: float, bound: float, unit: str = "") -> bool:
    ok = measured <= bound
    print(
        f"{what}: {measured:.2f}{unit} (bound {bound:g}{unit}): {'yes' if ok else 'NO'}", flush=True
    )
    return ok


def _sweep(made: mules.Mules, rule: str = "fifo") -> Callable[[], object]:
    return lambda: sweep(made.ledger, made.exits, made.opening, rule=rule, within=None)


def _sweeps(size: int) -> bool:
    """Hold fifo against a sort of the same rows, and every other rule against fifo."""
    made = mules.mules(size, VICTIMS)
    arrived = np.random.default_rng(1).permutation(made.ledger.when)
    works = [_sweep(made, rule) for rule in ("fifo", *BOUNDS)]
    sort, fifo, *others = _best(lambda: np.argsort(arrived), *works)
    sound = _told(f"{size:,} rows by fifo in {fifo:.2f} s, over argsort", fifo / sort, SORT_BOUND)
    for (rule, bound), seconds in zip(BOUNDS.items(), others, strict=True):
        sound &= _told(f"{size:,} rows by {rule}, over fifo", seconds / fifo, bound)
    return sound


def _linear(sizes: list[int]) -> bool:
    """Hold what a row costs against what it costs in a ledger of a tenth."""
    sound, before = True, 0.0
    for size in sizes:
        runs = 20 if size < SIZE else 3
        each = _best(_sweep(mules.mules(size, VICTIMS)), runs=runs)[0] / size * 1e9
        if before:
            what = f"{size:,} rows by fifo at {each:.0f} ns a row, over {size // 10:,}"
            sound &= _told(what, each / before, GROWTH_BOUND)
        before = each
    return sound


def _victims(size: int) -> bool:
    """Hold payments of very many victims against the same payments of one."""
    sound = True
    many = mules.mules(size, MANY)
    seed = np.where(many.ledger.seed == NONE, NONE, 0)
    one = many._replace(ledger=many.ledger._replace(seed=seed))
    for rule in ("fifo", *BOUNDS):
        if rule != "pro_rata":
            told, alone = _best(_sweep(many, rule), _sweep(one, rule))
            what = f"{MANY:,} payments of as many victims by {rule}, over those of one"
            sound &= _told(what, told / alone, VICTIMS_BOUND)
    return sound


def _deposits(size: int) -> bool:
    """Hold how many rows a second are followed where every deposit is a seed."""
    seconds = _best(_sweep(mules.deposits(size), "lifo"), runs=3)[0]
    ok = size / seconds >= ROWS_A_SECOND
    print(
        f"all money of {size:,} rows by lifo: {size / seconds:,.0f} rows a second "
        f"(bound {ROWS_A_SECOND:,}): {'yes' if ok else 'NO'}",
        flush=True,
    )
    return ok


def _frame(size: int) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return transfers as they arrive, with text accounts, and the further words of follow()."""
    made = mules.mules(size, VICTIMS)
    names = pd.Series(np.char.zfill(np.arange(len(made.exits)).astype("U"), 13), dtype="str")
    names = "622202" + names
    ledger = made.ledger
    frame = pd.DataFrame(
        {
            "time": ledger.when.view("datetime64[us]"),
            "payer": names.take(ledger.payer).array,
            "payee": names.take(ledger.payee).array,
            "fen": ledger.fen,
        }
    )
    paid = np.flatnonzero(ledger.seed != NONE)
    seeds = pd.Series([f"v{number}" for number in ledger.seed[paid]], index=paid)
    opening = pd.Series(made.opening, index=pd.Index(names))
    said = {"seeds": seeds, "opening": opening[opening > 0], "exits": names[made.exits].tolist()}
    return frame.sample(frac=1, random_state=1), said


def _whole(size: int) -> bool:
    """Hold all of follow() against a sort and a factorize of its frame by pandas."""
    frame, said = _frame(size)

    def bare() -> None:
        frame.sort_values("time")
        pd.factorize(frame["payer"])
        pd.factorize(frame["payee"])

    tracer.follow(frame, **said)
    pandas, ours = _best(bare, lambda: tracer.follow(frame, **said))
    what = f"{size:,} transfers followed in {ours:.2f} s, over pandas' sort and factorize"
    return _told(what, ours / pandas, WHOLE_BOUND)


def _first() -> bool:
    """Hold the first call of a fresh process, whose code was compiled by another."""
    command = [sys.executable, __file__, "--first"]
    seconds = [
        float(subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout)
        for _ in range(4)
    ]
    return _told("the first call in a fresh process", min(seconds[1:]), FIRST_BOUND, " s")


def _call() -> None:
    frame, said = _frame(1_000)
    start = time.perf_counter()
    tracer.follow(frame, **said)
    print(time.perf_counter() - start)


def main() -> None:
    """Print every measure; the exit code is 1 if a bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help=f"{FULL:,} rows as well")
    parser.add_argument("--quick", action="store_true", help=f"at most {QUICK:,} rows")
    parser.add_argument("--first", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.first:
        _call()
        return
    size = QUICK if given.quick else SIZE
    sizes = [*SIZES, *([] if given.quick else [SIZE]), *([FULL] if given.full else [])]
    # What is compiled is fetched before anything is timed.
    _sweep(mules.mules(SIZES[0], VICTIMS))()
    sound = _first()
    sound &= _whole(WHOLE)
    sound &= _sweeps(size)
    sound &= _victims(QUICK)
    sound &= _deposits(size)
    sys.exit(not (_linear(sizes) and sound))


if __name__ == "__main__":
    main()
