"""Who owns accounts: identity numbers checked, and all accounts of one person together."""

from __future__ import annotations

import numpy as np
import pandas as pd
from stdnum.cn import ric, uscc

from tracer.ledger.banks import institution

_PERSON = r"\d{17}[\dX]"
_COMPANY = r"[0-9A-HJ-NP-RT-UW-Y]{18}"
_OLD = r"\d{15}"
COLUMNS = ["holder_id", "holder", "checked", "accounts", "count", "institutions", "names"]


def checked(ids: pd.Series) -> pd.Series:
    """
    Say of each identity number whether it can exist.

    Checked by python-stdnum: 身份证 numbers of 18 digits (place, date and check
    digit) and of the old 15, and 统一社会信用代码 of companies.

    Parameters
    ----------
    ids
        Shape (n,), text as evidence gives it; each writing is checked once.

    Returns
    -------
    pandas.Series
        Shape (n,): ok; bad, for 18 characters that look like either number and
        are neither; other, for any other text (passports, masked numbers);
        "" for none.

    Examples
    --------
    >>> checked(pd.Series(["11010519491231002X", "110105194912310021", "E1234", ""])).tolist()
    ['ok', 'bad', 'other', '']
    >>> checked(pd.Series(["110105491231002", "91110000600037341L"])).tolist()
    ['ok', 'ok']
    """
    place, words = pd.factorize(_plain(ids))
    once = pd.Series(words, dtype="str")
    found = pd.Series("other", index=once.index, dtype="str").mask(once.eq(""), "")
    shaped = once.str.fullmatch(_PERSON) | once.str.fullmatch(_COMPANY)
    whole = once[shaped]
    valid = whole.map(ric.is_valid).astype(bool) | whole.map(uscc.is_valid).astype(bool)
    found[whole.index] = np.where(valid, "ok", "bad")
    # Fifteen digits that are no old number may be a company's licence.
    old = once[once.str.fullmatch(_OLD)]
    found[old.index] = np.where(modern(old).ne(old), "ok", "other")
    return pd.Series(found.to_numpy()[place], index=ids.index, dtype="str")


def modern(ids: pd.Series) -> pd.Series:
    """
    Return identity numbers in one writing; valid old ones with century and check digit.

    Examples
    --------
    >>> modern(pd.Series(["110105491231002", " 11010519491231002x"])).tolist()
    ['11010519491231002X', '11010519491231002X']
    """
    place, words = pd.factorize(_plain(ids))
    once = pd.Series(words, dtype="str")
    old = once[once.str.fullmatch(_OLD)]
    whole = old.str[:6] + "19" + old.str[6:]
    whole = whole + (whole + "0").map(ric.calc_check_digit).astype("str")
    valid = whole[whole.map(ric.is_valid).astype(bool)]
    once[valid.index] = valid
    return pd.Series(once.to_numpy()[place], index=ids.index, dtype="str")


def people(accounts: pd.DataFrame) -> pd.DataFrame:
    """
    Return everybody whose identity number any record tells, with all their accounts.

    A name alone makes nobody the same person: accounts without a number, or
    with a masked one, are left out, and two numbers of one name are two people.
    A number under which records show several names is flagged.

    Parameters
    ----------
    accounts
        The table `accounts`.

    Returns
    -------
    pandas.DataFrame
        holder_id (in one writing), holder (the name of most accounts), checked
        (see `checked`), accounts (joined by spaces), count (how many),
        institutions (short names) and names (all names, where there are
        several; else ""), both joined by "、". Most accounts first.

    Examples
    --------
    >>> two = pd.DataFrame({"account": ["6222", "6228"], "holder": ["甲", "甲"],
    ...     "holder_id": ["11010519491231002X"] * 2, "institution": ["ICBC", "农行"]})
    >>> people(two)[["holder", "accounts", "institutions"]].values.tolist()
    [['甲', '6222 6228', '农业银行、工商银行']]
    """
    told = accounts.assign(holder_id=modern(accounts["holder_id"]))
    told = told[told["holder_id"].ne("") & ~told["holder_id"].str.contains(r"[*＊]")]
    told = told.assign(institution=institution(told["institution"]))
    found = (
        pd.DataFrame(
            {
                "holder": _usual(told),
                "accounts": _joined(told, "account", " "),
                "count": told.groupby("holder_id")["account"].nunique(),
                "institutions": _joined(told, "institution", "、"),
            }
        )
        .rename_axis("holder_id")
        .reset_index()
    )
    named = told[told["holder"].ne("")]
    several = named.groupby("holder_id")["holder"].nunique().gt(1)
    names = _joined(named, "holder", "、")[several]
    found["names"] = found["holder_id"].map(names)
    for column in ("holder_id", "holder", "accounts", "institutions", "names"):
        found[column] = found[column].astype("str").fillna("")
    found["checked"] = checked(found["holder_id"])
    found["count"] = found["count"].astype("int64")
    ordered = found.sort_values(["count", "holder_id"], ascending=[False, True])
    return ordered[COLUMNS].reset_index(drop=True)


def _plain(ids: pd.Series) -> pd.Series:
    return ids.astype("str").str.replace(r"\s", "", regex=True).str.upper()


def _usual(told: pd.DataFrame) -> pd.Series:
    """Return the name that most accounts of a number show, the smallest of equals."""
    named = told[told["holder"].ne("")]
    counted = named.groupby(["holder_id", "holder"]).size().rename("times").reset_index()
    best = counted.sort_values(["holder_id", "times", "holder"], ascending=[True, False, True])
    return best.drop_duplicates("holder_id").set_index("holder_id")["holder"]


def _joined(told: pd.DataFrame, column: str, between: str) -> pd.Series:
    """Return the distinct texts of each number, sorted and joined."""
    given = told.loc[told[column].ne(""), ["holder_id", column]].drop_duplicates()
    ordered = given.sort_values(["holder_id", column])
    return ordered.groupby("holder_id")[column].agg(between.join)
