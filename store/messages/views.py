"""Threads and messages as the two people in them see them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Uuid, bindparam, exists, select

from souk.contracts.store.events import Side
from souk.contracts.store.messages import Message, Thread, ThreadOrder
from souk.database import AnySession, Statement
from store.messages.tables import MessageRow, ThreadRow, ThreadSideRow
from store.messages.warnings import warned_of
from store.orders.tables import OrderLineRow, OrderRow
from store.user_replica.user_replica import names

_MESSAGES: Statement[MessageRow] = Statement(
    select(MessageRow.id, MessageRow.number, MessageRow.by, MessageRow.words, MessageRow.at)
    .where(
        MessageRow.thread_id == bindparam("thread_id", type_=Uuid()),
        MessageRow.number < bindparam("before", type_=Integer()),
    )
    .order_by(MessageRow.number.desc())
    .limit(bindparam("most", type_=Integer()))
)

_NEWEST_ORDER: Statement[OrderRow] = Statement(
    select(OrderRow.id, OrderRow.number, OrderRow.status)
    .where(
        OrderRow.buyer_id == bindparam("buyer_id", type_=Uuid()),
        OrderRow.seller_id == bindparam("seller_id", type_=Uuid()),
        OrderRow.captured_at.is_not(None),
        exists().where(
            OrderLineRow.order_id == OrderRow.id, OrderLineRow.listing_id == bindparam("listing_id", type_=Uuid())
        ),
    )
    .order_by(OrderRow.placed_at.desc(), OrderRow.id.desc())
    .limit(1)
)


def side_of(thread: ThreadRow, user_id: UUID) -> Side | None:
    """Whether the user asks in it or answers; None for everybody else."""
    if user_id == thread.buyer_id:
        return "buyer"
    return "seller" if user_id == thread.seller_id else None


async def shown(session: AnySession, threads: Sequence[tuple[ThreadRow, ThreadSideRow]]) -> list[Thread]:
    """Threads as one of their sides has them."""
    people = [person for thread, _ in threads for person in (thread.buyer_id, thread.seller_id)]
    known = await names(session, people) if people else {}
    return [_thread(thread, mine, known) for thread, mine in threads]


def _thread(thread: ThreadRow, mine: ThreadSideRow, known: dict[UUID, str]) -> Thread:
    return Thread(
        id=thread.id,
        listing_id=thread.listing_id,
        title=thread.title,
        picture=thread.picture,
        role=mine.side,
        buyer_id=thread.buyer_id,
        buyer_name=known[thread.buyer_id],
        seller_id=thread.seller_id,
        seller_name=known[thread.seller_id],
        messages=thread.messages,
        last_by=thread.last_by,
        last_text=thread.last_words,
        last_at=thread.last_at,
        unread=mine.unread,
        opened_at=thread.opened_at,
        closed=thread.closed_at is not None,
    )


async def messages_before(session: AnySession, thread_id: UUID, before: int, most: int) -> list[Message]:
    """Messages with smaller numbers, the nearest first."""
    return [message(row) for row in await _MESSAGES.all(session, thread_id=thread_id, before=before, most=most)]


def message(row: Any) -> Message:
    """A message as both see it."""
    return Message(
        id=row.id, number=row.number, by=row.by, text=row.words, at=row.at, warnings=list(warned_of(row.words))
    )


async def newest_order(session: AnySession, thread: ThreadRow) -> ThreadOrder | None:
    """The newest order between the two that has the listing in it and was paid for."""
    row = await _NEWEST_ORDER.one(
        session, buyer_id=thread.buyer_id, seller_id=thread.seller_id, listing_id=thread.listing_id
    )
    return ThreadOrder(id=row.id, number=row.number, status=row.status) if row else None
