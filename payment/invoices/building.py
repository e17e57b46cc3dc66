"""Invoices and credit notes computed from what was sold, at prices that include VAT, by the rules of EN 16931."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from payment.invoices.document import (
    MAX_LINES,
    Allowance,
    BuyerVatId,
    Document,
    InvalidDiscount,
    InvalidItem,
    InvoiceLine,
    PaidTooMuch,
    PrecedingInvoiceMissing,
    PrivateSellerChargesTax,
    SellerVatId,
    SupplyUnclear,
    TaxBreakdown,
    TaxCategoryMismatch,
    TaxKey,
    Totals,
    UnknownCurrency,
    WrongNumberOfLines,
)
from payment.invoices.labels import labels_for
from payment.invoices.rounding import half_up, share_net, tax_given_back, tax_within
from payment.parties.party import Party, TaxCategory
from souk.contracts.payment.events import InvoiceKind
from souk.money import EXPONENTS


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


def build_document(
    *,
    kind: InvoiceKind,
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
