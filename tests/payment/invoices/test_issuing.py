"""Every paid order gets one invoice, every refund its credit note, and the numbers have no gaps."""

import asyncio
import hashlib
import random
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from msgspec import UNSET
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from payment.invoices import invoices
from payment.invoices.document import Document
from payment.invoices.numbering import lock_series, short_code, take_number
from souk.clock import ManualClock
from souk.contracts.entrypoint.events import UserRegistered
from souk.contracts.payment.events import InvoiceIssued
from souk.contracts.store.events import OrderPaid
from souk.database import Database
from souk.events import Consumer
from souk.ids import new_id
from tests.payment.builders import cancelled, handle, lines, message, now, paid
from tests.payment.escrow.test_escrow import told
from tests.payment.invoices.conftest import Captured

INVOICES = "payment.invoices"


async def issued(database: Database) -> list[Any]:
    async with database.reading() as reader:
        return list((await reader.execute(text("SELECT * FROM invoice ORDER BY id"))).mappings())


async def test_a_paid_order_is_invoiced(database: Database, consumers: Sequence[Consumer], captured: Captured) -> None:
    seller = new_id()
    known = UserRegistered(user_id=seller, display_name="Zoë Müller", country="CH", registered_at=now())
    await handle(database, consumers, "payment.parties", known)
    request = await captured(seller)
    assert await handle(database, consumers, INVOICES, paid(request, title="Vintage camera")) == ["done"]
    [row] = await issued(database)
    document = msgspec.json.decode(row["document"], type=Document)
    assert row["number"] == document.number == f"INV-{short_code(seller, 6)}-000001"
    assert (document.seller.name, document.seller.country, document.seller.is_business) == (
        "Zoë Müller",
        "CH",
        False,
    )
    assert (document.buyer.name, document.buyer.city, document.buyer.country) == ("Ada Byron", "London", "GB")
    assert document.buyer.address_lines == ("12 St James's Square",)
    assert [(line.name, line.quantity, line.amount, line.category) for line in document.lines] == [
        ("Vintage camera", 1, 300, "O")
    ]
    assert (document.totals.tax, document.totals.due, row["total"]) == (0, 0, 300)
    assert document.order_url.endswith(f"/orders/{row['order_id']}")
    assert row["document_hash"] == document.content_hash()
    [event] = [event for event in await told(database) if isinstance(event, InvoiceIssued)]
    assert (event.invoice_id, event.number, event.kind) == (row["id"], row["number"], "invoice")
    assert (event.order_id, event.buyer_id, event.seller_id) == (row["order_id"], row["buyer_id"], seller)


async def test_a_document_has_the_language_the_order_number_and_what_is_known_of_the_supply(
    database: Database, consumers: Sequence[Consumer], captured: Captured
) -> None:
    request = await captured(new_id(), new_id())
    order, other = msgspec.structs.replace(paid(request), language="de-AT"), paid(request, 1)
    await handle(database, consumers, INVOICES, order, other, cancelled(request))
    rows = await issued(database)
    invoice, unknown, note = (msgspec.json.decode(row["document"], type=Document) for row in rows)
    assert (invoice.language, unknown.language, note.language) == ("de-AT", "en-GB", "de-AT")
    assert {document.order_number for document in (invoice, unknown, note)} == {"S-1001"}
    assert invoice.payment_note.startswith("Vom Guthaben des K\u00e4ufers bezahlt.")
    assert invoice.taxes[0].exemption_reason.startswith("Der Verk\u00e4ufer ist eine Privatperson")
    assert (invoice.supply_from, invoice.supply_until) == (order.paid_at.date(), order.ship_by.date())
    assert (invoice.delivered_on, invoice.called_off) == (None, UNSET)
    assert note.called_off and not note.supply_until and note.notes == ("Bestellung S-1001 wurde storniert",)
    assert all(row["document_hash"] == hashlib.sha256(row["document"].encode()).hexdigest() for row in rows)


async def test_an_order_told_twice_has_one_invoice(
    database: Database, consumers: Sequence[Consumer], captured: Captured
) -> None:
    request = await captured(new_id(), new_id())
    first, second = paid(request, 0), paid(request, 1)
    assert await handle(database, consumers, INVOICES, first, second, first) == ["done"] * 3
    assert await handle(database, consumers, INVOICES, message(first), message(second)) == ["done"] * 2
    assert len(await issued(database)) == 2
    assert sum(isinstance(event, InvoiceIssued) for event in await told(database)) == 2


async def test_a_seller_nobody_has_told_of_is_called_seller(
    database: Database, consumers: Sequence[Consumer], captured: Captured
) -> None:
    await handle(database, consumers, INVOICES, paid(await captured(new_id())))
    [row] = await issued(database)
    assert msgspec.json.decode(row["document"], type=Document).seller.name == "Seller"


async def test_lines_that_do_not_add_up_are_not_invoiced(
    database: Database, consumers: Sequence[Consumer], captured: Captured
) -> None:
    order = paid(await captured(new_id()))
    wrong = msgspec.structs.replace(order, lines=lines(299))
    assert await handle(database, consumers, INVOICES, wrong, order) == ["retry", "done"]
    assert [row["position"] for row in await issued(database)] == [1]


async def test_a_refund_has_a_credit_note_once_there_is_an_invoice(
    database: Database, consumers: Sequence[Consumer], captured: Captured
) -> None:
    request = await captured(new_id(), new_id())
    gone = cancelled(request, 0)
    await handle(database, consumers, "payment.refunds", gone)
    assert await handle(database, consumers, INVOICES, gone) == ["retry"]
    assert await handle(database, consumers, INVOICES, paid(request, 0), paid(request, 1)) == ["done"] * 2
    assert await handle(database, consumers, INVOICES, gone, gone) == ["done"] * 2
    [invoice, _, note] = await issued(database)
    document = msgspec.json.decode(note["document"], type=Document)
    assert note["number"].startswith("CN-") and note["corrects"] == invoice["number"] == document.preceding_number
    assert (note["order_id"], note["total"], document.buyer.name) == (invoice["order_id"], 300, "Ada Byron")
    assert document.type_code == 381


async def test_what_was_never_invoiced_has_no_credit_note(
    database: Database, consumers: Sequence[Consumer], captured: Captured
) -> None:
    gone = cancelled(await captured(new_id()), invoiced=False)
    assert await handle(database, consumers, INVOICES, gone) == ["done"]
    assert await issued(database) == []


async def test_invoice_and_cancellation_in_one_delivery(
    database: Database, consumers: Sequence[Consumer], captured: Captured
) -> None:
    request = await captured(new_id())
    assert await handle(database, consumers, INVOICES, cancelled(request), paid(request)) == ["done"] * 2
    assert [row["kind"] for row in await issued(database)] == ["invoice", "credit_note"]


async def test_numbers_have_no_gaps_whoever_issues_at_once_and_whatever_is_rolled_back(
    database: Database, consumers: Sequence[Consumer], captured: Captured
) -> None:
    sellers = [new_id() for _ in range(3)]
    dice = random.Random(3)
    orders: list[OrderPaid] = []
    for _ in range(12):
        request = await captured(*(dice.choice(sellers) for _ in range(3)))
        orders += [paid(request, which) for which in range(3)]

    async def issue(batch: list[OrderPaid]) -> None:
        assert await handle(database, consumers, INVOICES, *batch) == ["done"] * len(batch)

    async def give_up(batch: list[OrderPaid]) -> None:
        with pytest.raises(ZeroDivisionError):
            async with database.transaction() as session:
                await invoices.issue_invoices(session, batch, "http://localhost", now())
                await asyncio.sleep(0.01)
                raise ZeroDivisionError

    work = [issue(orders[n : n + 4]) for n in range(0, 36, 4)]
    work += [issue(dice.sample(orders, 5)) for _ in range(4)]
    work += [give_up(dice.sample(orders, 3)) for _ in range(8)]
    dice.shuffle(work)
    await asyncio.gather(*work)
    rows = await issued(database)
    assert len(rows) == 36
    for seller in sellers:
        positions = sorted(row["position"] for row in rows if row["seller_id"] == seller)
        assert positions == list(range(1, len(positions) + 1))
    assert len({row["number"] for row in rows}) == 36


async def test_a_process_killed_in_mid_issue_leaves_no_gap(
    database: Database, consumers: Sequence[Consumer], captured: Captured
) -> None:
    seller = new_id()
    orders = [paid(await captured(seller)) for _ in range(4)]
    await handle(database, consumers, INVOICES, orders[0])
    url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    program = [sys.executable, "-m", "tests.payment.invoices.issue_and_hang", url]
    for nth in (1, 2):
        process = await asyncio.create_subprocess_exec(
            *program, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(msgspec.json.encode(orders[3]) + b"\n")
        number = (await asyncio.wait_for(process.stdout.readline(), 30)).decode().strip()
        assert number == f"INV-{short_code(seller, 6)}-{nth + 1:06d}"
        waiting = asyncio.create_task(handle(database, consumers, INVOICES, orders[nth]))
        await asyncio.sleep(0.1)
        assert not waiting.done()  # the series is held by whoever issues
        process.kill()
        await process.wait()
        assert await waiting == ["done"]
    await handle(database, consumers, INVOICES, *orders)
    numbers = [row["number"] for row in await issued(database)]
    assert numbers == [f"INV-{short_code(seller, 6)}-{n:06d}" for n in range(1, 5)]


async def test_sellers_whose_short_codes_are_alike_get_longer_ones(database: Database) -> None:
    late: UUID = new_id()
    taken = "INSERT INTO series (seller_id, kind, code) VALUES (:seller, 'invoice', :code)"
    async with database.transaction() as session:
        await session.execute(text(taken), {"seller": new_id(), "code": short_code(late, 6)})
        series = await lock_series(session, "invoice", [late, late])
        assert take_number(series[late], "invoice") == (1, f"INV-{short_code(late, 10)}-000001")
        await session.rollback()


async def test_a_credit_note_is_no_invoice_and_has_its_own_series(database: Database) -> None:
    seller = new_id()
    async with database.transaction() as session:
        first = (await lock_series(session, "invoice", [seller]))[seller]
        second = (await lock_series(session, "credit_note", [seller]))[seller]
        numbers = [
            take_number(first, "invoice")[1],
            take_number(first, "invoice")[1],
            take_number(second, "credit_note")[1],
        ]
        await session.rollback()
    code = short_code(seller, 6)
    assert numbers == [f"INV-{code}-000001", f"INV-{code}-000002", f"CN-{code}-000001"]


async def test_dates_in_a_series_never_fall_when_the_clock_does(
    database: Database, consumers: Sequence[Consumer], captured: Captured, clock: ManualClock
) -> None:
    seller, other = new_id(), new_id()
    requests = [await captured(seller, other) for _ in range(3)]
    days = []
    for request, away in zip(requests, (timedelta(days=2), timedelta(days=1), timedelta(days=3)), strict=True):
        clock.offset = away
        days.append(clock.now().date())
        assert await handle(database, consumers, INVOICES, paid(request)) == ["done"]
    clock.offset = timedelta()
    today = clock.now().date()
    assert await handle(database, consumers, INVOICES, paid(requests[0], 1)) == ["done"]
    assert await handle(database, consumers, INVOICES, cancelled(requests[0])) == ["done"]
    assert await handle(database, consumers, INVOICES, cancelled(requests[0])) == ["done"], "told twice"
    rows = await issued(database)
    mine = [row for row in rows if row["seller_id"] == seller]
    assert [row["issued_on"] for row in mine if row["kind"] == "invoice"] == [days[0], days[0], days[2]]
    [note] = [row for row in mine if row["kind"] == "credit_note"]
    assert note["issued_on"] == days[0], "a correction is not earlier than what it corrects"
    [elsewhere] = [row for row in rows if row["seller_id"] == other]
    assert elsewhere["issued_on"] == today, "another series keeps the clock's day"
    assert all(msgspec.json.decode(row["document"], type=Document).issued_on == row["issued_on"] for row in rows)
    copied = """INSERT INTO invoice SELECT gen_random_uuid(), kind, number || 'x', position + 1, seller_id, buyer_id,
        gen_random_uuid(), corrects, total, currency, issued_on - 1, document, document_hash, issued_at, about, NULL
        FROM invoice WHERE seller_id = :s AND kind = 'invoice' ORDER BY position DESC LIMIT 1"""
    with pytest.raises(DBAPIError, match="dated out of the order"):
        async with database.transaction() as session:
            await session.execute(text(copied), {"s": seller})
