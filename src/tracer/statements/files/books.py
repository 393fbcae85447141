"""Books: the sheets of a workbook that may reach far, read in a process of its own."""

from __future__ import annotations

import logging
import pickle
import sys
from typing import Literal

import fastexcel
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracer.statements.files.long import LONG, SHOWN

# What the workbook reader may be asked for.
_Kind = Literal["null", "int", "float", "string", "boolean", "datetime", "date", "duration"]


def tables(content: bytes) -> list[tuple[str, pa.Table | str]]:
    """
    Return the name of each sheet and its cells as text, or why it cannot be read.

    Parameters
    ----------
    content
        The whole workbook.
    """
    book = fastexcel.read_excel(content)
    return [(name, _table(book, name)) for name in book.sheet_names]


def _table(book: fastexcel.ExcelReader, name: str) -> pa.Table | str:
    try:
        batch = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_arrow()
    except fastexcel.FastExcelError as error:
        return str(error)
    names = batch.schema.names
    texts = {
        name: pc.fill_null(column, "").cast(pa.large_string())
        for name, column in zip(names, batch.columns, strict=True)
    }
    return pa.table(texts | _shown(book, name, texts))


def _shown(
    book: fastexcel.ExcelReader, name: str, texts: dict[str, pa.Array]
) -> dict[str, pa.Array]:
    """Return the columns with numbers of more than 15 digits, written as Excel shows them."""
    long = {
        column: mask
        for column, text in texts.items()
        if pc.any(mask := pc.match_substring_regex(text, LONG)).as_py()
    }
    if not long:
        return {}
    # Asked for flags, the reader gives one for a number and none for text: the cell's own type.
    kinds: dict[str | int, _Kind] = dict.fromkeys(long, "boolean")
    # The columns that are not asked for would be guessed, which durations do not survive.
    sheet = book.load_sheet(
        name, header_row=None, skip_rows=0, dtypes=kinds, use_columns=list(long)
    )
    typed = sheet.to_arrow()
    written = {}
    for column, mask in long.items():
        lost = pc.and_(mask, typed[column].is_valid())
        numbers = texts[column].filter(lost).to_numpy(zero_copy_only=False).astype("float64")
        shown = pa.array(np.char.mod(SHOWN, numbers), pa.large_string())
        written[column] = pc.replace_with_mask(texts[column], lost, shown)
    return written


def main() -> None:
    """Read a workbook from the standard input; write its tables, or why not, as a pickle."""
    # The reader guesses types aloud; every type that is used here is asked for by name.
    logging.getLogger("fastexcel").setLevel(logging.ERROR)
    try:
        answer: list[tuple[str, pa.Table | str]] | str = tables(sys.stdin.buffer.read())
    except fastexcel.FastExcelError as error:
        answer = str(error)
    pickle.dump(answer, sys.stdout.buffer, protocol=5)
