"""Gathering: every file is kept as evidence, taken out of its archive and read."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from tracer.errors import CaseError
from tracer.intake.crew import LEAST_BYTES, Job, read_all
from tracer.statements.archives.unpack import Member, is_archive, unpack
from tracer.statements.folder import Found, blocked, find
from tracer.statements.formats.declare import formats
from tracer.statements.load import Reading, Unread, prepare, unread
from tracer.statements.reason import Reason, joined
from tracer.statements.reasons import AGAIN
from tracer.stores import evidence

_HOLDS = Reason(
    "内含 {count} 个文件，各占一行。", "It holds {count} files, each with its own line.", "holds"
)
_BARE = Reason("压缩包里没有文件。", "There is no file in it.", "bare")
_LEFT = Reason("另有 {refused} 项没有取出。", "{refused} more were not taken out.", "left")


@dataclass
class _Into:
    """What one load goes into."""

    folder: Path
    """The case's folder."""
    known: set[str]
    """The SHA-256 of the files that it has."""
    passwords: Sequence[str]
    """What is tried on locked files."""
    found: list[Unread | Job] = field(default_factory=list)
    """What is known already of each file, or what is left to do for it, in order."""


def gather(
    path: Path, folder: Path, seen: set[str], passwords: Sequence[str] = ()
) -> list[Reading]:
    """
    Keep a copy of each file as evidence and read it, without holding the case.

    An archive is kept as it is, and each file in it like a file of its own.

    Parameters
    ----------
    path
        A file, or a folder of them.
    folder
        The case's folder; copies go to its `evidence`, and its own format
        declarations are taken from its `formats`.
    seen
        The SHA-256 of the files that the case has already.
    passwords
        Tried on files and archives that are locked; they are kept nowhere.

    Returns
    -------
    list of Reading
        In the order of the files: one for each that was read, and one for those
        between them that were not, such as archives and files that were seen
        before, with a line for each that says so.

    Raises
    ------
    CaseError
        If the path does not exist or holds no file.
    """
    found = _found(path, folder)
    if sum(one.size for one in found) > LEAST_BYTES:
        # What reading needs once is fetched while the first file is copied and hashed.
        threading.Thread(target=prepare, daemon=True).start()
    into = _Into(folder, set(seen), passwords)
    for one in found:
        if one.refused is None:
            _keep(one.path, one.source, into)
        else:
            into.found.append(Unread(one.source, "", one.refused))
    readings = read_all([one for one in into.found if isinstance(one, Job)])
    parts = itertools.groupby(into.found, lambda one: isinstance(one, Unread))
    by = reader(folder)
    return [
        dataclasses.replace(reading, files=reading.files.assign(reader=by))
        for told, some in parts
        for reading in (
            [unread(*(one for one in some if isinstance(one, Unread)))]
            if told
            else [next(readings) for _ in some]
        )
    ]


def _found(path: Path, folder: Path) -> list[Found]:
    """Return the files of a path, unless it is none, is empty or overlaps with the case."""
    try:
        there = path.exists()
    except OSError as error:
        reason = blocked(error)
        msg = f"{str(path)!r}: {reason.en}"
        raise CaseError(msg, zh=f"{str(path)!r}：{reason.zh}") from None
    if not there:
        msg = f"There is no file or folder {str(path)!r}. Check the path."
        raise CaseError(msg, zh=f"找不到文件或文件夹 {str(path)!r}，请检查路径。")
    inside, home = path.resolve(), folder.resolve()
    if inside.is_relative_to(home) or home.is_relative_to(inside):
        msg = f"{str(path)!r} holds the case itself or lies in it. Load evidence from elsewhere."
        raise CaseError(msg, zh=f"{str(path)!r} 与案件文件夹重叠，请从其他文件夹载入。")
    found = find(path)
    if not found:
        msg = f"The folder {str(path)!r} holds no file to load."
        raise CaseError(msg, zh=f"文件夹 {str(path)!r} 中没有可载入的文件。")
    return found


def reader(folder: Path) -> str:
    """
    Return a short hash of all by which a case reads files: its declarations and Tracer's own.

    Parameters
    ----------
    folder
        The case's folder.

    Raises
    ------
    FormatError
        If a declaration of the case cannot be used.
    """
    told = repr([version("fund-tracer"), *formats(folder / "formats")])
    return hashlib.sha256(told.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def _keep(file: Path, source: str, into: _Into) -> None:
    try:
        digest, kept = evidence.keep(file, into.folder / "evidence")
        archive = is_archive(kept)
    except OSError as error:
        into.found.append(Unread(source, "", blocked(error)))
        return
    if digest in into.known:
        into.found.append(Unread(source, digest, AGAIN))
        return
    into.known.add(digest)
    if archive:
        into.found.extend(_unpacked(kept, source, digest, into))
    else:
        formats = into.folder / "formats"
        into.found.append(Job(kept, source, digest, formats, tuple(into.passwords)))


def _unpacked(kept: Path, source: str, digest: str, into: _Into) -> Iterator[Unread | Job]:
    """Take an archive's files out, each as evidence of its own."""
    name = source.rpartition("/")[2]
    with tempfile.TemporaryDirectory(dir=into.folder, prefix=".unpacked-") as place:
        members = unpack(kept, Path(place), into.passwords, name=name)
        yield _archive(source, digest, members)
        inner = _Into(into.folder, into.known, into.passwords)
        for member in members:
            inside = f"{source}/{member.name}" if member.name else source
            if member.refused is not None:
                yield Unread(inside, "", member.refused)
            elif member.path is not None:
                _keep(member.path, inside, inner)
                yield from inner.found
                inner.found.clear()


def _archive(source: str, digest: str, members: list[Member]) -> Unread:
    """Return the line of an archive: how many files it holds, and how many were refused."""
    refused = sum(member.refused is not None for member in members)
    told = [_HOLDS.about(count=len(members) - refused) if members else _BARE]
    told += [_LEFT.about(refused=refused)] if refused else []
    return Unread(source, digest, joined(told), format="archive", title="压缩包")
