"""Load thousands of damaged and hostile files, and exit with 1 if any breaks a promise."""

from __future__ import annotations

import argparse
import itertools
import random
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from soak.attack import attack
from soak.crew import run

NAMES = ("files", "loaded", "refused", "rows", "entries", "faults", "skipped")
BROKEN = ("wrong", "crashes", "hangs")


def main() -> None:
    """Attack until the count or the time is up, then print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="files at most")
    parser.add_argument("--seconds", type=float, default=1800, help="seconds at most")
    parser.add_argument("--seed", type=int, default=random.randrange(10**9))
    parser.add_argument("--first", type=int, default=0, help="the number of the first file")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "tracer-soak",
        help="where files that break a promise are kept",
    )  # fmt: skip
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    end, start = time.monotonic() + given.seconds, time.monotonic()
    numbers = itertools.takewhile(
        lambda _: time.monotonic() < end, range(given.first, given.first + given.count)
    )
    total: Counter[str] = Counter()
    kinds: dict[str, list[int]] = {}
    slowest = (0.0, -1)
    for found in run(given.seed, numbers, workers=given.workers):
        total += found.counts
        slowest = max(slowest, (found.seconds, found.number))
        for wrong in found.wrong:
            kinds.setdefault(re.sub(r"\d+", "0", wrong)[:160], []).append(found.number)
        if found.wrong:
            _keep(given.folder, given.seed, found.number, found.wrong)
    print(", ".join(f"{name} {total[name]}" for name in (*NAMES, *BROKEN)))
    print(f"{time.monotonic() - start:.0f} s, slowest file {slowest[1]}: {slowest[0]:.1f} s")
    for kind, where in sorted(kinds.items(), key=lambda item: -len(item[1])):
        print(f"{len(where):5}  {kind}  (such as {where[:4]})")
    if kinds:
        print(f"The files are in {given.folder}.")
    sys.exit(bool(kinds))


def _keep(folder: Path, seed: int, number: int, wrong: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    one = attack(seed, number)
    suffix = Path(one.name).suffix
    (folder / f"{seed}-{number}{suffix}").write_bytes(one.content)
    (folder / f"{seed}-{number}.why").write_text("\n".join(wrong), encoding="utf-8")


if __name__ == "__main__":
    main()
