"""The relay: takes claimed events from the outbox to the transport, and marks what was confirmed."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

from souk.database import Database
from souk.database.listening import Listener
from souk.events.outbox import CHANNEL, CLAIM_MAX, Outbox, Pending, claim, settle
from souk.events.transport import Transport
from souk.observability.logging import get_logger

POLL_S = 1.0
"""How soon the relay looks again even if nobody woke it: for rows left by a crash. Each look that finds nothing doubles
the time to the next, up to POLL_MAX_S."""

POLL_MAX_S = 15.0

UNDER_WAY_MAX = 64
"""Batches that may be on their way at once: some wait for a consumer that gathers."""


MARK_AFTER_S = 0.05
"""Sent rows are marked together once no more came for so long; one that is not marked before a crash is sent once more."""

MARK_WITHIN_S = 0.5
"""But no later than this, however many come."""


class Relay:
    """One per service instance. Many may run: a row belongs to one of them at a time.

    What this instance wrote it sends at once, without a claim. What others left behind, or asked it to look at, it
    claims.
    """

    def __init__(self, database: Database, outbox: Outbox, transport: Transport, listener: Listener) -> None:
        """`listener` hears of writers without a relay of their own."""
        self._database = database
        self._outbox = outbox
        self._transport = transport
        self._log = get_logger(database.service)
        self._under_way: set[asyncio.Task[None]] = set()
        self._look_at = 0.0
        self._rest_s = POLL_S
        self._to_mark = asyncio.Event()
        self._sent: list[UUID] = []
        self._put_off: list[tuple[UUID, timedelta]] = []
        listener.hear(CHANNEL, lambda _: self._look_now(), missed=self._look_now)

    async def run(self) -> None:
        """Relay for ever; what goes wrong is logged and tried again."""
        async with self._marking():
            while True:
                self._outbox.work.clear()
                await self._room()
                self._send_soon(self._outbox.take_fresh(CLAIM_MAX))
                try:
                    await self._look()
                except Exception as failure:
                    self._log.warning("relay failed", error=repr(failure))
                    self._look_at = time.monotonic() + POLL_S
                if not self._outbox.fresh:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(self._look_at - time.monotonic()):
                            await self._outbox.work.wait()

    async def _room(self) -> None:
        while len(self._under_way) >= UNDER_WAY_MAX:
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)

    async def _look(self) -> None:
        """Claim what waits in the table, if it is time to."""
        if time.monotonic() < self._look_at:
            return
        batch = await claim(self._database)
        self._send_soon(batch)
        self._rest_s = POLL_S if batch else min(2 * self._rest_s, POLL_MAX_S)
        if len(batch) < CLAIM_MAX:
            self._look_at = time.monotonic() + self._rest_s

    def _look_now(self) -> None:
        self._look_at = 0.0
        self._outbox.work.set()

    def _send_soon(self, batch: list[Pending]) -> None:
        if batch:
            task = asyncio.create_task(self._send(batch))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _send(self, batch: list[Pending]) -> None:
        try:
            confirmed = await self._transport.publish(self._database.service, batch)
        except Exception as failure:
            self._log.warning("relay batch failed", error=repr(failure), count=len(batch))
            self._look_in(POLL_S)
            return  # nobody knows what arrived: all of it is sent again when the lease is over
        later = [row for row in batch if row.id not in confirmed]
        if later:
            self._log.warning("events put off", count=len(later), first=str(later[0].id))
        self._sent += confirmed
        delays = self._transport.delays
        put_off = [(row.id, delays[min(row.attempts, len(delays)) - 1]) for row in later]
        for _, delay in put_off:
            self._look_in(delay.total_seconds())
        self._put_off += put_off
        self._to_mark.set()

    async def _mark(self) -> None:
        while True:
            await self._to_mark.wait()
            until = time.monotonic() + MARK_WITHIN_S
            while self._to_mark.is_set() and time.monotonic() < until:
                self._to_mark.clear()
                await asyncio.sleep(MARK_AFTER_S)
            self._to_mark.clear()
            await self._mark_now()

    async def _mark_now(self) -> None:
        if not self._sent and not self._put_off:
            return
        sent, self._sent = self._sent, []
        put_off, self._put_off = self._put_off, []
        try:
            await settle(self._database, sent, put_off)
        except Exception as failure:
            self._log.warning("sent events not marked", error=repr(failure), count=len(sent))
            self._sent += sent
            self._put_off += put_off
            self._to_mark.set()

    def _look_in(self, seconds: float) -> None:
        """Look in so many seconds, unless that is sooner due anyway."""
        self._rest_s = POLL_S
        due = time.monotonic() + seconds + MARK_WITHIN_S
        if due < self._look_at:
            self._look_at = due
            self._outbox.work.set()

    @contextlib.asynccontextmanager
    async def _marking(self) -> AsyncIterator[None]:
        """Mark what was sent meanwhile."""
        marking = asyncio.create_task(self._mark())
        try:
            yield
        finally:
            marking.cancel()
            await asyncio.gather(marking, *self._under_way, return_exceptions=True)
            await self._mark_now()
