"""Victims' reports matched to the transfers of the ledger, or listed with what comes near."""

from __future__ import annotations

import pandas as pd

from tracer.ledger.accounts import resolve
from tracer.ledger.merge import meet
from tracer.tables import MATCHES, SEEDS

EXACT_SECONDS = 1
NEAR_DAYS = 3
NEAR_SHARE = 0.1
MOST_CANDIDATES = 5


def match(reports: pd.DataFrame, transfers: pd.DataFrame, known: pd.Series) -> pd.DataFrame:
    """
    Find the transfer that each report tells of.

    A report fits a transfer of the same payee and amount at the reported time,
    and of the same payer where one was reported. A report is matched where one
    transfer fits; where as many reports as transfers fit each other, nearest
    first; where several fit a single report, none is chosen.

    Parameters
    ----------
    reports, transfers
        Tables of `tracer.tables`.
    known
        Account number to the account that it means.

    Returns
    -------
    pandas.DataFrame
        The table `matches`, one row per report.
    """
    told = reports.assign(
        payer=resolve(reports["payer"], known), payee=resolve(reports["payee"], known)
    )
    moved = transfers[transfers["status"].eq("ok")]
    pairs = _fitting(told, moved)
    chosen = _chosen(pairs)
    several = pairs[~pairs["report_id"].isin(chosen["report_id"])]
    # What a decided report took is no candidate of the others any more.
    several = several[~several["transfer_id"].isin(chosen["transfer_id"])]
    free = moved[~moved["transfer_id"].isin(chosen["transfer_id"])]
    near = _near(told[~told["report_id"].isin(pairs["report_id"])], free)
    return _matches(told, chosen, several, near)


def seeds(reports: pd.DataFrame, matches: pd.DataFrame, choices: pd.DataFrame) -> pd.DataFrame:
    """
    Return the seeds that matching and the investigator decided, one per transfer.

    Two persons of one name are told apart by the end of their ID number.

    Parameters
    ----------
    reports, matches, choices
        Tables of `tracer.tables`.
    """
    decided = matches.dropna(subset="transfer_id").set_index("report_id")["transfer_id"]
    chosen = choices.drop_duplicates("report_id", keep="last").set_index("report_id")["transfer_id"]
    owner = reports.set_index("report_id")
    namesakes = owner.groupby("victim")["victim_id"].transform("nunique") > 1
    label = owner["victim"].mask(
        namesakes, owner["victim"] + "（" + owner["victim_id"].str[-4:] + "）"
    )
    both = chosen.combine_first(decided).astype("int64").rename("transfer_id")
    found = pd.DataFrame({"transfer_id": both, "victim": label.reindex(both.index)})
    return SEEDS.conform(found.drop_duplicates("transfer_id").sort_values("transfer_id"))


def _fitting(told: pd.DataFrame, moved: pd.DataFrame) -> pd.DataFrame:
    """Return report_id, transfer_id, gap of all pairs that fit, nearest first."""
    columns = ["transfer_id", "payer", "payee", "fen", "time", "time_precision"]
    pairs = told.merge(moved[columns], on=["payee", "fen"], suffixes=("", "_moved"))
    gap, meets = meet(pairs, "_moved")
    dated = pairs["time_precision"].eq("day") | pairs["time_precision_moved"].eq("day")
    unsaid = pairs["payer"].eq("") | pairs["payer_moved"].str.startswith("unknown:")
    payer = unsaid | pairs["payer"].eq(pairs["payer_moved"])
    found = pairs.assign(gap=gap, dated=dated)[payer & meets]
    found = found.sort_values(["gap", "report_id", "transfer_id"])
    return found[["report_id", "victim", "transfer_id", "gap", "dated"]]


def _chosen(pairs: pd.DataFrame) -> pd.DataFrame:
    """Decide one to one, as far as nothing is a matter of taste."""
    left, chosen = pairs, []
    while len(left):
        rivals = left.groupby("transfer_id")["report_id"].transform("nunique")
        options = left.groupby("report_id")["transfer_id"].transform("nunique")
        exact = left["gap"].le(EXACT_SECONDS) & ~left["dated"]
        alone = exact & left[exact].groupby("report_id")["gap"].transform("size").eq(1).reindex(
            left.index, fill_value=False
        )
        # As many payments of one sum to one payee as one victim reported: order decides.
        even = options.eq(rivals) & left.groupby("transfer_id")["victim"].transform("nunique").eq(1)
        clear = left[options.eq(1) & rivals.eq(1) | alone | even]
        taken = clear[~clear["report_id"].duplicated() & ~clear["transfer_id"].duplicated()]
        if taken.empty:
            break
        chosen.append(taken)
        left = left[
            ~left["report_id"].isin(taken["report_id"])
            & ~left["transfer_id"].isin(taken["transfer_id"])
        ]
    return pd.concat(chosen) if chosen else pairs.head(0)


def _near(told: pd.DataFrame, moved: pd.DataFrame) -> pd.DataFrame:
    """Return what comes near a report that nothing fits: two of payee, amount and time agree."""
    columns = ["transfer_id", "payee", "payer", "fen", "time"]
    found = []
    for side in ("payee", "payer", "fen"):
        pairs = told[told[side].ne("")].merge(
            moved[columns], left_on=side, right_on=side, suffixes=("", "_moved")
        )
        found.append(pairs.assign(**{f"{side}_moved": pairs[side]}))
    pairs = pd.concat(found, ignore_index=True).drop_duplicates(["report_id", "transfer_id"])
    days = (pairs["time"] - pairs["time_moved"]).dt.total_seconds().abs() / 86_400
    apart = (pairs["fen"] - pairs["fen_moved"]).abs() / pairs["fen"].where(pairs["fen"] > 0, 1)
    agree = (
        pairs["payee"].eq(pairs["payee_moved"]).astype(int)
        + (pairs["payer"].eq(pairs["payer_moved"]) & pairs["payer"].ne("")).astype(int)
        + (apart <= NEAR_SHARE).astype(int)
    )
    near = pairs.assign(agree=agree, apart=apart, days=days)
    near = near[(agree >= 2) & (days <= NEAR_DAYS)]
    near = near.sort_values(
        ["agree", "apart", "days", "transfer_id"], ascending=[False] + [True] * 3
    )
    return near.groupby("report_id").head(MOST_CANDIDATES)


def _matches(
    told: pd.DataFrame, chosen: pd.DataFrame, several: pd.DataFrame, near: pd.DataFrame
) -> pd.DataFrame:
    """Put what was found about each report into the table `matches`."""
    frame = told.set_index("report_id")[[]]
    frame["transfer_id"] = chosen.set_index("report_id")["transfer_id"].reindex(frame.index)
    options = pd.concat([several, near])
    listed = options["transfer_id"].astype("str").groupby(options["report_id"]).agg(" ".join)
    frame["candidates"] = listed.reindex(frame.index).fillna("")
    fits = several["report_id"].unique()
    state = pd.Series("none", index=frame.index)
    state = state.mask(frame.index.isin(fits), "several")
    frame["state"] = state.mask(frame["transfer_id"].notna(), "matched")
    hint = frame["candidates"].ne("")
    shared = frame["state"].eq("several") & ~frame["candidates"].str.contains(" ")
    case = frame["state"].mask(frame["state"].eq("none") & hint, "near").mask(shared, "shared")
    frame["reason"] = case.map(REASONS)
    frame["reason_en"] = case.map(REASONS_EN)
    return MATCHES.conform(frame.astype({"transfer_id": "Int64"}).reset_index())


REASONS = {
    "matched": "收款账户、金额、时间与一笔转账一致。",
    "several": "有多笔转账与报案一致，请核对后指定其中一笔。",
    "shared": "另有报案指向同一笔转账，请核对这笔钱属于谁后指定。",
    "none": "没有转账与报案相符，请核对账号、金额和时间，或调取收款账户流水。",
    "near": "没有转账与报案完全相符，但有相近的转账，请与被害人核对后指定。",
}
REASONS_EN = {
    "matched": "One transfer agrees with the report in payee, amount and time.",
    "several": "Several transfers agree with the report; check and choose one.",
    "shared": "Another report tells of the same transfer; find out whose it was and choose.",
    "none": "No transfer agrees with the report; check it, or ask for the payee's statement.",
    "near": "No transfer agrees in full, but some come near; ask the victim and choose.",
}
