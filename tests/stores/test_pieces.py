"""What a table tells is the same whether it comes in one piece, in several, or as a frame."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from tracer import tables
from tracer.ledger.rows import TELLING, Told, told
from tracer.stores import duckdb as store


def entries(count: int) -> pd.DataFrame:
    random = np.random.default_rng(count)
    number = random.permutation(count) + 1
    frame = pd.DataFrame({
        "entry_id": number, "load_id": 1, "row": number, "seq": number, "fen": number * 7,
        "account": random.choice(["6222", "6228", ""], count), "source": "a.csv",
        "serial": [f"S{one}" for one in number], "summary": random.choice(["转账", ""], count),
        "time": pd.Timestamp("2024-06-01") + pd.to_timedelta(number, "s"),
        "balance_fen": pd.array(np.where(number % 3, number, 0), "Int64"),
        "statement": number % 2 == 0, "success": True, "cash": False,
    })  # fmt: skip
    frame.loc[frame["balance_fen"].eq(0), "balance_fen"] = pd.NA
    return tables.ENTRIES.conform(frame)


def plain(said: Told) -> pd.DataFrame:
    index = pd.RangeIndex(len(said))
    texts = {name: column.texts(index) for name, column in said.texts.items()}
    return pd.DataFrame(texts | said.numbers)


@pytest.mark.parametrize("count", [0, 1, 7, 40])
@pytest.mark.parametrize("piece", [1, 3, 7, 100])
def test_rows_are_the_same_in_one_piece_and_in_several(
    count: int, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "PIECE", piece)
    frame = entries(count)
    with duckdb.connect() as connection:
        store.append(connection, tables.ENTRIES, frame)
        found = told(store.read(connection, tables.ENTRIES, TELLING))
        few = told(store.read(connection, tables.ENTRIES, TELLING, only="WHERE entry_id > 5"))
    whole = plain(told(frame))
    pd.testing.assert_frame_equal(plain(found), whole)
    rest = whole[whole["entry_id"] > 5].reset_index(drop=True)
    pd.testing.assert_frame_equal(plain(few), rest)
    # Serials can only be compared by number if each column holds a text once.
    for column in found.texts.values():
        assert column.words.is_unique
