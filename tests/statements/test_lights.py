"""Lights: every cause has its light, its sentence and its advice, in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from loads import CARD, OTHER, archive, covers, fault, file, load, noted, skip, unread, varied

from tracer.statements import reasons
from tracer.statements.reason import Reason, joined
from tracer.statements.report import advice, lights
from tracer.statements.report.lights import GREEN, RED, YELLOW, Judged
from tracer.statements.report.report import LoadReport

A = "a.csv"
BEGIN, END = pd.Timestamp("2024-03-01 18:02"), pd.Timestamp("2024-04-10 08:11")
SILENCE = {"gap_from": BEGIN, "gap_to": END, "gap_days": 39}
DAMAGED = reasons.DAMAGED_NUMBER
TORN = reasons.FEWER_CELLS.about(cells=9)


def judged(report: LoadReport) -> list[list[Judged]]:
    return report._judged()


def only(*tables: Any, **more: Any) -> Judged:
    ((one,),) = judged(load(*tables, **more))
    return one


GOOD = {
    "proved": load([file(A)], coverage=[covers(A)]),
    "no balance to prove": load([file(A)], coverage=[covers(A, proved=0, unproved=1300)]),
    "a table without accounts": load([file(A, first_time=pd.NaT)]),
    "a silence of a month": load([file(A)], coverage=[covers(A, **SILENCE | {"gap_days": 30})]),
    "loaded before": load([unread(A, reasons.AGAIN)]),
    "loaded before, in a case of the first version": load([unread(A, reasons.AGAIN, code="")]),
    "an unused sheet": load([unread("a.xlsx", reasons.EMPTY_SHEET, sheet="Sheet3")]),
    "only failed rows without balance": load([file(A)], coverage=[covers(A, proved=0)]),
}

# The light, the beginning of what to do, and the load.
CAUSES: dict[str, tuple[int, str, LoadReport]] = {
    "not recognised": (
        RED, "若是流水，照 docs/how-to/add-a-format.md",
        load([unread(A, reasons.UNKNOWN.about(title="某", title_en="x", missing="余额"))]),
    ),
    "unclear": (
        RED, '逐列指定：case.mapping("a.csv").change(time="列名", direction="列名")',
        load([unread(A, joined([
            reasons.PROSE, Reason("不清楚。", "Not clear.", "unclear unclear_time"),
            Reason("收付。", "Direction.", "unclear_direction"),
        ]))]),
    ),
    "reports of victims": (
        RED, '若是被害人报案：case.add_victims("a.csv")',
        load([unread(A, Reason("像报案。", "Like reports.", "unclear claimed"))]),
    ),
    "a header and nothing else": (
        RED, "向原单位确认",
        load([unread(A, joined([reasons.PROSE, reasons.ALONE.about(row=1, headers="甲、乙")]))]),
    ),
    "guessed": (
        YELLOW, '逐列核对：case.mapping("a.csv")', load([file(A, **noted(reasons.GUESSED))]),
    ),
    "guessed without the other side": (
        YELLOW, '逐列核对，指定对方账号：case.mapping("a.csv").change(other_account=',
        load([file(A, **noted(joined([reasons.GUESSED, reasons.NO_OTHER, reasons.UNUSED])))]),
    ),
    "a damaged archive": (
        RED, '重新拷贝，或向原单位重新索取完整的文件，再载入：case.load("a.zip")',
        load([archive("a.zip"),
              unread("a.zip", reasons.BROKEN_ARCHIVE.about(error="x"), sha256="")]),
    ),
    "an empty archive": (
        YELLOW, "重新拷贝", load([archive("a.zip", code="bare")]),
    ),
    "prose": (RED, "若是流水", load([unread(A, reasons.PROSE)])),
    "picture": (RED, "向原单位调取 Excel", load([unread(A, reasons.PICTURE.about(kind="PNG"))])),
    "locked": (
        RED, '用密码重新载入：case.load("a.csv", passwords=', load([unread(A, reasons.LOCKED)]),
    ),
    "archive": (RED, "解压后", load([unread(A, reasons.ARCHIVE.about(kind="7z"))])),
    "cut": (RED, "重新拷贝", load([unread(A, reasons.CUT_TEXT.about(encoding="x", at=1))])),
    "html": (RED, "用 Excel 打开", load([unread(A, reasons.BROKEN_SHEET)])),
    "a reason of its own": (RED, "按原因处理", load([unread(A, Reason("怪事。", "Odd."))])),
    "an empty file": (
        RED, "按原因处理",
        load([unread(A, reasons.EMPTY_SHEET)], [fault(A, 0, "file", reasons.EMPTY_SHEET)]),
    ),
    "rows that do not add up": (RED, "保留原文件", load([file(A, rows=1302)])),
    "one break": (
        RED, "核对第 12 行及各自的上一行",
        load([file(A)], coverage=[covers(A, broken=1, break_rows="12")]),
    ),
    "breaks of two accounts over a gap": (
        RED, f"补调 {OTHER} 在 2024-03-01 至 2024-04-10 的流水。核对第 12、57 等 40 行",
        load([file(A)], coverage=[
            covers(A, broken=1, break_rows="57"),
            covers(A, account=OTHER, broken=39, break_rows="12", **SILENCE),
        ]),
    ),
    "a break known by the line alone": (
        RED, "保留原文件", load([file(A, proved=5, broken=1, accounts=1)]),
    ),
    "many rows set aside": (
        RED, "对照原件核对第 2–6 行",
        load([file(A, rows=101, entries=95, faults=5)],
             [fault(A, n, "row", TORN) for n in range(2, 7)]),
    ),
    "all rows set aside": (
        RED, "对照原件核对第 2 行",
        load([file(A, rows=2, entries=0, faults=1)], [fault(A, 2, "row", TORN)]),
    ),
    "few rows set aside": (
        YELLOW, "对照原件核对第 7 行",
        load([file(A, rows=102, entries=100, faults=1)], [fault(A, 7, "row", TORN)]),
    ),
    "damaged accounts": (
        YELLOW, "向原单位重新调取文本格式",
        load([file(A, rows=102, entries=100, faults=1)],
             [fault(A, 7, "row", reasons.DAMAGED_ACCOUNT)]),
    ),
    "the last row cut": (
        YELLOW, "重新拷贝",
        load([file(A, rows=102, entries=100, faults=1)],
             [fault(A, 7, "row", reasons.CUT_ROW.about(cells=3))]),
    ),
    "damaged cells": (
        YELLOW, "向原单位重新调取文本格式", load([file(A)], [fault(A, 7, "cell", DAMAGED)]),
    ),
    "other cells": (
        YELLOW, "对照原件核对第 7、9 行",
        load([file(A)], [fault(A, n, "cell", reasons.BAD_BALANCE) for n in (7, 9)]),
    ),
    "some rows without balance": (
        YELLOW, "引用这些行前", load([file(A)], coverage=[covers(A, unproved=3)]),
    ),
    "a gap": (
        YELLOW, f"补调 {CARD} 在 2024-03-01 至 2024-04-10 的流水",
        load([file(A)], coverage=[covers(A, **SILENCE)]),
    ),
    "placeholders": (
        YELLOW, "向该单位重新调取这些账号",
        load([file(A)], skipped=[skip(A, 9, "placeholder", "查询失败")]),
    ),
    "placeholders known by the note alone": (
        YELLOW, "向该单位重新调取这些账号",
        load([file(A, **noted(reasons.PLACEHOLDER.about(rows=2, said="查询失败")))]),
    ),
    "failed queries": (
        YELLOW, "重新发起这些查询",
        load([file(A)], tasks=[
            {"load_id": 1, "source": A, "sheet": "", "row": n, "result": said}
            for n, said in ((2, "成功"), (3, "查询失败"))
        ]),
    ),
    "only a header": (YELLOW, "向原单位确认", load([file(A, rows=1, entries=0)])),
    "an assumption": (YELLOW, "对照原件确认", load([file(A, **noted(reasons.MIDNIGHT))])),
}  # fmt: skip


@pytest.mark.parametrize("report", GOOD.values(), ids=list(GOOD))
def test_nothing_to_do_is_green(report: LoadReport) -> None:
    ((one,),) = judged(report)
    assert (one.light, one.causes) == (GREEN, [])


@pytest.mark.parametrize(("light", "do", "report"), CAUSES.values(), ids=list(CAUSES))
def test_a_cause_has_its_light_and_its_advice(light: int, do: str, report: LoadReport) -> None:
    ((one,),) = judged(report)
    assert one.light == light
    assert one.causes[0].do.zh.startswith(do)
    assert len(one.causes) == 1
    for told in (one.causes[0].why.zh, one.causes[0].do.zh):
        # A sentence has its end; a command stands last, so that nothing follows it.
        assert told.endswith("。") or re.search(r'[)"]$', told)
    assert re.search(r'[.)"]$', one.causes[0].do.en)


def test_the_worst_cause_comes_first_and_none_is_lost() -> None:
    one = only(
        [file(A, **noted(reasons.MIDNIGHT))],
        [fault(A, 7, "cell", DAMAGED)],
        [covers(A, broken=1, break_rows="12"), covers(A, account=OTHER, **SILENCE)],
    )
    assert [cause.light for cause in one.causes] == [RED, YELLOW, YELLOW, YELLOW]
    assert reasons.MIDNIGHT.zh in [cause.why.zh for cause in one.causes]


@pytest.mark.parametrize("row", [11, 13])
def test_a_break_beside_a_row_that_was_set_aside_accuses_nobody(row: int) -> None:
    lines, faults = [file(A, rows=102, entries=100, faults=1)], [fault(A, row, "row", TORN)]
    one = only(lines, faults, [covers(A, broken=1, break_rows="12", **SILENCE)])
    assert one.light == YELLOW
    assert next(cause.do for cause in one.causes) == advice.MEND
    # The time around it is told still, and another break is none of that row's.
    assert any("39 天" in cause.why.zh for cause in one.causes)
    other = only(lines, faults, [covers(A, broken=2, break_rows="12 57")])
    assert other.light == RED
    assert "断开 1 处（第 57 行）" in other.causes[0].why.zh
    many = only(lines, faults, [covers(A, broken=9, break_rows="12")])
    assert many.light == RED
    assert "断开 8 处" in many.causes[0].why.zh


def test_the_commonest_reason_is_told() -> None:
    faults = [fault(A, 2, "cell", reasons.BAD_BALANCE), *(
        fault(A, n, "cell", DAMAGED) for n in (3, 4))]  # fmt: skip
    cause = only([file(A)], faults).causes[0]
    assert DAMAGED.zh in cause.why.zh
    assert DAMAGED.en in cause.why.en
    assert "3 个单元格" in cause.why.zh


def test_files_are_sorted_by_their_worst_sheet_and_sheets_stay_together() -> None:
    files = judged(varied())
    order = [lights.worst(sheets) for sheets in files]
    assert order == sorted(order, reverse=True)
    assert {GREEN, YELLOW, RED} == set(order)
    (book,) = (sheets for sheets in files if str(sheets[0].line["source"]).endswith("己银行.xlsx"))
    assert [one.light for one in book] == [RED, GREEN, GREEN]


def test_what_belongs_to_another_sheet_or_load_is_not_held_against_a_file() -> None:
    other = [covers(A, sheet="x", broken=1), covers(A, load_id=2, broken=1), covers("b", broken=1)]
    assert only([file(A)], coverage=other).light == GREEN


def test_every_reason_has_a_code_of_its_own_that_stays_with_it() -> None:
    known = {name: one for name, one in vars(reasons).items() if isinstance(one, Reason)}
    assert len(known) > 80
    for name, reason in known.items():
        assert reason.code == name.lower()
    filled = reasons.FEWER_CELLS.about(cells=9)
    assert (filled.code, "9" in filled.zh) == ("fewer_cells", True)
    assert reasons.refusal(reasons.LOCKED).code == "locked"
    assert joined([reasons.LOCKED, Reason("", ""), reasons.EMPTY]).code == "locked empty"


def test_another_wording_changes_no_light_and_no_advice() -> None:
    reworded = Reason("换了说法。", "Said in another way.", reasons.LOCKED.code)
    usual, other = (only([unread(A, one)]) for one in (reasons.LOCKED, reworded))
    assert usual.causes[0].do == other.causes[0].do
    again = Reason("换了说法。", "Said in another way.", reasons.AGAIN.code)
    assert only([unread(A, again)]).light == GREEN
    # A file that was not recognised and not guessed has two reasons in one.
    both = joined([reasons.UNKNOWN, Reason("不清楚。", "Not clear.", "unclear")])
    assert "case.mapping" in only([unread(A, both)]).causes[0].do.zh


def test_a_cell_of_a_row_that_was_set_aside_is_not_said_to_be_kept() -> None:
    rows = [fault(A, n, "row", reasons.BAD_AMOUNT) for n in range(3, 12)]
    cells = [fault(A, n, "cell", reasons.BAD_BALANCE) for n in range(3, 12)]
    one = only([file(A, rows=102, entries=92, faults=9)], rows + cells)
    assert not any("单元格" in cause.why.zh for cause in one.causes)
    kept = fault(A, 50, "cell", reasons.BAD_BALANCE)
    told = only([file(A, rows=102, entries=92, faults=9)], [*rows, *cells, kept]).causes[1]
    assert "1 个单元格没有采用，所在行已入库（第 50 行）" in told.why.zh


def test_it_is_said_what_is_in_the_case_and_what_is_not() -> None:
    torn = [fault(A, n, "row", TORN) for n in (3, 4)]
    some = only([file(A, rows=13, entries=10, faults=2)], torn).causes[0].why.zh
    assert "10 行已入库，可以使用；2 行没有入库（占 16.7%，第 3–4 行）" in some
    broken = covers(A, broken=1, break_rows="9")
    told = only([file(A, rows=13, entries=10, faults=2)], torn, [broken]).causes
    assert not any("可以使用" in cause.why.zh for cause in told)
    none = only([file(A, rows=3, entries=0, faults=2)], torn).causes[0].why.zh
    assert "没有一行入库；2 行没有入库" in none
    whole = only([unread(A, reasons.PROSE, rows=12, faults=12)]).causes[0].why.zh
    assert whole.startswith("12 行都没有入库。")


def test_an_archive_is_as_good_as_what_was_taken_out_of_it() -> None:
    inside = file("a.zip/甲.csv")
    again = unread("a.zip/乙.csv", reasons.AGAIN)
    picture = unread("a.zip/丙.jpg", reasons.PICTURE.about(kind="JPEG"))
    files = {
        sheets[0].line["source"]: sheets[0].light
        for sheets in judged(load([archive("a.zip"), inside, again, picture]))
    }
    assert files == {
        "a.zip": GREEN, "a.zip/甲.csv": GREEN, "a.zip/乙.csv": GREEN, "a.zip/丙.jpg": RED,
    }  # fmt: skip
    damaged = unread("a.zip/丁.csv", reasons.BROKEN_MEMBER.about(error="CRC-32"), sha256="")
    package, member = (sheets[0] for sheets in judged(load([archive("a.zip"), damaged])))
    assert (package.light, member.light) == (RED, RED)
    assert "1 个文件没有取出：丁.csv" in package.causes[0].why.zh
    assert member.causes[0].do.zh.endswith('再载入：case.load("a.zip")')
    assert "解压" not in member.causes[0].do.zh


def test_commands_name_the_file_as_it_was_given() -> None:
    unknown = joined([reasons.PROSE, Reason("不清楚。", "Not clear.", "unclear")])
    lines = [
        unread("甲 行/流水 1.xlsx", unknown, sheet="Sheet2"),
        archive("乙.zip"),
        unread("乙.zip/内/丙.csv", unknown),
        unread("丁.csv", reasons.PROSE),
        unread("乙.zip/戊.csv", reasons.PROSE),
        unread("乙.zip/己.xlsx", reasons.LOCKED),
    ]
    report = load(lines).given(Path("第一批/a.csv"))
    do = {one.line["source"]: one.causes[0].do.zh for (one,) in judged(report) if one.causes}
    # The case knows what it loaded by the name in the report; a console needs the path.
    assert 'case.mapping("甲 行/流水 1.xlsx", sheet="Sheet2")' in do["甲 行/流水 1.xlsx"]
    assert 'case.mapping("乙.zip/内/丙.csv")' in do["乙.zip/内/丙.csv"]
    assert do["丁.csv"].endswith('tracer format check "第一批/丁.csv"')
    assert do["乙.zip/戊.csv"].endswith('tracer format check "乙.zip/戊.csv" --case 案件文件夹')
    assert 'case.load("第一批/乙.zip", passwords=' in do["乙.zip/己.xlsx"]
