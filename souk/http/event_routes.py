"""Operators' view of events: what a service told about something, who has handled it, and one more try for what waits."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, cast
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.params import Parameter
from sqlalchemy import Row, text

from souk.database import ReadSession, Session
from souk.errors import NotFound
from souk.events import Consumer, notify
from souk.events.outbox import CHANNEL
from souk.http.identity import Identity
from souk.http.kernel import Kernel
from souk.ids import new_id
from souk.observability.tracing import trace_id_in

ABOUT_MAX = 100
TOLD_MAX = 500

_TOLD = text("""
    SELECT id, type, body, created_at, published_at, attempts, claimed_until FROM outbox
    WHERE id >= :since AND body LIKE ANY(:about) ORDER BY id LIMIT :limit
""")
_HANDLED = text("""
    SELECT consumer, event_id, handled_at FROM inbox WHERE consumer = ANY(:consumers) AND event_id = ANY(:ids)
""")
_DEAD = text("""
    SELECT id AS letter_id, consumer, event_id, error, attempts, died_at FROM dead_letter
    WHERE status = 'waiting' AND event_id = ANY(:ids)
""")
_SOONER = text("UPDATE outbox SET claimed_until = '-infinity' WHERE id = :id AND status = 'pending' RETURNING id")
_AGAIN = text("""
    INSERT INTO outbox (id, type, subject, body)
    SELECT :row_id, type, subject, body FROM outbox WHERE id = :id AND status = 'published' RETURNING id
""")


class _Head(msgspec.Struct):
    """What is read of an event, whatever it is."""

    id: UUID
    traceparent: str = ""


class ToldEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event that a service told, or has still to tell."""

    row_id: UUID
    """Of its row in the outbox; the same as the event's unless it is told again."""
    event_id: UUID
    type: str
    made_at: datetime
    told_at: datetime | None
    """None while it waits."""
    attempts: int
    next_attempt_at: datetime | None
    """When a waiting one is tried next; None if it may be taken at any moment."""
    trace_id: str

    @property
    def again(self) -> bool:
        """Whether it had been told before."""
        return self.row_id != self.event_id


class HandledEvent(msgspec.Struct, frozen=True, kw_only=True):
    """When a consumer handled an event."""

    consumer: str
    event_id: UUID
    handled_at: datetime


class GivenUpEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event that a consumer gave up on, and that waits for an operator."""

    letter_id: UUID
    consumer: str
    event_id: UUID
    error: str
    attempts: int
    died_at: datetime


class Handlings(msgspec.Struct, frozen=True, kw_only=True):
    """What became of events in one service."""

    wanted: dict[str, list[str]]
    """Which types each of the service's consumers wants."""
    handled: list[HandledEvent]
    given_up: list[GivenUpEvent]


async def told_about(session: ReadSession, ids: Iterable[UUID], since: UUID) -> list[ToldEvent]:
    """Events in which one of these ids stands, oldest first; none that was made before `since` was. Told ones are kept for
    three days."""
    about = [f"%{wanted}%" for wanted in ids]
    rows = await session.execute(_TOLD, {"since": since, "about": about, "limit": TOLD_MAX})
    return [_told(row) for row in rows]


async def handlings(session: ReadSession, consumers: Sequence[Consumer], ids: Sequence[UUID]) -> Handlings:
    """What this service's consumers made of these events."""
    wanted = {consumer.name: consumer.event_types for consumer in consumers}
    handled = await session.execute(_HANDLED, {"consumers": list(wanted), "ids": list(ids)})
    given_up = await session.execute(_DEAD, {"ids": list(ids)})
    return Handlings(
        wanted=wanted,
        handled=[HandledEvent(**row) for row in handled.mappings()],
        given_up=[GivenUpEvent(**row) for row in given_up.mappings()],
    )


async def try_again(session: Session, row_id: UUID) -> None:
    """Tell at once what waits to be told; and again what was told, to all who want it.

    Whoever has handled it knows that, so a time too many does no harm; the broker lets a service speak to others in no
    other way. Raises NotFound if it is not kept any more.
    """
    if (await session.execute(_SOONER, {"id": row_id})).first() is None:
        again = await session.execute(_AGAIN, {"id": row_id, "row_id": new_id()})
        if again.first() is None:
            raise NotFound("There is no such event any more.", code="event-gone")
    notify(session, CHANNEL)


def _told(row: Row[tuple[object, ...]]) -> ToldEvent:
    try:
        head = msgspec.json.decode(row.body, type=_Head)
    except msgspec.DecodeError:  # what no consumer can read is told all the same
        head = _Head(row.id)
    rests = row.published_at is None and isinstance(row.claimed_until, datetime) and row.claimed_until.year > 1
    return ToldEvent(
        row_id=row.id,
        event_id=head.id,
        type=row.type,
        made_at=row.created_at,
        told_at=row.published_at,
        attempts=row.attempts,
        next_attempt_at=cast(datetime, row.claimed_until) if rests else None,
        trace_id=trace_id_in(head.traceparent),
    )


class EventRoutes(Controller):
    """Internal routes that every service has; for admins, through the entrypoint."""

    path = "/internal/events"

    @get()
    async def list_told(
        self,
        identity: Identity,
        reader: ReadSession,
        since: UUID,
        about: Annotated[list[UUID], Parameter(max_items=ABOUT_MAX)],
    ) -> list[ToldEvent]:
        """What this service told about these ids."""
        identity.require_role("admin")
        return await told_about(reader, about, since)

    @post("/handlings", status_code=200)
    async def list_handlings(
        self, identity: Identity, reader: ReadSession, kernel: Kernel, data: list[UUID]
    ) -> Handlings:
        """What became of these events here."""
        identity.require_role("admin")
        return await handlings(reader, kernel.consumers, data)

    @post("/{row_id:uuid}/attempts", status_code=204)
    async def attempt(self, identity: Identity, session: Session, row_id: UUID) -> None:
        """Try again now."""
        identity.require_role("admin")
        await try_again(session, row_id)
