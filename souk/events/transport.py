"""What carries events from an outbox to the consumers: the one interface that both adapters have."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from souk.events.consumer import Runner
from souk.events.outbox import Pending


class Transport(Protocol):
    """An adapter. `publish` gives back the ids that need no further care; the relay tries the rest again later."""

    @property
    def delays(self) -> Sequence[timedelta]:
        """How long an event rests that was not confirmed, by attempt; the last of them for all attempts beyond."""

    async def start(self, service: str, runners: Sequence[Runner]) -> None:
        """Connect a service and start its consumers."""

    async def stop(self, service: str) -> None:
        """Stop the service's consumers after what is under way, and disconnect it."""

    async def publish(self, service: str, events: Sequence[Pending]) -> set[UUID]:
        """Tell the consumers, within a bounded time."""

    def problems(self, service: str) -> list[str]:
        """What is wrong with the connection or the consumers now; empty when all are at work."""
