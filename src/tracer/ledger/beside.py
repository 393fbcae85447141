"""Beside: two calculations that do not need each other, made at the same time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

# Beyond these, room is scarcer than time.
_MANY = 5_000_000

A = TypeVar("A")
B = TypeVar("B")


def beside(one: Callable[[], A], two: Callable[[], B], *, rows: int = 0) -> tuple[A, B]:
    """
    Return what two calculations give, made by two cores where there are two.

    Sorting, counting and copying of whole columns leave the other thread free.

    Parameters
    ----------
    one, two
        Neither may change what the other reads.
    rows
        How many rows they go through: of very many, the second begins when the
        first is done, so that they need no room at once.

    Examples
    --------
    >>> beside(lambda: 1, lambda: "b")
    (1, 'b')
    """
    if rows > _MANY:
        return one(), two()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(one)
        second = two()
        return first.result(), second
