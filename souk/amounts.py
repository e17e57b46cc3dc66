"""Amounts as people type them, in forms, files and searches: one reading for all of them.

`entrypoint/static/js/read-amount.js` reads the same way while somebody types; a test compares the two.
"""

import unicodedata
from typing import Literal

from souk.money import AMOUNT_MAX, Money, exponent

CHARS_MAX = 40
"""The longest text that is read at all."""

GROUP = 3
"""Digits between two group separators."""

Reason = Literal["unreadable", "decimals", "ambiguous", "zero", "too-large"]

_APOSTROPHES = "'\u2019\u02bc"


class AmountError(ValueError):
    """The text is no amount that can be booked. `reason` says why; of an ambiguous one, `readings` are both amounts."""

    def __init__(self, reason: Reason, readings: tuple[Money, ...] = ()) -> None:
        super().__init__(reason)
        self.reason: Reason = reason
        self.readings = readings


def read_amount(text: str, currency: str) -> Money:
    """The amount above zero that a text says: `12`, `12.50`, `12,50`, `1 234.50`, `1'234.50`, `€ 1.234,50`, `7 EUR`.

    Of two different separators the last is the decimal point, and groups before it have three digits. A lone separator
    before exactly three digits may be either in a currency with two decimal places: that is ambiguous, and nobody guesses.
    Raises AmountError.
    """
    places = exponent(currency)
    whole, fraction = _parts(_bare(text, currency), places, currency)
    if len(fraction) > places:
        raise AmountError("decimals")
    minor = int((whole or "0") + fraction.ljust(places, "0"))
    if not minor:
        raise AmountError("zero")
    if minor > AMOUNT_MAX:
        raise AmountError("too-large")
    return Money(minor, currency)


def example(currency: str) -> str:
    """How an amount of this currency is written: 12.50, 1250 where there are no decimals, 1.250 with three."""
    return str(Money(1250, currency).decimal())


def _bare(text: str, currency: str) -> str:
    """The number alone, with each kind of blank as one and each apostrophe alike; raises AmountError for other signs."""
    if len(text) > CHARS_MAX:
        raise AmountError("unreadable")
    plain = "".join(" " if _is_blank(char) else "'" if char in _APOSTROPHES else char for char in text).strip()
    for _ in range(2):  # a sign and a code, in either order
        for mark in (currency, currency.lower()):
            plain = plain.removeprefix(mark).removesuffix(mark).strip()
        if plain and unicodedata.category(plain[0]) == "Sc":
            plain = plain[1:].strip()
        if plain and unicodedata.category(plain[-1]) == "Sc":
            plain = plain[:-1].strip()
    if not plain or not set(plain) <= set("0123456789.,' ") or not any(char.isdigit() for char in plain):
        raise AmountError("unreadable")
    return plain


def _is_blank(char: str) -> bool:
    return char == "\t" or unicodedata.category(char) == "Zs"


def _parts(plain: str, places: int, currency: str) -> tuple[str, str]:
    """The digits before and after the decimal point."""
    marks = [char for char in plain if not char.isdigit()]
    if not marks:
        return plain, ""
    last = marks[-1]
    if len(set(marks)) == 1:
        if last in " '" or len(marks) > 1:
            return _grouped(plain.split(last)), ""
        whole, fraction = plain.split(last)
        if len(fraction) == GROUP and places < GROUP and _begins_group(whole):
            return _lone(whole, fraction, places, currency)
        return whole, fraction
    head, fraction = plain.rsplit(last, 1)
    if last in " '" or last in head or len(set(marks)) > 2:
        raise AmountError("unreadable")
    return _grouped(head.split(marks[0])), fraction


def _lone(whole: str, fraction: str, places: int, currency: str) -> tuple[str, str]:
    """`1.234`: thousands in a currency without decimals; with two, either."""
    if not places:
        return whole + fraction, ""
    small = Money(int(whole + fraction[:places]), currency)
    large = Money(int(whole + fraction) * 10**places, currency)
    raise AmountError("ambiguous", (small, large))


def _grouped(groups: list[str]) -> str:
    first, *others = groups
    if not _begins_group(first) or any(len(group) != GROUP for group in others):
        raise AmountError("unreadable")
    return "".join(groups)


def _begins_group(digits: str) -> bool:
    return 1 <= len(digits) <= GROUP and digits[0] != "0"
