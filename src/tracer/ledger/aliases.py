"""Which further texts mean one account: its numbers, its sub-accounts and their suffixes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tracer.column import large, stray
from tracer.ledger.banks import bank

# A payment account and the bank cards bound to it are different accounts, and a masked
# number is no number.
NEVER = r"^(?:tenpay|alipay|pay|merchant|clearing|unknown|cash):|[*＊]"
# A short running number or the yuan; a foreign currency is an account of its own.
BETWEEN = r"[_/#\-－—]"
SUFFIX = r"^(\d{8,})[_/#\-－—](?:\d{1,6}|(?:CNY|RMB|156|人民币)\d{0,3})$"

COLUMNS = ["card", "number", "told"]
CONFLICTS = ["alias", "account", "told", "reason", "reason_en"]
# Many cases have none of these.
_NO_PAIRS, _NO_CONFLICTS = (pd.DataFrame(columns=names, dtype="str") for names in
                            (COLUMNS, CONFLICTS))  # fmt: skip
_NO_ALIASES = pd.Series(index=pd.Index([], dtype="str"), dtype="str")


def pairs(
    entries: pd.DataFrame, registrations: pd.DataFrame, subaccounts: pd.DataFrame
) -> pd.DataFrame:
    """
    Return every distinct pair of an account and a further number of it.

    Parameters
    ----------
    entries, registrations
        card and number, each pair at least once.
    subaccounts
        account and subaccount, likewise.

    Returns
    -------
    pandas.DataFrame
        card, number and told (流水, 账户信息 or 关联子账户), sorted. The card of
        a sub-account is the account above it. Pairs in which either side is
        empty, masked or a payment account are left out.

    Examples
    --------
    >>> told = pd.DataFrame({"card": ["6222", "6222"], "number": ["65001", "65001"]})
    >>> below = pd.DataFrame({"account": ["65001"], "subaccount": ["65001-2"]})
    >>> pairs(told, told.head(0), below).values.tolist()
    [['6222', '65001', '流水'], ['65001', '65001-2', '关联子账户']]
    """
    sources = {
        "流水": (entries, ["card", "number"]),
        "账户信息": (registrations, ["card", "number"]),
        "关联子账户": (subaccounts, ["account", "subaccount"]),
    }
    some = [
        frame[names].set_axis(["card", "number"], axis=1).drop_duplicates().assign(told=told)
        for told, (frame, names) in sources.items()
        if len(frame)
    ]
    if not some:
        return _NO_PAIRS.copy(deep=False)
    found = pd.concat(some, ignore_index=True).astype("str")
    card, number = found["card"], found["number"]
    named = card.ne("") & number.ne("") & card.ne(number)
    barred = card.str.contains(NEVER) | number.str.contains(NEVER)
    return found[named & ~barred].sort_values(COLUMNS, ignore_index=True)


def aliases(pairs: pd.DataFrame) -> tuple[pd.Series, pd.DataFrame]:
    """
    Return which account each further number means, and the numbers that several claim.

    A number means the card above it where evidence puts it below one account
    only; a card may have many numbers. Chains (sub-account, number, card) end
    at the card. A number with a suffix that no record pairs means the number
    before it, where that number is known. A number that several accounts claim
    stays an account of its own. In a circle, where records call each of two
    numbers the card of the other, the one with a known bank's prefix is the
    account, else the smallest.

    Parameters
    ----------
    pairs
        What `pairs` returned: card, number, told.

    Returns
    -------
    known : pandas.Series
        Alias to account, both text, sorted by alias.
    conflicts : pandas.DataFrame
        alias, account, told, reason, reason_en: one row for each account that
        claims a contested alias.

    Examples
    --------
    >>> told = pd.DataFrame({
    ...     "card": ["6222", "65001", "6222", "6228"],
    ...     "number": ["65001", "65001-2", "77", "77"],
    ...     "told": "流水"})
    >>> known, conflicts = aliases(told)
    >>> known.to_dict()
    {'65001': '6222', '65001-2': '6222'}
    >>> conflicts[["alias", "account"]].values.tolist()
    [['77', '6222'], ['77', '6228']]
    """
    if pairs.empty:
        return _NO_ALIASES.copy(deep=False), _NO_CONFLICTS.copy(deep=False)
    told = _suffixed(pairs)
    place, texts = pd.factorize(pd.concat([told["number"], told["card"]]), sort=True)
    child, parent = place[: len(told)], place[len(told) :]
    root = _roots(child, parent, _rank(pd.Series(texts, dtype="str")))
    words = pd.Series(texts, dtype="str")
    moved = root != np.arange(len(root))
    known = pd.Series(
        words.to_numpy()[root[moved]], index=pd.Index(words[moved], dtype="str"), dtype="str"
    )
    claims = told.assign(account=words.to_numpy()[root[parent]])
    contested = ~moved[child] & claims["account"].ne(claims["number"]).to_numpy()
    return known, _conflicts(claims[contested])


def has_suffix(texts: pd.Series | pa.ChunkedArray) -> bool:
    """
    Say whether any text has what may be the suffix of a sub-account.

    Examples
    --------
    >>> has_suffix(pd.Series(["6222", "65001-2"])), has_suffix(pd.Series(["6222"]))
    (True, False)
    """
    written = large(texts)
    # A look at all bytes spares plain numbers the pattern.
    if not stray(written, "_/#-"):
        return False
    return bool(pc.any(pc.match_substring_regex(written, BETWEEN)).as_py())


def suffixes(texts: pd.Series, accounts: pd.Index) -> pd.Series:
    """
    Return what the texts with a sub-account's suffix mean, where that number is known.

    Parameters
    ----------
    texts
        Shape (n,), distinct account texts of any record.
    accounts
        The texts that are known without a suffix: accounts and aliases. A text
        among them keeps its own meaning.

    Returns
    -------
    pandas.Series
        Text with suffix to the text before it.

    Examples
    --------
    >>> seen = pd.Series(["6222020000000012_1", "6222020000000012_USD", "6217000000000011-1"])
    >>> suffixes(seen, pd.Index(["6222020000000012"])).to_dict()
    {'6222020000000012_1': '6222020000000012'}
    """
    if texts.empty:
        return texts
    found = _before(texts.astype("str"), pd.Series(accounts, dtype="str"))
    return found.set_index("text")["before"].rename(None).rename_axis(None)


def _suffixed(pairs: pd.DataFrame) -> pd.DataFrame:
    """Add a pair for each text whose suffix alone says what it belongs to."""
    told = pairs[COLUMNS].drop_duplicates()
    texts = pd.concat([told["card"], told["number"]]).drop_duplicates()
    # A text that records put below an account needs no suffix to say so.
    found = _before(told["card"], texts, told["number"])
    derived = found.rename(columns={"text": "number", "before": "card"}).assign(told="账号后缀")
    return pd.concat([told, derived], ignore_index=True).astype("str")


def _before(texts: pd.Series, known: pd.Series, placed: pd.Series | None = None) -> pd.DataFrame:
    """Return text and before: what precedes the suffix of each text, where that is known."""
    # A glance for a separator spares most texts the whole pattern.
    marked = texts[texts.str.contains(BETWEEN)].drop_duplicates()
    before = marked.str.extract(SUFFIX, expand=False)
    found = pd.DataFrame({"text": marked, "before": before}).dropna().astype("str")
    own = known if placed is None else placed
    found = found[~found["text"].isin(own[own.str.contains(BETWEEN)])]
    return found.merge(known.drop_duplicates().rename("before"), on="before").sort_values(
        "text", ignore_index=True
    )[["text", "before"]]


def _rank(texts: pd.Series) -> np.ndarray:
    """Return which text is an account's key before which other; they come sorted."""
    order = np.lexsort([np.arange(len(texts)), bank(texts).eq("").to_numpy()])
    rank = np.empty(len(texts), "int64")
    rank[order] = np.arange(len(texts))
    return rank


def _roots(child: np.ndarray, parent: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """
    Return the end of each text's chain; its own place where there is none or several.

    Parameters
    ----------
    child, parent
        Shape (m,) each, places of texts.
    rank
        Shape (n,), which of a circle is its end: the least.
    """
    root = np.arange(len(rank))
    while True:
        ends = root[parent]
        # What was resolved before is left, and so is what ends at the text itself.
        open_ones = (root[child] == child) & (child != ends)
        claims = np.unique(child[open_ones] * len(rank) + ends[open_ones])
        free = claims // max(len(rank), 1)
        single = np.bincount(free, minlength=len(rank))[free] == 1
        if not single.any():
            return root
        # Every round resolves a text at least, so this comes to an end.
        step = root.copy()
        step[free[single]] = claims[single] % len(rank)
        root = _ends(step, rank)


def _ends(step: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """Return where each chain of steps ends, the least of a circle being its end."""
    rounds = len(step).bit_length()
    far, least = step.copy(), np.minimum(rank, rank[step])
    for _ in range(rounds):
        least = np.minimum(least, least[far])
        far = far[far]
    # After so many steps every chain is at its end or somewhere in a circle.
    circle = np.zeros(len(step), bool)
    circle[far] = True
    cut = np.where(circle & (rank == least), np.arange(len(step)), step)
    for _ in range(rounds):
        cut = cut[cut]
    return cut


def _conflicts(claims: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each account that claims a contested alias, with the reason."""
    given = claims.rename(columns={"number": "alias"})[["alias", "account", "told"]]
    given = given.drop_duplicates().sort_values(["alias", "account", "told"])
    told = given.groupby(["alias", "account"])["told"].agg("、".join)
    found = told.reset_index().astype("str")
    count = found.groupby("alias")["account"].transform("size").astype("str")
    return found.assign(
        reason=found["told"]
        + "记载 "
        + found["alias"]
        + " 属于 "
        + found["account"]
        + "，共有 "
        + count
        + " 个账户主张该号码，未合并，请核实。",
        reason_en=count + " accounts claim " + found["alias"] + ", this one among them; "
        "they are not merged, ask the bank.",
    ).astype("str")[CONFLICTS]
