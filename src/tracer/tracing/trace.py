"""What following the seeds gives: its tables, and the faces in which it is looked at."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd

from tracer.errors import TraceError
from tracer.tracing import given, summary, tally
from tracer.tracing.basis import Basis
from tracer.tracing.bounds import bounded
from tracer.tracing.doubts import doubts
from tracer.tracing.explain import Explanation, explain
from tracer.tracing.suspects import suspects
from tracer.tracing.words import words
from tracer.views import escape, graph, notebook, page

# Of what was carried along, what explains a transfer on a path.
SHOWN = ("summary", "channel", "payer_record", "payee_record")

HEIGHT = 640


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    """Where victims' money went, and where it is."""

    rule: str
    """How mixed money was told apart."""
    within: pd.Timedelta | None
    """The longest stay, if there was one."""
    seeds: pd.DataFrame
    """The victims' own payments: transfer_id, victim, fen, time, payer, payee."""
    transfers: pd.DataFrame
    """The transfers that carry victims' money, in the order taken, all columns kept."""
    movements: pd.DataFrame
    """`tables.MOVEMENTS`: whose money is in which transfer, and where it came from."""
    lots: pd.DataFrame
    """What went no further: account, victim, movement_id, fen, kind."""
    holdings: pd.DataFrame
    """`tables.HOLDINGS`: the lots added up."""
    accounts: pd.DataFrame
    """One row for each account on the way: level, sums in fen, coverage, frontier."""
    cut: pd.DataFrame
    """Reached accounts of a store that became exits for having very many transfers:
    account, transfers, since, fen (see `reach.Reach.cut`)."""
    shortages: pd.DataFrame
    """What accounts on the way paid out and were not known to have: account, fen."""
    basis: Basis
    """What was followed, from which it can be followed again, or told why."""

    @property
    def assumed_orders(self) -> int:
        """How many payments could not be compared in time with a credit of their payer."""
        return int(np.count_nonzero(self.basis.assumed))

    @property
    def short_fen(self) -> int:
        """What accounts on the way together paid out and were not known to have."""
        return int(self.shortages["fen"].sum())

    def paths(self, account: str) -> pd.DataFrame:
        """
        Tell how the money came to an account, transfer by transfer.

        Parameters
        ----------
        account
            An account on the way.

        Returns
        -------
        pandas.DataFrame
            One path for each movement into the account, from the victim's
            payment (step 1) on: path, step, time, payer, payee, fen (of the
            transfer), traced_fen (of the movement), victim, transfer_id, and
            the summary and records where the transfers have them.

        Raises
        ------
        AccountError
            If no victims' money came near the account.
        """
        self._know(account)
        steps = tally.steps(self.transfers, self.movements, SHOWN)
        ends = np.flatnonzero((steps["payee"] == account).to_numpy())
        parents = self.movements["parent"].fillna(0).to_numpy("int64") - 1

        # Walk up all paths at once; those that are at their seed drop out.
        paths, rows, found = np.arange(len(ends)), ends, []
        while len(rows):
            found.append(np.stack([paths, rows]))
            further = parents[rows] >= 0
            paths, rows = paths[further], parents[rows[further]]
        path, row = np.concatenate(found, axis=1) if found else np.empty((2, 0), np.int64)

        order = np.lexsort((row, path))
        table = steps.take(row[order]).reset_index(drop=True)
        table = table.rename(columns={"hop": "step"}).assign(path=path[order] + 1)
        first = ["path", "step", "time", "payer", "payee", "fen", "traced_fen", "victim"]
        return table[[*first, "transfer_id", *(name for name in SHOWN if name in table)]]

    def explain(self, movement_id: int, lang: str = "zh") -> Explanation:
        """
        Tell why a transfer carries a victim's money, in sentences for a report.

        Parameters
        ----------
        movement_id
            One of `movements`.
        lang
            zh or en.

        Returns
        -------
        Explanation
            What lay in the payer's account, what of it the rule took and why,
            and the way from the victim's payment, with the rows that show it.

        Raises
        ------
        TraceError
            If there is no such movement.
        """
        return explain(self, movement_id, lang)

    def doubts(self) -> pd.DataFrame:
        """
        List what the trace does not know: kind, account, transfer_id, time, fen.

        Returns
        -------
        pandas.DataFrame
            See `tracer.tracing.doubts`: frontier, gap, assumed_order, shortage, hub.
        """
        return doubts(self)

    def bounds(self) -> pd.DataFrame:
        """
        Tell how much of each holding is certain, and how much only this rule says.

        Returns
        -------
        pandas.DataFrame
            The holdings, each with least_fen, which every rule puts there,
            most_fen, which none exceeds, and standing: certain where both are
            the same, so that the money is traceable by timestamps alone, else
            possible. See `tracer.bounds`.

        Raises
        ------
        TraceError
            If there was a longest stay: what it settles, it settles by decision
            and not by the order of payments.
        """
        if self.within is not None:
            hours = self.within / pd.Timedelta(hours=1)
            msg = (
                f"Bounds are told without a longest stay; this trace settled what lay longer than "
                f"{hours:g} hours. Follow without `within` and ask again."
            )
            zh = f"本次追踪设有最长停留 {hours:g} 小时，无法给出上下限。请去掉 within 重新追踪。"
            raise TraceError(msg, zh=zh)
        table = self.holdings.merge(bounded(self.basis), on=["account", "victim"], how="left")
        certain = table["least_fen"] == table["most_fen"]
        standing = pd.Series("possible", index=table.index, dtype="str").mask(certain, "certain")
        return table.assign(standing=standing)

    def victims(self) -> pd.DataFrame:
        """
        Tell what each victim lost and what is left of it.

        Returns
        -------
        pandas.DataFrame
            victim, lost_fen, held_fen, exit_fen, returned_fen, settled_fen; in
            every row the last four add up to what was lost.
        """
        lost = self.seeds.groupby("victim")["fen"].sum()
        table = pd.DataFrame({"lost_fen": lost})
        for kind in tally.KINDS:
            kept = self.holdings[self.holdings["kind"] == kind].groupby("victim")["fen"].sum()
            table[f"{kind}_fen"] = kept.reindex(lost.index, fill_value=0)
        return table.reset_index()

    def suspects(self, accounts: pd.DataFrame | None = None, *, lang: str = "zh") -> pd.DataFrame:
        """
        Tell which unknown payers look like victims, those to be warned first.

        Parameters
        ----------
        accounts
            `tables.ACCOUNTS`, for the payers' names.
        lang
            zh or en, for the reasons.

        Returns
        -------
        pandas.DataFrame
            One row for each payer into accounts that victims' money came to,
            known victims, exits and these accounts themselves left out (but
            not who paid them first and got less back); the highest score first,
            then the most money: payer, holder, account (the one it paid the
            most to), fen and transfers (into all of them), returned_fen (what
            they paid it), first_time, last_time,
            score (how many reasons there are, less those against), reasons and
            against. They are leads and prove nothing.

        Raises
        ------
        TableError
            If accounts are missing from the table or told twice.
        TracerError
            If the language is neither zh nor en.
        """
        return suspects(self, accounts, lang)

    def graph(self) -> nx.MultiDiGraph:
        """Return the accounts and the transfers between them as a graph."""
        picture = graph.build(self.transfers, self.movements, self.accounts)
        picture.graph.update(rule=self.rule, within=self.within)
        return picture

    def to_html(
        self, path: str | Path | None = None, *, lang: str = "zh", title: str | None = None
    ) -> str | Path:
        """
        Draw the trace as one page that needs no network.

        Parameters
        ----------
        path
            The file to write; without it the page itself is returned.
        lang
            zh or en.
        title
            What stands at its head.

        Returns
        -------
        str or pathlib.Path
            The page, or the path of the file that was written.
        """
        said = words(lang)
        heading = said["title"] if title is None else title
        drawn = page.render(self.graph(), title=heading, notes=summary.notes(self, lang), lang=lang)
        if path is None:
            return drawn
        target = Path(path)
        target.write_text(drawn, encoding="utf-8", newline="\n")
        return target

    def show(self, lang: str = "zh") -> None:
        """Display the page in a notebook; elsewhere print the summary."""
        if not notebook.running():
            sys.stdout.write(summary.text(self, lang) + "\n")
            return
        # The page is a document of its own: its style and scripts stay inside.
        inner = escape.text(self.to_html(lang=lang))
        look = f'sandbox="allow-scripts" width="100%" height="{HEIGHT}" style="border:0"'
        notebook.show(f'<div><iframe srcdoc="{inner}" {look}></iframe></div>')

    def _repr_html_(self) -> str:
        return summary.html(self)

    def __str__(self) -> str:
        """Return the summary as lines of text."""
        return summary.text(self)

    __repr__ = __str__

    def _know(self, account: str) -> None:
        known = self.accounts["account"]
        if (known == account).any():
            return
        told = "No victims' money is known to have come near the account"
        raise given.strange(account, pd.Index(known), told=told, zh="没有被害人的钱到过账户")
