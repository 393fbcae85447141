"""A payment platform's record joined to the bank's record of the same money."""

from __future__ import annotations

import pandas as pd

from tracer.ledger.accounts import PLATFORM
from tracer.ledger.merge import best, candidates


def crossings(entries: pd.DataFrame, clearing: pd.Index) -> pd.DataFrame:
    """
    Pair bank records that name a clearing account with the platform's records.

    The number that both institutions hold (网银联单号) decides. Where it is
    missing, card, amount, direction and time decide, and only if each record
    has exactly one candidate; all else stays a gap to be asked for.

    Parameters
    ----------
    entries
        Entries that move money, without repeats, with the resolved columns
        own, other, payer and payee.
    clearing
        The accounts of kind clearing.

    Returns
    -------
    pandas.DataFrame
        payer_entry, payee_entry, bank (the bank's entry), gap (seconds) and
        how ("link" or "card").
    """
    bank = entries[entries["other"].isin(clearing)]
    platform = entries[entries["own"].str.match(PLATFORM) & ~entries["other"].str.match(PLATFORM)]
    linked = _linked(bank, platform)
    rest = bank[~bank["entry_id"].isin(linked["bank"])]
    single = platform[~platform["entry_id"].isin(linked["platform"])]
    found = pd.concat([linked, _carded(rest, single)], ignore_index=True)
    paid = found["bank"].isin(bank.loc[bank["direction"].eq("out"), "entry_id"])
    return found.assign(
        payer_entry=found["bank"].where(paid, found["platform"]),
        payee_entry=found["platform"].where(paid, found["bank"]),
    )


def _linked(bank: pd.DataFrame, platform: pd.DataFrame) -> pd.DataFrame:
    """Join on the shared number, which a bank may show as its own serial."""
    told = [
        bank.assign(link=bank[column]).loc[bank[column].ne("")]
        for column in ("link_serial", "serial")
    ]
    banks = pd.concat(told).drop_duplicates(["entry_id", "link"])
    platforms = platform[platform["link_serial"].ne("")].assign(link=platform["link_serial"])
    found = candidates(_mirrored(banks), platforms, by=["link", "fen", "direction"])
    return _named(best(found), "link")


def _carded(bank: pd.DataFrame, platform: pd.DataFrame) -> pd.DataFrame:
    """Join on card, amount, direction and time where there is one candidate each."""
    banks = _mirrored(bank).assign(card=bank["own"])
    found = candidates(
        banks, platform.assign(card=platform["other"]), by=["card", "fen", "direction"]
    )
    alone = ~found["left"].duplicated(keep=False) & ~found["right"].duplicated(keep=False)
    return _named(found[alone], "card")


def _mirrored(bank: pd.DataFrame) -> pd.DataFrame:
    """Turn each direction round: what leaves the bank account enters the platform's."""
    return bank.assign(direction=bank["direction"].map({"in": "out", "out": "in"}).astype("str"))


def _named(pairs: pd.DataFrame, how: str) -> pd.DataFrame:
    return pairs.rename(columns={"left": "bank", "right": "platform"}).assign(how=how)
