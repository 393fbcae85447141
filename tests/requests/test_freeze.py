"""Freeze requests: who is asked for what, and what the workbooks say."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from effort import examples
from tracer.errors import TableError, TracerError
from tracer.requests.freeze import Requests, freeze

A, B, C, D, E = (f"622202000000000{n}" for n in ("1001", "1002", "1003", "1004", "1005"))


def tables() -> dict[str, pd.DataFrame]:
    transfers = pd.DataFrame(
        {
            "transfer_id": [1, 2, 3, 4, 5, 6, 7, 8],
            "time": pd.to_datetime(
                [
                    "2024-06-01 09:00:01",
                    "2024-06-01 09:05:02",
                    "2024-06-01 09:06:03",
                    "2024-06-01 09:07:04",
                    "2024-06-01 00:00:00",
                    "2024-06-01 09:09:06",
                    "2024-06-01 10:00:07",
                    "2024-06-01 11:00:08",
                ]
            ),
            "time_precision": ["second"] * 4 + ["day"] + ["second"] * 3,
            "payer": ["victim-1", A, A, A, A, A, B, B],
            "payee": [A, B, B, C, D, E, "cash", "merchant:M1"],
            "fen": [1_000_000, 200_050, 200_050, 90_000, 70_000, 60_000, 40_000, 5_000],
            "summary": ["货款", "转账", "转账", "转账", "转账", "转账", "ATM取款", "=1+1"],
            "payer_record": ["", "工行.csv · 第 3 行", "", "", "", "", "", ""],
            "payee_record": ["", "农行.xlsx · 明细 · 第 9 行", "", "", "", "", "", ""],
        }
    )
    movements = pd.DataFrame(
        {
            "movement_id": [1, 2, 3, 4, 5, 6, 7, 8, 9],
            "transfer_id": [1, 2, 3, 4, 5, 6, 7, 8, 3],
            "victim": ["甲"] * 8 + ["乙"],
            "fen": [1] * 9,
            "hop": [1, 2, 2, 2, 2, 2, 3, 3, 2],
            "parent": pd.array([pd.NA] + [1] * 8, dtype="Int64"),
        }
    )
    lots = pd.DataFrame(
        {
            "account": [B, B, B, C, D, E, "cash", "merchant:M1", "victim-1"],
            "victim": ["甲", "甲", "乙", "甲", "甲", "甲", "甲", "甲", "甲"],
            "movement_id": [2, 3, 9, 4, 5, 6, 7, 8, 1],
            "fen": [100_000, 60_000, 40_000, 90_000, 70_000, 60_000, 40_000, 5_000, 333],
            "kind": ["held"] * 6 + ["exit", "held", "returned"],
        }
    )
    accounts = pd.DataFrame(
        {
            "account": ["victim-1", A, B, C, D, E, "cash", "merchant:M1"],
            "level": [0, 1, 2, 2, 2, 2, 3, 3],
            "kind": ["bank", "bank", "bank", "bank", "unknown", "bank", "cash", "merchant"],
            "institution": [
                "中国银行",
                "工商银行杭州分行",
                "中国农业银行股份有限公司成都分行",
                "农业银行",
                "",
                "招商银行深圳分行",
                "",
                "",
            ],
            "holder": ["甲", "张一", "李二", "王三", "", "=HYPERLINK(1)", "", "烟酒店"],
            "frontier": [False, False, False, True, False, False, False, False],
            "last_balance_fen": pd.array(
                [None, 0, 150_000, 99, None, 0, None, None], dtype="Int64"
            ),
            "covered_to": pd.to_datetime(["2024-06-02 12:00:00"] * 8),
        }
    )
    return {"lots": lots, "movements": movements, "transfers": transfers, "accounts": accounts}


@pytest.fixture
def requests() -> Requests:
    return freeze(**tables(), rule="fifo")


def test_what_can_be_saved_comes_first_and_the_known_empty_last(requests: Requests) -> None:
    assert requests.table["account"].tolist() == [B, C, D, E]
    assert requests.table["savable_fen"].fillna(-1).tolist() == [150_000, -1, -1, 0]


def test_never_asks_for_more_than_was_traced(requests: Requests) -> None:
    assert requests.table["asked_fen"].tolist() == [200_000, 90_000, 70_000, 60_000]
    assert (requests.table["asked_fen"] == requests.table["held_fen"]).all()


def test_the_upstream_transfer_is_the_one_that_brought_most_and_of_equals_the_latest(
    requests: Requests,
) -> None:
    first = requests.table.iloc[0]
    assert first["transfer_id"] == 3
    assert first["time"] == pd.Timestamp("2024-06-01 09:06:03")
    assert (first["payer"], first["payer_holder"], first["transfer_fen"]) == (A, "张一", 200_050)


def test_upstream_lists_every_transfer_and_adds_up(requests: Requests) -> None:
    brought = requests.upstream.groupby("account")["brought_fen"].sum()
    assert brought.to_dict() == dict(
        zip(requests.table["account"], requests.table["held_fen"], strict=True)
    )
    assert requests.upstream["transfer_id"].tolist() == [3, 2, 4, 5, 6]
    source = requests.upstream.set_index("transfer_id").loc[2, "records"]
    assert source == "农行.xlsx · 明细 · 第 9 行；工行.csv · 第 3 行"


def test_victims_are_named_with_their_shares(requests: Requests) -> None:
    assert requests.table.loc[0, "victims"] == "甲 1,600.00；乙 400.00"


def test_exits_are_listed_and_never_asked_for(requests: Requests) -> None:
    assert not requests.table["account"].isin(["cash", "merchant:M1"]).any()
    assert requests.exits["account"].tolist() == ["cash", "merchant:M1"]
    assert requests.exits["left_fen"].tolist() == [40_000, 5_000]


def test_the_totals_agree_with_the_lists() -> None:
    given_tables = tables()
    given_tables["lots"].loc[4, "account"] = "unknown:a:9"
    requests = freeze(**given_tables, rule="fifo")
    assert requests.totals == {
        "held": requests.table["held_fen"].sum(),
        "exit": requests.exits["left_fen"].sum(),
        "returned": 333,
        "settled": 0,
    }
    assert requests.totals["exit"] == 40_000 + 5_000 + 70_000


@pytest.mark.parametrize(
    "name", ["t{}".format, lambda number: number if number % 2 else f"{number}"]
)
def test_ids_of_any_kind_are_kept(name: Callable[[int], object], tmp_path: Path) -> None:
    given_tables = tables()
    for table in ("transfers", "movements"):
        given_tables[table]["transfer_id"] = given_tables[table]["transfer_id"].map(name)
    requests = freeze(**given_tables, rule="fifo")
    assert requests.upstream["transfer_id"].tolist() == [name(n) for n in (3, 2, 4, 5, 6)]
    assert requests.exits["transfer_id"].tolist() == [name(7), name(8)]
    assert len(requests.to_excel(tmp_path)) == 4


def test_banks_of_one_name_share_a_workbook(requests: Requests, tmp_path: Path) -> None:
    names = [path.name for path in requests.to_excel(tmp_path / "new")]
    assert names == ["全案.xlsx", "中国农业银行.xlsx", "开户行不明.xlsx", "招商银行.xlsx"]


def test_the_whole_case_says_everything(requests: Requests, tmp_path: Path) -> None:
    book = load_workbook(requests.to_excel(tmp_path)[0])
    assert book.sheetnames == ["止付冻结", "上游转账", "出口"]
    page = book["止付冻结"]
    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    text = "\n".join(str(row[0]) for row in rows)
    assert "线索参考：金额由先进先出（fifo）规则推算，未经银行回执核实" in text
    assert "48小时" in text
    assert "留存 4,200.00，出口 450.00，返还被害人 3.33" in text
    top = next(place for place, row in enumerate(rows) if row[0] == "序号")
    table = [dict(zip(rows[top], row, strict=True)) for row in rows[top + 1 :]]
    assert [row["序号"] for row in table] == [1, 2, 3, 4]
    assert (table[0]["申请金额"], table[0]["预计可止付"]) == (2000, 1500)
    assert table[1]["预计可止付"] == "未知"
    assert "未调取后续流水，资金可能已转出" in table[1]["备注"]
    assert table[2]["转账时间"] == "2024-06-01 (仅日期)"
    assert (table[2]["开户行"], table[2]["账户类型"]) == (None, "类型不明")
    assert "开户行不明，先查询" in table[2]["备注"]
    assert table[0]["级别"] == "二级"


def test_account_numbers_are_text_and_formulas_are_inert(
    requests: Requests, tmp_path: Path
) -> None:
    page = load_workbook(requests.to_excel(tmp_path)[0])["止付冻结"]
    cells = [cell for row in page.iter_rows() for cell in row]
    number = next(cell for cell in cells if cell.value == B)
    assert (number.data_type, number.number_format) == ("s", "@")
    formula = next(cell for cell in cells if cell.value == "=HYPERLINK(1)")
    assert formula.data_type == "s"
    assert formula.quotePrefix


def test_a_bank_sees_only_its_own_accounts(requests: Requests, tmp_path: Path) -> None:
    paths = {path.stem: path for path in requests.to_excel(tmp_path)}
    with zipfile.ZipFile(paths["招商银行"]) as book:
        content = b"".join(book.read(name) for name in book.namelist()).decode("utf-8")
    assert E in content
    assert B not in content
    assert "返还被害人" not in content


def test_the_same_trace_gives_the_same_bytes(requests: Requests, tmp_path: Path) -> None:
    once = [path.read_bytes() for path in requests.to_excel(tmp_path / "a")]
    again = freeze(**tables(), rule="fifo").to_excel(tmp_path / "b")
    assert once == [path.read_bytes() for path in again]


def test_english(requests: Requests, tmp_path: Path) -> None:
    path = requests.to_excel(tmp_path, lang="en")[0]
    assert path.name == "whole case.xlsx"
    assert load_workbook(path).sheetnames == ["Requests", "Upstream transfers", "Exits"]
    with pytest.raises(TracerError, match="no language 'fr'"):
        requests.to_excel(tmp_path, lang="fr")


def test_the_notebook_table_is_escaped(requests: Requests) -> None:
    hostile = tables()
    hostile["accounts"].loc[2, "holder"] = "<img src=x onerror=alert(1)>"
    html = freeze(**hostile, rule="fifo")._repr_html_()
    assert "<img" not in html
    assert "&lt;img" in html
    assert "2,000.00" in html
    assert "未知" in html


@pytest.mark.parametrize(
    ("office", "name"),
    [("CON", "_CON"), ("a/b:c*?.", "a_b_c__"), ("全案", "全案 (2)"), ("x" * 200, "x" * 80)],
)
def test_file_names_are_safe_on_windows(office: str, name: str, tmp_path: Path) -> None:
    given_tables = tables()
    given_tables["accounts"].loc[2, "institution"] = office
    paths = freeze(**given_tables, rule="fifo").to_excel(tmp_path)
    assert name in [path.stem for path in paths]


def test_an_empty_trace_gives_empty_lists(tmp_path: Path) -> None:
    given_tables = tables()
    given_tables["lots"] = given_tables["lots"].iloc[:0]
    requests = freeze(**given_tables, rule="fifo")
    assert requests.table.empty
    assert [path.name for path in requests.to_excel(tmp_path)] == ["全案.xlsx"]
    assert "<table" in requests._repr_html_()


def test_tables_that_do_not_belong_together_are_refused() -> None:
    given_tables = tables()
    given_tables["movements"] = given_tables["movements"].iloc[1:]
    with pytest.raises(TableError, match=r"movement 1.*1 such lots"):
        freeze(**given_tables, rule="fifo")
    with pytest.raises(TableError, match="'movement_id'"):
        freeze(**{**tables(), "lots": tables()["lots"].drop(columns="movement_id")}, rule="fifo")


def test_bare_accounts_are_enough() -> None:
    given_tables = tables()
    given_tables["accounts"] = given_tables["accounts"][["account"]]
    requests = freeze(**given_tables, rule="pro_rata")
    assert requests.table["savable_fen"].isna().all()
    assert set(requests.table["kind"]) <= {"", "unknown"}


@given(
    fen=st.lists(st.integers(1, 10**12), min_size=5, max_size=5),
    balances=st.lists(st.none() | st.integers(-(10**6), 10**12), min_size=8, max_size=8),
    frontier=st.lists(st.booleans(), min_size=8, max_size=8),
)
@settings(deadline=None, max_examples=examples(12))
def test_nothing_is_lost_and_nothing_exceeds_what_is_there(
    fen: list[int], balances: list[int | None], frontier: list[bool]
) -> None:
    given_tables = tables()
    given_tables["lots"].loc[:4, "fen"] = fen
    given_tables["accounts"]["last_balance_fen"] = pd.array(balances, dtype="Int64")
    given_tables["accounts"]["frontier"] = frontier
    requests = freeze(**given_tables, rule="fifo")
    lots = given_tables["lots"]
    everything = requests.table["asked_fen"].sum() + requests.exits["left_fen"].sum()
    assert everything == lots.loc[lots["kind"] != "returned", "fen"].sum()
    known = requests.table.dropna(subset=["savable_fen"])
    assert (known["savable_fen"] <= known["asked_fen"]).all()
    assert (known["savable_fen"] >= 0).all()
    assert not known["frontier"].any()
