"""A payment platform's record joined to the bank's record of the same money."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tracer.ledger.merge import SLACK
from tracer.ledger.pairing import greedy

_SLACKS = np.array(list(SLACK.values()))


def crossings(rows: pd.DataFrame) -> pd.DataFrame:
    """Pair bank records that name a clearing account with the platform's records."""
    bank = rows[rows["hop"]]
    platform = rows[rows["wallet"] & ~rows["other_wallet"]]
    linked = _linked(bank, platform)
    rest = bank[~bank["entry_id"].isin(linked["bank"])]
    single = platform[~platform["entry_id"].isin(linked["platform"])]
    found = pd.concat([linked, _carded(rest, single)], ignore_index=True)
    paid = found["bank"].isin(bank.loc[bank["out"], "entry_id"])
    return found.assign(
        payer_entry=found["bank"].where(paid, found["platform"]),
        payee_entry=found["platform"].where(paid, found["bank"]),
    )


def _linked(bank: pd.DataFrame, platform: pd.DataFrame) -> pd.DataFrame:
    told = [bank.assign(number=bank[name]).loc[bank[name].ne(0)] for name in ("link", "serial")]
    banks = pd.concat(told).drop_duplicates(["entry_id", "number"])
    platforms = platform[platform["link"].ne(0)].assign(number=platform["link"])
    found = _candidates(banks, platforms, by="number")
    found = found.sort_values(["doubt", "gap", "bank", "platform"])
    sides = (pd.factorize(found[name])[0] for name in ("bank", "platform"))
    return found[greedy(*sides)].assign(how="link")


def _carded(bank: pd.DataFrame, platform: pd.DataFrame) -> pd.DataFrame:
    found = _candidates(
        bank.assign(card=bank["own"]), platform.assign(card=platform["other"]), by="card"
    )
    alone = ~found["bank"].duplicated(keep=False) & ~found["platform"].duplicated(keep=False)
    return found[alone].assign(how="card")


def _candidates(bank: pd.DataFrame, platform: pd.DataFrame, *, by: str) -> pd.DataFrame:
    columns = ["entry_id", "time", "precision", "serial", "fen", "out", by]
    # What leaves the bank account enters the platform's.
    turned = bank[columns].assign(out=~bank["out"])
    pairs = turned.merge(platform[columns], on=[by, "fen", "out"], suffixes=("", "_right"))
    slack = _SLACKS[np.maximum(pairs["precision"], pairs["precision_right"])]
    gap = (pairs["time"] - pairs["time_right"]).dt.total_seconds().abs()
    sameday = pairs["time"].dt.normalize().eq(pairs["time_right"].dt.normalize())
    serial = pairs["serial"].eq(pairs["serial_right"]) & pairs["serial"].ne(0)
    meets = (gap <= slack).where(slack < SLACK["day"], sameday)
    found = pd.DataFrame(
        {
            "bank": pairs["entry_id"],
            "platform": pairs["entry_id_right"],
            "doubt": (~serial).astype("int64"),
            "gap": gap,
        }
    )
    return found[meets | (serial & (gap <= SLACK["day"]))]
