"""The generic reader: an unknown layout is mapped by its headers and cells, or is not read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

import numpy as np
import pandas as pd

from tracer.statements.cells import numbers, told
from tracer.statements.formats.declare import Format, ordinal
from tracer.statements.formats.recognise import Match, positions
from tracer.statements.generic import cash, choices, whose
from tracer.statements.generic.choices import SURE, Choice, Table
from tracer.statements.generic.evidence import Held, held
from tracer.statements.generic.header import header_of, named_cell
from tracer.statements.generic.synonyms import Name, claims, title
from tracer.statements.reason import Reason
from tracer.statements.reasons import CLAIMED, GUESSED, NO_OTHER, RIVALS, UNCLEAR, UNUSED

NAME = "generic"
# Rows that are looked at: the first, and some blocks from the rest of the sheet.
_FIRST, _BLOCKS, _BLOCK = 2000, 4, 250
# Cells that are nearly all of one shape, and so many of them, tell a column without a header.
_ALIKE, _ENOUGH = 0.9, 10
_TOLD_BY_CELLS = (
    ("mac", "mac", 0.9),
    ("ip", "ip", 0.9),
    ("written_clock", "time", 0.75),
    ("currency", "currency", 0.75),
    ("status", "success", 0.75),
)
_NEEDED = (
    *("time", "date", "amount", "fen", "income", "expense", "direction"),
    *("card", "number", "account"),
)
# Meanings of which one unclear column costs no row.
_OTHERS = (
    *("holder", "holder_id", "institution", "other_account", "other_holder", "other_id"),
    *("other_institution", "currency", "summary", "channel", "place", "branch", "terminal"),
    *("ip", "mac", "serial", "merchant", "merchant_code", "cash", "success", "remark", "feedback"),
)
COLUMNS = (
    *("position", "header", "meaning", "title", "confidence", "evidence", "evidence_en"),
    "samples",
)
_SIDES = {
    "payer": "account",
    "payer_holder": "holder",
    "payee": "other_account",
    "payee_holder": "other_holder",
}


@dataclass(frozen=True)
class Guess:
    """What the generic reader takes a sheet for."""

    format: Format
    """The declaration that would read it; without what is unclear."""
    at: int
    """The position of the header row; of the row above the first where there is none."""
    header: tuple[str, ...]
    """The headers, bare; 第1列 and so on where there are none."""
    written: tuple[str, ...]
    """The headers as they stand; as ``header`` where there are none."""
    mapping: pd.DataFrame
    """A row per column: position (from 1; 0 for what stands above), header, meaning, title,
    confidence, evidence, evidence_en, samples."""
    unclear: tuple[Reason, ...]
    """What cannot be told; empty where the guess may be used."""

    @property
    def usable(self) -> bool:
        """Whether all that is needed is sure enough."""
        return not self.unclear

    @property
    def match(self) -> Match:
        """Return the guess as recognition gives it."""
        columns = positions(self.format, self.header)
        return Match(self.format, self.at, self.header, self.written, columns)

    @property
    def reason(self) -> Reason:
        """Return why the sheet is not read."""
        zh, en = (
            "；".join(one.zh for one in self.unclear),
            "; ".join(one.en for one in self.unclear),
        )
        told = UNCLEAR.about(unclear=Reason(zh, en))
        # Their codes say what has to be chosen by hand.
        codes = dict.fromkeys([told.code, *(one.code for one in self.unclear)])
        return replace(told, code=" ".join(codes))

    @property
    def notes(self) -> list[Reason]:
        """Return what the report says of a sheet that was read by a guess."""
        unused = self.mapping[self.mapping["meaning"].eq("") & self.mapping["samples"].ne("")]
        notes = []
        if not self.mapping["meaning"].eq("other_account").any():
            notes.append(NO_OTHER)
        if len(unused):
            notes.append(UNUSED.about(columns="、".join(unused["header"])))
        return [*notes, self._note()]

    def _note(self) -> Reason:
        used = self.mapping[self.mapping["meaning"].isin([*_NEEDED, "other_account"])]
        least = used.sort_values("confidence", kind="stable").to_dict("records")[0]
        return GUESSED.about(
            share=least["confidence"],
            meaning=least["title"],
            name=least["meaning"],
            header=least["header"],
        )


def guess(cells: pd.DataFrame, *, sheet: str = "", source: str = "") -> Guess | None:
    """
    Map an unknown sheet by what its headers say and what its cells hold.

    Parameters
    ----------
    cells
        Shape (rows, columns), text.
    sheet
        The sheet's name, which may tell the account.
    source
        The file's name, likewise.

    Returns
    -------
    Guess or None
        None where nothing looks like a statement at all: no time or no amount.

    Examples
    --------
    >>> rows = [["记账日", "发生额", "余额", "收付", "账号"]] + [
    ...     [f"2022-04-0{day}", "1.00", f"{day}.00", "收", "6222020000000000018"]
    ...     for day in range(1, 8)
    ... ]
    >>> found = guess(pd.DataFrame(rows))
    >>> found.usable, found.format.columns["amount"]
    (True, ('发生额',))
    """
    at, header = header_of(cells)
    table = _table(cells, at, header, sheet, source)
    claimed = [name for name in header if claims(name)]
    if claimed:
        table.unclear.append(CLAIMED.about(candidates="、".join(claimed)))
    kind = _chosen(table)
    if not {"time", "amount", "fen", "income"} & table.choices.keys():
        return None
    if "time" not in table.choices and not table.candidates("time"):
        return None
    headless = 0 if at is not None else len(header)
    place = at if at is not None else _first(cells, table) - 1
    one = _format(table, kind, header, headless)
    written = header if at is None else tuple(cells.iloc[at])
    return Guess(one, place, header, written, _mapping(table), tuple(table.unclear))


def _table(
    cells: pd.DataFrame, at: int | None, header: Sequence[str], sheet: str, source: str
) -> Table:
    below = cells.iloc[0 if at is None else at + 1 :]
    head = cells.iloc[: at or 0]
    told_above = [cell for row in head.itertuples(index=False) for cell in row if cell.strip()]
    above = "\n".join([*told_above, named_by(sheet, source)])
    sample = _sample(below)
    if at is not None:
        # A header that stands on every page again is no cell of its columns.
        again = sample.eq([*cells.iloc[at]]).all(axis=1)
        sample = sample[~again]
    columns = held(sample)
    bare_ = ["" if at is None or "#" in one else one for one in header]
    names = [
        name if (name := named_cell(one)).meaning else _by_cells(column, one)
        for one, column in zip(bare_, columns, strict=True)
    ]
    shown = [one or f"（{ordinal(place)}，无表头）" for place, one in enumerate(header)]
    return Table(sample, columns, names, shown, above)


def named_by(sheet: str, source: str) -> str:
    """Return the names of a sheet and its file as lines that a preamble pattern can search."""
    return f"工作表：{sheet}\n文件：{PurePath(source).stem}"


def _sample(below: pd.DataFrame) -> pd.DataFrame:
    rest = len(below) - _FIRST
    if rest > _BLOCKS * _BLOCK:
        starts = np.linspace(_FIRST, len(below) - _BLOCK, _BLOCKS).astype(int)
        places = np.unique(
            np.concatenate([np.arange(_FIRST), *(np.arange(at, at + _BLOCK) for at in starts)])
        )
        below = below.iloc[places]
    below = pd.DataFrame(below).astype("str").copy(deep=False)
    below.attrs = {}
    filled = pd.Series(data=False, index=below.index)
    for column in below:
        filled |= below[column].str.strip().ne("")
    return below[filled]


def _by_cells(column: Held, header: str) -> Name:
    """Name a column with an unknown header by its cells; a time or a card only without any."""
    full = 0 < column.filled >= _ALIKE * column.rows
    for shape, meaning, trust in _TOLD_BY_CELLS:
        if column.share(shape) >= _ALIKE:
            return Name(meaning, trust, column.place, by_cells=True)
    if header:
        return Name("", 0.0, 0)
    if full and min(column.share("written"), column.share("moment", "day")) >= _ALIKE:
        return Name("time", 0.75, column.place, by_cells=True)
    if column.share("card") >= _ALIKE > column.share("identity"):
        own = full and column.distinct == 1 and column.filled >= _ENOUGH
        return Name("card" if own else "other_account", 0.75, column.place, by_cells=True)
    return Name("", 0.0, 0)


def _chosen(table: Table) -> str:
    """Choose every meaning; return the kind of the table."""
    moment = choices.time(table)
    sides = [table.candidates(name) for name in ("payer", "payee")]
    if all(sides):
        _transfers(table, moment)
        return "transfers"
    account = whose.owner(table)
    values = cash.money(table, account, moment)
    if not values.fen.isna().all():
        cash.direction(table, values, account, moment)
        whose.settled(table, values, account, moment)
    for meaning in _OTHERS:
        _other(table, meaning, account)
    return "statement"


def _transfers(table: Table, moment: pd.Series) -> None:
    blank = pd.Series("", index=table.sample.index, dtype="str")
    for side, meaning in (("payer", "account"), ("payee", "other_account")):
        found = table.candidates(side)
        read = [numbers(table.column(one.places[0]))[0] for one in found]
        best = choices.pick(table, side, read)
        if best is None:
            choices.unsure(table, meaning, found)
        elif table.held[best.places[0]].filled < _ALIKE * table.held[best.places[0]].rows:
            # Rows without this side name it in some other column, which is not understood.
            choices.unsure(table, meaning, found)
        else:
            table.choices[meaning] = replace(best, meaning=meaning, places=best.places[:1])
    values = cash.money(table, blank, moment)
    if values.two:
        choices.unsure(table, "amount", table.candidates("income"), RIVALS)
    owners = [one for name in ("card", "number", "direction") for one in table.candidates(name)]
    if owners:
        # Rows that name payer and payee and an owner besides may be told from either side.
        choices.unsure(table, "account", owners, RIVALS)
    for side in ("payer_holder", "payee_holder"):
        for one in table.candidates(side)[:1]:
            table.choices[_SIDES[side]] = replace(one, meaning=_SIDES[side])
    for meaning in ("currency", "summary", "serial", "success", "remark", "ip", "mac"):
        _other(table, meaning, blank)


def _other(table: Table, meaning: str, account: pd.Series) -> None:
    found = [one for one in table.candidates(meaning) if one.confidence >= SURE]
    if meaning == "other_account":
        _other_account(table, found)
    elif found and (len(found) == 1 or found[0].confidence - found[1].confidence >= choices.MARGIN):
        owned = meaning in {"holder", "holder_id", "institution"}
        if not owned or whose.constant(table, found[0].places[0], account):
            table.choices[meaning] = found[0]
    elif found and meaning not in {"holder", "holder_id", "success"}:
        table.choices[meaning] = found[0]


def _other_account(table: Table, found: list[Choice]) -> None:
    if not found:
        return
    # The card comes before the account behind it, as in the declared formats.
    order = sorted(found, key=lambda one: "卡号" not in table.headers[one.places[0]])
    places = tuple(one.places[0] for one in order)
    table.choices["other_account"] = replace(order[0], places=places)


def _format(table: Table, kind: str, header: tuple[str, ...], headless: int) -> Format:
    columns = {
        meaning: tuple(address(header, at) for at in one.places)
        for meaning, one in table.choices.items()
        if one.places
    }
    preamble = {}
    if (owner := table.choices.get("account")) and not owner.places:
        preamble["account"] = whose.pattern(table.above)
        if "holder" not in columns and re.search(whose.HOLDER_ABOVE, table.above):
            preamble["holder"] = whose.HOLDER_ABOVE
    return Format(
        name=NAME,
        title="通用读取",
        title_en="Generic reader",
        kind=kind,
        required=needed(columns),
        columns=columns,
        unit="yuan" if "fen" in columns else cash.unit(table),
        preamble=preamble,
        minus=table.minus,
        currency=cash.currency(table),
        headless=headless,
    )


def needed(columns: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """
    Return the headers by which a mapped sheet is known again.

    Examples
    --------
    >>> needed({"time": ("日期",), "amount": ("金额#2",), "remark": ("附注",)})
    ('日期', '金额')
    """
    names = [
        variants[0].partition("#")[0]
        for meaning, variants in columns.items()
        if meaning in {*_NEEDED, "balance", "other_account"}
    ]
    # A bar parts alternatives, so that a header with one cannot be asked for.
    return tuple(dict.fromkeys(name for name in names if name and "|" not in name))


def address(header: Sequence[str], place: int) -> str:
    """
    Return how a declaration names a column: by its header, and by which of those alike.

    Examples
    --------
    >>> address(("账号", "金额", "账号"), 2)
    '账号#2'
    """
    alike = [at for at, name in enumerate(header) if name == header[place]]
    which = alike.index(place) + 1
    return f"{header[place]}#{which}" if which > 1 or not header[place] else header[place]


def _first(cells: pd.DataFrame, table: Table) -> int:
    """Return the position of the first row that holds a time and an amount."""
    needed = ("time", "date", "amount", "balance")
    places = [table.choices[one].places[0] for one in needed if one in table.choices]
    filled = pd.Series(data=True, index=cells.index)
    for at in places:
        filled &= told(cells.iloc[:, at]).str.contains(r"\d")
    return int(filled.to_numpy().argmax())


def _mapping(table: Table) -> pd.DataFrame:
    chosen = {at: one for one in table.choices.values() for at in one.places}
    lines = [
        [0, "（表头上方或名称）", *_told(one), ""]
        for one in table.choices.values()
        if not one.places
    ]
    for at, column in enumerate(table.held):
        told_of = _told(chosen[at]) if at in chosen else _untold(table.names[at])
        lines.append([at + 1, table.headers[at], *told_of, " / ".join(column.samples)])
    return pd.DataFrame(lines, columns=list(COLUMNS))


def _told(one: Choice) -> list[object]:
    return [one.meaning, title(one.meaning), one.confidence, one.zh, one.en]


def _untold(name: Name) -> list[object]:
    if not name.meaning:
        return ["", "", 0.0, "没有采用", "not used"]
    maybe = f"可能是{title(name.meaning)}，没有采用", f"perhaps {name.meaning}, not used"
    return ["", "", 0.0, *maybe]
