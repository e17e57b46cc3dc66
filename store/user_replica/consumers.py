"""What others tell about users."""

from souk.contracts.entrypoint.events import UserChanged, UserRegistered
from souk.contracts.payment.events import WalletChanged
from souk.events import Consumer
from store.user_replica.user_replica import changed, registered, wallet_changed


def people_consumer() -> Consumer:
    """Keeps display names, and whose wallets are closed."""
    consumer = Consumer("store.people")
    consumer.on(UserRegistered, registered)
    consumer.on(UserChanged, changed)
    consumer.on(WalletChanged, wallet_changed)
    return consumer
