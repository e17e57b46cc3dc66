"""Which way an order may go: one table says who may do what, by when, and what happens if nobody does."""

from typing import Literal

from souk.contracts.store.events import OrderCancelled, OrderCompleted, OrderDelivered, OrderPaid, OrderShipped
from souk.contracts.store.orders import OrderActor, OrderStatus
from store.transitions import Table, Transition

Role = Literal["buyer", "seller"]
"""Which of the two a user is in an order."""

Action = Literal["ship", "confirm", "cancel"]

OrderTransition = Transition[OrderStatus, OrderActor, Action]


def _by(*actors: OrderActor) -> frozenset[OrderActor]:
    return frozenset(actors)


TRANSITIONS: Table[OrderStatus, OrderActor, Action] = Table(
    OrderTransition("placed", "paid", _by("system"), tells=OrderPaid),
    OrderTransition("placed", "cancelled", _by("buyer", "system", "deadline"), within="purchase_timeout"),
    OrderTransition("paid", "shipped", _by("seller"), "ship", tells=OrderShipped),
    OrderTransition(
        "paid", "cancelled", _by("buyer", "seller", "deadline"), "cancel", within="ship_within", tells=OrderCancelled
    ),
    OrderTransition(
        "shipped", "delivered", _by("buyer", "deadline"), "confirm", within="confirm_within", tells=OrderDelivered
    ),
    # A problem with it has ended, and the seller keeps some of the money.
    OrderTransition("shipped", "delivered", _by("system"), tells=OrderDelivered),
    # Everything was refunded on its way: there is nothing left to settle.
    OrderTransition("shipped", "refunded", _by("seller", "system")),
    OrderTransition("delivered", "completed", _by("system"), tells=OrderCompleted),
    # Money that comes after the purchase had ended is noted on the cancelled order and goes back.
    OrderTransition("cancelled", "cancelled", _by("system"), tells=OrderCancelled),
    OrderTransition("cancelled", "refunded", _by("system")),
)
