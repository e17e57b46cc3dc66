"""A user's documents: the latest, and whole months for accounting."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, get

from entrypoint.clients.payment import InvoiceSide
from entrypoint.context.layout import PageRequest, render_page
from entrypoint.pages.admin.admins import admin_of
from entrypoint.pages.member_context import member_context
from entrypoint.pages.money.documents import passed_on

PAGE = 20


@get("/invoices")
async def show(request: PageRequest, role: str = "seller", cursor: str | None = None) -> Response[Any]:
    """What the user issued or got, newest first, and the months to download; for admins also what the marketplace issued."""
    side: InvoiceSide = "buyer" if role == "buyer" else "marketplace" if role == "marketplace" else "seller"
    member = admin_of(request) if side == "marketplace" else member_context(request)
    listed, months, terms = await asyncio.gather(
        member.payment.list_invoices(member.identity, side, limit=PAGE, cursor=cursor or None),
        member.payment.list_invoice_months(member.identity, side),
        member.payment.get_terms(member.identity),
    )
    context = {
        "active": "invoices",
        "side": side,
        "is_admin": "admin" in member.user.roles,
        "invoices": listed.items,
        "months": [(month, date.fromisoformat(f"{month.month}-01")) for month in months],
        "years": terms.invoice_retention_years,
        "first": f"/invoices?role={side}" if cursor else "",
        "next": f"/invoices?role={side}&cursor={listed.next_cursor}" if listed.next_cursor else "",
    }
    return await render_page(request, "pages/money/invoices.html", context)


@get("/invoices/archive")
async def archive(request: PageRequest, month: str = "", role: str = "seller", part: str = "1") -> Response[bytes]:
    """A month's documents as a ZIP of PDFs."""
    member = member_context(request)
    return passed_on(await member.payment.get_invoice_archive(member.identity, month, role, part))


@get("/invoices/journal")
async def journal(request: PageRequest, month: str = "", role: str = "seller", part: str = "1") -> Response[bytes]:
    """A month's documents as CSV."""
    member = member_context(request)
    return passed_on(await member.payment.get_invoice_journal(member.identity, month, role, part))


@get("/invoices/{invoice_id:uuid}/pdf")
async def document(request: PageRequest, invoice_id: UUID) -> Response[bytes]:
    """An invoice or credit note as a PDF."""
    member, known = member_context(request), request.headers.get("if-none-match")
    return passed_on(await member.payment.get_invoice_pdf(member.identity, invoice_id, known))


ROUTES = [show, archive, journal, document]
