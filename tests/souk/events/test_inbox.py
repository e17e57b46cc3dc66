"""Each event is handled once by a consumer, although the inbox is written last."""

import asyncio
from collections.abc import Callable
from functools import partial
from uuid import UUID

from sqlalchemy import text

from souk.clock import SystemClock
from souk.contracts.catalogue.events import StockReserved
from souk.contracts.store.events import PurchaseCancelled
from souk.database import Database, Session
from souk.events import Consumer, Outbox, Runner
from souk.events.consumer import Message
from souk.events.envelope import seal
from souk.ids import new_id


def message(purchase_id: UUID, attempt: int = 1) -> Message:
    event = StockReserved(purchase_id=purchase_id)
    body = seal("catalogue", event, event_id=purchase_id, time=SystemClock().now(), sequence=0, traceparent="")
    return Message(body, attempt)


class Shop:
    """A consumer that has an effect for each event, tells something of it, and counts when it is committed."""

    def __init__(self, database: Database, *, before: Callable[[], None] = lambda: None) -> None:
        self.database = database
        self.committed = 0
        self._before = before
        self.consumer = Consumer(f"store.inbox-{new_id().hex[-10:]}")
        self.consumer.on(StockReserved, self._reserved)

    async def _reserved(self, session: Session, event: StockReserved) -> list[PurchaseCancelled]:
        self._before()
        row = {"id": event.purchase_id, "who": self.consumer.name}
        await session.execute(text("INSERT INTO effect VALUES (:id, :who)"), row)
        session.after_commit(partial(self._count, event.purchase_id))
        return [PurchaseCancelled(purchase_id=event.purchase_id, buyer_id=new_id(), orders=[], reason="expired")]

    def _count(self, _: UUID) -> None:
        self.committed += 1

    async def handle(self, *messages: Message) -> list[str]:
        runner = Runner(self.consumer, self.database, outbox=Outbox("store", SystemClock()))
        return [str(outcome) for outcome in await runner.handle(messages)]

    async def effects(self) -> list[UUID]:
        async with self.database.reading() as reader:
            rows = await reader.scalars(
                text("SELECT event_id FROM effect WHERE note = :who"), {"who": self.consumer.name}
            )
            return sorted(rows)

    async def told(self) -> int:
        async with self.database.reading() as reader:
            return int(await reader.scalar(text("SELECT count(*) FROM outbox")) or 0)


async def test_what_was_handled_has_no_effect_again_and_tells_nothing(event_database: Database) -> None:
    shop, one = Shop(event_database), new_id()
    assert await shop.handle(message(one)) == ["done"]
    told = await shop.told()
    assert await shop.handle(message(one)) == ["done"]
    assert await shop.handle(message(one, attempt=2)) == ["done"]
    assert (await shop.effects(), await shop.told(), shop.committed) == ([one], told, 1)


async def test_the_new_ones_of_a_batch_are_handled_beside_old_ones(event_database: Database) -> None:
    shop = Shop(event_database)
    ids = sorted(new_id() for _ in range(5))
    await shop.handle(message(ids[1]), message(ids[3]))
    assert await shop.handle(*(message(each) for each in [*ids, ids[0]])) == ["done"] * 6
    assert (await shop.effects(), shop.committed) == (ids, 5)


async def test_many_who_handle_one_event_at_once_have_one_effect(event_database: Database) -> None:
    shop, ids = Shop(event_database), sorted(new_id() for _ in range(4))
    batches = [[ids[0], ids[1]], [ids[1], ids[2]], [ids[2], ids[3], ids[0]], ids, [ids[3]]]
    outcomes = await asyncio.gather(*(shop.handle(*map(message, batch)) for batch in batches))
    assert outcomes == [["done"] * len(batch) for batch in batches]
    assert (await shop.effects(), shop.committed) == (ids, 4)


async def test_an_event_that_its_own_first_handling_makes_fail_is_done(event_database: Database) -> None:
    """As what may be there once only, and would be there twice."""
    shop, one = Shop(event_database), new_id()
    await shop.handle(message(one))

    def fail() -> None:
        raise RuntimeError("it is there already")

    again = Shop(event_database, before=fail)
    again.consumer.name = shop.consumer.name
    assert await again.handle(message(one)) == ["done"]
    assert await again.handle(message(new_id())) == ["retry"]
    assert (await shop.effects(), again.committed) == ([one], 0)
