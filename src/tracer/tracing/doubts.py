"""What a trace does not know, item by item, with the money that hangs on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from tracer.tracing.trace import Trace

KINDS = ("frontier", "gap", "assumed_order", "shortage", "hub")


def doubts(trace: Trace) -> pd.DataFrame:
    """
    List what a trace does not know.

    Parameters
    ----------
    trace
        What `follow` returned.

    Returns
    -------
    pandas.DataFrame
        kind, account, transfer_id, time, fen: by kind, the most money first.

        - frontier: victims' money in an account whose statement does not cover
          what came after;
        - gap: victims' money that went into a clearing account, beyond which a
          platform's record would show where it went;
        - assumed_order: a payment on the day of a credit to its payer, where no
          time says which came first (the payment's fen);
        - shortage: what an account on the way paid out and was not known to have;
        - hub: victims' money in an account where the search of a store was cut.
    """
    parts = [_frontier(trace), _gaps(trace), _orders(trace), _shortages(trace), _hubs(trace)]
    frame = pd.concat([part.assign(kind=kind) for kind, part in zip(KINDS, parts, strict=True)])
    rank = frame["kind"].map({kind: place for place, kind in enumerate(KINDS)})
    order = np.lexsort((frame["account"].to_numpy(object), -frame["fen"].to_numpy(), rank))
    return frame.iloc[order].reset_index(drop=True)[
        ["kind", "account", "transfer_id", "time", "fen"]
    ]


def _frontier(trace: Trace) -> pd.DataFrame:
    some = trace.accounts[trace.accounts["frontier"]]
    return _items(some["account"], some["frontier_fen"], time=some["last_time"])


def _gaps(trace: Trace) -> pd.DataFrame:
    beyond = trace.accounts[
        trace.accounts["kind"].eq("clearing") & trace.accounts["exit_fen"].gt(0)
    ]
    return _items(beyond["account"], beyond["exit_fen"], time=beyond["last_time"])


def _orders(trace: Trace) -> pd.DataFrame:
    basis = trace.basis
    some = basis.carried(np.flatnonzero(basis.assumed))
    return _items(some["payer"], some["fen"], time=some["time"], transfer=some["transfer_id"])


def _shortages(trace: Trace) -> pd.DataFrame:
    return _items(trace.shortages["account"], trace.shortages["fen"])


def _hubs(trace: Trace) -> pd.DataFrame:
    went_in = trace.holdings.groupby("account")["fen"].sum()
    cut = trace.cut
    return _items(cut["account"], cut["account"].map(went_in).fillna(0), time=cut["since"])


def _items(
    account: pd.Series,
    fen: pd.Series,
    *,
    time: pd.Series | None = None,
    transfer: pd.Series | None = None,
) -> pd.DataFrame:
    # Ids of any kind stand beside None, so that no number becomes a float.
    ids = [None] * len(account) if transfer is None else transfer.tolist()
    when = [pd.NaT] * len(account) if time is None else time.to_numpy()
    return pd.DataFrame(
        {
            "account": account.astype("str").array,
            "transfer_id": pd.Series(ids, dtype=object),
            "time": pd.Series(when, dtype="datetime64[us]"),
            "fen": fen.astype("int64").array,
        }
    )
