"""The tables that travel between packages: their columns, types and units."""

from __future__ import annotations

from tracer.table import FEN, FEN_OR_NONE, FLAG, NUMBER, NUMBER_OR_NONE, TEXT, TIME, Table

ENTRIES = Table(
    "entries",
    {
        "entry_id": NUMBER,  # From 1, in the order of loading; never given twice.
        "load_id": NUMBER,
        "source": TEXT,  # The file, as a path below the folder that was loaded.
        "sheet": TEXT,  # The sheet's name; "" for text files.
        "row": NUMBER,  # From 1, as an editor or a spreadsheet counts.
        "format": TEXT,  # The name of the declaration that read the row.
        "statement": FLAG,  # False in a table of transfers, which is nobody's own statement.
        "account": TEXT,  # The statement's own account: see account keys in the design.
        "card": TEXT,  # Its card number as evidence gave it, cleaned of tabs and quotes.
        "number": TEXT,  # Its account number, likewise.
        "holder": TEXT,
        "holder_id": TEXT,
        "institution": TEXT,
        "time": TIME,
        "time_precision": TEXT,  # second, minute or day.
        "seq": NUMBER,  # The order inside the source.
        "direction": TEXT,  # in or out, as seen from `account`.
        "fen": FEN,  # At least 0; a sign was turned into the direction.
        "balance_fen": FEN_OR_NONE,  # After the row.
        "other_account": TEXT,  # The counterparty as evidence gave it; "" where it gave none.
        "other_holder": TEXT,
        "other_id": TEXT,
        "other_institution": TEXT,
        "currency": TEXT,  # CNY where evidence says nothing else.
        "channel": TEXT,
        "summary": TEXT,
        "place": TEXT,
        "branch": TEXT,
        "terminal": TEXT,
        "ip": TEXT,
        "mac": TEXT,
        "serial": TEXT,  # The transaction's own number at the institution.
        "link_serial": TEXT,  # 网银联单号 and the like: the number that two institutions share.
        "merchant": TEXT,
        "merchant_code": TEXT,
        "cash": FLAG,  # The institution itself marked the row as cash.
        "success": FLAG,  # False where the institution says that nothing moved.
        "remark": TEXT,
        "raw_account": TEXT,  # The own account's cell, untouched.
        "raw_other": TEXT,  # The counterparty's cell, untouched.
    },
)

# Where a row that is no entry came from.
_ORIGIN = {
    "load_id": NUMBER,
    "source": TEXT,
    "sheet": TEXT,
    "row": NUMBER,
    "format": TEXT,
}

REGISTRATIONS = Table(
    "registrations",
    {
        "load_id": NUMBER,
        "source": TEXT,
        "sheet": TEXT,
        "row": NUMBER,
        "format": TEXT,
        "account": TEXT,  # The key under which entries name the account.
        "card": TEXT,
        "number": TEXT,
        "holder": TEXT,
        "holder_id": TEXT,
        "institution": TEXT,
        "phone": TEXT,
        "opened": TIME,
        "balance_fen": FEN_OR_NONE,
        "balance_time": TIME,
        "status": TEXT,
        "closed": TIME,
        "bound_cards": TEXT,  # Bank cards bound to a payment account, joined by spaces.
    },
)

# What a bank or platform knows of a person, whichever of its tables says it.
PERSONS = Table(
    "persons",
    {
        **_ORIGIN,
        "institution": TEXT,
        "holder": TEXT,
        "holder_id": TEXT,
        "id_type": TEXT,
        "phone": TEXT,  # Every number in the row, joined by spaces.
        "address": TEXT,
        "employer": TEXT,
        "email": TEXT,
        "agent": TEXT,  # Who opened the account for the person.
        "agent_id": TEXT,
        "legal_person": TEXT,
        "licence": TEXT,  # 工商执照号码.
    },
)

# 强制措施: what other authorities have frozen already, which decides the rank of a new freeze.
MEASURES = Table(
    "measures",
    {
        **_ORIGIN,
        "institution": TEXT,
        "account": TEXT,
        "measure": TEXT,  # 冻结措施类型, in words where the file has them.
        "fen": FEN_OR_NONE,
        "authority": TEXT,
        "starts": TIME,
        "ends": TIME,
        "number": TEXT,  # 措施序号.
        "remark": TEXT,
    },
)

# 关联子账户: the accounts below one account.
SUBACCOUNTS = Table(
    "subaccounts",
    {
        **_ORIGIN,
        "institution": TEXT,
        "account": TEXT,
        "subaccount": TEXT,
        "holder": TEXT,
        "balance_fen": FEN_OR_NONE,
        "available_fen": FEN_OR_NONE,
        "category": TEXT,
        "number": TEXT,  # 子账户序号.
        "currency": TEXT,
        "status": TEXT,
        "remark": TEXT,
    },
)

# 任务信息: what was asked and what came back. A failed task is a gap, not "no account".
TASKS = Table(
    "tasks",
    {
        **_ORIGIN,
        "task": TEXT,
        "institution": TEXT,
        "subject": TEXT,  # 主体类别: person or company.
        "subject_id": TEXT,  # 证账号码: whose records were asked for.
        "account": TEXT,
        "sent": TIME,
        "answered": TIME,
        "result": TEXT,
        "detail": TEXT,  # What came back of transactions and of everything else.
        "request": TEXT,  # 请求单号.
    },
)

# 登陆日志: who was online as an account, from where.
LOGINS = Table(
    "logins",
    {
        **_ORIGIN,
        "institution": TEXT,
        "account": TEXT,
        "holder": TEXT,
        "login": TEXT,  # The name that was logged in with.
        "ip": TEXT,
        "time": TIME,
        "time_precision": TEXT,
    },
)

# Every source row that is no data by declaration, so that it can be looked at.
SKIPPED = Table(
    "skipped",
    {
        "load_id": NUMBER,
        "source": TEXT,
        "sheet": TEXT,
        "row": NUMBER,
        "kind": TEXT,  # title, header, repeated, total, blank, placeholder or continued.
        "text": TEXT,  # The filled cells, joined by " | ".
    },
)

FAULTS = Table(
    "faults",
    {
        "load_id": NUMBER,
        "source": TEXT,
        "sheet": TEXT,
        "row": NUMBER,  # 0 where the whole file or sheet is meant.
        "rows": NUMBER_OR_NONE,  # How many rows a whole file or sheet has; else empty.
        "column": TEXT,
        "value": TEXT,
        "aside": TEXT,  # file, row or cell: how much was set aside.
        "code": TEXT,  # What the catalogue calls the reason; several joined by spaces.
        "reason": TEXT,  # A whole sentence, in Chinese.
        "reason_en": TEXT,  # The same, in English.
    },
)

FILES = Table(
    "files",
    {
        "load_id": NUMBER,
        "source": TEXT,
        "sheet": TEXT,
        "sha256": TEXT,
        "format": TEXT,  # "" where nothing recognised it.
        "title": TEXT,  # What an investigator calls that format.
        "encoding": TEXT,
        "rows": NUMBER,  # rows = entries + faults + skipped, always.
        "entries": NUMBER,  # Rows that became entries or registrations.
        "faults": NUMBER,  # Rows set aside.
        "skipped": NUMBER,  # See the table `skipped`.
        "first_time": TIME,
        "last_time": TIME,
        "accounts": NUMBER_OR_NONE,  # How many own accounts the rows tell of.
        "proved": NUMBER_OR_NONE,  # Rows whose balance follows from the row before.
        "broken": NUMBER_OR_NONE,  # Rows whose balance does not: something is missing or altered.
        "code": TEXT,  # What the catalogue calls the reasons in the note, joined by spaces.
        "note": TEXT,  # Why nothing was read, or what was assumed, in Chinese.
        "note_en": TEXT,
        "reader": TEXT,  # A hash of the declarations and the version that read the file.
        "stands": NUMBER_OR_NONE,  # The load that holds the rows, where this line has none.
        "light": NUMBER_OR_NONE,  # 0 good, 1 check, 2 act: that of those rows, or of `again`.
        "again": TEXT,  # What earlier reading or choice this one changed, in Chinese.
        "again_en": TEXT,
    },
)

# How far one account's rows in one sheet prove each other.
COVERAGE = Table(
    "coverage",
    {
        "load_id": NUMBER,
        "source": TEXT,
        "sheet": TEXT,
        "account": TEXT,
        "currency": TEXT,  # An account keeps a balance in each of its currencies.
        "holder": TEXT,
        "rows": NUMBER,
        "first_time": TIME,
        "last_time": TIME,
        "proved": NUMBER,  # Rows whose balance follows from the balance before.
        "broken": NUMBER,  # Rows whose balance does not: something is missing or altered.
        "unproved": NUMBER,  # Rows that moved money and show no balance.
        "break_rows": TEXT,  # The source row numbers of the first breaks, joined by spaces.
        "gap_from": TIME,  # The longest time without rows that no balance bridges; NaT if none.
        "gap_to": TIME,
        "gap_days": NUMBER,  # Its whole days.
        "opening_fen": FEN_OR_NONE,  # Before the first row, reckoned from the first balance.
        "closing_fen": FEN_OR_NONE,  # After the last row, reckoned from the last balance.
    },
)

ACCOUNTS = Table(
    "accounts",
    {
        "account": TEXT,
        "kind": TEXT,  # bank, payment, merchant, clearing, exchange, cash, unknown.
        "kind_reason": TEXT,  # What that kind was taken from.
        "institution": TEXT,
        "holder": TEXT,
        "holder_id": TEXT,
        "aliases": TEXT,  # Further numbers of the same account, joined by spaces.
        "phone": TEXT,
        "opened": TIME,
        "covered_from": TIME,  # The span of the statements in hand; NaT where there is none.
        "covered_to": TIME,
        "opening_fen": FEN_OR_NONE,  # The balance before the first row in hand.
        "last_balance_fen": FEN_OR_NONE,
        "last_balance_time": TIME,
    },
)

TRANSFERS = Table(
    "transfers",
    {
        "transfer_id": NUMBER,  # The smallest entry_id that told of it: stable across loads.
        "time": TIME,
        "time_precision": TEXT,
        "seq": NUMBER,  # The order among transfers of the same time.
        "payer": TEXT,
        "payee": TEXT,
        "fen": FEN,
        "currency": TEXT,
        "channel": TEXT,
        "summary": TEXT,
        "payer_entry": NUMBER_OR_NONE,
        "payee_entry": NUMBER_OR_NONE,
        "status": TEXT,  # ok, reversed or failed.
        "join": TEXT,  # single, mirrored or bridged.
        "reason": TEXT,  # Why two entries were joined, or why the status is not ok.
    },
)

REPORTS = Table(
    "reports",
    {
        "report_id": NUMBER,  # From 1, in the order of loading.
        "load_id": NUMBER,
        "source": TEXT,
        "sheet": TEXT,
        "row": NUMBER,
        "victim": TEXT,
        "victim_id": TEXT,
        "phone": TEXT,
        "fraud": TEXT,  # 冒充领导, 刷单, 杀猪盘, 婚恋 …
        "payer": TEXT,  # The account that the victim says they paid from; may be "".
        "payee": TEXT,
        "payee_holder": TEXT,
        "fen": FEN,
        "time": TIME,
        "time_precision": TEXT,
    },
)

SEEDS = Table("seeds", {"transfer_id": NUMBER, "victim": TEXT})

MOVEMENTS = Table(
    "movements",
    {
        "movement_id": NUMBER,
        "transfer_id": NUMBER,
        "victim": TEXT,
        "fen": FEN,
        "hop": NUMBER,  # 1 for a seed, one more for each transfer after it.
        "parent": NUMBER_OR_NONE,  # The movement that it came from; empty for a seed.
    },
)

HOLDINGS = Table(
    "holdings",
    {
        "account": TEXT,
        "victim": TEXT,
        "fen": FEN,
        "kind": TEXT,  # held, exit, returned or settled.
    },
)

MATCHES = Table(
    "matches",
    {
        "report_id": NUMBER,
        "transfer_id": NUMBER_OR_NONE,  # The seed; empty where none was decided.
        "state": TEXT,  # matched, none, several, chosen (by the investigator) or repeat.
        "candidates": TEXT,  # transfer_ids, best first, joined by spaces.
        "reason": TEXT,  # A whole sentence, in Chinese.
        "reason_en": TEXT,
    },
)

CHOICES = Table("choices", {"report_id": NUMBER, "transfer_id": NUMBER})

LOG = Table(
    "log",
    {
        "line": NUMBER,
        "at": TEXT,  # Local time, to the second.
        "who": TEXT,
        "action": TEXT,
        "details": TEXT,  # JSON with sorted keys.
        "previous": TEXT,  # The hash of the line before.
        "hash": TEXT,  # SHA-256 of the other columns.
    },
)

# What a case keeps beside its ledger, so that a round makes only what it can change anew.
TOUCHES = Table(
    "touches",
    {
        "entry_id": NUMBER,
        "stands": NUMBER,  # The entry that it repeats; itself where it repeats none.
        "first": NUMBER,  # The smallest entry_id among its repeats.
        "before": TIME,  # When the account's own statement has the row before.
        "own": NUMBER,  # A hash of the own account; those below are 0 where there is none.
        "mirror": NUMBER,  # Of payer, payee and amount.
        "mine": NUMBER,  # Of the own account and the amount.
        "theirs": NUMBER,  # Of the counterparty and the amount.
        "seek": NUMBER,  # `mine`, where the other record is found by it alone.
        "undo": NUMBER,  # `mine`, where the row takes another one back.
        "linked": NUMBER,  # Of link_serial and amount, of the records of a crossing.
        "booked": NUMBER,  # Of serial and amount, of a bank's record of a crossing.
    },
)

SIGHTINGS = Table(
    "sightings",
    {
        "account": TEXT,
        "holder": TEXT,
        "holder_id": TEXT,
        "institution": TEXT,
        "own": FLAG,  # The account's own statement says so.
        "plain": FLAG,  # Only a plain table of transfers does.
        "weight": NUMBER,  # How much the source counts.
        "times": NUMBER,  # In how many entries.
    },
)

# Payments that are alone in payer, payee and amount show how two clocks differ.
GAPS = Table(
    "gaps",
    {
        "turn": NUMBER,  # Which turn of matching met them.
        "one": NUMBER,  # A hash of the payer's institution.
        "two": NUMBER,  # Of the payee's.
        "gap": NUMBER,  # Microseconds by which the payee's record is later.
        "entry_id": NUMBER,  # The payer's record.
    },
)

CLEARINGS = Table("clearings", {"account": TEXT})

ALIASES = Table("aliases", {"alias": TEXT, "account": TEXT})

SETTINGS = Table("settings", {"name": TEXT, "value": TEXT})
