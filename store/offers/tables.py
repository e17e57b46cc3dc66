"""Offers, and every price that was named in them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, Integer, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from souk.contracts.store.carts import UNITS_MAX
from souk.contracts.store.events import Side
from souk.contracts.store.offers import OfferStatus
from store.database import Base


class OfferRow(Base):
    """A buyer's price for some units of a listing, and what became of it."""

    __tablename__ = "offer"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'accepted', 'declined', 'withdrawn', 'expired', 'bought')", name="status"),
        CheckConstraint("turn IN ('buyer', 'seller')", name="turn"),
        CheckConstraint("buyer_id <> seller_id", name="two_people"),
        CheckConstraint("price > 0 AND price < asking_price", name="price"),
        CheckConstraint(f"quantity BETWEEN 1 AND {UNITS_MAX}", name="quantity"),
        CheckConstraint(
            "(status IN ('open', 'accepted', 'bought')) = (deadline IS NOT NULL)", name="waits_with_deadline"
        ),
        CheckConstraint("(status = 'bought') = (purchase_id IS NOT NULL)", name="bought_by_a_purchase"),
        CheckConstraint("paid_at IS NULL OR status = 'bought'", name="paid_is_bought"),
        CheckConstraint(
            "CASE WHEN status IN ('accepted', 'bought') THEN accepted_at IS NOT NULL"
            " WHEN status IN ('open', 'declined') THEN accepted_at IS NULL ELSE true END",
            name="accepted_first",
        ),
        # Until it is paid or over, it stands in the way of another one for the same listing. That holds also while it is
        # being paid, for it may become accepted again.
        Index(
            "uq_offer_live",
            "buyer_id",
            "listing_id",
            unique=True,
            postgresql_where=text("status IN ('open', 'accepted') OR (status = 'bought' AND paid_at IS NULL)"),
        ),
        Index("ix_offer_buyer", "buyer_id", "placed_at", "id"),
        Index("ix_offer_seller", "seller_id", "placed_at", "id"),
        Index("ix_offer_due", "deadline", postgresql_where=text("status IN ('open', 'accepted')")),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    listing_id: Mapped[UUID] = mapped_column(Uuid)
    buyer_id: Mapped[UUID] = mapped_column(Uuid)
    seller_id: Mapped[UUID] = mapped_column(Uuid)
    title: Mapped[str] = mapped_column(Text)
    """The listing's when the last price was named, to name it even if it is gone."""
    picture: Mapped[str | None] = mapped_column(Text)
    quantity: Mapped[int] = mapped_column(Integer)
    price: Mapped[int] = mapped_column(BigInteger)
    """Of one unit, in minor units; the last that was named."""
    asking_price: Mapped[int] = mapped_column(BigInteger)
    """What the listing cost when it was named."""
    currency: Mapped[str] = mapped_column(Text)
    status: Mapped[OfferStatus] = mapped_column(Text)
    turn: Mapped[Side] = mapped_column(Text)
    """Who must answer the last price; once the offer is no longer open, who had to."""
    rounds: Mapped[int] = mapped_column(Integer)
    """How many prices were named."""
    placed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    deadline: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When it expires. While a purchase is paying for it, this waits: it counts again if that ends unpaid."""
    accepted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    purchase_id: Mapped[UUID | None] = mapped_column(ForeignKey("purchase.id"), index=True)
    """The purchase that buys it, open or paid."""
    paid_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    request_hash: Mapped[str] = mapped_column(Text)
    """SHA-256 of what was asked for, to tell a repeated request from another one with the same id."""
    version: Mapped[int] = mapped_column(Integer)


class OfferRoundRow(Base):
    """A price that one side named; the service may add rows, never change them."""

    __tablename__ = "offer_round"
    __table_args__ = (
        CheckConstraint("by = CASE number % 2 WHEN 1 THEN 'buyer' ELSE 'seller' END", name="in_turns"),
        CheckConstraint("price > 0", name="price"),
    )

    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    """1..n without a gap; the buyer's are odd."""
    by: Mapped[Side] = mapped_column(Text)
    price: Mapped[int] = mapped_column(BigInteger)
    message: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
