"""Who else was robbed: each reason on its own, and known victims found again when forgotten."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import tracer
from tracer.errors import AccountError, TracerError
from tracer.ledger import checks, kinds

SAMPLE = Path(__file__).parents[2] / "sample_data"

# 王 is the known victim; his money goes from the card on to the boss.
ROWS = [
    ("2026-03-01 08:00", "老板娘", "卡", 5_000),
    ("2026-03-05 10:00", "王", "卡", 90_000),
    ("2026-03-05 10:30", "李", "卡", 80_000),
    ("2026-03-05 11:00", "张", "卡", 95_000),
    ("2026-03-05 11:10", "unknown:7", "卡", 100),
    ("2026-03-05 12:00", "卡", "头目", 200_000),
    ("2026-03-05 12:05", "卡", "张", 1_000),
    ("2026-03-05 12:10", "店", "卡", 300),
    ("2026-03-06 09:00", "老板娘", "卡", 5_000),
    ("2026-03-05 13:00", "李", "路人", 10_000),
]


@pytest.fixture
def trace():
    rows = pd.DataFrame(ROWS, columns=["time", "payer", "payee", "fen"])
    rows["time"] = pd.to_datetime(rows["time"])
    return tracer.follow(rows, pd.Series({1: "王"}), exits=["店"])


def test_every_payer_is_told_with_the_reasons_that_hold(trace):
    found = trace.suspects().set_index("payer")
    reasons = found["reasons"].str.split("；").to_dict()
    shared = "1 名已知被害人付入同一账户"
    days, alike = "付款时该账户正在收转被害人资金", "同日另有 3 人付入同一账户"
    first, alone = "此前与途经账户无往来", "途经账户未曾付回"
    amount = "金额与已知被害人的付款相当"
    assert reasons == {
        "张": [shared, days, alike, amount, first],
        "李": [shared, days, alike, first, alone],
        "unknown:7": [shared, days, alike],
        "老板娘": [shared, alone],
    }
    assert found["score"].to_dict() == {name: len(told) for name, told in reasons.items()}
    assert found.index.tolist() == ["张", "李", "unknown:7", "老板娘"]
    facts = ["account", "fen", "transfers", "returned_fen"]
    assert found.loc["张", facts].tolist() == ["卡", 95_000, 1, 1_000]
    assert found.loc["老板娘", facts].tolist() == ["卡", 10_000, 2, 0]
    assert found.loc["老板娘", "last_time"] == pd.Timestamp("2026-03-06 09:00")


def test_a_payer_with_a_victims_name_is_told_so_in_either_language(trace):
    accounts = pd.DataFrame({"account": ["李", "张"], "holder": ["王", "张三"]})
    found = trace.suspects(accounts, lang="en").set_index("payer")
    assert found.loc["张", "holder"] == "张三"
    assert found.loc["李", "reasons"].endswith("; the holder has the name of a known victim")
    assert "name of" not in found.loc["张", "reasons"]
    with pytest.raises(TracerError, match="language 'fr'"):
        trace.suspects(lang="fr")


def test_what_speaks_against_a_payer_puts_it_further_down():
    rows = pd.DataFrame(ROWS, columns=["time", "payer", "payee", "fen"])
    rows["time"] = pd.to_datetime(rows["time"])
    rows["summary"] = ["代发工资", None, "货款", "转账", "", "", "", "", "年终奖金", "工资"]
    trace = tracer.follow(rows, pd.Series({1: "王"}), exits=["店"])
    accounts = pd.DataFrame({"account": ["李", "张"], "holder": ["甲乙纺织有限公司", "局公司"]})
    found = trace.suspects(accounts).set_index("payer")
    assert found["against"].to_dict() == {
        "张": "",
        "李": "付款方是单位",
        "unknown:7": "",
        "老板娘": "摘要均为工资等代发款项",
    }
    assert found["score"].to_dict() == {"张": 5, "李": 4, "unknown:7": 3, "老板娘": 1}
    assert found.index.tolist() == ["张", "李", "unknown:7", "老板娘"]
    english = trace.suspects(accounts, lang="en").set_index("payer")["against"]
    assert english["老板娘"] == "all of it is told as wages or the like"


def test_one_who_was_baited_with_stolen_money_is_no_mule():
    rows = [
        ("2026-03-05 09:00", "李", "卡", 1_000),
        ("2026-03-05 10:00", "王", "卡", 90_000),
        ("2026-03-05 10:30", "卡", "李", 1_200),
        ("2026-03-05 11:00", "李", "卡", 80_000),
        ("2026-03-05 12:00", "卡", "车手", 60_000),
        ("2026-03-05 13:00", "车手", "卡", 70_000),
    ]
    table = pd.DataFrame(rows, columns=["time", "payer", "payee", "fen"])
    table["time"] = pd.to_datetime(table["time"])
    found = tracer.follow(table, pd.Series({1: "王"}), "pro_rata").suspects()
    assert found["payer"].tolist() == ["李"]
    assert found.loc[0, ["fen", "returned_fen"]].tolist() == [81_000, 1_200]


def test_nobody_paid_but_the_victim():
    rows = pd.DataFrame(ROWS[1:2], columns=["time", "payer", "payee", "fen"])
    rows["time"] = pd.to_datetime(rows["time"])
    found = tracer.follow(rows, pd.Series({0: "王"})).suspects()
    assert found.empty
    assert "reasons" in found


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    made = tracer.Case.create(tmp_path_factory.mktemp("cases") / "one")
    made.load(SAMPLE / "statements")
    made.add_victims(SAMPLE / "victims.xlsx")
    return made


def test_a_victim_who_is_forgotten_is_found_again(case):
    accounts, transfers, seeds = case.accounts(), case.transfers(), case.seeds()
    exits = accounts.loc[accounts["kind"].isin(kinds.EXITS), "account"]
    own = transfers.set_index("transfer_id").loc[seeds["transfer_id"]].reset_index()
    own["victim"] = seeds["victim"].array
    seen = 0
    for victim, paid in own.groupby("victim"):
        trace = tracer.follow(
            transfers,
            seeds[seeds["victim"] != victim],
            opening=checks.openings(accounts, transfers),
            exits=list(exits),
            accounts=accounts,
        )
        found = trace.suspects(accounts)
        # Where nobody else's money came, nothing can tell of the victim.
        reached = set(trace.accounts.query("level > 0")["account"]) & set(paid["payee"])
        if reached - set(exits):
            place = found.index[found["payer"].isin(set(paid["payer"]))]
            assert len(place)
            assert place[0] <= len(found) // 3
            seen += 1
    assert seen == 9


def test_a_case_names_the_payers(case):
    trace = case.follow()
    found = case.suspects(trace)
    holders = case.accounts().set_index("account")["holder"].reindex(found["payer"]).fillna("")
    assert found["holder"].tolist() == holders.tolist()
    assert not found["payer"].isin(trace.seeds["payer"]).any()
    assert found["score"].is_monotonic_decreasing


def test_the_sources_of_every_account_on_the_way_add_up(case):
    trace = case.follow()
    basis = trace.basis
    exits = basis.accounts[basis.exits].tolist()
    opening = pd.Series(basis.opening, index=basis.accounts)
    way = trace.accounts.query("level > 0 and held_fen > 0")
    for account, held in zip(way["account"], way["held_fen"], strict=True):
        found = tracer.sources(basis.transfers, account, opening=opening, exits=exits)
        victims = found[found["owner"].isin(trace.seeds["payer"])]
        assert victims["fen"].sum() >= held


def test_a_case_tells_whose_money_is_where(case):
    trace = case.follow()
    seed = trace.seeds.iloc[0]
    found = case.sources(transfer=int(seed["transfer_id"]))
    assert found["fen"].sum() == seed["fen"]
    # What an account holds depends on no rule, only whose it is.
    told = {rule: case.sources(seed["payee"], rule=rule) for rule in ("fifo", "clean_first")}
    held = {rule: int(frame["fen"].sum()) for rule, frame in told.items()}
    assert held["fifo"] == held["clean_first"] > 0
    early = case.sources(seed["payee"], at=seed["time"])
    assert early["fen"].sum() >= seed["fen"]
    assert early["last_time"].dropna().le(seed["time"]).all()
    with pytest.raises(AccountError, match="Did you mean") as caught:
        case.sources(seed["payee"][:-1])
    assert "是否指" in caught.value.zh
