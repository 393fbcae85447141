"""Rounds: the same files give the same ledger, whatever the order and the rounds they come in."""

from __future__ import annotations

import random
from pathlib import Path

import pandas as pd
import pytest

import tracer

STATEMENTS = Path(__file__).parents[1] / "sample_data" / "statements"


def ledger(case: tracer.Case) -> tuple[list[tuple[object, ...]], pd.DataFrame]:
    """Return what the ledger says without the numbers that depend on the order of loading."""
    transfers, accounts = case.transfers(), case.accounts()
    entries = case.entries().set_index("entry_id")
    name = entries["source"].map(lambda source: Path(source).name)
    row = name + " " + entries["sheet"] + " " + entries["row"].astype("str")
    serial = (
        transfers["payer"].str.startswith("unknown:"),
        transfers["payee"].str.startswith("unknown:"),
    )
    told = pd.DataFrame({
        "time": transfers["time"], "fen": transfers["fen"], "currency": transfers["currency"],
        "payer": transfers["payer"].mask(serial[0], "unknown"),
        "payee": transfers["payee"].mask(serial[1], "unknown"),
        "status": transfers["status"], "join": transfers["join"],
        "payer_row": transfers["payer_entry"].map(row).fillna("").astype("str"),
        "payee_row": transfers["payee_entry"].map(row).fillna("").astype("str"),
    })  # fmt: skip
    known = accounts[~accounts["account"].str.startswith("unknown:")]
    return sorted(told.itertuples(index=False, name=None)), known.reset_index(drop=True)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tracer.Case:
    case = tracer.Case.create(tmp_path_factory.mktemp("rounds") / "whole")
    case.load(STATEMENTS)
    return case


@pytest.mark.parametrize("seed", range(3))
def test_any_order_and_any_rounds_give_the_same_ledger(
    seed: int, whole: tracer.Case, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    files = sorted(path for path in STATEMENTS.rglob("*") if path.is_file())
    chance.shuffle(files)
    case = tracer.Case.create(tmp_path / "rounds")
    while files:
        size = chance.randint(1, 9)
        some, files = files[:size], files[size:]
        for number, path in enumerate(some):
            # Files of one name come from several folders, so that each has one of its own.
            place = tmp_path / f"{len(files)}" / f"{number}" / path.name
            place.parent.mkdir(parents=True)
            place.write_bytes(path.read_bytes())
        case.load(tmp_path / f"{len(files)}")
    transfers, accounts = ledger(case)
    expected, known = ledger(whole)
    assert transfers == expected
    pd.testing.assert_frame_equal(accounts, known)
