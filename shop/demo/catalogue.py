"""The catalogue, as the demo fills it: in the entrypoint's name, by routes that no user reaches."""

from entrypoint.clients.catalogue import CatalogueClient
from souk.contracts.catalogue.listings import BatchReceipt, ListingBatch


class DemoCatalogue(CatalogueClient):
    """What the entrypoint asks, and the bulk route."""

    async def publish_batch(self, batch: ListingBatch) -> BatchReceipt:
        """Put many listings on sale; those that are there stay as they are."""
        return await self.calls.post("/internal/listings/batch", BatchReceipt, json=batch)
