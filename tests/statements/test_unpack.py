"""Unpack: every file of an archive, and of a hostile one nothing that hurts."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import shutil
import struct
import tarfile
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import pytest
import pyzipper

from tracer.statements.archives import budget
from tracer.statements.archives.unpack import DEEPEST, Member, is_archive, unpack
from tracer.statements.reasons import LINK, LOCKED, OVERLAPPING

ROWS = "交易时间,交易金额\n2022-04-01 10:00:00,1.00\n" * 50


def zipped(**files: bytes | str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(name, content)
    return target.getvalue()


def tarred(*infos: tuple[tarfile.TarInfo, bytes], mode: str = "w") -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=mode) as package:
        for info, content in infos:
            info.size = len(content)
            package.addfile(info, io.BytesIO(content))
    return target.getvalue()


def taken(folder: Path, content: bytes, *passwords: str, name: str = "a.zip") -> list[Member]:
    path, into = folder / name, folder / "out"
    path.write_bytes(content)
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir()
    found = unpack(path, into, passwords)
    # Nothing is written but what the members tell of, and nothing outside the folder.
    assert {one.path for one in found} - {None} == set(into.iterdir())
    assert {one for one in folder.rglob("*") if one.is_file()} == {path, *into.iterdir()}
    return found


def texts(found: list[Member]) -> dict[str, str]:
    return {one.name: one.path.read_text(encoding="utf-8") for one in found if one.path}


def reasons(found: list[Member]) -> dict[str, str]:
    return {one.name: one.refused.en for one in found if one.refused}


@contextmanager
def bounded(megabytes: float, seconds: float = 20) -> Iterator[None]:
    started = time.monotonic()
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < megabytes * 1e6
    finally:
        tracemalloc.stop()
    assert time.monotonic() - started < seconds


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
@pytest.mark.parametrize("streamed", [False, True])
def test_every_common_method_is_read(tmp_path: Path, method: int, streamed: bool) -> None:
    target = io.BytesIO()
    # What cannot be gone back in is written with the sizes behind the bytes.
    out = io.BufferedWriter(Forward(target)) if streamed else target
    with zipfile.ZipFile(out, "w", method) as package:
        package.writestr("a/一.csv", ROWS)
        package.writestr("空.csv", "")
        with package.open("b.csv", "w", force_zip64=True) as file:
            file.write(ROWS.encode())
    out.flush()
    assert texts(taken(tmp_path, target.getvalue())) == {
        "a/一.csv": ROWS, "空.csv": "", "b.csv": ROWS,
    }  # fmt: skip


class Forward(io.RawIOBase):
    def __init__(self, target: io.BytesIO) -> None:
        self.target = target

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:
        return self.target.write(data)


def named(raw: bytes, extra: bytes = b"") -> bytes:
    """A zip whose one name has these bytes and no mark for UTF-8."""
    content = zipped(**{"x" * len(raw): "1"}).replace(b"x" * len(raw), raw)
    if not extra:
        return content
    at = content.index(b"PK\x01\x02")
    directory = bytearray(content[at:])
    struct.pack_into("<H", directory, 30, len(extra))
    directory[46 + len(raw) : 46 + len(raw)] = extra
    end = bytearray(directory[directory.index(b"PK\x05\x06") :])
    struct.pack_into("<L", end, 12, len(directory) - len(end))
    return content[:at] + bytes(directory[: -len(end)] + end)


@pytest.mark.parametrize(
    "raw",
    ["财付通/流水.csv".encode("gbk"), "财付通/流水.csv".encode(), "㐀𠀀.csv".encode("gb18030")],
)
def test_names_are_read_as_they_were_meant(tmp_path: Path, raw: bytes) -> None:
    wanted = {"财付通/流水.csv", "㐀𠀀.csv"}
    assert {one.name for one in taken(tmp_path, named(raw))} < wanted


def test_the_unicode_name_counts_if_it_belongs_to_the_name(tmp_path: Path) -> None:
    for crc, name in ((zlib.crc32(b"abc"), "真名.csv"), (1, "abc")):
        field = struct.pack("<BL", 1, crc) + "真名.csv".encode()
        extra = struct.pack("<HH", 0x7075, len(field)) + field
        assert [one.name for one in taken(tmp_path, named(b"abc", extra))] == [name]


@pytest.mark.parametrize("outer", ["zip", "tar"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, outer: str) -> None:
    names = ["../../a.csv", "/etc/b.csv", "C:\\c.csv", "..\\..\\d.csv", "CON", "e\x01\u202ef.csv."]
    if outer == "zip":
        content = zipped(**dict.fromkeys(names, "1"))
    else:
        content = tarred(*((tarfile.TarInfo(name), b"1") for name in names))
    found = taken(tmp_path, content)
    assert [one.name for one in found] == [
        "a.csv", "etc/b.csv", "C_/c.csv", "d.csv", "CON", "e__f.csv.",
    ]  # fmt: skip
    assert {one.path.parent for one in found if one.path} == {tmp_path / "out"}
    assert {one.path.name.upper() for one in found if one.path}.isdisjoint({"CON", "NUL"})


def test_two_files_of_one_name_are_two(tmp_path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("a.csv", "1")
        with pytest.warns(UserWarning, match="Duplicate"):
            package.writestr("a.csv", "2")
    assert texts(taken(tmp_path, target.getvalue())) == {"a.csv": "1", "a.csv (2)": "2"}


def test_links_and_devices_are_refused(tmp_path: Path) -> None:
    link, device, hard = (tarfile.TarInfo(name) for name in ("link", "device", "hard"))
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    device.type, hard.type, hard.linkname = tarfile.CHRTYPE, tarfile.LNKTYPE, "../../x"
    plain = tarfile.TarInfo("a.csv")
    found = taken(tmp_path, tarred((link, b""), (device, b""), (hard, b""), (plain, b"1")))
    assert [one.refused for one in found] == [LINK, LINK, LINK, None]
    info = zipfile.ZipInfo("link")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr(info, "/etc/passwd")
    assert [one.refused for one in taken(tmp_path, target.getvalue())] == [LINK]


def locked(password: str, *, aes: bool) -> bytes:
    target = io.BytesIO()
    if aes:
        with pyzipper.AESZipFile(target, "w", pyzipper.ZIP_DEFLATED) as package:
            package.setpassword(password.encode())
            package.setencryption(pyzipper.WZ_AES, nbits=256)
            package.writestr("锁.csv", ROWS)
        with zipfile.ZipFile(target, "a") as package:
            package.writestr("开.csv", "1")
        return target.getvalue()
    return zipcrypto(password.encode("gb18030"))


def zipcrypto(password: bytes) -> bytes:
    """A zip with one file under the old encryption, which no Python library writes."""
    table = [zlib.crc32(bytes([one]), 0xFFFFFFFF) ^ 0xFFFFFFFF for one in range(256)]

    def crc(old: int, byte: int) -> int:
        return (old >> 8) ^ table[(old ^ byte) & 255]

    keys = [0x12345678, 0x23456789, 0x34567890]

    def turn(byte: int) -> None:
        keys[0] = crc(keys[0], byte)
        keys[1] = ((keys[1] + (keys[0] & 255)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = crc(keys[2], keys[1] >> 24)

    for byte in password:
        turn(byte)
    content = zipped(**{"a.csv": ROWS})
    at = content.index(b"PK\x01\x02")
    head, directory = bytearray(content[:35]), bytearray(content[at:])
    told = struct.unpack_from("<L", head, 14)[0]
    hidden = bytearray()
    for byte in bytes(11) + bytes([told >> 24]) + content[35:at]:
        mask = (keys[2] | 2) & 0xFFFF
        hidden.append(byte ^ (((mask * (mask ^ 1)) >> 8) & 255))
        turn(byte)
    for part, flags, packed in ((head, 6, 18), (directory, 8, 20)):
        part[flags] |= 1
        struct.pack_into("<L", part, packed, len(hidden))
    end = directory.index(b"PK\x05\x06")
    struct.pack_into("<L", directory, end + 16, at + 12)
    return bytes(head + hidden + directory)


@pytest.mark.parametrize("aes", [True, False])
def test_an_encrypted_file_needs_its_password(tmp_path: Path, aes: bool) -> None:
    content = locked("密码01", aes=aes)
    name = "锁.csv" if aes else "a.csv"
    none = taken(tmp_path, content)
    assert next(one for one in none if one.name == name).refused == LOCKED
    wrong = taken(tmp_path, content, "b", "c")
    assert "none of the 2 given ones" in reasons(wrong)[name]
    assert "b" not in [*reasons(wrong)[name].split()]
    right = taken(tmp_path, content, "b", "密码01")
    assert texts(right)[name] == ROWS
    assert texts(none).get("开.csv") == texts(right).get("开.csv") == ("1" if aes else None)


def test_archives_in_archives_give_their_files(tmp_path: Path) -> None:
    tgz = tarred((tarfile.TarInfo("财付通/T.txt"), b"1"), mode="w:gz")
    packed = gzip.compress(b"2")
    content = zipped(**{"内.zip": zipped(**{"b.csv": "3"}), "财.tgz": tgz, "c.csv.gz": packed})
    assert texts(taken(tmp_path, content)) == {
        "内.zip/b.csv": "3", "财.tgz/财付通/T.txt": "1", "c.csv.gz/c.csv": "2",
    }  # fmt: skip


def test_gbk_names_in_a_tar_are_read(tmp_path: Path) -> None:
    target = io.BytesIO()
    with tarfile.open(
        fileobj=target, mode="w", encoding="gb18030", format=tarfile.GNU_FORMAT
    ) as package:
        package.addfile(tarfile.TarInfo("财付通/流水.txt"), io.BytesIO())
    assert [one.name for one in taken(tmp_path, target.getvalue())] == ["财付通/流水.txt"]


@pytest.mark.parametrize(
    ("pack", "name"),
    [(gzip.compress, "a.csv.gz"), (bz2.compress, "a.csv.bz2"), (lzma.compress, "a.csv.xz")],
)
def test_single_packed_files(tmp_path: Path, pack: object, name: str) -> None:
    content = pack(b"1") + pack(b"2")
    assert texts(taken(tmp_path, content, name=name)) == {"a.csv": "12"}
    whole = pack(os.urandom(5000))
    found = taken(tmp_path, whole[:-900], name=name)
    assert "damaged" in reasons(found)["a.csv"]
    assert not texts(found)


def test_what_systems_leave_behind_is_left_out(tmp_path: Path) -> None:
    content = zipped(
        **{"__MACOSX/._a.csv": "0", ".DS_Store": "0", "~$a.xlsx": "0", "a/": "", "a/b": "1"}
    )
    assert texts(taken(tmp_path, content)) == {"a/b": "1"}


def test_workbooks_and_documents_are_no_archives(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.save(tmp_path / "a.zip")
    whole = (tmp_path / "a.zip").read_bytes()
    for content, wanted in (
        (whole, False), (whole[:-300], False), (zipped(**{"word/document.xml": "1"}), False),
        (zipped(**{"content.xml": "1", "mimetype": "x"}), False), (zipped(), True),
        (zipped(**{"xl/a.csv": "1"}), True), (b"a,b\n", False), (b"", False), (bytes(600), False),
        (b"BZh,\xd6\xd0", False), (b"Rar!\x1a\x07\x00", False),
    ):  # fmt: skip
        (tmp_path / "a.zip").write_bytes(content)
        assert is_archive(tmp_path / "a.zip") is wanted


def test_the_whole_files_of_a_torn_zip_are_kept(tmp_path: Path) -> None:
    noise = os.urandom(3000)
    for streamed in (False, True):
        target = io.BytesIO()
        out = io.BufferedWriter(Forward(target)) if streamed else target
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
            package.writestr("a.csv", ROWS)
            package.writestr("b.csv", ROWS * 2)
            package.writestr("c.csv", noise)
        out.flush()
        found = taken(tmp_path, target.getvalue()[:-2000])
        assert texts(found) == {"a.csv": ROWS, "b.csv": ROWS * 2}
        assert set(reasons(found)) == {"c.csv", ""}


def test_a_damaged_file_of_a_zip_costs_no_other(tmp_path: Path) -> None:
    content = bytearray(zipped(**{"a.csv": os.urandom(500), "b.csv": "1"}))
    content[200] ^= 255
    found = taken(tmp_path, bytes(content))
    assert texts(found) == {"b.csv": "1"}
    assert set(reasons(found)) == {"a.csv"}
    assert "校验和不符" in next(one.refused.zh for one in found if one.refused)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_the_whole_files_of_a_torn_tar_are_kept(tmp_path: Path, pack: object) -> None:
    files = [(tarfile.TarInfo(name), os.urandom(4000)) for name in ("a", "b", "c")]
    torn = pack(tarred(*files)[:7000]) if pack is bytes else pack(tarred(*files))[:7000]
    found = taken(tmp_path, torn, name="a.tgz")
    assert [one.name for one in found if one.path] == ["a"]
    assert "" in reasons(found)
    headless = bytearray(tarred(*files))
    headless[512 + 4096 + 10] ^= 255
    found = taken(tmp_path, bytes(headless), name="a.tgz")
    assert [one.name for one in found if one.path] == ["a"]
    assert "no end mark" in reasons(found)[""]
    assert "缺少结尾标记" in next(one.refused.zh for one in found if one.refused)


def test_a_dense_file_is_refused_before_it_unfolds(tmp_path: Path) -> None:
    content = zipped(**{"bomb.csv": bytes(60_000_000), "b.csv": "1"})
    with bounded(15):
        found = taken(tmp_path, content)
    assert texts(found) == {"b.csv": "1"}
    assert "zip bomb" in reasons(found)["bomb.csv"]


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_bomb_that_lies_about_its_size_is_stopped(tmp_path: Path, method: int) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as package:
        package.writestr("bomb.csv", bytes(120_000_000))
    lying = bytearray(target.getvalue())
    struct.pack_into("<L", lying, 22, 10)
    struct.pack_into("<L", lying, lying.index(b"PK\x01\x02") + 24, 10)
    with bounded(30):
        found = taken(tmp_path, bytes(lying))
    assert "zip bomb" in reasons(found)["bomb.csv"]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_packed_bomb_is_stopped(tmp_path: Path, pack: object) -> None:
    content = pack(bytes(100_000_000))
    with bounded(30):
        found = taken(tmp_path, content, name="a.csv.gz")
    assert "zip bomb" in reasons(found)["a.csv"]


def test_a_bomb_of_archives_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MOST", 300)
    layer = zipped(**{"0.csv": "1"})
    for _ in range(DEEPEST):
        layer = zipped(**{f"{one}.zip": layer for one in range(16)})
    with bounded(20):
        found = taken(tmp_path, layer)
    assert "more than 300 files" in reasons(found)[""]
    single = zipped(**{"0.csv": "1"})
    for _ in range(DEEPEST):
        single = zipped(**{"0.zip": single})
    assert all("nested" in why for why in reasons(taken(tmp_path, single)).values())


def test_too_many_files_and_too_many_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MOST", 3)
    content = zipped(**{f"{one}.csv": "1" * 10 for one in range(5)})
    found = taken(tmp_path, content)
    assert len(texts(found)) == 3
    assert set(reasons(found)) == {""}
    monkeypatch.setattr(budget, "LARGEST", 25)
    found = taken(tmp_path, content)
    assert "unpacks to more than" in reasons(found)[""]


def test_a_directory_of_a_million_files_is_not_read(tmp_path: Path) -> None:
    content = zipped(**{"a.csv": "1"})
    at = content.index(b"PK\x01\x02")
    entry = content[at : content.index(b"PK\x05\x06")]
    many = 200_000
    end = struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, 65535, 65535, len(entry) * many, at, 0)
    with bounded(40):
        found = taken(tmp_path, content[:at] + entry * many + end)
    assert texts(found) == {"a.csv": "1"}
    assert "" in reasons(found)


def test_files_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    content = zipped(**{"a.csv": os.urandom(900), "b.csv": "1"})
    at, end = content.index(b"PK\x01\x02"), content.index(b"PK\x05\x06")
    entries = content[at:end]
    first = entries[: entries.index(b"PK\x01\x02", 4)]
    end_record = bytearray(content[end:])
    struct.pack_into("<HHL", end_record, 8, 3, 3, len(entries) + len(first))
    found = taken(tmp_path, content[:at] + entries + first + bytes(end_record))
    assert [one.refused for one in found] == [OVERLAPPING, None, OVERLAPPING]


def test_a_header_that_claims_gigabytes_is_not_read(tmp_path: Path) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 4 * 1024**3
    with bounded(5):
        found = taken(tmp_path, info.tobuf() + b"1" * 5000, name="a.tar")
    assert "damaged" in reasons(found)[""]


def test_a_sparse_file_is_refused(tmp_path: Path) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.GNUTYPE_SPARSE, 0
    block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    block[386:398] = b"00000000000\0"
    block[483:495] = b"77777777777\0"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    found = taken(tmp_path, bytes(block) + bytes(1024), name="a.tar")
    assert [one.refused for one in found] == [LINK]
