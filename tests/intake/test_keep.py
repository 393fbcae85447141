"""Intake: archives and locked files enter a case whole, once, and without their passwords."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest
import pyzipper
from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl import Workbook
from typer.testing import CliRunner

import tracer
from tracer.cli import app

GOOD = "付款方,收款方,金额,时间\n甲,{},12.34,2024-06-01 10:00:00\n"


def zipped(files: dict[str, bytes], password: str = "") -> bytes:
    target = io.BytesIO()
    with pyzipper.AESZipFile(target, "w", pyzipper.ZIP_DEFLATED) as package:
        if password:
            package.setpassword(password.encode())
            package.setencryption(pyzipper.WZ_AES)
        for name, content in files.items():
            package.writestr(name, content)
    return target.getvalue()


def good(payee: str = "乙") -> bytes:
    return GOOD.format(payee).encode("gbk")


def locked_book(password: str) -> bytes:
    book, plain, target = Workbook(), io.BytesIO(), io.BytesIO()
    for line in GOOD.format("丙").splitlines():
        book.active.append(line.split(","))
    book.save(plain)
    OOXMLFile(plain).encrypt(password, target)
    return target.getvalue()


@pytest.fixture
def case(tmp_path: Path) -> tracer.Case:
    return tracer.Case.create(tmp_path / "case")


def given(tmp_path: Path, content: bytes, name: str = "回执.zip") -> Path:
    (tmp_path / name).write_bytes(content)
    return tmp_path / name


def test_each_file_of_an_archive_is_evidence_of_its_own(tmp_path: Path, case: tracer.Case) -> None:
    inner = zipped({"b.csv": good("丙")})
    content = zipped({"银行/流水.csv": good(), "内.zip": inner, "照片.jpg": b"\xff\xd8\xff\xe0"})
    files = case.load(given(tmp_path, content)).files
    assert files[["source", "format", "entries"]].to_numpy().tolist() == [
        ["回执.zip", "archive", 0],
        ["回执.zip/银行/流水.csv", "transfers", 1],
        ["回执.zip/内.zip/b.csv", "transfers", 1],
        ["回执.zip/照片.jpg", "", 0],
    ]
    assert "3 个文件" in files["note"][0]
    assert (files["rows"] == files["entries"] + files["faults"] + files["skipped"]).all()
    kept = {path.stem for path in (case.folder / "evidence").iterdir()}
    assert kept == set(files["sha256"])
    assert files["sha256"][0] == hashlib.sha256(content).hexdigest()
    assert files["sha256"][1] == hashlib.sha256(good()).hexdigest()
    assert not [path for path in case.folder.iterdir() if path.name.startswith(".unpacked")]


def test_an_archive_is_loaded_once_and_so_are_its_files(tmp_path: Path, case: tracer.Case) -> None:
    path = given(tmp_path, zipped({"a.csv": good()}))
    case.load(path)
    again = case.load(path).files
    assert again["source"].tolist() == ["回执.zip"]
    assert "未重复载入" in again["note"][0]
    files = case.load(
        given(tmp_path, zipped({"x.csv": good(), "y.csv": good("丁")}), "b.zip")
    ).files
    assert files["entries"].tolist() == [0, 0, 1]
    assert "未重复载入" in files["note"][1]
    assert len(case.entries()) == 2


def test_a_password_that_comes_later_opens_what_was_refused(
    tmp_path: Path, case: tracer.Case
) -> None:
    archive = zipped({"锁.csv": good()}, "geheim-1")
    outer = zipped({"内.zip": archive, "簿.xlsx": locked_book("geheim-2"), "开.csv": good("丁")})
    path = given(tmp_path, outer)
    first = case.load(path).files
    assert first["entries"].tolist() == [0, 0, 0, 1]
    assert first["note"].str.contains("密码").tolist() == [False, True, True, False]
    second = case.load(path, passwords=["falsch-3", "geheim-1"]).files
    assert second["entries"].tolist() == [0, 1, 0, 0]
    third = case.load(path, passwords=["geheim-2"]).files
    assert third["entries"].sum() == 1
    assert case.load(path, passwords=["geheim-1", "geheim-2"]).files["entries"].sum() == 0
    assert len(case.entries()) == 3
    told = b"".join(path.read_bytes() for path in case.folder.rglob("*") if path.is_file())
    evidence = b"".join(path.read_bytes() for path in (case.folder / "evidence").iterdir())
    for word in (b"geheim", b"falsch"):
        assert word not in told
        assert word not in evidence


def test_a_damaged_archive_gives_what_is_whole_and_says_so(
    tmp_path: Path, case: tracer.Case
) -> None:
    content = zipped({"a.csv": good(), "b.bin": os.urandom(5000)})
    files = case.load(given(tmp_path, content[:-3000])).files
    assert files["entries"].sum() == 1
    assert files["note"].str.contains("损坏").any()


def test_a_perfect_archive_is_green_and_a_damaged_one_is_told_once(
    tmp_path: Path, case: tracer.Case
) -> None:
    perfect = case.load(given(tmp_path, zipped({"a.csv": good()})))
    heads = [line for line in perfect.text().splitlines()[2:] if not line.startswith(" ")]
    assert [line[0] for line in heads] == ["✔", "✔"]
    for wrong in ("另有", "没有数据行", "确无交易"):
        assert wrong not in perfect.text()
    content = zipped({"b.csv": good("丙"), "c.bin": os.urandom(5000)})
    place = given(tmp_path, content[:-3000], "坏.zip")
    told = case.load(place).text()
    own = [line for line in told.splitlines() if "坏.zip：" in line]
    assert [line[0] for line in own] == ["✖"]
    assert f'再载入：case.load("{place.as_posix()}")' in told


def test_every_row_that_a_file_lost_is_in_the_faults(tmp_path: Path, case: tracer.Case) -> None:
    place = tmp_path / "in"
    place.mkdir()
    given(place, "甲,乙,丙\n1,2,3\n4,5,6\n".encode(), "不识.csv")
    given(place, good(), "好.csv")
    given(place, good("戊").replace(b"12.34", b"x"), "错.csv")
    given(place, zipped({"a.csv": good("丁"), "b.bin": os.urandom(5000)})[:-3000], "坏.zip")
    given(place, b"", "空.csv")
    given(place, b"\xff\xd8\xff\xe0", "照片.jpg")
    report = case.load(place)
    for line in report.files[report.files["format"].ne("archive")].to_dict("records"):
        own = report.faults[report.faults["source"].eq(line["source"])]
        rows = own.loc[own["aside"].eq("row"), "row"].nunique()
        assert line["faults"] == rows + own.loc[own["aside"].eq("file"), "rows"].sum()
        assert own["aside"].eq("file").any() == (not line["format"])
    assert report.faults["code"].ne("").all()
    assert report.files["faults"].max() == 3
    assert "坏.zip" in set(report.faults["source"])


def test_a_tgz_and_a_packed_csv_are_read_under_their_names(
    tmp_path: Path, case: tracer.Case
) -> None:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as package:
        info = tarfile.TarInfo("财付通/T.csv")
        info.size = len(good())
        package.addfile(info, io.BytesIO(good()))
    (tmp_path / "in").mkdir()
    given(tmp_path / "in", target.getvalue(), "财付通.tgz")
    given(tmp_path / "in", gzip.compress(good("丙")), "流水.csv.gz")
    files = case.load(tmp_path / "in").files
    read = files[files["entries"].gt(0)]["source"].tolist()
    assert sorted(read) == ["流水.csv.gz/流水.csv", "财付通.tgz/财付通/T.csv"]


def test_a_bomb_in_a_folder_costs_no_other_file(tmp_path: Path, case: tracer.Case) -> None:
    (tmp_path / "in").mkdir()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("a.csv", bytes(50_000_000))
    given(tmp_path / "in", target.getvalue(), "a.zip")
    given(tmp_path / "in", good(), "b.csv")
    files = case.load(tmp_path / "in").files
    assert files["entries"].tolist() == [0, 0, 1]
    assert "压缩炸弹" in files["note"][1]


def test_the_command_line_takes_passwords(tmp_path: Path, case: tracer.Case) -> None:
    path = given(tmp_path, zipped({"a.csv": good()}, "geheim-1"))
    told = CliRunner().invoke(app, ["load", str(case.folder), str(path)])
    assert "密码" in told.output
    asked = ["load", str(case.folder), str(path), "--password", "x", "--password", "geheim-1"]
    told = CliRunner().invoke(app, asked)
    assert told.exit_code == 0
    assert len(case.entries()) == 1
    assert "geheim" not in told.output
