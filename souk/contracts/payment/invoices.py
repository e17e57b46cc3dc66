"""Documents and the legal profiles on them."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from souk.contracts.payment.events import InvoiceAbout, InvoiceKind
from souk.contracts.store.events import VAT_ID_CHARS_MAX, Address
from souk.money import Money

TaxCategory = Literal["S", "Z", "E", "O"]
"""VAT categories of UNTDID 5305: standard or reduced rate, zero rated, exempt, not subject to VAT."""


class InvoiceSummary(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice or credit note in a list."""

    id: UUID
    number: str
    kind: InvoiceKind
    order_id: UUID
    seller_id: UUID
    buyer_id: UUID
    total: Money
    issued_on: date
    corrects: str | None
    """The number of the invoice that a credit note corrects."""
    about: InvoiceAbout = "sale"
    seller_name: str = ""
    """As the document says it."""
    buyer_name: str = ""
    """As the document says it."""


class InvoiceMonth(msgspec.Struct, frozen=True, kw_only=True):
    """A month in which documents were issued."""

    month: str
    """As `2026-11`."""
    documents: int
    parts: int
    """How many ZIP files they fill."""
    journals: int
    """How many CSV journals they fill."""


TAX_NUMBER_CHARS_MAX, EXEMPTION_REASON_CHARS_MAX = 40, 200


class LegalProfile(msgspec.Struct, frozen=True, kw_only=True):
    """Who a user is on documents: as the seller of all later invoices, and as the first choice for billing."""

    address: Address
    """The legal name and address."""
    is_business: bool = False
    """A private person charges no VAT: the fields below are then empty and the category is `O`."""
    vat_id: Annotated[str, Meta(max_length=VAT_ID_CHARS_MAX)] = ""
    """Checked for form and check digits; kept with its country's prefix."""
    tax_number: Annotated[str, Meta(max_length=TAX_NUMBER_CHARS_MAX)] = ""
    """Of a business that has no VAT number."""
    tax_category: TaxCategory = "O"
    tax_rate: Annotated[int, Meta(ge=0, le=5000)] = 0
    """Hundredths of a percent: 1900 is 19 %; it is contained in the prices. Only of category `S`."""
    exemption_reason: Annotated[str, Meta(max_length=EXEMPTION_REASON_CHARS_MAX)] = ""
    """Why no VAT is charged; only of category `E`."""


class InvoicePage(msgspec.Struct, frozen=True, kw_only=True):
    """Invoices, newest first."""

    items: list[InvoiceSummary]
    next_cursor: str | None
