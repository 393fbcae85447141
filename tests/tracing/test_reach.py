"""The part of a ledger that matters: what is fetched, what is cut, what is refused."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from engines import check_follow, check_reach
from tracer.stores.parquet import ParquetStore
from tracer.tracing.follow import follow


def opened(folder: Path) -> ParquetStore:
    return ParquetStore(folder / "*.parquet")


@pytest.mark.parametrize("hub", [None, 6, 3])
@pytest.mark.parametrize("seed", range(3))
def test_the_search_finds_what_a_graph_of_accounts_at_moments_finds(tmp_path, seed, hub):
    check_reach(opened, tmp_path, seed=seed, hub=hub)


@pytest.mark.parametrize(("text", "hub"), [(False, None), (True, None), (False, 6), (True, 3)])
@pytest.mark.parametrize("seed", range(10, 13))
def test_following_the_part_is_following_the_whole(tmp_path, seed, text, hub):
    check_follow(opened, tmp_path, seed=seed, text=text, hub=hub)


def test_a_transfer_that_cannot_matter_moves_no_other():
    midnight = pd.Timestamp("2026-03-02")
    rows = [
        # Only the day is known: V's payment comes first, since A has nothing before.
        (1, "A", "B", 50, "day"),
        # At midnight sharp, between the places of those of which only the day is known.
        (2, "W", "A", 30, "second"),
        (3, "X", "Y", 10, "day"),
        (4, "V", "A", 50, "day"),
    ]
    frame = pd.DataFrame(rows, columns=["transfer_id", "payer", "payee", "fen", "time_precision"])
    frame["time"] = midnight
    seeds = pd.Series({2: "王", 4: "赵"})
    whole, part = follow(frame, seeds), follow(frame[frame["payer"] != "X"], seeds)
    pd.testing.assert_frame_equal(whole.movements, part.movements)
    assert part.movements["transfer_id"].tolist() == [4, 2, 1]
