"""Regular texts: what is read in pieces, compiled, is what a careful reader finds line by line."""

from __future__ import annotations

import codecs
import csv
import io

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from effort import examples
from tracer.errors import SheetError
from tracer.statements.files import regular
from tracer.statements.files.encoding import decode
from tracer.statements.files.gb18030 import Scratch
from tracer.statements.files.text import grid, table

# Every kind of length that UTF-8 and GB18030 have, and what bounds cells and lines.
CHARACTERS = st.sampled_from([*"a1 时间\tÄ€\u3000\u4dae\U00020000\U0010ffff,|;", '"', "'", "="])
CELL = st.text(CHARACTERS, max_size=5)


def filled(cells: pd.DataFrame) -> list[list[str]]:
    """Return the cells without the empty ones at the end of each row."""
    rows = []
    for row in cells.to_numpy().tolist():
        while row and row[-1] == "":
            row.pop()
        rows.append(row)
    return rows


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=60))
@settings(deadline=None, max_examples=examples(300))
def test_compiled_gb18030_is_pythons(text: str) -> None:
    coded = text.encode("gb18030")
    assert bytes(Scratch(len(coded)).utf8(coded) or b"") == text.encode()


@given(st.binary(max_size=12))
@settings(deadline=None, max_examples=examples(500))
def test_compiled_gb18030_takes_nothing_that_python_refuses(some: bytes) -> None:
    try:
        wanted: bytes | None = some.decode("gb18030").encode()
    except UnicodeDecodeError:
        wanted = None
    found = Scratch(len(some)).utf8(some)
    assert (None if found is None else bytes(found)) == wanted


@pytest.mark.parametrize("point", [0x80, 0xFF, 0x4DAE, 0xE5E5, 0xFFFF, 0x10000, 0x10FFFF])
def test_the_ends_of_the_code_are_right(point: int) -> None:
    coded = chr(point).encode("gb18030")
    assert bytes(Scratch(len(coded)).utf8(coded) or b"") == chr(point).encode()


@given(
    st.lists(st.lists(CELL, min_size=1, max_size=4), min_size=1, max_size=12),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.integers(1, 40),
)
@example([[""], ["", '"', '"1']], "utf-8", "\n", False, 1)
@settings(deadline=None, max_examples=examples(300))
def test_pieces_give_what_the_careful_way_gives(
    rows: list[list[str]], encoding: str, end: str, ended: bool, piece: int
) -> None:
    text = end.join(",".join(row) for row in rows) + (end if ended else "")
    content = text.encode(encoding)
    if not content.strip():
        return
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(regular, "_PIECE", piece)
        found = regular.regular(content)
    if found is None:
        return
    careful = table(decode(content)[0])
    assert filled(found[0]) == filled(careful.cells)
    assert found[0].index.tolist() == careful.cells.index.tolist()


@given(st.lists(st.lists(st.text('ab1,\n"时', max_size=4), min_size=3, max_size=3), min_size=1))
@settings(deadline=None, max_examples=examples(200))
def test_quoted_cells_are_those_of_the_csv_module(rows: list[list[str]]) -> None:
    # The first line says how wide the table is.
    rows = [["甲", "乙", "丙"], *rows]
    target = io.StringIO()
    csv.writer(target, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(regular, "_PIECE", 5)
        cells = grid(target.getvalue().encode())[0].cells
    if len(cells) == len(rows):
        assert filled(cells) == filled(pd.DataFrame(rows))
    else:
        # What looks like lost rows inside a cell is taken apart, and nothing of it is dropped.
        assert len(cells) > len(rows)


def test_a_ragged_row_far_down_keeps_every_number() -> None:
    lines = [f"{row},b,c" for row in range(1, 5001)]
    lines[4321] += ",d"
    found = grid("\n".join([*lines, ""]).encode())[0]
    assert found.lines is not None
    assert found.cells[0].tolist() == [str(row) for row in range(1, 5001)]
    assert found.lines.index[found.lines["extra"].ne("")].tolist() == [4322]
    assert found.lines["extra"].loc[4322] == "d"


@pytest.mark.parametrize(
    "content",
    [
        b'1","\r\n',
        "甲,乙\n".encode() + codecs.BOM_UTF8 + b"1,2\n",
        codecs.BOM_UTF8 + "时间,甲\n".encode("gb18030"),
    ],
)
def test_what_arrow_would_alter_is_left_to_the_careful_way(
    content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regular, "_PIECE", 3)
    assert regular.regular(content) is None


def test_a_marked_text_that_breaks_off_is_refused_and_not_read_as_gibberish() -> None:
    whole = codecs.BOM_UTF8 + "任务流水号,银行名称".encode()
    for cut in range(1, 3):
        with pytest.raises(SheetError):
            grid(whole[:-cut])
