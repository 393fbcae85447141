"""Findings: what checking the statements of a case found, in words and in tables."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tracer.money import yuan
from tracer.views import escape, table
from tracer.views.words import language

# So many of each kind are listed; the frames hold all.
LISTED = 20

_TOTALS = {
    "zh": (
        (
            "余额核对：{accounts} 个账户 {rows} 行流水，证明 {proved} 行，不连续 {broken} 处，"
            "未载明余额 {unproved} 行，起点或失败的 {rest} 行无从核对。"
        ),
        "缺失时段：{gaps} 处。",
        "双方流水均在手的转账：双方都有记录 {seen} 笔，只有一方有记录 {single} 笔。",
    ),
    "en": (
        (
            "Balances: {accounts} accounts, {rows} rows; proved: {proved}, breaks: {broken}, "
            "without a balance: {unproved}, first or failed, so not comparable: {rest}."
        ),
        "Missing periods: {gaps}.",
        "Transfers of which both statements are in hand: {seen} shown by both, {single} by one.",
    ),
}
_LINE = {
    "zh": (
        (
            "  账户 {account}，{from_time} 至 {to_time}，{source} {place}第 {row} 行"
            "（流水 {entry_id}）：{reason}"
        ),
        "  账户 {account}，{from_time} 至 {to_time}：{reason}",
        "  转账 {transfer_id}，{time}：{reason}",
        "  另有 {more} 处，见 case.checks().{name}。",
    ),
    "en": (
        (
            "  Account {account}, {from_time} to {to_time}, {source} {place}row {row} "
            "(entry {entry_id}): {reason_en}"
        ),
        "  Account {account}, {from_time} to {to_time}: {reason_en}",
        "  Transfer {transfer_id}, {time}: {reason_en}",
        "  {more} more, see case.checks().{name}.",
    ),
}
_TODO = {
    "zh": (
        "  要做：对照原件核对该行及上一行；原件相符的，请开户行补调该时段流水。",
        "  要做：请开户行补调缺失时段的流水。",
        "  要做：核对没有记录的一方的原件，并请其开户行说明。",
    ),
    "en": (
        (
            "  To do: compare the row and the one before it with the original; where they agree, "
            "ask the bank for the statement of that time again."
        ),
        "  To do: ask the bank for the statement of each missing period.",
        "  To do: compare the side that lacks the record with its original, and ask its bank why.",
    ),
}
_HEADS = {
    "account": "账户",
    "transfer_id": "转账",
    "time": "时间",
    "from_time": "自",
    "to_time": "至",
    "fen": "金额（元）",
    "source": "文件",
    "sheet": "表",
    "row": "行",
    "reason": "说明",
}


@dataclass(frozen=True)
class Checks:
    """What the statements of a case prove, and where something is missing or altered."""

    accounts: pd.DataFrame
    """A row for each account and currency with a statement: what
    `proof.Proof.accounts` holds, gaps, and seen, single, share of `sides.shares`."""
    breaks: pd.DataFrame
    """Balances that do not follow from the last: `proof.Proof.breaks`, and the
    source, sheet and row of each."""
    gaps: pd.DataFrame
    """Periods that the statements leave out: what `spans.spans` returned."""
    onesided: pd.DataFrame
    """Transfers that one statement should show and does not: `sides.onesided`."""
    seen: int
    """How many transfers both statements show."""

    def __str__(self) -> str:
        """Return `text` in Chinese."""
        return self.text()

    @property
    def english(self) -> str:
        """What `text` returns in English."""
        return self.text("en")

    def text(self, lang: str = "zh") -> str:
        """
        Return the totals, and under each the first of what it counts.

        Parameters
        ----------
        lang
            zh or en.

        Raises
        ------
        TracerError
            If there is no such language.
        """
        language(lang)
        lines = []
        for total, line, todo, (name, frame) in zip(
            self._totals(lang), _LINE[lang][:-1], _TODO[lang], self._frames(), strict=True
        ):
            lines.append(total)
            some = frame.head(LISTED).to_dict("records")
            lines += [line.format_map(_placed(one)) for one in some]
            if len(frame) > LISTED:
                lines.append(_LINE[lang][-1].format(more=f"{len(frame) - LISTED:,}", name=name))
            if len(frame):
                lines.append(todo)
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        parts = []
        for total, todo, (name, frame) in zip(
            self._totals("zh"), _TODO["zh"], self._frames(), strict=True
        ):
            parts.append(f"<p><b>{escape.text(total)}</b></p>")
            if len(frame):
                parts.append(_html(frame.head(LISTED)))
                more = f"{max(len(frame) - LISTED, 0):,}"
                rest = _LINE["zh"][-1].format(more=more, name=name) if len(frame) > LISTED else ""
                parts.append(f"<p>{escape.text(rest + todo)}</p>")
        return "".join(parts)

    def _frames(self) -> tuple[tuple[str, pd.DataFrame], ...]:
        return ("breaks", self.breaks), ("gaps", self.gaps), ("onesided", self.onesided)

    def _totals(self, lang: str) -> list[str]:
        counts = {
            name: int(self.accounts[name].sum())
            for name in ("rows", "proved", "broken", "unproved")
        }
        # What is left begins a chain or failed; named, so that the counts add up.
        rest = counts["rows"] - counts["proved"] - counts["broken"] - counts["unproved"]
        counts |= {"accounts": self.accounts["account"].nunique(), "seen": self.seen, "rest": rest}
        counts |= {"gaps": len(self.gaps), "single": len(self.onesided)}
        told = {name: f"{number:,}" for name, number in counts.items()}
        return [total.format(**told) for total in _TOTALS[lang]]


def _placed(one: dict[Hashable, Any]) -> dict[str, Any]:
    """Return a line with the place of its sheet, which a text file does not have."""
    told = {str(name): value for name, value in one.items()}
    return told | {"place": f"[{told['sheet']}] " if told.get("sheet") else ""}


def _html(frame: pd.DataFrame) -> str:
    named = {name: zh for name, zh in _HEADS.items() if name in frame}
    shown = frame[list(named)]
    if "fen" in named:
        shown = shown.assign(fen=shown["fen"].map(yuan))
    return table.html(shown.rename(columns=named), right=("金额（元）", "行"), wide=("说明",))
