"""Sides: transfers that only one of two statements shows although both are in hand."""

from __future__ import annotations

import pandas as pd

from tracer.money import yuan

# At the edges of a statement, the other side's clock or a date alone may mean a time outside.
MARGIN = pd.Timedelta(days=1)

_DAY = pd.Timedelta(days=1)
_OTHER = {"payer": "payee", "payee": "payer"}
_COLUMNS = ["transfer_id", "time", "payer", "payee", "fen", "currency"]


def onesided(transfers: pd.DataFrame, covered: pd.DataFrame, gaps: pd.DataFrame) -> pd.DataFrame:
    """
    Return the transfers that one side's statement should show and does not.

    A statement should show what lies a day or more inside the time that it
    covers, and a day or more outside of the periods between its files.

    Parameters
    ----------
    transfers
        The table `transfers`.
    covered
        account, first_time, last_time: the span of each account's statements.
    gaps
        What `spans` returned.

    Returns
    -------
    pandas.DataFrame
        transfer_id, time, payer, payee, fen, currency, missing (payer or
        payee), account (whose record is missing), similar (the nearest entry
        of that account with the same amount and direction within a day, which
        tells of no transfer with another record; may be empty), reason,
        reason_en. Sorted by transfer_id.
    """
    moved = transfers[transfers["status"].eq("ok") & transfers["payer"].ne(transfers["payee"])]
    parts = []
    for side in _OTHER:
        lacking = moved[moved[f"{side}_entry"].isna() & moved[side].isin(covered["account"])]
        found = lacking[_COLUMNS].assign(missing=side, account=lacking[side])
        found = found[_inside(found, covered) & ~_left_out(found, gaps)]
        parts.append(found.assign(similar=_similar(found, moved, side)))
    whole = pd.concat(parts).sort_values(["transfer_id", "missing"], ignore_index=True)
    whole = whole.astype({"missing": "str", "similar": "Int64"})
    return whole.assign(reason=_reason(whole, "zh"), reason_en=_reason(whole, "en"))


def shares(transfers: pd.DataFrame, lacking: pd.DataFrame) -> pd.DataFrame:
    """
    Return for each account how many transfers both statements show, and how many only the other's.

    Parameters
    ----------
    transfers
        The table `transfers`.
    lacking
        What `onesided` returned.

    Returns
    -------
    pandas.DataFrame
        account, seen, single, share (single of both together, float); sorted
        by account.
    """
    both = transfers["payer_entry"].notna() & transfers["payee_entry"].notna()
    told = transfers[both & transfers["status"].eq("ok")]
    seen = pd.concat([told["payer"], told["payee"]]).value_counts()
    single = lacking["account"].value_counts()
    accounts = seen.index.union(single.index).astype("str").rename("account")
    found = pd.DataFrame({
        "seen": seen.reindex(accounts).fillna(0).astype("int64"),
        "single": single.reindex(accounts).fillna(0).astype("int64"),
    }).reset_index()  # fmt: skip
    whole = found["seen"] + found["single"]
    return found.assign(share=(found["single"] / whole).astype("float64")).sort_values(
        "account", ignore_index=True
    )


def _inside(found: pd.DataFrame, covered: pd.DataFrame) -> pd.Series:
    """Tell which times lie inside an account's statements, by the margin."""
    spans = covered.groupby("account").agg(first=("first_time", "min"), last=("last_time", "max"))
    # An account without a statement has no span, and no time lies inside of it.
    first, last = (
        spans[name].reindex(found["account"]).set_axis(found.index) for name in ("first", "last")
    )
    return found["time"].ge(first + MARGIN) & found["time"].le(last - MARGIN)


def _left_out(found: pd.DataFrame, gaps: pd.DataFrame) -> pd.Series:
    """Tell which times touch a period that no file of the account covers."""
    some = found.reset_index(names="row")[["row", "account", "time"]]
    # Quiet time inside a file is covered by it, so that a record of the other side tells even more.
    out = gaps.loc[gaps["between"], ["account", "from_time", "to_time"]]
    some = some.merge(out, on="account")
    near = some["time"].gt(some["from_time"] - MARGIN) & some["time"].lt(some["to_time"] + MARGIN)
    return found.index.to_series().isin(some.loc[near, "row"])


def _similar(found: pd.DataFrame, moved: pd.DataFrame, side: str) -> pd.Series:
    """Return the nearest record of the account of the same amount that has no other side."""
    alone = moved[moved[f"{side}_entry"].notna() & moved[f"{_OTHER[side]}_entry"].isna()]
    alone = alone.assign(account=alone[side], entry=alone[f"{side}_entry"], at=alone["time"])
    alone["day"] = alone["time"].dt.normalize()
    some = found.reset_index(names="row")[["row", "account", "fen", "time"]]
    day = some["time"].dt.normalize()
    # Only what is a day apart at most is compared.
    some = pd.concat([some.assign(day=day + apart * _DAY) for apart in (-1, 0, 1)])
    pairs = some.merge(
        alone[["account", "fen", "day", "entry", "at"]], on=["account", "fen", "day"]
    )
    pairs["gap"] = (pairs["time"] - pairs["at"]).abs()
    near = pairs[pairs["gap"] <= MARGIN].sort_values(["row", "gap", "entry"])
    return near.drop_duplicates("row").set_index("row")["entry"].reindex(found.index)


def _reason(found: pd.DataFrame, lang: str) -> pd.Series:
    """Return a whole sentence for each transfer."""
    paid = found["missing"].eq("payer")
    entry = found["similar"].astype("str").fillna("").astype("str")
    amount = found["fen"].map(yuan).astype("str") + " "
    lost, like = found["similar"].isna(), pd.Series("", index=found.index, dtype="str")
    if lang == "zh":
        who = like.mask(paid, "付款方").mask(~paid, "收款方")
        amount += found["currency"].astype("str").replace("CNY", "元")
        head = (
            who + " " + found["account"] + " 的流水涵盖该时间，却没有这笔 " + amount + " 的记录："
        )
        like = "其流水 " + entry + " 在一天之内有一笔同额记录，对手不同或未载明，请核对是否同一笔。"
        return head + like.mask(lost, "记录可能缺失或被改动。")
    who = like.mask(paid, "payer ").mask(~paid, "payee ")
    amount += found["currency"].astype("str").replace("CNY", "yuan")
    head = "The statement of the " + who + found["account"] + " covers this time and does not show "
    like = (
        "its entry " + entry + " has the same amount within a day, with another counterparty or "
        "none; check whether it is the same payment."
    )
    return head + amount + ": " + like.mask(lost, "a record may be missing or altered.")
