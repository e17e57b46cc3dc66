"""What the service says of itself: facts for the comparison with the store, and gauges for the alarm."""

import asyncio
from collections.abc import Sequence

from sqlalchemy import text

from payment.app import consumers as all_consumers
from payment.audit import FACTS
from payment.settings import PaymentSettings
from souk.clock import ManualClock
from souk.contracts import Event
from souk.database import Database
from souk.ids import new_id
from tests.payment.builders import cancelled, delivered, fund, handle, paid, payment, settled_with
from tests.payment.conftest import Service, running_service


async def lives(service: Service, database: Database) -> Sequence[str]:
    """Three orders that are settled, refunded and held; a fourth that could not be paid."""
    buyer, seller = new_id(), new_id()
    await fund(database, buyer, 600)
    request, poor = (
        payment(buyer, [(seller, 300), (seller, 200), (seller, 100)]),
        payment(buyer, [(seller, 9)]),
    )
    steps: list[tuple[str, Event]] = [
        ("captures", request),
        ("captures", poor),
        *(("invoices", paid(request, which)) for which in range(3)),
        ("settlements", delivered(request, 0)),
        ("fee-invoices", settled_with(request, 0, fee=15)),
        ("refunds", cancelled(request, 1)),
        ("invoices", cancelled(request, 1)),
    ]
    for name, event in steps:
        consumers = all_consumers(service.kernel, PaymentSettings())
        assert await handle(database, consumers, f"payment.{name}", event) == ["done"]
    return [str(order.order_id) for order in request.orders]


async def test_facts(database: Database, service: Service) -> None:
    settled, refunded, held = await lives(service, database)
    facts = {}
    async with database.reading() as reader:
        for fact in FACTS:
            facts[fact.name] = dict(tuple(row) for row in await reader.execute(text(fact.sql)))
    assert facts == {
        "postage captured": {},
        "postage invoiced": {},
        "postage credited": {},
        "order captured": {settled: 300, refunded: 200, held: 100},
        "order settled": {settled: 300},
        "order refunded": {refunded: 200},
        "order invoiced": {settled: 1, refunded: 1, held: 1},
        "order credited": {refunded: 1},
        "refund credited": {},
        "fee invoiced": {settled: 15},
    }


async def test_gauges_watch_the_books(database: Database, service: Service, clock: ManualClock) -> None:
    before = await metric(service, "souk_invoices_issued_total")
    await lives(service, database)
    assert await metric(service, "souk_invoices_issued_total") == before + 5
    async with running_service(database, clock, background=True) as running:
        async with asyncio.timeout(30):
            while True:
                if await metric(running, "souk_escrow_minor_units") == 100:
                    break
                await asyncio.sleep(0.05)
        assert await metric(running, "souk_ledger_imbalance_minor_units") == 0


async def metric(service: Service, name: str) -> float:
    lines = (await service.http.get("/metrics")).text.splitlines()
    [value] = [line.split()[-1] for line in lines if line.split()[0] == name]
    return float(value)
