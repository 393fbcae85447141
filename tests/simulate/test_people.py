"""Invented numbers carry right check digits, against the published formulas."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.simulate.cast import assemble
from tracer.simulate.people import company_code, identity_number, luhn


@given(st.integers(0, 4_999))
@settings(deadline=None)
def test_identity_numbers_check(serial):
    number = identity_number(serial)
    values = [10 if sign == "X" else int(sign) for sign in number]
    assert sum(value * 2 ** (17 - place) for place, value in enumerate(values)) % 11 == 1
    assert number.startswith("99")


@given(st.integers(0, 99_999))
@settings(deadline=None)
def test_company_codes_check(serial):
    signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    code = company_code(serial)
    body = sum(signs.index(sign) * 3**place for place, sign in enumerate(code[:-1]))
    assert (body + signs.index(code[-1])) % 31 == 0


def test_luhn_refuses_every_swap_of_one_digit():
    body = "622202000000000100"
    whole = body + luhn(body)
    for place in range(18):
        for digit in "0123456789":
            changed = whole[:place] + digit + whole[place + 1 :]
            assert (luhn(changed[:-1]) == changed[-1]) == (changed == whole)


def test_people_and_accounts_are_told_apart():
    accounts = assemble().accounts
    keys = [account.key for account in accounts]
    numbers = [account.number for account in accounts if account.number]
    people = [a.holder.name for a in accounts if a.kind == "bank" and a.role != "spare"]
    for group in (keys, numbers, people):
        assert len(group) == len(set(group)) > 80
