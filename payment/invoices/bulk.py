"""A month's documents at once: as a ZIP of PDFs, and as a journal for accounting.

Months are those of the date of issue (UTC). Both are cut into parts, so that neither memory nor an answer grows
with how much somebody sells.
"""

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec
from sqlalchemy import ColumnElement, func, select

from payment.invoices.document import Document
from payment.invoices.reading import Owned
from payment.invoices.stored_pdfs import StoredPdf, StoredPdfs
from payment.invoices.tables import Invoice, InvoicePdf
from souk.contracts.payment.invoices import InvoiceMonth
from souk.database import ReadSession
from souk.errors import InvalidInput, NotFound, Unavailable

Side = Literal["buyer", "seller", "marketplace"]
"""`marketplace`: what it issued itself; for admins."""

ARCHIVE_PART = 200
"""Documents in one ZIP; some 6 MB."""

JOURNAL_PART = 5_000
"""Documents in one journal."""

MONTH = "20[0-9]{2}-(0[1-9]|1[0-2])"

PARTS_MAX = 10_000

MONTHS_MAX = 240
"""Months listed, newest first: twenty years."""

UNDRAWN_MAX = 20
"""Documents of an archive that are drawn while somebody waits; more are left to the sweeper first."""

COLUMNS = (
    "date", "number", "kind", "about", "corrects", "seller", "seller VAT ID", "buyer", "buyer country", "buyer VAT ID",
    "VAT category", "VAT rate", "net", "VAT", "gross", "currency", "order",
)  # fmt: skip
FORMULA = re.compile(r"[=+\-@\t\r]")
"""How a cell begins that spreadsheets would run as a formula (OWASP, CSV injection)."""


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month."""

    first: date
    following: date

    @classmethod
    def parse(cls, text: str) -> "Month":
        """`2026-11`; raises InvalidInput for anything else."""
        if not re.fullmatch(MONTH, text):
            raise InvalidInput("month", "is written like 2026-11", code="not-a-month")
        first = date(int(text[:4]), int(text[5:]), 1)
        return cls(first, date(first.year + first.month // 12, first.month % 12 + 1, 1))


async def months(reader: ReadSession, owned: Owned) -> list[InvoiceMonth]:
    """The months in which somebody got or issued documents, newest first."""
    month = func.to_char(Invoice.issued_on, "YYYY-MM").label("month")
    query = select(month, func.count()).where(_theirs(owned)).group_by(month).order_by(month.desc())
    found = await reader.execute(query.limit(MONTHS_MAX))
    return [
        InvoiceMonth(month=name, documents=count, parts=-(-count // ARCHIVE_PART), journals=-(-count // JOURNAL_PART))
        for name, count in found
    ]


async def part_of(reader: ReadSession, owned: Owned, month: Month, *, part: int, size: int) -> list[Invoice]:
    """The documents of a part, in the order they were issued. Raises NotFound beyond the last one."""
    within: list[ColumnElement[bool]] = [Invoice.issued_on >= month.first, Invoice.issued_on < month.following]
    query = select(Invoice).where(_theirs(owned), *within).order_by(Invoice.issued_on, Invoice.id)
    found = list(await reader.scalars(query.offset((part - 1) * size).limit(size)))
    if not found:
        raise NotFound("No document of yours was issued in that month, or it has fewer parts.", code="no-documents")
    return found


async def check_drawn(reader: ReadSession, invoices: Sequence[Invoice]) -> None:
    """Raises Unavailable while too many of these documents wait to be drawn."""
    ids = [invoice.id for invoice in invoices]
    waiting = select(func.count()).where(InvoicePdf.invoice_id.in_(ids), InvoicePdf.content.is_(None))
    if (await reader.scalar(waiting) or 0) > UNDRAWN_MAX:
        raise Unavailable(
            "Some of these documents are being drawn up just now. Try again in a minute.", code="documents-being-drawn"
        )


async def archive(pdfs: StoredPdfs, invoices: Sequence[Invoice]) -> bytes:
    """A ZIP of their PDFs; the same documents give the same bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as packed:  # PDFs are compressed already
        for invoice in invoices:
            drawn: StoredPdf = await pdfs.pdf(invoice)
            day = invoice.issued_on
            packed.writestr(
                zipfile.ZipInfo(f"{invoice.number}.pdf", (day.year, day.month, day.day, 0, 0, 0)), drawn.content
            )
    return target.getvalue()


def journal(invoices: Sequence[Invoice]) -> str:
    """CSV (RFC 4180) with a row per document and VAT rate; what is credited is negative."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(COLUMNS)
    for invoice in invoices:
        document = msgspec.json.decode(invoice.document, type=Document)
        writer.writerows(_rows(invoice, document))
    return target.getvalue()


def _rows(invoice: Invoice, document: Document) -> list[list[str]]:
    sign = -1 if document.kind == "credit_note" else 1

    def money(amount: int) -> str:
        return f"{Decimal(sign * amount).scaleb(-document.currency_exponent):f}"

    return [
        [
            document.issued_on.isoformat(),
            document.number,
            document.kind,
            invoice.about,
            document.preceding_number or "",
            _safe(document.seller.name),
            document.seller.vat_id or "",
            _safe(document.buyer.name),
            document.buyer.country,
            document.buyer.vat_id or "",
            tax.category,
            f"{Decimal(tax.rate).scaleb(-2):f}",
            money(tax.taxable),
            money(tax.tax),
            money(tax.taxable + tax.tax),
            document.currency,
            document.order_id,
        ]
        for tax in document.taxes
    ]


def _safe(text: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{text}" if FORMULA.match(text) else text


def _theirs(owned: Owned) -> ColumnElement[bool]:
    user_id, side = owned
    return (Invoice.buyer_id if side == "buyer" else Invoice.seller_id) == user_id
