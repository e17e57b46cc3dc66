"""The purchase saga: what follows from stock reserved or rejected, money captured or declined, and time passing.

Events come more than once and in any order. Each step is one guarded statement over the transition tables, so a
repeated event moves nothing, and one that came too early is put off.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Literal
from uuid import UUID

import msgspec
from sqlalchemy import CTE, ColumnElement, DateTime, ScalarSelect, Uuid, bindparam, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from souk.clock import Clock
from souk.contracts.catalogue.events import RejectedLine, StockRejected, StockReserved
from souk.contracts.payment.events import PaymentCaptured, PaymentDeclined
from souk.contracts.store.events import (
    OrderAmount,
    OrderLine,
    OrderName,
    OrderPaid,
    PaymentRequested,
    PurchaseCancelled,
)
from souk.contracts.store.orders import OrderActor
from souk.contracts.store.purchases import PurchaseProblem, PurchaseStatus
from souk.database import Session, Statement
from souk.events import NotYet, Sequenced
from souk.money import Money
from store import metrics
from store.carts.carts import take_bought
from store.database import Which, as_json, list_as_json, money_as_json, one_of
from store.offers import buying
from store.orders.orders import Orders
from store.orders.status_updates import Mover
from store.orders.tables import OrderLineRow, OrderRow
from store.orders.views import address_of, billing_of, lines_beside
from store.purchases.tables import PurchaseRow
from store.purchases.transitions import OPEN, UNPAID_ENDS, move, these
from store.purchases.waiters import Waiters

DUE_MAX = 100
"""Purchases that one sweep ends."""

CAME_TOO_LATE = "The payment arrived after the purchase had ended; all of it goes back."
EXPIRED = "It was not paid in time."

Reason = Literal["rejected", "declined", "expired", "cancelled"]

_DUE = (PurchaseRow.status.in_(sorted(OPEN)), PurchaseRow.expires_at <= bindparam("now", type_=DateTime(timezone=True)))
_ONLY = PurchaseRow.id == bindparam("only", type_=Uuid())
_OF_PURCHASES = (one_of(OrderRow.purchase_id),)
_PLACED = (*_OF_PURCHASES, OrderRow.status == "placed")
_UNNOTED = (*_OF_PURCHASES, OrderRow.status == "cancelled", OrderRow.captured_at.is_(None))


def _captured_at() -> ScalarSelect[datetime]:
    """Each order's own time of capture, by its purchase: of the parameters `captured` and `times`."""
    ids = bindparam("captured", type_=ARRAY(Uuid()))
    times = bindparam("times", type_=ARRAY(DateTime(timezone=True)))
    columns = column("purchase_id", Uuid()), column("at", DateTime(timezone=True))
    captures = func.unnest(ids, times).table_valued(*columns, name="captures").render_derived()
    query = select(captures.c.at).where(captures.c.purchase_id == OrderRow.purchase_id)
    return query.correlate(OrderRow).scalar_subquery()


_CAPTURED_AT = _captured_at()

_STATUSES: Statement[PurchaseRow] = Statement(select(PurchaseRow.id, PurchaseRow.status).where(one_of(PurchaseRow.id)))


class Saga:
    """Moves purchases and their orders together."""

    def __init__(self, clock: Clock, mover: Mover, orders: Orders, waiters: Waiters) -> None:
        self._clock = clock
        self._mover = mover
        self._orders = orders
        self._waiters = waiters

    async def reserved(self, session: Session, events: Sequence[StockReserved]) -> list[Sequenced]:
        """Everything is held: ask for the money. For a purchase that has ended, its cancellation frees the stock."""
        ids = [event.purchase_id for event in events]
        now = self._clock.now()
        purchases = await move(session, these(ids), after="awaiting_payment", at=now, beside=_amounts)
        return [Sequenced(_requested(purchase), purchase.version) for purchase in purchases]

    async def rejected(self, session: Session, event: StockRejected) -> list[Sequenced]:
        """Something cannot be had, so nothing is bought; nothing was reserved either."""
        problems = await _named(session, event.purchase_id, event.lines)
        which = these([event.purchase_id])
        now = self._clock.now()
        purchases = await move(session, which, after="rejected", at=now, problems=problems)
        note = "Not everything could be had."
        return await self._ended(session, purchases, "rejected", by="system", at=now, note=note)

    async def declined(self, session: Session, event: PaymentDeclined) -> list[Sequenced]:
        """Nothing was paid: let the stock go. Raises NotYet if no payment was asked for yet."""
        problem = PurchaseProblem(
            reason="seller_closed" if event.wallet == "seller" else event.reason, missing=event.missing
        )
        which = these([event.purchase_id])
        now = self._clock.now()
        purchases = await move(session, which, after="declined", at=now, problems=[problem])
        if not purchases:
            await _check_not_early(session, [event.purchase_id], "declined")
        note = "The payment was declined."
        return await self._ended(session, purchases, "declined", by="system", at=now, note=note)

    async def captured(self, session: Session, events: Sequence[PaymentCaptured]) -> list[Sequenced]:
        """The money is in escrow: the orders are paid; or, if the purchase had ended, all of it goes back."""
        captured_at = {event.purchase_id: event.captured_at for event in events}
        now = self._clock.now()
        paid = await move(session, these(captured_at), after="paid", at=now)
        news = await self._paid(session, paid, captured_at, now) if paid else []
        others = captured_at.keys() - {purchase.id for purchase in paid}
        ended = await _check_not_early(session, others, "paid") if others else []
        if ended:
            news += await self._give_back(session, ended, captured_at, now)
        return news

    async def cancel(self, session: Session, purchase_id: UUID) -> list[Sequenced]:
        """The buyer calls an open purchase off; what to tell, which is nothing if it was not open."""
        now = self._clock.now()
        purchases = await move(session, these([purchase_id]), after="cancelled", at=now)
        return await self._ended(session, purchases, "cancelled", by="buyer", at=now, note="")

    async def sweep(self, session: Session, only: UUID | None = None) -> tuple[int, list[Sequenced]]:
        """End purchases that waited too long (or the one, if it did): how many, and what to tell. A capture that comes
        later is given back."""
        now = self._clock.now()
        problems = [PurchaseProblem(reason="expired")]
        due = Which(_DUE, {"now": now}) if only is None else Which((*_DUE, _ONLY), {"now": now, "only": only})
        purchases = await move(session, due, after="cancelled", at=now, due_max=DUE_MAX, problems=problems)
        return len(purchases), await self._ended(session, purchases, "expired", by="deadline", at=now, note=EXPIRED)

    async def _paid(
        self, session: Session, paid: Sequence[PurchaseRow], captured_at: dict[UUID, datetime], now: datetime
    ) -> list[Sequenced]:
        ids = [purchase.id for purchase in paid]
        orders: Sequence[Any] = await self._mover.move(
            session,
            Which(_OF_PURCHASES, {"ids": ids, **_captures(captured_at)}),
            after="paid",
            by="system",
            at=now,
            paid_at=now,
            captured_at=_CAPTURED_AT,
            beside=lines_beside,
        )
        of_carts = [purchase for purchase in paid if purchase.listing_id is None]
        if of_carts:
            buyers = [purchase.buyer_id for purchase in of_carts]
            await take_bought(session, [purchase.id for purchase in of_carts], buyers)
        if any(line["offer_id"] for order in orders for line in order.lines):
            await buying.paid(session, ids, now)
        self._count_after(session, paid, "paid")
        for purchase in paid:
            session.after_commit(partial(metrics.purchase_duration.observe, (now - purchase.placed_at).total_seconds()))
        return [Sequenced(_order_paid(order, now), order.version) for order in orders]

    async def _give_back(
        self, session: Session, purchase_ids: Sequence[UUID], captured_at: dict[UUID, datetime], now: datetime
    ) -> list[Sequenced]:
        """Money for purchases that had ended: note it on their orders once, and have it refunded."""
        orders = await self._mover.move(
            session,
            Which(_UNNOTED, {"ids": purchase_ids, **_captures(captured_at)}),
            after="cancelled",
            by="system",
            at=now,
            note=CAME_TOO_LATE,
            captured_at=_CAPTURED_AT,
        )
        late = {order.purchase_id for order in orders}
        if late:
            session.after_commit(partial(metrics.purchases.labels("captured_late").inc, len(late)))
        return await self._orders.cancelled(session, orders, by="system", reason=CAME_TOO_LATE, invoiced=False)

    async def _ended(
        self,
        session: Session,
        ended: Sequence[PurchaseRow],
        reason: Reason,
        *,
        by: OrderActor,
        at: datetime,
        note: str,
    ) -> list[Sequenced]:
        """Purchases ended unpaid: so do their orders, and offers that they took can be bought again. What to tell."""
        if not ended:
            return []
        ids = [purchase.id for purchase in ended]
        orders = await self._mover.move(
            session, Which(_PLACED, {"ids": ids}), after="cancelled", by=by, at=at, note=note
        )
        over = await buying.release(session, ids, at)
        self._count_after(session, ended, reason)
        return [*over, *(Sequenced(_cancelled(purchase, orders, reason), purchase.version) for purchase in ended)]

    def _count_after(self, session: Session, ended: Sequence[PurchaseRow], outcome: str) -> None:
        session.after_commit(partial(metrics.purchases.labels(outcome).inc, len(ended)))
        session.after_commit(partial(self._waiters.wake, ended))


async def _check_not_early(session: Session, ids: Iterable[UUID], wanted: PurchaseStatus) -> list[UUID]:
    """Which of these ended unpaid. Raises NotYet if one is unknown or has not come so far that it could be `wanted`."""
    statuses = {row.id: row.status for row in await _STATUSES.all(session, ids=list(ids))}
    early = [purchase_id for purchase_id in ids if statuses.get(purchase_id) in {None, *OPEN}]
    if early:
        raise NotYet(f"purchase {early[0]} is {statuses.get(early[0])}, so it cannot be {wanted} yet")
    return [purchase_id for purchase_id, status in statuses.items() if status in UNPAID_ENDS]


def _amounts(purchases: CTE) -> ColumnElement[Any]:
    """What each order of a purchase costs, by the orders' ids."""
    order = OrderRow.__table__.c
    amount = as_json(
        order_id=order.id,
        seller_id=order.seller_id,
        amount=money_as_json(order.amount, order.currency),
        postage=money_as_json(order.postage, order.currency),
    )
    return list_as_json("amounts", amount, by=order.id, where=order.purchase_id == purchases.c.id)


async def _named(session: Session, purchase_id: UUID, lines: Iterable[RejectedLine]) -> list[PurchaseProblem]:
    """What the catalogue refused, with the titles the buyer knows."""
    query = select(OrderLineRow.listing_id, OrderLineRow.title).join(OrderRow, OrderRow.id == OrderLineRow.order_id)
    rows = await session.execute(query.where(OrderRow.purchase_id == purchase_id))
    titles: dict[UUID, str] = {row.listing_id: row.title for row in rows}
    return [
        PurchaseProblem(
            reason=line.reason,
            listing_id=line.listing_id,
            title=titles.get(line.listing_id, ""),
            available=line.available,
            price=line.price,
        )
        for line in lines
    ]


def _captures(captured_at: Mapping[UUID, datetime]) -> dict[str, Any]:
    """The parameters of `_CAPTURED_AT`."""
    return {"captured": list(captured_at), "times": list(captured_at.values())}


def _requested(purchase: Any) -> PaymentRequested:
    return PaymentRequested(
        purchase_id=purchase.id,
        buyer_id=purchase.buyer_id,
        orders=msgspec.convert(purchase.amounts, list[OrderAmount]),
        expires_at=purchase.expires_at,
    )


def _cancelled(purchase: PurchaseRow, orders: Sequence[OrderRow], reason: Reason) -> PurchaseCancelled:
    named = [
        OrderName(order_id=order.id, seller_id=order.seller_id, number=order.number)
        for order in orders
        if order.purchase_id == purchase.id
    ]
    return PurchaseCancelled(purchase_id=purchase.id, buyer_id=purchase.buyer_id, orders=named, reason=reason)


def _order_paid(order: Any, now: datetime) -> OrderPaid:
    assert order.deadline is not None
    return OrderPaid(
        order_id=order.id,
        purchase_id=order.purchase_id,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        number=order.number,
        amount=Money(order.amount, order.currency),
        lines=msgspec.convert(order.lines, list[OrderLine]),
        address=address_of(order),
        billing=billing_of(order),
        language=order.language,
        placed_at=order.placed_at,
        paid_at=now,
        ship_by=order.deadline,
        postage=Money(order.postage, order.currency),
    )
