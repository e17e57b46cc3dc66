"""What events make of invoices."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from payment import metrics
from payment.invoices import invoices
from payment.parties.selling import marketplace
from payment.settings import PaymentSettings
from souk.contracts.payment.events import EscrowSettled, InvoiceIssued, RefundBooked
from souk.contracts.store.events import OrderCancelled, OrderPaid
from souk.database import Session
from souk.events import Consumer, News
from souk.http import Kernel

GATHERED_S = 0.2
"""Invoices of the same seller are numbered one after the other: together they wait for the series once."""


def invoices_consumers(kernel: Kernel, settings: PaymentSettings) -> Sequence[Consumer]:
    """Issue an invoice for each paid order and each fee, and a credit note for whatever of it is given back.

    In one transaction the invoices' series are locked before the credit notes', each in the order of the sellers'
    ids, so that two instances never wait for each other.
    """

    def issuing(issue: Callable[..., Awaitable[list[InvoiceIssued]]], *supplied: Any) -> Any:
        async def handle(session: Session, events: list[Any]) -> Sequence[News]:
            issued = await issue(session, events, *supplied, settings.public_url, kernel.clock.now())
            if issued:
                session.after_commit(partial(metrics.invoices_issued.inc, len(issued)))
            return issued

        return handle

    sales, credits, fees = (
        Consumer(f"payment.{name}", gather_s=GATHERED_S) for name in ("invoices", "credit-notes", "fee-invoices")
    )
    sales.on_many(OrderPaid, issuing(invoices.issue_invoices))
    sales.on_many(OrderCancelled, issuing(invoices.issue_credit_notes))
    credits.on_many(RefundBooked, issuing(invoices.issue_credit_notes))
    fees.on_many(EscrowSettled, issuing(invoices.issue_fee_invoices, marketplace(settings)))
    fees.on_many(RefundBooked, issuing(invoices.issue_fee_credit_notes))
    return (sales, credits, fees)
