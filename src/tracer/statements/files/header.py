"""Header: whether the rows of a drawn table are those of a statement."""

from __future__ import annotations

import re
from collections.abc import Sequence

# The header of a statement has four names at least; a table with less says whose it is.
_LEAST = 4
_LABEL = re.compile(r"^[^\d:：]{1,12}[:：]|[:：]$")


def is_statement(rows: Sequence[Sequence[str]]) -> bool:
    """
    Return whether the first row of a table names the columns of a statement.

    Examples
    --------
    >>> is_statement([["日期", "摘要", "金额", "余额"]]), is_statement([["户名：", "张三", "", ""]])
    (True, False)
    """
    names = [cell for cell in rows[0] if cell] if rows else []
    return len(names) >= _LEAST and not any(_LABEL.search(name) for name in names)
