"""What every store must give: the same as the slow search, and as following the whole ledger."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from random import Random

import pandas as pd

from ledgers import Made, busy, make, reached
from tracer.stores.store import Store
from tracer.tracing.follow import follow
from tracer.tracing.reach import reach
from tracer.tracing.trace import Trace

Opener = Callable[[Path], Store]
FRAMES = ("movements", "holdings", "lots", "accounts", "seeds", "transfers")


def written(made: Made, folder: Path) -> Path:
    # Two files whose rows stand in no order that could help.
    mixed = made.transfers.sample(frac=1, random_state=1)
    half = len(mixed) // 2
    for number, part in enumerate((mixed[:half], mixed[half:])):
        part.to_parquet(folder / f"part{number}.parquet", index=False)
    return folder


def check_reach(opened: Opener, folder: Path, *, seed: int, hub: int | None) -> None:
    made = make(Random(seed), 250)
    found = reach(opened(written(made, folder)), made.seeds, exits=made.exits, hub=hub)
    limit = busy(made, hub) if hub else {}
    truth = reached(made, list(limit))
    assert dict(zip(found.accounts["account"], found.accounts["since"], strict=True)) == truth
    assert found.accounts["since"].is_monotonic_increasing
    _check_cut(made, found.cut, limit, truth)

    # The sub-ledger is every transfer that touches one of them, and the seeds.
    whole = made.transfers
    touched = whole["payer"].isin(truth) | whole["payee"].isin(truth)
    seeds = whole["transfer_id"].isin(made.seeds.index)
    part = found.transfers["transfer_id"]
    assert part.tolist() == whole.loc[touched | seeds, "transfer_id"].tolist()


def _check_cut(made, cut, limit, truth) -> None:
    sown = set(made.seeds.index)
    whole = made.transfers.assign(
        time=made.transfers["time"].mask(
            made.transfers["time_precision"] == "day", made.transfers["time"].dt.normalize()
        )
    )
    payers = set(whole.loc[whole["transfer_id"].isin(sown), "payer"])
    told = {}
    for row in whole.to_dict("records"):
        stands = row["status"] not in {"failed", "reversed"} and row["payer"] != row["payee"]
        since = truth.get(row["payer"])
        can = row["transfer_id"] in sown or (since is not None and since <= row["time"])
        payee = row["payee"]
        if stands and row["fen"] and can and payee in limit and payee not in payers | {*made.exits}:
            first, fen = told.get(payee, (row["time"], 0))
            told[payee] = (min(first, row["time"]), fen + row["fen"])
    known = {row.account: (row.since, row.fen) for row in cut.itertuples()}
    assert known == told
    assert dict(zip(cut["account"], cut["transfers"], strict=True)) == {n: limit[n] for n in told}


def check_follow(opened: Opener, folder: Path, *, seed: int, text: bool, hub: int | None) -> None:
    made = make(Random(seed), 250, text=text)
    store = opened(written(made, folder))
    options = {"opening": made.opening, "within": "30h"}
    found = follow(store, made.seeds, exits=made.exits, hub=hub, **options)
    exits = [*made.exits, *found.cut["account"]]
    assert_same(found, follow(made.transfers, made.seeds, exits=exits, **options))
    assert len(found.movements) > 250
    assert bool(len(found.cut)) == bool(hub)


def assert_same(one: Trace, other: Trace) -> None:
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    assert one.assumed_orders == other.assumed_orders
    assert one.short_fen == other.short_fen
    assert {field.name for field in dataclasses.fields(Trace)} >= set(FRAMES)
