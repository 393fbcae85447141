"""Corrections: what the rules made of doubtful rows and accounts, and what people decided of it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from tracer import tables
from tracer.contents import Contents
from tracer.intake import decide, verdicts
from tracer.ledger import decisions
from tracer.ledger.accounts import resolve
from tracer.stores.duckdb import fetch
from tracer.views.words import language

_SHOWN = ("source", "sheet", "row", "account", "time", "time_precision", "direction", "fen")
# A notebook shows the first and the last ten columns: what is looked at first stands there.
_JOINS = (
    *("transfer_id", "score", "join", "reason", "fen", "account", "time", "other_account"),
    *("other_time", "entry", "other_entry", "decided", "direction", "other_direction"),
    *("time_precision", "other_time_precision", "other_fen", "source", "sheet", "row"),
    *("other_source", "other_sheet", "other_row", "reason_en"),
)
_DECISIONS = ("decision_id", "verdict", "entry", "other", "state", "reason", "note", "at", "who")
# Joins below this are few and worth a look each.
_LOW = 80
_DOUBTS = {
    "zh": "待核对：低于 80 分的合并 {joins} 处，见 case.joins(below=80)；多个账户主张的号码 "
    "{conflicts} 个，见 case.conflicts()；未认定的掩码账号 {masks} 个，见 case.masks()；"
    "须向支付平台调取的转账 {hops} 笔，见 case.hops()。",
    "en": "To look at: joins below 80: {joins}, see case.joins(below=80); numbers that several "
    "accounts claim: {conflicts}, see case.conflicts(); masked numbers not matched: {masks}, see "
    "case.masks(); transfers to ask payment platforms for: {hops}, see case.hops().",
}
_NOTES = {
    "stands": ("按此执行。", "The ledger follows it."),
    "undone": ("已撤回。", "It was taken back."),
    "overruled": ("已由后来的决定取代。", "A later decision took its place."),
    "withdrawn": ("标注已撤回。", "The mark was taken back."),
    "gone": (
        "所依据的流水行或账户已不在案件中，暂不执行。",
        "A row or account that it speaks of is not in the case any more; nothing is done.",
    ),
    "idle": (
        "流水重新读取后与此不符，或与其他决定矛盾，没有执行，请核对。",
        "As the rows read now, or beside other decisions, it cannot be followed; check it.",
    ),
}


@dataclass(frozen=True)
class Corrections(Contents):
    """What a case keeps, with the joins that can be looked at, split and forced."""

    def joins(self, *, below: int = 100) -> pd.DataFrame:
        """
        Return which rows were taken for one movement, the most doubtful first.

        Parameters
        ----------
        below
            Only scores below this; 101 shows the certain ones too.

        Returns
        -------
        pandas.DataFrame
            The table `joins`, with source, sheet, row, account, time,
            time_precision, direction and fen of the entry, and the same with
            ``other_`` in front of the other entry.
        """
        decide.prepare(self._store)
        columns = ", ".join(
            f'{side}."{name}" AS "{start}{name}"'
            for side, start in (("one", ""), ("two", "other_"))
            for name in _SHOWN
        )
        asked = (
            f"SELECT joins.*, {columns} FROM joins "  # noqa: S608
            "JOIN entries one ON one.entry_id = joins.entry "
            "JOIN entries two ON two.entry_id = joins.other_entry "
            "WHERE score < ? ORDER BY score, transfer_id, other_entry"
        )
        with self._store.reading() as connection:
            found = connection.execute(asked, [below]).df()
        return found.astype(tables.JOINS.columns)[list(_JOINS)]

    def conflicts(self) -> pd.DataFrame:
        """Return the table `conflicts`: numbers that several accounts claim; none was used."""
        decide.prepare(self._store)
        return self._table(tables.CONFLICTS, "alias", "account")

    def masks(self) -> pd.DataFrame:
        """Return the table `masks`: masked numbers, and the account that each was taken for."""
        decide.prepare(self._store)
        return self._table(tables.MASKS, "text", "holder", "institution")

    def doubts(self, lang: str = "zh") -> str:
        """
        Return in one sentence how much is left to look at, and where it is shown.

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
        counts = {
            "joins": len(self.joins(below=_LOW)),
            "conflicts": self.conflicts()["alias"].nunique(),
            "masks": int(self.masks()["account"].eq("").sum()),
            "hops": len(self.hops()),
        }
        return _DOUBTS[lang].format(**{name: f"{count:,}" for name, count in counts.items()})

    def split(self, one: int | tuple[int, int], *, reason: str) -> int:
        """
        Decide that two rows that were joined are two movements.

        Two sides of a transfer are paired by hand alone from then on; a repeat
        counts as a payment of its own.

        Parameters
        ----------
        one
            A transfer that two rows tell of, or the two entries: see `joins`.
        reason
            Why; it stays in the log.

        Returns
        -------
        int
            The number of the decision, for `undo`.

        Raises
        ------
        DecisionError
            If the rows are not joined, it is not clear which are meant, or
            another decision says otherwise.
        """
        pair = one if isinstance(one, tuple) else decide.pair_of(self._store, one)
        return decide.decide(self._store, "split", pair, reason)

    def join(self, entry: int, other: int, *, reason: str) -> int:
        """
        Decide that two rows tell of one movement.

        They are the two sides of a transfer (one account paid, another
        received), or one row that two files tell (the same account and
        direction); the amounts are equal.

        Parameters
        ----------
        entry, other
            Two entries of `entries`.
        reason
            Why; it stays in the log.

        Returns
        -------
        int
            The number of the decision, for `undo`.

        Raises
        ------
        DecisionError
            If the rows cannot be one movement, or another decision says
            otherwise.
        """
        return decide.decide(self._store, "join", (entry, other), reason)

    def undo(self, decision_id: int) -> None:
        """
        Take a decision back.

        Parameters
        ----------
        decision_id
            A decision of `decisions`.

        Raises
        ------
        DecisionError
            If there is none to take back, or others contradict what would
            count again.
        """
        decide.undo(self._store, decision_id)

    def mark(self, account: str, kind: str, *, reason: str) -> None:
        """
        Decide what kind an account is.

        Parameters
        ----------
        account
            An account of `accounts`, or a further number of one.
        kind
            bank, payment, merchant, clearing, exchange, cash or unknown; "" takes the mark back.
        reason
            Why; it stays in the log.

        Raises
        ------
        AccountError
            If the case has no such account.
        DecisionError
            If there is no such kind, or no mark to take back.
        """
        decide.mark(self._store, account, kind, reason)

    def decisions(self) -> pd.DataFrame:
        """
        Return every decision about joins, in the order in which they were made.

        Returns
        -------
        pandas.DataFrame
            The table `decisions`, with entry and other (the entries now; empty
            where a row is gone), state (stands, idle, overruled, undone or
            gone), and note and note_en, which say what that means.
        """
        with self._store.reading() as connection:
            found = verdicts.resolved(connection)
            joins = verdicts.of(connection, tables.JOINS, "transfer_id")
        idle = decisions.broken(decisions.standing(found), joins)
        noted = _noted(found, found["state"].mask(found["decision_id"].isin(idle), "idle"))
        return noted[[*_DECISIONS, *noted.columns.drop(list(_DECISIONS))]]

    def marks(self) -> pd.DataFrame:
        """
        Return every mark on an account, in the order in which they were made.

        Returns
        -------
        pandas.DataFrame
            The table `marks`, with state (stands, withdrawn, overruled or
            gone), and note and note_en, which say what that means.
        """
        with self._store.reading() as connection:
            made = verdicts.marks(connection)
            known = fetch(connection, tables.ALIASES, order=["alias"])
            there = fetch(connection, tables.ACCOUNTS, order=["account"])["account"]
        account = resolve(made["account"], known.set_index("alias")["account"])
        state = pd.Series("stands", index=made.index, dtype="str")
        state = state.mask(~account.isin(there), "gone").mask(made["kind"].eq(""), "withdrawn")
        return _noted(made, state.mask(account.duplicated(keep="last"), "overruled"))


def _noted(found: pd.DataFrame, state: pd.Series) -> pd.DataFrame:
    notes = {
        name: state.map({one: both[at] for one, both in _NOTES.items()}).astype("str")
        for at, name in enumerate(("note", "note_en"))
    }
    return found.assign(state=state, **notes)
