"""What the catalogue's news makes of notifications: for those who watch a listing, whose saved search found one,
and whose own listing a moderator decided on."""

from typing import Any
from uuid import UUID

from entrypoint.notifications.notify import insert_notifications, money, sign
from souk.clock import Clock
from souk.contracts.catalogue.events import ListingModerated, SearchMatched, WatchedPriceDropped, WatchedRestocked
from souk.database import Session
from souk.events import Consumer
from souk.ids import new_id


class Notices:
    """Handles the catalogue's events that users should hear of. None depends on another."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def consumer(self) -> Consumer:
        """The consumer `entrypoint.notices`."""
        consumer = Consumer("entrypoint.notices")
        consumer.on(WatchedPriceDropped, self.price_dropped)
        consumer.on(WatchedRestocked, self.restocked)
        consumer.on_many(SearchMatched, self.matched)
        consumer.on(ListingModerated, self.moderated)
        return consumer

    async def price_dropped(self, session: Session, event: WatchedPriceDropped) -> None:
        """Each watcher is told from which price they knew."""
        link, amount = f"/listings/{event.listing_id}", money(event.price)
        rows = [
            self._row(
                watcher.user_id, "cheaper", link, title=event.title, amount=amount, was=money(watcher.price_known)
            )
            for watcher in event.watchers
        ]
        await self._tell(session, rows)

    async def restocked(self, session: Session, event: WatchedRestocked) -> None:
        """It can be had again."""
        link, params = f"/listings/{event.listing_id}", {"title": event.title, "amount": money(event.price)}
        await self._tell(session, [self._row(user_id, "back", link, **params) for user_id in event.watchers])

    async def matched(self, session: Session, events: list[SearchMatched]) -> None:
        """A saved search found something."""
        rows = [
            self._row(
                event.user_id,
                "found_by_many" if event.other_names else "found",
                f"/listings/{event.listing_id}",
                **{"searches": [event.name, *event.other_names]} if event.other_names else {"search": event.name},
                title=event.title,
                amount=money(event.price),
            )
            for event in events
        ]
        await self._tell(session, rows)

    async def moderated(self, session: Session, event: ListingModerated) -> None:
        """The seller learns what was decided on their listing; its page says why."""
        link = f"/listings/{event.listing_id}"
        await self._tell(session, [self._row(event.seller_id, f"listing_{event.outcome}", link, title=event.title)])

    def _row(self, user_id: UUID, kind: str, link: str, **params: Any) -> dict[str, Any]:
        row = {"id": new_id(), "user_id": user_id, "kind": kind, "params": params, "link": link}
        return row | {"created_at": self._clock.now()}

    async def _tell(self, session: Session, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        await insert_notifications(session, rows)
        sign(session, "notice", [row["user_id"] for row in rows])
