"""Simulated records of known transfers: what a ledger must find, and what it must not join."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tracer import tables

# So many accounts of all have their statement in hand that 30 % of what is seen is seen twice.
IN_HAND = 0.4615
REPEATED, TWINS, BANKS, SILENT = 0.10, 0.02, 12, 0.03
LARGEST_SKEW = 90
_DAYS = 60


@dataclass(frozen=True)
class Simulated:
    """Entries, and which transfer each of them tells of."""

    entries: pd.DataFrame
    """Shape (n, …), as ``tables.ENTRIES``."""
    truth: np.ndarray
    """Shape (n,), the number of the real transfer that each entry tells of."""
    same: np.ndarray
    """Shape (transfers,), equal for transfers that nothing but their number tells apart."""


def simulate(
    size: int, seed: int, *, serials: bool = True, balances: bool = True, damaged: bool = False
) -> Simulated:
    """
    Make up the records of some transfers.

    Parameters
    ----------
    size
        How many transfers; a third of them is seen by no statement.
    seed
        Of the random numbers.
    serials
        Whether both sides and every repeat of a record show one number.
    balances
        Whether statements show the balance behind each row.
    damaged
        Whether some rows name nobody, and some banks tell minutes or days alone.
    """
    random = np.random.default_rng(seed)
    real = _transfers(size, random)
    sides = _sides(real, random)
    rows = _statements(sides, balances=balances)
    if damaged:
        rows = _damaged(rows, random)
    rows = pd.concat([rows, _again(rows, random)], ignore_index=True)
    if not serials:
        rows["serial"] = ""
    # Files arrive in any order, and rows are numbered as they arrive.
    files = random.permutation(rows["load_id"].max() + 1)
    rows = rows.iloc[np.lexsort((rows["seq"], files[rows["load_id"]]))]
    rows = rows.assign(entry_id=np.arange(1, len(rows) + 1)).reset_index(drop=True)
    keys = ["payer", "payee", "fen", "time"]
    same = real.groupby(keys, sort=False).ngroup().to_numpy()
    return Simulated(tables.ENTRIES.conform(rows), rows["truth"].to_numpy(), same)


def _transfers(size: int, random: np.random.Generator) -> pd.DataFrame:
    accounts = max(size // 20, 12)
    # Few accounts pay and are paid very often, as mules are.
    weight = 1 / np.arange(1, accounts + 1) ** 0.6
    payer, payee = random.choice(accounts, (2, size), p=weight / weight.sum())
    payee = np.where(payer == payee, (payee + 1) % accounts, payee)
    seconds = np.sort(random.integers(0, _DAYS * 86_400, size))
    round_sums = random.choice([100, 200, 500, 1000, 2000, 5000, 10_000, 50_000], size) * 100
    fen = np.where(random.random(size) < 0.4, round_sums, random.integers(1, 5_000_000, size))
    real = pd.DataFrame({"payer": payer, "payee": payee, "second": seconds, "fen": fen})
    real = pd.concat([real, real[random.random(size) < TWINS]]).sort_values("second", kind="stable")
    real = real.reset_index(drop=True)
    return real.assign(
        time=pd.Timestamp("2024-03-01") + pd.to_timedelta(real["second"], unit="s"),
        truth=real.index,
    )


def _sides(real: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Return a row for each side of each transfer whose statement is in hand."""
    accounts = int(max(real["payer"].max(), real["payee"].max())) + 1
    in_hand = random.random(accounts) < IN_HAND
    number = pd.Series([f"62{17 + account % 80:02d}{account:015d}" for account in range(accounts)])
    bank = random.integers(0, BANKS, accounts)
    skew = random.integers(-LARGEST_SKEW // 2, LARGEST_SKEW // 2 + 1, BANKS)
    sides = []
    for own, other, way in (("payer", "payee", "out"), ("payee", "payer", "in")):
        side = real[in_hand[real[own]]]
        late = skew[bank[side[own]]] + random.integers(0, 2, len(side))
        sides.append(
            pd.DataFrame(
                {
                    "who": side[own],
                    "account": number[side[own]].to_numpy(),
                    "other_account": number[side[other]].to_numpy(),
                    "institution": [f"模拟银行{one}" for one in bank[side[own]]],
                    "direction": way,
                    "fen": side["fen"],
                    "time": side["time"] + pd.to_timedelta(late, unit="s"),
                    "truth": side["truth"],
                    "serial": "S" + side["truth"].astype("str"),
                }
            )
        )
    return pd.concat(sides, ignore_index=True)


def _statements(sides: pd.DataFrame, *, balances: bool) -> pd.DataFrame:
    """Return the rows as statements hold them: account by account, in order, with balances."""
    rows = sides.sort_values(["who", "time", "truth"], kind="stable").reset_index(drop=True)
    moved = rows["fen"].where(rows["direction"].eq("in"), -rows["fen"])
    balance = moved.groupby(rows["who"]).cumsum() + 1_000_000_000_00
    file = rows["who"].rank(method="dense").astype("int64")
    return rows.assign(
        statement=True, success=True, cash=False, currency="CNY", time_precision="second",
        load_id=file, row=rows.index, seq=rows.groupby("who").cumcount(), entry_id=0,
        source="第 " + file.astype("str") + " 份.csv", sheet="", format="detail",
        balance_fen=balance.astype("Int64") if balances else pd.array([pd.NA] * len(rows), "Int64"),
    )  # fmt: skip


def _damaged(rows: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Return the rows with what banks leave out: counterparties, seconds, and the time of day."""
    silent = random.random(len(rows)) < SILENT
    bank = rows["institution"].str.extract(r"(\d+)")[0].astype("int64") % 4
    precision = bank.map({0: "minute", 1: "day"}).fillna("second")
    cut = rows["time"].where(precision.ne("minute"), rows["time"].dt.floor("min"))
    return rows.assign(
        other_account=rows["other_account"].mask(silent, ""),
        time_precision=precision,
        time=cut.where(precision.ne("day"), cut.dt.normalize()),
    )


def _again(rows: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Return what a second query of some days returned once more, in files of their own."""
    place = rows.groupby("who").cumcount()
    count = rows.groupby("who")["who"].transform("size")
    start = pd.Series(random.random(int(rows["who"].max()) + 1))[rows["who"]].to_numpy()
    first = np.floor(start * (count * (1 - REPEATED)))
    span = (place >= first) & (place < first + np.ceil(count * REPEATED))
    again = rows[span]
    load = again["load_id"] + rows["load_id"].max()
    return again.assign(load_id=load, source="第 " + load.astype("str") + " 份.csv")


@dataclass(frozen=True)
class Found:
    """How well a ledger found the transfers again."""

    transfers: int
    """How many transfers the records tell of."""
    precision: float
    """The share of the ledger's transfers that are one real transfer each, found once."""
    recall: float
    """The share of the real transfers that are in the ledger exactly once."""
    false_joins: int
    """Pairs of entries that were joined and tell of different transfers."""


def compare(simulated: Simulated, transfers: pd.DataFrame) -> Found:
    """
    Hold the transfers of a ledger to the truth.

    Parameters
    ----------
    simulated
        What the ledger was built of.
    transfers
        As ``tables.TRANSFERS``.
    """
    told = pd.Series(simulated.same[simulated.truth], simulated.entries["entry_id"])
    sides = [transfers[name].astype("Int64") for name in ("payer_entry", "payee_entry")]
    payer, payee = (side.map(told).astype("Int64") for side in sides)
    wrong = (payer.notna() & payee.notna() & payer.ne(payee)).fillna(value=False)
    found = payer.fillna(payee)[~wrong].value_counts()
    seen = pd.Series(simulated.same[np.unique(simulated.truth)]).value_counts()
    right = np.minimum(found.reindex(seen.index).fillna(0), seen).sum()
    return Found(
        transfers=int(seen.sum()),
        precision=float(right / max(len(transfers), 1)),
        recall=float(right / max(seen.sum(), 1)),
        false_joins=int(wrong.sum()),
    )
