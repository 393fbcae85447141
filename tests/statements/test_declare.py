"""Declarations: a wrong one is refused with every reason at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracer.errors import FormatError
from tracer.statements.formats.declare import KINDS, bare, declared, formats

GOOD = b'name="a"\ntitle="b"\nkind="statement"\nrequired=["x"]\n[columns]\ntime=["x"]\n'


def test_the_shipped_formats_are_named_like_their_files() -> None:
    names = [one.name for one in formats()]
    assert len(names) == len(set(names))
    assert all(one.kind in KINDS and one.title_en for one in formats())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ((b'name="a"', b""), "'name' is missing"),
        ((b'title="b"', b'title="b"\nshoe=1'), "'shoe' is unknown"),
        ((b'time=["x"]', b'tame=["x"]'), "'tame' is unknown"),
        ((b"statement", b"story"), "'story' is none of"),
        ((b'["x"]\n[', b'"x"\n['), "'required' must be a list"),
        ((b'title="b"', b'title="b"\nfooter=["("]'), "no regular expression"),
        ((b'title="b"', b'title="b"\nabsent=["("]'), "no regular expression"),
        ((b'title="b"', b'title="b'), "not TOML"),
    ],
)
def test_a_wrong_declaration_says_what_is_wrong(change: tuple[bytes, bytes], words: str) -> None:
    with pytest.raises(FormatError, match=words):
        declared(GOOD.replace(*change), "a.toml")


def test_a_case_replaces_a_shipped_format(tmp_path: Path) -> None:
    (tmp_path / "d.toml").write_bytes(GOOD.replace(b'"a"', b'"detail"'))
    found = [one for one in formats(tmp_path) if one.name == "detail"]
    assert [one.title for one in found] == ["b"]
    assert formats(tmp_path / "none") == formats()


def test_headers_are_compared_without_their_clothes() -> None:
    assert bare("\ufeff\t*查询帐号（元） ") == "查询账号(元)"
