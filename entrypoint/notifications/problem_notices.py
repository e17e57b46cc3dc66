"""What problems of orders make of notifications: whoever must answer hears of it, and both hear how it ends."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from entrypoint.notifications.notify import insert_notifications, money, sign
from souk.clock import Clock
from souk.contracts.store.problem_events import (
    ProblemAppealed,
    ProblemDecided,
    ProblemEnded,
    ProblemEscalated,
    ProblemOpened,
    ProblemProposed,
)
from souk.database import Session
from souk.events import Consumer
from souk.ids import new_id
from souk.money import Money

Side = Literal["buyer", "seller"]
ProblemEvent = ProblemOpened | ProblemProposed | ProblemEscalated | ProblemDecided | ProblemAppealed | ProblemEnded
BOTH: tuple[Side, ...] = ("buyer", "seller")


class ProblemNotices:
    """Handles the store's events of problems. Each tells what it says, so their order does not matter."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def consumer(self) -> Consumer:
        """The consumer `entrypoint.problems`."""
        consumer = Consumer("entrypoint.problems")
        consumer.on(ProblemOpened, self.opened)
        consumer.on(ProblemProposed, self.proposed)
        consumer.on(ProblemEscalated, self.escalated)
        consumer.on(ProblemDecided, self.decided)
        consumer.on(ProblemAppealed, self.appealed)
        consumer.on(ProblemEnded, self.ended)
        return consumer

    async def opened(self, session: Session, event: ProblemOpened) -> None:
        """The seller must say something."""
        await self._tell(session, event, {"seller": "problem_opened"}, until=event.answer_by)

    async def proposed(self, session: Session, event: ProblemProposed) -> None:
        """The other side must answer."""
        told = {_other(event.by): "problem_proposed"}
        await self._tell(session, event, told, amount=event.amount, until=event.answer_by)

    async def escalated(self, session: Session, event: ProblemEscalated) -> None:
        """Both wait for a moderator."""
        await self._tell(session, event, dict.fromkeys(BOTH, "problem_escalated"))

    async def decided(self, session: Session, event: ProblemDecided) -> None:
        """Both may appeal."""
        told = dict.fromkeys(BOTH, "problem_decided")
        await self._tell(session, event, told, amount=event.amount, until=event.appeal_by)

    async def appealed(self, session: Session, event: ProblemAppealed) -> None:
        """The other side hears that it goes on."""
        await self._tell(session, event, {_other(event.by): "problem_appealed"})

    async def ended(self, session: Session, event: ProblemEnded) -> None:
        """Both hear what goes back; of a withdrawal only the seller, for the buyer did it."""
        if event.amount is None:
            await self._tell(session, event, {"seller": "problem_withdrawn"})
        else:
            await self._tell(session, event, dict.fromkeys(BOTH, "problem_ended"), amount=event.amount)

    async def _tell(
        self,
        session: Session,
        event: ProblemEvent,
        told: Mapping[Side, str],
        *,
        amount: Money | None = None,
        until: datetime | None = None,
    ) -> None:
        people: dict[Side, UUID] = {"buyer": event.buyer_id, "seller": event.seller_id}
        params: dict[str, Any] = {"number": event.number}
        params |= {"amount": money(amount)} if amount else {}
        params |= {"until": until.isoformat()} if until else {}
        rows = [
            {
                "id": new_id(),
                "user_id": people[side],
                "kind": kind,
                "params": params,
                "link": f"/orders/{event.order_id}/problem",
                "order_id": event.order_id,
                "created_at": self._clock.now(),
            }
            for side, kind in told.items()
        ]
        await insert_notifications(session, rows)
        sign(session, "problem", people.values(), order=event.order_id, purchase=event.purchase_id)


def _other(side: Side) -> Side:
    return "seller" if side == "buyer" else "buyer"
