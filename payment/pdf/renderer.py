"""Lets processes of their own draw, off the request path."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from souk.errors import Unavailable
from souk.observability.logging import get_logger
from souk.processes import process_pool

DRAW_S_MAX = 20.0
"""How long one document may take, its turn in the queue included."""

QUEUE_MAX = 40
"""Documents that may wait for a drawing process; one more is refused for now."""

DRAWN_PER_PROCESS_MAX = 500
"""Documents after which a process is replaced, so that no leak lasts."""

Drawing = Callable[[bytes], bytes]
"""From a document to its PDF: a module's function, which loads reportlab and the fonts itself, where it runs."""


class Renderer:
    """A lazily started pool of drawing processes."""

    def __init__(self, service: str, processes: int) -> None:
        self._processes = processes
        self._pool: ProcessPoolExecutor | None = None
        self._waiting = 0
        self._log = get_logger(service)
        self.closed = False

    async def close(self) -> None:
        """End the processes, and start no more."""
        self.closed = True
        pool, self._pool = self._pool, None
        if pool is not None:
            await asyncio.to_thread(pool.shutdown, wait=True, cancel_futures=True)

    async def draw(self, drawing: Drawing, document: bytes) -> bytes:
        """Let a drawing process run `drawing`. Raises Unavailable if that takes too long."""
        if self._waiting >= QUEUE_MAX:
            raise Unavailable("Many documents are being drawn. Try again in a moment.", code="many-drawn")
        self._waiting += 1
        try:
            async with asyncio.timeout(DRAW_S_MAX):
                return await self._in_process(drawing, document)
        except TimeoutError:
            raise Unavailable(
                "The document takes too long to draw. Try again in a moment.", code="drawing-slow"
            ) from None
        finally:
            self._waiting -= 1

    async def _in_process(self, drawing: Drawing, document: bytes) -> bytes:
        """Draw in the pool; if its process died (out of memory, killed), once more in a new one."""
        for last in (False, True):
            pool = self._started()
            try:
                return await asyncio.get_running_loop().run_in_executor(pool, drawing, document)
            except BrokenProcessPool:
                if self._pool is pool:
                    self._pool = None
                    pool.shutdown(wait=False)
                if last:
                    raise
                self._log.warning("drawing process died, starting another")
        raise AssertionError("unreachable")

    def _started(self) -> ProcessPoolExecutor:
        if self.closed:
            raise Unavailable("The service is stopping. Try again in a moment.", code="stopping")
        if self._pool is None:
            self._pool = process_pool(self._processes, tasks_per_process_max=DRAWN_PER_PROCESS_MAX)
        return self._pool
