"""Users and their granted roles."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from entrypoint.database import Base


class UserRow(Base):
    """An account."""

    __tablename__ = "user"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(Text, comment="as its owner wrote it")
    email_key: Mapped[str] = mapped_column(Text, unique=True, comment="lower case; one account per address")
    display_name: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer, comment="grows with each change that others are told of")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class RoleRow(Base):
    """A role granted to a user."""

    __tablename__ = "user_role"
    __table_args__ = (CheckConstraint("role IN ('admin', 'moderator')", name="role_known"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), primary_key=True)
    role: Mapped[str] = mapped_column(Text, primary_key=True)
    granted_by: Mapped[str] = mapped_column(Text)
    granted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
