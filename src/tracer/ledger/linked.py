"""Linked: which of some things hang together, since they share what leads from one to another."""

from __future__ import annotations

import numpy as np
from numba import njit


def linked(group: np.ndarray, node: np.ndarray, nodes: int) -> np.ndarray:
    """
    Return for each node one that is the same for all that hang together.

    Those of one group do, and so do those of groups that share a node. Paths
    are halved as in Tarjan and van Leeuwen, Worst-case Analysis of Set Union
    Algorithms, 1984; no set is weighed against another.

    Parameters
    ----------
    group, node
        Shape (n,) each, numbers from 0: which node is in which group.
    nodes
        How many nodes there are.

    Returns
    -------
    numpy.ndarray
        Shape (nodes,).

    Examples
    --------
    >>> head = linked(np.array([0, 0, 1, 1, 2]), np.array([0, 1, 1, 2, 3]), 4)
    >>> [bool(head[0] == one) for one in head]
    [True, True, True, False]
    """
    found: np.ndarray = _linked(group, node, int(group.max(initial=-1)) + 1, nodes)
    return found


def hanging(group: np.ndarray, node: np.ndarray, nodes: int, some: np.ndarray) -> np.ndarray:
    """
    Return which nodes hang together with some of them.

    Parameters
    ----------
    group, node, nodes
        As for `linked`.
    some
        Shape (m,), numbers of nodes.

    Returns
    -------
    numpy.ndarray
        Shape (nodes,).

    Examples
    --------
    >>> group, node = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 1, 2, 3])
    >>> hanging(group, node, 4, np.array([2])).tolist()
    [True, True, True, False]
    """
    head, met = linked(group, node, nodes), np.zeros(nodes, bool)
    met[head[some]] = True
    found: np.ndarray = met[head]
    return found


@njit(cache=True, nogil=True)
def _linked(group: np.ndarray, node: np.ndarray, groups: int, nodes: int) -> np.ndarray:
    """Return the same, where it is known how many groups there are."""
    head, first = np.arange(nodes), np.full(groups, -1)
    for row in range(len(group)):
        at = _head(head, node[row])
        if first[group[row]] < 0:
            first[group[row]] = at
        else:
            head[at] = _head(head, first[group[row]])
    for one in range(nodes):
        head[one] = _head(head, one)
    return head


@njit(cache=True, nogil=True)
def _head(head: np.ndarray, at: int) -> int:
    """Return where the way from a node ends, and make it half as long."""
    while head[at] != at:
        head[at] = head[head[at]]
        at = head[at]
    return at
