"""Mapping: how a sheet's columns are understood, shown in a notebook, corrected there, and kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import pandas as pd

from tracer.errors import FormatError
from tracer.statements import faces, naming
from tracer.statements.files.sheets import Sheet, sheets
from tracer.statements.formats.declare import UNITS, Format, bare, formats
from tracer.statements.formats.recognise import Match, positions, recognise
from tracer.statements.generic.evidence import held
from tracer.statements.generic.guess import COLUMNS, NAME, Guess, address, guess, needed
from tracer.statements.generic.synonyms import title
from tracer.statements.generic.write import toml
from tracer.statements.load import understood
from tracer.statements.reasons import Reason
from tracer.views import notebook
from tracer.views.words import language

# So many entries and faults show whether a mapping is right.
_SHOWN = 20
_SAMPLE = 200
# What one choice takes the place of.
_INSTEAD = {
    "account": ("card", "number"),
    "card": ("account",),
    "number": ("account",),
    "amount": ("income", "expense", "fen"),
    "income": ("amount", "fen"),
    "expense": ("amount", "fen"),
    "fen": ("amount", "income", "expense"),
    "time": ("date",),
    "date": ("time",),
}


class Home(Protocol):
    """Whatever keeps declarations of its own: a case."""

    @property
    def folder(self) -> Path:
        """Where it lives."""


@dataclass(frozen=True)
class Preview:
    """The first rows of a sheet, as a mapping reads them."""

    entries: pd.DataFrame
    """The first entries, as ``tables.ENTRIES``."""
    faults: pd.DataFrame
    """The first faults, as ``tables.FAULTS``."""
    note: str
    """How many rows became what, in Chinese."""
    note_en: str
    """The same in English."""

    def show(self, lang: str = "zh") -> None:
        """
        Display the rows in a notebook; elsewhere print them.

        Parameters
        ----------
        lang
            zh or en.
        """
        note = (self.note, self.note_en)[language(lang)]
        notebook.show_or_print(faces.rows(self.entries, self.faults, note, lang), note)

    def _repr_html_(self) -> str:
        return faces.rows(self.entries, self.faults, self.note, "zh")


@dataclass(frozen=True)
class Mapping:
    """How one sheet is read; nothing is changed in place."""

    source: str
    """What the file is called."""
    sheet: str
    """The sheet's name; "" in text files."""
    format: Format
    """The declaration that reads it, or would."""
    at: int
    """The position of the header row, from 0; of the row above the first where there is none."""
    header: tuple[str, ...]
    """The headers, bare."""
    table: pd.DataFrame
    """A row per column: position, header, meaning, title, confidence, evidence, evidence_en,
    samples."""
    unclear: tuple[Reason, ...] = ()
    """What cannot be told yet."""
    read: Sheet = field(default=Sheet("", "", pd.DataFrame()), repr=False, compare=False)
    """The sheet as it was read, so that it need not be read again."""

    def change(
        self,
        *,
        unit: str = "",
        incoming: Collection[str] = (),
        outgoing: Collection[str] = (),
        **columns: str | Sequence[str] | None,
    ) -> Mapping:
        """
        Return the mapping with other columns for some meanings.

        Parameters
        ----------
        unit
            yuan or fen, what the amounts count.
        incoming, outgoing
            Further words for money in and money out.
        **columns
            Meaning, by its code or its Chinese title, to a header, several in order of
            preference, or None for no column; ``header#2`` is the second column of that name.

        Raises
        ------
        FormatError
            If a meaning or a header does not exist; the message names the nearest.
        """
        if unit and unit not in UNITS:
            raise naming.no(unit, UNITS, "金额单位", "unit")
        chosen = {
            naming.meaning(name, self.format.columns): self._columns(value)
            for name, value in columns.items()
        }
        gone = {old for name, found in chosen.items() if found for old in _INSTEAD.get(name, ())}
        gone -= chosen.keys()
        kept = {name: old for name, old in self.format.columns.items() if name not in gone}
        new = {name: found for name, found in (kept | chosen).items() if found}
        preamble = dict(self.format.preamble)
        if {"account", "card", "number"} & chosen.keys():
            preamble.pop("account", None)
        one = replace(
            self.format,
            columns=new,
            preamble=preamble,
            unit=unit or self.format.unit,
            incoming=(*self.format.incoming, *incoming),
            outgoing=(*self.format.outgoing, *outgoing),
        )
        if one.name == NAME:
            one = replace(one, required=needed(new))
        return replace(self, format=one, table=self._shown(one, chosen), unclear=_lacks(one))

    def _columns(self, value: str | Sequence[str] | None) -> tuple[str, ...]:
        names = [value] if isinstance(value, str) else list(value or ())
        known = {bare(address(self.header, at)): at for at in range(len(self.header))}
        for name in names:
            if bare(name) not in known:
                raise naming.no(name, [one for one in self.header if one], "列", "column")
        return tuple(address(self.header, known[bare(name)]) for name in names)

    def _shown(self, one: Format, chosen: dict[str, tuple[str, ...]]) -> pd.DataFrame:
        places = positions(one, self.header)
        means = {at + 1: name for name, where in places.items() for at in reversed(where)}
        table = self.table[self.table["position"].gt(0) | ("account" in one.preamble)].copy()
        meaning = table["position"].map(means).fillna("").astype("str")
        meaning = meaning.where(table["position"].gt(0), table["meaning"])
        new = meaning.isin([name for name, found in chosen.items() if found])
        lost = meaning.eq("") & table["meaning"].ne("")
        said = {
            "evidence": ("由办案人指定", "不再采用"),
            "evidence_en": ("chosen by hand", "not used"),
        }
        for column, (by_hand, unused) in said.items():
            table[column] = table[column].mask(new, by_hand).mask(lost, unused)
        table["confidence"] = table["confidence"].mask(new, 1.0).mask(meaning.eq(""), 0.0)
        return table.assign(meaning=meaning, title=meaning.map(lambda name: name and title(name)))

    def preview(self) -> Preview:
        """
        Read the sheet with the mapping and return the first entries and faults.

        Raises
        ------
        FormatError
            If time, amount or account have no column yet.
        """
        self._checked()
        reading = understood([self.read], [self.format], source=self.source)
        first = reading.files.to_dict("records")[0]
        line = {str(name): value for name, value in first.items()}
        notes = [
            faces.words(lang)["counts"].format(**line) + line[note]
            for lang, note in (("zh", "note"), ("en", "note_en"))
        ]
        return Preview(reading.entries.head(_SHOWN), reading.faults.head(_SHOWN), *notes)

    def save(self, case: Home, *, name: str) -> Path:
        """
        Keep the mapping as a declaration of a case, which then reads such files by it.

        Parameters
        ----------
        case
            The case.
        name
            What the format is called, such as 某某银行; also the name of the file.

        Returns
        -------
        Path
            The declaration, which may be edited by hand.

        Raises
        ------
        FormatError
            If something needed has no column, the name cannot be used or is
            taken, or another format would read the file all the same.
        """
        self._checked()
        folder = case.folder / "formats"
        file = folder / f"{name}.toml"
        naming.usable(name, file, self.format.name)
        one = replace(self.format, name=name, title=name, title_en=name)
        winner = self._winner(one, folder)
        if winner != name:
            msg = (
                f"The format {winner!r} would read the file before {name!r}. To take its place in "
                f"this case, save with name={winner!r}."
            )
            zh = (
                f"版式 {winner!r} 会先于 {name!r} 读取该文件。"
                f"要在本案中取代它，请用 name={winner!r} 保存。"
            )
            raise FormatError(msg, zh=zh)
        folder.mkdir(parents=True, exist_ok=True)
        # Opened so that a file that came meanwhile is not overwritten.
        with file.open("x", encoding="utf-8", newline="\n") as target:
            target.write(toml(one))
        return file

    def _winner(self, one: Format, folder: Path) -> str:
        others = [each for each in formats(folder) if each.name != one.name]
        found = recognise(self.read.cells, [one, *others])
        return found.format.name if isinstance(found, Match) else ""

    def _checked(self) -> None:
        lacks = _lacks(self.format)
        if lacks:
            msg = " ".join(each.en for each in lacks)
            raise FormatError(msg, zh="".join(each.zh for each in lacks))

    def show(self, lang: str = "zh") -> None:
        """
        Display the mapping in a notebook; elsewhere print it.

        Parameters
        ----------
        lang
            zh or en.
        """
        headline = _headline(self, lang)
        page = faces.columns(headline, self.table, self.unclear, lang)
        notebook.show_or_print(page, f"{headline}\n{self.table.to_string(index=False)}")

    def _repr_html_(self) -> str:
        return faces.columns(_headline(self, "zh"), self.table, self.unclear, "zh")


def _headline(one: Mapping, lang: str) -> str:
    say = faces.words(lang)
    return say["by"].format(
        name=f"{one.source} [{one.sheet}]" if one.sheet else one.source,
        title=(one.format.title, one.format.title_en)[language(lang)],
        where=say["headless"] if one.format.headless else say["at"].format(row=one.at + 1),
        unit=say["cents" if one.format.unit == "fen" else "yuan"],
    )


def missing(one: Format) -> list[str]:
    """
    Return the meanings that a declaration needs and has no column for.

    Parameters
    ----------
    one
        A declaration of a statement or of transfers.
    """
    named = one.columns.keys()
    needs = {
        "time": bool({"time", "date"} & named),
        "amount": bool({"amount", "fen"} & named or {"income", "expense"} <= named),
        "account": bool({"account", "card", "number"} & named or "account" in one.preamble),
        "other_account": one.kind != "transfers" or "other_account" in named,
        "direction": one.kind == "transfers"
        or bool({"direction", "balance"} & named or {"income", "expense"} <= named),
    }
    return [name for name, there in needs.items() if not there]


def _lacks(one: Format) -> tuple[Reason, ...]:
    return tuple(
        Reason(
            f'还没有指定{title(name)}在哪一列，请用 .change({name}="列名")。',
            f'No column is given for the {name}; use .change({name}="HEADER").',
        )
        for name in missing(one)
    )


def mapping(
    path: str | Path,
    *,
    source: str = "",
    sheet: str = "",
    formats_in: Path | None = None,
    passwords: Sequence[str] = (),
) -> Mapping:
    r"""
    Return how a file's columns are understood, by a declaration or by the generic reader.

    Parameters
    ----------
    path
        A statement file.
    source
        What it is called, where that is not its path.
    sheet
        The name of one of its sheets; the first that is a table by default.
    formats_in
        The folder of a case's own declarations.
    passwords
        Tried where the file is locked; kept nowhere.

    Raises
    ------
    FormatError
        If no sheet looks like a statement.
    SheetError
        If the file is no table.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "某行.csv"
    >>> lines = [f"2024-03-0{n},6222020000000000018,1.00,收,{n}.00\n" for n in range(1, 9)]
    >>> _ = file.write_text("日期,账号,发生数,收付,余额\n" + "".join(lines), encoding="utf-8")
    >>> mapping(file).format.columns["amount"]
    ('发生数',)
    """
    file = Path(path)
    name, declared = called(file, source), formats(formats_in)
    found = [
        one for one in sheets(file, passwords) if sheet in {"", one.name} and not one.cells.empty
    ]
    maps = (each for one in found if (each := mapped(one, declared, name)) is not None)
    first = next(maps, None)
    if first is None:
        msg = f"No sheet of {name!r} looks like a statement with times and amounts."
        raise FormatError(msg, zh=f"{name!r} 中没有一张表像流水：找不到时间列和金额列。")
    return first


def called(path: Path, source: str) -> str:
    """Return what a load calls a file: by its own name, or by that under which a case has it."""
    return path.name if not source or Path(source) == path else source


def mapped(one: Sheet, declared: Sequence[Format], source: str) -> Mapping | None:
    """Return how one sheet is understood; None where it is like no statement."""
    found = recognise(one.cells, declared)
    if isinstance(found, Match):
        table = _declared(one.cells, found)
        where = (found.format, found.at, found.header, table)
        return Mapping(source, one.name, *where, (), one)
    told_of: Guess | None = guess(one.cells, sheet=one.name, source=source)
    if told_of is None:
        return None
    where = (told_of.format, told_of.at, told_of.header, told_of.mapping)
    return Mapping(source, one.name, *where, told_of.unclear, one)


def _declared(cells: pd.DataFrame, match: Match) -> pd.DataFrame:
    means = {at: name for name, places in match.columns.items() for at in places}
    columns = held(cells.iloc[match.at + 1 :].head(_SAMPLE))
    zh, en = f"《{match.format.title}》的声明", f"declared by {match.format.name}"
    lines = [
        [at + 1, name, means[at], title(means[at]), 1.0, zh, en, " / ".join(columns[at].samples)]
        if at in means
        else [at + 1, name, "", "", 0.0, "没有采用", "not used", " / ".join(columns[at].samples)]
        for at, name in enumerate(match.header)
    ]
    return pd.DataFrame(lines, columns=list(COLUMNS))
