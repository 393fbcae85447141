"""Follow stolen money from the victims' payments to where it lies now."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from tracer.stores.store import Store
from tracer.tables import SEEDS
from tracer.tracing import given, tally
from tracer.tracing.lots import NONE, Ledger
from tracer.tracing.order import arrange
from tracer.tracing.proof import prove
from tracer.tracing.reach import chosen
from tracer.tracing.sweep import RULES, sweep
from tracer.tracing.trace import Trace


def follow(
    transfers: pd.DataFrame | Store,
    seeds: pd.Series | pd.DataFrame,
    rule: str = "fifo",
    *,
    opening: pd.Series | None = None,
    exits: Collection[str] = (),
    within: pd.Timedelta | timedelta | str | None = None,
    accounts: pd.DataFrame | None = None,
    hub: int | None = None,
) -> Trace:
    """
    Follow victims' money through a table of transfers.

    Parameters
    ----------
    transfers
        One row for each transfer, in any order: time (naive), payer, payee
        (text) and fen (whole, at least 0). transfer_id is the index where the
        column is missing, seq (the order at equal times) the order of the
        rows, time_precision second, status ok. Further columns are carried to
        `Trace.transfers`. Or a store of such transfers, of which only the part
        that victims' money can have reached is fetched (see `reach`); there
        transfer_id is needed, and tells the order where seq does not.
    seeds
        The victims' own payments: a Series (transfer_id → victim), or a frame
        with transfer_id and victim.
    rule
        How mixed money is told apart: fifo.
    opening
        Fen by account: what it held before its first transfer.
    exits
        Accounts where following stops: cash, merchants, clearing, exchanges.
        Every account that a seed was paid from is one as well.
    within
        The longest stay, such as "72h". A victim's lot that lay longer is
        settled at the account's next transfer.
    accounts
        `tables.ACCOUNTS`, which adds kind, holder and coverage to the result;
        with it the trace tells which accounts are the frontier.
    hub
        In a store, the most transfers of one account through which money is
        followed; reached accounts that have more are exits, and `Trace.cut`
        lists them.

    Returns
    -------
    Trace
        The movements, what is left where, and the faces of both.

    Raises
    ------
    TableError
        If a column is missing or unusable, or a transfer_id is given twice.
    MoneyError
        If an amount is negative, fractional or too large.
    SeedError
        If a seed is unknown, doubled, without a victim, or moved no money.
    RuleError
        If the rule or the longest stay does not exist, or a limit for hubs
        makes no sense.
    AccountError
        If exits are one text instead of a collection.

    Examples
    --------
    A mule holds 40 yuan of its own and receives 100 stolen ones; of the 120
    that it pays on, the first 40 are its own.

    >>> transfers = pd.DataFrame({
    ...     "time": pd.to_datetime(["2026-03-01 09:00", "2026-03-01 09:05"]),
    ...     "payer": ["victim", "mule"], "payee": ["mule", "boss"], "fen": [10_000, 12_000]})
    >>> trace = follow(transfers, pd.Series({0: "Wang"}), opening=pd.Series({"mule": 4_000}))
    >>> trace.holdings
      account victim   fen  kind
    0    boss   Wang  8000  held
    1    mule   Wang  2000  held
    """
    # Refuse what cannot be followed before anything is followed.
    rule = given.read_rule(rule, RULES)
    stay = given.read_within(within)
    transfers, exits, cut = chosen(transfers, seeds, exits=exits, hub=hub)
    ledger = given.read_transfers(transfers)
    sown = given.read_seeds(seeds, ledger)
    balances = given.read_opening(opening)
    stops = given.read_exits(exits)
    known = tally.read_known(accounts)
    given.check_sum(ledger["fen"], balances)

    # Turn accounts and victims into whole numbers, and take the transfers in order.
    victims = pd.Index(np.sort(sown["victim"].to_numpy(dtype=object)), dtype="str").unique()
    rows, coded, names = _code(ledger, sown, victims)
    payers = ledger["payer"].take(sown["row"].to_numpy())
    closed = names.isin(stops) | names.isin(payers)
    dated = (ledger["time_precision"] == "day").to_numpy()[rows]
    keys = _keys(ledger, rows, ordered="seq" in transfers)
    taken, assumed = arrange(coded, keys, dated, closed)
    rows, coded = rows[taken], Ledger(*(column[taken] for column in coded))

    # Follow, and prove the result before anybody sees it.
    held = balances.reindex(names, fill_value=0).to_numpy()
    longest = NONE if stay is None else stay
    movements, left, short = sweep(coded, closed, held, rule=RULES[rule], within=longest)
    prove(coded, movements, left)

    # Give everything its name back.
    used, places = np.unique(movements["transfer"], return_inverse=True)
    carried = ledger.take(rows[used]).reset_index(drop=True)
    seeds_ = _seeds(sown, carried, rows[used])
    moves = tally.read_movements(movements, places, carried, victims)
    lots = tally.read_lots(left, names, victims, seeds_)
    return Trace(
        rule=rule,
        within=None if stay is None else pd.Timedelta(stay, unit="us"),
        seeds=seeds_,
        transfers=carried,
        movements=moves,
        lots=lots,
        holdings=tally.read_holdings(lots),
        accounts=tally.read_accounts(carried, moves, lots, seeds_, known),
        assumed_orders=assumed,
        short_fen=short,
        cut=cut,
    )


def _code(
    ledger: pd.DataFrame, sown: pd.DataFrame, victims: pd.Index
) -> tuple[npt.NDArray[np.int64], Ledger, pd.Index]:
    seed = np.full(len(ledger), NONE)
    seed[sown["row"]] = victims.get_indexer(pd.Index(sown["victim"]))

    # Leave out what moves no money; `rows` tells where the rest stood.
    rows = np.flatnonzero(given.moving(ledger))
    moved = ledger[["time", "time_precision", "payer", "payee", "fen"]].take(rows)
    codes, names = pd.factorize(pd.concat([moved["payer"], moved["payee"]]))
    dated = moved["time_precision"] == "day"
    when = moved["time"].mask(dated, moved["time"].dt.normalize())
    coded = Ledger(
        payer=codes[: len(rows)],
        payee=codes[len(rows) :],
        fen=moved["fen"].to_numpy(),
        when=when.to_numpy().view(np.int64),
        seed=seed[rows],
    )
    return rows, coded, names


def _keys(
    ledger: pd.DataFrame, rows: npt.NDArray[np.int64], *, ordered: bool
) -> tuple[npt.NDArray[np.int64], ...]:
    seq, ids = ledger["seq"].to_numpy()[rows], ledger["transfer_id"]
    # Whole-number ids are given in the order of loading, so that they decide
    # where seq does not; other ids say nothing about order, the row does.
    if ordered and ids.dtype == "int64":
        return seq, ids.to_numpy()[rows]
    return (seq,)


def _seeds(sown: pd.DataFrame, carried: pd.DataFrame, rows: npt.NDArray[np.int64]) -> pd.DataFrame:
    # Every seed moved money, so that each stands among the carried transfers.
    victim = sown.set_index("row")["victim"].reindex(rows)
    facts = carried.assign(victim=victim.array)[victim.notna().to_numpy()]
    columns = [*SEEDS.columns, "fen", "time", "payer", "payee"]
    return facts[columns].reset_index(drop=True)
