"""Units held for purchases."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database import Base
from souk.contracts.catalogue.reservations import ReservationStatus, StockAnswer


class HeldPurchaseRow(Base):
    """What was answered to a purchase, and whether it was called off; remembers also a cancellation that came first.

    Whoever touches a purchase's reservations locks this row before.
    """

    __tablename__ = "held_purchase"

    purchase_id: Mapped[UUID] = mapped_column(primary_key=True)
    answer: Mapped[StockAnswer | None]
    """None if it was cancelled before it was placed."""
    answered_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]

    __table_args__ = (CheckConstraint("answer IN ('reserved', 'rejected')", name="answer_known"),)


class ReservationRow(Base):
    """Units of one listing held for one purchase: reserved → sold → returned, or reserved → released.

    An order called off before the news of its payment came goes reserved → returned.
    """

    __tablename__ = "reservation"

    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("held_purchase.purchase_id"), primary_key=True)
    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    order_id: Mapped[UUID]
    quantity: Mapped[int]
    status: Mapped[ReservationStatus]
    reserved_at: Mapped[datetime]
    sold_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When it was released or returned."""

    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("status IN ('reserved', 'sold', 'released', 'returned')", name="status_known"),
        Index("ix_reservation_order_id", "order_id"),
        Index("ix_reservation_listing_id", "listing_id"),
    )
