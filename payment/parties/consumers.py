"""What events make of parties."""

from payment.parties import parties
from souk.contracts.entrypoint.events import UserChanged, UserRegistered
from souk.events import Consumer


def parties_consumer() -> Consumer:
    """Keeps names and countries."""
    consumer = Consumer("payment.parties")
    consumer.on(UserRegistered, parties.registered)
    consumer.on(UserChanged, parties.changed)
    return consumer
