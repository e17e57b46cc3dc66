"""Sellers' price lists for postage."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database import Base


class DeliveryProfileRow(Base):
    """A price list that its seller chooses for listings; what it says now holds for all of them."""

    __tablename__ = "delivery_profile"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    seller_id: Mapped[UUID]
    name: Mapped[str]
    rates: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """As `souk.contracts.catalogue.delivery.PostageRate` writes them."""
    changed_at: Mapped[datetime]

    __table_args__ = (Index("ix_delivery_profile_seller_id", "seller_id", "name"),)
