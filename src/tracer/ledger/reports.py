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


def match(
    reports: pd.DataFrame, transfers: pd.DataFrame, known: pd.Series, choices: pd.DataFrame
) -> pd.DataFrame:
    """
    Find the transfer that each report tells of.

    What the investigator chose comes first. Of the rest, a report fits a
    transfer of the same payee and amount at the reported time, and of the same
    payer where one was reported. A report is matched where one transfer fits
    and no other report; where one victim reported as many payments as there
    are transfers that fit all of them; where several fit, none is chosen. A
    payment that an earlier file reported already counts once.

    Parameters
    ----------
    reports, transfers, choices
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
    decided = choices.drop_duplicates("report_id", keep="last")
    again = _again(told) & ~told["report_id"].isin(decided["report_id"])
    moved = transfers[transfers["status"].eq("ok")]
    free = moved[~moved["transfer_id"].isin(decided["transfer_id"])]
    open_ones = told[~again & ~told["report_id"].isin(decided["report_id"])]
    pairs = _fitting(open_ones, free)
    chosen = _chosen(pairs)
    several = pairs[~pairs["report_id"].isin(chosen["report_id"])]
    # What a decided report took is no candidate of the others any more.
    several = several[~several["transfer_id"].isin(chosen["transfer_id"])]
    untaken = free[~free["transfer_id"].isin(chosen["transfer_id"])]
    left = open_ones["report_id"].isin(chosen["report_id"]) | open_ones["report_id"].isin(
        several["report_id"]
    )
    near = _near(open_ones[~left], untaken)
    states = pd.Series("none", index=told["report_id"])
    states[states.index.isin(several["report_id"])] = "several"
    states[states.index.isin(chosen["report_id"])] = "matched"
    states[states.index.isin(decided["report_id"])] = "chosen"
    states[states.index.isin(told.loc[again, "report_id"])] = "repeat"
    return _matches(states, pd.concat([chosen, decided]), pd.concat([several, near]))


def seeds(reports: pd.DataFrame, matches: pd.DataFrame) -> pd.DataFrame:
    """
    Return the seeds that matching and the investigator decided, one per transfer.

    Two persons of one name are told apart by the end of their ID number.

    Parameters
    ----------
    reports, matches
        Tables of `tracer.tables`.
    """
    owner = reports.set_index("report_id")
    namesakes = owner.groupby("victim")["victim_id"].transform("nunique") > 1
    tail = owner["victim_id"].str[-4:]
    # Where even the ends are alike, only the whole number tells two persons apart.
    alike = owner.assign(tail=tail).groupby(["victim", "tail"])["victim_id"].transform("nunique")
    told = tail.mask(alike > 1, owner["victim_id"])
    label = owner["victim"].mask(namesakes, owner["victim"] + "（" + told + "）")
    decided = matches.dropna(subset="transfer_id")
    victim = label.reindex(decided["report_id"]).to_numpy()
    found = decided[["transfer_id"]].astype("int64").assign(victim=victim)
    return SEEDS.conform(found.sort_values("transfer_id"))


def _again(told: pd.DataFrame) -> pd.Series:
    """Say which reports an earlier file has already; equal rows of one file are payments."""
    same = ["victim", "victim_id", "payer", "payee", "fen", "time"]
    nth = told.groupby([*same, "load_id", "source", "sheet"]).cumcount()
    ordered = told.assign(nth=nth).sort_values("report_id")
    return ordered.duplicated([*same, "nth"]).reindex(told.index)


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
        clear = left[(options.eq(1) & rivals.eq(1)) | _exact(left) | _even(left, options, rivals)]
        taken = clear[~clear["report_id"].duplicated() & ~clear["transfer_id"].duplicated()]
        if taken.empty:
            break
        chosen.append(taken)
        left = left[
            ~left["report_id"].isin(taken["report_id"])
            & ~left["transfer_id"].isin(taken["transfer_id"])
        ]
    return pd.concat(chosen) if chosen else pairs.head(0)


def _exact(left: pd.DataFrame) -> pd.Series:
    """Say which pairs agree to the second and are alone in doing so on both sides."""
    exact = left[left["gap"].le(EXACT_SECONDS) & ~left["dated"]]
    alone = ~exact["report_id"].duplicated(keep=False) & ~exact["transfer_id"].duplicated(
        keep=False
    )
    return alone.reindex(left.index, fill_value=False)


def _even(left: pd.DataFrame, options: pd.Series, rivals: pd.Series) -> pd.Series:
    """Say where one victim reported as many payments as there are transfers that fit them all."""
    ordered = left.assign(one=left["transfer_id"].astype("str")).sort_values("transfer_id")
    same = left["report_id"].map(ordered.groupby("report_id")["one"].agg(" ".join))
    reported = left.groupby(same)["report_id"].transform("nunique")
    victims = left.groupby(same)["victim"].transform("nunique")
    return options.eq(reported) & rivals.eq(reported) & victims.eq(1)


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


def _matches(states: pd.Series, decided: pd.DataFrame, options: pd.DataFrame) -> pd.DataFrame:
    """Put what was found about each report into the table `matches`."""
    seed = decided.set_index("report_id")["transfer_id"].reindex(states.index)
    listed = options["transfer_id"].astype("str").groupby(options["report_id"]).agg(" ".join)
    candidates = listed.reindex(states.index).fillna("").astype("str")
    case = states.mask(states.eq("none") & candidates.ne(""), "near")
    case = case.mask(states.eq("several") & ~candidates.str.contains(" "), "shared")
    frame = pd.DataFrame(
        {
            "transfer_id": seed.astype("Int64"),
            "state": states,
            "candidates": candidates,
            "reason": case.map(REASONS),
            "reason_en": case.map(REASONS_EN),
        }
    )
    return MATCHES.conform(frame.rename_axis("report_id").reset_index())


REASONS = {
    "chosen": "办案人员指定。",
    "repeat": "先前的报案文件中已有同一笔，不重复计算。",
    "matched": "收款账户、金额、时间与一笔转账一致。",
    "several": "有多笔转账与报案一致，请核对后指定其中一笔。",
    "shared": "另有报案指向同一笔转账，请核对这笔钱属于谁后指定。",
    "none": "没有转账与报案相符，请核对账号、金额和时间，或调取收款账户流水。",
    "near": "没有转账与报案完全相符，但有相近的转账，请与被害人核对后指定。",
}
REASONS_EN = {
    "chosen": "The investigator chose it.",
    "repeat": "An earlier file reported this payment already; it counts once.",
    "matched": "One transfer agrees with the report in payee, amount and time.",
    "several": "Several transfers agree with the report; check and choose one.",
    "shared": "Another report tells of the same transfer; find out whose it was and choose.",
    "none": "No transfer agrees with the report; check it, or ask for the payee's statement.",
    "near": "No transfer agrees in full, but some come near; ask the victim and choose.",
}
