"""The catalogue, as the store asks it for itself."""

from collections.abc import Iterable
from uuid import UUID

from souk.contracts.catalogue.snapshots import ListingSnapshot
from souk.http import ServiceClient


class CatalogueClient:
    """Each method is one call of a route, and raises Refused or Unavailable. Never inside a transaction."""

    def __init__(self, calls: ServiceClient) -> None:
        self.calls = calls

    async def list_snapshots(self, ids: Iterable[UUID]) -> list[ListingSnapshot]:
        """These listings as they are; unknown ones are left out."""
        params = [("ids", each) for each in ids]
        return await self.calls.get("/internal/listings", list[ListingSnapshot], params=params)
