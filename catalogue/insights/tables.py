"""How often listings were looked at."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database import Base


class ListingDayRow(Base):
    """One listing on one day (UTC): numbers only, nothing of whoever looked."""

    __tablename__ = "listing_day"

    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    views: Mapped[int]
    cart_adds: Mapped[int]

    __table_args__ = (
        CheckConstraint("views >= 0 AND cart_adds >= 0", name="counts_not_negative"),
        Index("ix_listing_day_day", "day"),
    )
