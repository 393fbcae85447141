"""The replies of 财付通 and 支付宝, in the layouts in which they answer the police."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from tracer.simulate import headers
from tracer.simulate.layouts import plain
from tracer.simulate.people import Account
from tracer.simulate.records import Record


def tenpay_trades(found: Iterable[Record]) -> bytes:
    """
    Return one user's TenpayTrades.txt: amounts in fen, cells parted by TAB.

    Parameters
    ----------
    found
        The user's records, in order.
    """
    return _tabbed(headers.TENPAY_TRADES, (_trade(record) for record in found))


def tenpay_user(account: Account, card: Account, spare: Account | None) -> bytes:
    """
    Return one user's TenpayRegInfo.txt.

    Parameters
    ----------
    account
        The user.
    card
        The bank account that the user's money comes from and goes to.
    spare
        A second bound card, told in a row whose first cells are empty.
    """
    person = account.holder
    first = ["正常", account.number, person.name, "2022-03-05 11:20:30", person.identity]
    rows = [[*first, person.phone, "绑定", _bank(card), card.card]]
    if spare:
        rows.append([*[""] * 7, _bank(spare), spare.card])
    return _tabbed(headers.TENPAY_USERS, rows)


def alipay_details(found: Iterable[Record]) -> bytes:
    """
    Return 账户明细 of all users that were asked for, in yuan.

    Parameters
    ----------
    found
        The records of every user, in the order of the file.
    """
    return _csv(headers.ALIPAY_DETAILS, (_detail(record) for record in found))


def alipay_users(accounts: Iterable[tuple[Account, Account, int]]) -> bytes:
    """
    Return 注册信息 of all users that were asked for.

    Parameters
    ----------
    accounts
        The users, each with the bank account bound to it and its balance in fen.
    """
    rows = []
    for account, card, balance in accounts:
        person = account.holder
        cells = [account.number, "", person.phone, person.name, "身份证", person.identity]
        bound = f"借记卡:{_bank(card)}:{card.card};"
        rows.append([*cells, plain(balance), person.phone, bound, account.number])
    return _csv(headers.ALIPAY_USERS, rows)


def _trade(record: Record) -> list[str]:
    own, other, transfer = record.own, record.other, record.transfer
    kind, note = _business(record)
    head = [own.number, record.serial, "", own.holder.name, "入" if record.incoming else "出"]
    head += [kind, note, f"{record.time:%Y-%m-%d %H:%M:%S}", str(record.fen), str(record.balance)]
    if record.crossing:
        return [*head, other.card, transfer.link, "网联", *[""] * 12, note, ""]
    tail = ["", other.number, other.holder.name, *[""] * 7]
    arrival, fen = f"{transfer.arrival:%Y-%m-%d %H:%M:%S}", str(record.fen)
    return [*head, "", "", "", *tail, arrival, fen, note, transfer.remark]


def _business(record: Record) -> tuple[str, str]:
    if record.crossing:
        return ("充值", "零钱充值") if record.incoming else ("提现", "零钱提现")
    return ("商户消费", "消费") if record.other.kind == "merchant" else ("转账", "微信转账")


def _detail(record: Record) -> list[str]:
    own, other, transfer = record.own, record.other, record.transfer
    time = f"{record.time:%Y-%m-%d %H:%M:%S}"
    changed = f"{record.time + timedelta(seconds=2):%Y-%m-%d %H:%M:%S}"
    party, kind = f"{other.number}({other.holder.name})", "转账"
    if other.bank:
        party, kind = f"（{other.bank.short}）{other.card}", "充值" if record.incoming else "提现"
    head = [record.serial, "", time, time, changed, "示例市", kind]
    head += [f"{own.number}({own.holder.name})", party, kind, plain(record.fen)]
    side = "收入" if record.incoming else "支出"
    return [*head, side, "交易成功结束", "余额", transfer.link, transfer.remark, own.number]


def _bank(account: Account) -> str:
    return account.bank.short if account.bank else ""


def _tabbed(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    return "".join("\t".join(row) + "\n" for row in [header, *rows]).encode("utf-8")


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    return "".join(",".join(row) + "\r\n" for row in [header, *rows]).encode("gb18030")
