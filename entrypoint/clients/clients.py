"""Clients of the other services."""

from dataclasses import dataclass

from souk.http.client import ServiceClient


@dataclass
class Clients:
    """The other services."""

    catalogue: ServiceClient
    store: ServiceClient
    payment: ServiceClient

    def by_name(self, service: str) -> ServiceClient:
        """One of them."""
        client: ServiceClient = getattr(self, service)
        return client

    async def close(self) -> None:
        """Give the connections back."""
        for client in (self.catalogue, self.store, self.payment):
            await client.close()
