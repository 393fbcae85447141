"""Write the training case: statements as banks and platforms send them, victims, and the truth."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from tracer.errors import CaseError
from tracer.money import fen, yuan
from tracer.simulate import headers, layouts, reports, truth, wallets
from tracer.simulate.cast import PLANS, Cast, assemble
from tracer.simulate.daily import live
from tracer.simulate.people import BANKS, Account, Bank
from tracer.simulate.records import Record, records
from tracer.simulate.sheets import workbook_bytes
from tracer.simulate.story import Crime, commit
from tracer.simulate.world import World

_FIRST = "经侦平台_20240620"
_SECOND = "经侦平台_20240625_补充"
_AGAIN = ("A1", "B1", "C1")
_AGAIN_FROM = datetime(2024, 6, 1)
_CASE = "990101001"
_REGISTER = """收文登记

2024-06-20 收到经侦平台反馈，工行、农行、招行、建行、邮储各一份；平安银行文件为空，已电话催办。
2024-06-22 收到国反平台中国银行反馈一份。
2024-06-23 收到财付通、支付宝调证回复。
2024-06-25 工行三个账户补充查询，与首次反馈有重叠。
（本登记及全部数据均为虚构，仅供培训。）
"""
_README = """# 培训案例 · Training case

本文件夹由 `tracer.simulate.write` 生成，人物、公司、账号、交易全部虚构：
身份证号的行政区划 99 不存在，卡号主体为零，电话为 199 0000 号段。

- `statements/`：银行、财付通、支付宝的反馈，版式与毛病都仿照真实文件；平安银行尚未反馈。
- `victims.xlsx`：十名被害人的报案转账；其中一笔金额报错，找不到对应交易。
- `truth/`：标准答案。`transfers.csv` 全部真实转账，`seeds.csv` 每笔报案对应的真实转账，
  `ends.csv` 按先进先出每名被害人资金的去向，`accounts.csv` 全部账户。

Written by `tracer.simulate.write`. Every person, company, number and transaction is
invented: region 99 of the identity numbers does not exist, the cards' bodies are zeros.

- `statements/`: replies in the banks' and platforms' own layouts, mess included; Ping An
  has not answered yet.
- `victims.xlsx`: the payments that ten victims reported; one amount is wrong on purpose.
- `truth/`: the answers. `transfers.csv` is every true transfer (`seen`: how many of its two
  sides are in the statements, repeats in the second query not counted), `seeds.csv` the
  true payment behind each report (`row` as a spreadsheet counts), `ends.csv` where each
  victim's money ended under first in first out, all seeds of `seeds.csv` followed,
  `accounts.csv` every account (`level` 0: a victim's own, or no victim's money came there).
"""


@dataclass(frozen=True)
class Simulation:
    """What was written, and how much of it."""

    folder: Path
    """The case's folder."""
    statements: Path
    """The folder to load."""
    victims: Path
    """The workbook of reports."""
    truth: Path
    """The folder with the answers."""
    files: int
    """How many files were written."""
    records: int
    """How many rows of statements, the repeats of the second query not counted."""
    transfers: int
    """How many true transfers, failed and reversed ones included."""
    seeds: int
    """How many payments of victims."""
    accounts: int
    """How many accounts took part."""


def write(folder: Path, *, seed: int = 20240601) -> Simulation:
    """
    Invent a training case and write it, byte for byte the same for the same seed.

    Parameters
    ----------
    folder
        Where to write; made if need be. It must not hold anything yet.
    seed
        Decides amounts, times and routes; people and accounts are always the
        same.

    Returns
    -------
    Simulation
        Where things are and how many.

    Raises
    ------
    CaseError
        If the folder holds files already.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = write(Path(folder) / "training")
    ...     made.seeds, made.victims.name
    (42, 'victims.xlsx')
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        msg = (
            f"The folder {str(folder)!r} is not empty. Give a new folder, so that nothing is lost."
        )
        raise CaseError(msg, zh=f"文件夹 {str(folder)!r} 不是空的，请换一个新文件夹。")
    cast, world = assemble(), World(seed)
    crime = commit(world, cast)
    live(world, cast)
    world.run()
    found = records(world.transfers, cast.clearing, seed=seed)
    told, seeds = reports.report_rows(crime.seeds)
    statements = _platform_files(cast, found) | _wallet_files(cast, found, seed)
    files = {f"statements/{path}": content for path, content in statements.items()}
    files |= {f"truth/{path}": content for path, content in _truth_files(crime, seeds).items()}
    files["victims.xlsx"] = workbook_bytes("被害人", told)
    files["README.md"] = _README.encode("utf-8")
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return Simulation(
        folder,
        folder / "statements",
        folder / "victims.xlsx",
        folder / "truth",
        len(files),
        sum(map(len, found.values())),
        len(world.transfers),
        len(crime.seeds),
        len(cast.accounts),
    )


def _platform_files(cast: Cast, found: dict[str, list[Record]]) -> dict[str, bytes]:
    files = {"收文登记.txt": _REGISTER.replace("\n", "\r\n").encode("utf-8")}
    for short, bank in BANKS.items():
        accounts = [account for account in cast.covered if account.bank is bank]
        rows = layouts.bank_rows(_in_order(accounts, found), bank.layout) if accounts else []
        if bank.layout == "sheet":
            content = workbook_bytes("交易明细", _with_footer(rows))
            files[f"国反_20240622/{bank.name}.xlsx"] = content
        elif not accounts:
            files[f"{_FIRST}/{bank.name}交易明细信息.csv"] = b""
        else:
            rows = _MESS.get(short, list)(rows)
            files |= _bank_files(_FIRST, bank, accounts, rows, found)
    return files | _second_query(cast, found)


def _in_order(accounts: Iterable[Account], found: dict[str, list[Record]]) -> list[Record]:
    return [record for account in accounts for record in found[account.key]]


def _bank_files(
    folder: str,
    bank: Bank,
    accounts: list[Account],
    rows: list[list[str]],
    found: dict[str, list[Record]],
) -> dict[str, bytes]:
    header, tabbed = headers.LAYOUTS[bank.layout], bank is BANKS["ABC"]
    # Variant B names nobody: the holder is told in 账户信息 alone.
    bare = {"交易方户名", "交易方证件号码"}
    rows = [
        ["" if name in bare else cell for name, cell in zip(header, row, strict=True)]
        for row in rows
    ]
    people = layouts.registration_rows(accounts, found)
    return {
        f"{folder}/{bank.name}交易明细信息.csv": layouts.csv_bytes(header, rows, tabbed=tabbed),
        f"{folder}/{bank.name}账户信息.csv": layouts.csv_bytes(headers.REGISTRATION, people),
    }


def _repeat_header(rows: list[list[str]]) -> list[list[str]]:
    half = len(rows) // 2
    return [*rows[:half], headers.PLATFORM_D, *rows[half:]]


def _newest_first(rows: list[list[str]]) -> list[list[str]]:
    return rows[::-1]


_MESS: dict[str, Callable[[list[list[str]]], list[list[str]]]] = {
    "ABC": _newest_first,
    "CCB": _repeat_header,
}


def _with_footer(rows: list[list[str]]) -> list[list[str]]:
    header, half = headers.SHEET, len(rows) // 2
    amount = header.index("金额")
    total = sum(fen(row[amount]) for row in rows)
    footer = ["合计", *[""] * (amount - 1), yuan(total), *[""] * (len(header) - amount - 1)]
    return [header, *rows[:half], [""] * len(header), *rows[half:], footer]


def _second_query(cast: Cast, found: dict[str, list[Record]]) -> dict[str, bytes]:
    """Ask one bank again for some accounts: rows come twice, and three of them are damaged."""
    accounts = [cast.mules[label].account for label in _AGAIN]
    late = [record for record in _in_order(accounts, found) if record.time >= _AGAIN_FROM]
    bank = BANKS["ICBC"]
    rows = layouts.bank_rows(late, bank.layout)
    header = headers.LAYOUTS[bank.layout]
    other = header.index("交易对手账卡号")
    carded = next(row for row in rows if len(row[other]) == 19)
    carded[other] = f"{Decimal(carded[other]):.2E}"
    whole = [row for row in rows if row is not carded]
    whole[len(whole) // 3][header.index("交易金额")] = "壹万元整"
    whole[len(whole) * 2 // 3][header.index("交易时间")] = "2024-06-31 10:00:00"
    return _bank_files(_SECOND, bank, accounts, rows, found)


def _wallet_files(cast: Cast, found: dict[str, list[Record]], seed: int) -> dict[str, bytes]:
    cards = {mule.account.card: mule.account for mule in cast.mules.values()}
    users = [account for account in cast.covered if account.kind == "payment"]
    digest = hashlib.sha256(str(seed).encode("utf-8")).hexdigest()
    files, alipay = {}, [user for user in users if user.platform == "alipay"]
    for user in users:
        if user in alipay:
            continue
        place = f"财付通_{digest[:8]}/TP{digest[8:24]}/IDCARD/{user.holder.identity}/{user.number}"
        card = cards[user.bound]
        spare = cast.spare if cast.spare.holder is user.holder else None
        files[f"{place}/TenpayTrades.txt"] = wallets.tenpay_trades(found[user.key])
        files[f"{place}/TenpayRegInfo.txt"] = wallets.tenpay_user(user, card, spare)
    details = wallets.alipay_details(_in_order(alipay, found))
    people = [(user, cards[user.bound], found[user.key][-1].balance) for user in alipay]
    place = f"支付宝_20240623/{_CASE}"
    files[f"{place}_账户明细d2_20240623102205.csv"] = details
    files[f"{place}_注册信息d2_20240623102205.csv"] = wallets.alipay_users(people)
    return files


def _truth_files(crime: Crime, seeds: list[list[str]]) -> dict[str, bytes]:
    world, cast = crime.world, crime.cast
    transfers = sorted(world.transfers, key=lambda transfer: transfer.time)
    owners = {id(seed): cast.victims[n].holder.name for n, seed in crime.seeds}
    assert len({victim.holder.name for victim in cast.victims}) == len(PLANS)
    ends = truth.settle(transfers, owners, world.opening)
    tables = {
        "transfers.csv": truth.transfer_rows(transfers),
        "seeds.csv": seeds,
        "ends.csv": truth.end_rows(ends),
        "accounts.csv": truth.account_rows(cast.accounts, ends.levels),
    }
    return {
        name: "".join(",".join(row) + "\n" for row in rows).encode("utf-8")
        for name, rows in tables.items()
    }
