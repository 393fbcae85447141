"""First in, first out by hand: the truth's lot queues on cases small enough to check on paper."""

from __future__ import annotations

from datetime import timedelta

from tracer.simulate.people import Account, Person
from tracer.simulate.truth import settle
from tracer.simulate.world import BEGIN, Transfer


def _account(key, kind="bank"):
    return Account(key, kind, Person(key), "mule")


A, B, C, V, W = (_account(key) for key in "ABCVW")
CASH = _account("cash", "cash")


def _pay(minute, payer, payee, fen, status="ok"):
    time = BEGIN + timedelta(minutes=minute)
    shown = (True, True)
    return Transfer(time, time, payer, payee, fen, status, "pass", "", "", "", "", "", 0, 0, *shown)


def _settle(transfers, seeds, opening=None):
    owners = {id(transfers[place]): victim for place, victim in seeds.items()}
    return settle(transfers, owners, opening or {})


def test_clean_opening_money_leaves_first():
    ends = _settle([_pay(0, V, A, 100), _pay(1, A, B, 60)], {0: "v"}, {"A": 50})
    assert ends.fen == {("v", "A", "held"): 90, ("v", "B", "held"): 10}
    assert ends.levels == {"A": 1, "B": 2}


def test_older_victims_leave_before_younger():
    moves = [_pay(0, V, A, 100), _pay(1, W, A, 100), _pay(2, A, CASH, 150)]
    ends = _settle(moves, {0: "v", 1: "w"})
    assert ends.fen == {
        ("v", "cash", "exit"): 100,
        ("w", "cash", "exit"): 50,
        ("w", "A", "held"): 50,
    }


def test_what_comes_home_is_returned_and_elsewhere_is_an_exit():
    moves = [_pay(0, V, A, 100), _pay(1, W, A, 100), _pay(2, A, W, 120)]
    ends = _settle(moves, {0: "v", 1: "w"})
    assert ends.fen == {
        ("v", "W", "exit"): 100,
        ("w", "W", "returned"): 20,
        ("w", "A", "held"): 80,
    }
    assert ends.levels == {"A": 1}


def test_failed_and_reversed_transfers_move_nothing():
    moves = [_pay(0, V, A, 100), _pay(1, A, B, 70, "failed"), _pay(2, A, B, 70, "reversed")]
    assert _settle(moves, {0: "v"}).fen == {("v", "A", "held"): 100}


def test_money_nobody_saw_arrive_is_clean():
    moves = [_pay(0, V, A, 10), _pay(1, A, B, 100), _pay(2, B, C, 15)]
    ends = _settle(moves, {0: "v"})
    assert ends.fen == {("v", "C", "held"): 10}
    assert ends.levels == {"A": 1, "B": 2, "C": 3}
