"""Makes and drops the tests' databases over one connection per worker: to connect anew for each takes a third of the
time that the server has for one."""

import asyncio
from contextlib import suppress
from threading import Thread

import asyncpg

from souk.database.embedded import EmbeddedServer


class Administrator:
    """A superuser's connection that outlives the event loops of tests, for it lives in one of its own."""

    def __init__(self, server: EmbeddedServer) -> None:
        self._server = server
        self._loop = asyncio.new_event_loop()
        self._turn = asyncio.Lock()
        self._connection: asyncpg.Connection | None = None
        Thread(target=self._loop.run_forever, daemon=True, name="administrator").start()

    async def run(self, *statements: str) -> None:
        """Execute these one after the other, from any event loop."""
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._run(statements), self._loop))

    def close(self) -> None:
        """Let go of the server."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _run(self, statements: tuple[str, ...]) -> None:
        async with self._turn:
            if self._connection is None or self._connection.is_closed():
                self._connection = await self._server.admin()
            for statement in statements:
                await self._connection.execute(statement)

    async def _close(self) -> None:
        if self._connection is not None:
            with suppress(OSError, asyncpg.PostgresError):
                await self._connection.close()
