"""Why a payment carries a victim's money: what lay in the account, and what the rule took of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tracer.errors import TraceError
from tracer.money import yuan
from tracer.tracing.lots import NONE
from tracer.tracing.phrases import phrases
from tracer.tracing.sweep import offered
from tracer.views import escape
from tracer.views.table import html as html_table

if TYPE_CHECKING:
    from tracer.tracing.trace import Trace

_NO_LOTS = pd.DataFrame(
    columns=["victim", "fen", "taken_fen", "parent", "time", "payer", "transfer_id", "record"]
)
_MICROSECOND = pd.Timedelta(1, unit="us")


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """How one movement came to be, to be read and to be checked by hand."""

    sentences: tuple[str, ...]
    """What a report can say, in the language asked for."""
    lots: pd.DataFrame
    """What the payer held, in the order in which the rule takes it: victim ("" where clean), fen,
    taken_fen, parent (the movement that brought it), and its time, payer, transfer_id, record."""
    steps: pd.DataFrame
    """The way of the money from the victim's payment to here, one row for each transfer."""
    _heads: dict[str, str]

    def __str__(self) -> str:
        """Return the sentences and the lots as lines of text."""
        with pd.option_context("display.unicode.east_asian_width", True):
            table = [self._table().to_string(index=False)] if len(self.lots) else []
        return "\n".join([*self.sentences, *table])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{escape.text(sentence)}</p>" for sentence in self.sentences)
        right = [self._heads["before_fen"], self._heads["taken_fen"]]
        table = (
            html_table(self._table(), right=right, wide=[self._heads["record"]])
            if len(self.lots)
            else ""
        )
        return f"<div>{said}{table}</div>"

    def _table(self) -> pd.DataFrame:
        lots = self.lots
        frame = pd.DataFrame(
            {
                "owner": lots["victim"].replace("", self._heads["clean"]),
                "before_fen": lots["fen"].map(yuan),
                "taken_fen": lots["taken_fen"].map(yuan),
                "time": lots["time"].dt.strftime("%Y-%m-%d %H:%M:%S").fillna(""),
                "payer": lots["payer"],
                "record": lots["record"],
            }
        )
        return frame.rename(columns=self._heads)


def explain(trace: Trace, movement_id: int, lang: str = "zh") -> Explanation:
    """
    Tell why a transfer carries a victim's money.

    Parameters
    ----------
    trace
        What `follow` returned.
    movement_id
        One of `Trace.movements`.
    lang
        zh or en.

    Raises
    ------
    TraceError
        If there is no such movement.
    """
    said = phrases(lang)
    at = _position(trace, movement_id)
    transfer = _facts(trace, np.array([at]), said).iloc[0]
    movement = trace.movements.iloc[at]
    steps = _steps(trace, at, said)
    told = _named(transfer) | {"victim": movement["victim"], "traced": yuan(movement["fen"])}
    opening = said["paid"].format(**told)
    if pd.isna(movement["parent"]):
        lots, sentences = _NO_LOTS, [opening, said["seed"].format(**told)]
    else:
        offers = offered(
            trace.basis,
            trace.basis.place(movement["transfer_id"]),
            rule=trace.rule,
            within=_stay(trace),
        )
        lots = _lots(trace, offers, said)
        sentences = [opening, *_reasons(trace, lots, transfer, said)]
        sentences += [_own(trace, movement, lots, said), said["way"], *_way(steps, said)]
    return Explanation(tuple(sentences), lots, steps, said)


def _position(trace: Trace, movement_id: int) -> int:
    known = trace.movements["movement_id"].to_numpy()
    found = np.flatnonzero(known == movement_id)
    if len(found) == 0:
        msg = (
            f"There is no movement {movement_id!r}. This trace has the movements 1 to "
            f"{len(known)}; see trace.movements."
        )
        zh = f"没有编号为 {movement_id!r} 的资金段，编号为 1 至 {len(known)}，见 trace.movements。"
        raise TraceError(msg, zh=zh)
    return int(found[0])


def _stay(trace: Trace) -> int | None:
    return None if trace.within is None else trace.within // _MICROSECOND


def _facts(trace: Trace, movements: npt.NDArray[np.int64], said: dict[str, str]) -> pd.DataFrame:
    # The transfer of each movement, with the rows of the statements that show it.
    frame = trace.transfers
    known = pd.Index(frame["transfer_id"], tupleize_cols=False)
    ids = trace.movements["transfer_id"].iloc[movements]
    found = frame.take(known.get_indexer(pd.Index(ids, tupleize_cols=False))).reset_index(drop=True)
    sides = [
        found[name].astype("str") for name in ("payer_record", "payee_record") if name in found
    ]
    record = pd.Series("", index=found.index, dtype="str")
    for side in sides:
        record = record.mask(side != "", record.where(record == "", record + "；") + side)
    moment = found["time"].dt.strftime("%Y-%m-%d %H:%M:%S")
    day = found["time"].dt.strftime("%Y-%m-%d")
    return pd.DataFrame(
        {
            "transfer_id": found["transfer_id"],
            "time": found["time"],
            "moment": moment.mask(found["time_precision"] == "day", day),
            "payer": found["payer"],
            "payee": found["payee"],
            "fen": found["fen"],
            "amount": found["fen"].map(yuan),
            "record": record.mask(record == "", said["unrecorded"]),
        }
    )


def _lots(trace: Trace, offers: Any, said: dict[str, str]) -> pd.DataFrame:
    brought = np.flatnonzero(offers["movement"] != NONE)
    facts = _facts(trace, offers["movement"][brought], said).set_axis(brought)
    victim = pd.Series("", index=range(len(offers)), dtype="str")
    victim.iloc[brought] = trace.basis.victims.take(offers["owner"][brought])
    facts = facts.reindex(range(len(offers)))
    parent = pd.Series(offers["movement"] + 1, dtype="Int64")
    return pd.DataFrame(
        {
            "victim": victim,
            "fen": offers["fen"],
            "taken_fen": offers["taken"],
            "parent": parent.mask(parent == 0),
            "time": facts["time"],
            "payer": facts["payer"].fillna(""),
            "transfer_id": facts["transfer_id"],
            "record": facts["record"].fillna(""),
        }
    )


def _reasons(
    trace: Trace, lots: pd.DataFrame, transfer: pd.Series, said: dict[str, str]
) -> list[str]:
    held, taken = int(lots["fen"].sum()), int(lots["taken_fen"].sum())
    clean = lots["victim"] == ""
    sentences = [
        said["before"].format(
            payer=transfer["payer"],
            held=yuan(held),
            clean=yuan(int(lots.loc[clean, "fen"].sum())),
            victims=yuan(int(lots.loc[~clean, "fen"].sum())),
            count=int((~clean).sum()),
        ),
        said[f"why_{trace.rule}"],
        said["taken"].format(
            clean=yuan(int(lots.loc[clean, "taken_fen"].sum())),
            victims=yuan(int(lots.loc[~clean, "taken_fen"].sum())),
        ),
    ]
    rest = int(transfer["fen"]) - taken
    return sentences + ([said["beyond"].format(rest=yuan(rest))] if rest else [])


def _own(trace: Trace, movement: pd.Series, lots: pd.DataFrame, said: dict[str, str]) -> str:
    lot = lots[lots["parent"] == movement["parent"]].iloc[0]
    before = _facts(trace, np.array([int(movement["parent"]) - 1]), said).iloc[0]
    return said["own"].format(
        **_named(before)
        | {
            "victim": movement["victim"],
            "traced": yuan(movement["fen"]),
            "parent": movement["parent"],
            "lot": yuan(lot["fen"]),
        }
    )


def _steps(trace: Trace, at: int, said: dict[str, str]) -> pd.DataFrame:
    parents = trace.movements["parent"].fillna(0).to_numpy("int64") - 1
    chain = [at]
    while parents[chain[-1]] >= 0:
        chain.append(int(parents[chain[-1]]))
    rows = np.array(chain[::-1])
    own = trace.movements.iloc[rows]
    told = _facts(trace, rows, said).assign(
        step=own["hop"].to_numpy(),
        traced_fen=own["fen"].to_numpy(),
        movement_id=own["movement_id"].to_numpy(),
    )
    first = ["step", "moment", "payer", "payee", "fen", "traced_fen", "transfer_id"]
    return told[[*first, "movement_id", "record"]]


def _named(row: pd.Series) -> dict[str, Any]:
    return {str(name): value for name, value in row.items()}


def _way(steps: pd.DataFrame, said: dict[str, str]) -> list[str]:
    return [
        said["step"].format(
            **_named(step) | {"amount": yuan(step["fen"]), "traced": yuan(step["traced_fen"])}
        )
        for _, step in steps.iterrows()
    ]
