"""What is told of visitors makes of listings' figures."""

from catalogue.insights.insights import count
from souk.contracts.entrypoint.events import ListingsSeen
from souk.events import Consumer


def insights_consumer() -> Consumer:
    """Adds up what was seen."""
    consumer = Consumer("catalogue.insights")
    consumer.on_many(ListingsSeen, count)
    return consumer
