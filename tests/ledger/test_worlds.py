"""Worlds: small invented worlds of payments, whose ledger loses nothing and knows no order."""

from collections import Counter

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from test_build import CLEARING, A, B, C, entries, get, pay

from effort import examples
from tracer.ledger.build import Ledger, build
from tracer.tables import REGISTRATIONS

DAY = pd.Timestamp("2024-06-01")
WALLETS = ("tenpay:wx1", "tenpay:wx2")
MASKED = {A: "622202****0012", B: "尾号0018", C: "6217****0011"}
Row = dict[str, object]

_ACT = st.fixed_dictionaries(
    {
        "what": st.sampled_from(
            ["both", "both", "payer", "payee", "silent", "masked", "hop", "packet", "undone"]
        ),
        "payer": st.sampled_from([A, B, C]),
        "payee": st.sampled_from([A, B, C]),
        "fen": st.sampled_from([0, 100, 100, 200]),
        "second": st.one_of(st.none(), st.integers(0, 200), st.integers(86_300, 86_500)),
        "late": st.integers(0, 90),
        "precision": st.sampled_from(["second", "second", "minute", "day"]),
        "serial": st.sampled_from(["", "", "1", "2"]),
        "balance": st.sampled_from([None, None, 0, 100]),
        "currency": st.sampled_from(["CNY", "CNY", "CNY", "USD"]),
        "success": st.sampled_from([True, True, True, False]),
        "again": st.sampled_from(["", "", "same", "other", "date"]),
        "wallet": st.sampled_from(WALLETS),
    }
)


def rows_of(act: Row) -> list[Row]:
    """Return what statements say of one act, each row in the file of its account."""
    second = act["second"]
    times = [None, None] if second is None else [str(DAY + pd.Timedelta(s, "s")) for s in (
        int(second), int(second) + int(act["late"]))]  # fmt: skip
    facts = {name: act[name] for name in ("serial", "currency", "success")}
    facts |= {"balance_fen": act["balance"], "time_precision": act["precision"]}
    payer, payee, fen = act["payer"], act["payee"], act["fen"]
    out = pay(payer, payee, fen, times[0], source=payer, **facts)
    into = get(payee, payer, fen, times[1], source=payee, **facts)
    wallet = {"account": act["wallet"], "card": "", "source": act["wallet"]}
    made = {
        "both": [out, into],
        "payer": [out],
        "payee": [into],
        "silent": [out | {"other_account": ""}, into],
        "masked": [out | {"other_account": MASKED[payee]}, into],
        "hop": [
            out | {"other_account": ""} | CLEARING,
            into | wallet | {"link_serial": act["serial"], "serial": "W"},
        ],
        "packet": [out | wallet | {"other_account": "", "serial": "P"}] * 3,
        "undone": [out, into | {"account": payer, "other_account": payee, "source": payer,
                                "summary": "冲正"}],
    }[act["what"]]  # fmt: skip
    repeat = {
        "": [],
        "same": [made[0]],
        "other": [row | {"source": "again"} for row in made],
        "date": [row | {"source": "dates"} for row in made],
    }[act["again"]]
    return [dated(row) for row in (*made, *repeat)]


def dated(row: Row) -> Row:
    """Cut the time down to what its precision shows."""
    precision = "day" if row["source"] == "dates" else row["time_precision"]
    unit = {"second": "s", "minute": "min", "day": "D"}[str(precision)]
    time = None if row["time"] is None else str(pd.Timestamp(str(row["time"])).floor(unit))
    return row | {"time": time, "time_precision": precision}


def world(acts: list[Row]) -> pd.DataFrame:
    rows = [row for act in acts for row in rows_of(act)]
    filled = []
    for row in rows:
        time = pd.NaT if row["time"] is None else pd.Timestamp(str(row["time"]))
        filled.append(row | {"time": time})
    return entries(*filled)


def built(frame: pd.DataFrame) -> Ledger:
    return build(frame, REGISTRATIONS.empty())


def told(ledger: Ledger) -> Counter[int]:
    """Return how often each entry is in the ledger: in transfers, or as a repeat of another."""
    sides = ledger.transfers[["payer_entry", "payee_entry"]].stack().dropna()
    again = ledger.joins.loc[ledger.joins["join"].eq("repeat"), "other_entry"]
    # Only the whole of a split is in several transfers.
    return Counter([*set(map(int, sides)), *map(int, again)])


@settings(deadline=None, max_examples=examples(15))
@given(st.lists(_ACT, min_size=1, max_size=7))
def test_every_entry_is_in_one_transfer_or_repeats_another(acts: list[Row]) -> None:
    frame = world(acts)
    ledger = built(frame)
    assert told(ledger) == Counter(frame["entry_id"].tolist())
    assert ledger.transfers["transfer_id"].is_unique
    made = ledger.transfers
    fen = frame.set_index("entry_id")["fen"]
    split = made["payer_entry"].duplicated(keep=False) & made["payer_entry"].notna()
    split |= made["payee_entry"].duplicated(keep=False) & made["payee_entry"].notna()
    for side in ("payer_entry", "payee_entry"):
        whole = made[made[side].notna() & ~split]
        assert whole["fen"].tolist() == fen[whole[side].astype("int64")].tolist()
    assert set(made["payer"]) | set(made["payee"]) <= set(ledger.accounts["account"])


@settings(deadline=None, max_examples=examples(10))
@given(st.lists(_ACT, min_size=1, max_size=7), st.integers(0, 99))
def test_the_order_of_the_rows_of_a_frame_does_not_matter(acts: list[Row], chance: int) -> None:
    frame = world(acts)
    one, two = built(frame), built(frame.sample(frac=1, random_state=chance))
    for name in ("transfers", "joins", "accounts", "masks"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name))


@settings(deadline=None, max_examples=examples(10))
@given(st.lists(_ACT, min_size=1, max_size=7), st.permutations(range(8)))
def test_the_order_in_which_files_are_loaded_does_not_matter(
    acts: list[Row], turn: list[int]
) -> None:
    frame = world(acts)
    files = sorted(frame["source"].unique())
    rank = frame["source"].map({file: turn[place] for place, file in enumerate(files)})
    other = frame.iloc[rank.argsort(kind="stable")].reset_index(drop=True)
    other = other.assign(entry_id=range(1, len(other) + 1))
    pd.testing.assert_frame_equal(plain(built(frame)), plain(built(other)))


def plain(ledger: Ledger) -> pd.DataFrame:
    """Return who paid whom and when, without the numbers of entries."""
    made = ledger.transfers
    made = made.assign(payer=named(made["payer"]), payee=named(made["payee"]))
    columns = ["time", "fen", "join", "status", "currency", "payer", "payee"]
    return made[columns].sort_values(columns, ignore_index=True)


def named(accounts: pd.Series) -> pd.Series:
    """Leave out the numbers of entries, which a file's turn decides."""
    return accounts.mask(accounts.str.startswith("unknown:"), "unknown")
