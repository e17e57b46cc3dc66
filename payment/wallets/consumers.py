"""What events make of wallets, and of money that waits for an address to be proved."""

from payment.settings import PaymentSettings
from payment.wallets import pending
from payment.wallets.wallets import open_wallet
from souk.contracts.entrypoint.events import AddressProved, UserRegistered
from souk.database import Session
from souk.events import Consumer


def wallets_consumer(settings: PaymentSettings) -> Consumer:
    """Opens a wallet for everybody who registers, and learns who proved which address."""

    async def registered(session: Session, events: list[UserRegistered]) -> None:
        await open_wallet(session, [event.user_id for event in events], settings.currency)

    consumer = Consumer("payment.wallets")
    consumer.on_many(UserRegistered, registered)
    consumer.on_version(AddressProved, pending.address_proved)
    return consumer
