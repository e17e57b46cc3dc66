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
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from payment.invoices.labels import labels_for
from payment.invoices.rounding import half_up, share_net, tax_given_back, tax_within
from souk.money import EXPONENTS, exponent

Kind = Literal["invoice", "credit_note"]
TaxCategory = Literal["S", "Z", "E", "AE", "O"]  # of UNTDID 5305
TaxKey = tuple[TaxCategory, int]  # a category and its rate in basis points

TYPE_CODES: dict[Kind, int] = {"invoice": 380, "credit_note": 381}  # UNTDID 1001, as BT-3 allows
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


class Party(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Seller (BG-4) or buyer (BG-7) as they were when the document was issued.

    `country` is ISO 3166-1 alpha-2 (BT-40, BT-55), `vat_id` starts with a country prefix (BT-31, BT-48), `tax_number`
    is the one of a business without a VAT identifier (BT-32), `identifier` is Souk's own name for it (BT-29, BT-46),
    which a seller without any other must have (BR-CO-26), `contact` is the person at a company (BT-41, BT-56).
    """

    name: str  # BT-27, BT-44
    country: str
    address_lines: tuple[str, ...] = ()  # BT-35, BT-36, BT-162; BT-50, BT-51, BT-163
    postcode: str = ""  # BT-38, BT-53
    city: str = ""  # BT-37, BT-52
    vat_id: str | None = None
    email: str | None = None  # BT-43, BT-58
    is_business: bool = False
    identifier: str = ""
    contact: str = ""
    tax_number: str = ""


class SoldItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a caller asks to be invoiced: `unit_price` is what the buyer paid for one unit, VAT included."""

    name: str
    quantity: int
    unit_price: int
    category: TaxCategory = "O"
    rate: int = 0  # basis points: 1900 is 19 %
    exemption_reason: str = ""  # for category E; AE and O have theirs
    order_line: str = ""


class Discount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a caller asks to be taken off the lines of one VAT category and rate: `amount` includes VAT."""

    reason: str
    amount: int
    category: TaxCategory = "O"
    rate: int = 0


class Uncredited(NamedTuple):
    """What credit notes have not given back yet of an invoice's category and rate."""

    gross: int
    tax: int


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

    kind: Kind
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


def build_document(
    *,
    kind: Kind,
    number: str,
    issued_on: date,
    currency: str,
    seller: Party,
    buyer: Party,
    order_id: str,
    purchase_id: str,
    order_placed_on: date,
    items: Sequence[SoldItem],
    order_url: str,
    delivery_note: str = "",
    payment_note: str = "",
    ship_to: Party | None = None,
    delivered_on: date | None = None,
    preceding_number: str | None = None,
    preceding_issued_on: date | None = None,
    notes: Sequence[str] = (),
    discounts: Sequence[Discount] = (),
    paid: int | None = None,
    uncredited: Mapping[TaxKey, Uncredited] | None = None,
    language: str | UnsetType = UNSET,
    order_number: str | UnsetType = UNSET,
    supply_from: date | UnsetType = UNSET,
    supply_until: date | UnsetType = UNSET,
    called_off: bool | UnsetType = UNSET,
) -> Document:
    """Compute lines, allowances, VAT breakdown and totals from prices that include VAT.

    The total with VAT is always the sum of the items' prices less the discounts, to the minor unit. VAT is taken out
    of what a category and rate comes to as a whole, rounded half up. Each net amount of a line, then of an allowance,
    is rounded on the running sum of its category, so that the remainder goes to the next and the last one closes the
    sum. BT-117 may therefore differ by one minor unit from BT-116 times BT-119 (0.03 at 19 % has no net amount that
    fits), which BR-CO-17 and BR-S-09 tolerate.

    `uncredited` is what earlier credit notes left of the same invoice: all credit notes together give back exactly its net
    amounts and its VAT (`tax_given_back`). Without it, or beyond what is left, a credit note is computed like an invoice.

    `paid` is what was paid when the document was issued (given back, for a credit note); None means everything.
    The buyer's VAT identifier is left out of a document of category O, as BR-O-02 demands.
    Raises a subclass of InvalidDocument for whatever cannot be invoiced.
    """
    _check_currency(currency)
    _check_items(items)
    _check_tax(items, seller, buyer)
    _check_discounts(items, discounts)
    if (kind == "credit_note") != (preceding_number is not None):
        raise PrecedingInvoiceMissing("A credit note, and only a credit note, names the invoice it corrects.")
    _check_supply(delivered_on, supply_from, supply_until)
    left = {} if discounts else dict(uncredited or {})  # what Souk credits has no discounts
    lines = _lines(items, left)
    allowances = _allowances(items, discounts)
    if items[0].category == "O" and buyer.vat_id is not None:
        buyer = msgspec.structs.replace(buyer, vat_id=None)
    taxes = _taxes(items, allowances, seller, left, language or "")
    return Document(
        kind=kind,
        number=number,
        issued_on=issued_on,
        currency=currency,
        seller=seller,
        buyer=buyer,
        order_id=order_id,
        purchase_id=purchase_id,
        order_placed_on=order_placed_on,
        lines=lines,
        taxes=taxes,
        totals=_totals(lines, allowances, taxes, paid),
        order_url=order_url,
        delivery_note=delivery_note,
        payment_note=payment_note,
        ship_to=ship_to,
        delivered_on=delivered_on,
        preceding_number=preceding_number,
        preceding_issued_on=preceding_issued_on,
        notes=tuple(notes),
        allowances=allowances,
        language=language,
        order_number=order_number,
        supply_from=supply_from,
        supply_until=supply_until,
        called_off=called_off,
    )


def _check_currency(currency: str) -> None:
    if currency not in EXPONENTS:
        raise UnknownCurrency(f"{currency!r} is not a currency of ISO 4217.")


def _check_items(items: Sequence[SoldItem]) -> None:
    if not 1 <= len(items) <= MAX_LINES:
        raise WrongNumberOfLines(f"A document has 1 to {MAX_LINES} lines, not {len(items)}.")
    for item in items:
        if item.quantity < 1 or item.unit_price < 0 or not 0 <= item.rate <= 10_000:
            raise InvalidItem(f"{item.name!r} has an impossible quantity, price or VAT rate.")


def _check_supply(delivered_on: date | None, supply_from: date | UnsetType, supply_until: date | UnsetType) -> None:
    if not supply_from or not supply_until:
        return
    if delivered_on is not None or supply_until < supply_from:
        raise SupplyUnclear(f"Supplied on {delivered_on}, or from {supply_from} until {supply_until}.")


def _check_discounts(items: Sequence[SoldItem], discounts: Sequence[Discount]) -> None:
    left = _gross_sums(items)
    for discount in discounts:
        key = (discount.category, discount.rate)
        left[key] = left.get(key, 0) - discount.amount
        if discount.amount < 1 or left[key] < 0:
            raise InvalidDiscount(f"{discount.reason!r} takes off nothing, or more than there is.")


def _check_tax(items: Sequence[SoldItem], seller: Party, buyer: Party) -> None:
    categories = {item.category for item in items}
    if not seller.is_business and categories != {"O"}:
        raise PrivateSellerChargesTax("A private seller charges no VAT: every line has category O.")
    if "O" in categories and len(categories) > 1:
        raise TaxCategoryMismatch("Category O cannot stand beside another category.")
    if seller.vat_id if "O" in categories else not (seller.vat_id or seller.tax_number):
        raise SellerVatId("Lines with VAT need the seller's VAT identifier or tax number, lines outside VAT forbid it.")
    if "AE" in categories and not buyer.vat_id:
        raise BuyerVatId("Reverse charge needs the buyer's VAT identifier.")
    for item in items:
        if (item.rate > 0) != (item.category == "S"):
            raise TaxCategoryMismatch("Category S has a rate above zero, every other category the rate zero.")
        if bool(item.exemption_reason.strip()) != (item.category == "E"):
            raise TaxCategoryMismatch("Category E, and no other, states why it is exempt.")


def _gross_sums(items: Sequence[SoldItem]) -> dict[TaxKey, int]:
    """What the items of each category and rate come to, VAT included."""
    sums: dict[TaxKey, int] = {}
    for item in items:
        key = (item.category, item.rate)
        sums[key] = sums.get(key, 0) + item.quantity * item.unit_price
    return sums


def _lines(items: Sequence[SoldItem], uncredited: Mapping[TaxKey, Uncredited]) -> tuple[InvoiceLine, ...]:
    sums = _gross_sums(items)
    sold: dict[TaxKey, int] = {}
    lines = []
    for position, item in enumerate(items, start=1):
        key = (item.category, item.rate)
        before = sold.get(key, 0)
        amount = item.quantity * item.unit_price
        sold[key] = before + amount
        if key in uncredited and sums[key]:
            net = sums[key] - _tax_of(key, sums[key], uncredited)
            net_amount = half_up(sold[key] * net, sums[key]) - half_up(before * net, sums[key])
        else:
            net_amount = share_net(before, amount, item.rate)
        lines.append(
            InvoiceLine(
                id=str(position),
                name=item.name,
                quantity=item.quantity,
                unit_price=item.unit_price,
                unit_price_net=half_up(net_amount, item.quantity),
                amount=amount,
                net_amount=net_amount,
                category=item.category,
                rate=item.rate,
                order_line=item.order_line,
            )
        )
    return tuple(lines)


def _allowances(items: Sequence[SoldItem], discounts: Sequence[Discount]) -> tuple[Allowance, ...]:
    left = _gross_sums(items)
    allowances = []
    for discount in discounts:
        key = (discount.category, discount.rate)
        left[key] -= discount.amount
        net_amount = share_net(left[key], discount.amount, discount.rate)
        allowances.append(Allowance(discount.reason, discount.amount, net_amount, discount.category, discount.rate))
    return tuple(allowances)


def _taxes(
    items: Sequence[SoldItem],
    allowances: Sequence[Allowance],
    seller: Party,
    uncredited: Mapping[TaxKey, Uncredited],
    language: str,
) -> tuple[TaxBreakdown, ...]:
    """One breakdown per category and rate, highest rate first (BR-S-08 and its siblings)."""
    sold = _gross_sums(items)
    reasons: dict[TaxKey, list[str]] = {}
    for item in items:
        key = (item.category, item.rate)
        reason = _exemption_reason(item, seller, language)
        if reason and reason not in reasons.setdefault(key, []):
            reasons[key].append(reason)
    for allowance in allowances:
        sold[allowance.category, allowance.rate] -= allowance.amount
    breakdowns = []
    for category, rate in sorted(sold, key=lambda key: (-key[1], key[0])):
        gross = sold[category, rate]
        tax = _tax_of((category, rate), gross, uncredited)
        reason = "; ".join(reasons.get((category, rate), []))
        breakdowns.append(TaxBreakdown(category, rate, gross - tax, tax, reason))
    return tuple(breakdowns)


def _tax_of(key: TaxKey, gross: int, uncredited: Mapping[TaxKey, Uncredited]) -> int:
    """VAT within all that a document says of a category and rate."""
    left = uncredited.get(key)
    if left is None or left.gross < gross:
        return tax_within(gross, key[1])
    return tax_given_back(gross, key[1], left.gross, left.tax)


def _exemption_reason(item: SoldItem, seller: Party, language: str) -> str:
    words = labels_for(language)
    if item.category == "O":
        return words["O"] if seller.is_business else words["private_seller"]
    if item.category == "AE":
        return words["reverse_charge"]
    return item.exemption_reason.strip()


def _totals(
    lines: Sequence[InvoiceLine], allowances: Sequence[Allowance], taxes: Sequence[TaxBreakdown], paid: int | None
) -> Totals:
    """BR-CO-10, -11, -13, -14, -15 and -16."""
    line_sum = sum(line.net_amount for line in lines)
    allowed = sum(allowance.net_amount for allowance in allowances)
    tax = sum(breakdown.tax for breakdown in taxes)
    total = line_sum - allowed + tax
    paid_amount = total if paid is None else paid
    if not 0 <= paid_amount <= total:
        raise PaidTooMuch(f"Paid {paid_amount} of {total} minor units.")
    return Totals(line_sum, line_sum - allowed, tax, total, paid_amount, total - paid_amount, allowed)
