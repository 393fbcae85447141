"""Times: columns of text become moments and how exact each is, or are unusable."""

from __future__ import annotations

import pandas as pd
import pyarrow.compute as pc

from tracer.statements import digits
from tracer.statements.cells import likened, narrow
from tracer.statements.column import large
from tracer.statements.digits import FIRST_YEAR, LAST_YEAR

_DATE = r"(?P<y>\d{4})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})日?"
_CLOCK = r"(?P<H>\d{1,2})[:.时点](?P<M>\d{1,2})(?:[:.分](?P<S>\d{1,2})?(?:\.\d+)?秒?)?分?"
_ZONE = r"(?: ?\+0?8:?00(?: CST)?)?"
_WRITTEN = rf"^{_DATE}(?:[-T ]* ?{_CLOCK}{_ZONE})?$"
_COMPACT = (
    r"^(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"
    r"(?:[ T]?(?P<H>\d{2}):?(?P<M>\d{2})(?::?(?P<S>\d{2})(?:\.?\d{1,6})?)?)?$"
)
_SERIAL = r"^\d{5}(?:\.\d+)?$"
_MILLIS = r"^1\d{12}$"


def times(column: pd.Series) -> tuple[pd.Series, pd.Series]:
    """
    Read times in any of the ways that statements write them.

    Parameters
    ----------
    column
        Shape (n,), text such as ``20220401123456``, ``2022/4/1 12:34``,
        ``2022年4月1日``, a serial day of a workbook or milliseconds of 1970.

    Returns
    -------
    time, precision
        Shape (n,) each: datetime64[us], NaT where empty or unusable, and
        second, minute, day or "".

    Examples
    --------
    >>> times(pd.Series(["20220401123456", "2022/4/1", "soon"]))[1].tolist()
    ['second', 'day', '']
    """
    if (whole := instants(column)) is not None:
        return whole, pd.Series("second", index=column.index, dtype="str")
    text = narrow(column)
    time = _parsed(text, "%Y-%m-%d %H:%M:%S", text.str.len() == 19)
    precision = pd.Series("second", index=text.index).where(time.notna(), "")
    rest = time.isna() & text.ne("")
    if rest.any():
        # Few cells are written differently from each other, so each writing is read once.
        once = pd.Series(text[rest].unique())
        odd, how = _odd(once)
        time = time.mask(rest, text[rest].map(dict(zip(once, odd, strict=True))))
        precision = precision.mask(rest, text[rest].map(dict(zip(once, how, strict=True))))
    sound = time.dt.year.between(FIRST_YEAR, LAST_YEAR)
    return time.where(sound).astype("datetime64[us]"), precision.where(sound, "").astype("str")


def instants(column: pd.Series) -> pd.Series | None:
    """
    Return the times of a column in which each is written in full, to the second, or None.

    Parameters
    ----------
    column
        Shape (n,), text.

    Examples
    --------
    >>> instants(pd.Series(["2022-04-01 12:34:56"]))[0]
    Timestamp('2022-04-01 12:34:56')
    >>> instants(pd.Series(["2022-04-01"])) is None
    True
    """
    found = digits.instants(large(column))
    return None if found is None else pd.Series(found, index=column.index)


def _parsed(text: pd.Series, pattern: str, likely: pd.Series) -> pd.Series:
    parsed = pd.to_datetime(text.where(likely), format=pattern, errors="coerce")
    return parsed.astype("datetime64[us]")


def _odd(text: pd.Series) -> tuple[pd.Series, pd.Series]:
    parts = _parts(text, _WRITTEN)
    compact = _parts(text, _COMPACT)
    parts = parts.where(parts["y"].ne(""), compact)
    whole = (
        parts["y"] + "-" + parts["m"].str.zfill(2) + "-" + parts["d"].str.zfill(2) + " "
        + parts["H"].str.zfill(2) + ":" + parts["M"].str.zfill(2) + ":" + parts["S"].str.zfill(2)
    )  # fmt: skip
    time = pd.to_datetime(whole, format="%Y-%m-%d %H:%M:%S", errors="coerce").astype(
        "datetime64[us]"
    )
    precision = pd.Series("second", index=text.index).where(parts["S"].ne(""), "minute")
    precision = precision.where(parts["H"].ne(""), "day")
    counted = _counted(text)
    precision = precision.where(time.notna() | counted.isna(), "second")
    whole_day = text.str.fullmatch(r"\d{5}(\.0+)?")
    precision = precision.mask(whole_day, "day")
    return time.fillna(counted), precision


def _counted(text: pd.Series) -> pd.Series:
    days = pd.to_numeric(text.where(text.str.match(_SERIAL)), errors="coerce")
    serial = pd.Timestamp("1899-12-30") + pd.to_timedelta((days * 86400).round(), unit="s")
    millis = pd.to_numeric(text.where(text.str.match(_MILLIS)), errors="coerce")
    # Statements are in China's time, eight hours ahead of the zone in which 1970 began.
    since = pd.Timestamp("1970-01-01 08:00") + pd.to_timedelta(millis, unit="ms")
    return serial.fillna(since).astype("datetime64[us]")


def _parts(text: pd.Series, pattern: str) -> pd.DataFrame:
    found = pc.extract_regex(large(text), pattern)
    names = ["y", "m", "d", "H", "M", "S"]
    columns = {name: likened(pc.struct_field(found, name), text).fillna("") for name in names}
    return pd.DataFrame(columns, index=text.index)


def joined(day: pd.Series, clock: pd.Series) -> pd.Series:
    """
    Put a column of days and one of clock times together, filling lost leading zeros.

    Examples
    --------
    >>> joined(pd.Series(["20220401"]), pd.Series(["90000"])).tolist()
    ['20220401 090000']
    """
    moment = narrow(clock).str.replace(r"^(?:1899-12-3\d|1904-01-01)[ T]", "", regex=True)
    digits = moment.str.fullmatch(r"\d{1,6}")
    moment = moment.mask(digits, moment.str.zfill(6))
    date = narrow(day).str.replace(r"[ T]00:00:00$", "", regex=True)
    full = (date + " " + moment).str.strip()
    # A clock column that already holds the day is the whole time.
    return full.mask(moment.str.match(r"\d{4}[-/年]\d|\d{14}"), moment)
