"""What the news of users and of their ratings makes the catalogue do."""

from catalogue.sellers.sellers import seller_rated, user_changed, user_registered
from souk.contracts.entrypoint import UserChanged, UserRegistered
from souk.contracts.store import SellerRated
from souk.events import Consumer


def sellers_consumer() -> Consumer:
    """Keeps the projection of users."""
    consumer = Consumer("catalogue.sellers")
    consumer.on(UserRegistered, user_registered)
    consumer.on(UserChanged, user_changed)
    consumer.on_version(SellerRated, seller_rated)
    return consumer
