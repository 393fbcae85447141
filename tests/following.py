"""Follow thousands of random ledgers by every rule, each held against the slow reference."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import timedelta
from pathlib import Path
from random import Random, randrange

sys.path.insert(0, str(Path(__file__).parent / "tracing"))

from test_exact import MIDNIGHT, NAMES, agrees

from tracer.tracing.sweep import RULES

# A call costs much more than a ledger of this size, so that many are followed at once: no
# account of one is known to another, and their transfers lie among each other in time.
TOGETHER = 50
WITHIN = (None, None, timedelta(0), timedelta(hours=7))


def main() -> None:
    """Print how many ledgers each rule agreed on; the exit code is 1 where one did not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="ledgers for each rule")
    parser.add_argument("--seed", type=int, default=randrange(10**9))
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    wrong = 0
    for rule in RULES:
        start, transfers, movements = time.monotonic(), 0, 0
        for number in range(-(-given.count // TOGETHER)):
            rows, seeds, options = together(Random(f"{given.seed} {rule} {number}"))
            try:
                trace = agrees(rows, seeds, options, rule)
            except AssertionError as error:
                print(f"{rule}, ledgers {number}: {str(error)[:500]}", flush=True)
                wrong += 1
                continue
            transfers, movements = transfers + len(rows), movements + len(trace.movements)
        print(
            f"{rule}: {(number + 1) * TOGETHER:,} ledgers, {transfers:,} transfers, "
            f"{movements:,} movements in {time.monotonic() - start:.0f} s",
            flush=True,
        )
    print(f"{wrong} of them differ")
    sys.exit(bool(wrong))


def together(random: Random) -> tuple[list[dict], dict, dict]:
    """Return transfers, seeds and options of many small ledgers that know nothing of each other."""
    rows, seeds, opening, exits = [], {}, {}, set()
    for ledger in range(TOGETHER):
        names = [f"{name}{ledger}" for name in NAMES]
        victims = [f"V{ledger}", f"W{ledger}"]
        own = [_transfer(random, names, victims) for _ in range(random.randint(1, 60))]
        if random.random() < 0.5:
            own = [row | {"day": False} for row in own]
        for number, row in enumerate(own, len(rows)):
            row["id"] = number
        # Money that comes early goes far, and nothing goes on from whoever paid a seed.
        early = sorted(filter(_moves, own), key=lambda row: row["time"])[:20]
        good = [row["id"] for row in early if row["payer"] in victims or random.random() < 0.1]
        for number in random.sample(good, min(len(good), random.randint(0, 6))):
            seeds[number] = f"{random.choice('赵钱孙')}{ledger}"
        opening |= {
            name: random.randint(0, 9) for name in random.sample(names, random.choice([0, 1, 3]))
        }
        exits |= set(random.sample(names, random.choice([0, 0, 1, 2])))
        rows += own
    for row, place in zip(rows, random.sample(range(len(rows)), len(rows)), strict=True):
        row["seq"] = place
    return rows, seeds, {"opening": opening, "exits": exits, "within": random.choice(WITHIN)}


def _transfer(random: Random, names: list[str], victims: list[str]) -> dict:
    payer = random.choice([*victims, *names])
    return {
        "id": 0,
        "time": MIDNIGHT + timedelta(hours=random.randint(0, 60)),
        "day": random.random() < 0.5,
        "seq": 0,
        "payer": payer,
        "payee": random.choice([*names, *names, *names, *victims]),
        "fen": random.randint(0, 12 if payer in names else 90),
        "status": random.choice(["ok"] * 18 + ["failed", "reversed"]),
    }


def _moves(row: dict) -> bool:
    return row["status"] == "ok" and row["payer"] != row["payee"] and row["fen"] > 0


if __name__ == "__main__":
    main()
