"""The arithmetic and the rules of invoice documents (EN 16931-1)."""

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payment.invoices import document as module
from payment.invoices.document import Discount, Document, Party, SoldItem, build_document
from payment.invoices.rounding import half_up

PRIVATE = Party("Anna Lindqvist", "SE", ("Storgatan 14",), "411 38", "Göteborg")
BUSINESS = Party("Rad GmbH", "DE", ("Ring 1",), "50823", "Köln", vat_id="DE123456789", is_business=True)
BUYER = Party("Nguyễn Thị Phương", "FR", ("12 rue des Martyrs",), "75009", "Paris")


def build(items: list[SoldItem], seller: Party = BUSINESS, **changes: Any) -> Document:
    arguments: dict[str, Any] = {
        "kind": "invoice",
        "number": "A7F3-2026-000012",
        "issued_on": date(2026, 11, 20),
        "currency": "EUR",
        "seller": seller,
        "buyer": BUYER,
        "order_id": "019a9f10-7c3e-7b1a-9d55-3f2a6c1e8b90",
        "purchase_id": "019a9f10-6a11-7c44-8e0f-1b7d90aa4c32",
        "order_placed_on": date(2026, 11, 19),
        "items": items,
        "order_url": "https://souk.example/orders/019a9f10",
    }
    return build_document(**(arguments | changes))


def taxed_items() -> st.SearchStrategy[list[SoldItem]]:
    amounts = {"quantity": st.integers(1, 50), "unit_price": st.integers(0, 10**7)}
    name = st.just("Thing")
    return st.lists(
        st.one_of(
            st.builds(
                SoldItem, name, **amounts, category=st.just("S"), rate=st.sampled_from([1, 550, 700, 1900, 2700, 9999])
            ),
            st.builds(SoldItem, name, **amounts, category=st.just("Z")),
            st.builds(SoldItem, name, **amounts, category=st.just("E"), exemption_reason=st.just("Education")),
        ),
        min_size=1,
        max_size=30,
    )


@given(taxed_items())
def test_the_totals_are_what_the_buyer_paid(items: list[SoldItem]) -> None:
    document = build(items)
    totals, paid = document.totals, sum(item.quantity * item.unit_price for item in items)
    assert totals.tax_inclusive == totals.paid == paid
    assert totals.due == 0
    assert totals.tax_exclusive == totals.line_sum == sum(line.net_amount for line in document.lines)
    assert totals.tax == sum(tax.tax for tax in document.taxes)
    assert totals.tax_exclusive + totals.tax == totals.tax_inclusive


@given(taxed_items())
def test_each_breakdown_sums_its_own_lines(items: list[SoldItem]) -> None:
    document = build(items)
    keys = [(tax.category, tax.rate) for tax in document.taxes]
    assert len(keys) == len(set(keys))
    assert set(keys) == {(line.category, line.rate) for line in document.lines}
    for tax in document.taxes:
        lines = [line for line in document.lines if (line.category, line.rate) == (tax.category, tax.rate)]
        assert tax.taxable == sum(line.net_amount for line in lines)
        assert tax.tax == sum(line.tax_amount for line in lines)
        assert abs(tax.tax - half_up(tax.taxable * tax.rate, 10_000)) <= 1  # BR-CO-17 allows one minor unit


@given(taxed_items())
def test_no_line_strays_more_than_a_minor_unit_from_its_exact_net_amount(items: list[SoldItem]) -> None:
    for line in build(items).lines:
        assert line.net_amount >= 0
        assert line.tax_amount >= 0
        assert abs(line.net_amount * (10_000 + line.rate) - line.amount * 10_000) <= 10_000 + line.rate


def test_many_tiny_lines_do_not_push_the_remainder_below_zero() -> None:
    document = build([SoldItem("Washer", 1, 1, "S", 2000)] * 200)
    assert document.totals.tax_exclusive == 167  # 200 / 1.2 = 166.67
    assert {line.net_amount for line in document.lines} == {0, 1}


def test_a_worked_example() -> None:
    document = build(
        [
            SoldItem("Bicycle", 1, 89900, "S", 1900),
            SoldItem("Manual", 3, 2495, "S", 700),
            SoldItem("Course", 1, 6000, "E", 0, "Education"),
        ]
    )
    assert [(tax.category, tax.rate, tax.taxable, tax.tax) for tax in document.taxes] == [
        ("S", 1900, 75546, 14354),
        ("S", 700, 6995, 490),
        ("E", 0, 6000, 0),
    ]
    assert document.taxes[2].exemption_reason == "Education"
    assert document.lines[1].unit_price_net == 2332  # 69.95 / 3 = 23.3167


@pytest.mark.parametrize(("value", "expected"), [((1, 2), 1), ((3, 2), 2), ((1, 3), 0), ((2, 3), 1), ((0, 7), 0)])
def test_a_half_goes_up(value: tuple[int, int], expected: int) -> None:
    assert half_up(*value) == expected


def test_a_private_seller_charges_no_vat_and_says_why() -> None:
    document = build([SoldItem("Camera", 2, 4550)], PRIVATE, buyer=msgspec.structs.replace(BUYER, vat_id="FR1"))
    (tax,) = document.taxes
    assert (tax.category, tax.taxable, tax.tax) == ("O", 9100, 0)
    assert tax.exemption_reason == "The seller is a private person: no VAT is charged"
    assert document.buyer.vat_id is None  # BR-O-02


@pytest.mark.parametrize(
    ("error", "items", "changes"),
    [
        (module.WrongNumberOfLines, [], {}),
        (module.WrongNumberOfLines, [SoldItem("A", 1, 1, "S", 1900)] * 1001, {}),
        (module.InvalidItem, [SoldItem("A", 0, 1, "S", 1900)], {}),
        (module.InvalidItem, [SoldItem("A", 1, -1, "S", 1900)], {}),
        (module.InvalidItem, [SoldItem("A", 1, 1, "S", 10_001)], {}),
        (module.TaxCategoryMismatch, [SoldItem("A", 1, 1, "S", 0)], {}),
        (module.TaxCategoryMismatch, [SoldItem("A", 1, 1, "Z", 700)], {}),
        (module.TaxCategoryMismatch, [SoldItem("A", 1, 1, "E")], {}),
        (module.TaxCategoryMismatch, [SoldItem("A", 1, 1, "Z", 0, "Because")], {}),
        (module.TaxCategoryMismatch, [SoldItem("A", 1, 1, "S", 1900), SoldItem("B", 1, 1)], {}),
        (module.PrivateSellerChargesTax, [SoldItem("A", 1, 1, "S", 1900)], {"seller": PRIVATE}),
        (module.SellerVatId, [SoldItem("A", 1, 1)], {}),
        (module.UnknownCurrency, [SoldItem("A", 1, 1, "Z")], {"currency": "XQQ"}),
        (module.UnknownCurrency, [SoldItem("A", 1, 1, "Z")], {"currency": "CLF"}),  # a unit of account
        (module.InvalidDiscount, [SoldItem("A", 1, 1, "Z")], {"discounts": [Discount("B", 2, "Z")]}),
        (module.InvalidDiscount, [SoldItem("A", 1, 1, "Z")], {"discounts": [Discount("B", 0, "Z")]}),
        (module.InvalidDiscount, [SoldItem("A", 1, 9, "Z")], {"discounts": [Discount("B", 1, "S", 700)]}),
        (module.BuyerVatId, [SoldItem("A", 1, 1, "AE")], {}),
        (module.PrecedingInvoiceMissing, [SoldItem("A", 1, 1, "Z")], {"kind": "credit_note"}),
        (module.PrecedingInvoiceMissing, [SoldItem("A", 1, 1, "Z")], {"preceding_number": "A-1"}),
        (module.PaidTooMuch, [SoldItem("A", 1, 1, "Z")], {"paid": 2}),
        (module.PaidTooMuch, [SoldItem("A", 1, 1, "Z")], {"paid": -1}),
    ],
)
def test_what_cannot_be_invoiced(error: type[Exception], items: list[SoldItem], changes: dict[str, Any]) -> None:
    with pytest.raises(error):
        build(items, **changes)


@given(taxed_items(), st.data())
def test_discounts_come_off_their_category_and_the_sum_stays_exact(items: list[SoldItem], data: st.DataObject) -> None:
    left: dict[Any, int] = {}
    for item in items:
        key = (item.category, item.rate)
        left[key] = left.get(key, 0) + item.quantity * item.unit_price
    discounts = [Discount("Regular", data.draw(st.integers(1, amount)), *key) for key, amount in left.items() if amount]
    document = build(items, discounts=discounts)
    totals = document.totals
    assert totals.tax_inclusive == sum(left.values()) - sum(discount.amount for discount in discounts)
    assert totals.allowances == sum(allowance.net_amount for allowance in document.allowances)
    assert totals.tax_exclusive == totals.line_sum - totals.allowances
    for tax in document.taxes:
        key = (tax.category, tax.rate)
        lines = sum(line.net_amount for line in document.lines if (line.category, line.rate) == key)
        off = sum(part.net_amount for part in document.allowances if (part.category, part.rate) == key)
        assert tax.taxable == lines - off  # BR-S-08
        assert abs(tax.tax - half_up(tax.taxable * tax.rate, 10_000)) <= 1


def test_reverse_charge_says_so_and_names_both_vat_identifiers() -> None:
    buyer = msgspec.structs.replace(BUYER, vat_id="FR40303265045")
    document = build([SoldItem("Fee", 1, 500, "AE")], buyer=buyer)
    [tax] = document.taxes
    assert (tax.tax, tax.exemption_code, document.buyer.vat_id) == (0, "VATEX-EU-AE", "FR40303265045")
    assert tax.exemption_reason == "Reverse charge: the buyer owes the VAT"


def test_what_was_stored_before_allowances_can_still_be_read() -> None:
    old = msgspec.json.decode(msgspec.json.encode(build([SoldItem("A", 1, 100, "S", 1900)])), type=dict)
    for key in ("allowances", "ship_to", "delivered_on", "preceding_issued_on"):
        del old[key]
    for party in (old["seller"], old["buyer"]):
        for key in ("identifier", "contact", "tax_number"):
            del party[key]
    del old["totals"]["allowances"]
    document = msgspec.json.decode(msgspec.json.encode(old), type=Document)
    assert (document.totals.tax_inclusive, document.allowances) == (100, ())


def test_a_business_needs_its_vat_identifier_to_charge_vat() -> None:
    with pytest.raises(module.SellerVatId):
        build([SoldItem("A", 1, 1, "S", 1900)], msgspec.structs.replace(BUSINESS, vat_id=None))


def test_the_type_code_follows_the_kind() -> None:
    items = [SoldItem("A", 1, 100, "S", 1900)]
    assert build(items).type_code == 380
    assert build(items, kind="credit_note", preceding_number="A-1").type_code == 381


@pytest.mark.parametrize(("currency", "exponent"), [("EUR", 2), ("JPY", 0)])
def test_the_exponent_of_a_currency(currency: str, exponent: int) -> None:
    assert build([SoldItem("A", 1, 100, "S", 1900)], currency=currency).currency_exponent == exponent


def test_the_hash_survives_storage_and_sees_every_change() -> None:
    document = build([SoldItem("A", 1, 100, "S", 1900)])
    stored = msgspec.json.decode(msgspec.json.encode(document), type=Document)
    assert stored == document
    assert stored.content_hash() == document.content_hash()
    assert len(document.content_hash()) == 64
    assert msgspec.structs.replace(document, number="A7F3-2026-000013").content_hash() != document.content_hash()


def test_what_is_not_yet_paid_is_due() -> None:
    totals = build([SoldItem("A", 1, 100, "S", 1900)], paid=40).totals
    assert (totals.paid, totals.due) == (40, 60)
