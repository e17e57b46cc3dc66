"""What the news of users, of their standing and of their ratings makes the catalogue do."""

from catalogue.sellers.user_replica import (
    seller_rated,
    user_changed,
    user_registered,
    user_restored,
    user_suspended,
)
from souk.contracts.entrypoint.events import UserChanged, UserRegistered, UserRestored, UserSuspended
from souk.contracts.store.events import SellerRated
from souk.events import Consumer


def sellers_consumer() -> Consumer:
    """Keeps the projection of users."""
    consumer = Consumer("catalogue.sellers")
    consumer.on(UserRegistered, user_registered)
    consumer.on(UserChanged, user_changed)
    consumer.on_version(UserSuspended, user_suspended)
    consumer.on_version(UserRestored, user_restored)
    consumer.on_version(SellerRated, seller_rated)
    return consumer
