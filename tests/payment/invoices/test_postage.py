"""Postage in escrow, on invoices and on credit notes: the same to the cent, however often and in whatever order it is told."""

from collections.abc import Sequence

import msgspec
import pytest
from sqlalchemy import text

from payment.audit import FACTS
from payment.invoices.document import Document
from payment.invoices.drafts import POSTAGE_LINE
from souk.contracts.store.events import OrderPaid, PaymentRequested, RefundLine, RefundRequested
from souk.database import Database
from souk.events import Consumer
from souk.ids import new_id
from tests.payment.builders import cancelled, delivered, eur, fund, handle, lines, message, paid, payment
from tests.payment.conftest import Service
from tests.payment.escrow.test_escrow import told
from tests.payment.invoices.test_correcting import CREDIT_NOTES, asked, booked, documents, give_profile
from tests.payment.invoices.test_issuing import INVOICES

CAPTURES = "payment.captures"


async def ordered(
    database: Database, service: Service, consumers: Sequence[Consumer], *, repeat: bool = False
) -> tuple[PaymentRequested, OrderPaid]:
    """An order of a business for 8.03 and 4.90 postage, captured."""
    buyer, seller = new_id(), new_id()
    await give_profile(service, seller)
    await fund(database, buyer, 2000)
    request = payment(buyer, [(seller, 1293)])
    request = msgspec.structs.replace(request, orders=[msgspec.structs.replace(request.orders[0], postage=eur(490))])
    assert await handle(database, consumers, CAPTURES, request) == ["done"]
    if repeat:
        assert await handle(database, consumers, CAPTURES, request, message(request)) == ["done"] * 2
    return request, msgspec.structs.replace(paid(request), lines=lines(803), postage=eur(490))


async def postage_known(database: Database) -> dict[str, list[int]]:
    """What the service tells the audit of postage."""
    async with database.reading() as reader:
        return {
            fact.name: [int(value) for _, value in await reader.execute(text(fact.sql))]
            for fact in FACTS
            if fact.section == 9
        }


def postage_of(document: Document) -> int:
    return sum(line.amount for line in document.lines if line.order_line == POSTAGE_LINE)


def with_postage(refund: RefundRequested, postage: int, *kept: RefundLine) -> RefundRequested:
    amount = postage + sum(line.amount.amount for line in kept)
    return msgspec.structs.replace(refund, amount=eur(amount), lines=list(kept), postage=eur(postage))


async def test_an_invoice_names_it_with_the_goods_vat_and_sums_to_what_was_captured(
    database: Database, service: Service, consumers: Sequence[Consumer]
) -> None:
    _, order = await ordered(database, service, consumers, repeat=True)
    assert await handle(database, consumers, INVOICES, order, message(order)) == ["done"] * 2
    [invoice] = await documents(database, kind="invoice")
    assert [(line.name, line.amount, line.rate) for line in invoice.lines] == [
        ("Vintage camera", 803, 1900),
        ("Postage", 490, 1900),
    ]
    assert (invoice.totals.tax_inclusive, invoice.totals.tax) == (1293, 206)
    assert sum(line.net_amount for line in invoice.lines) == invoice.totals.line_sum == 1293 - 206
    assert await postage_known(database) == {
        "postage captured": [490],
        "postage invoiced": [490],
        "postage credited": [],
    }


@pytest.mark.parametrize("late", [False, True])
async def test_parts_of_it_and_the_rest_are_credited_to_the_cent(
    database: Database, service: Service, consumers: Sequence[Consumer], *, late: bool
) -> None:
    request, order = await ordered(database, service, consumers)
    half = RefundLine(line_id=order.lines[0].id, title="Vintage camera", quantity=0, amount=eur(400))
    parts = [with_postage(asked(request, order, 1), 190), with_postage(asked(request, order, 1), 100, half)]
    events = await booked(database, consumers, *parts)
    if late:  # they come before the invoice, and are tried again
        assert await handle(database, consumers, CREDIT_NOTES, *events) == ["retry"] * 2
    assert await handle(database, consumers, INVOICES, order) == ["done"]
    assert await handle(database, consumers, CREDIT_NOTES, *reversed(events), events[0]) == ["done"] * 3
    rest = RefundLine(line_id=order.lines[0].id, title="Vintage camera", quantity=1, amount=eur(403))
    end = msgspec.structs.replace(cancelled(request), amount=eur(603), back=[rest], postage=eur(200))
    for consumer in ("payment.refunds", INVOICES, "payment.refunds", INVOICES):
        assert await handle(database, consumers, consumer, end) == ["done"]
    [invoice], notes = await documents(database, kind="invoice"), await documents(database)
    assert sorted((note.totals.tax_inclusive, postage_of(note)) for note in notes) == [
        (190, 190),
        (500, 100),
        (603, 200),
    ]
    assert sum(note.totals.tax for note in notes) == invoice.totals.tax
    assert sum(note.totals.tax_exclusive for note in notes) == invoice.totals.tax_exclusive
    assert "Part of the price: Postage" in {line.name for note in notes for line in note.lines}
    assert sorted((await postage_known(database))["postage credited"]) == [100, 190]


async def test_all_of_it_is_one_line_of_its_own_and_the_last_thing_to_go_back(
    database: Database, service: Service, consumers: Sequence[Consumer]
) -> None:
    request, order = await ordered(database, service, consumers)
    whole = RefundLine(line_id=order.lines[0].id, title="Vintage camera", quantity=1, amount=eur(803))
    goods = msgspec.structs.replace(asked(request, order, 803), lines=[whole])
    events = await booked(database, consumers, goods)
    await handle(database, consumers, INVOICES, order)
    await handle(database, consumers, CREDIT_NOTES, *events)
    end = msgspec.structs.replace(cancelled(request), amount=eur(490), back=[], postage=eur(490))
    for consumer in ("payment.refunds", INVOICES):
        assert await handle(database, consumers, consumer, end) == ["done"]
    notes = await documents(database)
    assert [[line.name for line in note.lines] for note in notes] == [["Vintage camera"], ["Postage"]]


async def test_an_order_called_off_gives_back_all_lines(
    database: Database, service: Service, consumers: Sequence[Consumer]
) -> None:
    request, order = await ordered(database, service, consumers)
    await handle(database, consumers, INVOICES, order)
    end = msgspec.structs.replace(cancelled(request), amount=eur(1293), postage=eur(490))
    for consumer in ("payment.refunds", INVOICES):
        assert await handle(database, consumers, consumer, end, message(end)) == ["done"] * 2
    [note] = await documents(database)
    assert (note.totals.tax_inclusive, postage_of(note), len(note.lines)) == (1293, 490, 2)


async def test_the_fee_is_a_share_of_all_that_is_settled_and_goes_back_with_it(
    database: Database, service: Service, consumers: Sequence[Consumer]
) -> None:
    request, order = await ordered(database, service, consumers)
    await handle(database, consumers, INVOICES, order)
    end = delivered(request)
    assert await handle(database, consumers, "payment.settlements", end, message(end)) == ["done"] * 2
    [settled] = [event for event in await told(database) if type(event).__name__ == "EscrowSettled"]
    assert (settled.fee, settled.to_seller) == (eur(65), eur(1228))  # 5 % of 12.93
    back = msgspec.structs.replace(with_postage(asked(request, order, 1), 490), source="seller")
    [event] = await booked(database, consumers, back)
    assert (event.amount, event.postage, event.fee) == (eur(490), eur(490), eur(25))
