"""Hand-made rows for the ledger's functions that work on whole numbers."""

from __future__ import annotations

import pandas as pd

DAY = pd.Timestamp("2024-06-01")
PLAIN: dict[str, object] = {
    "own": 1,
    "other": 2,
    "out": True,
    "fen": 100,
    "second": 0,
    "precision": 0,
    "balance_fen": None,
    "success": True,
    "statement": True,
    "file": 1,
    "serial": 0,
    "link": 0,
    "clock": 1,
    "silent": False,
    "wallet": False,
    "other_wallet": False,
    "hop": False,
    "undone": False,
    "hinted": False,
    "refund": False,
    "internal": False,
    "kindred": 0,
}


def frame(*rows: dict[str, object]) -> pd.DataFrame:
    """Fill rows up, number them as they come, and say when by seconds after one midnight."""
    filled = [
        PLAIN | {"entry_id": number, "seq": number} | row for number, row in enumerate(rows, 1)
    ]
    made = pd.DataFrame(filled, columns=[*PLAIN, "entry_id", "seq"])
    whole = (name for name, one in PLAIN.items() if type(one) is int)
    flags = (name for name, one in PLAIN.items() if type(one) is bool)
    made = made.astype(dict.fromkeys(whole, "int64") | dict.fromkeys(flags, bool))
    made = made.astype({"entry_id": "int64", "seq": "int64", "precision": "int8"})
    made["balance_fen"] = made["balance_fen"].astype("Int64")
    made["time"] = (DAY + pd.to_timedelta(made["second"], unit="s")).astype("datetime64[us]")
    made["payer"] = made["own"].where(made["out"], made["other"])
    made["payee"] = made["other"].where(made["out"], made["own"])
    return made.drop(columns="second")
