"""Units held for purchases."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

ReservationStatus = Literal["reserved", "sold", "released", "returned"]

StockAnswer = Literal["reserved", "rejected"]


class HeldUnits(msgspec.Struct, frozen=True, kw_only=True):
    """Units of one listing that are held for a purchase, or were."""

    listing_id: UUID
    order_id: UUID
    title: str
    quantity: int
    status: ReservationStatus
    reserved_at: datetime
    sold_at: datetime | None
    ended_at: datetime | None
    """When they were released or returned."""


class PurchaseStock(msgspec.Struct, frozen=True, kw_only=True):
    """What the catalogue answered to a purchase."""

    answer: StockAnswer | None
    """None if it was called off before it was asked."""
    answered_at: datetime | None
    cancelled_at: datetime | None
    units: list[HeldUnits]
