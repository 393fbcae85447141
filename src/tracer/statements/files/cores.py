"""Cores: how many of the machine's processors this process may use."""

from __future__ import annotations

import os

import psutil


def cores() -> int:
    """
    Return how many cores this process may use, which may be fewer than the machine has.

    Examples
    --------
    >>> 1 <= cores() <= os.cpu_count()
    True
    """
    # Not every system lets a process be confined, and the library has no such method there.
    if not hasattr(psutil.Process, "cpu_affinity"):
        return os.cpu_count() or 1
    return len(psutil.Process().cpu_affinity()) or 1
