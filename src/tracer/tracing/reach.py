"""Which part of a ledger can matter at all: a search in time, hop by hop, in SQL."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tracer.errors import RuleError, SeedError, TableError
from tracer.stores.store import EXACT, TEXT, TIME, WHOLE, Room, Store
from tracer.tracing import given

# What every transfer in a store must tell, and what it may tell besides.
_NEEDED = {
    "transfer_id": (TEXT, WHOLE),
    "time": (TIME,),
    "payer": (TEXT, WHOLE),
    "payee": (TEXT, WHOLE),
    "fen": (WHOLE, EXACT),
}
_FURTHER = {"seq": (WHOLE,), "time_precision": (TEXT,), "status": (TEXT,)}

# The same text on every engine. The tables of one visit are small and go to
# where the transfers lie, which are then never moved: to DuckDB the hints are comments.
_SEEDS = """
SELECT t.* FROM {transfers} t
WHERE EXISTS (SELECT /*+ BROADCAST(s) */ 1 FROM {seeds} s WHERE s.transfer_id = t.transfer_id)
"""
# What moved money. A day's transfers are taken at its first moment; what has a
# status that nobody knows counts, so that following it is refused in a sentence.
_MOVES = """
SELECT t.payer, t.payee, t.fen,
    CASE WHEN t.time_precision = 'day' THEN CAST(t.time AS DATE) ELSE t.time END AS moment
FROM {transfers} t
WHERE t.fen > 0 AND t.payer <> t.payee AND COALESCE(t.status, '') NOT IN ('failed', 'reversed')
"""
# Transfers of one moment may turn out in any order: the moment of arrival counts as after it.
_HOP = """
SELECT c.account, c.since
FROM (
    SELECT /*+ BROADCAST(f) */ m.payee AS account, MIN(m.moment) AS since
    FROM {moves} m JOIN {frontier} f ON f.account = m.payer AND f.since <= m.moment
    GROUP BY m.payee
) c
WHERE NOT EXISTS (SELECT /*+ BROADCAST(x) */ 1 FROM {closed} x WHERE x.account = c.account)
    AND NOT EXISTS (
        SELECT /*+ BROADCAST(r) */ 1 FROM {reached} r
        WHERE r.account = c.account AND r.since <= c.since
    )
"""
_COUNTS = """
SELECT b.account, CAST(SUM(b.transfers) AS BIGINT) AS transfers
FROM (
    SELECT m.payer AS account, COUNT(*) AS transfers FROM {moves} m
    WHERE EXISTS (SELECT /*+ BROADCAST(f) */ 1 FROM {frontier} f WHERE f.account = m.payer)
    GROUP BY m.payer
    UNION ALL
    SELECT m.payee AS account, COUNT(*) AS transfers FROM {moves} m
    WHERE EXISTS (SELECT /*+ BROADCAST(f) */ 1 FROM {frontier} f WHERE f.account = m.payee)
    GROUP BY m.payee
) b
GROUP BY b.account
"""
_PAID = """
SELECT /*+ BROADCAST(r), BROADCAST(h) */ m.payee AS account, MIN(m.moment) AS since,
    SUM(CAST(m.fen AS DECIMAL(38, 0))) AS fen
FROM {moves} m
    JOIN {hubs} h ON h.account = m.payee
    JOIN {reached} r ON r.account = m.payer AND r.since <= m.moment
GROUP BY m.payee
"""
_PART = """
SELECT t.* FROM {transfers} t
WHERE EXISTS (SELECT /*+ BROADCAST(s) */ 1 FROM {seeds} s WHERE s.transfer_id = t.transfer_id)
    OR EXISTS (SELECT /*+ BROADCAST(r) */ 1 FROM {reached} r WHERE r.account = t.payer)
    OR EXISTS (SELECT /*+ BROADCAST(r) */ 1 FROM {reached} r WHERE r.account = t.payee)
"""

_NOTHING_CUT = pd.DataFrame(
    {
        "account": pd.Series(dtype="str"),
        "transfers": pd.Series(dtype="int64"),
        "since": pd.Series(dtype="datetime64[us]"),
        "fen": pd.Series(dtype="int64"),
    }
)


@dataclass(frozen=True, eq=False)
class Reach:
    """The part of a ledger that victims' money can have gone through."""

    transfers: pd.DataFrame
    """The seeds and every transfer that touches a reached account, by transfer_id."""
    accounts: pd.DataFrame
    """The reached accounts, exits left out: account, since (the first moment)."""
    cut: pd.DataFrame
    """Accounts where the search stopped as at an exit, because they have more
    transfers than the limit: account, transfers (all that moved money), since,
    fen (all that victims and reached accounts paid in from then on)."""
    rounds: int
    """How many hops were searched, the last of which found nothing earlier."""


def reach(
    store: Store,
    seeds: pd.Series | pd.DataFrame,
    *,
    exits: Collection[str] = (),
    hub: int | None = None,
) -> Reach:
    """
    Find the accounts that victims' money can have reached, and fetch their transfers.

    An account is reached at the earliest moment at which money can be in it; a
    transfer out of it at that moment or later reaches its payee (the earliest
    arrival in a temporal graph, Wu et al., "Path problems in temporal graphs",
    PVLDB 7, 2014). Following what is fetched gives the same trace as following
    the whole ledger with the same exits.

    Parameters
    ----------
    store
        `SparkStore`, `ParquetStore` or `DuckStore`: a table with transfer_id,
        time, payer, payee and fen; seq, time_precision, status and further
        columns as `follow` takes them.
    seeds, exits
        As `follow` takes them.
    hub
        Accounts with more transfers than this, counted over the whole ledger,
        are exits, and are listed as cut; by default none is.

    Returns
    -------
    Reach
        The transfers to follow, the accounts, and what was cut.

    Raises
    ------
    TableError
        If there is no such table, or a column is missing or unusable.
    SeedError
        If a seed is unknown, doubled, without a victim, or moved no money.
    RuleError
        If the limit is no whole number of at least 1.
    AccountError
        If exits are one text instead of a collection.
    MoneyError
        If the amount of a seed is negative, fractional or too large.
    """
    _check_limit(hub)
    stops = given.read_exits(exits)
    columns = store.columns()
    _check_columns(store, columns)
    with store.room() as room:
        sown = _seeds(room, store, columns, seeds)
        room.keep("moves", _MOVES)
        search = _Search(room, hub, closed=[*stops, *sown["payer"]])
        search.run(sown)
        part = room.fetch(_PART).sort_values("transfer_id", ignore_index=True)
        accounts = search.reached.sort_values(["since", "account"], ignore_index=True)
        return Reach(part, accounts, _cut(room, search.hubs, sown), search.rounds)


def chosen(
    transfers: pd.DataFrame | Store,
    seeds: pd.Series | pd.DataFrame,
    *,
    exits: Collection[str],
    hub: int | None,
) -> tuple[pd.DataFrame, Collection[str], pd.DataFrame]:
    """
    Return what is to be followed: transfers, exits, and the accounts that became exits.

    Parameters
    ----------
    transfers
        A frame, which is followed whole, or a store, of which a part is fetched.
    seeds, exits, hub
        As `reach` takes them.

    Raises
    ------
    RuleError
        If a frame comes with a limit for hubs.
    """
    # A frame with a column "room" looks like a store.
    if isinstance(transfers, pd.DataFrame) or not isinstance(transfers, Store):
        if hub is None:
            return transfers, exits, _NOTHING_CUT
        msg = (
            "A limit for hubs is for ledgers in a store, which are larger than memory. Among "
            "transfers in a frame, name the accounts where following stops as exits."
        )
        raise RuleError(msg, zh="hub 只用于存储中的账本；表格形式的转账请用 exits 指明出口账户。")
    near = reach(transfers, seeds, exits=exits, hub=hub)
    return near.transfers, [*exits, *near.cut["account"]], near.cut


class _Search:
    """The accounts reached so far, and those where the search stops."""

    def __init__(self, room: Room, hub: int | None, closed: Iterable[str]) -> None:
        self._room, self._hub = room, hub
        self.reached = _arrivals([], [])
        self.hubs = _NOTHING_CUT[["account", "transfers"]]
        self.rounds = 0
        self._close(_texts(closed).drop_duplicates())

    def run(self, sown: pd.DataFrame) -> None:
        first = sown.groupby("payee")["moment"].min()
        first = first[~first.index.isin(self._closed)]
        self._take(_arrivals(first.index, first))
        while len(found := self._room.fetch(_HOP)):
            self._take(found)

    def _take(self, found: pd.DataFrame) -> None:
        # Small tables go through this machine, which will hold the sub-ledger anyway.
        if self._hub is not None:
            found = self._cut(found, self._hub)
        both = pd.concat([self.reached, found], ignore_index=True)
        self.reached = both.drop_duplicates("account", keep="last", ignore_index=True)
        self._room.put("frontier", found)
        self._room.put("reached", self.reached)
        self.rounds += 1

    def _cut(self, found: pd.DataFrame, hub: int) -> pd.DataFrame:
        # What was counted when it was first reached is not counted again.
        self._room.put("frontier", found[~found["account"].isin(self.reached["account"])])
        counts = self._room.fetch(_COUNTS)
        hubs = counts[counts["transfers"] > hub]
        self.hubs = pd.concat([self.hubs, hubs], ignore_index=True)
        self._close(pd.concat([self._closed, hubs["account"]], ignore_index=True))
        return found[~found["account"].isin(hubs["account"])]

    def _close(self, closed: pd.Series) -> None:
        self._closed = closed
        self._room.put("closed", closed.to_frame("account"))


def _seeds(
    room: Room, store: Store, columns: dict[str, str], seeds: pd.Series | pd.DataFrame
) -> pd.DataFrame:
    ids = given.seed_columns(seeds)["transfer_id"].drop_duplicates().infer_objects()
    # Ids of the other kind are never equal, whatever an engine thinks of '1' and 1.
    kind = TEXT if pd.api.types.is_string_dtype(ids.dtype) else WHOLE
    fits = ids.dropna() if kind == columns["transfer_id"] else ids[:0]
    typed = fits.astype("str" if columns["transfer_id"] == TEXT else "int64")
    room.put("seeds", typed.to_frame("transfer_id"))
    found = room.fetch(_SEEDS)
    unknown = ids[~ids.isin(found["transfer_id"]).to_numpy()]
    if len(unknown):
        first = unknown.iloc[:1].tolist()[0]
        msg = (
            f"The seed {first!r} is not among the transfers of "
            f"{str(store)!r} ({len(unknown)} such seeds). Seeds are told by transfer_id, "
            f"which holds {columns['transfer_id']} there."
        )
        zh = f"转账 {str(store)!r} 中没有编号为 {first!r} 的被害人转账（共 {len(unknown)} 笔）。"
        raise SeedError(msg, zh=zh)
    known = given.read_transfers(found)
    sown = known.take(given.read_seeds(seeds, known)["row"].to_numpy())
    days = sown["time_precision"] == "day"
    return sown.assign(moment=sown["time"].mask(days, sown["time"].dt.normalize()))


def _cut(room: Room, hubs: pd.DataFrame, sown: pd.DataFrame) -> pd.DataFrame:
    if hubs.empty:
        return _NOTHING_CUT
    room.put("hubs", hubs[["account"]])
    paid = sown[["payee", "moment", "fen"]].set_axis(["account", "since", "fen"], axis="columns")
    paid = pd.concat([room.fetch(_PAID), paid[paid["account"].isin(hubs["account"])]])
    sums = paid.groupby("account").agg(since=("since", "min"), fen=("fen", "sum"))
    table = hubs.merge(sums.reset_index(), on="account")
    return table.sort_values(["since", "account"], ignore_index=True)


def _arrivals(accounts: Iterable[str], since: Iterable[object]) -> pd.DataFrame:
    moments = pd.Series(list(since), dtype="datetime64[us]")
    return pd.DataFrame({"account": _texts(accounts), "since": moments})


def _texts(values: Iterable[str]) -> pd.Series:
    return pd.Series(list(values), dtype="str")


def _check_limit(hub: int | None) -> None:
    if hub is None or (isinstance(hub, (int, np.integer)) and hub >= 1 and hub is not True):
        return
    msg = f"The limit for hubs {hub!r} is no whole number of at least 1. Write it such as 100_000."
    raise RuleError(msg, zh=f"hub={hub!r} 不是不小于 1 的整数，请写成 100_000 这样。")


def _check_columns(store: Store, columns: dict[str, str]) -> None:
    missing = ", ".join(repr(name) for name in _NEEDED if name not in columns)
    if missing:
        has = ", ".join(map(repr, columns))
        msg = (
            f"The transfers {str(store)!r} have no column {missing}. "
            f"They need {', '.join(map(repr, _NEEDED))} and have {has}."
        )
        raise TableError(msg, zh=f"转账 {str(store)!r} 缺少列 {missing}，现有：{has}。")
    for name, kinds in (_NEEDED | _FURTHER).items():
        own = columns.get(name, kinds[0])
        if own not in kinds:
            msg = (
                f"Column {name!r} of the transfers {str(store)!r} must hold {' or '.join(kinds)}; "
                f"it holds {own!r}. Convert it where it was exported, so that no digit is lost."
            )
            zh = (
                f"转账 {str(store)!r} 的列 {name!r} 类型是 {own!r}，无法使用。"
                "请在导出处转换，避免丢失位数。"
            )
            raise TableError(msg, zh=zh)
