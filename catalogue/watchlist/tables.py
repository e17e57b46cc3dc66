"""What users watch."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database import Base


class WatchRow(Base):
    """A listing that a user wants to hear of. It ends by itself, so that nobody is told of things long forgotten."""

    __tablename__ = "watch"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    first_price: Mapped[int] = mapped_column(BigInteger)
    """What it cost when the watch began, in minor units."""
    price: Mapped[int] = mapped_column(BigInteger)
    """The lowest price the user knows of; only less than this is news."""
    back_told_at: Mapped[datetime | None]
    """When the user was last told that it can be had again."""
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_watch_listing", "listing_id", "user_id"),
        Index("ix_watch_recent", "user_id", text("created_at DESC"), text("listing_id DESC")),
        Index("ix_watch_ending", "user_id", "ends_at", "listing_id"),
        Index("ix_watch_ends_at", "ends_at"),
    )
