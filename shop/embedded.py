"""The embedded shop: its server, its databases and its services, over one data folder."""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import click

from shop.databases import KEYS_FILE, check_currencies, open_embedded
from shop.demo import state as demo_state
from shop.demo.past import PastClock, telling
from shop.runtime import Shop, build_shop, drain, running
from shop.services import load_services
from souk.database.provision import SERVICES
from souk.events.embedded import EmbeddedTransport
from souk.settings import Settings, load

POOL_MAX = 8
DRAIN_WITHIN_S = 3
SETTLED_WITHIN_S = 30


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the data folder as the one shop that runs on it; raises ClickException if another does."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".shop").open("a+") as mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            mark.seek(0)
            raise click.ClickException(
                f"the shop in {folder} runs already (process {mark.read().strip()}); stop that one first, or choose "
                "another folder with SOUK_DATA_DIR"
            ) from None
        mark.truncate(0)
        mark.write(str(os.getpid()))
        mark.flush()
        yield


@asynccontextmanager
async def open_databases(folder: Path, *, connections: int = 0) -> AsyncIterator[Mapping[str, str]]:
    """Every service's database in `folder`, by its address, on a server that is started again if it dies.

    It lets in at least so many `connections` if this starts it. Raises ServerFailed, DatabaseNewer and CurrencyDiffers.
    """
    server, urls = await open_embedded(folder, connections=connections)
    try:
        await check_currencies(urls, SERVICES, load(Settings).currency)
        async with server.watched():
            yield {service: url.app for service, url in urls.items()}
    finally:
        await asyncio.to_thread(server.stop)


@asynccontextmanager
async def open_shop(folder: Path, **overrides: Any) -> AsyncIterator[Shop]:
    """The shop over the embedded database in `folder`, running, without a port."""
    loading = asyncio.create_task(asyncio.to_thread(load_services))
    async with open_databases(folder) as addresses:
        await loading
        async with shop_over(addresses, folder, database_pool_max=POOL_MAX, **overrides) as shop:
            yield shop
            await drain(shop, DRAIN_WITHIN_S)


@asynccontextmanager
async def shop_over(addresses: Mapping[str, str], folder: Path, **overrides: Any) -> AsyncIterator[Shop]:
    """A running shop over these databases, with its files in `folder`; a demo's past goes on where it was left."""
    clock = PastClock()
    demo_state.wind(folder, clock)
    settings = {"data_dir": folder} | overrides
    shop = build_shop(
        addresses, transport=EmbeddedTransport(), clock=clock, overrides=settings, keys=folder / KEYS_FILE
    )
    async with AsyncExitStack() as stack:
        with telling():  # work in the background lives in the demo's past while one is told
            await stack.enter_async_context(running(shop))
        yield shop


def settling(shop: Shop) -> Callable[[], Awaitable[None]]:
    """Waits until all is told that follows from what was done, as long as the demo's filling should wait for it."""
    return lambda: drain(shop, SETTLED_WITHIN_S)
