"""The outbox: events are written in the business transaction, and taken from there by the relay."""

import asyncio
from collections import deque
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import func, insert, select, text

from souk.clock import Clock
from souk.contracts import Event
from souk.database import Database, ReadSession, Session, Statement
from souk.events.envelope import seal
from souk.events.log_fields import aggregates_of
from souk.events.recording import Born, notify, record_born
from souk.events.tables import outbox
from souk.ids import new_id
from souk.observability.tracing import traceparent_for

CLAIM_MAX = 200
"""Rows a relay takes at once."""

LEASE = timedelta(seconds=60)
"""How long a claimed row is left to its relay; after that, any instance takes it over."""

FRESH_MAX = 10_000
"""Rows an instance remembers to send without a claim; what is beyond is claimed once its lease is over."""

CHANNEL = "souk_outbox"
"""PostgreSQL notification channel for writers that have no relay of their own."""

RETENTION = timedelta(days=3)
"""How long published rows are kept for operators to look at."""


# What these three do may be lost in a crash, so their commits need not wait for the disk.
_CLAIM: Statement[Any] = Statement("""
    WITH hurried AS (SELECT set_config('synchronous_commit', 'off', true))
    UPDATE outbox SET claimed_until = now() + CAST(:lease AS interval), attempts = attempts + 1
    FROM hurried WHERE id IN (
        SELECT id FROM outbox WHERE status = 'pending' AND claimed_until <= now()
        ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    RETURNING id, type, body, target, attempts
""")
_PUBLISHED: Statement[Any] = Statement("""
    WITH hurried AS (SELECT set_config('synchronous_commit', 'off', true))
    UPDATE outbox SET status = 'published', published_at = now() FROM hurried WHERE id = ANY(CAST(:ids AS uuid[]))
""")
_PUT_OFF: Statement[Any] = Statement("""
    WITH hurried AS (SELECT set_config('synchronous_commit', 'off', true))
    UPDATE outbox SET claimed_until = now() + late.delay
    FROM hurried, unnest(CAST(:ids AS uuid[]), CAST(:delays AS interval[])) AS late (id, delay)
    WHERE outbox.id = late.id
""")


class Sequenced(NamedTuple):
    """An event with the version of what it is about, by which consumers tell old news from new (`souksequence`)."""

    event: Event
    sequence: int


News = Event | Sequenced
"""What a use case returns for others to know, and its boundary emits. An event alone has the sequence 0: whoever hears of it
need not know what came before."""


class Pending(msgspec.Struct, frozen=True):
    """A claimed outbox row."""

    id: UUID
    type: str
    body: str
    target: str | None
    attempts: int
    """Counting this one."""


class Outbox:
    """Writes a service's events, and hands them to this instance's relay once they are committed."""

    def __init__(self, service: str, clock: Clock) -> None:
        self.service = service
        self.work = asyncio.Event()
        self.fresh: deque[Pending] = deque(maxlen=FRESH_MAX)
        self._clock = clock

    def emit(self, session: Session, *news: News) -> None:
        """Record that these happened, with the transaction: told if it commits, forgotten if it does not."""
        if not news:
            return
        now = self._clock.now()
        born, fresh = [], []
        for one in news:
            event, sequence = one if isinstance(one, Sequenced) else (one, 0)
            event_id = new_id()
            traceparent = traceparent_for(aggregates_of(event))
            body = seal(self.service, event, event_id=event_id, time=now, sequence=sequence, traceparent=traceparent)
            born.append(Born(event_id, event.event_type, event.subject, body))
            fresh.append(Pending(event_id, event.event_type, body, None, attempts=1))
        record_born(session, born)
        session.after_commit(lambda: self._hand_over(fresh))

    def _hand_over(self, fresh: list[Pending]) -> None:
        self.fresh.extend(fresh)
        self.work.set()

    def take_fresh(self, limit: int) -> list[Pending]:
        """Rows written here that nobody else has, to be sent now."""
        return [self.fresh.popleft() for _ in range(min(limit, len(self.fresh)))]


async def claim(database: Database, limit: int = CLAIM_MAX) -> list[Pending]:
    """Take pending rows for this relay. Losing this commit in a crash is harmless, so it need not wait for the disk."""
    rows = await _CLAIM.once(database, lease=LEASE, limit=limit)
    return sorted((Pending(*row) for row in rows), key=lambda row: row.id)


async def settle(database: Database, done: Iterable[UUID], later: Iterable[tuple[UUID, timedelta]]) -> None:
    """Mark what was confirmed as published and put the rest off. A lost mark only means one more delivery."""
    done_ids, later_rows = list(done), list(later)
    if done_ids:
        await _PUBLISHED.once(database, ids=done_ids)
    if later_rows:
        ids, delays = zip(*later_rows, strict=True)
        await _PUT_OFF.once(database, ids=list(ids), delays=list(delays))


async def told_since(session: ReadSession, types: Iterable[str]) -> list[tuple[str, UUID, str]]:
    """Type, subject and body of every event of these types that was told to everybody and is still kept, oldest first."""
    columns = (outbox.c.type, outbox.c.subject, outbox.c.body)
    rows = await session.execute(
        select(*columns)
        .where(outbox.c.type.in_(list(types)), outbox.c.status == "published", outbox.c.target.is_(None))
        .order_by(outbox.c.id)
    )
    return [(row.type, row.subject, row.body) for row in rows]


async def tell_again(session: Session, consumer: str, events: Iterable[tuple[str, UUID, str]]) -> int:
    """Tell one consumer of this service events as they were told before, by type, subject and body; its inbox knows those
    that it has handled. Returns how many."""
    rows = [
        {"id": new_id(), "type": kind, "subject": subject, "body": body, "target": consumer}
        for kind, subject, body in events
    ]
    if rows:
        await session.execute(insert(outbox), rows)
        notify(session, CHANNEL)
    return len(rows)


async def lag(session: ReadSession) -> tuple[int, float]:
    """How many events wait, and for how many seconds the oldest has waited."""
    count = func.count()
    age = func.coalesce(func.extract("epoch", func.now() - func.min(outbox.c.created_at)), 0)
    row = (await session.execute(select(count, age).where(outbox.c.status == "pending"))).one()
    return int(row[0]), float(row[1])


async def sweep(session: Session) -> int:
    """Forget published rows older than the retention; returns how many."""
    result = await session.execute(
        text("""
            DELETE FROM outbox WHERE id IN (
                SELECT id FROM outbox WHERE status = 'published' AND published_at < now() - CAST(:kept AS interval) LIMIT 5000
            ) RETURNING 1
        """),
        {"kept": RETENTION},
    )
    return len(result.all())
