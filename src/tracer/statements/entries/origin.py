"""Origin: which bank or platform wrote a file, as its name and its format tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tracer.statements.formats.declare import Format
from tracer.statements.reasons import PLATFORM, Reason

# The account keys of the two large platforms; any other is pay:NAME:.
_NAMELESS = "pay:{institution}:"
_PLATFORMS = {"财付通": "tenpay:", "微信": "tenpay:", "支付宝": "alipay:"}


def institution(one: Format, source: str) -> str:
    """
    Return the bank or platform that wrote a file, as its format or its name tells.

    Parameters
    ----------
    one
        The format that the file has.
    source
        The file's path below the folder that was loaded.
    """
    return one.institution or bank(Path(source).stem, one.suffixes)


def bank(stem: str, suffixes: Sequence[str]) -> str:
    """
    Return the bank that a file name tells, as these exports are named.

    Parameters
    ----------
    stem
        The file name without its extension.
    suffixes
        The table names that may end it.

    Examples
    --------
    >>> bank("【0001】某某银行股份有限公司交易明细信息_1", ["交易明细信息"])
    '某某银行股份有限公司'
    """
    bare = re.sub(r"【[^】]*】|\[[^\]]*\]", "", stem)
    for suffix in suffixes:
        name, found, _ = bare.partition(suffix)
        if found:
            return name.strip("0123456789_- ")
    # A file may be named like the bank alone, and like nothing else.
    whole = re.fullmatch(r"(.*(?:银行|信用社|联合社|联社)(?:\w*公司)?)[\d_\-\s]*", bare)
    return whole.group(1) if whole and suffixes else ""


def keyed(one: Format, source: str) -> tuple[Format, list[Reason]]:
    """
    Return a format with account keys of the platform that wrote the file.

    Parameters
    ----------
    one
        The format that the file has.
    source
        The file's path below the folder that was loaded.

    Returns
    -------
    format, notes
        A note where nothing tells the platform.
    """
    if _NAMELESS not in {each.prefix for each in (*one.own, *one.other)}:
        return one, []
    stem = Path(source).stem
    key = next((key for word, key in _PLATFORMS.items() if word in stem), "")
    key = key or f"pay:{institution(one, source) or 'unknown'}:"
    own, other = (
        tuple(replace(each, prefix=each.prefix.replace(_NAMELESS, key)) for each in patterns)
        for patterns in (one.own, one.other)
    )
    return replace(one, own=own, other=other), [PLATFORM] if key == "pay:unknown:" else []
