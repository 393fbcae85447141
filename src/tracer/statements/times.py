"""Times: columns of text become moments and how exact each is, or are unusable."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from tracer.column import Column, large, pressed
from tracer.statements import digits
from tracer.statements.cells import likened, narrow
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
# A time of twelve hours, with what tells the half of the day before or behind it.
_HALF = (
    r"(?i)^(?P<d>.*?)(?P<a>上午|下午|[ap]m)? ?(?P<h>\d{1,2})(?P<r>[:时点][^ap]*?) ?(?P<b>[ap]m)?$"
)
# The first byte of 上 and 下 in UTF-8.
_OF_HALVES = 0xE4


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
    text = _halved(text.str.replace(r"^(\d{8}|\d{14})\.0+$", r"\1", regex=True))
    parts = _parts(text, _WRITTEN)
    compact = _parts(text, _COMPACT)
    parts = parts.where(parts["y"].ne(""), compact)
    # The end of a day is the beginning of the next.
    late = parts["H"].eq("24") & parts[["M", "S"]].isin(["", "0", "00"]).all(axis=1)
    parts["H"] = parts["H"].mask(late, "00")
    whole = (
        parts["y"] + "-" + parts["m"].str.zfill(2) + "-" + parts["d"].str.zfill(2) + " "
        + parts["H"].str.zfill(2) + ":" + parts["M"].str.zfill(2) + ":" + parts["S"].str.zfill(2)
    )  # fmt: skip
    time = pd.to_datetime(whole, format="%Y-%m-%d %H:%M:%S", errors="coerce").astype(
        "datetime64[us]"
    )
    time = time.mask(late, time + pd.Timedelta("1D"))
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
    >>> joined(pd.Series(["20220401", "2022/4/1"]), pd.Series(["90000", "下午3:04"])).tolist()
    ['2022-04-01 09:00:00', '2022-04-01 15:04']
    """
    # Days and clock times are few, so that each writing is read once.
    days, clocks = Column.of(day), Column.of(clock)
    short = hours_and_minutes(clocks.words)
    moments = clocks.map(lambda words: _clocks(words, short=short))
    # A clock column that already holds the day is the whole time.
    whole = moments.flags(lambda words: words.str.match(r"\d{4}[-/年]\d|\d{14}|\d{8}[ T]\d"))
    dates = days.map(_dates).mask(whole)
    full = Column.joined([dates, moments], " ").map(lambda words: words.str.strip())
    return full.texts(day.index)


def hours_and_minutes(clocks: pd.Series) -> bool:
    """
    Return whether the digits of clock times are hours and minutes, not seconds without zeros.

    Parameters
    ----------
    clocks
        Shape (m,), the writings of a column.

    Examples
    --------
    >>> hours_and_minutes(pd.Series(["0930", "1445"])), hours_and_minutes(pd.Series(["154", "0"]))
    (True, False)
    """
    text = narrow(clocks)
    held = text[text.str.fullmatch(r"\d+")]
    sound = held.str.fullmatch(r"(?:[01]?\d|2[0-3])?[0-5]?\d").all()
    return bool(len(held) and sound and held.str.len().eq(4).any())


def _dates(days: pd.Series) -> pd.Series:
    date = narrow(days).str.replace(r"[ T]00:00:00$", "", regex=True)
    time, precision = times(date)
    known = precision.eq("day")
    if not known.any():
        return date
    # Numpy writes dates far sooner than pandas.
    written = np.datetime_as_string(time[known].to_numpy().astype("datetime64[D]"))
    return date.mask(known, pd.Series(written, index=time.index[known]).reindex(date.index))


def _clocks(clocks: pd.Series, *, short: bool) -> pd.Series:
    text = narrow(clocks).str.replace(
        r"^(?:1899-12-3\d|1900-01-0[01]|1904-01-01)[ T]", "", regex=True
    )
    text = text.str.replace(r"^(\d+)\.0+$", r"\1", regex=True)
    part = text.str.fullmatch(r"0?\.\d+")
    if part.any():
        seconds = (text[part].astype("float64") * 86400).round().clip(upper=86399)
        clock = np.datetime64(0, "s") + seconds.to_numpy("int64").astype("timedelta64[s]")
        written = pd.Series(np.datetime_as_string(clock), index=text.index[part])
        text = text.mask(part, written.str.slice(11).reindex(text.index))
    bare = text.str.fullmatch(r"\d{1,4}" if short else r"\d{1,6}")
    text = text.mask(bare, text.str.zfill(4 if short else 6))
    even = text.str.fullmatch(r"\d{4}|\d{6}|\d{9}")
    spaced = text.str.slice(0, 6).str.replace(r"(\d\d)(?=\d)", r"\1:", regex=True)
    text = text.mask(even, spaced)
    return _halved(text)


def _halved(text: pd.Series) -> pd.Series:
    """Return clock times that count twelve hours as such that count twenty-four."""
    data = pressed(large(text))
    if not ((data == _OF_HALVES) | (data | 0x20 == ord("m"))).any():
        return text
    found = pc.extract_regex(large(text), _HALF)
    part = {
        name: likened(pc.struct_field(found, name), text).fillna("")
        for name in ("d", "a", "h", "r", "b")
    }
    half = part["a"].str.lower() + part["b"].str.lower()
    hour = pd.to_numeric(part["h"].where(half.ne(""))).fillna(0).astype("int64")
    late = half.isin(["下午", "pm"])
    hour = (hour % 12 + 12).where(late & hour.le(12), hour.mask(~late & hour.eq(12), 0))
    # The thirteenth hour of a morning is nothing.
    told = half.ne("") & (late | hour.lt(12))
    whole = part["d"] + hour.astype("str").str.zfill(2) + part["r"]
    return text.mask(told, whole)
