"""Which way an order may go: one table says who may do what, by when, and what happens if nobody does."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from souk.contracts.store.orders import OrderActor, OrderStatus
from store.settings import StoreSettings

Role = Literal["buyer", "seller"]
"""Which of the two a user is in an order."""

Action = Literal["ship", "confirm", "cancel"]
Wait = Literal["purchase_timeout", "ship_within", "confirm_within"]


@dataclass(frozen=True)
class Transition:
    """An order in status `before` may become `after` if one of `by` makes it so."""

    before: OrderStatus
    after: OrderStatus
    by: frozenset[OrderActor]
    action: Action | None = None
    """What buyers and sellers call it, if it is theirs to do."""
    within: Wait | None = None
    """The setting that says after how long it happens by itself."""


def _by(*actors: OrderActor) -> frozenset[OrderActor]:
    return frozenset(actors)


TRANSITIONS = (
    Transition("placed", "paid", _by("system")),
    Transition("placed", "cancelled", _by("buyer", "system", "deadline"), within="purchase_timeout"),
    Transition("paid", "shipped", _by("seller"), "ship"),
    Transition("paid", "cancelled", _by("buyer", "seller", "deadline"), "cancel", within="ship_within"),
    Transition("shipped", "delivered", _by("buyer", "deadline"), "confirm", within="confirm_within"),
    # Everything was refunded on its way: there is nothing left to settle.
    Transition("shipped", "refunded", _by("seller", "system")),
    Transition("delivered", "completed", _by("system")),
    # Money that comes after the purchase had ended is noted on the cancelled order and goes back.
    Transition("cancelled", "cancelled", _by("system")),
    Transition("cancelled", "refunded", _by("system")),
)


def sources(after: OrderStatus, by: OrderActor) -> frozenset[OrderStatus]:
    """The statuses from which this actor may bring an order to `after`."""
    return frozenset(t.before for t in TRANSITIONS if t.after == after and by in t.by)


def actions(status: OrderStatus, role: OrderActor | None) -> list[Action]:
    """What the buyer or the seller may do with an order now."""
    return [t.action for t in TRANSITIONS if t.before == status and t.action and role in t.by]


def default(status: OrderStatus) -> Transition | None:
    """What happens to an order in this status if nobody acts."""
    return next((t for t in TRANSITIONS if t.before == status and t.within), None)


def deadline(status: OrderStatus, since: datetime, settings: StoreSettings) -> datetime | None:
    """When an order that reached this status at `since` moves by itself."""
    waits = default(status)
    if waits is None or waits.within is None:
        return None
    limits = {
        "purchase_timeout": settings.purchase_timeout,
        "ship_within": settings.ship_within,
        "confirm_within": settings.confirm_within,
    }
    return since + limits[waits.within]
