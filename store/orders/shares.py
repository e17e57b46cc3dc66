"""What a refund gives back for each line, checked against what is left of it."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from souk.contracts.store.events import OrderLine, RefundLine
from souk.contracts.store.orders import NewRefund, NewRefundLine
from souk.errors import InvalidInput
from souk.money import Money, part_half_up


class Left(NamedTuple):
    """What was not refunded of a line."""

    quantity: int
    amount: int
    """Minor units."""


def shares(wanted: Sequence[NewRefundLine], lines: Sequence[OrderLine], left: dict[UUID, Left]) -> list[RefundLine]:
    """What to give back, in the order of the order's lines; without wishes, all that is left.

    Units without an amount are given back at their price, or at what is left of it after earlier price reductions.
    Raises InvalidInput, naming the field, for what is not left or not of this order.
    """
    lines_by_id = {line.id: line for line in lines}
    refund_lines: dict[UUID, RefundLine] = {}
    for index, wish in enumerate(wanted):
        line = lines_by_id.get(wish.line_id)
        if line is None or wish.line_id in refund_lines:
            raise InvalidInput(
                f"lines[{index}].line_id", "is not a line of this order, or is named twice", code="not-a-line"
            )
        refund_lines[line.id] = _share(f"lines[{index}]", wish, line, left[line.id])
    if wanted:
        return [refund_lines[line.id] for line in lines if line.id in refund_lines]
    return rest_of(lines, left)


def rest_of(lines: Sequence[OrderLine], left: dict[UUID, Left]) -> list[RefundLine]:
    """All that is left of an order, as a refund of it."""
    return [
        RefundLine(
            line_id=line.id,
            title=line.title,
            quantity=left[line.id].quantity,
            amount=Money(left[line.id].amount, line.total.currency),
        )
        for line in lines
        if left[line.id].amount
    ]


def part_of(amount: int, lines: Sequence[OrderLine], left: dict[UUID, Left]) -> list[RefundLine]:
    """So much of what is left of an order (minor units), spread over its lines in proportion to what is left of each.

    Rounded such that they sum to it. Units go back only with all that is left of their line.
    """
    whole = sum(left[line.id].amount for line in lines)
    refund_lines, seen, given = [], 0, 0
    for line in lines:
        seen += left[line.id].amount
        share = part_half_up(amount, seen, whole) - given if whole else 0
        given += share
        if share:
            units = left[line.id].quantity if share == left[line.id].amount else 0
            money = Money(share, line.total.currency)
            refund_lines.append(RefundLine(line_id=line.id, title=line.title, quantity=units, amount=money))
    return refund_lines


def postage_share(new: NewRefund, left: Money | None) -> int:
    """What a refund gives back of the postage, of which so much is left: what was asked for; all of it if nothing was named.

    Raises InvalidInput for what is not left.
    """
    if new.postage is None:
        return 0 if new.lines or left is None else left.amount
    if left is None or new.postage.amount > left.amount:
        most = left or Money(0, new.postage.currency)
        raise InvalidInput("postage", "can give back at most {left}", code="less-left", left=most)
    if new.postage.currency != left.currency:
        raise InvalidInput("postage", "must be in {currency}", code="another-currency", currency=left.currency)
    if new.postage.amount < 1:
        raise InvalidInput("postage", "say how many units or how much money to give back", code="nothing-to-refund")
    return new.postage.amount


def _share(field: str, wish: NewRefundLine, line: OrderLine, left: Left) -> RefundLine:
    price = wish.quantity * line.unit_price.amount
    amount = min(price, left.amount) if wish.amount is None else wish.amount.amount
    most = min(price, left.amount) if wish.quantity else left.amount
    currency = line.total.currency
    if wish.quantity > left.quantity:
        raise InvalidInput(
            f"{field}.quantity",
            "has {left} left to refund, not {quantity}",
            code="fewer-left",
            left=left.quantity,
            quantity=wish.quantity,
        )
    if wish.amount is not None and wish.amount.currency != currency:
        raise InvalidInput(f"{field}.amount", "must be in {currency}", code="another-currency", currency=currency)
    if amount < 1:
        raise InvalidInput(
            f"{field}.amount", "say how many units or how much money to give back", code="nothing-to-refund"
        )
    if amount > most:
        raise InvalidInput(
            f"{field}.amount", "can give back at most {left}", code="less-left", left=Money(most, currency)
        )
    return RefundLine(line_id=line.id, title=line.title, quantity=wish.quantity, amount=Money(amount, currency))
