"""Wakes requests of this process that wait for a purchase to end."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

from store.purchases.tables import PurchaseRow


class Waiters:
    """Who waits for which purchase here; other instances notice by looking."""

    def __init__(self) -> None:
        self._waiting: dict[UUID, set[asyncio.Future[PurchaseRow]]] = defaultdict(set)

    @contextmanager
    def watching(self, purchase_id: UUID) -> Iterator[asyncio.Future[PurchaseRow]]:
        """What the purchase is once it has ended."""
        ended: asyncio.Future[PurchaseRow] = asyncio.get_running_loop().create_future()
        self._waiting[purchase_id].add(ended)
        try:
            yield ended
        finally:
            ended.cancel()
            self._waiting[purchase_id].discard(ended)
            if not self._waiting[purchase_id]:
                del self._waiting[purchase_id]

    def wake(self, ended: Iterable[PurchaseRow]) -> None:
        """These have ended: whoever waits for one has it."""
        for purchase in ended:
            for waiting in self._waiting.get(purchase.id, ()):
                if not waiting.done():
                    waiting.set_result(purchase)
