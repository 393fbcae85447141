"""Deciding in a case: what is split, joined and marked outlives every load, and can be undone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import tracer
from tracer import Case, tables
from tracer.errors import AccountError, DecisionError

A, B = "6222020000000000018", "6217000000000000026"
HEADER = "交易日期,记账日期,账号,金额,收付标志,余额,对方账号\n"
OWN = """
name = "own"
title = "某行"
kind = "statement"
required = ["交易日期", "账号", "金额"]
[columns]
time = ["{time}"]
card = ["账号"]
amount = ["金额"]
direction = ["收付标志"]
balance = ["余额"]
other_account = ["对方账号"]
"""
PAID = [("10:00:00", "付", 900), ("10:00:50", "付", 800)]
GOT = [("10:00:09", "收", 1100), ("10:00:55", "收", 1200)]
WHY = "已向银行核实"


def sheet(own: str, other: str, lines: list[tuple[str, str, int]], amount: str = "100.00") -> str:
    return HEADER + "".join(
        f"2024-03-01 {at},2024-03-01 {at},{own},{amount},{way},{left}.00,{other}\n"
        for at, way, left in lines
    )


def given(folder: Path, content: str, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(content, encoding="utf-8")
    return folder / name


def declare(case: Case, time: str = "交易日期") -> None:
    (case.folder / "formats" / "own.toml").write_text(OWN.format(time=time), encoding="utf-8")


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """Two payments of one amount from A to B, told by both banks."""
    made = Case.create(tmp_path / "case")
    declare(made)
    given(tmp_path / "in", sheet(A, B, PAID), "甲.csv")
    given(tmp_path / "in", sheet(B, A, GOT), "乙.csv")
    made.load(tmp_path / "in")
    return made


def sides(case: Case) -> set[tuple[str, str, str]]:
    """Return the clock times of the two rows of each transfer, and the kind of the join."""
    at = case.entries().set_index("entry_id")["time"].dt.strftime("%M:%S")
    moved = case.transfers()
    told = [moved[name].map(at).fillna("") for name in ("payer_entry", "payee_entry")]
    return set(zip(*told, moved["join"], strict=True))


def entry(case: Case, own: str, at: str) -> int:
    found = case.entries()
    here = found["account"].eq(own) & found["time"].dt.strftime("%M:%S").eq(at)
    return int(found.loc[here, "entry_id"].item())


PAIRED = {("00:00", "00:09", "mirrored"), ("00:50", "00:55", "mirrored")}
CROSSED = {("00:00", "", "single"), ("", "00:09", "single"), ("00:50", "00:55", "mirrored")}


def test_joins_show_both_rows_the_most_doubtful_first(case: Case) -> None:
    found = case.joins()
    assert found["score"].tolist() == [70, 75]
    assert "另有 2 行同样相符" in found["reason"].iloc[0]
    one = found.iloc[0]
    assert (one["source"], one["row"], one["account"], one["direction"]) == ("甲.csv", 2, A, "out")
    assert (one["other_source"], one["other_row"], one["other_account"]) == ("乙.csv", 2, B)
    assert (one["fen"], one["other_fen"]) == (10_000, 10_000)
    assert one["other_time"] - one["time"] == pd.Timedelta(seconds=9)
    assert case.joins(below=75)["transfer_id"].tolist() == [one["transfer_id"]]


def test_what_matters_of_joins_and_decisions_stands_first(case: Case) -> None:
    assert list(case.joins().columns[:4]) == ["transfer_id", "score", "join", "reason"]
    assert set(tables.JOINS.columns) <= set(case.joins().columns)
    case.split(int(case.joins()["transfer_id"].iloc[0]), reason=WHY)
    found = case.decisions().columns
    assert list(found[:5]) == ["decision_id", "verdict", "entry", "other", "state"]
    assert set(tables.DECISIONS.columns) <= set(found)


def test_doubts_count_what_is_left_to_look_at(case: Case) -> None:
    assert "低于 80 分的合并 2 处，见 case.joins(below=80)" in case.doubts()
    assert "joins below 80: 2," in case.doubts("en")
    case.split(int(case.joins()["transfer_id"].iloc[0]), reason=WHY)
    assert "低于 80 分的合并 1 处" in case.doubts()


def test_a_split_by_transfer_and_its_undo_are_in_the_log(case: Case) -> None:
    assert sides(case) == PAIRED
    number = case.split(int(case.joins()["transfer_id"].iloc[0]), reason=WHY)
    assert sides(case) == CROSSED
    line = case.log().iloc[-1]
    assert line["action"] == "split"
    told = json.loads(line["details"])
    assert (told["decision_id"], told["reason"], told["row"]) == (number, WHY, 2)
    case.undo(number)
    assert sides(case) == PAIRED
    assert case.decisions()["state"].tolist() == ["undone"]
    assert case.log()["action"].iloc[-1] == "undo"
    with pytest.raises(DecisionError, match=r"case\.decisions"):
        case.undo(number)


def test_a_later_word_on_a_pair_takes_the_place_of_the_earlier(case: Case) -> None:
    pair = entry(case, A, "00:00"), entry(case, B, "00:09")
    case.split(pair, reason=WHY)
    case.join(*reversed(pair), reason="看错了")
    assert sides(case) == PAIRED
    assert case.decisions()["state"].tolist() == ["overruled", "stands"]
    shown = case.joins(below=101).set_index("decided").loc["hand"]
    assert (shown["score"], shown["reason"]) == (
        100,
        "办案人员指定：看错了，双方流水时间相差 9 秒。",
    )
    assert len(case.joins()) == 1


def test_rows_are_joined_across_and_what_contradicts_it_is_refused(case: Case) -> None:
    first, second = (entry(case, A, at) for at in ("00:00", "00:50"))
    into = entry(case, B, "00:55")
    number = case.join(first, into, reason=WHY)
    assert ("00:00", "00:55", "mirrored") in sides(case)
    before = case.decisions()
    with pytest.raises(DecisionError, match=rf"case\.undo\({number}\)"):
        case.join(second, into, reason=WHY)
    with pytest.raises(DecisionError, match="没有合并"):
        case.split((second, into), reason=WHY)
    with pytest.raises(DecisionError, match="没有编号"):
        case.join(first, 999, reason=WHY)
    with pytest.raises(DecisionError, match="理由"):
        case.join(first, into, reason=" ")
    with pytest.raises(DecisionError, match="没有由两行流水合并"):
        case.split(999, reason=WHY)
    pd.testing.assert_frame_equal(case.decisions(), before)


def test_an_undo_that_would_revive_a_contradiction_is_refused(case: Case) -> None:
    first, second = (entry(case, A, at) for at in ("00:00", "00:50"))
    into = entry(case, B, "00:55")
    case.join(first, into, reason=WHY)
    split = case.split((first, into), reason=WHY)
    case.join(second, into, reason=WHY)
    with pytest.raises(DecisionError, match="矛盾"):
        case.undo(split)
    assert case.decisions()["state"].tolist() == ["overruled", "stands", "stands"]


def test_decisions_outlive_the_same_file_under_another_name(case: Case, tmp_path: Path) -> None:
    case.split((entry(case, A, "00:00"), entry(case, B, "00:09")), reason=WHY)
    case.load(given(tmp_path / "again", sheet(A, B, PAID), "甲（副本）.csv"))
    assert sides(case) == CROSSED
    assert case.decisions()["state"].tolist() == ["stands"]


def test_decisions_outlive_a_file_that_is_read_by_another_declaration(
    case: Case, tmp_path: Path
) -> None:
    case.split((entry(case, A, "00:00"), entry(case, B, "00:09")), reason=WHY)
    declare(case, "记账日期")
    text = (case.folder / "formats" / "own.toml").read_text(encoding="utf-8")
    plain = text.replace('balance = ["余额"]\n', "")
    (case.folder / "formats" / "own.toml").write_text(plain, encoding="utf-8")
    assert "重新读取" in case.load(tmp_path / "in").text()
    assert case.entries()["load_id"].unique().tolist() == [2]
    assert sides(case) == CROSSED
    assert case.decisions()["state"].tolist() == ["stands"]


def test_decisions_outlive_more_rounds(case: Case, tmp_path: Path) -> None:
    case.split((entry(case, A, "00:00"), entry(case, B, "00:09")), reason=WHY)
    # The bank sends the first payment again, with one more beside it.
    more = sheet(A, B, [PAID[0], ("10:05:00", "付", 700)])
    case.load(given(tmp_path / "round", more, "甲2.csv"))
    assert sides(case) == CROSSED | {("05:00", "", "single")}
    assert case.decisions()["state"].tolist() == ["stands"]


def test_a_decision_whose_row_is_gone_stays_and_counts_again_when_it_is_back(
    case: Case, tmp_path: Path
) -> None:
    case.split((entry(case, A, "00:00"), entry(case, B, "00:09")), reason=WHY)
    own = case.folder / "formats" / "own.toml"
    good = own.read_text(encoding="utf-8")
    # By mistake the amount is taken from a column that holds none in any row.
    own.write_text(good.replace('["金额"]', '["对方账号"]', 1).replace(
        'required = ["交易日期", "账号", "对方账号"]', 'required = ["交易日期", "账号"]'
    ).replace('amount = ["金额"]', 'amount = ["收付标志"]'), encoding="utf-8")  # fmt: skip
    case.load(tmp_path / "in")
    assert case.entries().empty
    told = case.decisions()
    assert told["state"].tolist() == ["gone"]
    assert told["entry"].isna().all()
    assert "已不在案件中" in told["note"].item()
    own.write_text(good, encoding="utf-8")
    case.load(tmp_path / "in")
    assert sides(case) == CROSSED
    assert case.decisions()["state"].tolist() == ["stands"]


def test_a_join_whose_rows_read_differently_is_idle(case: Case, tmp_path: Path) -> None:
    case.join(entry(case, A, "00:00"), entry(case, B, "00:55"), reason=WHY)
    text = OWN.format(time="交易日期").replace('balance = ["余额"]', "")
    text = text.replace('amount = ["金额"]', 'amount = ["余额"]')
    (case.folder / "formats" / "own.toml").write_text(text, encoding="utf-8")
    case.load(tmp_path / "in")
    assert set(case.entries()["fen"]) == {90_000, 80_000, 110_000, 120_000}
    assert case.decisions()["state"].tolist() == ["idle"]
    assert "没有执行" in case.decisions()["note"].item()


def test_a_chosen_transfer_stays_chosen_when_it_is_split(case: Case, tmp_path: Path) -> None:
    told = f"被害人,收款账号,转账金额(元),转账时间\n林某,{B},100.00,2024-03-01 10:00\n"
    case.add_victims(given(tmp_path / "told", told, "报案.csv"))
    chosen = int(case.joins()["transfer_id"].iloc[0])
    case.choose(1, chosen)
    case.split(chosen, reason=WHY)
    assert case.victims()["transfer_id"].tolist() == [chosen]
    assert case.victims()["state"].tolist() == ["chosen"]


def test_a_mark_is_followed_and_taken_back(case: Case, tmp_path: Path) -> None:
    kinds = case.accounts().set_index("account")["kind"]
    assert kinds[B] == "bank"
    case.mark(B, "exchange", reason="币商笔录")
    now = case.accounts().set_index("account").loc[B]
    assert (now["kind"], now["kind_reason"]) == ("exchange", "办案人员指定：币商笔录")
    case.load(given(tmp_path / "round", sheet(A, B, [("10:05:00", "付", 700)]), "甲2.csv"))
    assert case.accounts().set_index("account")["kind"][B] == "exchange"
    case.mark(B, "", reason="查无此事")
    assert case.accounts().set_index("account")["kind"][B] == "bank"
    assert case.marks()["state"].tolist() == ["overruled", "withdrawn"]
    assert case.log()["action"].tolist().count("mark") == 2


def test_a_mark_on_nothing_is_refused(case: Case) -> None:
    with pytest.raises(AccountError, match=f"是不是 '{B}'"):
        case.mark(B[:-1] + "7", "cash", reason=WHY)
    with pytest.raises(DecisionError, match="没有账户类型 'mule'"):
        case.mark(B, "mule", reason=WHY)
    with pytest.raises(DecisionError, match="没有可以撤回的标注"):
        case.mark(B, "", reason=WHY)
    assert case.marks().empty


def test_a_transfer_that_more_than_two_rows_tell_of_needs_the_pair(
    case: Case, tmp_path: Path
) -> None:
    case.load(given(tmp_path / "round", sheet(A, B, PAID[:1], "100"), "甲2.csv"))
    told = case.joins(below=101)
    repeat = told[told["join"].eq("repeat")].iloc[0]
    pair = int(repeat["entry"]), int(repeat["other_entry"])
    with pytest.raises(DecisionError, match="有多对流水") as refused:
        case.split(int(repeat["transfer_id"]), reason=WHY)
    assert str(pair) in str(refused.value)
    case.split(pair, reason=WHY)
    assert len(case.transfers()) == 3
    # Each row is joined to another; that they were one after all would leave one of both alone.
    case.join(pair[0], entry(case, B, "00:09"), reason=WHY)
    case.join(pair[1], entry(case, B, "00:55"), reason=WHY)
    with pytest.raises(DecisionError, match=r"第 2 号决定矛盾|第 3 号决定矛盾"):
        case.join(*pair, reason=WHY)


def test_the_how_to_does_what_it_says(case: Case) -> None:
    text = (Path(__file__).parents[2] / "docs/how-to/correct-the-ledger.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        exec(block, {"case": case})
    assert case.decisions()["state"].tolist() == ["stands", "undone"]
    assert case.marks()["state"].tolist() == ["overruled", "withdrawn"]


def test_a_case_of_an_earlier_version_gets_what_it_lacks(case: Case) -> None:
    with duckdb.connect(case.folder / "case.duckdb") as connection:
        for table in ("joins", "decisions", "marks"):
            connection.execute(f"DROP TABLE {table}")
    opened = tracer.Case.open(case.folder)
    assert opened.decisions().empty
    assert opened.marks().empty
    assert len(opened.joins()) == 2
    opened.split(int(opened.joins()["transfer_id"].iloc[0]), reason=WHY)
    assert sides(opened) == CROSSED


def test_a_case_of_an_earlier_version_shows_all_that_it_did_not_keep(case: Case) -> None:
    with duckdb.connect(case.folder / "case.duckdb") as connection:
        for name in ("joins", "conflicts", "masks", "decisions", "marks", "touches", "sightings"):
            connection.execute(f"DROP TABLE {name}")
        connection.execute("DELETE FROM settings WHERE name = 'ledger'")
    assert case.conflicts().empty
    assert case.masks().empty
    assert len(case.joins(below=101)) == 2
    assert case.decisions().empty
    assert case.marks().empty
    assert case.hops().empty
    assert "待核对" in case.doubts()
    assert "证明" in str(case.checks())


def test_what_names_nothing_is_refused_with_a_sentence(case: Case) -> None:
    before = len(case.log())
    with pytest.raises(AccountError, match="没有账户 ''"):
        case.mark("", "bank", reason=WHY)
    with pytest.raises(DecisionError, match="两笔流水"):
        case.split((1, 2, 3), reason=WHY)  # type: ignore[arg-type]
    with pytest.raises(DecisionError, match="请写明理由"):
        case.split((1, 2), reason=None)  # type: ignore[arg-type]
    assert len(case.log()) == before
