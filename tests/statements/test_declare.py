"""Declarations: a wrong one is refused with every reason at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracer.errors import FormatError
from tracer.statements.explain import explain
from tracer.statements.formats.declare import KINDS, bare, declared, formats
from tracer.statements.load import read

GOOD = (
    b'name="a"\ntitle="b"\nkind="statement"\nrequired=["x"]\n[columns]\ntime=["x"]\namount=["y"]\n'
)


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
        ((b'title="b"', b'title="b'), "not TOML: .* at line 2, column 9, where 'title=\"b' stands"),
        ((b'title="b"', b'title="b\xff"'), r"not encoded in UTF-8 \(line 2\)"),
        ((b'time=["x"]', b'time="x"'), r"'time' in \[columns\] must be a list"),
        ((b'required=["x"]', b"required=[]"), "'required' is empty"),
        ((b'name="a"', b'name=" "'), "the name is empty"),
    ],
)
def test_a_wrong_declaration_says_what_is_wrong(change: tuple[bytes, bytes], words: str) -> None:
    with pytest.raises(FormatError, match=words):
        declared(GOOD.replace(*change), "a.toml")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('footer="合计"', "'footer' 写的是 '合计'，应为一组文字"),
        ('failed="失败"', "'failed' 写的是 '失败'，应为一组文字"),
        ('suffixes="明细"', "'suffixes' 写的是 '明细'，应为一组文字"),
        ('headless="3"', "'headless' 写的是 '3'，应为一个整数"),
        ("headless=true", "'headless' 写的是 True，应为一个整数"),
        ('stops="true"', "'stops' 写的是 'true'，应为true 或 false"),
        ('epoch="2024-03-01"', "'epoch' 写的是 '2024-03-01'，应为一个日期"),
        ("title=1", "'title' 写的是 1，应为一段文字"),
        ('preamble="x"', "'preamble' 写的是 'x'，应为一个表"),
        ('own=["x"]', "'own' 写的是 ['x']，应为一节一节的表"),
        ('[[own]]\npatern="(?P<account>.*)"', "没有 'patern' 这个键，是否想写 'pattern'"),
        ('[[own]]\npattern="(?P<account>.*)"\ndigits="19"', "'digits' 写的是 '19'"),
        ('[preamble]\nacount="(x)"', "没有 'acount' 这个键，是否想写 'account'"),
        ('[preamble]\naccount="x"', "没有圆括号"),
        ('[types]\nouts=["x"]', "没有 'outs' 这个键，是否想写 'out'"),
        ('fotter=["x"]', "没有 'fotter' 这个键，是否想写 'footer'"),
        ('unit="yuen"', "'unit' 写的是 'yuen'，只能是 yuan、fen 之一，是否想写 'yuan'"),
    ],
)
def test_each_field_is_held_to_its_type(line: str, told: str) -> None:
    """A text where a list is wanted would be taken letter by letter: 合计 as 合 or 计."""
    given = GOOD.decode()
    if line.startswith("title"):
        given = given.replace('title="b"\n', "")
    text = f"{given}{line}\n" if line.startswith("[") else f"{line}\n{given}"
    with pytest.raises(FormatError) as error:
        declared(text.encode(), "我的.toml")
    assert told in error.value.zh
    assert error.value.zh.startswith("版式声明 '我的.toml' 不能使用：")
    assert error.value.message.startswith("The declaration '我的.toml' cannot be used: ")


def test_a_misspelt_meaning_names_the_nearest() -> None:
    with pytest.raises(FormatError, match="是否想写 'time'") as error:
        declared(GOOD.replace(b"time=", b"tiem="), "a.toml")
    assert "perhaps 'time'" in error.value.message


@pytest.mark.parametrize("kind", ["statement", "transfers"])
@pytest.mark.parametrize(
    ("lacks", "told"),
    [
        (b'time=["x"]', "版式《b》的 [columns] 没有写 time（交易时间）或 date（交易日期）"),
        (b'amount=["y"]', "版式《b》的 [columns] 没有写 amount（金额）"),
    ],
)
def test_a_statement_without_a_time_or_an_amount_is_refused(
    kind: str, lacks: bytes, told: str
) -> None:
    with pytest.raises(FormatError) as error:
        declared(GOOD.replace(b"statement", kind.encode()).replace(lacks, b""), "a.toml")
    assert told in error.value.zh
    one_side = GOOD.replace(b'amount=["y"]', b'income=["y"]')
    with pytest.raises(FormatError, match="income and expense"):
        declared(one_side, "a.toml")
    assert declared(one_side + b'expense=["z"]', "a.toml").columns["expense"] == ("z",)


def test_a_header_that_the_file_lacks_is_named(tmp_path: Path) -> None:
    text = GOOD.replace(b'time=["x"]', 'time=["付款日期"]'.encode())
    (tmp_path / "formats").mkdir()
    (tmp_path / "formats" / "a.toml").write_bytes(text)
    (tmp_path / "a.csv").write_text("x,y\nz,1.00\n", encoding="utf-8")
    reading = read(tmp_path / "a.csv", source="a.csv", formats=tmp_path / "formats")
    assert "付款日期" in reading.files["note"].iloc[0]
    assert reading.files["faults"].tolist() == [2]
    assert "付款日期" in explain(tmp_path / "a.csv", formats_in=tmp_path / "formats")


def test_a_case_replaces_a_shipped_format(tmp_path: Path) -> None:
    (tmp_path / "d.toml").write_bytes(GOOD.replace(b'"a"', b'"detail"'))
    found = [one for one in formats(tmp_path) if one.name == "detail"]
    assert [one.title for one in found] == ["b"]
    assert formats(tmp_path / "none") == formats()


def test_headers_are_compared_without_their_clothes() -> None:
    assert bare("\ufeff\t*查询帐号（元） ") == "查询账号(元)"
