"""A table as a piece of HTML for a notebook: readable, scrollable and with every value escaped."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from tracer.views import escape

# Notebooks set tables to the right and break every word; both are wrong for names.
_CELL = "text-align:{};white-space:{};vertical-align:baseline"
_WIDE = _CELL.format("left", "normal") + ";min-width:16em"


def html(frame: pd.DataFrame, *, right: Collection[str] = (), wide: Collection[str] = ()) -> str:
    """
    Return a frame as an HTML table.

    Parameters
    ----------
    frame
        What is shown, each value as its text.
    right
        Columns of numbers and amounts, set to the right.
    wide
        Columns of long texts, which may take several lines.

    Examples
    --------
    >>> "&lt;b&gt;" in html(pd.DataFrame({"户名": ["<b>"]}))
    True
    """
    styles = [
        _WIDE if name in wide else _CELL.format("right" if name in right else "left", "nowrap")
        for name in frame
    ]
    head = "".join(
        f'<th style="{style}">{escape.text(name)}</th>'
        for name, style in zip(frame, styles, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<td style="{style}">{escape.text(value)}</td>'
            for value, style in zip(row, styles, strict=True)
        )
        + "</tr>"
        for row in frame.itertuples(index=False)
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div style="overflow-x:auto">{table}</div>'
