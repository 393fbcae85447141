"""Deciding: an investigator's word on rows and accounts is kept, and the ledger built by it."""

from __future__ import annotations

from difflib import get_close_matches

import duckdb
import numpy as np
import pandas as pd

from tracer import tables
from tracer.errors import AccountError, DecisionError
from tracer.intake import keep, verdicts
from tracer.ledger import decisions
from tracer.ledger.accounts import resolve
from tracer.ledger.kinds import KINDS
from tracer.ledger.parties import parties
from tracer.ledger.rows import told
from tracer.stores import journal
from tracer.stores.duckdb import DuckStore, append, evolve, fetch, held


def prepare(store: DuckStore) -> None:
    """Build the ledger of a case of an earlier version again, which did not keep its joins."""
    with store.reading() as connection:
        if held(connection, tables.JOINS):
            return
    with store.writing() as connection:
        journal.write(connection, "rebuild", keep.moved(keep.rebuild(connection)[0]))


def decide(store: DuckStore, verdict: str, pair: tuple[int, int], reason: str) -> int:
    """
    Keep that two rows are one movement, or are not, and build the ledger by it.

    Parameters
    ----------
    store
        The case's store.
    verdict
        join or split.
    pair
        The entries.
    reason
        Why; a sentence of the investigator's.

    Returns
    -------
    int
        The number of the decision.

    Raises
    ------
    DecisionError
        If the rows cannot be that, or another decision says otherwise.
    """
    _said(reason)
    prepare(store)
    with store.writing() as connection:
        evolve(connection, tables.DECISIONS)
        made = _evidence(connection, pair)
        before = verdicts.standing(connection)
        joins = fetch(connection, tables.JOINS, order=["transfer_id"])
        idle = decisions.broken(before, joins)
        _allowed(connection, verdict, pair, before, joins)
        number = _next(connection)
        made |= {"decision_id": number, "verdict": verdict, "reason": reason, "undone": False}
        signed = made | {"at": journal.now(), "who": journal.user()}
        append(connection, tables.DECISIONS, pd.DataFrame([signed]))
        followed, _ = keep.rebuild(connection)
        _borne_out(connection, idle, number)
        details = {"entries": [int(one) for one in pair]} | made | keep.moved(followed)
        journal.write(connection, verdict, details)
    return number


def undo(store: DuckStore, decision_id: int) -> None:
    """
    Take a decision back, and build the ledger without it.

    Parameters
    ----------
    store
        The case's store.
    decision_id
        Its number.

    Raises
    ------
    DecisionError
        If there is no such decision, it was undone before, or an earlier one that would count
        again contradicts others.
    """
    prepare(store)
    with store.writing() as connection:
        found = verdicts.resolved(connection)
        open_ones = found.loc[found["state"].ne("undone"), "decision_id"]
        if decision_id not in set(open_ones):
            msg = f"There is no decision {decision_id!r} to undo. See case.decisions()."
            zh = f"没有可以撤回的第 {decision_id!r} 号决定，请查看 case.decisions()。"
            raise DecisionError(msg, zh=zh)
        joins = fetch(connection, tables.JOINS, order=["transfer_id"])
        idle = decisions.broken(decisions.standing(found), joins)
        connection.execute(
            "UPDATE decisions SET undone = true WHERE decision_id = ?", [decision_id]
        )
        followed, _ = keep.rebuild(connection)
        _borne_out(connection, idle, decision_id)
        journal.write(connection, "undo", {"decision_id": int(decision_id)} | keep.moved(followed))


def mark(store: DuckStore, account: str, kind: str, reason: str) -> None:
    """
    Keep what kind an account is, and build the ledger by it.

    Parameters
    ----------
    store
        The case's store.
    account
        An account, or a further number of one.
    kind
        One of `kinds.KINDS`, or "" to take the mark back.
    reason
        Why.

    Raises
    ------
    AccountError
        If the case has no such account.
    DecisionError
        If there is no such kind, no reason, or no mark to take back.
    """
    _said(reason)
    if kind and kind not in KINDS:
        msg = f"There is no kind {kind!r}. Kinds: {', '.join(KINDS)}; '' takes a mark back."
        zh = f"没有账户类型 {kind!r}，可用：{'、'.join(KINDS)}；'' 撤回标注。"
        raise DecisionError(msg, zh=zh)
    with store.writing() as connection:
        evolve(connection, tables.MARKS)
        aliases = fetch(connection, tables.ALIASES, order=["alias"]).set_index("alias")["account"]
        meant = str(resolve(pd.Series([account], dtype="str"), aliases).iloc[0])
        last = verdicts.marks(connection).query("account == @meant")["kind"].tail(1).tolist()
        if not kind and last in ([], [""]):
            msg = f"The account {meant!r} bears no mark that could be taken back."
            raise DecisionError(msg, zh=f"账户 {meant!r} 没有可以撤回的标注。")
        if not last:
            _known(connection, meant)
        made = {"account": meant, "kind": kind, "reason": reason}
        signed = made | {"at": journal.now(), "who": journal.user()}
        append(connection, tables.MARKS, pd.DataFrame([signed]))
        followed, _ = keep.rebuild(connection)
        journal.write(connection, "mark", made | keep.moved(followed))


def pair_of(store: DuckStore, transfer_id: int) -> tuple[int, int]:
    """
    Return the two rows that were taken for one transfer.

    Parameters
    ----------
    store
        The case's store.
    transfer_id
        A transfer that two rows tell of.

    Raises
    ------
    DecisionError
        If one row alone tells of it, or more than two, so that it is not clear which is meant.
    """
    prepare(store)
    with store.reading() as connection:
        joins = fetch(connection, tables.JOINS, order=["entry", "other_entry"])
    found = joins.loc[joins["transfer_id"].eq(transfer_id), ["entry", "other_entry"]]
    pairs = [(int(one), int(other)) for one, other in found.to_numpy()]
    if len(pairs) == 1:
        return pairs[0]
    if pairs:
        told = "、".join(map(str, pairs))
        msg = f"Several pairs of rows tell of transfer {transfer_id}: {told}. Name one pair."
        raise DecisionError(msg, zh=f"转账 {transfer_id} 有多对流水：{told}，请指明其中一对。")
    msg = f"No two rows were joined to a transfer {transfer_id!r}. See case.joins(below=101)."
    zh = f"没有由两行流水合并的转账 {transfer_id!r}，请查看 case.joins(below=101)。"
    raise DecisionError(msg, zh=zh)


def _said(reason: str) -> None:
    if not (isinstance(reason, str) and reason.strip()):
        msg = "A decision needs its reason, which stays in the log."
        raise DecisionError(msg, zh="请写明理由（reason），它会留在日志中。")


def _evidence(connection: duckdb.DuckDBPyConnection, pair: tuple[int, int]) -> dict[str, object]:
    """Return the rows of evidence of two entries, as a decision names them."""
    rows = verdicts.evidence(connection, list(pair))
    names = list(decisions.EVIDENCE)
    made: dict[str, object] = {}
    if len(pair) != 2:
        msg = f"A decision is about two entries, not {len(pair)}."
        raise DecisionError(msg, zh=f"请指明两笔流水，而不是 {len(pair)} 笔。")
    for entry, columns in zip(pair, (decisions.EVIDENCE, decisions.OTHER), strict=True):
        own = rows[rows["entry_id"].eq(entry)]
        if own.empty:
            msg = f"There is no entry {entry!r}. See case.entries()."
            raise DecisionError(msg, zh=f"没有编号为 {entry!r} 的流水，请查看 case.entries()。")
        if len(own.merge(rows, on=names)) > 1:
            msg = f"The row of entry {entry} became several entries, which no decision tells apart."
            zh = f"流水 {entry} 所在的一行读出了多笔流水，无法单独指定。"
            raise DecisionError(msg, zh=zh)
        digest, sheet, row = own[names].iloc[0].tolist()
        made |= dict(zip(columns, (digest, sheet, int(row)), strict=True))
    return made


def _allowed(
    connection: duckdb.DuckDBPyConnection,
    verdict: str,
    pair: tuple[int, int],
    before: pd.DataFrame,
    joins: pd.DataFrame,
) -> None:
    """Refuse what the rows themselves, or earlier decisions, do not allow."""
    named = pd.DataFrame({"entry": [pair[0]], "other": [pair[1]]})
    if verdict == "join":
        same = before["entry"].isin(pair) & before["other"].isin(pair)
        rest = before[~same]
        decisions.check(named, _facts(connection, pd.concat([named, rest])), rest)
        return
    asked = named.assign(decision_id=0, verdict="join")
    if decisions.broken(asked, joins):
        msg = f"The entries {pair[0]} and {pair[1]} are not joined. See case.joins(below=101)."
        zh = f"流水 {pair[0]} 与 {pair[1]} 没有合并，请查看 case.joins(below=101)。"
        raise DecisionError(msg, zh=zh)


def _facts(connection: duckdb.DuckDBPyConnection, pairs: pd.DataFrame) -> pd.DataFrame:
    """Return what `decisions.facts` says of some entries, which are few."""
    wanted = pd.DataFrame({"entry_id": np.unique(pairs[["entry", "other"]].to_numpy("int64"))})
    connection.register("wanted", wanted)
    rows = connection.execute("SELECT * FROM entries SEMI JOIN wanted USING (entry_id)").df()
    connection.unregister("wanted")
    said = told(tables.ENTRIES.conform(rows))
    known = fetch(connection, tables.ALIASES, order=["alias"]).set_index("alias")["account"]
    found, _ = parties(said, known, tables.REGISTRATIONS.empty())
    return decisions.facts(said, found, np.arange(len(said)))


def _next(connection: duckdb.DuckDBPyConnection) -> int:
    asked = "SELECT coalesce(max(decision_id), 0) + 1 FROM decisions"
    return int(connection.execute(asked).fetchall()[0][0])


def _borne_out(connection: duckdb.DuckDBPyConnection, idle: set[int], number: int) -> None:
    """Refuse a decision that does not hold itself, or for which another one would not hold."""
    joins = fetch(connection, tables.JOINS, order=["transfer_id"])
    found = decisions.broken(verdicts.standing(connection), joins) - idle
    if not found:
        return
    others = "、".join(str(one) for one in sorted(found - {number}))
    if others:
        msg = f"This contradicts the decisions {others}; undo them first with case.undo(number)."
        raise DecisionError(msg, zh=f"与第 {others} 号决定矛盾，请先用 case.undo(编号) 撤回。")
    msg = "Earlier decisions about these rows say otherwise; see case.decisions()."
    raise DecisionError(msg, zh="与先前关于这些流水的决定矛盾，请查看 case.decisions()。")


def _known(connection: duckdb.DuckDBPyConnection, account: str) -> None:
    """Refuse an account that neither the ledger nor any entry names."""
    names = fetch(connection, tables.ACCOUNTS, order=["account"])["account"]
    asked = (
        "SELECT count(*) FROM entries "
        "WHERE account = $1 OR other_account = $1 OR 'clearing:' || other_holder = $1"
    )
    # A clearing account that was bridged over is in the entries alone.
    if account and (
        names.eq(account).any() or connection.execute(asked, [account]).fetchall()[0][0]
    ):
        return
    near = get_close_matches(account, names.tolist(), 1, 0.8) if len(names) < 100_000 else []
    maybe = (f" Did you mean {near[0]!r}?", f"是不是 {near[0]!r}？") if near else ("", "")
    msg = f"The case has no account {account!r}.{maybe[0]} See case.accounts()."
    raise AccountError(msg, zh=f"案件中没有账户 {account!r}。{maybe[1]}请查看 case.accounts()。")
