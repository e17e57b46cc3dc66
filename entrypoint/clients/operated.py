"""What operators ask of every service: what it told, what it made of events, and which it gave up on."""

from collections.abc import Sequence
from uuid import UUID

from souk.http.client import ServiceClient
from souk.http.dead_letters import DeadLetter
from souk.http.event_routes import Handlings, ToldEvent
from souk.http.identity import Identity


class OperatedService:
    """One other service. Each method is one call of a route, and raises Refused or Unavailable.

    The identity is whom the call is made for; a method without one asks for nobody.
    """

    def __init__(self, calls: ServiceClient) -> None:
        self.calls = calls
        """For requests that are passed on as they came."""

    async def list_told_events(self, identity: Identity, about: Sequence[UUID], since: UUID) -> list[ToldEvent]:
        """The events that it told about these ids, from the event with that id on."""
        params = [("since", since), *(("about", wanted) for wanted in about)]
        return await self.calls.get("/internal/events", list[ToldEvent], identity=identity, params=params)

    async def list_event_handlings(self, identity: Identity, event_ids: Sequence[UUID]) -> Handlings:
        """What it made of events."""
        return await self.calls.post("/internal/events/handlings", Handlings, identity=identity, json=list(event_ids))

    async def retry_event(self, identity: Identity, row_id: UUID) -> None:
        """Tell one of its events at once, or again."""
        await self.calls.post(f"/internal/events/{row_id}/attempts", type(None), identity=identity)

    async def list_dead_letters(self, identity: Identity) -> list[DeadLetter]:
        """The dead letters that wait there, oldest first."""
        return await self.calls.get("/internal/dead-letters", list[DeadLetter], identity=identity)

    async def replay_dead_letter(self, identity: Identity, letter_id: UUID) -> None:
        """Send one again to the consumer that gave up."""
        await self.calls.post(f"/internal/dead-letters/{letter_id}/replay", type(None), identity=identity)

    async def discard_dead_letter(self, identity: Identity, letter_id: UUID) -> None:
        """Give one up for good."""
        await self.calls.delete(f"/internal/dead-letters/{letter_id}", identity=identity)
