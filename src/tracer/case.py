"""Case: one investigation in one folder, and the one object that a notebook holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from tracer import export, tables
from tracer.corrections import Corrections
from tracer.errors import CaseError, SeedError
from tracer.intake import earlier, gather, keep
from tracer.ledger import checks, kinds
from tracer.ledger.cite import cited
from tracer.requests.freeze import Requests, freeze
from tracer.statements.mapping import Mapping, mapping
from tracer.statements.report.report import LoadReport
from tracer.stores import evidence, journal
from tracer.stores.duckdb import DuckStore, append
from tracer.tracing.follow import follow
from tracer.tracing.sources import sources
from tracer.tracing.trace import Trace

KEPT = (
    *(tables.SETTINGS, tables.LOG),
    *keep.ARRIVING,
    *(tables.ACCOUNTS, tables.TRANSFERS, tables.JOINS, tables.ALIASES),
    *(tables.CONFLICTS, tables.MASKS),
    *(tables.MATCHES, tables.CHOICES, tables.DECISIONS, tables.MARKS),
)


@dataclass(frozen=True)
class Case(Corrections):
    """One investigation. Make it with `Case.create` or `Case.open`."""

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

    def load(self, path: str | Path, *, passwords: Sequence[str] = ()) -> LoadReport:
        """
        Load a file, or every file below a folder, in one transaction.

        What cannot be read is listed with the reason. A file that the case has
        is not loaded twice; where other declarations apply than when it was
        read, it is read again, and what it gives takes the place of its rows.

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
        FormatError
            If a declaration of the case cannot be used.
        """
        seen = earlier.recognised(self.files(), gather.reader(self.folder))
        readings = gather.gather(Path(path), self.folder, seen, passwords)
        return keep.take(self._store, readings, "load").given(Path(path))

    def mapping(
        self, path: str | Path, *, sheet: str = "", passwords: Sequence[str] = ()
    ) -> Mapping:
        """
        Return how a file's columns are understood, to be looked at and corrected.

        Parameters
        ----------
        path
            A statement file, or the name of a loaded one as the report shows
            it, such as ``回单.zip/红河.csv``; read by what the case declares.
        sheet
            The name of one of its sheets; the first that is a table by default.
        passwords
            Tried where the file is locked; kept nowhere.

        Raises
        ------
        CaseError
            If there is neither a file nor a loaded one of that name.
        FormatError
            If no sheet looks like a statement.
        SheetError
            If the file is no table.
        """
        place, own = self.original(path), self.folder / "formats"
        return mapping(place, source=str(path), sheet=sheet, formats_in=own, passwords=passwords)

    def original(self, path: str | Path) -> Path:
        """
        Return where the bytes of a file are: on the disk, or in the case's evidence.

        Parameters
        ----------
        path
            A file, or the name of a loaded one as the report shows it.

        Raises
        ------
        CaseError
            If there is neither; the message names the nearest.
        """
        if Path(path).is_file():
            return Path(path)
        name = Path(path).as_posix()
        files = self.files().query("sha256 != ''")
        found = files.loc[files["source"].eq(name), "sha256"]
        if len(found):
            return evidence.kept(found.iloc[-1], self.folder / "evidence")
        near = get_close_matches(name, files["source"].unique(), 1, 0.3)
        maybe = (f" Did you mean {near[0]!r}?", f"是不是 {near[0]!r}？") if near else ("", "")
        msg = f"There is no file {name!r}, and none was loaded under that name.{maybe[0]}"
        raise CaseError(msg, zh=f"找不到文件 {name!r}，案件也没有载入过这个名称。{maybe[1]}")

    def add_victims(self, path: str | Path, *, passwords: Sequence[str] = ()) -> pd.DataFrame:
        """
        Load what victims reported and match it to the ledger.

        Parameters
        ----------
        path
            A workbook or text table with one row per reported payment.
        passwords
            Tried where it is locked; kept nowhere.

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
        seen = earlier.recognised(files, gather.reader(self.folder))
        readings = gather.gather(Path(path), self.folder, seen, passwords)
        told = files.merge(self._table(tables.REPORTS, "report_id")[["load_id", "source"]])
        again = set(told["sha256"])
        arrived = any(len(one.reports) or again & set(one.files["sha256"]) for one in readings)
        if not arrived:
            raise keep.missing(Path(path), readings)
        keep.take(self._store, readings, "victims")
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
            keep.choose(connection, choice)
            journal.write(connection, "choose", choice)

    def follow(
        self, rule: str = "fifo", *, within: pd.Timedelta | timedelta | str | None = None
    ) -> Trace:
        """
        Follow every victim's money through the ledger.

        Parameters
        ----------
        rule
            How mixed money is told apart: `fifo`, `lifo`, `pro_rata`, `tainted_first`
            or `clean_first`; see `tracer.follow`.
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
        return follow(
            cited(transfers, self.entries()),
            seeds,
            rule,
            opening=checks.openings(accounts, transfers),
            exits=_exits(accounts),
            within=within,
            accounts=accounts,
        )

    def sources(
        self,
        account: str | None = None,
        *,
        transfer: int | None = None,
        at: datetime | str | None = None,
        rule: str = "fifo",
    ) -> pd.DataFrame:
        """
        Tell whose money an account holds, or a transfer carried.

        Parameters
        ----------
        account, transfer, at, rule
            As `tracer.sources` takes them, which tells what is returned and raised.
        """
        accounts, transfers = self.accounts(), self.transfers()
        return sources(
            transfers,
            account,
            transfer=transfer,
            at=at,
            rule=rule,
            opening=checks.openings(accounts, transfers),
            exits=_exits(accounts),
        )

    def suspects(self, trace: Trace, *, lang: str = "zh") -> pd.DataFrame:
        """
        Return who else seems to have been robbed, those to be warned first.

        Parameters
        ----------
        trace
            What `follow` returned.
        lang
            zh or en, for the reasons.

        Returns
        -------
        pandas.DataFrame
            What `Trace.suspects` returns, with the payers' names.
        """
        return trace.suspects(self.accounts(), lang=lang)

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
        place = Path(folder) if folder is not None else self.folder / "out" / export.folder(trace)
        written, told = export.write(
            trace,
            self.requests(trace),
            place,
            name=self.name,
            inputs=keep.hashes(self.files()),
            lang=lang,
        )
        with self._store.writing() as connection:
            journal.write(connection, "export", told | {"folder": str(place)})
        return written


def _exits(accounts: pd.DataFrame) -> frozenset[str]:
    return frozenset(accounts.loc[accounts["kind"].isin(kinds.EXITS), "account"])


def _settings(values: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame({"name": list(values), "value": list(values.values())})
