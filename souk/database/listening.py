"""Hear PostgreSQL's notifications for as long as the service runs."""

import asyncio
from collections.abc import Callable

import asyncpg

from souk.database.engine import Database
from souk.observability.logging import get_logger

RECONNECT_S = 1.0
"""The pause before a lost connection is made again."""


async def listen(database: Database, channel: str, heard: Callable[[str], None], listening: asyncio.Event) -> None:
    """Call `heard` with each notification's payload, for ever; `listening` is set while the connection stands."""
    while True:
        try:
            async with database.engine.connect() as connection:
                driver = (await connection.get_raw_connection()).driver_connection
                assert isinstance(driver, asyncpg.Connection)
                lost = asyncio.Event()
                try:
                    driver.add_termination_listener(lambda _, lost=lost: lost.set())
                    await driver.add_listener(channel, lambda *told: heard(str(told[-1])))
                    listening.set()
                    await lost.wait()
                finally:
                    listening.clear()
                    await connection.invalidate()  # never back to the pool: it listens, or it is dead
        except Exception as failure:
            get_logger(database.service).warning("listener lost", channel=channel, error=repr(failure))
        await asyncio.sleep(RECONNECT_S)
