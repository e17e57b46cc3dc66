"""What has arrived becomes batches: at once, or gathered where nobody waits for it."""

import asyncio

import pytest

from souk.clock import ManualClock
from souk.contracts.catalogue.events import StockReserved
from souk.database import Database, Session
from souk.events import Consumer
from souk.events.consumer import Message, Runner, Worker
from souk.events.envelope import seal
from souk.ids import new_id


def message(clock: ManualClock) -> Message:
    event = StockReserved(purchase_id=new_id())
    return Message(seal("catalogue", event, event_id=new_id(), time=clock.now(), sequence=0, traceparent=""), 1)


@pytest.mark.parametrize(("gather_s", "batches"), [(0.0, [1, 1, 4]), (0.3, [1, 5])])
async def test_what_comes_soon_after_a_batch_is_gathered_if_nobody_waits_for_it(
    event_database: Database, gather_s: float, batches: list[int]
) -> None:
    clock, handled = ManualClock(), list[int]()
    consumer = Consumer("store.test", gather_s=gather_s)

    async def many(_: Session, events: list[StockReserved]) -> None:
        handled.append(len(events))

    consumer.on_many(StockReserved, many)
    worker = Worker(Runner(consumer, event_database, clock))
    working = asyncio.create_task(worker.run())
    try:
        assert await worker.submit(message(clock)) == "done"
        first = asyncio.create_task(worker.submit(message(clock)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)  # the worker has taken it, and works or waits for more
        rest = [asyncio.create_task(worker.submit(message(clock))) for _ in range(4)]
        assert await asyncio.gather(first, *rest) == ["done"] * 5
        assert handled == batches
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
