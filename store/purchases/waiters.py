"""Wakes requests of this process that wait for a purchase to end."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID


class Waiters:
    """Who waits for which purchase here; other instances notice by looking."""

    def __init__(self) -> None:
        self._waiting: dict[UUID, set[asyncio.Event]] = defaultdict(set)

    @contextmanager
    def watching(self, purchase_id: UUID) -> Iterator[asyncio.Event]:
        """An event that is set whenever the purchase has moved."""
        change = asyncio.Event()
        self._waiting[purchase_id].add(change)
        try:
            yield change
        finally:
            self._waiting[purchase_id].discard(change)
            if not self._waiting[purchase_id]:
                del self._waiting[purchase_id]

    def wake(self, purchase_ids: Iterable[UUID]) -> None:
        """Tell whoever waits for these to look again."""
        for purchase_id in purchase_ids:
            for change in self._waiting.get(purchase_id, ()):
                change.set()
