"""What a ledger made of a simulated case, held against the truth."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

KEYS = ["time", "payer", "payee", "fen", "status"]


def check(transfers: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """
    Compare the transfers of a ledger with the true ones, one to one.

    Parameters
    ----------
    transfers
        The table `transfers` of a case that loaded the simulated statements.
    folder
        The folder to which `write` wrote the simulation.

    Returns
    -------
    pandas.DataFrame
        One row per transfer that is in either: time, payer, payee, fen, status
        and found, which is "both", "truth" (missing from the ledger) or
        "ledger" (not true). Missing counterparties count as the same.
    """
    text = {"payer": "str", "payee": "str"}
    true = pd.read_csv(
        folder / "truth" / "transfers.csv", dtype=text, parse_dates=["time"], encoding="utf-8"
    )
    both = _counted(true).merge(
        _counted(transfers), how="outer", on=[*KEYS, "nth"], indicator="found"
    )
    names = {"left_only": "truth", "right_only": "ledger", "both": "both"}
    return both.assign(found=both["found"].map(names).astype("str"))[[*KEYS, "found"]]


def _counted(transfers: pd.DataFrame) -> pd.DataFrame:
    """Count equal transfers up, so that each is compared with one other only."""
    frame = transfers[KEYS].astype({"time": "datetime64[us]"})
    for side in ("payer", "payee"):
        nameless = frame[side].str.startswith("unknown:")
        frame[side] = frame[side].mask(nameless, "unknown")
    return frame.assign(nth=frame.groupby(KEYS).cumcount())
