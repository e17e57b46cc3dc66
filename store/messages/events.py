"""What is told of messages: that there are some, never what they say."""

from datetime import datetime
from uuid import UUID

from souk.contracts.store.events import Side
from souk.contracts.store.thread_events import MessageSent, ThreadSeen, ThreadWaited
from souk.events import Sequenced
from store.messages.tables import ThreadRow


def person(thread: ThreadRow, side: Side) -> UUID:
    """Who is on this side of it."""
    return thread.buyer_id if side == "buyer" else thread.seller_id


def other(side: Side) -> Side:
    """The other side."""
    return "seller" if side == "buyer" else "buyer"


def sent(thread: ThreadRow, message_id: UUID, number: int, by: Side, at: datetime) -> Sequenced:
    """Somebody wrote."""
    event = MessageSent(
        thread_id=thread.id,
        message_id=message_id,
        message=number,
        listing_id=thread.listing_id,
        title=thread.title,
        sender_id=person(thread, by),
        recipient_id=person(thread, other(by)),
        at=at,
    )
    return Sequenced(event, number)


def seen(thread: ThreadRow, by: Side, number: int) -> Sequenced:
    """Somebody has read it so far."""
    event = ThreadSeen(
        thread_id=thread.id, user_id=person(thread, by), sender_id=person(thread, other(by)), message=number
    )
    return Sequenced(event, number)


def waited(thread: ThreadRow, side: Side) -> Sequenced:
    """What is unread waits long enough to say so."""
    event = ThreadWaited(
        thread_id=thread.id,
        listing_id=thread.listing_id,
        title=thread.title,
        recipient_id=person(thread, side),
        sender_id=person(thread, other(side)),
        message=thread.messages,
    )
    return Sequenced(event, thread.messages)
