"""What the catalogue says of listings now."""

from collections.abc import Collection
from uuid import UUID

from souk.contracts.catalogue.snapshots import ListingSnapshot
from souk.errors import Unavailable
from souk.http import Refused
from store.clients.catalogue import CatalogueClient


class Listings:
    """Asks the catalogue as the store itself. Never called inside a transaction: it is a network call."""

    def __init__(self, catalogue: CatalogueClient) -> None:
        self._catalogue = catalogue

    async def now(self, ids: Collection[UUID]) -> dict[UUID, ListingSnapshot]:
        """These listings as they are; unknown ones are left out. Raises Unavailable if the catalogue is down."""
        if not ids:
            return {}
        try:
            snapshots = await self._catalogue.list_snapshots(ids)
        except (Unavailable, Refused) as failure:
            raise Unavailable(
                "Prices and stock cannot be checked just now. Your cart is safe; try again in a moment.",
                code="prices-unchecked",
            ) from failure
        return {listing.id: listing for listing in snapshots}
