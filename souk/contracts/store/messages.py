"""Threads of messages between two people, as the store serves them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from souk.contracts.store.events import Side
from souk.contracts.store.orders import OrderStatus
from souk.contracts.store.thread_events import ThreadReportReason

MESSAGE_CHARS_MAX = 2000
"""Of one message."""

EXCERPT_CHARS_MAX = 140
"""Of a thread's last message, in a list."""

Words = Annotated[str, Meta(min_length=1, max_length=MESSAGE_CHARS_MAX)]


Warned = Literal["payment", "iban", "phone", "email", "elsewhere", "link"]
"""What in a message may lead its reader away from where their money is held: words for paying otherwise, a bank account, a
number or an address to go on at, another messenger, a link."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What one of the two wrote."""

    id: UUID
    number: int
    """1..n in its thread, in the order in which the messages came."""
    by: Side
    text: str
    at: datetime
    warnings: list[Warned]
    """What its reader should think about; the words are as they were written."""


class ThreadOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The newest order between the two in which the listing is."""

    id: UUID
    number: str
    """Its short name for people."""
    status: OrderStatus


class Thread(msgspec.Struct, frozen=True, kw_only=True):
    """What a buyer and a seller write to each other about one listing, before an order and after it."""

    id: UUID
    listing_id: UUID
    title: str
    """The listing's when the thread was opened, to name it even if it is gone."""
    picture: str | None
    role: Side
    """The caller's."""
    buyer_id: UUID
    """Who asked, or bought."""
    buyer_name: str
    seller_id: UUID
    seller_name: str
    messages: int
    """How many there are; also the last one's number."""
    last_by: Side
    last_text: str
    """How the last message begins."""
    last_at: datetime
    unread: int
    """How many of the other's messages the caller has not seen."""
    opened_at: datetime
    closed: bool
    """Whether a moderator closed it: then nobody writes in it."""


class ThreadPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the caller's threads, the one with the newest message first."""

    items: list[Thread]
    next_cursor: str | None
    unread: int
    """In how many of all the caller's threads something is unread."""


class ThreadMessages(msgspec.Struct, frozen=True, kw_only=True):
    """A thread with a page of its messages."""

    thread: Thread
    items: list[Message]
    """The newest ones, or those before `before`; the first one first."""
    next_cursor: str | None
    """Ask with `before` for earlier ones; null if there are none."""
    blocked: Literal["by_you", "by_other"] | None
    """Nobody can write while one of the two has blocked the other, `by_you` if both have."""
    seen_by_other: int
    """The number of the last message that the other has seen; 0 for none."""
    order: ThreadOrder | None


class NewThread(msgspec.Struct, frozen=True, kw_only=True):
    """A first message: about a listing, to its seller, or about an order, to its other side. If the two have a thread
    about it already, the message goes there."""

    text: Words
    listing_id: UUID | None = None
    order_id: UUID | None = None
    """One of the two, not both. An order's thread is that of the first thing in it."""


class NewMessage(msgspec.Struct, frozen=True, kw_only=True):
    """Another message in a thread."""

    text: Words


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was sent, and where it stands."""

    thread_id: UUID
    message: Message


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """How far somebody has read a thread."""

    number: Annotated[int, Meta(ge=0)]
    """The last message that was seen."""


THREAD_REPORT_CHARS_MAX = 1000
"""Characters that come with a report or a decision."""

ThreadRecordAction = Literal["reported", "closed", "reopened", "dismissed"]

ThreadReportText = Annotated[str, Meta(max_length=THREAD_REPORT_CHARS_MAX)]


class NewThreadReport(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a thread. Moderators can read it from then on, not before."""

    reason: ThreadReportReason
    text: ThreadReportText = ""


class ThreadDecision(msgspec.Struct, frozen=True, kw_only=True):
    """What a moderator decides: `close` needs a reason; `leave` dismisses reports."""

    action: Literal["close", "reopen", "leave"]
    reason: ThreadReportReason | None = None
    text: ThreadReportText = ""
    """What other moderators read."""


class ThreadCase(msgspec.Struct, frozen=True, kw_only=True):
    """A thread that one of the two has reported."""

    thread_id: UUID
    listing_id: UUID
    title: str
    buyer_name: str
    seller_name: str
    messages: int
    closed: bool
    waiting_since: datetime | None
    """None if nothing is left to decide."""
    reports: int
    """Since the last decision."""


class ThreadCasePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of cases; `next_cursor` is None on the last one."""

    items: list[ThreadCase]
    next_cursor: str | None


class ThreadReport(msgspec.Struct, frozen=True, kw_only=True):
    """What one of the two said is wrong."""

    reporter_id: UUID
    reason: ThreadReportReason
    text: str
    created_at: datetime


class ThreadRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done about a thread."""

    actor_id: UUID
    action: ThreadRecordAction
    reason: ThreadReportReason | None
    text: str
    created_at: datetime


class ThreadCaseStory(msgspec.Struct, frozen=True, kw_only=True):
    """A case with the thread's newest messages, the first one first, and with what was said and done, the newest first."""

    case: ThreadCase
    messages: list[Message]
    reports: list[ThreadReport]
    records: list[ThreadRecord]
