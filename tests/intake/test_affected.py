"""What a round changes of all that it could: against a slow search, and of a whole case."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_parts import CARDS, START, held, paid, settled

from effort import examples
from tracer.intake.affected import affected
from tracer.intake.owners import Owners
from tracer.intake.reach import Reached
from tracer.ledger import part
from tracer.ledger.touch import near
from tracer.table import KEY, Arrays

NUMBERS = ("bank_link", "bank_serial", "link", "serial")
KEYS = ("mirror", "theirs", "seek", "named", *NUMBERS)
MINE = 5


def _hangs(reached: Reached, outcome: Arrays) -> nx.Graph:
    """Join by hand every two entries that hang together."""
    graph = nx.Graph()
    for some in (reached.own, outcome):
        graph.add_edges_from(zip(some["entry_id"].tolist(), some["stands"].tolist(), strict=True))
    sought = set()
    for turn in reached.followed:
        sought |= {int(day) for key in turn["seek"] if key for day in near(np.array([key]))}
    for turn in reached.followed:
        for row, entry in enumerate(turn["stands"].tolist()):
            key = {name: int(turn[name][row]) for name in KEYS}
            met = {("mirror", key["mirror"])} if key["mirror"] else set()
            met |= {("number", key[name]) for name in NUMBERS if key[name]}
            if key["seek"]:
                met |= {("day", int(day)) for day in near(np.array([key["seek"]]))}
            if key["theirs"] in sought - {0}:
                met.add(("day", key["theirs"]))
            graph.add_node(entry)
            graph.add_edges_from((entry, one) for one in met)
    return graph


@st.composite
def reaches(draw: st.DrawFn) -> tuple[Reached, Arrays, np.ndarray]:
    """Return what a round of made-up keys reaches, what became of it, and what changed."""
    sizes = [draw(st.integers(1, 3)), draw(st.integers(0, 4)), draw(st.integers(0, 6))]
    fresh, own, met = np.split(np.arange(1, sum(sizes) + 1), np.cumsum(sizes)[:2])
    # Most have one key or none, or all would hang together.
    keys = st.sampled_from([0] * 30 + [2, MINE, *near(np.array([1], KEY)).tolist()])
    turns = []
    for entries in (fresh, own, met):
        turn = {name: np.array([draw(keys) for _ in entries], KEY) for name in KEYS}
        turns.append(turn | {"stands": entries})
    within = np.concatenate([own, fresh])
    was, now = (
        np.array([draw(st.sampled_from([one, int(some[0])])) for one in some], "int64")
        for some in (own, within)
    )
    # As the index returns them.
    turns[1]["stands"], turns[2]["stands"] = was.astype("int32"), met.astype("int32")
    outcome = {"entry_id": within, "stands": now}
    told = {"entry_id": own, "stands": was}
    old = {"entry_id": np.concatenate([own, met]), "stands": np.concatenate([was, met])}
    entries = np.concatenate([fresh, own, met])
    table = {"entry_id": fresh}
    mine = np.array([MINE], KEY)
    owners = Owners(fresh[:1], fresh[:1], fresh[:1] < 0, len(entries))
    reached = Reached(entries, within, within, old, told, table, turns, mine, owners)
    changed = np.flatnonzero(now[: len(own)] != was)
    return reached, outcome, changed


@settings(deadline=None, max_examples=examples(100))
@given(reaches())
def test_what_hangs_together_with_what_changes_is_affected(
    case: tuple[Reached, Arrays, np.ndarray],
) -> None:
    reached, outcome, changed = case
    graph = _hangs(reached, outcome)
    begun = {*reached.fresh["entry_id"].tolist(), *outcome["entry_id"][changed].tolist()}
    for turn in reached.followed:
        begun |= set(turn["stands"][turn["named"] == MINE].tolist())
    met = set().union(*(nx.node_connected_component(graph, one) for one in begun))
    found = affected(reached, outcome, changed)
    expected = [entry for entry in reached.entries.tolist() if entry in met]
    assert found.entries.tolist() == expected
    old = [entry for entry in reached.old["entry_id"].tolist() if entry in met]
    assert found.old["entry_id"].tolist() == old
    assert len(found.old["stands"]) == len(old)


@pytest.fixture
def made_anew(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return of how many entries each part was made."""
    found: list[int] = []
    make = part.part

    def counted(
        stated: part.Stated, reached: np.ndarray, held: np.ndarray, heard: Arrays
    ) -> part.Part:
        found.append(len(reached))
        return make(stated, reached, held, heard)

    monkeypatch.setattr(part, "part", counted)
    return found


def _case() -> list[dict[str, object]]:
    """Return thirty payments that both sides tell of, and seventy of others."""
    sides = [(fen, way) for fen in range(100, 130) for way in ("out", "in")]
    both = [paid(way, fen=fen, at=fen, pair=(1, 2)) for fen, way in sides]
    return both + [paid("out", fen=500 + fen, at=fen, pair=(0, 3)) for fen in range(70)]


def test_the_other_payments_of_an_account_stay_as_they_are(made_anew: list[int]) -> None:
    """Of an account with a new entry all are looked at, since it may repeat any of them."""
    made = settled([_case(), [paid("out", fen=9, at=10_000, pair=(1, 0))]])
    assert made[1] == {"made": "part", "entries": 61}
    assert made_anew == [1]


def test_what_repeats_a_payment_changes_it_and_its_other_side(made_anew: list[int]) -> None:
    made = settled([_case(), [paid("out", fen=110, at=110, pair=(1, 2))]])
    assert made[1] == {"made": "part", "entries": 61}
    assert made_anew == [3]


def test_what_is_taken_back_later_is_made_anew(made_anew: list[int]) -> None:
    """What undoes a payment has the same parties the other way round, and so none of its keys."""
    undone = paid("in", fen=110, at=170, pair=(2, 1)) | {"summary": "冲正"}
    made = settled([_case(), [undone]])
    assert made[1] == {"made": "part", "entries": 61}
    # What undoes, what is undone and the other side of that.
    assert made_anew == [3]


def test_what_is_registered_alone_makes_no_payment_anew(made_anew: list[int]) -> None:
    rows = [row | {"source": "a.csv", "seq": at} for at, row in enumerate(_case())]
    registered = {
        "source": "b.csv", "row": 1, "format": "f", "account": CARDS[1], "card": CARDS[1],
        "number": "", "institution": "甲行", "phone": "138", "holder": "甲",
        "balance_fen": 5, "balance_time": START,
    }  # fmt: skip
    made = held([[(rows, [])], [([], [registered])]])
    assert made[1] == {"made": "part", "entries": 60}
    assert made_anew == [0]
