"""Choices: what investigators decided is followed to where the transfer is now, or dropped."""

from __future__ import annotations

import pandas as pd

from tracer.statements.reasons import Reason

_SIDES = ["transfer_id", "payer_entry", "payee_entry"]
_FACTS = ["payer", "payee", "fen", "time"]

MOVED = Reason(
    "报案 {report} 指定的转账 {transfer}，按同一行流水改为转账 {to}，请核对。",
    "The transfer {transfer} chosen for report {report} is now transfer {to}, by the same row of "
    "the statement; check it.",
)
CHANGED = Reason(
    "报案 {report} 指定的转账 {transfer} 内容有变，请核对。",
    "The transfer {transfer} chosen for report {report} reads differently now; check it.",
)
DROPPED = Reason(
    "报案 {report} 指定的转账 {transfer} 已不存在，指定已撤销，请重新指定。",
    "The transfer {transfer} chosen for report {report} is there no more, so the choice was "
    "dropped; choose again.",
)


def followed(
    choices: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame, reports: pd.DataFrame
) -> pd.DataFrame:
    """
    Find the transfers that were chosen in a ledger that was made anew.

    A transfer is known by the rows of evidence that told of it.

    Parameters
    ----------
    choices, reports
        Tables of `tracer.tables`.
    before, after
        The table ``transfers`` as it was and as it is.

    Returns
    -------
    pandas.DataFrame
        One row for each report with a choice: report_id, transfer_id, to (the transfer now; empty
        where it is gone, could be several or is another report's) and changed (whether payer,
        payee, amount or time are not what they were).
    """
    last = choices.drop_duplicates("report_id", keep="last")
    old = last.merge(before[_SIDES], on="transfer_id", how="left")
    told = old.assign(own=old["transfer_id"])
    sides = told.melt(["report_id", "transfer_id"], ["own", *_SIDES[1:]], value_name="entry")
    now = after[_SIDES].assign(to=after["transfer_id"]).melt(["to"], _SIDES, value_name="entry")
    pairs = sides.dropna(subset="entry").merge(now.dropna(subset="entry"), on="entry")
    pairs = pairs[["report_id", "transfer_id", "to"]].drop_duplicates()
    same = pairs["to"].eq(pairs["transfer_id"])
    alone = ~pairs["report_id"].duplicated(keep=False)
    sure = pairs[same | (alone & ~pairs["report_id"].isin(pairs.loc[same, "report_id"]))]
    # A transfer is one report's; who has it already keeps it.
    sure = sure.assign(moved=~same).sort_values(["moved", "report_id"]).drop_duplicates("to")
    sure = sure[sure["report_id"].isin(reports["report_id"])]
    found = last.merge(sure[["report_id", "to"]], on="report_id", how="left")
    facts = [
        one.set_index("transfer_id")[_FACTS].reindex(found[name]).reset_index(drop=True)
        for one, name in ((before, "transfer_id"), (after, "to"))
    ]
    return found.assign(
        to=found["to"].astype("Int64"),
        changed=facts[0].ne(facts[1]).any(axis=1).to_numpy() & found["to"].notna().to_numpy(),
    )


def sentences(told: pd.DataFrame, *, replaced: bool) -> list[Reason]:
    """
    Return a sentence for each choice that is not what it was.

    Parameters
    ----------
    told
        What `followed` returned.
    replaced
        Whether a file was read again, so that a transfer may read differently.
    """
    found = []
    for one in told.to_dict("records"):
        about = {"report": one["report_id"], "transfer": one["transfer_id"], "to": one["to"]}
        if pd.isna(one["to"]):
            found.append(DROPPED.about(**about))
        elif one["to"] != one["transfer_id"]:
            found.append(MOVED.about(**about))
        elif replaced and one["changed"]:
            found.append(CHANGED.about(**about))
    return found
