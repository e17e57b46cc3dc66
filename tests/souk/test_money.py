"""Amounts are whole minor units, and shares lose nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from souk.money import CurrencyMismatch, Money, UnknownCurrency, exponent, share_half_up


def test_amounts_of_one_currency_add_and_subtract() -> None:
    assert Money(150, "EUR") + Money(50, "EUR") == Money(200, "EUR")
    assert Money(150, "EUR") - Money(200, "EUR") == Money(-50, "EUR")
    assert Money(150, "EUR") * 3 == Money(450, "EUR")
    assert -Money(5, "EUR") == Money(-5, "EUR")


def test_currencies_do_not_mix() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(1, "EUR") + Money(1, "JPY")


@pytest.mark.parametrize(
    ("currency", "places", "shown"), [("EUR", 2, "12.34"), ("JPY", 0, "1234"), ("BHD", 3, "1.234"), ("RSD", 2, "12.34")]
)
def test_minor_units_follow_the_currency(currency: str, places: int, shown: str) -> None:
    assert exponent(currency) == places
    assert str(Money(1234, currency).decimal()) == shown


@pytest.mark.parametrize("code", ["XYZ", "eur", "", "XAU", "XTS", "CLF"])
def test_what_nobody_can_pay_with_is_no_currency(code: str) -> None:
    with pytest.raises(UnknownCurrency, match="ISO 4217"):
        exponent(code)


@pytest.mark.parametrize(
    ("amount", "points", "share"), [(1000, 500, 50), (10, 500, 1), (9, 500, 0), (30, 500, 2), (1, 10_000, 1)]
)
def test_a_share_is_rounded_half_up(amount: int, points: int, share: int) -> None:
    assert share_half_up(amount, points) == share


@given(st.integers(0, 10**12), st.integers(0, 10_000))
def test_a_share_is_never_more_than_the_whole_and_at_most_half_a_unit_off(amount: int, points: int) -> None:
    share = share_half_up(amount, points)
    assert 0 <= share <= amount
    assert abs(share * 10_000 - amount * points) <= 5_000
