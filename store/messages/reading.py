"""The inbox, and a thread in it, as one of its two people reads them."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from souk import paging
from souk.contracts.store.messages import ThreadMessages, ThreadPage
from souk.database import AnySession, ReadSession
from souk.paging import KeyPlace
from store.messages import statements
from store.messages.about import about_order, find
from store.messages.tables import ThreadRow, ThreadSideRow
from store.messages.views import messages_before, newest_order, shown


async def page(
    session: ReadSession,
    user_id: UUID,
    *,
    listing_id: UUID | None,
    order_id: UUID | None,
    cursor: str | None,
    limit: int,
) -> ThreadPage:
    """The user's threads, the one with the newest message first; only that about a listing or an order, where said."""
    query: Any = select(ThreadRow, ThreadSideRow).join(ThreadSideRow, ThreadSideRow.thread_id == ThreadRow.id)
    query = query.where(ThreadSideRow.user_id == user_id)
    if order_id is not None:
        about = await about_order(session, user_id, order_id)
        query = query.where(ThreadRow.listing_id == about.listing_id, ThreadRow.buyer_id == about.buyer_id)
    if listing_id is not None:
        query = query.where(ThreadRow.listing_id == listing_id)
    listed = paging.checksum("threads", user_id, listing_id, order_id)
    place = paging.place_of(cursor, KeyPlace, listed)
    behind = paging.page_behind(query, place, limit, ThreadSideRow.thread_id, ThreadSideRow.last_at)
    rows = [(thread, mine) for thread, mine in (await session.execute(behind)).all()]
    return ThreadPage(
        items=await shown(session, rows[:limit]),
        next_cursor=paging.next_cursor(rows, limit, lambda row: KeyPlace.of(listed, row[0].id, row[1].last_at)),
        unread=await _unread(session, user_id),
    )


async def read(
    session: AnySession, user_id: UUID, thread_id: UUID, *, before: str | None, limit: int
) -> ThreadMessages:
    """A thread with its newest messages, or with those before a cursor. Raises NotFound and BadCursor."""
    thread, _ = await find(session, user_id, thread_id)
    both = select(ThreadSideRow).where(ThreadSideRow.thread_id == thread_id)
    sides = {row.user_id: row for row in await session.scalars(both)}
    listed = paging.checksum("messages", thread_id)
    place = paging.place_of(before, KeyPlace, listed, field="before")
    rows = await messages_before(session, thread_id, place.value if place else thread.messages + 1, limit + 1)
    other_id = thread.seller_id if user_id == thread.buyer_id else thread.buyer_id
    blockers = await statements.blockers(session, user_id, other_id)
    return ThreadMessages(
        thread=(await shown(session, [(thread, sides[user_id])]))[0],
        items=rows[:limit][::-1],
        next_cursor=paging.next_cursor(rows, limit, lambda row: KeyPlace.of(listed, row.id, row.number)),
        seen_by_other=sides[other_id].seen_up_to,
        blocked=("by_you" if user_id in blockers else "by_other") if blockers else None,
        order=await newest_order(session, thread),
    )


async def _unread(session: AnySession, user_id: UUID) -> int:
    query = select(func.count()).where(ThreadSideRow.user_id == user_id, ThreadSideRow.unread > 0)
    return int(await session.scalar(query) or 0)
