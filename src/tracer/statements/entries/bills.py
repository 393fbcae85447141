"""Bills: what the bills of cards and shops write in their own way is put as statements write it."""

from __future__ import annotations

import re

import pandas as pd
import pyarrow.compute as pc

from tracer.column import Column, large, series
from tracer.money import yuan
from tracer.statements.amounts import amounts
from tracer.statements.cells import narrow, told
from tracer.statements.formats.declare import Format
from tracer.statements.formats.rows import Body, faulty, searched
from tracer.statements.reasons import BAD_REFUND, NO_YEAR, REFUNDED, YEAR, Reason

_ALL = "全额"
_MONTH_DAY = r"^(?P<month>0?[1-9]|1[0-2])[-/.月](?P<day>0?[1-9]|[12]\d|3[01])日?$"


def priced(raw: pd.DataFrame, one: Format) -> pd.DataFrame:
    r"""
    Take amount cells apart that hold more than an amount.

    Parameters
    ----------
    raw
        The rows by meaning, untouched text.
    one
        Their format; its ``amount`` pattern names the parts.

    Returns
    -------
    pandas.DataFrame
        The rows with the columns amount, refund and currency as the pattern finds them; a cell
        that it does not fit stays as it is.

    Examples
    --------
    >>> shape = Format("a", "", "", "statement", (), {},
    ...     amount={"pattern": r"^(?P<amount>[\d.]+)\(已退款(?P<refund>[\d.]+)\)$"})
    >>> priced(pd.DataFrame({"amount": ["131.77(已退款89.84)"]}), shape).iloc[0].tolist()
    ['131.77', '89.84']
    """
    if not one.amount or "amount" not in raw:
        return raw
    found = pc.extract_regex(large(narrow(raw["amount"])), one.amount["pattern"])
    fits = pd.Series(found.is_valid().to_numpy(zero_copy_only=False), raw.index)
    parts = {}
    for at in range(found.type.num_fields):
        name = found.type.field(at).name
        part = series(pc.fill_null(pc.struct_field(found, at), ""))
        before = raw[name] if name in raw else pd.Series("", index=raw.index, dtype="str")
        part = part.set_axis(raw.index)
        parts[name] = before.mask(fits & part.ne(""), part)
    return raw.assign(**parts)


def plainly(body: Body, one: Format, notes: list[Reason]) -> dict[str, Column]:
    """
    Return the columns of a sheet with amounts and dates as statements write them.

    Parameters
    ----------
    body
        The rows, untouched.
    one
        Their format.
    notes
        What is assumed is added here.
    """
    if not one.amount and "year" not in one.preamble:
        return body.columns
    raw = dated(priced(body.raw, one), one, body.above, notes)
    return {str(name): Column.of(raw[name]) for name in raw}


def refunds(
    columns: dict[str, Column],
    one: Format,
    index: pd.Index,
    notes: list[Reason],
) -> tuple[Column, list[pd.DataFrame]]:
    """
    Return what each payment says that was given back of it later.

    Parameters
    ----------
    columns
        The rows by meaning, as ``plainly`` gives them.
    one
        Their format.
    index
        Shape (n,), the row numbers.
    notes
        How many rows and how much is added here.

    Returns
    -------
    returned, faults
        Shape (n,), words such as ``已退款 89.84 元``, "" where nothing was given back.
    """
    returned = pd.Series("", index=index, dtype="str")
    if "refund" not in columns:
        return Column.same("", len(index)), []
    cells = columns["refund"].texts(index)
    whole = told(cells).eq(_ALL)
    fen, bad = amounts(cells.mask(whole, columns["amount"].texts(index)), one.unit)
    back = fen.abs()[fen.fillna(0).ne(0)]
    faults = [faulty(cells[bad], "refund", "cell", BAD_REFUND)] if bad.any() else []
    if len(back):
        notes.append(REFUNDED.about(rows=len(back), sum=yuan(int(back.sum()))))
        returned.loc[back.index] = "已退款 " + back.map(yuan).astype("str") + " 元"
    return Column.of(returned), faults


def dated(raw: pd.DataFrame, one: Format, above: str, notes: list[Reason]) -> pd.DataFrame:
    r"""
    Put the year before dates that have only month and day.

    Parameters
    ----------
    raw
        The rows by meaning.
    one
        Their format; its preamble says where the year stands above the header.
    above
        The text above the header.
    notes
        What is assumed is added here.

    Examples
    --------
    >>> bill = Format("a", "", "", "statement", (), {}, preamble={"year": r"(\d{4}年\d+月)"})
    >>> days = pd.DataFrame({"time": ["12/29", "01/02"]})
    >>> dated(days, bill, "对账单 2024年01月", [])["time"].tolist()
    ['2023-12-29', '2024-01-02']
    """
    name = "date" if "date" in raw else "time"
    if "year" not in one.preamble or name not in raw:
        return raw
    parts = narrow(raw[name]).str.extract(_MONTH_DAY)
    short = parts["month"].notna()
    if not short.any():
        return raw
    said = searched(one.preamble["year"], above)
    year, *month = map(int, re.findall(r"\d+", said)) if said else (0,)
    notes.append(YEAR.about(said=said) if said else NO_YEAR)
    if not said:
        return raw
    later = parts["month"].fillna("0").astype("int64").gt(month[0] if month else 12)
    years = pd.Series(year, index=raw.index).sub(later.astype("int64")).astype("str")
    whole = years + "-" + parts["month"] + "-" + parts["day"]
    return raw.assign(**{name: raw[name].mask(short, whole)})
