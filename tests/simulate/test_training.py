"""The training case, read back from its files: exact, visible, conserved and invented."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from effort import examples
from tracer.errors import CaseError
from tracer.simulate import write
from tracer.simulate.people import luhn

SAMPLE = Path(__file__).parents[2] / "sample_data"
FIRST, SECOND = "经侦平台_20240620", "经侦平台_20240625_补充"
SHEET = "国反_20240622/中国银行股份有限公司.xlsx"
CLEARING = {"243300133", "215500690"}


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    return write(tmp_path_factory.mktemp("simulate") / "case")


def _files(folder):
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _truth(case, name):
    with (case.truth / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _platform(path):
    text = path.read_bytes().decode("gb18030")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    if not rows:
        return []
    header = [cell.strip("\t") for cell in rows[0]]
    assert all(cell.endswith("\t") for row in rows[1:] for cell in row)
    cells = ([cell.rstrip("\t") for cell in row] for row in rows[1:])
    return [dict(zip(header, row, strict=True)) for row in cells if row != header]


def _sheet(path):
    header, *rows = load_workbook(path).active.iter_rows(values_only=True)
    assert all(isinstance(cell, str | None) for row in rows for cell in row)
    rows = [row for row in rows if any(row) and row[0] != "合计"]
    return [dict(zip(header, row, strict=True)) for row in rows]


def _tenpay(path):
    header, *rows = (line.split("\t") for line in path.read_text("utf-8").splitlines())
    assert {len(row) for row in rows} == {len(header)} == {27}
    return [dict(zip(reversed(header), reversed(row), strict=True)) for row in rows]


def _fen(text):
    return int(Decimal(text.replace(",", "")) * 100)


def _row(account, time, fen, balance, words, link, serial):
    incoming, failed, other = words
    return {
        "account": account,
        "time": time,
        "fen": fen,
        "balance": balance,
        "in": incoming in {"进", "贷", "入", "收入"},
        "failed": failed == "失败",
        "other": other,
        "link": link,
        "serial": serial,
    }


def _statements(folder):
    """Read the first round's rows from the written files: by account, oldest first."""
    found = defaultdict(list)
    for path in sorted((folder / FIRST).glob("*交易明细信息.csv")):
        rows = _platform(path)
        for row in reversed(rows) if "农业" in path.name else rows:
            time = datetime.strptime(row["交易时间"], "%Y-%m-%d %H:%M:%S")
            words = (row["收付标志"], row["交易是否成功"], row["交易对手账卡号"])
            account = row["交易卡号"] or row["交易账号"]
            fen, balance = _fen(row["交易金额"]), _fen(row["交易余额"])
            serial = row["交易流水号"]
            found[account].append(_row(account, time, fen, balance, words, "", serial))
    for row in _sheet(folder / SHEET):
        time = datetime.strptime(row["交易时间"], "%Y%m%d%H%M%S")
        words = (row["借贷标志"], row["交易结果"], row["对方账号卡号"])
        fen, balance, account = _fen(row["金额"]), _fen(row["余额"]), row["查询账号"]
        serial = row["交易流水号"]
        found[account].append(_row(account, time, fen, balance, words, "", serial))
    for path in sorted(folder.glob("财付通_*/*/*/*/*/TenpayTrades.txt")):
        for row in _tenpay(path):
            time = datetime.fromisoformat(row["交易时间"])
            words = (row["借贷类型"], "成功", row["对手方ID"] or row["用户银行卡号"])
            fen, balance = int(row["交易金额(分)"]), int(row["账户余额(分)"])
            account, link = f"tenpay:{row['用户ID']}", row["用户侧网银联单号"]
            found[account].append(_row(account, time, fen, balance, words, link, row["交易单号"]))
    (path,) = folder.glob("支付宝_*/*账户明细*.csv")
    for row in csv.DictReader(io.StringIO(path.read_bytes().decode("gb18030"), newline="")):
        time = datetime.fromisoformat(row["付款时间"])
        words = (row["收/支"], "成功", row["交易对方信息"])
        account = f"alipay:{row['用户信息'][:16]}"
        fen, link = _fen(row["金额（元）"]), row["清算流水号"]
        found[account].append(_row(account, time, fen, None, words, link, row["交易号"]))
    return found


def test_same_seed_gives_the_same_bytes(case, tmp_path):
    again = write(tmp_path / "again")
    assert _files(again.folder) == _files(case.folder)
    assert len(_files(again.folder)) == again.files


def test_shipped_sample_is_a_fresh_write(case):
    assert _files(SAMPLE) == _files(case.folder)


def test_another_seed_gives_another_case(case, tmp_path):
    other = write(tmp_path / "other", seed=7)
    assert (other.truth / "transfers.csv").read_bytes() != (
        case.truth / "transfers.csv"
    ).read_bytes()


def test_a_folder_with_files_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(CaseError, match="not empty"):
        write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_balances_run_on_in_every_statement(case):
    statements = _statements(case.statements)
    assert sum(map(len, statements.values())) == case.records
    for account, rows in statements.items():
        if account.startswith("alipay:"):
            continue
        balance = None
        for row in rows:
            moved = 0 if row["failed"] else row["fen"] if row["in"] else -row["fen"]
            assert row["balance"] >= 0
            assert balance is None or balance + moved == row["balance"], (account, row)
            balance = row["balance"]
        assert rows[0]["balance"] >= (rows[0]["fen"] if rows[0]["in"] else 0)


def test_alipay_never_spends_what_it_does_not_have(case):
    for account, rows in _statements(case.statements).items():
        if account.startswith("alipay:"):
            balance = 0
            for row in rows:
                balance += row["fen"] if row["in"] else -row["fen"]
                assert balance >= 0


def test_one_row_per_second_and_account_but_for_the_twins(case):
    times = Counter(
        (account, row["time"])
        for account, rows in _statements(case.statements).items()
        for row in rows
    )
    double = [place for place, n in times.items() if n > 1]
    assert len(double) == 2
    rows = _statements(case.statements)
    for account, time in double:
        first, second = [row for row in rows[account] if row["time"] == time]
        assert first["fen"] == second["fen"]
        assert first["serial"] != second["serial"]
        assert abs(first["balance"] - second["balance"]) == first["fen"]


def test_every_true_transfer_is_in_the_statements_as_often_as_said(case):
    statements = _statements(case.statements)
    records = Counter(
        (account, row["time"], row["fen"], row["in"], row["failed"])
        for account, rows in statements.items()
        for row in rows
    )
    transfers = _truth(case, "transfers.csv")
    assert len(transfers) == case.transfers
    assert sum(int(row["seen"]) for row in transfers) == case.records
    for row in transfers:
        time, fen = datetime.fromisoformat(row["time"]), int(row["fen"])
        failed, seen = row["status"] == "failed", int(row["seen"])
        out = (row["payer"], time, fen, False, failed)
        into = [
            (row["payee"], time + timedelta(seconds=lag), fen, True, False) for lag in range(21)
        ]
        shown = [place for place in (out, *into) if records[place]]
        assert seen >= 1
        assert len(shown) >= seen, row
        if seen == 1:
            assert records[out] or records[into[0]], row
    assert case.records == sum(records.values())


def test_a_payee_books_before_it_spends(case):
    # Replaying the transfers in the order of their own times keeps every covered account positive.
    statements = _statements(case.statements)
    balance = {}
    for account, rows in statements.items():
        first = rows[0]
        moved = 0 if first["failed"] else first["fen"] if first["in"] else -first["fen"]
        balance[account] = first["balance"] - moved if first["balance"] is not None else 0
    for row in _truth(case, "transfers.csv"):
        if row["status"] != "ok":
            continue
        for account, fen in ((row["payer"], -int(row["fen"])), (row["payee"], int(row["fen"]))):
            if account in balance:
                balance[account] += fen
                assert balance[account] >= 0, row
    for account, rows in statements.items():
        assert rows[-1]["balance"] in {None, balance[account]}


def test_each_victims_money_ends_somewhere_to_the_fen(case):
    lost, ended = Counter(), Counter()
    for row in _truth(case, "seeds.csv"):
        lost[row["victim"]] += int(row["fen"])
    for row in _truth(case, "ends.csv"):
        assert int(row["fen"]) > 0
        ended[row["victim"]] += int(row["fen"])
    assert lost == ended
    assert len(lost) == 10
    assert min(lost.values()) < 2_000_000
    assert max(lost.values()) > 100_000_000


@settings(deadline=None, max_examples=examples(4))
@given(st.integers(0, 2**32))
def test_money_is_conserved_whatever_the_seed(tmp_path_factory, seed):
    case = write(tmp_path_factory.mktemp("seeded") / "case", seed=seed)
    test_each_victims_money_ends_somewhere_to_the_fen(case)
    test_balances_run_on_in_every_statement(case)


def test_the_story_has_all_that_the_lesson_needs(case):
    kinds = {row["kind"] for row in _truth(case, "ends.csv")}
    assert kinds == {"held", "exit", "returned"}
    transfers = _truth(case, "transfers.csv")
    assert {"seed", "pass", "rebate", "own", "background", "cash", "purchase", "coin"} < {
        row["kind"] for row in transfers
    }
    status = Counter(row["status"] for row in transfers)
    assert status["failed"] >= 5
    assert status["reversed"] == 4
    bank = "中国建设银行股份有限公司交易明细信息.csv"
    rows = _platform(case.statements / FIRST / bank)
    assert sum(row["摘要说明"] == "柜面取款" for row in rows) == 1
    homes = {row["payer"]: row["victim"] for row in _truth(case, "seeds.csv")}
    strange = [
        r for r in _truth(case, "ends.csv") if homes.get(r["account"], r["victim"]) != r["victim"]
    ]
    assert strange
    assert {row["kind"] for row in strange} == {"exit"}
    accounts = _truth(case, "accounts.csv")
    assert {row["level"] for row in accounts if row["role"] == "mule"} >= set("12345")
    frontier = [r for r in accounts if r["role"] == "mule" and r["covered"] == "no"]
    assert sorted(row["level"] for row in frontier) == ["4", "5"]
    reached = {row["account"] for row in _truth(case, "ends.csv")}
    assert {row["account"] for row in frontier} < reached


def test_reversals_come_back_within_minutes_under_the_same_serial(case):
    path = case.statements / FIRST
    rows = [row for file in path.glob("*交易明细信息.csv") for row in _platform(file)]
    rows += [
        {**row, "交易时间": row["交易时间"], "摘要说明": row["交易摘要"]}
        for row in _sheet(case.statements / SHEET)
    ]
    back = [row for row in rows if row["摘要说明"] == "冲正"]
    assert len(back) == 2
    for row in back:
        pair = [other for other in rows if other["交易流水号"] == row["交易流水号"]]
        assert len(pair) == 2


def test_a_crossing_shares_its_number_with_the_bank(case):
    statements = _statements(case.statements)
    platform = [row for rows in statements.values() for row in rows if row["link"]]
    banks = {
        row["serial"]: row
        for account, rows in statements.items()
        if ":" not in account
        for row in rows
        if row["other"] in CLEARING
    }
    transfers = [row for row in _truth(case, "transfers.csv") if row["kind"] == "crossing"]
    assert len(platform) == len(transfers) > 10
    for row in platform:
        other = banks[row["link"]]
        assert other["fen"] == row["fen"]
        assert other["in"] != row["in"]
        assert other["account"] in row["other"]


def test_the_second_query_repeats_rows_and_damages_three(case):
    name = "中国工商银行股份有限公司交易明细信息.csv"
    first = [tuple(row.values()) for row in _platform(case.statements / FIRST / name)]
    second = [tuple(row.values()) for row in _platform(case.statements / SECOND / name)]
    damaged = [row for row in second if row not in first]
    text = [" ".join(row) for row in damaged]
    assert len(damaged) == 3
    assert len(second) > 30
    for mark in (r"\b6\.2\dE\+18", "壹万元整", "2024-06-31 10:00:00"):
        assert sum(bool(re.search(mark, line)) for line in text) == 1


def test_the_mess_is_there(case):
    folder = case.statements / FIRST
    ccb = (folder / "中国建设银行股份有限公司交易明细信息.csv").read_bytes().decode("gb18030")
    assert ccb.count("账户开户名称") == 2
    abc = (folder / "中国农业银行股份有限公司交易明细信息.csv").read_bytes().decode("gb18030")
    assert abc.startswith("\t交易卡号,\t交易账号,")
    assert (folder / "平安银行股份有限公司交易明细信息.csv").read_bytes() == b""
    assert all(
        not row["交易方户名"] for row in _platform(folder / "招商银行股份有限公司交易明细信息.csv")
    )
    rows = list(load_workbook(case.statements / SHEET).active.iter_rows(values_only=True))
    assert rows[-1][0] == "合计"
    assert sum(not any(row) for row in rows) == 1
    assert any("," in (row[5] or "") for row in rows)


def test_exactly_one_report_matches_no_transfer(case):
    header, *rows = load_workbook(case.victims).active.iter_rows(values_only=True)
    assert header[0] == "被害人"
    seeds = {int(row["row"]): row for row in _truth(case, "seeds.csv")}
    moved = {
        (row["payer"], row["fen"]) for row in _truth(case, "transfers.csv") if row["kind"] == "seed"
    }
    wrong = []
    for place, cells in enumerate(rows, start=2):
        report, seed = dict(zip(header, cells, strict=True)), seeds[place]
        assert all(isinstance(cell, str | None) for cell in cells)
        assert seed["time"].startswith(report["转账时间"])
        fen = str(_fen(report["转账金额(元)"]))
        assert fen == seed["reported_fen"]
        if (seed["payer"], fen) not in moved:
            wrong.append(seed)
    assert [bool(row["note"]) for row in wrong] == [True]
    assert len(seeds) == len(rows) == case.seeds
    assert wrong[0]["reported_fen"] not in {r["fen"] for r in _truth(case, "transfers.csv")}


def test_numbers_are_well_formed_and_nobodys(case):
    texts = []
    for name, content in _files(case.folder).items():
        if name.endswith(".xlsx"):
            sheet = load_workbook(io.BytesIO(content)).active
            texts += [cell for row in sheet.iter_rows(values_only=True) for cell in row if cell]
        else:
            encoding = "gb18030" if "经侦" in name or "支付宝" in name else "utf-8"
            texts.append(content.decode(encoding))
    text = "\n".join(texts)
    cards = set(re.findall(r"(?<![\dA-Z])62\d{14}(?:\d{3})?(?![\dA-Z])", text))
    assert len(cards) > 60
    for card in cards:
        assert luhn(card[:-1]) == card[-1]
        assert set(card[6:-5]) == {"0"}
    identities = set(re.findall(r"(?<!\d)\d{17}[\dX](?!\d)", text))
    people = {number for number in identities if not number.startswith("0")}
    assert len(people) > 30
    assert all(number.startswith("99") for number in people)
    phones = set(re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)", text))
    assert phones
    assert all(phone.startswith("1990000") for phone in phones)


def test_account_numbers_shown_are_told_in_a_registration(case):
    told = {
        row["交易账号"]
        for path in (case.statements / FIRST).glob("*账户信息.csv")
        for row in _platform(path)
    }
    companies = {r["account"] for r in _truth(case, "accounts.csv") if r["account"][:3] == "990"}
    shown = {
        row["other"]
        for rows in _statements(case.statements).values()
        for row in rows
        if re.fullmatch(r"990\d{14}", row["other"] or "")
    }
    assert shown - companies
    assert shown - companies <= told
