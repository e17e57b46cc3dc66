"""Writes down a new purchase: one order per seller, with an immutable snapshot of every listing."""

from collections import defaultdict
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, insert, literal, select

from souk.contracts.store.carts import CartLine
from souk.contracts.store.events import Address, BillingDetails, PurchaseLine, PurchasePlaced
from souk.contracts.store.purchases import PurchaseItem
from souk.database import Session, Statement, as_columns, insert_rows
from souk.ids import new_id
from souk.money import Money
from store.carts.carts import Priced
from store.offers.buying import agreed_offer, take
from store.orders.numbers import new_numbers
from store.orders.tables import OrderLineRow, OrderRow, OrderStepRow
from store.purchases.tables import PurchaseRow

VERSION = 1
"""Of everything that has just been placed."""

_PURCHASE = (
    *("id", "buyer_id", "status", "amount", "currency", "request_hash", "listing_id", "quantity", "problems"),
    *("placed_at", "expires_at", "version"),
)
_ORDER = (
    *("id", "number", "purchase_id", "buyer_id", "seller_id", "status", "amount", "currency", "units", "title"),
    *("picture", "address", "billing", "language", "placed_at", "deadline", "carrier", "tracking_code", "version"),
)
_LINE = (
    *("id", "order_id", "position", "listing_id", "title", "condition", "picture", "quantity", "unit_price", "total"),
    *("currency", "offer_id"),
)


def _write() -> Statement[None]:
    """The purchase, its orders with their first step, and their lines."""
    purchase = insert(PurchaseRow).values({name: bindparam(f"purchase_{name}") for name in _PURCHASE})
    orders = insert_rows(OrderRow, _ORDER, "orders_").returning(
        OrderRow.id, OrderRow.version, OrderRow.status, OrderRow.placed_at
    )
    made = orders.cte("made")
    first = select(made.c.id, made.c.version, made.c.status, made.c.placed_at, literal("buyer"), literal(""))
    steps = insert(OrderStepRow).from_select(["order_id", "version", "status", "at", "by", "note"], first)
    lines = insert_rows(OrderLineRow, _LINE, "lines_")
    return Statement(lines.add_cte(purchase.cte("purchased"), steps.cte("noted")))


_WRITE = _write()


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase that is to be placed: what was asked for, and what it costs."""

    purchase_id: UUID
    buyer_id: UUID
    address: Address
    billing: BillingDetails | None
    item: PurchaseItem | None
    language: str
    """How the buyer reads (BCP 47); empty if unknown."""
    request_hash: str
    total: Money
    """What the buyer expects to pay."""
    priced: Priced | None
    """None: it was placed before."""


async def write(
    session: Session, draft: Draft, priced: Priced, *, placed_at: datetime, expires_at: datetime
) -> PurchasePlaced:
    """Insert the purchase with its orders, lines and first steps; gives the event to tell.

    Raises AgreementGone if an offer that a line takes its price from can no longer be bought.
    """
    by_seller: dict[UUID, list[CartLine]] = defaultdict(list)
    for line in priced.cart.lines:
        by_seller[line.seller_id].append(line)
    numbers = await new_numbers(session, len(by_seller))
    orders: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for number, (seller_id, bought) in zip(numbers, by_seller.items(), strict=True):
        order_id = new_id()
        snapshots = [_line(order_id, position, line, priced) for position, line in enumerate(bought)]
        orders.append(
            _order(draft, order_id, number, seller_id, snapshots) | {"placed_at": placed_at, "deadline": expires_at}
        )
        lines += snapshots
    purchase = _purchase(draft, priced.cart.total) | {"placed_at": placed_at, "expires_at": expires_at}
    await _WRITE.run(
        session,
        **{f"purchase_{name}": value for name, value in purchase.items()},
        **as_columns(orders, _ORDER, "orders_"),
        **as_columns(lines, _LINE, "lines_"),
    )
    await take(session, priced.cart.lines, draft.buyer_id, draft.purchase_id, placed_at)
    orders_by_id = {order["id"]: order for order in orders}
    return PurchasePlaced(
        purchase_id=draft.purchase_id,
        buyer_id=draft.buyer_id,
        lines=[_told(line, orders_by_id[line["order_id"]]) for line in lines],
        expires_at=expires_at,
    )


def _purchase(draft: Draft, total: Money) -> dict[str, Any]:
    return {
        "id": draft.purchase_id,
        "buyer_id": draft.buyer_id,
        "status": "placed",
        "amount": total.amount,
        "currency": total.currency,
        "request_hash": draft.request_hash,
        "listing_id": draft.item.listing_id if draft.item else None,
        "quantity": draft.item.quantity if draft.item else None,
        "problems": [],
        "version": VERSION,
    }


def _order(draft: Draft, order_id: UUID, number: str, seller_id: UUID, lines: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": order_id,
        "number": number,
        "purchase_id": draft.purchase_id,
        "buyer_id": draft.buyer_id,
        "seller_id": seller_id,
        "status": "placed",
        "amount": sum(line["total"] for line in lines),
        "currency": lines[0]["currency"],
        "units": sum(line["quantity"] for line in lines),
        "title": lines[0]["title"],
        "picture": lines[0]["picture"],
        "address": msgspec.to_builtins(draft.address),
        "billing": msgspec.to_builtins(draft.billing),
        "language": draft.language,
        "carrier": "",
        "tracking_code": "",
        "version": VERSION,
    }


def _line(order_id: UUID, position: int, line: CartLine, priced: Priced) -> dict[str, Any]:
    listing = priced.listings[line.listing_id]
    return {
        "id": new_id(),
        "order_id": order_id,
        "position": position,
        "listing_id": listing.id,
        "title": listing.title,
        "condition": listing.condition,
        "picture": listing.picture,
        "quantity": line.quantity,
        "unit_price": line.price_now.amount,
        "total": line.price_now.amount * line.quantity,
        "currency": line.price_now.currency,
        "offer_id": agreed_offer(line),
    }


def _told(line: dict[str, Any], order: dict[str, Any]) -> PurchaseLine:
    return PurchaseLine(
        order_id=line["order_id"],
        listing_id=line["listing_id"],
        seller_id=order["seller_id"],
        number=order["number"],
        quantity=line["quantity"],
        unit_price=Money(line["unit_price"], line["currency"]),
        offer_id=line["offer_id"],
    )
