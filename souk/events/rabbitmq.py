"""The RabbitMQ adapter: one topic exchange for the events, and a service's own queues behind an exchange of its own.

`declare_all` makes them, as the operator (`souk migrate`). A service only publishes and takes: its broker user may
neither make nor bind anything, so it hears what it was given and nothing else (decision 0017).
"""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import aio_pika
from aio_pika.abc import (
    AbstractChannel,
    AbstractConnection,
    AbstractExchange,
    AbstractIncomingMessage,
    AbstractQueue,
)
from aiormq.exceptions import AMQPError, ChannelNotFoundEntity
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
"""How long the broker may take to make one consumer's queues, or one service's retry queues."""

CONNECT_TIMEOUT_S = 10

ATTACH_TIMEOUT_S = 60
"""How long the broker may take to find all of a service's queues."""

LOOK_S = 1.0
"""How often the connection and its consumers are looked at, and the pause before they are made again."""

PUBLISH_DELAYS = tuple(timedelta(seconds=s) for s in (0.5, 2, 5))
"""How long an event rests that the broker did not take, before it is offered again; after that, the last of them.
Short, for it is the broker that is unwell, not the event: once it is mended, nobody waits any longer."""

STOP_TIMEOUT_S = 10
"""How long the broker may take to let go of a consumer or a connection. A broker in alarm (memory, disk) answers
nothing to whoever has published, and must not keep a service from ending."""

ATTEMPT = "x-souk-attempt"


class QueuesMissing(Exception):
    """The broker lacks an exchange or a queue that this version needs."""


class RabbitTransport:
    """One connection per service instance; channels for publishing and for each consumer.

    `namespace` names the exchange and begins every queue's name, so that shops can share a broker. Whatever is lost (the
    connection, a channel, a consumer), all of it is made anew: parts that come back by themselves may come back without
    the others.
    """

    delays = PUBLISH_DELAYS

    def __init__(self, url: str, namespace: str) -> None:
        self._url = url
        self._namespace = namespace
        self._log = get_logger("events")
        self._connection: AbstractConnection | None = None
        self._confirms: AbstractChannel | None = None
        self._events: AbstractExchange | None = None
        self._own: AbstractExchange | None = None
        self._intakes: list[_Intake] = []
        self._mending: asyncio.Task[None] | None = None

    async def start(self, service: str, runners: Sequence[Runner]) -> None:
        """Connect and attach every consumer. Raises QueuesMissing if `souk migrate` has not made their queues."""
        await self._attach(service, runners)
        self._mending = asyncio.create_task(self._mend(service, runners), name=f"{service} mends its connection")

    async def stop(self, service: str) -> None:
        mending, self._mending = self._mending, None
        if mending is not None:
            mending.cancel()
            await asyncio.gather(mending, return_exceptions=True)
        await self._detach(service)

    async def _mend(self, service: str, runners: Sequence[Runner]) -> None:
        """Look whether everything is attached, and attach it anew where it is not, for ever."""
        while True:
            await asyncio.sleep(LOOK_S)
            problems = self.problems(service)
            if not problems:
                continue
            self._log.warning("attaching to the broker anew", service=service, problems=problems)
            await self._detach(service)
            try:
                await self._attach(service, runners)
            except Exception as failure:
                self._log.warning("not attached to the broker", service=service, error=repr(failure))
            else:
                self._log.warning("attached to the broker again", service=service)

    async def _attach(self, service: str, runners: Sequence[Runner]) -> None:
        name: dict[str, FieldValue] = {"connection_name": f"souk-{service}"}
        try:
            async with asyncio.timeout(ATTACH_TIMEOUT_S):
                self._connection = await aio_pika.connect(self._url, client_properties=name, timeout=CONNECT_TIMEOUT_S)
                self._confirms = await self._connection.channel(publisher_confirms=True, on_return_raises=True)
                self._events = await self._confirms.get_exchange(self._namespace)
                self._own = await self._confirms.get_exchange(queue_name(self._namespace, service))
                resting = [retry_name(self._namespace, service, delay) for delay in RETRY_DELAYS]
                retries = [await self._confirms.get_exchange(name) for name in resting]
                for runner in runners:
                    intake = _Intake(runner, retries, self._namespace)
                    self._intakes.append(intake)
                    await intake.start(self._connection)
        except BaseException as failure:
            await self._detach(service)
            if isinstance(failure, ChannelNotFoundEntity):
                raise QueuesMissing(f"{failure}: `souk migrate` makes what is missing") from failure
            raise

    async def _detach(self, service: str) -> None:
        intakes, self._intakes = self._intakes, []
        for intake in intakes:
            await intake.stop()
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                async with asyncio.timeout(STOP_TIMEOUT_S):
                    await connection.close()
            except (TimeoutError, AMQPError, ConnectionError):
                self._log.warning("the broker did not answer the goodbye", service=service)

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
        assert self._events is not None
        assert self._own is not None
        message = _message(event.body.encode(), attempt=1, message_id=str(event.id))
        to = self._events if event.target is None else self._own
        key = queue_name(self._namespace, event.target) if event.target else event.type
        await to.publish(message, key, mandatory=True, timeout=CONFIRM_TIMEOUT_S)

    def problems(self, service: str) -> list[str]:
        if self._connection is None or self._connection.is_closed:
            return ["not connected to RabbitMQ"]
        if self._confirms is None or self._confirms.is_closed:
            return ["no channel to publish on"]
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

    async def start(self, connection: AbstractConnection) -> None:
        channel = self._channel = await connection.channel(publisher_confirms=True)
        await channel.set_qos(prefetch_count=PREFETCH)
        queue = await channel.get_queue(self._queue_name)
        dead = await channel.get_queue(f"{self._queue_name}.dead")
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


def retry_name(namespace: str, service: str, delay: timedelta) -> str:
    """The name of a service's retry exchange, and of its queue, for messages that rest for so long."""
    return queue_name(namespace, f"{service}.retry.{delay.total_seconds():g}s")


async def _declare_service(channel: AbstractChannel, service: str, namespace: str) -> None:
    """Make a service's own exchange, and the queues in which its failed messages rest.

    All consumers of a service share these: a message goes in through a fanout exchange, so it keeps its routing key, the
    name of the queue that it came from; when its time is over, the service's own exchange takes it back there by that
    key, and to no other service's queue.
    """
    own = queue_name(namespace, service)
    await channel.declare_exchange(own, aio_pika.ExchangeType.DIRECT, durable=True)
    for delay in RETRY_DELAYS:
        name = retry_name(namespace, service, delay)
        exchange = await channel.declare_exchange(name, aio_pika.ExchangeType.FANOUT, durable=True)
        rest_ms = int(delay.total_seconds() * 1000)
        arguments = _dead_lettering(own) | {"x-message-ttl": rest_ms}
        queue = await channel.declare_queue(name, durable=True, arguments=arguments)
        await queue.bind(exchange)


async def _declare_consumer(channel: AbstractChannel, consumer: Consumer, namespace: str) -> None:
    """Make a consumer's queue and its dead-letter queue, and bind the first to what it wants and to its own name."""
    name = queue_name(namespace, consumer.name)
    await channel.declare_queue(f"{name}.dead", durable=True, arguments={"x-queue-type": "quorum"})
    arguments = _dead_lettering("") | {"x-dead-letter-routing-key": f"{name}.dead"}
    queue = await channel.declare_queue(name, durable=True, arguments=arguments)
    await queue.bind(queue_name(namespace, consumer.service), name)
    for event_type in consumer.event_types:
        await queue.bind(namespace, event_type)


async def _missing(connection: AbstractConnection, name: str) -> bool:
    channel = await connection.channel()
    try:
        await channel.get_queue(name)
    except ChannelNotFoundEntity:
        return True
    await channel.close()
    return False


async def declare_all(url: str, consumers: Sequence[Consumer], namespace: str) -> list[Consumer]:
    """Make every consumer's queues before anybody publishes, so that no event of a first start finds nobody.

    Returns the consumers whose queue was not there: if they are not new, events have passed them by. `url` names a user
    who may make queues. Raises TimeoutError when the broker has not answered in DECLARE_TIMEOUT_S.
    """
    made = []
    async with await aio_pika.connect(url, timeout=CONNECT_TIMEOUT_S) as connection:
        channel = await connection.channel()
        async with asyncio.timeout(DECLARE_TIMEOUT_S):
            await channel.declare_exchange(namespace, aio_pika.ExchangeType.TOPIC, durable=True)
        for service in sorted({consumer.service for consumer in consumers}):
            async with asyncio.timeout(DECLARE_TIMEOUT_S):
                await _declare_service(channel, service, namespace)
        for consumer in consumers:
            async with asyncio.timeout(DECLARE_TIMEOUT_S):
                if await _missing(connection, queue_name(namespace, consumer.name)):
                    made.append(consumer)
                await _declare_consumer(channel, consumer, namespace)
    return made


def _dead_lettering(exchange: str) -> dict[str, FieldValue]:
    return {
        "x-queue-type": "quorum",
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": exchange,
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
