"""The only door through which values reach HTML."""

from __future__ import annotations

import json

from markupsafe import Markup, escape

_UNSAFE_IN_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def text(value: object) -> str:
    """
    Escape a value for HTML text and for quoted attributes.

    Parameters
    ----------
    value
        Anything; its text is escaped, and what UTF-8 cannot carry becomes "?".

    Returns
    -------
    str
        Marked as safe, so that a template does not escape it again.

    Examples
    --------
    >>> str(text('<b title="x">'))
    '&lt;b title=&#34;x&#34;&gt;'
    """
    return escape(str(value).encode("utf-8", "replace").decode("utf-8"))


def script(value: object) -> str:
    r"""
    Write a value as JSON that may stand inside a script element.

    Parameters
    ----------
    value
        Anything that JSON holds; NaN is refused.

    Returns
    -------
    str
        ASCII only, so U+2028 and U+2029 are escaped too, and no tag can be
        opened or closed by it.

    Examples
    --------
    >>> str(script("</script>"))
    '"\\u003c/script\\u003e"'
    """
    plain = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for character, safe in _UNSAFE_IN_SCRIPT.items():
        plain = plain.replace(character, safe)
    return Markup(plain)  # noqa: S704  No character that HTML could act on is left.
