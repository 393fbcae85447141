"""Cells: columns of text become plain text and account numbers, or are unusable."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tracer.column import initials, large, pressed, series, stray

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
# An exponent, however it is written, and ".0" behind more digits than a number keeps.
_LOST = (
    r"(?i)^[+-]?(?:\d(?:[.,]\d+)?|\d+[.,]\d+|\d{12,}) ?e ?\+? ?\d+(?:[_-]\w{1,6})?$"
    r"|^[+-]?\d+ ?e ?\+ ?\d+(?:[_-]\w{1,6})?$|^\d{16,}\.0+$"
)
_NO_NUMBER = ["无卡号", "无账号", "无账户", "无卡", "没有", "未知", "不详", "未提供", "N/A", "n/a"]
_NO_NUMBER += [f"暂{word}" for word in _NO_NUMBER[:4]]


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
    return likened(text, column)


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
    return likened(pc.if_else(nothing, "", text), column)


def narrow(column: pd.Series) -> pd.Series:
    """Return plain text with full-width digits, signs and brackets made half-width."""
    tidy = told(column)
    text = large(tidy)
    if not stray(text):
        return tidy
    return likened(pc.utf8_normalize(text, form="NFKC"), column)


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
        text = text.mask(text.isin(_NO_NUMBER), "")
    text = text.mask(
        text.str.len().gt(20) & text.str.fullmatch(r"\d+000156"), text.str.slice(0, -6)
    )
    if not zero:
        text = text.mask(text.str.fullmatch("0+"), "")
    return text.mask(lost, ""), lost


def wordy(column: pd.Series) -> pd.Series:
    """
    Return where something stands that is no number: words, marks, an error or a formula.

    Examples
    --------
    >>> wordy(pd.Series(["#N/A", "张三", "=A1&B1", "****", "a@b.c", "6222", ""])).tolist()
    [True, True, True, True, False, False, False]
    """
    first = initials(large(column))
    words = pd.Series((first > 0) & (first - 0x30 > 9), index=column.index)
    if words.any():
        odd = column[words]
        words[words] = odd.str.contains("^[=#]") | ~odd.str.contains(r"[\d@]")
    return words


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
    # A formula of digits alone is those digits, as they were written.
    close = close.str.replace(r"^=(\d+)$", r"\1", regex=True)
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


def likened(array: pa.Array | pa.ChunkedArray, like: pd.Series) -> pd.Series:
    """Return an Arrow array of text as a series with the row numbers of another."""
    # Arrow knows no row numbers, and pandas must not match new ones to the old.
    return series(array).set_axis(like.index)
