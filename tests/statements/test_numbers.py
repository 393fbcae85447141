"""Numbers of workbooks: what a sheet shows is read, and no digit is invented."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd

from soak import makes
from tracer.statements.files import sheets, spreadsheet
from tracer.statements.load import Reading, read

HEADER = "交易卡号,交易账号,交易时间,交易金额,交易余额,收付标志,交易对手账卡号,对手户名,备注"
CARD, OTHER = "6222020000000000018", "6217000000000000026"


def row(amount: object, time: object = "2022-04-01 10:00:00", card: object = CARD) -> list[object]:
    return [card, None, time, amount, None, "进", OTHER, "李四", None]


def loaded(folder: Path, *rows: list[object], formats: dict[str, str] | None = None) -> Reading:
    made = openpyxl.Workbook()
    for one in (HEADER.split(","), *rows):
        made.active.append(one)
    for place, shown in (formats or {}).items():
        made.active[place].number_format = shown
    made.save(folder / "a.xlsx")
    return read(folder / "a.xlsx", source="a.xlsx")


def test_large_amounts_of_number_cells_are_exact(tmp_path: Path) -> None:
    seed = 20220401
    pick = random.Random(seed)
    fens = [pick.randrange(10**9, 10**15) // 10 ** pick.randrange(7) for _ in range(300)]
    reading = loaded(tmp_path, *[row(fen / 100) for fen in fens])
    assert len(reading.faults) == 0, f"seed {seed}"
    assert reading.entries["fen"].tolist() == fens, f"seed {seed}"


def test_a_text_with_such_digits_stays_a_fault(tmp_path: Path) -> None:
    reading = loaded(tmp_path, row("33812022.460000001"), row(33812022.46))
    assert reading.faults[["row", "value"]].to_numpy().tolist() == [[2, "33812022.460000001"]]
    assert reading.entries["fen"].tolist() == [3381202246]
    (tmp_path / "a.csv").write_text(
        f"{HEADER}\n{CARD},,2022-04-01 10:00:00,33812022.460000001,,进,{OTHER},李四,\n", "utf-8"
    )
    assert len(read(tmp_path / "a.csv", source="a.csv").faults) == 1


def test_an_amount_with_more_decimals_stays_a_fault(tmp_path: Path) -> None:
    reading = loaded(tmp_path, row(33812022.461))
    assert reading.faults["value"].tolist() == ["33812022.461"]


def test_large_amounts_of_an_open_document_are_exact(tmp_path: Path) -> None:
    text = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    number = '<table:table-cell office:value-type="float" office:value="{}"/>'
    line = f"{CARD},,2022-04-01 10:00:00,99999999999.99,,进,{OTHER},李四,".split(",")
    parts = makes.ods([HEADER.split(","), line, [*line[:3], "1", *line[4:]]])
    xml = parts["content.xml"].decode()
    changed = xml.replace(text.format("99999999999.99"), number.format("99999999999.99"))
    changed = changed.replace(text.format("1"), number.format("6222020000000000026"))
    assert changed.count("float") == 2
    parts["content.xml"] = changed.encode()
    (tmp_path / "a.ods").write_bytes(makes.zipped(parts))
    reading = read(tmp_path / "a.ods", source="a.ods")
    assert reading.entries["fen"].tolist() == [9999999999999]
    assert reading.faults["value"].tolist() == ["6.22202000000000E+18"]


def test_numbers_of_the_xml_of_2003_are_as_excel_shows_them() -> None:
    numbers = ["1234.5599999999999", "1E5", "1.5E+05", "33812022.460000001", "6.22E+18", "1E-3"]
    cells = "".join(f'<Cell><Data ss:Type="Number">{one}</Data></Cell>' for one in numbers)
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    book = (
        f'<?xml version="1.0"?><Workbook xmlns="{space}" xmlns:ss="{space}">'
        f'<Worksheet ss:Name="a"><Table><Row>{cells}</Row></Table></Worksheet></Workbook>'
    )
    assert spreadsheet.tables(book.encode())[0][1] == [
        ["1234.56", "100000", "150000", "33812022.46", "6.22000000000000E+18", "0.001"]
    ]


def test_zeros_that_a_format_shows_are_part_of_the_number(tmp_path: Path) -> None:
    rows = [row(1, card=110902000001), row(2, card=110902000002), row(3, card=6222020000000018)]
    reading = loaded(tmp_path, *rows, formats={"A2": "0" * 19, "A3": "0", "A4": "0" * 19})
    assert reading.entries["account"].tolist() == ["0000000110902000001", "110902000002"]
    assert reading.faults["row"].tolist() == [4]


def test_times_of_number_cells_are_rounded_to_the_second(tmp_path: Path) -> None:
    stamps = [44652.4166666, 44652.416666666664, 44652.99999999]
    shown = {f"C{at}": "yyyy/m/d h:mm:ss" for at in range(2, 5)}
    reading = loaded(tmp_path, *[row(1, stamp) for stamp in stamps], formats=shown)
    assert reading.entries["time"].astype(str).tolist() == [
        "2022-04-01 10:00:00", "2022-04-01 10:00:00", "2022-04-02 00:00:00",
    ]  # fmt: skip


def test_a_clock_is_not_rounded_into_a_day_that_it_has_not() -> None:
    texts = ["1899-12-31 23:59:59.914", "1899-12-31 09:30:14.600", "2022-04-01 09:59:59.994", "x"]
    found = sheets._shown(pd.Series(texts), np.zeros(4, "int64"))
    assert found.tolist() == [
        "1899-12-31 23:59:59", "1899-12-31 09:30:15", "2022-04-01 10:00:00", "x",
    ]  # fmt: skip
