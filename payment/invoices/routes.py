"""Routes of invoices."""

import asyncio
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get
from litestar.params import Parameter

from payment.invoices import bulk, reading
from payment.invoices.bulk import Month, Side
from payment.invoices.reading import Role
from payment.invoices.stored_pdfs import StoredPdfs
from souk.contracts.payment.invoices import InvoiceMonth, InvoicePage, InvoiceSummary
from souk.database import ReadSession
from souk.errors import Unavailable
from souk.http import Identity, Kernel
from souk.paging import CURSOR_CHARS_MAX, PAGE_MAX

ARCHIVES_MAX = 2
"""Archives packed at once, for each is held in memory."""

archiving = asyncio.Semaphore(ARCHIVES_MAX)

WantedMonth = Annotated[
    str,
    Parameter(
        min_length=7,
        max_length=7,
        description="Of the date of issue, like 2026-11",
        schema_extra={"pattern": f"^{bulk.MONTH}$"},
    ),
]
Part = Annotated[int, Parameter(ge=1, le=bulk.PARTS_MAX)]


class InvoiceRoutes(Controller):
    """Invoices and credit notes of the caller, as buyer or seller; and of the marketplace, for admins."""

    path = "/invoices"
    tags = ("Invoices",)

    @get(operation_id="listInvoices", summary="Your invoices and credit notes")
    async def list_invoices(
        self,
        *,
        identity: Identity,
        reader: ReadSession,
        role: Role = "any",
        order_id: UUID | None = None,
        cursor: Annotated[str | None, Parameter(max_length=CURSOR_CHARS_MAX)] = None,
        limit: Annotated[int, Parameter(ge=1, le=PAGE_MAX)] = 20,
    ) -> InvoicePage:
        """Documents of your purchases and sales, newest first; the marketplace's own for admins (`marketplace`)."""
        owned = reading.owned(identity, role)
        return await reading.page(reader, owned, order_id=order_id, cursor=cursor, limit=limit)

    @get("/months", operation_id="listInvoiceMonths", summary="Months in which you have documents")
    async def months(self, identity: Identity, reader: ReadSession, role: Side = "seller") -> list[InvoiceMonth]:
        """What you issued as a seller, or what was issued to you (`buyer`: purchases, and fees of your sales).

        `marketplace`, for admins, is what the marketplace issued: its fees, and credit notes to them.
        """
        return await bulk.months(reader, reading.owned(identity, role))

    @get(
        "/archive",
        operation_id="getInvoiceArchive",
        summary="A month's documents as a ZIP of PDFs",
        media_type="application/zip",
    )
    async def archive(
        self,
        *,
        identity: Identity,
        kernel: Kernel,
        pdfs: StoredPdfs,
        month: WantedMonth,
        role: Side = "seller",
        part: Part = 1,
    ) -> Response[bytes]:
        """In parts of 200 documents, in the order they were issued."""
        owned = reading.owned(identity, role)
        if archiving.locked():
            raise Unavailable(
                "Many documents are being packed just now. Try again in a moment.", code="documents-being-packed"
            )
        async with archiving:
            async with kernel.database.reading() as reader:
                invoices = await bulk.part_of(reader, owned, Month.parse(month), part=part, size=bulk.ARCHIVE_PART)
                await bulk.check_drawn(reader, invoices)
            content = await bulk.archive(pdfs, invoices)
        return _file(content, f"invoices-{month}-{role}-{part}.zip", "application/zip")

    @get(
        "/journal",
        operation_id="getInvoiceJournal",
        summary="A month's documents as a CSV journal",
        media_type="text/csv",
    )
    async def journal(
        self, identity: Identity, reader: ReadSession, month: WantedMonth, role: Side = "seller", part: Part = 1
    ) -> Response[bytes]:
        """A row per document and VAT rate, credit notes negative; in parts of 5,000 documents."""
        owned = reading.owned(identity, role)
        invoices = await bulk.part_of(reader, owned, Month.parse(month), part=part, size=bulk.JOURNAL_PART)
        content = bulk.journal(invoices).encode()
        return _file(content, f"journal-{month}-{role}-{part}.csv", "text/csv")

    @get("/{invoice_id:uuid}", operation_id="getInvoice", summary="One invoice or credit note")
    async def show(self, identity: Identity, reader: ReadSession, invoice_id: UUID) -> InvoiceSummary:
        """What a list shows of it; for its buyer, its seller and admins."""
        return reading.summary(await reading.find(reader, identity, invoice_id))

    @get(
        "/{invoice_id:uuid}/pdf",
        operation_id="getInvoicePdf",
        summary="An invoice or credit note as a PDF",
        media_type="application/pdf",
    )
    async def pdf(
        self,
        identity: Identity,
        kernel: Kernel,
        pdfs: StoredPdfs,
        invoice_id: UUID,
        known: Annotated[str | None, Parameter(header="If-None-Match", max_length=200)] = None,
    ) -> Response[bytes]:
        """The same document always gives the same bytes, so its ETag never changes."""
        async with kernel.database.reading() as reader:  # given back before a document may have to be drawn
            invoice = await reading.find(reader, identity, invoice_id)
        drawn = await pdfs.pdf(invoice)
        headers = {
            "etag": f'"{drawn.content_hash}"',
            "cache-control": "private, no-store",
            "content-disposition": f'attachment; filename="{invoice.number}.pdf"',
        }
        if known is not None and drawn.content_hash in known:
            return Response(b"", status_code=304, headers=headers, media_type="application/pdf")
        return Response(drawn.content, headers=headers, media_type="application/pdf")


def _file(content: bytes, name: str, kind: str) -> Response[bytes]:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "private, no-store"}
    return Response(content, headers=headers, media_type=kind)
