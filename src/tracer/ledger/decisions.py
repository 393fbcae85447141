"""Decisions: what investigators say of two rows of evidence outranks every rule of the ledger."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import networkx as nx
import numpy as np
import pandas as pd

from tracer.errors import DecisionError
from tracer.ledger.choice import greedy
from tracer.ledger.codes import places
from tracer.ledger.parties import Parties
from tracer.ledger.rows import Told

EVIDENCE = ("sha256", "sheet", "row")
OTHER = tuple(f"other_{name}" for name in EVIDENCE)
_PAIR = ["entry", "other"]
_SIDES = ("payer_entry", "payee_entry")
# Most cases have no decisions.
_NO_PAIRS = pd.DataFrame(columns=[*_SIDES, "turn", "gap", "how", "said"]).astype(
    dict.fromkeys((*_SIDES, "turn"), "int64") | {"gap": "float64", "how": "str", "said": "str"}
)
_NO_GROUPS = pd.DataFrame(columns=["group", "said"]).astype({"group": "int64", "said": "str"})


@dataclass(frozen=True)
class Ruled:
    """What decisions leave to the rules, and what they take from them."""

    stands: np.ndarray
    """Shape (n,), the place of the entry that stands for each."""
    pairs: pd.DataFrame
    """
    Two sides of one movement: payer_entry, payee_entry, gap (seconds), how, said and turn.

    turn counts the decisions, the later ones being higher.
    """
    apart: np.ndarray
    """The entries that no rule may pair with another."""
    same: pd.DataFrame
    """Indexed by place: which rows were said to be one (group), and why (said)."""


def resolved(decisions: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """
    Find the entries that decisions speak of, and say which decisions stand.

    Parameters
    ----------
    decisions
        The table `decisions`.
    rows
        entry_id, sha256, sheet and row of at least the entries they speak of.

    Returns
    -------
    pandas.DataFrame
        Every decision in the order in which they were made, with entry and other (the entries now,
        either may be empty) and state: stands; undone; overruled (a later one is about the same
        rows); gone (a row is no entry any more, or cannot be told from others).
    """
    ordered = decisions.sort_values("decision_id", ignore_index=True)
    known = rows.drop_duplicates(list(EVIDENCE), keep=False)
    found = ordered
    for names, column in ((EVIDENCE, "entry"), (OTHER, "other")):
        number = known.rename(
            columns=dict(zip(EVIDENCE, names, strict=True)) | {"entry_id": column}
        )
        found = found.merge(number[[*names, column]], on=list(names), how="left")
        found[column] = found[column].astype("Int64")
    gone = found[_PAIR].isna().any(axis=1)
    overruled = _overruled(ordered)
    state = pd.Series("stands", index=found.index, dtype="str")
    state = state.mask(gone, "gone").mask(overruled, "overruled").mask(found["undone"], "undone")
    return found.assign(state=state)


def _overruled(ordered: pd.DataFrame) -> pd.Series:
    """Say which decisions a later one about the same two rows has taken the place of."""
    sides = [ordered[list(names)].set_axis(list(EVIDENCE), axis=1) for names in (EVIDENCE, OTHER)]
    both = pd.concat(sides, ignore_index=True)
    code = both.groupby(list(EVIDENCE)).ngroup().to_numpy().reshape(2, -1)
    pair = pd.DataFrame({"low": code.min(axis=0), "high": code.max(axis=0)}, index=ordered.index)
    made = pair[~ordered["undone"]]
    return made.duplicated(keep="last").reindex(ordered.index, fill_value=False)


def standing(found: pd.DataFrame) -> pd.DataFrame:
    """
    Return the decisions that stand, for `build` to take.

    Parameters
    ----------
    found
        What `resolved` returned.

    Returns
    -------
    pandas.DataFrame
        decision_id, entry, other, verdict and reason, in the order in which they were made.
    """
    stands = found.loc[found["state"].eq("stands"), ["decision_id", *_PAIR, "verdict", "reason"]]
    return stands.astype({"entry": "int64", "other": "int64"}).reset_index(drop=True)


def facts(said: Told, found: Parties, places: np.ndarray) -> pd.DataFrame:
    """
    Return what decides whether two entries can be one movement.

    Parameters
    ----------
    said, found
        The entries, and who they say paid whom.
    places
        Shape (k,), which of them.

    Returns
    -------
    pandas.DataFrame
        Indexed by entry_id: own (the number of the account), itself (whether the row says that
        this account paid itself), silent (whether it names nobody), out, fen, success, file,
        place and blanks (how much the row leaves open).
    """
    account, name, serial = (
        said.texts[one].take(places).filled() for one in ("other_account", "other_holder", "serial")
    )
    numbers = {one: said.numbers[one][places] for one in ("fen", "success")}
    blanks = np.where(account, 0, np.where(name, 1, 2)) + ~serial + ~said.numbers["shown"][places]
    columns = {
        "own": found.own[places], "itself": (found.own == found.other)[places],
        "silent": found.silent[places], "out": said.out[places], **numbers,
        "file": said.files(places), "place": places, "blanks": blanks,
    }  # fmt: skip
    return pd.DataFrame(columns, index=pd.Index(said.numbers["entry_id"][places], name="entry_id"))


def meaning(pairs: pd.DataFrame, told: pd.DataFrame) -> pd.Series:
    """
    Say what two rows can be to each other.

    Parameters
    ----------
    pairs
        entry and other.
    told
        What `facts` returned.

    Returns
    -------
    pandas.Series
        Like the pairs: mirrored (two sides of one movement), repeat (one row
        told twice) or "".

    Examples
    --------
    >>> told = pd.DataFrame({"own": [7, 8, 7], "out": [True, False, True], "fen": 100})
    >>> told["itself"], told["silent"] = False, False
    >>> meaning(pd.DataFrame({"entry": [0, 0, 1], "other": [1, 2, 2]}), told).tolist()
    ['mirrored', 'repeat', 'mirrored']
    """
    one, two = (told.reindex(pairs[name]).reset_index(drop=True) for name in _PAIR)
    even = one["fen"].eq(two["fen"])
    own, out = one["own"].eq(two["own"]), one["out"].eq(two["out"])
    # Both sides of what an account pays itself are its own; one of them may not say so.
    itself = one["itself"] | two["itself"]
    for side in (one, two):
        itself &= side["itself"] | side["silent"]
    sides = ~own | itself
    word = np.select([even & sides & ~out, even & own & out], ["mirrored", "repeat"], "")
    return pd.Series(word, index=pairs.index, dtype="str")


def check(pair: pd.DataFrame, told: pd.DataFrame, stands: pd.DataFrame) -> None:
    """
    Refuse to join two rows that cannot be one movement.

    Parameters
    ----------
    pair
        One row: entry and other.
    told
        What `facts` returned of both, and of all that standing decisions speak of.
    stands
        What `standing` returned, without decisions about this very pair.

    Raises
    ------
    DecisionError
        With the reason.
    """
    entry, other = (int(pair[name].iloc[0]) for name in _PAIR)
    one, two = told.loc[entry], told.loc[other]
    word = meaning(pair, told).iloc[0]
    if entry == other:
        raise _refused(entry, other, "是同一行。", "They are one and the same row.")
    if one["fen"] != two["fen"]:
        raise _refused(entry, other, "金额不同。", "Their amounts differ.")
    if not word and one["own"] == two["own"]:
        zh = "是同一账户的一收一付，不是同一笔转账的双方。"
        raise _refused(entry, other, zh, "One account received and paid; these are two movements.")
    if not word:
        zh = "是不同账户的同向流水，不是同一笔转账的双方。"
        raise _refused(entry, other, zh, "Two accounts moved money in the same direction.")
    if not (one["success"] and two["success"]) and word == "mirrored":
        zh = "其中一行机构标明交易未成功。"
        raise _refused(entry, other, zh, "An institution says that one of them did not succeed.")
    if word == "repeat" and one["file"] == two["file"]:
        zh = "在同一文件的同一张表中，各是一笔。"
        raise _refused(entry, other, zh, "One sheet tells both, so that each is a payment.")
    made = stands[stands["verdict"].eq("join") & meaning(stands, told).eq("mirrored")]
    rival = made[made[_PAIR].isin([entry, other]).any(axis=1)]
    if word == "mirrored" and len(rival):
        number = int(rival["decision_id"].iloc[0])
        zh = f"其中一行已由第 {number} 号决定与另一行合并，请先用 case.undo({number}) 撤回。"
        en = f"Decision {number} joined one of them to another row; undo it with case.undo first."
        raise _refused(entry, other, zh, en)


def _refused(entry: int, other: int, zh: str, en: str) -> DecisionError:
    msg = f"The entries {entry} and {other} cannot be joined. {en}"
    return DecisionError(msg, zh=f"流水 {entry} 与 {other} 不能合并：{zh}")


def broken(stands: pd.DataFrame, joins: pd.DataFrame) -> set[int]:
    """
    Return the decisions that stand but that a ledger does not bear out.

    Parameters
    ----------
    stands
        What `standing` returned.
    joins
        The table `joins`.

    Returns
    -------
    set of int
        decision_ids: joins of rows that are not one transfer, splits of rows that are.
    """
    sides = [joins[["transfer_id", name]].set_axis(["is", "entry"], axis=1)
             for name in ("entry", "other_entry")]  # fmt: skip
    transfer = pd.concat(sides).drop_duplicates("entry").set_index("entry")["is"]
    one, two = (stands[name].map(transfer) for name in _PAIR)
    wrong = one.eq(two).ne(stands["verdict"].eq("join"))
    return set(map(int, stands.loc[wrong, "decision_id"]))


def ruled(verdicts: pd.DataFrame | None, said: Told, found: Parties, stands: np.ndarray) -> Ruled:
    """
    Apply decisions to what repeats what, and say what they leave to the rules of pairing.

    Parameters
    ----------
    verdicts
        entry, other and verdict, and reason where it is known; of two that cannot both hold the
        later one counts.
    said, found
        The entries, and who they say paid whom.
    stands
        Shape (n,), what `repeats.repeats` returned.
    """
    if verdicts is None or verdicts.empty:
        return _untouched(stands)
    entry = said.numbers["entry_id"]
    named = np.unique(verdicts[_PAIR].to_numpy("int64"))
    places = np.flatnonzero(np.isin(entry, named))
    told = facts(said, found, places)
    means = meaning(verdicts, told)
    stands, same = _counted(verdicts[means.eq("repeat")], said, found, stands)
    # What is said of a row is said of the one that stands for it.
    stood = pd.Series(entry[stands[places]], index=told.index)
    mirrored = verdicts[means.eq("mirrored")]
    sides = mirrored.assign(**{name: mirrored[name].map(stood).astype("int64") for name in _PAIR})
    split = sides["verdict"].eq("split")
    pairs = _pairs(sides[~split], mirrored.loc[~split, "entry"].map(told["out"]), said)
    return Ruled(stands, pairs, np.unique(sides.loc[split, _PAIR].to_numpy("int64")), same)


def counting(
    byhand: Ruled, trades: pd.DataFrame, rows: pd.DataFrame
) -> tuple[pd.DataFrame, np.ndarray]:
    """
    Say of the rows that count what was decided of rows whose trade another table tells too.

    Parameters
    ----------
    byhand
        What `ruled` returned.
    trades
        entry (what counts) and other_entry, as `records.once` returns them.
    rows
        The entries that count: entry_id and time.

    Returns
    -------
    pairs : pandas.DataFrame
        As `Ruled.pairs`. Where two rows turn out to tell one trade, the later
        decision on it stands.
    apart : numpy.ndarray
        As `Ruled.apart`.
    """
    if trades.empty:
        return byhand.pairs, byhand.apart
    head = trades.set_index("other_entry")["entry"]
    sides = {name: byhand.pairs[name].replace(head) for name in _SIDES}
    pairs = byhand.pairs.assign(**sides).sort_values("turn", ascending=False)
    pairs = pairs[pairs["payer_entry"].ne(pairs["payee_entry"])]
    apart = np.unique(pd.Series(byhand.apart).replace(head))
    return _single(pairs, rows["entry_id"].to_numpy(), rows["time"].to_numpy()), apart


def _untouched(stands: np.ndarray) -> Ruled:
    """Return what no decision has changed."""
    return Ruled(stands, _NO_PAIRS.copy(), np.zeros(0, "int64"), _NO_GROUPS.copy())


def _pairs(joined: pd.DataFrame, out: pd.Series, said: Told) -> pd.DataFrame:
    """Return the sides of movements that were joined by hand, each row in one pair at most."""
    paid = out.astype("bool")
    told = pd.DataFrame(
        {
            "payer_entry": joined["entry"].where(paid, joined["other"]),
            "payee_entry": joined["other"].where(paid, joined["entry"]),
            "said": joined.get("reason", ""),
            "turn": np.arange(len(joined)),
        }
    ).iloc[::-1]
    return _single(told, said.numbers["entry_id"], said.numbers["time"])


def _single(pairs: pd.DataFrame, entry: np.ndarray, time: np.ndarray) -> pd.DataFrame:
    """Return pairs, of which the first ones come first, with each row in one of them at most."""
    taken = greedy(*(pd.factorize(pairs[name])[0] for name in _SIDES))
    told = pairs[taken].sort_values("payer_entry", ignore_index=True)
    one, two = (time[places(entry, told[name].to_numpy())] for name in _SIDES)
    return told.assign(gap=np.abs((one - two) / np.timedelta64(1, "s")), how="hand")


def _counted(
    verdicts: pd.DataFrame, said: Told, found: Parties, stands: np.ndarray
) -> tuple[np.ndarray, pd.DataFrame]:
    """Return which entry stands for each when decisions about repeats are followed."""
    if verdicts.empty:
        return stands, _untouched(stands).same
    entry = said.numbers["entry_id"]
    one, two = (np.searchsorted(entry, verdicts[name]) for name in _PAIR)
    members = np.flatnonzero(np.isin(stands, stands[np.concatenate([one, two])]))
    join = verdicts["verdict"].eq("join").to_numpy()
    rows = facts(said, found, members).reset_index().set_index("place", drop=False)
    rows["rule"] = stands[members]
    hand = [*zip(one[join].tolist(), two[join].tolist(), strict=True)]
    rows["group"] = _groups(members, hand)
    rows["whole"] = _groups(members, [*hand, *zip(members.tolist(), rows["rule"], strict=True)])
    rows = rows.sort_values(["blanks", "file", "entry_id"])
    against = _against(rows, one[~join], two[~join])
    rows["part"] = rows["group"].map(_parts(rows["group"].drop_duplicates().tolist(), against))
    # The row that leaves least open stands for the others.
    first = rows.groupby(["whole", "part"], sort=False)["place"].transform("first")
    counted = stands.copy()
    counted[rows["place"]] = first
    reasons = verdicts["reason"] if "reason" in verdicts else pd.Series("", verdicts.index)
    why = pd.Series(reasons.to_numpy()[join], index=rows.loc[one[join], "group"].to_numpy())
    why = why.groupby(level=0).agg(lambda told: "；".join(dict.fromkeys(told)))
    return counted, rows[["group"]].assign(said=rows["group"].map(why).astype("str").fillna(""))


def _groups(members: np.ndarray, edges: list[tuple[int, int]]) -> np.ndarray:
    """Return the smallest member of each member's part of a graph."""
    graph = nx.Graph(edges)
    graph.add_nodes_from(members.tolist())
    least = {one: min(part) for part in nx.connected_components(graph) for one in part}
    return np.array([least[one] for one in members.tolist()])


def _against(rows: pd.DataFrame, one: np.ndarray, two: np.ndarray) -> list[tuple[int, int]]:
    """Return the groups that cannot be one row: said to be two, or told apart by one file."""
    split = pd.DataFrame({"left": rows["group"].loc[one].array, "right": rows["group"].loc[two]})
    twins = rows.merge(rows, on=["whole", "file"], suffixes=("", "_right"))
    twins = twins[twins["rule"].ne(twins["rule_right"])]
    apart = twins[["group", "group_right"]].set_axis(["left", "right"], axis=1)
    both = pd.concat([split, apart]).query("left != right")
    return [*both.itertuples(index=False, name=None)]


def _parts(groups: list[int], against: list[tuple[int, int]]) -> dict[Hashable, int]:
    """Give groups numbers so that those against each other differ, the first ones the lowest."""
    graph = nx.Graph(against)
    graph.add_nodes_from(groups)
    found: dict[Hashable, int] = nx.greedy_color(graph, strategy=lambda *_: iter(groups))
    return found
