"""What a transaction leaves for others is written by its last statement: events to tell, events that were handled, and
notifications to other instances. So each costs no round trip of its own, and its locks are held for the shortest time.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from souk.database import Session, Statement

BIRTH_LEASE = timedelta(seconds=5)
"""A new row of the outbox belongs for so long to the instance that wrote it, which need not claim it to send it."""

_RECORD = "souk.record"
"""Key of `Session.info`."""

_WRITE: Statement[Any] = Statement("""
    WITH born AS (
        INSERT INTO outbox (id, type, subject, body, claimed_until, attempts)
        SELECT event.*, now() + CAST(:lease AS interval), 1 FROM unnest(
            CAST(:ids AS uuid[]), CAST(:types AS text[]), CAST(:subjects AS uuid[]), CAST(:bodies AS text[])
        ) AS event
    ), handled AS (
        INSERT INTO inbox (consumer, event_id) SELECT :consumer, id FROM unnest(CAST(:handled AS uuid[])) AS id
        ON CONFLICT DO NOTHING RETURNING event_id
    )
    SELECT (SELECT count(*) FROM handled) AS handled, (
        SELECT count(pg_notify(channel, payload))
        FROM unnest(CAST(:channels AS text[]), CAST(:payloads AS text[])) AS notification (channel, payload)
    ) AS notified
""")


class HandledBefore(Exception):
    """A consumer had handled one of these events before, so nothing of what it did now may stay."""


class Born(NamedTuple):
    """An event as the outbox keeps it."""

    id: UUID
    type: str
    subject: UUID
    body: str


class _Record:
    """Of one transaction."""

    def __init__(self) -> None:
        self.born: list[Born] = []
        self.consumer = ""
        self.handled: list[UUID] = []
        self.notifications: list[tuple[str, str]] = []

    async def write(self, session: Session) -> None:
        """Raises HandledBefore; then the transaction must be rolled back."""
        channels = [channel for channel, _ in self.notifications]
        payloads = [payload for _, payload in self.notifications]
        [row] = await _WRITE.all(
            session,
            ids=[event.id for event in self.born],
            types=[event.type for event in self.born],
            subjects=[event.subject for event in self.born],
            bodies=[event.body for event in self.born],
            lease=BIRTH_LEASE,
            consumer=self.consumer,
            handled=self.handled,
            channels=channels,
            payloads=payloads,
        )
        if row.handled < len(self.handled):
            raise HandledBefore(f"{len(self.handled) - row.handled} of {len(self.handled)} by {self.consumer}")


def _record_of(session: Session) -> _Record:
    record: _Record | None = session.info.get(_RECORD)
    if record is None:
        session.info[_RECORD] = record = _Record()
        session.before_commit(record.write)
    return record


def record_born(session: Session, events: Iterable[Born]) -> None:
    """These happened, and are to be told."""
    _record_of(session).born += events


def record_handled(session: Session, consumer: str, event_ids: Iterable[UUID]) -> None:
    """This consumer has handled these events, for the first time; else the commit is refused with HandledBefore."""
    record = _record_of(session)
    record.consumer = consumer
    record.handled += sorted(event_ids)


def notify(session: Session, channel: str, payload: str = "") -> None:
    """Tell every instance that listens (`souk.database.listening`), once the transaction commits; PostgreSQL takes 8000
    bytes."""
    _record_of(session).notifications.append((channel, payload))
