"""Orders as their buyers and sellers see them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import CTE, ColumnElement, select

from souk.contracts.store.events import Address, BillingDetails, OrderLine
from souk.contracts.store.orders import Order, OrderSummary, TimelineStep
from souk.database import AnySession, Statement
from souk.money import Money
from store.database import as_json, list_as_json, money_as_json, one_of
from store.orders.rules import possible_actions
from store.orders.tables import OrderLineRow, OrderRow, OrderStepRow
from store.orders.transitions import TRANSITIONS, Role
from store.user_replica.user_replica import names

PICTURES_MAX = 4
"""Pictures of an order in a list."""

_LINES: Statement[OrderLineRow] = Statement(
    select(OrderLineRow).where(one_of(OrderLineRow.order_id)).order_by(OrderLineRow.position)
)
_PICTURES: Statement[OrderLineRow] = Statement(
    select(OrderLineRow.order_id, OrderLineRow.picture)
    .where(one_of(OrderLineRow.order_id))
    .order_by(OrderLineRow.order_id, OrderLineRow.position)
)
_STEPS: Statement[OrderStepRow] = Statement(
    select(OrderStepRow).where(one_of(OrderStepRow.order_id)).order_by(OrderStepRow.version)
)


def role_of(order: OrderRow, user_id: UUID | None) -> Role | None:
    """Whether the user bought or sold it."""
    if user_id == order.buyer_id:
        return "buyer"
    return "seller" if user_id == order.seller_id else None


def lines_beside(orders: CTE) -> ColumnElement[Any]:
    """What was bought in each of these orders, and with which offer: a column `lines` of JSON that reads as `OrderLine`."""
    line = OrderLineRow.__table__.c
    columns = (
        line.id,
        line.listing_id,
        line.title,
        line.condition,
        line.picture,
        line.quantity,
        line.offer_id,
        line.pick_up,
    )
    shown = as_json(
        **{column.name: column for column in columns},
        unit_price=money_as_json(line.unit_price, line.currency),
        total=money_as_json(line.total, line.currency),
    )
    return list_as_json("lines", shown, by=line.position, where=line.order_id == orders.c.id)


async def lines_of(session: AnySession, order_ids: Iterable[UUID]) -> dict[UUID, list[OrderLine]]:
    """What was bought in these orders."""
    lines: dict[UUID, list[OrderLine]] = defaultdict(list)
    for row in await _LINES.all(session, ids=list(order_ids)):
        lines[row.order_id].append(_line(row))
    return lines


async def summaries(
    session: AnySession, orders: Sequence[OrderRow], display_names: Mapping[UUID, str] | None = None
) -> list[OrderSummary]:
    """Orders for a list; the names of their people are asked for unless they are given."""
    if display_names is None:
        people = [person for order in orders for person in (order.buyer_id, order.seller_id)]
        display_names = await names(session, people)
    pictures = await _pictures(session, orders)
    return [_summary(order, display_names, pictures[order.id]) for order in orders]


async def _pictures(session: AnySession, orders: Sequence[OrderRow]) -> dict[UUID, list[str | None]]:
    """The pictures of all lines of these orders, as they were when they were bought.

    An order of one unit has one line, whose picture it carries itself: only for others the lines are asked for, all at
    once.
    """
    pictures: dict[UUID, list[str | None]] = {order.id: [order.picture] for order in orders if order.units == 1}
    others = [order.id for order in orders if order.units > 1]
    if others:
        for row in await _PICTURES.all(session, ids=others):
            pictures.setdefault(row.order_id, []).append(row.picture)
    return pictures


async def in_full(session: AnySession, order: OrderRow, user_id: UUID | None) -> Order:
    """One order with all there is to it, and what this user may do with it."""
    display_names = await names(session, (order.buyer_id, order.seller_id))
    lines = await lines_of(session, [order.id])
    steps = await _STEPS.all(session, ids=[order.id])
    waits = None if order.under_problem else TRANSITIONS.default(order.status)
    return Order(
        id=order.id,
        number=order.number,
        purchase_id=order.purchase_id,
        status=order.status,
        buyer_id=order.buyer_id,
        buyer_name=display_names[order.buyer_id],
        seller_id=order.seller_id,
        seller_name=display_names[order.seller_id],
        lines=lines[order.id],
        amount=Money(order.amount, order.currency),
        address=address_of(order),
        billing=billing_of(order),
        carrier=order.carrier,
        tracking_code=order.tracking_code,
        timeline=[_step(step) for step in steps],
        deadline=order.deadline,
        deadline_outcome=waits.after if waits else None,
        to_seller=_money(order.to_seller, order.currency),
        fee=_money(order.fee, order.currency),
        postage=Money(order.postage, order.currency) if order.postage else None,
        problem_id=order.problem_id,
        under_problem=order.under_problem,
        actions=[*possible_actions(order, role_of(order, user_id))],
    )


def address_of(order: OrderRow) -> Address:
    """Where it goes."""
    return msgspec.convert(order.address, Address)


def billing_of(order: OrderRow) -> BillingDetails | None:
    """Whom the invoice names, if not whoever the parcel goes to."""
    return msgspec.convert(order.billing, BillingDetails) if order.billing else None


def _summary(order: OrderRow, known: Mapping[UUID, str], pictures: list[str | None]) -> OrderSummary:
    return OrderSummary(
        id=order.id,
        number=order.number,
        purchase_id=order.purchase_id,
        status=order.status,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        seller_name=known[order.seller_id],
        buyer_name=known[order.buyer_id],
        amount=Money(order.amount, order.currency),
        units=order.units,
        title=order.title,
        picture=order.picture,
        pictures=pictures[:PICTURES_MAX],
        lines=len(pictures),
        placed_at=order.placed_at,
        deadline=order.deadline,
    )


def _line(row: OrderLineRow) -> OrderLine:
    return OrderLine(
        id=row.id,
        listing_id=row.listing_id,
        title=row.title,
        condition=row.condition,
        picture=row.picture,
        quantity=row.quantity,
        unit_price=Money(row.unit_price, row.currency),
        total=Money(row.total, row.currency),
        pick_up=row.pick_up,
    )


def _step(row: OrderStepRow) -> TimelineStep:
    return TimelineStep(
        status=row.status,
        at=row.at,
        by=row.by,
        note=row.note,
    )


def _money(amount: int | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount, currency)
