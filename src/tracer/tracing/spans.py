"""The least and the most of one owner's money in every account that it can stay in."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tracer.tracing.flow import PULL, PUSH, SEEN, Work, begin, fetch, see, shift
from tracer.tracing.lots import compiled
from tracer.tracing.network import Codes


def span(work: Work, sown: Codes, fen: Codes) -> tuple[Codes, Codes, Codes]:
    """
    Return the stages in which an owner's money can stay, with the least and the most of it.

    Every way of telling the money apart is a flow that carries all of the
    seeds, and every such flow is one. The least of an account is what remains
    in it after all has been pushed away that finds room elsewhere. The most is
    the max flow [1]_ to it alone, which can always be filled up to one of all
    seeds. Passes over all stages limit both first, so that most accounts need
    no search: a flow that is met by its limit is max.

    Parameters
    ----------
    work
        A network, as `flow.prepare` returns it.
    sown
        Shape (seeds,), the stages that the owner's seeds came into.
    fen
        Shape (seeds,), more than 0.

    Returns
    -------
    stages, least, most
        Shape (n,); the most is more than 0.

    References
    ----------
    .. [1] L. R. Ford and D. R. Fulkerson, "Maximal flow through a network",
       Canadian Journal of Mathematics 8, 1956, pp. 399-404; the paths are
       searched as in E. A. Dinic, "Algorithm for solution of a problem of
       maximum flow in a network with power estimation", Soviet Mathematics
       Doklady 11, 1970, pp. 1277-1280.
    """
    return _span(work, sown, fen)  # type: ignore[no-any-return]


@njit(cache=True)
def _span(work: Any, sown: Any, fen: Any) -> Any:
    stages = work.stages
    for i in range(sown.size):
        stages[sown[i]].sown += fen[i]
    order = _reach(work, sown)
    total = fen.sum()
    _limit(work, order, total)
    _base(work, order, True)
    _base(work, order, False)
    ends = order[np.array([stages[stage].room > 0 for stage in order])]
    for stage in ends:
        _least(work, stage)
    _empty(work, order)
    for stage in ends[::-1]:
        _most(work, stage)
    least = np.array([stages[stage].low for stage in ends])
    most = np.array([stages[stage].high for stage in ends])
    _clear(work, order)
    return ends, least, most


@njit(cache=True)
def _reach(work: Any, sown: Any) -> Any:
    # Return every stage that can be come to, in the order of the network.
    begin(work)
    done = 0
    for stage in sown:
        see(work, stage, 0)
    while done < work.counts[SEEN]:
        stage = work.queue[done]
        done += 1
        for arc in range(work.stages[stage].first, work.stages[stage + 1].first):
            see(work, work.arcs[arc].head, 0)
    return np.sort(work.queue[:done])


@compiled
def _limit(work: Any, order: Any, total: int) -> None:
    # No sum here is beyond what all transfers and balances together are.
    stages, arcs = work.stages, work.arcs
    for place in order:
        stage = stages[place]
        stage.limit = min(stage.limit + stage.sown, total)
        stage.forced += stage.sown
        stage.room = min(stage.balance, stage.limit)
        ways = stage.room
        for arc in arcs[stage.first : stages[place + 1].first]:
            arc.spare = min(arc.fen, stage.limit)
            stages[arc.head].limit += arc.spare
            ways += arc.spare
        # What finds no room in all other ways must take this one.
        for arc in arcs[stage.first : stages[place + 1].first]:
            stages[arc.head].forced += max(0, stage.forced - (ways - arc.spare))
        stage.forced = max(0, stage.forced - (ways - stage.room))
        stage.low, stage.high = stage.room, 0


@compiled
def _base(work: Any, order: Any, stay: bool) -> None:
    # One flow of all seeds, in which money stays in a stage where it can, or leaves it.
    _empty(work, order)
    stages, arcs = work.stages, work.arcs
    for place in order:
        stage = stages[place]
        rest, here = stage.held, 0
        if stay:
            here = min(rest, stage.room)
        rest -= here
        start, stop = stage.first, stages[place + 1].first
        for i in range(stop - start):
            arc = arcs[stop - 1 - i if stay else start + i]
            arc.flow = min(rest, arc.spare)
            arc.spare -= arc.flow
            stages[arc.head].held += arc.flow
            rest -= arc.flow
        stage.held = here + rest
        stage.low = min(stage.low, stage.held)
        stage.high = max(stage.high, stage.held)


@compiled
def _least(work: Any, place: int) -> None:
    stage = work.stages[place]
    if stage.low > stage.forced:
        stage.held -= shift(work, place, stage.held - stage.forced, PUSH)
        stage.low = stage.held


@compiled
def _most(work: Any, place: int) -> None:
    stage = work.stages[place]
    if stage.high == stage.room:
        return
    wanted = stage.room - min(stage.room, stage.held)
    stage.held -= stage.room - wanted
    wanted -= fetch(work, place, wanted)
    if wanted > 0:
        wanted -= shift(work, place, wanted, PULL)
    stage.high = stage.room - wanted
    if wanted > 0:
        # What the search saw in vain lies behind one cut: no more comes to any of it.
        for other in work.queue[: work.counts[SEEN]]:
            work.stages[other].room = min(work.stages[other].room, stage.high)
    _undo(work, place)


@compiled
def _undo(work: Any, place: int) -> None:
    # All that flows leads to the stage that it was pulled into.
    stages, done = work.stages, 0
    begin(work)
    see(work, place, 0)
    while done < work.counts[SEEN]:
        place = work.queue[done]
        done += 1
        stages[place].held = stages[place].sown
        for i in range(stages[place].origin, stages[place + 1].origin):
            arc = work.arcs[work.entry[i]]
            if arc.flow > 0:
                arc.spare += arc.flow
                arc.flow = 0
                see(work, arc.tail, 0)


@compiled
def _empty(work: Any, order: Any) -> None:
    # Nothing flows yet: every seed is where it came in.
    stages = work.stages
    for place in order:
        stages[place].held = stages[place].sown
        for arc in work.arcs[stages[place].first : stages[place + 1].first]:
            arc.spare += arc.flow
            arc.flow = 0


@compiled
def _clear(work: Any, order: Any) -> None:
    stages = work.stages
    for place in order:
        stage = stages[place]
        stage.sown = stage.limit = stage.forced = stage.room = stage.held = 0
        for arc in work.arcs[stage.first : stages[place + 1].first]:
            arc.spare = arc.flow = 0
