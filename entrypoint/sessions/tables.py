"""Browsers that are logged in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from entrypoint.database import Base


class SessionRow(Base):
    """A session; the token itself is only in the browser's cookie."""

    __tablename__ = "session"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True, comment="SHA-256 of the token")
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    browser: Mapped[str] = mapped_column(Text, comment="the User-Agent header, shortened")
    place: Mapped[str] = mapped_column(Text, comment="the network address it was opened from")
