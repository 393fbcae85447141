"""A trace of an invented case, as the tables that the views take."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from tracer.views import graph

BANKS = [
    "中国工商银行股份有限公司杭州分行",
    "中国农业银行成都青羊支行",
    "中国建设银行股份有限公司",
    "招商银行深圳分行",
    "中国邮政储蓄银行",
    "",
]
FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"
GIVEN = ["伟", "芳", "娜", "秀英", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰"]


@dataclass(frozen=True)
class Tables:
    """What a trace hands to the views."""

    transfers: pd.DataFrame
    movements: pd.DataFrame
    accounts: pd.DataFrame

    def graph(self) -> nx.MultiDiGraph:
        return graph.build(self.transfers, self.movements, self.accounts)


def transfer(number: int, payer: str, payee: str, fen: int, **more: object) -> dict[str, object]:
    """Return one row of transfers."""
    time = pd.Timestamp("2024-06-01 09:00:00") + pd.Timedelta(minutes=7 * number, seconds=number)
    row = {"transfer_id": number, "time": time, "payer": payer, "payee": payee, "fen": fen}
    row |= {"time_precision": "second", "status": "ok", "summary": "转账", "channel": "手机银行"}
    row["payer_record"] = f"交易明细信息.csv · 第 {number + 1} 行"
    return row | {"payee_record": "", "join": "single", "reason": ""} | more


def movement(number: int, victim: str, fen: int, hop: int) -> dict[str, object]:
    """Return one row of movements, one for each transfer."""
    return {
        "movement_id": number,
        "transfer_id": number,
        "victim": victim,
        "fen": fen,
        "hop": hop,
        "parent": pd.NA,
    }


def account(key: str, level: int, **more: object) -> dict[str, object]:
    """Return one row of accounts."""
    row: dict[str, object] = {
        "account": key,
        "level": level,
        "kind": "bank",
        "holder": "",
    }
    row |= {"institution": "中国工商银行杭州分行", "frontier": False, "last_balance_fen": pd.NA}
    for name in ("received", "passed", "held", "exit", "returned", "settled", "frontier"):
        row[f"{name}_fen"] = 0
    for name in ("covered_from", "covered_to", "first_time", "last_time"):
        row[name] = pd.NaT
    return row | more


def tables(
    transfers: list[dict[str, object]],
    movements: list[dict[str, object]],
    accounts: list[dict[str, object]],
) -> Tables:
    """Return the rows as typed tables."""
    frame = pd.DataFrame(accounts)
    frame["last_balance_fen"] = frame["last_balance_fen"].astype("Int64")
    for name in ("covered_from", "covered_to", "first_time", "last_time"):
        frame[name] = frame[name].astype("datetime64[us]")
    moved = pd.DataFrame(movements)
    moved["parent"] = moved["parent"].astype("Int64")
    return Tables(pd.DataFrame(transfers), moved, frame)


def number(index: int) -> str:
    """Return an invented card number."""
    return f"62220200000{index:08d}"


ENDS = {3: "cash", 4: "merchant:烟酒商行", 5: number(99)}


class Ledger:
    """Payments of one invented case, each carrying one victim's money."""

    def __init__(self, victims: list[str]) -> None:
        self.transfers: list[dict[str, object]] = []
        self.movements: list[dict[str, object]] = []
        self.received: dict[str, int] = {}
        self.passed: dict[str, int] = {}
        self.victim = {key: f"被害人{place + 1}" for place, key in enumerate(victims)}

    def pay(self, payer: str, payee: str, fen: int, hop: int) -> None:
        serial = len(self.transfers) + 1
        self.victim.setdefault(payee, self.victim[payer])
        self.transfers.append(transfer(serial, payer, payee, fen + serial % 2 * 150_000))
        self.movements.append(movement(serial, self.victim[payer], fen, hop))
        self.received[payee] = self.received.get(payee, 0) + fen
        self.passed[payer] = self.passed.get(payer, 0) + fen


def people() -> tuple[list[dict[str, object]], list[list[str]]]:
    """Return the accounts of six levels, and their keys by level."""
    rows, layers, serial = [], [], 0
    for level, size in enumerate([6, 8, 13, 17, 12, 4]):
        layers.append([])
        for _ in range(size):
            serial += 1
            payment = level >= 3 and serial % 7 == 0
            key = f"tenpay:wx{serial:06d}" if payment else number(serial * 137)
            row = account(key, level, holder=FAMILY[serial % 20] + GIVEN[serial % 14])
            row["kind"] = "payment" if payment else "bank"
            row["institution"] = "财付通支付科技有限公司" if payment else BANKS[serial % 6]
            rows.append(row)
            layers[-1].append(key)
    rows.append(account("cash", 3, kind="cash", institution=""))
    rows.append(account("merchant:烟酒商行", 4, kind="merchant", institution=""))
    rows.append(account(number(99), 5, kind="exchange", holder="海川数字资产科技有限公司"))
    return rows, layers


def flow(layers: list[list[str]]) -> Ledger:
    """Return the payments from level to level, with forks, pools and exits."""
    random = np.random.default_rng(7)
    ledger = Ledger(layers[0])
    for level, (layer, following) in enumerate(pairwise(layers)):
        for place, payee in enumerate(following):
            payer = layer[int(place * len(layer) / len(following))]
            ledger.pay(payer, payee, int(random.integers(300_000, 9_000_000)), level + 1)
            if place % 4 == 0:
                ledger.pay(str(random.choice(layer)), payee, 1_234_567, level + 1)
    for _ in range(3):
        ledger.pay(layers[1][0], layers[2][0], 500_050, 2)
    for _ in range(7):
        ledger.pay(layers[1][3], layers[2][5], 2_000_000, 2)
    for level, end in ENDS.items():
        for payer in layers[level - 1][:4]:
            ledger.pay(payer, end, 1_990_000, level)
    return ledger


@pytest.fixture(scope="session")
def case() -> Tables:
    """Return some sixty accounts on five levels, with exits, forks and frontiers."""
    rows, layers = people()
    ledger = flow(layers)
    for place, row in enumerate(rows):
        key = str(row["account"])
        row["received_fen"], row["passed_fen"] = (
            ledger.received.get(key, 0),
            ledger.passed.get(key, 0),
        )
        left = max(ledger.received.get(key, 0) - ledger.passed.get(key, 0), 0)
        row["exit_fen" if key in ENDS.values() else "held_fen"] = left
        row["first_time"] = pd.Timestamp("2024-06-01 09:07:01")
        row["last_time"] = pd.Timestamp("2024-06-02 11:00:09")
        if place % 3 and row["level"]:
            row["covered_from"] = pd.Timestamp("2024-05-01 08:00:00")
            row["covered_to"] = pd.Timestamp("2024-06-20 23:59:59")
            row["last_balance_fen"] = left // 2 + 12_345
        elif left and row["level"] and row["kind"] in {"bank", "payment"}:
            row["frontier"], row["frontier_fen"] = True, left
    return tables(ledger.transfers, ledger.movements, rows)
