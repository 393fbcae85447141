"""The least and the most of one owner's money in every account, by max flow in whole fen."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from tracer.tracing.network import Codes, Network

# Towards an account money is pulled out of others, away from it pushed into others.
PULL, PUSH = 0, 1

# The places of the running counts in one small array: how many searches there
# were, and how many arcs the last one needed to find what it looked for.
SEARCHES, FAR = 0, 1


class Work(NamedTuple):
    """What bounding one owner's money writes; all of it is as it was before when that is done."""

    spare: Any
    """Shape (arcs,), fen: how much more each arc can carry."""
    flow: Any
    """Shape (arcs,), fen: how much it carries."""
    limit: Any
    """Shape (stages,), fen: no more can come to a stage."""
    forced: Any
    """Shape (stages,), fen: no less can come to it."""
    room: Any
    """Shape (stages,), fen: no more can stay in it."""
    held: Any
    """Shape (stages,), fen: how much stays in it."""
    low: Any
    """Shape (stages,), fen: the least that stayed in it so far."""
    high: Any
    """Shape (stages,), fen: the most that stayed in it so far."""
    seen: Any
    """Shape (stages,): the search that came to the stage last."""
    level: Any
    """Shape (stages,): how many arcs that search needed."""
    cursor: Any
    """Shape (stages,): the arc of the stage that it looks at."""
    queue: Any
    """Shape (stages + 1,): stages, in the order in which they were come to."""
    path: Any
    """Shape (stages + 1,): the stages of the path that is looked at."""
    counts: Any
    """Shape (2,): see SEARCHES and FAR."""


def prepare(network: Network) -> Work:
    """Return room for bounding owner after owner in one network."""
    stages, arcs = len(network.account), len(network.head)
    sizes = [arcs] * 2 + [stages] * 9 + [stages + 1] * 2 + [2]
    return Work(*(np.zeros(size, np.int64) for size in sizes))


def span(network: Network, work: Work, sown: Codes, fen: Codes) -> tuple[Codes, Codes, Codes]:
    """
    Return the stages in which an owner's money can stay, with the least and the most of it.

    Every way of telling the money apart is a flow that starts with all of the
    seeds, and every such flow is one. From one of them, all others are come to
    by moving money along paths of what arcs carry and what they have to spare
    [1]_, here along all the shortest at a time [2]_. So one flow is built in a
    single pass, and each account's most and least are what remains after all
    has been pulled towards it, or pushed away, that can be.

    Parameters
    ----------
    network
        As `network.expand` returns it.
    work
        As `prepare` returns it.
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
       Canadian Journal of Mathematics 8, 1956, pp. 399-404.
    .. [2] E. A. Dinic, "Algorithm for solution of a problem of maximum flow in
       a network with power estimation", Soviet Mathematics Doklady 11, 1970,
       pp. 1277-1280.
    """
    return _span(network, work, sown, fen)  # type: ignore[no-any-return]


@njit(cache=True)
def _span(net: Any, work: Any, sown: Any, fen: Any) -> Any:
    stages = np.sort(work.queue[: _reach(net, work, sown)])
    _limit(net, work, stages, sown, fen)
    _base(net, work, stages, (sown, fen), True)
    _base(net, work, stages, (sown, fen), False)
    ends = stages[work.room[stages] > 0]
    least, most = np.empty(ends.size, np.int64), np.empty(ends.size, np.int64)
    for i in range(ends.size):
        least[i], most[i] = _bound(net, work, ends[i])
    _clear(net, work, stages)
    return ends, least, most


@njit(cache=True)
def _reach(net: Any, work: Any, sown: Any) -> int:
    # Fill the queue with every stage that can be come to.
    work.counts[SEARCHES] += 1
    count, done = 0, 0
    for stage in sown:
        count = _see(work, stage, 0, count)
    while done < count:
        stage = work.queue[done]
        done += 1
        for arc in range(net.first[stage], net.first[stage + 1]):
            count = _see(work, net.head[arc], 0, count)
    return count


@njit(cache=True)
def _see(work: Any, stage: int, level: int, count: int) -> int:
    if work.seen[stage] == work.counts[SEARCHES]:
        return count
    work.seen[stage] = work.counts[SEARCHES]
    work.level[stage] = level
    work.cursor[stage] = 0
    work.queue[count] = stage
    return count + 1


@njit(cache=True)
def _limit(net: Any, work: Any, stages: Any, sown: Any, fen: Any) -> None:
    # No sum is beyond what all transfers and balances together are.
    for i in range(sown.size):
        work.limit[sown[i]] += fen[i]
        work.forced[sown[i]] += fen[i]
    for stage in stages:
        limit = work.limit[stage]
        work.room[stage] = min(net.room[stage], limit)
        ways = work.room[stage]
        for arc in range(net.first[stage], net.first[stage + 1]):
            work.spare[arc] = min(net.fen[arc], limit)
            work.limit[net.head[arc]] += work.spare[arc]
            ways += work.spare[arc]
        for arc in range(net.first[stage], net.first[stage + 1]):
            other = ways - work.spare[arc]
            work.forced[net.head[arc]] += max(0, work.forced[stage] - other)
        work.low[stage] = work.room[stage]
        work.high[stage] = 0
        work.forced[stage] = max(0, work.forced[stage] - (ways - work.room[stage]))


@njit(cache=True)
def _base(net: Any, work: Any, stages: Any, seeds: Any, stay: bool) -> None:
    # Every owner's money leaves a stage last (it stays where it can), or first.
    for stage in stages:
        work.held[stage] = 0
    for i in range(seeds[0].size):
        work.held[seeds[0][i]] += seeds[1][i]
    for stage in stages:
        rest, here = work.held[stage], 0
        if stay:
            here = min(rest, work.room[stage])
        rest -= here
        start, stop = net.first[stage], net.first[stage + 1]
        for i in range(stop - start):
            arc = stop - 1 - i if stay else start + i
            limit = work.spare[arc] + work.flow[arc]
            work.flow[arc] = min(rest, limit)
            work.spare[arc] = limit - work.flow[arc]
            work.held[net.head[arc]] += work.flow[arc]
            rest -= work.flow[arc]
        _hold(work, stage, here + rest)


@njit(cache=True)
def _hold(work: Any, stage: int, fen: int) -> None:
    work.held[stage] = fen
    work.low[stage] = min(work.low[stage], fen)
    work.high[stage] = max(work.high[stage], fen)


@njit(cache=True)
def _bound(net: Any, work: Any, stage: int) -> tuple[int, int]:
    # What another account's search brought here or took away may be all there is.
    if work.high[stage] < work.room[stage]:
        _shift(net, work, stage, work.room[stage] - work.held[stage], PULL)
    if work.low[stage] > work.forced[stage]:
        _shift(net, work, stage, work.held[stage] - work.forced[stage], PUSH)
    return work.low[stage], work.high[stage]


@njit(cache=True)
def _shift(net: Any, work: Any, stage: int, wanted: int, way: int) -> None:
    # Move as much as can be, up to what is wanted, over all shortest paths at a time.
    while wanted > 0:
        work.counts[FAR] = _levels(net, work, stage, way)
        if work.counts[FAR] == 0:
            return
        wanted -= _block(net, work, stage, wanted, way)


@njit(cache=True)
def _levels(net: Any, work: Any, root: int, way: int) -> int:
    # Search until a stage is found that can give or take; 0 if there is none.
    work.counts[SEARCHES] += 1
    count, done, far = _see(work, root, 0, 0), 0, 0
    while done < count:
        stage = work.queue[done]
        done += 1
        level = work.level[stage] + 1
        if far == level - 1 and far > 0:
            break
        for i in range(_degree(net, stage)):
            arc, out = _arc(net, stage, i)
            if _free(work, arc, out, way) > 0:
                other = net.head[arc] if out else net.tail[arc]
                before = count
                count = _see(work, other, level, count)
                if count > before and _stock(work, other, way) > 0:
                    far = level
    return far


@njit(cache=True)
def _block(net: Any, work: Any, root: int, wanted: int, way: int) -> int:
    # Walk down the levels, and back where there is no way; no arc is tried twice.
    moved, depth, far = 0, 0, work.counts[FAR]
    work.path[0] = root
    while moved < wanted:
        stage = work.path[depth]
        if depth == far and _stock(work, stage, way) > 0:
            fen, depth = _move(net, work, wanted - moved, way)
            moved += fen
        elif depth < far and _step(net, work, stage, way):
            arc, out = _arc(net, stage, work.cursor[stage])
            depth += 1
            work.path[depth] = net.head[arc] if out else net.tail[arc]
        elif depth == 0:
            break
        else:
            depth -= 1
            work.cursor[work.path[depth]] += 1
    return moved


@njit(cache=True)
def _step(net: Any, work: Any, stage: int, way: int) -> bool:
    # Put the cursor on the next arc that leads one level down.
    degree = _degree(net, stage)
    while work.cursor[stage] < degree:
        arc, out = _arc(net, stage, work.cursor[stage])
        other = net.head[arc] if out else net.tail[arc]
        down = (
            work.seen[other] == work.counts[SEARCHES] and work.level[other] == work.level[stage] + 1
        )
        if down and _free(work, arc, out, way) > 0:
            return True
        work.cursor[stage] += 1
    return False


@njit(cache=True)
def _move(net: Any, work: Any, wanted: int, way: int) -> tuple[int, int]:
    # Move what the whole path can carry; return it, and where the path is full.
    far = work.counts[FAR]
    root, end = work.path[0], work.path[far]
    fen, full = min(wanted, _stock(work, end, way)), far
    for depth in range(far):
        arc, out = _arc(net, work.path[depth], work.cursor[work.path[depth]])
        fen = min(fen, _free(work, arc, out, way))
    for depth in range(far - 1, -1, -1):
        arc, out = _arc(net, work.path[depth], work.cursor[work.path[depth]])
        more = fen if out == (way == PUSH) else -fen
        work.flow[arc] += more
        work.spare[arc] -= more
        if _free(work, arc, out, way) == 0:
            full = depth
    _hold(work, root, work.held[root] + (fen if way == PULL else -fen))
    _hold(work, end, work.held[end] + (fen if way == PUSH else -fen))
    return fen, full


@njit(cache=True)
def _degree(net: Any, stage: int) -> int:
    leave = net.first[stage + 1] - net.first[stage]
    enter = net.origin[stage + 1] - net.origin[stage]
    return leave + enter  # type: ignore[no-any-return]


@njit(cache=True)
def _arc(net: Any, stage: int, i: int) -> tuple[int, bool]:
    # The arcs out of a stage come first, then those into it.
    leave = net.first[stage + 1] - net.first[stage]
    if i < leave:
        return net.first[stage] + i, True
    return net.entry[net.origin[stage] + i - leave], False


@njit(cache=True)
def _free(work: Any, arc: int, out: bool, way: int) -> int:
    # Pushed money follows an arc out, or stays away from one that leads in.
    return work.spare[arc] if out == (way == PUSH) else work.flow[arc]  # type: ignore[no-any-return]


@njit(cache=True)
def _stock(work: Any, stage: int, way: int) -> int:
    if way == PULL:
        return work.held[stage]  # type: ignore[no-any-return]
    return work.room[stage] - work.held[stage]  # type: ignore[no-any-return]


@njit(cache=True)
def _clear(net: Any, work: Any, stages: Any) -> None:
    for stage in stages:
        work.limit[stage] = work.forced[stage] = work.room[stage] = work.held[stage] = 0
        for arc in range(net.first[stage], net.first[stage + 1]):
            work.spare[arc] = work.flow[arc] = 0
