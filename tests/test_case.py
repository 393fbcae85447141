"""A case on disk: whole loads, nothing twice, and the truth of the training case found."""

import json
import multiprocessing
import shutil
import time
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import tracer
from tracer import simulate
from tracer.errors import CaseError, SeedError
from tracer.intake import crew, keep
from tracer.stores import journal

SAMPLE = Path(__file__).parents[1] / "sample_data"


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> tracer.Case:
    made = tracer.Case.create(tmp_path_factory.mktemp("cases") / "one", name="第一案")
    made.load(SAMPLE / "statements")
    made.add_victims(SAMPLE / "victims.xlsx")
    return made


@pytest.fixture
def copied(case: tracer.Case, tmp_path: Path) -> tracer.Case:
    """A copy of the loaded case that a test may change."""
    shutil.copytree(case.folder, tmp_path / "copy")
    return tracer.Case.open(tmp_path / "copy")


def resolved(case: tracer.Case) -> tracer.Case:
    """Choose the transfer behind the one misreported payment, as the truth tells it."""
    victims = case.victims()
    wrong = victims[victims["transfer_id"].isna()].iloc[0]
    text = {"payer": "str", "payee": "str"}
    seeds = pd.read_csv(SAMPLE / "truth" / "seeds.csv", dtype=text, parse_dates=["time"])
    true = seeds[seeds["row"].eq(wrong["row"])].iloc[0]
    transfers = case.transfers()
    found = transfers[
        transfers["payee"].eq(true["payee"])
        & transfers["fen"].eq(true["fen"])
        & transfers["time"].eq(true["time"])
    ]
    assert str(found["transfer_id"].item()) in wrong["candidates"].split()
    case.choose(int(wrong["report_id"]), int(found["transfer_id"].item()))
    return case


def test_every_source_row_is_accounted_for(case: tracer.Case) -> None:
    files = case.files()
    assert (files["rows"] == files["entries"] + files["faults"] + files["skipped"]).all()
    statements = files[~files["format"].isin(["", "victims", "register", "alipayreg", "tenpayreg"])]
    assert statements["entries"].sum() == len(case.entries())
    aside = case.faults().query("aside == 'row'")
    assert files.loc[files["format"].ne(""), "faults"].sum() == len(aside)


def test_the_ledger_is_the_truth_with_nothing_missing_and_nothing_extra(case: tracer.Case) -> None:
    found = simulate.check(case.transfers(), SAMPLE)
    assert found["found"].value_counts().to_dict() == {"both": len(case.transfers())}
    assert len(found) > 2_000


def test_each_victims_money_ends_where_the_truth_says(copied: tracer.Case) -> None:
    trace = resolved(copied).follow()
    truth = pd.read_csv(SAMPLE / "truth" / "ends.csv", dtype={"account": "str"})
    keys = ["account", "victim", "kind"]
    ours = trace.holdings.assign(
        account=trace.holdings["account"].str.replace(r"^unknown:\d+$", "unknown", regex=True)
    )
    found = ours.groupby(keys)["fen"].sum()
    pd.testing.assert_series_equal(found, truth.groupby(keys)["fen"].sum(), check_dtype=False)
    lost = trace.seeds.groupby("victim")["fen"].sum()
    pd.testing.assert_series_equal(lost, trace.holdings.groupby("victim")["fen"].sum())


def test_exactly_one_report_is_open_and_lists_what_comes_near(case: tracer.Case) -> None:
    victims = case.victims()
    open_ones = victims[victims["transfer_id"].isna()]
    assert open_ones["state"].tolist() == ["none"]
    assert open_ones["candidates"].ne("").all()
    assert set(case.seeds()["transfer_id"]) == set(victims["transfer_id"].dropna())


def test_a_frontier_account_is_the_one_whose_bank_has_not_answered(case: tracer.Case) -> None:
    accounts = case.follow().accounts
    uncovered = accounts.loc[accounts["frontier"], "institution"].unique()
    assert uncovered.tolist() == ["平安银行股份有限公司"]


def test_the_same_files_are_not_loaded_twice(copied: tracer.Case) -> None:
    before = len(copied.entries())
    report = copied.load(SAMPLE / "statements")
    assert len(copied.entries()) == before
    again = report.files["note"].str.contains("未重复载入")
    assert report.files.loc[~again, "format"].eq("").all()


def test_a_transfer_keeps_its_number_when_the_other_side_arrives(tmp_path: Path) -> None:
    banks = SAMPLE / "statements" / "经侦平台_20240620"
    case = tracer.Case.create(tmp_path / "rounds")
    case.load(banks / "中国农业银行股份有限公司交易明细信息.csv")
    case.load(banks / "中国农业银行股份有限公司账户信息.csv")
    first = case.transfers().set_index("transfer_id")
    case.load(SAMPLE / "statements")
    second = case.transfers().set_index("transfer_id")
    same = first.index.intersection(second.index)
    assert len(same) > 0.95 * len(first)
    assert (first.loc[same, "fen"] == second.loc[same, "fen"]).all()
    assert simulate.check(case.transfers(), SAMPLE)["found"].eq("both").all()


def test_evidence_is_kept_and_the_log_is_chained(case: tracer.Case) -> None:
    kept = {path.stem for path in (case.folder / "evidence").iterdir()}
    assert kept == set(case.files()["sha256"])
    log = case.log()
    assert log["action"].tolist()[:3] == ["create", "load", "victims"]
    rows = [{str(name): value for name, value in row.items()} for row in log.to_dict("records")]
    assert [journal.digest(row) for row in rows] == log["hash"].tolist()


def test_an_export_is_the_same_bytes_every_time(copied: tracer.Case, tmp_path: Path) -> None:
    trace = copied.follow()
    one = copied.export(trace, tmp_path / "one")
    two = copied.export(trace, tmp_path / "two")
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    manifest = json.loads(one[-1].read_text(encoding="utf-8"))
    assert manifest["rule"] == "fifo"
    assert {one["sha256"] for one in manifest["inputs"]} == set(copied.files()["sha256"])
    assert len(manifest["outputs"]) == len(one) - 1


def test_the_freeze_list_asks_for_what_is_held_and_no_more(
    copied: tracer.Case, tmp_path: Path
) -> None:
    trace = copied.follow()
    asked = copied.requests(trace)
    held = trace.holdings.query("kind == 'held'").groupby("account")["fen"].sum()
    table = asked.table.set_index("account")["asked_fen"]
    pd.testing.assert_series_equal(
        table.sort_index(), held.sort_index(), check_names=False, check_dtype=False
    )
    books = asked.to_excel(tmp_path)
    whole = openpyxl.load_workbook(books[0])
    numbers = {
        cell.value: cell
        for row in whole.worksheets[0].iter_rows()
        for cell in row
        if cell.value in set(held.index)
    }
    assert set(numbers) == set(held.index)
    assert all(cell.data_type == "s" and cell.number_format == "@" for cell in numbers.values())


def test_bad_files_are_listed_with_the_reason_and_the_others_load(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "空.csv").write_bytes(b"")
    (folder / "照片.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)))
    (folder / "坏.xlsx").write_bytes(b"PK\x03\x04 cut off")
    (folder / "加密.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096)
    (folder / "随笔.txt").write_text("今天没有流水。\n", encoding="utf-8")
    good = "付款方,收款方,金额,时间\n甲,乙,12.34,2024-06-01 10:00:00\n"
    (folder / "转账.csv").write_text(good, encoding="utf-8")
    case = tracer.Case.create(tmp_path / "case")
    files = case.load(folder).files.set_index("source")
    assert files.loc["转账.csv", "entries"] == 1
    bad = files.drop(index="转账.csv")
    assert bad["format"].eq("").all()
    assert bad["note"].ne("").all()
    assert case.transfers()[["payer", "payee", "fen"]].values.tolist() == [["甲", "乙", 1234]]


def test_a_table_of_transfers_alone_is_followed_and_listed(tmp_path: Path) -> None:
    table = tmp_path / "转账.csv"
    rows = "付款方,收款方,金额,时间\n甲,乙,100.00,2024-06-01 10:00\n乙,丙,60.00,2024-06-01 11:00\n"
    table.write_text(rows, encoding="utf-8")
    told = tmp_path / "报案.csv"
    told.write_text(
        "被害人,收款账号,转账金额(元),转账时间\n林某,乙,100.00,2024-06-01 10:00\n", encoding="utf-8"
    )
    case = tracer.Case.create(tmp_path / "case")
    case.load(table)
    case.add_victims(told)
    trace = case.follow()
    assert trace.holdings[["account", "fen", "kind"]].values.tolist() == [
        ["丙", 6000, "held"],
        ["乙", 4000, "held"],
    ]
    assert case.requests(trace).table["asked_fen"].tolist() == [6000, 4000]


@pytest.mark.parametrize("path", ["missing", "empty"])
def test_nothing_to_load_is_a_sentence(tmp_path: Path, path: str) -> None:
    (tmp_path / "empty").mkdir()
    case = tracer.Case.create(tmp_path / "case")
    with pytest.raises(CaseError, match=r"找不到|没有可载入的文件"):
        case.load(tmp_path / path)


def test_a_case_is_not_made_twice_nor_opened_where_there_is_none(case: tracer.Case) -> None:
    with pytest.raises(CaseError, match="holds a case already"):
        tracer.Case.create(case.folder)
    with pytest.raises(CaseError, match="There is no case"):
        tracer.Case.open(case.folder / "evidence")


def test_following_without_victims_and_wrong_choices_are_sentences(
    tmp_path: Path, case: tracer.Case
) -> None:
    with pytest.raises(SeedError, match="no victim's payment"):
        tracer.Case.create(tmp_path / "case").follow()
    with pytest.raises(SeedError, match="no report 999"):
        case.choose(999, int(case.transfers().query("status == 'ok'")["transfer_id"].iloc[0]))
    with pytest.raises(SeedError, match="no transfer -1"):
        case.choose(1, -1)


def test_a_choice_is_made_once_and_can_be_changed(copied: tracer.Case) -> None:
    victims = copied.victims()
    wrong = victims[victims["transfer_id"].isna()].iloc[0]
    taken = victims.dropna(subset="transfer_id").iloc[0]
    copied.choose(int(wrong["report_id"]), int(taken["transfer_id"]))
    after = copied.victims().set_index("report_id")
    assert after.loc[wrong["report_id"], "state"] == "chosen"
    assert pd.isna(after.loc[taken["report_id"], "transfer_id"])
    with pytest.raises(SeedError, match="was chosen for report"):
        copied.choose(int(taken["report_id"]), int(taken["transfer_id"]))
    copied.choose(int(wrong["report_id"]), int(wrong["candidates"].split()[0]))
    again = copied.victims().set_index("report_id")
    assert again.loc[taken["report_id"], "transfer_id"] == taken["transfer_id"]


def test_a_list_that_a_new_export_does_not_have_is_removed(
    copied: tracer.Case, tmp_path: Path
) -> None:
    copied.export(copied.follow(), tmp_path / "out")
    before = set((tmp_path / "out").rglob("*.xlsx"))
    own = tmp_path / "out" / "止付冻结清单" / "我的批注.txt"
    own.write_text("保留", encoding="utf-8")
    written = copied.export(copied.follow(within="1h"), tmp_path / "out")
    assert set((tmp_path / "out").rglob("*.xlsx")) == set(written) & before != before
    assert own.exists()


def test_a_file_that_nothing_recognised_loads_once_its_format_is_declared(tmp_path: Path) -> None:
    odd = tmp_path / "odd.csv"
    odd.write_text("甲方号,乙方号,数,何时\nA1,B1,12.34,2024-06-01 10:00:00\n", encoding="utf-8")
    case = tracer.Case.create(tmp_path / "case")
    assert case.load(odd).files["format"].tolist() == [""]
    declaration = """
name = "odd"
title = "某行来件"
kind = "transfers"
required = ["甲方号", "乙方号", "数", "何时"]
[columns]
account = ["甲方号"]
other_account = ["乙方号"]
amount = ["数"]
time = ["何时"]
"""
    (case.folder / "formats" / "odd.toml").write_text(declaration, encoding="utf-8")
    assert case.load(odd).files["format"].tolist() == ["odd"]
    assert case.transfers()[["payer", "payee", "fen"]].values.tolist() == [["A1", "B1", 1234]]


def test_one_file_that_breaks_the_reader_does_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(path: Path, *, source: str, **more: object) -> object:
        if source == "a.csv":
            raise ZeroDivisionError("boom")
        return real(path, source=source, **more)

    real = crew.read
    monkeypatch.setattr(crew, "read", read)
    (tmp_path / "in").mkdir()
    for name in ("a.csv", "b.csv"):
        rows = f"付款方,收款方,金额,时间\n{name},乙,1.00,2024-06-01 10:00:00\n"
        (tmp_path / "in" / name).write_text(rows, encoding="utf-8")
    case = tracer.Case.create(tmp_path / "case")
    files = case.load(tmp_path / "in").files.set_index("source")
    assert "boom" in files.loc["a.csv", "note"]
    assert files["entries"].tolist() == [0, 1]


def test_a_case_does_not_load_itself(case: tracer.Case) -> None:
    for path in (case.folder, case.folder / "evidence", case.folder.parent):
        with pytest.raises(CaseError, match="重叠"):
            case.load(path)


def test_a_file_without_reports_is_refused_as_victims(copied: tracer.Case) -> None:
    before = len(copied.files())
    with pytest.raises(CaseError, match="holds no victims' reports"):
        copied.add_victims(SAMPLE / "statements" / "收文登记.txt")
    assert len(copied.files()) == before


def _load(folder: str, source: str) -> None:
    tracer.Case.open(folder).load(source)


def _load_until(folder: str, source: str, step: str, reached: Any) -> None:
    def stop(*_: object, **__: object) -> None:
        reached.set()
        time.sleep(600)

    setattr(keep if step != "write" else keep.journal, step, stop)
    _load(folder, source)


@pytest.mark.parametrize("step", ["_keep_entries", "rebuild", "_rematch", "write"])
def test_a_load_that_is_killed_leaves_the_case_as_it_was(tmp_path: Path, step: str) -> None:
    context = multiprocessing.get_context("spawn")
    case = tracer.Case.create(tmp_path / "case")
    reached = context.Event()
    source = SAMPLE / "statements" / "经侦平台_20240625_补充"
    args = (str(case.folder), str(source), step, reached)
    process = context.Process(target=_load_until, args=args)
    process.start()
    assert reached.wait(120)
    process.kill()
    process.join(60)
    assert case.entries().empty
    assert case.transfers().empty
    assert case.log()["action"].tolist() == ["create"]
    case.load(SAMPLE / "statements")
    assert simulate.check(case.transfers(), SAMPLE)["found"].eq("both").all()


def test_two_notebooks_can_load_the_same_files_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    case = tracer.Case.create(tmp_path / "case")
    args = (str(case.folder), str(SAMPLE / "statements"))
    both = [context.Process(target=_load, args=args) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(120)
    assert [process.exitcode for process in both] == [0, 0]
    assert simulate.check(case.transfers(), SAMPLE)["found"].eq("both").all()
    assert case.log()["action"].tolist() == ["create", "load", "load"]
