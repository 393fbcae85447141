"""What every way of following starts from: inputs checked, in whole numbers, in the order taken."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from tracer.tables import SEEDS
from tracer.tracing import given
from tracer.tracing.lots import NONE, Ledger
from tracer.tracing.order import arrange


@dataclass(frozen=True, eq=False, repr=False)
class Basis:
    """A ledger with its seeds, ready to be followed by any rule."""

    transfers: pd.DataFrame
    """Every transfer that was given, in the order of its rows, in one form."""
    rows: npt.NDArray[np.int64]
    """Shape (n,), in the order taken: where what moved money stands in `transfers`."""
    ledger: Ledger
    """The same transfers in whole numbers."""
    accounts: pd.Index
    """The accounts by code, text."""
    victims: pd.Index
    """The victims by code, text, in the order of their names."""
    exits: npt.NDArray[np.bool_]
    """Shape (accounts,): where following stops, victims' own accounts included."""
    opening: npt.NDArray[np.int64]
    """Shape (accounts,), fen."""
    assumed: npt.NDArray[np.bool_]
    """Shape (n,): payments whose place before or after a credit of their day was assumed."""

    def carried(self, taken: npt.NDArray[np.int64]) -> pd.DataFrame:
        """Return the transfers at these places of the order taken, all columns kept."""
        return self.transfers.take(self.rows[taken]).reset_index(drop=True)

    def place(self, transfer_id: object) -> int:
        """Return where a transfer stands in the order taken, NONE where it moved no money."""
        known = pd.Index(self.transfers["transfer_id"], tupleize_cols=False)
        row = known.get_indexer(pd.Index([transfer_id], tupleize_cols=False))[0]
        found = np.flatnonzero(self.rows == row)
        return int(found[0]) if len(found) else NONE

    def seeds(self) -> pd.DataFrame:
        """Return the seeds: transfer_id, victim, fen, time, payer, payee, in the order taken."""
        sown = np.flatnonzero(self.ledger.seed != NONE)
        facts = self.carried(sown)
        facts["victim"] = self.victims.take(self.ledger.seed[sown]).astype("str").array
        return facts[[*SEEDS.columns, "fen", "time", "payer", "payee"]]


def read(
    transfers: pd.DataFrame,
    seeds: pd.Series | pd.DataFrame,
    *,
    opening: pd.Series | None = None,
    exits: Collection[str] = (),
) -> Basis:
    """
    Check what was given, or refuse it in a sentence, and bring it into whole numbers.

    Parameters
    ----------
    transfers, seeds, opening, exits
        As `follow` takes them.

    Raises
    ------
    TableError, MoneyError, SeedError, AccountError
        As `follow` raises them.
    """
    known = given.read_transfers(transfers)
    sown = given.read_seeds(seeds, known)
    balances = given.read_opening(opening)
    stops = given.read_exits(exits)
    given.check_sum(known["fen"], balances)

    victims = pd.Index(np.sort(sown["victim"].to_numpy(dtype=object)), dtype="str").unique()
    dated = (known["time_precision"] == "day").to_numpy()
    rows, coded, names = _code(known, sown, victims, dated)
    own = np.unique(coded.payer[coded.seed != NONE])
    closed = names.isin(stops)
    closed[own] = True
    keys = _keys(known, rows, ordered="seq" in transfers)
    taken, assumed = arrange(coded, keys, dated[rows], closed)
    return Basis(
        transfers=known,
        rows=rows[taken],
        ledger=Ledger(*(column[taken] for column in coded)),
        accounts=names,
        victims=victims,
        exits=closed,
        opening=balances.reindex(names, fill_value=0).to_numpy(),
        assumed=assumed,
    )


def _code(
    known: pd.DataFrame, sown: pd.DataFrame, victims: pd.Index, dated: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int64], Ledger, pd.Index]:
    seed = np.full(len(known), NONE)
    seed[sown["row"]] = victims.get_indexer(pd.Index(sown["victim"]))

    # Leave out what moves no money; `rows` tells where the rest stood.
    rows = np.flatnonzero(given.moving(known))
    moved = known[["time", "payer", "payee", "fen"]]
    if len(rows) < len(known):
        moved, dated = moved.take(rows), dated[rows]
    codes, names = pd.factorize(pd.concat([moved["payer"], moved["payee"]]))
    when = moved["time"]
    if dated.any():
        when = when.mask(dated, when.dt.normalize())
    coded = Ledger(
        payer=codes[: len(rows)],
        payee=codes[len(rows) :],
        fen=moved["fen"].to_numpy(),
        when=when.to_numpy().view(np.int64),
        seed=seed[rows],
    )
    return rows, coded, names


def _keys(
    known: pd.DataFrame, rows: npt.NDArray[np.int64], *, ordered: bool
) -> tuple[npt.NDArray[np.int64], ...]:
    seq, ids = known["seq"].to_numpy()[rows], known["transfer_id"]
    # Whole-number ids are given in the order of loading, so that they decide
    # where seq does not; other ids say nothing about order, the row does.
    if ordered and ids.dtype == "int64":
        return seq, ids.to_numpy()[rows]
    return (seq,)
