"""Names: what the files of an archive are called, whoever packed them on whatever system."""

from __future__ import annotations

import re
import unicodedata

_LONGEST = 200


def decoded(raw: bytes) -> str:
    """
    Return a name whose encoding the archive does not tell.

    Parameters
    ----------
    raw
        The bytes of the name.

    Returns
    -------
    str
        As UTF-8 where its characters are such as take three bytes, which
        GB18030 hardly ever looks like; else as GB18030, UTF-8 or code page 437.

    Examples
    --------
    >>> decoded("流水.csv".encode("gbk")), decoded("流水.csv".encode())
    ('流水.csv', '流水.csv')
    """
    unicode = _strict(raw, "utf-8")
    if unicode is not None and not any("\x7f" < letter < "\u0800" for letter in unicode):
        return unicode
    return _strict(raw, "gb18030") or unicode or raw.decode("cp437")


def _strict(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def harmless(name: str) -> str:
    r"""
    Return a name that shows where a file lay in its archive and can do nothing else.

    Examples
    --------
    >>> harmless("C:\\..\\银行/../../etc\x00/a.csv")
    'C_/银行/etc_/a.csv'
    """
    parts = (part.strip() for part in re.split(r"[/\\]+", name))
    kept = [_plain(part)[:_LONGEST] for part in parts if part not in {"", ".", ".."}]
    return "/".join(kept) or "_"


def _plain(part: str) -> str:
    # Marks that turn the reading direction, and lone surrogates, hide what a name is.
    return "".join(
        "_" if letter in '<>:"|?*' or unicodedata.category(letter) in {"Cc", "Cf", "Cs"} else letter
        for letter in part
    )


def hidden(name: str) -> bool:
    """
    Return whether a name is such as a system leaves behind and no person made.

    Examples
    --------
    >>> hidden("__MACOSX/a.csv"), hidden("a/~$b.xlsx"), hidden("a/b.csv")
    (True, True, False)
    """
    return any(part.startswith((".", "~$")) or part == "__MACOSX" for part in name.split("/"))


def stem(name: str) -> str:
    """
    Return what the one file of a packed file is called.

    Examples
    --------
    >>> stem("财付通.tgz"), stem("a.csv.gz"), stem("a")
    ('财付通.tar', 'a.csv', 'a')
    """
    tails = {".tgz": ".tar", ".tbz": ".tar", ".txz": ".tar", ".gz": "", ".bz2": "", ".xz": ""}
    for tail, instead in tails.items():
        if name.lower().endswith(tail):
            return name[: -len(tail)] + instead
    return name
