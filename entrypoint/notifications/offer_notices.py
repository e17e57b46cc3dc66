"""What offers make of notifications: whoever must answer or may buy hears of it, and so does who waited."""

from typing import Any
from uuid import UUID

from entrypoint.notifications.notify import insert_notifications, money, sign
from souk.clock import Clock
from souk.contracts.store.events import OfferEnded, OfferMade
from souk.database import Session
from souk.events import Consumer
from souk.ids import new_id


class OfferNotices:
    """Handles the store's events of offers. None depends on another."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def consumer(self) -> Consumer:
        """The consumer `entrypoint.offers`."""
        consumer = Consumer("entrypoint.offers")
        consumer.on(OfferMade, self.made)
        consumer.on(OfferEnded, self.ended)
        return consumer

    async def made(self, session: Session, event: OfferMade) -> None:
        """The other side must answer."""
        kind = "offer_made" if event.round == 1 else "offer_countered"
        await self._tell(session, event, {_other(event.by): kind}, until=event.answer_by.isoformat())

    async def ended(self, session: Session, event: OfferEnded) -> None:
        """Told to whoever did not do it; both hear of what ended by itself."""
        proposer = _other(event.turn)
        told: dict[str, str] = {}
        if event.outcome == "accepted":
            told = {proposer: "offer_accepted" if proposer == "buyer" else "price_accepted"}
        elif event.outcome == "expired":
            unanswered = {proposer: "offer_expired", event.turn: "offer_missed"}
            told = dict.fromkeys(("buyer", "seller"), "offer_unbought") if event.was_accepted else unanswered
        elif event.by != "deadline":
            told = {_other(event.by): f"offer_{event.outcome}"}
        await self._tell(session, event, told, until=event.buy_by.isoformat() if event.buy_by else "")

    async def _tell(self, session: Session, event: OfferMade | OfferEnded, told: dict[str, str], *, until: str) -> None:
        people: dict[str, UUID] = {"buyer": event.buyer_id, "seller": event.seller_id}
        params: dict[str, Any] = {"title": event.title, "quantity": event.quantity, "amount": money(event.price)}
        if until:
            params["until"] = until
        rows = [
            {
                "id": new_id(),
                "user_id": people[side],
                "kind": kind,
                "params": params,
                "link": f"/offers?role={side}#offer-{event.offer_id}",
                "created_at": self._clock.now(),
            }
            for side, kind in told.items()
        ]
        if rows:
            await insert_notifications(session, rows)
        sign(session, "offer", people.values())


def _other(side: str) -> str:
    return "seller" if side == "buyer" else "buyer"
