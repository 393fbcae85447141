"""Codes: texts and combinations as whole numbers, which are compared and sorted far sooner."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd


def code(text: pd.Series) -> np.ndarray:
    """
    Return a number for each text; 0 for none, and the same whatever the order of the rows.

    Parameters
    ----------
    text
        Shape (n,), text.

    Examples
    --------
    >>> code(pd.Series(["b", "", "a"])).tolist()
    [2, 0, 1]
    """
    found, words = pd.factorize(text, sort=True)
    return found if len(words) and words[0] == "" else found + 1


def grouped(columns: Sequence[np.ndarray]) -> np.ndarray:
    """
    Return a number for each combination of whole numbers, counted as they first occur.

    Parameters
    ----------
    columns
        Arrays of shape (n,).

    Examples
    --------
    >>> grouped([np.array([7, 7, 8]), np.array([1, 2, 1])]).tolist()
    [0, 1, 2]
    """
    whole = np.zeros(len(columns[0]), "int64")
    for column in columns:
        part, once = pd.factorize(column)
        whole = pd.factorize(whole * max(len(once), 1) + part)[0]
    return whole
