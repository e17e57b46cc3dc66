"""What one running instance of a service holds; made in the service's `create_app`, nowhere else."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from litestar import Litestar

from souk.clock import Clock, SystemClock
from souk.database import Database, ReadSession
from souk.database.listening import Listener
from souk.events import Consumer, Outbox, Runner, Transport
from souk.events.embedded import EmbeddedTransport
from souk.events.rabbitmq import RabbitTransport
from souk.events.relay import Relay
from souk.http.background import Errand, Sweeper
from souk.http.client import ServiceClient
from souk.http.identity import Signer, Verifier
from souk.observability import logging, tracing
from souk.observability.logging import get_logger
from souk.settings import Settings


@dataclass
class Kernel:
    """A service's parts."""

    service: str
    settings: Settings
    database: Database
    listener: Listener
    transport: Transport
    clock: Clock
    outbox: Outbox
    signer: Signer
    verifier: Verifier
    log: Any
    peers: Mapping[str, Litestar] = field(default_factory=dict)
    """Other services' apps that run in this process; the rest is reached over the network."""
    consumers: Sequence[Consumer] = ()
    sweepers: list[Sweeper] = field(default_factory=list)
    errands: list[Errand] = field(default_factory=list)
    measures: list[Callable[[ReadSession], Awaitable[None]]] = field(default_factory=list)
    """Set the service's own gauges from its tables, every few seconds."""

    def client(self, service: str) -> ServiceClient:
        """A client for calls to another service; whoever asks for it closes it."""
        url = getattr(self.settings, f"{service}_url")
        return ServiceClient(service, self.signer, url=url, app=self.peers.get(service))

    @property
    def relay(self) -> Relay:
        """A relay over this instance's outbox."""
        return Relay(self.database, self.outbox, self.transport, self.listener)

    @property
    def runners(self) -> list[Runner]:
        """The consumers with their database."""
        return [Runner(consumer, self.database, self.clock, self.outbox) for consumer in self.consumers]


def make_kernel(
    service: str,
    settings: Settings,
    *,
    transport: Transport | None = None,
    clock: Clock | None = None,
    peers: Mapping[str, Litestar] | None = None,
) -> Kernel:
    """Build a service's parts from its settings. Embedded, all services are given one transport; else it is RabbitMQ."""
    logging.configure(level=settings.log_level, style=settings.log_format)
    tracing.configure(endpoint=settings.otlp_endpoint, share=settings.traces_share)
    clock = clock or SystemClock()
    database = Database(settings.database_url, service=service, pool_max=settings.database_pool_max)
    if transport is None:
        transport = (
            RabbitTransport(settings.amqp_url, settings.amqp_namespace) if settings.amqp_url else EmbeddedTransport()
        )
    return Kernel(
        service=service,
        settings=settings,
        database=database,
        listener=Listener(database),
        transport=transport,
        clock=clock,
        outbox=Outbox(service, clock),
        signer=Signer(service, settings.identity_private_key),
        verifier=Verifier(service, settings.identity_public_keys),
        log=get_logger(service),
        peers=peers or {},
    )
