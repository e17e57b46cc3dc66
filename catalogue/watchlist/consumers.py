"""What the catalogue's own news makes of those who watch."""

from collections.abc import Sequence

from catalogue.watchlist.watchlist import tell_of_prices, tell_of_stock
from souk.clock import Clock
from souk.contracts.catalogue.events import ListingRepriced, ListingRestocked
from souk.database import Session
from souk.events import Consumer, News


def watching_consumer(clock: Clock) -> Consumer:
    """Finds who is to be told, away from the seller's request: a listing may have many watchers."""

    async def repriced(session: Session, events: list[ListingRepriced]) -> Sequence[News]:
        ids = [event.listing_id for event in events]
        return await tell_of_prices(session, ids, now=clock.now())

    async def restocked(session: Session, events: list[ListingRestocked]) -> Sequence[News]:
        ids = [event.listing_id for event in events]
        return await tell_of_stock(session, ids, now=clock.now())

    consumer = Consumer("catalogue.watching")
    consumer.on_many(ListingRepriced, repriced)
    consumer.on_many(ListingRestocked, restocked)
    return consumer
