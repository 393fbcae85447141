"""Amounts: columns of text become exact fen, or are unusable."""

from __future__ import annotations

import pandas as pd
import pyarrow.compute as pc

from tracer.column import large
from tracer.money import FEN_PER_YUAN
from tracer.statements import digits
from tracer.statements.cells import likened, narrow


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
    pieces = {name: likened(pc.struct_field(found, name), column).fillna("") for name in "swp"}
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
    bare = _negative(text).str.replace(
        r"(?i)^([+-]?)(?:CNY|RMB|人民币|[¥¥])\s*([+-]?)", r"\1\2", regex=True
    )
    bare = bare.str.replace(r"\s*元$", "", regex=True)
    # Only commas between groups of three are separators of thousands.
    grouped = bare.str.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
    return bare.mask(grouped, bare.str.replace(",", "", regex=False))


def _negative(text: pd.Series) -> pd.Series:
    """Return amounts with a minus before them, where books put brackets round or it behind."""
    text = text.str.replace("\N{MINUS SIGN}", "-", regex=False)
    return text.str.replace(r"^\(([^()+-]+)\)$|^([^()+-]+)-$", r"-\1\2", regex=True)


def exponents(column: pd.Series) -> pd.Series:
    """
    Return where an amount is in scientific notation, so that its last digits may be lost.

    Examples
    --------
    >>> exponents(pd.Series(["1.5E+05", "1.50"])).tolist()
    [True, False]
    """
    return narrow(column).str.fullmatch(r"(?i)[+-]?\d+(?:\.\d+)?e[+-]?\d+")
