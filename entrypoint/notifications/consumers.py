"""What events make of notifications: a row for whoever should know, and a sign to their open pages."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select

from entrypoint.accounts.tables import UserRow
from entrypoint.mailing.mailing import queue_to_stranger
from entrypoint.notifications.notify import insert_notifications, money, sign
from souk.clock import Clock
from souk.contracts import Event
from souk.contracts.payment.events import (
    InvoiceIssued,
    RefundBooked,
    TransferBooked,
    TransferReturned,
    TransferWaiting,
    WalletChanged,
)
from souk.contracts.store.events import (
    OrderCancelled,
    OrderCompleted,
    OrderDelivered,
    OrderPaid,
    OrderShipped,
    PaymentRequested,
    PurchaseCancelled,
    ReviewAnswered,
    ReviewModerated,
    ReviewWritten,
)
from souk.database import Session
from souk.events import Consumer
from souk.ids import new_id
from souk.mailboxes import email_key

GATHERED_S = 0.1
"""So much later a page may hear of what happened, if much happens."""


class Notifier:
    """Handles the events that users should hear of. None depends on another, so their order does not matter."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def consumer(self) -> Consumer:
        """The consumer `entrypoint.live`."""
        consumer = Consumer("entrypoint.live", gather_s=GATHERED_S)
        consumer.on(PaymentRequested, self.payment_requested)
        consumer.on(PurchaseCancelled, self.purchase_cancelled)
        consumer.on(OrderPaid, self.order_paid)
        consumer.on(OrderShipped, self.order_shipped)
        consumer.on(OrderDelivered, self.order_delivered)
        consumer.on(OrderCancelled, self.order_cancelled)
        consumer.on(OrderCompleted, self.order_completed)
        consumer.on(InvoiceIssued, self.invoice_issued)
        consumer.on(RefundBooked, self.refund_booked)
        consumer.on(TransferBooked, self.transfer_booked)
        consumer.on(TransferWaiting, self.transfer_waiting)
        consumer.on(TransferReturned, self.transfer_returned)
        consumer.on(WalletChanged, self.wallet_changed)
        consumer.on(ReviewWritten, self.review_written)
        consumer.on(ReviewAnswered, self.review_answered)
        consumer.on(ReviewModerated, self.review_moderated)
        return consumer

    async def payment_requested(self, session: Session, event: PaymentRequested) -> None:
        """Nothing to read about, but the page of the purchase moves on."""
        await _sign(session, event, [event.buyer_id], purchase=event.purchase_id)

    async def purchase_cancelled(self, session: Session, event: PurchaseCancelled) -> None:
        """Told unless the buyers themselves called it off."""
        if event.reason != "cancelled":
            await self._tell(session, event.buyer_id, f"purchase_{event.reason}", f"/purchases/{event.purchase_id}")
        await _sign(session, event, [event.buyer_id], purchase=event.purchase_id)

    async def order_paid(self, session: Session, event: OrderPaid) -> None:
        """The buyer knows their money is held, the seller that there is something to send."""
        order, amount = event.order_id, money(event.amount)
        paid = self._row(event.buyer_id, "paid", order, number=event.number, amount=amount)
        title, ship_by = event.lines[0].title if event.lines else event.number, event.ship_by.isoformat()
        sold = self._row(
            event.seller_id, "sold", order, number=event.number, title=title, amount=amount, ship_by=ship_by
        )
        await insert_notifications(session, [paid, sold])
        await _sign(session, event, _both(event), order=event.order_id, purchase=event.purchase_id)

    async def order_shipped(self, session: Session, event: OrderShipped) -> None:
        """The buyer may look forward to it."""
        await self._tell(session, event.buyer_id, "shipped", event.order_id, number=event.number)
        await _sign(session, event, _both(event), order=event.order_id)

    async def order_delivered(self, session: Session, event: OrderDelivered) -> None:
        """The seller knows that the money is coming."""
        await self._tell(session, event.seller_id, "delivered", event.order_id, number=event.number)
        await _sign(session, event, _both(event), order=event.order_id)

    async def order_cancelled(self, session: Session, event: OrderCancelled) -> None:
        """Told to whoever did not do it."""
        told = {"buyer": [event.seller_id], "seller": [event.buyer_id]}.get(event.by, _both(event))
        for user_id in told:
            await self._tell(
                session,
                user_id,
                "cancelled",
                event.order_id,
                number=event.number,
                amount=money(event.amount),
            )
        await _sign(session, event, _both(event), order=event.order_id, purchase=event.purchase_id)

    async def order_completed(self, session: Session, event: OrderCompleted) -> None:
        """The seller has been paid."""
        await self._tell(
            session,
            event.seller_id,
            "completed" if event.recovered is None else "completed_recovered",
            event.order_id,
            number=event.number,
            amount=money(event.to_seller),
            **({} if event.recovered is None else {"recovered": money(event.recovered)}),
            **({"gross": money(event.to_seller + event.fee), "fee": money(event.fee)} if event.fee.amount else {}),
        )
        await _sign(session, event, _both(event), order=event.order_id)

    async def invoice_issued(self, session: Session, event: InvoiceIssued) -> None:
        """Nothing to read about, for what was paid or given back is told already; but the order's page has it now."""
        await _sign(session, event, _both(event), order=event.order_id)

    async def refund_booked(self, session: Session, event: RefundBooked) -> None:
        """The buyer has money back; the seller learns what it took, and what they owe if it took more than they had."""
        order, amount = event.order_id, money(event.amount)
        await self._tell(session, event.buyer_id, "refunded", order, number=event.number, amount=amount)
        kind = "refund_owed" if event.owed.amount else "refund_given"
        owed = {"owed": money(event.owed)} if event.owed.amount else {}
        if event.fee.amount:
            owed |= {"fee": money(event.fee), "net": money(event.from_seller)}
        await self._tell(session, event.seller_id, kind, order, number=event.number, amount=amount, **owed)
        await _sign(session, event, _both(event), order=event.order_id)

    async def transfer_booked(self, session: Session, event: TransferBooked) -> None:
        """Both are told, each with the other's name."""
        amount, note = money(event.amount), event.note
        people = [event.sender_id, event.recipient_id]
        names = await _names(session, *people)
        for user_id, other_id, kind in (
            (event.recipient_id, event.sender_id, "money_received"),
            (event.sender_id, event.recipient_id, "money_sent"),
        ):
            if user_id in names:
                told = f"{kind}_with_note" if note else kind
                name = names.get(other_id, "")
                await self._tell(session, user_id, told, "/wallet/statement", amount=amount, name=name, note=note)
        await _sign(session, event, people)

    async def transfer_waiting(self, session: Session, event: TransferWaiting) -> None:
        """The sender knows that it is not there yet; who should prove the address is asked to, in the shop or by mail."""
        about: dict[str, Any] = {"amount": money(event.amount), "until": event.returns_at.isoformat()}
        names = await _names(session, event.sender_id, *([event.recipient_id] if event.recipient_id else []))
        to = event.email or names.get(event.recipient_id or event.sender_id, "")
        await self._tell(session, event.sender_id, "money_waits", "/wallet", to=to, **about)
        known = event.recipient_id
        if known is None:
            known = await session.scalar(select(UserRow.id).where(UserRow.email_key == email_key(event.email)))
        name = names.get(event.sender_id, "")
        if known is not None:
            await self._tell(session, known, "money_waits_for_you", "/account#mail", name=name, **about)
        if event.email:
            sender = str(event.sender_id)
            await queue_to_stranger(session, self._clock.now(), event.email, sender=sender, name=name, **about)
        await _sign(session, event, [event.sender_id])

    async def transfer_returned(self, session: Session, event: TransferReturned) -> None:
        """The sender has it again."""
        await self._tell(
            session,
            event.sender_id,
            "money_returned",
            "/wallet",
            to=event.email or "–",
            amount=money(event.amount),
        )
        await _sign(session, event, [event.sender_id])

    async def wallet_changed(self, session: Session, event: WalletChanged) -> None:
        """The user reads what was decided and why."""
        await self._tell(session, event.user_id, f"wallet_{event.status}", "/wallet", reason=event.reason)
        await _sign(session, event, [event.user_id])

    async def review_written(self, session: Session, event: ReviewWritten) -> None:
        """The seller may answer it on the order's page."""
        kind = "review_changed" if event.changed else "review_written"
        await self._tell(session, event.seller_id, kind, event.order_id, title=event.title, stars=event.stars)
        await _sign(session, event, _both(event), order=event.order_id)

    async def review_answered(self, session: Session, event: ReviewAnswered) -> None:
        """The buyer is told once; a changed answer is just there."""
        if not event.changed:
            await self._tell(session, event.buyer_id, "review_answered", event.order_id, title=event.title)
        await _sign(session, event, _both(event), order=event.order_id)

    async def review_moderated(self, session: Session, event: ReviewModerated) -> None:
        """Its author learns what was decided; the order's page says why."""
        kind = f"{event.about}_{event.outcome}"
        author = event.buyer_id if event.about == "review" else event.seller_id
        await self._tell(session, author, kind, event.order_id, title=event.title)
        await _sign(session, event, _both(event), order=event.order_id)

    async def _tell(self, session: Session, user_id: UUID, kind: str, about: str | UUID, **params: Any) -> None:
        await insert_notifications(session, [self._row(user_id, kind, about, **params)])

    def _row(self, user_id: UUID, kind: str, about: str | UUID, **params: Any) -> dict[str, Any]:
        """`about` is the order that it is about, or else the page."""
        return {
            "id": new_id(),
            "user_id": user_id,
            "kind": kind,
            "params": params,
            "link": about if isinstance(about, str) else f"/orders/{about}",
            "order_id": None if isinstance(about, str) else about,
            "created_at": self._clock.now(),
        }


async def _names(session: Session, *user_ids: UUID) -> dict[UUID, str]:
    rows = await session.execute(select(UserRow.id, UserRow.display_name).where(UserRow.id.in_(user_ids)))
    return {row.id: row.display_name for row in rows}


def _both(event: Any) -> list[UUID]:
    return [event.buyer_id, event.seller_id]


async def _sign(session: Session, event: Event, users: Iterable[UUID], **topics: UUID) -> None:
    sign(session, event.event_type.split(".", 2)[2].removesuffix(".v1"), users, **topics)
