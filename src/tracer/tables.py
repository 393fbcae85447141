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
    diverse=("serial", "other_account"),
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
    diverse=("account",),
)

TRANSFERS = Table(
    "transfers",
    {
        "transfer_id": NUMBER,  # The smallest entry_id that told of it: stable across loads.
        "time": TIME,
        "time_precision": TEXT,
        # The order among transfers of the same time, where statements tell it: equal ones follow
        # each other by transfer_id.
        "seq": NUMBER,
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

# Which rows were taken for one movement, how sure that is, and who decided it.
JOINS = Table("joins", {
    "transfer_id": NUMBER, "join": TEXT,  # mirrored, bridged or repeat.
    "entry": NUMBER, "other_entry": NUMBER,  # The payer's and payee's; what stands and repeats it.
    "score": NUMBER, "decided": TEXT,  # 0 to 100, which is certain; by rule or by hand.
    "reason": TEXT, "reason_en": TEXT,
})  # fmt: skip

# Rows of evidence, not entries, because a file that is read again must not lose what was decided.
DECISIONS = Table("decisions", {
    "decision_id": NUMBER, "verdict": TEXT,  # From 1; join or split.
    "sha256": TEXT, "sheet": TEXT, "row": NUMBER,
    "other_sha256": TEXT, "other_sheet": TEXT, "other_row": NUMBER,
    "at": TEXT, "who": TEXT, "reason": TEXT, "undone": FLAG,  # At local time, to the second.
})  # fmt: skip

# The kinds that investigators know better: an account's last line counts, "" takes it back.
MARKS = Table("marks", dict.fromkeys(("account", "kind", "reason", "at", "who"), TEXT))

# Numbers that several accounts claim, a row for each claim; none of them was believed.
CONFLICTS = Table(
    "conflicts", dict.fromkeys(("alias", "account", "told", "reason", "reason_en"), TEXT)
)

# Masked numbers as records show them, and the one account that fits; "" where none was taken.
MASKS = Table("masks", {
    **dict.fromkeys(("text", "holder", "institution", "account"), TEXT), "candidates": NUMBER,
    "reason": TEXT, "reason_en": TEXT,
})  # fmt: skip

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

MOVEMENTS = Table("movements", {
    "movement_id": NUMBER, "transfer_id": NUMBER, "victim": TEXT, "fen": FEN,
    "hop": NUMBER,  # 1 for a seed, one more for each transfer after it.
    "parent": NUMBER_OR_NONE,  # The movement that it came from; empty for a seed.
})  # fmt: skip

HOLDINGS = Table("holdings", {
    "account": TEXT, "victim": TEXT, "fen": FEN, "kind": TEXT,  # held, exit, returned or settled.
})  # fmt: skip

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

LOG = Table("log", {
    "line": NUMBER, "at": TEXT, "who": TEXT, "action": TEXT,  # Local time, to the second.
    "details": TEXT,  # JSON with sorted keys.
    "previous": TEXT, "hash": TEXT,  # That of the line before; SHA-256 of the other columns.
})  # fmt: skip

ALIASES = Table("aliases", {"alias": TEXT, "account": TEXT})

SETTINGS = Table("settings", {"name": TEXT, "value": TEXT})
