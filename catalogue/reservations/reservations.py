"""Holding units for purchases. The store owns every clock; here units only move when it says so.

    reserved → sold → returned        reserved → released        reserved → returned (cancelled before told of payment)

Each function takes a batch and runs inside the caller's transaction. Locks are taken in one order everywhere: the
purchases by id, then the listings by id; so no two batches ever wait for each other.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from catalogue.listings.tables import ListingRow
from catalogue.reservations.tables import HeldPurchaseRow, ReservationRow
from souk.contracts.catalogue.events import ListingRestocked, RejectedLine, StockRejected, StockReserved
from souk.contracts.store.events import OrderCancelled, OrderPaid, PurchaseCancelled, PurchaseLine, PurchasePlaced
from souk.database import Session, Statement, as_columns
from souk.events import NotYet
from souk.money import Money

Answer = StockReserved | StockRejected


_CANCELLED: Statement[None] = Statement("""
    INSERT INTO held_purchase (purchase_id, cancelled_at)
    SELECT id, :now FROM unnest(CAST(:ids AS uuid[])) AS id ORDER BY id
    ON CONFLICT (purchase_id) DO UPDATE
    SET cancelled_at = coalesce(held_purchase.cancelled_at, excluded.cancelled_at)
""")
_ANSWERED: Statement[Any] = Statement("""
    INSERT INTO held_purchase (purchase_id, answer, answered_at)
    SELECT id, 'rejected', :now FROM unnest(CAST(:ids AS uuid[])) AS id ORDER BY id
    ON CONFLICT (purchase_id) DO UPDATE
    SET answer = excluded.answer, answered_at = excluded.answered_at WHERE held_purchase.answer IS NULL
    RETURNING purchase_id, cancelled_at IS NOT NULL AS cancelled
""")
_HELD: Statement[ReservationRow] = Statement("""
    SELECT order_id FROM reservation
    WHERE order_id = ANY(CAST(:ids AS uuid[])) AND status IN ('reserved', 'sold', 'returned')
""")
_LOCKED_PURCHASES: Statement[HeldPurchaseRow] = Statement("""
    SELECT purchase_id FROM held_purchase WHERE purchase_id = ANY(CAST(:ids AS uuid[]))
    ORDER BY purchase_id FOR NO KEY UPDATE
""")
_LOCKED_LISTINGS: Statement[ListingRow] = Statement("""
    SELECT id, seller_id, price, currency, available, on_sale FROM listing WHERE id = ANY(CAST(:ids AS uuid[]))
    ORDER BY id FOR NO KEY UPDATE
""")
_RESERVATION = ("purchase_id", "listing_id", "order_id", "quantity", "status", "reserved_at")
_TAKE: Statement[None] = Statement("""
    WITH held AS (
        INSERT INTO reservation (purchase_id, listing_id, order_id, quantity, status, reserved_at)
        SELECT * FROM unnest(
            CAST(:purchase_id AS uuid[]), CAST(:listing_id AS uuid[]), CAST(:order_id AS uuid[]),
            CAST(:quantity AS int[]), CAST(:status AS text[]), CAST(:reserved_at AS timestamptz[])
        )
        RETURNING listing_id, quantity
    ), answered AS (
        UPDATE held_purchase SET answer = 'reserved' WHERE purchase_id = ANY(CAST(:purchase_id AS uuid[]))
    )
    UPDATE listing SET available = available - units, reserved = reserved + units, version = version + 1
    FROM (SELECT listing_id, sum(quantity) AS units FROM held GROUP BY listing_id) AS taken
    WHERE listing.id = taken.listing_id
""")


def _moves(key: str) -> tuple[Statement[None], Statement[Any]]:
    """Lock the listings of the reservations of some purchases or orders; move the reservations, and the units with them."""
    scope = f"{key} = ANY(CAST(:ids AS uuid[])) AND status = ANY(CAST(:states AS text[]))"
    lock = f"""
        SELECT 1 FROM listing WHERE id IN (SELECT listing_id FROM reservation WHERE {scope})
        ORDER BY id FOR NO KEY UPDATE
    """  # noqa: S608 - made of constants
    move = f"""
        WITH moved AS (
            UPDATE reservation SET
                status = CAST(:to AS text),
                sold_at = CASE WHEN :to = 'sold' THEN :now ELSE sold_at END,
                ended_at = CASE WHEN :to = 'sold' THEN ended_at ELSE :now END
            WHERE {scope}
            RETURNING old.status AS was, listing_id, quantity
        ), change AS (
            SELECT listing_id, sum(quantity) AS units,
                coalesce(sum(quantity) FILTER (WHERE was = 'reserved'), 0) AS reserved,
                coalesce(sum(quantity) FILTER (WHERE was = 'sold'), 0) AS sold
            FROM moved GROUP BY listing_id
        )
        UPDATE listing SET
            reserved = listing.reserved - change.reserved,
            sold = listing.sold - change.sold + CASE WHEN :to = 'sold' THEN units ELSE 0 END,
            available = available + CASE WHEN :to = 'sold' THEN 0 ELSE units END,
            version = version + 1
        FROM change WHERE listing.id = change.listing_id
        RETURNING listing.id, new.on_sale AND NOT old.on_sale AS again
    """  # noqa: S608 - made of constants
    return Statement(lock), Statement(move)


_MOVES = {"purchase_id": _moves("purchase_id"), "order_id": _moves("order_id")}


class UnitsNotHeld(Exception):
    """The store says that an order is paid whose units were given back: an operator must look at it."""


@dataclass
class Stock:
    """What a decision needs of a listing; `available` goes down as purchases of one batch take from it."""

    seller_id: UUID
    price: Money
    available: int
    on_sale: bool


async def place(session: Session, events: Sequence[PurchasePlaced], *, now: datetime) -> list[Answer]:
    """Reserve all lines of each purchase or none of it, first come first served; one answer for each new purchase.

    A purchase that was answered before gets no second answer, one that was cancelled before it was placed gets
    nothing reserved.
    """
    placed = {event.purchase_id: event for event in events}
    cancelled_before = await _open(session, placed, now)
    asked = [event for event in placed.values() if event.purchase_id in cancelled_before]
    wanted = {line.listing_id for event in asked for line in event.lines}
    stock = await _lock_stock(session, wanted)
    answers: list[Answer] = []
    taken: list[dict[str, Any]] = []
    for event in asked:
        if cancelled_before[event.purchase_id]:
            answers.append(StockRejected(purchase_id=event.purchase_id, lines=[]))
            continue
        units = units_of(event.lines)
        wrong = decide(event, units, stock)
        if wrong:
            answers.append(StockRejected(purchase_id=event.purchase_id, lines=wrong))
            continue
        answers.append(StockReserved(purchase_id=event.purchase_id))
        orders = {line.listing_id: line.order_id for line in event.lines}
        for listing_id, quantity in units.items():
            stock[listing_id].available -= quantity
            row = {"purchase_id": event.purchase_id, "listing_id": listing_id, "order_id": orders[listing_id]}
            taken.append(row | {"quantity": quantity, "status": "reserved", "reserved_at": now})
    await _take(session, taken)
    return answers


def units_of(lines: Iterable[PurchaseLine]) -> dict[UUID, int]:
    """Units by listing."""
    units: dict[UUID, int] = defaultdict(int)
    for line in lines:
        units[line.listing_id] += line.quantity
    return dict(units)


def decide(event: PurchasePlaced, units: Mapping[UUID, int], stock: Mapping[UUID, Stock]) -> list[RejectedLine]:
    """The lines that cannot be had as the buyer saw them; empty if the whole purchase can."""
    wrong: dict[UUID, RejectedLine] = {}
    for line in event.lines:
        there = stock.get(line.listing_id)
        reason = _refusal(event.buyer_id, line, units[line.listing_id], there)
        if reason is None:
            continue
        can_be_had = there is not None and reason != "gone"
        wrong[line.listing_id] = RejectedLine(
            listing_id=line.listing_id,
            reason=reason,
            available=there.available if there and can_be_had else 0,
            price=there.price if there and can_be_had else None,
        )
    return list(wrong.values())


def _refusal(
    buyer_id: UUID, line: PurchaseLine, quantity: int, there: Stock | None
) -> Literal["gone", "too_few", "price_changed", "own_listing"] | None:
    if there is None or not there.on_sale or there.available == 0:
        return "gone"
    if there.seller_id == buyer_id:
        return "own_listing"
    if not _right_price(line, there.price):
        return "price_changed"
    return "too_few" if there.available < quantity else None


def _right_price(line: PurchaseLine, asked: Money) -> bool:
    """Whether the buyer may have it for that: an agreed price is the store's to check, for it holds the offer."""
    if line.offer_id is None:
        return line.unit_price == asked
    return line.unit_price.currency == asked.currency and line.unit_price.amount > 0


async def release(session: Session, events: Sequence[PurchaseCancelled], *, now: datetime) -> None:
    """Give back what these purchases hold. One that was not placed yet is remembered as cancelled."""
    ids = sorted({event.purchase_id for event in events})
    await _CANCELLED.run(session, ids=ids, now=now)
    await _move(session, to="released", states=["reserved"], key="purchase_id", ids=ids, now=now)


async def sell(session: Session, events: Sequence[OrderPaid], *, now: datetime) -> None:
    """Count the units of these orders as sold; those of an order that was cancelled meanwhile stay returned.

    Raises NotYet if the purchase is unknown so far, and UnitsNotHeld if its units were released or never held.
    """
    await _lock_purchases(session, {event.purchase_id for event in events})
    orders = sorted({event.order_id for event in events})
    missing = set(orders) - set(await _HELD.scalars(session, ids=orders))
    if missing:
        raise UnitsNotHeld(f"nothing is held for {', '.join(map(str, sorted(missing)))}")
    await _move(session, to="sold", states=["reserved"], key="order_id", ids=orders, now=now)


async def take_back(session: Session, events: Sequence[OrderCancelled], *, now: datetime) -> list[ListingRestocked]:
    """Put the units of these orders back on sale, sold or still reserved; returns which listings had none before.

    Raises NotYet if the purchase is unknown.
    """
    await _lock_purchases(session, {event.purchase_id for event in events})
    orders = sorted({event.order_id for event in events})
    again = await _move(session, to="returned", states=["reserved", "sold"], key="order_id", ids=orders, now=now)
    return [ListingRestocked(listing_id=listing_id) for listing_id in again]


async def _open(session: Session, placed: Iterable[UUID], now: datetime) -> dict[UUID, bool]:
    """Lock these purchases and mark them rejected, unless something is reserved for them afterwards; those that had no answer
    yet, each with whether it is cancelled."""
    rows = await _ANSWERED.all(session, ids=sorted(placed), now=now)
    return {row.purchase_id: row.cancelled for row in rows}


async def _lock_purchases(session: Session, ids: set[UUID]) -> None:
    missing = ids - set(await _LOCKED_PURCHASES.scalars(session, ids=list(ids)))
    if missing:
        raise NotYet(f"not placed yet: {', '.join(map(str, sorted(missing)))}")


async def _lock_stock(session: Session, ids: Iterable[UUID]) -> dict[UUID, Stock]:
    return {
        row.id: Stock(row.seller_id, Money(row.price, row.currency), row.available, row.on_sale)
        for row in await _LOCKED_LISTINGS.all(session, ids=list(ids))
    }


async def _take(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    await _TAKE.run(session, **as_columns(rows, _RESERVATION))


async def _move(
    session: Session,
    *,
    to: Literal["sold", "released", "returned"],
    states: Sequence[str],
    key: Literal["purchase_id", "order_id"],
    ids: Sequence[UUID],
    now: datetime,
) -> list[UUID]:
    """Move the reservations of these purchases or orders that are in one of the states, and their units with them.

    Returns the listings that are on sale again, and were not before.
    """
    lock, move = _MOVES[key]
    await lock.run(session, ids=list(ids), states=list(states))
    moved = await move.all(session, ids=list(ids), states=list(states), to=to, now=now)
    return sorted(row.id for row in moved if row.again)
