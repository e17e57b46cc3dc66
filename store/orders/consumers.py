"""What the payment service tells about the escrow of orders."""

from souk.contracts.payment.events import EscrowRefunded, EscrowSettled, RefundBooked
from souk.events import Consumer
from store.orders.orders import Orders
from store.orders.refunds import Refunds


def orders_consumer(orders: Orders, refunds: Refunds) -> Consumer:
    """Ends orders when their money has left the escrow, and notes what was refunded of them."""
    consumer = Consumer("store.orders")
    consumer.on(EscrowSettled, orders.settled)
    consumer.on(EscrowRefunded, orders.refunded)
    consumer.on(RefundBooked, refunds.booked)
    return consumer
