"""Telling what happened, each event with the version of what it is about; and the log what a request is about."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from souk.contracts import Event
from souk.database import Session
from souk.events import Outbox
from souk.observability.log_fields import note
from store.orders.tables import OrderRow


async def tell(outbox: Outbox, session: Session, happened: Iterable[tuple[Event, int]]) -> None:
    """Emit events with their aggregates' versions, in as few statements as there are versions."""
    by_version: dict[int, list[Event]] = defaultdict(list)
    for event, version in happened:
        by_version[version].append(event)
    for version, events in by_version.items():
        await outbox.emit(session, *events, sequence=version)


def noted(orders: Sequence[OrderRow]) -> None:
    """The request is about these orders of one purchase: its log line says so."""
    note(
        {
            "purchase_id": tuple(str(order.purchase_id) for order in orders),
            "order_id": tuple(str(order.id) for order in orders),
            "order_number": tuple(order.number for order in orders),
        }
    )
