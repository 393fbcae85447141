"""Locked: a workbook behind a password opens with it, and nothing tells what was tried."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path

import msoffcrypto
import openpyxl
import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from tracer.errors import SheetError
from tracer.statements.files.locked import unlocked
from tracer.statements.load import Reading, read

# Two small workbooks of Excel 97 with RC4: one under 990101, one under Excel's own default.
BOOKS = Path(__file__).parent / "books"
HEADER = "交易卡号,交易账号,交易时间,交易金额,交易余额,收付标志,交易对手账卡号,对手户名,备注"
LINE = "6222020000000000018,,2022-04-01 10:00:00,1.00,,出,6217000000000000026,李四,"


def workbook() -> bytes:
    book, target = openpyxl.Workbook(), io.BytesIO()
    for row in (HEADER, LINE):
        book.active.append(row.split(","))
    book.save(target)
    return target.getvalue()


def agile(password: str) -> bytes:
    target = io.BytesIO()
    OOXMLFile(io.BytesIO(workbook())).encrypt(password, target)
    return target.getvalue()


def loaded(folder: Path, content: bytes, *passwords: str) -> Reading:
    (folder / "a.xlsx").write_bytes(content)
    return read(folder / "a.xlsx", source="a.xlsx", passwords=passwords)


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_a_locked_workbook_opens_with_its_password(tmp_path: Path, kind: str) -> None:
    content = agile("990101") if kind == "xlsx" else (BOOKS / "locked.xls").read_bytes()
    assert loaded(tmp_path, content, "a", "990101").files["entries"].tolist() == [1]
    none = loaded(tmp_path, content)
    assert "请给出密码" in none.files["note"][0]
    wrong = loaded(tmp_path, content, "falsch-1", "falsch-2")
    assert "2 个密码都不对" in wrong.files["note"][0]
    assert "falsch" not in wrong.files.to_csv() + wrong.faults.to_csv()
    assert wrong.faults["aside"].tolist() == ["file"]


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_the_default_password_is_tried_by_itself(tmp_path: Path, kind: str) -> None:
    content = agile("VelvetSweatshop") if kind == "xlsx" else (BOOKS / "default.xls").read_bytes()
    assert loaded(tmp_path, content).files["entries"].tolist() == [1]
    assert loaded(tmp_path, content, "a").files["entries"].tolist() == [1]


def test_what_is_not_locked_comes_back_as_it_is() -> None:
    for content in (workbook(), b"a,b\n", b"", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)):
        assert unlocked(content, ["a"]) == content


def test_a_damaged_lock_is_told() -> None:
    whole = agile("990101")
    assert msoffcrypto.OfficeFile(io.BytesIO(whole)).is_encrypted()
    for at in range(600, len(whole), 397):
        damaged = whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :]
        # Some bytes hurt nothing; of the others only this one error may come.
        with suppress(SheetError):
            assert unlocked(damaged, ["990101"])


def test_a_lock_that_keeps_the_machine_busy_is_not_tried() -> None:
    content = agile("990101").replace(b'spinCount="100000"', b'spinCount="9999999"')[:-1]
    assert b"9999999" in content
    with pytest.raises(SheetError) as caught:
        unlocked(content, ["990101"])
    assert "9999999" in caught.value.message
