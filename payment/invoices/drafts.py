"""What is to be invoiced or credited, before it has a number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from payment.invoices.building import SoldItem
from payment.invoices.document import Document, InvoiceLine, TaxBreakdown
from payment.invoices.labels import labels_for
from payment.invoices.tables import Invoice
from payment.parties.party import Party
from payment.parties.selling import MARKETPLACE_ID, Supplier, fee_tax
from souk.contracts.payment.events import InvoiceAbout, RefundBooked
from souk.contracts.store.events import Address, OrderCancelled, OrderPaid, RefundLine
from souk.languages import UNKNOWN
from souk.money import Money

POSTAGE_LINE = "postage"
"""What stands for a line of the order's (BT-132) where a document's line is about the postage.

It is a line and no charge of the document (BG-21), for a credit note over postage alone would have no line, and each document
has one (BR-16). Postage goes with the goods, and so does its VAT.
"""


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
    order_number: str | UnsetType
    order_placed_on: date
    language: str
    """The buyer's, who is the seller of the goods where a fee is invoiced."""
    seller: Party
    buyer: Party
    ship_to: Party | None = None
    delivered_on: date | None = None
    supply_from: date | UnsetType = UNSET
    supply_until: date | UnsetType = UNSET
    called_off: bool | UnsetType = UNSET
    items: tuple[SoldItem, ...]
    currency: str
    payment_note: str
    notes: tuple[str, ...]
    corrects: str | None = None
    """The number of the invoice that a credit note is about."""
    corrects_of: date | None = None
    """The day of that invoice."""
    invoiced: tuple[TaxBreakdown, ...] = ()
    """What that invoice comes to, by category and rate."""

    @property
    def key(self) -> tuple[InvoiceAbout, UUID, UUID | None]:
        """What there is one document of a kind for."""
        return self.about, self.order_id, self.refund_id


def sale(order: OrderPaid, supplier: Supplier) -> Draft:
    """The invoice of a paid order. Raises InvoiceDiffers."""
    language = order.language or UNKNOWN
    sold = [(line.title, line.quantity, line.unit_price.amount, str(line.id)) for line in order.lines]
    if order.postage is not None and order.postage.amount:
        sold.append((labels_for(language)["postage"], 1, order.postage.amount, POSTAGE_LINE))
    items = tuple(
        SoldItem(
            name=name,
            quantity=quantity,
            unit_price=unit_price,
            category=supplier.category,
            rate=supplier.rate,
            exemption_reason=supplier.exemption_reason,
            order_line=order_line,
        )
        for name, quantity, unit_price, order_line in sold
    )
    _same_sum(items, order.amount.amount, order.order_id)
    ship_to = _party(order.address)
    return Draft(
        order_id=order.order_id,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        purchase_id=str(order.purchase_id),
        order_number=order.number,
        order_placed_on=order.placed_at.date(),
        language=language,
        seller=supplier.party,
        buyer=_buyer(order) or ship_to,
        ship_to=ship_to,
        supply_from=order.paid_at.date(),
        supply_until=max(order.paid_at, order.ship_by).date(),
        items=items,
        currency=order.amount.currency,
        payment_note=labels_for(language)["paid_by_wallet"],
        notes=(),
    )


def cancelled(invoice: Invoice, order: OrderCancelled) -> Draft:
    """The credit note over all that was not given back of the invoice before. Raises InvoiceDiffers."""
    document = _document(invoice)
    items = (
        _given_back(document, order.back, order.postage)
        if order.back or (order.postage is not None and order.postage == order.amount)
        else tuple(_again(document, line) for line in document.lines)
    )
    _same_sum(items, order.amount.amount, order.order_id)
    note = _words(document)["order_cancelled"].format(number=order.number)
    draft = _correction(invoice, document, items, note, order_number=order.number)
    return replace(draft, supply_from=UNSET, supply_until=UNSET, called_off=True)


def refunded(invoice: Invoice, refund: RefundBooked) -> Draft:
    """The credit note over a part of the invoice. Raises InvoiceDiffers."""
    document = _document(invoice)
    items = _given_back(document, refund.lines, refund.postage)
    _same_sum(items, refund.amount.amount, refund.order_id)
    note = _words(document)["part_of_order"].format(number=refund.number)
    return _correction(
        invoice, document, items, note, refund.reason, order_number=refund.number, refund_id=refund.refund_id
    )


def fee(sold: Invoice, amount: int, day: date, marketplace: Supplier, seller: Supplier) -> Draft:
    """The invoice of the fee on an order that was invoiced as `sold` and settled on this day."""
    document = _document(sold)
    category, rate = fee_tax(marketplace, seller.party)
    language = seller.language or UNKNOWN
    words = labels_for(language)
    return Draft(
        about="fee",
        order_id=sold.order_id,
        buyer_id=sold.seller_id,
        seller_id=MARKETPLACE_ID,
        purchase_id=document.purchase_id,
        order_number=document.order_number,
        order_placed_on=document.order_placed_on,
        language=language,
        seller=marketplace.party,
        buyer=seller.party,
        delivered_on=day,
        items=(SoldItem(words["fee"], 1, amount, category, rate),),
        currency=sold.currency,
        payment_note=words["fee_kept"],
        notes=(words["fee_for_sale"].format(number=sold.number),),
    )


def fee_refunded(invoice: Invoice, refund: RefundBooked) -> Draft:
    """The credit note over the part of the fee that was given back with a refund."""
    document = _document(invoice)
    [line] = document.lines
    item = SoldItem(line.name, 1, refund.fee.amount, line.category, line.rate)
    note = _words(document)["part_of_order"].format(number=refund.number)
    return _correction(invoice, document, (item,), note, order_number=refund.number, refund_id=refund.refund_id)


def _correction(
    invoice: Invoice,
    document: Document,
    items: tuple[SoldItem, ...],
    *notes: str,
    order_number: str,
    refund_id: UUID | None = None,
) -> Draft:
    """In the language of the invoice, and with its date of supply."""
    return Draft(
        about="fee" if invoice.about == "fee" else "sale",
        order_id=invoice.order_id,
        buyer_id=invoice.buyer_id,
        seller_id=invoice.seller_id,
        refund_id=refund_id,
        purchase_id=document.purchase_id,
        order_number=order_number,
        order_placed_on=document.order_placed_on,
        language=document.language or UNKNOWN,
        seller=document.seller,
        buyer=document.buyer,
        ship_to=document.ship_to,
        delivered_on=document.delivered_on,
        supply_from=document.supply_from,
        supply_until=document.supply_until,
        items=items,
        currency=document.currency,
        payment_note=_words(document)["fee_refunded" if invoice.about == "fee" else "refunded_to_wallet"],
        notes=tuple(note for note in notes if note),
        corrects=document.number,
        corrects_of=document.issued_on,
        invoiced=document.taxes,
    )


def _document(invoice: Invoice) -> Document:
    return msgspec.json.decode(invoice.document, type=Document)


def _words(document: Document) -> Mapping[str, str]:
    return labels_for(document.language or "")


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


def _given_back(document: Document, back: Sequence[RefundLine], postage: Money | None) -> tuple[SoldItem, ...]:
    """Units at their price where the amount allows it, else a part of the price; then postage, or a part of it."""
    lines = {line.order_line: line for line in document.lines}
    items = []
    wanted = [(str(part.line_id), part.title, part.quantity, part.amount.amount) for part in back]
    if postage is not None and postage.amount:
        wanted.append((POSTAGE_LINE, "", int(postage.amount == lines[POSTAGE_LINE].amount), postage.amount))
    for line_id, title, quantity, amount in wanted:
        # Invoices from before their lines named the order's lines have one VAT category and rate.
        line = lines.get(line_id) or msgspec.structs.replace(document.lines[0], name=title)
        item = _again(document, line)
        if quantity and amount % quantity == 0:
            item = msgspec.structs.replace(item, quantity=quantity, unit_price=amount // quantity)
        else:
            name = _words(document)["part_of_price"].format(name=item.name)
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
