"""Clients of the other services."""

from dataclasses import dataclass

from entrypoint.clients.catalogue import CatalogueClient
from entrypoint.clients.operated import OperatedService
from entrypoint.clients.payment import PaymentClient
from entrypoint.clients.store import StoreClient
from souk.http.kernel import Kernel


@dataclass
class Clients:
    """The other services."""

    catalogue: CatalogueClient
    store: StoreClient
    payment: PaymentClient

    def by_name(self, service: str) -> OperatedService:
        """One of them."""
        client: OperatedService = getattr(self, service)
        return client

    async def close(self) -> None:
        """Give the connections back."""
        for client in (self.catalogue, self.store, self.payment):
            await client.calls.close()


def make_clients(kernel: Kernel) -> Clients:
    """Clients that call as this service."""
    return Clients(
        catalogue=CatalogueClient(kernel.client("catalogue")),
        store=StoreClient(kernel.client("store")),
        payment=PaymentClient(kernel.client("payment")),
    )
