"""Which account each text means: aliases, holders, kinds and institutions."""

from __future__ import annotations

import pandas as pd

from tracer.tables import ACCOUNTS

CLEARING = r"财付通支付科技|支付宝[（(]中国[)）]|备付金|网联清算|中国银联|银联商务|待清算|清算资金"
EXCHANGE = r"数字资产|虚拟货币|虚拟币|加密货币|泰达币|USDT|币商"
CASH = r"ATM.*[取存]|CDM|取现|现金|柜面取款|柜台取款|存现|现存|现取|自助取款|自助存款"
PURCHASE = r"消费|购物|购买|POS|商户|扫二维码付款"
PLATFORM = r"^(?:tenpay|alipay|pay):"

KINDS = ("bank", "payment", "merchant", "clearing", "exchange", "cash", "unknown")
# Where following stops by nature; a victim's own account stops it too.
EXITS = ("cash", "merchant", "clearing", "exchange")


def aliases(pairs: pd.DataFrame, registrations: pd.DataFrame) -> pd.Series:
    """
    Return which account each further number means.

    An account number means a card where evidence pairs the two and pairs
    neither with anything else; every other number stays an account of its own.

    Parameters
    ----------
    pairs
        The card and number of entries, each combination once.
    registrations
        The table `registrations`.

    Returns
    -------
    pandas.Series
        Account number to card number, both text.
    """
    both = pd.concat([pairs[["card", "number"]], registrations[["card", "number"]]])
    told = both["card"].ne("") & both["number"].ne("") & both["card"].ne(both["number"])
    once = both[told].drop_duplicates()
    single = ~once["number"].duplicated(keep=False) & ~once["card"].duplicated(keep=False)
    return once[single].set_index("number")["card"]


def resolve(values: pd.Series, known: pd.Series) -> pd.Series:
    """Return account texts with every known alias replaced by its account."""
    meant = values.map(known).astype("str")
    return values.where(meant.isna(), meant)


def kinds(names: pd.DataFrame) -> pd.DataFrame:
    """
    Say what kind of account each key is, and what that was taken from.

    Parameters
    ----------
    names
        One row per account and name it was seen under: account, holder, own
        (whether its own statement or registration is in hand) and plain
        (whether only a plain transfers table names it).

    Returns
    -------
    pandas.DataFrame
        Indexed by account: kind, kind_reason.
    """
    # What an account's own bank says outranks how others name it.
    owned = names.groupby("account")["own"].transform("any")
    names = names[names["own"] | ~owned]
    account = names["account"]
    claims = [
        (pd.Series(data=True, index=names.index), "bank", "账号形式"),
        (names["plain"] & ~names["own"], "unknown", "仅见于转账表，未见账户类型"),
        (names["holder"].str.contains(EXCHANGE), "exchange", "户名"),
        (names["holder"].str.contains(CLEARING), "clearing", "户名"),
        (account.str.match(PLATFORM), "payment", "支付平台账号"),
        (account.str.startswith("clearing:"), "clearing", "户名"),
        (account.str.startswith("merchant:"), "merchant", "商户名称或商户号"),
        (account.str.startswith("unknown:"), "unknown", "流水未载明对手"),
        (account.eq("cash"), "cash", "现金标志或摘要"),
    ]
    # A later claim is the stronger one, on a row and across an account's rows.
    rank = pd.Series(0, index=names.index)
    for place, (applies, _, _) in enumerate(claims):
        rank = rank.mask(applies, place)
    strongest = rank.groupby(account).max()
    # One sighting outside a plain table shows the form of the account.
    plain = ~names["plain"] | names["own"]
    formed = plain.groupby(account).any()
    strongest = strongest.mask(formed & strongest.eq(1), 0)
    return pd.DataFrame(
        {
            "kind": strongest.map(lambda place: claims[place][1]),
            "kind_reason": strongest.map(lambda place: claims[place][2]),
        }
    )


def marked(found: pd.DataFrame, marks: pd.DataFrame | None, known: pd.Series) -> pd.DataFrame:
    """
    Put the kinds that investigators know in place of those that were found.

    Parameters
    ----------
    found
        What `kinds` returned.
    marks
        As the table `marks`: account, kind and reason; the last of an account
        counts, and one without a kind takes the mark back.
    known
        What `aliases` returned.

    Examples
    --------
    >>> found = pd.DataFrame({"kind": "bank", "kind_reason": "账号形式"}, index=["1", "2"])
    >>> marks = pd.DataFrame({"account": ["2"], "kind": ["exchange"], "reason": ["笔录"]})
    >>> marked(found, marks, pd.Series(dtype="str"))["kind"].tolist()
    ['bank', 'exchange']
    """
    if marks is None or marks.empty:
        return found
    meant = marks.assign(account=resolve(marks["account"], known))
    last = meant.drop_duplicates("account", keep="last").set_index("account")
    last = last[last["kind"].ne("")].reindex(found.index)
    byhand = last["kind"].notna()
    return found.assign(
        kind=found["kind"].mask(byhand, last["kind"]),
        kind_reason=found["kind_reason"].mask(byhand, "办案人员指定：" + last["reason"]),
    )


def seen(sighted: pd.DataFrame, registrations: pd.DataFrame, known: pd.Series) -> pd.DataFrame:
    """
    Return every sighting of an account with the name and bank it was seen under.

    Parameters
    ----------
    sighted
        What `parties.sightings` returned.
    registrations
        The table `registrations`.
    known
        What `aliases` returned.
    """
    registered = registrations.assign(
        account=resolve(registrations["account"], known),
        own=True, plain=False, weight=3, times=1,
    )  # fmt: skip
    return pd.concat([registered[list(sighted)], sighted], ignore_index=True)


def describe(
    seen: pd.DataFrame,
    found: pd.DataFrame,
    registrations: pd.DataFrame,
    known: pd.Series,
    coverage: pd.DataFrame,
) -> pd.DataFrame:
    """
    Return the table `accounts`: one row per account that any record names.

    Parameters
    ----------
    seen, found
        What `seen` and `kinds` returned.
    registrations
        The table `registrations`, for phone, opening day and balance.
    known
        What `aliases` returned.
    coverage
        Indexed by account: what `checks.coverage` returned.
    """
    found = found.copy()
    for column in ("holder", "holder_id", "institution"):
        found[column] = _told(seen, column)
    found["aliases"] = _further(known)
    registered = registrations.assign(account=resolve(registrations["account"], known))
    found["phone"] = _told(registered.assign(weight=1, times=1), "phone")
    opened = registered.dropna(subset="opened").groupby("account")["opened"].min()
    found["opened"] = opened.reindex(found.index)
    found = found.join(coverage)
    found = _registered_balance(found, registered)
    return ACCOUNTS.conform(found.rename_axis("account").reset_index().sort_values("account"))


def _told(seen: pd.DataFrame, column: str) -> pd.Series:
    """Return what the best source says, the most frequent text first."""
    given = seen[seen[column].ne("")]
    counted = given.groupby(["account", "weight", column])["times"].sum().reset_index()
    best = counted.sort_values(
        ["account", "weight", "times", column], ascending=[True, False, False, True]
    )
    return best.drop_duplicates("account").set_index("account")[column]


def _further(known: pd.Series) -> pd.Series:
    """Return the further numbers of each account, joined by spaces."""
    pairs = pd.DataFrame({"account": known.to_numpy(), "alias": known.index}, dtype="str")
    ordered = pairs.drop_duplicates().sort_values(["account", "alias"])
    return ordered.groupby("account")["alias"].agg(" ".join)


def _registered_balance(found: pd.DataFrame, registered: pd.DataFrame) -> pd.DataFrame:
    """Take the registered balance where it is newer than the statement's or the only one."""
    dated = registered.dropna(subset=["balance_fen", "balance_time"])
    # Several registrations of one account are its sub-accounts; none of them is the balance.
    dated = dated[~dated["account"].duplicated(keep=False)]
    last = dated.sort_values("balance_time").drop_duplicates("account", keep="last")
    last = last.set_index("account")[["balance_fen", "balance_time"]].reindex(found.index)
    newer = last["balance_time"].notna() & ~(found["last_balance_time"] >= last["balance_time"])
    return found.assign(
        last_balance_fen=found["last_balance_fen"].mask(newer, last["balance_fen"]),
        last_balance_time=found["last_balance_time"].mask(newer, last["balance_time"]),
    )
