"""Explanation: how a file is read and why, sheet by sheet, in sentences for whoever asks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePath

import pandas as pd

from tracer.statements.cells import plain
from tracer.statements.files.regular import HEAD
from tracer.statements.files.sheets import Sheet, sheets
from tracer.statements.formats.declare import Format, bare, formats
from tracer.statements.formats.recognise import lacking, positions
from tracer.statements.generic.running import Run, run
from tracer.statements.generic.write import taught
from tracer.statements.load import Reading, understood
from tracer.statements.mapping import Mapping, called, mapped, mapping, missing
from tracer.statements.report.report import LoadReport
from tracer.stores.evidence import sha256
from tracer.views.words import language

# So many of the nearest formats, and of the values of a direction column, are told.
_NEAREST, _VALUES = 3, 12
# What a header says that may mark money in and out.
_MARKED = r"方向|标志|标识|标记|收付|收支|借贷|进出"
_WORDS = {
    "zh": {
        "sheet": "■ 工作表 {name}（{rows} 行{encoding}）",
        "encoding": "，编码 {name}",
        "by": "  版式：《{title}》（{name}），{where}",
        "header": "表头在第 {row} 行",
        "headless": "没有表头行",
        "none": "  版式：没有识别，也不像流水。",
        "columns": "  各列：",
        "column": "    {at}. {header} → {meaning}　{why}",
        "unused": "（不采用）",
        "share": "把握 {share:.0%}，",
        "unclear": "  还不清楚：{why}。",
        "nearest": "  其他相近的版式：",
        "lacks": "    《{title}》（{name}）缺少：{missing}",
        "whole": "    《{title}》（{name}）也读得了，但认得的列较少",
        "marks": "  收付标志：{marks}",
        "mark": "{value} = {way}（{rows} 行）",
        "in": "收",
        "out": "付",
        "fault": "未入库",
        "empty": "（空）",
        "balance": "  余额验证：{steps} 处前后余额中，{same} 处与收付和金额相符，"
        "{turned} 处金额相符而方向相反，{rest} 处不符。",
        "next": "要改正，可先运行 tracer format new {file} --out 版式.toml{case}，"
        "改好后放进案件的 formats 文件夹。",
    },
    "en": {
        "sheet": "* Sheet {name} ({rows} rows{encoding})",
        "encoding": ", encoding {name}",
        "by": "  Format: {title_en} ({name}), {where}",
        "header": "header in row {row}",
        "headless": "no header row",
        "none": "  Format: not recognised, and not like a statement.",
        "columns": "  Columns:",
        "column": "    {at}. {header} -> {meaning}  {why}",
        "unused": "(not used)",
        "share": "confidence {share:.0%}, ",
        "unclear": "  Not clear: {why}.",
        "nearest": "  Other formats that come near:",
        "lacks": "    {title_en} ({name}) lacks: {missing}",
        "whole": "    {title_en} ({name}) fits too, but knows fewer columns",
        "marks": "  Direction: {marks}",
        "mark": "{value} = {way} ({rows} rows)",
        "in": "in",
        "out": "out",
        "fault": "not kept",
        "empty": "(empty)",
        "balance": "  Balance: of {steps} steps {same} agree with direction and amount, {turned} "
        "with the amount in the other direction, {rest} with neither.",
        "next": "To correct this, run tracer format new {file} --out FORMAT.toml{case}, edit it "
        "and put it into the case's folder formats.",
    },
}  # fmt: skip


def explain(
    path: Path,
    *,
    source: str = "",
    formats_in: Path | None = None,
    passwords: Sequence[str] = (),
    case: str = "",
    lang: str = "zh",
) -> str:
    """
    Tell how a file is read and why.

    Parameters
    ----------
    path
        The file.
    source
        The file as whoever asks wrote it; its path by default.
    formats_in
        The folder of a case's own declarations.
    passwords
        Tried where the file is locked; kept nowhere.
    case
        The folder of the case, for the command that is named at the end.
    lang
        zh or en.

    Returns
    -------
    str
        Sheet by sheet: the format, the header row, every column, what the
        nearest formats lack, the words for in and out, and what the balances
        say; then the light, and the rows that are kept and set aside, as in a load.

    Raises
    ------
    SheetError
        If the file is no table.
    TracerError
        If there is no such language.
    """
    words = _WORDS[("zh", "en")[language(lang)]]
    declared, name = formats(formats_in), called(path, source)
    read_sheets = sheets(path, passwords)
    reading = understood(read_sheets, declared, source=name, sha256=sha256(path))
    lines = []
    for one in read_sheets:
        found = None if one.cells.empty else mapped(one, declared, name)
        lines += _sheet(one, found, reading, declared, words=words)
    shown = ("files", "faults", "skipped", "coverage", "tasks")
    report = LoadReport(**{table: getattr(reading, table) for table in shown}).text(lang)
    told = f" --case {_quoted(case)}" if case else ""
    asked = {"file": _quoted(source or str(path)), "case": told}
    return "\n".join([*lines, report, words["next"].format(**asked)])


def _quoted(path: str) -> str:
    """Return a path as a shell takes it for one word."""
    return f'"{path}"' if re.search(r"[\s()&;']", path) else path


def draft(
    path: Path,
    *,
    source: str = "",
    formats_in: Path | None = None,
    passwords: Sequence[str] = (),
) -> str:
    """
    Return a declaration to start from, as TOML with comments in Chinese.

    Parameters
    ----------
    path
        A statement file.
    source
        The file as whoever asks wrote it; its path by default.
    formats_in
        The folder of a case's own declarations.
    passwords
        Tried where the file is locked; kept nowhere.

    Raises
    ------
    FormatError
        If no sheet looks like a statement.
    SheetError
        If the file is no table.
    """
    found = mapping(path, source=source, formats_in=formats_in, passwords=passwords)
    name = re.sub(r"\W+", "", PurePath(found.source).stem)[:40] or "own"
    form = replace(found.format, name=name, title=name, title_en=name)
    unused = [line for line in found.table.to_dict("records") if not line["meaning"]]
    lacks = missing(form)
    marked = any(re.search(_MARKED, line["header"]) for line in unused)
    marked |= "direction" in {*form.columns, *lacks}
    return taught(
        form,
        missing=lacks,
        unclear=[_flat(one.zh) for one in found.unclear],
        unused=[f"#   {line['header']}　（内容如：{_flat(line['samples'])}）" for line in unused],
        marks=form.kind == "statement" and marked,
    )


def _flat(value: object) -> str:
    """Keep what evidence says on one line of comments."""
    return re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]+", " ", str(value))


def _sheet(
    one: Sheet,
    found: Mapping | None,
    reading: Reading,
    declared: Sequence[Format],
    *,
    words: dict[str, str],
) -> list[str]:
    encoding = words["encoding"].format(name=one.encoding) if one.encoding else ""
    name = one.name or reading.files["source"].iloc[0]
    lines = [words["sheet"].format(name=name, rows=len(one.cells), encoding=encoding)]
    if found is None:
        return [*lines, words["none"], *_nearest(one, "", declared, words)]
    form = found.format
    where = "headless" if form.headless else "header"
    told_of = {"title": form.title, "title_en": form.title_en, "name": form.name}
    lines.append(words["by"].format(where=words[where].format(row=found.at + 1), **told_of))
    lines += [words["unclear"].format(why=_said(why, words)) for why in found.unclear]
    lines += [words["columns"], *_columns(found, words)]
    lines += _nearest(one, form.name, declared, words)
    entries = reading.entries[reading.entries["sheet"].eq(one.name)]
    return [*lines, *_marks(one, found, reading, words), *_balance(entries, words)]


def _said(why: object, words: dict[str, str]) -> str:
    return str(getattr(why, "zh" if words is _WORDS["zh"] else "en"))


def _columns(found: Mapping, words: dict[str, str]) -> list[str]:
    lines = []
    for line in found.table.to_dict("records"):
        share = words["share"].format(share=line["confidence"]) if line["meaning"] else ""
        zh = words is _WORDS["zh"]
        meaning = f"{line['title']} {line['meaning']}" if zh else line["meaning"]
        lines.append(
            words["column"].format(
                at=line["position"],
                header=line["header"],
                meaning=meaning.strip() or words["unused"],
                why=f"[{share}{line['evidence' if zh else 'evidence_en']}]",
            )
        )
    return lines


def _nearest(
    one: Sheet, chosen: str, declared: Sequence[Format], words: dict[str, str]
) -> list[str]:
    rows = [tuple(map(bare, row)) for row in one.cells.head(HEAD).itertuples(index=False)]
    near = []
    for form in declared:
        if form.name == chosen or form.headless or not rows:
            continue
        missing = min((lacking(form, row) for row in rows), key=len)
        if len(missing) < len(form.required):
            near.append((len(missing) / len(form.required), form, missing))
    near.sort(key=lambda each: each[0])
    lines = []
    for _, form, missing in near[:_NEAREST]:
        told_of = {"title": form.title, "title_en": form.title_en, "name": form.name}
        key = "lacks" if missing else "whole"
        lines.append(words[key].format(missing="、".join(map(_first, missing)), **told_of))
    return [words["nearest"], *lines] if lines else []


def _first(need: str) -> str:
    """Return one of the headers that would do, and a sign that others would too."""
    name, _, more = need.partition("|")
    return f"{name}…" if more else name


def _marks(one: Sheet, found: Mapping, reading: Reading, words: dict[str, str]) -> list[str]:
    """Tell which value of the direction column was read as what."""
    places = positions(found.format, found.header).get("direction")
    entries, faults = (
        frame[frame["sheet"].eq(one.name)].set_index("row")
        for frame in (reading.entries, reading.faults[reading.faults["aside"].eq("row")])
    )
    if not places or entries.empty:
        return []
    rows = entries.index.union(faults.index).unique()
    value = plain(one.cells.iloc[:, places[0]]).reindex(rows).fillna("")
    way = entries["direction"].reindex(rows).fillna("fault")
    counts = (value + "\t" + way).value_counts().head(_VALUES)
    parts = [(*str(pair).rsplit("\t", 1), int(many)) for pair, many in counts.items()]
    told_of = [
        words["mark"].format(value=mark or words["empty"], way=words[str(sense)], rows=many)
        for mark, sense, many in parts
    ]
    return [words["marks"].format(marks="；".join(told_of))]


def _balance(entries: pd.DataFrame, words: dict[str, str]) -> list[str]:
    """Tell how often the balance of a row follows from the one before."""
    steps = proof(entries)
    if not steps.steps:
        return []
    turned, rest = steps.holds - steps.same, steps.steps - steps.holds
    return [words["balance"].format(steps=steps.steps, same=steps.same, turned=turned, rest=rest)]


def proof(entries: pd.DataFrame) -> Run:
    """
    Return how often the balances of entries follow from direction and amount.

    Parameters
    ----------
    entries
        As ``tables.ENTRIES``.
    """
    rows = entries[entries["success"] & entries["statement"]].sort_values(["account", "seq"])
    signed = rows["fen"].where(rows["direction"].eq("in"), -rows["fen"]).astype("Int64")
    return run(signed, rows["balance_fen"], rows["account"], rows["time"])
