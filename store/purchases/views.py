"""Purchases as their buyers see them."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from souk.contracts.store.orders import OrderSummary
from souk.contracts.store.purchases import Purchase, PurchaseItem, PurchaseProblem
from souk.database import AnySession, Statement
from souk.money import Money
from store.database import one_of
from store.log_fields import noted
from store.orders.tables import OrderRow
from store.orders.views import summaries
from store.purchases.tables import PurchaseRow
from store.user_replica.user_replica import name_of

_ORDERS: Statement[Any] = Statement(
    select(OrderRow, name_of(OrderRow.buyer_id).label("buyer_name"), name_of(OrderRow.seller_id).label("seller_name"))
    .where(one_of(OrderRow.purchase_id))
    .order_by(OrderRow.id)
)


async def shown(
    session: AnySession, purchases: Sequence[PurchaseRow], orders: Sequence[Any] | None = None
) -> list[Purchase]:
    """Purchases with their orders, which are looked up unless they are given with their people's names."""
    if orders is None:
        orders = await _ORDERS.all(session, ids=[purchase.id for purchase in purchases])
    if len(purchases) == 1:
        noted(orders)
    by_purchase: dict[UUID, list[OrderSummary]] = defaultdict(list)
    display_names = {order.buyer_id: order.buyer_name for order in orders}
    display_names |= {order.seller_id: order.seller_name for order in orders}
    for summary in await summaries(session, orders, display_names):
        by_purchase[summary.purchase_id].append(summary)
    return [_purchase(purchase, by_purchase[purchase.id]) for purchase in purchases]


def _purchase(row: PurchaseRow, orders: list[OrderSummary]) -> Purchase:
    return Purchase(
        id=row.id,
        status=row.status,
        total=Money(row.amount, row.currency),
        orders=orders,
        problems=msgspec.convert(row.problems, list[PurchaseProblem]),
        placed_at=row.placed_at,
        finished_at=row.finished_at,
        expires_at=row.expires_at,
        item=item_of(row),
    )


def item_of(row: PurchaseRow) -> PurchaseItem | None:
    """What the purchase bought by itself."""
    if row.listing_id is None or row.quantity is None:
        return None
    return PurchaseItem(listing_id=row.listing_id, quantity=row.quantity)
