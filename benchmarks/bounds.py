"""Measure how long the bounds of every account take, beside one rule, on rings of mules."""

from __future__ import annotations

import sys
import time

import numpy as np
import pandas as pd

from tracer import bounds, follow

SIZES = (1_000, 10_000, 100_000, 1_000_000)
VICTIMS, SEED = 50, 20260301
# All bounds of so many transfers may take this many seconds.
TIMED, BOUND = 100_000, 10.0
DAYS, MINUTES = 60, 24 * 60


def ring(count: int, seed: int = SEED) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """
    Return transfers, seeds and opening balances of a ring of mules.

    People pay mules of the first line, who pay it on within minutes to two of
    the second, and those pay all of it, or most, to thousands of other accounts.
    One row in six is a payment of such an account to a mule or to another of them.
    Of the people who paid, 50 are the victims that are known.
    """
    rng = np.random.default_rng(seed)
    chains = count // 6
    mules, others = max(count // 200, 8), max(count // 10, 50)
    line, second = mules // 2, mules - mules // 2

    paid = rng.integers(500_000, 50_000_000, chains)
    at = rng.integers(0, DAYS * MINUTES, chains)
    first = rng.integers(0, line, chains)
    rows = [(at, mules + others + np.arange(chains), first, paid)]
    part = (paid * rng.uniform(0.3, 0.7, chains)).astype("int64")
    for half in (part, paid - part):
        later, next_ = at + rng.integers(1, 30, chains), line + rng.integers(0, second, chains)
        last = (half * rng.uniform(0.7, 1.0, chains)).astype("int64")
        last = np.where(next_ % 2, half, last)
        out = mules + rng.integers(0, others, chains)
        rows.append((later, first, next_, half))
        rows.append((later + rng.integers(1, 30, chains), next_, out, last))
    rest = count - 5 * chains
    payer, payee = mules + rng.integers(0, others, rest), rng.integers(0, mules + others, rest)
    when = rng.integers(0, DAYS * MINUTES, rest)
    rows.append((when, payer, payee, rng.integers(1_000, 5_000_000, rest)))

    when, payer, payee, fen = (np.concatenate(column) for column in zip(*rows, strict=True))
    names = np.array([f"{number:019}" for number in range(mules + others + chains)], dtype=object)
    transfers = pd.DataFrame(
        {
            "time": pd.Timestamp("2026-03-01") + pd.to_timedelta(when, unit="min"),
            "payer": pd.array(names[payer], dtype="str"),
            "payee": pd.array(names[payee], dtype="str"),
            "fen": fen,
        }
    )
    robbed = rng.choice(chains, VICTIMS, replace=False)
    seeds = pd.Series([f"victim {number:02}" for number in range(VICTIMS)], index=robbed)
    # Mules are hired for accounts that are empty.
    own = np.where(np.arange(mules + others) < mules, 0, rng.integers(0, 500_000, mules + others))
    opening = pd.Series(own, index=names[: mules + others])
    return transfers, seeds, opening


def main() -> None:
    """Print a line for each size; the exit code is 1 if the bound is broken."""
    print("transfers  rows of bounds  certain  follow s  bounds s  ratio  pooled s  ok")
    # What is compiled is fetched before anything is timed.
    _measure(*ring(min(SIZES)))
    sound = True
    for size in SIZES:
        transfers, seeds, opening = ring(size)
        table, one, all_, pooled = _measure(transfers, seeds, opening)
        certain = int((table["least_fen"] == table["most_fen"]).sum())
        ok = size != TIMED or all_ <= BOUND
        sound &= ok
        print(
            f"{size:9,}  {len(table):14,}  {certain:7,}  {one:8.2f}  {all_:8.2f}  "
            f"{all_ / one:5.1f}  {pooled:8.2f}  {'yes' if ok else 'NO'}",
            flush=True,
        )
    sys.exit(not sound)


def _measure(
    transfers: pd.DataFrame, seeds: pd.Series, opening: pd.Series
) -> tuple[pd.DataFrame, float, float, float]:
    start = time.perf_counter()
    follow(transfers, seeds, opening=opening)
    followed = time.perf_counter()
    table = bounds(transfers, seeds, opening=opening)
    bounded = time.perf_counter()
    bounds(transfers, seeds, opening=opening, pooled=True)
    pooled = time.perf_counter()
    return table, followed - start, bounded - followed, pooled - bounded


if __name__ == "__main__":
    main()
