"""Consumers: which events a part of a service reacts to, and how a batch of them is handled exactly once."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Literal, TypeVar, cast
from uuid import UUID

from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode, use_span
from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert

from souk.clock import Clock, SystemClock
from souk.contracts import Event
from souk.database import Database, Session, Statement
from souk.events.envelope import Received, Unreadable, unseal
from souk.events.log_fields import aggregates_of, causing
from souk.events.outbox import News, Outbox
from souk.events.recording import record_handled
from souk.events.tables import dead_letter, inbox
from souk.ids import new_id
from souk.observability import metrics
from souk.observability.logging import get_logger
from souk.observability.trace_ids import trace_id_of
from souk.observability.tracing import (
    begin,
    caused_by,
    parent_of,
    span,
    trace_id_in,
    traceparent_of,
)

BATCH_MAX = 100
"""Events handled in one transaction at the most."""

RETRY_DELAYS = tuple(timedelta(seconds=s) for s in (0.5, 2, 10, 60, 300))
"""How long a failed event rests before each further attempt; after the last one it is a dead letter."""

ERROR_CHARS_MAX = 4000

INBOX_RETENTION = timedelta(days=14)
"""How long a handled event is remembered; far longer than any message can come late."""

_HANDLED: Statement[Any] = Statement(
    "SELECT event_id FROM inbox WHERE consumer = :consumer AND event_id = ANY(CAST(:ids AS uuid[]))"
)

EventT = TypeVar("EventT", bound=Event)
Reaction = Awaitable[Iterable[News] | None]
"""What others must know of it, which is emitted in its transaction."""
Handler = Callable[[Session, Any], Reaction]
VersionHandler = Callable[[Session, Any, int], Reaction]
Outcome = Literal["done", "retry", "dead"]


class NotYet(Exception):
    """The event came before the one it builds on: put it off, it is not the event's fault."""


class Message:
    """A delivery as the transport hands it over."""

    __slots__ = ("attempt", "body")

    def __init__(self, body: str | bytes, attempt: int) -> None:
        self.body = body
        self.attempt = attempt


class Consumer:
    """What one part of a service does when events arrive; its name is its queue's name.

    What nobody waits for can be gathered: then a batch begins at the earliest `gather_s` seconds after the one before,
    and under load many events share one transaction. An event that comes alone is handled at once.
    """

    def __init__(self, name: str, *, gather_s: float = 0.0) -> None:
        self.name = name
        self.gather_s = gather_s
        self._single: dict[type[Event], Handler] = {}
        self._versioned: dict[type[Event], VersionHandler] = {}
        self._batch: dict[type[Event], Handler] = {}

    @property
    def service(self) -> str:
        """The service it is a part of, the first word of its name."""
        return self.name.partition(".")[0]

    @property
    def event_types(self) -> list[str]:
        """The types it wants, which are the routing keys its queue is bound to."""
        return sorted(kind.event_type for kind in (*self._single, *self._versioned, *self._batch))

    def on(self, kind: type[EventT], handler: Callable[[Session, EventT], Reaction]) -> None:
        """Handle events of this kind one after the other, inside the batch's transaction."""
        self._single[kind] = handler

    def on_version(self, kind: type[EventT], handler: Callable[[Session, EventT, int], Reaction]) -> None:
        """The same with the aggregate's version (`souksequence`) besides, for handlers that ignore what is older than
        what they know."""
        self._versioned[kind] = handler

    def on_many(self, kind: type[EventT], handler: Callable[[Session, list[EventT]], Reaction]) -> None:
        """Handle all events of this kind in a batch together."""
        self._batch[kind] = handler

    async def dispatch(self, session: Session, received: Sequence[Received]) -> list[News]:
        """Give the events to their handlers: what they tell. Raises whatever a handler raises."""
        news: list[News] = []
        for kind, batch_handler in self._batch.items():
            events = [item.event for item in received if type(item.event) is kind]
            if events:
                news += await batch_handler(session, events) or ()
        for item in received:
            handler = self._single.get(type(item.event))
            if handler is not None:
                news += await handler(session, item.event) or ()
            versioned = self._versioned.get(type(item.event))
            if versioned is not None:
                news += await versioned(session, item.event, item.envelope.souksequence) or ()
        return news


class Runner:
    """Runs one consumer against its database: inbox, one transaction a batch, one by one if a batch fails. What the
    consumer tells is emitted in that transaction."""

    def __init__(
        self, consumer: Consumer, database: Database, clock: Clock | None = None, outbox: Outbox | None = None
    ) -> None:
        self.consumer = consumer
        self.name = consumer.name
        self.service = database.service
        self._database = database
        self._clock = clock or SystemClock()
        self._outbox = outbox or Outbox(database.service, self._clock)
        self._log = get_logger(database.service).bind(consumer=consumer.name)

    async def handle(self, messages: Sequence[Message]) -> list[Outcome]:
        """Handle what arrived, in at most two tries: together, then each alone. One outcome per message."""
        outcomes: list[Outcome | None] = [None] * len(messages)
        readable: list[tuple[int, Received]] = []
        for index, message in enumerate(messages):
            try:
                readable.append((index, unseal(message.body, attempt=message.attempt)))
            except Unreadable as wrong:
                outcomes[index] = await self._bury_unreadable(message, wrong)
        if readable:
            failure = await self._try([item for _, item in readable])
            if failure is None:
                for index, _ in readable:
                    outcomes[index] = "done"
            else:
                for index, item in readable:
                    alone = failure if len(readable) == 1 else await self._try([item])
                    outcomes[index] = "done" if alone is None else await self._failed(item, alone)
        return cast(list[Outcome], outcomes)

    async def _try(self, received: list[Received]) -> Exception | None:
        """Handle these in one transaction, and note it: a span in the trace of each, a line and a count for each."""
        started = time.perf_counter()
        spans = [self._begin(item) for item in received]
        try:
            with self._as_one(received, spans):
                fresh_ids = await self._once(received)
        except Exception as failure:
            self._end(received, spans, set(), str(failure))
            return failure
        duration = time.perf_counter() - started
        metrics.event_duration.labels(self.service, self.name).observe(duration)
        metrics.event_batch.labels(self.service, self.name).observe(len(received))
        self._end(received, spans, fresh_ids)
        for item, own in zip(received, spans, strict=True):
            outcome = "handled" if item.envelope.id in fresh_ids else "duplicate"
            metrics.events_handled.labels(self.service, self.name, item.envelope.type, outcome).inc()
            metrics.event_lag.labels(self.service, self.name).observe(self._age(item))
            self._say(item, outcome, duration, trace_id_of(own))
        return None

    def _age(self, item: Received) -> float:
        """Seconds since the event was emitted."""
        return max(0.0, (self._clock.now() - item.envelope.time).total_seconds())

    def _begin(self, item: Received) -> Span:
        """A span for one event, in the trace that its envelope names."""
        parent = parent_of({"traceparent": item.envelope.traceparent})
        return begin(f"handle {self.name}", service=self.service, kind=SpanKind.CONSUMER, parent=parent)

    @contextmanager
    def _as_one(self, received: list[Received], spans: list[Span]) -> Iterator[None]:
        """The work on a batch: part of the event's own trace if there is one, else a trace linked to each of them."""
        about = {aggregate: item.about for item in received for aggregate in aggregates_of(item.event)}
        with causing(about), self._traced(received, spans):
            yield

    @contextmanager
    def _traced(self, received: list[Received], spans: list[Span]) -> Iterator[None]:
        if len(spans) == 1:
            with use_span(spans[0], record_exception=False):
                yield
            return
        causes = {
            aggregate: traceparent_of(own)
            for item, own in zip(received, spans, strict=True)
            for aggregate in aggregates_of(item.event)
        }
        with span(f"batch {self.name}", service=self.service, parent=Context(), links=spans), caused_by(causes):
            yield

    def _end(self, received: list[Received], spans: list[Span], fresh_ids: set[UUID], failure: str = "") -> None:
        for item, own in zip(received, spans, strict=True):
            if own.is_recording():
                own.set_attributes({"messaging.destination.name": self.name, "souk.batch": len(received)})
                own.set_attributes({f"souk.{name}": value for name, value in item.logged.items()})
                own.set_attributes({"souk.event_type": item.envelope.type, "souk.attempt": item.attempt})
                own.set_attribute("souk.duplicate", not failure and item.envelope.id not in fresh_ids)
                if failure:
                    own.set_status(StatusCode.ERROR, failure[:200])
            own.end()

    def _say(self, item: Received, outcome: str, duration: float, trace_id: str) -> None:
        self._log.info(
            "event",
            outcome=outcome,
            type=item.envelope.type,
            event_id=str(item.envelope.id),
            subject=str(item.envelope.subject),
            duration_ms=round(duration * 1000, 2),
            attempt=item.attempt,
            trace_id=trace_id,
            **item.logged,
        )

    async def _once(self, received: list[Received]) -> set[UUID]:
        """Handle each event that this consumer has not handled before, and say which these were.

        The inbox is written last, with what is told. If it knew one of them, nothing of the transaction stays, and the others
        are handled again by themselves; only what came before already is looked up in advance.
        """
        fresh = {item.envelope.id: item for item in received}
        if any(item.attempt > 1 for item in received):
            fresh = await self._unhandled(fresh)
        while fresh:
            try:
                async with self._database.transaction() as session:
                    self._outbox.emit(session, *await self.consumer.dispatch(session, list(fresh.values())))
                    record_handled(session, self.name, fresh)
                break
            except Exception:
                unhandled = await self._unhandled(fresh)
                if len(unhandled) == len(fresh):
                    raise
                fresh = unhandled
        return set(fresh)

    async def _unhandled(self, events: dict[UUID, Received]) -> dict[UUID, Received]:
        """Those that the inbox does not know."""
        rows = await _HANDLED.once(self._database, consumer=self.name, ids=list(events))
        handled = {row.event_id for row in rows}
        return {event_id: item for event_id, item in events.items() if event_id not in handled}

    async def _failed(self, item: Received, failure: Exception) -> Outcome:
        metrics.events_handled.labels(self.service, self.name, item.envelope.type, "failed").inc()
        patience_left = item.attempt <= len(RETRY_DELAYS)
        log = self._log.info if isinstance(failure, NotYet) else self._log.warning
        log(
            "event failed",
            type=item.envelope.type,
            event_id=str(item.envelope.id),
            attempt=item.attempt,
            error=repr(failure),
            retry=patience_left,
            trace_id=trace_id_in(item.envelope.traceparent),
            **item.logged,
            exc_info=None if isinstance(failure, NotYet) else failure,
        )
        if patience_left:
            return "retry"
        return await self.bury(
            body=item.body,
            event_type=item.envelope.type,
            event_id=item.envelope.id,
            error=repr(failure),
            attempts=item.attempt,
        )

    async def _bury_unreadable(self, message: Message, wrong: Unreadable) -> Outcome:
        body = message.body if isinstance(message.body, str) else message.body.decode(errors="replace")
        self._log.error("event unreadable", error=str(wrong))
        metrics.events_handled.labels(self.service, self.name, "unreadable", "dead").inc()
        return await self.bury(
            body=body, event_type="unreadable", event_id=None, error=str(wrong), attempts=message.attempt
        )

    async def bury(self, *, body: str, event_type: str, event_id: UUID | None, error: str, attempts: int) -> Outcome:
        """Keep a dead letter for an operator. "retry" if even that fails: the event is never lost."""
        row = {
            "id": new_id(),
            "consumer": self.name,
            "event_id": event_id,
            "type": event_type,
            "body": body.replace("\x00", ""),
            "error": error[:ERROR_CHARS_MAX],
            "attempts": attempts,
        }
        fields = {key: row[key] for key in ("error", "attempts")}
        statement = insert(dead_letter).values(row)
        again = fields | {"status": "waiting", "died_at": text("now()"), "resolved_at": None}
        try:
            async with self._database.transaction() as session:
                await session.execute(
                    statement.on_conflict_do_update(index_elements=["consumer", "event_id"], set_=again)
                )
        except Exception as failure:
            self._log.error("dead letter not kept", error=repr(failure))
            return "retry"
        self._log.error("dead letter", type=event_type, event_id=str(event_id), error=error[:200], **_logged(body))
        return "dead"


class Worker:
    """Feeds a runner: collects what has arrived, up to a limit, into one batch at a time."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self._arrived: asyncio.Queue[tuple[Message, asyncio.Future[Outcome]]] = asyncio.Queue(maxsize=10 * BATCH_MAX)

    async def submit(self, message: Message) -> Outcome:
        """Hand over one message and wait for its outcome."""
        done: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        await self._arrived.put((message, done))
        return await done

    async def run(self) -> None:
        """Work for ever; ends only by cancellation, and then whoever waits is told to try again."""
        batch: list[tuple[Message, asyncio.Future[Outcome]]] = []
        earliest = 0.0
        try:
            while True:
                batch = [await self._arrived.get()]
                if (rest := earliest - time.monotonic()) > 0:
                    await asyncio.sleep(rest)
                while len(batch) < BATCH_MAX and not self._arrived.empty():
                    batch.append(self._arrived.get_nowait())
                outcomes = await self.runner.handle([message for message, _ in batch])
                earliest = time.monotonic() + self.runner.consumer.gather_s
                for (_, done), outcome in zip(batch, outcomes, strict=True):
                    if not done.done():
                        done.set_result(outcome)
        finally:
            while not self._arrived.empty():
                batch.append(self._arrived.get_nowait())
            for _, done in batch:
                if not done.done():
                    done.set_result("retry")


def _logged(body: str) -> dict[str, str]:
    """What a dead letter is about, if that can be read."""
    try:
        return unseal(body).logged
    except Unreadable:
        return {}


async def sweep_inbox(session: Session) -> int:
    """Forget events handled longer ago than the retention; returns how many."""
    gone = delete(inbox).where(inbox.c.handled_at < text("now() - CAST(:kept AS interval)")).returning(inbox.c.event_id)
    return len((await session.execute(gone, {"kept": INBOX_RETENTION})).all())
