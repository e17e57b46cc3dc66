"""Users, their granted roles, links that let them in or prove an address, and what operators did to their accounts."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Integer, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from entrypoint.database import Base

Role = Literal["admin", "moderator"]

Purpose = Literal["password", "address", "undo", "appeal", "claim"]


class UserRow(Base):
    """An account."""

    __tablename__ = "user"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(Text, comment="as its owner wrote it")
    email_key: Mapped[str] = mapped_column(
        Text, unique=True, comment="domain as it travels, A to Z in one case; one account per address"
    )
    display_name: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer, comment="grows with each change that others are told of")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    proved_at: Mapped[datetime | None] = mapped_column(
        DateTime(timezone=True),
        comment="when its owner opened a link that was mailed to the address, or an operator vouched for it",
    )
    proof_told: Mapped[bool] = mapped_column(comment="whether the other services know of it")

    __table_args__ = (
        Index("ix_user_proof_untold", "id", postgresql_where=text("proved_at IS NOT NULL AND NOT proof_told")),
    )


class RoleRow(Base):
    """A role granted to a user."""

    __tablename__ = "user_role"
    __table_args__ = (CheckConstraint("role IN ('admin', 'moderator')", name="role_known"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(Text, primary_key=True)
    granted_by: Mapped[str] = mapped_column(Text)
    granted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class LinkRow(Base):
    """A link that was mailed to a user, or given to an operator; the token in it is stored nowhere."""

    __tablename__ = "link"
    __table_args__ = (
        CheckConstraint("purpose IN ('password', 'address', 'undo', 'appeal', 'claim')", name="purpose_known"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True, comment="SHA-256 of the token")
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    purpose: Mapped[Purpose] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(
        Text, comment="where it was mailed to; NULL if an operator was given it"
    )
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class SuspensionRow(Base):
    """A user whom operators suspended; what was before stands among the deeds."""

    __tablename__ = "suspension"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    appeal: Mapped[str | None] = mapped_column(Text, comment="what the user says to it")
    appealed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class FormerAddressRow(Base):
    """An address that an account had until lately. It is kept for the account, so that the change may be undone."""

    __tablename__ = "former_address"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), primary_key=True)
    email: Mapped[str] = mapped_column(Text)
    email_key: Mapped[str] = mapped_column(Text, primary_key=True, index=True)
    proved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    kept_until: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), index=True, comment="nobody else may take it before"
    )


class DeedRow(Base):
    """What an operator did to an account."""

    __tablename__ = "deed"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    action: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Text, comment="an admin's id, or who used the command line")
    reason: Mapped[str] = mapped_column(Text)
    done_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


Index("ix_deed_user_id", DeedRow.user_id, DeedRow.id)
