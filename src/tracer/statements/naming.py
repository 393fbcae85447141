"""Naming: names of meanings, columns and formats are found, or refused with the nearest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path

from tracer.errors import FormatError
from tracer.statements.formats.declare import MEANINGS, formats
from tracer.statements.generic.synonyms import title
from tracer.statements.generic.write import USUAL

# So many meanings are named that come near an unknown one.
_NEAR = 3


def meaning(name: str, used: Iterable[str]) -> str:
    """
    Return the code of a meaning that is named by its code or its Chinese title.

    Parameters
    ----------
    name
        What was written.
    used
        The codes that a sheet has already; of two with one title they come first.

    Raises
    ------
    FormatError
        If there is none; the message names the nearest.

    Examples
    --------
    >>> meaning("交易时间", ["time"]), meaning("本方账号", ["account"])
    ('time', 'account')
    """
    if name in MEANINGS:
        return name
    codes = (*used, *USUAL, *sorted(MEANINGS))
    found = next((one for one in codes if title(one) == name), "")
    if not found:
        raise _unknown(name)
    return found


def _unknown(name: str) -> FormatError:
    """Refuse a meaning, with the few that come nearest by code or title, and the usual ones."""
    codes = {said: one for one in sorted(MEANINGS) for said in (one, title(one))}
    near = dict.fromkeys(codes[one] for one in get_close_matches(name, codes, _NEAR, 0.3))
    usual = "、".join(f"{one} {title(one)}" for one in USUAL)
    maybe = "是不是 " + "、".join(f"{one!r}（{title(one)}）" for one in near) + "？" if near else ""
    maybe_en = f"Did you mean {', '.join(map(repr, near))}? " if near else ""
    msg = f"There is no meaning {name!r}. {maybe_en}Usual ones are {', '.join(USUAL)}."
    return FormatError(msg, zh=f"没有名为 {name!r} 的含义。{maybe}常用的有：{usual}。")


def no(name: str, known: Sequence[str], zh: str, en: str) -> FormatError:
    """
    Return the refusal of a name, with the nearest and all that there are.

    Parameters
    ----------
    name
        What was written.
    known
        The names that there are.
    zh, en
        What is named.
    """
    near = get_close_matches(name, known, 1, 0.3)
    maybe, maybe_en = (f"是不是 {near[0]!r}？", f"Did you mean {near[0]!r}? ") if near else ("", "")
    listed = "、".join(known)
    msg = f"There is no {en} {name!r}. {maybe_en}There are: {', '.join(known)}."
    return FormatError(msg, zh=f"没有名为 {name!r} 的{zh}。{maybe}可用的有：{listed}。")


def usable(name: str, file: Path, replaces: str) -> None:
    """
    Refuse a name that no format of a case can have.

    Parameters
    ----------
    name
        What the format is to be called.
    file
        Where its declaration would be.
    replaces
        The format that it may take the place of.

    Raises
    ------
    FormatError
        If the name cannot be used or is taken.
    """
    reserved = re.fullmatch(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d|generic)", name)
    if reserved or not re.fullmatch(r"[\w\-]{1,40}", name):
        msg = f"{name!r} cannot be a format's name: use up to 40 letters, digits, - and _."
        raise FormatError(
            msg, zh=f"{name!r} 不能作版式名称：请用不超过 40 个汉字、字母、数字或 - _。"
        )
    if file.exists():
        msg = f"The case has a format {name!r} already: {str(file)!r}. Give another name."
        raise FormatError(
            msg, zh=f"本案已有版式 {name!r}：{str(file)!r}。请换一个名称，或先移走旧的。"
        )
    if name != replaces and name in {one.name for one in formats()}:
        msg = f"{name!r} is the name of a format that ships with Tracer. Give another name."
        raise FormatError(msg, zh=f"{name!r} 是随附版式的名称，请换一个名称。")
