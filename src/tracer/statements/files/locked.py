"""Locked: a workbook behind a password becomes the workbook itself, if the password is known."""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO

import msoffcrypto
from msoffcrypto.exceptions import DecryptionError, InvalidKeyError
from msoffcrypto.format.ooxml import OOXMLFile

from tracer.statements.reasons import BROKEN_LOCK, LOCKED, WRONG_PASSWORD, refusal

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Excel opens what is locked with this word without asking; it protects only against changes.
_DEFAULT = "VelvetSweatshop"
# Excel turns the password 100,000 times; far more is asked only to keep the machine busy.
_MOST_TURNS = 2_000_000


def unlocked(content: bytes, passwords: Sequence[str] = ()) -> bytes:
    """
    Return the bytes of a workbook without its password protection.

    Parameters
    ----------
    content
        The whole file; what is not locked comes back as it is.
    passwords
        Tried one after the other.

    Returns
    -------
    bytes
        An xlsx or xls file that opens without a password.

    Raises
    ------
    SheetError
        If a password is needed and none fits.

    Examples
    --------
    >>> unlocked(b"a,b")
    b'a,b'
    """
    if not content.startswith(OLE):
        return content
    try:
        if not msoffcrypto.OfficeFile(BytesIO(content)).is_encrypted():
            return content
    except Exception:  # noqa: BLE001 - the reader of workbooks tells what is wrong with it.
        return content
    turns = re.search(rb'spinCount="(\d+)"', content)
    if turns and int(turns.group(1)) > _MOST_TURNS:
        raise refusal(BROKEN_LOCK.about(error=f"spinCount {int(turns.group(1))}"))
    for password in (*passwords, _DEFAULT):
        opened = _opened(content, password)
        if opened:
            return opened
    raise refusal(WRONG_PASSWORD.about(tried=len(passwords)) if passwords else LOCKED)


def _opened(content: bytes, password: str) -> bytes:
    target = BytesIO()
    try:
        file = msoffcrypto.OfficeFile(BytesIO(content))
        if isinstance(file, OOXMLFile):
            file.load_key(password=password, verify_password=True)
        else:
            file.load_key(password=password)
        file.decrypt(target)
    except (InvalidKeyError, DecryptionError):
        return b""
    except Exception as error:
        # The library meets damage in many ways and names none of them.
        raise refusal(BROKEN_LOCK.about(error=type(error).__name__)) from error
    return target.getvalue()
