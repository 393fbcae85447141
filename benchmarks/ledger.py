"""Measure how well and how fast a ledger is built of records whose truth is known."""

from __future__ import annotations

import argparse
import sys
import time

# A sibling module is found beside the script that is run.
import truth

from tracer import tables
from tracer.ledger.build import build

SIZES = (1_000, 10_000, 100_000, 1_000_000)
# The building may take this many times what one plain self-join of the entries takes.
BOUND = 3.0
_JOINED = ["account", "other_account", "fen"]


def main() -> None:
    """Print a line for each size and kind of record; the exit code is 1 if a bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without the largest size")
    parser.add_argument("--seed", type=int, default=1, help="of the random records")
    given = parser.parse_args()
    # What is compiled is fetched before anything is timed.
    _measured(truth.simulate(1_000, given.seed))
    print(
        "transfers  serials  balances  entries  precision  recall  false joins  seconds  ratio  ok"
    )
    sound = True
    for size in SIZES[:-1] if given.quick else SIZES:
        for serials, balances in ((True, True), (False, True), (False, False)):
            simulated = truth.simulate(size, given.seed + size, serials=serials, balances=balances)
            found, seconds, ratio = _measured(simulated)
            whole = found.precision == found.recall == 1 or not serials
            # Small tables are measured for their truth, since a join of them takes no time.
            ok = whole and found.false_joins == 0 and (ratio <= BOUND or size < max(SIZES))
            sound &= ok
            print(
                f"{found.transfers:9,}  {serials!s:>7}  {balances!s:>8}  "
                f"{len(simulated.entries):9,}  {found.precision:9.6f}  {found.recall:.6f}  "
                f"{found.false_joins:11}  {seconds:7.2f}  {ratio:5.1f}  {'yes' if ok else 'NO'}",
                flush=True,
            )
    sys.exit(not sound)


def _measured(simulated: truth.Simulated) -> tuple[truth.Found, float, float]:
    """Return what was found, in how many seconds, and how many self-joins that is."""
    start = time.perf_counter()
    ledger = build(simulated.entries, tables.REGISTRATIONS.empty())
    seconds = time.perf_counter() - start
    other = {"account": "other_account", "other_account": "account"}
    start = time.perf_counter()
    simulated.entries.merge(simulated.entries[_JOINED].rename(columns=other), on=_JOINED, sort=True)
    bare = time.perf_counter() - start
    return truth.compare(simulated, ledger.transfers), seconds, seconds / bare


if __name__ == "__main__":
    main()
