"""Purchases: one checkout each, of a cart or of one listing by itself."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Index, Integer, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from souk.contracts.store.purchases import PurchaseStatus
from store.database import Base


class PurchaseRow(Base):
    """One checkout: placed, paid or refused as a whole."""

    __tablename__ = "purchase"
    __table_args__ = (
        CheckConstraint(
            "status IN ('placed', 'awaiting_payment', 'paid', 'rejected', 'declined', 'cancelled')", name="status"
        ),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("(listing_id IS NULL) = (quantity IS NULL) AND quantity >= 1", name="item"),
        CheckConstraint("(status IN ('placed', 'awaiting_payment')) = (finished_at IS NULL)", name="open_or_finished"),
        Index("ix_purchase_buyer", "buyer_id", "placed_at", "id"),
        # A buyer pays one purchase at a time: the second click of two finds the first.
        Index(
            "uq_purchase_open",
            "buyer_id",
            unique=True,
            postgresql_where=text("status IN ('placed', 'awaiting_payment')"),
        ),
        Index("ix_purchase_due", "expires_at", postgresql_where=text("status IN ('placed', 'awaiting_payment')")),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    """Derived from the buyer and the Idempotency-Key."""
    buyer_id: Mapped[UUID] = mapped_column(Uuid)
    status: Mapped[PurchaseStatus] = mapped_column(Text)
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    request_hash: Mapped[str] = mapped_column(Text)
    """SHA-256 of what was asked for, to tell a repeated request from another one with the same key."""
    listing_id: Mapped[UUID | None] = mapped_column(Uuid)
    """What was bought by itself; such a purchase leaves the cart alone. None if the cart was checked out."""
    quantity: Mapped[int | None] = mapped_column(Integer)
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    placed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer)
