"""Two records of one movement made one transfer; repeats told apart from twins."""

from __future__ import annotations

import pandas as pd

UNDONE = r"冲正|撤销|退汇|冲销|抹账"
# Clocks of two institutions differ; a day is the widest that a date can mean.
SLACK = {"second": 120, "minute": 180, "day": 86_400}
UNDONE_WITHIN = pd.Timedelta(days=3)


SAME = ["own", "time", "direction", "fen"]


def repeats(entries: pd.DataFrame) -> pd.Series:
    """
    Return which entry each entry repeats: its own entry_id where it is the first.

    Two rows of an account are the same where time, direction and amount agree
    and serial, balance and counterparty do not contradict each other. Inside
    one file only the same serial, or the same row written twice in a row,
    makes a repeat; other equal rows there are true twins. Between files, rows
    are matched one to one, those that agree in most first, so that of several
    files the one that shows most twins counts.

    Parameters
    ----------
    entries
        The table `entries` with the resolved columns own and other.

    Returns
    -------
    pandas.Series
        Indexed like `entries`: the entry_id that stands for the row.
    """
    rows = entries[["entry_id", *SAME, "serial"]].copy()
    rows["file"] = entries.groupby(["load_id", "source", "sheet"]).ngroup()
    rows["balance"] = entries["balance_fen"].fillna(-1).astype("int64")
    rows["party"] = _party(entries)
    rows["blanks"] = _blanks(rows)
    stands = _within(rows, entries)
    alone = rows[stands.eq(rows["entry_id"])]
    # Only rows that some other file has too can be repeats of one another.
    shared = alone.groupby(SAME)["file"].transform("nunique") > 1
    between = _between(alone[shared])
    return stands.map(between).fillna(stands).astype("int64")


def _party(entries: pd.DataFrame) -> pd.Series:
    """Return the counterparty as far as the row tells it: account, name or nothing."""
    named = "·" + entries["other_holder"].mask(entries["other_holder"].eq(""), "")
    told = named.mask(entries["other_holder"].eq(""), "")
    masked = entries["other_account"].str.contains("*", regex=False)
    account = entries["other"].mask(masked, entries["other_account"])
    return told.mask(entries["other_account"].ne(""), account)


def _blanks(rows: pd.DataFrame) -> pd.Series:
    """Count what a row leaves open; a whole row stands for a damaged one."""
    nameless = rows["party"].eq("").astype("int64") * 2 + rows["party"].str.startswith("·")
    return nameless + rows["serial"].eq("") + rows["balance"].eq(-1)


def _within(rows: pd.DataFrame, entries: pd.DataFrame) -> pd.Series:
    """Return which row of its own file each row repeats."""
    whole = [*SAME, "file", "serial", "balance", "party"]
    ordered = rows.assign(seq=entries["seq"]).sort_values(["file", "own", "seq", "entry_id"])
    # The balance moves with every real row, so that a row that did not move it is no new one.
    again = (ordered[whole] == ordered[whole].shift()).all(axis=1) & ordered["balance"].ne(-1)
    ordered["twin"] = (~again).astype("int64").groupby([ordered[name] for name in whole]).cumsum()
    ordered["twin"] = ordered["twin"].mask(ordered["serial"].ne(""), 0)
    return ordered.groupby([*whole, "twin"])["entry_id"].transform("min").reindex(rows.index)


def _between(rows: pd.DataFrame) -> pd.Series:
    """Return which row of another file stands for each row: the fullest, then the earliest."""
    stands = pd.Series(rows["entry_id"].to_numpy(), index=rows["entry_id"])
    ranked = rows.sort_values(["blanks", "entry_id"])
    known = ranked.head(0)
    # File by file, so that no file's own twins are ever matched with each other.
    for _, arriving in ranked.groupby("file"):
        pairs = known.merge(arriving, on=SAME, suffixes=("", "_new"))
        serial = _agree(pairs, "serial", "")
        balance = _agree(pairs, "balance", -1)
        party = _agree(pairs, "party", "") | _named(pairs)
        open_ends = pairs["blanks"] + pairs["blanks_new"]
        exact = pairs["serial"].ne("") & pairs["serial"].eq(pairs["serial_new"])
        found = pd.DataFrame(
            {
                "left": pairs["entry_id"],
                "right": pairs["entry_id_new"],
                "doubt": open_ends + (~exact).astype("int64"),
                "gap": 0,
            }
        )
        same = best(found[serial & balance & party])
        stands.update(pd.Series(same["left"].to_numpy(), index=same["right"].to_numpy()))
        fresh = arriving[~arriving["entry_id"].isin(same["right"])]
        known = pd.concat([known, fresh])
    return _fullest(stands, rows)


def _agree(pairs: pd.DataFrame, column: str, nothing: str | int) -> pd.Series:
    """Say where two rows do not contradict each other in a column."""
    first, second = pairs[column], pairs[f"{column}_new"]
    return first.eq(second) | first.eq(nothing) | second.eq(nothing)


def _named(pairs: pd.DataFrame) -> pd.Series:
    """Say where one row gives a name and the other an account, which is no contradiction."""
    first = pairs["party"].str.startswith("·")
    return first ^ pairs["party_new"].str.startswith("·")


def _fullest(stands: pd.Series, rows: pd.DataFrame) -> pd.Series:
    """Let the row with the fewest blanks stand for each group of repeats."""
    told = rows.set_index("entry_id")["blanks"]
    groups = pd.DataFrame({"group": stands, "blanks": told.reindex(stands.index)})
    groups = groups.assign(entry_id=groups.index).rename_axis(None)
    ordered = groups.sort_values(["blanks", "entry_id"])
    return ordered.groupby("group")["entry_id"].transform("first").reindex(stands.index)


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
