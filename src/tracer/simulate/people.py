"""Invented people, companies, banks and accounts, with numbers that nobody can own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
_FIRST = "云山石松竹禾川枫岚霁星舟"
_SECOND = "一之以可亦如其知若乐予安"
_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_COMPANY_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_COMPANY_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True)
class Bank:
    """A bank and the way in which it answers the police."""

    name: str
    """Its full legal name, as file names and counterparties show it."""
    short: str
    """Its everyday name."""
    prefix: str
    """The first six digits of its cards."""
    digits: int
    """The length of its card numbers."""
    code: str
    """Two digits inside its account numbers and serials."""
    layout: str
    """``B`` or ``D`` (variants of the platform export), ``sheet``, or ``""`` for no answer."""
    words: tuple[str, str] = ("进", "出")
    """What it writes for money in and money out."""


BANKS = {
    "ICBC": Bank("中国工商银行股份有限公司", "中国工商银行", "622202", 19, "01", "B"),
    "ABC": Bank("中国农业银行股份有限公司", "中国农业银行", "622848", 19, "02", "B"),
    "CMB": Bank("招商银行股份有限公司", "招商银行", "621483", 16, "03", "B"),
    "CCB": Bank("中国建设银行股份有限公司", "中国建设银行", "621700", 19, "04", "D"),
    "PSBC": Bank(
        "中国邮政储蓄银行股份有限公司",
        "中国邮政储蓄银行",
        "621799",
        19,
        "05",
        "D",
        ("贷", "借"),
    ),
    "BOC": Bank("中国银行股份有限公司", "中国银行", "621661", 19, "06", "sheet", ("贷", "借")),
    "PAB": Bank("平安银行股份有限公司", "平安银行", "623058", 19, "07", ""),
}


@dataclass(frozen=True)
class Person:
    """A person or a company that does not exist."""

    name: str
    """The name that statements show."""
    identity: str = ""
    """An identity card number, or a company's credit code; region 99 exists nowhere."""
    phone: str = ""
    """A number of the form 199 0000 xxxx."""


@dataclass(frozen=True)
class Account:
    """One account of the invented world, under the key by which the ledger knows it."""

    key: str
    """The account key: see the design."""
    kind: str
    """bank, payment, merchant, clearing, exchange, cash or unknown."""
    holder: Person
    """Who owns it."""
    role: str
    """What it is in the story: mule, victim, neighbour, shop …"""
    bank: Bank | None = None
    """Its bank, where it is a bank account."""
    platform: str = ""
    """``tenpay`` or ``alipay``, where it is a payment account."""
    card: str = ""
    """Its card number; companies have none."""
    number: str = ""
    """Its account number, or its identifier on a platform."""
    covered: bool = False
    """Whether its statement is among the files."""
    bound: str = ""
    """The bank card that a payment account is bound to."""

    @property
    def answered(self) -> bool:
        """Whether the files tell that its account number and its card are one account."""
        return self.covered and self.bank is not None and self.bank.layout in {"B", "D"}


def luhn(body: str) -> str:
    """
    Return the check digit that makes a card number pass Luhn's test.

    Parameters
    ----------
    body
        The digits before the check digit.

    Examples
    --------
    >>> luhn("7992739871")
    '3'
    """
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(body))]
    return str(-sum(value // 10 + value % 10 for value in doubled) % 10)


def identity_number(serial: int) -> str:
    """
    Return an identity card number with a right check digit and an impossible region.

    Parameters
    ----------
    serial
        Any whole number from 0; each below 5,000 gives another number.

    Examples
    --------
    >>> identity_number(1)
    '99010119610202001X'
    """
    birth = f"{1960 + serial % 45}{1 + serial % 12:02d}{1 + serial % 28:02d}"
    body = f"990101{birth}{serial % 1000:03d}"
    weighed = sum(int(d) * w for d, w in zip(body, _IDENTITY_WEIGHTS, strict=True))
    return body + "10X98765432"[weighed % 11]


def company_code(serial: int) -> str:
    """
    Return a company's credit code with a right check sign and an impossible region.

    Parameters
    ----------
    serial
        Any whole number from 0 to 99,999.

    Examples
    --------
    >>> company_code(1)[:8]
    '91990101'
    """
    body = f"91990101MA00{serial:05d}"
    signs = (_COMPANY_SIGNS.index(sign) for sign in body)
    weighed = sum(sign * w for sign, w in zip(signs, _COMPANY_WEIGHTS, strict=True))
    return body + _COMPANY_SIGNS[-weighed % 31]


class Registry:
    """Hands out people and accounts so that no name or number is given twice."""

    def __init__(self) -> None:
        self._people: Iterator[int] = count(1)
        self._accounts: Iterator[int] = count(1001)

    def person(self) -> Person:
        """Return a person nobody has met yet."""
        n = next(self._people)
        surname = _SURNAMES[n % len(_SURNAMES)]
        given = _FIRST[n % len(_FIRST)] + _SECOND[n // len(_FIRST) % len(_SECOND)]
        return Person(surname + given, identity_number(n), f"1990000{n:04d}")

    def company(self, name: str) -> Person:
        """Return a company of that name."""
        n = next(self._people)
        return Person(name, company_code(n), f"1990000{n:04d}")

    def account(
        self,
        bank: Bank,
        holder: Person,
        role: str,
        *,
        covered: bool = False,
        company: bool = False,
        kind: str = "bank",
    ) -> Account:
        """Open a bank account: a card and an account number, or for a company only the latter."""
        n = next(self._accounts)
        body = bank.prefix + str(n).zfill(bank.digits - 7)
        card = "" if company else body + luhn(body)
        number = f"990{bank.code}0000000{n:05d}"
        account = Account(card or number, kind, holder, role, bank, "", card, number)
        return replace(account, covered=covered)

    def wallet(self, platform: str, card: Account) -> Account:
        """Open a payment account for the holder of a card, bound to that card."""
        n = next(self._accounts)
        number = f"wxid_training{n:06d}" if platform == "tenpay" else f"2088{n:012d}"
        account = Account(f"{platform}:{number}", "payment", card.holder, card.role)
        return replace(account, platform=platform, number=number, covered=True, bound=card.card)
