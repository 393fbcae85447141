"""Requests as workbooks: one for the whole case and one for each head office."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from openpyxl import Workbook

from tracer.money import yuan
from tracer.requests.words import notes, words
from tracer.views.words import level
from tracer.views.workbook import save, sheet

# The columns of each table; what only steers the remarks is not shown.
TABLE = (
    "holder",
    "account",
    "institution",
    "office",
    "kind",
    "level",
    "asked_fen",
    "savable_fen",
    "payer",
    "payer_holder",
    "transfer_fen",
    "time",
    "held_fen",
    "last_balance_fen",
    "last_balance_time",
    "victims",
    "records",
    "transfer_id",
    "time_precision",
    "frontier",
    "transfers",
)
# What a notebook shows of them; the workbook has them all.
GLANCE = (
    "holder",
    "account",
    "institution",
    "level",
    "asked_fen",
    "savable_fen",
    "payer",
    "transfer_fen",
    "time",
    "note",
)
UPSTREAM = (
    "account",
    "holder",
    "office",
    "payer",
    "payer_holder",
    "transfer_fen",
    "time",
    "brought_fen",
    "victims",
    "summary",
    "records",
    "transfer_id",
    "time_precision",
)
EXITS = (
    "kind",
    "account",
    "holder",
    "institution",
    "payer",
    "payer_holder",
    "transfer_fen",
    "time",
    "left_fen",
    "victims",
    "summary",
    "records",
    "transfer_id",
    "time_precision",
)
_HIDDEN = frozenset({"transfer_id", "time_precision", "frontier", "transfers"})

_RESERVED = {"con", "prn", "aux", "nul"} | {
    f"{port}{n}" for port in ("com", "lpt") for n in "123456789"
}
_LONGEST_NAME = 80


@dataclass(frozen=True)
class Tables:
    """The three lists of a case, under their plain column names."""

    requests: pd.DataFrame
    """What is asked for, one row per account."""
    upstream: pd.DataFrame
    """The transfers that brought it."""
    exits: pd.DataFrame
    """The transfers by which money left for good."""


def write(
    tables: Tables, folder: Path, *, rule: str, totals: Mapping[str, int], lang: str
) -> list[Path]:
    """
    Write the workbooks.

    Parameters
    ----------
    tables
        The lists of the whole case.
    folder
        Where they go; it is made if it does not exist.
    rule
        The tracing rule, named above each list.
    totals
        What became of all victims' money, in fen by kind; only the whole case
        tells it.
    lang
        ``"zh"`` or ``"en"``.

    Returns
    -------
    list of pathlib.Path
        The files, the whole case first.
    """
    say = words(lang)
    folder.mkdir(parents=True, exist_ok=True)
    whole = say["whole_case"]
    book = _book(tables, whole, notes(rule, totals, lang), say)
    sheet(book, say["exits"], displayed(tables.exits, say), money=_money(EXITS, say))
    paths = [save(book, folder / f"{whole}.xlsx")]

    # A bank is shown its own accounts only.
    names = {whole.casefold()}
    for office in tables.requests["office"].drop_duplicates():
        own = Tables(
            tables.requests[tables.requests["office"] == office],
            tables.upstream[tables.upstream["office"] == office],
            tables.exits.iloc[:0],
        )
        title = office or say["no_office"]
        book = _book(own, title, notes(rule, None, lang), say)
        paths.append(save(book, folder / f"{_file_name(title, names)}.xlsx"))
    return paths


def displayed(frame: pd.DataFrame, say: dict[str, str]) -> pd.DataFrame:
    """
    Return a list as its reader sees it; money stays fen.

    Parameters
    ----------
    frame
        One of the tables, with its plain column names.
    say
        What `words.words` returned.

    Returns
    -------
    pandas.DataFrame
        Columns named in the reader's language, remarks in the last one.
    """
    view = frame.drop(columns=[name for name in frame if name in _HIDDEN])
    view["time"] = _times(frame, say)
    if "kind" in view:
        view["kind"] = view["kind"].map(lambda kind: say.get(kind, kind))
    if "level" in view:
        named = {number: level(int(number), say) for number in view["level"].dropna().unique()}
        view["level"] = view["level"].astype(object).map(named).fillna("")
    if "office" in view:
        view["office"] = view["office"].where(view["office"] != "", say["no_office"])
    if "savable_fen" in view:
        view["note"] = _remarks(frame, say)
    return view.rename(columns=say)


def readable(frame: pd.DataFrame, say: dict[str, str]) -> pd.DataFrame:
    """
    Return a list as text throughout, for a notebook.

    Parameters
    ----------
    frame
        One of the tables, with its plain column names.
    say
        What `words.words` returned.
    """
    view = displayed(frame, say)
    for name in _money(tuple(frame.columns), say):
        view[name] = [say["not_known"] if fen is pd.NA else yuan(fen) for fen in view[name]]
    return view.astype(object).where(view.notna(), "")


def _book(tables: Tables, title: str, lines: Sequence[str], say: dict[str, str]) -> Workbook:
    book = Workbook()
    places = pd.Series(
        range(1, len(tables.requests) + 1), index=tables.requests["account"], dtype="int64"
    )
    # The bank's full name stands beside it, and each workbook is one head office's.
    requests = displayed(tables.requests.drop(columns="office"), say)
    requests.insert(0, say["number"], places.to_numpy())
    upstream = displayed(tables.upstream, say)
    upstream.insert(0, say["number"], tables.upstream["account"].map(places).astype("int64"))
    sheet(
        book,
        say["requests"],
        requests,
        money=_money(TABLE, say),
        unknown=say["not_known"],
        heading=say["heading"].format(title),
        notes=lines,
    )
    sheet(book, say["upstream"], upstream, money=_money(UPSTREAM, say))
    return book


def _money(columns: Sequence[str], say: dict[str, str]) -> list[str]:
    return [say[name] for name in columns if name.endswith("_fen")]


def _times(frame: pd.DataFrame, say: dict[str, str]) -> pd.Series:
    """Return times no more exact than the evidence is."""
    second = frame["time"].dt.strftime("%Y-%m-%d %H:%M:%S").fillna("")
    day = second.str.slice(0, 10) + f" ({say['date_only']})"
    minute = second.str.slice(0, 16) + f" ({say['to_minute']})"
    precision = frame["time_precision"]
    told: pd.Series = second.mask(precision == "day", day).mask(precision == "minute", minute)
    return told


def _remarks(frame: pd.DataFrame, say: dict[str, str]) -> pd.Series:
    """Return what must be known or done before each row is sent."""
    savable, balance = frame["savable_fen"], frame["last_balance_fen"]
    less = (savable < frame["held_fen"]).fillna(value=False).astype("bool")
    cases = {
        "frontier": frame["frontier"],
        "no_balance": balance.isna() & ~frame["frontier"],
        "stale": savable.isna() & balance.notna() & ~frame["frontier"],
        "less": less,
        "day": frame["time_precision"] == "day",
        "minute": frame["time_precision"] == "minute",
        "nameless": frame["holder"] == "",
        "bankless": frame["institution"] == "",
    }
    remarks = pd.Series("", index=frame.index, dtype="str")
    for name, applies in cases.items():
        remarks += applies.map({True: say[name] + "；", False: ""}).astype("str")
    many = frame["transfers"].map(lambda count: say["more"].format(count) if count > 1 else "")
    return (remarks + many.astype("str")).str.rstrip("；")


def _file_name(title: str, names: set[str]) -> str:
    """Return a name that Windows takes and that no other file of the export has."""
    safe = re.sub(r'[<>:"/\\|?*\x00-\x1f]', "_", title)[:_LONGEST_NAME].strip(". ") or "_"
    safe = f"_{safe}" if safe.split(".")[0].casefold() in _RESERVED else safe
    name, place = safe, 2
    while name.casefold() in names:
        name, place = f"{safe} ({place})", place + 1
    names.add(name.casefold())
    return name
