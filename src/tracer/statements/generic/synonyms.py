"""Synonyms: what a header may mean in a layout that no declaration describes."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from tracer.statements.formats.declare import bare
from tracer.statements.formats.units import told

# How far a header alone is trusted: as a whole, as a whole but with rivals, by a part.
EXACT, WEAKER, PART = 0.95, 0.8, 0.72
# What a thing is called on each side; a thing without a line here has an own side only.
_SIDED = {
    "account": {
        "": "number",
        "other": "other_account",
        "payer": "payer",
        "payee": "payee",
    },
    "holder": {
        "": "holder",
        "other": "other_holder",
        "payer": "payer_holder",
        "payee": "payee_holder",
    },
    "id": {"": "holder_id", "other": "other_id"},
    "bank": {"other": "other_institution"},
}


@dataclass(frozen=True)
class Name:
    """What one header says."""

    meaning: str
    """A meaning of ``declare.MEANINGS``, or payer_holder, payee_holder; "" where nothing fits."""
    trust: float
    """How far the header alone is trusted, 0 to 1."""
    rank: int
    """Its place among the headers of that meaning; smaller is more usual."""
    by_cells: bool = False
    """Whether the cells alone say so, under a header that says nothing."""


@cache
def _known() -> dict[str, dict[str, list[str]]]:
    file = resources.files("tracer.statements.generic") / "synonyms.toml"
    known: dict[str, dict[str, list[str]]] = tomllib.loads(file.read_text(encoding="utf-8"))
    return known


def title(meaning: str) -> str:
    """
    Return what an investigator calls a meaning.

    Examples
    --------
    >>> title("other_account")
    '对方账号'
    """
    return str(_known()["titles"].get(meaning, meaning))


def claims(header: str) -> bool:
    """Return whether a header belongs to a table of what victims or police say."""
    return any(word in header for word in _known()["claims"]["headers"])


@cache
def named(header: str) -> Name:
    """
    Return what a header means: by its whole first, by a part of it last.

    Parameters
    ----------
    header
        A header cell as the file has it.

    Examples
    --------
    >>> named("交易帐号").meaning, named("对手交易余额").meaning, named("对方单位名称").meaning
    ('number', '', 'other_holder')
    """
    # What amounts count is told apart from what they are.
    plain = re.sub(
        r"[(\[]([^()\[\]]+)[)\]]", lambda one: "" if told(one[1]) else one[0], bare(header)
    )
    for group, trust in (("exact", EXACT), ("weaker", WEAKER)):
        for meaning, names in _bare(group).items():
            if plain in names:
                return Name(meaning, trust, names.index(plain))
    return _part(plain)


@cache
def whole() -> frozenset[str]:
    """Return every header that is known as a whole, bare."""
    groups = (_bare(group) for group in ("exact", "weaker"))
    return frozenset(name for group in groups for names in group.values() for name in names)


@cache
def _bare(group: str) -> dict[str, list[str]]:
    return {meaning: [*map(bare, names)] for meaning, names in _known()[group].items()}


def _part(plain: str) -> Name:
    known = _known()
    sides = (side for side, words in known["sides"].items() if any(w in plain for w in words))
    things = (thing for thing, words in known["parts"].items() if any(w in plain for w in words))
    side, thing = next(sides, ""), next(things, "")
    # The income's and the expense's words hold for amounts and nothing else.
    barred = known["never"].get("amount" if thing in {"income", "expense"} else thing, [])
    if not thing or any(word in plain for word in barred):
        return Name("", 0.0, 0)
    meaning = _SIDED.get(thing, {"": thing}).get(side, "")
    if meaning == "number" and "卡号" in plain and "账" not in plain:
        meaning = "card"
    return Name(meaning, PART if meaning else 0.0, 99)
