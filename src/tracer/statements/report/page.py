"""The report of a load as HTML: a light for each file, the worst first, with lists to unfold."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader

from tracer.money import yuan
from tracer.statements.reasons import Reason
from tracer.statements.report.lights import GREEN, RED, YELLOW, Judged, worst
from tracer.statements.report.words import words
from tracer.views import escape

SIGNS = {GREEN: "✔", YELLOW: "▲", RED: "✖"}
# So many lines of each list are shown for one sheet; the tables of the report have them all.
SHOWN = 30
LONGEST = 80

# The cells of a line under their titles, each with its lines of text and its look.
Cells = dict[str, tuple[list[str], str]]


def render(files: list[list[Judged]], *, lang: str = "zh", whole: bool = True) -> str:
    """
    Write the report of a load as HTML that loads nothing and runs nothing.

    Parameters
    ----------
    files
        What `lights.judge` returned.
    lang
        zh or en.
    whole
        Whether a page of its own is wanted, or a piece for a notebook.

    Returns
    -------
    str
        Every value of it is escaped.
    """
    say = words(lang)
    rooms = Environment(loader=PackageLoader("tracer.views", "templates"), autoescape=True)
    root = folder(files)
    sections = [_section(light, files, say, root) for light in (RED, YELLOW, GREEN)]
    return rooms.get_template("load.html").render(
        text=escape.text,
        say=say,
        whole=whole,
        style=rooms.get_template("load.css").render(),
        total=[*total(files, lang), *([say["folder"].format(folder=root)] if root else [])],
        sections=[section for section in sections if section["files"]],
        counts=[section for section in sections if section["count"]],
    )


def total(files: list[list[Judged]], lang: str) -> list[str]:
    """
    Return how much was loaded, in a few phrases.

    Parameters
    ----------
    files
        What `lights.judge` returned.
    lang
        zh or en.
    """
    say = words(lang)
    sheets = [one for some in files for one in some]
    told = say["files"].format(files=f"{len(files):,}")
    if len(sheets) != len(files):
        told += say["sheets"].format(sheets=f"{len(sheets):,}")
    names = ("rows", "entries", "faults", "skipped")
    added = {name: sum(int(one.line[name]) for one in sheets) for name in names}
    times = pd.DataFrame([one.line for one in sheets], columns=["first_time", "last_time"])
    span = period(times["first_time"].min(), times["last_time"].max(), say)
    covered = [say["period"].format(period=" ".join(span))] if span else []
    return [told, sums(added, say), *covered]


def sums(counts: dict[str, Any], say: dict[str, str]) -> str:
    """Return the row accounting in one phrase."""
    names = ("rows", "entries", "faults", "skipped")
    return say["sum"].format(**{name: f"{int(counts[name]):,}" for name in names})


def period(first: Any, last: Any, say: dict[str, str]) -> list[str]:
    """Return the span as two phrases, or none where no time is known."""
    if pd.isna(first) or pd.isna(last):
        return []
    return [f"{first:%Y-%m-%d %H:%M}", f"{say['to']} {last:%Y-%m-%d %H:%M}"]


def short(value: str, say: dict[str, str]) -> str:
    """Keep one giant cell from filling the page; the tables of the report have it whole."""
    if len(value) <= LONGEST:
        return value
    return value[:LONGEST] + say["cut"].format(length=f"{len(value):,}")


def folder(files: list[list[Judged]]) -> str:
    """Return the folder that all files lie in, so that it need not be repeated, or nothing."""
    homes = [posixpath.dirname(str(sheets[0].line["source"])) for sheets in files]
    return posixpath.commonpath(homes) + "/" if all(homes) and homes else ""


def _section(
    light: int, files: list[list[Judged]], say: dict[str, str], root: str
) -> dict[str, Any]:
    own = [sheets for sheets in files if worst(sheets) == light]
    one = say["one_file"] if len(own) == 1 else say["file_count"].format(count=f"{len(own):,}")
    return {
        "light": light,
        "sign": SIGNS[light],
        "word": say[f"light_{light}"],
        "meaning": say[f"lights_{light}"],
        "count": one if own else "",
        "files": [_sheet(sheet, say, root) for sheets in own for sheet in sheets],
    }


def _sheet(one: Judged, say: dict[str, str], root: str) -> dict[str, Any]:
    line, zh = one.line, say["page_lang"] != "en"
    place, slash, name = str(line["source"]).removeprefix(root).rpartition("/")
    causes = [
        {"sign": SIGNS[cause.light], "why": _told(cause.why, zh), "do": _told(cause.do, zh)}
        for cause in one.causes
    ]
    facts = [str(line["source"])]
    facts += [f"{say['encoding']} {line['encoding']}"] if line["encoding"] else []
    return {
        "light": one.light,
        "sign": SIGNS[one.light],
        "word": say[f"light_{one.light}"],
        "folder": place + slash,
        "name": name,
        "sheet": line["sheet"],
        "known": _known(one, say),
        "period": period(line["first_time"], line["last_time"], say),
        "counts": [f"{int(line[name]):,}" for name in ("rows", "entries", "faults", "skipped")],
        "balance": list(_proof(one, say)),
        "causes": causes,
        "more": say["more_causes"].format(count=len(causes) - 1) if len(causes) > 1 else "",
        "note": "" if causes else line["note" if zh else "note_en"],
        "facts": [*facts, *([f"SHA-256 {line['sha256']}"] if line["sha256"] else [])],
        "lists": list(_lists(one, say)),
    }


def _told(reason: Reason, zh: bool) -> str:
    return reason.zh if zh else reason.en


def _known(one: Judged, say: dict[str, str]) -> str:
    if not one.line["format"]:
        return say["unread"]
    title = one.line["title"] if say["page_lang"] != "en" else one.line["format"]
    many = say["one_account" if one.accounts == 1 else "accounts"].format(count=one.accounts)
    return f"{title} · {many}" if one.accounts else str(title)


def _proof(one: Judged, say: dict[str, str]) -> Iterator[str]:
    proved, broken, unproved = one.proof
    if broken:
        yield f"{SIGNS[RED]} {say['broken'].format(count=f'{broken:,}')}"
    if proved:
        yield f"{SIGNS[GREEN]} {say['proved'].format(count=f'{proved:,}')}"
    if unproved and proved + broken:
        yield f"{SIGNS[YELLOW]} {say['unproved'].format(count=f'{unproved:,}')}"
    if not proved + broken and len(one.coverage):
        yield f"— {say['no_balance']}"


def _lists(one: Judged, say: dict[str, str]) -> Iterator[dict[str, Any]]:
    if len(one.coverage):
        # What needs a look comes first.
        ranked = one.coverage.sort_values(
            ["broken", "gap_days"], ascending=False, kind="stable", ignore_index=True
        )
        yield _list("coverage", ranked, _account, say)
    if len(one.faults):
        # Faults of one reason stand together, so that it need not be repeated.
        alike = one.faults.groupby(["aside", "reason"], sort=False).ngroup()
        faults = one.faults.assign(alike=alike).sort_values("alike", kind="stable")
        faults["again"] = faults["alike"].eq(faults["alike"].shift())
        yield _list("faults", faults, _fault, say)
    if len(one.failed):
        yield _list("failed", one.failed, _task, say)
    if len(one.skipped):
        dull = one.skipped["kind"].ne("placeholder")
        ranked = one.skipped.assign(dull=dull).sort_values(["dull", "row"], kind="stable")
        yield _list("skipped", ranked, _skip, say, _kinds(one.skipped["kind"], say))


def _list(
    name: str, frame: pd.DataFrame, cells: Any, say: dict[str, str], note: str = ""
) -> dict[str, Any]:
    """Return the first lines of a table, and how many there are."""
    rows = [cells(row, say) for row in frame.head(SHOWN).to_dict("records")]
    many = {"shown": f"{len(rows):,}", "all": f"{len(frame):,}"}
    more = say[f"more_{name}"].format(**many) if len(frame) > SHOWN else ""
    title = f"{say[f'{name}_of']} ({len(frame):,})"
    return {"title": title, "note": note, "rows": rows, "more": more}


def _account(row: dict[str, Any], say: dict[str, str]) -> Cells:
    """Return the cells of a line, each with its look, under their titles."""
    gap = period(row["gap_from"], row["gap_to"], say)
    days = [say["days"].format(days=row["gap_days"]), *gap] if row["gap_days"] else []
    money = [
        "—" if pd.isna(row[name]) else yuan(row[name]) for name in ("opening_fen", "closing_fen")
    ]
    currency = "" if row["currency"] in {"", "CNY"} else f" {row['currency']}"
    proof = [f"{row[name]:,}" for name in ("proved", "broken", "unproved")]
    return {
        say["account"]: ([row["account"] + currency], "long"),
        say["holder"]: ([row["holder"]], "name"),
        say["rows"]: ([f"{row['rows']:,}"], "number"),
        say["covers"]: (period(row["first_time"], row["last_time"], say), "lines"),
        say["proof"]: ([" / ".join(proof)], "number"),
        say["breaks"]: ([row["break_rows"]], "name"),
        say["gap"]: (days, "lines"),
        say["opening"]: (money, "number"),
    }


def _fault(row: dict[str, Any], say: dict[str, str]) -> Cells:
    reason = row["reason" if say["page_lang"] != "en" else "reason_en"]
    rows = "" if pd.isna(row["rows"]) or not row["rows"] else f"{row['rows']:,}"
    whole = say["whole_rows"].format(rows=rows) if rows else say["whole"]
    return {
        say["row"]: ([f"{row['row']}" if row["row"] else whole], "number"),
        say["column"]: ([row["column"]], "name"),
        say["value"]: ([short(row["value"], say)], "long"),
        say["aside"]: ([say.get(f"aside_{row['aside']}", row["aside"])], "word"),
        say["reason"]: ([say["same"] if row["again"] else reason], "wide"),
    }


def _task(row: dict[str, Any], say: dict[str, str]) -> Cells:
    told = " ".join(one for one in (row["result"], row["detail"]) if one)
    return {
        say["row"]: ([f"{row['row']}"], "number"),
        say["institution"]: ([row["institution"]], "name"),
        say["subject"]: ([row["subject_id"]], "long"),
        say["account"]: ([row["account"]], "long"),
        say["result"]: ([short(told, say)], "wide"),
    }


def _skip(row: dict[str, Any], say: dict[str, str]) -> Cells:
    return {
        say["row"]: ([f"{row['row']}"], "number"),
        say["kind"]: ([say.get(f"{row['kind']}_row", row["kind"])], "word"),
        say["value"]: ([short(row["text"], say)], "wide"),
    }


def _kinds(kinds: pd.Series, say: dict[str, str]) -> str:
    """Return how many rows there are of each kind."""
    counts = kinds.value_counts(sort=False).items()
    return say["comma"].join(f"{say.get(f'{kind}_row', kind)} {count:,}" for kind, count in counts)
