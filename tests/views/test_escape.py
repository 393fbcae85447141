"""Nothing that is escaped can act in a page."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.views import escape


@given(st.text())
@settings(deadline=None)
def test_text_opens_no_tag_and_ends_no_attribute(value: str) -> None:
    shown = escape.text(value)
    assert not set("<>\"'") & set(shown)
    shown.encode("utf-8")


@given(st.text() | st.lists(st.text()) | st.dictionaries(st.text(), st.integers()))
@settings(deadline=None)
def test_script_says_the_same_and_cannot_leave_its_element(value: object) -> None:
    shown = escape.script(value)
    assert json.loads(shown) == value
    assert not set("<>&\u2028\u2029") & set(shown)
    assert shown.isascii()


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        escape.script(float("nan"))


def test_a_lone_surrogate_does_not_stop_a_page() -> None:
    assert escape.text("a\ud800") == "a?"
