"""Counting what visitors look at: in memory, told every few seconds as one event, never while somebody waits.

Nothing of a visitor is kept or told. That one person counts once a day is known by a keyed hash whose key is made when
the process starts, changes every day, and is never written anywhere. A crash loses the last seconds.
"""

import asyncio
import hashlib
import secrets
from collections import defaultdict
from datetime import date
from uuid import UUID

from souk.clock import Clock
from souk.contracts.entrypoint.events import ListingsSeen, SeenCount
from souk.database import Database
from souk.events import Outbox
from souk.ids import new_id

TELL_EVERY_S = 5.0

LISTINGS_MAX = 1000
"""Listings of one event; an instance that counts more tells the rest the next time."""

SEEN_MAX = 200_000
"""Visits of a day that an instance remembers; beyond, some count twice."""

ROBOTS = ("bot", "crawl", "spider", "slurp", "preview")


class ViewCounts:
    """One instance's counts."""

    def __init__(self, database: Database, outbox: Outbox, clock: Clock) -> None:
        self._database, self._outbox, self._clock = database, outbox, clock
        self._counts: dict[tuple[date, UUID], list[int]] = defaultdict(lambda: [0, 0])
        self._day = clock.now().date()
        self._key = secrets.token_bytes(32)
        self._seen: set[bytes] = set()

    def viewed(self, listing_id: UUID, visitor: str, agent: str) -> None:
        """Somebody opened a listing's page; once a day counts, and robots do not."""
        if any(word in agent.lower() for word in ROBOTS):
            return
        day = self._today()
        mark = hashlib.blake2b(f"{visitor} {listing_id}".encode(), key=self._key, digest_size=12).digest()
        if mark in self._seen:
            return
        if len(self._seen) < SEEN_MAX:
            self._seen.add(mark)
        self._counts[day, listing_id][0] += 1

    def put_in_cart(self, listing_id: UUID) -> None:
        """Somebody put it into a cart."""
        self._counts[self._today(), listing_id][1] += 1

    async def tell(self) -> int:
        """Tell what was counted since the last time; returns of how many listings. What fails is told the next time."""
        if not self._counts:
            return 0
        day = min(day for day, _ in self._counts)
        keys = [key for key in self._counts if key[0] == day][:LISTINGS_MAX]
        told = {key: self._counts.pop(key) for key in keys}
        counts = [SeenCount(listing_id=key[1], views=views, cart_adds=adds) for key, (views, adds) in told.items()]
        try:
            async with self._database.transaction() as session:
                self._outbox.emit(session, ListingsSeen(batch_id=new_id(), day=day, counts=counts))
        except Exception:
            for key, (views, adds) in told.items():
                self._counts[key][0] += views
                self._counts[key][1] += adds
            raise
        return len(keys)

    async def run(self) -> None:
        """Tell for ever."""
        while True:
            while await self.tell() == LISTINGS_MAX:
                pass
            await asyncio.sleep(TELL_EVERY_S)

    def _today(self) -> date:
        today = self._clock.now().date()
        if today != self._day:
            self._day, self._key = today, secrets.token_bytes(32)
            self._seen.clear()
        return today
