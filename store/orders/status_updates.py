"""The one statement through which every order changes its status."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CTE, DateTime, Insert, Table, Text, bindparam, insert, select

from souk.contracts.store.orders import OrderActor, OrderStatus
from souk.database import Session
from store.database import Beside, Which, guarded_change, one_of
from store.orders.tables import OrderRow, OrderStepRow
from store.orders.transitions import TRANSITIONS
from store.settings import StoreSettings
from store.step_log import say_orders

_orders = cast(Table, OrderRow.__table__)


_NOT_FROZEN = OrderRow.under_problem.is_(False)
"""Under an open problem nobody moves an order but what ends that problem. The row itself says so, so that the statement
that moves it sees it, whoever was first."""

_BY_ID = (one_of(OrderRow.id),)
_BY_PURCHASE = (one_of(OrderRow.purchase_id),)


def these(ids: Iterable[UUID]) -> Which:
    """The orders with these ids."""
    return Which(_BY_ID, {"ids": list(ids)})


def of_purchases(ids: Iterable[UUID]) -> Which:
    """The orders that these purchases became."""
    return Which(_BY_PURCHASE, {"ids": list(ids)})


def _step(moved: CTE) -> Insert:
    """The rows of the timeline that the moved orders get."""
    happened = select(
        moved.c.id,
        moved.c.version,
        moved.c.status,
        bindparam("at", type_=DateTime(timezone=True)),
        bindparam("by", type_=Text()),
        bindparam("note", type_=Text()),
    )
    return insert(OrderStepRow).from_select(["order_id", "version", "status", "at", "by", "note"], happened)


class Mover:
    """Moves orders along the table of transitions, and keeps their timelines and deadlines."""

    def __init__(self, settings: StoreSettings) -> None:
        self._settings = settings

    async def move(
        self,
        session: Session,
        which: Which,
        *,
        after: OrderStatus,
        by: OrderActor,
        at: datetime,
        note: str = "",
        due_max: int | None = None,
        beside: Beside | None = None,
        **values: Any,
    ) -> Sequence[OrderRow]:
        """Bring the orders to `after`, all that may legally go there now; gives those that went, by id, and what is to be
        known `beside` each.

        `due_max` bounds a sweep, which passes over orders that somebody else holds.
        """
        if by != "system":
            which = Which((*which.where, _NOT_FROZEN), which.given)
        values |= {"status": after, "deadline": TRANSITIONS.deadline(after, at, self._settings)}
        before = TRANSITIONS.sources(after, by)
        change = guarded_change(
            _orders, which, before=before, values=values, due_max=due_max, step=_step, beside=beside
        )
        noted = {"at": at, "by": by, "note": note}
        orders: list[OrderRow] = await change.statement.all(session, **change.parameters, **noted)
        waits = TRANSITIONS.default(after)
        say_orders(session, orders, by, waits.after if waits else None)
        return orders
