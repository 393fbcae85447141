"""Beside: two calculations give what they give alone, and an error of either is told."""

from __future__ import annotations

import threading

import pytest

from tracer.ledger.beside import beside


def test_two_calculations_are_made_at_the_same_time() -> None:
    meet = threading.Barrier(2, timeout=30)
    # Neither would end if the other had to wait for it.
    assert sorted(beside(meet.wait, meet.wait)) == [0, 1]


def test_of_very_many_rows_one_is_made_after_the_other() -> None:
    here, done = threading.current_thread(), []

    def told(name: str) -> bool:
        done.append(name)
        return threading.current_thread() is here

    assert beside(lambda: told("one"), lambda: told("two"), rows=10**7) == (True, True)
    assert done == ["one", "two"]


@pytest.mark.parametrize("which", [0, 1])
def test_an_error_of_either_is_told(which: int) -> None:
    makes = [lambda: 1, lambda: 2]
    makes[which] = lambda: int("x")
    with pytest.raises(ValueError, match="invalid literal"):
        beside(*makes)
