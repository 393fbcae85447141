"""Spans: the time that the statements of each account leave out, where no balance bridges it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tracer.ledger.clocks import DAY
from tracer.ledger.codes import grouped, heads
from tracer.ledger.proof import PROVED, SILENT

# So many days without a row are odd in one file, where no balance says that nothing happened.
QUIET = 30

_WHY = {
    "between": (
        "两份文件之间 {} 天没有任何流水，余额也不能证明其间无交易，该时段流水可能未调取。",
        (
            "No file covers these {} days, and no balance proves that nothing happened in them; "
            "the statement of this time may not have been asked for."
        ),
    ),
    "inside": (
        "连续 {} 天没有流水，余额不能证明其间无交易，可能缺少记录。",
        (
            "There is no row for {} days, and no balance proves that nothing happened in them; "
            "records may be missing."
        ),
    ),
}


def spans(
    chain: pd.DataFrame, files: pd.DataFrame | None = None, *, quiet: int = QUIET
) -> pd.DataFrame:
    """
    Return the time inside each account's statements that they leave out.

    Time between two files counts from one whole day on, time without rows
    inside a file from `quiet` days on. Neither counts where the next balance
    is proved, because then nothing can have happened in it.

    Parameters
    ----------
    chain
        What `proof` returned as chain.
    files
        The time that each file covers: account, currency, first_time,
        last_time. Rows that repeat those of another file cover time too, so
        they belong in it; by default it is taken from the chain.
    quiet
        Days.

    Returns
    -------
    pandas.DataFrame
        account, currency, from_time, to_time (the rows before and after),
        days (whole ones), between (whether no file covers it), reason,
        reason_en; sorted by account, currency and time.

    Examples
    --------
    >>> chain = pd.DataFrame({"account": "a", "currency": "CNY", "file": [1, 1, 2],
    ...     "time": pd.to_datetime(["2024-01-03", "2024-02-28", "2024-04-02"]),
    ...     "state": np.array([1, 2, 3], "int8")})
    >>> spans(chain)[["from_time", "to_time", "days", "between"]].astype("str").values.tolist()
    [['2024-02-28', '2024-04-02', '34', 'True']]
    """
    found = _steps(chain)
    found["between"] = ~_covered(found, reach(chain) if files is None else files)
    found = found[found["between"] | found["days"].ge(quiet)].reset_index(drop=True)
    number = found["days"].astype("str")
    for name, at in (("reason", 0), ("reason_en", 1)):
        between, inside = (_sentence(_WHY[which][at], number) for which in _WHY)
        found[name] = between.where(found["between"], inside)
    return found


def _steps(chain: pd.DataFrame) -> pd.DataFrame:
    """Return the times of a day and more from one row to the next that no balance bridges."""
    size = len(chain)
    time = chain["time"].to_numpy("datetime64[us]").view("int64")
    account = grouped([pd.factorize(chain[name])[0] for name in ("account", "currency")])
    after = np.flatnonzero(account[1:] == account[:-1]) + 1
    state = chain["state"].to_numpy()
    # The next balance that is known says whether the time before it is bridged.
    ahead = np.where(state != SILENT, np.arange(size), size)
    ahead = np.append(np.minimum.accumulate(ahead[::-1])[::-1], size)[after]
    said = np.append(state, SILENT)[ahead]
    own = np.append(account, -1)[ahead] == account[after]
    bridged = own & (said == PROVED)
    days = (time[after] - time[after - 1]) // DAY
    after, days = after[~bridged & (days >= 1)], days[~bridged & (days >= 1)]
    steps: pd.DataFrame = chain.iloc[after][["account", "currency"]].reset_index(drop=True)
    steps["from_time"] = time[after - 1].view("datetime64[us]")
    steps["to_time"] = time[after].view("datetime64[us]")
    steps["days"] = days
    return steps


def reach(rows: pd.DataFrame) -> pd.DataFrame:
    """
    Return the time that each file covers of each account.

    Parameters
    ----------
    rows
        account, currency, file and time of each row.

    Returns
    -------
    pandas.DataFrame
        account, currency, file, first_time, last_time.
    """
    keys = ["account", "currency", "file"]
    group = grouped([pd.factorize(rows[name])[0] for name in keys])
    order = np.argsort(group, kind="stable")
    begins = np.flatnonzero(heads(group[order]))
    time = rows["time"].to_numpy("datetime64[us]")[order]
    found = rows.iloc[order[begins]][keys].reset_index(drop=True)
    for name, ends in (("first_time", np.minimum), ("last_time", np.maximum)):
        found[name] = ends.reduceat(time, begins) if len(begins) else time
    return found


def _covered(steps: pd.DataFrame, files: pd.DataFrame) -> np.ndarray:
    """Return which times from one row to the next lie wholly inside some file."""
    keys = ["account", "currency"]
    some = steps[keys].assign(step=np.arange(len(steps)), to=steps["to_time"])
    some = some.assign(at=steps["from_time"]).merge(files, on=keys)
    inside = some["first_time"].le(some["at"]) & some["last_time"].ge(some["to"])
    found = np.zeros(len(steps), "bool")
    found[some.loc[inside, "step"].to_numpy()] = True
    return found


def _sentence(words: str, number: pd.Series) -> pd.Series:
    before, after = words.split("{}")
    told: pd.Series = before + number + after
    return told
