"""What the store's news makes the catalogue do with units.

One consumer per kind of news: each transaction then locks its purchases and its listings once, in order, and
batches of different kinds run side by side.
"""

from collections.abc import Sequence

from catalogue.reservations.reservations import place, release, sell, take_back
from souk.clock import Clock
from souk.contracts.store.events import OrderCancelled, OrderPaid, PurchaseCancelled, PurchasePlaced
from souk.database import Session
from souk.events import Consumer, News

SALES_GATHERED_S = 0.2
"""What is sold was reserved, so nobody else can have it meanwhile."""


def reservation_consumers(clock: Clock) -> list[Consumer]:
    """The four consumers."""

    async def placed(session: Session, events: list[PurchasePlaced]) -> Sequence[News]:
        return await place(session, events, now=clock.now())

    async def cancelled(session: Session, events: list[PurchaseCancelled]) -> None:
        await release(session, events, now=clock.now())

    async def paid(session: Session, events: list[OrderPaid]) -> None:
        await sell(session, events, now=clock.now())

    async def called_off(session: Session, events: list[OrderCancelled]) -> Sequence[News]:
        return await take_back(session, events, now=clock.now())

    reservations, releases = Consumer("catalogue.reservations"), Consumer("catalogue.releases")
    sales, returns = Consumer("catalogue.sales", gather_s=SALES_GATHERED_S), Consumer("catalogue.returns")
    reservations.on_many(PurchasePlaced, placed)
    releases.on_many(PurchaseCancelled, cancelled)
    sales.on_many(OrderPaid, paid)
    returns.on_many(OrderCancelled, called_off)
    return [reservations, releases, sales, returns]
