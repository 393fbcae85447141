"""Unpack: an archive's files, taken out under names of our own and within limits."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tracer.statements.archives import budget as limits
from tracer.statements.archives.budget import CHUNK, Budget, Careful, Dense, Spent
from tracer.statements.archives.names import decoded, harmless, hidden, stem
from tracer.statements.archives.zips import parts, said, torn
from tracer.statements.reasons import BROKEN_ARCHIVE, BROKEN_MEMBER, DEEP, DENSE, LINK, Reason

# An archive in an archive is usual, a tar in a gz counts as one more; beyond this it is a bomb.
DEEPEST = 6

_HEAD = 512
_PACKED = {
    rb"\x1f\x8b\x08": "gz",
    # A text may begin with the letters alone; behind them is the mark of a block or of the end.
    rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)": "bz2",
    rb"\xfd7zXZ\x00": "xz",
}
_OPEN: dict[str, Callable[[Path], gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile]] = {
    "gz": gzip.GzipFile,
    "bz2": bz2.BZ2File,
    "xz": lzma.LZMAFile,
}
# Parts of workbooks and documents that are zip archives themselves.
_OFFICE = {"[Content_Types].xml", "xl/workbook.xml", "xl/workbook.bin", "content.xml", "mimetype"}
_LISTLESS = Reason("缺少文件目录", "no central directory")
_ENDLESS = Reason("缺少结尾标记", "no end mark")
_TORN = Reason("{kind} 数据损坏", "the {kind} data is damaged")
_DAMAGE = (OSError, EOFError, zlib.error, lzma.LZMAError, tarfile.TarError, ValueError)


@dataclass(frozen=True)
class Member:
    """One file of an archive, or one of its faults."""

    name: str
    """Its name in the archive, with forward slashes and made harmless; "" for the archive."""
    path: Path | None
    """The file that holds its bytes; None if it was not taken out."""
    refused: Reason | None = None
    """Why it was not taken out."""


def unpack(
    path: Path, into: Path, passwords: Sequence[str] = (), *, name: str = ""
) -> list[Member]:
    """
    Take every file out of an archive, and out of the archives in it.

    Nothing in an archive decides where bytes are written: files get names of
    our own. What cannot be taken out is a member with the reason, and the
    others are taken out all the same.

    Parameters
    ----------
    path
        A zip, tar, gz, bz2 or xz file.
    into
        An empty folder that holds the files afterwards.
    passwords
        Tried one after the other where a file is encrypted.
    name
        What the archive is called, if the path does not tell.

    Returns
    -------
    list of Member
        In the order of the archive, with different names; directories and
        what `find` would leave out of a folder are left out.

    Examples
    --------
    >>> import tempfile, zipfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with zipfile.ZipFile(folder / "a.zip", "w") as package:
    ...     package.writestr("../流水.csv", "a,b")
    >>> [one.name for one in unpack(folder / "a.zip", folder)]
    ['流水.csv']
    """
    budget = Budget(into)
    found: list[Member] = []
    try:
        for member in _members(path, name or path.name, budget, passwords, 1):
            found.append(member)  # noqa: PERF402 - what was found before a limit stays.
    except Spent as spent:
        found.append(Member("", None, spent.reason))
    # Archives in archives, and what was begun when a limit was reached, are no members.
    for left in set(into.iterdir()) - {one.path for one in found}:
        left.unlink()
    return _distinct(found)


def is_archive(path: Path) -> bool:
    """Return whether a file is an archive by its content; a workbook or document is none."""
    return _kind(path) != ""


def _kind(path: Path) -> str:
    """Return zip, tar, gz, bz2 or xz; "" for anything else."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip" if _is_zip(path) else ""
    packed = next((kind for magic, kind in _PACKED.items() if re.match(magic, head)), "")
    return packed or ("tar" if _is_tar(head) else "")


def _is_zip(path: Path) -> bool:
    """Return whether a zip archive is one of files; those of Office are one document each."""
    with Careful(path) as file:
        listed = parts(file)
        names = {one.name for one in (torn(file, most=8) if listed is None else listed)}
    office = names & _OFFICE or any(name.startswith("word/") for name in names)
    return not office and (listed is not None or bool(names))


def _is_tar(head: bytes) -> bool:
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except (tarfile.TarError, ValueError):
        return False
    return True


def _members(
    path: Path, name: str, budget: Budget, passwords: Sequence[str], depth: int
) -> Iterator[Member]:
    kind = _kind(path)
    if kind == "zip":
        found = _zip(path, budget, passwords)
    elif kind == "tar":
        found = _tar(path, budget)
    else:
        found = _single(path, name, kind, budget)
    for member in found:
        if member.path is None or not is_archive(member.path):
            yield member
        elif depth == DEEPEST:
            yield Member(member.name, None, DEEP.about(depth=DEEPEST))
        else:
            inner = member.name or name
            for one in _members(member.path, inner, budget, passwords, depth + 1):
                yield replace(one, name="/".join(filter(None, (member.name, one.name))))
            budget.give_back(member.path)


def _distinct(members: list[Member]) -> list[Member]:
    """Give names that occur again a number, since a source names one file."""
    seen: dict[str, int] = {}
    distinct = []
    for member in members:
        seen[member.name] = count = seen.get(member.name, 0) + 1
        again = f"{member.name} ({count})" if count > 1 and member.name else member.name
        distinct.append(replace(member, name=again))
    return distinct


def _zip(path: Path, budget: Budget, passwords: Sequence[str]) -> Iterator[Member]:
    with Careful(path) as file:
        listed = parts(file)
        for part in torn(file) if listed is None else listed:
            budget.count()
            label = harmless(part.name)
            if part.is_folder or hidden(label):
                continue
            target = budget.place(label)
            refused = part.take(file, target, budget, passwords)
            yield Member(label, None if refused else target, refused)
        if listed is None:
            yield Member("", None, BROKEN_ARCHIVE.about(error=_LISTLESS))


def _tar(path: Path, budget: Budget) -> Iterator[Member]:
    try:
        with (
            Careful(path) as file,
            tarfile.open(
                fileobj=file, mode="r:", encoding="utf-8", errors="surrogateescape"
            ) as package,
        ):
            while (info := package.next()) is not None:
                budget.count()
                # The list of what was passed would grow with the archive.
                package.members.clear()  # type: ignore[attr-defined]
                label = harmless(decoded(info.name.encode("utf-8", "surrogateescape")))
                if not info.isdir() and not hidden(label):
                    yield _tarred(package, info, label, budget)
            file.seek(package.offset)
            if file.read(_HEAD) != bytes(_HEAD):
                yield Member("", None, BROKEN_ARCHIVE.about(error=_ENDLESS))
    except _DAMAGE as error:
        yield Member("", None, BROKEN_ARCHIVE.about(error=said(error)))


def _tarred(package: tarfile.TarFile, info: tarfile.TarInfo, label: str, budget: Budget) -> Member:
    source = package.extractfile(info) if info.isfile() and not info.issparse() else None
    if source is None:
        return Member(label, None, LINK)
    target = budget.place(label)
    budget.copy(iter(partial(source.read, CHUNK), b""), target, packed=info.size)
    return Member(label, target)


def _single(path: Path, name: str, kind: str, budget: Budget) -> Iterator[Member]:
    """Take out the one file of a gz, bz2 or xz; if that is a tar, it has no name of its own."""
    budget.count()
    label = harmless(stem(name))
    target = budget.place(label)
    refused = None
    try:
        with _OPEN[kind](path) as source:
            # Read this way, what comes before a damage is not lost with it.
            pieces = iter(partial(source.read1, CHUNK), b"")
            budget.copy(pieces, target, packed=path.stat().st_size)
    except Dense:
        refused = DENSE.about(ratio=limits.RATIO)
    except _DAMAGE as error:
        refused = BROKEN_MEMBER.about(error=said(error))
    if _kind(target) == "tar":
        # Of a torn tar the whole files are good.
        yield Member("", target)
        if refused:
            yield Member("", None, BROKEN_ARCHIVE.about(error=_TORN.about(kind=kind)))
    elif refused:
        budget.give_back(target)
        yield Member(label, None, refused)
    else:
        yield Member(label, target)
