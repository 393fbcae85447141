"""Masked numbers matched to the one account that they fit, or left alone with the reason."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tracer.ledger.banks import institution
from tracer.tables import MASKS

STAR = "*＊xX×•●#"
_MASK = rf"^(?P<prefix>\d*)(?P<stars>[{STAR}]+)(?P<suffix>\d*)$"
_TAIL = (
    r"^(?P<bank>.*?)(?:(?:尾号|尾数|后四位|末四位)(?:为|是)?[:：]?(?P<after>\d{4,})"
    r"|[（(](?:尾号)?(?P<inside>\d{4,})[)）])[)）]?$"
)
# 138****1234 is how a mobile number is masked, and no bank account.
_PHONE = r"^1[3-9]\d\*{4}\d{4}$"
_LEAST = 4  # Fewer digits at the end are no ground to look for an account.
_CARD = 15  # A mask as long as a card number may show the length; a shorter one abbreviates it.
_USUAL = 6  # So many stars are often written whatever the length (622622******5669).

COLUMNS = ["text", "holder", "institution", "account", "candidates", "reason", "reason_en"]
REASONS = {
    "matched": ("号码掩码与唯一账户相符：{}。", "Exactly one account fits the mask: {}."),
    "none": (
        "没有账户与掩码相符，请向开户行调取完整账号。",
        "No account fits the mask; ask the bank for the full number.",
    ),
    "several": (
        "有多个账户与掩码相符，未认定，请向开户行调取完整账号。",
        "Several accounts fit and none is chosen; ask the bank for the full number.",
    ),
    "lone": (
        "只有尾号，户名、开户行均未能印证，不予认定，请向开户行调取完整账号。",
        "Only a tail, which neither holder nor bank confirms; no match. Ask for the full number.",
    ),
    "phone": ("形如手机号掩码，不作账号匹配。", "It looks like a masked mobile number."),
    "unread": (
        "不是可识别的掩码，或末尾不足四位，请向开户行调取完整账号。",
        (
            "Not a mask that can be read, or fewer than four digits at its end; ask the bank for "
            "the full number."
        ),
    ),
}


def matched(masked: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    """
    Match each masked number to the account that it fits, where exactly one does.

    An account fits by the digits shown at both ends; by length, where the stars
    show it; by holder and by bank, where both name one. Six stars or fewer show
    the length only where an account of that length fits: else they abbreviate,
    and longer accounts fit too. A tail alone, without digits at the front, is
    matched only where the holder or the bank of the account confirms it.

    Parameters
    ----------
    masked
        Distinct sightings: text, holder, institution. A masked holder (张*) is
        compared by what it shows, and confirms nothing.
    accounts
        account, holder, institution. Only accounts of digits are looked at.

    Returns
    -------
    pandas.DataFrame
        The rows of ``masked`` with account ("" where none was matched),
        candidates (how many accounts fit), reason and reason_en.

    Examples
    --------
    >>> seen = pd.DataFrame({"text": ["6226****5669", "尾号5669"], "holder": ["张三", ""],
    ...     "institution": ["", ""]})
    >>> known = pd.DataFrame({"account": ["6226000000005669"], "holder": ["张三"],
    ...     "institution": ["民生银行"]})
    >>> matched(seen, known)[["account", "candidates"]].values.tolist()
    [['6226000000005669', 1], ['', 1]]
    """
    if masked.empty:
        return MASKS.empty()
    told = read(masked["text"]).reset_index(drop=True)
    told["holder"] = masked["holder"].astype("str").to_numpy()
    bank = institution(masked["institution"]).reset_index(drop=True)
    told["institution"] = bank.mask(bank.eq(""), told["bank"])
    known = _known(accounts)
    pairs = _exact(_confirmed(_pairs(told, known), told, known))
    count = np.bincount(pairs["mask"], minlength=len(told))
    alone = pairs[(count == 1)[pairs["mask"]]].set_index("mask")
    lone = told["prefix"].eq("")
    sure = alone[alone["holder"] | alone["bank"] | ~lone.to_numpy()[alone.index]]
    state = pd.Series(np.select([count == 0, count > 1], ["none", "several"], "lone"))
    state[sure.index] = "matched"
    state = state.mask(told["refused"].ne(""), told["refused"])
    found = masked[["text", "holder", "institution"]].reset_index(drop=True)
    found["account"] = pd.Series(known["account"].to_numpy()[sure["known"]], index=sure.index)
    found["account"] = found["account"].astype("str").fillna("")
    found["candidates"] = count
    for column, lang in (("reason", 0), ("reason_en", 1)):
        found[column] = _reason(state, sure, told, lang)
    return found[COLUMNS].set_axis(masked.index)


def read(texts: pd.Series) -> pd.DataFrame:
    """
    Return what masks show of a number.

    Parameters
    ----------
    texts
        Shape (n,), masked account texts.

    Returns
    -------
    pandas.DataFrame
        prefix and suffix (digits), length (0 where the mask does not show it),
        short (whether it may be an abbreviation after all), bank (a bank named
        before the digits, in its short name) and refused ("", or the key of
        `REASONS` that says why nothing can be matched).

    Examples
    --------
    >>> read(pd.Series(["622622******5669", "招商银行(1234)"])).values.tolist()
    [['622622', '5669', 16, True, '', ''], ['', '1234', 0, False, '招商银行', '']]
    """
    plain = texts.astype("str").str.replace(r"[\s\-]", "", regex=True)
    plain = plain.str.replace(rf"[{STAR}]", "*", regex=True)
    stars = plain.str.extract(_MASK).fillna("")
    tail = plain.str.extract(_TAIL).fillna("")
    suffix = stars["suffix"].mask(stars["stars"].eq(""), tail["after"] + tail["inside"])
    long = stars["stars"].ne("") & plain.str.len().ge(_CARD)
    refused = pd.Series("", index=texts.index, dtype="str")
    refused = refused.mask(suffix.str.len().lt(_LEAST), "unread")
    bank = institution(tail["bank"])
    # 储蓄卡(1234) names no bank.
    bank = bank.where(bank.str.contains("银行|信用|农信|财付通|支付宝"), "")
    return pd.DataFrame(
        {
            "prefix": stars["prefix"].astype("str"),
            "suffix": suffix.astype("str"),
            "length": plain.str.len().where(long, 0).astype("int64"),
            "short": long & stars["stars"].str.len().le(_USUAL),
            "bank": bank.astype("str"),
            "refused": refused.mask(plain.str.contains(_PHONE), "phone").astype("str"),
        }
    )


def _known(accounts: pd.DataFrame) -> pd.DataFrame:
    """Return the accounts of digits, each once, with their banks' short names."""
    digits = accounts[accounts["account"].astype("str").str.fullmatch(r"\d{8,}")]
    first = digits.sort_values(["account", "holder", "institution"])
    first = first.drop_duplicates("account", keep="last")
    place, names = pd.factorize(first["institution"].astype("str"))
    short = institution(pd.Series(names, dtype="str")).to_numpy()
    return first.assign(institution=pd.Series(short[place], index=first.index)).reset_index(
        drop=True
    )


def _pairs(told: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Return mask and known, the places of every pair that agrees in the digits shown."""
    open_ones = told[told["refused"].eq("")]
    tails = open_ones["suffix"].str[-_LEAST:].unique()
    near = known.loc[known["account"].str[-_LEAST:].isin(tails), "account"]
    shape = [open_ones["prefix"].str.len(), open_ones["suffix"].str.len()]
    found = [pd.DataFrame({"mask": [], "known": []}, dtype="int64")]
    # Masks have few shapes; within one, both ends are one key.
    for _, group in open_ones.groupby(shape):
        front, back = (len(group[side].iloc[0]) for side in ("prefix", "suffix"))
        left = pd.DataFrame({"mask": group.index, "end": group["prefix"] + "|" + group["suffix"]})
        longer = near[near.str.len() > front + back]
        ends = longer.str[:front] + "|" + longer.str[-back:]
        right = pd.DataFrame({"known": longer.index, "end": ends})
        found.append(left.merge(right, on="end")[["mask", "known"]])
    pairs = pd.concat(found, ignore_index=True)
    written = told["length"].to_numpy()[pairs["mask"]]
    real = known["account"].str.len().to_numpy()[pairs["known"]]
    short = told["short"].to_numpy()[pairs["mask"]] & (real > written)
    pairs["length"] = real == written
    kept: pd.DataFrame = pairs[pairs["length"] | short | (written == 0)]
    return kept.sort_values(["mask", "known"], ignore_index=True)


def _confirmed(pairs: pd.DataFrame, told: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Drop the pairs that holder or bank contradicts; say which of the two confirms."""
    found = pairs
    for column, name in (("holder", "holder"), ("institution", "bank")):
        words = pd.factorize(pd.concat([told[column], known[column].astype("str")]))
        codes, texts = words[0], pd.Series(words[1], dtype="str")
        blank = texts.eq("").to_numpy()
        left = codes[: len(told)][found["mask"]]
        right = codes[len(told) :][found["known"]]
        both = ~blank[left] & ~blank[right]
        shown = texts.str.contains("[*＊]").to_numpy()
        hidden = both & (shown[left] | shown[right])
        agrees = (left == right) & ~hidden
        loose = np.zeros(len(found), bool)
        loose[hidden] = _alike(texts.to_numpy()[left[hidden]], texts.to_numpy()[right[hidden]])
        keep = ~both | agrees | loose
        found = found.assign(**{name: agrees & both})[keep].reset_index(drop=True)
    return found


def _exact(pairs: pd.DataFrame) -> pd.DataFrame:
    """Drop what is longer than a mask of which another account has just the length."""
    shown = pairs.loc[pairs["length"], "mask"]
    kept: pd.DataFrame = pairs[pairs["length"] | ~pairs["mask"].isin(shown)]
    return kept.reset_index(drop=True)


def _alike(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Say which names, of which one at least is masked, do not contradict each other."""
    fits = np.ones(len(one), bool)
    if not len(one):
        return fits
    ends = []
    for names in (one, two):
        parts = pd.Series(names, dtype="str").str.extract(r"^([^*＊]*)(?:[*＊].*?([^*＊]*))?$")
        first, last = parts[0].fillna(""), parts[1]
        # A whole name ends as it begins; a masked one shows its two ends.
        ends.append((first, last.fillna(first)))
    for side, cut in ((0, "startswith"), (1, "endswith")):
        a = ends[0][side].to_numpy(dtype="T")
        b = ends[1][side].to_numpy(dtype="T")
        agree = getattr(np.strings, cut)
        fits &= agree(a, b) | agree(b, a)
    return fits


def _reason(state: pd.Series, sure: pd.DataFrame, told: pd.DataFrame, lang: int) -> pd.Series:
    """Return the sentence of each mask; of a match, with what agrees."""
    found = state.map({name: both[lang] for name, both in REASONS.items()})
    if sure.empty:
        return found.astype("str")
    between = ("、", ", ")[lang]
    names = (
        ("首位", "尾号", "位数", "户名", "开户行"),
        ("first digits", "last digits", "length", "holder", "bank"),
    )[lang]
    own = told.loc[sure.index]
    flags = [
        own["prefix"].ne(""),
        own["suffix"].ne(""),
        sure["length"],
        sure["holder"],
        sure["bank"],
    ]
    agreed = pd.Series("", index=sure.index, dtype="str")
    for name, flag in zip(names, flags, strict=True):
        more = (agreed + between).where(agreed.ne(""), "") + name
        agreed = agreed.mask(flag.astype(bool), more)
    start, end = REASONS["matched"][lang].split("{}")
    found[sure.index] = start + agreed + end
    return found.astype("str")
