"""What buyers and sellers are told when an order cannot go the way they want."""

from typing import Literal

from souk.errors import Choice, Forbidden, RuleBroken
from store.orders.tables import OrderRow
from store.orders.transitions import TRANSITIONS, Action, Role


class NotPossibleNow(RuleBroken):
    """The order's status does not allow it."""

    title = "That is not possible now"
    members = ("order_status", "allowed")


UNDER_PROBLEM = "problem"
"""Stands for the status of an order that rests because of a problem, where a refusal says why."""

WHY = {
    UNDER_PROBLEM: "Its buyer says that something is wrong with it: settle that first.",
    "placed": "It has not been paid yet.",
    "paid": "It has been paid, but not shipped yet.",
    "shipped": "It is already on its way.",
    "delivered": "It has already arrived.",
    "completed": "It is already completed.",
    "cancelled": "It was cancelled.",
    "refunded": "All the money went back to the buyer.",
}

WHAT = {
    "ship": "This order cannot be marked as shipped.",
    "confirm": "This order cannot be confirmed as received.",
    "cancel": "This order cannot be cancelled.",
    "refund": "This order cannot be refunded.",
    "problem": "Nothing can be said to be wrong with this order now.",
}


def check_role(action: Action, role: Role) -> None:
    """Raises Forbidden if it is the other side's to do."""
    if not any(transition.action == action and role in transition.by for transition in TRANSITIONS):
        if role == "buyer":
            raise Forbidden("Only the seller can do this. Nothing was changed.", code="sellers-only")
        raise Forbidden("Only the buyer can do this. Nothing was changed.", code="buyers-only")


def possible_actions(order: OrderRow, role: Role | None) -> list[Action]:
    """What the buyer or the seller may do with an order now."""
    return list(TRANSITIONS.possible(order.status, role)) if role and not order.under_problem else []


def not_possible(
    action: Action | Literal["refund", "problem"], order: OrderRow, role: Role | None = None
) -> NotPossibleNow:
    """Why the action is refused, in words that a buyer understands, and what they may do instead."""
    return NotPossibleNow(
        "{action} {order_status} Nothing was changed.",
        action=Choice(WHAT, action),
        order_status=Choice(WHY, UNDER_PROBLEM if order.under_problem else order.status),
        allowed=possible_actions(order, role),
    )
