"""Sweepers begin one after the other, and none holds the others up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from souk.http import background
from souk.http.background import Errand, Sweeper, run_sweepers


class Quiet:
    """A database where nothing happens."""

    service = "store"
    changes = 0

    def __init__(self) -> None:
        self.open = self.open_at_once = 0

    @asynccontextmanager
    async def transaction(self, **_: Any) -> AsyncIterator[None]:
        self.open += 1
        self.open_at_once = max(self.open_at_once, self.open)
        await asyncio.sleep(0)  # as a connection that is made
        try:
            yield
        finally:
            self.open -= 1

    async def changed_since(self, *_: Any) -> None:
        await asyncio.Event().wait()


async def _begin(database: Any, *sweepers: Sweeper | Errand, wait_for: asyncio.Event) -> None:
    running = asyncio.create_task(run_sweepers(database, sweepers, idle_s=1))
    async with asyncio.timeout(30):
        await wait_for.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_start_takes_one_connection_for_all_sweepers() -> None:
    database, looked, last = Quiet(), [], asyncio.Event()

    def sweeper(number: int) -> Sweeper:
        async def sweep(_: Any) -> int:
            looked.append(number)
            if number == 1:
                raise RuntimeError("what fails is tried again, and holds nobody up")
            if number == 9:
                last.set()
            return 0

        return Sweeper(str(number), 300, sweep)

    await _begin(database, *map(sweeper, range(10)), wait_for=last)
    assert looked == list(range(10))
    assert database.open_at_once == 1


async def test_who_has_much_to_do_at_the_start_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "TURN_S", 0.01)
    came = asyncio.Event()

    async def endless(_: Any) -> int:
        await asyncio.Event().wait()
        return 0

    async def comes(_: Any) -> int:
        came.set()
        return 0

    sweepers = (Errand("mails", 1, endless), Sweeper("endless", 1, endless), Sweeper("last", 1, comes))
    await _begin(Quiet(), *sweepers, wait_for=came)
