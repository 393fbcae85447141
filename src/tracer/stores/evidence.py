"""Evidence files, copied once, read-only and named by their SHA-256."""

from __future__ import annotations

import hashlib
import mmap
import shutil
import stat
import uuid
from pathlib import Path


def sha256(path: Path) -> str:
    """
    Return the SHA-256 of a file's bytes as lower-case hexadecimal text.

    Parameters
    ----------
    path
        A readable file of any size; it is looked at where it lies.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        # Hashed at one go, a file waits for no other thread; one of no bytes cannot be mapped.
        if path.stat().st_size:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                digest.update(content)
    return digest.hexdigest()


def keep(path: Path, folder: Path) -> tuple[str, Path]:
    """
    Copy a file into the evidence folder and return its SHA-256 and the copy.

    The hash is taken from the copy, so that what is read later is what was
    hashed even where the original changes meanwhile. The copy appears under
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
        shutil.copyfile(path, arriving)
        digest = sha256(arriving)
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


def kept(digest: str, folder: Path) -> Path:
    """
    Return the copy of a file that was kept.

    Parameters
    ----------
    digest
        Its SHA-256.
    folder
        The evidence folder of a case.
    """
    return next(path for path in sorted(folder.iterdir()) if path.name.startswith(digest))
