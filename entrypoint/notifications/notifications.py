"""Notifications: what users are told happened, kept for a while and read on the page or over the API."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select, update

from entrypoint.notice_texts import words
from entrypoint.notifications.tables import NotificationRow
from entrypoint.web.reader import Reader
from souk import paging
from souk.clock import Clock
from souk.database import AnySession, Session
from souk.database.forgetting import forget_due
from souk.paging import Place

RETENTION = timedelta(days=90)
SWEEP_MAX = 1000


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened, for the user who asks."""

    id: UUID
    kind: str
    text: str
    """The same in words, in the reader's language."""
    params: dict[str, Any]
    link: str
    """The page that it is about."""
    created_at: datetime
    read_at: datetime | None
    order_id: UUID | None = None
    """The order that it is about, if it is about one."""


class NotificationPage(msgspec.Struct, frozen=True, kw_only=True):
    """Notifications, newest first."""

    items: list[Notification]
    next_cursor: str | None
    """Ask with `before` for the next page; null on the last one."""
    unread: int


async def list_of(
    session: AnySession,
    user_id: UUID,
    reader: Reader,
    *,
    before: str | None = None,
    limit: int = 30,
) -> NotificationPage:
    """A user's notifications, in words of the reader's language. Raises BadCursor."""
    query, listed = (
        select(NotificationRow).where(NotificationRow.user_id == user_id),
        paging.checksum("notices", user_id),
    )
    place = paging.place_of(before, Place, listed, field="before")
    rows = list(await session.scalars(paging.page_behind(query, place, limit, NotificationRow.id)))
    return NotificationPage(
        items=[shown(row, reader) for row in rows[:limit]],
        next_cursor=paging.next_cursor(rows, limit, lambda row: Place(listed, row.id)),
        unread=await unread(session, user_id),
    )


def shown(row: NotificationRow, reader: Reader) -> Notification:
    """A notification in words of the reader's language."""
    return Notification(
        id=row.id,
        kind=row.kind,
        text=words(reader, row.kind, row.params),
        params=row.params,
        link=row.link,
        created_at=row.created_at,
        read_at=row.read_at,
        order_id=row.order_id,
    )


async def unread(session: AnySession, user_id: UUID) -> int:
    """How many a user has not read."""
    query = select(func.count()).where(NotificationRow.user_id == user_id, NotificationRow.read_at.is_(None))
    return int(await session.scalar(query) or 0)


async def mark_read(
    session: Session,
    user_id: UUID,
    now: datetime,
    *,
    up_to: UUID | None = None,
    order_id: UUID | None = None,
    link: str | None = None,
) -> None:
    """Mark a user's notifications as read: all, or those up to one of them, or of one order, or that lead to one page."""
    statement = update(NotificationRow).where(NotificationRow.user_id == user_id, NotificationRow.read_at.is_(None))
    if up_to is not None:
        statement = statement.where(NotificationRow.id <= up_to)
    if order_id is not None:
        statement = statement.where(NotificationRow.order_id == order_id)
    if link is not None:
        statement = statement.where(NotificationRow.link == link)
    await session.execute(statement.values(read_at=now))


class Sweep:
    """Forgets notifications older than the retention."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, session: Session) -> int:
        return await forget_due(
            session, NotificationRow, NotificationRow.created_at < self._clock.now() - RETENTION, most=SWEEP_MAX
        )
