"""Which bank a card number or a bank's many names stand for."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tracer.column import large

# Cards have 15 to 19 digits; a shorter or longer number is an account of some bank.
CARD = r"\d{15,19}"
# The name of a bank that the table does not have ends with the first of these.
_HEAD = r"^(.*?银行|.*?(?:信用合作联社|信用社联合社|信用联社|信用合作社|信用社|农信社))"
_CODED = r"(\d{3})\d{9}"  # 行号: twelve digits, of which the first three are the bank's.


@cache
def _table() -> list[dict[str, str | list[str]]]:
    text = resources.files("tracer.ledger").joinpath("banks.toml").read_text(encoding="utf-8")
    banks: list[dict[str, str | list[str]]] = tomllib.loads(text)["bank"]
    return banks


@cache
def prefixes() -> pd.Series:
    """
    Return the bank of each prefix of card numbers.

    Examples
    --------
    >>> prefixes()["622848"]
    '农业银行'
    """
    found = {prefix: str(one["name"]) for one in _table() for prefix in str(one["bins"]).split()}
    return pd.Series(found, dtype="str")


@cache
def english() -> pd.Series:
    """
    Return the English name of each bank.

    Examples
    --------
    >>> english()["招商银行"]
    'China Merchants Bank'
    """
    return pd.Series({str(one["name"]): str(one["english"]) for one in _table()}, dtype="str")


def bank(numbers: pd.Series) -> pd.Series:
    """
    Return which bank issued each card, by the longest known prefix.

    A prefix names the issuer at the time when the table was written; banks
    merge and prefixes are passed on. So it is only used where no record names
    the bank.

    Parameters
    ----------
    numbers
        Shape (n,), account texts, best each only once.

    Returns
    -------
    pandas.Series
        Shape (n,), the bank's Chinese name; "" where the prefix is unknown or
        the text is no card number.

    Examples
    --------
    >>> bank(pd.Series(["6228480000000000018", "95588", "9559900000000000"])).tolist()
    ['农业银行', '', '农业银行']
    """
    known, text = prefixes(), large(numbers)
    code = np.full(len(numbers), -1)
    cards = np.flatnonzero(numbers.astype("str").str.fullmatch(CARD).to_numpy())
    for length in _lengths():
        cards = cards[code[cards] < 0]
        start = pc.utf8_slice_codeunits(text.take(pa.array(cards)), 0, length)
        at = pc.index_in(start, value_set=large(pd.Series(known.index)))
        code[cards] = at.fill_null(-1).to_numpy()
    words = known.array.take(code, allow_fill=True, fill_value="")
    return pd.Series(words, index=numbers.index, copy=False)


@cache
def _lengths() -> list[int]:
    """Return how long the prefixes are, the longest first."""
    return sorted({len(prefix) for prefix in prefixes().index}, reverse=True)


def institution(names: pd.Series) -> pd.Series:
    """
    Return banks and platforms by one short name each, without branch or legal form.

    Parameters
    ----------
    names
        Shape (n,), what evidence calls the institution: a name, an
        abbreviation or a 行号 of twelve digits; best each only once.

    Returns
    -------
    pandas.Series
        Shape (n,); "" stays "", and a name of no known pattern stays as it is.

    Examples
    --------
    >>> told = pd.Series(["中国工商银行股份有限公司深圳分行", "ICBC", "102584000018"])
    >>> institution(told).tolist()
    ['工商银行', '工商银行', '工商银行']
    >>> institution(pd.Series(["江边村镇银行股份有限公司", ""])).tolist()
    ['江边村镇银行', '']
    """
    plain = names.astype("str").str.replace(r"\s", "", regex=True)
    pattern, means = _names()
    spelt = plain.str.extract(pattern, flags=re.IGNORECASE, expand=False)
    named = spelt.str.upper().map(means).astype("str")
    coded = plain.str.extract(f"^{_CODED}$", expand=False).map(_codes()).astype("str")
    head = plain.str.extract(_HEAD, expand=False)
    return named.fillna(coded).fillna(head).fillna(plain)


@cache
def _names() -> tuple[str, pd.Series]:
    """Return the pattern of every known name, longest first, and what each means."""
    means = {}
    for one in _table():
        for name in (one["name"], one["english"], *one["names"]):
            # Spaces were taken out of what is compared.
            means[str(name).replace(" ", "").upper()] = str(one["name"])
    ordered = sorted(means, key=lambda name: (-len(name), name))
    spelt = "|".join(
        re.escape(name) + ("(?![A-Za-z])" if name.isascii() else "") for name in ordered
    )
    return f"^(?:中国|中華)?({spelt})", pd.Series(means, dtype="str")


@cache
def _codes() -> pd.Series:
    coded = {str(one["code"]): str(one["name"]) for one in _table() if "code" in one}
    return pd.Series(coded, dtype="str")
