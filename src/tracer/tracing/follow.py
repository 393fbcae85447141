"""Follow stolen money from the victims' payments to where it lies now."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import numpy as np
import pandas as pd

from tracer.stores.store import Store
from tracer.tracing import given, tally
from tracer.tracing.basis import read
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
        How mixed money is told apart: `fifo` (the oldest money leaves first),
        `lifo` (the newest), `pro_rata` (each owner's in proportion),
        `tainted_first` (victims' before clean) or `clean_first`. Each file of
        `tracer.tracing.rules` names its source.
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
    known = tally.read_known(accounts)
    basis = read(transfers, seeds, opening=opening, exits=exits)

    # Follow, and prove the result before anybody sees it.
    swept = sweep(basis.ledger, basis.exits, basis.opening, rule=rule, within=stay)
    prove(basis.ledger, swept.movements, swept.left)

    # Give everything its name back.
    used, places = np.unique(swept.movements["transfer"], return_inverse=True)
    carried, sown = basis.carried(used), basis.seeds()
    moves = tally.read_movements(swept.movements, places, carried, basis.victims)
    lots = tally.read_lots(swept.left, basis.accounts, basis.victims, sown)
    return Trace(
        rule=rule,
        within=None if stay is None else pd.Timedelta(stay, unit="us"),
        seeds=sown,
        transfers=carried,
        movements=moves,
        lots=lots,
        holdings=tally.read_holdings(lots),
        accounts=tally.read_accounts(carried, moves, lots, sown, known),
        shortages=tally.read_shortages(swept.short, basis.accounts),
        cut=cut,
        basis=basis,
    )
