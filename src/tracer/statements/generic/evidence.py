"""Evidence: what the cells of a column look like, whatever its header says."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from tracer.statements.amounts import amounts
from tracer.statements.cells import narrow, numbers, plain, told
from tracer.statements.entries.direction import IN, OUT
from tracer.statements.times import times

_CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?|(?:[01]?\d|2[0-3])?[0-5]?\d[0-5]?\d"
# A serial day of a workbook is five digits, as many an amount is: only a header makes it a time.
_WRITTEN = r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}.*|(?:19|20)\d{6}(?:[ T]?\d{2}:?\d{2}(?::?\d{2})?)?"
_NUMBER = r"[A-Z]{0,3}\d{5,32}|\d{4,}\*+\d{2,}"
CARD = r"(?:62|4|5|3|9)\d{14,17}"
_PLATFORM = r"2088\d{12}"
_IDENTITY = r"[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dX]"
_SHAPES = {
    "clock": _CLOCK,
    "cents": r"[+-]?[¥¥]?[\d,]*\.\d{2}",
    "fraction": r"[^.]*\.\d*[1-9]\d*\D*",
    "negative": r"-.*\d.*",
    "card": CARD,
    "platform": _PLATFORM,
    "identity": _IDENTITY,
    "name": r"[\u4e00-\u9fff·]{2,4}",
    "company": r".*(?:公司|中心|商行|经营部|合作社|银行|店|厂)",
    "bank": r".*(?:银行|信用社|联社|支行|分行).*",
    "ip": r"(?:\d{1,3}\.){3}\d{1,3}|(?:[0-9A-F]{0,4}:){3,7}[0-9A-F]{0,4}",
    "written_clock": r"\d{1,2}:\d{2}(?::\d{2})?",
    "mac": r"(?:[0-9A-F]{2}[-:]?){5}[0-9A-F]{2}",
    "currency": r"人民币元?|CNY|RMB|156|USD|美元|HKD|港币|港元|EUR|欧元",
    "status": r".*(?:成功|失败|关闭|撤销).*",
    "digit": r"0?[012]",
}
_MARKS = ["-", "+"]
_WORDS = tuple(word for word in (*IN, *OUT) if word not in _MARKS)


@dataclass(frozen=True)
class Held:
    """What one column holds, told by a sample of its cells."""

    place: int
    """The column's position, from 0."""
    filled: int
    """How many cells of the sample hold something."""
    rows: int
    """How many cells the sample has."""
    distinct: int
    """How many different values they hold."""
    shares: dict[str, float]
    """Shape to the share of the filled cells that have it."""
    samples: tuple[str, ...]
    """The first different values, stripped."""

    def share(self, *shapes: str) -> float:
        """Return the largest share of any of the shapes."""
        return max(self.shares.get(shape, 0.0) for shape in shapes)


def held(sample: pd.DataFrame) -> list[Held]:
    """
    Look at every column of a sample.

    Parameters
    ----------
    sample
        Shape (rows, columns), text.

    Examples
    --------
    >>> column = held(pd.DataFrame([["1.20"], ["-"], ["3.00"]]))[0]
    >>> column.filled, column.share("amount"), column.share("moment")
    (2, 1.0, 0.0)
    """
    columns = [_writings(sample.iloc[:, place]) for place in range(sample.shape[1])]
    # What is asked costs more than the answers, so all columns are looked at together.
    writings = pd.Series(
        pd.unique(pd.concat([one.index.to_series() for one in columns])), dtype="str"
    )
    known = _known(writings).set_axis(writings)
    return [_column(one, known, place, len(sample)) for place, one in enumerate(columns)]


def _writings(cells: pd.Series) -> pd.Series:
    """Return how often each filled cell is written."""
    cells = cells.reset_index(drop=True)
    # A lone minus is a direction to one column and nothing to another.
    text = told(cells).mask(cells.str.strip().isin(_MARKS), cells.str.strip())
    return text[text.ne("")].value_counts(sort=False)


def _known(writings: pd.Series) -> pd.DataFrame:
    """Return which shapes each writing has."""
    folded = narrow(writings).str.upper()
    shapes = {
        "word": folded.str.replace(r"\s+", "", regex=True).isin(_WORDS),
        **{name: folded.str.fullmatch(shape) for name, shape in _SHAPES.items()},
    }
    # Telling times, amounts and numbers costs most, and no writing without a digit is one.
    some = writings[folded.str.contains("[0-9]")]
    time, precision = times(some)
    fen, _ = amounts(some)
    digits, lost = numbers(some)
    counted = {
        "moment": time.notna() & precision.ne("day"),
        "day": time.notna() & precision.eq("day"),
        "written": time.notna() & folded[some.index].str.fullmatch(_WRITTEN),
        "amount": fen.notna(),
        "number": digits.str.fullmatch(_NUMBER) | lost,
    }
    counted = {
        name: fits.reindex(writings.index, fill_value=False) for name, fits in counted.items()
    }
    return pd.DataFrame(counted | shapes, dtype=bool)


def _column(writings: pd.Series, known: pd.DataFrame, place: int, rows: int) -> Held:
    marked = writings.index.isin(_MARKS)
    marks, kept = int(writings[marked].sum()), writings[~marked]
    if kept.empty:
        return Held(place, 0, rows, 0, {}, ())
    filled = int(kept.sum())
    fits = known.loc[kept.index].mul(kept.to_numpy(), axis=0).sum()
    shares = {str(name): float(count / filled) for name, count in fits.items()}
    samples = tuple(plain(pd.Series(kept.index[:3], dtype="str")))
    return Held(place, filled, rows, len(kept), shares | {"marks": marks / rows}, samples)


# Which shapes the cells of a column with a meaning have; what is not named here may hold anything.
_SHAPED = {
    "time": ("moment", "day"),
    "clock": ("clock",),
    "card": ("number",),
    "number": ("number",),
    "other_account": ("number",),
    "payer": ("number",),
    "payee": ("number",),
    "direction": ("word", "digit"),
    "currency": ("currency",),
    "ip": ("ip",),
    "mac": ("mac",),
    **dict.fromkeys(("amount", "income", "expense", "balance"), ("amount",)),
}
_SAID = {
    "time": ("时间", "times"),
    "card": ("卡号", "numbers"),
    "number": ("账号", "numbers"),
    "other_account": ("账号", "numbers"),
    "payer": ("账号", "numbers"),
    "payee": ("账号", "numbers"),
    "direction": ("收付词", "direction words"),
    "currency": ("币种", "currencies"),
    "ip": ("IP 地址", "IP addresses"),
    "mac": ("MAC 地址", "MAC addresses"),
    **dict.fromkeys(("amount", "income", "expense", "balance"), ("金额", "amounts")),
}


def fit(column: Held, meaning: str) -> float:
    """Return the share of a column's filled cells that a meaning allows."""
    if not column.filled:
        return 0.0
    if meaning in {"holder", "other_holder", "payer_holder", "payee_holder"}:
        return 1.0 - column.share("amount", "number", "moment", "day")
    shapes = _SHAPED.get(meaning)
    return column.share(*shapes) if shapes else 1.0


def said(column: Held, meaning: str) -> tuple[str, str]:
    """Return in both languages what the cells say for a meaning."""
    if not column.filled:
        return "样本中没有内容", "the sample holds nothing"
    zh, en = _SAID.get(meaning, ("", ""))
    if not zh:
        return f"样本中 {column.filled} 格有内容", f"{column.filled} cells of the sample are filled"
    share = fit(column, meaning)
    return f"有内容的格 {share:.0%} 像{zh}", f"{share:.0%} of the filled cells are {en}"
