"""The mapping: shown, corrected in whole sentences, tried out, and kept as a case's own format."""

from __future__ import annotations

import html
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msoffcrypto.format.ooxml import OOXMLFile

import tracer
from effort import examples
from tracer import Case
from tracer.errors import CaseError, FormatError, SheetError, TracerError
from tracer.statements.formats.declare import MEANINGS, Format, Pattern, declared, formats
from tracer.statements.generic.write import toml
from tracer.statements.mapping import Mapping

CARD, OTHER = "6222020000000000018", "6217000000000000026"
# Two times and marks of a bank's own: the generic reader has to ask.
ODD = "付款时间,到账时间,客户账号,本次金额,方向码,对方账号,对方户名\n" + "".join(
    f"2024-03-{day:02} 10:00:00,2024-03-{day:02} 12:00:00,{CARD},{day}.50,{mark},{OTHER},李四\n"
    for day, mark in zip(range(1, 13), "甲乙" * 6, strict=True)
)


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    file = tmp_path / "某行.csv"
    file.write_text(ODD, encoding="utf-8")
    return file


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case.create(tmp_path / "case", name="练习")


def corrected(odd: Path) -> Mapping:
    return tracer.mapping(odd).change(
        time="付款时间", direction="方向码", incoming=["甲"], outgoing=["乙"]
    )


def test_a_file_that_was_set_aside_is_corrected_kept_and_loaded(odd: Path, case: Case) -> None:
    report = case.load(odd)
    assert report.entries == 0
    assert "付款时间" in report.files["note"].iloc[0]
    found = case.mapping(odd).change(
        time="付款时间", direction="方向码", incoming=["甲"], outgoing=["乙"]
    )
    assert found.unclear == ()
    file = found.save(case, name="某某银行")
    assert file == case.folder / "formats" / "某某银行.toml"
    assert "# 交易时间" in file.read_text(encoding="utf-8")
    report = case.load(odd)
    assert report.files["format"].tolist() == ["某某银行"]
    entries = case.entries()
    assert entries["direction"].tolist() == ["in", "out"] * 6
    assert entries["fen"].tolist() == [100 * day + 50 for day in range(1, 13)]
    assert entries["time"].dt.hour.unique().tolist() == [10]


def test_a_preview_shows_entries_and_faults_and_writes_nothing(odd: Path) -> None:
    seen = corrected(odd).preview()
    assert len(seen.entries) == 12
    assert "13 行 = 入库 12 + 问题行 0 + 非数据行 1" in seen.note
    half = (
        tracer.mapping(odd).change(time="付款时间", direction="方向码", incoming=["甲"]).preview()
    )
    assert len(half.entries) == len(half.faults) == 6
    assert "收付标志" in half._repr_html_()
    assert [one.name for one in odd.parent.iterdir()] == [odd.name]


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"time": "付款时问"}, "是不是 '付款时间'"),
        ({"tine": "付款时间"}, "是不是 'time'"),
        ({"time": "金"}, "可用的有：付款时间、到账时间"),
        ({"unit": "jiao"}, "yuan、fen"),
    ],
)
def test_a_wrong_name_is_answered_with_the_nearest(
    odd: Path, columns: dict[str, str], told: str
) -> None:
    with pytest.raises(FormatError) as error:
        tracer.mapping(odd).change(**columns)
    assert told in str(error.value)


def test_what_is_needed_must_be_there_before_anything_is_read(odd: Path, case: Case) -> None:
    without = corrected(odd).change(time=None, amount=None)
    assert len(without.unclear) == 2
    for act in (without.preview, lambda: without.save(case, name="某行")):
        with pytest.raises(FormatError, match="还没有指定交易时间"):
            act()


def test_one_choice_takes_the_place_of_another(odd: Path) -> None:
    found = corrected(odd).change(account="客户账号", other_account=None)
    assert found.format.columns["account"] == ("客户账号",)
    assert not {"card", "number", "other_account"} & found.format.columns.keys()
    line = found.table.set_index("header").loc["对方账号"]
    assert (line["meaning"], line["confidence"]) == ("", 0.0)
    assert found.table.set_index("header").loc["客户账号", "evidence"] == "由办案人指定"


@pytest.mark.parametrize("name", ["../外", "a/b", "con", "", "generic", "x" * 41, "a.b"])
def test_a_name_that_is_no_file_name_is_refused(odd: Path, case: Case, name: str) -> None:
    with pytest.raises(FormatError, match="不能作版式名称"):
        corrected(odd).save(case, name=name)


def test_nothing_is_overwritten(odd: Path, case: Case) -> None:
    file = corrected(odd).save(case, name="某某银行")
    before = file.read_bytes()
    with pytest.raises(FormatError, match="已有版式"):
        corrected(odd).save(case, name="某某银行")
    with pytest.raises(FormatError, match="随附版式"):
        corrected(odd).save(case, name="detail")
    assert file.read_bytes() == before


def test_a_shipped_format_is_corrected_by_taking_its_place(tmp_path: Path, case: Case) -> None:
    file = tmp_path / "交易明细信息.csv"
    file.write_text(
        "交易卡号,交易账号,交易时间,交易金额,收付标志,对手账号,对手户名,实际金额\n"
        f"{CARD},,2024-03-01 10:00:00,1.00,出,{OTHER},李四,2.00\n",
        encoding="utf-8",
    )
    found = case.mapping(file)
    assert found.format.name == "detail"
    better = found.change(amount="实际金额", other_holder=None)
    with pytest.raises(FormatError, match="name='detail'"):
        better.save(case, name="另一个")
    better.save(case, name="detail")
    assert case.load(file).entries == 1
    assert case.entries()["fen"].tolist() == [200]


def test_what_is_no_statement_has_no_mapping(tmp_path: Path) -> None:
    file = tmp_path / "通讯录.csv"
    file.write_text("姓名,电话\n张三,19900000001\n", encoding="utf-8")
    with pytest.raises(FormatError, match="没有一张表像流水"):
        tracer.mapping(file)


def test_a_sheet_is_named_where_a_workbook_has_several(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name, day in (("一", "01"), ("二", "02")):
        page = book.create_sheet(name)
        page.append(["日期", "账号", "金额", "收付标志"])
        page.append([f"2024-03-{day}", CARD, "1.00", "收"])
    book.save(tmp_path / "b.xlsx")
    assert tracer.mapping(tmp_path / "b.xlsx").sheet == "一"
    second = tracer.mapping(tmp_path / "b.xlsx", sheet="二")
    assert second.preview().entries["time"].dt.day.tolist() == [2]


def test_the_page_is_inert_and_chinese(tmp_path: Path) -> None:
    file = tmp_path / "<b>行.csv"
    evil = "<script>alert(1)</script>"
    file.write_text(
        f"日期,账号,金额,收付标志,{evil}\n2024-03-01,{CARD},1.00,收,{evil}\n", encoding="utf-8"
    )
    page = tracer.mapping(file)._repr_html_()
    assert "<script" not in page
    assert "<b>" not in page
    for word in ("含义", "把握", "依据", "内容举例", "表头在第 1 行", ".change("):
        assert word in page


def test_a_meaning_is_named_by_its_title_too(odd: Path) -> None:
    found = tracer.mapping(odd).change(交易时间="付款时间", 收付标志="方向码", incoming=["甲"])
    assert found.format.columns["time"] == ("付款时间",)
    with pytest.raises(FormatError) as error:
        found.change(交易时问="付款时间")
    assert "'time'（交易时间）" in str(error.value)
    assert len(str(error.value)) < 500


def test_the_page_names_codes_of_this_sheet_in_both_languages(
    odd: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = tracer.mapping(odd)
    page = html.unescape(found._repr_html_())
    assert '.change(time="付款时间")' in page
    assert "time？" in page
    assert "常用代号：time 交易时间" in page
    found.show("en")
    corrected(odd).preview().show("en")
    told = capsys.readouterr().out
    assert "understood as" in told
    assert "13 rows = 12 kept" in told
    with pytest.raises(TracerError, match="no language"):
        found.show("fr")


def test_a_file_in_a_loaded_archive_is_mapped_by_its_name(tmp_path: Path, case: Case) -> None:
    with zipfile.ZipFile(tmp_path / "回单.zip", "w") as package:
        package.writestr("红河.csv", ODD)
    case.load(tmp_path / "回单.zip")
    found = case.mapping("回单.zip/红河.csv").change(
        time="付款时间", direction="方向码", incoming=["甲"], outgoing=["乙"]
    )
    assert found.source == "回单.zip/红河.csv"
    found.save(case, name="红河")
    assert case.load(tmp_path / "回单.zip").entries == 12
    with pytest.raises(CaseError, match=r"是不是 '回单.zip/红河.csv'"):
        case.mapping("回单.zip/红可.csv")


def test_a_locked_file_is_mapped_with_its_password(tmp_path: Path, case: Case) -> None:
    book, plain, target = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    for line in ODD.splitlines():
        book.active.append(line.split(","))
    book.save(plain)
    OOXMLFile(plain).encrypt("geheim-1", target)
    (tmp_path / "锁.xlsx").write_bytes(target.getvalue())
    with pytest.raises(SheetError, match="passwords="):
        case.mapping(tmp_path / "锁.xlsx")
    found = case.mapping(tmp_path / "锁.xlsx", passwords=["geheim-1"]).change(
        time="付款时间", direction="方向码", incoming=["甲"], outgoing=["乙"]
    )
    assert len(found.preview().entries) == 12
    found.save(case, name="锁")
    assert case.load(tmp_path / "锁.xlsx", passwords=["geheim-1"]).entries == 12


@pytest.mark.parametrize("one", formats(), ids=lambda one: one.name)
def test_every_shipped_format_survives_being_written(one: Format) -> None:
    text = toml(one)
    assert declared(text.encode(), "a.toml") == one
    assert all(line.isascii() or "#" in line or '"' in line for line in text.splitlines())


TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)


@given(
    name=TEXT.filter(str.strip),
    texts=st.lists(TEXTS, min_size=4, max_size=4),
    columns=st.dictionaries(st.sampled_from(sorted(MEANINGS)), TEXTS, max_size=4),
    flags=st.tuples(st.booleans(), st.booleans(), st.integers(0, 60)),
    prefix=TEXT,
)
@settings(max_examples=examples(50), deadline=None)
def test_any_format_survives_being_written(
    name: str,
    texts: list[tuple[str, ...]],
    columns: dict[str, tuple[str, ...]],
    flags: tuple[bool, bool, int],
    prefix: str,
) -> None:
    one = Format(
        name, name, prefix, "registrations", ("户名", *texts[0]), columns,
        incoming=texts[1], neutral=texts[2], suffixes=texts[3], exact=flags[0], stops=flags[1],
        headless=flags[2], prefix=prefix, other=(Pattern("^(?P<account>.+)$", prefix),),
        preamble={"account": r"卡号[:：]\s*(\d+)"},
    )  # fmt: skip
    assert declared(toml(one).encode(), "a.toml") == one
