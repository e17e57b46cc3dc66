"""Writing messages. Whoever writes holds the lock of the two people, so that numbers have no gap and no
order but one."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

import msgspec
from sqlalchemy import select

from souk.clock import Clock
from souk.contracts.store.messages import (
    Message,
    NewMessage,
    NewThread,
    Seen,
    Sent,
)
from souk.database import Database, Session
from souk.errors import InvalidInput, KeyReused
from souk.events import Sequenced
from souk.ids import derived_id, new_id
from store import metrics
from store.carts.listings import Listings
from store.database import among
from store.messages import statements
from store.messages.about import About, about_order, about_thread, find, find_asked
from store.messages.events import other, person, seen, sent, waited
from store.messages.rules import (
    MESSAGES_MAX,
    OwnThread,
    ThreadClosed,
    ThreadFull,
    check_answered,
    check_askable,
    check_not_blocked,
    check_opened,
    clean,
    excerpt,
)
from store.messages.tables import MessageRow, ThreadRow
from store.messages.views import message
from store.messages.warnings import warned_of

DUE_MAX = 100
"""People whom one sweep reminds."""

SentAndNews = tuple[Sent, list[Sequenced]]
"""The message as its writer sees it, and what others must know: nothing if it was sent before."""


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
                about = await about_order(reader, user_id, new.order_id)
            elif new.listing_id is not None and new.order_id is None:
                asked = await find_asked(reader, user_id, new.listing_id)
                about = about_thread(asked, "buyer") if asked is not None else None
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
        return _draft(user_id, key, about_thread(thread, side), words, [thread_id, words])

    async def _about_listing(self, user_id: UUID, listing_id: UUID) -> About:
        listing = check_askable((await self._listings.now([listing_id])).get(listing_id))
        if listing.seller_id == user_id:
            raise OwnThread("You cannot ask yourself about your own listing. Nothing was sent.")
        return About(listing.id, user_id, listing.seller_id, "buyer", listing.title, listing.picture)

    async def send(self, session: Session, draft: MessageDraft) -> SentAndNews:
        """Send it. What was sent under the key before is found again, and nothing is to be told.

        Raises KeyReused and what `store.messages.rules` says, and then nothing was changed.
        """
        about = draft.about
        await statements.lock_pair(session, about.buyer_id, about.seller_id)
        earlier = await _sent_before(session, draft)
        if earlier is not None:
            return earlier, []
        check_not_blocked(await statements.blockers(session, about.buyer_id, about.seller_id), about.writer_id)
        thread = await session.scalar(
            select(ThreadRow).where(ThreadRow.listing_id == about.listing_id, ThreadRow.buyer_id == about.buyer_id)
        )
        now = self._clock.now()
        if thread is not None and thread.closed_at is not None:
            raise ThreadClosed("A moderator closed this thread. Nothing was sent.")
        if thread is not None and thread.last_by == about.side:
            check_answered(thread.in_a_row, about.writer_id, now)
        if thread is not None and thread.messages >= MESSAGES_MAX:
            raise ThreadFull(
                "{most} messages are in this thread, as many as one holds. Nothing was sent.", most=MESSAGES_MAX
            )
        if thread is None:
            if not about.of_order:
                opened = await statements.opened_since(session, about.writer_id, now - timedelta(days=1))
                check_opened(opened, about.writer_id, now)
            thread, number = await self._open(session, draft, now), 1
        else:
            number = await statements.add(session, thread.id, **self._values(draft, now))
        session.after_commit(metrics.messages.labels(about.side).inc)
        written = Message(
            id=draft.id, number=number, by=about.side, text=draft.words, at=now, warnings=list(warned_of(draft.words))
        )
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
            version=0,
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

    async def block(self, session: Session, user_id: UUID, thread_id: UUID, *, blocked: bool) -> None:
        """The user does not want to be written to by the other one, in no thread; or does again. Raises NotFound."""
        thread, side = await find(session, user_id, thread_id)
        other_id = person(thread, other(side))
        await statements.lock_pair(session, thread.buyer_id, thread.seller_id)
        if blocked:
            await statements.block(session, user_id, other_id, self._clock.now())
        else:
            await statements.unblock(session, user_id, other_id)

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
