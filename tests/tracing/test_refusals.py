"""Everything that follow() refuses, and that it says why."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from tracer.errors import (
    AccountError,
    MoneyError,
    RuleError,
    SeedError,
    TableError,
    TraceError,
    TracerError,
)
from tracer.tracing import lots
from tracer.tracing.follow import follow
from tracer.tracing.lots import LEFT, MOVEMENT, Ledger
from tracer.tracing.proof import prove
from tracer.tracing.words import EN, ZH

SEEDS = pd.Series({0: "赵"})


def transfers(**columns):
    frame = pd.DataFrame(
        {
            "time": pd.to_datetime(["2026-03-01 09:00", "2026-03-01 09:10"]),
            "payer": ["V", "6228480000000000001"],
            "payee": ["6228480000000000001", "B"],
            "fen": [100, 60],
        }
    )
    return frame.assign(**columns)


@pytest.mark.parametrize(
    ("columns", "error", "words"),
    [
        ({"fen": [100, -1]}, MoneyError, "negative"),
        ({"fen": [100, 0.5]}, MoneyError, "whole number of fen"),
        ({"fen": [2**62, 2**62]}, MoneyError, "beyond what int64 holds"),
        ({"time": [pd.Timestamp("2026-03-01"), pd.NaT]}, TableError, "row 1: the time is missing"),
        ({"time": "2026-03-01"}, TableError, "must hold times"),
        ({"time": pd.Timestamp("2026-03-01", tz="Asia/Shanghai")}, TableError, "time zone"),
        ({"transfer_id": [0, 0]}, TableError, "names 0 more than once"),
        ({"transfer_id": [0, None]}, TableError, "without an id"),
        ({"payer": ["V", ""]}, TableError, "row 1: the account is missing"),
        ({"payee": [6.2e18, 1.0]}, TableError, "have lost digits"),
        ({"status": ["ok", "成功"]}, TableError, "'成功' is none of 'ok'"),
        ({"time_precision": "hour"}, TableError, "'hour' is none of"),
        ({"seq": [1.5, 2]}, TableError, "whole number in every row"),
        ({"status": ["failed", "ok"]}, SeedError, "moved no money"),
        ({"fen": [0, 1]}, SeedError, "moved no money"),
        ({"payee": ["V", "B"]}, SeedError, "moved no money"),
    ],
)
def test_a_table_that_cannot_be_followed(columns, error, words):
    with pytest.raises(error, match=words):
        follow(transfers(**columns), SEEDS)


def test_more_movements_than_can_be_told_apart_are_refused(monkeypatch):
    # Room grows by doubling, which must not go beyond what can be told apart.
    monkeypatch.setattr(lots, "MOST", lots.FIRST_ROOM + 500)
    frame = pd.DataFrame(
        {
            "time": pd.date_range("2026-03-01", periods=1_600, freq="min"),
            "payer": "V",
            "payee": "6228480000000000001",
            "fen": 1,
        }
    )
    assert len(follow(frame.head(1_500), pd.Series("赵", index=range(1_500))).movements) == 1_500
    with pytest.raises(TraceError, match="more than 1,524 movements") as refused:
        follow(frame, pd.Series("赵", index=range(1_600)))
    assert "流转超过 1,524 笔" in refused.value.zh


@pytest.mark.parametrize("name", ["time", "payer", "payee", "fen"])
def test_a_missing_column_is_named(name):
    with pytest.raises(TableError, match=f"no column '{name}'"):
        follow(transfers().drop(columns=name), SEEDS)


@pytest.mark.parametrize(
    ("seeds", "words"),
    [
        (pd.Series({7: "赵"}), "seed 7 is not among the 2 transfers"),
        (pd.Series({"0": "赵"}), "seed '0' is not among"),
        (pd.Series({0: " "}), "has no victim"),
        (pd.Series({0: None}), "has no victim"),
        (pd.Series(["赵", "钱"], index=[0, 0]), "more than once"),
        (pd.DataFrame({"transfer_id": [0]}), "'transfer_id' and 'victim'"),
        ({0: "赵"}, "must be a Series"),
    ],
)
def test_a_seed_that_is_none(seeds, words):
    with pytest.raises(SeedError, match=words):
        follow(transfers(), seeds)


def test_an_unknown_rule_names_the_known_ones():
    with pytest.raises(RuleError, match=r"no rule 'fifoo'.*'fifo'.*Did you mean 'fifo'"):
        follow(transfers(), SEEDS, rule="fifoo")


@pytest.mark.parametrize("within", ["soon", pd.Timedelta("-1h"), pd.NaT])
def test_a_longest_stay_must_be_a_span(within):
    with pytest.raises(RuleError, match="span of time"):
        follow(transfers(), SEEDS, within=within)


@pytest.mark.parametrize("within", ["72", " 72 ", "72.5", "0", "7 2", 72, 72.5, 0, True, "72ns"])
def test_a_longest_stay_without_a_unit_is_refused(within):
    with pytest.raises(RuleError, match=r"72h.*span of time.*'72h'"):
        follow(transfers(), SEEDS, within=within)


@pytest.mark.parametrize("within", ["72h", "72:00:00", "3 days", "P3D", timedelta(hours=72)])
def test_a_longest_stay_with_a_unit_is_read(within):
    assert follow(transfers(), SEEDS, within=within).within == pd.Timedelta(hours=72)


def test_options_are_checked():
    with pytest.raises(AccountError, match="one text"):
        follow(transfers(), SEEDS, exits="B")
    with pytest.raises(TableError, match="two opening balances"):
        follow(transfers(), SEEDS, opening=pd.Series([1, 2], index=["B", "B"]))
    with pytest.raises(MoneyError, match="negative"):
        follow(transfers(), SEEDS, opening=pd.Series({"B": -1}))
    with pytest.raises(TableError, match="no column 'account'"):
        follow(transfers(), SEEDS, accounts=pd.DataFrame({"kind": ["bank"]}))
    with pytest.raises(TableError, match="stands twice"):
        follow(transfers(), SEEDS, accounts=pd.DataFrame({"account": ["B", "B"]}))
    with pytest.raises(TableError, match="must be a DataFrame"):
        follow([1, 2], SEEDS)


def test_an_unknown_account_gets_near_matches():
    trace = follow(transfers(), SEEDS)
    with pytest.raises(AccountError, match="Did you mean '6228480000000000001'"):
        trace.paths("6228480000000000007")
    with pytest.raises(TracerError, match="language 'fr'"):
        trace.to_html(lang="fr")


LEDGER = Ledger(
    *(pd.Series(c, dtype="int64").to_numpy() for c in ([0, 1], [1, 2], [9, 9], [0, 1], [0, -1]))
)


@pytest.mark.parametrize(
    ("movements", "left", "words"),
    [
        ([(0, 0, 9, 1, -1)], [(1, 0, 0, 8, 0)], "differ"),
        ([(0, 0, 9, 1, -1), (1, 0, 10, 2, 0)], [(2, 0, 1, 9, 0)], "more of victims' money"),
        ([(0, 0, 9, 1, -1), (1, 0, 9, 2, 1)], [(2, 0, 1, 9, 0)], "not before it"),
        ([(0, 0, 5, 1, -1), (0, 0, 4, 2, 0)], [(2, 0, 1, 9, 0)], "a later transfer"),
        ([(0, 0, 9, 1, -1), (1, 0, 9, 1, -1)], [(2, 0, 1, 9, 0)], "start at a seed"),
    ],
)
def test_an_unsound_sweep_is_thrown_away(movements, left, words):
    with pytest.raises(TracerError, match=words):
        prove(LEDGER, np.array(movements, MOVEMENT), np.array(left, LEFT))


def test_both_languages_say_the_same_things():
    assert ZH.keys() == EN.keys()
