"""An invented load of many kinds of files, as the tables tell of it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tracer import tables
from tracer.statements import reasons
from tracer.statements.reasons import Reason
from tracer.statements.report.report import LoadReport
from tracer.table import Table

CARD = "6222020000000000018"
OTHER = "6217000000000000026"
NOON = pd.Timestamp("2024-03-01 12:00")
Line = dict[str, Any]


def file(source: str, **more: object) -> Line:
    """Return a line of `files`: a good bank statement unless told otherwise."""
    good: Line = {
        "load_id": 1, "source": source, "sheet": "", "sha256": "ab" * 32, "format": "detail",
        "title": "交易明细信息", "encoding": "gb18030", "rows": 1301, "entries": 1300, "faults": 0,
        "skipped": 1, "first_time": NOON, "last_time": NOON + pd.Timedelta("40D 9h 30min"),
        "accounts": pd.NA, "proved": pd.NA, "broken": pd.NA, "note": "", "note_en": "",
    }  # fmt: skip
    return good | more


def unread(source: str, reason: Reason, **more: object) -> Line:
    """Return the line of a file that nothing could be read from."""
    bare = {"format": "", "title": "", "encoding": "", "rows": 0, "entries": 0, "skipped": 0}
    times = {"first_time": pd.NaT, "last_time": pd.NaT}
    return file(source, **bare, **times, **noted(reason)) | more


def noted(reason: Reason) -> Line:
    return {"note": reason.zh, "note_en": reason.en, "code": reason.code}


def archive(source: str, **more: object) -> Line:
    """Return the line of an archive that was taken apart."""
    holds = Reason("内含 1 个文件，各占一行。", "It holds 1 file.", "holds")
    return unread(source, holds, format="archive", title="压缩包") | more


def fault(source: str, row: int, aside: str, reason: Reason, **more: object) -> Line:
    told = {"load_id": 1, "source": source, "sheet": "", "row": row, "aside": aside}
    told_why = {"reason": reason.zh, "reason_en": reason.en, "code": reason.code}
    return told | told_why | more


def covers(source: str, **more: object) -> Line:
    """Return a line of `coverage`: one account that is proved unless told otherwise."""
    proved: Line = {
        "load_id": 1, "source": source, "sheet": "", "account": CARD, "currency": "CNY",
        "holder": "张某甲", "rows": 1300, "first_time": NOON,
        "last_time": NOON + pd.Timedelta("40D 9h 30min"), "proved": 1299, "broken": 0,
        "unproved": 0, "break_rows": "", "gap_from": pd.NaT, "gap_to": pd.NaT, "gap_days": 0,
        "opening_fen": 12_345, "closing_fen": 9_876_543_210,
    }  # fmt: skip
    return proved | more


def skip(source: str, row: int, kind: str, text: str = "") -> Line:
    return {"load_id": 1, "source": source, "sheet": "", "row": row, "kind": kind, "text": text}


def load(
    files: list[Line],
    faults: list[Line] | None = None,
    coverage: list[Line] | None = None,
    skipped: list[Line] | None = None,
    tasks: list[Line] | None = None,
) -> LoadReport:
    """Return the report of lines."""

    def frame(table: Table, lines: list[Line] | None) -> pd.DataFrame:
        return table.conform(pd.DataFrame(lines)) if lines else table.empty()

    return LoadReport(
        files=frame(tables.FILES, files),
        faults=frame(tables.FAULTS, faults),
        skipped=frame(tables.SKIPPED, skipped),
        coverage=frame(tables.COVERAGE, coverage),
        tasks=frame(tables.TASKS, tasks),
    )


def varied() -> LoadReport:
    """Return a load with every light and most causes."""
    folder = "第一批调证/20240412/"
    good, cells, torn, gap, broken = (
        f"{folder}【0001】{name}交易明细信息.csv"
        for name in (
            "甲银行股份有限公司", "乙农村商业银行股份有限公司", "丙银行股份有限公司",
            "丁银行股份有限公司", "戊城市商业银行股份有限公司某某分行营业部",
        )
    )  # fmt: skip
    lost, task = f"{folder}己银行.xlsx", f"{folder}任务信息(失败).csv"
    empty, wallet = f"{folder}TenpayTrades.txt", f"{folder}财付通/TenpayTrades.txt"
    digits = reasons.DIGITS.about(out=1, into=2)
    files = [
        file(good),
        file(cells, rows=86_420, entries=86_419),
        file(torn, rows=20_004, entries=20_000, faults=3),
        file(gap, rows=452, entries=450, skipped=2),
        file(broken, rows=8_001, entries=8_000),
        file(lost, sheet="Sheet1", rows=101, entries=60, faults=40),
        file(lost, sheet="第二页", title="账户信息", rows=3, entries=2, first_time=pd.NaT),
        unread(lost, reasons.EMPTY_SHEET, sheet="Sheet3", sha256="ab" * 32),
        unread(f"{folder}银行卡照片.jpg", reasons.PICTURE.about(kind="JPEG")),
        unread(f"{folder}庚银行-王某-流水.xlsx", reasons.LOCKED),
        unread(
            f"{folder}辛银行导出.csv",
            reasons.UNKNOWN.about(title="交易明细信息", title_en="detail", missing="收付标志"),
            rows=512, faults=512, encoding="utf-8",
        ),
        file(task, title="任务信息", format="tasks", rows=4, entries=3, first_time=pd.NaT),
        file(empty, title="财付通交易", format="tenpay", rows=1, entries=0, first_time=pd.NaT),
        file(
            wallet, title="财付通交易", format="tenpay", rows=1_048_576, entries=1_048_570,
            skipped=6, encoding="utf-8",
            **noted(digits),
        ),
        unread(f"{folder}副本/甲银行.csv", reasons.AGAIN),
    ]  # fmt: skip
    faults = [
        fault(cells, 100 + n, "cell", reasons.DAMAGED_NUMBER, column="交易对手账卡号",
              value="6.22848E+18")
        for n in range(70)
    ]  # fmt: skip
    faults += [
        fault(torn, row, "row", reasons.FEWER_CELLS.about(cells=9), value="6222020000000000018, …")
        for row in (12, 57, 19_999)
    ]
    sheet = {"sheet": "Sheet1", "column": "交易卡号", "value": "6.21700E+18"}
    faults += [fault(lost, 2 + n, "row", reasons.DAMAGED_ACCOUNT, **sheet) for n in range(40)]
    faults += [
        fault(
            line["source"],
            0,
            "file",
            Reason(line["note"], line["note_en"], line["code"]),
            rows=line["rows"],
        )
        for line in files
        if not line["format"] and line["code"] not in {"again", "empty_sheet"}
    ]
    begin, end = pd.Timestamp("2024-03-01 18:02"), pd.Timestamp("2024-04-10 08:11")
    silence = {"gap_from": begin, "gap_to": end, "gap_days": 39}
    coverage = [
        covers(good),
        covers(cells, rows=86_419, proved=86_418),
        covers(torn, rows=20_000, proved=19_990, unproved=9),
        covers(
            gap, rows=450, proved=0, unproved=450, opening_fen=pd.NA, closing_fen=pd.NA, **silence
        ),
        covers(broken, rows=6_000, proved=5_997, broken=2, break_rows="12 57", **silence),
        covers(broken, account=OTHER, holder="李某乙", rows=2_000, proved=1_999),
        covers(lost, sheet="Sheet1", rows=60, proved=59),
        covers(wallet, account="tenpay:wxid_invented", rows=1_048_570, proved=1_048_569),
    ]  # fmt: skip
    skipped = [
        skip(line["source"], 1, "header", "交易卡号 | 交易账号 | 交易时间") for line in files
    ]
    skipped += [
        skip(gap, 452, "placeholder", f"{OTHER} | 查询失败"),
        *(skip(wallet, 200_000 * n, "repeated", "用户ID | 交易单号 | 大单号") for n in range(1, 5)),
        skip(wallet, 1_048_576, "total", "合计 | 1,048,570 笔"),
    ]
    tasks = [
        {"load_id": 1, "source": task, "sheet": "", "row": n, "institution": "壬银行",
         "format": "tasks", "subject_id": "990101199001010011", "account": OTHER,
         "result": "查询失败", "detail": "系统超时"}
        for n in (2, 3, 4)
    ]  # fmt: skip
    return load(files, faults, coverage, skipped, tasks)
