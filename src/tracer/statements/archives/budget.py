"""Budget: how much may be taken out of one archive, with all archives in it."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tracer.statements.files import excess
from tracer.statements.reasons import LARGE_ARCHIVE, MANY_MEMBERS, Reason

# The replies to one inquiry are thousands of files and a few gigabytes, never more.
MOST = 20_000
LARGEST = 8 * 1024**3
# Statements pack to a tenth or a fiftieth; only a small file may be denser without harm.
RATIO = 500
SMALL = 16 * 1024**2
# What is read at once, and so what is held in memory.
CHUNK = 1024**2
LONGEST_READ = 8 * 1024**2
_HEADER = "文件头大得不合理", "a header of more than 8 MB"


class Spent(Exception):  # noqa: N818 - it ends the unpacking and is no error.
    """The archive as a whole holds more than may be taken out."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.en)
        self.reason = reason


class DamagedError(ValueError):
    """What an archive says of itself cannot be; the reason tells what, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.reason = Reason(zh, en)


class Dense(Exception):  # noqa: N818 - it ends one member and is no error.
    """One member unpacks to far more than its size."""


class Careful(io.BufferedReader):
    """A file of which no reader can ask for more at once than memory bears."""

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path))

    def read(self, size: int | None = -1, /) -> bytes:
        """Read so many bytes, or refuse: a directory or header of that size is hostile."""
        if size is not None and size > LONGEST_READ:
            raise DamagedError(*_HEADER)
        if size is None or size < 0:
            found = super().read(LONGEST_READ + 1)
            if len(found) > LONGEST_READ:
                raise DamagedError(*_HEADER)
            return found
        return super().read(size)


@dataclass
class Budget:
    """What was taken out so far."""

    into: Path
    """The folder that takes the files."""
    members: int = 0
    """How many items were met, folders included."""
    size: int = 0
    """How many bytes lie in the folder."""

    def count(self) -> None:
        """Count one more item; raise `Spent` if there are too many."""
        self.members += 1
        if self.members > MOST:
            raise Spent(MANY_MEMBERS.about(most=MOST))

    def place(self, label: str) -> Path:
        """Return a path for a file, of which only a plain extension is the archive's own."""
        _, dot, tail = label.rpartition(".")
        plain = dot and len(tail) <= 5 and tail.isascii() and tail.isalnum()
        return self.into / f"{self.members:06d}{'.' + tail.lower() if plain else ''}"

    def copy(self, pieces: Iterable[bytes], target: Path, *, packed: int) -> int:
        """
        Write the pieces to a file and return their CRC-32.

        Parameters
        ----------
        pieces
            The file's bytes, unpacked no faster than they are asked for.
        target
            A path that `place` gave; what was written stays when this raises.
        packed
            How many bytes of the archive the pieces come from.

        Raises
        ------
        Dense
            If the pieces are far more than what they come from.
        Spent
            If the folder holds too much.
        """
        crc = written = 0
        with target.open("wb") as file:
            for piece in pieces:
                written += len(piece)
                if dense(written, packed):
                    raise Dense
                if self.size + len(piece) > LARGEST:
                    raise Spent(LARGE_ARCHIVE.about(size=excess.size(LARGEST)))
                self.size += file.write(piece)
                crc = zlib.crc32(piece, crc)
        return crc

    def give_back(self, target: Path) -> None:
        """Remove a file that is not needed any more."""
        if target.exists():
            self.size -= target.stat().st_size
            target.unlink()


def dense(size: int, packed: int) -> bool:
    """Return whether so many bytes from so few are no statement."""
    return size > SMALL and size > RATIO * packed
