"""Writes down a new purchase: one order per seller, with an immutable snapshot of every listing."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, Uuid, bindparam, exists, literal, select
from sqlalchemy.dialects.postgresql import insert

from souk.contracts.store.carts import CartLine
from souk.contracts.store.events import Address, BillingDetails, PurchaseLine, PurchasePlaced
from souk.contracts.store.purchases import PurchaseItem
from souk.database import Session, Statement, as_columns, insert_rows
from souk.ids import new_id
from souk.money import Money
from store.carts.carts import Priced
from store.carts.tables import CartRow
from store.offers.buying import agreed_offer, take
from store.orders.numbers import Numbers
from store.orders.tables import OrderLineRow, OrderRow, OrderStepRow
from store.purchases.tables import PurchaseRow
from store.user_replica.user_replica import name_of

VERSION = 1
"""Of everything that has just been placed."""

_PURCHASE = (
    *("id", "buyer_id", "status", "amount", "currency", "request_hash", "listing_id", "quantity", "problems"),
    *("placed_at", "expires_at", "version"),
)
_ORDER = (
    *("id", "number", "purchase_id", "buyer_id", "seller_id", "status", "amount", "postage", "currency", "units"),
    *(
        "title",
        "picture",
        "address",
        "billing",
        "language",
        "placed_at",
        "deadline",
        "carrier",
        "tracking_code",
        "version",
    ),
)
_LINE = (
    *("id", "order_id", "position", "listing_id", "title", "condition", "picture", "quantity", "unit_price", "total"),
    *("currency", "offer_id", "pick_up"),
)


def _write(*, of_cart: bool) -> Statement[Any]:
    """The purchase, its orders with their first step, and their lines; gives the orders with their people's names.

    Nothing of it if the cart is not what was priced any more, if the purchase is there already, or if the buyer has another
    one that is open. The cart's row is locked, and its version looked at once more when the lock was waited for.
    """
    columns = PurchaseRow.__table__.c
    values = select(*(bindparam(f"purchase_{name}", type_=columns[name].type) for name in _PURCHASE))
    if of_cart:
        is_it = (CartRow.buyer_id == bindparam("purchase_buyer_id", type_=Uuid())) & (
            CartRow.version == bindparam("cart_version", type_=BigInteger())
        )
        values = values.where(
            exists(select(CartRow.version).where(is_it).with_for_update().cte("cart_as_priced").select())
        )
    purchase = insert(PurchaseRow).from_select(list(_PURCHASE), values).on_conflict_do_nothing()
    purchased = exists(purchase.returning(PurchaseRow.id).cte("purchased").select())
    orders = insert_rows(OrderRow, _ORDER, "orders_", where=purchased).returning(*OrderRow.__table__.c).cte("made")
    first = select(orders.c.id, orders.c.version, orders.c.status, orders.c.placed_at, literal("buyer"), literal(""))
    steps = insert(OrderStepRow).from_select(["order_id", "version", "status", "at", "by", "note"], first)
    lines = insert_rows(OrderLineRow, _LINE, "lines_", where=purchased)
    made = select(
        orders,
        name_of(orders.c.buyer_id).label("buyer_name"),
        name_of(orders.c.seller_id).label("seller_name"),
    ).order_by(orders.c.id)
    return Statement(made.add_cte(steps.cte("noted"), lines.cte("listed")))


_WRITE_OF_CART, _WRITE_OF_ITEM = _write(of_cart=True), _write(of_cart=False)


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


class Placed(NamedTuple):
    """A purchase that was just written down."""

    purchase: PurchaseRow
    orders: Sequence[Any]
    """Rows with the columns of an order, and the names of its buyer and seller."""
    event: PurchasePlaced
    """To be told."""


async def write(
    session: Session, numbers: Numbers, draft: Draft, priced: Priced, *, placed_at: datetime, expires_at: datetime
) -> Placed | None:
    """Insert the purchase with its orders, lines and first steps.

    None, and nothing is inserted, if the cart is not what was priced any more, if the purchase was placed before, or if
    another one of the buyer is open. Raises AgreementGone if an offer that a line takes its price from can no longer be
    bought.
    """
    by_seller: dict[UUID, list[CartLine]] = defaultdict(list)
    for line in priced.cart.lines:
        by_seller[line.seller_id].append(line)
    postage = {each.seller_id: each.amount.amount for each in priced.cart.postage}
    orders: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    names = await numbers.take(session, len(by_seller))
    for number, (seller_id, bought) in zip(names, by_seller.items(), strict=True):
        order_id = new_id()
        snapshots = [_line(order_id, position, line, priced) for position, line in enumerate(bought)]
        order = _order(draft, order_id, number, seller_id, snapshots, postage=postage.get(seller_id, 0))
        orders.append(order | {"placed_at": placed_at, "deadline": expires_at})
        lines += snapshots
    purchase = _purchase(draft, priced.cart.total) | {"placed_at": placed_at, "expires_at": expires_at}
    values = {
        **{f"purchase_{name}": value for name, value in purchase.items()},
        **as_columns(orders, _ORDER, "orders_"),
        **as_columns(lines, _LINE, "lines_"),
    }
    if draft.item is None:
        written = await _WRITE_OF_CART.all(session, **values, cart_version=priced.version)
    else:
        written = await _WRITE_OF_ITEM.all(session, **values)
    if not written:
        return None
    await take(session, priced.cart.lines, draft.buyer_id, draft.purchase_id, placed_at)
    orders_by_id = {order["id"]: order for order in orders}
    event = PurchasePlaced(
        purchase_id=draft.purchase_id,
        buyer_id=draft.buyer_id,
        lines=[_told(line, orders_by_id[line["order_id"]]) for line in lines],
        expires_at=expires_at,
    )
    return Placed(PurchaseRow(**purchase, finished_at=None), written, event)


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


def _order(
    draft: Draft, order_id: UUID, number: str, seller_id: UUID, lines: list[dict[str, Any]], *, postage: int
) -> dict[str, Any]:
    return {
        "id": order_id,
        "number": number,
        "purchase_id": draft.purchase_id,
        "buyer_id": draft.buyer_id,
        "seller_id": seller_id,
        "status": "placed",
        "amount": sum(line["total"] for line in lines) + postage,
        "postage": postage,
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
        "pick_up": line.pick_up,
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
