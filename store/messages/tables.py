"""Threads, the messages in them, and how far each of the two has read."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Integer, Text, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from souk.contracts.store.events import Side
from souk.contracts.store.messages import ThreadRecordAction
from souk.contracts.store.thread_events import ThreadReportReason
from store.database import Base


class ThreadRow(Base):
    """What a buyer and a seller write to each other about one listing."""

    __tablename__ = "thread"
    __table_args__ = (
        UniqueConstraint("listing_id", "buyer_id"),
        CheckConstraint("buyer_id <> seller_id", name="two_people"),
        CheckConstraint("messages > 0", name="messages"),
        CheckConstraint("in_a_row BETWEEN 1 AND messages", name="in_a_row"),
        CheckConstraint("last_by IN ('buyer', 'seller')", name="last_by"),
        Index("ix_thread_buyer", "buyer_id", "opened_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    listing_id: Mapped[UUID] = mapped_column(Uuid)
    buyer_id: Mapped[UUID] = mapped_column(Uuid)
    seller_id: Mapped[UUID] = mapped_column(Uuid)
    title: Mapped[str] = mapped_column(Text)
    """The listing's when the thread was opened, to name it even if it is gone."""
    picture: Mapped[str | None] = mapped_column(Text)
    messages: Mapped[int] = mapped_column(Integer)
    """How many there are; also the last one's number."""
    in_a_row: Mapped[int] = mapped_column(Integer)
    """How many of the last ones are by the same side, the last one counted: what nobody has answered yet."""
    last_by: Mapped[Side] = mapped_column(Text)
    last_words: Mapped[str] = mapped_column(Text)
    """How the last message begins."""
    last_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    opened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When a moderator closed it; NULL: the two may write."""
    version: Mapped[int] = mapped_column(Integer)
    """Counts what moderators decided; the sequence of `ThreadModerated`."""


class ThreadSideRow(Base):
    """A thread as one of the two has it. What inboxes are sorted by stands here, so that one index has a whole inbox."""

    __tablename__ = "thread_side"
    __table_args__ = (
        CheckConstraint("side IN ('buyer', 'seller')", name="side"),
        CheckConstraint("seen_up_to >= 0 AND unread >= 0", name="counts"),
        CheckConstraint("remind_at IS NULL OR unread > 0", name="reminded_of_something"),
        Index("ix_thread_side_inbox", "user_id", "last_at", "thread_id"),
        Index("ix_thread_side_unread", "user_id", postgresql_where=text("unread > 0")),
        Index("ix_thread_side_due", "remind_at", postgresql_where=text("remind_at IS NOT NULL")),
    )

    thread_id: Mapped[UUID] = mapped_column(ForeignKey("thread.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    side: Mapped[Side] = mapped_column(Text)
    seen_up_to: Mapped[int] = mapped_column(Integer)
    """The number of the last message that was seen."""
    unread: Mapped[int] = mapped_column(Integer)
    """Messages of the other side with higher numbers."""
    last_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """The thread's."""
    remind_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When the user is told of what they have not read; NULL if nothing is unread, or they were told of it."""


class BlockRow(Base):
    """Somebody does not want to be written to by somebody."""

    __tablename__ = "block"
    __table_args__ = (CheckConstraint("blocker_id <> blocked_id", name="two_people"),)

    blocker_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    blocked_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class MessageRow(Base):
    """What one of the two wrote; the service may add rows, never change them."""

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("by IN ('buyer', 'seller')", name="by"),
        CheckConstraint("number > 0", name="number"),
    )

    thread_id: Mapped[UUID] = mapped_column(ForeignKey("thread.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    """1..n without a gap."""
    id: Mapped[UUID] = mapped_column(Uuid, unique=True)
    """Derived from who wrote it and the Idempotency-Key."""
    by: Mapped[Side] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    request_hash: Mapped[str] = mapped_column(Text)
    """SHA-256 of what was sent, to tell a repeated request from another one with the same key."""
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ThreadReportRow(Base):
    """What one of the two says is wrong with a thread."""

    __tablename__ = "thread_report"
    __table_args__ = (
        UniqueConstraint("thread_id", "reporter_id"),
        Index("ix_thread_report_reporter_id", "reporter_id", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    thread_id: Mapped[UUID] = mapped_column(ForeignKey("thread.id"))
    reporter_id: Mapped[UUID] = mapped_column(Uuid)
    reason: Mapped[ThreadReportReason] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ThreadCaseRow(Base):
    """How it stands with a thread that was reported; without it no moderator reads the thread."""

    __tablename__ = "thread_case"
    __table_args__ = (
        Index(
            "ix_thread_case_waiting",
            "waiting_since",
            "thread_id",
            postgresql_where=text("waiting_since IS NOT NULL"),
        ),
    )

    thread_id: Mapped[UUID] = mapped_column(ForeignKey("thread.id"), primary_key=True)
    waiting_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Since when it waits for a moderator; NULL if nothing is left to decide."""
    reports: Mapped[int] = mapped_column(Integer)
    """Since the last decision."""


class ThreadRecordRow(Base):
    """One thing that was done, by whom and why; the service may add rows, never change them."""

    __tablename__ = "thread_record"
    __table_args__ = (
        CheckConstraint("action IN ('reported', 'closed', 'reopened', 'dismissed')", name="action"),
        Index("ix_thread_record_thread_id", "thread_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    thread_id: Mapped[UUID] = mapped_column(ForeignKey("thread.id"))
    actor_id: Mapped[UUID] = mapped_column(Uuid)
    action: Mapped[ThreadRecordAction] = mapped_column(Text)
    reason: Mapped[ThreadReportReason | None] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
