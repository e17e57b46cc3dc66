"""Money as whole minor units with their currency; never a float."""

from decimal import ROUND_HALF_UP, Decimal

import msgspec
from iso4217 import Currency

AMOUNT_MAX = 10**13
"""The largest amount a single figure may have, in minor units; far below bigint, so that sums fit too."""


PLACES_MAX = 3
"""The most decimal places a currency of a marketplace may have: more have only units of account, which nobody pays with."""

EXPONENTS: dict[str, int] = {
    currency.code: currency.exponent
    for currency in Currency
    if currency.exponent is not None and currency.exponent <= PLACES_MAX
}
"""Decimal places by code: ISO 4217's own list, less metals, codes for tests and the like, which have none."""


class UnknownCurrency(ValueError):
    """No currency of ISO 4217 that people can pay with."""


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies were put together."""


class Money(msgspec.Struct, frozen=True, order=False):
    """An amount in whole minor units (cents) of an ISO 4217 currency."""

    amount: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __mul__(self, units: int) -> "Money":
        return Money(self.amount * units, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __str__(self) -> str:
        """12.50 EUR: for programs and operators; people are shown amounts in their own way."""
        return f"{self.decimal():f} {self.currency}"

    def __format__(self, spec: str) -> str:
        """With a format its decimal number alone, as in `{price:,f}`."""
        return format(self.decimal(), spec) if spec else str(self)

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} cannot be added")

    def decimal(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.amount).scaleb(-exponent(self.currency))


def exponent(currency: str) -> int:
    """How many decimal places the currency has (ISO 4217): EUR 2, JPY 0, BHD 3. Raises UnknownCurrency."""
    places = EXPONENTS.get(currency)
    if places is None:
        raise UnknownCurrency(f"{currency!r} is not the code of a currency in ISO 4217, such as EUR, JPY or KWD")
    return places


def share_half_up(amount: int, basis_points: int) -> int:
    """The share of an amount, in minor units, rounded half up; the caller gives the remainder to the other side."""
    return int((Decimal(amount) * basis_points / 10_000).quantize(Decimal(1), ROUND_HALF_UP))


def part_half_up(amount: int, part: int, whole: int) -> int:
    """The share of `amount` that `part` is of `whole`, rounded half up; all not negative, `whole` positive."""
    return (2 * amount * part + whole) // (2 * whole)
