"""Writing messages and reading them. Whoever writes holds the lock of the two people, so that numbers have no gap and no
order but one."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from souk import paging
from souk.clock import Clock
from souk.contracts.store.events import Side
from souk.contracts.store.messages import (
    Message,
    NewMessage,
    NewThread,
    Seen,
    Sent,
    ThreadMessages,
    ThreadPage,
)
from souk.database import AnySession, Database, ReadSession, Session
from souk.errors import InvalidInput, KeyReused, NotFound
from souk.events import Sequenced
from souk.ids import derived_id, new_id
from souk.paging import KeyPlace
from store import metrics
from store.carts.listings import Listings
from store.database import among
from store.log_fields import noted
from store.messages import statements
from store.messages.events import other, seen, sent, waited
from store.messages.rules import MESSAGES_MAX, OwnThread, ThreadFull, check_askable, clean, excerpt
from store.messages.tables import MessageRow, ThreadRow, ThreadSideRow
from store.messages.views import message, messages_before, newest_order, shown, side_of
from store.orders.tables import OrderLineRow, OrderRow
from store.orders.views import role_of

DUE_MAX = 100
"""People whom one sweep reminds."""

SentAndNews = tuple[Sent, list[Sequenced]]
"""The message as its writer sees it, and what others must know: nothing if it was sent before."""


@dataclass(frozen=True)
class About:
    """What a message is about, and between whom."""

    listing_id: UUID
    buyer_id: UUID
    seller_id: UUID
    side: Side
    """The writer's."""
    title: str
    picture: str | None


@dataclass(frozen=True)
class MessageDraft:
    """A message that is to be sent."""

    id: UUID
    about: About
    words: str
    request_hash: str


class Messages:
    """The catalogue is asked before a transaction is open."""

    def __init__(self, *, database: Database, clock: Clock, listings: Listings, remind_after: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._listings = listings
        self._remind_after = remind_after

    async def prepare_first(self, user_id: UUID, new: NewThread, key: str) -> MessageDraft:
        """A message about a listing or an order. No transaction may be open: the catalogue may be asked.

        Raises InvalidInput, NotFound, OwnThread and NothingToAsk.
        """
        words = clean(new.text)
        async with self._database.reading() as reader:
            about: About | None
            if new.order_id is not None and new.listing_id is None:
                about = await _about_order(reader, user_id, new.order_id)
            elif new.listing_id is not None and new.order_id is None:
                asked = await find_asked(reader, user_id, new.listing_id)
                about = _about_thread(asked, "buyer") if asked is not None else None
            else:
                raise InvalidInput("listing_id", "Name a listing or an order, one of them.", code="listing-or-order")
        if about is None:
            assert new.listing_id is not None
            about = await self._about_listing(user_id, new.listing_id)
        return _draft(user_id, key, about, words, [new.listing_id, new.order_id, words])

    async def prepare(self, user_id: UUID, thread_id: UUID, new: NewMessage, key: str) -> MessageDraft:
        """Another message in a thread. Raises InvalidInput and NotFound."""
        words = clean(new.text)
        async with self._database.reading() as reader:
            thread, side = await find(reader, user_id, thread_id)
        return _draft(user_id, key, _about_thread(thread, side), words, [thread_id, words])

    async def _about_listing(self, user_id: UUID, listing_id: UUID) -> About:
        listing = check_askable((await self._listings.now([listing_id])).get(listing_id))
        if listing.seller_id == user_id:
            raise OwnThread("You cannot ask yourself about your own listing. Nothing was sent.")
        return About(listing.id, user_id, listing.seller_id, "buyer", listing.title, listing.picture)

    async def send(self, session: Session, draft: MessageDraft) -> SentAndNews:
        """Send it. What was sent under the key before is found again, and nothing is to be told.

        Raises KeyReused and ThreadFull, and then nothing was changed.
        """
        about = draft.about
        await statements.lock_pair(session, about.buyer_id, about.seller_id)
        earlier = await _sent_before(session, draft)
        if earlier is not None:
            return earlier, []
        thread = await session.scalar(
            select(ThreadRow).where(ThreadRow.listing_id == about.listing_id, ThreadRow.buyer_id == about.buyer_id)
        )
        now = self._clock.now()
        if thread is not None and thread.messages >= MESSAGES_MAX:
            raise ThreadFull(
                "{most} messages are in this thread, as many as one holds. Nothing was sent.", most=MESSAGES_MAX
            )
        if thread is None:
            thread, number = await self._open(session, draft, now), 1
        else:
            number = await statements.add(session, thread.id, **self._values(draft, now))
        session.after_commit(metrics.messages.labels(about.side).inc)
        written = Message(id=draft.id, number=number, by=about.side, text=draft.words, at=now)
        return Sent(thread_id=thread.id, message=written), [sent(thread, draft.id, number, about.side, now)]

    async def _open(self, session: Session, draft: MessageDraft, now: datetime) -> ThreadRow:
        about = draft.about
        thread = ThreadRow(
            id=new_id(),
            listing_id=about.listing_id,
            buyer_id=about.buyer_id,
            seller_id=about.seller_id,
            title=about.title,
            picture=about.picture,
            messages=1,
            in_a_row=1,
            last_by=about.side,
            last_words=excerpt(draft.words),
            last_at=now,
            opened_at=now,
        )
        session.add(thread)
        await session.flush()
        await statements.open_sides(session, thread, **self._values(draft, now))
        session.after_commit(metrics.threads.inc)
        return thread

    def _values(self, draft: MessageDraft, now: datetime) -> dict[str, object]:
        return {
            "message_id": draft.id,
            "by": draft.about.side,
            "words": draft.words,
            "request_hash": draft.request_hash,
            "excerpt": excerpt(draft.words),
            "now": now,
            "remind_at": now + self._remind_after,
        }

    async def see(self, session: Session, user_id: UUID, thread_id: UUID, up_to: Seen) -> list[Sequenced]:
        """The user has read a thread so far: what to tell. Raises NotFound; what was seen before stays seen."""
        thread, side = await find(session, user_id, thread_id)
        await statements.lock_pair(session, thread.buyer_id, thread.seller_id)
        number = await statements.see(session, thread_id, user_id, other(side), up_to.number)
        return [seen(thread, side, number)] if number else []

    async def sweep(self, session: Session) -> tuple[int, list[Sequenced]]:
        """Remind whoever has not read for a while: how many, and what to tell."""
        due = await statements.reminded(session, self._clock.now(), DUE_MAX)
        threads = {
            thread.id: thread
            for thread in await session.scalars(
                select(ThreadRow).where(among(ThreadRow.id, {row.thread_id for row in due}))
            )
        }
        return len(due), [waited(threads[row.thread_id], row.side) for row in due]


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
        about = await _about_order(session, user_id, order_id)
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
    return ThreadMessages(
        thread=(await shown(session, [(thread, sides[user_id])]))[0],
        items=rows[:limit][::-1],
        next_cursor=paging.next_cursor(rows, limit, lambda row: KeyPlace.of(listed, row.id, row.number)),
        seen_by_other=sides[other_id].seen_up_to,
        order=await newest_order(session, thread),
    )


async def find(session: AnySession, user_id: UUID, thread_id: UUID) -> tuple[ThreadRow, Side]:
    """The thread and the user's side of it; raises NotFound if they are not in it."""
    thread = cast(ThreadRow | None, await session.get(ThreadRow, thread_id))
    side = side_of(thread, user_id) if thread is not None else None
    if thread is None or side is None:
        raise NotFound("There is no such thread among yours.", code="thread-not-yours")
    return thread, side


async def find_asked(session: AnySession, user_id: UUID, listing_id: UUID) -> ThreadRow | None:
    """The thread in which the user asks about a listing."""
    query = select(ThreadRow).where(ThreadRow.listing_id == listing_id, ThreadRow.buyer_id == user_id)
    return cast(ThreadRow | None, await session.scalar(query))


async def _unread(session: AnySession, user_id: UUID) -> int:
    query = select(func.count()).where(ThreadSideRow.user_id == user_id, ThreadSideRow.unread > 0)
    return int(await session.scalar(query) or 0)


def _about_thread(thread: ThreadRow, side: Side) -> About:
    return About(thread.listing_id, thread.buyer_id, thread.seller_id, side, thread.title, thread.picture)


async def _about_order(session: AnySession, user_id: UUID, order_id: UUID) -> About:
    """What an order's thread is about: the first thing in it. Raises NotFound if the order is not the user's, or was not
    paid for: then there is nobody to write to about it yet."""
    order = cast(OrderRow | None, await session.get(OrderRow, order_id))
    side = role_of(order, user_id) if order is not None else None
    if order is None or side is None or order.captured_at is None:
        raise NotFound("There is no such order among yours.", code="order-not-yours")
    noted([order])
    first = select(OrderLineRow).where(OrderLineRow.order_id == order_id).order_by(OrderLineRow.position).limit(1)
    line = (await session.scalars(first)).one()
    return About(line.listing_id, order.buyer_id, order.seller_id, side, line.title, line.picture)


def _draft(user_id: UUID, key: str, about: About, words: str, request: list[object]) -> MessageDraft:
    request_hash = hashlib.sha256(msgspec.json.encode(request)).hexdigest()
    return MessageDraft(derived_id("message", user_id, key), about, words, request_hash)


async def _sent_before(session: Session, draft: MessageDraft) -> Sent | None:
    """What this very request has sent; raises KeyReused if another one was sent under its key."""
    row = cast(MessageRow | None, await session.scalar(select(MessageRow).where(MessageRow.id == draft.id)))
    if row is None:
        return None
    if row.request_hash != draft.request_hash:
        raise KeyReused("Something else was sent with this form. Nothing was sent now.", code="key-of-another-message")
    return Sent(thread_id=row.thread_id, message=message(row))
