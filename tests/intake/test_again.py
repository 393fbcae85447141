"""A file that was loaded before: said so with its light, or read anew in place of its old rows."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import tracer
from tracer import Case, tables
from tracer.intake import choices
from tracer.statements.report import lights
from tracer.statements.report.lights import GREEN, RED, YELLOW
from tracer.statements.report.report import LoadReport

CARD, OTHER = "6222020000000000018", "6217000000000000026"
DAYS = range(1, 13)
HEADER = "交易日期,记账日期,账号,金额,收付标志,余额,对方账号\n"
ODD = HEADER + "".join(
    f"2024-03-{day:02} 10:00:00,2024-03-{day:02} 12:00:00,{CARD},{day}.50,收,"
    f"{sum(range(day + 1)) + day / 2:.2f},{OTHER}\n"
    for day in DAYS
)
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
PICTURE = b"\xff\xd8\xff\xe0abc"
TOLD = "被害人,收款账号,转账金额(元),转账时间\n林某,{},{}.50,2024-03-{:02} 10:00\n"
KEYED = [one for one in vars(tables).values() if isinstance(one, type(tables.FILES))]


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case.create(tmp_path / "case")


def given(tmp_path: Path, content: str | bytes = ODD, name: str = "红河.csv") -> Path:
    file = tmp_path / name
    file.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return file


def declare(case: Case, time: str) -> None:
    text = OWN.format(time=time)
    (case.folder / "formats" / "own.toml").write_text(text, encoding="utf-8")


def light(report: LoadReport) -> list[int]:
    told = (report.files, report.faults, report.skipped, report.coverage, report.tasks)
    return [lights.worst(sheets) for sheets in lights.judge(*told)]


def test_a_corrected_mapping_reads_the_file_again_in_place_of_its_rows(
    tmp_path: Path, case: Case
) -> None:
    file = given(tmp_path)
    case.load(file)
    case.mapping(file).change(time="记账日期").save(case, name="红河")
    report = case.load(file)
    entries = case.entries()
    assert entries["time"].dt.hour.unique().tolist() == [12]
    assert entries["load_id"].unique().tolist() == [2]
    assert len(entries) == len(case.transfers()) == len(DAYS)
    assert "已按新的版式重新读取，替换第 1 次载入的 12 行" in report.text()
    assert light(report) == [GREEN]
    first = case.files().query("load_id == 1")
    assert "已在第 2 次载入" in first["note"].item()
    assert (first["rows"].item(), first["stands"].item()) == (0, 2)
    change = json.loads(case.log()["details"].iloc[-1])["replaced"][0]
    assert (change["old"][0]["format"], change["new"][0]["format"]) == ("generic", "红河")
    assert change["old"][0]["entries"] == change["new"][0]["entries"] == len(DAYS)
    assert light(case.load(file)) == [GREEN]
    assert len(case.entries()) == len(DAYS)


def test_a_mended_declaration_reads_again_what_it_spoilt(tmp_path: Path, case: Case) -> None:
    file = given(tmp_path)
    declare(case, "账号")
    assert light(case.load(file)) == [RED]
    assert case.entries().empty
    assert light(case.load(file)) == [RED]
    declare(case, "交易日期")
    report = case.load(file)
    assert report.entries == len(DAYS)
    assert "替换第 1 次载入的 12 行" in report.text()
    assert case.faults().empty
    assert set(case.files().query("entries > 0")["load_id"]) == {3}


def test_a_file_that_is_loaded_again_keeps_its_light(tmp_path: Path, case: Case) -> None:
    torn = ODD.replace("2024-03-03 10:00:00", "三月")
    good = given(tmp_path, HEADER + ODD.splitlines(keepends=True)[2], "好.csv")
    file = given(tmp_path, torn)
    declare(case, "交易日期")
    first = light(case.load(file)), light(case.load(good))
    again = case.load(file)
    assert (light(again), light(case.load(good))) == first == ([RED], [GREEN])
    told = again.text()
    assert "与第 1 次载入" in told
    assert "“红河.csv”完全相同，未重复载入" in told
    assert "结论仍是“需处理”" in told
    assert "tracer report 案件 --load 1" in told
    assert len(case.entries()) == len(DAYS)


def test_other_declarations_that_give_the_same_are_tried_once(tmp_path: Path, case: Case) -> None:
    file = given(tmp_path)
    case.load(file)
    text = OWN.format(time="交易日期").replace("账号", "没有的列")
    (case.folder / "formats" / "own.toml").write_text(text, encoding="utf-8")
    before = case.files()["reader"].item()
    again = case.load(file)
    assert (again.entries, light(again)) == (0, [YELLOW])
    files = case.files()
    assert files["stands"].tolist() == [pd.NA, 1]
    assert len(set(files["reader"])) == 1
    assert files["reader"].iloc[0] != before


def test_a_twin_in_the_same_load_has_the_colour_and_the_name_of_the_first(
    tmp_path: Path, case: Case
) -> None:
    (tmp_path / "in").mkdir()
    for name, content in (("a.jpg", PICTURE), ("b.jpg", PICTURE), ("c.csv", b""), ("d.csv", b"")):
        given(tmp_path / "in", content, name)
    report = case.load(tmp_path / "in")
    assert light(report) == [RED] * 4
    notes = report.files.set_index("source")["note"]
    assert "与本次载入的“a.jpg”完全相同" in notes["b.jpg"]
    assert "“c.csv”" in notes["d.csv"]


def test_an_archive_is_as_good_as_what_lies_in_it(tmp_path: Path, case: Case) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("红河.csv", ODD.replace("2024-03-03 10:00:00", "三月"))
    declare(case, "交易日期")
    (tmp_path / "in").mkdir()
    given(tmp_path / "in", target.getvalue(), "a.zip")
    given(tmp_path / "in", target.getvalue(), "b.zip")
    report = case.load(tmp_path / "in")
    assert report.files["source"].tolist() == ["a.zip", "a.zip/红河.csv", "b.zip"]
    assert report.files["light"].tolist() == [pd.NA, pd.NA, RED]
    assert light(case.load(tmp_path / "in" / "b.zip")) == [RED]
    declare(case, "记账日期")
    assert case.load(tmp_path / "in" / "a.zip").entries == len(DAYS)
    assert case.entries()["time"].dt.hour.unique().tolist() == [12]


def test_a_file_that_cannot_be_opened_this_time_keeps_its_rows(
    tmp_path: Path, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = given(tmp_path)
    declare(case, "交易日期")
    case.load(file)
    declare(case, "记账日期")

    def read(*_: object, **__: object) -> object:
        raise MemoryError

    monkeypatch.setattr("tracer.intake.crew.read", read)
    report = case.load(file)
    assert len(case.entries()) == len(DAYS)
    assert light(report) == [YELLOW]
    assert "仍以第 1 次载入" in report.text()


def test_a_choice_keeps_its_row_and_is_dropped_with_it(tmp_path: Path, case: Case) -> None:
    file = given(tmp_path)
    declare(case, "交易日期")
    case.load(file)
    case.add_victims(given(tmp_path, TOLD.format("没有的账号", 5, 5), "报案.csv"))
    chosen = int(case.transfers()["transfer_id"].iloc[4])
    case.choose(1, chosen)
    declare(case, "记账日期")
    report = case.load(file)
    line = case.transfers().set_index("transfer_id").loc[chosen]
    assert (line["fen"], line["time"].hour) == (550, 12)
    assert case.victims()["transfer_id"].item() == chosen
    assert f"报案 1 指定的转账 {chosen} 内容有变" in report.text()
    declare(case, "对方账号")
    report = case.load(file)
    assert case.transfers().empty
    assert case.victims()["state"].item() == "none"
    assert f"报案 1 指定的转账 {chosen} 已不存在" in report.text()
    assert json.loads(case.log()["details"].iloc[-1])["choices"] == [
        {"report_id": 1, "from": chosen, "to": None}
    ]
    declare(case, "交易日期")
    assert case.load(file).entries == len(DAYS)
    assert chosen not in set(case.transfers()["transfer_id"])
    assert case.victims()["transfer_id"].isna().all()


def test_a_choice_follows_a_transfer_that_has_another_number() -> None:
    def ledger(*lines: tuple[int, int | None, int | None]) -> pd.DataFrame:
        frame = pd.DataFrame(lines, columns=["transfer_id", "payer_entry", "payee_entry"])
        facts = {"payer": "甲", "payee": "乙", "fen": 1, "time": pd.Timestamp("2024-03-01")}
        return tables.TRANSFERS.conform(frame.assign(**facts, seq=0))

    made = pd.DataFrame({"report_id": [1, 2, 3, 3], "transfer_id": [5, 7, 1, 9]})
    reports = pd.DataFrame({"report_id": [1, 2, 3]})
    before = ledger((5, 5, None), (7, 7, 8), (9, 9, None))
    after = ledger((3, 3, 5), (8, None, 8), (10, 10, None))
    found = choices.followed(made, before, after, reports)
    assert found["to"].tolist() == [3, 8, pd.NA]
    assert len(choices.sentences(found, replaced=False)) == 3


def test_a_case_of_the_first_version_opens_and_is_read_again(tmp_path: Path, case: Case) -> None:
    file = given(tmp_path)
    case.load(file)
    case.load(file)
    with duckdb.connect(case.folder / "case.duckdb") as connection:
        connection.execute("UPDATE files SET note = '与已载入的文件完全相同，未重复载入。' "
                           "WHERE stands IS NOT NULL")  # fmt: skip
        for name in ("reader", "stands", "light", "again", "again_en"):
            connection.execute(f'ALTER TABLE files DROP COLUMN "{name}"')
    old = Case.open(case.folder)
    assert old.files()["reader"].tolist() == ["", ""]
    assert old.load(file).entries == 0
    assert len(old.entries()) == len(DAYS)
    declare(case, "记账日期")
    assert old.load(file).entries == len(DAYS)
    assert len(old.entries()) == len(DAYS)
    assert old.files()["stands"].tolist() == [4, 4, 4, pd.NA]


def test_a_case_whose_entries_lack_a_later_column_has_the_same_ledger(
    tmp_path: Path, case: Case
) -> None:
    file = given(tmp_path)
    case.load(file)
    was = case.transfers()
    with duckdb.connect(case.folder / "case.duckdb") as connection:
        connection.execute('ALTER TABLE entries DROP COLUMN "merchant_code"')
        connection.execute("DELETE FROM settings WHERE name = 'ledger'")
    old = Case.open(case.folder)
    old.load(file.rename(tmp_path / "another.csv"))
    pd.testing.assert_frame_equal(old.transfers(), was)


def test_every_kind_of_row_gives_way(tmp_path: Path, case: Case) -> None:
    """No table holds rows of a load that another took the place of."""
    sample = Path(__file__).parents[2] / "sample_data" / "statements"
    case.load(sample)
    counts = {table.name: len(getattr(case, table.name)()) for table in _kept(case)}
    # Another title changes the lines of the report, and so takes the place of all.
    source = Path(tracer.__file__).parent / "statements" / "formats" / "register.toml"
    text = source.read_text(encoding="utf-8").replace('title = "', 'title = "新')
    (case.folder / "formats" / "register.toml").write_text(text, encoding="utf-8")
    report = case.load(sample)
    assert report.entries
    assert {table.name: len(getattr(case, table.name)()) for table in _kept(case)} == counts


def _kept(case: Case) -> list[tables.Table]:
    names = ("entries", "registrations", "persons", "measures", "tasks", "faults", "transfers")
    return [table for table in KEYED if table.name in names]
