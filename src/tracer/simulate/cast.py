"""Who is in the training case: victims, mules, neighbours, shops, and who passes money to whom."""

from __future__ import annotations

from dataclasses import dataclass

from tracer.simulate.people import BANKS, Account, Person, Registry


@dataclass(frozen=True)
class Mule:
    """One mule account, what it does with money, and where it sends it."""

    account: Account
    """The account."""
    habit: str
    """pass, coin, cash, counter or hold."""
    targets: tuple[str, ...]
    """The labels of the accounts that it pays on to."""


@dataclass(frozen=True)
class Plan:
    """How one victim was robbed."""

    fraud: str
    """The kind of fraud."""
    bank: str
    """The victim's bank."""
    covered: bool
    """Whether the victim's own statement is shipped."""
    targets: tuple[str, ...]
    """The level-1 accounts: the first half of the payments goes to the first."""
    start: tuple[int, int, int, int]
    """Month, day, hour and minute of the first payment."""
    gap: tuple[int, int]
    """The least and the most minutes between two payments."""
    yuan: tuple[int, ...]
    """The payments in order, in yuan."""


PLANS = (
    Plan("冒充领导", "ICBC", True, ("A7",), (5, 28, 9, 41), (18, 45), (298_000, 160_000)),
    Plan("冒充领导", "PSBC", False, ("A3",), (6, 3, 15, 6), (0, 1), (86_000,)),
    Plan("冒充领导", "ABC", False, ("A3", "A8"), (6, 3, 14, 22), (8, 26), (50_000, 50_000, 38_000)),
    Plan(
        "刷单",
        "CCB",
        True,
        ("A1", "A2"),
        (5, 24, 19, 12),
        (130, 560),
        (300, 880, 2_000, 5_000, 9_800, 18_000, 28_000),
    ),
    Plan("刷单", "CMB", False, ("A1",), (5, 24, 20, 3), (90, 400), (500, 1_200, 3_000, 8_000)),
    Plan(
        "刷单",
        "BOC",
        False,
        ("A2", "A4"),
        (6, 6, 12, 30),
        (100, 500),
        (388, 1_688, 4_999, 12_000, 20_000, 36_000),
    ),
    Plan(
        "杀猪盘",
        "ICBC",
        False,
        ("A5", "A6"),
        (5, 25, 21, 15),
        (1_900, 2_900),
        (20_000, 50_000, 100_000, 150_000, 200_000, 300_000, 260_000),
    ),
    Plan(
        "杀猪盘",
        "PSBC",
        True,
        ("A6",),
        (6, 5, 20, 40),
        (1_500, 2_600),
        (10_000, 30_000, 80_000, 120_000, 150_000),
    ),
    Plan("婚恋", "CCB", False, ("A4",), (5, 30, 13, 14), (1_500, 4_000), (5_200, 13_140, 52_000)),
    Plan(
        "婚恋",
        "ABC",
        True,
        ("A8", "A5"),
        (6, 2, 22, 5),
        (1_400, 3_200),
        (9_999, 20_000, 66_000, 88_000),
    ),
)

_MULES = """
A1 ICBC pass B1 B2
A2 ABC pass B2 B3
A3 CCB pass B3 B4
A4 PSBC pass B4 B5
A5 CMB pass B5 B6
A6 BOC pass B6 B7
A7 ICBC pass B7 B8
A8 CCB pass B8 B1 B9
B1 ICBC pass C1 C2
B2 ABC pass T1 C2
B3 CCB pass C3 C1
B4 PSBC pass P1 C3
B5 ICBC pass C4 C5
B6 ABC pass C5 C6
B7 CMB pass T2 C1
B8 BOC pass C4 C2
B9 CCB pass C1 C3
C1 ICBC pass D1 D2
C2 PSBC pass D2 D3
C3 ABC pass D3 D4
C4 CCB coin
C5 BOC pass D4 D5
C6 CMB cash
D1 CCB pass E1 E2
D2 ABC pass E3 E4
D3 ICBC coin
D4 PSBC cash
D5 PAB hold
E1 ICBC hold
E2 CCB counter
E3 PSBC cash
E4 PAB hold
E5 ABC hold
E6 CMB cash
"""
_COMPANIES = {"A7": "示例鑫禾商贸有限公司", "B5": "示例云川信息咨询有限公司"}
# A payment account, the card that it is bound to, and where its money goes.
_WALLETS = """
T1 tenpay B2 pass T3
T2 tenpay B7 pass T3
T3 tenpay E5 pass E5
P1 alipay B4 pass P2
P2 alipay E6 pass E6
"""
_EMPLOYERS = ("示例县纺织有限公司", "示例县第二建筑有限公司", "示例物流有限公司")
_SHOPS = ("晨光超市", "老街面馆", "好邻便利店", "平价药房", "城南加油站", "小禾水果店")
_STREETS = {"B": "东街", "D": "西街", "sheet": "南街", "tenpay": "线上"}
_NEIGHBOURS_COVERED = 24
_NEIGHBOURS = 40


@dataclass(frozen=True)
class Cast:
    """Every account of the case, by its part in the story."""

    mules: dict[str, Mule]
    """Label to mule: A is level 1, E level 5; T and P are payment accounts."""
    victims: tuple[Account, ...]
    """One for each of `PLANS`."""
    neighbours: tuple[Account, ...]
    """Ordinary people; the first is the landlord of two mules."""
    employers: tuple[Account, ...]
    """Companies that pay wages."""
    shops: dict[str, tuple[Account, ...]]
    """Merchants, by the layout of the statement in which they show."""
    dealer: Account
    """The company that sells coins."""
    clearing: dict[str, Account]
    """Platform to its clearing account."""
    spare: Account
    """A second card of one payment account's user; nothing ever happens on it."""
    cash: Account
    """Notes."""
    bank: Account
    """Where interest comes from; statements name no counterparty."""

    @property
    def accounts(self) -> list[Account]:
        """Every account, each once."""
        singles = (self.dealer, self.spare, self.cash, self.bank, *self.clearing.values())
        shops = (shop for group in self.shops.values() for shop in group)
        mules = (mule.account for mule in self.mules.values())
        return [*self.victims, *mules, *self.neighbours, *self.employers, *shops, *singles]

    @property
    def covered(self) -> list[Account]:
        """The accounts whose statements are shipped."""
        return [account for account in self.accounts if account.covered]


def assemble() -> Cast:
    """Invent everybody; the same people each time, so that a case can be talked about."""
    registry = Registry()
    mules = _mules(registry)
    dealer = registry.company("示例星链数字资产科技有限公司")
    return Cast(
        mules,
        tuple(_victim(registry, plan) for plan in PLANS),
        tuple(_neighbour(registry, n) for n in range(_NEIGHBOURS)),
        tuple(_employer(registry, name) for name in _EMPLOYERS),
        {layout: _shops(layout) for layout in ("B", "D", "sheet", "tenpay")},
        registry.account(BANKS["BOC"], dealer, "dealer", company=True, kind="exchange"),
        {
            "tenpay": _clearing("243300133", "财付通支付科技有限公司"),
            "alipay": _clearing("215500690", "支付宝（中国）网络技术有限公司"),
        },
        registry.account(BANKS["PSBC"], mules["T3"].account.holder, "spare"),
        Account("cash", "cash", Person(""), "cash"),
        Account("unknown", "unknown", Person(""), "unknown"),
    )


def _mules(registry: Registry) -> dict[str, Mule]:
    mules: dict[str, Mule] = {}
    for line in _MULES.split("\n")[1:-1]:
        label, bank, habit, *targets = line.split()
        name = _COMPANIES.get(label, "")
        holder = registry.company(name) if name else registry.person()
        answers = bool(BANKS[bank].layout)
        account = registry.account(BANKS[bank], holder, "mule", covered=answers, company=bool(name))
        mules[label] = Mule(account, habit, tuple(targets))
    for line in _WALLETS.split("\n")[1:-1]:
        label, platform, card, habit, *targets = line.split()
        wallet = registry.wallet(platform, mules[card].account)
        mules[label] = Mule(wallet, habit, tuple(targets))
    return mules


def _victim(registry: Registry, plan: Plan) -> Account:
    return registry.account(BANKS[plan.bank], registry.person(), "victim", covered=plan.covered)


def _neighbour(registry: Registry, n: int) -> Account:
    bank = list(BANKS.values())[n % 6]
    covered = n < _NEIGHBOURS_COVERED
    return registry.account(bank, registry.person(), "neighbour", covered=covered)


def _employer(registry: Registry, name: str) -> Account:
    return registry.account(BANKS["ICBC"], registry.company(name), "employer", company=True)


def _shops(layout: str) -> tuple[Account, ...]:
    # Where a record shows a merchant's code the code is the key, elsewhere the name.
    shops = []
    for n, name in enumerate(_SHOPS, start=1):
        title = f"示例{name}{_STREETS[layout]}店"
        code = {"D": f"89900000000{n:04d}", "tenpay": f"1900000{n:03d}@mch.tenpay.com"}.get(layout)
        shop = Account(f"merchant:{code or title}", "merchant", Person(title), "shop")
        shops.append(Account(shop.key, shop.kind, shop.holder, shop.role, number=code or ""))
    return tuple(shops)


def _clearing(number: str, name: str) -> Account:
    return Account(number, "clearing", Person(name), "clearing", number=number)
