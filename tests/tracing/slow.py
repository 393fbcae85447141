"""The tracing rules again, as plainly and slowly as they can be said, to check the fast ones."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from fractions import Fraction


@dataclass
class Outcome:
    movements: Counter = field(default_factory=Counter)
    parents: list = field(default_factory=list)
    holdings: Counter = field(default_factory=Counter)
    short: Counter = field(default_factory=Counter)
    assumed: int = 0


def follow_slowly(rows, seeds, rule="fifo", *, opening=None, exits=(), within=None):  # noqa: C901
    """
    Follow by any rule.

    `rows` are dicts with id, time (datetime), day (bool), seq, payer, payee,
    fen, status; `seeds` maps id to victim.
    """
    moved = [r for r in rows if r["status"] == "ok" and r["payer"] != r["payee"] and r["fen"] > 0]
    own = {(r["payer"], seeds[r["id"]]) for r in moved if r["id"] in seeds}
    stops = set(exits) | {payer for payer, _ in own}
    outcome = Outcome()
    # A lot is a list of owner (None where clean), fen, movement and arrival;
    # the owners of an account stand in the order in which they came to it.
    queues, owners = defaultdict(list), defaultdict(list)
    for account, fen in (opening or {}).items():
        if fen:
            queues[account].append([None, fen, None, None])
            owners[account].append(None)
    carried = set()
    hops = []

    def settle(account, now):
        settled = False
        for lot in queues[account]:
            if within is not None and lot[0] is not None and now - lot[3] > within:
                outcome.holdings[account, lot[0], "settled"] += lot[1]
                lot[0], settled = None, True
        if settled:
            owners[account] = [None, *(o for o in owners[account] if o is not None)]
            stay(account)

    def stay(account):
        here = {lot[0] for lot in queues[account]}
        owners[account] = [owner for owner in owners[account] if owner in here]

    def arrive(account, owner, fen, movement, now):
        if account not in stops:
            queues[account].append([owner, fen, movement, now])
            if owner not in owners[account]:
                owners[account].append(owner)
        elif owner is not None:
            kind = "returned" if (account, owner) in own else "exit"
            outcome.holdings[account, owner, kind] += fen
        if owner is not None:
            carried.add(account)

    def move(row, victim, fen, parent):
        hops.append(1 if parent is None else hops[parent] + 1)
        outcome.movements[row["id"], victim, fen, hops[-1]] += 1
        outcome.parents.append((row["id"], parent))
        return len(hops) - 1

    order, outcome.assumed = order_slowly(moved, seeds, stops)
    for row in order:
        payer, payee, now, rest = row["payer"], row["payee"], start(row), row["fen"]
        settle(payee, now)
        if row["id"] in seeds:
            victim = seeds[row["id"]]
            arrive(payee, victim, rest, move(row, victim, rest, None), now)
            continue
        if payer not in stops:
            settle(payer, now)
            # The money is taken out before any of it is put anywhere.
            for lot, part in take_slowly(rule, queues[payer], owners[payer], rest):
                owner, _, movement, _ = lot
                lot[1] -= part
                rest -= part
                if owner is not None:
                    movement = move(row, owner, part, movement)
                arrive(payee, owner, part, movement, now)
            queues[payer] = [lot for lot in queues[payer] if lot[1]]
            stay(payer)
            if payer in carried and rest:
                outcome.short[payer] += rest
        if rest:
            arrive(payee, None, rest, None, now)
    for account, queue in queues.items():
        for owner, fen, _, _ in queue:
            if owner is not None:
                outcome.holdings[account, owner, "held"] += fen
    return outcome


def take_slowly(rule, queue, owners, fen):
    """Return which lots give how much, in the order in which they leave."""
    victims, clean = [x for x in queue if x[0] is not None], [x for x in queue if x[0] is None]
    if rule == "pro_rata":
        return share_slowly(queue, owners, fen)
    turns = {
        "fifo": queue,
        "lifo": queue[::-1],
        "tainted_first": victims + clean,
        "clean_first": clean + victims,
    }
    return give_slowly(turns[rule], fen)


def give_slowly(lots, fen):
    taken = []
    for lot in lots:
        part = min(fen, lot[1])
        if part:
            taken.append((lot, part))
        fen -= part
    return taken


def share_slowly(queue, owners, fen):
    held = {owner: sum(lot[1] for lot in queue if lot[0] == owner) for owner in owners}
    whole = sum(held.values())
    if not whole:
        return []
    pays = min(fen, whole)
    exact = {owner: Fraction(fen_ * pays, whole) for owner, fen_ in held.items()}
    given = {owner: int(share) for owner, share in exact.items()}
    # Python sorts stably: equal remainders stay in the order of arrival.
    ranked = sorted(owners, key=lambda owner: given[owner] - exact[owner])
    for owner in ranked[: pays - sum(given.values())]:
        given[owner] += 1
    return [
        piece
        for owner in owners
        for piece in give_slowly([lot for lot in queue if lot[0] == owner], given[owner])
    ]


def start(row):
    time = row["time"]
    return time.replace(hour=0, minute=0, second=0, microsecond=0) if row["day"] else time


def order_slowly(moved, seeds, stops):
    order = sorted(moved, key=lambda row: (start(row), row["seq"]))
    reached = reach_slowly(order, seeds, stops)

    def waits(row):
        return row["payer"] in reached and row["id"] not in seeds

    places = defaultdict(list)
    for place, row in enumerate(order):
        matters = row["id"] in seeds or {row["payer"], row["payee"]} & reached
        if row["day"] and matters:
            places[start(row)].append(place)
    result = list(order)
    for group in places.values():
        left = [order[place] for place in group]
        for place in group:
            ready = [
                row
                for row in left
                if not waits(row) or all(other["payee"] != row["payer"] for other in left)
            ]
            taken = (ready or left)[0]
            left.remove(taken)
            result[place] = taken
    assumed = sum(
        waits(row)
        and any(
            other["payee"] == row["payer"]
            and other["time"].date() == row["time"].date()
            and (other["day"] or row["day"])
            for other in order
        )
        for row in order
    )
    return result, assumed


def reach_slowly(order, seeds, stops):
    """Accounts that money can come to, if the transfers of one moment come in any order."""
    reached = set()
    for moment in sorted({start(row) for row in order}):
        now = [row for row in order if start(row) == moment]
        for _ in now:
            for row in now:
                if row["id"] in seeds or row["payer"] in reached:
                    reached |= {row["payee"]} - stops
    return reached
