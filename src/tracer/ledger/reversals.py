"""Reversals: rows with which an institution takes back what it had booked."""

from __future__ import annotations

import pandas as pd

from tracer.ledger.pairing import greedy

UNDONE_WITHIN = pd.Timedelta(days=3)


def reversals(rows: pd.DataFrame) -> pd.DataFrame:
    """Pair each reversal row with the row that it undoes, nearest first."""
    told = rows["undone"] | rows["hinted"]
    columns = ["entry_id", "own", "other", "out", "fen", "serial", "time", "seq"]
    undo = rows.loc[told & rows["success"], columns]
    done = rows.loc[~told & rows["own"].isin(undo["own"]), columns]
    pairs = undo.merge(done, on=["own", "fen"], suffixes=("_undo", "_done"))
    serial = pairs["serial_undo"].eq(pairs["serial_done"]) & pairs["serial_undo"].ne(0)
    gap = pairs["time_undo"] - pairs["time_done"]
    fits = (
        pairs["out_undo"].ne(pairs["out_done"])
        & (serial | pairs["other_undo"].eq(pairs["other_done"]))
        & gap.between(pd.Timedelta(0), UNDONE_WITHIN)
    )
    found = pairs.assign(doubt=~serial, gap=gap)[fits]
    found = found.sort_values(["doubt", "gap", "entry_id_undo", "entry_id_done"])
    sides = (pd.factorize(found[name])[0] for name in ("entry_id_undo", "entry_id_done"))
    found = found[greedy(*sides)]
    return found.rename(columns={"entry_id_undo": "undo", "entry_id_done": "done"})[
        ["undo", "done"]
    ]
