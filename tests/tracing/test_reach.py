"""The part of a ledger that matters: what is fetched, what is cut, what is refused."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pytest

from engines import (
    SMALL,
    assert_same,
    check_follow,
    check_order_without_seq,
    check_reach,
    check_refusals,
    howto,
    told,
    written,
)
from ledgers import make
from tracer.errors import CaseError, RuleError, TableError
from tracer.stores.duckdb import DuckStore, append
from tracer.stores.parquet import ParquetStore
from tracer.tables import SETTINGS, TRANSFERS
from tracer.tracing.follow import follow
from tracer.tracing.reach import reach
from tracer.tracing.summary import notes
from tracer.tracing.sweep import RULES


def opened(folder: Path) -> ParquetStore:
    return ParquetStore(folder / "*.parquet")


@pytest.mark.parametrize("hub", [None, 6, 3])
@pytest.mark.parametrize("seed", range(3))
def test_the_search_finds_what_a_graph_of_accounts_at_moments_finds(tmp_path, seed, hub):
    check_reach(opened, tmp_path, seed=seed, hub=hub)


@pytest.mark.parametrize(("text", "hub"), [(False, None), (True, None), (False, 6), (True, 3)])
@pytest.mark.parametrize("seed", range(10, 12))
@pytest.mark.parametrize("rule", RULES)
def test_following_the_part_is_following_the_whole(tmp_path, rule, seed, text, hub):
    check_follow(opened, tmp_path, seed=seed, text=text, hub=hub, rule=rule)


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


def test_the_order_is_that_of_the_ids_where_the_store_tells_none(tmp_path):
    check_order_without_seq(opened, tmp_path)


def test_what_cannot_be_followed_is_refused_in_a_sentence(tmp_path):
    check_refusals(opened, tmp_path)
    with pytest.raises(TableError, match=r"nothing\.parquet.* cannot be read as Parquet"):
        follow(ParquetStore(tmp_path / "nothing.parquet"), pd.Series({1: "王"}))
    (tmp_path / "text.parquet").write_text("time,payer", encoding="utf-8")
    with pytest.raises(TableError, match="cannot be read as Parquet"):
        reach(ParquetStore(tmp_path / "text.parquet"), pd.Series({1: "王"}))
    # What turns out to be damaged only when it is read is a sentence as well.
    large = pd.concat([SMALL] * 50_000).assign(transfer_id=range(100_000))
    large.to_parquet(tmp_path / "damaged.parquet", compression="zstd")
    content = bytearray((tmp_path / "damaged.parquet").read_bytes())
    content[10 : len(content) // 2] = b"\xff" * (len(content) // 2 - 10)
    (tmp_path / "damaged.parquet").write_bytes(content)
    with pytest.raises(TableError, match="cannot be read as Parquet"):
        reach(ParquetStore(tmp_path / "damaged.parquet"), pd.Series({1: "王"}))
    zoned = SMALL.assign(time=SMALL["time"].dt.tz_localize("Asia/Shanghai"))
    zoned.to_parquet(tmp_path / "zoned.parquet")
    with pytest.raises(TableError, match="must hold times without a zone"):
        reach(ParquetStore(tmp_path / "zoned.parquet"), pd.Series({1: "王"}))
    with pytest.raises(RuleError, match="name the accounts where following stops as exits"):
        follow(SMALL, pd.Series({1: "王"}), hub=5)
    # A frame is a frame, whatever its columns are called.
    assert len(follow(SMALL.assign(room=1), pd.Series({1: "王"})).movements) == 2


def test_a_case_is_a_store(tmp_path):
    made = make(Random(50), 40)
    frame = TRANSFERS.conform(made.transfers.assign(reason="", join="single"))
    store = DuckStore(tmp_path / "case.duckdb")
    with pytest.raises(CaseError, match="There is no case file"):
        follow(store, made.seeds)
    assert not store.path.exists()
    with store.writing() as connection:
        append(connection, SETTINGS, SETTINGS.empty())
    with pytest.raises(CaseError, match="holds no transfers yet"):
        follow(store, made.seeds)
    with store.writing() as connection:
        append(connection, TRANSFERS, frame)
    found = follow(store, made.seeds, exits=made.exits)
    assert_same(found, follow(frame, made.seeds, exits=made.exits))
    assert 0 < len(reach(store, made.seeds).transfers) < len(frame)


def test_what_was_cut_is_listed_and_said(tmp_path):
    """A clearing account of many transfers hides who was paid; the trace says so."""
    many = [(10 + n, f"p{n}", "清算", 100) for n in range(20)]
    on = [(40 + n, "清算", f"q{n}", 100) for n in range(20)]
    rows = [(1, "v", "a", 90), (2, "a", "清算", 70), *many, *on]
    frame = pd.DataFrame(rows, columns=["transfer_id", "payer", "payee", "fen"])
    frame["time"] = pd.Timestamp("2026-03-02") + pd.to_timedelta(frame.index, unit="min")
    frame.to_parquet(tmp_path / "one.parquet")
    trace = follow(opened(tmp_path), pd.Series({1: "王"}), hub=40)
    cut = trace.cut.to_dict("records")
    since = pd.Timestamp("2026-03-02 00:01")
    assert cut == [{"account": "清算", "transfers": 41, "since": since, "fen": 70}]
    assert trace.holdings.to_dict("records") == [
        {"account": "a", "victim": "王", "fen": 20, "kind": "held"},
        {"account": "清算", "victim": "王", "fen": 70, "kind": "exit"},
    ]
    assert "1 个账户转账极多（最少 41 笔，清算 等）" in str(trace)
    assert "进入的被害人资金 0.70 元" in str(trace)
    assert "taken as exits and not followed through; 0.70 yuan" in "".join(notes(trace, "en"))

    # Named as an exit, it is one by the investigator's own word, and nothing was cut.
    named = follow(opened(tmp_path), pd.Series({1: "王"}), hub=40, exits=["清算"])
    assert named.cut.empty
    pd.testing.assert_frame_equal(named.holdings, trace.holdings)
    through = follow(opened(tmp_path), pd.Series({1: "王"}), hub=41)
    assert through.holdings["account"].tolist() == ["a", "q0"]


def test_the_rounds_are_the_hops(tmp_path):
    chain = pd.DataFrame({"transfer_id": range(50), "fen": 1, "seq": 0})
    chain["payer"] = [f"{n}" for n in range(50)]
    chain["payee"] = [f"{n + 1}" for n in range(50)]
    chain["time"] = pd.Timestamp("2026-03-02")
    # At one moment the transfers may have come in any order, so that the search goes through.
    chain.to_parquet(tmp_path / "one.parquet")
    found = reach(opened(tmp_path), pd.Series({0: "王"}))
    assert found.rounds == 50
    assert len(found.accounts) == 50


def test_the_how_to_does_what_it_says(tmp_path, monkeypatch, capsys):
    (tmp_path / "ledger").mkdir()
    told().to_parquet(tmp_path / "ledger" / "one.parquet", index=False)
    monkeypatch.chdir(tmp_path)
    files, part, hubs, _ = howto("python")
    names: dict[str, Any] = {}
    exec(compile(files, "scale-out.md", "exec"), names)
    whole = names["trace"]
    exec(compile(part, "scale-out.md", "exec"), names)
    assert f"{names['near'].rounds} 跳" in capsys.readouterr().out
    assert_same(names["trace"], whole)
    exec(compile(hubs, "scale-out.md", "exec"), names)
    assert names["trace"].cut.columns.tolist() == ["account", "transfers", "since", "fen"]
    assert set(whole.seeds["victim"]) == {"张三", "李四"}


def test_nothing_is_fetched_for_nobody(tmp_path):
    made = written(make(Random(70), 5), tmp_path)
    nobody = pd.Series(dtype="str")
    found = reach(opened(made), nobody)
    assert (len(found.transfers), len(found.accounts), found.rounds) == (0, 0, 1)
    assert follow(opened(made), nobody).movements.empty
