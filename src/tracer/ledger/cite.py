"""Citation: the files and rows that tell of each transfer."""

from __future__ import annotations

import pandas as pd


def cited(transfers: pd.DataFrame, entries: pd.DataFrame) -> pd.DataFrame:
    """
    Add to each transfer the file and row that tell of it.

    Parameters
    ----------
    transfers
        As ``tables.TRANSFERS``.
    entries
        As ``tables.ENTRIES``.

    Returns
    -------
    pandas.DataFrame
        The transfers with payer_record and payee_record, "" where there is none.
    """
    entries = entries.set_index("entry_id")
    sheet = (" · " + entries["sheet"]).mask(entries["sheet"].eq(""), "")
    # Banks name their files alike in every round; then the round tells them apart.
    loads = entries.groupby("source")["load_id"].transform("nunique") > 1
    file = entries["source"].mask(
        loads, "[" + entries["load_id"].astype("str") + "] " + entries["source"]
    )
    record = file + sheet + " · 第 " + entries["row"].astype("str") + " 行"
    return transfers.assign(
        payer_record=transfers["payer_entry"].map(record).fillna(""),
        payee_record=transfers["payee_entry"].map(record).fillna(""),
    )
