"""The RabbitMQ adapter: one topic exchange, a quorum queue and a dead-letter queue per consumer, retry queues per service."""

import asyncio
import contextlib
from collections.abc import Sequence
from uuid import UUID

import aio_pika
from aio_pika.abc import (
    AbstractChannel,
    AbstractExchange,
    AbstractIncomingMessage,
    AbstractQueue,
    AbstractRobustConnection,
)
from pamqp.common import FieldValue

from souk.events.consumer import BATCH_MAX, RETRY_DELAYS, Consumer, Message, Runner, Worker
from souk.events.envelope import CONTENT_TYPE, Unreadable, unseal
from souk.events.outbox import Pending
from souk.observability.logging import get_logger

PREFETCH = 2 * BATCH_MAX
"""Messages a consumer may hold unacknowledged."""

DELIVERY_LIMIT = 20
"""Deliveries without an answer (the process died each time) before the broker buries a message."""

CONFIRM_TIMEOUT_S = 10
"""How long the broker may take to confirm before the relay counts an event as not sent."""

DECLARE_TIMEOUT_S = 60
"""How long the broker may take to make or to find one consumer's queues, or one service's retry queues."""

STOP_TIMEOUT_S = 10
"""How long the broker may take to let go of a consumer or a connection. A broker in alarm (memory, disk) answers
nothing to whoever has published, and must not keep a service from ending."""

ATTEMPT = "x-souk-attempt"


class RabbitTransport:
    """One connection per service instance; channels for publishing and for each consumer.

    `namespace` names the exchange and begins every queue's name, so that shops can share a broker.
    """

    def __init__(self, url: str, namespace: str) -> None:
        self._url = url
        self._namespace = namespace
        self._log = get_logger("events")
        self._connection: AbstractRobustConnection | None = None
        self._confirms: AbstractChannel | None = None
        self._exchange: AbstractExchange | None = None
        self._intakes: list[_Intake] = []

    async def start(self, service: str, runners: Sequence[Runner]) -> None:
        self._connection = await aio_pika.connect_robust(
            self._url,
            client_properties={"connection_name": f"souk-{service}"},
            timeout=10,
            reconnect_interval=1,
        )
        self._confirms = await self._connection.channel(publisher_confirms=True, on_return_raises=True)
        self._exchange = await _declare_exchange(self._confirms, self._namespace)
        retries = await declare_retries(self._confirms, service, self._namespace)
        for runner in runners:
            intake = _Intake(runner, retries, self._namespace)
            await intake.start(self._connection)
            self._intakes.append(intake)

    async def stop(self, service: str) -> None:
        for intake in self._intakes:
            await intake.stop()
        self._intakes.clear()
        if self._connection is not None:
            try:
                async with asyncio.timeout(STOP_TIMEOUT_S):
                    await self._connection.close()
            except TimeoutError:
                self._log.warning("the broker did not answer the goodbye", service=service)
            self._connection = None

    async def publish(self, service: str, events: Sequence[Pending]) -> set[UUID]:
        sent = await asyncio.gather(*(self._publish(event) for event in events), return_exceptions=True)
        failed = [(event, result) for event, result in zip(events, sent, strict=True) if result is not None]
        if failed:
            event, failure = failed[0]
            self._log.warning(
                "publish failed", service=service, type=event.type, error=repr(failure), count=len(failed)
            )
        return {event.id for event, result in zip(events, sent, strict=True) if result is None}

    async def _publish(self, event: Pending) -> None:
        assert self._confirms is not None
        assert self._exchange is not None
        message = _message(event.body.encode(), attempt=1, message_id=str(event.id))
        to = self._exchange if event.target is None else self._confirms.default_exchange
        key = queue_name(self._namespace, event.target) if event.target else event.type
        await to.publish(message, key, mandatory=True, timeout=CONFIRM_TIMEOUT_S)

    def problems(self, service: str) -> list[str]:
        if self._connection is None or not self._connection.connected.is_set():
            return ["not connected to RabbitMQ"]
        return [problem for intake in self._intakes for problem in intake.problems()]


class _Intake:
    """One consumer's queue: takes messages in, gives them to the worker, answers the broker after the commit."""

    def __init__(self, runner: Runner, retries: Sequence[AbstractExchange], namespace: str) -> None:
        self._runner = runner
        self._namespace = namespace
        self._queue_name = queue_name(namespace, runner.name)
        self._retries = retries
        self._worker = Worker(runner)
        self._log = get_logger(runner.service).bind(consumer=runner.name)
        self._tasks: list[asyncio.Task[None]] = []
        self._answers: set[asyncio.Task[None]] = set()
        self._queues: list[tuple[AbstractQueue, str]] = []
        self._channel: AbstractChannel | None = None

    async def start(self, connection: AbstractRobustConnection) -> None:
        channel = self._channel = await connection.channel(publisher_confirms=True)
        await channel.set_qos(prefetch_count=PREFETCH)
        queue, dead = await declare_queues(channel, self._runner.consumer, self._namespace)
        self._tasks.append(asyncio.create_task(self._worker.run(), name=self._queue_name))
        self._queues.append((queue, await queue.consume(self._arrived)))
        self._queues.append((dead, await dead.consume(self._died)))

    async def stop(self) -> None:
        for queue, tag in self._queues:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(STOP_TIMEOUT_S):
                    await queue.cancel(tag)
        if self._answers:
            await asyncio.wait(self._answers, timeout=STOP_TIMEOUT_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def problems(self) -> list[str]:
        name = self._runner.name
        if self._channel is None or self._channel.is_closed:
            return [f"{name} has no channel"]
        if any(task.done() for task in self._tasks):
            return [f"{name} has stopped working"]
        attached = self._attached()
        return (
            [] if attached == len(self._queues) else [f"{name}: {attached} of {len(self._queues)} consumers attached"]
        )

    def _attached(self) -> int:
        """Consumers that the channel really has now: a reconnect can lose them silently."""
        try:
            underlay = self._channel.channel  # type: ignore[union-attr]
        except Exception:
            return 0
        return len(getattr(underlay, "consumers", ()))

    async def _arrived(self, message: AbstractIncomingMessage) -> None:
        task = asyncio.create_task(self._answer(message))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def _answer(self, message: AbstractIncomingMessage) -> None:
        attempt = _attempt(message)
        outcome = await self._worker.submit(Message(message.body, attempt))
        try:
            if outcome == "retry":
                await self._put_off(message, attempt)
            await message.ack()
        except Exception as failure:
            # The broker still has the message and delivers it again; a lost connection has already returned it.
            self._log.warning("answer failed", error=repr(failure))
            with contextlib.suppress(Exception):
                await message.reject(requeue=True)

    async def _put_off(self, message: AbstractIncomingMessage, attempt: int) -> None:
        rest = self._retries[min(attempt, len(self._retries)) - 1]
        later = _message(message.body, attempt=attempt + 1, message_id=message.message_id)
        await rest.publish(later, self._queue_name, mandatory=True, timeout=CONFIRM_TIMEOUT_S)

    async def _died(self, message: AbstractIncomingMessage) -> None:
        """What the broker itself buried (the delivery limit) joins the other dead letters in the database."""
        body = message.body.decode(errors="replace")
        try:
            envelope = unseal(body).envelope
            event_type, event_id = envelope.type, envelope.id
        except Unreadable:
            event_type, event_id = "unreadable", None
        error = f"the broker gave up after {DELIVERY_LIMIT} deliveries: the consumer died each time"
        kept = await self._runner.bury(
            body=body, event_type=event_type, event_id=event_id, error=error, attempts=_attempt(message)
        )
        if kept == "dead":
            await message.ack()
        else:
            await asyncio.sleep(1)
            await message.reject(requeue=True)


def queue_name(namespace: str, consumer: str) -> str:
    """The name of a consumer's queue."""
    return f"{namespace}.{consumer}"


async def _declare_exchange(channel: AbstractChannel, namespace: str) -> AbstractExchange:
    return await channel.declare_exchange(namespace, aio_pika.ExchangeType.TOPIC, durable=True)


async def declare_queues(
    channel: AbstractChannel, consumer: Consumer, namespace: str
) -> tuple[AbstractQueue, AbstractQueue]:
    """Make a consumer's queue and its dead-letter queue, and bind the first to what it wants.

    Raises TimeoutError when the broker has not answered in DECLARE_TIMEOUT_S.
    """
    async with asyncio.timeout(DECLARE_TIMEOUT_S):
        return await _declare_queues(channel, consumer, namespace)


async def _declare_queues(
    channel: AbstractChannel, consumer: Consumer, namespace: str
) -> tuple[AbstractQueue, AbstractQueue]:
    name = queue_name(namespace, consumer.name)
    exchange = await _declare_exchange(channel, namespace)
    dead = await channel.declare_queue(f"{name}.dead", durable=True, arguments={"x-queue-type": "quorum"})
    arguments = _dead_lettering() | {"x-dead-letter-routing-key": f"{name}.dead"}
    queue = await channel.declare_queue(name, durable=True, arguments=arguments)
    for event_type in consumer.event_types:
        await queue.bind(exchange, event_type)
    return queue, dead


def retry_name(namespace: str, service: str, step: int) -> str:
    """The name of a service's retry exchange and queue of one step, counted from 1."""
    return queue_name(namespace, f"{service}.retry.{step}")


async def declare_retries(channel: AbstractChannel, service: str, namespace: str) -> list[AbstractExchange]:
    """Make the queues in which a service's failed messages rest; the exchange that leads to each, by step.

    All consumers of a service share them: a message goes in through a fanout exchange, so it keeps its routing key, the
    name of the queue that it came from, and by that key the broker returns it there when its time is over.
    Raises TimeoutError when the broker has not answered in DECLARE_TIMEOUT_S.
    """
    exchanges = []
    async with asyncio.timeout(DECLARE_TIMEOUT_S):
        for step, delay in enumerate(RETRY_DELAYS, start=1):
            name = retry_name(namespace, service, step)
            exchange = await channel.declare_exchange(name, aio_pika.ExchangeType.FANOUT, durable=True)
            arguments = _dead_lettering() | {"x-message-ttl": int(delay.total_seconds() * 1000)}
            queue = await channel.declare_queue(name, durable=True, arguments=arguments)
            await queue.bind(exchange)
            exchanges.append(exchange)
    return exchanges


async def declare_all(url: str, consumers: Sequence[Consumer], namespace: str) -> None:
    """Make every consumer's queues before anybody publishes, so that no event of a first start finds nobody."""
    connection = await aio_pika.connect(url, timeout=10)
    async with connection:
        channel = await connection.channel()
        for service in sorted({consumer.service for consumer in consumers}):
            await declare_retries(channel, service, namespace)
        for consumer in consumers:
            await declare_queues(channel, consumer, namespace)


def _dead_lettering() -> dict[str, FieldValue]:
    return {
        "x-queue-type": "quorum",
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": "",
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


def _message(body: bytes, *, attempt: int, message_id: str | None) -> aio_pika.Message:
    return aio_pika.Message(
        body,
        content_type=CONTENT_TYPE,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=message_id,
        headers={ATTEMPT: attempt},
    )


def _attempt(message: AbstractIncomingMessage) -> int:
    value = message.headers.get(ATTEMPT, 1)
    return value if isinstance(value, int) else 1
