"""Two records of one movement made one transfer, and reversals found."""

from __future__ import annotations

import pandas as pd

UNDONE = r"冲正|撤销|退汇|冲销|抹账"
# Clocks of two institutions differ; a day is the widest that a date can mean.
SLACK = {"second": 120, "minute": 180, "day": 86_400}
UNDONE_WITHIN = pd.Timedelta(days=3)


def reversals(entries: pd.DataFrame) -> pd.DataFrame:
    """
    Pair each reversal row with the row that it undoes, nearest first.

    A row is a reversal where its text says so (冲正, 撤销, 退汇 …); it undoes a
    row of the same account and amount, in the other direction, not later than
    itself, with the same serial or the same counterparty.

    Parameters
    ----------
    entries
        Entries without repeats, with the resolved columns own and other.

    Returns
    -------
    pandas.DataFrame
        undo, done: two entry_ids a row.
    """
    told = (entries["summary"] + " " + entries["remark"]).str.contains(UNDONE)
    columns = ["entry_id", "own", "other", "direction", "fen", "serial", "time", "seq"]
    undo = entries.loc[told & entries["success"], columns]
    # What the institution calls failed may be undone in a row of its own all the same.
    done = entries.loc[~told, columns]
    pairs = undo.merge(done, on=["own", "fen"], suffixes=("_undo", "_done"))
    serial = pairs["serial_undo"].eq(pairs["serial_done"]) & pairs["serial_undo"].ne("")
    gap = pairs["time_undo"] - pairs["time_done"]
    fits = (
        pairs["direction_undo"].ne(pairs["direction_done"])
        & (serial | pairs["other_undo"].eq(pairs["other_done"]))
        & gap.between(pd.Timedelta(0), UNDONE_WITHIN)
    )
    found = pd.DataFrame(
        {
            "left": pairs["entry_id_undo"],
            "right": pairs["entry_id_done"],
            "doubt": (~serial).astype("int64"),
            "gap": gap.dt.total_seconds(),
        }
    )[fits]
    return best(found).rename(columns={"left": "undo", "right": "done"})[["undo", "done"]]


def mirrors(entries: pd.DataFrame) -> pd.DataFrame:
    """
    Pair the payer's record with the payee's record of the same movement.

    Parameters
    ----------
    entries
        Entries that move money, without repeats, with the resolved columns
        payer and payee.

    Returns
    -------
    pandas.DataFrame
        payer_entry, payee_entry, gap (seconds by which the two clocks differ)
        and how (both sides name each other, or only half of them does).
    """
    paid = entries[entries["direction"].eq("out")]
    received = entries[entries["direction"].eq("in")]
    found = best(candidates(paid, received, by=["payer", "payee", "fen"]))
    left = paid[~paid["entry_id"].isin(found["left"])]
    right = received[~received["entry_id"].isin(found["right"])]
    half = _half(left, right).assign(how="half")
    whole = pd.concat([found.assign(how="both"), half], ignore_index=True)
    return whole.rename(columns={"left": "payer_entry", "right": "payee_entry"})


def _half(paid: pd.DataFrame, received: pd.DataFrame) -> pd.DataFrame:
    """Pair rows of which one does not name its counterparty and the other does."""
    silent_paid = paid[paid["payee"].str.startswith("unknown:")]
    silent_received = received[received["payer"].str.startswith("unknown:")]
    found = pd.concat(
        [
            candidates(silent_paid, received, by=["payer", "fen"]),
            candidates(paid, silent_received, by=["payee", "fen"]),
        ]
    )
    # The serial decides, else the only candidate there is.
    alone = ~found["left"].duplicated(keep=False) & ~found["right"].duplicated(keep=False)
    return best(found[found["doubt"].eq(0) | alone])


def candidates(left: pd.DataFrame, right: pd.DataFrame, *, by: list[str]) -> pd.DataFrame:
    """
    Return all pairs of a left and a right entry that could be one movement.

    Parameters
    ----------
    left, right
        Entries with entry_id, time, time_precision, serial and the columns `by`.
    by
        Columns in which the two must agree.

    Returns
    -------
    pandas.DataFrame
        left, right (entry_ids), doubt (0 where the serials agree, else 1) and
        gap (seconds between the two times).
    """
    columns = ["entry_id", "time", "time_precision", "serial"]
    pairs = left[columns + by].merge(right[columns + by], on=by, suffixes=("", "_right"))
    gap, meets = meet(pairs, "_right")
    serial = pairs["serial"].eq(pairs["serial_right"]) & pairs["serial"].ne("")
    # One number for both sides is proof enough where the clocks are far apart.
    fits = meets | (serial & (gap <= SLACK["day"]))
    found = pd.DataFrame(
        {
            "left": pairs["entry_id"],
            "right": pairs["entry_id_right"],
            "doubt": (~serial).astype("int64"),
            "gap": gap,
        }
    )
    return found[fits]


def meet(pairs: pd.DataFrame, suffix: str) -> tuple[pd.Series, pd.Series]:
    """
    Say how far two times are apart, and whether they can be the same moment.

    Parameters
    ----------
    pairs
        time, time_precision, and the two again with the suffix.
    suffix
        The ending of the second pair of columns.

    Returns
    -------
    tuple of pandas.Series
        The gap in seconds (float), and whether it is within what the coarser
        of the two precisions allows. A date alone fits every second of its
        day and none of the next.
    """
    first = pairs["time_precision"].map(SLACK).astype("float64")
    second = pairs[f"time_precision{suffix}"].map(SLACK).astype("float64")
    slack = first.where(first >= second, second)
    gap = (pairs["time"] - pairs[f"time{suffix}"]).dt.total_seconds().abs()
    sameday = pairs["time"].dt.normalize().eq(pairs[f"time{suffix}"].dt.normalize())
    return gap, (gap <= slack).mask(slack.eq(SLACK["day"]), sameday)


def best(pairs: pd.DataFrame) -> pd.DataFrame:
    """
    Choose pairs one to one, the least doubtful and nearest first.

    A pair is taken where each is the other's first choice; then the rest is
    looked at again. Ties go to the earlier entries, so the result does not
    depend on the order of the rows.

    Parameters
    ----------
    pairs
        left, right, doubt, gap.

    Returns
    -------
    pandas.DataFrame
        The chosen rows of `pairs`.
    """
    left = pairs.sort_values(["doubt", "gap", "left", "right"])
    chosen = []
    while len(left):
        first = ~left["left"].duplicated() & ~left["right"].duplicated()
        taken = left[first]
        chosen.append(taken)
        left = left[~left["left"].isin(taken["left"]) & ~left["right"].isin(taken["right"])]
    return pd.concat(chosen, ignore_index=True) if chosen else pairs
