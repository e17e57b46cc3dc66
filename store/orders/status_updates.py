"""The one statement through which every order changes its status."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, insert, literal, select
from sqlalchemy.orm import aliased

from souk.contracts.store.orders import OrderActor, OrderStatus
from souk.database import Session
from store.database import guarded_update
from store.orders.tables import OrderRow, OrderStepRow
from store.orders.transitions import deadline, default, sources
from store.settings import StoreSettings
from store.step_log import say_orders

_orders = cast(Table, OrderRow.__table__)


class Mover:
    """Moves orders along the table of transitions, and keeps their timelines and deadlines."""

    def __init__(self, settings: StoreSettings) -> None:
        self._settings = settings

    async def move(
        self,
        session: Session,
        *which: ColumnElement[bool],
        after: OrderStatus,
        by: OrderActor,
        at: datetime,
        note: str = "",
        due_max: int | None = None,
        **values: Any,
    ) -> Sequence[OrderRow]:
        """Bring the orders to `after`, all that may legally go there now; gives those that went, by id.

        `due_max` bounds a sweep, which passes over orders that somebody else holds.
        """
        values |= {"status": after, "deadline": deadline(after, at, self._settings)}
        moved = guarded_update(_orders, which, sources(after, by), values, due_max).cte("moved")
        step = select(moved.c.id, moved.c.version, literal(after), literal(at), literal(by), literal(note))
        noted = insert(OrderStepRow).from_select(["order_id", "version", "status", "at", "by", "note"], step)
        row = aliased(OrderRow, moved)
        found = select(row).add_cte(noted.cte("noted")).order_by(moved.c.id)
        orders = (await session.scalars(found, execution_options={"populate_existing": True})).all()
        waits = default(after)
        say_orders(session, orders, by, waits.after if waits else None)
        return orders
