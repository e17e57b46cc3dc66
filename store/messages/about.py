"""What messages are about, and whose threads are: for everybody else there are none."""

from dataclasses import dataclass
from typing import cast
from uuid import UUID

from sqlalchemy import select

from souk.contracts.store.events import Side
from souk.database import AnySession
from souk.errors import NotFound
from store.log_fields import noted
from store.messages.tables import ThreadRow
from store.messages.views import side_of
from store.orders.tables import OrderLineRow, OrderRow
from store.orders.views import role_of


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
    of_order: bool = False
    """Whether it is written about an order: then it is no stranger's question."""

    @property
    def writer_id(self) -> UUID:
        """Who writes."""
        return self.buyer_id if self.side == "buyer" else self.seller_id


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


def about_thread(thread: ThreadRow, side: Side) -> About:
    """What another message in this thread is about."""
    return About(thread.listing_id, thread.buyer_id, thread.seller_id, side, thread.title, thread.picture)


async def about_order(session: AnySession, user_id: UUID, order_id: UUID) -> About:
    """What an order's thread is about: the first thing in it. Raises NotFound if the order is not the user's, or was not
    paid for: then there is nobody to write to about it yet."""
    order = cast(OrderRow | None, await session.get(OrderRow, order_id))
    side = role_of(order, user_id) if order is not None else None
    if order is None or side is None or order.captured_at is None:
        raise NotFound("There is no such order among yours.", code="order-not-yours")
    noted([order])
    first = select(OrderLineRow).where(OrderLineRow.order_id == order_id).order_by(OrderLineRow.position).limit(1)
    line = (await session.scalars(first)).one()
    return About(line.listing_id, order.buyer_id, order.seller_id, side, line.title, line.picture, True)
