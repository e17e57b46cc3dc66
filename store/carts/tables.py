"""What buyers mean to buy."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Integer, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from souk.contracts.store.carts import UNITS_MAX
from store.database import Base


class CartRow(Base):
    """A buyer's cart; its row is locked by whoever changes the cart or checks it out."""

    __tablename__ = "cart"

    buyer_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    """Counts every change, so that a checkout notices when the cart is no longer what was priced."""


class CartLineRow(Base):
    """A listing in a cart, with what the buyer saw of it."""

    __tablename__ = "cart_line"
    __table_args__ = (
        CheckConstraint(f"quantity BETWEEN 1 AND {UNITS_MAX}", name="quantity"),
        CheckConstraint("price_seen > 0", name="price_seen"),
    )

    buyer_id: Mapped[UUID] = mapped_column(ForeignKey("cart.buyer_id"), primary_key=True)
    listing_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    seller_id: Mapped[UUID] = mapped_column(Uuid)
    seller_name: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    """As it was when the line was set, to name the line even if the listing is gone."""
    quantity: Mapped[int] = mapped_column(Integer)
    price_seen: Mapped[int] = mapped_column(BigInteger)
    """What the buyer last agreed to pay for one, in minor units."""
    currency: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
