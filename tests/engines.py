"""What every store must give: the same as the slow search, and as following the whole ledger."""

from __future__ import annotations

import dataclasses
import re
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pytest

from ledgers import Made, busy, make, reached
from tracer.errors import (
    AccountError,
    MoneyError,
    RuleError,
    SeedError,
    TableError,
    TracerError,
)
from tracer.stores.store import Store
from tracer.tracing.follow import follow
from tracer.tracing.reach import reach
from tracer.tracing.trace import Trace

Opener = Callable[[Path], Store]
FRAMES = ("movements", "holdings", "lots", "accounts", "seeds", "transfers")

SMALL = pd.DataFrame(
    {
        "transfer_id": [1, 2],
        "time": pd.to_datetime(["2026-03-01 09:00", "2026-03-01 09:05"]).astype("datetime64[us]"),
        "payer": ["v", "a"],
        "payee": ["a", "b"],
        "fen": [5, 3],
    }
)


def written(made: Made, folder: Path) -> Path:
    # Two files whose rows stand in no order that could help.
    mixed = made.transfers.sample(frac=1, random_state=1)
    half = len(mixed) // 2
    for number, part in enumerate((mixed[:half], mixed[half:])):
        part.to_parquet(folder / f"part{number}.parquet", index=False)
    return folder


def check_reach(
    opened: Opener, folder: Path, *, seed: int, hub: int | None, ledgers: int = 250
) -> None:
    made = make(Random(seed), ledgers)
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


def check_follow(
    opened: Opener, folder: Path, *, seed: int, text: bool, hub: int | None, rule: str = "fifo"
) -> None:
    made = make(Random(seed), 250, text=text)
    store = opened(written(made, folder))
    options = {"rule": rule, "opening": made.opening, "within": "30h"}
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


def check_order_without_seq(opened: Opener, folder: Path) -> None:
    made = make(Random(40), 250, text=True, seq=False)
    found = follow(opened(written(made, folder)), made.seeds, exits=made.exits)
    other = follow(made.transfers, made.seeds, exits=made.exits)
    for name in ("movements", "holdings", "accounts"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(other, name))


def check_refusals(opened: Opener, folder: Path) -> None:
    def raises(error: type[TracerError], match: str, frame: pd.DataFrame, **options: Any) -> None:
        place = Path(tempfile.mkdtemp(dir=folder))
        frame.to_parquet(place / "one.parquet", index=False)
        options = {"seeds": pd.Series({1: "王"})} | options
        with pytest.raises(error, match=match) as caught:
            follow(opened(place), **options)
        assert caught.value.message.endswith(".")

    cents = [Decimal("5.50"), Decimal("3.00")]
    raises(TableError, "no column 'payee', 'fen'", SMALL.drop(columns=["payee", "fen"]))
    raises(TableError, "'fen' .* holds '(DOUBLE|double)'", SMALL.astype({"fen": float}))
    raises(TableError, "'payer' .* must hold text", SMALL.assign(payer=[1.5, 2.5]))
    raises(TableError, "'seq' .* must hold whole numbers", SMALL.assign(seq=["1", "2"]))
    raises(TableError, "'time' .* holds 'DATE|date'", SMALL.assign(time=SMALL["time"].dt.date))
    raises(MoneyError, r"Decimal\('3.50'\)", SMALL.assign(fen=[Decimal(5), Decimal("3.50")]))
    raises(MoneyError, r"Decimal\('5.50'\)", SMALL.assign(fen=cents))
    raises(TableError, "'held'.* is none of", SMALL.assign(status=["ok", "held"]))
    raises(TableError, "the account is missing", SMALL.assign(payee=["a", None]))
    raises(TableError, "the time is missing", SMALL.assign(time=[SMALL["time"][0], pd.NaT]))
    raises(TableError, "more than once", pd.concat([SMALL, SMALL]))
    raises(SeedError, "seed 7 is not among", SMALL, seeds=pd.Series({1: "王", 7: "李"}))
    raises(SeedError, "seed '1' is not among", SMALL, seeds=pd.Series({"1": "王"}))
    raises(
        SeedError, "seed nan is not among", SMALL, seeds=pd.Series(["王", "李"], index=[1, None])
    )
    raises(SeedError, "seed 1.5 is not among", SMALL, seeds=pd.Series({1.5: "王"}))
    raises(SeedError, "has no victim", SMALL, seeds=pd.Series({1: ""}))
    raises(SeedError, "moved no money", SMALL.assign(status="failed"))
    raises(RuleError, "limit for hubs 0", SMALL, hub=0)
    raises(RuleError, "limit for hubs True", SMALL, hub=True)
    raises(AccountError, "one text", SMALL, exits="boss")


def howto(language: str) -> list[str]:
    """Return the pieces of code of the how-to, in its order."""
    text = (Path(__file__).parents[1] / "docs/how-to/scale-out.md").read_text("utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def told() -> pd.DataFrame:
    """Return transfers such as the how-to speaks of."""
    made = make(Random(60), 20)
    frame = made.transfers.assign(transfer_id=made.transfers["transfer_id"] + 1000)
    first = SMALL.assign(transfer_id=[101, 102], payer=["v", "w"], payee=["0:a", "0:A"])
    return pd.concat([first.assign(seq=0), frame[["transfer_id", "seq", *SMALL.columns[1:]]]])
