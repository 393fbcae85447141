"""A trace told in a few sentences and tables, as text and as HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from tracer.money import yuan
from tracer.tracing.doubts import KINDS as KINDS_OF_DOUBT
from tracer.tracing.doubts import doubts as listed
from tracer.tracing.words import words
from tracer.views import escape
from tracer.views.graph import unfreezable
from tracer.views.table import html as html_table

if TYPE_CHECKING:
    from tracer.tracing.trace import Trace

# How many accounts an investigator can act on at a glance.
SHOWN = 10

KINDS = ("held", "exit", "returned", "settled")
NUMBERS = ("lost_fen", *(f"{kind}_fen" for kind in KINDS), "fen", "accounts", "level")


def notes(trace: Trace, lang: str = "zh") -> list[str]:
    """Return what must be known before a picture of the trace is believed."""
    return [*facts(trace, lang), *doubts(trace, lang)]


def facts(trace: Trace, lang: str = "zh") -> list[str]:
    """Return the rule and the totals, a sentence each."""
    said = words(lang)
    sentences = [said["rule"].format(rule=said[trace.rule])]
    if trace.within is not None:
        sentences.append(said["within"].format(within=f"{trace.within / pd.Timedelta(hours=1):g}"))
    totals = said["totals"].format(
        victims=trace.seeds["victim"].nunique(),
        lost=yuan(int(trace.seeds["fen"].sum())),
        accounts=len(trace.accounts),
        transfers=len(trace.transfers),
        level=trace.accounts["level"].max() if len(trace.accounts) else 0,
    )
    return [*sentences, totals]


def doubts(trace: Trace, lang: str = "zh") -> list[str]:
    """Return what the trace could not know, a sentence for each kind of doubt."""
    said, found = words(lang), listed(trace)
    sentences = []
    for kind in KINDS_OF_DOUBT:
        some = found[found["kind"] == kind]
        if len(some):
            told = {"count": len(some), "fen": yuan(int(some["fen"].sum()))}
            if kind == "hub":
                told |= {"first": some["account"].iloc[0], "least": trace.cut["transfers"].min()}
            sentences.append(said[f"doubt_{kind}"].format(**told))
    return sentences


def text(trace: Trace, lang: str = "zh") -> str:
    """Return the summary as lines of text."""
    said = words(lang)
    blocks = [said["title"], *facts(trace, lang)]
    for heading, table in _tables(trace, said):
        # Chinese characters are two columns wide in a terminal.
        with pd.option_context("display.unicode.east_asian_width", True):
            body = table.to_string(index=False) if len(table) else said["none"]
        blocks += ["", heading, body]
    blocks += ["", said["doubts"], *(doubts(trace, lang) or [said["none"]]), said["lead"]]
    return "\n".join(blocks)


def html(trace: Trace, lang: str = "zh") -> str:
    """Return the summary as a piece of HTML in which every value is escaped."""
    said = words(lang)
    parts = [f"<h3>{escape.text(said['title'])}</h3>", *map(_paragraph, facts(trace, lang))]
    for heading, table in _tables(trace, said):
        parts.append(f"<h4>{escape.text(heading)}</h4>")
        right = [said[name] for name in NUMBERS if said[name] in table]
        parts.append(html_table(table, right=right) if len(table) else _paragraph(said["none"]))
    parts.append(f"<h4>{escape.text(said['doubts'])}</h4>")
    parts += map(_paragraph, doubts(trace, lang) or [said["none"]])
    parts.append(f"<p><em>{escape.text(said['lead'])}</em></p>")
    return f"<div>{''.join(parts)}</div>"


def _tables(trace: Trace, said: dict[str, str]) -> list[tuple[str, pd.DataFrame]]:
    accounts = trace.accounts
    beyond = unfreezable(accounts["account"], accounts["kind"])
    holding = accounts[(accounts["held_fen"] > 0) & ~beyond]
    act = _act(holding, said)
    heading = said["act"].format(shown=len(act), all=len(holding))
    return [
        (said["victims"], _worded(trace.victims(), said)),
        (said["where"], _where(trace, said)),
        (heading, act),
    ]


def _where(trace: Trace, said: dict[str, str]) -> pd.DataFrame:
    sums = trace.holdings.groupby("kind").agg(fen=("fen", "sum"), accounts=("account", "nunique"))
    table = sums.reindex([kind for kind in KINDS if kind in sums.index]).reset_index()
    return _worded(table.assign(kind=table["kind"].map(said)), said)


def _act(holding: pd.DataFrame, said: dict[str, str]) -> pd.DataFrame:
    ranked = holding.sort_values(["held_fen", "account"], ascending=[False, True]).head(SHOWN)
    table = ranked[["account", "holder", "institution", "level", "held_fen", "frontier"]]
    frontier = table["frontier"].map({True: said["yes"], False: said["no"]})
    return _worded(table.assign(frontier=frontier), said)


def _worded(table: pd.DataFrame, said: dict[str, str]) -> pd.DataFrame:
    money = [name for name in table if str(name).endswith("fen")]
    return (
        table.assign(**{str(n): table[n].map(yuan) for n in money})
        .astype("str")
        .rename(columns=said)
    )


def _paragraph(sentence: str) -> str:
    return f"<p>{escape.text(sentence)}</p>"
