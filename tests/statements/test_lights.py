"""Lights: every cause has its light, its sentence and its advice, in both languages."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from loads import CARD, OTHER, covers, fault, file, load, skip, unread, varied

from tracer.statements import reasons
from tracer.statements.reasons import Reason
from tracer.statements.report import advice, lights
from tracer.statements.report.lights import GREEN, RED, YELLOW, Judged
from tracer.statements.report.report import LoadReport

A = "a.csv"
BEGIN, END = pd.Timestamp("2024-03-01 18:02"), pd.Timestamp("2024-04-10 08:11")
SILENCE = {"gap_from": BEGIN, "gap_to": END, "gap_days": 39}
DAMAGED = reasons.DAMAGED_NUMBER
TORN = reasons.FEWER_CELLS.about(cells=9)


def judged(report: LoadReport) -> list[list[Judged]]:
    return lights.judge(report.files, report.faults, report.skipped, report.coverage, report.tasks)


def only(*tables: Any, **more: Any) -> Judged:
    ((one,),) = judged(load(*tables, **more))
    return one


GOOD = {
    "proved": load([file(A)], coverage=[covers(A)]),
    "no balance to prove": load([file(A)], coverage=[covers(A, proved=0, unproved=1300)]),
    "a table without accounts": load([file(A, first_time=pd.NaT)]),
    "a silence of a month": load([file(A)], coverage=[covers(A, **SILENCE | {"gap_days": 30})]),
    "loaded before": load([unread(A, reasons.AGAIN)]),
    "an unused sheet": load([unread("a.xlsx", reasons.EMPTY_SHEET, sheet="Sheet3")]),
    "only failed rows without balance": load([file(A)], coverage=[covers(A, proved=0)]),
}

# The light, the beginning of what to do, and the load.
CAUSES: dict[str, tuple[int, str, LoadReport]] = {
    "not recognised": (
        RED, "若确是流水，为它写一份格式声明：tracer format new",
        load([unread(A, reasons.UNKNOWN.about(title="某", title_en="x", missing="余额"))]),
    ),
    "prose": (RED, "若确是流水", load([unread(A, reasons.PROSE)])),
    "picture": (RED, "向原单位调取 Excel", load([unread(A, reasons.PICTURE.about(kind="PNG"))])),
    "locked": (RED, "用密码重新载入", load([unread(A, reasons.LOCKED)])),
    "archive": (RED, "解压后", load([unread(A, reasons.ARCHIVE.about(kind="7z"))])),
    "cut": (RED, "重新获取", load([unread(A, reasons.CUT_TEXT.about(encoding="x", at=1))])),
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
        YELLOW, "重新获取完整的文件",
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
        load([file(A, note=reasons.PLACEHOLDER.about(rows=2, said="查询失败").zh)]),
    ),
    "failed queries": (
        YELLOW, "重新发起这些查询",
        load([file(A)], tasks=[
            {"load_id": 1, "source": A, "sheet": "", "row": n, "result": said}
            for n, said in ((2, "成功"), (3, "查询失败"))
        ]),
    ),
    "only a header": (YELLOW, "向原单位确认", load([file(A, rows=1, entries=0)])),
    "an assumption": (YELLOW, "对照原件确认", load([file(A, note=reasons.MIDNIGHT.zh)])),
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
        assert told.endswith("。") or "tracer format new" in told
    assert one.causes[0].do.en.endswith(".")


def test_the_worst_cause_comes_first_and_none_is_lost() -> None:
    one = only(
        [file(A, note=reasons.MIDNIGHT.zh, note_en=reasons.MIDNIGHT.en)],
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


def test_every_advice_is_for_a_reason_of_the_catalogue_and_none_hides_another() -> None:
    known = [one for one in vars(reasons).values() if isinstance(one, Reason)]
    for reason in known:
        matching = [one for one in known if advice.pattern(one).fullmatch(reason.zh)]
        assert matching == [reason]
