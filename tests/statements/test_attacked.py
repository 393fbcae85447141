"""Hostile files: refused in words or read in bounds, and never a crash, a hang or a lost row."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from soak import makes
from soak.attack import Attack
from soak.bounded import Told, bounded
from soak.crew import run
from soak.packages import BOMB, REFERENCES
from soak.verdict import judge
from tracer.case import Case
from tracer.statements.load import Reading, read

HEADER = "交易卡号,交易账号,交易时间,交易金额,交易余额,收付标志,交易对手账卡号,对手户名,备注"
LINE = "6222020000000000018,,2022-04-01 10:00:00,1.00,,出,6217000000000000026,李四,"
GRID = [HEADER.split(","), LINE.split(",")]
# What one file may take; a whole table of a million rows may take three.
GB = 1.5


def told(folder: Path, content: bytes, name: str = "a.csv", seconds: int = 60) -> Told:
    file = folder / name
    file.write_bytes(content)
    return bounded(file, seconds)


def sound(one: Told, gb: float = GB) -> bool:
    return one.adds_up and one.gb < gb


# --- mutated files -----------------------------------------------------------------------------


@pytest.mark.parametrize("half", [0, 1])
def test_mutated_files_keep_every_promise(half: int) -> None:
    seed = 20220401
    broken = [
        (found.number, found.wrong)
        for found in run(seed, range(half * 20, half * 20 + 20), workers=1, seconds=60)
        if found.wrong
    ]
    assert broken == [], f"seed {seed}"


def spoilt(name: str, value: object) -> Callable[..., Reading]:
    def wrong(path: Path, *, source: str) -> Reading:
        reading = read(path, source=source)
        changed = reading.entries.assign(**{name: value})
        return replace(reading, table=pa.Table.from_pandas(changed, preserve_index=False))

    return wrong


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("fen", 101, "amount 101 fen is nowhere"),
        ("fen", -100, "negative"),
        ("account", "6222020000000000019", "is nowhere in the row"),
        ("other_account", "6217000000000000020", "is nowhere in the row"),
        ("account", "", "without a time or an account"),
        ("direction", "", "without a direction"),
        ("row", 1, "nowhere in the row"),
    ],
)
@pytest.mark.parametrize("kind", ["a.csv", "a.xlsx"])
def test_the_judge_sees_what_is_invented(
    name: str, value: object, words: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"{HEADER}\n{LINE}\n".encode()
    content = text if kind == "a.csv" else makes.zipped(makes.xlsx(GRID))
    one = Attack(kind, content, archive=False)
    (tmp_path / "sound").mkdir()
    assert judge(one, tmp_path / "sound", store=True)[1] == []
    monkeypatch.setattr("soak.verdict.read", spoilt(name, value))
    (tmp_path / "spoilt").mkdir()
    found = judge(one, tmp_path / "spoilt")[1]
    # A workbook is searched as a whole, and not row by row.
    assert any(words in wrong for wrong in found) or (kind, name) == ("a.xlsx", "row")


def test_the_judge_sees_a_row_that_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def losing(path: Path, *, source: str) -> Reading:
        reading = read(path, source=source)
        return replace(reading, table=reading.table[:0], files=reading.files.assign(rows=9))

    monkeypatch.setattr("soak.verdict.read", losing)
    one = Attack("a.csv", f"{HEADER}\n{LINE}\n".encode(), archive=False)
    found = judge(one, tmp_path)[1]
    assert [wrong[:12] for wrong in found] == ["the sum is w", "0 entries ar", "2 lines beca"]


# --- text --------------------------------------------------------------------------------------


def test_a_cell_of_a_gigabyte_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    with file.open("wb") as target:
        target.write(f"{HEADER}\n{LINE}".encode())
        for _ in range(1024):
            target.write(b"x" * (1 << 20))
        target.write(f"\n{LINE}\n".encode())
    one = bounded(file)
    file.unlink()
    assert one.adds_up
    assert one.gb < 3.5


def test_a_gigabyte_of_nothing_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    with file.open("wb") as target:
        target.write(f"{HEADER}\n{LINE}\n".encode())
        target.truncate(1 << 30)
    one = bounded(file)
    file.unlink()
    assert one.refused
    assert one.gb < 3.5


def test_a_line_of_a_thousand_commas_does_not_widen_the_whole_file(tmp_path: Path) -> None:
    rows = [LINE] * 100_000
    rows[50_000] = "," * 1000 + "x"
    one = told(tmp_path, "\n".join([HEADER, *rows, ""]).encode())
    assert sound(one, gb=1.0)
    assert one.files[["entries", "faults"]].to_numpy().tolist() == [[99_999, 1]]


@pytest.mark.parametrize("at", [2, 900])
def test_a_line_of_a_hundred_thousand_cells_is_one_fault(tmp_path: Path, at: int) -> None:
    rows = [LINE] * 1000
    rows[at] = ",".join(["x"] * 100_000)
    one = told(tmp_path, "\n".join([HEADER, *rows, ""]).encode(), seconds=30)
    assert sound(one)
    assert one.files[["entries", "faults"]].to_numpy().tolist() == [[999, 1]]


def test_a_table_of_a_hundred_thousand_columns_is_refused(tmp_path: Path) -> None:
    row = ",".join(["x"] * 100_000)
    assert sound(told(tmp_path, f"{row}\n{row}\n{row}\n".encode(), seconds=30))


def test_lines_of_many_widths_are_counted_in_bounds(tmp_path: Path) -> None:
    rng = random.Random(1)
    rows = [LINE + "," * rng.randrange(3, 3000) + "x" for _ in range(3000)]
    one = told(tmp_path, "\n".join([HEADER, LINE, *rows, ""]).encode(), seconds=30)
    assert sound(one)
    assert one.files["rows"].tolist() == [3002]


def test_quotation_marks_that_never_close_take_no_time(tmp_path: Path) -> None:
    rows = [LINE + '"x'] * 50_001
    one = told(tmp_path, "\n".join([HEADER, *rows, ""]).encode(), seconds=30)
    assert sound(one)
    assert one.files["rows"].tolist() == [50_002]


# --- workbooks ---------------------------------------------------------------------------------


def test_a_workbook_without_sheets_is_a_line_of_the_report(tmp_path: Path) -> None:
    parts = makes.xlsx(GRID)
    parts[makes.BOOK] = parts[makes.BOOK].replace(b"<sheet ", b"<nosheet ")
    file = tmp_path / "a.xlsx"
    file.write_bytes(makes.zipped(parts))
    files = read(file, source="a.xlsx").files
    assert files["note"].ne("").tolist() == [True]
    assert Case.create(tmp_path / "case").load(file).files["source"].tolist() == ["a.xlsx"]


def test_the_made_workbooks_are_sound_themselves(tmp_path: Path) -> None:
    cells = {(at, column): cell for at, row in enumerate(GRID) for column, cell in enumerate(row)}
    made = {
        "a.xlsx": makes.xlsx(GRID),
        "b.xlsx": makes.xlsx(GRID, inline=True),
        "a.ods": makes.ods(GRID),
        "a.xlsb": makes.xlsb(cells),
    }
    for name, parts in made.items():
        (tmp_path / name).write_bytes(makes.zipped(parts))
        reading = read(tmp_path / name, source=name)
        assert reading.files["entries"].tolist() == [1], name


@pytest.mark.parametrize("places", [True, False])
@pytest.mark.parametrize("count", [16_384, 100_000])
def test_a_row_of_very_many_cells_is_refused_in_bounds(
    tmp_path: Path, count: int, *, places: bool
) -> None:
    cells = "".join(
        f'<c r="{makes.letters(at)}3"><v>1</v></c>' if places else "<c><v>1</v></c>"
        for at in range(count)
    )
    parts = makes.xlsx(GRID)
    end = b"</sheetData>"
    row = f'<row r="3">{cells}</row>'.encode()
    parts[makes.SHEET] = parts[makes.SHEET].replace(end, row + end)
    assert sound(told(tmp_path, makes.zipped(parts), "a.xlsx", seconds=30))


@pytest.mark.parametrize("place", REFERENCES)
def test_a_cell_at_an_impossible_place_breaks_nothing(tmp_path: Path, place: bytes) -> None:
    parts = makes.xlsx(GRID)
    parts[makes.SHEET] = parts[makes.SHEET].replace(b'r="I1"', b'r="%s"' % place)
    assert sound(told(tmp_path, makes.zipped(parts), "a.xlsx", seconds=30))


def test_a_far_cell_without_a_place_is_refused_in_bounds(tmp_path: Path) -> None:
    parts = makes.xlsx(GRID)
    end = b"</sheetData>"
    row = b'<row r="1048576">%s</row>' % (b"<c><v>1</v></c>" * 2000)
    parts[makes.SHEET] = parts[makes.SHEET].replace(end, row + end)
    assert sound(told(tmp_path, makes.zipped(parts), "a.xlsx", seconds=30))


def test_a_binary_workbook_with_a_sheet_that_is_nowhere_is_refused(tmp_path: Path) -> None:
    parts = makes.xlsb({(0, 0): "x"})
    parts["xl/_rels/workbook.bin.rels"] = b"<a/>"
    assert told(tmp_path, makes.zipped(parts), "a.xlsb").refused


def test_a_far_cell_of_a_binary_workbook_is_refused_in_bounds(tmp_path: Path) -> None:
    cells = {(at, column): cell for at, row in enumerate(GRID) for column, cell in enumerate(row)}
    far = makes.xlsb(cells | {(1_048_575, 16_383): "x"})
    assert sound(told(tmp_path, makes.zipped(far), "a.xlsb", seconds=30))


def test_a_binary_workbook_that_lies_about_its_size_is_read_in_bounds(tmp_path: Path) -> None:
    cells = {(at, column): cell for at, row in enumerate(GRID) for column, cell in enumerate(row)}
    lying = makes.xlsb(cells, last=(1_048_575, 16_383))
    assert sound(told(tmp_path, makes.zipped(lying), "a.xlsb", seconds=30))


@pytest.mark.parametrize("rows", ["300000", "1048576", "4000000000"])
@pytest.mark.parametrize("columns", ["1", "16384", "4000000000"])
def test_repeated_cells_of_an_open_sheet_are_refused_in_bounds(
    tmp_path: Path, rows: str, columns: str
) -> None:
    far = (
        f'<table:table-row table:number-rows-repeated="{rows}"><table:table-cell '
        f'table:number-columns-repeated="{columns}" office:value-type="string">'
        "<text:p>x</text:p></table:table-cell></table:table-row></table:table>"
    )
    parts = makes.ods(GRID)
    parts["content.xml"] = parts["content.xml"].replace(b"</table:table>", far.encode())
    assert sound(told(tmp_path, makes.zipped(parts), "a.ods", seconds=30))


@pytest.mark.parametrize("columns", ["16384", "1"])
def test_empty_repeated_cells_of_an_open_sheet_are_nothing(tmp_path: Path, columns: str) -> None:
    # Every sheet that LibreOffice saves ends like this.
    far = (
        f'<table:table-row table:number-rows-repeated="1048574"><table:table-cell '
        f'table:number-columns-repeated="{columns}"/></table:table-row></table:table>'
    )
    parts = makes.ods(GRID)
    parts["content.xml"] = parts["content.xml"].replace(b"</table:table>", far.encode())
    one = told(tmp_path, makes.zipped(parts), "a.ods", seconds=30)
    assert sound(one)
    assert one.files["entries"].tolist() == [1]


@pytest.mark.parametrize("part", [makes.SHEET, makes.STRINGS, makes.BOOK, "xl/styles.xml"])
def test_entities_that_unfold_without_end_are_refused(tmp_path: Path, part: str) -> None:
    parts = makes.xlsx(GRID)
    at = parts[part].index(b"?>") + 2
    parts[part] = parts[part][:at] + BOMB + parts[part][at:]
    marks = {makes.SHEET: (b"<v>", b"<v>&i;"), makes.BOOK: (b'name="', b'name="&i;')}
    old, new = marks.get(part, (b'preserve">', b'preserve">&i;'))
    parts[part] = parts[part].replace(old, new, 1)
    assert sound(told(tmp_path, makes.zipped(parts), "a.xlsx", seconds=30))


def test_a_bomb_of_texts_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    # A million pieces of four bytes each cost little in the file and a machine in memory.
    parts = makes.xlsx(GRID)
    more = b"<si><t/></si>" * 40_000_000
    parts[makes.STRINGS] = parts[makes.STRINGS].replace(b"</sst>", more + b"</sst>")
    # Bytes that do not shrink keep the whole below any bound of the ratio alone.
    parts["xl/media/image1.png"] = random.Random(1).randbytes(1 << 20)
    content = makes.zipped(parts)
    del parts, more
    assert sound(told(tmp_path, content, "a.xlsx", seconds=30))


def test_a_workbook_that_lies_about_the_size_of_its_parts_is_refused(tmp_path: Path) -> None:
    content = makes.bomb("xl/worksheets/sheet1.xml", 512 << 20)
    # The directory at the end says that 512 MB are 1000 bytes.
    at = content.rindex(b"PK\x01\x02") + 24
    content = content[:at] + (1000).to_bytes(4, "little") + content[at + 4 :]
    assert sound(told(tmp_path, content, "a.xlsx", seconds=30))


def test_a_workbook_of_hundreds_of_sheets_takes_no_machine(tmp_path: Path) -> None:
    parts = makes.xlsx(GRID)
    sheets = "".join(f'<sheet name="s{at}" sheetId="{at}" r:id="rId1"/>' for at in range(120))
    old = b'<sheet name="Sheet1" sheetId="1" r:id="rId1"/>'
    parts[makes.BOOK] = parts[makes.BOOK].replace(old, sheets.encode())
    assert sound(told(tmp_path, makes.zipped(parts), "a.xlsx", seconds=60))
