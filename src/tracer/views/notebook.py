"""Whether a person looks at a notebook, and how to show HTML in it."""

from __future__ import annotations

import sys
from typing import Any


def running() -> bool:
    """
    Return whether the program runs in a notebook.

    Examples
    --------
    >>> running()
    False
    """
    # Whoever runs in a notebook has loaded IPython already.
    shell = sys.modules.get("IPython")
    return shell is not None and hasattr(shell.get_ipython(), "kernel")


def show(html: str) -> None:
    """
    Display HTML in a notebook.

    Parameters
    ----------
    html
        Every value in it must be escaped already.
    """
    from IPython.display import HTML, display  # noqa: PLC0415

    shown: Any = HTML(html)  # type: ignore[no-untyped-call]
    display(shown)  # type: ignore[no-untyped-call]


def show_or_print(html: str, text: str) -> None:
    """
    Display HTML in a notebook; elsewhere print a text that says the same.

    Parameters
    ----------
    html
        Every value in it must be escaped already.
    text
        What is printed.
    """
    if running():
        show(html)
    else:
        sys.stdout.write(text + "\n")
