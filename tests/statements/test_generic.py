"""The generic reader: the same values as a declaration, or a reason; never a guess."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_golden import CASES, opened

from effort import examples
from tracer.statements import load
from tracer.statements.formats.declare import declared, formats
from tracer.statements.generic.guess import Guess, guess
from tracer.statements.generic.write import toml
from tracer.statements.load import Reading, read

CARD, OTHER = "6222020000000000018", "6217000000000000026"
SECOND = "6228480000000000034"
FACTS = ["row", "time", "fen", "direction", "account", "other_account", "success"]

# What each meaning may be called; every one of them must be told by its name.
NAMES = {
    "time": ["交易时间", "日期", "记账日期", "入账时间", " 交易日期\t", "入账时刻"],
    "card": ["卡号", "本方卡号", "客户账号", "查询帐号", "账号"],
    "amount": ["交易金额", "发生额", "金额(元)", "金额（人民币）", "本币金额"],
    "balance": ["余额", "账户余额", "交易后余额", "联机余额", "本币余额", "剩余"],
    "direction": ["借贷标志", "收付标志", "收/支", "进出标志", "资金收付标志"],
    "other_account": ["对方账号", "对手卡号", "交易对手账卡号", "对方帐号", "往来户号"],
    "other_holder": ["对方户名", "交易对方名称", "对手户名", "往来户名"],
    "summary": ["摘要", "交易摘要", "附言"],
}
MARKS = [("贷", "借"), ("进", "出"), ("收入", "支出"), ("C", "D")]


def statement(rows: int, moves: list[int], accounts: tuple[str, ...] = (CARD,)) -> pd.DataFrame:
    """Return a true statement: meanings to texts, with balances that follow."""
    fen = [moves[at % len(moves)] * (1 if at % 3 else -1) for at in range(rows)]
    owner = [accounts[at * len(accounts) // rows] for at in range(rows)]
    table = pd.DataFrame({"fen": fen, "card": owner})
    left = table.groupby("card")["fen"].cumsum() + 10_000_000
    moment = pd.Timestamp("2024-03-01 09:00") + pd.to_timedelta(range(rows), unit="min")
    return table.assign(
        time=moment.strftime("%Y-%m-%d %H:%M:%S"),
        amount=[f"{abs(one) / 100:.2f}" for one in fen],
        balance=[f"{one / 100:.2f}" for one in left],
        direction=["in" if one > 0 else "out" for one in fen],
        other_account=[OTHER if at % 2 else SECOND for at in range(rows)],
        other_holder=["李四" if at % 2 else "王五" for at in range(rows)],
        summary=["转账", "消费", "工资"][rows % 3],
    )


def test_what_is_not_used_and_a_missing_other_side_are_told() -> None:
    rows = [["记账日", "发生额", "余额", "收付", "账号", "往来户号", "往来户名"]] + [
        [f"2022-04-{day:02}", "1.00", f"{day}.00", "收", CARD, f"H{day}X", "王某"]
        for day in range(1, 20)
    ]
    found = guess(pd.DataFrame(rows))
    assert found is not None
    codes = [one.code for one in found.notes]
    assert codes == ["no_other", "unused", "guessed"]
    assert "往来户号" in found.notes[1].zh
    assert "记账日" not in found.notes[1].zh
    whole = guess(sheet(statement(30, [100, 250]), {name: NAMES[name][0] for name in NAMES}))
    assert whole is not None
    assert [one.code for one in whole.notes] == ["guessed"]


def sheet(table: pd.DataFrame, header: dict[str, str], *, headed: bool = True) -> pd.DataFrame:
    rows = table[list(header)].to_numpy().tolist()
    cells = pd.DataFrame([list(header.values()), *rows] if headed else rows, dtype="str")
    return cells.set_axis(range(1, len(cells) + 1), axis=0)


def loaded(cells: pd.DataFrame, folder: Path, name: str = "a.csv") -> Reading:
    cells.to_csv(folder / name, header=False, index=False, encoding="utf-8")
    reading = read(folder / name, source=name)
    line = reading.files.iloc[0]
    assert line["rows"] == line["entries"] + line["faults"] + line["skipped"]
    return reading


@pytest.fixture
def words() -> dict[str, str]:
    return {name: names[0] for name, names in NAMES.items()}


def withheld(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Reading, Reading]:
    """Return what a golden file gives with its declaration, and without."""
    with_it = opened(folder)
    names = {with_it.files["format"].iloc[0]}
    while True:
        rest = [one for one in formats() if one.name not in names]
        with monkeypatch.context() as patched:
            patched.setattr(load, "declarations", lambda _, rest=rest: rest)
            without = opened(folder)
        # A sister layout may read it too; then that one is withheld as well.
        others = {*without.files["format"]} - {"", "generic"}
        if not others:
            return with_it, without
        names |= others


GIVEN = [one for one in CASES if (one / "entries.csv").exists()]
# Without these the test below could pass by refusing everything.
GUESSED = {
    *("abcreply", "antifraud", "ccbreply", "cibdebit", "detail_a", "detail_c", "detail_d"),
    *("detail_e", "detail_f", "discipline", "icbc1", "icbc2"),
}


@pytest.mark.parametrize("folder", GIVEN, ids=lambda folder: folder.name)
def test_without_its_declaration_a_file_gives_the_same_or_a_reason(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, found = withheld(folder, monkeypatch)
    line = found.files.iloc[0]
    assert line["rows"] == line["entries"] + line["faults"] + line["skipped"]
    assert (line["format"] == "generic") == (folder.name in GUESSED)
    if line["format"] == "":
        assert found.entries.empty
        assert line["note"]
        assert line["note_en"]
        return
    assert "通用读取" in line["note"]
    assert "最低把握" in line["note"]
    pd.testing.assert_frame_equal(found.entries[FACTS], told.entries[FACTS])


@given(data=st.data())
@settings(max_examples=examples(20), deadline=None)
def test_any_order_and_any_names_give_the_true_rows(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("generic")
    moves = data.draw(st.lists(st.integers(1, 9_999_999), min_size=3, max_size=9))
    accounts = data.draw(st.sampled_from([(CARD,), (CARD, SECOND)]))
    table = statement(data.draw(st.integers(12, 40)), moves, accounts)
    into, out = data.draw(st.sampled_from(MARKS))
    shown = table.assign(direction=table["direction"].map({"in": into, "out": out}))
    if data.draw(st.booleans()):
        shown = shown.iloc[::-1]
        table = table.iloc[::-1]
    order = data.draw(st.permutations(list(NAMES)))
    header = {name: data.draw(st.sampled_from(NAMES[name])) for name in order}
    reading = loaded(sheet(shown, header), folder)
    # Where amounts repeat, one balance may run through both accounts as well, and nobody is named.
    if len(accounts) == 2 and len(set(moves)) < len(moves) and not len(reading.entries):
        assert "本方账号" in reading.files["note"].iloc[0]
        return
    # Some of these headers are those of a declared layout, which then reads them as well.
    assert reading.files["format"].iloc[0] != "", reading.files["note"].iloc[0]
    entries = reading.entries
    assert len(entries) == len(table)
    assert entries["fen"].tolist() == table["fen"].abs().tolist()
    assert entries["direction"].tolist() == table["direction"].tolist()
    assert entries["account"].tolist() == table["card"].tolist()
    assert entries["other_account"].tolist() == table["other_account"].tolist()
    assert entries["time"].dt.strftime("%Y-%m-%d %H:%M:%S").tolist() == table["time"].tolist()


@given(data=st.data())
@settings(max_examples=examples(15), deadline=None)
def test_whatever_is_left_out_or_scrambled_gives_true_rows_or_none(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("generic")
    table = statement(20, data.draw(st.lists(st.integers(1, 99_999), min_size=2, max_size=6)))
    kept = data.draw(st.lists(st.sampled_from(list(NAMES)), min_size=2, unique=True))
    marks = data.draw(st.sampled_from([*MARKS, ("1", "2"), ("2", "1"), ("1", "0"), ("甲", "乙")]))
    shown = table.assign(direction=table["direction"].map({"in": marks[0], "out": marks[1]}))
    blank = data.draw(st.sets(st.sampled_from(kept)))
    header = {name: "" if name in blank else NAMES[name][0] for name in kept}
    found = loaded(sheet(shown, header, headed=data.draw(st.booleans())), folder).entries
    keyed = table.set_index("time")
    if len(found) == 0:
        return
    of = keyed.loc[found["time"].dt.strftime("%Y-%m-%d %H:%M:%S")]
    assert found["fen"].tolist() == of["fen"].abs().tolist()
    assert found["direction"].tolist() == of["direction"].tolist()
    assert set(found["account"]) == {CARD}


def test_two_columns_of_amounts_need_no_direction(tmp_path: Path) -> None:
    table = statement(12, [12_345, 99])
    for into, out in (("收入", "支出"), ("贷方发生额", "借方发生额"), ("存入金额", "支取金额")):
        shown = table.assign(
            income=table["amount"].where(table["fen"].gt(0), ""),
            expense=table["amount"].where(table["fen"].lt(0), "0.00"),
        )
        header = {"time": "日期", "card": "账号", "income": into, "expense": out, "balance": "余额"}
        entries = loaded(sheet(shown, header), tmp_path).entries
        assert entries["direction"].tolist() == table["direction"].tolist()


def test_a_company_book_whose_columns_run_the_other_way_is_refused(tmp_path: Path) -> None:
    table = statement(12, [12_345, 99])
    shown = table.assign(
        expense=table["amount"].where(table["fen"].gt(0), ""),
        income=table["amount"].where(table["fen"].lt(0), ""),
    )
    header = {
        "time": "日期",
        "card": "账号",
        "expense": "借方",
        "income": "贷方",
        "balance": "余额",
    }
    reading = loaded(sheet(shown, header), tmp_path)
    assert reading.entries.empty
    assert "与余额变化相反" in reading.files["note"].iloc[0]


def test_signs_are_believed_where_the_balances_prove_them(
    tmp_path: Path, words: dict[str, str]
) -> None:
    table = statement(12, [12_345, 99])
    signed = table.assign(amount=[f"{one / 100:.2f}" for one in table["fen"]])
    header = {name: words[name] for name in ("time", "card", "amount", "balance")}
    entries = loaded(sheet(signed, header), tmp_path).entries
    assert entries["direction"].tolist() == table["direction"].tolist()
    inverse = table.assign(amount=[f"{-one / 100:.2f}" for one in table["fen"]])
    assert "正负号与余额" in loaded(sheet(inverse, header), tmp_path).files["note"].iloc[0]
    del header["balance"]
    assert "不能确定收付方向" in loaded(sheet(signed, header), tmp_path).files["note"].iloc[0]


@pytest.mark.parametrize(
    ("change", "names", "told"),
    [
        ({}, ["time", "card", "amount"], "不能确定收付方向"),
        ({}, ["time", "amount", "direction", "balance"], "没有认出哪一列是本方账号"),
        ({}, ["card", "amount", "direction", "balance"], "没有识别"),
        ({}, ["time", "card", "direction"], "没有识别"),
        ({"direction": ["1", "2"] * 6}, ["time", "card", "amount", "direction"], "数字的含义"),
        ({"direction": ["甲", "乙"] * 6}, ["time", "card", "amount", "direction"], "收付方向"),
        ({"card": ["2088000000000011"] * 12}, ["time", "card", "amount", "direction"], "本方账号"),
        ({"card": [f"62220200000000{at:05}" for at in range(12)]},
         ["time", "card", "amount", "direction"], "本方账号"),
        ({"amount": [str(1000 + 7 * at) for at in range(12)]},
         ["time", "card", "amount", "direction"], "元还是分"),
    ],
)  # fmt: skip
def test_what_is_unclear_is_refused_with_a_reason(
    tmp_path: Path, words: dict[str, str], change: dict[str, list[str]], names: list[str], told: str
) -> None:
    table = statement(12, [12_345, 99])
    shown = table.assign(direction=table["direction"].map({"in": "贷", "out": "借"})).assign(
        **change
    )
    reading = loaded(sheet(shown, {name: words[name] for name in names}), tmp_path)
    assert reading.entries.empty
    assert told in reading.files["note"].iloc[0]


def test_marks_that_the_balances_deny_are_refused(tmp_path: Path, words: dict[str, str]) -> None:
    table = statement(12, [12_345, 99])
    shown = table.assign(direction=table["direction"].map({"in": "借", "out": "贷"}))
    reading = loaded(sheet(shown, words), tmp_path)
    assert reading.entries.empty
    assert "收付标志与余额变化相反" in reading.files["note"].iloc[0]


def test_rivals_that_differ_are_named(tmp_path: Path, words: dict[str, str]) -> None:
    table = statement(12, [12_345, 99]).assign(direction="借", late="2024-04-01 10:00:00")
    header = words | {"time": "付款时间", "late": "到账时间"}
    del header["balance"]
    line = loaded(sheet(table, header), tmp_path).files.iloc[0]
    assert "付款时间" in line["note"]
    assert "到账时间" in line["note"]
    # What has to be chosen by hand is told by the code, for the command in the report.
    assert "unclear_time" in line["code"].split()


def test_a_bare_account_that_is_the_other_sides_is_not_taken_for_the_own(tmp_path: Path) -> None:
    table = statement(12, [12_345, 99])
    header = {"time": "日期", "amount": "金额", "balance": "余额", "other_account": "账号"}
    reading = loaded(sheet(table, header), tmp_path)
    assert reading.entries.empty
    assert "本方账号" in reading.files["note"].iloc[0]


@pytest.mark.parametrize(
    ("above", "name"),
    [
        ([f"账号：{CARD}", "户名：张三"], "a.csv"),
        (["卡号", CARD], "a.csv"),
        (["交易明细"], f"张三_{CARD}_20240301.csv"),
    ],
)
def test_the_account_may_stand_above_the_header_or_in_the_name(
    tmp_path: Path, words: dict[str, str], above: list[str], name: str
) -> None:
    table = statement(12, [12_345, 99])
    shown = table.assign(direction=table["direction"].map({"in": "贷", "out": "借"}))
    del words["card"]
    cells = sheet(shown, words)
    title = pd.DataFrame([above + [""] * (cells.shape[1] - len(above))], columns=cells.columns)
    reading = loaded(pd.concat([title, cells]), tmp_path, name)
    assert set(reading.entries["account"]) == {CARD}
    assert len(reading.entries) == 12


def test_rows_without_a_header_are_told_by_their_cells(tmp_path: Path) -> None:
    table = statement(24, [12_345, 99, 1_000])
    shown = table.assign(direction=table["direction"].map({"in": "贷", "out": "借"}))
    order = dict.fromkeys(["summary", "balance", "time", "card", "direction", "amount"], "")
    cells = sheet(shown, order, headed=False)
    found = guess(cells)
    assert isinstance(found, Guess)
    assert found.format.headless == 6
    reading = loaded(cells, tmp_path)
    assert reading.entries["fen"].tolist() == table["fen"].abs().tolist()
    assert reading.entries["direction"].tolist() == table["direction"].tolist()
    assert set(reading.entries["account"]) == {CARD}
    # Kept as a declaration, it reads the same; and never a sheet that has a header.
    (tmp_path / "formats").mkdir()
    (tmp_path / "formats" / "own.toml").write_text(
        toml(found.format).replace('"generic"', '"own"'), encoding="utf-8"
    )
    own = read(tmp_path / "a.csv", source="a.csv", formats=tmp_path / "formats")
    assert own.files["format"].tolist() == ["own"]
    facts = [name for name in FACTS if name in own.entries]
    pd.testing.assert_frame_equal(own.entries[facts], reading.entries[facts])
    headed = sheet(shown, {name: f"未知{at}" for at, name in enumerate(order)})
    headed.to_csv(tmp_path / "b.csv", header=False, index=False, encoding="utf-8")
    other = read(tmp_path / "b.csv", source="b.csv", formats=tmp_path / "formats")
    assert other.files["format"].tolist() != ["own"]


OTHERS = {
    "phone book": [["姓名", "电话", "地址", "备注"], ["张三", "19900000001", "甲地", ""]],
    "inventory": [
        ["日期", "品名", "数量", "单价", "金额", "结存"],
        *[["2024-03-01", "螺丝", "10", "2.00", "20.00", f"{20 * n}.00"] for n in range(1, 15)],
    ],
    "payroll": [
        ["姓名", "账号", "金额", "日期"],
        *[["张三", f"62220200000000{n:05}", "5000.00", "2024-03-01"] for n in range(14)],
    ],
    "freezes": [
        ["银行名称", "账号", "冻结措施类型", "冻结金额", "冻结机关", "冻结开始日期"],
        ["甲银行", CARD, "01", "100.00", "甲局", "20240301"],
    ],
    "claims": [
        ["事主姓名", "付款账号", "收款账号", "金额", "时间"],
        *[["张三", CARD, OTHER, "100.00", "2024-03-01 10:00:00"]] * 3,
    ],
    "numbers": [[str(n), str(n * n), f"{n}.00"] for n in range(30)],
}


@pytest.mark.parametrize("rows", OTHERS.values(), ids=OTHERS)
def test_a_table_that_is_no_statement_is_not_read(
    tmp_path: Path, rows: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    rest = [one for one in formats() if one.kind != "reports"]
    monkeypatch.setattr(load, "declarations", lambda _: rest)
    reading = loaded(pd.DataFrame(rows), tmp_path)
    assert reading.files["format"].tolist() in ([""], ["transfers"])
    assert "generic" not in set(reading.files["format"])
    if reading.files["format"].iloc[0] == "":
        assert reading.files["note"].iloc[0]


def test_a_plain_list_of_transfers_with_other_names_is_read(tmp_path: Path) -> None:
    table = statement(12, [12_345, 99])
    header = {
        "time": "汇款时间",
        "amount": "汇款金额",
        "card": "付款人账号",
        "other_account": "收款人账号",
    }
    reading = loaded(sheet(table, header), tmp_path)
    assert reading.files["format"].tolist() == ["generic"]
    assert set(reading.entries["direction"]) == {"out"}
    assert reading.entries["other_account"].tolist() == table["other_account"].tolist()


def test_a_large_sheet_is_looked_at_by_a_sample(words: dict[str, str]) -> None:
    table = statement(6_000, [12_345, 99])
    shown = table.assign(direction=table["direction"].map({"in": "贷", "out": "借"}))
    found = guess(sheet(shown, words))
    assert found is not None
    assert found.usable
    assert found.mapping["samples"].str.len().max() < 200


def test_a_guess_can_be_declared() -> None:
    table = statement(12, [12_345, 99])
    shown = table.assign(direction=table["direction"].map({"in": "贷", "out": "借"}))
    found = guess(sheet(shown, {name: names[0] for name, names in NAMES.items()}))
    assert found is not None
    assert declared(toml(found.format).encode(), "a.toml") == found.format


CELLS = [
    *("", "-", "0", "1", "2", "1.00", "-5", "￥1,000.00", "abc", "张三", "贷", "借", "6.22E+18"),
    *(CARD, OTHER, "6222****0018", "2024-03-01", "20240301101010", "10:00:00", "90000", "合计"),
    *(
        "99999999999999999999",
        "1e400",
        "=1+1",
        "#",
        "|",
        "2088000000000011",
        "\t",
        "成功",
        "人民币",
    ),
]
HEADS = [name for names in NAMES.values() for name in names] + ["", "收入", "支出", "备注", "状态#"]


@given(
    header=st.lists(st.sampled_from(HEADS), min_size=1, max_size=9),
    rows=st.lists(st.lists(st.sampled_from(CELLS), min_size=9, max_size=9), max_size=14),
)
@settings(max_examples=examples(30), deadline=None)
def test_any_table_is_read_or_set_aside_and_every_row_counts(
    tmp_path_factory: pytest.TempPathFactory, header: list[str], rows: list[list[str]]
) -> None:
    cells = pd.DataFrame([header, *(row[: len(header)] for row in rows)])
    reading = loaded(cells, tmp_path_factory.mktemp("any"))
    line = reading.files.iloc[0]
    assert line["format"] or line["note"] or len(cells.columns) == 1
    assert len(reading.entries) == line["entries"]
