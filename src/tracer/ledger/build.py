"""The door of the ledger: entries in, accounts and transfers out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tracer.ledger import accounts, bridge, checks, merge, repeats
from tracer.tables import TRANSFERS

# What of an entry tells which accounts it moved money between, and which other rows mean the same.
TELLING = (
    *("entry_id", "load_id", "source", "sheet", "account", "card", "number", "holder"),
    *("holder_id", "institution", "time", "time_precision", "seq", "statement", "direction"),
    *("fen", "balance_fen", "other_account", "other_holder", "other_id", "other_institution"),
    *("currency", "channel", "summary", "serial", "link_serial", "merchant", "merchant_code"),
    *("cash", "success", "remark"),
)
COARSENESS = {"second": 0, "minute": 1, "day": 2}


@dataclass(frozen=True)
class Ledger:
    """Every real account once, and every real movement of money once."""

    accounts: pd.DataFrame
    """The table `accounts`."""
    transfers: pd.DataFrame
    """The table `transfers`, in the order of time and seq."""
    aliases: pd.Series
    """Account number to the account that it means."""


def build(entries: pd.DataFrame, registrations: pd.DataFrame) -> Ledger:
    """
    Make one ledger of everything that was loaded.

    Parameters
    ----------
    entries, registrations
        Tables of `tracer.tables`.

    Returns
    -------
    Ledger
        Accounts, transfers and aliases. The same records give the same ledger
        whatever the order in which their rows come.
    """
    known = accounts.aliases(entries, registrations)
    # Only the columns that are looked at are sorted and copied.
    told = entries[list(TELLING)].reset_index(drop=True)
    if not told["entry_id"].is_monotonic_increasing:
        told = told.sort_values("entry_id", ignore_index=True)
    rows = _resolved(told, known)
    seen = accounts.names(rows, registrations, known)
    stands = repeats.repeats(rows)
    first = rows["entry_id"].groupby(stands).min()
    kept = rows[stands.eq(rows["entry_id"])]
    kept = kept.assign(first=kept["entry_id"].map(first))

    found = accounts.describe(seen, registrations, known, checks.coverage(kept))
    clearing = pd.Index(found.loc[found["kind"].eq("clearing"), "account"])
    joined = _joined(kept, clearing)
    transfers = _ordered(_transfers(kept, joined), kept)
    used = pd.concat([transfers["payer"], transfers["payee"], rows["own"]]).unique()
    # A clearing account that was bridged over has no part in the ledger any more.
    real = found["account"].isin(used) | ~found["kind"].eq("clearing")
    return Ledger(found[real].reset_index(drop=True), transfers, known)


def _resolved(entries: pd.DataFrame, known: pd.Series) -> pd.DataFrame:
    """Add the accounts that the texts mean: own, other, payer and payee."""
    currency = entries["currency"]
    own = accounts.pockets(accounts.resolve(entries["account"], known), currency)
    other = accounts.pockets(accounts.counterparties(entries, known), currency)
    paid = entries["direction"].eq("out")
    return entries.assign(
        own=own, other=other, payer=own.where(paid, other), payee=other.where(paid, own)
    )


def _joined(kept: pd.DataFrame, clearing: pd.Index) -> pd.DataFrame:
    """Return every transfer's entries: payer_entry, payee_entry, join, status, reason."""
    undone = merge.reversals(kept)
    back = pd.concat([undone["undo"], undone["done"]])
    partner = pd.concat([undone.set_index("undo")["done"], undone.set_index("done")["undo"]])
    moving = kept[kept["success"] & ~kept["entry_id"].isin(back)]
    crossed = bridge.crossings(moving, clearing)
    inside = pd.concat([crossed["bank"], crossed["platform"]])
    mirrored = merge.mirrors(moving[~moving["entry_id"].isin(inside)])
    pairs = pd.concat(
        [
            crossed.assign(join="bridged", reason=_crossing_reason(crossed)),
            mirrored.assign(join="mirrored", reason=_mirror_reason(mirrored)),
        ]
    )[["payer_entry", "payee_entry", "join", "reason"]]
    paired = pd.concat([pairs["payer_entry"], pairs["payee_entry"]])
    alone = kept[~kept["entry_id"].isin(paired)]
    singles = _singles(alone, partner)
    return pd.concat([pairs.assign(status="ok"), singles], ignore_index=True)


def _singles(alone: pd.DataFrame, partner: pd.Series) -> pd.DataFrame:
    """Return the transfers that one entry tells of, and whether they moved money."""
    paid = alone["direction"].eq("out")
    undone = alone["entry_id"].isin(partner.index)
    against = alone["entry_id"].map(partner).astype("Int64").astype("str")
    status = pd.Series("ok", index=alone.index).mask(undone, "reversed")
    reason = pd.Series("", index=alone.index).mask(undone, "与流水 " + against + " 互相冲正")
    return pd.DataFrame(
        {
            "payer_entry": alone["entry_id"].astype("Int64").where(paid),
            "payee_entry": alone["entry_id"].astype("Int64").where(~paid),
            "join": "single",
            "reason": reason.mask(~alone["success"], "机构标明交易未成功"),
            "status": status.mask(~alone["success"], "failed"),
        }
    )


def _transfers(kept: pd.DataFrame, joined: pd.DataFrame) -> pd.DataFrame:
    """Fill in each transfer from its entries; the payer's own record counts first."""
    rows = kept.assign(earlier=_earlier(kept)).set_index("entry_id")
    payer = rows.reindex(joined["payer_entry"]).reset_index(drop=True)
    payee = rows.reindex(joined["payee_entry"]).reset_index(drop=True)
    theirs = _by_payee(payer, payee)
    paired = joined["join"].ne("single")

    def first(column: str) -> pd.Series:
        return payer[column].where(payer[column].fillna("").ne(""), payee[column])

    frame = joined.assign(
        transfer_id=np.fmin(payer["first"], payee["first"]).astype("int64"),
        time=payer["time"].mask(theirs, payee["time"]),
        time_precision=payer["time_precision"].mask(theirs, payee["time_precision"]),
        # Each institution knows its own customer; a clearing account between falls away.
        payer=payer["own"].where(paired, first("payer")),
        payee=payee["own"].where(paired, first("payee")),
        fen=payer["fen"].fillna(payee["fen"]).astype("int64"),
        currency=first("currency"),
        channel=first("channel"),
        summary=first("summary"),
        seq=0,
    )
    return TRANSFERS.conform(frame)


def _earlier(kept: pd.DataFrame) -> pd.Series:
    """Return the time of the row before each row in its account's own statement."""
    ordered = kept.sort_values(["own", "time", "seq", "entry_id"])
    return ordered.groupby("own")["time"].shift().reindex(kept.index)


def _by_payee(payer: pd.DataFrame, payee: pd.DataFrame) -> pd.Series:
    """
    Say where the payee's record gives the time of a transfer.

    That is where the payer's is missing or less exact; and where the payee's
    clock shows an earlier time, which the payee's later payments rest on,
    unless the payer's own statement has another row in between.
    """
    coarse = [side["time_precision"].map(COARSENESS).astype("float64") for side in (payer, payee)]
    less_exact = coarse[0].fillna(9) > coarse[1].fillna(9)
    ahead = coarse[0].eq(coarse[1]) & (payee["time"] < payer["time"])
    free = ~(payer["earlier"] > payee["time"])
    return payer["time"].isna() | less_exact | (ahead & free)


def _ordered(transfers: pd.DataFrame, kept: pd.DataFrame) -> pd.DataFrame:
    """Put transfers of one moment into an order that every statement agrees with."""
    rank = _ranks(transfers, kept)
    ordered = transfers.assign(rank=rank).sort_values(["time", "rank", "transfer_id"])
    ordered["seq"] = ordered.groupby("time").cumcount()
    return TRANSFERS.conform(ordered)


def _ranks(transfers: pd.DataFrame, kept: pd.DataFrame) -> pd.Series:
    """Return how many transfers of the same moment some statement puts before each."""
    rows = kept.set_index("entry_id")[["own", "time", "seq"]]
    sides = [
        pd.DataFrame({"place": transfers.index, "entry": transfers[f"{side}_entry"]}).dropna()
        for side in ("payer", "payee")
    ]
    told = pd.concat(sides).join(rows, on="entry")
    told["moment"] = transfers["time"].to_numpy()[told["place"]]
    finer = transfers["time_precision"].ne("day").to_numpy()[told["place"]]
    told = told[finer].sort_values(["own", "time", "seq", "entry"])
    after = told["own"].eq(told["own"].shift()) & told["moment"].eq(told["moment"].shift())
    later = told.loc[after, "place"].to_numpy()
    earlier = told["place"].shift().loc[after].to_numpy(dtype="int64", na_value=0)
    rank = np.zeros(len(transfers), dtype="int64")
    # Statements that contradict each other would raise ranks forever; no path is longer
    # than the most transfers of one moment.
    for _ in range(int(transfers["time"].value_counts().max()) if len(later) else 0):
        raised = rank.copy()
        np.maximum.at(raised, later, rank[earlier] + 1)
        if (raised == rank).all():
            break
        rank = raised
    return pd.Series(rank, index=transfers.index)


def _mirror_reason(pairs: pd.DataFrame) -> pd.Series:
    gap = pairs["gap"].astype("int64").astype("str")
    told = pairs["how"].map(
        {"both": "付款方、收款方、金额一致", "half": "一方流水未载明对手，账户、金额一致且唯一"}
    )
    return told + "，双方流水时间相差 " + gap + " 秒"


def _crossing_reason(pairs: pd.DataFrame) -> pd.Series:
    gap = pairs["gap"].astype("int64").astype("str")
    told = pairs["how"].map(
        {"link": "网银联单号与银行流水号一致", "card": "银行卡、金额、方向一致且唯一"}
    )
    return told + "，时间相差 " + gap + " 秒"
