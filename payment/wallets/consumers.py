"""What events make of wallets."""

from payment.settings import PaymentSettings
from payment.wallets.wallets import open_wallet
from souk.contracts.entrypoint import UserRegistered
from souk.database import Session
from souk.events import Consumer


def wallets_consumer(settings: PaymentSettings) -> Consumer:
    """Opens a wallet for everybody who registers."""

    async def registered(session: Session, events: list[UserRegistered]) -> None:
        await open_wallet(session, [event.user_id for event in events], settings.currency)

    consumer = Consumer("payment.wallets")
    consumer.on_many(UserRegistered, registered)
    return consumer
