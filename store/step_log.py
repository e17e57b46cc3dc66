"""The log of each step that a purchase and its orders take, and of what comes next if nobody acts."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from souk.database import Session
from souk.observability.logging import get_logger
from store.orders.tables import OrderRow
from store.purchases.tables import PurchaseRow

_log = get_logger("store")


def say_orders(session: Session, moved: Sequence[OrderRow], by: str, outcome: str | None) -> None:
    """Once this is committed, log what each order is now, and that it becomes `outcome` at its deadline."""
    for order in moved:
        ids = {"purchase_id": str(order.purchase_id), "order_id": str(order.id), "order_number": order.number}
        _after(session, "order moved", order.status, order.deadline, outcome, by=by, **ids)


def say_purchases(session: Session, moved: Sequence[PurchaseRow]) -> None:
    """The same of purchases, which are cancelled if they do not end in time."""
    for purchase in moved:
        deadline = purchase.expires_at if purchase.finished_at is None else None
        _after(session, "purchase moved", purchase.status, deadline, "cancelled", purchase_id=str(purchase.id))


def _after(
    session: Session, event: str, state: str, deadline: datetime | None, outcome: str | None, **fields: Any
) -> None:
    if deadline is not None and outcome is not None:
        fields |= {"deadline": deadline.isoformat(), "deadline_outcome": outcome}
    session.after_commit(partial(_log.info, event, state=state, **fields))
