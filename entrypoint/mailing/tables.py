"""Who wants mail, and the mails."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from entrypoint.database import Base

MailKind = Literal["notices", "confirmation", "password", "new_address", "address_changed", "told", "claim", "money"]

MailOutcome = Literal["sent", "given_up", "withdrawn"]


class MailboxRow(Base):
    """What a user wants by email. No news is sent before the address is proved."""

    __tablename__ = "mailbox"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), primary_key=True)
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
    """One mail to one reader. Its words are found when it is sent; its id is its Message-ID, however often it is sent."""

    __tablename__ = "mail"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('notices', 'confirmation', 'password', 'new_address', 'address_changed', 'told', 'claim', 'money')",
            name="kind_known",
        ),
        CheckConstraint("outcome IN ('sent', 'given_up', 'withdrawn')", name="outcome_known"),
        Index("ix_mail_due_at", "due_at", postgresql_where=text("outcome IS NULL")),
        Index("ix_mail_created_at", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    address: Mapped[str | None] = mapped_column(
        Text, comment="whom it goes to instead of the user's present address; their address where no user is named"
    )
    params: Mapped[dict[str, Any]] = mapped_column(JSONB)
    locale: Mapped[str | None] = mapped_column(Text, comment="how its reader reads, where no mailbox says so")
    kind: Mapped[MailKind] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    due_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), comment="when it may be tried (again); also how long who tries it has claimed it"
    )
    tries: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[MailOutcome | None] = mapped_column(Text, comment="NULL while it is to be sent")


class KeptMailRow(Base):
    """A mail that no server took, for the shop has none: it lies in the mailbox page of the embedded size."""

    __tablename__ = "kept_mail"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text, comment="the plain part")
    kept_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
