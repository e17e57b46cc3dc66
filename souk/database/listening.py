"""Hear PostgreSQL's notifications for as long as the service runs: what one instance tells all (`souk.events.notify`)."""

import asyncio
from collections.abc import Callable

import asyncpg

from souk.database.engine import Database
from souk.observability.logging import get_logger

RECONNECT_S = 1.0
"""The pause before a lost connection is made again."""

Heard = Callable[[str], None]


class Listener:
    """An instance's ear at its database: one connection for all channels."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._channels: dict[str, Heard] = {}
        self._missed: list[Callable[[], None]] = []
        self.listening = asyncio.Event()
        """Set while the connection stands."""

    def hear(self, channel: str, heard: Heard, *, missed: Callable[[], None] | None = None) -> None:
        """Call `heard` with the payload of each notification; to be said before `run`.

        Nobody keeps what is told while the connection is away: `missed` is called whenever it stands (again).
        """
        self._channels[channel] = heard
        if missed is not None:
            self._missed.append(missed)

    async def run(self) -> None:
        """Listen for ever; a lost connection is made anew."""
        while True:
            try:
                await self._listen()
            except Exception as failure:
                get_logger(self._database.service).warning(
                    "listener lost", channels=sorted(self._channels), error=repr(failure)
                )
            await asyncio.sleep(RECONNECT_S)

    async def _listen(self) -> None:
        async with self._database.readers.connect() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert isinstance(driver, asyncpg.Connection)
            lost = asyncio.Event()
            try:
                driver.add_termination_listener(lambda _: lost.set())
                for channel in self._channels:
                    await driver.add_listener(channel, self._told)
                self.listening.set()
                for missed in self._missed:
                    missed()
                await lost.wait()
            finally:
                self.listening.clear()
                await connection.invalidate()  # never back to the pool: it listens, or it is dead

    def _told(self, *told: object) -> None:
        _, _, channel, payload = told
        self._channels[str(channel)](str(payload))
