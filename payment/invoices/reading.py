"""Who may see which invoices."""

from typing import Literal
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, select, union

from payment.invoices.document import Document
from payment.invoices.tables import Invoice
from payment.parties.selling import MARKETPLACE_ID
from souk import paging
from souk.contracts.payment.invoices import InvoicePage, InvoiceSummary
from souk.database import ReadSession
from souk.errors import NotFound
from souk.http import Identity
from souk.money import Money
from souk.observability.log_fields import note
from souk.paging import Place

Role = Literal["buyer", "seller", "any", "marketplace"]
"""`marketplace`: what it issued itself, its fees and the credit notes to them; for admins."""

Owned = tuple[UUID, Literal["buyer", "seller", "any"]]
"""Whose documents, and on which side."""


def owned(identity: Identity, role: Role) -> Owned:
    """Whose documents the caller asks for. Raises Forbidden for the marketplace's if the caller is no admin."""
    if role == "marketplace":
        identity.require_role("admin")
        return MARKETPLACE_ID, "seller"
    return identity.user(), role


async def page(
    reader: ReadSession, owned: Owned, *, order_id: UUID | None, cursor: str | None, limit: int
) -> InvoicePage:
    """Somebody's invoices as buyer, seller or both, newest first. Raises BadCursor."""
    user_id, role = owned
    listed = paging.checksum("invoices", user_id, role, order_id)
    sides: dict[str, ColumnElement[bool]] = {
        "buyer": Invoice.buyer_id == user_id,
        "seller": Invoice.seller_id == user_id,
    }
    narrowed = [Invoice.order_id == order_id] if order_id else []
    narrowed += paging.behind(paging.place_of(cursor, Place, listed), Invoice.id)
    # Each side has its own index, so each side gives its newest and the union is short.
    newest = [
        select(Invoice.id).where(side, *narrowed).order_by(Invoice.id.desc()).limit(limit + 1).subquery()
        for name, side in sides.items()
        if role in (name, "any")
    ]
    ids = union(*(select(part.c.id) for part in newest)).subquery()
    query = select(Invoice).join(ids, ids.c.id == Invoice.id).order_by(Invoice.id.desc()).limit(limit + 1)
    found = (await reader.scalars(query)).all()
    following = paging.next_cursor(found, limit, lambda invoice: Place(listed, invoice.id))
    return InvoicePage(items=[summary(invoice) for invoice in found[:limit]], next_cursor=following)


async def find(reader: ReadSession, identity: Identity, invoice_id: UUID) -> Invoice:
    """An invoice for its buyer, its seller or an admin; to anybody else it does not exist (NotFound)."""
    user_id = identity.user()
    invoice = await reader.get(Invoice, invoice_id)
    if invoice is None or (user_id not in (invoice.buyer_id, invoice.seller_id) and "admin" not in identity.roles):
        raise NotFound("There is no such invoice among yours.", code="invoice-not-yours")
    note({"order_id": (str(invoice.order_id),)})
    return invoice


def summary(invoice: Invoice) -> InvoiceSummary:
    """What a list shows."""
    document = msgspec.json.decode(invoice.document, type=Document)
    return InvoiceSummary(
        id=invoice.id,
        number=invoice.number,
        kind=invoice.kind,
        order_id=invoice.order_id,
        seller_id=invoice.seller_id,
        buyer_id=invoice.buyer_id,
        total=Money(invoice.total, invoice.currency),
        issued_on=invoice.issued_on,
        corrects=invoice.corrects,
        about=invoice.about,
        seller_name=document.seller.name,
        buyer_name=document.buyer.name,
    )
