"""Cells: columns of text become times, fen, account numbers and plain text, or are unusable."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tracer.money import FEN_PER_YUAN
from tracer.statements import digits
from tracer.statements.column import initials, large, pressed, series, stray
from tracer.statements.digits import FIRST_YEAR, LAST_YEAR

# Tabs, spaces of every width, byte order marks, control and private-use characters.
_JUNK = r"[\s\p{Z}\x00-\x1f\x7f-\x{9f}\x{200b}-\x{200f}\x{feff}\x{e000}-\x{f8ff}]"
_SHELL = r"^(?:=\"(.*)\"|\"(.*)\"|'(.*))$"
_NOTHING = pa.array(
    [
        *("-" * length for length in range(1, 41)),
        *("_", "__", "/", "\\N", "null", "NULL", "Null", "nan", "NaN", "NAN"),
        *("none", "None", "NONE", "无", "暂无", "暂无法获知"),
    ],
    pa.large_string(),
)
_OPENING = [ord(one) for one in "='\""]
_LOST = r"(?i)^[+-]?\d(?:\.\d+)?e\+?\d+$|^\d{16,}\.0+$"
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


def plain(column: pd.Series) -> pd.Series:
    r"""
    Strip what exports put around a cell: tabs, spaces, quotation shells, unprintable characters.

    Parameters
    ----------
    column
        Shape (n,), text.

    Examples
    --------
    >>> plain(pd.Series(["\t6222 ", '="0012"', "'7"])).tolist()
    ['6222', '0012', '7']
    """
    text = large(column)
    if not stray(text) and not np.isin(initials(text), _OPENING).any():
        return column
    text = pc.utf8_trim_whitespace(text)
    odd = pc.match_substring_regex(
        text, r"[\x00-\x1f\x7f-\x{9f}\x{200b}-\x{200f}\x{feff}\x{e000}-\x{f8ff}]"
    )
    if pc.any(odd).as_py():
        text = pc.replace_substring_regex(text, f"^{_JUNK}+|{_JUNK}+$", "")
        text = pc.replace_substring_regex(
            text, r"[\x00-\x1f\x7f-\x{9f}\x{200b}-\x{200f}\x{feff}\x{e000}-\x{f8ff}]+", " "
        )
    if pc.any(pc.match_substring_regex(text, "^[=\"']")).as_py():
        text = pc.utf8_trim_whitespace(pc.replace_substring_regex(text, _SHELL, r"\1\2\3"))
    return _series(text, column)


def told(column: pd.Series) -> pd.Series:
    """
    Return plain text in which the marks for "nothing" are empty.

    Examples
    --------
    >>> told(pd.Series(["-", "null", "张三"])).tolist()
    ['', '', '张三']
    """
    tidy = plain(column)
    text = large(tidy)
    # Whatever begins with a digit is something, and most columns hold nothing else.
    if not len(text) or (initials(text) - 0x30 <= 9).all():
        return tidy
    nothing = pc.is_in(text, value_set=_NOTHING)
    if not pc.any(nothing).as_py():
        return tidy
    return _series(pc.if_else(nothing, "", text), column)


def narrow(column: pd.Series) -> pd.Series:
    """Return plain text with full-width digits, signs and brackets made half-width."""
    tidy = told(column)
    text = large(tidy)
    if not stray(text):
        return tidy
    return _series(pc.utf8_normalize(text, form="NFKC"), column)


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
    columns = {name: _series(pc.struct_field(found, name), text).fillna("") for name in names}
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


def amounts(column: pd.Series, unit: str = "yuan") -> tuple[pd.Series, pd.Series]:
    """
    Read amounts exactly.

    Parameters
    ----------
    column
        Shape (n,), text such as ``1,234.56``, ``￥20``, ``-.50``, ``CNY 13.5``.
    unit
        yuan or fen.

    Returns
    -------
    fen, bad
        Shape (n,) each: signed Int64 fen, missing where empty or unusable,
        and True where something stands that is no exact amount.

    Examples
    --------
    >>> amounts(pd.Series(["1,234.5", "0.001", ""]))[0].tolist()
    [123450, <NA>, <NA>]
    """
    if unit == "yuan" and (exact := _exact(column)) is not None:
        return exact, pd.Series(data=False, index=column.index)
    text = narrow(column)
    # What stands around the digits, or for nothing, is gone now.
    if unit == "yuan" and text is not column and (exact := _exact(text)) is not None:
        return exact, pd.Series(data=False, index=column.index)
    filled = text.ne("")
    likely = text.str.fullmatch(r"\d{1,15}\.\d{2}")
    if not (likely | ~filled).all():
        text = _unshelled(text)
    whole, part = (
        (r"\d{1,13}", r"\.?(?P<p>\d{0,12})") if unit == "yuan" else (r"\d{1,15}", r"\.?(?P<p>0*)")
    )
    found = pc.extract_regex(large(text), rf"^(?P<s>[+-]?)(?P<w>(?:{whole})?){part}$")
    pieces = {name: _series(pc.struct_field(found, name), column).fillna("") for name in "swp"}
    extra = pieces["p"].str.slice(2).str.strip("0")
    usable = (pieces["w"].ne("") | pieces["p"].ne("")) & extra.eq("")
    digits = pieces["w"] + (
        pieces["p"].str.slice(0, 2).str.pad(2, "right", "0") if unit == "yuan" else ""
    )
    fen = pd.to_numeric(digits.where(usable, "0")).astype("int64")
    fen = fen.where(pieces["s"].ne("-"), -fen)
    return fen.astype("Int64").mask(~usable | ~filled), filled & ~usable


def _exact(column: pd.Series) -> pd.Series | None:
    """Return the fen of a column in which each amount is written plainly, or None."""
    if (read := digits.yuan(large(column))) is None:
        return None
    fen, filled = read
    return pd.Series(pd.arrays.IntegerArray(fen, ~filled), index=column.index)


assert FEN_PER_YUAN == 100, "amounts() reads two decimals of a yuan."


def _unshelled(text: pd.Series) -> pd.Series:
    bare = text.str.replace(r"(?i)^([+-]?)(?:CNY|RMB|人民币|[¥¥])\s*([+-]?)", r"\1\2", regex=True)
    bare = bare.str.replace(r"\s*元$", "", regex=True)
    # Only commas between groups of three are separators of thousands.
    grouped = bare.str.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
    return bare.mask(grouped, bare.str.replace(",", "", regex=False))


def numbers(column: pd.Series, *, zero: bool = False) -> tuple[pd.Series, pd.Series]:
    r"""
    Read account numbers: digits as they are, suffixes of sub-accounts and currencies taken off.

    Parameters
    ----------
    column
        Shape (n,), text.
    zero
        True where a lone ``0`` is an account and not a mark for none.

    Returns
    -------
    number, lost
        Shape (n,) each: text, "" where empty or damaged, and True where the
        last digits are lost (scientific notation, or ``.0`` after 16 digits).

    Examples
    --------
    >>> numbers(pd.Series(["\t6222020000000000001_1", "6.22E+18", "0"]))[0].tolist()
    ['6222020000000000001', '', '']
    """
    text = narrow(column)
    lost = damaged(text)
    if not text.str.fullmatch(r"\d+").all():
        text = _trimmed(text)
    text = text.mask(
        text.str.len().gt(20) & text.str.fullmatch(r"\d+000156"), text.str.slice(0, -6)
    )
    if not zero:
        text = text.mask(text.str.fullmatch("0+"), "")
    return text.mask(lost, ""), lost


def damaged(column: pd.Series) -> pd.Series:
    """
    Return where the last digits of a long number are lost.

    Examples
    --------
    >>> damaged(pd.Series(["6.22E+18", "6222020000000000001"])).tolist()
    [True, False]
    """
    text = narrow(column)
    digits = pressed(large(text))
    # Both ways of losing digits need a point or an exponent, which whole columns lack.
    if not ((digits == ord(".")) | (digits | 0x20 == ord("e"))).any():
        return pd.Series(data=False, index=column.index)
    return text.str.match(_LOST)


def _trimmed(text: pd.Series) -> pd.Series:
    together = text.str.replace(" ", "", regex=False)
    # No account has more digits than this: longer ones are two numbers, not one.
    spaced = text.str.fullmatch(r"\d[\d ]+\d") & together.str.len().le(21)
    close = text.mask(spaced, together)
    close = close.str.replace(
        r"^\+?(?:CNY)?(\d{12,})(?:[_-]?CNY\d*|[_-]\d{1,3})?$", r"\1", regex=True
    )
    # A whole number that went through a sheet of floats: up to 15 digits nothing is lost.
    return close.str.replace(r"^(\d{1,15})\.0+$", r"\1", regex=True)


def cards(column: pd.Series) -> pd.Series:
    """
    Return every card number in a cell, joined by spaces.

    Examples
    --------
    >>> cards(pd.Series(["借记卡:COMM:6222600000000000001;借记卡:CCB:6217000000000000002;"]))[0]
    '6222600000000000001 6217000000000000002'
    """
    text = narrow(column)
    text = text.mask(text.str.match(_LOST), "")
    # Two spaces stand between numbers, so that each short one can be taken out with its own.
    found = "  " + text.str.replace(r"\D+", "  ", regex=True) + "  "
    found = found.str.replace(r" \d{1,11} ", "", regex=True)
    return found.str.replace(r" +", " ", regex=True).str.strip()


def _series(array: pa.Array | pa.ChunkedArray, like: pd.Series) -> pd.Series:
    # Arrow knows no row numbers, and pandas must not match new ones to the old.
    return series(array).set_axis(like.index)
