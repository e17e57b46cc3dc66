"""What the entrypoint tells about users."""

from souk.contracts.entrypoint import UserChanged, UserRegistered
from souk.events import Consumer
from store.people.people import changed, registered


def people_consumer() -> Consumer:
    """Keeps display names."""
    consumer = Consumer("store.people")
    consumer.on(UserRegistered, registered)
    consumer.on(UserChanged, changed)
    return consumer
