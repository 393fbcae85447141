"""Who else was robbed: unknown payers into accounts on the way that look like victims."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from tracer.tracing.lots import NONE, Ledger
from tracer.tracing.order import DAY
from tracer.tracing.tally import read_known
from tracer.tracing.words import words
from tracer.views.graph import NAMELESS

if TYPE_CHECKING:
    from tracer.tracing.trace import Trace

Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# In the order in which they are told: what known victims share comes first.
REASONS = ("same", "days", "alike", "amount", "first", "alone", "named")
# What speaks against it.
DOUBTS = ("wages", "company")
# So many other payers of one day are a pattern.
MANY = 2
WAGES = "(?i)工资|薪|代发|奖金|报销|劳务费|津贴|养老|社保|公积金|salary|wage|payroll"
# Nobody's own name is so long and ends so.
COMPANY = (
    ".{3}(?:公司|集团|厂|银行|医院|学校|学院|大学|中学|小学|委员会|政府|中心|合作社|联社|事务所"
    "|商行|经营部|门市部|分店|专卖店|超市|局)[)）]?$"
)


def suspects(trace: Trace, known: pd.DataFrame | None, lang: str) -> pd.DataFrame:
    """Return what `Trace.suspects` tells."""
    said = words(lang)
    accounts = read_known(known)
    paid, ways = _payments(trace)
    table = _payers(trace, paid, ways)
    holders = pd.Series(dtype="str") if accounts is None else accounts["holder"]
    table["holder"] = holders.reindex(table["payer"]).fillna("").astype("str").array
    found = _reasons(trace, paid, ways, table)
    against = _against(paid, table)
    table["reasons"], table["against"] = _sentences(found, said), _sentences(against, said)
    told = (found > 0).sum(axis="columns") - (against > 0).sum(axis="columns")
    table["score"] = told.astype("int64")
    # Who has no reason at all is no lead; what speaks against it only puts it further down.
    table = table[table["reasons"] != ""].sort_values(
        ["score", "fen", "payer"], ascending=[False, False, True], ignore_index=True
    )
    return table[list(COLUMNS)]


def _sentences(found: pd.DataFrame, said: dict[str, str]) -> pd.Series:
    # Joins the sentences that hold, each with its number where it has one.
    told = pd.Series("", index=found.index, dtype="str")
    for name in found:
        before, _, after = said[f"suspect_{name}"].partition("{count}")
        number = found[name].astype("str") if after else ""
        sentence = before + number + after + said["and"]
        told += pd.Series(sentence, index=found.index, dtype="str").where(found[name] > 0, "")
    return told.str.removesuffix(said["and"])


def _payments(trace: Trace) -> tuple[pd.DataFrame, pd.DataFrame]:
    # Returns the payments of outsiders into accounts on the way, and by code when
    # victims' money was in each of these (first to last moment of whole days).
    basis, way = trace.basis, trace.accounts[trace.accounts["level"] > 0]
    code = basis.accounts.get_indexer(pd.Index(way["account"]))
    ways = pd.DataFrame(
        {
            "first": way["first_time"].to_numpy("datetime64[us]").astype(np.int64) // DAY * DAY,
            "last": way["last_time"].to_numpy("datetime64[us]").astype(np.int64) // DAY * DAY + DAY,
        },
        index=code,
    )
    ways = ways[~basis.exits[code]]
    ways, ledger = ways[~_baited(basis.ledger, ways.index, len(basis.exits))], basis.ledger
    on_way = _marked(len(basis.exits), ways.index)
    own = _marked(len(basis.exits), ledger.payer[ledger.seed != NONE])
    outside = ~on_way & (~basis.exits | own)
    rows = np.flatnonzero(on_way[ledger.payee] & outside[ledger.payer])
    paid = pd.DataFrame(
        {
            "payer": ledger.payer[rows],
            "payee": ledger.payee[rows],
            "fen": ledger.fen[rows],
            "when": ledger.when[rows],
            "time": basis.transfers["time"].take(basis.rows[rows]).array,
            "summary": _summaries(basis.transfers).take(basis.rows[rows]).array,
        }
    )
    # Known victims' payments only tell how many payers there were.
    paid["day"] = paid["when"] // DAY
    once = paid.drop_duplicates(["payee", "day", "payer"]).groupby(["payee", "day"]).size()
    alike = pd.MultiIndex.from_frame(paid[["payee", "day"]])
    paid["others"] = once.reindex(alike).to_numpy("int64") - 1
    return paid[~own[paid["payer"]]], ways


def _baited(ledger: Ledger, ways: pd.Index, size: int) -> Flags:
    # Tells which accounts on the way are so only by what was paid back to them, as
    # 刷单 begins: they paid first, and paid more; no known victim paid them itself.
    on_way = _marked(size, ways)
    inner = np.flatnonzero(on_way[ledger.payer] & on_way[ledger.payee])
    paid = pd.DataFrame({"fen": ledger.fen[inner], "place": inner}).groupby(ledger.payer[inner])
    got = pd.DataFrame({"fen": ledger.fen[inner], "place": inner}).groupby(ledger.payee[inner])
    sums = paid["fen"].sum().reindex(ways, fill_value=0) > got["fen"].sum().reindex(ways)
    before = paid["place"].min().reindex(ways) < got["place"].min().reindex(ways)
    direct = _marked(size, ledger.payee[ledger.seed != NONE])[ways]
    return (sums & before).to_numpy() & ~direct


def _payers(trace: Trace, paid: pd.DataFrame, ways: pd.DataFrame) -> pd.DataFrame:
    # A row for each payer by code, with the account to which it paid the most.
    names, ledger = trace.basis.accounts, trace.basis.ledger
    table = paid.groupby("payer").agg(
        fen=("fen", "sum"),
        transfers=("fen", "size"),
        first_time=("time", "min"),
        last_time=("time", "max"),
    )
    most = paid.groupby(["payer", "payee"])["fen"].sum().reset_index()
    most = most.sort_values(["fen", "payee"], ascending=[False, True]).drop_duplicates("payer")
    account = most.set_index("payer")["payee"].reindex(table.index)
    back = _marked(len(names), ways.index)[ledger.payer]
    returned = pd.Series(ledger.fen[back]).groupby(ledger.payee[back]).sum()
    return table.rename_axis(None).assign(
        account=names.take(account.to_numpy("int64")).astype("str").array,
        returned_fen=returned.reindex(table.index, fill_value=0).astype("int64"),
        payer=names.take(table.index.to_numpy("int64")).astype("str").array,
    )


def _reasons(
    trace: Trace, paid: pd.DataFrame, ways: pd.DataFrame, table: pd.DataFrame
) -> pd.DataFrame:
    # For each payer and reason a number, 0 where the reason does not hold.
    ledger, seeds = trace.basis.ledger, trace.seeds
    sown = pd.DataFrame({"payee": ledger.payee, "victim": ledger.seed})[ledger.seed != NONE]
    robbed = sown.drop_duplicates().groupby("payee").size()
    span = ways.reindex(paid["payee"])
    # The smallest quarter are trials and baits, as small as anybody's daily payments.
    large = seeds["fen"].sort_values().iloc[len(seeds) // 4]
    each = pd.DataFrame(
        {
            "same": robbed.reindex(paid["payee"], fill_value=0).to_numpy(),
            "days": (paid["when"].to_numpy() >= span["first"].to_numpy())
            & (paid["when"].to_numpy() < span["last"].to_numpy()),
            "alike": paid["others"].where(paid["others"] >= MANY, 0).to_numpy(),
            "amount": paid["fen"].ge(large).to_numpy(),
        }
    ).astype("int64")
    found = each.groupby(paid["payer"].to_numpy()).max().reindex(table.index)

    # Of a payer that no record names nobody can say what else it did.
    named = ~table["payer"].str.startswith(NAMELESS)
    met = _met_before(trace, ways)
    found["first"] = (named & ~met[table.index]).astype("int64")
    found["alone"] = (named & table["returned_fen"].eq(0)).astype("int64")
    found["named"] = table["holder"].isin(set(seeds["victim"])).astype("int64")
    return found[list(REASONS)]


def _against(paid: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    # For each payer 1 where a reason against it holds, else 0. Of wages all payments must tell:
    # an employer may be robbed as well.
    wages = paid["summary"].str.contains(WAGES).groupby(paid["payer"].to_numpy()).all()
    company = table["holder"].str.contains(COMPANY)
    found = {"wages": wages.reindex(table.index), "company": company}
    return pd.DataFrame(found, columns=list(DOUBTS)).astype("int64")


def _summaries(transfers: pd.DataFrame) -> pd.Series:
    if "summary" not in transfers:
        return pd.Series("", index=transfers.index, dtype="str")
    return transfers["summary"].astype("str").fillna("")


def _met_before(trace: Trace, ways: pd.DataFrame) -> Flags:
    # Who dealt with an account on the way before the day when victims' money came to it.
    ledger, size = trace.basis.ledger, len(trace.basis.exits)
    first = np.full(size, np.iinfo(np.int64).min)
    first[ways.index] = ways["first"]
    paid = ledger.when < first[ledger.payee]
    got = ledger.when < first[ledger.payer]
    return _marked(size, np.concatenate([ledger.payer[paid], ledger.payee[got]]))


def _marked(size: int, codes: Codes | pd.Index) -> Flags:
    marks = np.zeros(size, np.bool_)
    marks[codes] = True
    return marks


COLUMNS = (
    "payer",
    "holder",
    "account",
    "fen",
    "transfers",
    "returned_fen",
    "first_time",
    "last_time",
    "score",
    "reasons",
    "against",
)
