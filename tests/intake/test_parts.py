"""Parts: what a round makes of the ledger is what one full building of it makes, row for row."""

from __future__ import annotations

from random import Random

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effort import examples
from tracer import tables
from tracer.case import KEPT
from tracer.intake import reach, rounds, stamp
from tracer.ledger import clocks, memory
from tracer.stores import duckdb as stores
from tracer.stores.duckdb import append
from tracer.table import Table

CARDS = ("6222020000000000012", "6228480000000000018", "6217000000000000011", "6214830000000000016")
NUMBERS = ("6500100", "6500200", "6500300", "6500400")
WALLETS = ("tenpay:wx1", "alipay:2088")
CLEARING = {"other_account": "243300133", "other_holder": "财付通支付科技有限公司"}
# The entries and registrations of a file.
File = tuple[list[dict[str, object]], list[dict[str, object]]]
START = pd.Timestamp("2024-06-01 23:55:00")
SHOWN = {
    tables.ACCOUNTS: ["account"],
    tables.TRANSFERS: ["transfer_id"],
    tables.ALIASES: ["alias"],
    tables.JOINS: ["entry", "other_entry"],
    tables.CONFLICTS: ["alias", "account"],
    tables.MASKS: ["text", "holder", "institution"],
    memory.GAPS: ["turn", "entry_id"],
    memory.CLEARINGS: ["account"],
}


class Files:
    """Random statements of a few accounts that know each other well."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.numbered = self.random.random() < 0.5
        self.shy = self.random.choice([0, 0.2, 0.6])
        self.masked = self.random.choice(["", "", "6226****5669", "6217****0011"])
        self.precise = self.random.random() < 0.5
        self.span = self.random.choice([3, 60, 600, 300_000])
        self.prefix = self.random.choice(["S", "S20240601235500"])
        self.fens = self.random.choice([[100], [100, 200], list(range(1, 40))])
        self.moved = [self._movement() for _ in range(self.random.randint(1, 16))]

    def _movement(self) -> dict[str, object]:
        payer, payee = self.random.sample([*CARDS, *WALLETS], 2)
        return {
            "payer": payer, "payee": payee, "fen": self.random.choice(self.fens),
            "at": self.random.randrange(self.span),
            "serial": f"{self.prefix}{self.random.randrange(6)}",
            "undone": self.random.random() < 0.1, "name": self.random.choice(["", "甲", "乙"]),
        }  # fmt: skip

    def files(self) -> list[File]:
        """Return the entries and registrations of each file."""
        found = []
        for number in range(self.random.randint(1, 7)):
            owner = self.random.choice([*CARDS, *WALLETS])
            rows = [
                self._row(one, owner, way)
                for one in sorted(self.moved, key=lambda one: one["at"])
                for way in ("payer", "payee")
                if one[way] == owner and self.random.random() < 0.8
            ]
            rows += self.random.choices(rows, k=self.random.choice([0, 0, 1])) if rows else []
            source = f"{self.random.choice('abcdef')}{number}.csv"
            rows = [row | {"source": source, "seq": at} for at, row in enumerate(rows)]
            registered = [self._registered(source)] if self.random.random() < 0.2 else []
            found.append((rows, registered))
        return found

    def _registered(self, source: str) -> dict[str, object]:
        at = self.random.randrange(len(CARDS))
        number = self.random.choice([NUMBERS[at], NUMBERS[at], "", self.random.choice(NUMBERS)])
        account = self.random.choice([CARDS[at], number or CARDS[at]])
        return {
            "source": source, "row": 1, "format": "f", "account": account, "card": CARDS[at],
            "number": number, "institution": "甲行", "phone": "138",
            "holder": self.random.choice(["甲", "乙", "财付通支付科技有限公司"]),
            "balance_fen": self.random.choice([None, 5]),
            "balance_time": START + pd.Timedelta(self.random.randrange(self.span), "s"),
        }  # fmt: skip

    def _row(self, one: dict[str, object], owner: str, way: str) -> dict[str, object]:
        chance = self.random.random
        other = str(one["payee" if way == "payer" else "payer"])
        late = self.random.choice([0, 1, -1]) + 2 * CARDS.index(owner) if owner in CARDS else 0
        time = self._time(int(str(one["at"])) + late)
        row: dict[str, object] = {
            "account": owner, "other_account": other, "fen": one["fen"], "holder": one["name"],
            "direction": "out" if way == "payer" else "in", "time": time,
            "time_precision": "second", "serial": one["serial"] if self.numbered else "",
            "institution": "东海银行" if owner < CARDS[2] else "西山银行", "channel": "手机",
            "balance_fen": self.random.choice([None, 5, 6]), "summary": "", "currency": "CNY",
            "success": chance() < 0.95, "statement": chance() < 0.9, "cash": False,
        }  # fmt: skip
        if owner in CARDS:
            row |= self._card(owner, other)
        elif chance() < 0.7:
            row |= {"link_serial": one["serial"], "serial": f"T{one['serial']}"}
        if other in CARDS and chance() < 0.2:
            row["other_account"] = NUMBERS[CARDS.index(other)]
        if chance() < 0.03:
            row["other_account"] = f"{other}_1"
        if chance() < self.shy:
            row["other_account"] = self.random.choice(["", "", "", self.masked])
        if not self.precise and chance() < 0.5:
            coarse = self.random.choice(["minute", "day"])
            times = pd.Series([time], dtype="datetime64[us]")
            times = times.dt.floor("min" if coarse == "minute" else "D")
            row |= {"time_precision": coarse, "time": times[0]}
        if one["undone"] and chance() < 0.5:
            row |= {"summary": "冲正", "direction": "in" if row["direction"] == "out" else "out"}
        if chance() < 0.03:
            row |= {"currency": "USD"}
        return row

    def _card(self, owner: str, other: str) -> dict[str, object]:
        at, chance = CARDS.index(owner), self.random.random
        told: dict[str, object] = {"card": owner, "number": NUMBERS[at] if chance() < 0.15 else ""}
        if chance() < 0.05:
            told |= {"account": NUMBERS[at], "card": "", "number": NUMBERS[at]}
        if other in WALLETS and chance() < 0.8:
            told |= CLEARING
        return told

    def _time(self, second: int) -> pd.Timestamp | None:
        return None if self.random.random() < 0.02 else START + pd.Timedelta(second, "s")


def paid(way: str, *, fen: int, at: int, pair: tuple[int, int] = (0, 2)) -> dict[str, object]:
    """Return a row of the payer's or of the payee's statement: who paid whom and when (s)."""
    payer, payee = (CARDS[one] for one in pair)
    owner, other = (payer, payee) if way == "out" else (payee, payer)
    return {
        "account": owner, "other_account": other, "fen": fen, "holder": "", "direction": way,
        "time": START + pd.Timedelta(at, "s"), "time_precision": "second", "serial": "",
        "card": owner, "institution": "东海银行" if way == "out" else "西山银行", "channel": "",
        "summary": "", "currency": "CNY", "success": True, "statement": True, "cash": False,
    }  # fmt: skip


class Below(Files):
    """Some of the files are statements of sub-accounts, which others name as often as accounts."""

    def files(self) -> list[File]:
        """Return the entries and registrations of each file."""
        return [(self._below(rows), registered) for rows, registered in super().files()]

    def _below(self, rows: list[dict[str, object]]) -> list[dict[str, object]]:
        own = self.random.random() < 0.2
        for row in rows:
            if own and row["account"] in CARDS:
                row |= {"account": f"{row['account']}_1", "card": "", "number": ""}
            if row["other_account"] in CARDS and self.random.random() < 0.3:
                row["other_account"] = f"{row['other_account']}_1"
        return rows


class Clocked(Files):
    """Statements without serials of two banks, of which one's clock is minutes ahead."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.ahead = self.random.choice([0, 60, 110, 125, 170])
        self.blur = self.random.choice([5, 40, 90])
        self.fens = self.random.choice([[100], list(range(1, 9)), list(range(1, 40))])
        self.coarse = self.random.choice([0, 0.3])
        self.moved = [self._movement() for _ in range(self.random.randint(8, 40))]

    def _movement(self) -> dict[str, object]:
        return {
            "payer": self.random.choice(CARDS[:2]), "payee": self.random.choice(CARDS[2:]),
            "fen": self.random.choice(self.fens), "at": self.random.randrange(1800),
        }  # fmt: skip

    def files(self) -> list[File]:
        """Return some movements of one account by file, so that every round tells of the clocks."""
        found = []
        for number in range(self.random.randint(3, 12)):
            side = self.random.choice(["payer", "payee"])
            some = [one for one in self.moved if self.random.random() < 0.3]
            owner = self.random.choice([one[side] for one in self.moved])
            rows = [self._told(one, side) for one in some if one[side] == owner]
            rows = [row | {"source": f"{number}.csv", "seq": at} for at, row in enumerate(rows)]
            found.append((rows, []))
        return found

    def _told(self, one: dict[str, object], side: str) -> dict[str, object]:
        late = self.ahead + self.random.randrange(self.blur) if side == "payee" else 0
        pair = CARDS.index(str(one["payer"])), CARDS.index(str(one["payee"]))
        at = int(str(one["at"])) + late
        row = paid("out" if side == "payer" else "in", fen=int(str(one["fen"])), at=at, pair=pair)
        if self.random.random() < self.coarse:
            time = pd.Timestamp(str(row["time"])).floor("min")
            row |= {"time": time, "time_precision": "minute"}
        return row


def store(
    connection: duckdb.DuckDBPyConnection,
    load: int,
    first: int,
    files: list[File],
) -> int:
    """Store some files as one load."""
    rows = [row for some, _ in files for row in some]
    if rows:
        frame = pd.DataFrame(rows)
        frame["time"] = pd.to_datetime(frame["time"]).astype("datetime64[us]")
        numbers = range(first, first + len(frame))
        frame = frame.assign(entry_id=numbers, load_id=load, row=numbers, format="f")
        append(connection, tables.ENTRIES, tables.ENTRIES.conform(frame))
    registered = [one | {"load_id": load} for _, some in files for one in some]
    if registered:
        append(
            connection, tables.REGISTRATIONS, tables.REGISTRATIONS.conform(pd.DataFrame(registered))
        )
    file = {"load_id": load, "rows": 0, "entries": 0, "faults": 0, "skipped": 0}
    append(connection, tables.FILES, tables.FILES.conform(pd.DataFrame([file])))
    return first + len(rows)


def shown(connection: duckdb.DuckDBPyConnection) -> dict[str, pd.DataFrame]:
    """Return every table that a ledger consists of."""

    def table(one: Table, order: list[str]) -> pd.DataFrame:
        names = ", ".join(order)
        return one.conform(connection.execute(f"FROM {one.name} ORDER BY {names}").df())

    found = {one.name: table(one, order) for one, order in SHOWN.items()}
    sighted = connection.execute(
        "SELECT * EXCLUDE (times), sum(times) AS times FROM sightings GROUP BY ALL ORDER BY ALL"
    ).df()
    # How far clocks may move is known from where they stood when a payment was paired.
    told = found[memory.GAPS.name]
    known = pd.DataFrame(dict(clocks.differences(clocks.tallied(told))))
    # Rounds add to what was counted; together that is what all payments show.
    asked = "SELECT turn, one, two, gap, sum(times) AS times FROM tallies GROUP BY ALL"
    tallied = pd.DataFrame(dict(clocks.tallied(told))).sort_values([*clocks.PAIR, "gap"])
    counted = connection.execute(f"{asked} HAVING sum(times) <> 0 ORDER BY ALL").df()
    assert counted.astype("int64").to_numpy().tolist() == tallied.to_numpy().tolist()
    ahead = told.merge(known, how="left", on=list(clocks.PAIR))["ahead"].fillna(0)
    assert ahead.between(told["least"], told["most"]).all()
    gaps = found[memory.GAPS.name].drop(columns=["least", "most"])
    return found | {"sightings": sighted, memory.GAPS.name: gaps, "touches": _became(connection)}


def _became(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return the table `touches` with what became of each entry, and whose it is."""
    # What a full building tells with an entry, a round may tell of it later.
    return connection.execute(
        "SELECT touches.* REPLACE (if(stands IS NULL, touches.before, o.before) AS before), "
        "ifnull(stands, entry_id) AS stands, ifnull(first, entry_id) AS first, "
        "ifnull(against, 0) AS against, owners.* EXCLUDE (entry_id) "
        "FROM touches LEFT JOIN outcomes AS o USING (entry_id) "
        "ASOF JOIN owners ON touches.entry_id >= owners.entry_id ORDER BY touches.entry_id"
    ).df()


def compared(seed: int, kind: type[Files] = Files) -> list[dict[str, object]]:
    """Load random files in random rounds, and hold the ledger against one made anew."""
    files, chance, loads = kind(seed).files(), Random(seed), []
    while files:
        size = chance.randint(1, 3)
        loads.append(files[:size])
        files = files[size:]
    return held(loads)


def settled(loads: list[list[dict[str, object]]]) -> list[dict[str, object]]:
    """Load some rows, and more of them in further rounds; as `held`."""
    return held([[(_numbered(rows), [])] for rows in loads])


def _numbered(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return rows as those of one file, one after the other."""
    return [row | {"source": "a.csv", "seq": at} for at, row in enumerate(rows)]


def held(loads: list[list[File]]) -> list[dict[str, object]]:
    """Load files in rounds, hold the ledger against one made anew, and return how it was made."""
    with duckdb.connect() as connection:
        for table in KEPT:
            connection.execute(table.create())
        first, told = 1, []
        for load, files in enumerate(loads, start=1):
            first = store(connection, load, first, files)
            told.append(rounds.settle(connection, anew=False))
        parts = shown(connection)
        rounds.settle(connection, anew=True)
        for name, whole in shown(connection).items():
            pd.testing.assert_frame_equal(parts[name], whole, obj=name)
    return told


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    # Small ledgers have few payments that are alone, and no round reaches but a part of them.
    monkeypatch.setattr(clocks, "ENOUGH", 2)
    monkeypatch.setattr(rounds, "SHARE", 1.0)


@pytest.mark.parametrize("piece", [1, 3, 100])
def test_entries_that_are_read_in_pieces_give_the_same(
    piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each reading numbers its texts anew, so that two of them need one numbering."""
    monkeypatch.setattr(stores, "PIECE", piece)
    for seed in range(4):
        compared(seed)


@settings(deadline=None, max_examples=examples(5))
@given(st.integers(0, 10**9))
def test_rounds_give_what_one_full_building_gives(seed: int) -> None:
    compared(seed)


@settings(deadline=None, max_examples=examples(5))
@given(st.integers(0, 10**9))
def test_what_suffixes_mean_in_rounds_is_what_they_mean_in_one_full_building(seed: int) -> None:
    compared(seed, Below)


@settings(deadline=None, max_examples=examples(5))
@given(st.integers(0, 10**9))
def test_a_round_that_tells_of_the_clocks_makes_a_part(seed: int) -> None:
    first, *further = compared(seed, Clocked)
    assert first["made"] == "whole"
    assert {one["made"] for one in further} <= {"part"}


@pytest.fixture
def further(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return how many payments each further part was made for."""
    found: list[int] = []
    around = reach.around

    def counted(
        connection: duckdb.DuckDBPyConnection, now: stamp.Stamp, entries: np.ndarray
    ) -> reach.Reached:
        found.append(len(entries))
        return around(connection, now, entries)

    monkeypatch.setattr(reach, "around", counted)
    return found


@pytest.mark.parametrize("seed", [13, 38, 49, 80])
def test_clocks_that_are_known_better_pair_earlier_payments_otherwise(
    seed: int, further: list[int]
) -> None:
    compared(seed, Clocked)
    assert further


def test_what_clocks_pair_otherwise_in_one_turn_can_tell_of_them_in_the_next(
    further: list[int],
) -> None:
    told, minute = [paid("out", fen=1, at=0), paid("in", fen=1, at=0)], {"time_precision": "minute"}
    told += [paid("out", fen=2, at=0), paid("in", fen=2, at=0)]
    for fen in (3, 4):
        told += [paid("out", fen=fen, at=300), paid("out", fen=fen, at=240) | minute]
        told += [paid("in", fen=fen, at=500)]
    told += [paid("out", fen=5, at=240) | minute, paid("in", fen=5, at=500)]
    later = [
        paid(way, fen=fen, at=1000 + late, pair=(1, 3))
        for fen in range(10, 18)
        for way, late in (("out", 0), ("in", 200))
    ]
    made = settled([told, later])
    assert made[1]["made"] == "part"
    assert len(further) == 2


def test_a_round_does_not_reach_what_it_has_nothing_to_do_with() -> None:
    wallet = paid("out", fen=7, at=0) | {"account": WALLETS[0], "card": "", "institution": "财付通"}
    others = [paid("out", fen=100 + at, at=at, pair=(1, 3)) for at in range(50)]
    made = settled([[wallet, *others], [paid("in", fen=9, at=0, pair=(2, 0))]])
    assert made[1] == {"made": "part", "entries": 1}


def test_rows_that_come_later_may_stand_before_others_of_their_moment() -> None:
    rows = [paid("out", fen=fen, at=0) | {"source": "a.csv", "seq": 9 - fen} for fen in (1, 2, 3)]
    made = held([[(rows[:2], [])], [(rows[2:], [])]])
    assert made[1]["made"] == "part"


def test_what_a_round_put_before_a_payment_still_stands_when_the_other_side_comes() -> None:
    out, between = paid("out", fen=100, at=60), paid("out", fen=7, at=30, pair=(0, 3))
    rounds_ = [
        [file("a", out), FAR],
        [file("more", between)],
        [file("b", paid("in", fen=100, at=10))],
    ]
    assert [one["made"] for one in held(rounds_)] == ["whole", "part", "part"]


def test_a_stranger_moves_no_payment_of_an_account_to_itself() -> None:
    own = [paid(way, fen=1, at=0, pair=(0, 0)) for way in ("out", "in")]
    first = [file("a", *own), FAR]
    assert held([first, [file("c", paid("out", fen=9, at=0, pair=(1, 3)))]])[1]["made"] == "part"


def test_a_stranger_moves_nothing_that_two_statements_contradict_each_other_about() -> None:
    one, two = paid("out", fen=1, at=0), paid("in", fen=2, at=0, pair=(2, 0))
    his = [paid("in", fen=1, at=0), paid("out", fen=2, at=0, pair=(2, 0))]
    first = [file("a", one, two), file("b", *reversed(his)), FAR]
    assert held([first, [file("c", paid("out", fen=9, at=0, pair=(1, 3)))]])[1]["made"] == "part"


def test_who_names_nobody_is_found_whatever_an_earlier_version_held() -> None:
    fens = range(100, 112)
    named, silent = paid("out", fen=1, at=0, pair=(1, 3)), {"other_account": ""}
    rounds_ = [
        [paid("out", fen=fen, at=298) for fen in fens] + [named | silent],
        [paid("in", fen=fen, at=302) | silent for fen in fens],
    ]
    with duckdb.connect() as connection:
        for table in KEPT:
            connection.execute(table.create())
        wide = memory.TOUCHES.create().replace("INTEGER", "BIGINT")
        connection.execute(wide)
        first = store(connection, 1, 1, [(_numbered(rounds_[0]), [])])
        rounds.settle(connection, anew=False)
        store(connection, 2, first, [(_numbered(rounds_[1]), [])])
        assert rounds.settle(connection, anew=False)["made"] == "part"
        found = connection.execute("SELECT count(*) FROM transfers WHERE \"join\" = 'mirrored'")
        assert found.fetchall() == [(len(fens),)]


def test_the_first_suffix_of_a_sub_account_may_come_in_a_round() -> None:
    suffixed = paid("out", fen=3, at=5) | {"other_account": f"{CARDS[2]}_1"}
    made = settled([[paid("in", fen=3, at=5), paid("out", fen=9, at=0)], [suffixed]])
    assert made[1]["made"] == "part"


def test_a_statement_takes_its_sub_account_away_from_the_account() -> None:
    named = paid("out", fen=3, at=5) | {"other_account": f"{CARDS[2]}_1"}
    theirs = paid("in", fen=3, at=5) | {"account": f"{CARDS[2]}_1", "card": ""}
    made = settled([[named, paid("out", fen=9, at=0)], [theirs]])
    assert made[1] == {"made": "whole", "because": "account numbers", "entries": 3}


def test_an_account_that_comes_is_what_its_sub_account_meant() -> None:
    named = paid("out", fen=3, at=5) | {"other_account": f"{CARDS[2]}_1"}
    made = settled([[named], [paid("in", fen=3, at=5)]])
    assert made[1]["made"] == "whole"


@pytest.mark.parametrize("flag", ["success", "statement", "cash"])
def test_a_flag_that_was_the_same_in_all_entries_may_be_another_in_a_round(flag: str) -> None:
    first = [paid("out", fen=1, at=0), paid("in", fen=1, at=1), paid("out", fen=5, at=9)]
    other = paid("in", fen=2, at=3)
    other[flag] = not other[flag]
    made = settled([first, [other], [paid("out", fen=2, at=2), paid("in", fen=5, at=8)]])
    assert [one["made"] for one in made] == ["whole", "part", "part"]


def test_payments_without_a_time_stand_in_the_order_of_their_statement() -> None:
    timeless = {"time": None}
    theirs = [
        paid("in", fen=100, at=0) | timeless,
        paid("in", fen=50, at=0, pair=(1, 2)) | timeless,
    ]
    made = settled([theirs, [paid("out", fen=100, at=0) | timeless]])
    assert made[1]["made"] == "part"


@pytest.mark.parametrize(("first", "second"), [("out", "in"), ("in", "out")])
def test_who_names_nobody_is_found_on_the_day_before_and_after(first: str, second: str) -> None:
    before, after = 290, 310  # Seconds from five minutes to midnight.
    for at, late in ((before, after), (after, before)):
        silent = paid(first, fen=7, at=at) | {"other_account": ""}
        named = paid(second, fen=7, at=late)
        for one, two in ((silent, named), (named, silent)):
            assert settled([[one], [two]])[1] == {"made": "part", "entries": 2}


def test_who_names_nobody_does_not_reach_another_day() -> None:
    silent = paid("out", fen=7, at=0) | {"other_account": ""}
    assert settled([[silent], [paid("in", fen=7, at=3 * 86_400)]])[1]["entries"] == 1


def file(name: str, *rows: dict[str, object]) -> File:
    """Return some rows as those of one file."""
    return [row | {"source": f"{name}.csv", "seq": at} for at, row in enumerate(rows)], []


def of_wallet(way: str, other: str, *, fen: int, at: int, serial: str) -> dict[str, object]:
    """Return a row of a platform's table."""
    own = {"account": WALLETS[0], "card": "", "institution": "财付通", "other_account": other}
    return paid(way, fen=fen, at=at) | own | {"serial": serial}


FAR = file("far", *(paid("out", fen=900 + at, at=5000 + at, pair=(2, 3)) for at in range(3)))


def test_a_trade_is_reached_by_the_number_that_another_table_tells_of_it() -> None:
    link = {"link_serial": "L1111111"}
    named = of_wallet("in", CARDS[1], fen=100, at=10, serial="T1111111")
    again = of_wallet("in", "", fen=100, at=40, serial="T1111111") | link
    hop = paid("out", fen=100, at=12) | CLEARING | link
    first = [file("h", hop), file("t1", named), file("t2", again), FAR]
    assert held([first, [file("f", paid("out", fen=77, at=50, pair=(1, 2)))]])[1]["made"] == "part"


def test_a_number_that_another_table_tells_of_a_trade_says_what_is_not_meant() -> None:
    link = {"link_serial": "L1111111"}
    named = of_wallet("in", CARDS[0], fen=100, at=0, serial="T1111111")
    again = of_wallet("in", "", fen=100, at=3, serial="T1111111") | link
    hop = paid("out", fen=999, at=0, pair=(1, 2)) | CLEARING | link
    first = [file("t1", named), file("t2", again), file("h", hop), FAR]
    assert held([first, [file("n", paid("out", fen=100, at=5) | CLEARING)]])[1]["made"] == "part"


def test_who_counts_for_a_row_may_name_the_other_side_otherwise() -> None:
    shop = "支付宝-江边超市"
    vague = paid("out", fen=100, at=0) | {"other_account": "", "other_holder": shop}
    vague |= {"summary": "消费"}
    first = [file("a1", vague), file("a2", paid("out", fen=100, at=0, pair=(0, 3)))]
    first += [file("d", paid("in", fen=100, at=5, pair=(0, 3))), FAR]
    theirs = paid("in", fen=100, at=3) | {"account": f"merchant:{shop}", "card": ""}
    assert held([first, [file("m", theirs)]])[1]["made"] == "part"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_payment_in_parts_stands_in_the_moment_of_each(order: tuple[int, int]) -> None:
    link = {"link_serial": "L9999999"}
    parts = file(
        "t",
        of_wallet("out", CARDS[0], fen=200, at=-10, serial="T2") | link,
        of_wallet("out", CARDS[0], fen=100, at=0, serial="T1") | link,
    )
    whole = paid("in", fen=300, at=5, pair=(2, 0)) | CLEARING | link
    bank = file("h", whole, paid("in", fen=50, at=5, pair=(2, 0)))
    first = [(parts, bank)[at] for at in order]
    assert held([[*first, FAR], [file("c", paid("out", fen=50, at=0, pair=(2, 0)))]])
