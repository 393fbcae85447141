"""Ledgers of any size for measuring: mules in layers among accounts that pay each other."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tracer.tracing.lots import NONE, Ledger

SEED = 20260301
MINUTE = 60_000_000
LAYERS = 4


class Mules(NamedTuple):
    """A ledger in whole numbers and in the order taken."""

    ledger: Ledger
    exits: np.ndarray
    opening: np.ndarray


def mules(count: int, victims: int) -> Mules:
    """
    Return a ledger of so many transfers.

    Nine transfers in ten are payments of anybody to anybody. The others are
    made by mules, who stand in layers: each pays on to the next layer or cashes
    out. Anybody pays mules too; victims pay those of the first layer.
    """
    rng = np.random.default_rng(SEED)
    accounts, some = max(count // 20, 400), max(count // 500, 5)
    payer, payee = rng.integers(0, accounts, (2, count))
    made, layer = rng.random(count) < 0.1, rng.integers(0, LAYERS, count)
    first = layer * some
    rest = accounts - LAYERS * some
    payer = np.where(made, first + payer % some, LAYERS * some + payer % rest)
    # The last accounts are cash desks and shops, where following stops.
    shops = accounts // 50
    out = (layer == LAYERS - 1) | (rng.random(count) < 0.3)
    on = np.where(out, accounts - 1 - payee % shops, first + some + payee % some)
    payee = np.where(made, on, payee)
    payee = np.where(payee == payer, (payee + 1) % accounts, payee)
    fen = rng.integers(1, 5_000_000, count)
    when = np.sort(rng.integers(0, 90 * 24 * 60, count)) * MINUTE
    at = np.sort(rng.choice(count // 2, victims, replace=False))
    payer[at], payee[at] = accounts + np.arange(victims), rng.integers(0, some, victims)
    fen[at] = rng.integers(1_000_000, 50_000_000, victims)
    seed = np.full(count, NONE)
    seed[at] = np.arange(victims)
    exits = np.arange(accounts + victims) >= accounts - shops
    opening = np.where(exits, 0, rng.integers(0, 2_000_000, len(exits)))
    opening[: LAYERS * some] = 0
    return Mules(Ledger(payer, payee, fen, when, seed), exits, opening)


def deposits(count: int) -> Mules:
    """Return a ledger in which every payment of an account that never receives is a seed."""
    one = mules(count, 0).ledger
    half = int(one.payer.max()) // 2
    payee = one.payee % half
    payee = np.where(payee == one.payer, (payee + 1) % half, payee)
    seed = np.where(one.payer >= half, one.payer, NONE)
    exits = np.arange(int(one.payer.max()) + 1) >= half
    return Mules(one._replace(payee=payee, seed=seed), exits, np.zeros(len(exits), np.int64))
