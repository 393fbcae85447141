"""Choices: what the columns of an unknown layout may be, how sure that is, and when it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from tracer.statements.generic.evidence import Held, fit, said
from tracer.statements.generic.synonyms import EXACT, WEAKER, Name, title
from tracer.statements.reasons import RIVALS, UNSEEN, UNSURE, Reason
from tracer.statements.times import joined, times

# A choice below this is not used; a rival within the margin makes it unclear.
SURE, MARGIN = 0.7, 0.1
MONEY = ("amount", "income", "expense", "balance")
# Of a column with a textbook header, more cells than this must be what it says.
_MOSTLY = 0.5


@dataclass(frozen=True)
class Choice:
    """What one meaning was found to be."""

    meaning: str
    """A meaning of the declaration."""
    places: tuple[int, ...]
    """The positions of its columns, the preferred first; empty where it stands above the header."""
    confidence: float
    """0 to 1."""
    zh: str
    """Why, for an investigator."""
    en: str
    """The same in English."""


@dataclass
class Table:
    """A sample of an unknown sheet with what is known of its columns."""

    sample: pd.DataFrame
    """Shape (rows, columns), text."""
    held: list[Held]
    """What each column holds."""
    names: list[Name]
    """What each header says."""
    headers: list[str]
    """The headers as they are shown."""
    above: str
    """The text above the header, with the names of sheet and file."""
    choices: dict[str, Choice] = field(default_factory=dict)
    """What was found, by meaning."""
    unclear: list[Reason] = field(default_factory=list)
    """What could not be told."""
    minus: bool = False
    """Whether expenses are written with a minus."""

    def column(self, place: int) -> pd.Series:
        """Return a column of the sample."""
        return self.sample.iloc[:, place]

    def candidates(self, meaning: str) -> list[Choice]:
        """Return the columns whose header has a meaning and whose cells allow it, best first."""
        found = [
            (name.rank, self._candidate(held, name))
            for held, name in zip(self.held, self.names, strict=True)
            if name.meaning == meaning and held.filled
        ]
        found.sort(key=lambda each: (-each[1].confidence, each[0], each[1].places))
        return [choice for _, choice in found]

    def _candidate(self, held: Held, name: Name) -> Choice:
        share = fit(held, name.meaning)
        sure = name.trust if share >= SURE + MARGIN * 2 else name.trust * share
        if name.meaning in MONEY and name.trust >= EXACT and share > _MOSTLY:
            # The header leaves no doubt: a cell that is no amount is a fault of its row.
            sure = SURE + (name.trust - SURE) * share
        zh, en = said(held, name.meaning)
        how, how_en = ("表头相近", "the header resembles known ones")
        if name.by_cells:
            how, how_en = ("表头不认识，按内容判断", "by the cells, not by the header")
        elif name.trust >= WEAKER:
            how, how_en = ("表头相同", "the header is known")
        return Choice(name.meaning, (held.place,), sure, f"{how}；{zh}", f"{how_en}; {en}")

    def shown(self, choices: Sequence[Choice]) -> str:
        """Return candidates for a message."""
        told_of = [f"{self.headers[one.places[0]]} {one.confidence:.0%}" for one in choices]
        return "、".join(told_of)


def unsure(table: Table, meaning: str, choices: Sequence[Choice], why: Reason = UNSURE) -> None:
    """Note that a meaning that is needed cannot be told."""
    name = meaning.replace("_", " ")
    shown = table.shown(choices)
    told_why = why if shown else UNSEEN
    told = told_why.about(meaning=title(meaning), name=name, candidates=shown)
    table.unclear.append(replace(told, code=f"unclear_{meaning}"))


def pick(table: Table, meaning: str, values: Sequence[pd.Series]) -> Choice | None:
    """
    Return the best candidate for a meaning, with those that agree with it behind it.

    Parameters
    ----------
    table
        The sheet.
    meaning
        What is looked for.
    values
        The read cells of each candidate; two that are near each other in
        confidence must not differ where both are filled.

    Returns
    -------
    Choice or None
        None where nothing is sure enough, or rivals differ.
    """
    choices = table.candidates(meaning)
    if not choices or choices[0].confidence < SURE:
        return None
    near = [at for at, one in enumerate(choices) if one.confidence > choices[0].confidence - MARGIN]
    if any(differ(values[0], values[at]) for at in near[1:]):
        unsure(table, meaning, [choices[at] for at in near], RIVALS)
        return None
    return replace(choices[0], places=tuple(choices[at].places[0] for at in near))


def differ(one: pd.Series, other: pd.Series) -> bool:
    """Return whether two columns differ where both are filled."""
    both = one.notna() & other.notna() & one.ne("") & other.ne("")
    return bool((one[both] != other[both]).any())


def _clocks(table: Table) -> list[int]:
    """Return the columns that are called a time and hold no day."""
    called = [
        held
        for held, name in zip(table.held, table.names, strict=True)
        if name.meaning == "time" and held.filled
    ]
    dated = any(held.share("written") >= SURE for held in called)
    # A clock of five digits could be a serial day, but not beside a day that is written out.
    return [
        held.place
        for held in called
        if fit(held, "clock") >= SURE
        if fit(held, "time") < SURE or (dated and held.share("written") < MARGIN)
    ]


def time(table: Table) -> pd.Series:
    """Choose the time: one column, or a day and a clock; return it read."""
    clocks = _clocks(table)
    choices = [one for one in table.candidates("time") if one.places[0] not in clocks]
    read = [times(table.column(one.places[0]))[0] for one in choices]
    whole = [one for one in choices if table.held[one.places[0]].share("moment") >= SURE]
    before = len(table.unclear)
    best = pick(table, "time", read)
    if best is None:
        if len(table.unclear) == before:
            unsure(table, "time", choices)
        return pd.Series(pd.NaT, index=table.sample.index)
    if len(clocks) > 1 and not whole:
        unsure(table, "time", [Choice("time", (at,), WEAKER, "", "") for at in clocks], RIVALS)
    others = [
        Choice("time", (held.place,), WEAKER, "", "")
        for held, name in zip(table.held, table.names, strict=True)
        if name.meaning == "time" and held.filled and fit(held, "time") < SURE
        if held.place not in {*clocks, *best.places}
    ]
    if others and not whole and not clocks:
        # A day beside a column that is called a time, and is no clock that can be read.
        unsure(table, "time", [best, *others])
    if clocks and not whole:
        day, clock = best.places[0], clocks[0]
        table.choices["date"] = replace(best, meaning="date", places=(day,))
        zh, en = "与日期列合成时间", "joined with the column of days"
        table.choices["time"] = Choice("time", (clock,), best.confidence, zh, en)
        return times(joined(table.column(day), table.column(clock)))[0]
    if whole and whole[0].confidence > best.confidence - MARGIN:
        # Of a day and a moment that tell the same, the moment says more.
        best = whole[0]
    table.choices["time"] = replace(best, places=best.places[:1])
    return times(table.column(best.places[0]))[0]
