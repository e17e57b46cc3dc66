"""What users are told."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from entrypoint.database import Base


class NotificationRow(Base):
    """One thing that happened, for one user. The words are found when it is shown, in the reader's language."""

    __tablename__ = "notification"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    kind: Mapped[str] = mapped_column(Text)
    params: Mapped[dict[str, Any]] = mapped_column(JSONB)
    link: Mapped[str] = mapped_column(Text)
    order_id: Mapped[UUID | None] = mapped_column(
        comment="the order that it is about: its notifications stand together"
    )
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    read_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    by_mail: Mapped[bool] = mapped_column(comment="whether the user wanted it by email when it was made")
    mail_id: Mapped[UUID | None] = mapped_column(comment="the mail that tells of it; mails are forgotten sooner")


Index("ix_notification_user_id", NotificationRow.user_id, NotificationRow.id)
Index(
    "ix_notification_order",
    NotificationRow.user_id,
    NotificationRow.order_id,
    NotificationRow.id,
    postgresql_where=text("order_id IS NOT NULL"),
)
Index("ix_notification_mail_id", NotificationRow.mail_id, postgresql_where=text("mail_id IS NOT NULL"))
Index(
    "ix_notification_waiting",
    NotificationRow.user_id,
    NotificationRow.created_at,
    postgresql_where=text("by_mail AND mail_id IS NULL"),
)
Index("ix_notification_unread", NotificationRow.user_id, postgresql_where=text("read_at IS NULL"))
