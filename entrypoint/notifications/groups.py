"""Notifications as people read them: those of one order together, the newest on top."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import aliased

from entrypoint.notifications.notifications import Notification, shown
from entrypoint.notifications.tables import NotificationRow
from entrypoint.web.reader import Reader
from souk import paging
from souk.database import AnySession, Database, Statement
from souk.paging import Place

EARLIER_MAX = 20
"""Earlier notifications of an order that unfold; more are only counted."""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to one order, or one thing that happened otherwise."""

    order_id: UUID | None
    latest: Notification
    earlier: list[Notification]
    """Newest first."""
    count: int
    """How many there are of this order besides the latest."""
    unread: bool
    """Whether any of them is."""


class GroupPage(msgspec.Struct, frozen=True, kw_only=True):
    """Groups, the one with the newest notification first."""

    groups: list[Group]
    next_cursor: str | None
    unread: int
    """How many groups have not been read."""


async def page_of(
    session: AnySession, user_id: UUID, reader: Reader, *, before: str | None = None, limit: int = 30
) -> GroupPage:
    """A user's notifications in groups. Three statements, however many there are. Raises BadCursor."""
    newer = aliased(NotificationRow)
    of_the_same = (
        newer.user_id == NotificationRow.user_id,
        newer.order_id == NotificationRow.order_id,
        newer.id > NotificationRow.id,
    )
    query = select(NotificationRow).where(NotificationRow.user_id == user_id, ~exists().where(*of_the_same))
    listed = paging.checksum("groups", user_id)
    place = paging.place_of(before, Place, listed, field="before")
    heads = list(await session.scalars(paging.page_behind(query, place, limit, NotificationRow.id)))
    following = paging.next_cursor(heads, limit, lambda row: Place(listed, row.id))
    heads = heads[:limit]
    earlier = await _earlier(session, user_id, heads)
    groups = [_group(head, earlier.get(head.order_id, []) if head.order_id else [], reader) for head in heads]
    return GroupPage(groups=groups, next_cursor=following, unread=await unread(session, user_id))


UNREAD = select(
    func.count(func.coalesce(NotificationRow.order_id, NotificationRow.id).distinct()).label("groups")
).where(NotificationRow.user_id == bindparam("user_id"), NotificationRow.read_at.is_(None))
_UNREAD: Statement[Any] = Statement(UNREAD)


async def unread(where: AnySession | Database, user_id: UUID) -> int:
    """How many groups a user has not read: what the bell counts."""
    [row] = await _UNREAD.rows(where, user_id=user_id)
    return int(row.groups)


Placed = tuple[NotificationRow, int, int]
"""An earlier notification, how many there are of its order besides the latest, and how many of all are unread."""


async def _earlier(
    session: AnySession, user_id: UUID, heads: Sequence[NotificationRow]
) -> dict[UUID | None, list[Placed]]:
    """Of each order the notifications but the latest, newest first."""
    order_ids = [row.order_id for row in heads if row.order_id]
    if not order_ids:
        return {}
    order = NotificationRow.order_id
    numbered = select(
        NotificationRow,
        func.row_number().over(partition_by=order, order_by=NotificationRow.id.desc()).label("place"),
        func.count().over(partition_by=order).label("all_of_it"),
        func.count().filter(NotificationRow.read_at.is_(None)).over(partition_by=order).label("unread_of_it"),
    ).where(
        NotificationRow.user_id == user_id,
        order.in_(order_ids),
        NotificationRow.id <= heads[0].id,  # what came since the heads were read has a head of its own
    )
    some = numbered.subquery()
    query = select(aliased(NotificationRow, some), some.c.all_of_it, some.c.unread_of_it)
    query = query.where(some.c.place.between(2, EARLIER_MAX + 1)).order_by(some.c.id.desc())
    found: dict[UUID | None, list[Placed]] = {}
    for row, all_of_it, unread_of_it in await session.execute(query):
        found.setdefault(row.order_id, []).append((row, all_of_it - 1, unread_of_it))
    return found


def _group(head: NotificationRow, earlier: list[Placed], reader: Reader) -> Group:
    return Group(
        order_id=head.order_id,
        latest=shown(head, reader),
        earlier=[shown(row, reader) for row, _, _ in earlier],
        count=earlier[0][1] if earlier else 0,
        unread=head.read_at is None or any(unread_of_it for _, _, unread_of_it in earlier),
    )
