"""Folder: every file below a folder is found, and what cannot be had of it is told."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tracer.statements.archives.names import hidden
from tracer.statements.reasons import Reason

_BLOCKED = Reason("无法读取：{error}。", "It cannot be read: {error}.", "blocked")
_PERMISSION = Reason(
    "没有读取权限，请取得权限后重新载入", "there is no permission; get it and load again"
)
_USED = Reason(
    "正被其他程序占用，请关闭该程序后重新载入",
    "another program is using it; close that program and load again",
)
_MISSING = Reason(
    "不存在，可能是失效的链接或刚被移走，请找到原文件后重新载入",
    "it is not there, perhaps a link to nothing or just moved; find the file and load it",
)
_LONG = Reason(
    "路径过长，请移到较短的路径下重新载入",
    "its path is too long; move it to a shorter one and load again",
)
_FULL = Reason(
    "磁盘空间不足，请清理磁盘后重新载入", "the disk is full; make room on it and load again"
)
_FAILED = Reason(
    "磁盘或网络读取出错，请复制到本机磁盘后重新载入",
    "the disk or the network failed; copy it to a local disk and load again",
)
_OTHER = Reason(
    "系统报告“{said}”，请确认文件能打开后重新载入",
    "the system says {said!r}; see that it opens and load again",
)
# By name, because not every system has each of them.
_ERRORS = {
    **dict.fromkeys(("EACCES", "EPERM"), _PERMISSION),
    **dict.fromkeys(("EBUSY", "ETXTBSY"), _USED),
    **dict.fromkeys(("ENOENT", "ENOTDIR", "ELOOP"), _MISSING),
    "ENAMETOOLONG": _LONG,
    **dict.fromkeys(("ENOSPC", "EDQUOT"), _FULL),
    **dict.fromkeys(("EIO", "ESTALE", "ETIMEDOUT"), _FAILED),
}
# Windows has numbers of its own, which tell more: sharing, locks, the longest path, a full disk.
_WINDOWS = {32: _USED, 33: _USED, 206: _LONG, 112: _FULL}
_LINK = Reason(
    "这是指向文件夹的链接，没有进入；若要读取，请直接载入它指向的文件夹。",
    "This is a link to a folder and was not followed; load the folder that it points to.",
    "folder_link",
)
_NO_FILE = Reason(
    "这不是普通文件（设备或管道），没有读取。",
    "This is a device or a pipe and no plain file; it was not read.",
    "no_file",
)


@dataclass(frozen=True)
class Found:
    """A file, or something else in its place that cannot be read."""

    path: Path
    """Where its bytes are."""
    source: str
    """Its path below the folder, with forward slashes."""
    size: int = 0
    """How many bytes it has."""
    refused: Reason | None = None
    """Why it cannot be read."""


def find(path: Path) -> list[Found]:
    """
    Return the file itself, or every file below the folder.

    Parameters
    ----------
    path
        A file or a folder.

    Returns
    -------
    list of Found
        Sorted by path. Hidden files and lock files of open workbooks are left
        out; folders and files that cannot be read, and links that lead
        nowhere or to a folder, are in it with the reason.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("a,b"), (folder / "~$b.xlsx").write_text("")
    >>> [one.source for one in find(folder)]
    ['a.csv']
    """
    root = Path(extended(str(path.resolve()))) if os.name == "nt" else path
    if not root.is_dir():
        return [_file(root, _text(path.name))]
    return sorted(_below(root), key=lambda one: one.path)


def _below(root: Path) -> Iterator[Found]:
    failed: list[OSError] = []
    seen: set[tuple[int, int]] = set()
    for place, folders, files in os.walk(root, onerror=failed.append):
        kept = []
        for name in folders:
            folder = Path(place, name)
            source = _source(folder, root)
            if hidden(source):
                continue
            if _leads_away(folder, seen):
                yield Found(folder, source, refused=_LINK)
            else:
                kept.append(name)
        folders[:] = kept
        for name in files:
            file = Path(place, name)
            source = _source(file, root)
            if not hidden(source):
                yield _file(file, source)
    for error in failed:
        folder = Path(error.filename)
        yield Found(folder, _source(folder, root), refused=blocked(error))


def _leads_away(folder: Path, seen: set[tuple[int, int]]) -> bool:
    """Return whether a folder is a link, or was met before, as a loop of junctions is."""
    junction = hasattr(os.path, "isjunction") and os.path.isjunction(folder)
    if junction or folder.is_symlink():
        return True
    try:
        told = folder.stat()
    except OSError:
        # Going into it will tell why.
        return False
    known = (told.st_dev, told.st_ino) in seen
    seen.add((told.st_dev, told.st_ino))
    return known


def _file(path: Path, source: str) -> Found:
    try:
        told = path.stat()
    except OSError as error:
        return Found(path, source, refused=blocked(error))
    if not stat.S_ISREG(told.st_mode):
        return Found(path, source, refused=_NO_FILE)
    return Found(path, source, told.st_size)


def _source(path: Path, root: Path) -> str:
    return _text(path.relative_to(root).as_posix() if path != root else root.name)


def _text(name: str) -> str:
    """Return a name in which whatever is no text is written out."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def extended(path: str) -> str:
    r"""
    Return a path of Windows as it opens files whose path has more than 260 characters.

    Examples
    --------
    >>> print(extended("C:\\a"), extended("\\\\server\\share"), extended("\\\\?\\C:\\a"))
    \\?\C:\a \\?\UNC\server\share \\?\C:\a
    """
    if path.startswith("\\\\?\\"):
        return path
    return f"\\\\?\\UNC{path[1:]}" if path.startswith("\\\\") else f"\\\\?\\{path}"


def blocked(error: OSError) -> Reason:
    """
    Return why the system does not give a file, and what to do.

    Examples
    --------
    >>> blocked(PermissionError(13, "Permission denied")).zh
    '无法读取：没有读取权限，请取得权限后重新载入。'
    """
    name = errno.errorcode.get(error.errno or 0, "")
    said = _WINDOWS.get(getattr(error, "winerror", None) or 0) or _ERRORS.get(name)
    other = _OTHER.about(said=error.strerror or type(error).__name__)
    return _BLOCKED.about(error=said or other)
