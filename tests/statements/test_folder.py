"""Folder: no file vanishes, whatever the system says of it."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from tracer.case import Case
from tracer.statements.folder import Found, blocked, find


def refused(found: list[Found]) -> dict[str, str]:
    return {one.source: one.refused.zh for one in found if one.refused is not None}


def linked(link: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a link, or what the system would say of one where nobody may make links."""
    try:
        link.symlink_to(target, target_is_directory=target.is_dir())
    except OSError:
        link.mkdir() if target.is_dir() else link.write_bytes(b"")
        told, is_link = Path.stat, Path.is_symlink

        def led(path: Path, **more: bool) -> os.stat_result:
            return told(target if path == link else path, **more)

        monkeypatch.setattr(Path, "stat", led)
        monkeypatch.setattr(Path, "is_symlink", lambda path: path == link or is_link(path))


@pytest.fixture(params=["real", "told"])
def links(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Let links be made, or not, so that the tests of them run on every system."""

    def refuse(link: Path, *_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "A required privilege is not held", str(link))

    if request.param == "told":
        monkeypatch.setattr(Path, "symlink_to", refuse)
    return monkeypatch


def test_a_link_to_nothing_is_told(tmp_path: Path, links: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_text("x", encoding="utf-8")
    linked(tmp_path / "b.csv", tmp_path / "gone.csv", links)
    found = find(tmp_path)
    assert [one.source for one in found] == ["a.csv", "b.csv"]
    assert "失效的链接" in refused(found)["b.csv"]


def test_a_link_to_a_folder_is_told_and_not_followed(
    tmp_path: Path, links: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text("x", encoding="utf-8")
    linked(tmp_path / "in" / "again", tmp_path / "in", links)
    found = find(tmp_path / "in")
    assert [one.source for one in found] == ["a.csv", "again"]
    assert "链接" in refused(found)["again"]


def test_a_folder_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("closed/a.csv", "open/b.csv"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("x", encoding="utf-8")
    scan = os.scandir

    def closed(path: str) -> object:
        if Path(path).name == "closed":
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", closed)
    found = find(tmp_path)
    assert [one.source for one in found] == ["closed", "open/b.csv"]
    assert refused(found) == {"closed": "无法读取：没有读取权限，请取得权限后重新载入。"}


def test_a_file_of_which_nothing_is_known_costs_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a.csv", "b.csv"):
        (tmp_path / "in" / name).write_text(name, encoding="utf-8")
    told = Path.stat

    def lost(path: Path, **more: bool) -> os.stat_result:
        if path.name == "a.csv":
            raise OSError(errno.EIO, None)
        return told(path, **more)

    monkeypatch.setattr(Path, "stat", lost)
    case = Case.create(tmp_path / "case")
    files = case.load(tmp_path / "in").files
    assert files["source"].tolist() == ["a.csv", "b.csv"]
    assert "磁盘或网络读取出错" in files["note"][0]
    assert "copy it to a local disk" in files["note_en"][0]


@pytest.mark.parametrize("real", [True, False])
def test_what_is_no_plain_file_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, real: bool
) -> None:
    if real and hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "a.csv")
    else:
        # A system without named pipes still has devices, of which it says the same.
        (tmp_path / "a.csv").write_bytes(b"")
        monkeypatch.setattr(stat, "S_ISREG", stat.S_ISFIFO)
    assert "管道" in refused(find(tmp_path))["a.csv"]


@pytest.mark.parametrize(
    ("error", "zh", "en"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "没有读取权限", "no permission"),
        (OSError(errno.ENOSPC, "No space left"), "磁盘空间不足", "the disk is full"),
        (OSError(errno.ENAMETOOLONG, "File name too long"), "路径过长", "too long"),
        (OSError(99999, "Odd"), "系统报告“Odd”", "the system says 'Odd'"),
        (OSError(), "系统报告“OSError”", "'OSError'"),
    ],
)
def test_what_the_system_says_is_told_with_what_to_do(error: OSError, zh: str, en: str) -> None:
    assert zh in blocked(error).zh
    assert "重新载入" in blocked(error).zh
    assert en in blocked(error).en
    assert "load again" in blocked(error).en


def test_windows_tells_what_holds_a_file() -> None:
    error = PermissionError(errno.EACCES, "used")
    error.winerror = 32
    assert "占用" in blocked(error).zh
