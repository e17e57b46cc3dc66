"""Fees are invoiced, parts are credited, and all credit notes together give back exactly what was invoiced."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text

from payment.app import consumers as all_consumers
from payment.invoices.document import Document
from payment.invoices.numbering import short_code
from payment.parties.selling import MARKETPLACE_ID
from payment.settings import PaymentSettings
from souk.contracts.payment.events import RefundBooked
from souk.contracts.payment.invoices import LegalProfile
from souk.contracts.store.events import (
    Address,
    BillingDetails,
    OrderPaid,
    PaymentRequested,
    RefundLine,
    RefundRequested,
)
from souk.database import Database
from souk.events import Consumer
from souk.ids import new_id
from tests.payment.builders import cancelled, delivered, eur, fund, handle, lines, message, now, paid, payment
from tests.payment.conftest import Service
from tests.payment.escrow.test_escrow import told
from tests.payment.invoices.conftest import Captured
from tests.payment.invoices.test_issuing import INVOICES, issued

CREDIT_NOTES, FEES = "payment.credit-notes", "payment.fee-invoices"
RAD = Address(name="Rad GmbH", line1="Ring 1", postcode="50823", city="Köln", country="DE")
BUSINESS = LegalProfile(address=RAD, is_business=True, vat_id="DE136695976", tax_category="S", tax_rate=1900)


async def give_profile(service: Service, user_id: UUID, profile: LegalProfile = BUSINESS) -> None:
    content = msgspec.json.encode(profile)
    answer = await service.ask(
        "PUT", "/me/legal-profile", user_id, content=content, headers={"accept-language": "nl, pl-PL;q=0.9"}
    )
    assert answer.status_code == 200, answer.text


async def documents(database: Database, about: str = "sale", kind: str = "credit_note") -> list[Document]:
    rows = await issued(database)
    chosen = [row for row in rows if (row["about"], row["kind"]) == (about, kind)]
    return [msgspec.json.decode(row["document"], type=Document) for row in chosen]


def asked(request: PaymentRequested, order: OrderPaid, amount: int, source: Any = "escrow") -> RefundRequested:
    """A part of the price of the order's only line."""
    line = RefundLine(line_id=order.lines[0].id, title=order.lines[0].title, quantity=0, amount=eur(amount))
    return RefundRequested(
        refund_id=new_id(),
        order_id=order.order_id,
        buyer_id=request.buyer_id,
        seller_id=order.seller_id,
        number=order.number,
        amount=eur(amount),
        lines=[line],
        source=source,
        reason="a scratch",
    )


async def booked(database: Database, consumers: Sequence[Consumer], *refunds: RefundRequested) -> list[RefundBooked]:
    """Book the refunds; what is told of them."""
    assert await handle(database, consumers, "payment.partial-refunds", *refunds) == ["done"] * len(refunds)
    ids = {refund.refund_id for refund in refunds}
    return [e for e in await told(database) if isinstance(e, RefundBooked) and e.refund_id in ids]


async def test_a_business_charges_vat_and_a_company_is_billed(
    database: Database, service: Service, consumers: Sequence[Consumer], captured: Captured
) -> None:
    seller = new_id()
    await give_profile(service, seller)
    order = paid(await captured(seller))
    billing = BillingDetails(address=RAD, company="Vélo SARL", vat_id="FR40303265045")
    await handle(database, consumers, INVOICES, msgspec.structs.replace(order, billing=billing))
    [document] = await documents(database, kind="invoice")
    assert (document.seller.name, document.seller.vat_id) == ("Rad GmbH", "DE136695976")
    assert [(tax.category, tax.rate, tax.taxable, tax.tax) for tax in document.taxes] == [("S", 1900, 252, 48)]
    assert (document.buyer.name, document.buyer.contact, document.buyer.vat_id) == (
        "Vélo SARL",
        "Rad GmbH",
        "FR40303265045",
    )
    assert document.ship_to is not None and document.ship_to.name == "Ada Byron"
    # What was issued stays; the next document says what is true then.
    await give_profile(service, seller, msgspec.structs.replace(BUSINESS, tax_category="Z", tax_rate=0))
    await handle(database, consumers, INVOICES, paid(await captured(seller)))
    rates = [document.taxes[0].category for document in await documents(database, kind="invoice")]
    assert rates == ["S", "Z"]


async def test_parts_add_up_to_the_whole_to_the_cent(
    database: Database, service: Service, consumers: Sequence[Consumer], captured: Captured
) -> None:
    seller = new_id()
    await give_profile(service, seller)
    request = await captured(seller)
    order = paid(request)
    parts = [asked(request, order, amount) for amount in (1, 1, 33, 65)]
    events = await booked(database, consumers, *parts)
    assert await handle(database, consumers, CREDIT_NOTES, *events) == ["retry"] * 4  # before the invoice
    assert await handle(database, consumers, INVOICES, order) == ["done"]
    assert await handle(database, consumers, CREDIT_NOTES, *events, events[0]) == ["done"] * 5
    rest = msgspec.structs.replace(
        cancelled(request),
        amount=eur(200),
        back=[RefundLine(line_id=order.lines[0].id, title="Vintage camera", quantity=1, amount=eur(200))],
    )
    await handle(database, consumers, "payment.refunds", rest)
    assert await handle(database, consumers, INVOICES, rest, message(rest)) == ["done"] * 2
    [invoice], notes = await documents(database, kind="invoice"), await documents(database)
    assert [note.totals.tax_inclusive for note in notes] == [1, 1, 33, 65, 200]
    assert sum(note.totals.tax for note in notes) == invoice.totals.tax
    assert sum(note.totals.tax_exclusive for note in notes) == invoice.totals.tax_exclusive
    assert {note.preceding_number for note in notes} == {invoice.number}
    assert {note.preceding_issued_on for note in notes} == {invoice.issued_on}
    assert notes[0].lines[0].name == "Part of the price: Vintage camera"
    assert notes[0].notes == ("Part of order S-1001", "a scratch")
    assert {(note.supply_from, note.supply_until) for note in notes[:4]} == {
        (invoice.supply_from, invoice.supply_until)
    }
    assert [note.totals.tax for note in notes[:2]] == [0, 0], "one cent has no VAT, in whatever order"
    assert (notes[4].lines[0].name, notes[4].lines[0].quantity) == ("Vintage camera", 1)


async def test_units_at_their_price_are_credited_as_units(
    database: Database, consumers: Sequence[Consumer], captured: Captured
) -> None:
    request = await captured(new_id())
    order = paid(request)
    three = msgspec.structs.replace(order.lines[0], quantity=3, unit_price=eur(100))
    order = msgspec.structs.replace(order, lines=[three])
    line = RefundLine(line_id=three.id, title=three.title, quantity=2, amount=eur(200))
    refund = msgspec.structs.replace(asked(request, order, 200), lines=[line])
    events = await booked(database, consumers, refund)
    await handle(database, consumers, INVOICES, order)
    await handle(database, consumers, CREDIT_NOTES, *events)
    [note] = await documents(database)
    assert [(line.name, line.quantity, line.unit_price) for line in note.lines] == [("Vintage camera", 2, 100)]


async def test_no_more_is_credited_than_was_invoiced(
    database: Database, consumers: Sequence[Consumer], captured: Captured
) -> None:
    request = await captured(new_id())
    order = paid(request)
    await handle(database, consumers, INVOICES, order)
    [event] = await booked(database, consumers, asked(request, order, 200))
    await handle(database, consumers, CREDIT_NOTES, event)
    too_much = msgspec.structs.replace(event, refund_id=new_id())
    assert await handle(database, consumers, CREDIT_NOTES, too_much) == ["retry"]
    assert len(await documents(database)) == 1


@pytest.mark.parametrize(
    ("registered", "seller_vat", "expected"),
    [
        (False, "DE136695976", ("O", 0, 0)),
        (True, "", ("S", 1900, 2)),
        (True, "DE136695976", ("S", 1900, 2)),
        (True, "FR40303265045", ("AE", 0, 0)),
    ],
)
async def test_a_fee_is_invoiced_to_the_seller_and_credited_with_refunds(
    database: Database, service: Service, *, captured: Captured, registered: bool, seller_vat: str, expected: Any
) -> None:
    taxes: Any = {"marketplace_vat_id": "DE136695976", "marketplace_vat_basis_points": 1900} if registered else {}
    settings = PaymentSettings(marketplace_name="Souk SE", **taxes)
    consumers = all_consumers(service.kernel, settings)
    seller = new_id()
    if seller_vat:
        await give_profile(service, seller, msgspec.structs.replace(BUSINESS, vat_id=seller_vat))
    request = await captured(seller)
    order = paid(request)
    await handle(database, consumers, "payment.settlements", delivered(request))
    [settled] = [event for event in await told(database) if type(event).__name__ == "EscrowSettled"]
    assert await handle(database, consumers, FEES, settled) == ["retry"]  # the sale has not been invoiced
    await handle(database, consumers, INVOICES, order)
    assert await handle(database, consumers, FEES, settled, message(settled)) == ["done"] * 2
    [invoice] = await documents(database, "fee", "invoice")
    assert invoice.number == f"INV-{short_code(MARKETPLACE_ID, 6)}-000001"
    assert (invoice.seller.name, invoice.totals.tax_inclusive, len(invoice.taxes)) == ("Souk SE", 15, 1)
    assert (invoice.taxes[0].category, invoice.taxes[0].rate, invoice.taxes[0].tax) == expected
    assert invoice.delivered_on is not None
    assert (invoice.order_number, invoice.language) == ("S-1001", "pl-PL" if seller_vat else "en-GB")
    assert invoice.lines[0].name == ("Prowizja platformy handlowej" if seller_vat else "Marketplace fee")
    first = await booked(database, consumers, asked(request, order, 100, "seller"))
    rest = await booked(database, consumers, asked(request, order, 200, "seller"))
    assert [event.fee.amount for event in first + rest] == [5, 10]
    assert await handle(database, consumers, FEES, *rest, *first, *rest) == ["done"] * 3
    notes = await documents(database, "fee")
    assert sorted(note.totals.tax_inclusive for note in notes) == [5, 10]
    assert sum(note.totals.tax for note in notes) == invoice.totals.tax
    assert {note.preceding_number for note in notes} == {invoice.number}
    assert {(note.language, note.delivered_on) for note in notes} == {(invoice.language, invoice.delivered_on)}
    shown = (await service.ask("GET", "/invoices", seller, params={"role": "buyer"})).json()["items"]
    assert [(item["about"], item["seller_name"]) for item in shown] == [("fee", "Souk SE")] * 3
    assert (await service.ask("GET", "/invoices", request.buyer_id)).json()["items"][0]["about"] == "sale"


async def test_many_refunds_at_once_are_credited_once_each_and_without_gaps(
    database: Database, consumers: Sequence[Consumer]
) -> None:
    dice = random.Random(5)
    buyer, seller = new_id(), new_id()
    await fund(database, buyer, 3000)
    request = payment(buyer, [(seller, 300)] * 10)
    await handle(database, consumers, "payment.captures", request)
    orders = [paid(request, which) for which in range(10)]
    await handle(database, consumers, INVOICES, *orders)
    refunds = [asked(request, order, amount) for order in orders for amount in (100, 77, 123)]
    events = await booked(database, consumers, *refunds)
    assert len(events) == 30
    batches = [dice.sample(events, 8) for _ in range(12)] + [events[n : n + 5] for n in range(0, 30, 5)]
    await asyncio.gather(*(handle(database, consumers, CREDIT_NOTES, *batch) for batch in batches))
    rows = [row for row in await issued(database) if row["kind"] == "credit_note"]
    assert sorted(row["position"] for row in rows) == list(range(1, 31))
    assert {row["refund_id"] for row in rows} == {event.refund_id for event in events}


async def test_an_invoice_from_before_lines_had_names_can_be_credited(
    database: Database, consumers: Sequence[Consumer], captured: Captured
) -> None:
    request = await captured(new_id())
    order = paid(request)
    await handle(database, consumers, INVOICES, order)
    other = msgspec.structs.replace(order, lines=lines(300, "Camera, as it was called"))
    [event] = await booked(database, consumers, asked(request, other, 300))
    assert await handle(database, consumers, CREDIT_NOTES, event) == ["done"]
    [note] = await documents(database)
    assert note.lines[0].name == "Part of the price: Camera, as it was called"
    async with database.reading() as reader:
        assert await reader.scalar(text("SELECT count(*) FROM invoice")) == 2
    assert note.issued_on == now().date()
