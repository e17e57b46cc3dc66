"""What is to be invoiced or credited, before it has a number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import msgspec

from payment.invoices.document import Document, InvoiceLine, Party, SoldItem
from payment.invoices.tables import Invoice
from payment.parties.selling import MARKETPLACE_ID, Supplier, fee_tax
from souk.contracts.payment import InvoiceAbout, RefundBooked
from souk.contracts.store import Address, OrderCancelled, OrderPaid, RefundLine

PAYMENT_NOTE = "Paid from the buyer's wallet. Souk holds the money until the goods have arrived."
REFUND_NOTE = "Given back to the buyer's wallet."
FEE_NOTE = "Kept from the proceeds of the order."
FEE_REFUND_NOTE = "Given back with the refund to the buyer."
FEE_NAME = "Marketplace fee"


class InvoiceDiffers(Exception):
    """The order's lines do not add up to what was paid or given back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A document before it has its number."""

    about: InvoiceAbout = "sale"
    order_id: UUID
    buyer_id: UUID
    seller_id: UUID
    refund_id: UUID | None = None
    purchase_id: str
    order_placed_on: date
    seller: Party
    buyer: Party
    ship_to: Party | None = None
    delivered_on: date | None = None
    items: tuple[SoldItem, ...]
    currency: str
    payment_note: str
    notes: tuple[str, ...]
    corrects: str | None = None
    """The number of the invoice that a credit note is about."""
    corrects_of: date | None = None
    """The day of that invoice."""

    @property
    def key(self) -> tuple[str, UUID, UUID | None]:
        """What there is one document of a kind for."""
        return self.about, self.order_id, self.refund_id


def sale(order: OrderPaid, supplier: Supplier) -> Draft:
    """The invoice of a paid order. Raises InvoiceDiffers."""
    items = tuple(
        SoldItem(
            name=line.title,
            quantity=line.quantity,
            unit_price=line.unit_price.amount,
            category=supplier.category,
            rate=supplier.rate,
            exemption_reason=supplier.exemption_reason,
            order_line=str(line.id),
        )
        for line in order.lines
    )
    _same_sum(items, order.amount.amount, order.order_id)
    ship_to = _party(order.address)
    return Draft(
        order_id=order.order_id,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        purchase_id=str(order.purchase_id),
        order_placed_on=order.placed_at.date(),
        seller=supplier.party,
        buyer=_buyer(order) or ship_to,
        ship_to=ship_to,
        items=items,
        currency=order.amount.currency,
        payment_note=PAYMENT_NOTE,
        notes=(f"Order {order.number}",),
    )


def cancelled(invoice: Invoice, order: OrderCancelled) -> Draft:
    """The credit note over all that was not given back of the invoice before. Raises InvoiceDiffers."""
    document = _document(invoice)
    items = (
        _given_back(document, order.back) if order.back else tuple(_again(document, line) for line in document.lines)
    )
    _same_sum(items, order.amount.amount, order.order_id)
    return _correction(invoice, document, items, f"Order {order.number} was cancelled")


def refunded(invoice: Invoice, refund: RefundBooked) -> Draft:
    """The credit note over a part of the invoice. Raises InvoiceDiffers."""
    document = _document(invoice)
    items = _given_back(document, refund.lines)
    _same_sum(items, refund.amount.amount, refund.order_id)
    return _correction(
        invoice, document, items, f"Part of order {refund.number}", refund.reason, refund_id=refund.refund_id
    )


def fee(sold: Invoice, amount: int, day: date, marketplace: Supplier, seller: Party) -> Draft:
    """The invoice of the fee on an order that was invoiced as `sold` and settled on this day."""
    document = _document(sold)
    category, rate = fee_tax(marketplace, seller)
    return Draft(
        about="fee",
        order_id=sold.order_id,
        buyer_id=sold.seller_id,
        seller_id=MARKETPLACE_ID,
        purchase_id=document.purchase_id,
        order_placed_on=document.order_placed_on,
        seller=marketplace.party,
        buyer=seller,
        delivered_on=day,
        items=(SoldItem(FEE_NAME, 1, amount, category, rate),),
        currency=sold.currency,
        payment_note=FEE_NOTE,
        notes=(f"For the sale that you invoiced as {sold.number}",),
    )


def fee_refunded(invoice: Invoice, refund: RefundBooked) -> Draft:
    """The credit note over the part of the fee that was given back with a refund."""
    document = _document(invoice)
    [line] = document.lines
    item = SoldItem(line.name, 1, refund.fee.amount, line.category, line.rate)
    return _correction(invoice, document, (item,), f"Part of order {refund.number}", refund_id=refund.refund_id)


def _correction(
    invoice: Invoice, document: Document, items: tuple[SoldItem, ...], *notes: str, refund_id: UUID | None = None
) -> Draft:
    return Draft(
        about="fee" if invoice.about == "fee" else "sale",
        order_id=invoice.order_id,
        buyer_id=invoice.buyer_id,
        seller_id=invoice.seller_id,
        refund_id=refund_id,
        purchase_id=document.purchase_id,
        order_placed_on=document.order_placed_on,
        seller=document.seller,
        buyer=document.buyer,
        ship_to=document.ship_to,
        delivered_on=document.delivered_on,
        items=items,
        currency=document.currency,
        payment_note=FEE_REFUND_NOTE if invoice.about == "fee" else REFUND_NOTE,
        notes=tuple(note for note in notes if note),
        corrects=document.number,
        corrects_of=document.issued_on,
    )


def _document(invoice: Invoice) -> Document:
    return msgspec.json.decode(invoice.document, type=Document)


def _again(document: Document, line: InvoiceLine) -> SoldItem:
    """The line as it was sold."""
    reasons = {tax.category: tax.exemption_reason for tax in document.taxes}
    return SoldItem(
        name=line.name,
        quantity=line.quantity,
        unit_price=line.unit_price,
        category=line.category,
        rate=line.rate,
        exemption_reason=reasons[line.category] if line.category == "E" else "",
        order_line=line.order_line,
    )


def _given_back(document: Document, back: Sequence[RefundLine]) -> tuple[SoldItem, ...]:
    """Units at their price where the amount allows it, else a part of the price."""
    lines = {line.order_line: line for line in document.lines}
    items = []
    for part in back:
        # Invoices from before their lines named the order's lines have one VAT category and rate.
        line = lines.get(str(part.line_id)) or msgspec.structs.replace(document.lines[0], name=part.title)
        item, amount = _again(document, line), part.amount.amount
        if part.quantity and amount % part.quantity == 0:
            item = msgspec.structs.replace(item, quantity=part.quantity, unit_price=amount // part.quantity)
        else:
            name = f"Part of the price: {item.name}"
            item = msgspec.structs.replace(item, name=name, quantity=1, unit_price=amount)
        items.append(item)
    return tuple(items)


def _same_sum(items: Sequence[SoldItem], amount: int, order_id: UUID) -> None:
    if sum(item.quantity * item.unit_price for item in items) != amount:
        raise InvoiceDiffers(f"The lines of order {order_id} do not add up to {amount}.")


def _buyer(order: OrderPaid) -> Party | None:
    """Whom the buyer wants to be named, if not whoever gets the parcel."""
    billing = order.billing
    if billing is None:
        return None
    party = _party(billing.address)
    return msgspec.structs.replace(
        party,
        name=billing.company or party.name,
        contact=party.name if billing.company else "",
        vat_id=billing.vat_id or None,
        is_business=bool(billing.company or billing.vat_id),
    )


def _party(address: Address) -> Party:
    lines = tuple(line for line in (address.line1, address.line2) if line)
    return Party(address.name, address.country, lines, address.postcode, address.city)
