"""Totals: rows that add others up, or tell of the page, and move no money themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tracer.column import first_bytes
from tracer.statements.formats.recognise import Match

_CARRIED = "承前页|承上页|接上页|过次页|转次页|转下页|接下页|结转下页|上页结转"
_PERIOD = "(?:本|当|上|前|全)(?:页|日|周|月|季|季度|年|年度|期|次)"
# How the first filled cell of a row begins that is no data.
FOOTER = (
    r"^(?:人民币)?(?:合计|总计|小计|共计|累计)|^(?:合计|总)金额|^(?:支出|收入|借方|贷方)(?:笔数|累计|合计)"
    rf"|^{_PERIOD}(?:小计|合计|总计|共计|累计)|^(?:{_CARRIED})"
    r"|^(?:总|合计)?笔数\s*[:：]|^第?\s*\d*\s*页|^共\s*\d+\s*(?:页|笔|条|行)|^-{5,}"
    r"|^(?:制表|制单|复核|审核|经办|打印|导出)(?:人|员|柜员|日期|时间|机构|网点)?\s*[:：]"
)
# What such a cell holds from end to end where the row has a date or an account as data has.
_SUM = (
    rf"\s*(?:{_PERIOD})?(?:小\s*计|合\s*计|总\s*计|共\s*计|累\s*计)\s*[:：]?\s*"
    rf"|\s*(?:{_CARRIED})\s*"
)
_LONGEST = 40
_OTHERS = ("other_account", "other_card", "other_holder", "serial", "link_serial")


def summed(below: pd.DataFrame, match: Match) -> np.ndarray:
    """
    Return which rows say that they are totals where data names an account, or what was done.

    Parameters
    ----------
    below
        Shape (rows, columns), the cells below the header.
    match
        What the sheet was recognised as.
    """
    columns = match.columns
    found: np.ndarray = np.zeros(len(below), bool)
    own = {columns[name][0] for name in ("account", "card", "number") if name in columns}
    for at in {0, *own} if below.shape[1] else own:
        found |= _said(below.iloc[:, at], np.arange(len(below)))
    if "summary" not in columns:
        return found
    # Nobody stands on the other side of a sum, and it has no number.
    alone = np.ones(len(below), bool)
    for name in _OTHERS:
        for at in columns.get(name, ()):
            places = np.flatnonzero(alone)
            alone[places[first_bytes(below.iloc[places, at]) > 0x2F]] = False
    found |= _said(below.iloc[:, columns["summary"][0]], np.flatnonzero(alone))
    return found


def _said(cells: pd.Series, places: np.ndarray) -> np.ndarray:
    """Return the rows among these places in which a cell says that it is a total."""
    said = np.zeros(len(cells), bool)
    some = cells if len(places) == len(cells) else cells.iloc[places]
    # No such word begins with a letter or a digit.
    first = first_bytes(some)
    odd = np.flatnonzero((first > 0x7F) | ((first > 0) & (first <= 0x20)))
    if not len(odd):
        return said
    # Owners and summaries are few, so that each writing is looked at once.
    texts = pa.array(some.iloc[odd], pa.large_string(), from_pandas=True)
    words = pc.unique(texts)
    words = words.filter(pc.less(pc.binary_length(words), _LONGEST))
    sums = words.filter(pc.match_substring_regex(words, f"^(?:{_SUM})$"))
    if len(sums):
        hits = pc.is_in(texts, value_set=sums).to_numpy(zero_copy_only=False)
        said[places[odd[hits]]] = True
    return said
