"""Issuing invoices and credit notes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import Text, Uuid, any_, bindparam, insert, select
from sqlalchemy.dialects.postgresql import ARRAY

from payment.escrow.tables import Escrow
from payment.invoices import drafts
from payment.invoices.building import Uncredited, build_document
from payment.invoices.document import Document, TaxKey
from payment.invoices.drafts import Draft
from payment.invoices.numbering import keep_series, lock_series, take_number, take_time
from payment.invoices.tables import Invoice, InvoicePdf
from payment.parties.selling import Supplier, suppliers
from souk.contracts.payment.events import EscrowSettled, InvoiceAbout, InvoiceIssued, InvoiceKind, RefundBooked
from souk.contracts.store.events import OrderCancelled, OrderPaid
from souk.database import Session, Statement, insert_rows
from souk.events import NotYet
from souk.ids import new_id

_ISSUED: Statement[Invoice] = Statement(
    select(Invoice).where(
        Invoice.kind == bindparam("kind", type_=Text()),
        Invoice.order_id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
    )
)
_INVOICE = tuple(column.name for column in Invoice.__table__.columns)
_invoices = insert_rows(Invoice, _INVOICE).returning(Invoice.id).cte("issued")
_STORE: Statement[None] = Statement(insert(InvoicePdf).from_select(["invoice_id"], select(_invoices.c.id)))

Credited = dict[TaxKey, tuple[int, int]]
"""What was given back in minor units by VAT category and rate: VAT included, and the VAT in it."""


class CreditedTooMuch(Exception):
    """The credit notes of an invoice would give back more than it asked for."""


async def issue_invoices(
    session: Session, orders: Sequence[OrderPaid], public_url: str, now: datetime
) -> list[InvoiceIssued]:
    """One invoice per paid order; orders that have theirs tell nothing. Raises InvoiceDiffers."""
    sellers = await suppliers(session, (order.seller_id for order in orders))
    wanted = [drafts.sale(order, sellers[order.seller_id]) for order in orders]
    return await _issue(session, "invoice", wanted, public_url, now)


async def issue_credit_notes(
    session: Session, changes: Sequence[OrderCancelled | RefundBooked], public_url: str, now: datetime
) -> list[InvoiceIssued]:
    """One credit note per cancelled order that was invoiced, and per booked refund.

    Raises NotYet before the invoice, InvoiceDiffers, CreditedTooMuch.
    """
    changes = [change for change in changes if isinstance(change, RefundBooked) or _leaves_something(change)]
    invoices = await _invoices_of(session, "sale", (change.order_id for change in changes))
    wanted = [
        drafts.refunded(invoices[change.order_id], change)
        if isinstance(change, RefundBooked)
        else drafts.cancelled(invoices[change.order_id], change)
        for change in changes
    ]
    return await _issue(session, "credit_note", wanted, public_url, now)


def _leaves_something(order: OrderCancelled) -> bool:
    """Whether there is anything to credit: not if it was never invoiced, or if all of it was refunded in parts before."""
    return order.invoiced and order.amount.amount > 0


async def issue_fee_invoices(
    session: Session, settled: Sequence[EscrowSettled], marketplace: Supplier, public_url: str, now: datetime
) -> list[InvoiceIssued]:
    """One invoice per fee that was kept; in the marketplace's own series. Raises NotYet before the order's invoice."""
    kept = [event for event in settled if event.fee.amount]
    sales = await _invoices_of(session, "sale", (event.order_id for event in kept))
    sellers = await suppliers(session, (sale.seller_id for sale in sales.values()))
    days = await _settled_on(session, sales)
    wanted = []
    for event in kept:
        sale, seller = sales[event.order_id], sellers[sales[event.order_id].seller_id]
        day = days.get(event.order_id, now).date()
        wanted.append(drafts.fee(sale, event.fee.amount, day, marketplace, seller))
    return await _issue(session, "invoice", wanted, public_url, now)


async def issue_fee_credit_notes(
    session: Session, refunds: Sequence[RefundBooked], public_url: str, now: datetime
) -> list[InvoiceIssued]:
    """One credit note per fee that was given back with a refund. Raises NotYet before the fee's invoice."""
    returned = [refund for refund in refunds if refund.fee.amount]
    invoices = await _invoices_of(session, "fee", (refund.order_id for refund in returned))
    wanted = [drafts.fee_refunded(invoices[refund.order_id], refund) for refund in returned]
    return await _issue(session, "credit_note", wanted, public_url, now)


async def _invoices_of(session: Session, about: InvoiceAbout, order_ids: Iterable[UUID]) -> dict[UUID, Invoice]:
    wanted = set(order_ids)
    found = await session.scalars(
        select(Invoice).where(Invoice.kind == "invoice", Invoice.about == about, Invoice.order_id.in_(wanted))
    )
    invoices = {invoice.order_id: invoice for invoice in found}
    missing = wanted - invoices.keys()
    if missing:
        raise NotYet(f"order {min(missing)} has no invoice of its {about} yet")
    return invoices


async def _settled_on(session: Session, order_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    rows = await session.scalars(select(Escrow).where(Escrow.order_id.in_(list(order_ids))))
    return {row.order_id: row.ended_at for row in rows if row.ended_at is not None}


async def _issue(
    session: Session, kind: InvoiceKind, wanted: Sequence[Draft], public_url: str, now: datetime
) -> list[InvoiceIssued]:
    """Number, build and store what has not been issued; the series stay locked until the commit."""
    if not wanted:
        return []
    series = await lock_series(session, kind, (draft.seller_id for draft in wanted))
    # Looked up only now: whoever issued for the same seller has committed, and this statement sees it.
    found = await _ISSUED.all(session, kind=kind, ids=[draft.order_id for draft in wanted])
    issued = {(row.about, row.order_id, row.refund_id): row for row in found}
    credited = _credited(issued.values()) if kind == "credit_note" else {}
    invoices: list[Invoice] = []
    for draft in wanted:
        if draft.key in issued:
            continue
        position, number = take_number(series[draft.seller_id], kind)
        at = take_time(series[draft.seller_id], now, draft.corrects_of)
        before = credited.setdefault((draft.about, draft.order_id), {}) if kind == "credit_note" else {}
        document = _build(number, draft, before, public_url, at)
        _add(before, document)
        issued[draft.key] = invoice = _invoice(kind, position, document, draft, at)
        invoices.append(invoice)
    if kind == "credit_note":
        await _check_credited(session, invoices, credited)
    if invoices:
        await _STORE.run(session, **{name: [getattr(invoice, name) for invoice in invoices] for name in _INVOICE})
        await keep_series(session, kind, series)
    return [_issued(invoice) for invoice in invoices]


def _credited(notes: Iterable[Invoice]) -> dict[tuple[str, UUID], Credited]:
    """What was given back so far of each order's sale and fee."""
    sums: dict[tuple[str, UUID], Credited] = defaultdict(dict)
    for note in notes:
        _add(sums[note.about, note.order_id], msgspec.json.decode(note.document, type=Document))
    return sums


def _add(sums: Credited, document: Document) -> None:
    for part in document.taxes:
        gross, tax = sums.get((part.category, part.rate), (0, 0))
        sums[part.category, part.rate] = (gross + part.taxable + part.tax, tax + part.tax)


def _uncredited(draft: Draft, before: Credited) -> dict[TaxKey, Uncredited]:
    """What is left of the invoice that a draft corrects."""
    left = {}
    for part in draft.invoiced:
        gross, tax = before.get((part.category, part.rate), (0, 0))
        left[part.category, part.rate] = Uncredited(part.taxable + part.tax - gross, part.tax - tax)
    return left


async def _check_credited(
    session: Session, notes: Sequence[Invoice], credited: dict[tuple[str, UUID], Credited]
) -> None:
    billed = await session.execute(
        select(Invoice.about, Invoice.order_id, Invoice.total).where(
            Invoice.kind == "invoice", Invoice.order_id.in_({note.order_id for note in notes})
        )
    )
    for about, order_id, total in billed:
        if sum(gross for gross, _ in credited.get((about, order_id), {}).values()) > total:
            raise CreditedTooMuch(f"More would be credited of the {about} of order {order_id} than {total}.")


def _build(number: str, draft: Draft, credited_before: Credited, public_url: str, at: datetime) -> Document:
    return build_document(
        kind="invoice" if draft.corrects is None else "credit_note",
        number=number,
        issued_on=at.date(),
        currency=draft.currency,
        seller=draft.seller,
        buyer=draft.buyer,
        order_id=str(draft.order_id),
        purchase_id=draft.purchase_id,
        order_placed_on=draft.order_placed_on,
        items=draft.items,
        order_url=f"{public_url.rstrip('/')}/orders/{draft.order_id}",
        payment_note=draft.payment_note,
        ship_to=draft.ship_to,
        delivered_on=draft.delivered_on,
        preceding_number=draft.corrects,
        preceding_issued_on=draft.corrects_of,
        notes=draft.notes,
        uncredited=_uncredited(draft, credited_before),
        language=draft.language,
        order_number=draft.order_number,
        supply_from=draft.supply_from,
        supply_until=draft.supply_until,
        called_off=draft.called_off,
    )


def _invoice(kind: InvoiceKind, position: int, document: Document, draft: Draft, at: datetime) -> Invoice:
    return Invoice(
        id=new_id(),
        kind=kind,
        number=document.number,
        position=position,
        seller_id=draft.seller_id,
        buyer_id=draft.buyer_id,
        order_id=draft.order_id,
        about=draft.about,
        refund_id=draft.refund_id,
        corrects=document.preceding_number,
        total=document.totals.tax_inclusive,
        currency=document.currency,
        issued_on=document.issued_on,
        document=msgspec.json.encode(document, order="sorted").decode(),
        document_hash=document.content_hash(),
        issued_at=at,
    )


def _issued(invoice: Invoice) -> InvoiceIssued:
    return InvoiceIssued(
        invoice_id=invoice.id,
        order_id=invoice.order_id,
        buyer_id=invoice.buyer_id,
        seller_id=invoice.seller_id,
        kind=invoice.kind,
        number=invoice.number,
        about=invoice.about,
    )
