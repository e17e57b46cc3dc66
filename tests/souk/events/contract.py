"""What both transports owe their users: one suite that each adapter's test module subclasses."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from souk.clock import SystemClock
from souk.contracts.catalogue.events import StockReserved
from souk.contracts.store.events import PurchaseCancelled
from souk.database import Database, Session
from souk.database.listening import Listener
from souk.events import Consumer, Outbox, Runner, Transport, consumer
from souk.events.relay import Relay
from souk.http.dead_letters import count_waiting, replay, waiting
from souk.ids import new_id


async def until(condition: Callable[[], Any], seconds: float = 20.0) -> None:
    """Wait until the (async) condition holds; fail if it does not in time."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not await condition():
        assert asyncio.get_running_loop().time() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


class Station:
    """One service over a database: a consumer that records effects, an outbox and a relay."""

    def __init__(self, database: Database, name: str) -> None:
        self.database = database
        self.outbox = Outbox("store", SystemClock())
        self.consumer = Consumer(name)
        self.fail_for: set[UUID] = set()
        self.failed = asyncio.Event()
        self.batches: list[int] = []
        self.consumer.on(StockReserved, self._reserved)

    async def _reserved(self, session: Session, event: StockReserved) -> None:
        await session.execute(
            text("INSERT INTO effect VALUES (:id, :who)"), {"id": event.purchase_id, "who": self.consumer.name}
        )
        if event.purchase_id in self.fail_for:
            self.failed.set()
            raise RuntimeError("told to fail")

    async def emit(self, *ids: UUID) -> None:
        async with self.database.transaction() as session:
            self.outbox.emit(session, *(StockReserved(purchase_id=i) for i in ids))

    async def effects(self) -> list[UUID]:
        async with self.database.reading() as session:
            return list(await session.scalars(text("SELECT event_id FROM effect")))

    async def pending(self) -> int:
        async with self.database.reading() as session:
            return int(await session.scalar(text("SELECT count(*) FROM outbox WHERE status = 'pending'")) or 0)

    async def letters(self) -> int:
        async with self.database.reading() as session:
            return await count_waiting(session)


class TransportContract:
    """Subclass this and give a `transport` fixture."""

    @pytest.fixture
    async def transport(self) -> AsyncIterator[Transport]:
        raise NotImplementedError
        yield

    @pytest.fixture
    def name(self) -> str:
        return f"store.test-{new_id().hex[-10:]}"

    @pytest.fixture(autouse=True)
    def quick_retries(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from datetime import timedelta

        from souk.events import embedded, rabbitmq, relay

        quick = tuple(timedelta(seconds=s) for s in (0.05, 0.1))
        for module in (consumer, rabbitmq):
            monkeypatch.setattr(module, "RETRY_DELAYS", quick)
        for adapter in (embedded.EmbeddedTransport, rabbitmq.RabbitTransport):
            monkeypatch.setattr(adapter, "delays", quick)
        monkeypatch.setattr(relay, "POLL_S", 0.05)

    @asynccontextmanager
    async def at_work(self, station: Station, transport: Transport) -> AsyncIterator[None]:
        await transport.start("store", [Runner(station.consumer, station.database)])
        relay = asyncio.create_task(
            Relay(station.database, station.outbox, transport, Listener(station.database)).run()
        )
        try:
            yield
        finally:
            relay.cancel()
            await asyncio.gather(relay, return_exceptions=True)
            await transport.stop("store")

    async def test_an_event_is_handled_once_and_leaves_the_outbox(
        self, event_database: Database, transport: Transport, name: str
    ) -> None:
        station = Station(event_database, name)
        ids = [new_id() for _ in range(250)]
        async with self.at_work(station, transport):
            await station.emit(*ids)
            await until(lambda: _is(station.pending, 0))
            await until(lambda: _holds(station.effects, lambda seen: sorted(seen) == ids))
            assert transport.problems("store") == []

    async def test_a_rolled_back_transaction_tells_nobody(
        self, event_database: Database, transport: Transport, name: str
    ) -> None:
        station = Station(event_database, name)
        async with self.at_work(station, transport):
            with pytest.raises(RuntimeError):
                async with event_database.transaction() as session:
                    station.outbox.emit(session, StockReserved(purchase_id=new_id()))
                    raise RuntimeError("rolled back")
            kept = new_id()
            await station.emit(kept)
            await until(lambda: _holds(station.effects, lambda seen: seen == [kept]))

    async def test_the_same_message_twice_has_one_effect(
        self, event_database: Database, transport: Transport, name: str
    ) -> None:
        station = Station(event_database, name)
        async with self.at_work(station, transport):
            one = new_id()
            await station.emit(one)
            await until(lambda: _is(station.pending, 0))
            await until(lambda: _holds(station.effects, lambda seen: seen == [one]))
            async with event_database.transaction() as session:  # as after a crash between publish and mark
                await session.execute(text("UPDATE outbox SET status = 'pending', claimed_until = '-infinity'"))
            await until(lambda: _is(station.pending, 0))
            marker = new_id()
            await station.emit(marker)
            await until(lambda: _holds(station.effects, lambda seen: marker in seen))
            assert await station.effects() == [one, marker]

    async def test_a_failing_event_does_not_fail_its_neighbours(
        self, event_database: Database, transport: Transport, name: str
    ) -> None:
        station = Station(event_database, name)
        good, bad = [new_id() for _ in range(5)], new_id()
        station.fail_for.add(bad)
        async with self.at_work(station, transport):
            await station.emit(*good[:2], bad, *good[2:])
            await until(lambda: _holds(station.effects, lambda seen: sorted(seen) == good))
            await until(lambda: _is(station.letters, 1))
            await until(lambda: _is(station.pending, 0))
            assert sorted(await station.effects()) == good, "what a failed handler wrote is rolled back"

    async def test_a_passing_failure_is_retried(
        self, event_database: Database, transport: Transport, name: str
    ) -> None:
        station = Station(event_database, name)
        shaky = new_id()
        station.fail_for.add(shaky)
        async with self.at_work(station, transport):
            await station.emit(shaky)
            await station.failed.wait()
            station.fail_for.clear()
            await until(lambda: _holds(station.effects, lambda seen: seen == [shaky]))
            assert await station.letters() == 0

    async def test_a_dead_letter_can_be_replayed(
        self, event_database: Database, transport: Transport, name: str
    ) -> None:
        station = Station(event_database, name)
        bad = new_id()
        station.fail_for.add(bad)
        async with self.at_work(station, transport):
            await station.emit(bad)
            await until(lambda: _is(station.letters, 1))
            station.fail_for.clear()
            async with event_database.transaction() as session:
                [letter] = await waiting(session)
                await replay(session, letter.id, "a test")
            await until(lambda: _holds(station.effects, lambda seen: seen == [bad]))
            await until(lambda: _is(station.letters, 0))
            await until(lambda: _is(station.pending, 0))

    async def test_an_unreadable_event_goes_to_the_dead_letters_and_blocks_nothing(
        self, event_database: Database, transport: Transport, name: str
    ) -> None:
        station = Station(event_database, name)
        async with self.at_work(station, transport):
            after = new_id()
            async with event_database.transaction() as session:
                await session.execute(
                    text("INSERT INTO outbox (id, type, subject, body) VALUES (:id, :type, :id, 'no event')"),
                    {"id": new_id(), "type": StockReserved.event_type},
                )
            await station.emit(after)
            await until(lambda: _holds(station.effects, lambda seen: seen == [after]))
            await until(lambda: _is(station.letters, 1))

    async def test_what_waits_is_taken_over_after_a_crash(
        self, event_database: Database, transport: Transport, name: str
    ) -> None:
        station = Station(event_database, name)
        left = new_id()
        await station.emit(left)
        async with event_database.transaction() as session:  # a relay claimed it and died a while ago
            await session.execute(text("UPDATE outbox SET claimed_until = now() - interval '1 second', attempts = 1"))
        station.outbox.fresh.clear()
        async with self.at_work(station, transport):
            await until(lambda: _holds(station.effects, lambda seen: seen == [left]))

    async def test_an_event_that_nobody_takes_stays_pending(
        self, event_database: Database, transport: Transport, name: str
    ) -> None:
        station = Station(event_database, name)
        orphan = PurchaseCancelled(purchase_id=new_id(), buyer_id=new_id(), reason="expired")
        async with self.at_work(station, transport):
            async with event_database.transaction() as session:
                await session.execute(text("DELETE FROM outbox"))
                station.outbox.emit(session, orphan)
            done = new_id()
            await station.emit(done)
            await until(lambda: _holds(station.effects, lambda seen: seen == [done]))
            await until(lambda: _is(station.pending, 1))
            await asyncio.sleep(0.3)
            assert await station.pending() == 1

    async def test_two_relays_share_the_work(self, event_database: Database, transport: Transport, name: str) -> None:
        station = Station(event_database, name)
        ids = [new_id() for _ in range(500)]
        async with self.at_work(station, transport):
            outbox = Outbox("store", SystemClock())
            second = asyncio.create_task(Relay(event_database, outbox, transport, Listener(event_database)).run())
            await station.emit(*ids)
            await until(lambda: _is(station.pending, 0))
            await until(lambda: _holds(station.effects, lambda seen: sorted(seen) == ids))
            second.cancel()
            await asyncio.gather(second, return_exceptions=True)


async def _is(ask: Callable[[], Any], value: object) -> bool:
    return bool(await ask() == value)


async def _holds(ask: Callable[[], Any], test: Callable[[Any], bool]) -> bool:
    return test(await ask())
