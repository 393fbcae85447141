"""What an investigator hands to follow(), checked and put in one form, or refused in a sentence."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from tracer.errors import AccountError, MoneyError, RuleError, SeedError, TableError
from tracer.money import LARGEST_FEN, whole_fen
from tracer.table import same
from tracer.tracing.lots import NONE

NEEDED = ("time", "payer", "payee", "fen")
FIRST = ("transfer_id", "time", "time_precision", "seq", "payer", "payee", "fen", "status")
PRECISIONS = ("second", "minute", "day")
STATUSES = ("ok", "reversed", "failed")
MICROSECOND = timedelta(microseconds=1)
MANY_NAMES = 100_000
UNIT = re.compile("[A-Za-z:]")


def read_transfers(transfers: pd.DataFrame) -> pd.DataFrame:
    """
    Return the transfers in one form, in the rows' order, further columns kept.

    Parameters
    ----------
    transfers
        A frame with time, payer, payee and fen; see `follow`.

    Raises
    ------
    TableError, MoneyError
        If a column is missing or holds what it must not.
    """
    if not isinstance(transfers, pd.DataFrame):
        msg = f"Transfers must be a DataFrame; this is a {type(transfers).__name__!r}."
        raise TableError(msg)
    missing = [name for name in NEEDED if name not in transfers]
    if missing:
        msg = (
            f"The transfers have no column {', '.join(map(repr, missing))}. "
            f"They need {', '.join(map(repr, NEEDED))} and have "
            f"{', '.join(map(repr, transfers.columns)) or 'none'}."
        )
        raise TableError(msg)
    known = {
        "transfer_id": _ids(transfers),
        "time": _times(transfers["time"]),
        "time_precision": _words(transfers, "time_precision", PRECISIONS),
        "seq": _seq(transfers),
        "payer": texts(transfers["payer"], "payer"),
        "payee": texts(transfers["payee"], "payee"),
        "fen": whole_fen(transfers["fen"], "fen"),
        "status": _words(transfers, "status", STATUSES),
    }
    rest = transfers[[name for name in transfers if name not in FIRST]]
    columns = {name: column.array for name, column in known.items()}
    return pd.concat([pd.DataFrame(columns), rest.reset_index(drop=True)], axis="columns")


def read_seeds(seeds: pd.Series | pd.DataFrame, transfers: pd.DataFrame) -> pd.DataFrame:
    """
    Return one row for each seed: row (in the transfers), transfer_id, victim.

    Parameters
    ----------
    seeds
        A Series (transfer_id → victim), or a frame with both as columns.
    transfers
        As `read_transfers` returns them.

    Raises
    ------
    SeedError
        If a seed is unknown, told twice, without a victim, or moved nothing.
    """
    frame = seed_columns(seeds)
    ids, victims = frame["transfer_id"], frame["victim"]
    twice = ids.duplicated()
    if twice.any():
        msg = f"The seed {_first(ids, twice)!r} is given more than once. Name each transfer once."
        raise SeedError(msg)
    nameless = victims.isna() | (victims.astype("str").str.strip() == "")
    if nameless.any():
        msg = f"The seed {_first(ids, nameless)!r} has no victim. Say whose money it was."
        raise SeedError(msg)
    # Seeds are few: every transfer is looked for among them, and not the other way round.
    known = pd.Index(transfers["transfer_id"], tupleize_cols=False)
    places = pd.Index(ids, tupleize_cols=False).get_indexer(known)
    rows, found = np.full(len(ids), NONE), np.flatnonzero(places >= 0)
    rows[places[found]] = found
    if (rows < 0).any():
        msg = (
            f"The seed {_first(ids, rows < 0)!r} is not among the {len(transfers)} transfers "
            f"({int((rows < 0).sum())} such seeds). Seeds are told by transfer_id, "
            f"which is the index where the transfers have no such column."
        )
        raise SeedError(msg)
    still = ~moving(transfers.iloc[rows]).to_numpy()
    if still.any():
        row = transfers.iloc[rows[still][0]]
        msg = (
            f"The seed {_first(ids, still)!r} moved no money: payer {row['payer']!r}, "
            f"payee {row['payee']!r}, {row['fen']} fen, status {row['status']!r}."
        )
        raise SeedError(msg)
    return frame.assign(victim=victims.astype("str"), row=rows)


def read_opening(opening: pd.Series | None) -> pd.Series:
    """
    Return the opening balances as int64 fen by account.

    Raises
    ------
    MoneyError, TableError
        If an amount is none, or an account has two.
    """
    if opening is None:
        return pd.Series(dtype="int64", index=pd.Index([], dtype="str"))
    names = texts(pd.Series(opening.index), "opening")
    if names.duplicated().any():
        msg = f"The account {names[names.duplicated()].iloc[0]!r} has two opening balances."
        raise TableError(msg)
    return pd.Series(whole_fen(opening, "opening").array, index=pd.Index(names))


def read_exits(exits: Collection[str]) -> pd.Series:
    """
    Return the exits as text.

    Raises
    ------
    AccountError
        If one text was given where several were meant.
    """
    if isinstance(exits, str):
        msg = f"Exits are a collection of accounts; {exits!r} is one text. Write [{exits!r}]."
        raise AccountError(msg)
    return texts(pd.Series(list(exits), dtype="object"), "exits")


def read_within(within: pd.Timedelta | timedelta | str | None) -> int | None:
    """
    Return the longest stay in microseconds.

    Raises
    ------
    RuleError
        If it is no span of time, a negative one, or a number without a unit.
    """
    if within is None:
        return None
    # pandas would read a bare number, which surely means hours or days, as nanoseconds.
    bare = isinstance(within, str) and not UNIT.search(within)
    if bare or not isinstance(within, (timedelta, np.timedelta64, str)):
        raise _no_span(within)
    try:
        span = pd.Timedelta(within)
    except (ValueError, TypeError):
        raise _no_span(within) from None
    if pd.isna(span) or span < pd.Timedelta(0) or pd.Timedelta(0) < span < MICROSECOND:
        raise _no_span(within)
    return span.to_pytimedelta() // MICROSECOND


def _no_span(within: object) -> RuleError:
    msg = f"The longest stay {within!r} is no span of time of at least 0. Write it such as '72h'."
    return RuleError(msg, zh=f"最长停留 {within!r} 不是有效的时长，请写成 '72h' 这样。")


def read_rule(rule: str, known: Collection[str]) -> str:
    """
    Return the rule's name.

    Raises
    ------
    RuleError
        If there is no such rule.
    """
    if rule in known:
        return rule
    near = difflib.get_close_matches(str(rule).lower(), known, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    rules = ", ".join(map(repr, known))
    msg = f"There is no rule {rule!r}. The rules are {rules}.{hint}"
    raise RuleError(msg, zh=f"没有追踪规则 {rule!r}。可用的规则：{rules}。")


def strange(account: object, known: pd.Index, *, told: str, zh: str) -> AccountError:
    """
    Return the error of an account that is not there, with the names that are near it.

    Parameters
    ----------
    account
        What was asked for.
    known
        The accounts that there are, text.
    told, zh
        What is wrong, without the account, in both languages.
    """
    # Among very many names a search would take longer than anybody waits.
    names = known.astype("str").tolist() if len(known) < MANY_NAMES else []
    near = difflib.get_close_matches(str(account), names, n=3)
    hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
    meant = f"是否指 {'、'.join(map(repr, near))}？" if near else ""
    return AccountError(f"{told} {account!r}.{hint}", zh=f"{zh} {account!r}。{meant}")


def moving(transfers: pd.DataFrame) -> pd.Series:
    """Return which transfers moved money: not failed, not to oneself, not of nothing."""
    carried_out = transfers["status"] == "ok"
    return carried_out & (transfers["payer"] != transfers["payee"]) & (transfers["fen"] > 0)


def check_sum(fen: pd.Series, opening: pd.Series) -> None:
    """
    Make sure that no sum of money can overflow.

    Raises
    ------
    MoneyError
        If all amounts together are beyond what int64 holds.
    """
    # Sums of halves of 32 bits cannot overflow for fewer than 2**31 rows.
    total = 0
    for values in (fen.to_numpy(), opening.to_numpy()):
        total += (int((values >> 32).sum()) << 32) + int((values & 0xFFFFFFFF).sum())
    if total > LARGEST_FEN:
        msg = f"The amounts together are {total} fen, beyond what int64 holds. Check their unit."
        raise MoneyError(msg)


def texts(values: pd.Series, column: str) -> pd.Series:
    """
    Return account keys as text.

    Raises
    ------
    TableError
        If a key is missing, or is a float, which has lost digits.
    """
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.cat.categories.dtype)
        kind = pd.api.types.infer_dtype(values, skipna=True)
    if kind not in {"string", "integer", "empty"}:
        msg = (
            f"Column {column!r} must hold accounts as text; it holds {kind!r}. "
            f"Numbers that went through a float have lost digits: read the column as text."
        )
        raise TableError(msg)
    absent = values.isna()
    keys = values.astype("str")
    absent |= keys == ""
    if absent.any():
        msg = (
            f"Column {column!r}, row {_first(values.index, absent)!r}: the account is missing "
            f"({int(absent.sum())} such rows). Give what is not known a name of its own, "
            f"such as 'unknown:1', because two unknown accounts are not one."
        )
        raise TableError(msg)
    return keys


def seed_columns(seeds: pd.Series | pd.DataFrame) -> pd.DataFrame:
    """
    Return the seeds as a frame of transfer_id and victim, unchecked.

    Raises
    ------
    SeedError
        If they are neither a Series nor a frame with both columns.
    """
    if isinstance(seeds, pd.Series):
        ids = seeds.index.to_series().infer_objects()
        return pd.DataFrame({"transfer_id": ids.array, "victim": seeds.array})
    if not isinstance(seeds, pd.DataFrame) or not {"transfer_id", "victim"} <= set(seeds):
        msg = (
            "Seeds must be a Series from transfer_id to victim, or a frame with the columns "
            "'transfer_id' and 'victim'."
        )
        raise SeedError(msg)
    return seeds[["transfer_id", "victim"]].reset_index(drop=True)


def _first(values: pd.Series | pd.Index, bad: pd.Series | npt.NDArray[np.bool_]) -> object:
    # As a plain Python value, which a message shows as the investigator wrote it.
    return values[np.asarray(bad)][:1].tolist()[0]


def _ids(transfers: pd.DataFrame) -> pd.Series:
    given = "transfer_id" in transfers
    ids = transfers["transfer_id"] if given else transfers.index.to_series()
    place = "Column 'transfer_id'" if given else "The index, which names the transfers,"
    if ids.isna().any():
        msg = f"{place} has a row without an id. Every transfer needs one."
        raise TableError(msg)
    twice = ids.duplicated()
    if twice.any():
        msg = (
            f"{place} names {_first(ids, twice)!r} more than once "
            f"({int(twice.sum())} such rows). Every transfer needs an id of its own."
        )
        raise TableError(msg)
    ids = ids.infer_objects()
    if isinstance(ids.dtype, pd.Int64Dtype):
        ids = ids.astype("int64")
    return ids


def _times(times: pd.Series) -> pd.Series:
    if times.dtype == "object":
        times = times.infer_objects()
    if isinstance(times.dtype, pd.DatetimeTZDtype):
        msg = "Column 'time' carries a time zone. Give times of the case's zone without one."
        raise TableError(msg)
    if not pd.api.types.is_datetime64_dtype(times.dtype):
        msg = f"Column 'time' must hold times; it holds {times.dtype!s}. Use pandas.to_datetime."
        raise TableError(msg)
    absent = times.isna()
    if absent.any():
        msg = (
            f"Column 'time', row {_first(times.index, absent)!r}: the time is missing "
            f"({int(absent.sum())} such rows)."
        )
        raise TableError(msg)
    return times.astype("datetime64[us]")


def _seq(transfers: pd.DataFrame) -> pd.Series:
    if "seq" not in transfers:
        return pd.Series(np.arange(len(transfers)), index=transfers.index)
    seq = transfers["seq"]
    if not pd.api.types.is_integer_dtype(seq.dtype) or seq.isna().any():
        msg = f"Column 'seq' must hold a whole number in every row; it holds {seq.dtype!s}."
        raise TableError(msg)
    return seq.astype("int64")


def _words(transfers: pd.DataFrame, column: str, known: tuple[str, ...]) -> pd.Series:
    # The first word is what evidence means when it says nothing.
    if column not in transfers:
        return same(known[0], transfers.index)
    given = transfers[column].astype("str").fillna("")
    words = given.mask(given == "", known[0])
    strange = ~words.isin(known)
    if strange.any():
        msg = (
            f"Column {column!r}, row {_first(words.index, strange)!r}: "
            f"{_first(words, strange)!r} is none of {', '.join(map(repr, known))} "
            f"({int(strange.sum())} such rows)."
        )
        raise TableError(msg)
    return words
