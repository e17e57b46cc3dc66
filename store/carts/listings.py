"""What the catalogue says of listings now."""

from collections.abc import Collection
from uuid import UUID

from souk.contracts.catalogue.snapshots import ListingSnapshot
from souk.errors import Unavailable
from souk.http import Refused, ServiceClient


class Listings:
    """Asks the catalogue as the store itself. Never called inside a transaction: it is a network call."""

    def __init__(self, catalogue: ServiceClient) -> None:
        self._catalogue = catalogue

    async def now(self, ids: Collection[UUID]) -> dict[UUID, ListingSnapshot]:
        """These listings as they are; unknown ones are left out. Raises Unavailable if the catalogue is down."""
        if not ids:
            return {}
        params = [("ids", str(listing_id)) for listing_id in ids]
        try:
            found = await self._catalogue.get("/internal/listings", list[ListingSnapshot], params=params)
        except (Unavailable, Refused) as failure:
            raise Unavailable(
                "Prices and stock cannot be checked just now. Your cart is safe; try again in a moment."
            ) from failure
        return {listing.id: listing for listing in found}
