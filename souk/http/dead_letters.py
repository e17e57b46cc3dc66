"""Operators' view of a service's dead letters; the same functions serve the admin page and `souk events`."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, delete, get, post
from litestar.params import Parameter
from sqlalchemy import func, select, update

from souk.database import ReadSession, Session
from souk.errors import NotFound
from souk.events.envelope import Unreadable, unseal
from souk.events.outbox import tell_again
from souk.events.tables import dead_letter
from souk.http.identity import Identity

LIST_MAX = 200


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """An event that a consumer gave up on."""

    id: UUID
    consumer: str
    event_id: UUID | None
    type: str
    body: str
    error: str
    attempts: int
    died_at: datetime


class NotReplayable(NotFound):
    """The letter's body is no event, so no consumer could handle it."""

    status = 409
    title = "It cannot be replayed"


async def waiting(session: ReadSession | Session, limit: int = LIST_MAX) -> list[DeadLetter]:
    """Letters that nobody has dealt with, oldest first."""
    columns = [dead_letter.c[name] for name in DeadLetter.__struct_fields__]
    query = select(*columns).where(dead_letter.c.status == "waiting").order_by(dead_letter.c.died_at).limit(limit)
    rows = await session.execute(query)
    return [DeadLetter(**row) for row in rows.mappings()]


async def count_waiting(session: ReadSession) -> int:
    """How many letters wait."""
    query = select(func.count()).select_from(dead_letter).where(dead_letter.c.status == "waiting")
    return int(await session.scalar(query) or 0)


async def replay(session: Session, letter_id: UUID, by: str) -> None:
    """Send the event again, to this consumer only. Its inbox does not know it, for the handling was rolled back."""
    letter = await _resolve(session, letter_id, "replayed", by)
    try:
        envelope = unseal(letter.body).envelope
    except Unreadable as wrong:
        raise NotReplayable(
            "The body is not an event Souk knows ({why}). Discard it instead.", why=str(wrong)
        ) from wrong
    await tell_again(session, letter.consumer, [(envelope.type, envelope.subject, letter.body)])


async def discard(session: Session, letter_id: UUID, by: str) -> None:
    """Give the event up for good."""
    await _resolve(session, letter_id, "discarded", by)


async def _resolve(session: Session, letter_id: UUID, status: str, by: str) -> DeadLetter:
    columns = [dead_letter.c[name] for name in DeadLetter.__struct_fields__]
    statement = (
        update(dead_letter)
        .where(dead_letter.c.id == letter_id, dead_letter.c.status == "waiting")
        .values(status=status, resolved_at=func.now(), resolved_by=by)
        .returning(*columns)
    )
    row = (await session.execute(statement)).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such dead letter waiting.", code="unknown-dead-letter")
    return DeadLetter(**row)


class DeadLetterRoutes(Controller):
    """Internal routes that every service has; for admins, through the entrypoint."""

    path = "/internal/dead-letters"

    @get()
    async def list_waiting(
        self,
        identity: Identity,
        reader: ReadSession,
        limit: Annotated[int, Parameter(ge=1, le=LIST_MAX)] = LIST_MAX,
    ) -> list[DeadLetter]:
        """Letters that nobody has dealt with."""
        identity.require_role("admin")
        return await waiting(reader, limit)

    @post("/{letter_id:uuid}/replay", status_code=204)
    async def replay_one(self, identity: Identity, session: Session, letter_id: UUID) -> None:
        """Send it again to the consumer that gave up."""
        await replay(session, letter_id, str(identity.require_role("admin")))

    @delete("/{letter_id:uuid}")
    async def discard_one(self, identity: Identity, session: Session, letter_id: UUID) -> None:
        """Give it up."""
        await discard(session, letter_id, str(identity.require_role("admin")))
