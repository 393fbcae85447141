"""Contents: the tables that a case keeps, each as a frame, and the reports of its loads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tracer import tables
from tracer.errors import CaseError
from tracer.ledger import gaps, holders, reports
from tracer.ledger.checks import check
from tracer.ledger.findings import Checks
from tracer.statements.report.report import LoadReport
from tracer.stores import journal
from tracer.stores.duckdb import DuckStore, fetch_of
from tracer.table import Table


@dataclass(frozen=True)
class Contents:
    """What a case keeps in its folder."""

    folder: Path
    """Where the case lives: case.duckdb, evidence, formats and out."""
    name: str
    """What the investigators call it."""

    def report(self, load_id: int | None = None) -> LoadReport:
        """
        Return the report of a load again, as the case has it now.

        Parameters
        ----------
        load_id
            Which load, counted from 1; the last by default.

        Raises
        ------
        CaseError
            If there was no such load.
        """
        files = self.files()
        made = sorted(map(int, set(files["load_id"])))
        wanted = made[-1] if load_id is None and made else load_id
        if wanted is None or wanted not in made:
            msg = f"There is no load {load_id!r}. Loads of the case: {made or 'none yet'}."
            raise CaseError(msg, zh=f"没有第 {load_id!r} 次载入。本案已有：{made or '尚无载入'}。")
        place = files[files["load_id"].eq(wanted)]
        behind = (tables.FAULTS, tables.SKIPPED, tables.COVERAGE, tables.TASKS)
        with self._store.reading() as connection:
            told = {table.name: fetch_of(connection, table, place) for table in behind}
        return LoadReport(files=place.reset_index(drop=True), **told)

    def files(self) -> pd.DataFrame:
        """Return the table `files`: one row per sheet of every loaded file."""
        return self._table(tables.FILES, "load_id", "source", "sheet")

    def entries(self) -> pd.DataFrame:
        """Return the table `entries`: every row of every statement, with its source."""
        return self._table(tables.ENTRIES, "entry_id")

    def faults(self) -> pd.DataFrame:
        """Return the table `faults`: what could not become an entry, and why."""
        return self._table(tables.FAULTS, "load_id", "source", "sheet", "row", "column")

    def registrations(self) -> pd.DataFrame:
        """Return the table `registrations`: what institutions know of their customers."""
        return self._table(tables.REGISTRATIONS, "load_id", "source", "sheet", "row")

    def persons(self) -> pd.DataFrame:
        """Return the table `persons`: who the customers are, where they live, how to call them."""
        return self._table(tables.PERSONS, "load_id", "source", "sheet", "row")

    def measures(self) -> pd.DataFrame:
        """Return the table `measures`: what other authorities have frozen already."""
        return self._table(tables.MEASURES, "load_id", "source", "sheet", "row")

    def subaccounts(self) -> pd.DataFrame:
        """Return the table `subaccounts`: the accounts below an account."""
        return self._table(tables.SUBACCOUNTS, "load_id", "source", "sheet", "row")

    def tasks(self) -> pd.DataFrame:
        """Return the table `tasks`: what was asked, and what came back."""
        return self._table(tables.TASKS, "load_id", "source", "sheet", "row")

    def logins(self) -> pd.DataFrame:
        """Return the table `logins`: who was online as an account, from where."""
        return self._table(tables.LOGINS, "load_id", "source", "sheet", "row")

    def accounts(self) -> pd.DataFrame:
        """Return the table `accounts`: every real account once."""
        return self._table(tables.ACCOUNTS, "account")

    def transfers(self) -> pd.DataFrame:
        """Return the table `transfers`: every real movement of money once."""
        return self._table(tables.TRANSFERS, "time", "seq", "transfer_id")

    def people(self) -> pd.DataFrame:
        """
        Return who holds which accounts, told by ID numbers and never by names alone.

        Returns
        -------
        pandas.DataFrame
            holder_id, holder, checked (ok, bad or other: what the digits of the
            number say of it), accounts, count, institutions and names.
        """
        return holders.people(self.accounts())

    def hops(self) -> pd.DataFrame:
        """
        Return what to ask payment platforms for: hops through their clearing accounts.

        Returns
        -------
        pandas.DataFrame
            transfer_id, time, account, clearing, platform, fen, number (what to
            quote), reason and reason_en.
        """
        told = self.entries()[["entry_id", "serial", "link_serial"]]
        transfers = self.transfers()
        entry = transfers["payer_entry"].fillna(transfers["payee_entry"])
        told = transfers.assign(entry_id=entry.astype("int64")).merge(told, on="entry_id")
        return gaps.gaps(told, self.accounts())

    def victims(self) -> pd.DataFrame:
        """
        Return every victim's report with the transfer that it was matched to.

        Returns
        -------
        pandas.DataFrame
            The columns of `reports`, and transfer_id, state (matched, chosen,
            none, several or repeat), candidates (transfer_ids, best first), reason and
            reason_en.
        """
        told = self._table(tables.REPORTS, "report_id")
        return told.merge(self._table(tables.MATCHES, "report_id"), on="report_id", how="left")

    def seeds(self) -> pd.DataFrame:
        """Return the table `seeds`: the transfers with which victims' money left them."""
        told, matches = (self._table(one, "report_id") for one in (tables.REPORTS, tables.MATCHES))
        return reports.seeds(told, matches)

    def checks(self) -> Checks:
        """
        Check the statements in hand: balances, missing periods, records that one side lacks.

        Returns
        -------
        Checks
            The frames accounts, breaks, gaps and onesided; printed, it tells
            the totals in Chinese, and its `english` tells them in English.
        """
        aliases = self._table(tables.ALIASES, "alias", "account")
        return check(self.entries(), self.transfers(), aliases)

    def log(self) -> pd.DataFrame:
        """Return the log of the case, oldest line first."""
        with self._store.reading() as connection:
            return journal.read(connection)

    @property
    def _store(self) -> DuckStore:
        return DuckStore(self.folder / "case.duckdb")

    def _table(self, table: Table, *order: str) -> pd.DataFrame:
        return self._store.table(table, order=order)
