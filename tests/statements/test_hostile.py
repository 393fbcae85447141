"""Hostile files: what unfolds, reaches far or repeats itself ends in bounded time and memory."""

from __future__ import annotations

import io
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import openpyxl
import pytest

HEADER = "交易卡号,交易账号,交易时间,交易金额,交易余额,收付标志,交易对手账卡号,对手户名,备注"
LINE = "6222020000000000018,,2022-04-01 10:00:00,1.00,,出,6217000000000000026,李四,"

LAUGHS = '<!DOCTYPE x [<!ENTITY a "lol">' + "".join(
    f'<!ENTITY {after} "{f"&{before};" * 20}">'
    for before, after in zip("abcdefghi", "bcdefghij", strict=True)
)  # fmt: skip
LAUGHS += "]>"


def measured(path: Path, *, megabytes: int, seconds: int = 60) -> str:
    """Read a file in a process of its own and return its note; what it took is bounded."""
    code = f"""
        import psutil
        from pathlib import Path
        from tracer.statements.load import read
        before = psutil.Process().memory_info().rss
        files = read(Path({str(path)!r}), source="a").files
        used = getattr(psutil.Process().memory_info(), "peak_wset", 0)
        status = Path("/proc/self/status")
        if status.exists():
            # What a process may inherit of its parent's peak is not in this line.
            lines = status.read_text(encoding="ascii").splitlines()
            used = next(int(one.split()[1]) * 1024 for one in lines if one.startswith("VmHWM"))
        print(int((used - before) / 1e6), files["entries"].sum(), ascii(files["note_en"].sum()))
    """
    told = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True, text=True, timeout=seconds, check=True,
    )  # fmt: skip
    used, entries, note = told.stdout.split(" ", 2)
    assert int(used) < megabytes
    return f"{entries} {note}"


def rewritten(part: str, old: str, new: str) -> bytes:
    """A workbook in one part of which something else stands."""
    book, plain, target = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    for line in (HEADER, LINE):
        book.active.append(line.split(","))
    book.save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(target, "w") as package:
        for name in source.namelist():
            xml = source.read(name).decode()
            package.writestr(name, xml.replace(old, new, 1) if name == part else xml)
    return target.getvalue()


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/worksheets/sheet1.xml", "<worksheet", f"{LAUGHS}<worksheet"),
        ("xl/sharedStrings.xml", "<sst", f"{LAUGHS}<sst"),
        ("xl/workbook.xml", "<workbook", f"{LAUGHS}<workbook"),
    ],
)
def test_entities_are_not_unfolded(tmp_path: Path, part: str, old: str, new: str) -> None:
    content = rewritten(part, old, new)
    for used in (content, content.replace("李四".encode(), b"&j;&j;")):
        (tmp_path / "a.xlsx").write_bytes(used)
        measured(tmp_path / "a.xlsx", megabytes=300)


def test_an_entity_where_the_name_of_a_sheet_is_does_not_unfold(tmp_path: Path) -> None:
    content = rewritten("xl/workbook.xml", 'name="Sheet"', 'name="&j;"')
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(tmp_path / "a.xlsx", "w") as package,
    ):
        for name in source.namelist():
            xml = source.read(name).decode()
            if name == "xl/workbook.xml":
                xml = xml.replace("<workbook", f"{LAUGHS}<workbook", 1)
            package.writestr(name, xml)
    assert "cannot be opened" in measured(tmp_path / "a.xlsx", megabytes=300)


@pytest.mark.parametrize("kind", ["csv", "quoted", "html"])
def test_rows_of_a_hundred_thousand_columns(tmp_path: Path, kind: str) -> None:
    wide = {
        "csv": f"{HEADER}\n{LINE}\n" + ("1," * 100_000 + "\n") * 3,
        "quoted": f"{HEADER}\n" + '"a",' * 100_000 + "\n",
        "html": "<table><tr>" + "<td>1" * 100_000,
    }[kind]
    (tmp_path / "a.csv").write_text(wide, encoding="utf-8")
    told = measured(tmp_path / "a.csv", megabytes=400)
    # Beside a sound header, a row too wide is a fault of its own and costs no other row.
    assert told.startswith({"csv": "1 ", "quoted": "0 "}.get(kind, "0 "))
    assert kind != "html" or "columns" in told


def test_a_far_wide_row_is_met_where_it_stands(tmp_path: Path) -> None:
    text = "\n".join([HEADER, *[LINE] * 5000, "1," * 100_000, ""])
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    assert measured(tmp_path / "a.csv", megabytes=400).startswith("5000 ")


def test_a_cell_of_a_hundred_megabytes(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"{HEADER}\n{LINE}{'x' * 10**8}\n", encoding="utf-8")
    measured(tmp_path / "a.csv", megabytes=2500, seconds=120)
