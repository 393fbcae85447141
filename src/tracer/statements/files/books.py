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

from tracer.statements.files.long import LONG, PRECISE, ROUNDED, SHOWN

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
        batch = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string", eager=True)
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
    """Return the columns with numbers that the reader writes otherwise than Excel shows them."""
    either = f"{LONG}|{PRECISE}"
    odd = [
        column
        for column, text in texts.items()
        if pc.any(pc.match_substring_regex(text, either)).as_py()
    ]
    if not odd:
        return {}
    # Asked for flags, the reader gives one for a number and none for text: the cell's own type.
    kinds: dict[str | int, _Kind] = dict.fromkeys(odd, "boolean")
    # The columns that are not asked for would be guessed, which durations do not survive.
    sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes=kinds, use_columns=odd)
    typed = sheet.to_arrow()
    shown = {}
    for column in odd:
        text = texts[column]
        for pattern, form in ((LONG, SHOWN), (PRECISE, ROUNDED)):
            mask = pc.and_(pc.match_substring_regex(text, pattern), typed[column].is_valid())
            numbers = text.filter(mask).to_numpy(zero_copy_only=False).astype("float64")
            written = pa.array(np.char.mod(form, numbers), pa.large_string())
            text = pc.replace_with_mask(text, mask, written)
        shown[column] = text
    return shown


def main() -> None:
    """Read a workbook from the standard input; write its tables, or why not, as a pickle."""
    # The reader guesses types aloud; every type that is used here is asked for by name.
    logging.getLogger("fastexcel").setLevel(logging.ERROR)
    try:
        answer: list[tuple[str, pa.Table | str]] | str = tables(sys.stdin.buffer.read())
    except fastexcel.FastExcelError as error:
        answer = str(error)
    pickle.dump(answer, sys.stdout.buffer, protocol=5)
