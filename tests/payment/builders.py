"""Events as the store and the entrypoint would send them, and money to begin with."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text

from payment.ledger import accounts
from payment.ledger.grouping import GroupCommit
from payment.ledger.ledger import Answer, NewEntry, TransferRequest, post
from payment.wallets.pending import address_proved
from payment.wallets.wallets import NewMoney, issue
from souk.clock import ManualClock
from souk.contracts import EVENTS, Event
from souk.contracts.entrypoint.events import AddressProved
from souk.contracts.payment.events import EscrowSettled
from souk.contracts.store.events import (
    Address,
    OrderAmount,
    OrderCancelled,
    OrderCompleted,
    OrderDelivered,
    OrderLine,
    OrderPaid,
    PaymentRequested,
    RefundLine,
    RefundRequested,
)
from souk.database import Database
from souk.events.consumer import Consumer, Message, Outcome, Runner
from souk.events.envelope import seal
from souk.ids import derived_id, new_id
from souk.mailboxes import mark_of
from souk.money import Money


def eur(amount: int) -> Money:
    return Money(amount, "EUR")


def now() -> datetime:
    return datetime.now(UTC)


async def fund(
    database: Database, user_id: UUID, amount: int, *, ago: timedelta = timedelta(), proved: bool = True
) -> None:
    """Issue money to a user, who has proved an address unless told otherwise."""
    if proved:
        await proves(database, user_id)
    clock = ManualClock()
    clock.advance(-ago)
    group = GroupCommit(database, clock)
    await issue(group, NewMoney(new_id(), "issuance", user_id, new_id(), eur(amount), "to begin with"), now())


async def proves(database: Database, user_id: UUID, email: str = "", version: int = 1) -> None:
    """A user proves an address."""
    event = AddressProved(user_id=user_id, address_mark=mark_of(email or f"{user_id}@example.org"), proved_at=now())
    async with database.transaction() as session:
        await address_proved(session, event, version)


async def open_wallets(database: Database, *user_ids: UUID) -> list[UUID]:
    """Open the users' wallets and give back the accounts' ids."""
    specs = [accounts.wallet(user_id, "EUR") for user_id in user_ids]
    async with database.transaction() as session:
        await accounts.open_accounts(session, specs)
    return [spec.id for spec in specs]


def move(
    source: UUID, target: UUID, amount: int, *, transfer_id: UUID | None = None, kind: str = "move"
) -> TransferRequest:
    """A transfer from one account to another."""
    entries = (NewEntry(source, -amount, "EUR"), NewEntry(target, amount, "EUR"))
    return TransferRequest(transfer_id or new_id(), kind, "", entries)


async def book(database: Database, *requests: TransferRequest) -> list[Answer]:
    """Post in a transaction of its own."""
    async with database.transaction() as session:
        return await post(session, requests, at=now())


def payment(buyer_id: UUID, orders: Sequence[tuple[UUID, int]], *, expires_in: float = 120) -> PaymentRequested:
    """A purchase to be paid: (seller, amount) per order."""
    return PaymentRequested(
        purchase_id=new_id(),
        buyer_id=buyer_id,
        orders=[OrderAmount(order_id=new_id(), seller_id=seller, amount=eur(amount)) for seller, amount in orders],
        expires_at=now() + timedelta(seconds=expires_in),
    )


def lines(amount: int, title: str = "Vintage camera") -> list[OrderLine]:
    return [
        OrderLine(
            id=new_id(),
            listing_id=new_id(),
            title=title,
            condition="good",
            picture=None,
            quantity=1,
            unit_price=eur(amount),
            total=eur(amount),
        )
    ]


def paid(request: PaymentRequested, which: int = 0, title: str = "Vintage camera") -> OrderPaid:
    order = request.orders[which]
    return OrderPaid(
        order_id=order.order_id,
        purchase_id=request.purchase_id,
        buyer_id=request.buyer_id,
        seller_id=order.seller_id,
        number="S-1001",
        amount=order.amount,
        lines=lines(order.amount.amount, title),
        address=Address(
            name="Ada Byron", line1="12 St James's Square", postcode="SW1Y 4JH", city="London", country="GB"
        ),
        placed_at=now(),
        paid_at=now(),
        ship_by=now() + timedelta(days=7),
    )


def delivered(request: PaymentRequested, which: int = 0) -> OrderDelivered:
    order = request.orders[which]
    return OrderDelivered(
        order_id=order.order_id,
        buyer_id=request.buyer_id,
        seller_id=order.seller_id,
        number="S-1001",
        amount=order.amount,
    )


def completed(request: PaymentRequested, until: datetime | None, which: int = 0) -> OrderCompleted:
    order = request.orders[which]
    return OrderCompleted(
        order_id=order.order_id,
        buyer_id=request.buyer_id,
        seller_id=order.seller_id,
        number="S-1001",
        to_seller=order.amount,
        fee=eur(0),
        refundable_until=until,
    )


def refund_of(
    request: PaymentRequested, amount: int, source: str = "escrow", which: int = 0, **change: Any
) -> RefundRequested:
    """A part of an order to give back; after its settlement with the source `seller`."""
    order = request.orders[which]
    line = RefundLine(line_id=new_id(), title="Vintage camera", quantity=0, amount=eur(amount))
    event = RefundRequested(
        refund_id=new_id(),
        order_id=order.order_id,
        buyer_id=request.buyer_id,
        seller_id=order.seller_id,
        number="S-1001",
        amount=eur(amount),
        lines=[line],
        source=source,  # type: ignore[arg-type]
        reason="scratched",
    )
    return msgspec.structs.replace(event, **change)


def settled_with(request: PaymentRequested, which: int = 0, *, fee: int) -> EscrowSettled:
    """What the service tells itself of a settlement."""
    order = request.orders[which]
    return EscrowSettled(
        order_id=order.order_id,
        transfer_id=derived_id("settlement", order.order_id),
        to_seller=eur(order.amount.amount - fee),
        fee=eur(fee),
    )


def cancelled(request: PaymentRequested, which: int = 0, *, invoiced: bool = True) -> OrderCancelled:
    order = request.orders[which]
    return OrderCancelled(
        order_id=order.order_id,
        purchase_id=request.purchase_id,
        buyer_id=request.buyer_id,
        seller_id=order.seller_id,
        number="S-1001",
        amount=order.amount,
        lines=lines(order.amount.amount),
        by="seller",
        reason="broke",
        invoiced=invoiced,
    )


async def told(database: Database) -> list[Event]:
    """What the outbox says, oldest first."""
    async with database.reading() as reader:
        rows = (await reader.execute(text("SELECT type, body FROM outbox ORDER BY id"))).all()
    return [msgspec.convert(msgspec.json.decode(row.body)["data"], EVENTS[row.type]) for row in rows]


def message(event: Event, *, event_id: UUID | None = None, attempt: int = 1) -> Message:
    """The event as it travels."""
    body = seal("store", event, event_id=event_id or new_id(), time=now(), sequence=1, traceparent="")
    return Message(body, attempt)


async def handle(
    database: Database, consumers: Sequence[Consumer], name: str, *events: Event | Message
) -> list[Outcome]:
    """Let a consumer handle these as one delivery."""
    [consumer] = [consumer for consumer in consumers if consumer.name == name]
    messages = [event if isinstance(event, Message) else message(event) for event in events]
    return await Runner(consumer, database).handle(messages)
