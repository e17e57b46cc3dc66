"""What newly published listings make of saved searches."""

from collections.abc import Sequence

from catalogue.saved_searches.matching import match
from souk.clock import Clock
from souk.contracts.catalogue.events import ListingPublished
from souk.database import Session
from souk.events import Consumer, News


def searches_consumer(clock: Clock) -> Consumer:
    """Matches what is published the moment it is, away from the seller's request."""

    async def published(session: Session, events: list[ListingPublished]) -> Sequence[News]:
        return await match(session, [event.listing_id for event in events], now=clock.now())

    consumer = Consumer("catalogue.searches")
    consumer.on_many(ListingPublished, published)
    return consumer
