"""What each bank is asked to stop or freeze, and which transfers show why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tracer.errors import TableError
from tracer.money import yuan
from tracer.requests import books
from tracer.requests.words import KINDS, notes, words
from tracer.views import escape
from tracer.views.graph import unfreezable
from tracer.views.offices import offices
from tracer.views.table import html

_LOTS = ("account", "victim", "movement_id", "fen", "kind")
_MOVEMENTS = ("movement_id", "transfer_id")
_TRANSFERS = ("transfer_id", "time", "payer", "payee", "fen")

_OPTIONAL_TEXT = ("time_precision", "summary", "payer_record", "payee_record")
_ACCOUNT_TEXT = ("holder", "institution", "kind")
_ACCOUNT_WHOLE = ("level", "last_balance_fen")
_ACCOUNT_TIMES = ("last_balance_time",)
# Two institutions' clocks differ by less than this.
_CLOCKS = pd.Timedelta(minutes=3)


@dataclass(frozen=True)
class Requests:
    """The freeze requests of one trace."""

    table: pd.DataFrame
    """One row per account where victims' money still sits, what can be saved first on top."""
    upstream: pd.DataFrame
    """Every transfer that brought money which is still there, in the order of the table."""
    exits: pd.DataFrame
    """Every transfer by which money left to cash, merchants, exchanges or unnamed accounts."""
    totals: dict[str, int]
    """
    What became of all victims' money, in fen, by kind: held, exit, returned, settled.

    Money held where no bank can freeze it counts as exit, as the lists show it.
    """
    rule: str
    """The rule that told mixed money apart."""

    def to_excel(self, folder: Path | str, *, lang: str = "zh") -> list[Path]:
        """
        Write one workbook for the whole case and one per head office.

        Parameters
        ----------
        folder
            Where they go; it is made if it does not exist.
        lang
            ``"zh"`` or ``"en"``.

        Returns
        -------
        list of pathlib.Path
            The files, the whole case first.
        """
        tables = books.Tables(self.table, self.upstream, self.exits)
        return books.write(tables, Path(folder), rule=self.rule, totals=self.totals, lang=lang)

    def _repr_html_(self) -> str:
        lines = "".join(f"<li>{escape.text(line)}</li>" for line in notes(self.rule, self.totals))
        say = words()
        table = books.readable(self.table, say)[[say[name] for name in books.GLANCE]]
        right = [say[name] for name in books.GLANCE if name.endswith("_fen")]
        return f"<ul>{lines}</ul>{html(table, right=right, wide=[say['note']])}"


def freeze(
    lots: pd.DataFrame,
    movements: pd.DataFrame,
    transfers: pd.DataFrame,
    accounts: pd.DataFrame,
    *,
    rule: str,
) -> Requests:
    """
    List the accounts where victims' money still sits, for stopping and freezing.

    What is asked for is never more than the victims' money that was traced into
    the account. What can be saved is the smaller of that and the last known
    balance; it is unknown where the statement does not cover what came after, and
    then counts as all of it in the order of the list.

    Parameters
    ----------
    lots
        account, victim, movement_id, fen and kind (held, exit, returned,
        settled): what the trace left, each lot with the movement that brought it.
    movements
        `tables.MOVEMENTS`.
    transfers
        The trace's transfers; payer_record and payee_record are cited where
        they exist.
    accounts
        The trace's accounts: level, kind, institution, holder, frontier,
        last_balance_fen, covered_to.
    rule
        The rule that the trace was made by; every list says so.

    Returns
    -------
    Requests
        Amounts in fen.

    Raises
    ------
    TableError
        If a column is missing, or a lot has no movement or transfer.
    """
    _need(lots, _LOTS, "lots")
    _need(movements, _MOVEMENTS, "movements")
    _need(transfers, _TRANSFERS, "transfers")
    _need(accounts, ("account",), "accounts")
    known = _known(accounts)
    lots = _leaving(lots, known)
    arrivals = _arrivals(lots, movements, transfers, known)
    held = arrivals[arrivals["kind"] == "held"]
    table = _table(held, lots, known)
    sums = lots.groupby("kind")["fen"].sum()
    return Requests(
        table=table,
        upstream=_upstream(held, table),
        exits=_exits(arrivals[arrivals["kind"] == "exit"]),
        totals={kind: int(sums.get(kind, 0)) for kind in KINDS},
        rule=rule,
    )


def _need(frame: pd.DataFrame, columns: tuple[str, ...], name: str) -> None:
    missing = [column for column in columns if column not in frame]
    if missing:
        msg = (
            f"Freeze requests need the columns {missing!r} in the table {name!r}; "
            f"it has {list(map(str, frame.columns))!r}."
        )
        raise TableError(msg)


def _known(accounts: pd.DataFrame) -> pd.DataFrame:
    """Return the accounts, index account, with every column that the lists show."""
    known = pd.DataFrame(index=accounts["account"].astype("str"))
    for name in _ACCOUNT_TEXT:
        known[name] = accounts[name].fillna("").to_numpy() if name in accounts else ""
    for name in _ACCOUNT_WHOLE:
        known[name] = accounts[name].astype("Int64").array if name in accounts else pd.NA
        known[name] = known[name].astype("Int64")
    for name in _ACCOUNT_TIMES:
        known[name] = accounts[name].array if name in accounts else pd.NaT
        known[name] = known[name].astype("datetime64[us]")
    known["frontier"] = accounts["frontier"].to_numpy(bool) if "frontier" in accounts else False
    return known


def _leaving(lots: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Return the lots, those held where no bank can freeze them as exits."""
    accounts = lots["account"].astype("str")
    gone = unfreezable(accounts, accounts.map(known["kind"]))
    return lots.assign(kind=lots["kind"].mask((lots["kind"] == "held") & gone, "exit"))


def _arrivals(
    lots: pd.DataFrame, movements: pd.DataFrame, transfers: pd.DataFrame, known: pd.DataFrame
) -> pd.DataFrame:
    """Return what each transfer brought that is still there: one row per account and kind."""
    # Transfers are told by their row, which has an order whatever their ids are.
    by_movement = movements.set_index("movement_id")["transfer_id"]
    ids = pd.Index(lots["movement_id"].map(by_movement), tupleize_cols=False)
    row = pd.Index(transfers["transfer_id"], tupleize_cols=False).get_indexer(ids)
    found = lots.assign(row=row)
    strange = found["row"] < 0
    if strange.any():
        first = found[strange].iloc[0]
        msg = (
            f"The lot of the account {first['account']!r} comes from the movement "
            f"{int(first['movement_id'])}, whose transfer is not in the tables "
            f"({int(strange.sum())} such lots). Give the tables of one trace."
        )
        raise TableError(msg)
    keys = ["account", "kind", "row"]
    sums = found.groupby(keys, sort=True)["fen"].sum().rename("held_fen").reset_index()
    sums["victims"] = sums.merge(_shares(found, keys), on=keys, how="left")["victims"]

    told = _told(transfers)
    rows = sums.merge(told, on="row", how="left", validate="many_to_one")
    rows["account_kind"] = rows["account"].map(known["kind"]).fillna("unknown")
    rows["payer_holder"] = rows["payer"].map(known["holder"]).fillna("")
    for name in ("holder", "institution"):
        rows[name] = rows["account"].map(known[name]).fillna("")
    rows["office"] = offices(rows["institution"])
    return rows


def _shares(found: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return whose the money of each group is, as text, the largest share first."""
    shares = found.groupby([*keys, "victim"])["fen"].sum().reset_index()
    shares = shares.sort_values(["fen", "victim"], ascending=[False, True])
    shares["victims"] = shares["victim"].astype("str") + " " + shares["fen"].map(yuan).astype("str")
    return shares.groupby(keys)["victims"].agg("；".join).reset_index()


def _told(transfers: pd.DataFrame) -> pd.DataFrame:
    told = transfers[["transfer_id", "time", "payer", "fen"]].assign(row=range(len(transfers)))
    for name in _OPTIONAL_TEXT:
        told[name] = transfers[name].fillna("") if name in transfers else ""
    both = (told["payee_record"] != "") & (told["payer_record"] != "")
    told["records"] = (
        told["payee_record"]
        + both.map({True: "；", False: ""}).astype("str")
        + told["payer_record"]
    )
    return told.drop(columns=["payer_record", "payee_record"]).rename(
        columns={"fen": "transfer_fen"}
    )


def _table(held: pd.DataFrame, lots: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    # The transfer that a bank can check is the one that brought most of what is
    # left, and of equals the latest.
    ranked = held.sort_values(
        ["account", "held_fen", "time", "row"], ascending=[True, False, False, False]
    )
    table = ranked.drop_duplicates("account").drop(columns=["kind", "victims", "held_fen"])
    table = table.rename(columns={"account_kind": "kind"})
    groups = held.groupby("account")["held_fen"]
    table["held_fen"] = table["account"].map(groups.sum()).astype("int64")
    table["transfers"] = table["account"].map(groups.size()).astype("int64")
    victims = _shares(lots[lots["kind"] == "held"], ["account"]).set_index("account")["victims"]
    table["victims"] = table["account"].map(victims)

    facts = known.reindex(table["account"]).set_axis(table.index)
    for name in ("level", "last_balance_fen", "frontier"):
        table[name] = facts[name]
    table["frontier"] = table["frontier"].astype("boolean").fillna(value=False).astype("bool")
    table["last_balance_time"] = facts["last_balance_time"]
    table["asked_fen"] = table["held_fen"]
    latest = held.groupby("account")["time"].max().reindex(table["account"]).set_axis(table.index)
    # A balance from before the money came says nothing of it.
    table["savable_fen"] = _savable(table, stale=table["last_balance_time"] < latest - _CLOCKS)
    return _ordered(table)[list(books.TABLE)].reset_index(drop=True)


def _savable(table: pd.DataFrame, *, stale: pd.Series) -> pd.Series:
    """Return the smaller of traced and last balance; nothing where it is not known."""
    balance = table["last_balance_fen"].clip(lower=0)
    least = balance.where(balance < table["held_fen"], table["held_fen"])
    return least.where(balance.notna() & ~table["frontier"] & ~stale).astype("Int64")


def _ordered(table: pd.DataFrame) -> pd.DataFrame:
    # Where nothing newer is known, all that was traced may still be there to save;
    # of equals, the one whose balance is known comes first.
    unknown = table["savable_fen"].isna()
    most = table["savable_fen"].fillna(table["held_fen"]).astype("int64")
    keyed = table.assign(most=most, unknown=unknown)
    order = ["most", "unknown", "held_fen", "account"]
    return keyed.sort_values(order, ascending=[False, True, False, True])


def _upstream(held: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    place = pd.Series(range(1, len(table) + 1), index=table["account"], dtype="int64")
    numbered = held.assign(number=held["account"].map(place).astype("int64"))
    order = ["number", "held_fen", "time", "row"]
    numbered = numbered.sort_values(order, ascending=[True, False, False, False])
    numbered = numbered.rename(columns={"held_fen": "brought_fen"})
    return numbered[list(books.UPSTREAM)].reset_index(drop=True)


def _exits(leaving: pd.DataFrame) -> pd.DataFrame:
    ordered = leaving.drop(columns="kind").rename(
        columns={"account_kind": "kind", "held_fen": "left_fen"}
    )
    ordered = ordered.sort_values(["kind", "account", "time", "row"])
    return ordered[list(books.EXITS)].reset_index(drop=True)
