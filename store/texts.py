"""What people may type."""

from souk.errors import InvalidInput
from souk.money import AMOUNT_MAX, Money
from souk.texts import line_of_text


def paragraph(field: str, text: str) -> str:
    """Text that may have several lines; raises InvalidInput for other control characters."""
    clean = text.replace("\r\n", "\n").strip()
    for line in clean.split("\n"):
        line_of_text(field, line.replace("\t", " "))
    return clean


def sum_of_money(field: str, money: Money, currency: str) -> Money:
    """The amount as it is, if it is in the shop's currency and within its limits; raises InvalidInput if not."""
    if money.currency != currency:
        raise InvalidInput(field, "must be in {currency}", code="another-currency", currency=currency)
    if not 1 <= money.amount <= AMOUNT_MAX:
        raise InvalidInput(field, "must be from 1 to {most} minor units", code="amount-out-of-range", most=AMOUNT_MAX)
    return money
