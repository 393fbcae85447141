"""Mapping: how a sheet's columns are understood, shown in a notebook, corrected there, and kept."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Protocol

import pandas as pd

from tracer.errors import FormatError
from tracer.money import yuan
from tracer.statements.files.sheets import Sheet, sheets
from tracer.statements.formats.declare import MEANINGS, UNITS, Format, bare, formats
from tracer.statements.formats.recognise import Match, positions, recognise
from tracer.statements.generic.evidence import held
from tracer.statements.generic.guess import COLUMNS, NAME, Guess, address, guess, needed
from tracer.statements.generic.synonyms import title
from tracer.statements.generic.write import toml
from tracer.statements.load import read
from tracer.statements.reasons import Reason
from tracer.views.escape import text as escape
from tracer.views.table import html

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
_HEADS = {
    "position": "列", "header": "表头", "samples": "内容举例", "title": "含义", "meaning": "代号",
    "confidence": "把握", "evidence": "依据",
}  # fmt: skip

_ENTRY = {
    "row": "行", "time": "时间", "account": "本方账号", "holder": "本方户名", "direction": "收付",
    "fen": "金额（元）", "balance_fen": "余额（元）", "other_account": "对方账号",
    "other_holder": "对方户名", "summary": "摘要",
}  # fmt: skip
_FAULT = {"row": "行", "column": "列", "value": "内容", "reason": "原因"}


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

    def _repr_html_(self) -> str:
        entries = self.entries.assign(
            direction=self.entries["direction"].map({"in": "收", "out": "付"}),
            fen=self.entries["fen"].map(yuan),
            balance_fen=[yuan(one) if pd.notna(one) else "" for one in self.entries["balance_fen"]],
        )
        shown = html(
            entries[list(_ENTRY)].rename(columns=_ENTRY), right=["金额（元）", "余额（元）"]
        )
        faults = html(self.faults[list(_FAULT)].rename(columns=_FAULT), wide=["原因"])
        return f"<p>{escape(self.note)}</p>{shown}{faults if len(self.faults) else ''}"


@dataclass(frozen=True)
class Mapping:
    """How one sheet is read; nothing is changed in place."""

    path: Path
    """The file."""
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
    home: Path | None = None
    """The folder of the case's own declarations."""

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
            Meaning to a header, several in order of preference, or None for
            no column; ``header#2`` is the second column of that name.

        Raises
        ------
        FormatError
            If a meaning or a header does not exist; the message names the nearest.
        """
        if unit and unit not in UNITS:
            raise _no(unit, UNITS, "金额单位", "unit")
        chosen = {name: self._columns(name, value) for name, value in columns.items()}
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

    def _columns(self, meaning: str, value: str | Sequence[str] | None) -> tuple[str, ...]:
        if meaning not in MEANINGS:
            raise _no(meaning, sorted(MEANINGS), "含义", "meaning")
        names = [value] if isinstance(value, str) else list(value or ())
        known = {bare(address(self.header, at)): at for at in range(len(self.header))}
        for name in names:
            if bare(name) not in known:
                raise _no(name, [one for one in self.header if one], "列", "column")
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
        reading = read(self.path, source=self.path.name, only=self.format)
        line = reading.files[reading.files["sheet"].eq(self.sheet)].to_dict("records")[0]
        counts = f"{line['rows']} 行 = 入库 {line['entries']} + 问题行 {line['faults']}"
        note = f"{counts} + 非数据行 {line['skipped']}。{line['note']}"
        here = [frame[frame["sheet"].eq(self.sheet)] for frame in (reading.entries, reading.faults)]
        return Preview(here[0].head(_SHOWN), here[1].head(_SHOWN), note)

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
        _nameable(name, file, self.format.name)
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
        cells = next(each.cells for each in sheets(self.path) if each.name == self.sheet)
        others = [each for each in formats(folder) if each.name != one.name]
        found = recognise(cells, [one, *others])
        return found.format.name if isinstance(found, Match) else ""

    def _checked(self) -> None:
        lacks = _lacks(self.format)
        if lacks:
            msg = " ".join(each.en for each in lacks)
            raise FormatError(msg, zh="".join(each.zh for each in lacks))

    def _repr_html_(self) -> str:
        shown = self.table.assign(
            position=self.table["position"].map(lambda at: at or ""),
            confidence=[f"{one:.0%}" if one else "" for one in self.table["confidence"]],
        )
        table = shown[list(_HEADS)].rename(columns=_HEADS)
        told_of = [_headline(self), *(f"还不清楚：{one.zh}。" for one in self.unclear)]
        told_of.append(
            '改正：.change(代号="表头")；试读：.preview()；存为本案版式：.save(case, name="名称")。'
        )
        lines = "".join(f"<p>{escape(one)}</p>" for one in told_of)
        return lines + html(table, right=["列", "把握"], wide=["内容举例", "依据"])


def _headline(one: Mapping) -> str:
    name = f"{one.path.name} [{one.sheet}]" if one.sheet else one.path.name
    where = "没有表头行" if one.format.headless else f"表头在第 {one.at + 1} 行"
    unit = "分" if one.format.unit == "fen" else "元"
    return f"{name}：按《{one.format.title}》理解，{where}，金额单位为{unit}。"


def _no(name: str, known: Sequence[str], zh: str, en: str) -> FormatError:
    near = get_close_matches(name, known, 1, 0.3)
    maybe, maybe_en = (f"是不是 {near[0]!r}？", f"Did you mean {near[0]!r}? ") if near else ("", "")
    listed = "、".join(known)
    msg = f"There is no {en} {name!r}. {maybe_en}There are: {', '.join(known)}."
    return FormatError(msg, zh=f"没有名为 {name!r} 的{zh}。{maybe}可用的有：{listed}。")


def _lacks(one: Format) -> tuple[Reason, ...]:
    """Return what a declaration needs and has not."""
    named = one.columns.keys()
    needs = [
        (("time", "date"), bool({"time", "date"} & named)),
        (("amount",), bool({"amount", "fen"} & named or {"income", "expense"} <= named)),
        (("account",), bool({"account", "card", "number"} & named or "account" in one.preamble)),
        (("other_account",), one.kind != "transfers" or "other_account" in named),
        (
            ("direction",),
            one.kind == "transfers"
            or bool({"direction", "balance"} & named or {"income", "expense"} <= named),
        ),
    ]
    return tuple(
        Reason(
            f"还没有指定{title(name[0])}在哪一列，请用 .change({name[0]}=\"列名\")。",
            f"No column is given for the {name[0]}; use .change({name[0]}=\"HEADER\").",
        )
        for name, there in needs
        if not there
    )  # fmt: skip


def _nameable(name: str, file: Path, replaces: str) -> None:
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


def mapping(path: str | Path, *, sheet: str = "", formats_in: Path | None = None) -> Mapping:
    r"""
    Return how a file's columns are understood, by a declaration or by the generic reader.

    Parameters
    ----------
    path
        A statement file.
    sheet
        The name of one of its sheets; the first that is a table by default.
    formats_in
        The folder of a case's own declarations.

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
    >>> _ = file.write_text("日期,账号,发生数,收付,余额\n", encoding="utf-8")
    >>> lines = [f"2024-03-0{n},6222020000000000018,1.00,收,{n}.00\n" for n in range(1, 9)]
    >>> _ = file.write_text("日期,账号,发生数,收付,余额\n" + "".join(lines), encoding="utf-8")
    >>> mapping(file).format.columns["amount"]
    ('发生数',)
    """
    file = Path(path)
    found = [one for one in sheets(file) if sheet in {"", one.name} and not one.cells.empty]
    maps = [each for one in found if (each := mapped(file, one, formats_in)) is not None]
    if not maps:
        msg = f"No sheet of {str(file)!r} looks like a statement with times and amounts."
        raise FormatError(msg, zh=f"{str(file)!r} 中没有一张表像流水：找不到时间列和金额列。")
    return maps[0]


def mapped(file: Path, one: Sheet, formats_in: Path | None) -> Mapping | None:
    """Return how one sheet is understood; None where it is like no statement."""
    found = recognise(one.cells, formats(formats_in))
    if isinstance(found, Match):
        table = _declared(one.cells, found)
        where = (found.format, found.at, found.header, table)
        return Mapping(file, one.name, *where, (), formats_in)
    told_of: Guess | None = guess(one.cells, sheet=one.name, source=file.name)
    if told_of is None:
        return None
    where = (told_of.format, told_of.at, told_of.header, told_of.mapping)
    return Mapping(file, one.name, *where, told_of.unclear, formats_in)


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
