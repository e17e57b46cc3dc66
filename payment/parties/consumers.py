"""What events make of parties."""

from payment.parties import user_replica
from souk.contracts.entrypoint.events import UserChanged, UserRegistered
from souk.events import Consumer


def parties_consumer() -> Consumer:
    """Keeps names and countries."""
    consumer = Consumer("payment.parties")
    consumer.on(UserRegistered, user_replica.registered)
    consumer.on(UserChanged, user_replica.changed)
    return consumer
