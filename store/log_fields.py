"""What a request is about, for its line in the log."""

from collections.abc import Sequence

from souk.observability.log_fields import note
from store.orders.tables import OrderRow


def noted(orders: Sequence[OrderRow]) -> None:
    """The request is about these orders of one purchase: its log line says so."""
    note(
        {
            "purchase_id": tuple(str(order.purchase_id) for order in orders),
            "order_id": tuple(str(order.id) for order in orders),
            "order_number": tuple(order.number for order in orders),
        }
    )
