"""Who wants mail, and the mails."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from entrypoint.database import Base


class MailboxRow(Base):
    """What a user wants by email. Nothing but the question itself is sent before the address is confirmed."""

    __tablename__ = "mailbox"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), primary_key=True)
    confirmed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    asked_at: Mapped[datetime | None] = mapped_column(
        DateTime(timezone=True), comment="when a link to confirm the address was last queued"
    )
    orders: Mapped[bool]
    watching: Mapped[bool]
    searches: Mapped[bool]
    locale: Mapped[str] = mapped_column(Text, comment="how the user reads: en-GB")
    next_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), comment="before this no mail with notices is made"
    )


class MailRow(Base):
    """One mail to one user. Its words are found when it is sent; its id is its Message-ID, however often it is sent."""

    __tablename__ = "mail"
    __table_args__ = (
        CheckConstraint("kind IN ('notices', 'confirmation')", name="kind_known"),
        CheckConstraint("outcome IN ('sent', 'given_up', 'withdrawn')", name="outcome_known"),
        Index("ix_mail_due_at", "due_at", postgresql_where=text("outcome IS NULL")),
        Index("ix_mail_created_at", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    kind: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    due_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), comment="when it may be tried (again); also how long who tries it has claimed it"
    )
    tries: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[str | None] = mapped_column(Text, comment="NULL while it is to be sent")
