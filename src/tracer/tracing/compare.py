"""What several rules say about the same money, side by side, and how much depends on the choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from tracer.errors import TraceError
from tracer.money import yuan
from tracer.tracing.phrases import phrases
from tracer.tracing.trace import Trace
from tracer.views import escape
from tracer.views.table import html as html_table

# How many accounts an investigator looks at.
SHOWN = 10
_KEYS = ["account", "victim", "kind"]


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """The outcome of several traces of the same seeds."""

    names: tuple[str, ...]
    """What tells the traces apart: the rule, and the longest stay where there is one."""
    holdings: pd.DataFrame
    """account, victim, kind, a column of fen for each trace, least_fen, most_fen, spread_fen; the
    widest spread first."""
    victims: pd.DataFrame
    """victim, lost_fen, agreed_fen (in the same place whatever the rule), open_fen."""

    @property
    def agreed_fen(self) -> int:
        """How much of the victims' money is in the same place whatever the rule."""
        return int(self.victims["agreed_fen"].sum())

    @property
    def open_fen(self) -> int:
        """How much of it depends on the choice of the rule."""
        return int(self.victims["open_fen"].sum())

    def text(self, lang: str = "zh") -> str:
        """Return the comparison as lines of text."""
        said = phrases(lang)
        blocks = [said["compared"], self._total(lang)]
        for heading, table in self._tables(lang):
            with pd.option_context("display.unicode.east_asian_width", True):
                blocks += ["", heading, table.to_string(index=False) if len(table) else "—"]
        return "\n".join(blocks)

    def html(self, lang: str = "zh") -> str:
        """Return the comparison as a piece of HTML in which every value is escaped."""
        said = phrases(lang)
        parts = [f"<h3>{escape.text(said['compared'])}</h3><p>{escape.text(self._total(lang))}</p>"]
        for heading, table in self._tables(lang):
            left = {said["account"], said["victim"], said["kind"]}
            right = [str(name) for name in table if name not in left]
            parts.append(f"<h4>{escape.text(heading)}</h4>{html_table(table, right=right)}")
        return f"<div>{''.join(parts)}</div>"

    def __str__(self) -> str:
        """Return the comparison as lines of text."""
        return self.text()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.html()

    def _total(self, lang: str) -> str:
        said = phrases(lang)
        rules = [_named(name, said) for name in self.names]
        return said["agreed"].format(
            rules=said["between"].join(rules),
            total=yuan(self.agreed_fen + self.open_fen),
            agreed=yuan(self.agreed_fen),
            open=yuan(self.open_fen),
        )

    def _tables(self, lang: str) -> list[tuple[str, pd.DataFrame]]:
        said = phrases(lang)
        differ = self.holdings[self.holdings["spread_fen"] > 0]
        shown = differ.head(SHOWN)[[*_KEYS, *self.names, "spread_fen"]]
        heading = said["by_account"].format(shown=len(shown), all=len(differ))
        rules = {name: _named(name, said) for name in self.names}
        return [
            (said["by_victim"], _worded(self.victims, said)),
            (heading, _worded(shown.assign(kind=shown["kind"].map(said)), said | rules)),
        ]


def compare(traces: Sequence[Trace]) -> Comparison:
    """
    Put several traces of the same seeds side by side.

    Parameters
    ----------
    traces
        At least two, each by another rule or another longest stay.

    Raises
    ------
    TraceError
        If there are fewer, if two are alike, or if they follow other seeds.

    Examples
    --------
    >>> from tracer.tracing.follow import follow
    >>> transfers = pd.DataFrame({
    ...     "time": pd.to_datetime(["2026-03-01 09:00", "2026-03-01 09:05"]),
    ...     "payer": ["victim", "mule"], "payee": ["mule", "boss"], "fen": [10_000, 12_000]})
    >>> seeds, opening = pd.Series({0: "Wang"}), pd.Series({"mule": 4_000})
    >>> told = compare([follow(transfers, seeds, rule, opening=opening)
    ...                 for rule in ("fifo", "tainted_first")])
    >>> told.holdings[["account", "fifo", "tainted_first", "spread_fen"]]
      account  fifo  tainted_first  spread_fen
    0    boss  8000          10000        2000
    1    mule  2000              0        2000
    >>> told.agreed_fen, told.open_fen
    (8000, 2000)
    """
    names = _names(traces)
    held = {
        name: trace.holdings.set_index(_KEYS)["fen"]
        for name, trace in zip(names, traces, strict=True)
    }
    sums = pd.DataFrame(held).fillna(0).astype("int64")
    least, most = sums.min(axis="columns"), sums.max(axis="columns")
    # The least of no rows would be a float.
    frame = sums.assign(least_fen=least.astype("int64"), most_fen=most.astype("int64"))
    frame["spread_fen"] = frame["most_fen"] - frame["least_fen"]
    lost = traces[0].seeds.groupby("victim")["fen"].sum()
    agreed = frame.groupby(level="victim")["least_fen"].sum().reindex(lost.index, fill_value=0)
    victims = pd.DataFrame({"lost_fen": lost, "agreed_fen": agreed, "open_fen": lost - agreed})
    frame = frame.reset_index().sort_values(
        ["spread_fen", "most_fen", *_KEYS], ascending=[False, False, True, True, True]
    )
    return Comparison(names, frame.reset_index(drop=True), victims.reset_index())


def _names(traces: Sequence[Trace]) -> tuple[str, ...]:
    if len(traces) < 2:
        msg = f"A comparison needs at least two traces; {len(traces)} were given."
        raise TraceError(msg, zh=f"比较至少需要两个追踪结果，目前只有 {len(traces)} 个。")
    first = traces[0].seeds[["transfer_id", "victim"]]
    if not all(first.equals(trace.seeds[["transfer_id", "victim"]]) for trace in traces):
        msg = "The traces follow different seeds. Compare traces of the same victims' payments."
        raise TraceError(msg, zh="这些追踪结果的被害人付款不同，只能比较同一组被害人付款。")
    names = tuple(_name(trace) for trace in traces)
    if len(set(names)) < len(names):
        msg = f"Two traces are of the same rule: {', '.join(names)}. Give each rule once."
        raise TraceError(
            msg, zh=f"有两个追踪结果的规则相同：{'、'.join(names)}，每种规则只给一次。"
        )
    return names


def _name(trace: Trace) -> str:
    if trace.within is None:
        return trace.rule
    return f"{trace.rule} {trace.within / pd.Timedelta(hours=1):g}h"


def _named(name: str, said: dict[str, str]) -> str:
    rule, _, stay = name.partition(" ")
    return f"{said[rule]} {stay}".strip()


def _worded(table: pd.DataFrame, said: dict[str, str]) -> pd.DataFrame:
    money = {name: table[name].map(yuan) for name in table.select_dtypes("int64").columns}
    return table.assign(**money).astype("str").rename(columns=said)
