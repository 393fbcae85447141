"""Reason: one sentence in two languages, with the code by which a program knows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Reason:
    """One sentence in two languages; ``{…}`` parts are filled where it is used."""

    zh: str
    """What an investigator reads."""
    en: str
    """The same in English."""
    code: str = ""
    """A short name that no wording changes; several joined by spaces; "" for a passing remark."""

    def about(self, **values: object) -> Reason:
        """
        Return the reason with its blanks filled, each language with its own words.

        Examples
        --------
        >>> rows = Reason("第 2–4 行", "rows 2–4")
        >>> Reason("核对{rows}。", "Check {rows}.", "check").about(rows=rows)
        Reason(zh='核对第 2–4 行。', en='Check rows 2–4.', code='check')
        """
        both = [(name, _both(value)) for name, value in values.items()]
        zh, en = ({name: value[at] for name, value in both} for at in (0, 1))
        return replace(self, zh=self.zh.format(**zh), en=self.en.format(**en))


def _both(value: object) -> tuple[object, object]:
    return (value.zh, value.en) if isinstance(value, Reason) else (value, value)


def joined(reasons: Iterable[Reason]) -> Reason:
    """
    Return several reasons as one: their sentences, and their codes with spaces between.

    Parameters
    ----------
    reasons
        Any number of them, in order; those without words are passed over.

    Examples
    --------
    >>> joined([Reason("甲。", "A.", "a"), Reason("", ""), Reason("乙。", "B.", "b")])
    Reason(zh='甲。乙。', en='A. B.', code='a b')
    """
    told = [one for one in reasons if one.zh]
    return Reason(
        "".join(one.zh for one in told),
        " ".join(one.en for one in told),
        " ".join(dict.fromkeys(one.code for one in told if one.code)),
    )
