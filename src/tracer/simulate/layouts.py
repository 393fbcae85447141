"""Bank statements in the layouts of the platforms, with the mess that real ones have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from tracer.money import yuan
from tracer.simulate import headers
from tracer.simulate.people import Account, Bank
from tracer.simulate.records import Record

_TAB = "\t"


def plain(fen: int) -> str:
    """
    Write fen as yuan without separators.

    Parameters
    ----------
    fen
        An amount in fen.

    Examples
    --------
    >>> plain(123456)
    '1234.56'
    """
    return f"{Decimal(fen) / 100:.2f}"


def bank_rows(found: Iterable[Record], layout: str) -> list[list[str]]:
    """
    Return the cells of a bank's records.

    Parameters
    ----------
    found
        The records, in the order of the file.
    layout
        ``B``, ``D`` or ``sheet``; see `headers`.

    Returns
    -------
    list
        One list of cells for each record, in the order of the layout's header.
    """
    header = headers.LAYOUTS[layout]
    rows = []
    for place, record in enumerate(found, start=1):
        cells = _sheet_cells(record, place) if layout == "sheet" else _platform_cells(record)
        rows.append([cells.get(name, "-" if layout == "sheet" else "") for name in header])
    return rows


def registration_rows(
    accounts: Iterable[Account], found: dict[str, list[Record]]
) -> list[list[str]]:
    """
    Return the cells of 账户信息: who owns which card and which account number.

    Parameters
    ----------
    accounts
        The bank's accounts.
    found
        Account key to its records, in order.
    """
    rows = []
    for account in accounts:
        last = found[account.key][-1]
        cells = {
            "账户开户名称": account.holder.name,
            "开户人证件号码": account.holder.identity,
            "交易卡号": account.card,
            "交易账号": account.number,
            "账号开户时间": f"20{10 + int(account.number[-2:]) % 14}-03-15 10:20:30",
            "账户余额": plain(last.balance),
            "可用余额": plain(last.balance),
            "币种": "CNY",
            "开户网点": _branch(account),
            "账户状态": "正常",
            "账户类型": "个人" if account.card else "对公",
            "账号开户银行": account.bank.name if account.bank else "",
            "最后交易时间": f"{last.time:%Y-%m-%d %H:%M:%S}",
        }
        rows.append([cells.get(name, "") for name in headers.REGISTRATION])
    return rows


def csv_bytes(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, tabbed: bool = False
) -> bytes:
    r"""
    Return a GB18030 file in which every data cell ends with a TAB.

    Parameters
    ----------
    header
        The names of the columns.
    rows
        The cells.
    tabbed
        Whether the header's cells start with a TAB.

    Examples
    --------
    >>> csv_bytes(["a", "b"], [["1", ""]], tabbed=True)
    b'\ta,\tb\r\n1\t,\t\r\n'
    """
    names = [_TAB + name if tabbed else name for name in header]
    lines = [names, *([cell + _TAB for cell in row] for row in rows)]
    return "".join(",".join(line) + "\r\n" for line in lines).encode("gb18030")


def _platform_cells(record: Record) -> dict[str, str]:
    own, other, bank = record.own, record.other, _bank(record.own)
    cash = other.kind == "cash"
    cells = {
        "交易卡号": own.card,
        "交易账号": own.number,
        "账户开户名称": own.holder.name,
        "开户人证件号码": own.holder.identity,
        "交易时间": f"{record.time:%Y-%m-%d %H:%M:%S}",
        "交易金额": plain(record.fen),
        "交易余额": plain(record.balance),
        "收付标志": bank.words[0 if record.incoming else 1],
        "交易对手账卡号": record.shown,
        "现金标志": "现金" if cash else "其它",
        "对手户名": record.name,
        "对手开户银行": other.bank.name if other.bank else "",
        "摘要说明": record.transfer.summary,
        "交易币种": "CNY",
        "交易网点名称": _branch(own),
        "交易网点代码": f"{bank.code}9900{int(own.number[-2:]) % 7:02d}",
        "交易发生地": "示例市",
        "交易是否成功": "失败" if record.failed else "成功",
        "交易流水号": record.serial,
        "备注": record.transfer.remark,
        "查询反馈结果原因": "成功",
    }
    if other.kind == "merchant":
        cells |= {"商户名称": other.holder.name, "商户号": other.number}
    return cells | _device(record)


def _sheet_cells(record: Record, place: int) -> dict[str, str]:
    own, other, bank = record.own, record.other, _bank(record.own)
    # Some of the bank's clerks write thousands with commas.
    amount = yuan(record.fen) if place % 3 == 0 else plain(record.fen)
    cells = {
        "序号": str(place),
        "查询账号": own.card or own.number,
        "查询账号姓名": own.holder.name,
        "对方账号姓名": record.name or "-",
        "对方账号卡号": record.shown or "-",
        "金额": amount,
        "余额": plain(record.balance),
        "借贷标志": bank.words[0 if record.incoming else 1],
        "交易类型": record.transfer.summary,
        "交易结果": "失败" if record.failed else "成功",
        "交易时间": f"{record.time:%Y%m%d%H%M%S}",
        "交易开户行": other.bank.name if other.bank else "-",
        "交易网点名称": _branch(own),
        "交易流水号": record.serial,
        "交易发生地": "示例市",
        "交易摘要": record.transfer.summary,
    }
    if other.kind == "merchant":
        cells["商户名称"] = other.holder.name
    return cells | _device(record)


def _device(record: Record) -> dict[str, str]:
    """Return where a payment was made: a machine, a counter, or a phone behind an address."""
    own, cash = record.own, record.other.kind == "cash"
    if cash and record.transfer.summary == "柜面取款":
        return {"交易柜员号": "990001", "凭证种类": "取款凭条"}
    if cash:
        return {"终端号": f"ATM99{int(own.number[-2:]) % 9:02d}"}
    if record.incoming:
        return {}
    # The mules are few people with many cards: their phones share four addresses.
    n = int(own.number[-4:])
    last, block = (n % 4 + 1, "203.0.113") if own.role == "mule" else (n % 250 + 1, "198.51.100")
    ours = "0A" if own.role == "mule" else "0B"
    return {"IP地址": f"{block}.{last}", "MAC地址": f"02-00-00-00-{ours}-{last:02X}"}


def _branch(account: Account) -> str:
    return f"{_bank(account).short}示例市第{int(account.number[-2:]) % 7 + 1}支行"


def _bank(account: Account) -> Bank:
    assert account.bank is not None
    return account.bank
