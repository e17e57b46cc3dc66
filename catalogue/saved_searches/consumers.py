"""What newly published listings make of saved searches."""

from catalogue.saved_searches.matching import match
from souk.clock import Clock
from souk.contracts.catalogue.events import ListingPublished
from souk.database import Session
from souk.events import Consumer, Outbox


def searches_consumer(outbox: Outbox, clock: Clock) -> Consumer:
    """Matches what is published the moment it is, away from the seller's request."""

    async def published(session: Session, events: list[ListingPublished]) -> None:
        await outbox.emit(session, *await match(session, [event.listing_id for event in events], now=clock.now()))

    consumer = Consumer("catalogue.searches")
    consumer.on_many(ListingPublished, published)
    return consumer
