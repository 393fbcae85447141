"""Ordinary life in the same banks: wages, shops, friends, rent, notes and interest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from tracer.simulate.cast import Cast
from tracer.simulate.people import Account
from tracer.simulate.world import BEGIN, END, World

YUAN = 100
_OPENING = {"mule": (200, 9_000), "neighbour": (3_000, 60_000)}
_REMARKS = ("", "", "饭钱", "借款", "还款", "车费", "生日快乐")
_TENANTS = ("A1", "C6")
_INTEREST = (5, 10_000)


def live(world: World, cast: Cast) -> None:
    """
    Open every account that has a statement and plan a month of ordinary life.

    Parameters
    ----------
    world
        The world, not yet run.
    cast
        Who lives in it.
    """
    for account in cast.covered:
        world.open(account, _opening(world, account))
        if account.kind == "bank":
            _plan_bank(world, cast, account)
        elif account.platform == "tenpay":
            _daily(world, 30, partial(_shop, world, cast, account))
    for label in _TENANTS:
        rent = partial(_rent, world, cast, cast.mules[label].account)
        world.at(datetime(2024, 6, 1, 10, world.chance.randrange(60)), rent)


def _opening(world: World, account: Account) -> int:
    # An Alipay record shows no balance, so that an opening one could not be known from it.
    if account.platform == "alipay":
        return 0
    if account.role == "victim":
        return 900_000 * YUAN
    return world.chance.randrange(*_OPENING[account.role]) * YUAN + world.chance.randrange(100)


def _plan_bank(world: World, cast: Cast, account: Account) -> None:
    neighbour = account.role == "neighbour"
    _daily(world, 80 if neighbour else 22, partial(_shop, world, cast, account))
    if neighbour:
        _daily(world, 55, partial(_shop, world, cast, account))
        _daily(world, 12, partial(_quick_pay, world, cast, account))
        _daily(world, 6, partial(_notes, world, cast, account))
    # The landlord only spends, so that stolen rent goes no further than shops.
    if neighbour and account is not cast.neighbours[0]:
        _daily(world, 5, partial(_help_mule, world, cast, account))
        _daily(world, 28, partial(_friend, world, cast, account))
    if not account.holder.identity.startswith("91") and world.chance.random() < 0.7:
        time = datetime(2024, 6, 7 + world.chance.randrange(8), 9, world.chance.randrange(60))
        world.at(time, partial(_wage, world, cast, account))
    night = END.replace(hour=2, minute=world.chance.randrange(60))
    world.at(night, partial(_interest, world, cast, account))


def _daily(world: World, percent: int, action: Callable[[], object]) -> None:
    """Plan an action at a waking hour of every day that chance picks."""
    day = BEGIN
    while day < END:
        if world.chance.randrange(100) < percent:
            second = world.chance.randrange(7 * 3600, 23 * 3600)
            world.at(day + timedelta(seconds=second), action)
        day += timedelta(days=1)


def _shop(world: World, cast: Cast, account: Account) -> None:
    layout = account.bank.layout if account.bank else account.platform
    shop = world.chance.choice(cast.shops[layout])
    fen = world.chance.randrange(300, 26_000)
    world.pay(account, shop, fen, kind="purchase", summary="消费")


def _quick_pay(world: World, cast: Cast, account: Account) -> None:
    # Nobody asked the platform about this person, so the trail ends at the clearing account.
    platform = world.chance.choice(("tenpay", "alipay"))
    fen = world.chance.randrange(500, 40_000)
    world.pay(account, cast.clearing[platform], fen, kind="purchase", summary="快捷支付")


def _notes(world: World, cast: Cast, account: Account) -> None:
    fen = world.chance.randrange(2, 20) * 100 * YUAN
    world.pay(account, cast.cash, fen, kind="cash", summary="ATM取款")


def _friend(world: World, cast: Cast, account: Account) -> None:
    friend = world.chance.choice(cast.neighbours)
    if friend is account:
        return
    fen = world.chance.randrange(20, 1_500) * YUAN
    remark = world.chance.choice(_REMARKS)
    # Half of what passes between these two comes from the one whose statement nobody has.
    comes = not friend.covered and fen % (2 * YUAN) == 0
    payer, payee = (friend, account) if comes else (account, friend)
    world.pay(payer, payee, fen, kind="background", remark=remark)


def _help_mule(world: World, cast: Cast, account: Account) -> None:
    mules = [m.account for m in cast.mules.values() if m.account.covered and m.account.bank]
    fen = world.chance.randrange(50, 900) * YUAN
    remark = world.chance.choice(_REMARKS)
    world.pay(account, world.chance.choice(mules), fen, kind="own", remark=remark)


def _rent(world: World, cast: Cast, account: Account) -> None:
    fen = world.chance.randrange(12, 20) * 100 * YUAN
    world.pay(account, cast.neighbours[0], fen, kind="own", remark="房租")


def _wage(world: World, cast: Cast, account: Account) -> None:
    fen = world.chance.randrange(280_000, 900_000)
    kind = "own" if account.role == "mule" else "background"
    world.pay(world.chance.choice(cast.employers), account, fen, kind=kind, summary="工资")


def _interest(world: World, cast: Cast, account: Account) -> None:
    rate, per = _INTEREST
    fen = max(1, world.balance[account.key] * rate // per)
    world.pay(cast.bank, account, fen, kind="interest", summary="结息")
