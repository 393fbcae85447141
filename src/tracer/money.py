"""Money as whole fen (分): exact on the way in, readable on the way out."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

import numpy as np
import pandas as pd

from tracer.errors import MoneyError

FEN_PER_YUAN = 100
LARGEST_FEN = np.iinfo(np.int64).max


def fen(yuan: str | int | Decimal) -> int:
    """
    Turn an amount in yuan into fen, exactly or not at all.

    Parameters
    ----------
    yuan
        Text such as ``"1,234.56"``, a whole number, or a Decimal. A float is
        refused, because it has already lost its digits.

    Returns
    -------
    int
        The amount in fen.

    Raises
    ------
    MoneyError
        If the amount is a float, is no number, has a part of a fen, or is
        beyond what int64 holds.

    Examples
    --------
    >>> fen("1,234.56")
    123456
    >>> fen("0.1")
    10
    """
    if isinstance(yuan, float):
        msg = f"The amount {yuan!r} is a float, which cannot hold fen exactly. Give it as text."
        raise MoneyError(msg)
    try:
        amount = Decimal(re.sub(r"[,，\s]", "", str(yuan))) * FEN_PER_YUAN
    except InvalidOperation:
        msg = f"The amount {yuan!r} is not a number. Write yuan such as '1234.56'."
        raise MoneyError(msg) from None
    if not amount.is_finite() or amount != amount.to_integral_value():
        msg = f"The amount {yuan!r} is not a whole number of fen."
        raise MoneyError(msg)
    if abs(amount) > LARGEST_FEN:
        msg = f"The amount {yuan!r} is larger than any account can hold."
        raise MoneyError(msg)
    return int(amount)


def yuan(amount: int) -> str:
    """
    Write fen as yuan with thousands separators and two decimals.

    Parameters
    ----------
    amount
        An amount in fen.

    Examples
    --------
    >>> yuan(123456)
    '1,234.56'
    >>> yuan(-5)
    '-0.05'
    """
    sign = "-" if amount < 0 else ""
    whole, part = divmod(abs(int(amount)), FEN_PER_YUAN)
    return f"{sign}{whole:,}.{part:02d}"


def whole_fen(values: pd.Series, column: str) -> pd.Series:
    """
    Check a column of fen and return it as int64.

    Parameters
    ----------
    values
        Shape (n,), amounts in fen: integers, or anything that is exactly a
        whole number.
    column
        The name that an error message uses.

    Returns
    -------
    pandas.Series
        Shape (n,), int64.

    Raises
    ------
    MoneyError
        If a value is missing, negative, fractional, no number or beyond int64.

    Examples
    --------
    >>> whole_fen(pd.Series([1, 2]), "fen").dtype
    dtype('int64')
    """
    if pd.api.types.is_integer_dtype(values.dtype) and not values.isna().any():
        exact = values
    else:
        exact = _exact(values, column)
    if len(exact) and int(exact.max()) > LARGEST_FEN:
        msg = f"Column {column!r} has the amount {int(exact.max())}, beyond what int64 holds."
        raise MoneyError(msg)
    negative = exact < 0
    if negative.any():
        _refuse(values, negative, column, "is negative. The direction belongs in payer and payee")
    return exact.astype("int64")


def _exact(values: pd.Series, column: str) -> pd.Series:
    numbers = pd.to_numeric(values, errors="coerce")
    bad = numbers.isna()
    if bad.any():
        _refuse(values, bad, column, "is not a number")
    # Above 2**53 a float no longer tells neighbouring whole numbers apart.
    unsafe = pd.api.types.is_float_dtype(numbers.dtype) & (numbers.abs() > 2**53)
    if unsafe.any():
        _refuse(values, unsafe, column, "is a float too large to be exact")
    fractional = numbers != np.floor(numbers)
    if fractional.any():
        _refuse(values, fractional, column, "is not a whole number of fen")
    return numbers


def _refuse(values: pd.Series, bad: pd.Series, column: str, complaint: str) -> None:
    first = int(bad.to_numpy().argmax())
    msg = (
        f"Column {column!r}, row {values.index[first]!r}: {values.iloc[first]!r} {complaint} "
        f"({int(bad.sum())} such rows). Amounts are whole fen, at least 0."
    )
    raise MoneyError(msg)
