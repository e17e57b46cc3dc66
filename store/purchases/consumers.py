"""What the catalogue and the payment service answer to a purchase."""

from souk.contracts.catalogue.events import StockRejected, StockReserved
from souk.contracts.payment.events import PaymentCaptured, PaymentDeclined
from souk.events import Consumer
from store.purchases.saga import Saga


def saga_consumer(saga: Saga) -> Consumer:
    """Drives the saga."""
    consumer = Consumer("store.saga")
    consumer.on_many(StockReserved, saga.reserved)
    consumer.on(StockRejected, saga.rejected)
    consumer.on_many(PaymentCaptured, saga.captured)
    consumer.on(PaymentDeclined, saga.declined)
    return consumer
