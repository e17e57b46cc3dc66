"""The invoice as data, in the terms and by the arithmetic of EN 16931-1.

BT and BG numbers in the docstrings are the business terms and groups of that standard. Amounts are integers
of minor units of `Document.currency` (cents for EUR, whole yen for JPY). Nothing here knows of PDF or XML.

**Date of supply.** A sale is invoiced when it is paid, before anything was sent, so its date of supply is not known, and
BT-72 (the actual one) is not written. What is known is when it can be: goods are supplied when they are handed to the
carrier (Directive 2006/112/EC, art. 32), which the seller does between the payment and the order's deadline, or the order is
cancelled and credited. That is the delivery period (BG-14). A fee's service is done on the day of the settlement (BT-72).

What issued documents hold is never changed, and neither is what they are hashed to: fields that came later are `UNSET` in
those from before, and then not written.
"""

import hashlib
from datetime import date
from decimal import Decimal

import msgspec
from msgspec import UNSET, UnsetType

from payment.invoices.rounding import half_up
from payment.parties.party import Party, TaxCategory
from souk.contracts.payment.events import InvoiceKind
from souk.money import exponent

TaxKey = tuple[TaxCategory, int]  # a category and its rate in basis points

TYPE_CODES: dict[InvoiceKind, int] = {"invoice": 380, "credit_note": 381}  # UNTDID 1001, as BT-3 allows
EXEMPTION_CODES: dict[TaxCategory, str] = {"AE": "VATEX-EU-AE", "O": "VATEX-EU-O"}  # BT-121, of the CEF code list
UNIT_CODE = "C62"  # UN/ECE Recommendation 20: one piece, BT-130
MAX_LINES = 1000
PRICE_PLACES_MAX = 4  # beyond those of the currency: enough for the thousands of units that a line may have


class InvalidDocument(ValueError):
    """A document that EN 16931 or Souk does not allow; each subclass is one rule."""


class UnknownCurrency(InvalidDocument):
    """The currency is not an ISO 4217 code (BT-5) of money that people pay with."""


class WrongNumberOfLines(InvalidDocument):
    """A document has 1 to MAX_LINES lines (BR-16)."""


class InvalidItem(InvalidDocument):
    """A quantity below one, a negative price, or a VAT rate outside 0 to 100 %."""


class InvalidDiscount(InvalidDocument):
    """A discount of nothing, or of more than the lines of its VAT category and rate come to."""


class TaxCategoryMismatch(InvalidDocument):
    """The rate, the reason or the mix of categories is not allowed (BR-S-05, BR-Z-05, BR-E-10, BR-O-11)."""


class PrivateSellerChargesTax(InvalidDocument):
    """A private seller may only use category O: who is not in business has no VAT to charge."""


class SellerVatId(InvalidDocument):
    """Who charges VAT or is exempt is registered for it (BR-S-02, BR-Z-02, BR-E-02, BR-AE-02); O forbids it (BR-O-02)."""


class BuyerVatId(InvalidDocument):
    """Reverse charge needs the buyer's VAT identifier too (BR-AE-02)."""


class PrecedingInvoiceMissing(InvalidDocument):
    """A credit note names the invoice it corrects, an invoice names none (BG-3)."""


class PaidTooMuch(InvalidDocument):
    """The amount paid is negative or above the total: the amount due (BT-115) would be below zero."""


class SupplyUnclear(InvalidDocument):
    """A period of supply that ends before it begins (BR-29), or stands beside a day of supply."""


class Allowance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Document level allowance (BG-20). `amount` includes VAT."""

    reason: str  # BT-97
    amount: int
    net_amount: int  # BT-92
    category: TaxCategory  # BT-95
    rate: int  # BT-96, basis points


class InvoiceLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Invoice line (BG-25).

    `unit_price` and `amount` include VAT. `net_amount` (BT-131) is exact; the item net price (BT-146) is exactly
    `net_amount` for a base quantity (BT-149) of `quantity`; `unit_price_net` is that for one unit, rounded half
    up, to be read by people.
    """

    id: str  # BT-126
    name: str  # BT-153
    quantity: int  # BT-129, in units of UNIT_CODE
    unit_price: int
    unit_price_net: int
    amount: int
    net_amount: int
    category: TaxCategory  # BT-151
    rate: int  # BT-152, basis points
    order_line: str = ""  # BT-132, the id of the order's line

    @property
    def tax_amount(self) -> int:
        """This line's share of its category's VAT."""
        return self.amount - self.net_amount

    @property
    def net_price(self) -> Decimal:
        """Of one unit, in minor units, with the fewest decimals that give `net_amount` when multiplied by `quantity`."""
        for places in range(PRICE_PLACES_MAX + 1):
            scaled = half_up(self.net_amount * 10**places, self.quantity)
            if half_up(scaled * self.quantity, 10**places) == self.net_amount:
                break
        return Decimal(scaled).scaleb(-places)


class TaxBreakdown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """VAT breakdown (BG-23): one for each pair of category and rate that the lines use."""

    category: TaxCategory  # BT-118
    rate: int  # BT-119, basis points
    taxable: int  # BT-116
    tax: int  # BT-117
    exemption_reason: str = ""  # BT-120

    @property
    def exemption_code(self) -> str:
        """VAT exemption reason code (BT-121), empty where the reason's text says it all."""
        return EXEMPTION_CODES.get(self.category, "")


class Totals(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Document totals (BG-22)."""

    line_sum: int  # BT-106
    tax_exclusive: int  # BT-109
    tax: int  # BT-110
    tax_inclusive: int  # BT-112
    paid: int  # BT-113
    due: int  # BT-115
    allowances: int = 0  # BT-107


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An invoice or credit note (EN 16931 semantic model), complete and immutable.

    A credit note carries positive amounts: its type code (381) says that they are given back.
    """

    kind: InvoiceKind
    number: str  # BT-1
    issued_on: date  # BT-2
    currency: str  # BT-5
    seller: Party
    buyer: Party
    order_id: str  # BT-14, sales order reference
    purchase_id: str  # BT-13, purchase order reference
    order_placed_on: date
    lines: tuple[InvoiceLine, ...]
    taxes: tuple[TaxBreakdown, ...]
    totals: Totals
    order_url: str
    delivery_note: str = ""
    payment_note: str = ""  # BT-82
    ship_to: Party | None = None  # BG-13
    delivered_on: date | None = None  # BT-72
    preceding_number: str | None = None  # BT-25
    preceding_issued_on: date | None = None  # BT-26
    notes: tuple[str, ...] = ()  # BT-22
    allowances: tuple[Allowance, ...] = ()
    language: str | UnsetType = UNSET  # a tag (BCP 47), with the region whose dates and numbers it has
    order_number: str | UnsetType = UNSET  # the short one that people know; BT-14 where it is set
    supply_from: date | UnsetType = UNSET  # BT-73
    supply_until: date | UnsetType = UNSET  # BT-74
    called_off: bool | UnsetType = UNSET  # True: nothing was or will be supplied

    @property
    def type_code(self) -> int:
        """Invoice type code (BT-3)."""
        return TYPE_CODES[self.kind]

    @property
    def currency_exponent(self) -> int:
        """Digits after the decimal point in the currency: 2 for EUR, 0 for JPY, 3 for KWD."""
        return exponent(self.currency)

    def content_hash(self) -> str:
        """SHA-256 (hex) over the canonical JSON of the document: fields sorted, no spaces, UTF-8."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()
