"""Statements of any size for measuring: invented rows whose balances, ties and serials are true."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

COLUMNS = [
    *("交易卡号", "交易账号", "账户开户名称", "开户人证件号码", "交易时间", "交易金额", "交易余额"),
    *("收付标志", "交易对手账卡号", "对手户名", "对手开户银行", "摘要说明", "交易币种"),
    *(
        "交易网点名称",
        "交易是否成功",
        "IP地址",
        "MAC地址",
        "交易流水号",
        "备注",
        "查询反馈结果原因",
    ),
]
NUMERIC = {"交易金额", "交易余额"}
SEED = 20220401
ACCOUNTS, OTHERS, NAMES = 1000, 50_000, 100
CHUNK = 50_000
BANKS = [f"{name}股份有限公司" for name in ("东海银行", "南山银行", "西湖银行", "北辰银行")]
SUMMARIES = ["转账", "消费", "快捷支付", "代付", "跨行汇款", "ATM取款", "网银转账", "工资", "", ""]


def rows(count: int, seed: int = SEED) -> pa.Table:
    """Return that many rows of text, account by account in the order of time."""
    rng = np.random.default_rng(seed)
    each = -(-count // ACCOUNTS)
    fen = rng.integers(1, 5_000_000, (ACCOUNTS, each))
    fen[rng.random(fen.shape) < 0.3] //= 10_000
    fen += 1
    incoming = rng.random(fen.shape) < 0.5
    moved = np.where(incoming, fen, -fen).cumsum(axis=1)
    balance = moved - moved.min(axis=1, keepdims=True) + rng.integers(0, 10_000, (ACCOUNTS, 1))
    # One transfer in ten shares its second with the one before.
    gaps = rng.integers(1, 7200, fen.shape) * (rng.random(fen.shape) > 0.1)
    moments = 1_640_995_200 + gaps.cumsum(axis=1)
    owner = np.repeat(np.arange(ACCOUNTS), each)[:count]
    other = rng.integers(0, OTHERS, count)
    said = rng.integers(0, len(SUMMARIES), count)
    columns = {
        "交易卡号": _numbered("622202", owner, 13),
        "交易账号": _numbered("1001", owner, 12),
        "账户开户名称": _picked(_people(), owner % NAMES),
        "开户人证件号码": _numbered("990101", owner, 12),
        "交易时间": _times(moments.ravel()[:count]),
        "交易金额": _yuan(fen.ravel()[:count]),
        "交易余额": _yuan(balance.ravel()[:count]),
        "收付标志": _picked(["出", "进"], incoming.ravel()[:count].astype("int64")),
        "交易对手账卡号": _numbered("621700", other, 13),
        "对手户名": _picked(_people(), other % NAMES),
        "对手开户银行": _picked(BANKS, other % len(BANKS)),
        "摘要说明": _picked(SUMMARIES, said),
        "交易币种": _picked(["人民币"], said * 0),
        "交易网点名称": _picked([f"虚构支行{number}" for number in range(200)], owner % 200),
        "交易是否成功": _picked(["成功"], said * 0),
        "IP地址": _addresses(rng.integers(0, 5000, count)),
        "MAC地址": _picked([f"02-00-5E-00-00-{part:02X}" for part in range(256)], other % 256),
        "交易流水号": _numbered("2022", rng.permutation(count), 16),
        "备注": _picked(["", "", "", "货款", "还款"], other % 5),
        "查询反馈结果原因": _picked(["成功"], said * 0),
    }
    return pa.table({name: columns[name] for name in COLUMNS})


def _people() -> list[str]:
    return [
        f"{family}{given}" for family in "甄贾易莫吴尤白何时文" for given in "一二三四五六七八九十"
    ]


def _picked(words: list[str], at: np.ndarray) -> pa.Array:
    return pa.array(words).take(pa.array(at))


def _numbered(prefix: str, number: np.ndarray, digits: int) -> pa.Array:
    text = pc.utf8_lpad(pa.array(number).cast(pa.string()), digits, "0")
    return pc.binary_join_element_wise(prefix, text, "")


def _yuan(fen: np.ndarray) -> pa.Array:
    part = pc.utf8_lpad(pa.array(fen % 100).cast(pa.string()), 2, "0")
    return pc.binary_join_element_wise(pa.array(fen // 100).cast(pa.string()), part, ".")


def _times(seconds: np.ndarray) -> pa.Array:
    return pa.array(seconds.astype("datetime64[s]")).cast(pa.string())


def _addresses(number: np.ndarray) -> pa.Array:
    words = [f"198.51.{high}.{low}" for high in range(100, 120) for low in range(250)]
    return _picked(words, number)


def text(
    table: pa.Table, path: Path, *, quoted: bool = False, ragged: bool = False, split: bool = False
) -> None:
    """Write a table in GB18030; all cells quoted, 1 % of rows torn, or day and clock apart."""
    names = table.column_names
    if split:
        at = names.index("交易时间")
        day, clock = (pc.utf8_slice_codeunits(table[at], *part) for part in ((0, 10), (11, 19)))
        table = table.set_column(at, "交易日期", day).add_column(at + 1, "交易时间", clock)
        names = table.column_names
    mark = '"' if quoted else ""
    with path.open("wb") as target:
        target.write((",".join(names) + "\n").encode("gb18030"))
        for batch in table.to_batches(max_chunksize=CHUNK):
            line = pc.binary_join_element_wise(*batch.columns, f"{mark},{mark}")
            line = pc.binary_join_element_wise(mark, line, mark, "")
            if ragged:
                torn = pa.array(np.arange(len(line)) % 100 == 99)
                line = pc.if_else(torn, pc.binary_join_element_wise(line, ",多,出", ""), line)
            target.write(("\n".join(line.to_pylist()) + "\n").encode("gb18030"))


def workbook(table: pa.Table, path: Path) -> None:
    """Write a table as Excel does: text as shared strings, amounts as numbers, no empty cells."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, content in _PARTS.items():
            package.writestr(name, content)
        with package.open("xl/sharedStrings.xml", "w", force_zip64=True) as target:
            places = _shared(table, target)
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as target:
            _sheet(table, places, target)


def _shared(table: pa.Table, target: IO[bytes]) -> dict[str, pa.Array]:
    """Write every text once, and return the place of each cell's text."""
    target.write(_XML + b'<sst xmlns="%s">' % _MAIN)
    header = "".join(f"<si><t>{name}</t></si>" for name in table.column_names)
    target.write(header.encode())
    places, before = {}, table.num_columns
    for name in table.column_names:
        if name in NUMERIC:
            continue
        column = table[name].combine_chunks()
        coded = pc.if_else(pc.equal(column, ""), None, column).dictionary_encode()
        for start in range(0, len(coded.dictionary), CHUNK):
            some = coded.dictionary.slice(start, CHUNK)
            items = pc.binary_join_element_wise("<si><t>", some, "</t></si>", "")
            target.write("".join(items.to_pylist()).encode())
        places[name] = pc.add(coded.indices.cast(pa.int64()), before)
        before += len(coded.dictionary)
    target.write(b"</sst>")
    return places


def _sheet(table: pa.Table, places: dict[str, pa.Array], target: IO[bytes]) -> None:
    last = f"{_letter(table.num_columns - 1)}{len(table) + 1}"
    target.write(_XML + b'<worksheet xmlns="%s"><dimension ref="A1:%s"/>' % (_MAIN, last.encode()))
    header = "".join(
        f'<c r="{_letter(at)}1" t="s"><v>{at}</v></c>' for at in range(table.num_columns)
    )
    target.write(f'<sheetData><row r="1">{header}</row>'.encode())
    for piece in _lines(table, places):
        target.write(piece)
    target.write(b"</sheetData></worksheet>")


def _lines(table: pa.Table, places: dict[str, pa.Array]) -> Iterator[bytes]:
    for start in range(0, len(table), CHUNK):
        some = table.slice(start, CHUNK)
        number = pa.array(np.arange(start + 2, start + 2 + len(some))).cast(pa.string())
        cells = []
        for at, name in enumerate(table.column_names):
            value = places[name].slice(start, CHUNK) if name in places else some[name]
            if name in NUMERIC:
                value = pc.utf8_rtrim(pc.utf8_rtrim(value.combine_chunks(), "0"), ".")
            kind = '"' if name in NUMERIC else '" t="s"'
            value = value.cast(pa.string())
            one = (f'<c r="{_letter(at)}', number, f"{kind}><v>", value, "</v></c>")
            cells.append(pc.fill_null(pc.binary_join_element_wise(*one, ""), ""))
        line = pc.binary_join_element_wise('<row r="', number, '">', *cells, "</row>", "")
        yield "".join(line.to_pylist()).encode()


def _letter(at: int) -> str:
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[at]


_XML = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPE}.sharedStrings+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN.decode()}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    "</Relationships>",
}
