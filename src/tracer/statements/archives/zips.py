"""Zips: the parts of a zip archive, whole or torn, and their bytes in bounded memory."""

from __future__ import annotations

import bz2
import errno
import itertools
import lzma
import stat
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyzipper

from tracer.statements.archives import budget as limits
from tracer.statements.archives.budget import CHUNK, Budget, Careful, DamagedError, Dense, dense
from tracer.statements.archives.names import decoded
from tracer.statements.reasons import (
    BROKEN_MEMBER,
    DENSE,
    LINK,
    LOCKED,
    OVERLAPPING,
    WRONG_PASSWORD,
    Reason,
)

DAMAGE = (
    *(OSError, EOFError, ValueError, RuntimeError, NotImplementedError, struct.error),
    *(zlib.error, lzma.LZMAError, pyzipper.BadZipFile),
)
_STORED, _DEFLATED, _BZIP2, _LZMA = 0, 8, 12, 14
_LOCAL, _FOLLOWING = b"PK\x03\x04", b"PK\x07\x08"
_ENCRYPTED, _FOLLOWS, _UTF8 = 0x1, 0x8, 0x800
_UNIX = 3
_LATER = 0xFFFFFFFF
# The dictionary that the strongest setting of common packers makes.
_LARGEST_DICTIONARY = 64 * 1024**2
_DICTIONARY = "LZMA 字典大得不合理", "an LZMA dictionary of more than 64 MB"
_BEFORE = "文件位置在压缩包之外", "the archive says that a file begins before its start"
_HEADLESS = "找不到文件头", "no local header"
_METHOD = Reason("压缩方式 {method}", "method {method}")
_LOCKED_METHOD = Reason("已加密，压缩方式 {method}", "method {method}, encrypted")
_CHECKSUM = Reason("校验和不符", "the checksum (CRC-32) differs")
# What the libraries say is English; its kind is told in Chinese too.
_KINDS = {
    EOFError: "数据不完整",
    NotImplementedError: "压缩方式不受支持",
    **dict.fromkeys((zlib.error, lzma.LZMAError), "压缩数据损坏"),
}


@dataclass(frozen=True)
class Part:
    """One item of a zip archive."""

    name: str
    """As the archive has it, decoded."""
    flags: int
    """The general purpose bits."""
    method: int
    """How it is packed."""
    header: int
    """Where its local header begins."""
    packed: int
    """Its bytes in the archive."""
    size: int
    """Its bytes, as the archive claims."""
    crc: int
    """The CRC-32 of its bytes."""
    mode: int = 0
    """The file mode of a system that has links; else 0."""
    overlaps: bool = False
    """Whether its bytes are those of another part too."""
    entry: tuple[pyzipper.AESZipFile, pyzipper.ZipInfo] | None = None
    """The open archive and its word for the part; None if the archive is torn."""

    @property
    def is_folder(self) -> bool:
        """Whether the part is a folder and no file."""
        return self.name.endswith(("/", "\\"))

    def take(
        self, file: Careful, target: Path, budget: Budget, passwords: Sequence[str]
    ) -> Reason | None:
        """
        Write the part's bytes to a file.

        Parameters
        ----------
        file
            The archive.
        target
            The file to write; it is gone if the part is refused.
        budget
            What may be written.
        passwords
            Tried one after the other on an encrypted part.

        Returns
        -------
        Reason or None
            Why the part was refused.
        """
        if stat.S_ISLNK(self.mode):
            return LINK
        if self.overlaps:
            return OVERLAPPING
        if dense(self.size, self.packed):
            return DENSE.about(ratio=limits.RATIO)
        if self.flags & _ENCRYPTED:
            return self._unlock(target, budget, passwords)
        refused = self._copy(file, target, budget)
        if refused:
            budget.give_back(target)
        return refused

    def _copy(self, file: Careful, target: Path, budget: Budget) -> Reason | None:
        try:
            crc = budget.copy(_pieces(file, self), target, packed=self.packed)
        except Dense:
            return DENSE.about(ratio=limits.RATIO)
        except DAMAGE as error:
            return BROKEN_MEMBER.about(error=said(error))
        return None if crc == self.crc else BROKEN_MEMBER.about(error=_CHECKSUM)

    def _unlock(self, target: Path, budget: Budget, passwords: Sequence[str]) -> Reason | None:
        # Other methods would be unfolded in one go, however large.
        if self.entry is None or self.method not in {_STORED, _DEFLATED}:
            return BROKEN_MEMBER.about(error=_LOCKED_METHOD.about(method=self.method))
        package, info = self.entry
        # Packers encrypt with the bytes of their system's own encoding.
        for password, encoding in itertools.product(passwords, ("utf-8", "gb18030")):
            try:
                with package.open(info, pwd=password.encode(encoding)) as source:
                    pieces = iter(partial(source.read, CHUNK), b"")
                    budget.copy(pieces, target, packed=self.packed)
            except Dense:
                budget.give_back(target)
                return DENSE.about(ratio=limits.RATIO)
            except DAMAGE as error:
                said(error)
                budget.give_back(target)
            else:
                return None
        return WRONG_PASSWORD.about(tried=len(passwords)) if passwords else LOCKED


def said(error: BaseException) -> Reason:
    """Return what an error says of an archive, but raise again what the system says."""
    # A full disk is no damage of the archive, and a place before its start is.
    if isinstance(error, OSError) and error.errno not in {None, errno.EINVAL}:
        raise error
    if isinstance(error, DamagedError):
        return error.reason
    told = next((zh for kind, zh in _KINDS.items() if isinstance(error, kind)), "数据损坏")
    return Reason(told, " ".join(str(error).split()) or type(error).__name__)


def parts(file: Careful) -> list[Part] | None:
    """
    Return the parts that the archive's directory lists, or None if it cannot be read.

    Parameters
    ----------
    file
        The archive; it stays open as long as the parts are used.
    """
    try:
        package = pyzipper.AESZipFile(file)
        listed = package.infolist()
        over = _overlapping(listed, package.start_dir) if listed else set()
        return [_listed(package, info, overlaps=info.header_offset in over) for info in listed]
    except DAMAGE as error:
        said(error)
        return None


def _listed(package: pyzipper.AESZipFile, info: pyzipper.ZipInfo, *, overlaps: bool) -> Part:
    name = info.orig_filename
    if not info.flag_bits & _UTF8:
        raw = name.encode("cp437")
        name = _unicode(raw, info.extra) or decoded(raw)
    return Part(
        name=name,
        flags=info.flag_bits,
        method=info.compress_type,
        header=info.header_offset,
        packed=info.compress_size,
        size=info.file_size,
        crc=info.CRC,
        # Only where a system with links has packed do these bits say what the item is.
        mode=info.external_attr >> 16 if info.create_system == _UNIX else 0,
        overlaps=overlaps,
        entry=(package, info),
    )


def _unicode(raw: bytes, extra: bytes) -> str:
    """Return the name in the extra field for it, if that was written for this very name."""
    for kind, field in _fields(extra):
        if kind == 0x7075 and len(field) > 5:
            (crc,) = struct.unpack_from("<L", field, 1)
            if crc == zlib.crc32(raw):
                return field[5:].decode("utf-8", "replace")
    return ""


def _fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        yield kind, extra[4 : 4 + length]
        extra = extra[4 + length :]


def _overlapping(listed: list[pyzipper.ZipInfo], end: int) -> set[int]:
    """Return where the headers of those parts are that reach into the next one, or are reached."""
    ordered = sorted(listed, key=lambda info: info.header_offset)
    starts = [*(info.header_offset for info in ordered[1:]), end]
    return {
        offset
        for info, after in zip(ordered, starts, strict=True)
        if info.header_offset + 30 + info.compress_size > after
        for offset in (info.header_offset, after)
    }


def _pieces(file: Careful, part: Part) -> Iterator[bytes]:
    if part.header < 0:
        raise DamagedError(*_BEFORE)
    file.seek(part.header)
    header = file.read(30)
    if not header.startswith(_LOCAL):
        raise DamagedError(*_HEADLESS)
    name, extra = struct.unpack_from("<HH", header, 26)
    raw = _raw(file, part.header + 30 + name + extra, part.packed)
    if part.method == _STORED:
        return raw
    if part.method == _DEFLATED:
        return _inflated(zlib.decompressobj(-zlib.MAX_WBITS), raw)
    if part.method == _BZIP2:
        return _unfolded(bz2.BZ2Decompressor(), raw)
    if part.method == _LZMA:
        head = next(raw, b"")
        return _unfolded(_lzma(head), itertools.chain([head[9:]], raw))
    method = _METHOD.about(method=part.method)
    raise DamagedError(method.zh, method.en)


def _raw(file: Careful, at: int, left: int) -> Iterator[bytes]:
    file.seek(at)
    while left > 0 and (chunk := file.read(min(CHUNK, left))):
        left -= len(chunk)
        yield chunk


def _inflated(machine: zlib._Decompress, raw: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what deflated bytes hold, never more than a chunk at once."""
    for chunk in raw:
        rest = chunk
        while not machine.eof:
            piece = machine.decompress(rest, CHUNK)
            rest = machine.unconsumed_tail
            if piece:
                yield piece
            if not rest and len(piece) < CHUNK:
                break


def _unfolded(
    machine: bz2.BZ2Decompressor | lzma.LZMADecompressor, raw: Iterator[bytes]
) -> Iterator[bytes]:
    while not machine.eof:
        chunk = next(raw, b"") if machine.needs_input else b""
        if machine.needs_input and not chunk:
            return
        yield machine.decompress(chunk, CHUNK)


def _lzma(head: bytes) -> lzma.LZMADecompressor:
    """Return the machine that the nine bytes in front of LZMA data in a zip ask for."""
    setting, dictionary = struct.unpack_from("<BL", head, 4)
    if dictionary > _LARGEST_DICTIONARY:
        raise DamagedError(*_DICTIONARY)
    rest, context = divmod(setting, 9)
    position_bits, position = divmod(rest, 5)
    one = {
        "id": lzma.FILTER_LZMA1,
        "dict_size": dictionary,
        "lc": context,
        "lp": position,
        "pb": position_bits,
    }
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[one])


def torn(file: Careful, *, most: int = limits.MOST) -> list[Part]:
    """
    Return the parts of an archive without a directory, one local header after the other.

    Parameters
    ----------
    file
        The archive, cut short or damaged at its end.
    most
        How many parts are looked for.

    Returns
    -------
    list of Part
        The last one may be cut itself, which its checksum tells.
    """
    found: list[Part] = []
    at = unfolded = 0
    while len(found) < most and unfolded < limits.LARGEST:
        file.seek(at)
        header = file.read(30)
        if len(header) < 30 or not header.startswith(_LOCAL):
            break
        flags, method, crc, packed, size, name, extra = struct.unpack("<6xHH4xLLLHH", header)
        raw, more = file.read(name), file.read(extra)
        begin = at + 30 + name + extra
        if _LATER in {size, packed}:
            size, packed = _long(more, size, packed)
        after = begin + packed
        if flags & _FOLLOWS:
            if method != _DEFLATED or flags & _ENCRYPTED:
                break
            packed, size, crc, after = _measured(file, begin)
            unfolded += size
        told = raw.decode("utf-8", "replace") if flags & _UTF8 else decoded(raw)
        found.append(Part(told, flags, method, at, packed, size, crc))
        at = after
    return found


def _long(extra: bytes, size: int, packed: int) -> tuple[int, int]:
    field = next((field for kind, field in _fields(extra) if kind == 1), b"")
    if len(field) < 16:
        return size, packed
    size, packed = struct.unpack_from("<QQ", field)
    return size, packed


def _measured(file: Careful, begin: int) -> tuple[int, int, int, int]:
    """Return packed size, size, CRC-32 and end of a part whose header came before its bytes."""
    machine = zlib.decompressobj(-zlib.MAX_WBITS)
    taken = size = 0
    raw = _raw(file, begin, limits.LARGEST)

    def fed() -> Iterator[bytes]:
        nonlocal taken
        for chunk in raw:
            taken += len(chunk)
            yield chunk

    try:
        for piece in _inflated(machine, fed()):
            size += len(piece)
            if machine.eof or size > limits.LARGEST:
                break
    except zlib.error:
        return taken, size, 0, begin + taken
    packed = taken - len(machine.unused_data)
    file.seek(begin + packed)
    tail = file.read(24)
    start = 4 if tail.startswith(_FOLLOWING) else 0
    crc = int.from_bytes(tail[start : start + 4], "little")
    # The two sizes behind the checksum have four bytes each, or eight in a large archive.
    width = 12 if tail[start + 12 : start + 14] == b"PK" else 20
    return packed, size, crc, begin + packed + start + width
