"""The crime: victims pay, mules split, pool and pass on within minutes, and cash out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from tracer.simulate.cast import PLANS, Cast, Mule, Plan
from tracer.simulate.people import Account
from tracer.simulate.world import Transfer, World

YUAN = 100
_ROUND = 100 * YUAN
_SMALLEST = 300 * YUAN
_LARGEST = {"bank": 200_000 * YUAN, "payment": 50_000 * YUAN}
_NOTES_A_DAY = 20_000 * YUAN
_COUNTER = 30_000 * YUAN
# Every so many passes the bank refuses one, and these passes are given back and tried again.
_REFUSED_EVERY = 23
_GIVEN_BACK = (31, 77)
_TWIN_PAYER = "C3"


@dataclass(frozen=True)
class Crime:
    """The world and the cast, together with what the crime has done so far."""

    world: World
    """Where the money moves."""
    cast: Cast
    """Who is in it."""
    mules: dict[str, Mule]
    """Account key to mule."""
    seeds: list[tuple[int, Transfer]]
    """What each victim (by place in `PLANS`) truly paid."""
    passes: list[Transfer]
    """Every attempt of a mule to pass money on."""
    twins: list[Transfer]
    """The two equal transfers of one second, once they have happened."""
    reversals: list[Transfer]
    """The transfers that a bank gave back."""
    counter: list[Mule]
    """Who has drawn a large sum at a counter: nobody dares twice."""


def commit(world: World, cast: Cast) -> Crime:
    """
    Plan the whole crime.

    Parameters
    ----------
    world
        The world, not yet run.
    cast
        Who takes part.

    Returns
    -------
    Crime
        Filled while the world runs.
    """
    mules = {mule.account.key: mule for mule in cast.mules.values()}
    crime = Crime(world, cast, mules, [], [], [], [], [])
    for n, plan in enumerate(PLANS):
        _schedule(crime, n, plan)
    return crime


def _schedule(crime: Crime, n: int, plan: Plan) -> None:
    month, day, hour, minute = plan.start
    chance = crime.world.chance
    time = datetime(2024, month, day, hour, minute, chance.randrange(60))
    for k, yuan in enumerate(plan.yuan):
        place = k * len(plan.targets) // len(plan.yuan)
        target = crime.cast.mules[plan.targets[place]]
        crime.world.at(time, partial(_rob, crime, n, k, target, yuan * YUAN))
        wait = timedelta(minutes=chance.randrange(*plan.gap), seconds=chance.randrange(60))
        time = _awake(time + wait)


def _awake(time: datetime) -> datetime:
    # People sleep: what would fall into the night happens after breakfast.
    return time + timedelta(hours=8) if time.hour < 7 else time


def _rob(crime: Crime, n: int, k: int, mule: Mule, fen: int) -> None:
    victim = crime.cast.victims[n]
    seed = crime.world.pay(victim, mule.account, fen, kind="seed")
    if seed is None:
        return
    crime.seeds.append((n, seed))
    if PLANS[n].fraud == "刷单" and k < 3:
        back = fen * crime.world.chance.randrange(12, 30) // 100
        pay = partial(crime.world.pay, mule.account, victim, back, kind="rebate", remark="返利")
        crime.world.later(1, 2, pay)
    _receive(crime, mule, fen)


def _receive(crime: Crime, mule: Mule, fen: int) -> None:
    # What arrives before the mule acts is pooled and leaves together.
    world, key = crime.world, mule.account.key
    waits = bool(world.pending.get(key))
    world.pending[key] = world.pending.get(key, 0) + fen
    if not waits and mule.habit != "hold":
        world.later(3, 28, partial(_act, crime, mule))


def _act(crime: Crime, mule: Mule) -> None:
    world, key = crime.world, mule.account.key
    fen = min(world.pending[key], world.balance[key])
    if mule.habit == "cash":
        _draw(crime, mule, fen)
        return
    world.pending[key] = 0
    if mule.habit == "counter":
        _queue_up(crime, mule)
        return
    fen = fen * world.chance.randrange(90, 101) // 100 // _ROUND * _ROUND
    if mule.habit == "coin":
        _buy_coins(crime, mule, fen)
    else:
        _pass_on(crime, mule, fen)


def _pass_on(crime: Crime, mule: Mule, fen: int) -> None:
    wait = 0
    for target, part in _split(crime, mule, fen):
        wait += crime.world.chance.randrange(20, 95)
        send = partial(_send, crime, mule, crime.cast.mules[target], part)
        crime.world.at(crime.world.now + timedelta(seconds=wait), send)


def _split(crime: Crime, mule: Mule, fen: int) -> list[tuple[str, int]]:
    chance, parts, turn = crime.world.chance, [], crime.world.chance.randrange(8)
    while fen >= _SMALLEST:
        target = mule.targets[turn % len(mule.targets)]
        part = fen
        if fen > 15_000 * YUAN and len(mule.targets) > 1:
            part = fen * chance.randrange(35, 66) // 100 // _ROUND * _ROUND
        part = min(part, _LARGEST[crime.cast.mules[target].account.kind])
        parts.append((target, part))
        fen, turn = fen - part, turn + 1
    return parts


def _send(crime: Crime, mule: Mule, target: Mule, fen: int) -> None:
    payer, payee = mule.account, target.account
    world, plain = crime.world, payer.kind == payee.kind == "bank"
    if plain and _twins(crime, mule, target, fen):
        return
    done = len(crime.reversals)
    if plain and done < len(_GIVEN_BACK) and len(crime.passes) >= _GIVEN_BACK[done]:
        _reverse(crime, mule, target, fen)
        return
    if plain and len(crime.passes) % _REFUSED_EVERY == 0:
        refused = world.pay(payer, payee, fen, kind="pass", status="failed", remark="交易超限")
        _note(crime, refused)
    kind, summary = _label(payer, payee)
    sent = world.pay(payer, payee, fen, kind=kind, summary=summary)
    if sent:
        _note(crime, sent)
        _receive(crime, target, fen)


def _note(crime: Crime, sent: Transfer | None) -> None:
    if sent:
        crime.passes.append(sent)


def _label(payer: Account, payee: Account) -> tuple[str, str]:
    names = {"tenpay": "财付通", "alipay": "支付宝"}
    if payer.kind == payee.kind:
        return "pass", "转账"
    if payee.kind == "payment":
        return "crossing", f"{names[payee.platform]}充值"
    return "crossing", f"{names[payer.platform]}提现"


def _twins(crime: Crime, mule: Mule, target: Mule, fen: int) -> bool:
    half = fen // 2
    payer, payee = mule.account, target.account
    fits = payee.covered and half >= 5_000 * YUAN and crime.world.balance[payer.key] >= fen
    if crime.twins or payer is not crime.cast.mules[_TWIN_PAYER].account or not fits:
        return False
    first = crime.world.pay(payer, payee, half, kind="pass")
    second = crime.world.pay(payer, payee, half, kind="pass", twin=first)
    for twin in (first, second):
        if twin:
            crime.twins.append(twin)
            _note(crime, twin)
            _receive(crime, target, half)
    return True


def _reverse(crime: Crime, mule: Mule, target: Mule, fen: int) -> None:
    world = crime.world
    lost = world.pay(mule.account, target.account, fen, kind="pass", status="reversed")
    _note(crime, lost)
    if lost:
        crime.reversals.append(lost)
        back = partial(
            world.pay,
            target.account,
            mule.account,
            fen,
            kind="pass",
            summary="冲正",
            status="reversed",
            undoes=lost,
        )
        world.later(2, 4, back)
        world.later(5, 7, partial(_send, crime, mule, target, fen))


def _buy_coins(crime: Crime, mule: Mule, fen: int) -> None:
    crime.world.pay(mule.account, crime.cast.dealer, fen, kind="coin", remark="货款")


def _draw(crime: Crime, mule: Mule, fen: int) -> None:
    """Draw notes at a machine, at most so many a day, and come back the day after."""
    world, key = crime.world, mule.account.key
    drawn, wait = 0, 0
    while fen - drawn >= 1_000 * YUAN and drawn < _NOTES_A_DAY:
        notes = min(world.chance.choice((2_000, 3_000, 5_000)) * YUAN, _NOTES_A_DAY - drawn)
        notes = min(notes, (fen - drawn) // _ROUND * _ROUND)
        wait += world.chance.randrange(45, 110)
        draw = partial(
            world.pay, mule.account, crime.cast.cash, notes, kind="cash", summary="ATM取款"
        )
        world.at(world.now + timedelta(seconds=wait), draw)
        drawn += notes
    world.pending[key] -= drawn
    if fen - drawn >= 5_000 * YUAN:
        world.later(23 * 60, 25 * 60, partial(_act, crime, mule))
    else:
        world.pending[key] = 0


def _queue_up(crime: Crime, mule: Mule) -> None:
    """Plan one large withdrawal at the counter, once there is enough, for the next morning."""
    world = crime.world
    if not crime.counter and world.balance[mule.account.key] >= _COUNTER:
        crime.counter.append(mule)
        morning = world.now.replace(hour=9, minute=40) + timedelta(days=1)
        world.at(morning, partial(_draw_at_counter, crime, mule))


def _draw_at_counter(crime: Crime, mule: Mule) -> None:
    world = crime.world
    fen = world.balance[mule.account.key] // _ROUND * _ROUND
    world.pay(mule.account, crime.cast.cash, fen, kind="cash", summary="柜面取款")
