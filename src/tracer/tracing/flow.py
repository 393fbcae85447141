"""Max flow in whole fen: what can be moved is moved along the shortest paths that can carry it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tracer.tracing.lots import compiled
from tracer.tracing.network import Network

# Money is pulled towards a stage, or pushed away from it, along arcs with
# something to spare and against arcs that carry something.
PULL, PUSH = 0, 1

# The places of the running counts in one small array: how many searches there
# were, how many stages the last one saw, and how many arcs it may take.
SEARCHES, SEEN, FAR = 0, 1, 2


def _record(*names: str) -> np.dtype[Any]:
    return np.dtype([(name, np.int64) for name in names])


# `fen` is what an arc can carry of any money, `spare` and `flow` are what it can
# still carry of one owner's, and what it does.
ARC = _record("tail", "head", "fen", "spare", "flow")
# Of one owner's money: `sown` is what came in by seeds, no more than `limit` can
# come, from `forced` to `room` can stay in the end and from `low` to `high` did
# so far, `held` is what has not gone on now. `balance` bounds any money's stay;
# the arcs out of a stage begin at `first`, those into it at `origin` in
# `entry`. `seen`, `level` and `cursor` tell of the search that saw it last.
STAGE = _record(
    *("first", "origin", "balance", "sown", "limit", "forced", "room", "held", "low", "high"),
    *("seen", "level", "cursor"),
)


class Work(NamedTuple):
    """A network, and what bounding one owner's money writes, which the next one finds undone."""

    stages: Any
    """`STAGE`, one more than there are: where the arcs of the last one end."""
    arcs: Any
    """`ARC`, by the stage that they leave."""
    entry: Any
    """Shape (arcs,), the arcs by the stage that they lead to."""
    queue: Any
    """Shape (stages + 1,): the stages in the order in which they were seen."""
    path: Any
    """Shape (stages + 1,): the stages of the path that is looked at."""
    counts: Any
    """Shape (3,): see SEARCHES, SEEN and FAR."""


def prepare(network: Network) -> Work:
    """Return what bounding owner after owner in one network needs."""
    stages = np.zeros(len(network.account) + 1, STAGE)
    stages["first"], stages["origin"] = network.first, network.origin
    stages["balance"][:-1] = network.room
    arcs = np.zeros(len(network.head), ARC)
    for name, column in (("tail", network.tail), ("head", network.head), ("fen", network.fen)):
        arcs[name] = column
    queue, path = np.zeros((2, len(stages)), np.int64)
    return Work(stages, arcs, network.entry, queue, path, np.zeros(3, np.int64))


@compiled
def begin(work: Any) -> None:
    """Begin a search that has seen nothing yet."""
    work.counts[SEARCHES] += 1
    work.counts[SEEN] = 0


@compiled
def see(work: Any, stage: int, level: int) -> bool:
    """Put a stage into the queue of this search, and tell whether it is new to it."""
    if work.stages[stage].seen == work.counts[SEARCHES]:
        return False
    work.stages[stage].seen = work.counts[SEARCHES]
    work.stages[stage].level = level
    work.stages[stage].cursor = 0
    work.queue[work.counts[SEEN]] = stage
    work.counts[SEEN] += 1
    return True


@compiled
def shift(work: Any, stage: int, wanted: int, way: int) -> int:
    """
    Pull money into a stage out of what others hold, or push it into the room that they have.

    Returns
    -------
    int
        Fen that moved: all that was wanted, or all that can be moved.
    """
    # Every round moves over all shortest paths at a time, as Dinic does.
    moved = 0
    while moved < wanted:
        work.counts[FAR] = _levels(work, stage, way)
        if work.counts[FAR] == 0:
            break
        moved += _block(work, stage, wanted - moved, way)
    return moved


@compiled
def fetch(work: Any, root: int, wanted: int) -> Any:
    """
    Pull money into a stage along arcs with something to spare, which undoes nothing.

    Arcs lead up, so that no path comes back to where it was, and needs no levels.

    Returns
    -------
    int
        Fen that moved, often all that can be moved.
    """
    # This is the innermost loop of all: what is looked up once is not looked up again.
    stages, arcs, entry, path = work.stages, work.arcs, work.entry, work.path
    begin(work)
    see(work, root, 0)
    moved, depth, path[0] = 0, 0, root
    while True:
        stage = path[depth]
        if depth > 0 and stages[stage].held > 0:
            fen, depth = _carry(work, wanted - moved, depth)
            moved += fen
            if moved == wanted:
                return moved
            continue
        start, stop = stages[stage].origin, stages[stage + 1].origin
        i = start + stages[stage].cursor
        while i < stop and arcs[entry[i]].spare == 0:
            i += 1
        stages[stage].cursor = i - start
        if i < stop:
            depth += 1
            path[depth] = arcs[entry[i]].tail
            see(work, path[depth], 0)
        elif depth == 0:
            return moved
        else:
            depth -= 1
            stages[path[depth]].cursor += 1


@compiled
def _carry(work: Any, wanted: int, end: int) -> tuple[int, int]:
    # Fetch what the whole path can carry; return it, and where the path is full.
    stages, arcs, entry, path = work.stages, work.arcs, work.entry, work.path
    fen, full = min(wanted, stages[path[end]].held), end
    for depth in range(end):
        fen = min(fen, arcs[entry[stages[path[depth]].origin + stages[path[depth]].cursor]].spare)
    for depth in range(end - 1, -1, -1):
        arc = arcs[entry[stages[path[depth]].origin + stages[path[depth]].cursor]]
        arc.spare -= fen
        arc.flow += fen
        if arc.spare == 0:
            full = depth
    stages[path[end]].held -= fen
    return fen, full


@compiled
def _levels(work: Any, root: int, way: int) -> int:
    # Search until a stage is found that can give or take; 0 if there is none.
    stages, arcs, entry = work.stages, work.arcs, work.entry
    begin(work)
    see(work, root, 0)
    search, done, far = work.counts[SEARCHES], 0, work.path.size
    while done < work.counts[SEEN]:
        stage = work.queue[done]
        done += 1
        level = stages[stage].level + 1
        if level > far:
            return far  # type: ignore[no-any-return]
        for i in range(stages[stage].origin, stages[stage + 1].origin):
            arc = arcs[entry[i]]
            free = arc.flow if way == PUSH else arc.spare
            if free > 0 and stages[arc.tail].seen != search:
                see(work, arc.tail, level)
                far = level if _stock(work, arc.tail, way) > 0 else far
        for i in range(stages[stage].first, stages[stage + 1].first):
            arc = arcs[i]
            free = arc.spare if way == PUSH else arc.flow
            if free > 0 and stages[arc.head].seen != search:
                see(work, arc.head, level)
                far = level if _stock(work, arc.head, way) > 0 else far
    return far if far < work.path.size else 0


@compiled
def _block(work: Any, root: int, wanted: int, way: int) -> int:
    # Walk down, and back where there is no way; no arc that led nowhere is tried twice.
    moved, depth, far = 0, 0, work.counts[FAR]
    work.path[0] = root
    while moved < wanted:
        stage = work.path[depth]
        if depth > 0 and _stock(work, stage, way) > 0:
            fen, depth = _move(work, wanted - moved, way, depth)
            moved += fen
        elif depth < far and _step(work, stage, way):
            arc, out = _arc(work, stage, work.stages[stage].cursor)
            depth += 1
            work.path[depth] = work.arcs[arc].head if out else work.arcs[arc].tail
        elif depth == 0:
            break
        else:
            depth -= 1
            work.stages[work.path[depth]].cursor += 1
    return moved


@compiled
def _step(work: Any, stage: int, way: int) -> bool:
    # Put the cursor on the next arc that leads one level down.
    stages, degree = work.stages, _degree(work, stage)
    while stages[stage].cursor < degree:
        arc, out = _arc(work, stage, stages[stage].cursor)
        if _free(work, arc, out, way) > 0:
            other = work.arcs[arc].head if out else work.arcs[arc].tail
            below = stages[other].level == stages[stage].level + 1
            if below and stages[other].seen == work.counts[SEARCHES]:
                return True
        stages[stage].cursor += 1
    return False


@compiled
def _move(work: Any, wanted: int, way: int, end: int) -> tuple[int, int]:
    # Move what the whole path can carry; return it, and where the path is full.
    stage = work.path[end]
    fen, full = min(wanted, _stock(work, stage, way)), end
    for depth in range(end):
        arc, out = _arc(work, work.path[depth], work.stages[work.path[depth]].cursor)
        fen = min(fen, _free(work, arc, out, way))
    for depth in range(end - 1, -1, -1):
        arc, out = _arc(work, work.path[depth], work.stages[work.path[depth]].cursor)
        more = fen if out == (way == PUSH) else -fen
        work.arcs[arc].flow += more
        work.arcs[arc].spare -= more
        if _free(work, arc, out, way) == 0:
            full = depth
    work.stages[stage].held += fen if way == PUSH else -fen
    return fen, full


@compiled
def _degree(work: Any, stage: int) -> int:
    enter = work.stages[stage + 1].origin - work.stages[stage].origin
    leave = work.stages[stage + 1].first - work.stages[stage].first
    return enter + leave  # type: ignore[no-any-return]


@compiled
def _arc(work: Any, stage: int, i: int) -> tuple[int, bool]:
    # The arcs into a stage come first, then those out of it.
    origin = work.stages[stage].origin
    enter = work.stages[stage + 1].origin - origin
    if i < enter:
        return work.entry[origin + i], False
    return work.stages[stage].first + i - enter, True


@compiled
def _free(work: Any, arc: int, out: bool, way: int) -> int:
    # Pushed money follows an arc out, or stays away from one that leads in.
    if out == (way == PUSH):
        return work.arcs[arc].spare  # type: ignore[no-any-return]
    return work.arcs[arc].flow  # type: ignore[no-any-return]


@compiled
def _stock(work: Any, stage: int, way: int) -> int:
    if way == PUSH:
        return work.stages[stage].room - work.stages[stage].held  # type: ignore[no-any-return]
    return work.stages[stage].held  # type: ignore[no-any-return]
