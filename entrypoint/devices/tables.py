"""Browsers that accounts know."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from entrypoint.database import Base


class DeviceRow(Base):
    """A browser that one account was logged in with; its token is only in a cookie there."""

    __tablename__ = "device"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True, comment="SHA-256 of the token")
    browser: Mapped[str] = mapped_column(Text, comment="the User-Agent header, shortened")
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
