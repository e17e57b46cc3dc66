"""Draws pictures in processes of their own, which stand back behind everything else and end with whoever began them."""

import asyncio
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

from shop.demo.spec import PictureSpec
from souk.processes import process_pool

SIZE = (640, 480)
"""Drawn small: filling a shop should not take minutes."""

NICENESS = 5
"""How far drawing stands back behind the shop itself."""


class Drawers:
    """Processes that draw, one for each core."""

    def __init__(self, processes: ProcessPoolExecutor) -> None:
        self._processes = processes

    async def draw(self, spec: PictureSpec) -> bytes:
        """The picture as JPEG."""
        return await asyncio.get_running_loop().run_in_executor(self._processes, _draw, spec)


@contextmanager
def drawers() -> Iterator[Drawers]:
    """Drawing processes, ended at the end; what is not drawn then is given up."""
    processes = process_pool(os.cpu_count() or 2, niceness=NICENESS)
    try:
        yield Drawers(processes)
    finally:
        processes.shutdown(wait=False, cancel_futures=True)


def _draw(spec: PictureSpec) -> bytes:
    from shop.demo.pictures import draw  # noqa: PLC0415 - only the drawing processes need Pillow

    return draw(spec, size=SIZE)
