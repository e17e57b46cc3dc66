"""Orders: use cases of buyers, sellers, the payment service and the clock."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol, cast
from uuid import UUID

import msgspec
from sqlalchemy import DateTime, Text, Uuid, bindparam, or_, select

from souk import paging
from souk.clock import Clock
from souk.contracts.payment.events import EscrowRefunded, EscrowSettled
from souk.contracts.store.events import CancelledBy, OrderCancelled, OrderCompleted, OrderDelivered, OrderShipped
from souk.contracts.store.orders import NewRefund, Order, OrderActor, OrderPage, OrderStatus, OrderSummary, Shipment
from souk.database import AnySession, ReadSession, Session
from souk.errors import NotFound
from souk.events import NotYet, Sequenced
from souk.http import Identity
from souk.money import Money
from souk.paging import KeyPlace
from souk.texts import line_of_text
from store.database import Which, among, one_of
from store.log_fields import noted
from store.orders.refunds import Refunds, left_of, postage_left
from store.orders.rules import check_role, not_possible
from store.orders.shares import rest_of
from store.orders.status_updates import Mover
from store.orders.tables import OrderRow, OrderStepRow
from store.orders.transitions import Action, Role
from store.orders.views import in_full, role_of, summaries
from store.texts import paragraph

DUE_MAX = 100
"""Orders that one sweep moves."""

NOT_SHIPPED_IN_TIME = "It was not shipped in time."
OVERSEERS = frozenset({"admin", "moderator"})

_BY_ID = (one_of(OrderRow.id),)
_PAID = (*_BY_ID, OrderRow.paid_at.is_not(None))
_CAPTURED = (*_BY_ID, OrderRow.captured_at.is_not(None))
_DUE = (
    OrderRow.status == bindparam("before", type_=Text()),
    OrderRow.deadline <= bindparam("now", type_=DateTime(timezone=True)),
)
_ONLY = OrderRow.purchase_id == bindparam("only", type_=Uuid())

OrderAndNews = tuple[Order, list[Sequenced]]
"""The order as the caller sees it, and what others must know."""

OUTCOME: dict[Action, OrderStatus] = {"ship": "shipped", "confirm": "delivered", "cancel": "cancelled"}


class OrderReviews(Protocol):
    """What orders show of their reviews; the reviews themselves stand on orders."""

    async def seen(self, session: AnySession, order: OrderRow, identity: Identity) -> tuple[dict[str, Any], list[str]]:
        """What an order says of its review to whoever asks, as fields of `Order`, and what they may do about it."""

    async def case_waits(self, session: AnySession, order_id: UUID) -> bool:
        """Whether a moderator has to decide about this order's review."""

    async def waiting(self, session: AnySession, orders: Sequence[OrderRow]) -> dict[UUID, datetime]:
        """Until when each of these orders may be reviewed, without those that are, or cannot be now."""


class Orders:
    """Every change goes through the mover's table, and returns what others must know of it."""

    def __init__(self, clock: Clock, mover: Mover, refunds: Refunds, reviews: OrderReviews) -> None:
        self._clock = clock
        self._mover = mover
        self._refunds = refunds
        self._reviews = reviews

    async def page(
        self,
        session: ReadSession,
        user_id: UUID,
        *,
        role: Role,
        status: OrderStatus | None,
        cursor: str | None,
        limit: int,
    ) -> OrderPage:
        """The user's purchases or sales, newest first; only what was paid: what was not is a matter of its purchase."""
        mine = {"buyer": OrderRow.buyer_id, "seller": OrderRow.seller_id}[role]
        reached = {"buyer": OrderRow.captured_at, "seller": OrderRow.paid_at}[role]
        query = select(OrderRow).where(mine == user_id, reached.is_not(None))
        if status is not None:
            query = query.where(OrderRow.status == status)
        listed = paging.checksum("orders", user_id, role, status)
        place = paging.place_of(cursor, KeyPlace, listed)
        page = paging.page_behind(query, place, limit, OrderRow.id, OrderRow.placed_at)
        rows = (await session.scalars(page)).all()
        items = await summaries(session, rows[:limit])
        if role == "buyer":
            until = await self._reviews.waiting(session, rows[:limit])
            items = [msgspec.structs.replace(item, reviewable_until=until.get(item.id)) for item in items]
        return OrderPage(
            items=items,
            next_cursor=paging.next_cursor(rows, limit, lambda row: KeyPlace.of(listed, row.id, row.placed_at)),
        )

    async def some(self, session: ReadSession, user_id: UUID, ids: Sequence[UUID]) -> list[OrderSummary]:
        """Those of these orders that the user bought or sold."""
        mine = or_(OrderRow.buyer_id == user_id, OrderRow.seller_id == user_id)
        rows = (await session.scalars(select(OrderRow).where(among(OrderRow.id, ids), mine))).all()
        return await summaries(session, rows)

    async def get(self, session: AnySession, identity: Identity, order_id: UUID) -> Order:
        """One order for its buyer, its seller or a moderator; raises NotFound for everybody else."""
        order = await _find(session, order_id, identity)
        return await self._in_full(session, order, identity)

    async def ship(self, session: Session, identity: Identity, order_id: UUID, shipment: Shipment) -> OrderAndNews:
        """The seller handed the parcel over."""
        parcel = {
            "carrier": line_of_text("carrier", shipment.carrier),
            "tracking_code": line_of_text("tracking_code", shipment.tracking_code),
        }
        order, went = await self._act(session, identity, order_id, "ship", **parcel)
        news = []
        if went:
            event = OrderShipped(**_who(order), carrier=order.carrier, tracking_code=order.tracking_code)
            news = [Sequenced(event, order.version)]
        elif (order.carrier, order.tracking_code) != (parcel["carrier"], parcel["tracking_code"]):
            raise not_possible("ship", order, "seller")
        return await self._in_full(session, order, identity), news

    async def confirm(self, session: Session, identity: Identity, order_id: UUID) -> OrderAndNews:
        """The buyer has the goods: settle."""
        order, went = await self._act(session, identity, order_id, "confirm")
        return await self._in_full(session, order, identity), delivered_news([order] if went else [])

    async def cancel(self, session: Session, identity: Identity, order_id: UUID, reason: str) -> OrderAndNews:
        """Either side calls a paid order off that has not been shipped; the buyer gets everything back."""
        reason = paragraph("reason", reason)
        order, went = await self._act(session, identity, order_id, "cancel", note=reason)
        by, orders = role_of(order, identity.user()) or "system", [order] if went else []
        news = await self.cancelled(session, orders, by=by, reason=reason, invoiced=True)
        return await self._in_full(session, order, identity), news

    async def refund(
        self, session: Session, identity: Identity, order_id: UUID, key: str, new: NewRefund
    ) -> OrderAndNews:
        """The seller, or an admin, gives back parts of a paid order."""
        order, news = await self._refunds.request(session, identity, order_id, key, new)
        return await self._in_full(session, order, identity), news

    async def _in_full(self, session: AnySession, order: OrderRow, identity: Identity) -> Order:
        """The order with its refunds and its review, and what the caller may do with it."""
        refund_fields = await self._refunds.seen(session, order, identity)
        review_fields, review_actions = await self._reviews.seen(session, order, identity)
        full = await in_full(session, order, identity.user())
        objecting = ["problem"] if "confirm" in full.actions else []
        left = refund_fields.get("refundable") or refund_fields.get("refundable_postage")
        actions = [*full.actions, *objecting, *(["refund"] if left else []), *review_actions]
        if not await self._knows_address(session, order, identity):
            review_fields |= {"address": None, "billing": None}
        return msgspec.structs.replace(full, actions=actions, **refund_fields, **review_fields)

    async def _knows_address(self, session: AnySession, order: OrderRow, identity: Identity) -> bool:
        """Moderators need not know where people live, unless there is something to decide about this very order."""
        if role_of(order, identity.user()) or "admin" in identity.roles:
            return True
        return await self._reviews.case_waits(session, order.id)

    async def _act(
        self, session: Session, identity: Identity, order_id: UUID, action: Action, note: str = "", **values: Any
    ) -> tuple[OrderRow, bool]:
        """Do what the caller asks; the order, and whether it went (False: the same caller had done it before)."""
        user_id = identity.user()
        order = await _find(session, order_id, identity)
        role = role_of(order, user_id)
        if role is None:
            raise NotFound("There is no such order among yours.", code="order-not-yours")
        check_role(action, role)
        after, at = OUTCOME[action], self._clock.now()
        went = await self._mover.move(
            session, Which(_PAID, {"ids": [order_id]}), after=after, by=role, at=at, note=note, **values
        )
        if went:
            return went[0], True
        order = await session.get_one(OrderRow, order_id, populate_existing=True)
        done = select(OrderStepRow.version).where(
            OrderStepRow.order_id == order_id, OrderStepRow.status == after, OrderStepRow.by == role
        )
        if order.paid_at is None or await session.scalar(done) is None:
            raise not_possible(action, order, role)
        return order, False

    async def settled(self, session: Session, event: EscrowSettled) -> list[Sequenced]:
        """The seller has the money: the order is over. Raises NotYet if it has not been delivered here."""
        booked, now = {"to_seller": event.to_seller.amount, "fee": event.fee.amount}, self._clock.now()
        order = await self._booked(session, event.order_id, "completed", now, **booked)
        if order is None:
            return []
        completed = OrderCompleted(
            **_who(order),
            to_seller=event.to_seller,
            fee=event.fee,
            recovered=event.recovered,
            refundable_until=self._refunds.until(now),
        )
        return [Sequenced(completed, order.version)]

    async def refunded(self, session: Session, event: EscrowRefunded) -> None:
        """The buyer has the money back. Raises NotYet if it has not been called off here."""
        await self._booked(session, event.order_id, "refunded", self._clock.now())

    async def _booked(
        self, session: Session, order_id: UUID, after: OrderStatus, at: datetime, **values: Any
    ) -> OrderRow | None:
        went = await self._mover.move(
            session, Which(_CAPTURED, {"ids": [order_id]}), after=after, by="system", at=at, **values
        )
        if went:
            return went[0]
        status = await session.scalar(select(OrderRow.status).where(OrderRow.id == order_id))
        if status == after:
            return None
        raise NotYet(f"order {order_id} is {status}, so it cannot be {after} yet")

    async def sweep(self, session: Session, only: UUID | None = None) -> tuple[int, list[Sequenced]]:
        """Move what is due (or only what one purchase became): cancel what was not shipped in time, deliver what nobody
        objected to. How many, and what to tell."""
        now = self._clock.now()
        unshipped = await self._due(session, "paid", "cancelled", now, only=only, note=NOT_SHIPPED_IN_TIME)
        news = await self.cancelled(session, unshipped, by="deadline", reason=NOT_SHIPPED_IN_TIME, invoiced=True)
        delivered = await self._due(session, "shipped", "delivered", now, only=only)
        return len(unshipped) + len(delivered), [*news, *delivered_news(delivered)]

    async def _due(
        self,
        session: Session,
        before: OrderStatus,
        after: OrderStatus,
        now: datetime,
        *,
        only: UUID | None,
        note: str = "",
    ) -> Sequence[OrderRow]:
        due = Which(_DUE, {"before": before, "now": now})
        if only is not None:
            due = Which((*_DUE, _ONLY), {**due.given, "only": only})
        by: OrderActor = "deadline"
        return await self._mover.move(session, due, after=after, by=by, at=now, note=note, due_max=DUE_MAX)

    async def cancelled(
        self, session: Session, orders: Sequence[OrderRow], *, by: CancelledBy, reason: str, invoiced: bool
    ) -> list[Sequenced]:
        """What to tell of paid orders that were called off: what is left of them goes back. `invoiced` is False for
        money that came too late."""
        if not orders:
            return []
        lines, left = await left_of(session, [order.id for order in orders])
        events = [
            OrderCancelled(
                **_who(order),
                amount=Money(order.amount - order.refunded, order.currency),
                lines=lines[order.id],
                by=by,
                reason=reason,
                invoiced=invoiced,
                back=rest_of(lines[order.id], left) if order.refunded else [],
                postage=postage_left(order, lines[order.id], left),
            )
            for order in orders
        ]
        return [Sequenced(event, order.version) for event, order in zip(events, orders, strict=True)]


def delivered_news(orders: Sequence[OrderRow]) -> list[Sequenced]:
    """What to tell of orders that arrived: what is left of them is to be settled."""
    amounts = [Money(order.amount - order.refunded, order.currency) for order in orders]
    events = [OrderDelivered(**_who(order), amount=amount) for order, amount in zip(orders, amounts, strict=True)]
    return [Sequenced(event, order.version) for event, order in zip(events, orders, strict=True)]


async def _find(session: AnySession, order_id: UUID, identity: Identity) -> OrderRow:
    """The order, if the caller may see it: sellers see what was paid."""
    user_id = identity.user()
    order = cast(OrderRow | None, await session.get(OrderRow, order_id))
    if order is not None:
        noted([order])
        role = role_of(order, user_id)
        if role == "buyer" or (role == "seller" and order.paid_at is not None) or identity.roles & OVERSEERS:
            return order
    raise NotFound("There is no such order among yours.", code="order-not-yours")


def _who(order: OrderRow) -> dict[str, Any]:
    """What every event says of an order."""
    return {
        "order_id": order.id,
        "purchase_id": order.purchase_id,
        "buyer_id": order.buyer_id,
        "seller_id": order.seller_id,
        "number": order.number,
    }
