"""How far users have read their threads."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from entrypoint.database import Base


class ThreadMarkRow(Base):
    """A thread as one of its two people has it. Both numbers only grow, in whatever order they are told."""

    __tablename__ = "thread_mark"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), primary_key=True)
    thread_id: Mapped[UUID] = mapped_column(primary_key=True)
    last_message: Mapped[int] = mapped_column(Integer, comment="the number of the last message to this user")
    seen_up_to: Mapped[int] = mapped_column(Integer, comment="the number of the last one that they have seen")


Index("ix_thread_mark_unread", ThreadMarkRow.user_id, postgresql_where=text("last_message > seen_up_to"))
