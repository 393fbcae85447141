"""Long: a workbook keeps 15 of them in a number, so a longer one has already lost its end."""

from __future__ import annotations

KEPT = 15
# How Excel shows one, so that nobody takes it for a whole number.
SHOWN = "%.14E"
LONG = r"^-?\d{16,}$"
# A reader writes nine decimals, of which the last are no longer kept from some millions on.
PRECISE = r"^-?\d{7,13}\.\d{3,9}$"
ROUNDED = "%.15g"


def shown(number: float) -> str:
    """
    Return a number of more digits as Excel shows it.

    Examples
    --------
    >>> shown(6228480402564890018)
    '6.22848040256489E+18'
    """
    return SHOWN % number
