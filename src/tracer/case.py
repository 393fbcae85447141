"""Case: one investigation in one folder, and the one object that a notebook holds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from tracer import earlier, gather, intake, tables
from tracer.errors import CaseError, SeedError
from tracer.ledger import accounts as kinds
from tracer.ledger import checks, reports
from tracer.ledger.cite import cited
from tracer.requests.freeze import Requests, freeze
from tracer.statements.mapping import Mapping, mapping
from tracer.statements.report.report import LoadReport
from tracer.stores import evidence, journal
from tracer.stores.duckdb import DuckStore, append
from tracer.table import Table
from tracer.tracing.follow import follow
from tracer.tracing.trace import Trace

KEPT = (
    *(tables.SETTINGS, tables.LOG),
    *intake.ARRIVING,
    *(tables.ACCOUNTS, tables.TRANSFERS, tables.ALIASES),
    *(tables.MATCHES, tables.CHOICES),
)


@dataclass(frozen=True)
class Case:
    """One investigation. Make it with `Case.create` or `Case.open`."""

    folder: Path
    """Where the case lives: case.duckdb, evidence, formats and out."""
    name: str
    """What the investigators call it."""

    @classmethod
    def create(cls, folder: str | Path, *, name: str = "") -> Case:
        """
        Make a new case in a folder that holds none yet.

        Parameters
        ----------
        folder
            A new or empty folder.
        name
            What the investigators call the case; the folder's name by default.

        Raises
        ------
        CaseError
            If the folder holds a case already.

        Examples
        --------
        >>> import tempfile
        >>> case = Case.create(Path(tempfile.mkdtemp()) / "demo", name="练习案")
        >>> case.entries().empty
        True
        """
        place = Path(folder)
        if (place / "case.duckdb").exists():
            msg = f"The folder {str(place)!r} holds a case already. Open it with Case.open."
            zh = f"文件夹 {str(place)!r} 中已有案件，请用 Case.open 打开。"
            raise CaseError(msg, zh=zh)
        for part in ("evidence", "formats", "out"):
            (place / part).mkdir(parents=True, exist_ok=True)
        case = cls(place, name or place.resolve().name)
        with case._store.writing() as connection:
            for table in KEPT:
                connection.execute(table.create())
            settings = {"name": case.name, "version": version("fund-tracer")}
            append(connection, tables.SETTINGS, _settings(settings))
            journal.write(connection, "create", {"name": case.name})
        return case

    @classmethod
    def open(cls, folder: str | Path) -> Case:
        """
        Open a case that exists.

        Raises
        ------
        CaseError
            If there is no case in the folder.
        """
        place = Path(folder)
        if not (place / "case.duckdb").exists():
            msg = (
                f"There is no case in {str(place)!r} (no file case.duckdb). "
                "Check the folder, or make a case with Case.create."
            )
            zh = f"{str(place)!r} 中没有案件（缺少 case.duckdb），请检查或新建。"
            raise CaseError(msg, zh=zh)
        settings = DuckStore(place / "case.duckdb").table(tables.SETTINGS, order=["name"])
        return cls(place, str(settings.set_index("name")["value"].get("name", place.name)))

    def load(self, path: str | Path, passwords: Sequence[str] = ()) -> LoadReport:
        """
        Load a file, or every file below a folder, in one transaction.

        What cannot be read is listed with the reason; what is known is not loaded twice.

        Parameters
        ----------
        path
            A statement file, an archive of them or a folder of both.
        passwords
            Tried on what is locked; kept nowhere.

        Returns
        -------
        LoadReport
            File by file: what it was read as, its rows, entries, faults, and why.

        Raises
        ------
        CaseError
            If there is nothing to load, or another program writes the case for too long.
        """
        seen = earlier.recognised(self.files(), gather.reader(self.folder))
        readings = gather.gather(Path(path), self.folder, seen, passwords)
        return intake.take(self._store, readings, "load")

    def mapping(self, path: str | Path, *, sheet: str = "") -> Mapping:
        """
        Return how a file's columns are understood, to be looked at and corrected.

        Parameters
        ----------
        path
            A statement file, read by what the case declares.
        sheet
            The name of one of its sheets; the first that is a table by default.
        """
        return mapping(path, sheet=sheet, formats_in=self.folder / "formats")

    def add_victims(self, path: str | Path) -> pd.DataFrame:
        """
        Load what victims reported and match it to the ledger.

        Parameters
        ----------
        path
            A workbook or text table with one row per reported payment.

        Returns
        -------
        pandas.DataFrame
            What `victims` returns.

        Raises
        ------
        CaseError
            If no file holds victims' reports.
        """
        files = self.files()
        readings = gather.gather(Path(path), self.folder, earlier.recognised(files, gather.reader(self.folder)))
        told = files.merge(self._table(tables.REPORTS, "report_id")[["load_id", "source"]])
        again = set(told["sha256"])
        arrived = any(len(one.reports) or again & set(one.files["sha256"]) for one in readings)
        if not arrived:
            raise intake.missing(Path(path), readings)
        intake.take(self._store, readings, "victims")
        return self.victims()

    def choose(self, report_id: int, transfer_id: int) -> None:
        """
        Decide which transfer a victim's report tells of.

        Parameters
        ----------
        report_id
            A report of `victims`.
        transfer_id
            The transfer that is the victim's payment.

        Raises
        ------
        SeedError
            If there is no such report, no such transfer that moved money, or
            another report was given that transfer before.
        """
        moved = self.transfers().query("status == 'ok' and payer != payee and fen > 0")
        if transfer_id not in set(moved["transfer_id"]):
            msg = f"There is no transfer {transfer_id!r} that moved money. See case.transfers()."
            zh = f"没有编号为 {transfer_id!r} 的有效转账，请查看 case.transfers()。"
            raise SeedError(msg, zh=zh)
        if report_id not in set(self._table(tables.REPORTS, "report_id")["report_id"]):
            msg = f"There is no report {report_id!r}. See case.victims()."
            raise SeedError(msg, zh=f"没有编号为 {report_id!r} 的报案，请查看 case.victims()。")
        choice = {"report_id": report_id, "transfer_id": transfer_id}
        with self._store.writing() as connection:
            intake.choose(connection, choice)
            journal.write(connection, "choose", choice)

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
        return self._table(tables.TRANSFERS, "time", "seq")

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

    def log(self) -> pd.DataFrame:
        """Return the log of the case, oldest line first."""
        with self._store.reading() as connection:
            return journal.read(connection)

    def follow(
        self, rule: str = "fifo", *, within: pd.Timedelta | timedelta | str | None = None
    ) -> Trace:
        """
        Follow every victim's money through the ledger.

        Parameters
        ----------
        rule
            How mixed money is told apart: `fifo`.
        within
            The longest stay of a victim's money in one account, such as "72h".

        Returns
        -------
        Trace
            Movements, holdings and accounts, exact to the fen.

        Raises
        ------
        SeedError
            If no victim's report is matched to a transfer yet.
        RuleError
            If there is no such rule.
        """
        seeds = self.seeds()
        if seeds.empty:
            msg = (
                f"The case {self.name!r} has no victim's payment to follow. Load victims' reports "
                "with case.add_victims, then see case.victims() for those that match nothing."
            )
            zh = (
                f"案件 {self.name!r} 还没有对上任何被害人的转账。请用 case.add_victims 载入报案，"
                "再用 case.victims() 查看未对上的。"
            )
            raise SeedError(msg, zh=zh)
        accounts, transfers = self.accounts(), self.transfers()
        exits = accounts.loc[accounts["kind"].isin(kinds.EXITS), "account"]
        return follow(
            cited(transfers, self.entries()),
            seeds,
            rule,
            opening=checks.openings(accounts, transfers),
            exits=frozenset(exits),
            within=within,
            accounts=accounts,
        )

    def requests(self, trace: Trace) -> Requests:
        """
        Return what each bank is asked to freeze, what can be saved first.

        Parameters
        ----------
        trace
            What `follow` returned.
        """
        return freeze(trace.lots, trace.movements, trace.transfers, trace.accounts, rule=trace.rule)

    def export(
        self, trace: Trace, folder: str | Path | None = None, *, lang: str = "zh"
    ) -> list[Path]:
        """
        Write the graph, the freeze lists and a manifest of what they rest on.

        Parameters
        ----------
        trace
            What `follow` returned.
        folder
            Where to write; `out` of the case by default.
        lang
            zh or en.

        Returns
        -------
        list of Path
            The files that were written, the manifest last.
        """
        # Another longest stay is another result, so that it gets another folder.
        stay = "" if trace.within is None else f"-{trace.within / pd.Timedelta(hours=1):g}h"
        place = Path(folder) if folder is not None else self.folder / "out" / (trace.rule + stay)
        place.mkdir(parents=True, exist_ok=True)
        manifest = place / "manifest.json"
        before = _listed(manifest)
        page = place / ("资金流向图.html" if lang == "zh" else "graph.html")
        trace.to_html(page, lang=lang, title=self.name)
        lists = place / ("止付冻结清单" if lang == "zh" else "freeze")
        written = [page, *self.requests(trace).to_excel(lists, lang=lang)]
        # A list of an earlier export that is none of this one's must not be sent by mistake.
        for stale in before - set(written):
            stale.unlink(missing_ok=True)
        told = {
            "case": self.name,
            "version": version("fund-tracer"),
            "rule": trace.rule,
            "within": None if trace.within is None else str(trace.within),
            "inputs": intake.hashes(self.files()),
            "outputs": {
                path.relative_to(place).as_posix(): evidence.sha256(path) for path in written
            },
        }
        text = json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True)
        manifest.write_text(text + "\n", encoding="utf-8", newline="\n")
        with self._store.writing() as connection:
            journal.write(connection, "export", told | {"folder": str(place)})
        return [*written, manifest]

    @property
    def _store(self) -> DuckStore:
        return DuckStore(self.folder / "case.duckdb")

    def _table(self, table: Table, *order: str) -> pd.DataFrame:
        return self._store.table(table, order=order)


def _listed(manifest: Path) -> set[Path]:
    """Return the files that an earlier export wrote beside its manifest."""
    if not manifest.exists():
        return set()
    told = json.loads(manifest.read_text(encoding="utf-8"))
    return {manifest.parent / name for name in told["outputs"]}


def _settings(values: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame({"name": list(values), "value": list(values.values())})
