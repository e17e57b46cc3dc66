"""What the store asks of listings while a cart is shown and a purchase is placed."""

from uuid import UUID

import msgspec

from souk.contracts.catalogue.delivery import Delivery
from souk.contracts.catalogue.listings import Condition, ListingStatus
from souk.money import Money


class ListingSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What the store needs of a listing to sell it (`GET /internal/listings?ids=`)."""

    id: UUID
    seller_id: UUID
    seller_name: str
    title: str
    price: Money
    condition: Condition
    picture: str | None
    """The small picture's name."""
    status: ListingStatus
    available: int
    accepts_offers: bool = False
    """Whether buyers may offer another price."""
    delivery: Delivery = Delivery()
