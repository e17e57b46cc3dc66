"""What events make of escrow.

Captures, settlements, cancellations and partial refunds have a consumer each: a transaction then posts one batch, so that the accounts it
locks are locked in one order, and no two instances can wait for each other.
"""

from collections.abc import Sequence

from payment.escrow import captures, escrow, refunds
from payment.settings import PaymentSettings
from souk.contracts.store.events import (
    OrderCancelled,
    OrderCompleted,
    OrderDelivered,
    PaymentRequested,
    RefundRequested,
)
from souk.database import Session
from souk.events import Consumer, News
from souk.http import Kernel


def escrow_consumers(kernel: Kernel, settings: PaymentSettings) -> Sequence[Consumer]:
    """The consumers."""

    async def requested(session: Session, events: list[PaymentRequested]) -> Sequence[News]:
        return await captures.capture(session, events, kernel.clock.now())

    async def delivered(session: Session, events: list[OrderDelivered]) -> Sequence[News]:
        now = kernel.clock.now()
        return await escrow.settle(session, events, settings.fee_basis_points, now)

    async def cancelled(session: Session, events: list[OrderCancelled]) -> Sequence[News]:
        return await escrow.refund(session, events, kernel.clock.now())

    async def refund_asked(session: Session, events: list[RefundRequested]) -> Sequence[News]:
        return await refunds.refund_parts(session, events, kernel.clock.now())

    async def completed(session: Session, events: list[OrderCompleted]) -> None:
        await escrow.note_refundable(session, events)

    capturing, settling, cancelling, refunding, completing = (
        Consumer(f"payment.{name}") for name in ("captures", "settlements", "refunds", "partial-refunds", "completions")
    )
    capturing.on_many(PaymentRequested, requested)
    settling.on_many(OrderDelivered, delivered)
    cancelling.on_many(OrderCancelled, cancelled)
    refunding.on_many(RefundRequested, refund_asked)
    completing.on_many(OrderCompleted, completed)
    return (capturing, settling, cancelling, refunding, completing)
