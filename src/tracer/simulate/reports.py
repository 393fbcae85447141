"""What the victims told the police: true in the main, inexact in the ways of real reports."""

from __future__ import annotations

from tracer.money import fen, yuan
from tracer.simulate import headers
from tracer.simulate.cast import PLANS
from tracer.simulate.layouts import plain
from tracer.simulate.world import Transfer

_WITHOUT_PAYER = {1, 4}
_WITHOUT_PAYEE_NAME = {5}
_TO_THE_MINUTE = {4, 7, 8}
# (victim, payment): told by account number instead of card, and told with two digits swapped.
_BY_NUMBER = (2, 0)
_MISREPORTED = {(8, 1): "14130"}


def report_rows(seeds: list[tuple[int, Transfer]]) -> tuple[list[list[str]], list[list[str]]]:
    """
    Return the rows of victims.xlsx and, beside them, those of seeds.csv.

    Parameters
    ----------
    seeds
        What each victim (by place in `PLANS`) truly paid.
    """
    reports = [headers.REPORTS]
    truths = [["victim", "row", "time", "payer", "payee", "fen", "reported_fen", "note"]]
    payments = dict.fromkeys(range(len(PLANS)), 0)
    for n, seed in sorted(seeds, key=lambda pair: (pair[0], pair[1].time)):
        place = (n, payments[n])
        payments[n] += 1
        report = _report(place, seed)
        reports.append(report)
        truths.append(_truth(place, seed, len(reports), fen(report[-2])))
    return reports, truths


def _report(place: tuple[int, int], seed: Transfer) -> list[str]:
    n, k = place
    person, payee = seed.payer.holder, seed.payee
    amount = yuan(seed.fen) if k % 2 else plain(seed.fen).removesuffix(".00")
    clock = "%Y-%m-%d %H:%M" if n in _TO_THE_MINUTE else "%Y-%m-%d %H:%M:%S"
    return [
        person.name,
        person.identity,
        person.phone,
        PLANS[n].fraud,
        "" if n in _WITHOUT_PAYER else seed.payer.key,
        payee.number if place == _BY_NUMBER else payee.key,
        "" if n in _WITHOUT_PAYEE_NAME else payee.holder.name,
        _MISREPORTED.get(place, amount),
        seed.time.strftime(clock),
    ]


def _truth(place: tuple[int, int], seed: Transfer, row: int, reported: int) -> list[str]:
    time = f"{seed.time:%Y-%m-%d %H:%M:%S}"
    note = "misreported amount: matches no transfer" if place in _MISREPORTED else ""
    name, payer, payee = seed.payer.holder.name, seed.payer.key, seed.payee.key
    return [name, str(row), time, payer, payee, str(seed.fen), str(reported), note]
