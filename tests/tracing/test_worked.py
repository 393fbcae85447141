"""Cases small enough to be worked out by hand, with their exact numbers."""

from __future__ import annotations

import pandas as pd
import pytest

from tracer.tracing.follow import follow


def ledger(*rows, **columns):
    """Return transfers from (time, payer, payee, fen)."""
    frame = pd.DataFrame(rows, columns=["time", "payer", "payee", "fen"])
    return frame.assign(time=pd.to_datetime(frame["time"], format="ISO8601"), **columns)


def held(trace):
    keys = ["account", "victim", "kind"]
    return {tuple(row[:3]): row[3] for row in trace.holdings[[*keys, "fen"]].values.tolist()}


def test_first_in_is_first_out_of_a_mixed_account():
    transfers = ledger(
        ("2026-03-01 09:00", "V", "M", 100),
        ("2026-03-01 09:10", "shop", "M", 50),
        ("2026-03-01 09:20", "W", "M", 200),
        ("2026-03-01 09:30", "M", "X", 120),
        ("2026-03-01 09:40", "M", "Y", 130),
    )
    trace = follow(transfers, pd.Series({0: "赵", 2: "钱"}))
    # X takes all 100 of 赵 and 20 of the shop; Y the shop's 30 and 100 of 钱.
    assert held(trace) == {
        ("X", "赵", "held"): 100,
        ("Y", "钱", "held"): 100,
        ("M", "钱", "held"): 100,
    }
    assert trace.movements["hop"].tolist() == [1, 1, 2, 2]
    assert trace.movements["parent"].tolist() == [pd.NA, pd.NA, 1, 2]
    assert trace.short_fen == 0


def test_opening_money_leaves_first_and_unknown_money_is_clean():
    transfers = ledger(("2026-03-01 09:00", "V", "M", 100), ("2026-03-01 10:00", "M", "X", 170))
    trace = follow(transfers, pd.Series({0: "赵"}), opening=pd.Series({"M": 40, "unseen": 5}))
    assert held(trace) == {("X", "赵", "held"): 100}
    assert trace.short_fen == 30


def test_an_exit_takes_money_and_gives_none_back():
    transfers = ledger(
        ("2026-03-01 09:00", "V", "M", 100),
        ("2026-03-01 10:00", "M", "cash", 100),
        ("2026-03-01 11:00", "cash", "Z", 100),
    )
    trace = follow(transfers, pd.Series({0: "赵"}), exits=["cash"])
    assert held(trace) == {("cash", "赵", "exit"): 100}
    assert trace.transfers["transfer_id"].tolist() == [0, 1]
    assert trace.short_fen == 0


def test_what_comes_back_to_a_victim_lowers_only_their_own_loss():
    transfers = ledger(
        ("2026-03-01 09:00", "V", "M", 100),
        ("2026-03-01 09:01", "W", "N", 50),
        ("2026-03-01 10:00", "M", "V", 30),
        ("2026-03-01 10:01", "M", "W", 20),
    )
    trace = follow(transfers, pd.Series({0: "赵", 1: "钱"}))
    assert held(trace) == {
        ("M", "赵", "held"): 50,
        ("N", "钱", "held"): 50,
        ("V", "赵", "returned"): 30,
        ("W", "赵", "exit"): 20,
    }
    table = trace.victims().set_index("victim")
    assert table.loc["赵"].tolist() == [100, 50, 20, 30, 0]


@pytest.mark.parametrize(
    ("hour", "kind", "account"), [("09:00:00", "held", "X"), ("09:00:01", "settled", "M")]
)
def test_money_is_settled_once_it_lay_longer_than_the_longest_stay(hour, kind, account):
    transfers = ledger(("2026-03-01 09:00", "V", "M", 100), (f"2026-03-04 {hour}", "M", "X", 100))
    trace = follow(transfers, pd.Series({0: "赵"}), within="72h")
    assert held(trace) == {(account, "赵", kind): 100}


def test_money_that_nothing_happened_to_is_still_held():
    transfers = ledger(("2026-03-01 09:00", "V", "M", 100), ("2026-05-01 09:00", "P", "Q", 100))
    trace = follow(transfers, pd.Series({0: "赵"}), within=pd.Timedelta("72h"))
    assert held(trace) == {("M", "赵", "held"): 100}


def test_money_goes_round_in_a_circle_and_comes_to_rest():
    transfers = ledger(
        ("2026-03-01 09:00", "V", "A", 100),
        ("2026-03-01 09:01", "A", "B", 80),
        ("2026-03-01 09:02", "B", "A", 60),
        ("2026-03-01 09:03", "A", "C", 70),
    )
    trace = follow(transfers, pd.Series({0: "赵"}))
    assert held(trace) == {
        ("A", "赵", "held"): 10,
        ("B", "赵", "held"): 20,
        ("C", "赵", "held"): 70,
    }
    levels = trace.accounts.set_index("account")["level"].to_dict()
    assert levels == {"V": 0, "A": 1, "B": 2, "C": 2}
    paths = trace.paths("C")
    assert paths.groupby("path")["payee"].agg("".join).tolist() == ["AC", "ABAC"]
    assert paths["traced_fen"].tolist() == [100, 20, 100, 80, 60, 50]


def test_on_a_day_without_times_credits_come_first():
    transfers = ledger(
        ("2026-03-01", "B", "C", 100),
        ("2026-03-01", "A", "B", 100),
        ("2026-03-01", "V", "A", 100),
        time_precision="day",
    )
    trace = follow(transfers, pd.Series({2: "赵"}))
    assert held(trace) == {("C", "赵", "held"): 100}
    assert trace.assumed_orders == 2
    # With times there is nothing to assume: the money came too late to go on.
    late = follow(transfers.assign(time_precision="second"), pd.Series({2: "赵"}))
    assert held(late) == {("A", "赵", "held"): 100}
    assert late.assumed_orders == 0


def test_a_circle_within_a_day_begins_with_the_smallest_seq():
    transfers = ledger(
        ("2026-03-01", "V", "A", 100),
        ("2026-03-01", "B", "A", 10),
        ("2026-03-01", "A", "B", 100),
        time_precision="day",
    )
    trace = follow(transfers, pd.Series({0: "赵"}))
    assert held(trace) == {("B", "赵", "held"): 100}


def test_what_moves_nothing_is_no_transfer():
    rows = [("2026-03-01 09:00", "V", "M", 100)]
    rows += [("2026-03-01 10:00", "M", "X", 100)] * 2
    rows += [("2026-03-01 10:00", "M", "M", 100), ("2026-03-01 10:00", "M", "X", 0)]
    transfers = ledger(*rows, status=["ok", "failed", "reversed", "ok", ""])
    assert held(follow(transfers, pd.Series({0: "赵"}))) == {("M", "赵", "held"): 100}


def test_the_frontier_is_where_statements_end_before_the_money_came():
    transfers = ledger(
        ("2026-03-01 09:00", "V", "A", 100),
        ("2026-03-01 09:10", "A", "B", 60),
        ("2026-03-01 09:20", "B", "C", 20),
        ("2026-03-01 09:30", "B", "shop", 10),
    )
    ends = {"A": "2026-03-31", "B": "2026-03-01 09:00"}
    accounts = pd.DataFrame(
        {
            "account": ["A", "B", "shop"],
            "kind": ["bank", "bank", "merchant"],
            "holder": ["甲", "乙", "店"],
            "covered_to": pd.to_datetime(pd.Series(["A", "B", "shop"]).map(ends), format="ISO8601"),
        }
    )
    trace = follow(transfers, pd.Series({0: "赵"}), exits=["shop"], accounts=accounts)
    table = trace.accounts.set_index("account")
    assert table["frontier"].to_dict() == {
        "V": False,
        "A": False,
        "B": True,
        "shop": False,
        "C": True,
    }
    assert table["frontier_fen"].sum() == 50
    assert table.loc["B", ["received_fen", "passed_fen", "held_fen"]].tolist() == [60, 30, 30]
    assert table.loc["B", "holder"] == "乙"
    assert table.loc["C", "kind"] == "unknown"
    bare = follow(transfers, pd.Series({0: "赵"}), exits=["shop"])
    assert not bare.accounts["frontier"].any()


def test_ids_keep_their_type_and_columns_are_carried():
    transfers = ledger(
        ("2026-03-01 09:00", "V", "A", 100), ("2026-03-01 09:10", "A", "B", 60)
    ).assign(transfer_id=["t-1", "t-2"], summary=["货款", "转账"], payer_record="a.csv · · 第 2 行")
    trace = follow(transfers, pd.DataFrame({"transfer_id": ["t-1"], "victim": ["赵"]}))
    assert trace.movements["transfer_id"].tolist() == ["t-1", "t-2"]
    assert trace.transfers["summary"].tolist() == ["货款", "转账"]
    assert trace.paths("B")["payer_record"].tolist() == ["a.csv · · 第 2 行"] * 2
    pairs = transfers.set_index(pd.MultiIndex.from_tuples([(1, "a"), (1, "b")]))
    paired = follow(
        pairs.drop(columns="transfer_id"), pd.DataFrame({"transfer_id": [(1, "a")], "victim": "赵"})
    )
    assert paired.movements["transfer_id"].tolist() == [(1, "a"), (1, "b")]
    assert paired.paths("B")["step"].tolist() == [1, 2]


def test_amounts_near_the_largest_stay_exact():
    large = 2**62 - 1
    transfers = ledger(
        ("2026-03-01 09:00", "V", "A", large), ("2026-03-01 09:10", "A", "B", large - 1)
    )
    trace = follow(transfers, pd.Series({0: "赵"}))
    assert held(trace) == {("A", "赵", "held"): 1, ("B", "赵", "held"): large - 1}


def test_an_empty_ledger_gives_an_empty_trace():
    empty = ledger().astype({"payer": "str", "payee": "str", "fen": "int64"})
    trace = follow(empty, pd.Series(dtype="str"))
    assert len(trace.movements) == len(trace.accounts) == len(trace.victims()) == 0
    assert "资金追踪" in str(trace)
