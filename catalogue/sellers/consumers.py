"""What the news of users makes the catalogue do."""

from catalogue.sellers.sellers import user_changed, user_registered
from souk.contracts.entrypoint import UserChanged, UserRegistered
from souk.events import Consumer


def sellers_consumer() -> Consumer:
    """Keeps the projection of users."""
    consumer = Consumer("catalogue.sellers")
    consumer.on(UserRegistered, user_registered)
    consumer.on(UserChanged, user_changed)
    return consumer
