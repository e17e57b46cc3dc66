"""What the store tells of threads and their messages, never in their words."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from souk.contracts.base import Event


class MessageSent(Event, frozen=True, kw_only=True):
    """Somebody wrote to somebody; the words are the two's own and not told. `souksequence` is the message's number."""

    event_type: ClassVar[str] = "souk.store.message.sent.v1"
    subject_field: ClassVar[str] = "thread_id"

    thread_id: UUID
    message_id: UUID
    message: int
    """Its number in the thread: 1..n."""
    listing_id: UUID
    title: str
    """The listing's."""
    sender_id: UUID
    recipient_id: UUID
    at: datetime


class ThreadSeen(Event, frozen=True, kw_only=True):
    """Somebody has read a thread up to a message of the other's."""

    event_type: ClassVar[str] = "souk.store.thread.seen.v1"
    subject_field: ClassVar[str] = "thread_id"

    thread_id: UUID
    user_id: UUID
    """Who has read it."""
    sender_id: UUID
    """The other one."""
    message: int
    """The last message that they have seen."""


class ThreadWaited(Event, frozen=True, kw_only=True):
    """Messages wait for somebody for some time, unread: told once until they have read them."""

    event_type: ClassVar[str] = "souk.store.thread.waited.v1"
    subject_field: ClassVar[str] = "thread_id"

    thread_id: UUID
    listing_id: UUID
    title: str
    """The listing's."""
    recipient_id: UUID
    """For whom they wait."""
    sender_id: UUID
    message: int
    """The thread's last one."""


ThreadReportReason = Literal["offensive", "fraud", "away", "advertising", "other"]
"""Why a thread is reported or closed; `away`: it leads the payment away from where it is held."""


class ThreadModerated(Event, frozen=True, kw_only=True):
    """A moderator closed a thread that one of its two people had reported, or opened it again."""

    event_type: ClassVar[str] = "souk.store.thread.moderated.v1"
    subject_field: ClassVar[str] = "thread_id"

    thread_id: UUID
    listing_id: UUID
    title: str
    """The listing's."""
    buyer_id: UUID
    seller_id: UUID
    outcome: Literal["closed", "reopened"]
    reason: ThreadReportReason | None
    """Why it was closed."""
