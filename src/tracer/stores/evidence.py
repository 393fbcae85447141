"""Evidence files, copied once, read-only and named by their SHA-256."""

from __future__ import annotations

import hashlib
import stat
import uuid
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

CHUNK = 1 << 22


def sha256(path: Path) -> str:
    """
    Return the SHA-256 of a file's bytes as lower-case hexadecimal text.

    Parameters
    ----------
    path
        A readable file of any size; it is read in pieces.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copied(path: Path, target: Path) -> str:
    """Copy a file and return the hash of exactly the bytes that were written."""
    digest = hashlib.sha256()
    with path.open("rb") as source, target.open("xb") as copy, ThreadPoolExecutor(1) as pool:
        hashing: Future[None] | None = None
        while piece := source.read(CHUNK):
            if hashing is not None:
                hashing.result()
            # The hash of one piece is taken while the next is copied.
            hashing = pool.submit(digest.update, piece)
            copy.write(piece)
    return digest.hexdigest()


def keep(path: Path, folder: Path) -> tuple[str, Path]:
    """
    Copy a file into the evidence folder and return its SHA-256 and the copy.

    The hash is that of the bytes that were written, so that what is read later
    is what was hashed even where the original changes meanwhile. The copy appears under
    its name only when it is complete.

    Parameters
    ----------
    path
        The file as the investigator has it.
    folder
        The evidence folder of a case.
    """
    folder.mkdir(parents=True, exist_ok=True)
    arriving = folder / f"{uuid.uuid4().hex}.arriving"
    try:
        digest = _copied(path, arriving)
        # The original extension stays: some readers and all people go by it.
        kept = folder / f"{digest}{path.suffix.lower()}"
        if kept.exists():
            return digest, kept
        arriving.chmod(stat.S_IREAD | stat.S_IRGRP)
        try:
            arriving.replace(kept)
        except PermissionError:
            # Windows does not replace a read-only file: another notebook was faster.
            if not kept.exists():
                raise
        return digest, kept
    finally:
        if arriving.exists():
            arriving.chmod(stat.S_IREAD | stat.S_IWRITE)
            arriving.unlink()
