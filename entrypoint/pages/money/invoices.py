"""A user's documents: the latest, and whole months for accounting."""

import asyncio
from datetime import date
from typing import Any, Literal
from uuid import UUID

from litestar import Response, get

from entrypoint.context.layout import PageRequest, render_page
from entrypoint.pages.admin.admins import admin_of
from entrypoint.pages.asking import asker
from entrypoint.pages.money.documents import passed_on
from souk.contracts.payment.invoices import InvoiceMonth, InvoicePage
from souk.contracts.payment.wallets import Terms

PAGE = 20

Side = Literal["seller", "buyer", "marketplace"]


@get("/invoices")
async def show(request: PageRequest, role: str = "seller", cursor: str | None = None) -> Response[Any]:
    """What the user issued or got, newest first, and the months to download; for admins also what the marketplace issued."""
    side: Side = "buyer" if role == "buyer" else "marketplace" if role == "marketplace" else "seller"
    ask = admin_of(request) if side == "marketplace" else asker(request)
    params = {"role": side, "limit": PAGE} | ({"cursor": cursor} if cursor else {})
    listed, months, terms = await asyncio.gather(
        ask.payment("GET", "/invoices", InvoicePage, params=params),
        ask.payment("GET", "/invoices/months", list[InvoiceMonth], params={"role": side}),
        ask.payment("GET", "/terms", Terms),
    )
    context = {
        "active": "invoices",
        "side": side,
        "is_admin": "admin" in ask.user.roles,
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
    params = {"month": month, "role": role, "part": part}
    return await passed_on(asker(request), "/invoices/archive", params=params)


@get("/invoices/journal")
async def journal(request: PageRequest, month: str = "", role: str = "seller", part: str = "1") -> Response[bytes]:
    """A month's documents as CSV."""
    params = {"month": month, "role": role, "part": part}
    return await passed_on(asker(request), "/invoices/journal", params=params)


@get("/invoices/{invoice_id:uuid}/pdf")
async def document(request: PageRequest, invoice_id: UUID) -> Response[bytes]:
    """An invoice or credit note as a PDF."""
    known = request.headers.get("if-none-match")
    headers = {"if-none-match": known} if known else None
    return await passed_on(asker(request), f"/invoices/{invoice_id}/pdf", headers=headers)


ROUTES = [show, archive, journal, document]
