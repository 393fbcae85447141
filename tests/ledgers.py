"""Random ledgers for the search through stores, and the truth about them, said slowly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import networkx as nx
import pandas as pd

MIDNIGHT = datetime(2026, 3, 7)
# Times of the night in which clocks of New York skip an hour, and midnights.
HOURS = (0, 0, 1, 2, 3, 7, 24, 24, 25, 26, 26.5, 27, 30, 31, 48, 49, 55)
# Accounts that a careless engine would take for one another, or lose.
NAMES = ("a", "A", "a ", "ａ", "张三", "張三", "O'Hara", '"x"', "{x}", "6228480402564890018")


@dataclass
class Made:
    transfers: pd.DataFrame
    seeds: pd.Series
    exits: list[str]
    opening: pd.Series


def make(random: Random, ledgers: int, *, text: bool = False, seq: bool = True) -> Made:
    """Return many small ledgers in one, each with accounts and victims of its own."""
    rows, seeds, exits, opening = [], {}, [], {}
    for ledger in range(ledgers):
        own = [f"{ledger}:{name}" for name in random.sample(NAMES, random.randint(3, 8))]
        days = random.random() < 0.5
        made = [_row(random, own, days) for _ in range(random.randint(2, 30))]
        first = len(rows)
        rows += [row | {"transfer_id": first + at} for at, row in enumerate(made)]
        good = [row["transfer_id"] for row in rows[first:] if moves(row)]
        for number in random.sample(good, min(len(good), random.randint(0, 3))):
            seeds[number] = f"{ledger}:{random.choice('赵钱孙')}"
        exits += random.sample(own, random.randint(0, 1))
        opening |= {name: random.randint(0, 9) for name in random.sample(own, 1)}
    frame = pd.DataFrame(rows)
    frame["entry"] = frame["entry"].astype("Int64")
    frame["seq"] = [random.randint(0, 5) for _ in rows]
    if not seq:
        frame = frame.drop(columns="seq")
    sown = pd.Series(seeds, dtype="str").rename_axis("transfer_id")
    if text:
        frame["transfer_id"] = [f"t{number}号" for number in frame["transfer_id"]]
        sown.index = pd.Index([f"t{number}号" for number in sown.index])
    frame = frame.sort_values("transfer_id", ignore_index=True)
    return Made(frame, sown, exits, pd.Series(opening, dtype="int64"))


def _row(random: Random, names: list[str], days: bool) -> dict[str, object]:
    micros = random.choice((0, 0, 1))
    return {
        "time": MIDNIGHT + timedelta(hours=random.choice(HOURS), microseconds=micros),
        "time_precision": random.choice(("day", "second", None, "") if days else ("second",)),
        "payer": random.choice(names),
        "payee": random.choice(names),
        "fen": random.choice((0, 1, 5, 9, 2**53 + 1)),
        "status": random.choice(("ok", "ok", "ok", "ok", "", None, "failed", "reversed")),
        "summary": random.choice(("转账", "", None)),
        "entry": random.choice((pd.NA, 2**53 + 1)),
    }


def moves(row: dict[str, object]) -> bool:
    """Say whether a transfer moved money."""
    stands = row["status"] not in {"failed", "reversed"}
    return bool(stands and row["payer"] != row["payee"] and row["fen"])


def reached(made: Made, further: list[str]) -> dict[str, datetime]:
    """Return when money can first be in each account, by a graph of accounts at moments."""
    rows = [row for row in made.transfers.to_dict("records") if moves(row)]
    seeds = set(made.seeds.index)
    payers = {row["payer"] for row in rows if row["transfer_id"] in seeds}
    closed = {*made.exits, *further, *payers}
    graph = nx.DiGraph()
    graph.add_node("victims")
    moments: dict[str, set[datetime]] = {}
    for row in rows:
        now = _moment(row)
        for name in (row["payer"], row["payee"]):
            moments.setdefault(name, set()).add(now)
        seed = row["transfer_id"] in seeds
        if row["payee"] not in closed and (seed or row["payer"] not in closed):
            graph.add_edge("victims" if seed else (row["payer"], now), (row["payee"], now))
    for name, known in moments.items():
        if name not in closed:
            ordered = sorted(known)
            nx.add_path(graph, [(name, moment) for moment in ordered])
    since: dict[str, datetime] = {}
    for name, moment in nx.descendants(graph, "victims"):
        since[name] = min(moment, since.get(name, moment))
    return since


def _moment(row: dict[str, object]) -> datetime:
    time = row["time"]
    assert isinstance(time, datetime)
    day = row["time_precision"] == "day"
    return time.replace(hour=0, minute=0, second=0, microsecond=0) if day else time


def busy(made: Made, hub: int) -> dict[str, int]:
    """Return which accounts have more transfers than the limit, and how many."""
    rows = [row for row in made.transfers.to_dict("records") if moves(row)]
    ends = pd.Series([row[side] for row in rows for side in ("payer", "payee")])
    counts = ends.value_counts()
    return {str(name): int(count) for name, count in counts[counts > hub].items()}
