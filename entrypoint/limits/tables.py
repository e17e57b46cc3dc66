"""Counters of what is limited."""

from datetime import datetime

from sqlalchemy import DateTime, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from entrypoint.database import Base


class HitRow(Base):
    """How often a subject did what a rule limits, in the window that is open."""

    __tablename__ = "hit"

    rule: Mapped[str] = mapped_column(Text, primary_key=True)
    subject: Mapped[bytes] = mapped_column(
        LargeBinary, primary_key=True, comment="SHA-256 of who: addresses are not kept in the clear"
    )
    hits: Mapped[int] = mapped_column(Integer)
    window_ends: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class GuessRow(Base):
    """Passwords that were tried for an account since the last right one."""

    __tablename__ = "guess"

    subject: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True, comment="SHA-256 of the address")
    tries: Mapped[int] = mapped_column(Integer)
    next_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), comment="before this nothing is tried")
    forgotten_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
