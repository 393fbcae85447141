"""What holds under every rule: the least and the most of a victim's money in every account."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from tracer.tracing import flow
from tracer.tracing.basis import Basis, read
from tracer.tracing.lots import NONE, Ledger
from tracer.tracing.network import expand
from tracer.tracing.proof import prove_bounds
from tracer.tracing.spans import span

Codes = npt.NDArray[np.int64]


def bounds(
    transfers: pd.DataFrame,
    seeds: pd.Series | pd.DataFrame,
    *,
    opening: pd.Series | None = None,
    exits: Collection[str] = (),
    pooled: bool = False,
) -> pd.DataFrame:
    """
    Tell how much of a victim's money can be in an account, however it is told apart.

    Mixed money can be told apart in any way that takes transfers in their
    order, gives every fen one owner, and lets no payment carry more than its
    payer had. Whatever the rule, what an account holds of a victim's money
    lies within the bounds, and each bound is met by one of these ways. Where
    both are equal, no rule can say otherwise: the money is traceable by
    timestamps alone.

    Parameters
    ----------
    transfers, seeds, opening, exits
        As `follow` takes them.
    pooled
        Take all victims' money as one owner's; victim is then "".

    Returns
    -------
    pandas.DataFrame
        One row for each account and victim whose money can be in it, when the
        data end or at an exit: account, victim, least_fen, most_fen (more than
        0), sorted by account and victim.

    Raises
    ------
    TableError, MoneyError, SeedError, AccountError
        As `follow` raises them.

    Notes
    -----
    Money of one owner is a flow through the network of accounts in time, from
    the owner's seeds to the accounts in which it can stay, and nothing hinders
    that flow but the payments and balances: whatever it leaves of them is filled
    by other victims' and clean money, which balances of itself. So each victim is
    bounded alone, and exactly. The most in an account is the max flow [1]_ from
    the seeds to it; the least is all seeds less the max flow to all others. What
    is assumed about the order of transfers of one day, `follow` assumes as well.

    References
    ----------
    .. [1] L. R. Ford and D. R. Fulkerson, "Maximal flow through a network",
       Canadian Journal of Mathematics 8, 1956, pp. 399-404.

    Examples
    --------
    A mule holds 40 yuan of its own and receives 100 stolen ones. Of the 120
    that it pays on, at least 80 were stolen, and it keeps at most 20 of those.

    >>> transfers = pd.DataFrame({
    ...     "time": pd.to_datetime(["2026-03-01 09:00", "2026-03-01 09:05"]),
    ...     "payer": ["victim", "mule"], "payee": ["mule", "boss"], "fen": [10_000, 12_000]})
    >>> bounds(transfers, pd.Series({0: "Wang"}), opening=pd.Series({"mule": 4_000}))
      account victim  least_fen  most_fen
    0    boss   Wang       8000     10000
    1    mule   Wang          0      2000
    """
    return bounded(read(transfers, seeds, opening=opening, exits=exits), pooled=pooled)


def bounded(basis: Basis, *, pooled: bool = False) -> pd.DataFrame:
    """Return the bounds, as `bounds` does, of a ledger that was read already."""
    ledger, victims = basis.ledger, basis.victims
    if pooled:
        ledger = ledger._replace(seed=np.minimum(ledger.seed, 0))
        victims = pd.Index([""], dtype="str")
    return _named(basis.accounts, victims, _spans(ledger, basis.exits, basis.opening))


def _spans(ledger: Ledger, exits: npt.NDArray[np.bool_], opening: Codes) -> list[Codes]:
    network = expand(ledger, exits, opening)
    work = flow.prepare(network)
    found = [np.empty((4, 0), np.int64)]
    for victim, seeds in _owners(ledger.seed[ledger.seed != NONE]):
        fen = ledger.fen[ledger.seed != NONE][seeds]
        stages, least, most = span(work, network.sown[seeds], fen)
        prove_bounds(fen, least, most)
        found.append(np.stack([network.account[stages], np.full_like(least, victim), least, most]))
    return list(np.concatenate(found, axis=1))


def _owners(seeds: Codes) -> Iterator[tuple[int, Codes]]:
    order = np.argsort(seeds, kind="stable")
    victims, starts = np.unique(seeds[order], return_index=True)
    yield from zip(victims.tolist(), np.split(order, starts[1:]), strict=False)


def _named(names: pd.Index, victims: pd.Index, spans: list[Codes]) -> pd.DataFrame:
    account, victim, least, most = spans
    # Sorting whole numbers is faster: names are sorted once, victims are already.
    rank = np.argsort(np.argsort(names.to_numpy(dtype=object)))
    order = np.lexsort((victim, rank[account]))
    return pd.DataFrame(
        {
            "account": names.take(account[order]).astype("str"),
            "victim": victims.take(victim[order]).astype("str"),
            "least_fen": least[order],
            "most_fen": most[order],
        }
    )
