"""The RabbitMQ transport keeps the contract, over a real broker."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from urllib.parse import urlsplit
from uuid import uuid4

import aio_pika
import pytest
from sqlalchemy import text

from shop.cli.migrate import tell_what_was_missed
from souk.database import Database
from souk.database.listening import Listener
from souk.events import Consumer, Runner, Transport
from souk.events.consumer import Message, Outcome
from souk.events.rabbitmq import QueuesMissing, RabbitTransport, declare_all, queue_name
from souk.events.relay import Relay
from souk.ids import new_id
from tests.broker import forget_queues
from tests.proxy import CuttableProxy
from tests.souk.events.contract import Station, TransportContract, _holds, _is, until

pytestmark = pytest.mark.rabbitmq


class TestRabbitTransport(TransportContract):
    @pytest.fixture
    def namespace(self) -> str:
        """An exchange of the test's own: tests run beside each other over one broker."""
        return f"souk-test-{uuid4().hex[:10]}"

    @pytest.fixture
    async def transport(
        self, event_database: Database, amqp_url: str, name: str, namespace: str
    ) -> AsyncIterator[Transport]:
        await declare_all(amqp_url, [Station(event_database, name).consumer], namespace)
        yield RabbitTransport(amqp_url, namespace)
        await forget_queues(amqp_url, namespace, [Consumer(name)])

    async def test_nonsense_on_the_queue_is_buried(
        self, event_database: Database, transport: Transport, name: str, namespace: str, amqp_url: str
    ) -> None:
        station = Station(event_database, name)
        async with self.at_work(station, transport):
            connection = await aio_pika.connect(amqp_url)
            channel = await connection.channel()
            await channel.default_exchange.publish(aio_pika.Message(b"\xff\x00 not JSON"), queue_name(namespace, name))
            await connection.close()
            await until(lambda: _is(station.letters, 1))

    async def test_what_the_broker_buried_reaches_the_dead_letters(
        self, event_database: Database, transport: Transport, name: str, namespace: str, amqp_url: str
    ) -> None:
        station = Station(event_database, name)
        async with self.at_work(station, transport):
            one = new_id()
            await station.emit(one)
            await until(lambda: _holds(station.effects, lambda seen: seen == [one]))
            async with event_database.reading() as session:
                body = await session.scalar(text("SELECT body FROM outbox"))
            connection = await aio_pika.connect(amqp_url)
            channel = await connection.channel()
            await channel.default_exchange.publish(
                aio_pika.Message(str(body).encode()), queue_name(namespace, f"{name}.dead")
            )
            await connection.close()
            await until(lambda: _is(station.letters, 1))

    async def test_it_works_again_after_the_connection_broke(
        self, event_database: Database, transport: Transport, name: str, namespace: str, amqp_url: str
    ) -> None:
        station = Station(event_database, name)
        address = urlsplit(amqp_url)
        async with CuttableProxy(address.hostname or "localhost", address.port or 5672) as proxy:
            through = address._replace(netloc=f"{address.username}:{address.password}@127.0.0.1:{proxy.port}").geturl()
            shaky = RabbitTransport(through, namespace)
            async with self.at_work(station, shaky):
                before, after = new_id(), new_id()
                await station.emit(before)
                await until(lambda: _holds(station.effects, lambda seen: seen == [before]))
                proxy.refuse = True
                proxy.cut()
                await until(lambda: _sick(shaky))
                await station.emit(after)
                proxy.refuse = False
                await until(lambda: _holds(station.effects, lambda seen: after in seen), seconds=30)
                await until(lambda: _well(shaky))

    async def test_a_message_that_rested_goes_back_to_the_consumer_that_failed_and_to_no_other(
        self, event_database: Database, transport: Transport, name: str, namespace: str, amqp_url: str
    ) -> None:
        failing, other = Station(event_database, name), Station(event_database, f"{name}-other")
        one = new_id()
        failing.fail_for.add(one)
        await declare_all(amqp_url, [other.consumer], namespace)
        runners = [_Counting(station.consumer, event_database) for station in (failing, other)]
        await transport.start("store", runners)
        relay = asyncio.create_task(Relay(event_database, failing.outbox, transport, Listener(event_database)).run())
        try:
            await failing.emit(one)
            await asyncio.wait_for(failing.failed.wait(), 20)
            failing.fail_for.clear()
            await until(lambda: _holds(failing.effects, lambda seen: seen == [one, one]))
        finally:
            relay.cancel()
            await asyncio.gather(relay, return_exceptions=True)
            await transport.stop("store")
            await forget_queues(amqp_url, namespace, [other.consumer])
        assert [runner.arrived for runner in runners] == [2, 1]

    async def test_a_start_without_its_queues_says_what_makes_them(
        self, event_database: Database, transport: Transport, namespace: str
    ) -> None:
        unknown = Station(event_database, f"store.unknown-{uuid4().hex[:6]}")
        with pytest.raises(QueuesMissing, match=r"unknown.*souk migrate"):
            await transport.start("store", [Runner(unknown.consumer, event_database)])

    async def test_a_queue_that_was_lost_and_made_again_is_taken_from_without_a_restart(
        self, event_database: Database, transport: Transport, name: str, namespace: str, amqp_url: str
    ) -> None:
        station = Station(event_database, name)
        async with self.at_work(station, transport):
            async with await aio_pika.connect(amqp_url) as connection:
                await (await connection.channel()).queue_delete(queue_name(namespace, name))
            one = new_id()
            await station.emit(one)
            await until(lambda: _sick(transport))
            await declare_all(amqp_url, [station.consumer], namespace)
            await until(lambda: _holds(station.effects, lambda seen: seen == [one]), seconds=40)
            await until(lambda: _well(transport))

    async def test_what_passed_a_lost_queue_by_is_told_again_and_nothing_twice(
        self, event_database: Database, transport: Transport, name: str, namespace: str, amqp_url: str
    ) -> None:
        """Another queue takes the same events, so the broker confirms them and nobody notices that one is missing."""
        station, other = Station(event_database, name), Station(event_database, f"{name}-other")
        assert await declare_all(amqp_url, [other.consumer], namespace) == [other.consumer]
        before, meanwhile = new_id(), new_id()
        async with self.at_work(station, transport):
            await station.emit(before)
            await until(lambda: _holds(station.effects, lambda seen: seen == [before]))
            async with await aio_pika.connect(amqp_url) as connection:
                await (await connection.channel()).queue_delete(queue_name(namespace, name))
            await until(lambda: _sick(transport))
            await station.emit(meanwhile)
            await until(lambda: _is(station.pending, 0))
            assert await station.effects() == [before]
            made = await declare_all(amqp_url, [station.consumer, other.consumer], namespace)
            assert made == [station.consumer]
            assert await tell_what_was_missed(station.consumer, {"store": event_database}) == 2
            await until(lambda: _holds(station.effects, lambda seen: meanwhile in seen))
            await until(lambda: _is(station.pending, 0))
        assert await station.effects() == [before, meanwhile]
        await forget_queues(amqp_url, namespace, [other.consumer])

    async def test_the_exchange_is_a_durable_topic(
        self, event_database: Database, transport: Transport, name: str, namespace: str, amqp_url: str
    ) -> None:
        async with self.at_work(Station(event_database, name), transport):
            connection = await aio_pika.connect(amqp_url)
            channel = await connection.channel()
            await channel.declare_exchange(namespace, aio_pika.ExchangeType.TOPIC, durable=True, passive=True)
            await connection.close()


class _Counting(Runner):
    arrived = 0

    async def handle(self, messages: Sequence[Message]) -> list[Outcome]:
        self.arrived += len(messages)
        return await super().handle(messages)


async def _sick(transport: Transport) -> bool:
    await asyncio.sleep(0)
    return bool(transport.problems("store"))


async def _well(transport: Transport) -> bool:
    return not transport.problems("store")
