"""Excess: what a file is refused for having too much of, and how much, in both languages."""

from __future__ import annotations

from tracer.statements.reasons import Reason

MEMORY = Reason("占用内存", "memory")
TIME = Reason("读取时间", "reading time")
SECONDS = Reason("{many:g} 秒", "{many:g} seconds")
FILE = Reason("文件大小", "the size of the file")
PAGES = Reason("页数", "pages")
OBJECTS = Reason("第 {page} 页的图文对象数", "objects of page {page}")
CELLS = Reason("单元格数", "cells")
ROWS = Reason("行数", "rows")
COLUMNS = Reason("列数", "columns")
MERGED = Reason("合并单元格所占的格数", "merged cells")
REPEATED = Reason("同一单元格的重复次数", "repeats of a cell")
NESTED = Reason("表格嵌套层数", "tables in tables")


def size(many: float) -> str:
    """
    Return a number of bytes as people say it.

    Examples
    --------
    >>> size(2 * 1024**3), size(200 * 1024**2)
    ('2 GB', '0.2 GB')
    """
    return f"{round(many / 1024**3, 1):g} GB"
