"""Spreadsheet: the XML of Excel 2003 is read like any workbook."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracer.errors import SheetError
from tracer.statements.files import spreadsheet
from tracer.statements.load import read

HEADER = "交易卡号,交易账号,交易时间,交易金额,交易余额,收付标志,交易对手账卡号,对手户名,备注"
LINE = "6222020000000000018,,2022-04-01 10:00:00,1.00,,出,6217000000000000026,李四,"
SPACE = 'xmlns="urn:schemas-microsoft-com:office:spreadsheet"'
SPACES = f'{SPACE} xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"'


def book(*sheets: str) -> bytes:
    inside = "".join(
        f'<Worksheet ss:Name="表{at}"><Table>{sheet}</Table></Worksheet>'
        for at, sheet in enumerate(sheets, 1)
    )
    return f'<?xml version="1.0"?>\n<Workbook {SPACES}>{inside}</Workbook>'.encode()


def row(line: str) -> str:
    cells = (f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in line.split(","))
    return f"<Row>{''.join(cells)}</Row>"


def test_a_workbook_of_2003_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes(book(row(HEADER) + row(LINE), row("x")))
    reading = read(tmp_path / "a.xls", source="a.xls")
    assert reading.files["sheet"].tolist() == ["表1", "表2"]
    assert reading.entries["account"].tolist() == ["6222020000000000018"]


def test_places_types_and_merged_cells_are_kept() -> None:
    content = book(
        '<Row ss:Index="3"><Cell ss:Index="2" ss:MergeAcross="1"><Data ss:Type="String">a</Data>'
        '</Cell><Cell><Data ss:Type="Number">1.5</Data></Cell></Row>'
        '<Row><Cell><Data ss:Type="DateTime">2022-04-01T10:00:00.000</Data></Cell><Cell/></Row>'
        '<Row><Cell><Data ss:Type="Number">6228480402564890018</Data></Cell>'
        '<Cell><Data ss:Type="String">6228480402564890018</Data></Cell></Row>'
    )
    assert spreadsheet.tables(content) == [
        (
            "表1",
            [
                [], [], ["", "a", "", "1.5"], ["2022-04-01 10:00:00", ""],
                ["6.22848040256489E+18", "6228480402564890018"],
            ],
        )
    ]  # fmt: skip


def test_a_row_wider_than_any_statement_refuses_the_file() -> None:
    spreadsheet.tables(book('<Row><Cell ss:Index="1000"/></Row>'))
    with pytest.raises(SheetError, match="列数超过 1000"):
        spreadsheet.tables(book('<Row><Cell ss:Index="1001"/></Row>'))


@pytest.mark.parametrize("encoding", ["gb2312", "utf-16", "utf-8"])
def test_the_bytes_tell_the_encoding(encoding: str) -> None:
    content = book(row("甲,乙")).decode().replace('"1.0"', f'"1.0" encoding="{encoding}"')
    assert spreadsheet.is_spreadsheet(content.encode(encoding))
    assert spreadsheet.tables(content.encode(encoding)) == [("表1", [["甲", "乙"]])]


def test_entities_and_damage_are_refused() -> None:
    whole = book(row(LINE))
    bomb = whole.replace(b"<Workbook", b'<!DOCTYPE x [<!ENTITY a "b">]><Workbook')
    for content in (bomb, whole[:-30], whole.replace(b"</Row>", b"", 1)):
        with pytest.raises(SheetError):
            spreadsheet.tables(content)


@pytest.mark.parametrize("index", ["999999999", "99999999999999999999", "2000000"])
def test_far_places_are_refused(index: str) -> None:
    for content in (
        book(f'<Row ss:Index="{index}"><Cell/></Row>'),
        book(f'<Row><Cell ss:Index="{index}"/></Row>'),
        book(f'<Row><Cell ss:MergeAcross="{index}"/></Row>'),
    ):
        try:
            found = spreadsheet.tables(content)
        except SheetError:
            continue
        # A place of more digits than any sheet has is none at all.
        assert len(index) >= 9
        assert max(len(rows) + len(rows[0]) for _, rows in found) < 4
