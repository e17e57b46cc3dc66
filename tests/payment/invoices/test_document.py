"""The arithmetic and the rules of invoice documents (EN 16931-1)."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payment.invoices import document as module
from payment.invoices.building import Discount, SoldItem, Uncredited, build_document
from payment.invoices.document import Document, InvoiceLine
from payment.invoices.rounding import DRIFT_MAX, half_up, tax_given_back, tax_within
from payment.parties.party import Party

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


EARLIER = """{"allowances":[],"buyer":{"address_lines":["Rue de l'\u00c9toile 7"],"city":"Paris","contact":"","country":"FR",
"email":null,"identifier":"","is_business":false,"name":"Zo\u00eb M\u00fcller","postcode":"75017","tax_number":"","vat_id":null},
"currency":"EUR","delivered_on":null,"delivery_note":"","issued_on":"2026-11-20","kind":"invoice","lines":[{"amount":1995,
"category":"S","id":"1","name":"Vintage camera, with its case 1","net_amount":1676,"order_line":"","quantity":1,"rate":1900,
"unit_price":1995,"unit_price_net":1676},{"amount":4004,"category":"S","id":"2","name":"\u53e4\u3044\u65e5\u672c\u306e\u30ab\u30e1\u30e9 1","net_amount":3365,
"order_line":"","quantity":2,"rate":1900,"unit_price":2002,"unit_price_net":1683}],"notes":["Order S-ZECH8Q"],
"number":"INV-4XQ7KD-000001","order_id":"356e5b96-4a6c-4bd7-9033-5337724c7c50","order_placed_on":"2026-11-19",
"order_url":"https://souk.example/orders/c97fe3b1-3d31-4643-b777-84d79d82774a","payment_note":"Paid from the buyer's wallet. \
Souk holds the money until the goods have arrived.","preceding_issued_on":null,"preceding_number":null,
"purchase_id":"602deb98-78c4-4f3f-a4ac-7d20ab8831a6","seller":{"address_lines":["Ring 1"],"city":"K\u00f6ln","contact":"",
"country":"DE","email":null,"identifier":"c8f3e33f-d557-4bad-91c0-e84734ace67f","is_business":true,"name":"Rad & M\u00f6bel GmbH",
"postcode":"50823","tax_number":"","vat_id":"DE136695976"},"ship_to":{"address_lines":["Rue de l'\u00c9toile 7"],"city":"Paris",
"contact":"","country":"FR","email":null,"identifier":"","is_business":false,"name":"Zo\u00eb M\u00fcller","postcode":"75017",
"tax_number":"","vat_id":null},"taxes":[{"category":"S","exemption_reason":"","rate":1900,"tax":958,"taxable":5041}],
"totals":{"allowances":0,"due":0,"line_sum":5041,"paid":5999,"tax":958,"tax_exclusive":5041,"tax_inclusive":5999}}""".replace(
    "\n", ""
)
EARLIER_HASH = "cd8baff194e86322d0c62b75b8847c6bbccd942d6898eb0b2ce30b2d650196f1"


def test_what_was_issued_before_documents_had_a_language_keeps_its_text_and_hash() -> None:
    document = msgspec.json.decode(EARLIER, type=Document)
    assert msgspec.json.encode(document, order="sorted").decode() == EARLIER
    assert document.content_hash() == EARLIER_HASH
    assert not (document.language or document.order_number or document.supply_until or document.called_off)


@pytest.mark.parametrize(
    ("quantity", "net", "price"),
    [(1, 1676, "1676"), (3, 6995, "2331.7"), (3, 7000, "2333.3"), (7, 100, "14.3"), (999, 277497_22, "27777.499"),
     (2, 1, "0.5"), (3, 0, "0")],
)  # fmt: skip
def test_the_net_price_of_one_has_the_decimals_that_give_the_net_amount(quantity: int, net: int, price: str) -> None:
    line = InvoiceLine("1", "A", quantity, 0, 0, 0, net, "S", 1900)
    assert line.net_price == Decimal(price)


@given(st.integers(1, 10_000), st.integers(0, 10**9))
def test_a_net_price_times_the_quantity_is_the_net_amount(quantity: int, net: int) -> None:
    price = InvoiceLine("1", "A", quantity, 0, 0, 0, net, "S", 1900).net_price
    assert (price * quantity).quantize(Decimal(1), ROUND_HALF_UP) == net


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
@pytest.mark.parametrize("rate", [1, 400, 550, 700, 1900, 2000, 2300, 2700, 5000])
def test_one_cent_has_no_vat_in_an_invoice_and_in_a_note(rate: int, currency: str) -> None:
    invoice = build([SoldItem("A", 1, 1, "S", rate)], currency=currency)
    left = {
        ("S", rate): Uncredited(89_90, tax_within(89_90, rate) + 1)
    }  # what is left is not what it would be by itself
    note = build(
        [SoldItem("A", 1, 1, "S", rate)],
        kind="credit_note",
        preceding_number="A-1",
        currency=currency,
        uncredited=left,  # type: ignore[arg-type]
    )
    for document in (invoice, note):
        [tax], [line], totals = document.taxes, document.lines, document.totals
        assert (tax.taxable, tax.tax, line.net_amount, line.unit_price_net, totals.tax) == (1, 0, 1, 1, 0)
        assert (totals.line_sum, totals.tax_exclusive, totals.tax_inclusive, totals.paid) == (1, 1, 1, 1)


@settings(max_examples=60)
@given(taxed_items(), st.data())
def test_credit_notes_give_back_what_was_invoiced_and_each_keeps_to_its_rate(
    items: list[SoldItem], data: st.DataObject
) -> None:
    left = {
        (tax.category, tax.rate): Uncredited(tax.taxable + tax.tax, tax.tax)
        for tax in build(items).taxes
        if tax.taxable
    }
    notes = data.draw(st.integers(1, 12))
    while left:
        notes -= 1
        key = sorted(left)[-1]
        biggest = left[key].gross
        amount = (
            data.draw(st.integers(1, data.draw(st.sampled_from([biggest, min(3, biggest)])))) if notes > 0 else biggest
        )
        parts = [amount - amount // 3, amount // 3]
        reason = "Education" if key[0] == "E" else ""
        note = build(
            [SoldItem("A", 1, part, *key, reason) for part in parts],
            kind="credit_note",
            preceding_number="A-1",
            uncredited=left,
        )
        [tax], totals = note.taxes, note.totals
        assert (totals.tax_inclusive, totals.tax_exclusive + totals.tax) == (amount, amount)
        assert totals.line_sum == sum(line.net_amount for line in note.lines) == tax.taxable
        assert all(0 <= line.net_amount <= line.amount for line in note.lines)
        assert tax.tax >= 0 and abs(tax.tax - tax_within(amount, key[1])) <= (1 if amount < biggest else DRIFT_MAX + 1)
        left[key] = Uncredited(biggest - amount, left[key].tax - tax.tax)
        if left[key].gross == 0:
            assert left.pop(key).tax == 0


def test_a_hundred_notes_of_one_cent_give_back_all_of_the_vat_in_between() -> None:
    left, taxes = Uncredited(100, 16), []
    for _ in range(100):
        tax = tax_given_back(1, 1900, left.gross, left.tax)
        taxes.append(tax)
        left = Uncredited(left.gross - 1, left.tax - tax)
        assert abs(left.tax - tax_within(left.gross, 1900)) <= DRIFT_MAX, "no note has to make up for many"
    assert left == (0, 0) and sum(taxes) == 16 and taxes[:15] == [0] * 15


def test_a_last_note_of_one_cent_has_no_vat_either() -> None:
    for total in range(100, 1100):
        tax = tax_within(total, 1900)
        first = tax_given_back(total - 1, 1900, total, tax)
        assert tax_given_back(1, 1900, 1, tax - first) == 0
        assert abs(first - tax_within(total - 1, 1900)) <= 1


@pytest.mark.parametrize(
    ("since", "until", "day"),
    [(date(2026, 11, 20), date(2026, 11, 19), None), (date(2026, 11, 20), date(2026, 11, 27), date(2026, 11, 20))],
)
def test_a_supply_is_on_a_day_or_in_a_period(since: date, until: date, day: date | None) -> None:
    with pytest.raises(module.SupplyUnclear):
        build([SoldItem("A", 1, 1, "Z")], supply_from=since, supply_until=until, delivered_on=day)


def test_reasons_are_in_the_language_of_the_document() -> None:
    private = build([SoldItem("A", 1, 1)], PRIVATE, language="de-DE")
    assert private.taxes[0].exemption_reason == (
        "Der Verk\u00e4ufer ist eine Privatperson: Es wird keine Umsatzsteuer berechnet"
    )
    buyer = msgspec.structs.replace(BUYER, vat_id="FR40303265045")
    reverse = build([SoldItem("A", 1, 1, "AE")], buyer=buyer, language="fr-FR")
    assert reverse.taxes[0].exemption_reason.startswith("Autoliquidation")


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
